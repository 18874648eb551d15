import type { CibObject } from './objects.js';

/** Which objects of a configuration statements have made, changed and removed, by `type:id`. */
export class ChangeLog {
  readonly #created = new Set<string>();
  readonly #modified = new Set<string>();
  readonly #removed = new Set<string>();
  schemaChanged = false;

  get any(): boolean {
    return this.#created.size + this.#modified.size + this.#removed.size > 0 || this.schemaChanged;
  }

  /** Made or changed since the document was read. */
  has(object: CibObject): boolean {
    const key = keyOf(object);
    return this.#created.has(key) || this.#modified.has(key);
  }

  /** Those that were in the document and are not any more. */
  get removed(): string[] {
    return [...this.#removed];
  }

  create(object: CibObject): void {
    this.#created.add(keyOf(object));
  }

  modify(object: CibObject): void {
    this.#modified.add(keyOf(object));
    if (object.container) this.modify(object.container);
  }

  remove(object: CibObject): void {
    const key = keyOf(object);
    this.#modified.delete(key);
    if (!this.#created.delete(key)) this.#removed.add(key);
  }

  /** Takes what is known of an object over to its new id. */
  rename(oldKey: string, newKey: string): void {
    const made = this.#created.delete(oldKey);
    this.#modified.delete(oldKey);
    (made ? this.#created : this.#modified).add(newKey);
  }

  copy(): ChangeLog {
    const copy = new ChangeLog();
    for (const key of this.#created) copy.#created.add(key);
    for (const key of this.#modified) copy.#modified.add(key);
    for (const key of this.#removed) copy.#removed.add(key);
    copy.schemaChanged = this.schemaChanged;
    return copy;
  }
}

export function keyOf(object: CibObject): string {
  return `${object.type}:${object.id}`;
}
