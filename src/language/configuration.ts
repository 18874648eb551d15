import type { Statement } from '../../grammar/crm/ast.js';
import { Element } from '../cib/element.js';
import { writeXml } from '../cib/xml.js';
import { CHILD_REFERENCE } from './build/context.js';
import { buildElement } from './build.js';
import { ConfigurationUpkeep, label } from './configuration-upkeep.js';
import { isVoid } from './constraints.js';
import { identify, makeId, ownIds } from './identify.js';
import { MASK, unmask } from './mask.js';
import { copyInto, mergePairs, mergeParts } from './merge.js';
import {
  type CibObject,
  DEFAULT_ID,
  FENCING_ID,
  isChildResource,
  isContainer,
  STATEMENT_OF_ELEMENT,
} from './objects.js';
import { modernized } from './obsolete.js';
import { findOperation } from './operations.js';
import { isInside, sameMeaning } from './same-meaning.js';

const NVSET_TYPES: ReadonlySet<string> = new Set(['property', 'rsc_defaults', 'op_defaults']);

export function isValidId(id: string): boolean {
  return /^[A-Za-z_][\p{L}\p{N}_.-]*$/u.test(id);
}

/**
 * A configuration being edited with statements and commands. It owns the tree it was given; what is written to the
 * cluster is the difference from the document it was read from.
 */
export class Configuration extends ConfigurationUpkeep {
  // --- making ------------------------------------------------------------------------------------------------------

  /** Carries out a statement that was typed: makes an object, adds to a property set or node, adds an operation. */
  create(statement: Statement, typed = true): boolean {
    const today = statement.kind === 'property' ? modernized([statement], this.reports) : [statement];
    return today.every((each) => this.#create(each, typed));
  }

  #create(statement: Statement, typed: boolean): boolean {
    const built = this.#build(statement, typed);
    return built !== undefined && this.#createBuilt(statement.kind, built) !== undefined;
  }

  #build(statement: Statement, typed: boolean): Element | undefined {
    const before = this.reports.list.length;
    const element = buildElement(statement, this.buildContext(typed));
    const failed = this.reports.list.slice(before).some((report) => report.severity === 'error');
    return failed ? undefined : element;
  }

  #createBuilt(kind: string, built: Element): CibObject | undefined {
    const prepared = this.#prepare(kind, built);
    if (!prepared) return undefined;
    const { type, element, id } = prepared;
    if (NVSET_TYPES.has(type)) return this.#addToSet(type, element);
    if (type === 'op') return this.#addOperation(element);
    if (type === 'node') {
      const existing = this.findNode(id);
      if (existing) {
        if (mergeParts(existing.element, element)) this.changes.modify(existing);
        return existing;
      }
    }
    const same = this.find(id);
    if (same && (type === 'node') === (same.type === 'node')) {
      this.reports.error(
        'exists',
        `Cannot create ${type} with ID '${id}': Found existing ${same.type} with same ID.`,
      );
      return undefined;
    }
    return this.#add(type, element);
  }

  /** Gives the built element its ids and resolves its references. */
  #prepare(
    kind: string,
    built: Element,
    old?: Element,
  ): { type: string; element: Element; id: string } | undefined {
    const type = kind === 'xml' ? STATEMENT_OF_ELEMENT[built.name]! : kind === 'monitor' ? 'op' : kind;
    const isDefaults = built.name === 'rsc_defaults' || built.name === 'op_defaults';
    const element = isDefaults ? built.first('meta_attributes') : built;
    if (!element) {
      this.reports.error('empty', `${built.name} holds no meta_attributes`);
      return undefined;
    }
    const id = this.#idOf(type, element);
    if (type !== 'node' && id !== undefined && !isValidId(id)) {
      this.reports.error('invalid-id', `${id}: invalid object id`);
      return undefined;
    }
    if (id === undefined) {
      this.reports.error('no-id', `No ID found for ${type}: ${writeXml(element, { indent: false })}`);
      return undefined;
    }
    identify(element, old, this.used);
    const known = old ?? (NVSET_TYPES.has(type) ? this.find(id)?.element : undefined);
    if (!this.#unmask(id, element, known)) return undefined;
    this.#resolveReferences(element);
    return { type, element, id };
  }

  /** Puts values back that `show` had masked; false, after a report, where there are none to put back. */
  #unmask(id: string, element: Element, old: Element | undefined): boolean {
    const lost = unmask(element, old ?? this.erased);
    if (lost.length === 0) return true;
    return this.reports.error(
      'masked',
      `${id}: ${lost.join(', ')} is masked (${MASK}), and there is no value to keep: write the value itself`,
    );
  }

  #idOf(type: string, element: Element): string | undefined {
    if (type === FENCING_ID) return FENCING_ID;
    const given = element.get('id') || element.get('uname');
    if (given) return given;
    if (type === 'op') {
      const made = makeId(element, element.get('rsc') ?? '', this.used);
      this.used.add(made);
      element.set('id', made);
      return made;
    }
    const standard = DEFAULT_ID[type];
    if (standard !== undefined) element.set('id', standard);
    return standard;
  }

  /** `id-ref` may name an object: then its first set of the same kind is meant. Children are put in place. */
  #resolveReferences(element: Element): void {
    for (const each of element.descendants()) {
      const ref = each.get('id-ref');
      if (ref === undefined) continue;
      const object = this.find(ref);
      const candidates = object
        ? [...object.element.descendants()].filter((one) => one.name === each.name)
        : [];
      if (candidates.length > 1) {
        this.reports.warning(
          'ambiguous-reference',
          `${object!.id} contains more than one ${each.name}, using first`,
        );
      }
      const target = candidates[0]?.id;
      if (target) each.set('id-ref', target);
      else if (![...this.cib.ensure('configuration').descendants()].some((one) => one.get('id') === ref)) {
        this.reports.error('reference', `Reference not found: ${ref}`);
      }
    }
    for (const reference of element.elements(CHILD_REFERENCE)) {
      const object = this.findResource(reference.id);
      if (object) element.children.splice(element.children.indexOf(reference), 1, object.element.clone());
      else {
        element.remove(reference);
        this.reports.error('missing-child', `${element.id} refers to missing object ${reference.id}`);
      }
    }
  }

  /** Puts an element into its section, takes its children over from where they were, re-points their constraints. */
  #add(type: string, element: Element): CibObject | undefined {
    if (!this.#takeChildren(type, element)) return undefined;
    const parent = this.section(type);
    parent.append(element);
    const children = element.elements().filter(isChildResource).length;
    if (children > 0 || type === FENCING_ID) this.touch();
    else {
      const id = element.get('id') ?? element.get('uname') ?? '';
      this.index.add({ type, id, element, parent, container: undefined });
    }
    const object = this.objectOf(element)!;
    for (const child of this.childrenOf(object)) {
      for (const constraint of this.constraintsOf(child.id)) this.repoint(constraint, child.id, object.id);
    }
    for (const constraint of children > 0 ? this.constraintsOf(object.id) : []) {
      if (!isVoid(constraint.element, object.id)) continue;
      this.remove(constraint, true);
      this.reports.info(
        'void-constraint',
        `${label(constraint)} deleted: it was between members of ${label(object)}`,
      );
    }
    this.#normaliseParameters(object);
    this.changes.create(object);
    return object;
  }

  /**
   * Takes resources that now lie in `element` out of where they were. False, after a report, where one lies in
   * another container.
   */
  #takeChildren(type: string, element: Element, self?: CibObject): boolean {
    if (!['group', 'clone', 'ms', 'bundle'].includes(type)) return true;
    const inner = [...element.descendants()].filter((one) => one !== element && isChildResource(one));
    for (const child of element.elements().filter(isChildResource)) {
      const existing = this.findResource(child.id);
      const container = existing?.container;
      if (container && container.element !== self?.element && container.id !== element.id) {
        this.reports.error(
          'child-taken',
          `Cannot create ${type}:${element.id}: Child ${existing.type}:${existing.id} already in ${container.type}:${container.id}`,
        );
        return false;
      }
    }
    for (const one of inner) {
      const existing = this.findResource(one.id);
      if (!existing || existing.element === one || isInside(existing.element, element)) continue;
      const holder = existing.container;
      existing.parent.remove(existing.element);
      this.touch();
      if (holder && holder.element !== self?.element) this.changes.modify(holder);
    }
    return true;
  }

  #addToSet(type: string, element: Element): CibObject | undefined {
    const id = element.get('id') ?? DEFAULT_ID[type]!;
    let object = this.find(id);
    if (!object) {
      const made = this.section(type).append(new Element(element.name, { id }));
      this.used.add(id);
      this.touch();
      object = this.objectOf(made)!;
      this.changes.create(object);
    }
    const target = object.element;
    for (const child of element.children) {
      if (child.kind === 'comment') {
        const known = target.children.some((one) => one.kind === 'comment' && one.text === child.text);
        if (!known) target.append({ ...child });
      } else if (child.kind === 'element') copyInto(target, child);
    }
    this.changes.modify(object);
    return object;
  }

  #addOperation(element: Element): CibObject | undefined {
    const id = element.get('rsc') ?? '';
    const primitive = this.findResource(id);
    if (!primitive) {
      this.reports.error('no-object', `object ${id} does not exist`);
      return undefined;
    }
    if (primitive.type !== 'primitive') {
      this.reports.error('no-primitive', `${id} is not a primitive`);
      return undefined;
    }
    element.set('rsc', undefined);
    return this.addOperation(primitive, element) ? primitive : undefined;
  }

  /** Adds an operation to a primitive; refused where it has one of the same name and interval. */
  addOperation(primitive: CibObject, op: Element): boolean {
    const name = op.get('name') ?? '';
    const interval = op.get('interval');
    if (findOperation(primitive.element, name, interval)) {
      return this.reports.error(
        'operation-exists',
        `${primitive.id} already has a ${name} op with interval ${interval}`,
      );
    }
    if (!op.get('id')) {
      const made = makeId(op, primitive.id, this.used);
      this.used.add(made);
      op.set('id', made);
    }
    const own = [...op.attributes].filter(([key]) => !this.schema.operationAttributes.has(key));
    if (own.length > 0) {
      const set = op.first('instance_attributes') ?? op.append(new Element('instance_attributes'));
      if (!set.get('id')) set.set('id', makeId(set, op.id, this.used));
      for (const [key, value] of own) {
        op.set(key, undefined);
        const pair = set.append(new Element('nvpair', { name: key, value }));
        pair.set('id', makeId(pair, set.id, this.used));
        this.used.add(pair.id);
      }
    }
    const comments = op.children.filter((child) => child.kind === 'comment');
    op.children = op.children.filter((child) => child.kind !== 'comment');
    const operations =
      primitive.element.first('operations') ?? primitive.element.append(new Element('operations'));
    operations.append(op);
    primitive.element.children.unshift(...comments);
    this.changes.modify(primitive);
    return true;
  }

  #normaliseParameters(object: CibObject): void {
    if (object.type !== 'primitive' && object.type !== 'rsc_template') return;
    const whole = this.withTemplate(object.element);
    const names = whole && this.options.parameterNames?.(whole);
    if (!names || names.length === 0) return;
    for (const set of object.element.elements('instance_attributes')) {
      for (const pair of set.elements('nvpair')) {
        const name = pair.get('name');
        if (name === undefined || names.includes(name)) continue;
        const other = name.replaceAll('-', '_');
        if (names.includes(other)) pair.set('name', other);
      }
    }
  }

  // --- whole texts -------------------------------------------------------------------------------------------------

  /** A copy to try something on; `adopt` takes it over. */
  fork(): Configuration {
    const copy = new Configuration(this.cib, this.options);
    copy.cib = this.cib.clone();
    copy.changes = this.changes.copy();
    copy.used = new Set(this.used);
    copy.erased = this.erased;
    return copy;
  }

  adopt(fork: Configuration): void {
    this.cib = fork.cib;
    this.changes = fork.changes;
    this.used = fork.used;
    this.erased = fork.erased;
    this.touch();
  }

  /** Makes an object from an element: a built one of a text, or one of an XML document. */
  createElement(element: Element, from: 'text' | 'xml'): CibObject | undefined {
    const kind = element.name === 'op' ? 'monitor' : STATEMENT_OF_ELEMENT[element.name]!;
    if (from === 'text') return this.#createBuilt(kind, element);
    const isDefaults = kind === 'rsc_defaults' || kind === 'op_defaults';
    const target = isDefaults ? element.first('meta_attributes') : element;
    if (!target) return undefined;
    const id = kind === FENCING_ID ? FENCING_ID : target.id;
    const same = this.find(id);
    if (same && (kind === 'node') === (same.type === 'node')) {
      this.reports.error(
        'exists',
        `Cannot create ${kind} with ID '${id}': Found existing ${same.type} with same ID.`,
      );
      return undefined;
    }
    if (!this.#unmask(id, target, undefined)) return undefined;
    for (const used of ownIds(target)) this.used.add(used);
    return this.#add(kind, target);
  }

  /** Puts a new version in an object's place; property sets are merged with `update`. */
  updateElement(
    object: CibObject,
    element: Element,
    from: 'text' | 'xml',
    method: 'update' | 'replace',
  ): CibObject | undefined {
    const kind = STATEMENT_OF_ELEMENT[element.name]!;
    let target: Element | undefined = element;
    if (from === 'text') target = this.#prepare(kind, element, object.element)?.element;
    else {
      if (kind === 'rsc_defaults' || kind === 'op_defaults') target = element.first('meta_attributes');
      if (target && !this.#unmask(object.id, target, object.element)) return undefined;
      for (const used of target ? ownIds(target) : []) this.used.add(used);
    }
    if (!target) return undefined;
    if (from === 'text' && method === 'update' && NVSET_TYPES.has(object.type)) {
      if (mergePairs(object.element, target, 'nvpair')) this.changes.modify(object);
      return object;
    }
    return this.#replace(object, target);
  }

  /** Puts what a statement says in an object's place. */
  update(object: CibObject, statement: Statement): boolean {
    const built = this.#build(statement, false);
    return built !== undefined && this.updateElement(object, built, 'text', 'replace') !== undefined;
  }

  #replace(object: CibObject, element: Element): CibObject | undefined {
    if (sameMeaning(object.element, element)) return object;
    if (object.container && !isChildResource(element)) {
      this.reports.error(
        'child',
        `${object.container.type} may contain a primitive or a group; ${object.id} is ${STATEMENT_OF_ELEMENT[element.name]}`,
      );
      return undefined;
    }
    const before = this.childrenOf(object);
    const ids = new Set(
      element
        .elements()
        .filter(isChildResource)
        .map((child) => child.id),
    );
    if (isContainer(object) && !this.#takeChildren(object.type, element, object)) return undefined;
    object.parent.children.splice(object.parent.children.indexOf(object.element), 1, element);
    if (ids.size > 0) {
      for (const child of before) {
        if (ids.has(child.id)) continue;
        this.section(child.type).append(child.element);
      }
    }
    this.touch();
    const now = this.objectOf(element)!;
    this.changes.modify(now);
    return now;
  }
}
