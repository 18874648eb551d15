import type { NodeId, View } from '../../../src/membership/types.js';
import { compareViewIds, formatMembers, formatViewId } from '../../../src/membership/view.js';
import { type Check, violate } from './check.js';

export interface LeasesSurroundings {
  readonly nodes: readonly NodeId[];
  viewOf(node: NodeId): View | null;
  /** The node runs, and has listened to the others: if it believes that it may act, it does. */
  canAct(node: NodeId): boolean;
}

/**
 * When a quorate view begins anywhere, nobody outside it may act on an earlier one any more. That holds however late
 * packets are, since a node goes by what it knows to have been heard of itself.
 */
export function leasesCheck(world: LeasesSurroundings): Check {
  const believing = new Set<NodeId>();
  return {
    name: 'leases',
    active(node, active) {
      if (active) believing.add(node);
      else believing.delete(node);
    },
    view(node, view) {
      if (!view.quorum.quorate) return;
      for (const other of world.nodes) {
        if (!believing.has(other) || view.members.some((member) => member.node === other)) continue;
        const theirs = world.viewOf(other);
        if (!theirs?.quorum.quorate || compareViewIds(theirs.id, view.id) > 0 || !world.canAct(other))
          continue;
        violate(
          `node ${node} goes on to view ${formatViewId(view.id)} ${formatMembers(view.members)} while node ${other} may act on ${formatViewId(theirs.id)}`,
        );
      }
    },
  };
}
