import type { View } from '../membership/types.js';
import type { ControllerNode, Join, Lineage } from './types.js';

/** Of a document that was replicated nowhere yet. */
export const NO_LINEAGE: Lineage = { view: 0, diverged: false };

/** Whether others may change the configuration at the same time: without quorum, or as one of two that each have it. */
export function isApart(view: View, nodes: readonly ControllerNode[]): boolean {
  const everybody = nodes.every((node) => view.members.some((member) => member.node === node.node));
  return !view.quorum.quorate || (view.quorum.flags.includes('2Node') && !everybody);
}

/** What a document descends from once it was replicated in a view. */
export function replicatedIn(
  view: View,
  nodes: readonly ControllerNode[],
  before: Lineage,
  configuration: boolean,
): Lineage {
  if (!isApart(view, nodes))
    return { view: view.id.epoch, coordinator: view.id.coordinator, diverged: false };
  return {
    ...before,
    diverged: before.diverged || configuration,
    ...(view.quorum.quorate ? { alone: view.id.epoch } : {}),
  };
}

/**
 * Above 0 where `a` goes on rather than `b`. The document of the later quorate view holds all that was acknowledged,
 * whatever a minority has made of an earlier one. Where both descend from one such view, a change of the configuration
 * counts first, and then what has gone on longer.
 */
export function compareJoins(a: Join, b: Join): number {
  return (
    a.lineage.view - b.lineage.view ||
    (a.lineage.coordinator ?? 0) - (b.lineage.coordinator ?? 0) ||
    a.version.adminEpoch - b.version.adminEpoch ||
    a.version.epoch - b.version.epoch ||
    (a.lineage.alone ?? 0) - (b.lineage.alone ?? 0) ||
    a.version.numUpdates - b.version.numUpdates
  );
}
