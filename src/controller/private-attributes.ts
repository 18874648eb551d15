/** By node name, then by attribute. */
export type PrivateTable = Readonly<Record<string, Readonly<Record<string, string>>>>;

/**
 * Transient attributes that are kept out of the CIB (`attrd_updater --private`): every member has them, the DC changes
 * them, and they end with the run of the node that they belong to. An attribute is private from its creation on, as with
 * Pacemaker's attrd.
 */
export class PrivateAttributes {
  readonly #nodes = new Map<string, Map<string, string>>();

  /** Whether some node has a private attribute of this name. */
  has(attribute: string): boolean {
    return [...this.#nodes.values()].some((attributes) => attributes.has(attribute));
  }

  of(node: string): Record<string, string> {
    return Object.fromEntries(this.#nodes.get(node) ?? []);
  }

  /** False where it is so already. */
  set(node: string, attribute: string, value: string | null): boolean {
    const attributes = this.#nodes.get(node) ?? new Map<string, string>();
    if ((attributes.get(attribute) ?? null) === value) return false;
    if (value === null) attributes.delete(attribute);
    else attributes.set(attribute, value);
    if (attributes.size === 0) this.#nodes.delete(node);
    else this.#nodes.set(node, attributes);
    return true;
  }

  /** Only these nodes keep what they have. */
  retain(nodes: ReadonlySet<string>): void {
    for (const node of [...this.#nodes.keys()]) if (!nodes.has(node)) this.#nodes.delete(node);
  }

  get table(): PrivateTable {
    return Object.fromEntries(
      [...this.#nodes].map(([node, attributes]) => [node, Object.fromEntries(attributes)]),
    );
  }

  replace(table: PrivateTable): void {
    this.#nodes.clear();
    for (const [node, attributes] of Object.entries(table)) {
      this.#nodes.set(node, new Map(Object.entries(attributes)));
    }
  }
}
