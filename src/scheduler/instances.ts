import { isTrue } from '../cib/boolean.js';
import { activeNodes, anyOf, currentLocation, currentNode, currentRole } from '../status/queries.js';
import type { Candidate, ClusterNode, Resource } from '../status/types.js';
import { Role } from '../status/types.js';
import { assignedLocation, isReady, nextRoleOf, parentCandidate, sortCandidates } from './assignment.js';
import { addColocatedScores, factorOf, hasInfluence } from './colocation.js';
import type { Planner } from './planner.js';

/** The instances that count in a collection: of a bundle, its containers. */
export function instancesOf(resource: Resource): readonly Resource[] {
  return resource.bundle ? resource.bundle.replicas.map((replica) => replica.container) : resource.children;
}

/** Whether an instance is, or will be, on a node in a role. */
export function isCompatible(instance: Resource, node: ClusterNode, role: Role, current: boolean): boolean {
  if (role !== Role.Unknown && (current ? currentRole(instance) : nextRoleOf(instance)) !== role)
    return false;
  if (anyOf(instance, (part) => part.blocked)) return false;
  return (current ? currentLocation(instance) : assignedLocation(instance)) === node;
}

export function findCompatibleOn(
  node: ClusterNode,
  collection: Resource,
  role: Role,
  current: boolean,
): Resource | undefined {
  return instancesOf(collection).find((instance) => isCompatible(instance, node, role, current));
}

/** The instance of a collection that goes with an instance of another: on its node, or on one it may be on. */
export function findCompatible(
  planner: Planner,
  instance: Resource,
  collection: Resource,
  role: Role,
  current: boolean,
): Resource | undefined {
  const node = current ? currentLocation(instance) : assignedLocation(instance);
  if (node) return findCompatibleOn(node, collection, role, current);
  for (const candidate of sortCandidates(planner.status, instance.allowed.values(), undefined)) {
    const found = findCompatibleOn(candidate.node, collection, role, current);
    if (found) return found;
  }
  return undefined;
}

export function isInterleaved(resource: Resource): boolean {
  return isTrue(resource.meta.get('interleave'));
}

function instanceNumber(resource: Resource): number {
  const at = resource.id.lastIndexOf(':');
  const from = at >= 0 ? at : resource.id.lastIndexOf('-');
  return Number.parseInt(resource.id.slice(from + 1), 10) || 0;
}

export function compareInstanceNumbers(a: Resource, b: Resource): number {
  return instanceNumber(a) - instanceNumber(b);
}

function hasFailed(resource: Resource): boolean {
  return anyOf(resource, (part) => part.failed);
}

/** In which order instances get their nodes: those that should keep theirs first. */
export function compareInstances(a: Resource, b: Resource): number {
  const activeA = activeNodes(a);
  const activeB = activeNodes(b);
  if (activeA.all > 0 && activeB.all > 0 && activeA.all !== activeB.all) return activeA.all - activeB.all;
  const allowedA = isAllowedOn(a, activeA.node);
  const allowedB = isAllowedOn(b, activeB.node);
  if (allowedA !== allowedB) return allowedA ? -1 : 1;
  if (a.priority !== b.priority) return b.priority - a.priority;
  const nodeA = allowedA ? activeA.node : undefined;
  const nodeB = allowedB ? activeB.node : undefined;
  if (!nodeA || !nodeB) return Number(!nodeA) - Number(!nodeB);
  const readyA = isReady(nodeA);
  const readyB = isReady(nodeB);
  if (readyA !== readyB) return readyA ? -1 : 1;
  const candidateA = parentCandidate(a, nodeA);
  const candidateB = parentCandidate(b, nodeB);
  if (!candidateA || !candidateB) return Number(!candidateA) - Number(!candidateB);
  if (candidateA.count !== candidateB.count) return candidateA.count - candidateB.count;
  const failedA = hasFailed(a);
  const failedB = hasFailed(b);
  if (failedA !== failedB) return failedA ? 1 : -1;
  return compareByColocation(a, b) || compareInstanceNumbers(a, b);
}

function isAllowedOn(resource: Resource, node: ClusterNode | undefined): boolean {
  if (!node) return true;
  return (resource.allowed.get(node)?.score ?? -1) >= 0;
}

/** By how much what the clone is colocated with prefers the nodes that the instances are on. */
function compareByColocation(a: Resource, b: Resource): number {
  const score = (instance: Resource) => {
    const node = currentNode(instance)!;
    const start: Candidate = { node, score: node.score, discovery: node.discovery, count: 0 };
    let scores: Map<ClusterNode, Candidate> = new Map([[node, start]]);
    const { thisWith, withThis } = instance.parent!.plan!;
    for (const colocation of thisWith) {
      const { primary, nodeAttribute } = colocation;
      scores = addColocatedScores(primary, scores, nodeAttribute, factorOf(colocation), {})!;
    }
    for (const colocation of withThis) {
      if (!hasInfluence(colocation, instance)) continue;
      const { dependent, nodeAttribute } = colocation;
      scores = addColocatedScores(dependent, scores, nodeAttribute, factorOf(colocation), {
        nonnegative: true,
      })!;
    }
    return scores.get(node)!.score;
  };
  return score(b) - score(a);
}
