import { isTrue } from '../cib/boolean.js';
import { clusterProperty, setClusterProperty } from '../cib/cluster-property.js';
import type { Element } from '../cib/element.js';
import type { CommandStatus, Environment } from './command.js';
import { findPairs } from './edits/nvpairs.js';
import { findResource, setSwitch } from './edits/resources.js';

export function on(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  return change(env, args[0], true);
}

export function off(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  return change(env, args[0], false);
}

async function change(env: Environment, id: string | undefined, enabled: boolean): Promise<CommandStatus> {
  const { session } = env;
  const value = String(enabled);
  const done = await session.changeCib(`crm maintenance ${env.line}`, async (cib) => {
    if (id === undefined) {
      setClusterProperty(cib, 'maintenance-mode', value);
      return true;
    }
    const place = findResource(cib, id);
    if (!place) {
      session.error(`Resource not found: ${id}`);
      return false;
    }
    await setSwitch(place, 'maintenance', value, session.options.get('core.manage_children'), (text) =>
      session.ask(text),
    );
    return true;
  });
  return done ? 'done' : 'failed';
}

export async function action(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const { session } = env;
  const [id = '', operation = ''] = args;
  const cib = await session.readCib();
  if (!cib) return 'failed';
  const place = findResource(cib, id);
  if (place?.element.name !== 'primitive') {
    session.error(place ? `${id} is not a primitive resource` : `Resource not found: ${id}`);
    return 'failed';
  }
  if (!session.flags.force && !inMaintenance(cib, [place.element, ...place.parents])) {
    session.error('Resource not in maintenance mode; enter it first ("maintenance on"), or use -F');
    return 'failed';
  }
  const { runAgent } = await import('./agents/run-agent.js');
  const { locate } = await import('./resource-status.js');
  const running = (await locate(cib, session.world.now(), id)) ?? [];
  // What is active is worked on where it is; something else is started on the node worked on.
  const node = running[0]?.node ?? session.nodeName;
  const outcome = await runAgent(session, node, cib, place.element, operation);
  if (outcome.output !== '') session.print(outcome.output);
  if (outcome.errors !== '') session.world.output.message('info', outcome.errors);
  if (outcome.status === 0) return 'done';
  session.error(`${operation} of ${id}: ${outcome.meaning}`);
  return 'failed';
}

function inMaintenance(cib: Element, owners: readonly Element[]): boolean {
  if (isTrue(clusterProperty(cib, 'maintenance-mode'))) return true;
  return owners.some((owner) =>
    findPairs(owner, 'meta_attributes', 'maintenance').some(({ pair }) => isTrue(pair.get('value'))),
  );
}
