import type { ClusterNode, ClusterStatus, Resource } from './types.js';

/** Whether this cluster is able and allowed to fence the node now (`pe_can_fence`). */
export function canFence(
  status: ClusterStatus,
  node: ClusterNode | undefined,
  guests: readonly ClusterNode[] = [],
): boolean {
  if (node?.isGuest) {
    // Broken histories can have guests that run on each other.
    if (guests.includes(node)) return false;
    const inside = [...guests, node];
    return node.remoteResource!.container!.runningOn.every(
      (host) => host.online || canFence(status, host, inside),
    );
  }
  const options = status.options;
  if (!options.stonithEnabled || !options.haveStonithResource) return false;
  if (status.quorate || options.noQuorumPolicy === 'ignore') return true;
  return node?.online ?? false;
}

/** A connection that is left over from a guest whose resource is no longer configured. */
function isDanglingGuest(node: ClusterNode): boolean {
  const connection = node.remoteResource;
  return node.isGuestOrRemote && !!connection && !connection.container && connection.orphanFiller;
}

/**
 * Notes that a node must be fenced. A guest node is fenced by recovering the resource that it lives in.
 *
 * @param priorityDelay the loss is sudden, so that `priority-fencing-delay` applies
 */
export function fenceNode(
  status: ClusterStatus,
  node: ClusterNode,
  reason: string,
  priorityDelay = false,
): void {
  const request = () => {
    node.unclean = true;
    status.requests.push({ kind: 'fence', node, reason, priorityDelay });
  };
  const warn = (text: string) => status.messages.push({ severity: 'warning', text, remark: true });
  const outcome = () => (canFence(status, node) ? 'will be fenced' : 'is unclean');
  if (node.isGuest) {
    const container = node.remoteResource!.container!;
    if (container.failed || !container.managed) return;
    status.messages.push({
      severity: 'warning',
      text: `Guest node ${node.name} will be fenced (by recovering its guest resource ${container.id}): ${reason}`,
      remark: true,
    });
    node.remoteRequiresReset = true;
    markForRecovery(container);
  } else if (isDanglingGuest(node)) {
    markForRecovery(node.remoteResource!);
  } else if (node.isRemote) {
    const connection = node.remoteResource;
    if (!(connection && !connection.managed) && !node.remoteRequiresReset) {
      node.remoteRequiresReset = true;
      warn(`Remote node ${node.name} ${outcome()}: ${reason}`);
    }
    request();
  } else if (!node.unclean) {
    warn(`Cluster node ${node.name} ${outcome()}: ${reason}`);
    request();
  }
}

/** A failed resource that must be stopped before anything else. */
export function markForRecovery(resource: Resource): void {
  resource.failed = true;
  resource.mustStop = true;
}
