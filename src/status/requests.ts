import { fenceNode } from './fencing.js';
import type { ClusterNode, ClusterStatus, Resource } from './types.js';

/** Asks for a stop. Where it cannot run because the node is gone, the node must be fenced. */
export function requestStop(status: ClusterStatus, resource: Resource, node: ClusterNode): void {
  status.requests.push({ kind: 'stop', resource, node });
  if (node.online || (node.isGuest && !node.remoteRequiresReset)) return;
  if (resource.managed && !node.unclean) fenceNode(status, node, 'stop is unrunnable');
}
