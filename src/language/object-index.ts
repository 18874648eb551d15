import type { Element } from '../cib/element.js';
import { globMatch } from './glob.js';
import { type CibObject, objectsOf } from './objects.js';

/** The objects of a document, found by id, by name and by element. */
export class ObjectIndex {
  readonly #document: () => Element;
  #objects: CibObject[] | undefined;
  #byId: Map<string, CibObject[]> | undefined;
  #byElement: Map<Element, CibObject> | undefined;

  constructor(document: () => Element) {
    this.#document = document;
  }

  all(): readonly CibObject[] {
    this.#objects ??= [...objectsOf(this.#document())];
    return this.#objects;
  }

  /** Must be called after every change of the tree that adds, removes, moves or renames an object. */
  touch(): void {
    this.#objects = undefined;
    this.#byId = undefined;
    this.#byElement = undefined;
  }

  /** Adds one object, so that long texts are not indexed anew for every statement. */
  add(object: CibObject): void {
    this.#objects?.push(object);
    if (this.#byId) indexById(this.#byId, object);
    this.#byElement?.set(object.element, object);
  }

  /** Objects with this id, nodes also by name; shell wildcards match. */
  findAll(id: string): CibObject[] {
    if (!/[*?[]/.test(id)) return [...this.#named(id)];
    return this.all().filter(
      (object) =>
        globMatch(id, object.id) ||
        (object.type === 'node' && globMatch(id, object.element.get('uname') ?? '')),
    );
  }

  of(element: Element): CibObject | undefined {
    if (!this.#byElement) {
      this.#byElement = new Map();
      for (const object of this.all()) this.#byElement.set(object.element, object);
    }
    return this.#byElement.get(element);
  }

  #named(id: string): CibObject[] {
    if (!this.#byId) {
      this.#byId = new Map();
      for (const object of this.all()) indexById(this.#byId, object);
    }
    return this.#byId.get(id) ?? [];
  }
}

function indexById(index: Map<string, CibObject[]>, object: CibObject): void {
  const uname = object.type === 'node' ? object.element.get('uname') : undefined;
  for (const key of uname === undefined || uname === object.id ? [object.id] : [object.id, uname]) {
    const list = index.get(key);
    if (list) list.push(object);
    else index.set(key, [object]);
  }
}
