import { isTrue } from './boolean.js';
import type { CivilTime } from './civil-time.js';
import type { Element, Node } from './element.js';
import { collectNvpairs } from './rule.js';
import { XPathDocument, XPathError } from './xpath.js';

/** What a permission allows or forbids. */
export type Access = 'read' | 'write' | 'deny';

/** Who wants to read or write. */
export interface Subject {
  readonly user: string;
  /** Groups that the user is in, for `acl_group`. */
  readonly groups: readonly string[];
}

export interface Permission {
  readonly access: Access;
  readonly xpath: string;
}

/** `root` and the cluster's own user may do anything. */
const PRIVILEGED: ReadonlySet<string> = new Set(['', 'root', 'hacluster']);

/** Whether the CIB's ACLs are to be asked about this user: they are switched on and the user is an ordinary one. */
export function aclsApply(cib: Element, user: string | undefined, now: CivilTime): boolean {
  if (user === undefined || PRIVILEGED.has(user)) return false;
  const configuration = cib.at('configuration', 'crm_config');
  if (!configuration) return false;
  const options = collectNvpairs(configuration, 'cluster_property_set', cib, { now }, undefined, {
    alwaysFirst: 'cib-bootstrap-options',
    overwrite: true,
  });
  return isTrue(options.get('enable-acl'));
}

/** The permissions that the CIB gives a user, in the order in which they are written. */
export function permissionsOf(cib: Element, subject: Subject): Permission[] {
  const acls = cib.at('configuration', 'acls') ?? cib.first('acls');
  const found: Permission[] = [];
  for (const entry of acls?.elements() ?? []) {
    const name = entry.get('name') ?? entry.get('id');
    if (name === undefined) continue;
    const concerned =
      entry.name === 'acl_target' || entry.name === 'acl_user'
        ? name === subject.user
        : entry.name === 'acl_group' && subject.groups.includes(name);
    if (concerned) gather(acls!, entry, found, new Set());
  }
  return found;
}

function gather(acls: Element, entry: Element, into: Permission[], open: Set<Element>): void {
  if (open.has(entry)) return;
  open.add(entry);
  for (const child of entry.elements()) {
    const kind = child.name === 'acl_permission' ? (child.get('kind') ?? '') : child.name;
    if (kind === 'role' || kind === 'role_ref') {
      const role = acls.elements('acl_role').find((candidate) => candidate.get('id') === child.get('id'));
      if (role && child.get('id') !== undefined) gather(acls, role, into, open);
    } else if (kind === 'read' || kind === 'write' || kind === 'deny') {
      const xpath = permissionPath(child);
      if (xpath !== undefined) into.push({ access: kind, xpath });
    }
  }
  open.delete(entry);
}

function permissionPath(permission: Element): string | undefined {
  const xpath = permission.get('xpath');
  if (xpath !== undefined) return xpath;
  const type = permission.get('object-type') ?? permission.get('tag');
  const reference = permission.get('reference') ?? permission.get('ref');
  const attribute = permission.get('attribute');
  if (type === undefined && reference === undefined) return undefined;
  const conditions = [
    ...(reference === undefined ? [] : [`@id='${reference}'`]),
    ...(attribute === undefined ? [] : [`@${attribute}`]),
  ];
  return `//${type ?? '*'}${conditions.length > 0 ? `[${conditions.join(' and ')}]` : ''}`;
}

/** Which permissions speak of an element itself; those of its ancestors count as well, but are not in here. */
interface Marks {
  read?: boolean;
  write?: boolean;
  deny?: boolean;
}

type Marked = Map<Element, Marks>;

/** An XPath that cannot be read matches nothing. */
function matches(root: Element, xpath: string): Element[] {
  try {
    return new XPathDocument(root)
      .select(xpath)
      .flatMap((node) => (node.kind === 'element' ? [node.element!] : []));
  } catch (error) {
    if (error instanceof XPathError) return [];
    throw error;
  }
}

function mark(root: Element, permissions: readonly Permission[], marked: Marked = new Map()): Marked {
  for (const { access, xpath } of permissions) {
    for (const element of matches(root, xpath)) {
      const marks = marked.get(element) ?? {};
      marks[access] = true;
      marked.set(element, marks);
    }
  }
  return marked;
}

/**
 * What a user may see of a CIB: elements that are not readable lose all attributes but the id, and vanish where
 * nothing below them is readable.
 *
 * @returns undefined where nothing at all is readable
 */
export function readable(cib: Element, permissions: readonly Permission[]): Element | undefined {
  if (permissions.length === 0) return undefined;
  const copy = cib.clone();
  const marked = mark(copy, permissions);
  for (const { access, xpath } of permissions) {
    if (access !== 'deny') continue;
    for (const element of matches(copy, xpath)) {
      const parent = parentOf(copy, element);
      if (element !== copy && !parent) continue;
      if (purge(element, marked)) continue;
      if (!parent) return undefined;
      parent.remove(element);
    }
  }
  return purge(copy, marked) ? copy : undefined;
}

function parentOf(root: Element, wanted: Element): Element | undefined {
  for (const element of root.descendants()) if (element.children.includes(wanted)) return element;
  return undefined;
}

/** Strips an element of what is not readable; false where nothing is left. */
function purge(element: Element, marked: Marked): boolean {
  const marks = marked.get(element);
  if (marks && !marks.deny && (marks.read || marks.write)) return true;
  const id = element.get('id');
  element.attributes = new Map(id === undefined ? [] : [['id', id]]);
  element.children = element.children.filter((child) => child.kind === 'element' && purge(child, marked));
  return element.children.length > 0;
}

/**
 * Whether a user may change one CIB into another. Needed is write access to every element that is removed, or
 * whose attributes change, or that is made with more than an id; the nearest element upwards of which a
 * `write` or `deny` speaks decides. Changes of order need none.
 *
 * @param permissions as they are in `before`
 * @param wholesale the document was replaced: permissions are looked for in what it becomes, not in what it was
 */
export function mayChange(
  before: Element,
  after: Element,
  permissions: readonly Permission[],
  wholesale: boolean,
): boolean {
  const old = mark(before, permissions);
  const target = mark(after, permissions);
  const writable = (marksOf: readonly (Marks | undefined)[]): boolean => {
    for (const marks of marksOf) {
      if (marks?.deny) return false;
      if (marks?.write) return true;
    }
    return false;
  };
  const compare = (was: Element, is: Element, above: (Marks | undefined)[], path: string): boolean => {
    const own = wholesale ? target.get(is) : old.get(was);
    const chain = [own, ...above];
    const changed =
      was.attributes.size !== is.attributes.size ||
      [...was.attributes].some(([name, value]) => is.attributes.get(name) !== value);
    if (changed && !writable(chain)) return false;
    for (const child of was.children) {
      if (child.kind === 'text' || counterpart(is, child)) continue;
      const marks = child.kind === 'element' ? old.get(child) : undefined;
      if (!writable([marks, ...chain])) return false;
    }
    for (const child of is.children) {
      const same = counterpart(was, child);
      if (child.kind !== 'element') {
        if (child.kind === 'comment' && !same && !writable(chain)) return false;
      } else if (same) {
        if (!compare(same as Element, child, chain, `${path}/${child.name}`)) return false;
      } else if (!mayCreate(child, withLater(chain, own, target.get(is)), `${path}/${child.name}`)) {
        return false;
      }
    }
    return true;
  };
  /** What is created is judged when all is done: permissions that match only then count too. */
  const withLater = (chain: (Marks | undefined)[], own: Marks | undefined, later: Marks | undefined) => [
    { ...own, ...later },
    ...chain.slice(1),
  ];
  const mayCreate = (element: Element, above: (Marks | undefined)[], path: string): boolean => {
    const chain = [target.get(element), ...above];
    const scaffolding =
      [...element.attributes.keys()].every((name) => name === 'id') && !path.includes('/acls/');
    if (!scaffolding && !writable(chain)) return false;
    return element.elements().every((child) => mayCreate(child, chain, `${path}/${child.name}`));
  };
  return permissions.length === 0
    ? sameDocument(before, after)
    : compare(before, after, [], `/${after.name}`);
}

function counterpart(parent: Element, child: Node): Node | undefined {
  return parent.children.find((candidate) => {
    if (child.kind !== 'element') return candidate.kind === child.kind && candidate.text === child.text;
    return (
      candidate.kind === 'element' &&
      candidate.name === child.name &&
      (!child.attributes.has('id') || candidate.get('id') === child.get('id'))
    );
  });
}

function sameDocument(before: Element, after: Element): boolean {
  return (
    before.attributes.size === after.attributes.size &&
    [...before.attributes].every(([name, value]) => after.get(name) === value) &&
    before.children.length === after.children.length &&
    before.children.every((child, index) => {
      const other = after.children[index]!;
      if (child.kind !== 'element' || other.kind !== 'element') {
        return child.kind !== 'element' && other.kind !== 'element' && child.text === other.text;
      }
      return child.name === other.name && sameDocument(child, other);
    })
  );
}

/** What a user may do with each element of a CIB, itself or by what its ancestors allow. */
export function accessOf(cib: Element, permissions: readonly Permission[]): Map<Element, Access> {
  const marked = mark(cib, permissions);
  const found = new Map<Element, Access>();
  const visit = (element: Element, above: readonly (Marks | undefined)[]) => {
    const chain = [marked.get(element), ...above];
    const decided = (allows: (marks: Marks) => boolean) => {
      for (const marks of chain) {
        if (marks?.deny) return false;
        if (marks && allows(marks)) return true;
      }
      return false;
    };
    const readable = decided((marks) => Boolean(marks.read || marks.write));
    const writable = decided((marks) => Boolean(marks.write));
    found.set(element, !readable ? 'deny' : writable ? 'write' : 'read');
    for (const child of element.elements()) visit(child, chain);
  };
  visit(cib, []);
  return found;
}
