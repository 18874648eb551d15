import type { Element } from '../cib/element.js';
import type { LostMember, NodeId, View } from '../membership/types.js';
import { memberOf } from '../membership/view.js';
import { findNodeState } from './edits.js';
import { type MachineLoad, slownessOf } from './throttle.js';
import type { ControllerConfig } from './types.js';

/**
 * How long starts wait for nodes that were lost, in ms: they may still be stopping what they ran.
 *
 * @param lost by whichever member of the view
 * @param previous this node's view before
 * @param loads as far as members and who was one have said
 */
export function graceFor(
  lost: readonly LostMember[],
  view: View,
  previous: View | null,
  config: ControllerConfig,
  loads: ReadonlyMap<NodeId, MachineLoad>,
  cib: Element,
): number {
  const { unfencedGraceMs, tokenMs, self } = config;
  if (!view.quorum.quorate || view.quorum.flags.includes('2Node') || unfencedGraceMs === 0) return 0;
  // A node that has not said how busy it is may be as busy as this one: clusters are often loaded evenly.
  const own = loads.get(self);
  const times = lost
    // Of a node that was apart from this one the document does not tell yet.
    .filter(({ node }) => !(memberOf(previous, node) && saidGoodbye(cib, node)))
    .map(({ node, heard }) => {
      const slowness = slownessOf(loads.get(node) ?? own);
      return unfencedGraceMs * slowness + (heard ? tokenMs : 0);
    });
  return Math.max(0, ...times);
}

/** It has left in order: nothing runs there. */
export function saidGoodbye(cib: Element, node: NodeId): boolean {
  return findNodeState(cib, String(node))?.get('expected') === 'down';
}
