import type { ClusterStatus } from '../status/types.js';
import { nodeBlock } from './node-text.js';
import { resourceBlock } from './resource-text.js';
import { outlineLines } from './text.js';
import { EVERYTHING, type View } from './view.js';

/** The lines of the node list, `depth` lists deep (crm_simulate puts them under a heading of its own). */
export function nodeListLines(status: ClusterStatus, view: View = EVERYTHING, depth = 0): string[] {
  const block = nodeBlock(status, view, 'text');
  return block && 'outline' in block ? outlineLines(block.outline, depth) : [];
}

/**
 * The lines of the resource list, with its heading; none where there is nothing to list. crm_resource's list leaves
 * out the nodes.
 */
export function resourceListLines(
  status: ClusterStatus,
  view: View = EVERYTHING,
  depth = 0,
  withoutNode = false,
): string[] {
  const block = resourceBlock(status, view, 'text', false, withoutNode);
  return block && 'outline' in block ? outlineLines(block.outline, depth) : [];
}
