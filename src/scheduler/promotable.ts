import { addScores, INFINITY, parseScore } from '../cib/score.js';
import { baseName, currentRole, findInClone } from '../status/queries.js';
import { type ClusterNode, type Resource, Role, topmost } from '../status/types.js';
import { newestFirst, orderActions } from './action.js';
import { collectionAction } from './actions.js';
import { assignedLocation, assignedNodes, isReady, isReadyGuestIncluded, nextRoleOf } from './assignment.js';
import { addColocatedScores, factorOf, hasInfluence, keepOnly, sameValue } from './colocation.js';
import { Order } from './flags.js';
import { compareInstances, findCompatible } from './instances.js';
import { sortList } from './list-sort.js';
import { attributeFor } from './location-constraints.js';
import { addNotifications } from './notifications.js';
import { orderTasks } from './ordering.js';
import type { Colocation, Planner } from './planner.js';
import { requirePromotionTickets } from './tickets.js';

/** Whether a promotion score of a node counts for an instance: it is there, or may have been probed there. */
function scoreApplies(instance: Resource, node: ClusterNode): boolean {
  const id = baseName(instance.id);
  const clone = topmost(instance);
  const allowed = () => (instance.allowed.get(node)?.score ?? -1) >= 0;
  if (!instance.unique) {
    const active = findActive(clone, id, node);
    if (active === instance) return allowed();
    if (!active && clone.children.some((child) => findInClone(child, id)?.knownOn.has(node)))
      return allowed();
  }
  const unseen = instance.runningOn.length === 0 && instance.knownOn.size === 0;
  if (!unseen && !instance.knownOn.has(node) && !instance.runningOn.includes(node)) return false;
  return allowed();
}

function findActive(clone: Resource, id: string, node: ClusterNode): Resource | undefined {
  for (const child of clone.children) {
    const found = findActiveIn(child, id, node);
    if (found) return found;
  }
  return undefined;
}

function findActiveIn(resource: Resource, id: string, node: ClusterNode): Resource | undefined {
  if ((resource.id === id || resource.xml.id === id) && resource.runningOn.includes(node)) return resource;
  for (const child of resource.children) {
    const found = findActiveIn(child, id, node);
    if (found) return found;
  }
  return undefined;
}

/** The node attribute `master-ID` of an instance, summed over the members of a group; undefined where not set. */
function promotionScore(
  planner: Planner,
  resource: Resource,
  node: ClusterNode,
): { score: number; isSet: boolean } {
  if (resource.children.length > 0) {
    let score = 0;
    let isSet = false;
    for (const child of resource.children) {
      const own = promotionScore(planner, child, node);
      score += own.score;
      isSet ||= own.isSet;
    }
    return { score, isSet };
  }
  if (!scoreApplies(resource, node)) return { score: 0, isSet: false };
  const attribute = (id: string) => attributeFor(node, `master-${id}`, resource);
  let value = attribute(resource.historyName ?? resource.id);
  if (value === undefined && !resource.unique) {
    const id = baseName(resource.id);
    if (id !== resource.id) value = attribute(id);
  }
  if (value === undefined) return { score: 0, isSet: false };
  return { score: parseScore(value, planner.status.options.healthScores), isSet: true };
}

/** Lets instances prefer nodes where they would be promoted. */
export function addPromotionScores(planner: Planner, clone: Resource): void {
  if (clone.plan!.promotionScoresAdded) return;
  clone.plan!.promotionScoresAdded = true;
  for (const instance of clone.children) {
    for (const candidate of instance.allowed.values()) {
      if (!isReady(candidate.node)) continue;
      const { score } = promotionScore(planner, instance, candidate.node);
      if (score > 0) candidate.score = addScores(candidate.score, score);
      if (score > instance.priority) instance.priority = score;
    }
  }
}

/** Decides which instances are promoted. */
export function assignRoles(planner: Planner, clone: Resource): void {
  for (const candidate of clone.allowed.values()) candidate.count = 0;
  for (const instance of clone.children) setPriority(planner, clone, instance);
  sortForPromotion(planner, clone);
  let promoted = 0;
  for (const instance of clone.children) if (assignRole(planner, clone, instance, promoted)) promoted++;
}

function setCurrentUnpromoted(resource: Resource): void {
  if (resource.role === Role.Started) resource.role = Role.Unpromoted;
  for (const child of resource.children) setCurrentUnpromoted(child);
}

function setPriority(planner: Planner, clone: Resource, instance: Resource): void {
  if (currentRole(instance) === Role.Started) setCurrentUnpromoted(instance);
  const nodes = assignedNodes(instance);
  if (nodes.length > 1) planner.error(`Cannot promote non-colocated child ${instance.id}`);
  const chosen = assignedLocation(instance);
  if (!chosen) return;
  const nextRole = nextRoleOf(instance);
  switch (nextRole) {
    case Role.Started:
    case Role.Unknown: {
      const { score, isSet } = promotionScore(planner, instance, chosen);
      // Without any score, it is not promoted by itself.
      instance.priority = isSet ? score : -1;
      break;
    }
    case Role.Unpromoted:
    case Role.Stopped:
      instance.priority = -INFINITY;
      break;
  }
  for (const owner of [instance, clone]) {
    for (const location of newestFirst(owner.plan!.locations)) {
      if (location.role !== Role.Promoted) continue;
      const match = location.nodes.find(({ node }) => node === chosen);
      if (match) instance.priority = addScores(instance.priority, match.score);
    }
  }
  for (const colocation of instance.plan!.thisWith.slice()) {
    const { primary } = colocation;
    planner.methodsOf(instance).applyColocation(planner, instance, primary, colocation, true);
  }
  instance.plan!.sortIndex = nextRole === Role.Promoted ? INFINITY : instance.priority;
}

function compareForPromotion(a: Resource, b: Resource): number {
  const indexes = b.plan!.sortIndex - a.plan!.sortIndex;
  if (indexes !== 0) return indexes;
  return currentRole(b) - currentRole(a) || compareInstances(a, b);
}

/** Ranks instances by promotion score, with what is colocated with the promoted role. */
function sortForPromotion(planner: Planner, clone: Resource): void {
  const plan = clone.plan!;
  if (plan.promotionSorted) return;
  plan.promotionSorted = true;
  plan.merging = true;
  for (const instance of clone.children) {
    const { sortIndex } = instance.plan!;
    const chosen = sortIndex < 0 ? undefined : assignedLocation(instance);
    const candidate = chosen && clone.allowed.get(chosen);
    if (candidate) candidate.score = addScores(sortIndex, candidate.score);
  }
  for (const colocation of plan.thisWith) {
    if (colocation.dependentRole !== Role.Promoted) continue;
    const options = colocation.score < INFINITY ? { active: true } : {};
    const { primary, nodeAttribute } = colocation;
    clone.allowed = addColocatedScores(primary, clone.allowed, nodeAttribute, factorOf(colocation), options)!;
  }
  for (const colocation of plan.withThis) {
    if (colocation.primaryRole !== Role.Promoted || !hasInfluence(colocation)) continue;
    const { dependent, nodeAttribute } = colocation;
    clone.allowed = addColocatedScores(dependent, clone.allowed, nodeAttribute, factorOf(colocation), {
      active: true,
      nonnegative: true,
    })!;
  }
  requirePromotionTickets(planner, clone);
  for (const instance of clone.children) {
    const own = instance.plan!;
    const chosen = assignedLocation(instance);
    if (!instance.managed && instance.nextRole === Role.Promoted) own.sortIndex = INFINITY;
    else if (chosen && own.sortIndex >= 0) {
      own.sortIndex = clone.allowed.get(chosen)?.score ?? own.sortIndex;
    }
  }
  sortList(clone.children, compareForPromotion);
  plan.merging = false;
}

/** The node that an instance, with all its members, can be promoted on. */
function promotionNode(resource: Resource): ClusterNode | undefined {
  for (const child of resource.children) if (!promotionNode(child)) return undefined;
  const clone = topmost(resource);
  const node = assignedLocation(resource);
  if (!node) return undefined;
  if (!resource.managed) {
    if (currentRole(resource) !== Role.Promoted) return undefined;
  } else if (resource.priority < 0 || !isReadyGuestIncluded(node)) return undefined;
  const candidate = clone.allowed.get(node);
  if (!candidate) return undefined;
  if (candidate.count >= clone.clone!.promotedNodeMax && resource.managed) return undefined;
  return node;
}

function setNextUnpromoted(resource: Resource): void {
  resource.nextRole = assignedNodes(resource).length === 0 ? Role.Stopped : Role.Unpromoted;
  for (const child of resource.children) setNextUnpromoted(child);
}

function setNextPromoted(resource: Resource): void {
  if (resource.nextRole === Role.Unknown) resource.nextRole = Role.Promoted;
  for (const child of resource.children) setNextPromoted(child);
}

function assignRole(planner: Planner, clone: Resource, instance: Resource, promoted: number): boolean {
  const { status } = planner;
  const { sortIndex } = instance.plan!;
  if (planner.recordScores) {
    planner.scores.push({
      kind: 'promotion',
      resource: instance,
      node: assignedLocation(instance),
      score: sortIndex,
    });
  }
  let node: ClusterNode | undefined;
  if (sortIndex >= 0 && (promoted < clone.clone!.promotedMax || !clone.managed))
    node = promotionNode(instance);
  const frozen =
    instance.role < Role.Promoted && !status.quorate && status.options.noQuorumPolicy === 'freeze';
  if (!node || frozen) {
    setNextUnpromoted(instance);
    return false;
  }
  clone.allowed.get(node)!.count++;
  setNextPromoted(instance);
  return true;
}

interface RoleChanges {
  promoting: boolean;
  demoting: boolean;
}

function observeRoles(resource: Resource, changes: RoleChanges): void {
  if (resource.children.length > 0) {
    for (const child of resource.children) observeRoles(child, changes);
    return;
  }
  for (const action of newestFirst(resource.plan!.actions)) {
    if (action.optional) continue;
    if (action.task === 'demote') changes.demoting = true;
    else if (action.task === 'promote') changes.promoting = true;
  }
}

export function createPromotableActions(planner: Planner, clone: Resource): void {
  const changes: RoleChanges = { promoting: false, demoting: false };
  for (const instance of clone.children) {
    planner.methodsOf(instance).createActions(planner, instance);
    observeRoles(instance, changes);
  }
  const plan = clone.plan!;
  const pair = (task: string, done: string, needed: boolean) => {
    const begin = collectionAction(planner, clone, task, !needed, true);
    const end = collectionAction(planner, clone, done, !needed, true);
    end.priority = INFINITY;
    return [begin, end] as const;
  };
  const [promote, promoted] = pair('promote', 'promoted', changes.promoting);
  plan.promoteNotifications ??= addNotifications(planner, clone, 'promote', promote, promoted);
  const [demote, demoted] = pair('demote', 'demoted', changes.demoting);
  if (!plan.demoteNotifications) {
    plan.demoteNotifications = addNotifications(planner, clone, 'demote', demote, demoted);
    if (plan.promoteNotifications) {
      const { pre } = plan.promoteNotifications;
      const afterDemotion = plan.demoteNotifications?.postDone;
      orderActions(plan.stopNotifications?.postDone, pre, Order.optional);
      orderActions(plan.startNotifications?.postDone, pre, Order.optional);
      orderActions(afterDemotion, pre, Order.optional);
      orderActions(afterDemotion, plan.startNotifications?.pre, Order.optional);
      orderActions(afterDemotion, plan.stopNotifications?.pre, Order.optional);
    }
  }
  for (const instance of clone.children) instance.priority = clone.priority;
}

/** What comes down is down before anything comes up. */
export function orderRoleChanges(planner: Planner, resource: Resource): void {
  for (const [first, then] of [
    ['stopped', 'start'],
    ['stopped', 'promote'],
    ['demoted', 'stop'],
    ['demoted', 'start'],
    ['demoted', 'promote'],
    ['running', 'promote'],
    ['demote', 'demoted'],
  ] as const) {
    orderTasks(planner, resource, first, resource, then, Order.optional);
  }
}

export function orderPromotable(planner: Planner, clone: Resource): void {
  orderRoleChanges(planner, clone);
  const { ordered } = clone.clone!;
  let previous: Resource | undefined;
  for (const instance of clone.children) {
    orderTasks(planner, instance, 'demote', instance, 'promote', Order.optional);
    orderTasks(planner, clone, 'promote', instance, 'promote', Order.optional);
    orderTasks(planner, instance, 'promote', clone, 'promoted', Order.optional);
    if (previous && ordered) orderTasks(planner, previous, 'promote', instance, 'promote', Order.optional);
    orderTasks(planner, clone, 'demote', instance, 'demote', Order.showFirst);
    orderTasks(planner, instance, 'demote', clone, 'demoted', Order.showThen);
    if (previous && ordered) orderTasks(planner, instance, 'demote', previous, 'demote', Order.optional);
    previous = instance;
  }
}

/** What is to be with a role of a clone goes where instances in that role are. */
export function applyPromotedToDependent(clone: Resource, dependent: Resource, colocation: Colocation): void {
  const { score, primaryRole, dependentRole } = colocation;
  const attribute = colocation.nodeAttribute ?? '#uname';
  const affected: { node: ClusterNode; score: number }[] = [];
  for (const instance of clone.children) {
    const node = assignedLocation(instance);
    if (!node || nextRoleOf(instance) !== primaryRole) continue;
    if (score < INFINITY) {
      const value = node.attributes.get(attribute);
      for (const candidate of dependent.allowed.values()) {
        if (sameValue(value, candidate.node.attributes.get(attribute))) {
          candidate.score = addScores(candidate.score, score);
        }
      }
    }
    affected.unshift({ node, score: assignedScore(instance) });
  }
  if (score >= INFINITY && (dependentRole !== Role.Promoted || primaryRole !== Role.Promoted)) {
    keepOnly(dependent, affected, true);
  }
}

/** The score that an instance's node was chosen with. */
function assignedScore(instance: Resource): number {
  let resource = instance;
  while (resource.children.length > 0) resource = resource.children[0]!;
  return resource.plan!.assignedScore;
}

export function applyPromotedToPriority(
  planner: Planner,
  clone: Resource,
  dependent: Resource,
  colocation: Colocation,
): void {
  const { score, primaryRole } = colocation;
  if (findCompatible(planner, dependent, clone, primaryRole, false)) {
    dependent.priority = addScores(dependent.priority, score);
  } else if (score >= INFINITY) dependent.priority = -INFINITY;
}
