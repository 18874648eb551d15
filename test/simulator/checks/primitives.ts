import type { NodeId, View } from '../../../src/membership/types.js';
import { formatViewId } from '../../../src/membership/view.js';
import { type Check, violate } from './check.js';

export interface PrimitivesSurroundings {
  nowMs(): number;
  /** Nodes on which the resource is active now. */
  activeOn(resource: string): readonly NodeId[];
  isPaused(node: NodeId): boolean;
  viewOf(node: NodeId): View | null;
  /** Nodes whose power the fencing device has cut since they were last started. */
  wasFenced(node: NodeId): boolean;
  readonly fencing: boolean;
  /** The node was last seen stopping cleanly. */
  leftCleanly(node: NodeId): boolean;
}

/** A node that has lost quorum may take this long to notice. */
const NOTICE_MS = 300;

/**
 * A primitive is started only where it is not active on another member of the newest quorate view; a node starts
 * nothing on the word of a view that is over; with fencing, nothing starts before the dead node is fenced.
 */
export function primitivesCheck(world: PrimitivesSurroundings): Check {
  let newest: { view: View; atMs: number } | null = null;
  /** Where each resource was active last, as long as that node has not been fenced, or stopped it. */
  return {
    name: 'primitives',
    view(_node, view) {
      if (!view.quorum.quorate) return;
      if (!newest || view.id.epoch > newest.view.id.epoch) newest = { view, atMs: world.nowMs() };
    },
    starting(node, resource) {
      const view = world.viewOf(node);
      if (!newest || !view) violate(`node ${node} starts ${resource} without a view`);
      const isMember = newest.view.members.some((member) => member.node === node);
      if (!isMember && world.nowMs() - newest.atMs > NOTICE_MS) {
        violate(
          `node ${node} starts ${resource} in view ${formatViewId(view.id)}, over since ${formatViewId(newest.view.id)}`,
        );
      }
      for (const other of world.activeOn(resource)) {
        if (other === node) continue;
        const both = isMember && newest.view.members.some((member) => member.node === other);
        if (both)
          violate(`node ${node} starts ${resource}, which is active on node ${other} of the same view`);
        if (world.fencing)
          violate(`node ${node} starts ${resource}, active on node ${other}, which is not fenced`);
      }
    },
  };
}
