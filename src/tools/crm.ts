import { runShell } from '../shell/main.js';

export async function run(): Promise<void> {
  // Streams are opened when they are touched: standard input, which a read never needs, costs five milliseconds.
  process.exitCode = await runShell({
    argv: process.argv.slice(2),
    env: process.env,
    stdout: process.stdout,
    get stdin() {
      return process.stdin;
    },
    get stderr() {
      return process.stderr;
    },
  });
}
