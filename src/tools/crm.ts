import { runShell } from '../shell/main.js';

export async function run(): Promise<void> {
  const { argv, env, stdin, stdout, stderr } = process;
  process.exitCode = await runShell({ argv: argv.slice(2), env, stdin, stdout, stderr });
}
