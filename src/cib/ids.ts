import type { Element } from './element.js';

/**
 * The element that an `id-ref` refers to (one of the same name, with that id); the element itself where it has
 * no `id-ref`; undefined where there is no such element.
 */
export function dereference(element: Element, root: Element): Element | undefined {
  const reference = element.get('id-ref');
  if (reference === undefined) return element;
  for (const candidate of root.descendants()) {
    if (candidate.name === element.name && candidate.attributes.get('id') === reference) return candidate;
  }
  return undefined;
}

/** First element with that id, in document order. */
export function findById(root: Element, id: string): Element | undefined {
  for (const candidate of root.descendants()) {
    if (candidate.attributes.get('id') === id) return candidate;
  }
  return undefined;
}

/**
 * Elements that may have the same id as another one: those of the status section, and references of old role
 * ACLs, objects in sets and tags.
 */
const SHARED: ReadonlySet<string> = new Set(['resource_ref', 'obj_ref', 'role_ref', 'role', 'status']);

/** Id → element for every element whose id must be unique in the configuration. */
export class IdIndex {
  readonly elements = new Map<string, Element>();
  /** Elements whose id an earlier one has, in document order. */
  readonly duplicates: Element[] = [];

  constructor(root: Element) {
    this.add(root);
  }

  /** Takes in an element and what is below it. */
  add(element: Element): void {
    if (element.name === 'status') return;
    const id = element.attributes.get('id');
    if (id !== undefined && !SHARED.has(element.name)) {
      if (this.elements.has(id)) this.duplicates.push(element);
      else this.elements.set(id, element);
    }
    for (const child of element.children) if (child.kind === 'element') this.add(child);
  }

  get(id: string): Element | undefined {
    return this.elements.get(id);
  }

  has(id: string): boolean {
    return this.elements.has(id);
  }

  /** `wanted` made into a valid id that is not taken yet: `name`, `name-1`, `name-2`, ... */
  unique(wanted: string): string {
    const base = sanitizeId(wanted);
    if (!this.elements.has(base)) return base;
    let number = 1;
    while (this.elements.has(`${base}-${number}`)) number++;
    return `${base}-${number}`;
  }
}

/** Replaces what XML does not allow in an id by dots, as Pacemaker does. */
export function sanitizeId(text: string): string {
  return text.replace(/[:#+&()]/g, '.');
}
