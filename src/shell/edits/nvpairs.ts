import { Element } from '../../cib/element.js';

/** An attribute set of a resource or node: `instance_attributes`, `meta_attributes`, `utilization`. */
export type SetKind = 'instance_attributes' | 'meta_attributes' | 'utilization';

/** The nvpairs of that name in the element's own sets of that kind, with their sets. */
export function findPairs(owner: Element, kind: SetKind, name: string): { set: Element; pair: Element }[] {
  const found: { set: Element; pair: Element }[] = [];
  for (const set of owner.elements(kind)) {
    for (const pair of set.elements('nvpair')) if (pair.get('name') === name) found.push({ set, pair });
  }
  return found;
}

/** The attribute's value in the first set that has it. */
export function pairValue(owner: Element, kind: SetKind, name: string): string | undefined {
  return findPairs(owner, kind, name)[0]?.pair.get('value');
}

/** An nvpair at the end of a set; its id is the set's and its name. */
export function appendPair(set: Element, name: string, value: string): Element {
  return set.append(new Element('nvpair', { id: `${set.id}-${name}`, name, value }));
}

/** A set of that kind with that id, made at the end of the element where it has none. */
export function ensureSet(owner: Element, kind: SetKind, id: string): Element {
  for (const set of owner.elements(kind)) if (set.id === id) return set;
  return owner.append(new Element(kind, { id }));
}

/** Removes the attribute from all the element's sets; a set that is empty then goes too. Answers what was removed. */
export function removePairs(owner: Element, kind: SetKind, name: string): Element[] {
  const removed: Element[] = [];
  for (const { set, pair } of findPairs(owner, kind, name)) {
    set.remove(pair);
    removed.push(pair);
    if (set.children.length === 0) owner.remove(set);
  }
  return removed;
}
