import type { Element } from '../cib/element.js';
import { readAttributeRequest } from './attribute-command.js';
import type { CommandStatus, Environment } from './command.js';
import { findNode } from './edits/nodes.js';
import { findPairs, type SetKind } from './edits/nvpairs.js';
import { ban as banFrom, clear as clearPlacement, prefer } from './edits/placement.js';
import {
  deleteAttribute,
  findResource,
  isPromotable,
  type ResourcePlace,
  resolveResources,
  setAttribute,
  setSwitch,
} from './edits/resources.js';
import { sayUnknown } from './unknown-resource.js';

export { constraints, failcount, operations, scores, status } from './resource-status.js';
export { trace, untrace } from './trace.js';

/** The resources that all the words name, or null after complaining about one that names none. */
function resolveAll(env: Environment, cib: Element, words: readonly string[]): ResourcePlace[] | null {
  const places: ResourcePlace[] = [];
  for (const word of words) {
    const found = resolveResources(cib, word);
    if (found.length === 0) {
      env.session.error(`Resource not found: ${word}`);
      return null;
    }
    places.push(...found);
  }
  return places;
}

async function switchAll(
  env: Environment,
  words: readonly string[],
  name: string,
  value: string,
): Promise<boolean> {
  const { session } = env;
  return session.changeCib(`crm resource ${env.line}`, async (cib) => {
    const places = resolveAll(env, cib, words);
    if (!places) return false;
    for (const place of places) {
      await setSwitch(place, name, value, session.options.get('core.manage_children'), (text) =>
        session.ask(text),
      );
    }
    return true;
  });
}

const status = (ok: boolean): CommandStatus => (ok ? 'done' : 'failed');

function needsResource(env: Environment, args: readonly string[]): boolean {
  if (args.length > 0) return true;
  env.session.error(`${[...env.path, env.command].join('.')}: Expected at least one resource as argument`);
  return false;
}

export async function start(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  if (!needsResource(env, args)) return 'usage';
  return status(await switchAll(env, args, 'target-role', 'Started'));
}

export async function stop(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  if (!needsResource(env, args)) return 'usage';
  return status(await switchAll(env, args, 'target-role', 'Stopped'));
}

export async function restart(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const { session } = env;
  const names = args.join(', ');
  session.info(`ordering ${names} to stop`);
  if (!(await switchAll(env, args, 'target-role', 'Stopped'))) return 'failed';
  const settled = await session.waitIdle();
  if (!settled) session.warning('the cluster did not confirm the stop; starting again all the same');
  session.info(`ordering ${names} to start`);
  const started = await switchAll(env, args, 'target-role', 'Started');
  return status(started && settled);
}

export function promote(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  return setRole(env, args[0]!, 'Promoted', 'Master');
}

export function demote(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  return setRole(env, args[0]!, 'Unpromoted', 'Slave');
}

async function setRole(env: Environment, id: string, role: string, oldRole: string): Promise<CommandStatus> {
  const { session } = env;
  const value = session.options.is('core.OCF_1_1_SUPPORT') ? role : oldRole;
  return changeResource(env, id, (place) => {
    if (!isPromotable(place)) {
      session.error(`${id} is not a promotable resource`);
      return null;
    }
    return setAttribute(place, 'meta_attributes', 'target-role', value);
  });
}

/** One attribute edit on one resource, printing what it did. */
async function changeResource(
  env: Environment,
  id: string,
  edit: (place: ResourcePlace, cib: Element) => ReturnType<typeof setAttribute> | null,
): Promise<CommandStatus> {
  const { session } = env;
  let text = '';
  const done = await session.changeCib(`crm resource ${env.line}`, (cib) => {
    const [place, other] = resolveResources(cib, id);
    if (!place || other) {
      session.error(other ? `${id} names several resources` : `Resource not found: ${id}`);
      return false;
    }
    const result = edit(place, cib);
    if (!result) return false;
    if (!result.ok) {
      session.error(result.message);
      return false;
    }
    text = result.text;
    return true;
  });
  if (done && text !== '') session.print(text);
  return status(done);
}

export async function manage(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  return status(await switchAll(env, args, 'is-managed', 'true'));
}

export async function unmanage(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  return status(await switchAll(env, args, 'is-managed', 'false'));
}

export async function maintenance(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const [id, word = 'true'] = args;
  if (!/^(on|off|true|false)$/i.test(word)) {
    env.session.error(`${[...env.path, env.command].join('.')}: Expected <resource> [on|off|true|false]`);
    return 'usage';
  }
  return status(await switchAll(env, [id!], 'maintenance', /^(on|true)$/i.test(word) ? 'true' : 'false'));
}

export function move(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  return place(env, args, 'move');
}

export function ban(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  return place(env, args, 'ban');
}

async function place(
  env: Environment,
  args: readonly string[],
  verb: 'move' | 'ban',
): Promise<CommandStatus> {
  const { session } = env;
  const path = [...env.path, env.command].join('.');
  const words = args.slice(1);
  const [id = ''] = args;
  const forceAt = words.indexOf('force');
  if (forceAt >= 0) words.splice(forceAt, 1);
  const force = forceAt >= 0 || session.flags.force;
  let until: string | null = null;
  let node: string | null = null;
  const { looksLikeLifetime, lifetimeEnd } = await import('./lifetime.js');
  const cib = await session.readCib();
  if (!cib) return 'failed';
  for (const word of words) {
    if (node === null && findNode(cib, word)) node = findNode(cib, word)!.get('uname') ?? word;
    else if (until === null && looksLikeLifetime(word)) {
      until = lifetimeEnd(word, session.world.now());
      if (until === null) {
        session.error(`${path}: ${word}: not a lifetime; see "help Lifetime"`);
        return 'usage';
      }
    } else {
      session.error(`${path}: Not our node: ${word}`);
      return 'usage';
    }
  }
  if (verb === 'move' && node === null && !force) {
    session.error(`${path}: No target node: Move requires either a target node or 'force'`);
    return 'usage';
  }
  const where = findResource(cib, id);
  if (!where) {
    sayUnknown(session, id);
    return 'failed';
  }
  const { locate } = await import('./resource-status.js');
  const running = (await locate(cib, session.world.now(), id)) ?? [];
  if (verb === 'move' && node !== null && running.some(({ node: on }) => on === node) && !force) {
    session.info(`${id} is already active on ${node}`);
    return 'failed';
  }
  const target = node ?? (running.length === 1 ? running[0]!.node : null);
  if (target === null) {
    const found = running.length === 0 ? 'it is not running' : 'it runs on several nodes';
    session.error(`${path}: ${id}: ${found}, so say which node is meant`);
    return 'failed';
  }
  const bans = verb === 'ban' || node === null;
  const done = await session.changeCib(`crm resource ${env.line}`, (copy) => {
    const placement = { resource: id, node: target, until, promotedOnly: false };
    if (bans) banFrom(copy, placement);
    else prefer(copy, placement);
    return true;
  });
  if (!done) return 'failed';
  // crmsh says this of a ban, and nothing of a preference.
  if (until !== null && bans) session.print(`Migration will take effect until: ${until}`);
  if (bans) {
    session.warning(
      `Creating rsc_location constraint 'cli-ban-${id}-on-${target}' with a score of -INFINITY for resource ${id} on ${target}.`,
    );
    session.print(
      `\tThis will prevent ${id} from running on ${target} until the constraint is removed using the clear option or by editing the CIB with an appropriate tool\n` +
        `\tThis will be the case even if ${target} is the last node in the cluster\n`,
    );
  }
  const word = verb === 'move' ? 'Move' : 'Ban';
  session.info(`${word} constraint created for ${id}${node === null ? '' : ` to ${node}`}`);
  session.info(`Use \`crm resource clear ${id}\` to remove this constraint`);
  return 'done';
}

export async function clear(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const { session } = env;
  const [id = ''] = args;
  const done = await session.changeCib(`crm resource ${env.line}`, (cib) => {
    if (!findResource(cib, id)) {
      sayUnknown(session, id);
      return false;
    }
    clearPlacement(cib, id, null);
    return true;
  });
  if (done) session.info(`Removed migration constraints for ${id}`);
  return status(done);
}

export function cleanup(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  return forget(env, args, false);
}

export function refresh(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  return forget(env, args, true);
}

async function forget(env: Environment, args: readonly string[], whole: boolean): Promise<CommandStatus> {
  const { session } = env;
  const words = args.filter((word) => word !== 'force');
  const cib = await session.readCib();
  if (!cib) return 'failed';
  const [resource, node] = words;
  if (resource !== undefined && !findResource(cib, resource)) {
    sayUnknown(session, resource);
    return 'failed';
  }
  if (node !== undefined && !findNode(cib, node)) {
    session.error(`Node '${node}' not found`);
    return 'failed';
  }
  const connection = await session.connection();
  if (!connection) return 'failed';
  const cleaned = await connection.call('resource.cleanup', {
    ...(resource === undefined ? {} : { resource }),
    ...(node === undefined ? {} : { node }),
    ...(whole ? { refresh: true } : {}),
  });
  if (!cleaned.ok) {
    session.failure(cleaned.error);
    return 'failed';
  }
  session.changedCluster = true;
  for (const item of cleaned.value.cleaned) session.print(`Cleaned up ${item.resource} on ${item.node}`);
  if (cleaned.value.cleaned.length === 0) {
    session.print(
      resource === undefined
        ? 'Cleaned up all resources on all nodes'
        : `Nothing to clean up for ${resource}`,
    );
  }
  return 'done';
}

export function meta(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  return attribute(env, args, 'meta_attributes');
}

export function param(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  return attribute(env, args, 'instance_attributes');
}

export function utilization(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  return attribute(env, args, 'utilization');
}

async function attribute(env: Environment, args: readonly string[], kind: SetKind): Promise<CommandStatus> {
  const request = readAttributeRequest(env, args);
  if (typeof request === 'string') return request;
  const { session } = env;
  const id = args[0]!;
  if (request.verb === 'set') {
    return changeResource(env, id, (found) => setAttribute(found, kind, request.name, request.value));
  }
  if (request.verb === 'delete') {
    return changeResource(env, id, (found) => deleteAttribute(found, kind, request.name));
  }
  const cib = await session.currentCib();
  if (!cib) return 'failed';
  const found = findResource(cib, id);
  if (!found) {
    sayUnknown(session, id);
    return 'failed';
  }
  const value = effectiveValue(cib, found, kind, request.name);
  if (value === undefined) session.message('tool', `Attribute '${request.name}' not found for '${id}'`);
  else session.print(value);
  return 'done';
}

/** The resource's own value, else that of what it is made from or within, else the default for all resources. */
function effectiveValue(cib: Element, found: ResourcePlace, kind: SetKind, name: string): string | undefined {
  const { element, parents } = found;
  const template = element.get('template');
  const templates = cib.at('configuration', 'resources')?.elements('template') ?? [];
  const owners = [element, ...templates.filter(({ id }) => id === template)];
  if (kind === 'meta_attributes') owners.push(...parents);
  for (const owner of owners) {
    const [first] = findPairs(owner, kind, name);
    if (first) return first.pair.get('value') ?? '';
  }
  if (kind !== 'meta_attributes') return undefined;
  const defaults = cib.at('configuration', 'rsc_defaults');
  return defaults ? findPairs(defaults, 'meta_attributes', name)[0]?.pair.get('value') : undefined;
}
