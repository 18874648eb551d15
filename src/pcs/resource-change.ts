import { readPairs } from '../../grammar/pcs/arguments.js';
import { WrongUsage } from '../../grammar/pcs/mistake.js';
import { parseBoolean } from '../cib/boolean.js';
import { Element } from '../cib/element.js';
import { type Agent, AgentShelf } from './agent.js';
import { checkCloneChild, updateClone } from './clones.js';
import type { Environment } from './environment.js';
import { checkChangedAttributes } from './instance-attributes.js';
import { forceable, warning } from './refusal.js';
import { validateByAgent } from './resource-create.js';
import { loosePairs, putOperation } from './resource-operations.js';
import { isManaged, waitAndTell, waitFor } from './state.js';
import { resourcesNamed, warnOfStonith } from './stonith-only.js';
import {
  arrangeFirstSet,
  findResource,
  firstSetText,
  firstSetValues,
  innerResource,
  isClone,
  parentOf,
  primitivesOf,
  resourcePlaces,
  roleForCib,
  updateFirstSet,
} from './tree.js';
import { byCodePoint } from './words.js';

/** Changes of resources that are there: `update`, `meta`, `enable`, `disable`, `manage`, `utilization`. */

/** `OPTION... [op ACTION ...]... [meta ...]` in the older order of words. */
function splitUpdate(words: readonly string[]): {
  options: string[];
  operations: string[][];
  meta: string[];
} {
  const options: string[] = [];
  const operations: string[][] = [];
  const meta: string[] = [];
  let part: 'options' | 'op' | 'meta' = 'options';
  for (const word of words) {
    if (word === 'op') {
      part = 'op';
      operations.push([]);
    } else if (word === 'meta') part = 'meta';
    else if (part === 'op') {
      if (!word.includes('=') && operations.at(-1)!.length > 0) operations.push([word]);
      else operations.at(-1)!.push(word);
    } else if (part === 'meta') {
      if (word.includes('=')) meta.push(word);
    } else options.push(word);
  }
  return { options, operations, meta };
}

/** The agent of a primitive; one that is missing is a warning under `--force` and null then. */
export async function agentOf(environment: Environment, primitive: Element): Promise<Agent | null> {
  const name = {
    agentClass: primitive.get('class') ?? '',
    provider: primitive.get('provider') ?? null,
    type: primitive.get('type') ?? '',
  };
  const agent = await new AgentShelf(environment).read(name);
  if (typeof agent !== 'string') return agent;
  const full = [name.agentClass, name.provider, name.type].filter((part) => part).join(':');
  const text = `Agent '${full}' is not installed or does not provide valid metadata: ${agent}`;
  environment.stopOn(forceable(text, environment.forced));
  return null;
}

export async function updateResource(environment: Environment, words: string[]): Promise<void> {
  const [id, ...rest] = words;
  if (id === undefined) throw new WrongUsage();
  await warnOfStonith(environment, [id], 'pcs stonith update');
  await update(environment, id, rest);
}

export async function update(environment: Environment, id: string, rest: string[]): Promise<void> {
  if (rest.length === 0) throw new WrongUsage();
  const { options, operations, meta } = splitUpdate(rest);
  const seconds = environment.waitSeconds();
  const demotes = operations.some((operation) =>
    loosePairs(operation).some(([name, value]) => name === 'on-fail' && value === 'demote'),
  );
  if (demotes) await environment.requireSchema('3.4.0');
  const cib = await environment.cib();
  const resource = findResource(cib, id, ['primitive'])?.element;
  if (!resource) {
    const clone = findResource(cib, id, ['clone', 'master'])?.element;
    const child = clone ? innerResource(clone) : undefined;
    if (!clone || !child) environment.fail(`Unable to find resource: ${id}`);
    await updateClone(environment, cib, modernClone(cib, clone), child, rest);
    await environment.push();
    return waitAndTell(environment, seconds, id);
  }
  const changes = loosePairs(options);
  const agent = await agentOf(environment, resource);
  if (agent) {
    const current = firstSetValues(resource, 'instance_attributes');
    const changed = new Map(changes);
    environment.stopOn(...checkChangedAttributes(cib, agent, resource, current, changed, environment.forced));
    if (environment.has('--agent-validation')) {
      await validateByAgent(environment, agent, new Map([...current, ...changed]));
    }
  }
  updateFirstSet(cib, resource, 'instance_attributes', changes);
  refuseGuestChange(environment, readPairs(meta));
  updateFirstSet(cib, resource, 'meta_attributes', loosePairs(meta));
  if (!resource.first('operations')) resource.append(new Element('operations'));
  const container = resource.first('operations')!;
  for (const operation of operations) {
    const [name, ...pairs] = operation;
    if (name === undefined) continue;
    if (name.includes('=')) environment.fail(`${name} does not appear to be a valid operation action`);
    if (pairs.length === 0) continue;
    const role = loosePairs(pairs).find(([option]) => option === 'role')?.[1];
    const wanted = role === undefined ? '' : roleForCib(cib, role);
    const existing = container.elements('op');
    const at = existing.findIndex(
      (other) => other.get('name') === name && roleForCib(cib, other.get('role') ?? '') === wanted,
    );
    const before = at < 0 ? null : (existing[at + 1] ?? null);
    if (at >= 0) container.remove(existing[at]!);
    putOperation(environment, cib, id, operation, false, before);
  }
  await environment.push();
  await waitAndTell(environment, seconds, id);
}

/** Turns a `<master>` of old configurations into a promotable clone. */
export function modernClone(cib: Element, clone: Element): Element {
  if (clone.name !== 'master') return clone;
  clone.name = 'clone';
  updateFirstSet(cib, clone, 'meta_attributes', [['promotable', 'true']]);
  return clone;
}

export function refuseGuestChange(environment: Environment, meta: ReadonlyMap<string, string>): void {
  const node = meta.get('remote-node');
  if (node === undefined) return;
  const text =
    node === ''
      ? "this command is not sufficient for removing a guest node, use 'pcs cluster node remove-guest'"
      : "this command is not sufficient for creating a guest node, use 'pcs cluster node add-guest'";
  environment.report(forceable(text, environment.forced));
  environment.stopOnErrors();
}

export async function setMeta(environment: Environment, words: string[]): Promise<void> {
  const [id] = words;
  if (id === undefined) throw new WrongUsage();
  await warnOfStonith(environment, [id], 'pcs stonith meta');
  await changeMeta(environment, words);
}

export async function changeMeta(environment: Environment, words: readonly string[]): Promise<void> {
  const [id, ...rest] = words;
  if (id === undefined || rest.length === 0) throw new WrongUsage();
  const meta = readPairs(rest);
  refuseGuestChange(environment, meta);
  const cib = await environment.cib();
  const found = findResource(cib, id, ['primitive', 'group', 'clone', 'master', 'bundle'])?.element;
  if (!found || found.name === 'bundle') environment.fail(`unable to find a resource/clone/group: ${id}`);
  const resource = modernClone(cib, found);
  const seconds = environment.waitSeconds();
  const pairs = loosePairs(rest);
  if (resource.name === 'clone') {
    const child = innerResource(resource);
    if (child) await checkCloneChild(environment, child, new Map(pairs));
  }
  updateFirstSet(cib, resource, 'meta_attributes', pairs);
  await environment.push();
  await waitAndTell(environment, seconds, id);
}

/** What must be enabled so that a resource can run. */
function toEnable(cib: Element, resource: Element): Element[] {
  if (resource.name === 'bundle' || isClone(resource)) {
    const inside = innerResource(resource);
    return inside ? [resource, inside] : [resource];
  }
  const parent = parentOf(cib, resource);
  return parent && (isClone(parent) || parent.name === 'bundle') ? [resource, parent] : [resource];
}

function setTargetRole(
  environment: Environment,
  cib: Element,
  resources: readonly Element[],
  value: string,
): void {
  const unmanaged = resources.filter((resource) => isManaged(environment, cib, resource.id) === false);
  environment.report(...unmanaged.map(({ id }) => warning(`'${id}' is unmanaged`)));
  for (const resource of resources) {
    arrangeFirstSet(cib, resource, 'meta_attributes', new Map([['target-role', value]]));
  }
}

export async function enable(environment: Environment, words: string[]): Promise<void> {
  if (words.length === 0) throw new WrongUsage('You must specify resource(s) to enable');
  await warnOfStonith(environment, words, 'pcs stonith enable');
  await enableNamed(environment, words);
}

export async function enableNamed(environment: Environment, words: readonly string[]): Promise<void> {
  await setTargetRoleAndWait(
    environment,
    words,
    (cib, named) => [...new Set(named.flatMap((each) => toEnable(cib, each)))],
    '',
  );
}

/** @param role empty: none */
async function setTargetRoleAndWait(
  environment: Environment,
  words: readonly string[],
  affected: (cib: Element, named: readonly Element[]) => readonly Element[],
  role: '' | 'Stopped',
): Promise<void> {
  const seconds = environment.waitSeconds();
  const cib = await environment.cib();
  const named = resourcesNamed(environment, cib, words);
  setTargetRole(environment, cib, affected(cib, named), role);
  environment.stopOnErrors();
  await environment.push();
  await waitFor(
    environment,
    seconds,
    named.map(({ id }) => id),
    role === 'Stopped' ? 'stopped' : 'running',
  );
}

export async function disable(environment: Environment, words: string[]): Promise<void> {
  if (words.length === 0) throw new WrongUsage('You must specify resource(s) to disable');
  await warnOfStonith(environment, words, 'pcs stonith disable');
  await disableNamed(environment, words);
}

export async function safeDisable(environment: Environment, words: string[]): Promise<void> {
  if (environment.forced) {
    for (const option of ['--no-strict', '--simulate']) {
      if (environment.has(option)) throw new WrongUsage(`'--force' cannot be used with '${option}'`);
    }
    environment.warn(
      "option '--force' is specified therefore checks for disabling resource safely will be skipped",
    );
  }
  if (words.length === 0) throw new WrongUsage('You must specify resource(s) to disable');
  await warnOfStonith(environment, words, 'pcs stonith disable');
  await disableNamed(environment, words, !environment.forced && !environment.has('--simulate'));
}

export async function disableNamed(
  environment: Environment,
  words: readonly string[],
  safe = environment.has('--safe') || environment.has('--no-strict'),
): Promise<void> {
  environment.exclude('-f', '--simulate', '--wait');
  if (environment.has('--simulate') && environment.has('--safe')) {
    throw new WrongUsage("'--simulate' cannot be used with '--safe'");
  }
  if (environment.file !== undefined) {
    if (environment.has('--safe')) throw new WrongUsage("'--safe' cannot be used with '-f'");
    if (environment.has('--no-strict')) throw new WrongUsage("'--no-strict' cannot be used with '-f'");
  }
  if (environment.has('--simulate') || safe) {
    const { effectOfDisabling } = await import('./disable-effect.js');
    const proceed = await effectOfDisabling(environment, words, !safe);
    if (!proceed) return;
  } else if (environment.has('--brief')) {
    throw new WrongUsage("'--brief' cannot be used without '--simulate' or '--safe'");
  }
  await setTargetRoleAndWait(environment, words, (_, named) => named, 'Stopped');
}

/** The resource with what is around and inside of it, as far as its management depends on that. */
function toManage(cib: Element, resource: Element): Element[] {
  const result = new Set([resource]);
  let above = parentOf(cib, resource);
  while (above && above.name !== 'resources') {
    result.add(above);
    above = parentOf(cib, above);
  }
  for (const child of resource.elements()) {
    if (child.name !== 'group' && child.name !== 'primitive') continue;
    result.add(child);
    if (child.name === 'group') for (const member of child.elements('primitive')) result.add(member);
  }
  return [...result];
}

function toUnmanage(resource: Element): Element[] {
  if (resource.name === 'bundle') {
    const inside = innerResource(resource);
    return inside ? [resource, inside] : [resource];
  }
  return primitivesOf(resource);
}

function monitors(primitive: Element): Element[] {
  const operations = primitive.elements('operations').flatMap((container) => container.elements('op'));
  return operations.filter((operation) => operation.get('name') === 'monitor');
}

export async function manage(environment: Environment, words: string[]): Promise<void> {
  if (words.length === 0) throw new WrongUsage('You must specify resource(s) to manage');
  await warnOfStonith(environment, words);
  const cib = await environment.cib();
  const named = resourcesNamed(environment, cib, words);
  for (const resource of new Set(named.flatMap((each) => toManage(cib, each)))) {
    arrangeFirstSet(cib, resource, 'meta_attributes', new Map([['is-managed', '']]));
    if (environment.has('--monitor') && resource.name === 'primitive') {
      for (const monitor of monitors(resource)) monitor.set('enabled', undefined);
    }
  }
  for (const resource of [...named].sort((a, b) => byCodePoint(a.id, b.id))) {
    for (const primitive of primitivesOf(resource)) {
      const all = monitors(primitive);
      const off = (monitor: Element) => parseBoolean(monitor.get('enabled')) === false;
      if (all.length === 0 || !all.every(off)) continue;
      environment.report(
        warning(
          `Resource '${primitive.id}' has no enabled monitor operations. Re-run with '--monitor' to enable them.`,
        ),
      );
    }
  }
  environment.stopOnErrors();
  await environment.push();
}

export async function unmanage(environment: Environment, words: string[]): Promise<void> {
  if (words.length === 0) throw new WrongUsage('You must specify resource(s) to unmanage');
  await warnOfStonith(environment, words);
  const cib = await environment.cib();
  const named = resourcesNamed(environment, cib, words);
  environment.stopOnErrors();
  for (const resource of new Set(named.flatMap(toUnmanage))) {
    arrangeFirstSet(cib, resource, 'meta_attributes', new Map([['is-managed', 'false']]));
    if (!environment.has('--monitor')) continue;
    for (const primitive of primitivesOf(resource)) {
      for (const monitor of monitors(primitive)) monitor.set('enabled', 'false');
    }
  }
  await environment.push();
}

export async function utilization(environment: Environment, words: string[]): Promise<void> {
  const cib = await environment.cib();
  const [id, ...rest] = words;
  if (id === undefined) {
    environment.print('Resource Utilization:');
    const lines = [...resourcePlaces(cib)]
      .filter(({ element }) => element.name === 'primitive' && element.first('utilization')?.first('nvpair'))
      .map(({ element }) => ` ${element.id}: ${firstSetText(element, 'utilization')}`);
    for (const line of lines.sort(byCodePoint)) environment.print(line);
    return;
  }
  await warnOfStonith(environment, [id]);
  const resource = findResource(cib, id, ['primitive'])?.element;
  if (rest.length === 0) {
    if (!resource) environment.fail(`Unable to find a resource: ${id}`);
    environment.print('Resource Utilization:');
    environment.print(` ${id}: ${firstSetText(resource, 'utilization')}`);
    return;
  }
  if (!resource) environment.fail(`Unable to find a resource: ${id}`);
  updateFirstSet(cib, resource, 'utilization', integerPairs(environment, rest));
  await environment.push();
}

/** Utilization attributes, sorted: whole numbers, or nothing. */
export function integerPairs(environment: Environment, words: readonly string[]): [string, string][] {
  const pairs = [...readPairs(words)].sort(([a], [b]) => byCodePoint(a, b));
  for (const [name, value] of pairs) {
    if (value !== '' && !/^\s*[+-]?\d+\s*$/.test(value)) {
      environment.fail(`Value of utilization attribute must be integer: '${name}=${value}'`);
    }
  }
  return pairs;
}
