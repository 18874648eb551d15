import type { Element } from '../cib/element.js';

/** Element name → the statement that writes it. */
export const STATEMENT_OF_ELEMENT: Readonly<Record<string, string>> = {
  node: 'node',
  primitive: 'primitive',
  template: 'rsc_template',
  group: 'group',
  clone: 'clone',
  master: 'ms',
  bundle: 'bundle',
  rsc_location: 'location',
  rsc_colocation: 'colocation',
  rsc_order: 'order',
  rsc_ticket: 'rsc_ticket',
  cluster_property_set: 'property',
  rsc_defaults: 'rsc_defaults',
  op_defaults: 'op_defaults',
  'fencing-topology': 'fencing_topology',
  acl_role: 'role',
  acl_user: 'user',
  acl_target: 'acl_target',
  acl_group: 'acl_group',
  tag: 'tag',
  alert: 'alert',
};

export const ELEMENT_OF_STATEMENT: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(STATEMENT_OF_ELEMENT).map(([element, statement]) => [statement, element]),
);

/** Section of `configuration` that a statement's element lies in. */
export const SECTION_OF_STATEMENT: Readonly<Record<string, string>> = {
  node: 'nodes',
  primitive: 'resources',
  rsc_template: 'resources',
  group: 'resources',
  clone: 'resources',
  ms: 'resources',
  bundle: 'resources',
  location: 'constraints',
  colocation: 'constraints',
  order: 'constraints',
  rsc_ticket: 'constraints',
  property: 'crm_config',
  rsc_defaults: 'rsc_defaults',
  op_defaults: 'op_defaults',
  fencing_topology: 'configuration',
  role: 'acls',
  user: 'acls',
  acl_target: 'acls',
  acl_group: 'acls',
  tag: 'tags',
  alert: 'alerts',
};

/** Ids of the sets that `property` and the defaults write where none is named. */
export const DEFAULT_ID: Readonly<Record<string, string>> = {
  property: 'cib-bootstrap-options',
  rsc_defaults: 'rsc-options',
  op_defaults: 'op-options',
};

export const FENCING_ID = 'fencing_topology';

const SHOW_ORDER: Readonly<Record<string, number>> = {
  node: 0,
  rsc_template: 1,
  primitive: 2,
  bundle: 3,
  group: 4,
  ms: 5,
  clone: 6,
  tag: 8,
  location: 9,
  colocation: 9,
  order: 9,
  rsc_ticket: 10,
  fencing_topology: 10,
  property: 11,
  rsc_defaults: 12,
  op_defaults: 13,
  role: 14,
  acl_target: 15,
  acl_group: 15,
  user: 15,
  alert: 16,
};

/** The order in which elements are made: what others refer to comes first. */
const BUILD_ORDER: Readonly<Record<string, number>> = {
  ...SHOW_ORDER,
  rsc_template: 1,
  primitive: 2,
  bundle: 3,
  group: 4,
  ms: 5,
  clone: 6,
};

/** What a statement writes and commands name by id. */
export interface CibObject {
  /** Statement keyword: `primitive`, `location`, `property`... */
  readonly type: string;
  /** For a node its XML id; `fencing_topology` for that. */
  readonly id: string;
  /** For defaults the `meta_attributes` inside the section. */
  readonly element: Element;
  readonly parent: Element;
  /** The group, clone, master or bundle that it lies in. */
  readonly container: CibObject | undefined;
}

const CHILD_ELEMENTS: ReadonlySet<string> = new Set(['primitive', 'group']);
const CONTAINERS: ReadonlySet<string> = new Set(['group', 'clone', 'ms', 'bundle']);
const RESOURCES: ReadonlySet<string> = new Set([...CONTAINERS, 'primitive', 'rsc_template']);
const CONSTRAINTS: ReadonlySet<string> = new Set(['location', 'colocation', 'order', 'rsc_ticket']);

export function isContainer(object: CibObject): boolean {
  return CONTAINERS.has(object.type);
}

export function isResource(object: CibObject): boolean {
  return RESOURCES.has(object.type);
}

export function isConstraint(object: CibObject): boolean {
  return CONSTRAINTS.has(object.type);
}

/** Elements inside a container that are resources themselves. */
export function isChildResource(element: Element): boolean {
  return CHILD_ELEMENTS.has(element.name);
}

/** Every object of a configuration, in document order, containers before what they contain. */
export function* objectsOf(cib: Element): Generator<CibObject> {
  const configuration = cib.name === 'configuration' ? cib : cib.first('configuration');
  if (!configuration) return;
  for (const section of configuration.elements()) {
    if (section.name === 'rsc_defaults' || section.name === 'op_defaults') {
      for (const element of section.elements('meta_attributes')) {
        yield { type: section.name, id: element.id, element, parent: section, container: undefined };
      }
    } else if (section.name === 'fencing-topology') {
      yield {
        type: FENCING_ID,
        id: FENCING_ID,
        element: section,
        parent: configuration,
        container: undefined,
      };
    } else yield* within(section, undefined);
  }
}

function* within(parent: Element, container: CibObject | undefined): Generator<CibObject> {
  for (const element of parent.elements()) {
    const type = STATEMENT_OF_ELEMENT[element.name];
    if (type === undefined) continue;
    if (container && !isChildResource(element)) continue;
    const id = element.get('id') ?? element.get('uname') ?? '';
    const object: CibObject = { type, id, element, parent, container };
    yield object;
    if (CONTAINERS.has(type)) yield* within(element, object);
  }
}

/** Sorts as `show` lists: by kind, then by id (by code unit, as Python does), or within a kind as they come. */
export function inShowOrder(objects: Iterable<CibObject>, byId = true): CibObject[] {
  return [...objects].sort((a, b) => {
    const kinds = (SHOW_ORDER[a.type] ?? 1000) - (SHOW_ORDER[b.type] ?? 1000);
    if (kinds !== 0 || !byId) return kinds;
    return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
  });
}

/** Sorts so that what is referred to comes before what refers to it; stable otherwise. */
export function inBuildOrder<T>(items: Iterable<T>, type: (item: T) => string): T[] {
  return [...items].sort((a, b) => (BUILD_ORDER[type(a)] ?? 1000) - (BUILD_ORDER[type(b)] ?? 1000));
}
