import type { Statement } from '../../grammar/crm/ast.js';
import { Element } from '../cib/element.js';
import type { BuildContext } from './build/context.js';
import { buildElement } from './build.js';
import type { Configuration } from './configuration.js';
import { constrainedResources } from './constraints.js';
import {
  type CibObject,
  DEFAULT_ID,
  FENCING_ID,
  inBuildOrder,
  isChildResource,
  isConstraint,
  isContainer,
  STATEMENT_OF_ELEMENT,
} from './objects.js';
import { modernized } from './obsolete.js';
import { sanitized } from './sanitize.js';

export interface LoadOptions {
  /** `update` merges property sets and keeps what the text does not name; `replace` puts new versions in place. */
  readonly method: 'update' | 'replace';
  /** Objects of `selection` that the text does not name are deleted. */
  readonly remove: boolean;
  /** What is being edited; ids outside of it must not be used by the text. Everything where absent. */
  readonly selection?: readonly CibObject[];
  /**
   * Judges a loaded object beyond its references (agent, parameters); false refuses the whole text. Called after all
   * objects are in place.
   */
  readonly check?: (object: CibObject, configuration: Configuration) => boolean;
}

interface Item {
  readonly type: string;
  readonly id: string;
  readonly element: Element;
}

/** Carries out the statements of a whole text: all of them or none. Complaints are in the configuration's reports. */
export function loadStatements(
  configuration: Configuration,
  statements: readonly Statement[],
  context: BuildContext,
  options: LoadOptions,
): boolean {
  const items: Item[] = [];
  let ok = true;
  for (const statement of modernized(statements, context.reports)) {
    const before = context.reports.list.length;
    const element = buildElement(statement, context);
    if (context.reports.list.slice(before).some(({ severity }) => severity === 'error')) {
      ok = false;
      continue;
    }
    ok = collect(items, element, configuration) && ok;
  }
  return ok && apply(configuration, items, 'text', options);
}

/** Takes over the objects of an XML document (a CIB or a part of one): all of them or none. */
export function loadDocument(configuration: Configuration, document: Element, options: LoadOptions): boolean {
  const copy = sanitized(document.name === 'cib' ? document : new Element('cib', [], [document.clone()]));
  copy.children = copy.children.filter((child) => child.kind !== 'element' || child.name !== 'status');
  const items: Item[] = [];
  let ok = true;
  for (const element of topObjects(copy)) ok = collect(items, element, configuration) && ok;
  return ok && apply(configuration, items, 'xml', options);
}

function* topObjects(parent: Element): Generator<Element> {
  for (const child of parent.elements()) {
    if (STATEMENT_OF_ELEMENT[child.name] !== undefined) yield child;
    else yield* topObjects(child);
  }
}

function collect(items: Item[], element: Element, configuration: Configuration): boolean {
  const { reports } = configuration;
  if (element.name === 'op') {
    // A monitor statement: the operation gets its id when it is added to its resource.
    items.push({ type: 'monitor', id: `${element.get('rsc')} monitor ${items.length}`, element });
    return true;
  }
  const type = STATEMENT_OF_ELEMENT[element.name];
  if (type === undefined) return reports.error('unsupported', `${element.name} cannot be loaded`);
  const isDefaults = type === 'rsc_defaults' || type === 'op_defaults';
  const target = isDefaults ? element.elements()[0] : element;
  if (!target) return true;
  const id = type === FENCING_ID ? FENCING_ID : target.get('id') || target.get('uname') || DEFAULT_ID[type];
  if (!id) return reports.error('no-id', `element ${element.name} has no id!`);
  if (type !== 'node' && type !== FENCING_ID && DEFAULT_ID[type] === id) target.set('id', id);
  const isNode = type === 'node';
  if (items.some((item) => item.id === id && (item.type === 'node') === isNode)) {
    return reports.error('duplicate', `Duplicate ${isNode ? 'node' : 'resource'}: ${id}`);
  }
  items.push({ type, id, element });
  return true;
}

/** Ids of the resources within a container, at any depth. */
function memberIds(container: Element): string[] {
  return [...container.descendants()]
    .filter((one) => one !== container && isChildResource(one))
    .map(({ id }) => id);
}

/** Nodes first, then everything else; on failure nothing has changed. */
function apply(
  configuration: Configuration,
  items: readonly Item[],
  from: 'text' | 'xml',
  options: LoadOptions,
): boolean {
  const fork = configuration.fork();
  for (const nodes of [true, false]) {
    const part = items.filter((item) => (item.type === 'node') === nodes);
    if (!applyPart(fork, part, nodes, from, options)) return false;
  }
  configuration.adopt(fork);
  return true;
}

function applyPart(
  configuration: Configuration,
  items: readonly Item[],
  nodes: boolean,
  from: 'text' | 'xml',
  options: LoadOptions,
): boolean {
  const { reports } = configuration;
  const selected = (options.selection ?? configuration.objects()).filter(
    (object) => (object.type === 'node') === nodes,
  );
  const existing = new Set(selected.map((object) => object.id));
  const given = new Set(items.map((item) => item.id));
  // Members that a document has within their containers are as little missing from it as the containers.
  const inner = new Set(from === 'xml' ? items.flatMap(({ element }) => memberIds(element)) : []);
  if (options.remove) {
    const all = configuration.objects().map((object) => object.id);
    const chosen = new Set((options.selection ?? configuration.objects()).map((object) => object.id));
    const locked = new Set(all.filter((id) => !chosen.has(id)));
    const taken = [...given].filter((id) => locked.has(id));
    if (taken.length > 0) return reports.error('exists', `Elements ${taken.join(', ')} already exist`);
    const running = [...existing].filter(
      (id) => !given.has(id) && !inner.has(id) && configuration.options.isRunning?.(id),
    );
    if (running.length > 0) {
      return reports.error('running', `Cannot delete running resources: ${running.join(', ')}`);
    }
  }
  const doomed = options.remove ? [...existing].filter((id) => !given.has(id) && !inner.has(id)) : [];
  const lookUp = (id: string) => (nodes ? configuration.findNode(id) : configuration.findResource(id));
  const constraints = doomed.filter((id) => lookUp(id) && isConstraint(lookUp(id)!));
  const containers = doomed.filter((id) => lookUp(id) && isContainer(lookUp(id)!));
  const rest = doomed.filter((id) => !constraints.includes(id) && !containers.includes(id));
  if (from === 'text' && !(configuration.delete(constraints) && configuration.delete(containers)))
    return false;
  const made: CibObject[] = [];
  const fresh = inBuildOrder(
    items.filter((item) => !existing.has(item.id)),
    (item) => item.type,
  );
  for (const item of fresh) {
    if (from === 'xml' && !addChildren(configuration, item)) return false;
    const object = configuration.createElement(item.element, from);
    if (!object) return false;
    made.push(object);
  }
  for (const item of items.filter((one) => existing.has(one.id))) {
    const object = lookUp(item.id);
    if (!object) return false;
    const updated = configuration.updateElement(object, item.element, from, options.method);
    if (!updated) return false;
    made.push(updated);
  }
  const left = from === 'text' ? rest.reverse() : doomed;
  const still = left.filter((id) => lookUp(id) !== undefined);
  for (const { id, element } of made.filter(isConstraint)) {
    const lost = constrainedResources(element).find((resource) => still.includes(resource));
    if (lost === undefined) continue;
    return reports.error(
      'missing-resource',
      `constraint ${id} references a resource ${lost} which doesn't exist`,
    );
  }
  if (!configuration.delete(still)) return false;
  let ok = true;
  for (const { id, type } of made) {
    const object = configuration.findAll(id).find((one) => one.type === type);
    if (object && !isSound(object, configuration, options)) ok = false;
  }
  return ok;
}

/** Resources within a container of an XML document that the configuration does not have yet. */
function addChildren(configuration: Configuration, item: Item): boolean {
  if (!['group', 'clone', 'ms', 'bundle'].includes(item.type)) return true;
  for (const child of item.element.elements().filter(isChildResource)) {
    if (configuration.findResource(child.id)) continue;
    const type = STATEMENT_OF_ELEMENT[child.name]!;
    if (!addChildren(configuration, { type, id: child.id, element: child })) return false;
    if (!configuration.createElement(child.clone(), 'xml')) return false;
  }
  return true;
}

/** What an object refers to exists and fits. */
function isSound(object: CibObject, configuration: Configuration, options: LoadOptions): boolean {
  const { reports } = configuration;
  let ok = true;
  if (isContainer(object)) {
    const seen = new Set<string>();
    for (const child of object.element.elements()) {
      const type = STATEMENT_OF_ELEMENT[child.name];
      if (type === undefined) continue;
      if (object.type === 'group' && type !== 'primitive') {
        ok = reports.error('group-child', `a group may contain only primitives; ${child.id} is ${type}`);
      } else if (!isChildResource(child)) {
        ok = reports.error(
          'child',
          `${object.element.name} may contain a primitive or a group; ${child.id} is ${type}`,
        );
      }
      if (seen.has(child.id)) {
        ok = reports.error('duplicate', `in group ${object.id} child ${child.id} listed more than once`);
      }
      seen.add(child.id);
    }
  } else if (isConstraint(object)) {
    for (const id of constrainedResources(object.element)) {
      if (configuration.findResource(id)) continue;
      ok = reports.error(
        'missing-resource',
        `constraint ${object.id} references a resource ${id} which doesn't exist`,
      );
    }
  }
  return (options.check?.(object, configuration) ?? true) && ok;
}
