import { readPairs } from '../../grammar/pcs/arguments.js';
import { WrongUsage } from '../../grammar/pcs/mistake.js';
import { Element } from '../cib/element.js';
import { type Environment, sectionOf } from './environment.js';
import { error } from './refusal.js';
import { integerPairs } from './resource-change.js';
import { firstSetValues, idBelow, sortedByName, uniqueId, updateSet } from './tree.js';
import { byCodePoint } from './words.js';

/** `pcs node attribute|utilization|standby|maintenance`. */

function nodesOf(cib: Element): Element[] {
  return sectionOf(cib, 'nodes').elements('node');
}

function nodeNamed(cib: Element, name: string): Element | undefined {
  return nodesOf(cib).find((node) => node.get('uname') === name);
}

/** As crm_attribute: where the attribute stands already, else in the set `nodes-ID`. */
export async function setAttributes(
  environment: Environment,
  name: string,
  words: readonly string[],
): Promise<void> {
  const pairs = readPairs(words);
  for (const [attribute, value] of pairs) {
    const cib = await environment.cib();
    const node = nodeNamed(cib, name);
    const mapping = `crm_attribute: Could not map name=${name} to a UUID`;
    const sets = node?.elements('instance_attributes') ?? [];
    const found = sets
      .flatMap((set) => set.elements('nvpair').map((pair) => ({ set, pair })))
      .find(({ pair }) => pair.get('name') === attribute);
    if (value === '') {
      if (!found && !environment.forced)
        environment.fail(`attribute: '${attribute}' doesn't exist for node: '${name}'`);
      found?.set.remove(found.pair);
    } else if (!node) environment.fail(`unable to set attribute ${attribute}\n${mapping}\n`);
    else if (found) found.pair.set('value', value);
    else {
      const id = `nodes-${node.id}`;
      const set =
        sets.find((each) => each.id === id) ?? node.append(new Element('instance_attributes', { id }));
      const pair = new Element('nvpair', { id: `${id}-${attribute}`, name: attribute, value });
      set.append(pair);
    }
    await environment.push();
  }
}

export async function attribute(environment: Environment, words: string[]): Promise<void> {
  const [name, ...rest] = words;
  const filter = environment.value('--name');
  if (filter !== undefined && rest.length > 0) throw new WrongUsage();
  if (rest.length > 0) return setAttributes(environment, name!, rest);
  const cib = await environment.cib();
  environment.print('Node Attributes:');
  const lines = nodesOf(cib)
    .filter((node) => name === undefined || node.get('uname') === name)
    .map((node) => attributeLine(node, 'instance_attributes', filter))
    .filter((line) => line !== null);
  for (const line of lines.sort(byCodePoint)) environment.print(line);
}

function attributeLine(
  node: Element,
  set: 'instance_attributes' | 'utilization',
  filter: string | undefined,
): string | null {
  const values = sortedByName(firstSetValues(node, set)).filter(
    ([name]) => filter === undefined || name === filter,
  );
  if (values.length === 0) return null;
  return ` ${node.get('uname')}: ${values.map(([name, value]) => `${name}=${value}`).join(' ')}`;
}

export async function utilization(environment: Environment, words: string[]): Promise<void> {
  const [name, ...rest] = words;
  const filter = environment.value('--name');
  if (filter !== undefined && rest.length > 0) throw new WrongUsage();
  const cib = await environment.cib();
  const node = name === undefined ? undefined : nodeNamed(cib, name);
  if (name !== undefined && !node) environment.fail(`Unable to find a node: ${name}`);
  if (node && rest.length > 0) {
    const pairs = integerPairs(environment, rest);
    const existing = node.first('utilization');
    if (!existing && pairs.every(([, value]) => value === '')) return environment.push();
    const set =
      existing ??
      node.append(new Element('utilization', { id: uniqueId(cib, `nodes-${node.id}-utilization`) }));
    updateSet(cib, set, pairs);
    return environment.push();
  }
  environment.print('Node Utilization:');
  const lines = (node ? [node] : nodesOf(cib))
    .map((each) => attributeLine(each, 'utilization', filter))
    .filter((line) => line !== null);
  for (const line of lines.sort(byCodePoint)) environment.print(line);
}

/** Switches an attribute on, or takes it away, on the nodes named, all of them or this one. */
export const nodeSwitch =
  (name: 'standby' | 'maintenance', on: boolean) => async (environment: Environment, words: string[]) => {
    const all = environment.has('--all');
    if (all && words.length > 0) throw new WrongUsage('cannot specify both --all and a list of nodes.');
    const seconds = environment.waitSeconds();
    const cib = await environment.cib();
    const known = nodesOf(cib).map((node) => node.get('uname') ?? node.id);
    let chosen: readonly string[] = words;
    if (all) chosen = known;
    else if (words.length === 0) {
      if (environment.file !== undefined) environment.fail('Node(s) must be specified if -f is used');
      chosen = [await localNode(environment)];
    }
    environment.stopOn(
      ...chosen
        .filter((node) => !known.includes(node))
        .map((node) => error(`Node '${node}' does not appear to exist in configuration`)),
    );
    for (const each of chosen) {
      const node = nodeNamed(cib, each)!;
      const existing = node.first('instance_attributes');
      const set = existing ?? new Element('instance_attributes', { id: uniqueId(cib, `nodes-${node.id}`) });
      const pair = set.elements('nvpair').find((candidate) => candidate.get('name') === name);
      if (!on) {
        if (pair) set.remove(pair);
      } else if (pair) pair.set('value', 'on');
      else {
        if (!existing) node.append(set);
        set.append(new Element('nvpair', { id: idBelow(cib, set, name), name, value: 'on' }));
      }
    }
    await environment.push();
    await environment.waitForCluster(seconds);
  };

/** The name of the node that pcs talks to. */
export async function localNode(environment: Environment): Promise<string> {
  const connection = await environment.connection();
  const state = await connection.state();
  if (!state.ok) environment.fail(state.error.message);
  return state.value.localNode;
}
