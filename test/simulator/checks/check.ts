import type { Element } from '../../../src/cib/element.js';
import type { NodeId, OrderedMessage, View, ViewId } from '../../../src/membership/types.js';

/** A broken invariant; the run ends with it. */
export class Violation extends Error {}

export function violate(text: string): never {
  throw new Violation(text);
}

/** What a check is told. All of it is seen from outside the cores. */
export interface Check {
  readonly name: string;
  /** A node is about to propose a view for the first time. */
  proposing?(node: NodeId, id: ViewId): void;
  view?(node: NodeId, view: View, previous: View | null): void;
  /** `transitional`: at the change to the next view. */
  ordered?(node: NodeId, view: ViewId, message: OrderedMessage, transitional: boolean): void;
  starting?(node: NodeId, resource: string, orderedAtMs: number): void;
  /** A start has ended well, or a probe has found it active. */
  started?(resource: string): void;
  promoting?(node: NodeId, resource: string): void;
  stopped?(node: NodeId, resource: string, how: 'stop' | 'failure' | 'power'): void;
  active?(node: NodeId, active: boolean): void;
  /** The node orders operations, as the DC of a view. */
  ordering?(node: NodeId, view: ViewId): void;
  poweredOn?(node: NodeId): void;
  /** A fence device says that a node is off. */
  fenced?(node: NodeId): void;
  document?(node: NodeId, position: string, cib: Element): void;
  /** After the cluster has healed and settled. */
  settled?(): void;
}

/** A number for a view id, for maps. */
export function viewNumber(id: ViewId): number {
  return id.epoch * 64 + id.coordinator;
}
