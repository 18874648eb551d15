import { parseInvocation } from './invocation.js';
import { makeSession, rootInterpreter } from './open-session.js';
import { runOnce } from './run.js';

/**
 * Runs one command with nothing loaded but what quick reads need. Rejects with the code NOT_LIGHT where it needs more
 * (SSH, another format) and is to be run by the whole shell; nothing has been printed then.
 */
export async function runLight(process: NodeJS.Process): Promise<void> {
  const parsed = parseInvocation(process.argv.slice(2));
  if (parsed.kind !== 'run') throw Object.assign(new Error('not a command'), { code: 'NOT_LIGHT' });
  const { invocation } = parsed;
  // Streams are opened when they are touched: standard input, which a read never needs, costs five milliseconds.
  const shell = {
    argv: process.argv.slice(2),
    env: process.env,
    get stdin() {
      return process.stdin;
    },
    stdout: process.stdout,
    get stderr() {
      return process.stderr;
    },
  };
  const session = await makeSession(shell, invocation, () => process.stdin.isTTY === true);
  try {
    process.exitCode = await runOnce(await rootInterpreter(session), invocation.words);
    await session.world.output.flush();
  } finally {
    await session.close();
  }
}
