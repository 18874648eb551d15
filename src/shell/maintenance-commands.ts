import { ensureSection } from '../cib/document.js';
import { Element } from '../cib/element.js';
import type { CommandStatus, Environment } from './command.js';
import { appendPair, findPairs } from './edits/nvpairs.js';
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
      setProperty(cib, 'maintenance-mode', value);
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

/** Sets a cluster property where it stands, else in the usual set. */
export function setProperty(cib: Element, name: string, value: string): void {
  const config = ensureSection(cib, 'crm_config');
  for (const set of config.elements('cluster_property_set')) {
    for (const pair of set.elements('nvpair')) {
      if (pair.get('name') !== name) continue;
      pair.set('value', value);
      return;
    }
  }
  const set =
    config.first('cluster_property_set') ??
    config.append(new Element('cluster_property_set', { id: 'cib-bootstrap-options' }));
  appendPair(set, name, value);
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
  const config = cib.at('configuration', 'crm_config');
  const pairs = config?.elements('cluster_property_set').flatMap((set) => set.elements('nvpair')) ?? [];
  if (pairs.some((pair) => pair.get('name') === 'maintenance-mode' && isTrue(pair.get('value')))) return true;
  return owners.some((owner) =>
    findPairs(owner, 'meta_attributes', 'maintenance').some(({ pair }) => isTrue(pair.get('value'))),
  );
}

function isTrue(value: string | undefined): boolean {
  return /^(true|on|yes|y|1)$/i.test(value ?? '');
}
