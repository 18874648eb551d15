import type { Element } from '../cib/element.js';

/** Attributes of a simple constraint that name resources. */
const RESOURCE_ATTRIBUTES = ['rsc', 'with-rsc', 'first', 'then'];

function setMembers(constraint: Element): { set: Element; member: Element }[] {
  return constraint
    .elements('resource_set')
    .flatMap((set) => set.elements('resource_ref').map((member) => ({ set, member })));
}

/** Ids of the resources that a constraint names, with repetitions. */
export function constrainedResources(constraint: Element): string[] {
  const members = setMembers(constraint).map(({ member }) => member.id);
  if (members.length > 0 && constraint.get('rsc') === undefined) return members;
  const named = RESOURCE_ATTRIBUTES.flatMap((name) => constraint.get(name) ?? []);
  return [...named, ...members];
}

export function constrains(constraint: Element, id: string): boolean {
  return constrainedResources(constraint).includes(id);
}

export function hasSets(constraint: Element): boolean {
  return setMembers(constraint).length > 0;
}

export interface ReferenceChange {
  /** The constraint names other resources than before. */
  readonly modified: boolean;
  /** So few resources are left in sets that a simple constraint says the same. */
  readonly simple: boolean;
}

/** Makes the constraint name `to` instead of `from`; a resource named twice in sets then stands there once. */
export function renameResource(constraint: Element, from: string, to: string): ReferenceChange {
  let modified = false;
  for (const name of RESOURCE_ATTRIBUTES) {
    if (constraint.get(name) !== from) continue;
    constraint.set(name, to);
    modified = true;
  }
  if (modified) return { modified, simple: false };
  const members = setMembers(constraint);
  const counts = new Map<string, number>();
  for (const { member } of members) {
    if (member.id === from) {
      member.set('id', to);
      modified = true;
    }
    counts.set(member.id, (counts.get(member.id) ?? 0) + 1);
  }
  for (const { set, member } of members) {
    const count = counts.get(member.id)!;
    if (count <= 1) continue;
    set.remove(member);
    counts.set(member.id, count - 1);
  }
  const left = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return { modified, simple: left === 2 };
}

/** Takes a resource out of the constraint; sets that become empty go. */
export function dropResource(constraint: Element, id: string): ReferenceChange {
  let modified = false;
  for (const name of RESOURCE_ATTRIBUTES) {
    if (constraint.get(name) !== id) continue;
    constraint.set(name, undefined);
    modified = true;
  }
  if (modified) return { modified, simple: false };
  for (const { set, member } of setMembers(constraint)) {
    if (member.id !== id) continue;
    set.remove(member);
    modified = true;
  }
  let left = 0;
  let parallel = false;
  for (const set of constraint.elements('resource_set')) {
    const count = set.elements('resource_ref').length;
    if (count === 0) {
      constraint.remove(set);
      modified = true;
    } else if (count > 1 && /^(n|no|false|off|0)$/i.test(set.get('sequential') ?? '')) parallel = true;
    left += count;
  }
  return { modified, simple: !parallel && left === 2 };
}

/** A constraint that constrains nothing: between a resource and itself, or with a side missing. */
export function isVoid(constraint: Element, id: string): boolean {
  const single = constraint.name === 'rsc_location' || constraint.name === 'rsc_ticket';
  const members = setMembers(constraint).length;
  if (members > 0) return single ? members < 1 : members <= 1;
  const named = RESOURCE_ATTRIBUTES.flatMap((name) => constraint.get(name) ?? []);
  if (single) return named.length < 1;
  return named.filter((one) => one === id).length === 2 || named.length < 2;
}

/** Whether a tag, a fencing level, a permission or a user of a template names an id; constraints are not looked at. */
export function refersTo(element: Element, id: string): boolean {
  return (
    element.get('template') === id ||
    [...element.descendants()].some(
      (one) =>
        (one.name === 'obj_ref' && one.id === id) ||
        (one.name === 'acl_permission' && one.get('reference') === id) ||
        (one.name === 'fencing-level' && (one.get('devices') ?? '').split(',').includes(id)),
    )
  );
}
