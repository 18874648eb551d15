import type { Member, NodeId, View, ViewId } from './types.js';

export const NO_VIEW: ViewId = { epoch: 0, coordinator: 0 };

/** Negative where `a` comes before `b`. */
export function compareViewIds(a: ViewId, b: ViewId): number {
  return a.epoch - b.epoch || a.coordinator - b.coordinator;
}

export function sameViewId(a: ViewId | null | undefined, b: ViewId | null | undefined): boolean {
  return !!a && !!b && a.epoch === b.epoch && a.coordinator === b.coordinator;
}

/** "7.2" */
export function formatViewId(id: ViewId): string {
  return `${id.epoch}.${id.coordinator}`;
}

/** "(1 2 3)" */
export function formatMembers(members: readonly Member[]): string {
  return `(${members.map((member) => member.node).join(' ')})`;
}

/** Both lists sorted by node id. */
export function sameMembers(a: readonly Member[], b: readonly Member[]): boolean {
  return (
    a.length === b.length && a.every((member, i) => member.node === b[i]!.node && member.boot === b[i]!.boot)
  );
}

export function memberOf(view: View | null, node: NodeId): Member | undefined {
  return view?.members.find((member) => member.node === node);
}
