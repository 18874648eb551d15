import type { NodeId, View, ViewId } from '../../../src/membership/types.js';

/** A broken invariant; the run ends with it. */
export class Violation extends Error {}

export function violate(text: string): never {
  throw new Violation(text);
}

/** What a check is told. All of it is seen from outside the cores. */
export interface Check {
  readonly name: string;
  view?(node: NodeId, view: View, previous: View | null): void;
  /** `transitional`: at the change to the next view. */
  ordered?(node: NodeId, view: ViewId, sequence: number, payload: string, transitional: boolean): void;
  starting?(node: NodeId, resource: string): void;
  document?(node: NodeId, position: string, text: string): void;
  /** After the cluster has healed and settled. */
  settled?(): void;
}
