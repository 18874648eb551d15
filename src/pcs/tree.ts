import { isTrue } from '../cib/boolean.js';
import { Element } from '../cib/element.js';
import { compareVersions } from '../cib/version.js';
import { byCodePoint, kindNames } from './words.js';

/** Finding and naming things in the configuration, as pcs does. */

export const RESOURCE_TAGS: readonly string[] = ['primitive', 'group', 'clone', 'master', 'bundle'];
const NO_IDS: ReadonlySet<string> = new Set(['acl_target', 'role', 'obj_ref', 'resource_ref']);

/** All elements of the configuration; the status section has ids of its own. */
export function* configurationElements(cib: Element): Generator<Element> {
  for (const section of cib.elements()) if (section.name !== 'status') yield* section.descendants();
}

/** Elements whose id that is; the name of a guest node counts as the id of its resource. */
export function elementsWithId(cib: Element, id: string): Element[] {
  const found: Element[] = [];
  for (const element of configurationElements(cib)) {
    if (!NO_IDS.has(element.name) && element.attributes.get('id') === id) found.push(element);
    else if (element.name === 'primitive' && nvpairValue(element, 'meta_attributes', 'remote-node') === id) {
      found.push(element);
    }
  }
  return found;
}

export function idExists(cib: Element, id: string): boolean {
  return elementsWithId(cib, id).length > 0;
}

/** `wanted`, or that with `-1`, `-2`, ... behind it where it is taken. */
export function uniqueId(cib: Element, wanted: string, taken?: ReadonlySet<string>): string {
  let id = wanted;
  for (let number = 1; taken?.has(id) || idExists(cib, id); number++) id = `${wanted}-${number}`;
  return id;
}

const FIRST =
  /[A-Za-z_\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\u{10000}-\u{effff}]/u;
const REST =
  /[A-Za-z_\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\u{10000}-\u{effff}\-.0-9\u00b7\u203f-\u2040]|[\u0300-\u036f]/u;

/** What is wrong with a text as an id (an NCName of XML); one entry a bad character. */
export function idMistakes(id: string, description = 'id'): string[] {
  if (id === '') return [`${description} cannot be empty`];
  const mistakes: string[] = [];
  const [first = '', ...rest] = [...id];
  const wrong = (character: string, place: string) =>
    `invalid ${description} '${id}', '${character}' is not a valid ${place}character for a ${description}`;
  if (!FIRST.test(first)) mistakes.push(wrong(first, 'first '));
  for (const character of rest) if (!REST.test(character)) mistakes.push(wrong(character, ''));
  return mistakes;
}

/** The text without what may not stand in an id. */
export function toId(text: string): string {
  return [...text].filter((character, index) => (index === 0 ? FIRST : REST).test(character)).join('');
}

/** A free id below an element: `ID-SUFFIX`. */
export function idBelow(cib: Element, owner: Element, suffix: string): string {
  return uniqueId(cib, toId(`${owner.attributes.get('id') ?? owner.name}-${suffix}`));
}

/** An element and its parents, innermost first. */
export interface Place {
  readonly element: Element;
  readonly parents: readonly Element[];
}

/** Every element below a root with its parents, in document order. */
export function* places(root: Element, parents: readonly Element[] = []): Generator<Place> {
  for (const child of root.elements()) {
    yield { element: child, parents: [root, ...parents] };
    yield* places(child, [root, ...parents]);
  }
}

export function parentOf(root: Element, element: Element): Element | undefined {
  for (const candidate of root.descendants()) if (candidate.children.includes(element)) return candidate;
  return undefined;
}

/** Takes an element out of the document. */
export function detach(root: Element, element: Element): void {
  parentOf(root, element)?.remove(element);
}

export function resourcesOf(cib: Element): Element {
  return cib.at('configuration', 'resources') ?? cib.ensure('configuration').ensure('resources');
}

/** Resources of any kind, in document order. */
export function* resourcePlaces(cib: Element): Generator<Place> {
  for (const place of places(resourcesOf(cib))) if (RESOURCE_TAGS.includes(place.element.name)) yield place;
}

export function findResource(
  cib: Element,
  id: string,
  tags: readonly string[] = RESOURCE_TAGS,
): Place | undefined {
  for (const place of resourcePlaces(cib)) {
    if (place.element.id === id && tags.includes(place.element.name)) return place;
  }
  return undefined;
}

export function isStonith(element: Element): boolean {
  return element.name === 'primitive' && element.get('class') === 'stonith';
}

export function isClone(element: Element): boolean {
  return element.name === 'clone' || element.name === 'master';
}

/** The resource that a clone or a bundle holds. */
export function innerResource(element: Element): Element | undefined {
  return element.elements().find(({ name }) => name === 'primitive' || name === 'group');
}

/** The primitives in a resource, itself where it is one. */
export function primitivesOf(element: Element): Element[] {
  if (element.name === 'primitive') return [element];
  return element
    .elements()
    .filter(({ name }) => RESOURCE_TAGS.includes(name))
    .flatMap(primitivesOf);
}

export type SetName = 'instance_attributes' | 'meta_attributes' | 'utilization' | 'cluster_property_set';

/** The first value that is not empty. */
export function nvpairValue(owner: Element, set: SetName, name: string): string | undefined {
  for (const element of owner.elements(set)) {
    for (const pair of element.elements('nvpair')) {
      if (pair.get('name') === name && (pair.get('value') ?? '') !== '') return pair.get('value');
    }
  }
  return undefined;
}

/** Values of the element's first set of that kind. */
export function firstSetValues(owner: Element, set: SetName): Map<string, string> {
  const values = new Map<string, string>();
  for (const pair of owner.first(set)?.elements('nvpair') ?? []) {
    values.set(pair.get('name') ?? '', pair.get('value') ?? '');
  }
  return values;
}

/** Sets, changes and (by empty values) removes pairs of a set, in the order given. An empty set stays. */
export function updateSet(cib: Element, set: Element, pairs: Iterable<readonly [string, string]>): void {
  for (const [name, value] of pairs) {
    const [found] = set.elements('nvpair').filter((pair) => pair.get('name') === name);
    if (found && value === '') set.remove(found);
    else if (found) found.set('value', value);
    else if (value !== '') set.append(new Element('nvpair', { id: idBelow(cib, set, name), name, value }));
  }
}

/** As `updateSet`, for sets of the cluster's own: of a name that is there more than once one is left, and long names make no long ids. */
export function putPairs(cib: Element, set: Element, pairs: ReadonlyMap<string, string>): void {
  for (const [name, value] of pairs) {
    const [first, ...more] = set.elements('nvpair').filter((pair) => pair.get('name') === name);
    for (const pair of more) set.remove(pair);
    if (first && value === '') set.remove(first);
    else if (first) first.set('value', value);
    else if (value !== '') {
      set.append(new Element('nvpair', { id: idBelow(cib, set, name.slice(0, 20)), name, value }));
    }
  }
}

/** A new set at the end of an element, its pairs sorted; none where there are no pairs. */
export function appendSet(
  cib: Element,
  owner: Element,
  name: SetName,
  pairs: ReadonlyMap<string, string>,
  always = false,
): void {
  if (pairs.size === 0 && !always) return;
  const set = new Element(name, { id: idBelow(cib, owner, name) });
  owner.append(set);
  // Only in a set that is there already an empty value removes something.
  for (const [key, value] of sortedByName(pairs)) {
    set.append(new Element('nvpair', { id: idBelow(cib, set, key), name: key, value }));
  }
}

/** As `updateSet` for the first set of that kind; a missing one is made at the end, unless all values remove. */
export function updateFirstSet(
  cib: Element,
  owner: Element,
  name: SetName,
  pairs: readonly (readonly [string, string])[],
): void {
  if (pairs.length === 0) return;
  let set = owner.first(name);
  if (!set) {
    if (pairs.every(([, value]) => value === '')) return;
    set = owner.append(new Element(name, { id: uniqueId(cib, `${owner.id}-${name}`) }));
  }
  updateSet(cib, set, pairs);
}

/**
 * As `updateFirstSet`, but with the pairs sorted and a missing set made before everything else.
 * A set that would be empty is not made.
 */
export function arrangeFirstSet(
  cib: Element,
  owner: Element,
  name: SetName,
  pairs: ReadonlyMap<string, string>,
): void {
  if (pairs.size === 0) return;
  const existing = owner.first(name);
  const set = existing ?? new Element(name, { id: idBelow(cib, owner, name) });
  updateSet(cib, set, sortedByName(pairs));
  if (!existing && set.children.length > 0) owner.children.unshift(set);
}

export function sortedByName(pairs: ReadonlyMap<string, string>): [string, string][] {
  return [...pairs].sort(([a], [b]) => byCodePoint(a, b));
}

/** Whether the CIB's schema is at least that version. */
export function schemaAtLeast(cib: Element, version: string): boolean {
  const named = /^pacemaker-(.+)$/.exec(cib.get('validate-with') ?? '')?.[1];
  return named !== undefined && compareVersions(named, version) >= 0;
}

/** The schema that knows the roles Promoted and Unpromoted. */
export function knowsNewRoles(cib: Element): boolean {
  return schemaAtLeast(cib, '3.7');
}

const NEW_ROLES: Readonly<Record<string, string>> = { Master: 'Promoted', Slave: 'Unpromoted' };
const OLD_ROLES: Readonly<Record<string, string>> = { Promoted: 'Master', Unpromoted: 'Slave' };

export const ROLES: readonly string[] = ['Stopped', 'Started', 'Master', 'Promoted', 'Slave', 'Unpromoted'];

/** The role as the CIB's schema has it. */
export function roleForCib(cib: Element, role: string): string {
  return (knowsNewRoles(cib) ? NEW_ROLES : OLD_ROLES)[role] ?? role;
}

/** The role by its name of today. */
export function roleOfToday(role: string): string {
  return NEW_ROLES[role] ?? role;
}

export function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1).toLowerCase();
}

export function isScore(text: string): boolean {
  return /^[+-]?(INFINITY|\d+)$/.test(text);
}

/** Whether the element has a meta attribute that says yes. */
export function metaIsTrue(element: Element, name: string): boolean {
  return isTrue(nvpairValue(element, 'meta_attributes', name));
}

/** `a=1 b=2` of the element's first set, sorted. */
export function firstSetText(owner: Element, set: SetName): string {
  return sortedByName(firstSetValues(owner, set))
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}

/** Why there is no element of these kinds and that id: another one has it, or none. */
export function absence(cib: Element, id: string, tags: readonly string[], kinds = kindNames): string {
  const [other] = elementsWithId(cib, id);
  return other && !tags.includes(other.name)
    ? `'${id}' is not ${kinds(tags, true)}`
    : `${kinds(tags)} '${id}' does not exist`;
}
