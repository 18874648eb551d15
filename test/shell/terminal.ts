import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type IPty, spawn } from '@lydell/node-pty';
import xterm from '@xterm/headless';

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
/** The built shell; `npm run build` makes it. */
export const CRM = join(ROOT, 'dist/bin/crm');

/** How long a screen may take to show what is waited for. */
const PATIENCE_MS = 20_000;

/** A program on a pseudo-terminal, with a terminal emulator to read its screen from. */
export class Terminal {
  readonly #pty: IPty;
  readonly #screen: InstanceType<typeof xterm.Terminal>;
  #written = Promise.resolve();
  /** Resolves with the exit status. */
  readonly exited: Promise<number>;
  raw = '';

  constructor(
    args: readonly string[],
    options: {
      readonly env?: Readonly<Record<string, string>>;
      readonly columns?: number;
      readonly rows?: number;
      readonly program?: string;
    } = {},
  ) {
    if (!existsSync(CRM)) throw new Error(`${CRM} is not built: run npm run build first`);
    const { columns = 80, rows = 24 } = options;
    this.#screen = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
    const { CIB_file: _, ...inherited } = process.env as Record<string, string>;
    this.#pty = spawn(options.program ?? process.execPath, options.program ? [...args] : [CRM, ...args], {
      cols: columns,
      rows,
      name: options.env?.TERM ?? 'xterm-256color',
      env: { ...inherited, CI: 'true', ...options.env },
    });
    this.#pty.onData((data) => {
      this.raw += data;
      this.#written = this.#written.then(() => new Promise((resolve) => this.#screen.write(data, resolve)));
    });
    this.exited = new Promise((resolve) => this.#pty.onExit(({ exitCode }) => resolve(exitCode)));
  }

  /** Types, or sends a control sequence. */
  send(text: string): void {
    this.#pty.write(text);
  }

  resize(columns: number, rows: number): void {
    this.#pty.resize(columns, rows);
    this.#screen.resize(columns, rows);
  }

  /** The screen's lines, and those that have scrolled away; blank ones at the end are left out. */
  async lines(): Promise<string[]> {
    await this.#written;
    const buffer = this.#screen.buffer.active;
    const lines: string[] = [];
    for (let row = 0; row < buffer.length; row++)
      lines.push(buffer.getLine(row)?.translateToString(true) ?? '');
    while (lines.at(-1) === '') lines.pop();
    return lines;
  }

  /** Where the cursor stands on the screen, from 0. */
  async cursor(): Promise<{ row: number; column: number }> {
    await this.#written;
    const { cursorX, cursorY, baseY } = this.#screen.buffer.active;
    return { row: baseY + cursorY, column: cursorX };
  }

  /** Waits until the screen shows what is looked for; fails with the screen where it never does. */
  async see(wanted: string | RegExp): Promise<string[]> {
    const end = Date.now() + PATIENCE_MS;
    for (;;) {
      const lines = await this.lines();
      const text = lines.join('\n');
      if (typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text)) return lines;
      if (Date.now() > end) throw new Error(`never saw ${wanted} on the screen:\n${text}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** Waits until the last line is the prompt alone: the shell is ready for the next statement. */
  ready(prompt = /crm\([^)]*\)[^#]*#\s*$/): Promise<string[]> {
    return this.see(new RegExp(`(^|\\n)[^\\n]*${prompt.source}`));
  }

  kill(): void {
    try {
      this.#pty.kill();
    } catch {
      // It has ended by itself.
    }
  }
}
