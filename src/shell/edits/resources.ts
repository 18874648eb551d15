import { isTrue } from '../../cib/boolean.js';
import { Element } from '../../cib/element.js';
import { appendPair, ensureSet, findPairs, removePairs, type SetKind } from './nvpairs.js';

const KINDS: ReadonlySet<string> = new Set(['primitive', 'group', 'clone', 'master', 'bundle']);

/** A resource and the resources around it, outermost last. */
export interface ResourcePlace {
  readonly element: Element;
  readonly parents: readonly Element[];
}

/** Every resource of the configuration, containers before what is in them. */
export function* resourcePlaces(cib: Element): Generator<ResourcePlace> {
  function* below(element: Element, parents: readonly Element[]): Generator<ResourcePlace> {
    for (const child of element.elements()) {
      if (!KINDS.has(child.name)) continue;
      yield { element: child, parents };
      yield* below(child, [child, ...parents]);
    }
  }
  const resources = cib.at('configuration', 'resources');
  if (resources) yield* below(resources, []);
}

export function findResource(cib: Element, id: string): ResourcePlace | undefined {
  for (const place of resourcePlaces(cib)) if (place.element.id === id) return place;
  return undefined;
}

/** Resources that a word names: an id, a shell pattern (`web*`), or a tag. */
export function resolveResources(cib: Element, word: string): ResourcePlace[] {
  const exact = findResource(cib, word);
  if (exact) return [exact];
  for (const tag of cib.at('configuration', 'tags')?.elements('tag') ?? []) {
    if (tag.id !== word) continue;
    return tag.elements('obj_ref').flatMap((reference) => findResource(cib, reference.id) ?? []);
  }
  if (!/[*?[]/.test(word)) return [];
  const pattern = globPattern(word);
  return [...resourcePlaces(cib)].filter(({ element }) => pattern.test(element.id));
}

/** A shell pattern as a regular expression over a whole word. */
export function globPattern(glob: string): RegExp {
  let source = '';
  for (let at = 0; at < glob.length; at++) {
    const c = glob[at]!;
    if (c === '*') source += '.*';
    else if (c === '?') source += '.';
    else if (c === '[') {
      const close = glob.indexOf(']', at + 2);
      if (close < 0) source += '\\[';
      else {
        const inside = glob
          .slice(at + 1, close)
          .replace(/^!/, '^')
          .replaceAll('\\', '\\\\');
        source += `[${inside}]`;
        at = close;
      }
    } else source += c.replace(/[\\^$.|+(){}\]]/g, '\\$&');
  }
  return new RegExp(`^${source}$`);
}

export function isClone(element: Element): boolean {
  return element.name === 'clone' || element.name === 'master';
}

/** A promotable clone, or a resource inside of one. */
export function isPromotable(place: ResourcePlace): boolean {
  return [place.element, ...place.parents].some(
    (element) =>
      element.name === 'master' ||
      (element.name === 'clone' &&
        findPairs(element, 'meta_attributes', 'promotable').some(({ pair }) => isTrue(pair.get('value')))),
  );
}

/** Where a switch such as target-role belongs: a group's member keeps its own, all else goes to the outermost. */
export function switchOwner(place: ResourcePlace): Element {
  if (place.element.name === 'primitive' && place.parents[0]?.name === 'group') return place.element;
  return place.parents.at(-1) ?? place.element;
}

/** Asked before something of a child or of the resource is removed; the text has no question mark. */
export type Question = (text: string) => Promise<boolean>;

/**
 * Sets a switch (target-role, is-managed, maintenance) of a resource as `crm resource start` and its like do: values
 * of a clone's children go, those of a group's members and contradicting switches when `manageChildren` or the answer
 * says so; every set that has the attribute gets the value, else every meta set (one is made where there is none).
 */
export async function setSwitch(
  place: ResourcePlace,
  name: string,
  value: string,
  manageChildren: string,
  ask: Question,
): Promise<void> {
  const owner = switchOwner(place);
  const contrary = name === 'maintenance' ? 'is-managed' : name === 'is-managed' ? 'maintenance' : null;
  if (isClone(owner)) {
    for (const child of owner.elements()) if (KINDS.has(child.name)) removeBelow(child, name);
  }
  const grouped = owner.name === 'group' || (isClone(owner) && owner.first('group') !== undefined);
  if (grouped && manageChildren !== 'never') {
    const sure = async (text: string) => manageChildren === 'always' || (await ask(text));
    for (const child of [...owner.descendants()].filter((element) => element.name === 'primitive')) {
      if (contrary && findPairs(child, 'meta_attributes', contrary).length > 0) {
        const text = `'${name}' conflicts with '${contrary}' attribute. Remove '${contrary}' for child resource ${child.id}`;
        if (await sure(text)) removePairs(child, 'meta_attributes', contrary);
      }
      if (findPairs(child, 'meta_attributes', name).length > 0) {
        if (await sure(`Do you want to override '${name}' for child resource ${child.id}`)) {
          removePairs(child, 'meta_attributes', name);
        }
      }
    }
  }
  if (contrary && findPairs(owner, 'meta_attributes', contrary).length > 0) {
    const text = `'${name}' conflicts with '${contrary}' attribute. Remove '${contrary}' for resource ${owner.id}`;
    if (await ask(text)) removePairs(owner, 'meta_attributes', contrary);
  }
  const existing = findPairs(owner, 'meta_attributes', name);
  for (const { pair } of existing) pair.set('value', value);
  if (existing.length > 0) return;
  const sets = owner.elements('meta_attributes');
  if (sets.length > 0) for (const set of sets) appendPair(set, name, value);
  else appendPair(insertMetaSet(owner), name, value);
}

/** Removes a switch from a clone's child; members of a cloned group keep theirs (they are asked about). */
function removeBelow(element: Element, name: string): void {
  removePairs(element, 'meta_attributes', name);
  if (element.name === 'group') return;
  for (const child of element.elements()) if (KINDS.has(child.name)) removeBelow(child, name);
}

/** A meta set at the end of a primitive; in a container before the resources in it, as the schema wants it. */
function insertMetaSet(owner: Element): Element {
  const set = new Element('meta_attributes', { id: `${owner.id}-meta_attributes` });
  const at = owner.children.findIndex((child) => child.kind === 'element' && KINDS.has(child.name));
  if (at < 0) owner.children.push(set);
  else owner.children.splice(at, 0, set);
  return set;
}

/** What an attribute command did, as `crm_resource` words it. */
export type AttributeResult =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly message: string };

/**
 * Sets one attribute as `crm_resource --set-parameter` does: where it stands already, else in the set `ID-KIND`,
 * which is made when missing.
 */
export function setAttribute(
  place: ResourcePlace,
  kind: SetKind,
  name: string,
  value: string,
): AttributeResult {
  const { owner, note } = attributeOwner(place, kind, name, 'update');
  const found = findPairs(owner, kind, name);
  if (found.length > 1) return { ok: false, message: severalMatch(name, found) };
  const id = place.element.id;
  const [only] = found;
  if (only) {
    only.pair.set('value', value);
    return { ok: true, text: `${note}Set '${id}' option: id=${only.pair.id} name=${name} value=${value}\n` };
  }
  const setId = `${owner.id}-${kind}`;
  const existing = owner.elements(kind).find((set) => set.id === setId);
  const set = existing ?? (kind === 'meta_attributes' ? insertMetaSet(owner) : ensureSet(owner, kind, setId));
  const pair = appendPair(set, name, value);
  return {
    ok: true,
    text: `${note}Set '${id}' option: id=${pair.id} set=${set.id} name=${name} value=${value}\n`,
  };
}

/** Removes one attribute; the set stays although it may be empty, as `crm_resource --delete-parameter` leaves it. */
export function deleteAttribute(place: ResourcePlace, kind: SetKind, name: string): AttributeResult {
  const { owner, note } = attributeOwner(place, kind, name, 'delete');
  const found = findPairs(owner, kind, name);
  if (found.length > 1) return { ok: false, message: severalMatch(name, found) };
  const [only] = found;
  if (!only) return { ok: true, text: '' };
  only.set.remove(only.pair);
  return { ok: true, text: `${note}Deleted '${place.element.id}' option: id=${only.pair.id} name=${name}\n` };
}

function severalMatch(name: string, found: readonly { set: Element; pair: Element }[]): string {
  const places = found.map(
    ({ set, pair }) => `  Value: ${pair.get('value') ?? ''}\t(id=${pair.id}, set=${set.id})`,
  );
  return [`Multiple attributes match name=${name}`, ...places].join('\n');
}

/** A clone's child hands the attribute on to the clone unless it has it itself; a clone to the child that has it. */
function attributeOwner(
  place: ResourcePlace,
  kind: SetKind,
  name: string,
  verb: 'update' | 'delete',
): { owner: Element; note: string } {
  const { element, parents } = place;
  const parent = parents[0];
  if (parent && isClone(parent) && findPairs(element, kind, name).length === 0) {
    const note = `Performing ${verb} of '${name}' on '${parent.id}', the parent of '${element.id}'\n`;
    return { owner: parent, note };
  }
  if (parent?.name === 'group') {
    const note = `Performing ${verb} of '${name}' for '${element.id}' will not apply to its peers in '${parent.id}'\n`;
    return { owner: element, note: kind === 'utilization' ? '' : note };
  }
  if (isClone(element) && findPairs(element, kind, name).length === 0) {
    const child = element.first('primitive');
    if (child && findPairs(child, kind, name).length > 0) {
      const note =
        `A value for '${name}' already exists in child '${child.id}', ` +
        `performing ${verb} on that instead of '${element.id}'\n`;
      return { owner: child, note };
    }
  }
  return { owner: element, note: '' };
}
