import type { Element } from '../cib/element.js';

/** Elements whose id is a reference to something else. */
const REFERENCES: ReadonlySet<string> = new Set(['resource_ref', 'obj_ref', 'child-reference']);
/** Elements that have no id. */
const IDLESS: ReadonlySet<string> = new Set([
  'operations',
  'fencing-topology',
  'network',
  'docker',
  'podman',
  'rkt',
  'storage',
  'select',
  'select_attributes',
  'select_fencing',
  'select_nodes',
  'select_resources',
]);

/** What follows the parent's id in the id of an element. */
const SUFFIX: Readonly<Record<string, string>> = {
  instance_attributes: 'instance_attributes',
  meta_attributes: 'meta_attributes',
  utilization: 'utilization',
  operations: 'ops',
  rule: 'rule',
  expression: 'expression',
  date_expression: 'expression',
  duration: 'duration',
  date_spec: 'date_spec',
  read: 'read',
  write: 'write',
  deny: 'deny',
};

/** Attributes by which an element is recognised in its older version, so that it keeps its id. */
const MATCHED_BY: Readonly<Record<string, readonly string[]>> = {
  node: ['uname'],
  nvpair: ['name'],
  op: ['name', 'interval'],
  rule: ['score', 'score-attribute', 'role'],
  expression: ['attribute', 'operation', 'value'],
  'fencing-level': ['target', 'devices'],
  alert: ['path'],
  recipient: ['value'],
};

/** The first word of the ids of elements that have no id themselves. */
const ROOT_PREFIX: Readonly<Record<string, string>> = { 'fencing-topology': 'fencing' };

/** Ids that `id` attributes of this subtree occupy, references apart. */
export function* ownIds(element: Element): Generator<string> {
  for (const each of element.descendants()) {
    const id = each.get('id');
    if (id !== undefined && id !== '' && !REFERENCES.has(each.name)) yield id;
  }
}

const FREE_ID_TRIES = 99;

/** A new id for an element: made from its parent's and what it is, with a number where that is taken. */
export function makeId(element: Element, parentId: string, used: ReadonlySet<string>): string {
  const prefix = /^\d+$/.test(parentId) && element.name !== 'node' ? `num-${parentId}` : parentId;
  let id = prefix;
  if (element.name === 'nvpair') id = `${prefix}-${element.get('name')}`;
  else if (element.name === 'op') {
    const interval = element.get('interval');
    id = `${prefix}-${element.get('name')}${interval ? `-${interval}` : ''}`;
  } else if (SUFFIX[element.name] !== undefined) id = `${prefix}-${SUFFIX[element.name]}`;
  for (let n = 0; used.has(id) && n < FREE_ID_TRIES; n++) if (!used.has(`${id}-${n}`)) return `${id}-${n}`;
  return id;
}

/** The child of `old` that `element` is a newer version of; each is found once. */
function olderVersion(
  element: Element,
  old: Element | undefined,
  taken: ReadonlySet<Element>,
): Element | undefined {
  if (!old) return undefined;
  const names = MATCHED_BY[element.name] ?? [];
  const id = element.get('id');
  return old
    .elements(element.name)
    .find(
      (candidate) =>
        !taken.has(candidate) &&
        names.every((name) => element.get(name) === candidate.get(name)) &&
        (!id || candidate.get('id') === id),
    );
}

/**
 * Gives ids to the elements of a built subtree: those of the older version where an element is recognised in it, new
 * ones otherwise. Every id in the subtree is added to `used`.
 */
export function identify(root: Element, old: Element | undefined, used: Set<string>): void {
  const taken = new Set<Element>();
  const visit = (element: Element, older: Element | undefined, prefix: string): void => {
    const same = olderVersion(element, older, taken);
    if (!REFERENCES.has(element.name) && element.get('id-ref') === undefined && !IDLESS.has(element.name)) {
      const oldId = same?.get('id');
      const id = element.get('id') || oldId || element.get('uname') || makeId(element, prefix, used);
      used.add(id);
      element.set('id', id);
      if (same && oldId === id) taken.add(same);
    }
    const below = (element.name === 'node' && element.get('uname')) || element.get('id') || prefix;
    for (const child of element.elements()) visit(child, same ?? older, below);
  };
  visit(root, old, ROOT_PREFIX[root.name] ?? '');
}
