import type { NodeId, View } from '../../../src/membership/types.js';
import { compareViewIds, formatMembers, formatViewId } from '../../../src/membership/view.js';
import { type Check, violate } from './check.js';

export interface ServicesSurroundings {
  nowMs(): number;
  /** Nodes on which the resource is active now. */
  activeOn(resource: string): readonly NodeId[];
  promotedOn(resource: string): readonly NodeId[];
  /** Nodes on which a start of the resource has ended well. */
  startedOn(resource: string): readonly NodeId[];
  viewOf(node: NodeId): View | null;
  readonly fencing: boolean;
  /** Either of two nodes may act alone. */
  readonly twoNode: boolean;
  /** Pairs: the second is started only where the first has been. */
  readonly orders: readonly (readonly [string, string])[];
}

/** Instances of clones (`c0:1`) may be on several nodes, and a fence device (`f`) may be used by several. */
function isPrimitive(resource: string): boolean {
  return !resource.startsWith('c') && resource !== 'f';
}

/**
 * A primitive is started only where it is not active on another member of the newest quorate view; a node starts
 * nothing on the word of a view that is over; with fencing, nothing that a lost node had starts before that node is
 * known to be off; nothing starts before what is ordered ahead of it; one instance of a promotable clone is promoted.
 */
export function servicesCheck(world: ServicesSurroundings): Check {
  let newest: { view: View; atMs: number } | null = null;
  /** With fencing: resource → node that had it and lost its power without anybody's knowing for sure. */
  const unconfirmed = new Map<string, NodeId>();
  /** Resources that an agent has stopped, or that were never started; not those that failed or lost their power. */
  const stopped = new Set(world.orders.flat());

  const mayAct = (node: NodeId, what: string): View => {
    const view = world.viewOf(node);
    if (!newest) violate(`node ${node} ${what} before there was a quorate view`);
    const isMember = newest.view.members.some((member) => member.node === node);
    // Where the agent has ended, its executor does what was ordered before.
    if (view && !isMember && !world.twoNode && world.nowMs() > newest.atMs) {
      violate(
        `node ${node} ${what} in view ${formatViewId(view.id)}, over since ${formatViewId(newest.view.id)} ${formatMembers(newest.view.members)}`,
      );
    }
    return newest.view;
  };
  const areMembers = (view: View, a: NodeId, b: NodeId) =>
    [a, b].every((node) => view.members.some((member) => member.node === node));

  return {
    name: 'services',
    view(_node, view) {
      if (!view.quorum.quorate) return;
      if (!newest || compareViewIds(view.id, newest.view.id) > 0) newest = { view, atMs: world.nowMs() };
    },
    starting(node, resource) {
      const view = mayAct(node, `starts ${resource}`);
      for (const [first, then] of world.orders) {
        if (then === resource && stopped.has(first)) {
          violate(`node ${node} starts ${resource} before ${first}, which is ordered ahead of it`);
        }
      }
      if (!isPrimitive(resource)) return;
      for (const other of world.activeOn(resource)) {
        if (other === node) continue;
        if (areMembers(view, node, other))
          violate(`node ${node} starts ${resource}, which is active on node ${other} of the same view`);
        if (world.fencing)
          violate(`node ${node} starts ${resource}, active on node ${other}, which is not fenced`);
      }
      const owner = unconfirmed.get(resource);
      if (world.fencing && owner !== undefined && owner !== node) {
        violate(`node ${node} starts ${resource} before node ${owner}, which had it, is known to be off`);
      }
      unconfirmed.delete(resource);
    },
    started(resource) {
      stopped.delete(resource);
    },
    promoting(node, resource) {
      const view = mayAct(node, `promotes ${resource}`);
      for (const other of world.promotedOn(resource)) {
        if (other !== node && areMembers(view, node, other))
          violate(`node ${node} promotes ${resource}, which is promoted on node ${other} of the same view`);
      }
    },
    stopped(node, resource, how) {
      if (how === 'power') {
        if (isPrimitive(resource)) unconfirmed.set(resource, node);
      } else if (how === 'stop' && world.startedOn(resource).length === 0) stopped.add(resource);
    },
    fenced(node) {
      forgive(unconfirmed, node);
    },
    poweredOn(node) {
      forgive(unconfirmed, node);
    },
  };
}

function forgive(unconfirmed: Map<string, NodeId>, node: NodeId): void {
  for (const [resource, owner] of unconfirmed) if (owner === node) unconfirmed.delete(resource);
}
