import { INFINITY } from '../cib/score.js';
import { containerHost, needsHostAddress } from '../status/digests.js';
import { operationKey } from '../status/operation-key.js';
import { resourceParameters } from '../status/parameters.js';
import { anyOf } from '../status/queries.js';
import { type ClusterNode, type Resource, Role } from '../status/types.js';
import type { Action } from './action.js';
import { collectionAction, findFirstAction } from './actions.js';
import { assignedLocation, assignNowhere, recordAssignmentScores, sortCandidates } from './assignment.js';
import { createCollectionActions, summarizeFlags, updateOrderedCollections } from './collections.js';
import { addInternalColocation, keepOnly } from './colocation.js';
import { distribute } from './distribution.js';
import { isThresholdReached } from './failure-threshold.js';
import { Order } from './flags.js';
import { compareInstances, findCompatible, instancesOf } from './instances.js';
import { listSort } from './list-sort.js';
import { applyLocation } from './location.js';
import { addOrdering, orderStarts, orderStops, orderTasks, taskOf } from './ordering.js';
import type { Colocation, Methods, Planner } from './planner.js';
import { orderRoleChanges } from './promotable.js';
import { memberTask } from './tasks.js';
import { collectColocated } from './together.js';

function assign(planner: Planner, bundle: Resource, prefer: ClusterNode | undefined): undefined {
  const settings = bundle.bundle!;
  const plan = bundle.plan!;
  plan.assigning = true;
  recordAssignmentScores(planner, 'pcmk__bundle_allocate', bundle);
  const nodes = sortCandidates(planner.status, bundle.allowed.values(), undefined);
  const containers = listSort(instancesOf(bundle), compareInstances);
  distribute(planner, containers, nodes, settings.replicaCount, settings.replicasPerHost);
  const assignPart = (part: Resource, to: ClusterNode | undefined) =>
    planner.methodsOf(part).assign(planner, part, to);
  for (const replica of settings.replicas) {
    const { ip, container, remote, child, node } = replica;
    if (ip) assignPart(ip, prefer);
    const host = container.plan!.assigned;
    if (remote && host?.isGuestOrRemote && host.remoteResource) {
      const id = 'child-remote-with-docker-remote';
      addInternalColocation(planner, id, INFINITY, remote, host.remoteResource, true);
    }
    if (remote) assignPart(remote, prefer);
    if (!child) continue;
    for (const candidate of child.allowed.values()) {
      if (candidate.node !== node) candidate.score = -INFINITY;
      else if (!isThresholdReached(planner, child, candidate.node)) candidate.score = INFINITY;
    }
    const clonePlan = child.parent!.plan!;
    clonePlan.assigning = true;
    assignPart(child, node);
    clonePlan.assigning = false;
  }
  const clone = settings.child;
  if (clone) {
    const inside = new Set(settings.replicas.map((replica) => replica.node));
    for (const candidate of clone.allowed.values()) {
      candidate.score = inside.has(candidate.node) ? 0 : -INFINITY;
    }
    assignPart(clone, prefer);
  }
  plan.assigning = false;
  plan.provisional = false;
  return undefined;
}

function createActions(planner: Planner, bundle: Resource): void {
  const settings = bundle.bundle!;
  for (const { ip, container, remote } of settings.replicas) {
    for (const part of [ip, container, remote]) {
      if (part) planner.methodsOf(part).createActions(planner, part);
    }
  }
  createCollectionActions(planner, bundle, instancesOf(bundle), false);
  const clone = settings.child;
  if (!clone) return;
  planner.methodsOf(clone).createActions(planner, clone);
  if (!clone.promotable) return;
  collectionAction(planner, bundle, 'promote', true, true);
  collectionAction(planner, bundle, 'promoted', true, true).priority = INFINITY;
  collectionAction(planner, bundle, 'demote', true, true);
  collectionAction(planner, bundle, 'demoted', true, true).priority = INFINITY;
}

function addInternalConstraints(planner: Planner, bundle: Resource): void {
  const settings = bundle.bundle!;
  const clone = settings.child;
  if (clone) {
    orderTasks(planner, bundle, 'start', clone, 'start', Order.showFirst);
    orderTasks(planner, bundle, 'stop', clone, 'stop', Order.showFirst);
    const [started, stopped] = clone.children.length > 0 ? ['running', 'stopped'] : ['start', 'stop'];
    orderTasks(planner, clone, started!, bundle, 'running', Order.showThen);
    orderTasks(planner, clone, stopped!, bundle, 'stopped', Order.showThen);
  }
  for (const { ip, container, remote, child } of settings.replicas) {
    planner.methodsOf(container).addInternalConstraints(planner, container);
    orderStarts(planner, bundle, container, Order.runnableFirst | Order.showFirst);
    if (child) orderStops(planner, bundle, child, Order.showFirst);
    orderStops(planner, bundle, container, Order.showFirst);
    orderTasks(planner, container, 'start', bundle, 'running', Order.showThen);
    orderTasks(planner, container, 'stop', bundle, 'stopped', Order.showThen);
    if (ip) {
      planner.methodsOf(ip).addInternalConstraints(planner, ip);
      orderStarts(planner, ip, container, Order.runnableFirst | Order.preserve);
      orderStops(planner, container, ip, Order.impliesFirst | Order.preserve);
      addInternalColocation(planner, 'ip-with-docker', INFINITY, ip, container, true);
    }
    if (remote) planner.methodsOf(remote).addInternalConstraints(planner, remote);
  }
  if (!clone) return;
  planner.methodsOf(clone).addInternalConstraints(planner, clone);
  if (!clone.promotable) return;
  orderRoleChanges(planner, bundle);
  orderTasks(planner, clone, 'demoted', bundle, 'demoted', Order.showThen);
  orderTasks(planner, bundle, 'demote', clone, 'demote', Order.showFirst);
  orderTasks(planner, clone, 'promoted', bundle, 'promoted', Order.showThen);
  orderTasks(planner, bundle, 'promote', clone, 'promote', Order.showFirst);
}

function applyColocation(
  planner: Planner,
  dependent: Resource,
  bundle: Resource,
  colocation: Colocation,
): void {
  const { score, primaryRole } = colocation;
  if (bundle.plan!.provisional) return;
  const outer = colocation.dependent.kind;
  if (outer === 'clone' || outer === 'bundle') {
    const container = findCompatible(planner, dependent, bundle, Role.Unknown, false);
    if (container) {
      planner.methodsOf(dependent).applyColocation(planner, dependent, container, colocation, true);
    } else if (score >= INFINITY) assignNowhere(planner, dependent);
    return;
  }
  const nodes: { node: ClusterNode; score: number }[] = [];
  for (const { container, child } of bundle.bundle!.replicas) {
    if (score < INFINITY) {
      planner.methodsOf(container).applyColocation(planner, dependent, container, colocation, false);
      continue;
    }
    const node = assignedLocation(container);
    if (!node || anyOf(container, (part) => part.blocked)) continue;
    if (primaryRole >= Role.Promoted && (child?.nextRole ?? Role.Unknown) < Role.Promoted) continue;
    nodes.push({ node, score: 0 });
  }
  if (score >= INFINITY) keepOnly(dependent, nodes, false);
}

const ROLE_TASKS = new Set(['no_action', 'notify', 'notified', 'promote', 'promoted', 'demote', 'demoted']);

function actionFlags(planner: Planner, action: Action, node: ClusterNode | undefined): number {
  const bundle = action.resource!;
  const clone = bundle.bundle!.child;
  if (clone && ROLE_TASKS.has(memberTask(action.task, false))) {
    return summarizeFlags(planner, action, clone.children, node);
  }
  return summarizeFlags(planner, action, instancesOf(bundle), node);
}

function createProbe(planner: Planner, bundle: Resource, node: ClusterNode): boolean {
  const settings = bundle.bundle!;
  let any = false;
  const probe = (part: Resource | undefined) => {
    if (!part || !planner.methodsOf(part).createProbe(planner, part, node)) return false;
    any = true;
    return true;
  };
  for (const replica of settings.replicas) {
    const { ip, child, container, remote } = replica;
    probe(ip);
    if (node === replica.node) probe(child);
    if (probe(container) && settings.replicasPerHost === 1) {
      // One container a host: no other may start before it is known whether there is one.
      for (const other of settings.replicas) {
        if (other === replica) continue;
        orderTasks(planner, container, 'monitor', other.container, 'start', Order.optional | Order.sameNode);
      }
    }
    if (!remote || !planner.methodsOf(remote).createProbe(planner, remote, node)) continue;
    const key = operationKey(remote.id, 'monitor', 0);
    const remoteProbe = findFirstAction(remote, key, undefined, node);
    if (!remoteProbe) continue;
    any = true;
    const then = { resource: remote, action: remoteProbe };
    addOrdering(planner, taskOf(container, 'start'), then, Order.probe);
  }
  return any;
}

function addToGraph(planner: Planner, bundle: Resource): void {
  const settings = bundle.bundle!;
  const clone = settings.child;
  if (clone) planner.methodsOf(clone).addToGraph(planner, clone);
  for (const { ip, container, remote } of settings.replicas) {
    if (remote && needsHostAddress(planner.status, remote)) {
      const host = containerHost(remote);
      if (host) resourceParameters(planner.status, remote, undefined).set('addr', host.name);
    }
    for (const part of [ip, container, remote]) {
      if (part) planner.methodsOf(part).addToGraph(planner, part);
    }
  }
}

export const bundleMethods: Methods = {
  assign,
  createActions,
  createProbe,
  addInternalConstraints,
  applyColocation,
  collectColocated,
  applyLocation: (planner, bundle, location) => {
    applyLocation(planner, bundle, location);
    for (const { container, ip } of bundle.bundle!.replicas) {
      planner.methodsOf(container).applyLocation(planner, container, location);
      if (ip) planner.methodsOf(ip).applyLocation(planner, ip, location);
    }
    const clone = bundle.bundle!.child;
    if (clone && (location.role === Role.Unpromoted || location.role === Role.Promoted)) {
      planner.methodsOf(clone).applyLocation(planner, clone, location);
      clone.plan!.locations.push(location);
    }
  },
  actionFlags,
  updateOrdered: updateOrderedCollections,
  addToGraph,
  addGraphMeta: () => {},
  addUtilization: (planner, bundle, origin, all, total) => {
    const container = bundle.bundle!.replicas[0]?.container;
    if (!bundle.plan!.provisional || !container) return;
    planner.methodsOf(container).addUtilization(planner, container, origin, all, total);
  },
  applyShutdownLock: () => {},
};
