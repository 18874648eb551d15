import { ensureSection } from '../../cib/document.js';
import { Element } from '../../cib/element.js';
import { appendPair, findPairs, removePairs, type SetKind } from './nvpairs.js';

/** The `node` entry with that name (or id). */
export function findNode(cib: Element, name: string): Element | undefined {
  const nodes = cib.at('configuration', 'nodes')?.elements('node') ?? [];
  return nodes.find((node) => node.get('uname') === name) ?? nodes.find((node) => node.id === name);
}

/** Names of all nodes of the configuration. */
export function nodeNames(cib: Element): string[] {
  const nodes = cib.at('configuration', 'nodes')?.elements('node') ?? [];
  return nodes.map((node) => node.get('uname') ?? node.id);
}

/** The node's state in the status section. */
export function findNodeState(cib: Element, name: string): Element | undefined {
  return cib
    .first('status')
    ?.elements('node_state')
    .find((state) => state.get('uname') === name || state.id === name);
}

/**
 * Sets a permanent attribute as `crm_attribute -t nodes` does: where it stands already, else in the set
 * `nodes-NODEID`, which is made when missing.
 */
export function setNodeAttribute(
  node: Element,
  kind: Exclude<SetKind, 'meta_attributes'>,
  name: string,
  value: string,
): void {
  const [found] = findPairs(node, kind, name);
  if (found) {
    found.pair.set('value', value);
    return;
  }
  const id = kind === 'utilization' ? `nodes-${node.id}-utilization` : `nodes-${node.id}`;
  const set = node.elements(kind).find((candidate) => candidate.id === id);
  appendPair(set ?? node.append(new Element(kind, { id })), name, value);
}

/** Puts a node into standby for good, or until it restarts; the other kind of standby goes. */
export function setStandby(cib: Element, name: string, lifetime: 'forever' | 'reboot'): boolean {
  const node = findNode(cib, name);
  if (!node) return false;
  if (lifetime === 'forever') {
    const transient = transientOwner(cib, name);
    if (transient) removePairs(transient, 'instance_attributes', 'standby');
    // An XML id may not begin with a digit (crmsh, idmgmt.new).
    setInFirstSet(node, /^\d+$/.test(node.id) ? `num-${node.id}` : node.id, 'standby', 'on');
    return true;
  }
  const state = findNodeState(cib, name);
  if (!state) return false;
  removePairs(node, 'instance_attributes', 'standby');
  const owner =
    state.first('transient_attributes') ?? state.append(new Element('transient_attributes', { id: node.id }));
  setInFirstSet(owner, `status-${node.id}`, 'standby', 'on');
  return true;
}

/** Takes a node out of standby of either kind. */
export function clearStandby(cib: Element, name: string): boolean {
  const node = findNode(cib, name);
  if (!node) return false;
  for (const owner of [node, transientOwner(cib, name)]) {
    if (!owner) continue;
    for (const { pair } of findPairs(owner, 'instance_attributes', 'standby')) pair.set('value', 'off');
  }
  return true;
}

function transientOwner(cib: Element, name: string): Element | undefined {
  return findNodeState(cib, name)?.first('transient_attributes');
}

function setInFirstSet(owner: Element, prefix: string, name: string, value: string): void {
  const found = findPairs(owner, 'instance_attributes', name);
  for (const { pair } of found) pair.set('value', value);
  if (found.length > 0) return;
  const set =
    owner.first('instance_attributes') ??
    owner.append(new Element('instance_attributes', { id: `${prefix}-instance_attributes` }));
  appendPair(set, name, value);
}

/** Removes the node's entry and its state; answers whether there was one. */
export function deleteNode(cib: Element, name: string): boolean {
  const node = findNode(cib, name);
  if (!node) return false;
  ensureSection(cib, 'nodes').remove(node);
  const state = findNodeState(cib, name);
  if (state) cib.first('status')?.remove(state);
  return true;
}
