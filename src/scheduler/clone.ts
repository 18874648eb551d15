import { INFINITY } from '../cib/score.js';
import { anyOf } from '../status/queries.js';
import type { ClusterNode, Resource } from '../status/types.js';
import { Role } from '../status/types.js';
import { type Action, orderActions } from './action.js';
import { resourceActions } from './actions.js';
import { assignedLocation, assignNowhere, recordAssignmentScores, sortCandidates } from './assignment.js';
import { createCollectionActions, summarizeFlags, updateOrderedCollections } from './collections.js';
import { addColocatedScores, factorOf, hasInfluence, keepOnly } from './colocation.js';
import { distribute } from './distribution.js';
import { Order } from './flags.js';
import { addActionsToGraph } from './graph-actions.js';
import { compareInstanceNumbers, compareInstances, findCompatible, isInterleaved } from './instances.js';
import { sortList } from './list-sort.js';
import { applyLocation } from './location.js';
import { createNotifications } from './notifications.js';
import { orderStarts, orderStops, orderTasks } from './ordering.js';
import type { Colocation, Methods, Planner } from './planner.js';
import { probeAll } from './probes.js';
import {
  addPromotionScores,
  applyPromotedToDependent,
  applyPromotedToPriority,
  assignRoles,
  createPromotableActions,
  orderPromotable,
} from './promotable.js';
import { collectColocated } from './together.js';

function assign(planner: Planner, clone: Resource, prefer: ClusterNode | undefined): undefined {
  const plan = clone.plan!;
  if (!plan.provisional || plan.assigning) return undefined;
  if (clone.promotable) addPromotionScores(planner, clone);
  plan.assigning = true;
  for (const { primary } of plan.thisWith.slice()) {
    planner.methodsOf(primary).assign(planner, primary, prefer);
  }
  for (const colocation of plan.withThis.slice()) {
    if (!hasInfluence(colocation)) continue;
    const { dependent, nodeAttribute } = colocation;
    clone.allowed = addColocatedScores(dependent, clone.allowed, nodeAttribute, factorOf(colocation), {
      active: true,
      nonnegative: true,
    })!;
  }
  recordAssignmentScores(planner, 'pcmk__clone_allocate', clone);
  const nodes = sortCandidates(planner.status, clone.allowed.values(), undefined);
  sortList(clone.children, compareInstances);
  distribute(planner, clone.children, nodes, clone.clone!.max, clone.clone!.nodeMax);
  if (clone.promotable) assignRoles(planner, clone);
  plan.provisional = false;
  plan.assigning = false;
  return undefined;
}

/** The required action of a task, where there is exactly one. */
function requiredAction(instance: Resource, task: string): Action | undefined {
  const required = resourceActions(instance, undefined, task).filter((action) => !action.optional);
  return required.length === 1 ? required[0] : undefined;
}

/** Of an ordered clone, instances start one after another, and stop the other way. */
function orderInstances(clone: Resource): void {
  if (!clone.clone!.ordered) return;
  sortList(clone.children, compareInstanceNumbers);
  let lastStop: Action | undefined;
  let lastStart: Action | undefined;
  for (const instance of clone.children) {
    const stop = requiredAction(instance, 'stop');
    if (stop) {
      orderActions(stop, lastStop, Order.optional);
      lastStop = stop;
    }
    const start = requiredAction(instance, 'start');
    if (start) {
      orderActions(lastStart, start, Order.optional);
      lastStart = start;
    }
  }
}

function createActions(planner: Planner, clone: Resource): void {
  createCollectionActions(planner, clone, clone.children, true);
  orderInstances(clone);
  if (clone.promotable) createPromotableActions(planner, clone);
}

function addInternalConstraints(planner: Planner, clone: Resource): void {
  const { ordered } = clone.clone!;
  orderTasks(planner, clone, 'stopped', clone, 'start', Order.optional);
  orderTasks(planner, clone, 'start', clone, 'running', Order.runnableFirst);
  orderTasks(planner, clone, 'stop', clone, 'stopped', Order.runnableFirst);
  if (clone.promotable) {
    orderTasks(planner, clone, 'demoted', clone, 'stop', Order.optional);
    orderTasks(planner, clone, 'running', clone, 'promote', Order.runnableFirst);
  }
  if (ordered) sortList(clone.children, compareInstanceNumbers);
  let last: Resource | undefined;
  for (const instance of clone.children) {
    planner.methodsOf(instance).addInternalConstraints(planner, instance);
    orderStarts(planner, clone, instance, Order.runnableFirst | Order.showFirst);
    orderTasks(planner, instance, 'start', clone, 'running', Order.showThen);
    if (ordered && last) orderStarts(planner, last, instance, Order.optional);
    orderStops(planner, clone, instance, Order.showFirst);
    orderTasks(planner, instance, 'stop', clone, 'stopped', Order.showThen);
    if (ordered && last) orderStops(planner, instance, last, Order.optional);
    last = instance;
  }
  if (clone.promotable) orderPromotable(planner, clone);
}

/** How many instances a node may have. */
function copiesPerNode(resource: Resource): number {
  if (resource.bundle) return resource.bundle.replicasPerHost;
  if (!resource.clone) return 1;
  const text = resource.meta.get('clone-node-max');
  return text === undefined ? 1 : Math.max(0, Number.parseInt(text, 10) || 0);
}

function applyColocation(
  planner: Planner,
  dependent: Resource,
  clone: Resource,
  colocation: Colocation,
): void {
  const { score } = colocation;
  const provisional = clone.plan!.provisional;
  if (clone.promotable) {
    if (provisional) return;
    if (colocation.primaryRole !== Role.Unknown) {
      if (dependent.plan!.provisional) {
        applyPromotedToDependent(clone, dependent, colocation);
        return;
      }
      if (colocation.dependentRole === Role.Promoted) {
        applyPromotedToPriority(planner, clone, dependent, colocation);
        return;
      }
    }
  }
  const outer = colocation.dependent;
  let interleave = false;
  if (isInterleaved(outer) && (outer.kind === 'clone' || outer.kind === 'bundle')) {
    interleave = copiesPerNode(outer) === copiesPerNode(colocation.primary);
    if (!interleave) {
      planner.error(
        `Cannot interleave ${outer.id} and ${colocation.primary.id} because they do not support the same number of instances per node`,
      );
    }
  }
  if (provisional) return;
  if (interleave) {
    const instance = findCompatible(planner, dependent, clone, Role.Unknown, false);
    if (instance) {
      planner.methodsOf(dependent).applyColocation(planner, dependent, instance, colocation, true);
    } else if (score >= INFINITY) assignNowhere(planner, dependent);
    return;
  }
  if (score >= INFINITY) {
    const nodes: { node: ClusterNode; score: number }[] = [];
    for (const instance of clone.children) {
      const node = assignedLocation(instance);
      if (node && !anyOf(instance, (part) => part.blocked)) nodes.push({ node, score: 0 });
    }
    keepOnly(dependent, nodes, false);
    return;
  }
  for (const instance of clone.children) {
    planner.methodsOf(instance).applyColocation(planner, dependent, instance, colocation, false);
  }
}

function isKnownOn(resource: Resource, node: ClusterNode): boolean {
  if (resource.children.length > 0) return resource.children.some((child) => isKnownOn(child, node));
  return resource.knownOn.has(node);
}

/** Of an anonymous clone, one probe a node is enough, of the instance that it most likely concerns. */
function createProbe(planner: Planner, clone: Resource, node: ClusterNode): boolean {
  sortList(clone.children, compareInstanceNumbers);
  if (clone.children.length === 0) return false;
  if (clone.exclusiveDiscovery) {
    const candidate = clone.allowed.get(node);
    if (candidate && candidate.discovery !== 'exclusive') {
      clone.allowed.delete(node);
      return false;
    }
  }
  if (clone.unique) return probeAll(planner, clone.children, node);
  const instance =
    clone.children.find((child) => isKnownOn(child, node)) ??
    clone.children.find((child) => assignedLocation(child) === node) ??
    clone.children[0]!;
  return planner.methodsOf(instance).createProbe(planner, instance, node);
}

function addToGraph(planner: Planner, clone: Resource): void {
  const plan = clone.plan!;
  for (const action of plan.actions.slice().reverse()) {
    planner.methodsOf(clone).actionFlags(planner, action, undefined);
  }
  createNotifications(planner, clone, plan.startNotifications);
  createNotifications(planner, clone, plan.stopNotifications);
  createNotifications(planner, clone, plan.promoteNotifications);
  createNotifications(planner, clone, plan.demoteNotifications);
  for (const instance of clone.children) planner.methodsOf(instance).addToGraph(planner, instance);
  addActionsToGraph(planner, clone);
}

function addGraphMeta(resource: Resource, set: (name: string, value: string) => void): void {
  const clone = resource.clone!;
  set('CRM_meta_globally_unique', String(resource.unique));
  set('CRM_meta_notify', String(resource.notify));
  set('CRM_meta_clone_max', String(clone.max));
  set('CRM_meta_clone_node_max', String(clone.nodeMax));
  if (resource.promotable) {
    set('CRM_meta_promoted_max', String(clone.promotedMax));
    set('CRM_meta_promoted_node_max', String(clone.promotedNodeMax));
    set('CRM_meta_master_max', String(clone.promotedMax));
    set('CRM_meta_master_node_max', String(clone.promotedNodeMax));
  }
}

function addUtilization(
  planner: Planner,
  clone: Resource,
  origin: Resource,
  all: ReadonlySet<Resource>,
  total: Map<string, string>,
): void {
  if (!clone.plan!.provisional) return;
  let counted = false;
  const add = (instance: Resource) =>
    planner.methodsOf(instance).addUtilization(planner, instance, origin, all, total);
  for (const instance of clone.children) {
    if (all.has(instance)) counted = true;
    else if (instance.children.some((member) => all.has(member))) {
      add(instance);
      counted = true;
    }
  }
  if (!counted && clone.children[0]) add(clone.children[0]);
}

export const cloneMethods: Methods = {
  assign,
  createActions,
  createProbe,
  addInternalConstraints,
  applyColocation,
  collectColocated,
  applyLocation: (planner, clone, location) => {
    applyLocation(planner, clone, location);
    for (const instance of clone.children) {
      planner.methodsOf(instance).applyLocation(planner, instance, location);
    }
  },
  actionFlags: (planner, action, node) => summarizeFlags(planner, action, action.resource!.children, node),
  updateOrdered: updateOrderedCollections,
  addToGraph,
  addGraphMeta,
  addUtilization,
  applyShutdownLock: () => {},
};
