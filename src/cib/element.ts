/** Where something stands in the text it was read from; both count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A comment between elements; kept so that a round trip loses nothing. */
export interface Comment {
  readonly kind: 'comment';
  text: string;
}

/** Character data other than blanks between elements. */
export interface Text {
  readonly kind: 'text';
  text: string;
}

export type Node = Element | Comment | Text;

/**
 * One element of the configuration document. Attribute order, unknown attributes, comments and the order of
 * children are kept as read. The tree is mutable: whoever edits works on a `clone()`.
 */
export class Element {
  readonly kind = 'element';
  name: string;
  /** In document order. */
  attributes: Map<string, string>;
  children: Node[];
  /** Where the name in the element's tag begins; absent on elements that were not read from text. */
  position: Position | undefined;

  constructor(
    name: string,
    attributes: Iterable<readonly [string, string]> | Record<string, string> = [],
    children: Node[] = [],
    position?: Position,
  ) {
    this.name = name;
    this.attributes = new Map(
      Symbol.iterator in attributes
        ? (attributes as Iterable<readonly [string, string]>)
        : Object.entries(attributes as Record<string, string>),
    );
    this.children = children;
    this.position = position;
  }

  /** The attribute's value, or undefined where it is not set. */
  get(name: string): string | undefined {
    return this.attributes.get(name);
  }

  /** Sets the attribute; undefined removes it. An existing attribute keeps its place. */
  set(name: string, value: string | undefined): this {
    if (value === undefined) this.attributes.delete(name);
    else this.attributes.set(name, value);
    return this;
  }

  /** The `id` attribute, or the empty string. */
  get id(): string {
    return this.attributes.get('id') ?? '';
  }

  /** Child elements, in document order; only those called `name` where one is given. */
  elements(name?: string): Element[] {
    const found: Element[] = [];
    for (const child of this.children) {
      if (child.kind === 'element' && (name === undefined || child.name === name)) found.push(child);
    }
    return found;
  }

  /** The first child element called `name`. */
  first(name: string): Element | undefined {
    for (const child of this.children) {
      if (child.kind === 'element' && child.name === name) return child;
    }
    return undefined;
  }

  /** Follows child names from here, as `cib.at('configuration', 'resources')`. */
  at(...path: string[]): Element | undefined {
    let here: Element | undefined = this;
    for (const name of path) here = here?.first(name);
    return here;
  }

  /** The child called `name`, made at the end where there is none. */
  ensure(name: string): Element {
    const existing = this.first(name);
    if (existing) return existing;
    const made = new Element(name);
    this.children.push(made);
    return made;
  }

  append<T extends Node>(child: T): T {
    this.children.push(child);
    return child;
  }

  /** Removes a child by identity; false where it is not a child of this element. */
  remove(child: Node): boolean {
    const index = this.children.indexOf(child);
    if (index < 0) return false;
    this.children.splice(index, 1);
    return true;
  }

  /** This element and all elements below it, in document order. */
  *descendants(): Generator<Element> {
    yield this;
    // Nested generators would pass each element up through all its ancestors.
    const path: { readonly children: readonly Node[]; next: number }[] = [
      { children: this.children, next: 0 },
    ];
    for (let at = path.at(-1); at !== undefined; at = path.at(-1)) {
      const child = at.children[at.next++];
      if (child === undefined) path.pop();
      else if (child.kind === 'element') {
        yield child;
        path.push({ children: child.children, next: 0 });
      }
    }
  }

  /** A deep copy; positions are kept. */
  clone(): Element {
    return new Element(
      this.name,
      this.attributes,
      this.children.map((child) => (child.kind === 'element' ? child.clone() : { ...child })),
      this.position,
    );
  }
}
