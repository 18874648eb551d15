import { INFINITY } from '../cib/score.js';
import { addNodeScore, addScoreEverywhere } from '../status/scores.js';
import {
  type Candidate,
  type ClusterNode,
  type ClusterStatus,
  type Resource,
  Role,
} from '../status/types.js';
import { ActionFlag } from './flags.js';
import { listSort } from './list-sort.js';
import type { Planner } from './planner.js';
import { compareCapacities, consumeCapacity, releaseCapacity, utilizationEntries } from './utilization.js';

/** Whether a node can take resources at all. */
export function isReady(node: ClusterNode): boolean {
  return node.online && !node.shutdown && !node.unclean && !node.standby && !node.maintenance;
}

/** Whether a candidate's node can take the resource. */
export function isAvailable(candidate: Candidate): boolean {
  return candidate.score >= 0 && isReady(candidate.node);
}

export function anyAvailable(candidates: ReadonlyMap<ClusterNode, Candidate>): boolean {
  for (const candidate of candidates.values()) if (isAvailable(candidate)) return true;
  return false;
}

/** Whether a node can take resources; a guest only if the resource it lives in will be somewhere. */
export function isReadyGuestIncluded(node: ClusterNode): boolean {
  if (!isReady(node)) return false;
  return !node.isGuest || assignedLocation(node.remoteResource!.container!) !== undefined;
}

export function copyCandidates(candidates: ReadonlyMap<ClusterNode, Candidate>): Map<ClusterNode, Candidate> {
  const copy = new Map<ClusterNode, Candidate>();
  for (const [node, { score, discovery }] of candidates) copy.set(node, { node, score, discovery, count: 0 });
  return copy;
}

/** Candidates, best first: score, then (by strategy) free capacity and few resources, then `active`, then name. */
export function sortCandidates(
  status: ClusterStatus,
  candidates: Iterable<Candidate>,
  active: ClusterNode | undefined,
): Candidate[] {
  const strategy = status.options.placementStrategy;
  const effective = (candidate: Candidate) => (isReady(candidate.node) ? candidate.score : -INFINITY);
  const byName = (a: Candidate, b: Candidate) =>
    a.node.name < b.node.name ? -1 : a.node.name > b.node.name ? 1 : 0;
  return listSort([...candidates], (a, b) => {
    const scores = effective(b) - effective(a);
    if (scores !== 0) return scores;
    if (strategy === 'minimal') return byName(a, b);
    if (strategy === 'balanced') {
      const capacity = compareCapacities(a.node, b.node);
      if (capacity !== 0) return capacity;
    }
    if (a.node.assignedCount !== b.node.assignedCount) return a.node.assignedCount - b.node.assignedCount;
    if (active && a.node !== b.node) {
      if (active === a.node) return -1;
      if (active === b.node) return 1;
    }
    return byName(a, b);
  });
}

/** The nodes that the primitives of a resource are assigned to. */
export function assignedNodes(resource: Resource, into: ClusterNode[] = []): ClusterNode[] {
  if (resource.children.length > 0) {
    for (const child of resource.children) assignedNodes(child, into);
  } else {
    const node = resource.plan!.assigned;
    if (node && !into.includes(node)) into.push(node);
  }
  return into;
}

/** The node that all of a resource is assigned to; undefined where there are several, or none. */
export function assignedLocation(resource: Resource): ClusterNode | undefined {
  if (resource.children.length === 0) return resource.plan!.assigned;
  const nodes = assignedNodes(resource);
  return nodes.length === 1 ? nodes[0] : undefined;
}

/** The highest role that the primitives of a resource are to have. */
export function nextRoleOf(resource: Resource): Role {
  if (resource.kind === 'primitive') return resource.nextRole;
  let role: Role = Role.Unknown;
  if (resource.kind === 'bundle') return role;
  for (const child of resource.children) {
    const other = nextRoleOf(child);
    if (other > role) role = other;
  }
  return role;
}

/**
 * Settles the node of a primitive, or that it has none.
 *
 * @param force even where the node cannot take it (unmanaged resources stay where they are)
 * @returns whether it has a node
 */
export function settle(
  planner: Planner,
  resource: Resource,
  chosen: Candidate | undefined,
  force: boolean,
): boolean {
  const plan = resource.plan!;
  let candidate = chosen;
  if (!force && candidate && !(isAvailable(candidate) || (candidate.score >= 0 && candidate.node.isGuest))) {
    resource.nextRole = Role.Stopped;
    candidate = undefined;
  }
  unassign(resource);
  plan.provisional = false;
  if (!candidate) {
    resource.nextRole = Role.Stopped;
    for (const action of plan.actions) {
      if (action.task === 'stop') action.clear(ActionFlag.optional);
      else if (action.task === 'start') action.clear(ActionFlag.runnable);
      else {
        const interval = action.meta.get('interval');
        if (interval !== undefined && interval !== '0' && action.meta.get('op_target_rc') !== '7') {
          action.clear(ActionFlag.runnable);
        }
      }
    }
    return false;
  }
  const { node } = candidate;
  plan.assigned = node;
  plan.assignedScore = candidate.score;
  node.assigned.push(resource);
  node.assignedCount++;
  candidate.count++;
  consumeCapacity(node, resource);
  if (planner.recordUtilization) {
    planner.scores.push({
      kind: 'utilization',
      stage: 'pcmk__finalize_assignment',
      resource,
      node,
      values: utilizationEntries(resource.utilization),
    });
  }
  return true;
}

export function unassign(resource: Resource): void {
  const plan = resource.plan!;
  const node = plan.assigned;
  if (!node) return;
  plan.provisional = true;
  plan.assigned = undefined;
  const at = node.assigned.lastIndexOf(resource);
  if (at >= 0) node.assigned.splice(at, 1);
  node.assignedCount--;
  releaseCapacity(node, resource);
}

/** Takes all primitives of a resource off their nodes for good; whether any had one. */
export function assignNowhere(planner: Planner, resource: Resource): boolean {
  if (resource.children.length === 0) {
    const had = resource.plan!.assigned !== undefined;
    settle(planner, resource, undefined, true);
    return had;
  }
  let changed = false;
  for (const child of resource.children) if (assignNowhere(planner, child)) changed = true;
  return changed;
}

/** Bans a resource from everywhere and forgets where it was to go. */
export function banFromEverywhere(planner: Planner, resource: Resource): void {
  addScoreEverywhere(planner.status, resource, -INFINITY);
  resource.plan!.assigned = undefined;
}

export function ban(resource: Resource, node: ClusterNode): void {
  addNodeScore(resource, node, -INFINITY);
}

/** Keeps the scores of a resource and all below it for `crm_simulate -s`. */
export function recordAssignmentScores(planner: Planner, stage: string, resource: Resource): void {
  if (!planner.recordScores || resource.orphan) return;
  const candidates = [...resource.allowed.values()].sort((a, b) => a.node.index - b.node.index);
  for (const { node, score } of candidates) {
    planner.scores.push({ kind: 'assignment', stage, resource, node, score });
  }
  for (const child of resource.children) recordAssignmentScores(planner, stage, child);
}

/** The candidate of a node in the collection that a resource is directly in, or its own. */
export function parentCandidate(resource: Resource, node: ClusterNode): Candidate | undefined {
  return (resource.parent ?? resource).allowed.get(node);
}
