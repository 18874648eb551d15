import { type ClusterNode, type Resource, Role, topmost } from './types.js';

/** The highest role of a resource's primitives now. A bundle itself has none. */
export function currentRole(resource: Resource): Role {
  switch (resource.kind) {
    case 'primitive':
      return resource.role;
    case 'bundle':
      return Role.Unknown;
    default: {
      let role: Role = Role.Unknown;
      for (const child of resource.children) {
        const other = currentRole(child);
        if (other > role) role = other;
      }
      return role;
    }
  }
}

/** Whether it is active: all of it, or any part. A node that is offline counts only where it is unclean. */
export function isActive(resource: Resource, all: boolean): boolean {
  switch (resource.kind) {
    case 'primitive':
      return resource.runningOn.some((node) => node.unclean || node.online || !resource.managed);
    case 'bundle':
      return isBundleActive(resource, all);
    case 'group': {
      let any = false;
      let every = true;
      for (const child of resource.children) {
        if (isActive(child, all)) any = true;
        else every = false;
      }
      return any && (!all || every);
    }
    default:
      for (const child of resource.children) {
        const active = isActive(child, all);
        if (!all && active) return true;
        if (all && !active) return false;
      }
      return all;
  }
}

function isBundleActive(resource: Resource, all: boolean): boolean {
  for (const replica of resource.bundle!.replicas) {
    for (const part of [replica.ip, replica.child, replica.container, replica.remote]) {
      if (!part) continue;
      const active = isActive(part, all);
      if (!all && active) return true;
      if (all && !active) return false;
    }
  }
  return all;
}

/** The nodes that the primitives of a resource are active on, in order of discovery. */
export function currentNodes(resource: Resource, includePending = false): ClusterNode[] {
  const found: ClusterNode[] = [];
  collectNodes(resource, includePending, found);
  return found;
}

function collectNodes(resource: Resource, includePending: boolean, into: ClusterNode[]): void {
  if (resource.children.length > 0) {
    for (const child of resource.children) collectNodes(child, includePending, into);
    return;
  }
  for (const node of resource.runningOn) if (!into.includes(node)) into.push(node);
  const pending = includePending ? resource.pendingNode : undefined;
  if (pending && !into.includes(pending)) into.push(pending);
}

/** The node it is active on, where there is exactly one entry; of a collection, counting every member. */
export function currentLocation(resource: Resource): ClusterNode | undefined {
  if (resource.children.length === 0)
    return resource.runningOn.length === 1 ? resource.runningOn[0] : undefined;
  const nodes = currentNodes(resource);
  return nodes.length === 1 ? nodes[0] : undefined;
}

export interface ActiveNodes {
  /** The node that counts as the one it runs on. */
  readonly node: ClusterNode | undefined;
  readonly all: number;
  /** Those that are online and clean. */
  readonly clean: number;
}

/** Where a resource is active; of several nodes, the one that a migration comes from or that is in best health. */
export function activeNodes(resource: Resource): ActiveNodes {
  let chosen: ClusterNode | undefined;
  let clean = 0;
  for (const node of resource.runningOn) {
    const healthy = node.online && !node.unclean;
    if (healthy) clean++;
    if (resource.partialMigrationSource) {
      if (node === resource.partialMigrationSource) chosen = node;
    } else if (!resource.needsFencing && healthy && (!chosen?.online || chosen.unclean)) {
      chosen = node;
    }
    chosen ??= node;
  }
  return { node: chosen, all: resource.runningOn.length, clean };
}

/** The node that a resource counts as running on. */
export function currentNode(resource: Resource): ClusterNode | undefined {
  if (resource.runningOn.length === 0) return undefined;
  return activeNodes(resource).node;
}

/** An id without `:N` at its end. */
export function baseName(id: string): string {
  const colon = id.lastIndexOf(':');
  return colon >= 0 && /^[0-9]*$/.test(id.slice(colon + 1)) && colon < id.length - 1
    ? id.slice(0, colon)
    : id;
}

/** Whether a flag holds for the resource or, unless it is wanted of all, for anything below. */
export function anyOf(resource: Resource, holds: (resource: Resource) => boolean): boolean {
  return holds(resource) || resource.children.some((child) => anyOf(child, holds));
}

export function allOf(resource: Resource, holds: (resource: Resource) => boolean): boolean {
  return holds(resource) && resource.children.every((child) => allOf(child, holds));
}

/** The part of a clone instance that is configured as `id` (the instance itself, or a member of its group). */
export function findInClone(resource: Resource, id: string): Resource | undefined {
  if (topmost(resource).kind === 'clone' && (resource.id === id || resource.xml.id === id)) return resource;
  for (const child of resource.children) {
    const found = findInClone(child, id);
    if (found) return found;
  }
  return undefined;
}

/** Whether the resource is a clone with an instance for every node. */
export function isUniversalClone(resource: Resource, nodeCount: number): boolean {
  return resource.kind === 'clone' && resource.clone!.max === nodeCount;
}
