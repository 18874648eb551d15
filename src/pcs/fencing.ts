import { WrongUsage } from '../../grammar/pcs/mistake.js';
import { confirmed } from './confirm.js';
import type { Environment } from './environment.js';
import { changeMeta, disableNamed, enableNamed, update } from './resource-change.js';
import { deleteResource } from './resource-remove.js';
import { warnOfResources } from './stonith-only.js';
import { runTool } from './tools.js';

/** `pcs stonith` where it is not as `pcs resource`: fencing now, its history; and the changes of devices. */

async function stonithAdmin(environment: Environment, words: readonly string[]) {
  const { stonithAdmin: tool } = await import('../cluster-tools/stonith-admin.js');
  return runTool(environment, 'stonith_admin', tool, words);
}

export async function fence(environment: Environment, words: string[]): Promise<void> {
  const [node, more] = words;
  if (node === undefined || more !== undefined)
    environment.fail('must specify one (and only one) node to fence');
  const run = await stonithAdmin(environment, [environment.has('--off') ? '-F' : '-B', node]);
  if (run.status !== 0) environment.fail(`unable to fence '${node}'\n${run.out}${run.err}`.trimEnd());
  environment.say(`Node: ${node} fenced`);
}

export async function confirm(environment: Environment, words: string[]): Promise<void> {
  const [node, more] = words;
  if (node === undefined || more !== undefined) {
    environment.fail('must specify one (and only one) node to confirm fenced');
  }
  const question = `If node '${node}' is not powered off or it does have access to shared resources, data corruption and/or cluster failure may occur`;
  if (!(await confirmed(environment, question))) return;
  const run = await stonithAdmin(environment, ['-C', node]);
  if (run.status !== 0) {
    environment.fail(`unable to confirm fencing of node '${node}'\n${run.out}${run.err}`.trimEnd());
  }
  environment.print(`Node: ${node} confirmed fenced`);
}

/** `history show|cleanup|update [NODE]` */
export const history =
  (verb: 'show' | 'cleanup' | 'update') => async (environment: Environment, words: string[]) => {
    const [node = '*', more] = words;
    if (more !== undefined) throw new WrongUsage();
    const options = verb === 'show' ? ['--verbose'] : verb === 'cleanup' ? ['--cleanup'] : ['--broadcast'];
    const run = await stonithAdmin(environment, ['--history', node, ...options]);
    const text = `${run.out}${run.err}`.trimEnd();
    if (run.status !== 0) {
      const what = verb === 'show' ? 'get' : verb === 'cleanup' ? 'cleanup' : 'update';
      environment.fail(`Unable to ${what} fencing history: ${text}`);
    }
    environment.print(text);
  };

export async function updateDevice(environment: Environment, words: string[]): Promise<void> {
  const [id, ...rest] = words;
  if (id === undefined) throw new WrongUsage();
  await warnOfResources(environment, [id], 'pcs resource update');
  await update(environment, id, rest);
}

export async function deleteDevice(environment: Environment, words: string[]): Promise<void> {
  if (words[0] !== undefined) await warnOfResources(environment, [words[0]], 'pcs resource delete');
  await deleteResource(environment, words);
}

export async function metaOfDevice(environment: Environment, words: string[]): Promise<void> {
  if (words[0] === undefined) throw new WrongUsage();
  await warnOfResources(environment, [words[0]], 'pcs resource meta');
  await changeMeta(environment, words);
}

export async function enableDevices(environment: Environment, words: string[]): Promise<void> {
  if (words.length === 0) throw new WrongUsage('You must specify stonith resource(s) to enable');
  await warnOfResources(environment, words, 'pcs resource enable');
  await enableNamed(environment, words);
}

export async function disableDevices(environment: Environment, words: string[]): Promise<void> {
  if (words.length === 0) throw new WrongUsage('You must specify stonith resource(s) to disable');
  await warnOfResources(environment, words, 'pcs resource disable');
  await disableNamed(environment, words);
}
