import { Element, type Node } from '../../cib/element.js';
import type { Reports } from '../report.js';
import type { SchemaFacts } from '../schema-facts.js';

/** What a statement's meaning depends on beside its words. */
export interface BuildContext {
  readonly schema: SchemaFacts;
  /** Providers that offer an OCF agent of this type, as installed; empty where none or unknown. */
  readonly providers: (type: string) => readonly string[];
  /** Names of all nodes, sorted. */
  readonly nodes: () => readonly string[];
  readonly reports: Reports;
  /** Empty values are refused: a property statement that was typed. */
  readonly refuseEmpty?: boolean;
  /** Master and Slave become Promoted and Unpromoted where the schema has them (option `core.OCF_1_1_SUPPORT`). */
  readonly upgradeRoles?: boolean;
}

/** Child of a built container that stands for the resource with that id. */
export const CHILD_REFERENCE = 'child-reference';

/** Attributes of an element; what is undefined is left out. */
export type Attributes = Record<string, string | undefined>;

export function make(name: string, attributes: Attributes = {}, children: Node[] = []): Element {
  const element = new Element(name, [], children);
  for (const [key, value] of Object.entries(attributes)) if (value !== undefined) element.set(key, value);
  return element;
}
