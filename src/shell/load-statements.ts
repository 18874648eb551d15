import type { CommandStatus, Environment } from './command.js';
import { interpreterOf } from './navigation.js';
import { writeTemporary } from './temporary.js';

/** Runs commands from the root level, until one fails; the session stays in the level where it is. */
export async function runFromRoot(env: Environment, lines: readonly string[]): Promise<CommandStatus> {
  const { levels } = env.session;
  const kept = levels.splice(1, levels.length - 1);
  try {
    for (const line of lines) {
      const { status } = await interpreterOf(env.session).execute(line);
      if (status !== 'done') return status;
    }
    return 'done';
  } finally {
    levels.splice(1, levels.length - 1, ...kept);
  }
}

/** Takes statements into the configuration as one change: all of them, or none. */
export async function loadStatements(env: Environment, text: string): Promise<CommandStatus> {
  const file = writeTemporary('statements.crm', `${text}\n`);
  try {
    return await runFromRoot(env, [`configure load update ${file.path}`]);
  } finally {
    file.remove();
  }
}
