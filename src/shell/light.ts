import { parseInvocation } from './invocation.js';
import { makeSession, type Process, rootInterpreter } from './open-session.js';
import { type ExitStatus, runOnce } from './run.js';

/**
 * Runs one command with nothing loaded but what quick reads need; null where it needs more (SSH, another format) and
 * is to be run by the whole shell. Nothing has been printed then.
 */
export async function runLight(process: Process): Promise<ExitStatus | null> {
  const parsed = parseInvocation(process.argv);
  if (parsed.kind !== 'run') return null;
  const { invocation } = parsed;
  const session = await makeSession(process, invocation, process.stdin.isTTY === true);
  try {
    const status = await runOnce(await rootInterpreter(session), invocation.words);
    await session.world.output.flush();
    return status;
  } catch (error) {
    if ((error as { code?: string }).code === 'NOT_LIGHT') return null;
    throw error;
  } finally {
    await session.close();
  }
}
