import { addScores, INFINITY } from '../cib/score.js';
import { currentNode } from '../status/queries.js';
import { addScoreEverywhere } from '../status/scores.js';
import type { Candidate, ClusterNode, Resource } from '../status/types.js';
import { assignedLocation, copyCandidates, isReady, parentCandidate, unassign } from './assignment.js';
import { addThisWith, addWithThis, hasInfluence } from './colocation.js';
import type { Planner } from './planner.js';

/** Adds to the score of a node that a resource and its members have it as candidate. */
function addExistingScore(resource: Resource, node: ClusterNode, score: number): void {
  const candidate = resource.allowed.get(node);
  if (candidate) candidate.score = addScores(candidate.score, score);
  for (const child of resource.children) addExistingScore(child, node, score);
}

/** Bans an instance from nodes that cannot take another one. */
function banFullNodes(instance: Resource, limit: number): void {
  for (const { node } of [...instance.allowed.values()]) {
    const inCollection = parentCandidate(instance, node);
    const hasRoom = inCollection && inCollection.score >= 0 && inCollection.count < limit;
    if (!hasRoom || !isReady(node) || instance.orphan) addExistingScore(instance, node, -INFINITY);
  }
}

/** What the collection is colocated with, its instance is. */
function inheritColocations(collection: Resource, instance: Resource, all: boolean): void {
  const { thisWith, withThis } = collection.plan!;
  for (const colocation of thisWith) {
    if (all || colocation.score < 0 || colocation.score === INFINITY) addThisWith(instance, colocation);
  }
  for (const colocation of withThis) {
    if (!hasInfluence(colocation, instance)) continue;
    if (all || colocation.score < 0) addWithThis(instance, colocation);
  }
}

/** Assigns one instance; with `prefer`, to that node or not at all. */
function assignInstance(
  planner: Planner,
  instance: Resource,
  prefer: ClusterNode | undefined,
  all: boolean,
  limit: number,
): ClusterNode | undefined {
  const plan = instance.plan!;
  if (!plan.provisional) return assignedLocation(instance);
  if (plan.assigning) return undefined;
  inheritColocations(instance.parent!, instance, all);
  if (prefer && (instance.allowed.get(prefer)?.score ?? -1) < 0) return undefined;
  planner.because('clone-node-max', () => banFullNodes(instance, limit));
  const backup = copyCandidates(instance.allowed);
  const chosen = planner.methodsOf(instance).assign(planner, instance, prefer);
  if (chosen && prefer && chosen !== prefer) {
    instance.allowed = backup;
    unassign(instance);
    return undefined;
  }
  if (chosen) {
    const inCollection = parentCandidate(instance, chosen);
    if (inCollection) inCollection.count++;
    else if (instance.managed) {
      planner.error(`${chosen.id} not found in ${instance.parent!.id}`);
    }
  }
  return chosen;
}

/**
 * Spreads instances over nodes: first those that can stay, then the rest.
 *
 * @param nodes candidates of the collection
 * @param max how many instances there are to be
 * @param perNode how many a node may have
 */
export function distribute(
  planner: Planner,
  instances: readonly Resource[],
  nodes: readonly Candidate[],
  max: number,
  perNode: number,
): void {
  let ready = 0;
  for (const candidate of nodes) {
    candidate.count = 0;
    if (isReady(candidate.node)) ready++;
  }
  const all = max < ready;
  const share = Math.max(1, ready > 0 ? Math.trunc(max / ready) : 0);
  let assigned = 0;
  for (const instance of instances) {
    if (assigned >= max) break;
    if (instance.runningOn.length === 0 || !instance.plan!.provisional || instance.failed) continue;
    const node = currentNode(instance)!;
    if (!isReady(node) || node.score < 0) continue;
    if ((parentCandidate(instance, node)?.count ?? 0) >= share) continue;
    if (assignInstance(planner, instance, node, all, perNode)) assigned++;
  }
  for (const instance of instances) {
    const node = currentNode(instance);
    if (node && !parentCandidate(instance, node)) {
      planner.remark('error', `${instance.id} is running on ${node.name} which isn't allowed`);
    }
    if (!instance.plan!.provisional) continue;
    if (assigned >= max) {
      planner.because('clone-max', () => addScoreEverywhere(planner.status, instance, -INFINITY));
      instance.plan!.assigned = undefined;
    } else if (assignInstance(planner, instance, undefined, all, perNode)) assigned++;
  }
}
