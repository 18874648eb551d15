import { spawn } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Action, hostWords } from './actions.js';

/** At most so much of a command's output is shown. */
const OUTPUT_LINES_MAX = 30;
/** In characters; what came before is dropped while it runs. */
const OUTPUT_MAX = 16_384;

/**
 * Runs an action's `crm` command, with the `crm` that lies beside this program.
 *
 * @param hosts how the cluster is reached
 * @returns what it has printed, and how it ended
 */
export function runAction(
  action: Action,
  hosts: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<readonly string[]> {
  const program = join(dirname(realpathSync(process.argv[1]!)), 'crm');
  const child = spawn(process.execPath, [program, ...hostWords(hosts), ...action.command], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: environment,
  });
  let output = '';
  const take = (chunk: Buffer) => {
    output = (output + chunk.toString('utf8')).slice(-OUTPUT_MAX);
  };
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  return new Promise((resolve) => {
    child.on('error', (error) => resolve([error.message]));
    child.on('close', (code) => {
      const lines = output
        .trimEnd()
        .split('\n')
        .filter((text) => text !== '')
        .slice(-OUTPUT_LINES_MAX);
      resolve([...lines, code === 0 ? 'Done.' : `It failed with exit status ${code}.`]);
    });
  });
}
