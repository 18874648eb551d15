import { INFINITY } from '../cib/score.js';
import { activeNodes } from './queries.js';
import { addNodeScore, banEverywhere } from './scores.js';
import { type ClusterNode, type ClusterStatus, type Resource, Role } from './types.js';

/**
 * Notes that a resource is active on a node, and so are those it is part of. More than one node for a primitive is
 * what `multiple-active` is about.
 *
 * @param failed it is active, but not as it should be
 */
export function addRunning(
  status: ClusterStatus,
  resource: Resource,
  node: ClusterNode,
  failed: boolean,
): void {
  if (resource.runningOn.includes(node)) return;
  resource.runningOn.push(node);
  if (resource.kind === 'primitive') {
    node.running.push(resource);
    if (!failed) addPriority(resource, node);
    if (node.maintenance) resource.managed = false;
  }
  if (!resource.managed) {
    addNodeScore(resource, node, INFINITY);
    for (let above = resource.parent; above && node.online; above = above.parent) above.runningOn.push(node);
    return;
  }
  if (resource.kind === 'primitive' && isMultiplyActive(resource)) {
    if (resource.multipleActive === 'stop_only') banEverywhere(status, resource);
    else if (resource.multipleActive === 'block') blockWithSiblings(resource);
  }
  if (resource.parent) addRunning(status, resource.parent, node, false);
}

function isMultiplyActive(resource: Resource): boolean {
  const active = activeNodes(resource);
  return (resource.needsFencing ? active.all : active.clean) > 1;
}

function blockWithSiblings(resource: Resource): void {
  resource.managed = false;
  resource.blocked = true;
  const { parent } = resource;
  if (parent && (parent.kind === 'group' || parent.kind === 'bundle') && parent.multipleActive === 'block') {
    for (const sibling of parent.children) {
      sibling.managed = false;
      sibling.blocked = true;
    }
  }
}

/** What runs on a node makes the node more important (`priority-fencing-delay`). */
function addPriority(resource: Resource, node: ClusterNode): void {
  if (resource.priority === 0) return;
  const priority = resource.priority + (resource.role === Role.Promoted ? 1 : 0);
  node.priority += priority;
  for (const host of node.remoteResource?.container?.runningOn ?? []) host.priority += priority;
}
