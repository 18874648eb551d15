import type { Element } from '../cib/element.js';
import { readAttributeRequest } from './attribute-command.js';
import type { CommandStatus, Environment } from './command.js';
import {
  clearStandby,
  findNode,
  findNodeState,
  nodeNames,
  deleteNode as removeNode,
  setNodeAttribute,
  setStandby,
} from './edits/nodes.js';
import { findPairs, pairValue, removePairs } from './edits/nvpairs.js';
import { resourcePlaces } from './edits/resources.js';

const status = (ok: boolean): CommandStatus => (ok ? 'done' : 'failed');

function complain(env: Environment, text: string): void {
  env.session.error(`${[...env.path, env.command].join('.')}: ${text}`);
}

/** The node meant where none is named: the one connected to. */
function localNode(env: Environment): string {
  return env.session.nodeName;
}

export async function show(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const { session } = env;
  const cib = await session.readCib();
  if (!cib) return 'failed';
  const configured = nodeNames(cib);
  const states = cib.first('status')?.elements('node_state') ?? [];
  const names = [
    ...new Set([...configured, ...states.map((state) => state.get('uname') ?? state.id)]),
  ].sort();
  const wanted = args[0];
  if (wanted !== undefined && !names.includes(wanted)) {
    // crmsh prints nothing for a node that it does not know; a word on stderr does not disturb its readers.
    session.warning(`there is no node ${wanted}`);
    return 'done';
  }
  for (const name of wanted === undefined ? names : [wanted]) session.print(describeNode(cib, name));
  return 'done';
}

function describeNode(cib: Element, name: string): string {
  const node = findNode(cib, name);
  const state = findNodeState(cib, name);
  const offline = state?.get('crmd') === 'offline' ? '(offline)' : '';
  const type = node?.get('type') ?? (state?.get('remote_node') === 'true' ? 'remote' : 'member');
  const id = node?.id ?? state?.id ?? name;
  const lines = [id === name ? `${name}: ${type}${offline}` : `${name}(${id}): ${type}${offline}`];
  const sets = node?.elements('instance_attributes') ?? [];
  for (const pair of sets.flatMap((set) => set.elements('nvpair'))) {
    lines.push(`\t${pair.get('name')}=${quoted(pair.get('value') ?? '')}`);
  }
  return `${lines.join('\n')}\n`;
}

function quoted(value: string): string {
  return /^[A-Za-z0-9_.-]+$/.test(value) ? value : `"${value.replaceAll('"', '\\"')}"`;
}

export async function statusXml(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const { session } = env;
  const cib = await session.readCib();
  if (!cib) return 'failed';
  const { writeXml } = await import('../cib/xml.js');
  const [name] = args;
  const states = cib.first('status')?.elements('node_state') ?? [];
  const wanted = name === undefined ? states : states.filter((state) => state.get('uname') === name);
  if (name !== undefined && wanted.length === 0) {
    complain(env, `Node "${name}" is not a cluster node`);
    return 'failed';
  }
  for (const state of wanted) session.print(writeXml(state));
  return 'done';
}
export { statusXml as status };

/** Nodes named by words (`--all`, names, or nothing for the local one); null after a complaint. */
function chosenNodes(env: Environment, cib: Element, words: readonly string[]): string[] | null {
  const known = nodeNames(cib);
  if (words.includes('--all')) {
    if (words.length === 1) return known;
    complain(env, 'Should either use --all or specific node(s)');
    return null;
  }
  const names = words.length > 0 ? words : [localNode(env)];
  for (const name of names) {
    if (findNode(cib, name)) continue;
    complain(env, `Node "${name}" is not a cluster node`);
    if (words.length === 0) env.session.info(`name one: ${known.join(', ')}`);
    return null;
  }
  return names.map((name) => findNode(cib, name)!.get('uname') ?? name);
}

export async function standby(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const { session } = env;
  const words = [...args];
  let lifetime: 'forever' | 'reboot' = 'forever';
  const last = words.at(-1);
  if (last === 'reboot' || last === 'forever') {
    lifetime = last;
    words.pop();
  }
  let nodes: string[] | null = null;
  const done = await session.changeCib(`crm node ${env.line}`, (cib) => {
    nodes = chosenNodes(env, cib, words);
    if (!nodes) return false;
    for (const name of nodes) {
      if (setStandby(cib, name, lifetime)) continue;
      complain(env, `${name} has no status yet, so standby cannot last until its restart; use "forever"`);
      return false;
    }
    return true;
  });
  if (done) for (const name of nodes ?? []) session.info(`standby node ${name}`);
  return status(done);
}

export async function online(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const { session } = env;
  let nodes: string[] | null = null;
  const done = await session.changeCib(`crm node ${env.line}`, (cib) => {
    nodes = chosenNodes(env, cib, args);
    if (!nodes) return false;
    for (const name of nodes) clearStandby(cib, name);
    return true;
  });
  if (done) for (const name of nodes ?? []) session.info(`online node ${name}`);
  return status(done);
}

export async function maintenance(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const { session } = env;
  const name = args[0] ?? localNode(env);
  const done = await session.changeCib(`crm node ${env.line}`, async (cib) => {
    const node = requireNode(env, cib, name);
    if (!node) return false;
    const manage = session.options.get('core.manage_children');
    const sure = async (text: string) =>
      manage === 'always' || (manage === 'ask' && (await session.ask(text)));
    for (const { element } of resourcePlaces(cib)) {
      for (const [attribute, word] of [
        ['maintenance', 'attribute already exists'],
        ['is-managed', "conflicts with 'maintenance'"],
      ] as const) {
        if (findPairs(element, 'meta_attributes', attribute).length === 0) continue;
        if (await sure(`'${attribute}' ${word} in ${element.id}. Remove it`)) {
          removePairs(element, 'meta_attributes', attribute);
        }
      }
    }
    setNodeAttribute(node, 'instance_attributes', 'maintenance', 'true');
    return true;
  });
  return status(done);
}

export async function ready(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const name = args[0] ?? localNode(env);
  const done = await env.session.changeCib(`crm node ${env.line}`, (cib) => {
    const node = requireNode(env, cib, name);
    if (!node) return false;
    setNodeAttribute(node, 'instance_attributes', 'maintenance', 'off');
    return true;
  });
  return status(done);
}

function requireNode(env: Environment, cib: Element, name: string): Element | null {
  const node = findNode(cib, name);
  if (node) return node;
  env.session.error(`Failed to update node attributes for ${name}: there is no such node`);
  return null;
}

export async function fence(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const { session } = env;
  const name = args[0]!;
  const cib = await session.readCib();
  if (!cib) return 'failed';
  if (!findNode(cib, name)) {
    complain(env, `Node "${name}" is not a cluster node`);
    return 'failed';
  }
  const question = `Fencing ${name} will shut down the node and migrate any resources that are running on it! Do you want to fence ${name}?`;
  if (!(await session.ask(question.replace(/\?$/, '')))) {
    if (!session.world.interactive) session.info('nobody could be asked; use -F to fence without asking');
    return 'failed';
  }
  const connection = await session.connection();
  if (!connection) return 'failed';
  const fenced = await connection.call('node.fence', { node: name, action: 'reboot', timeoutMs: 120_000 });
  if (!fenced.ok) {
    session.failure(fenced.error);
    return 'failed';
  }
  session.changedCluster = true;
  session.info(`${name} was fenced`);
  return 'done';
}

export async function clearstate(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const { session } = env;
  const name = args[0] ?? localNode(env);
  if (!(await session.ask(`Do you really want to drop state for node ${name}`))) {
    if (!session.world.interactive) session.info('nobody could be asked; use -F to do it without asking');
    return 'failed';
  }
  const cib = await session.readCib();
  const connection = cib && (await session.connection());
  if (!cib || !connection) return 'failed';
  const state = findNodeState(cib, name);
  if (!state && !findNode(cib, name)) {
    complain(env, `Node "${name}" is not a cluster node`);
    return 'failed';
  }
  if (state?.get('crmd') === 'online') {
    const cleaned = await connection.call('resource.cleanup', { node: name });
    if (!cleaned.ok) {
      session.failure(cleaned.error);
      return 'failed';
    }
    session.changedCluster = true;
    return 'done';
  }
  if (state?.get('in_ccm') === 'true') {
    session.warning(
      `Node is offline according to the cluster, but still a member. First shut down node '${name}'`,
    );
    return 'failed';
  }
  const confirmed = await connection.call('node.confirm-down', { node: name });
  if (!confirmed.ok) {
    session.failure(confirmed.error);
    return 'failed';
  }
  session.changedCluster = true;
  return 'done';
}

export async function deleteNode(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const { session } = env;
  const name = args[0]!;
  const connection = await session.connection();
  if (!connection) return 'failed';
  if (connection.target.kind !== 'file') {
    const state = await connection.state();
    const member = state.ok ? state.value.members.find((candidate) => candidate.name === name) : undefined;
    if (member?.online) {
      session.error(`node ${name} is still active; stop the cluster there first (crm cluster stop ${name})`);
      if (!session.flags.force) return 'failed';
      session.info(`proceeding with node ${name} removal`);
    }
  }
  const done = await session.changeCib(`crm node ${env.line}`, (cib) => {
    if (removeNode(cib, name)) return true;
    session.error(`node ${name} not found in the CIB`);
    return false;
  });
  if (done) session.info(`node ${name} deleted`);
  return status(done);
}

export function attribute(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  return permanent(env, args, 'instance_attributes');
}

export function utilization(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  return permanent(env, args, 'utilization');
}

async function permanent(
  env: Environment,
  args: readonly string[],
  kind: 'instance_attributes' | 'utilization',
): Promise<CommandStatus> {
  const request = readAttributeRequest(env, args);
  if (typeof request === 'string') return request;
  const { session } = env;
  const name = args[0]!;
  const missing = () => complain(env, `Node "${name}" is not a cluster node`);
  if (request.verb === 'show') {
    const cib = await session.currentCib();
    const node = cib && findNode(cib, name);
    if (!node) {
      if (cib) missing();
      return 'failed';
    }
    const value = pairValue(node, kind, request.name);
    if (value === undefined) {
      session.error(
        `${name} has no ${kind === 'utilization' ? 'utilization ' : ''}attribute ${request.name}`,
      );
      return 'failed';
    }
    session.print(`scope=nodes  name=${request.name} value=${value}`);
    return 'done';
  }
  let removed: readonly Element[] = [];
  const done = await session.changeCib(`crm node ${env.line}`, (cib) => {
    const node = findNode(cib, name);
    if (!node) {
      missing();
      return false;
    }
    if (request.verb === 'set') {
      setNodeAttribute(node, kind, request.name, request.value);
      return true;
    }
    removed = findPairs(node, kind, request.name).map(({ set, pair }) => {
      set.remove(pair);
      return pair;
    });
    return true;
  });
  if (!done) return 'failed';
  for (const pair of removed) session.print(`Deleted nodes attribute: id=${pair.id} name=${request.name}\n`);
  return 'done';
}

export async function statusAttribute(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const request = readAttributeRequest(env, args);
  if (typeof request === 'string') return request;
  const { session } = env;
  const node = args[0]!;
  if (request.verb === 'show') {
    const cib = await session.readCib();
    if (!cib) return 'failed';
    const owner = findNodeState(cib, node)?.first('transient_attributes');
    const value = owner && pairValue(owner, 'instance_attributes', request.name);
    if (value === undefined) {
      session.error(`${node} has no status attribute ${request.name}`);
      return 'failed';
    }
    session.print(`scope=status  name=${request.name} value=${value}`);
    return 'done';
  }
  const connection = await session.connection();
  if (!connection) return 'failed';
  const updated = await connection.call('attribute.update', {
    node,
    name: request.name,
    ...(request.verb === 'set' ? { value: request.value } : {}),
  });
  if (!updated.ok) {
    session.failure(updated.error);
    return 'failed';
  }
  session.changedCluster = true;
  if (request.verb === 'delete') session.print(`Deleted status attribute: name=${request.name}\n`);
  return 'done';
}

export async function server(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const { session } = env;
  const cib = await session.readCib();
  if (!cib) return 'failed';
  for (const node of cib.at('configuration', 'nodes')?.elements('node') ?? []) {
    const name = node.get('uname') ?? node.id;
    if (args.length > 0 && !args.includes(name)) continue;
    const connection =
      node.get('type') === 'remote'
        ? [...resourcePlaces(cib)].find(({ element }) => element.id === name)?.element
        : undefined;
    session.print((connection && pairValue(connection, 'instance_attributes', 'server')) || name);
  }
  return 'done';
}
