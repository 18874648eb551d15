import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type IPty, spawn } from '@lydell/node-pty';
import xterm from '@xterm/headless';
import { build } from 'esbuild';
import { builtins } from '../../scripts/commonjs-builtins.mjs';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** crm_mon as built for a test, with a program beside it that stands for the shell and says what it was told. */
export interface Built {
  readonly program: string;
  readonly remove: () => void;
}

export async function buildCrmMon(): Promise<Built> {
  // Below the project, so that blessed is found.
  const folder = join(root, 'dist', `test-monitor-${process.pid}-${Date.now()}`);
  mkdirSync(folder, { recursive: true });
  await build({
    absWorkingDir: root,
    stdin: {
      contents: "import { run } from './src/tools/crm_mon.js';\nawait run();\n",
      resolveDir: root,
      loader: 'ts',
    },
    outdir: folder,
    entryNames: 'crm_mon',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    logLevel: 'error',
    define: { __QUORATE_VERSION__: '"test"' },
    external: ['blessed', 'blessed-contrib', 'blessed-contrib/*', 'cpu-features', '*.node', 'libxml2-wasm'],
    plugins: [builtins],
  });
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}\n');
  writeFileSync(join(folder, 'crm'), "console.log('told to', process.argv.slice(2).join(' '));\n");
  return {
    program: join(folder, 'crm_mon.js'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** A terminal that crm_mon runs in. */
export class Terminal {
  readonly screen: xterm.Terminal;
  readonly pty: IPty;
  readonly exited: Promise<number>;
  /** Every byte that was written. */
  output = '';
  #changed: (() => void)[] = [];

  constructor(
    program: string,
    options: { columns?: number; rows?: number; env?: Record<string, string>; args?: string[] } = {},
  ) {
    const { columns = 80, rows = 24 } = options;
    this.screen = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
    this.pty = spawn(process.execPath, [program, ...(options.args ?? ['-i', '300ms'])], {
      cols: columns,
      rows,
      name: 'xterm-256color',
      env: {
        PATH: process.env.PATH!,
        TZ: 'UTC',
        TERM: 'xterm-256color',
        LANG: 'C.UTF-8',
        ...options.env,
      },
    });
    this.pty.onData((data) => {
      this.output += data;
      this.screen.write(data, () => {
        for (const wake of this.#changed.splice(0)) wake();
      });
    });
    this.exited = new Promise((resolve) => this.pty.onExit(({ exitCode }) => resolve(exitCode)));
  }

  get lines(): string[] {
    const { active } = this.screen.buffer;
    return Array.from(
      { length: this.screen.rows },
      (_, y) => active.getLine(active.viewportY + y)?.translateToString(true) ?? '',
    );
  }

  /** Waits until the screen shows a text (or no longer does), without sleeping. */
  async until(condition: (text: string) => boolean, what: string): Promise<string> {
    const deadline = Date.now() + 20_000;
    for (;;) {
      const text = this.lines.join('\n');
      if (condition(text)) return text;
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`never ${what}:\n${text}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#changed.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  shows(text: string): Promise<string> {
    return this.until((all) => all.includes(text), `showed ${JSON.stringify(text)}`);
  }

  async type(keys: string, shows: string): Promise<string> {
    this.pty.write(keys);
    return this.shows(shows);
  }
}
