import type { NodeId, View } from '../../../src/membership/types.js';
import { formatViewId } from '../../../src/membership/view.js';
import { type Check, violate } from './check.js';

export interface OverlapSurroundings {
  activeOn(resource: string): readonly NodeId[];
  viewOf(node: NodeId): View | null;
  /** The node's agent runs, and has not stood still lately. */
  isSteady(node: NodeId): boolean;
}

/**
 * Without fencing, where no packet is late: nothing is started that is active on a node that runs and still takes itself
 * for a member of a quorate view. Clones may be active on several nodes.
 */
export function overlapCheck(world: OverlapSurroundings): Check {
  const acting = new Set<NodeId>();
  return {
    name: 'overlap',
    active(node, active) {
      if (active) acting.add(node);
      else acting.delete(node);
    },
    poweredOn(node) {
      acting.delete(node);
    },
    starting(node, resource) {
      if (resource.startsWith('c')) return;
      for (const other of world.activeOn(resource)) {
        const view = world.viewOf(other);
        if (other === node || !view?.quorum.quorate || !acting.has(other) || !world.isSteady(other)) continue;
        violate(
          `node ${node} starts ${resource}, active on node ${other}, which acts in view ${formatViewId(view.id)}`,
        );
      }
    },
  };
}
