import type { SetItem, Statement } from '../../grammar/crm/ast.js';
import type { Element } from '../cib/element.js';
import type { BuildContext } from './build/context.js';
import { buildElement } from './build.js';
import { ChangeLog, keyOf } from './change-log.js';
import { type ConfigurationOptions, ConfigurationView } from './configuration-view.js';
import {
  constrainedResources,
  constrains,
  dropResource,
  hasSets,
  isVoid,
  type ReferenceChange,
  refersTo,
  renameResource,
} from './constraints.js';
import { describe } from './describe.js';
import { identify, ownIds } from './identify.js';
import {
  type CibObject,
  FENCING_ID,
  inShowOrder,
  isConstraint,
  isResource,
  SECTION_OF_STATEMENT,
} from './objects.js';

/**
 * A configuration in which objects go or are renamed: what names them, and what makes no sense without them, is kept in
 * line. It knows what has changed since the document was read.
 */
export abstract class ConfigurationUpkeep extends ConfigurationView {
  protected changes = new ChangeLog();
  /** What was there before `erase`, for values that a text loaded after it has masked. */
  protected erased: Element | undefined;
  /** Ids that are taken. */
  protected used: Set<string>;

  constructor(cib: Element, options: ConfigurationOptions) {
    super(cib, options);
    this.used = new Set(ownIds(this.cib.first('configuration') ?? this.cib));
  }

  get changed(): boolean {
    return this.changes.any;
  }

  /** Objects made or changed since the document was read. */
  changedObjects(): CibObject[] {
    return this.objects().filter((object) => this.changes.has(object));
  }

  /** Ids of objects that were in the document and are not any more. */
  removedObjects(): string[] {
    return this.changes.removed;
  }

  /** Section of the configuration, made at the end where there is none. */
  protected section(type: string): Element {
    const configuration = this.cib.ensure('configuration');
    const name = SECTION_OF_STATEMENT[type]!;
    return name === 'configuration' ? configuration : configuration.ensure(name);
  }

  // --- constraints -------------------------------------------------------------------------------------------------

  protected constraintsOf(id: string): CibObject[] {
    return this.objects().filter((object) => isConstraint(object) && constrains(object.element, id));
  }

  #tagsOf(id: string): CibObject[] {
    return this.objects().filter(
      (object) => object.type === 'tag' && object.element.elements().some((child) => child.id === id),
    );
  }

  protected repoint(constraint: CibObject, from: string, to: string, silent = false): void {
    const change = renameResource(constraint.element, from, to);
    if (!change.modified) return;
    this.changes.modify(constraint);
    if (!silent) {
      this.reports.info('constraint-modified', `modified ${label(constraint)} from ${from} to ${to}`);
    }
    if (change.simple) this.#simplify(constraint, change);
  }

  /** Turns sets that hold two resources into a simple constraint. */
  #simplify(constraint: CibObject, change: ReferenceChange): void {
    const { element } = constraint;
    if (!change.simple || constrainedResources(element).length !== 2 || !hasSets(element)) return;
    const sets = element.elements('resource_set');
    for (const set of sets) set.set('sequential', undefined);
    const statement = describe(constraint, this.describeContext());
    if (!statement || !('members' in statement) || !statement.members) return;
    const members = (statement.members as readonly SetItem[]).filter((item) => item.type !== 'marker');
    const context: BuildContext = { ...this.buildContext(), reports: this.reports.silent() };
    const simple = buildElement({ ...statement, members } as Statement, context);
    identify(simple, element, this.used);
    if (sets.length === 1 && element.name === 'rsc_colocation') {
      const [rsc, other] = [simple.get('rsc'), simple.get('with-rsc')];
      if (other !== undefined) simple.set('rsc', other);
      if (rsc !== undefined) simple.set('with-rsc', rsc);
    }
    constraint.parent.children.splice(constraint.parent.children.indexOf(element), 1, simple);
    this.touch();
  }

  // --- deleting ----------------------------------------------------------------------------------------------------

  /** Deletes objects by id, with what makes no sense without them. Unknown ids are errors unless forced. */
  delete(ids: readonly string[]): boolean {
    let ok = true;
    const doomed: CibObject[] = [];
    for (const id of ids) {
      const object = this.find(id);
      if (!object) {
        if (!this.options.force) ok = this.reports.error('no-object', `object ${id} does not exist`);
        continue;
      }
      if (this.#isRunning(object)) {
        ok = this.reports.error('running', `resource ${id} is running, can't delete it`);
        continue;
      }
      if (object.type === 'rsc_template') {
        const users = this.objects().filter(
          (other) =>
            other.type === 'primitive' &&
            other.element.get('template') === object.id &&
            !ids.includes(other.id),
        );
        const running = users.find((user) => this.#isRunning(user));
        if (running) {
          ok = this.reports.error('running', `resource ${running.id} is running, can't delete it`);
          continue;
        }
        for (const user of users) {
          if (doomed.includes(user)) continue;
          this.reports.info('hanging', `hanging ${label(user)} deleted`);
          doomed.push(user);
        }
      }
      doomed.push(object);
    }
    const named = new Set(ids);
    for (const { element } of inShowOrder(doomed).reverse()) this.#deleteWithContainer(element, { named });
    return ok;
  }

  #isRunning(object: CibObject): boolean {
    return isResource(object) && (this.options.isRunning?.(object.id) ?? false);
  }

  /** What goes beyond the `named` ids is said, unless `silent`. */
  #deleteWithContainer(
    element: Element,
    { silent = false, named }: { silent?: boolean; named?: ReadonlySet<string> } = {},
  ): void {
    const object = this.objectOf(element);
    if (!object) return;
    const { container } = object;
    if (container && this.childrenOf(container).length === 1) {
      this.#deleteWithContainer(container.element, { silent, ...(named ? { named } : {}) });
      if (!silent && !named?.has(container.id)) {
        this.reports.info('hanging', `hanging ${label(container)} deleted`);
      }
    }
    const now = this.objectOf(element);
    if (!now) return;
    if (!silent && now.container && !named?.has(now.container.id)) {
      this.reports.info('member-removed', `removed ${now.id} from ${label(now.container)}`);
    }
    this.remove(now, silent);
  }

  protected remove(object: CibObject, silent = false): void {
    const children = this.childrenOf(object);
    for (const child of children) {
      child.parent.remove(child.element);
      this.section(child.type).append(child.element);
    }
    for (const id of ownIds(object.element)) this.used.delete(id);
    object.parent.remove(object.element);
    if (object.container) this.changes.modify(object.container);
    this.changes.remove(object);
    this.touch();
    for (const tag of this.#tagsOf(object.id)) {
      for (const reference of tag.element.elements().filter((child) => child.id === object.id)) {
        tag.element.remove(reference);
      }
      this.changes.modify(tag);
      if (tag.element.first('obj_ref')) {
        if (!silent) this.reports.info('member-removed', `removed ${object.id} from ${label(tag)}`);
        continue;
      }
      this.remove(tag, silent);
      if (!silent) this.reports.info('hanging', `hanging ${label(tag)} deleted`);
    }
    if (!isResource(object)) return;
    for (const constraint of this.constraintsOf(object.id)) {
      const heir = children[0];
      if (heir && !hasSets(constraint.element)) this.repoint(constraint, object.id, heir.id, silent);
      const change = dropResource(constraint.element, object.id);
      if (change.modified) this.changes.modify(constraint);
      if (change.simple) this.#simplify(constraint, change);
      const now = this.findAll(constraint.id).find(isConstraint) ?? constraint;
      if (isVoid(now.element, object.id)) {
        this.remove(now, silent);
        if (!silent) this.reports.info('hanging', `hanging ${label(now)} deleted`);
      } else if (change.modified && !silent) {
        this.reports.info('constraint-updated', `constraint ${label(now)} updated`);
      }
    }
  }

  /** Deletes everything but nodes; refused as a whole while a resource runs. */
  erase(): boolean {
    const doomed = this.objects().filter(
      (object) => this.childrenOf(object).length === 0 && !isConstraint(object) && object.type !== 'node',
    );
    const running = doomed.filter((object) => this.#isRunning(object));
    for (const object of running) {
      this.reports.warning('running', `resource ${object.id} is running, can't delete it`);
    }
    if (running.length > 0) return this.reports.error('erase', 'CIB erase aborted (nothing was deleted)');
    this.erased = this.cib.clone();
    for (const { element } of doomed) this.#deleteWithContainer(element, { silent: true });
    const left = this.objects().filter((object) => object.type !== 'node');
    for (const object of left) {
      this.reports.warning(
        'erase',
        `${label(object)} names no resource that could be deleted; it is deleted, too`,
      );
      this.remove(object, true);
    }
    return true;
  }

  /** Deletes all nodes. */
  eraseNodes(): boolean {
    return this.delete(
      this.objects()
        .filter((object) => object.type === 'node')
        .map((object) => object.id),
    );
  }

  /** Gives an object another id, also in constraints. */
  rename(oldId: string, newId: string): boolean {
    if (this.used.has(newId)) return this.reports.error('id-used', `${newId} is already in use`);
    const object = this.find(oldId);
    if (!object) return this.reports.error('no-object', `object ${oldId} does not exist`);
    if (object.type === 'node') return this.reports.error('rename', 'cannot rename nodes');
    if (object.type === FENCING_ID) return this.reports.error('rename', `${oldId} cannot be renamed`);
    if (this.#isRunning(object)) {
      return this.reports.error('running', `cannot rename a running resource (${oldId})`);
    }
    if (isResource(object)) {
      for (const constraint of this.constraintsOf(oldId)) this.repoint(constraint, oldId, newId);
    }
    if (object.element.get('id') === oldId) object.element.set('id', newId);
    this.used.delete(oldId);
    this.used.add(newId);
    this.#rekey(object, newId);
    for (const other of this.objects()) {
      if (refersTo(other.element, oldId)) {
        this.reports.warning(
          'still-named',
          `${label(other)} still refers to ${oldId}, which is ${newId} now`,
        );
      }
    }
    return true;
  }

  #rekey(object: CibObject, newId: string): void {
    const key = keyOf(object);
    this.touch();
    this.changes.rename(key, `${object.type}:${newId}`);
  }

  // --- bookkeeping -------------------------------------------------------------------------------------------------

  /** Must be called when the tree was changed from outside. */
  invalidate(): void {
    this.touch();
  }

  /** Must be called by whoever changed an object's element directly. */
  modified(object: CibObject): void {
    this.touch();
    this.changes.modify(object);
  }

  /** Changes `validate-with`. */
  setSchema(name: string): void {
    this.cib.set('validate-with', name);
    this.changes.schemaChanged = true;
  }
}

/** What an object is called in reports. */
export function label(object: CibObject): string {
  return `${object.type}:${object.id}`;
}
