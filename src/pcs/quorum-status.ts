import { WrongUsage } from '../../grammar/pcs/mistake.js';
import type { Environment } from './environment.js';
import { runTool } from './tools.js';

/** `pcs quorum status`, `pcs status quorum` */

export async function quorumStatus(environment: Environment, words: string[]): Promise<void> {
  if (words.length > 0) throw new WrongUsage();
  const { corosyncQuorumtool: tool } = await import('../cluster-tools/corosync/quorumtool.js');
  const run = await runTool(environment, 'corosync-quorumtool', tool, ['-p']);
  // Without quorum the tool ends with 2, but has said everything.
  if (run.status !== 0 && run.status !== 2)
    environment.fail(`Unable to get quorum status: ${(run.err || run.out).trim()}`);
  environment.print(run.out.trimEnd());
}
