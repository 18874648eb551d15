/** A terminal with a screen that a test can read, on a pseudo-terminal. */
import { type IPty, spawn } from '@lydell/node-pty';
import xterm from '@xterm/headless';

export class Terminal {
  readonly #pty: IPty;
  readonly #screen: InstanceType<typeof xterm.Terminal>;
  readonly exited: Promise<number>;
  #listeners = new Set<() => void>();

  constructor(program: string, args: string[], env: Record<string, string>, size = { cols: 120, rows: 40 }) {
    this.#screen = new xterm.Terminal({ ...size, allowProposedApi: true, scrollback: 2000 });
    this.#pty = spawn(program, args, { ...size, name: 'xterm-256color', env });
    this.#pty.onData((data) => {
      this.#screen.write(data, () => {
        for (const listener of this.#listeners) listener();
      });
    });
    // Programs ask the terminal where the cursor is; it answers.
    this.#screen.onData((data) => this.#pty.write(data));
    this.exited = new Promise((resolve) => {
      this.#pty.onExit(({ exitCode }) => resolve(exitCode));
    });
  }

  type(text: string): void {
    this.#pty.write(text);
  }

  /** All lines, the ones scrolled away too, without trailing blanks. */
  text(): string {
    const buffer = this.#screen.buffer.active;
    const lines: string[] = [];
    for (let row = 0; row < buffer.length; row++)
      lines.push(buffer.getLine(row)?.translateToString(true) ?? '');
    return lines.join('\n').trimEnd();
  }

  /** Resolves once the screen shows this. */
  async shows(wanted: string | RegExp, withinMs = 15_000): Promise<string> {
    const found = (): boolean =>
      typeof wanted === 'string' ? this.text().includes(wanted) : wanted.test(this.text());
    if (found()) return this.text();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#listeners.delete(look);
        reject(new Error(`the screen does not show ${wanted}:\n${this.text()}`));
      }, withinMs);
      const look = (): void => {
        if (!found()) return;
        clearTimeout(timer);
        this.#listeners.delete(look);
        resolve(this.text());
      };
      this.#listeners.add(look);
    });
  }

  kill(): void {
    this.#pty.kill();
  }
}
