import { scanInteger } from '../cib/number.js';
import { INFINITY } from '../cib/score.js';
import { findNode } from '../status/nodes.js';
import { noteRecheck } from '../status/nvpairs.js';
import { isRemoteNodeConnection } from '../status/operation.js';
import { activeNodes, currentNode } from '../status/queries.js';
import { addNodeScore, addScoreEverywhere } from '../status/scores.js';
import {
  type Candidate,
  type ClusterNode,
  type MultipleActive,
  type Resource,
  Role,
  topmost,
} from '../status/types.js';
import { type Action, orderActions } from './action.js';
import {
  clearHistoryAction,
  demoteAction,
  fenceAction,
  promoteAction,
  resourceActions,
  startAction,
  stopAction,
} from './actions.js';
import {
  anyAvailable,
  copyCandidates,
  isAvailable,
  isReady,
  recordAssignmentScores,
  settle,
  sortCandidates,
} from './assignment.js';
import { scheduleCleanup } from './cleanup.js';
import {
  addColocatedScores,
  addInternalColocation,
  applyToPriority,
  applyToScores,
  colocationEffect,
  factorOf,
  hasInfluence,
} from './colocation.js';
import { isUnfenced, orderAfterUnfencing, orderRestartAroundUnfencing } from './fencing-order.js';
import { ActionFlag, Order } from './flags.js';
import { addActionsToGraph } from './graph-actions.js';
import { canMigrate, createMigration, stopDangling } from './live-migration.js';
import { applyLocation } from './location.js';
import { addOrdering, orderTasks, taskOf } from './ordering.js';
import { updateOrderedActions } from './ordering-effects.js';
import type { Colocation, Methods, Planner } from './planner.js';
import { guestConnectionIn, probeOn } from './probes.js';
import { createRecurring } from './recurring.js';
import { collectColocated } from './together.js';
import { addCapacity, banWithoutCapacity, orderByCapacity } from './utilization.js';

/** What will be done about a resource that is active more than once. */
const RECOVERIES: Readonly<Record<MultipleActive, string>> = {
  stop_start: 'attempting recovery',
  stop_only: 'shutting it down',
  stop_unexpected: 'stopping unexpected instances',
  block: 'waiting for an administrator',
};

type Transition = (planner: Planner, resource: Resource, node: ClusterNode, optional: boolean) => void;

const { Unknown, Stopped, Started, Unpromoted, Promoted } = Role;

/** The next role on the way from one role (row) to another (column). */
const NEXT_ROLE: readonly (readonly Role[])[] = [
  [Unknown, Stopped, Stopped, Stopped, Stopped],
  [Stopped, Stopped, Started, Unpromoted, Unpromoted],
  [Stopped, Stopped, Started, Unpromoted, Promoted],
  [Stopped, Stopped, Stopped, Unpromoted, Promoted],
  [Stopped, Unpromoted, Unpromoted, Unpromoted, Promoted],
];

const nothing: Transition = () => {};

/** What leads from one role (row) to the next (column); undefined: nothing is to be done, or can be. */
const TRANSITIONS: readonly (readonly (Transition | undefined)[])[] = [
  [nothing, stopEverywhere, nothing, nothing, nothing],
  [nothing, undefined, start, start, nothing],
  [nothing, stopEverywhere, undefined, undefined, promote],
  [nothing, stopEverywhere, stopEverywhere, undefined, promote],
  [nothing, demoteEverywhere, demoteEverywhere, demoteEverywhere, undefined],
];

function assign(
  planner: Planner,
  resource: Resource,
  prefer: ClusterNode | undefined,
): ClusterNode | undefined {
  const plan = resource.plan!;
  const { parent } = resource;
  const { status } = planner;
  if (parent && !parent.plan!.assigning) planner.methodsOf(parent).assign(planner, parent, prefer);
  if (!plan.provisional) return plan.assigned;
  if (plan.assigning) return undefined;
  plan.assigning = true;
  for (const colocation of plan.thisWith.slice()) {
    planner.because(colocation.id, () => applyThisWith(planner, resource, colocation));
  }
  for (const colocation of plan.withThis.slice()) {
    if (!hasInfluence(colocation)) continue;
    const { dependent, nodeAttribute } = colocation;
    planner.because(colocation.id, () => {
      const scores = addColocatedScores(dependent, resource.allowed, nodeAttribute, factorOf(colocation), {
        active: true,
      });
      resource.allowed = scores!;
    });
  }
  if (resource.nextRole === Stopped) addScoreEverywhere(status, resource, -INFINITY);
  else if (
    resource.nextRole > resource.role &&
    !status.quorate &&
    status.options.noQuorumPolicy === 'freeze'
  ) {
    resource.nextRole = resource.role;
  }
  recordAssignmentScores(planner, 'pcmk__primitive_assign', resource);
  if (status.options.stonithEnabled && !status.options.haveStonithResource) resource.managed = false;
  if (!resource.managed) {
    resource.nextRole = resource.role;
    const node = currentNode(resource);
    const candidate = node && { node, score: node.score, discovery: node.discovery, count: 0 };
    settle(planner, resource, candidate, true);
  } else if (status.options.stopAllResources) settle(planner, resource, undefined, true);
  else if (plan.provisional) assignBest(planner, resource, prefer);
  plan.assigning = false;
  if (resource.isRemoteConnection) noteConnection(planner, resource);
  return plan.assigned;
}

/** Assigns what this resource is to be with, and lets it bear on this one's scores. */
function applyThisWith(planner: Planner, resource: Resource, colocation: Colocation): void {
  const { primary, score, dependentRole } = colocation;
  const archived =
    dependentRole >= Promoted || (score < 0 && score > -INFINITY)
      ? copyCandidates(resource.allowed)
      : undefined;
  planner.methodsOf(primary).assign(planner, primary, undefined);
  planner.methodsOf(resource).applyColocation(planner, resource, primary, colocation, true);
  if (archived && !anyAvailable(resource.allowed)) resource.allowed = archived;
}

function assignBest(planner: Planner, resource: Resource, given: ClusterNode | undefined): void {
  let mostFree: ClusterNode | undefined;
  planner.because('utilization', () => {
    mostFree = banWithoutCapacity(planner, resource);
  });
  const prefer = given ?? mostFree;
  const current = currentNode(resource);
  const sorted = sortCandidates(planner.status, resource.allowed.values(), current);
  const best = sorted[0];
  let chosen: Candidate | undefined;
  if (prefer && best) {
    chosen = resource.allowed.get(prefer);
    if (chosen && (chosen.score < best.score || !isAvailable(chosen))) chosen = undefined;
  }
  if (!chosen && best) {
    chosen = best;
    const uniqueInstance = resource.parent?.kind === 'clone' && resource.parent.unique;
    if (!uniqueInstance && best.score > 0 && isReady(best.node) && current && isReadyWithScore(current)) {
      // Of equally good nodes, the one where it is.
      for (const candidate of sorted.slice(1)) {
        if (candidate.score !== best.score) break;
        if (candidate.node === current) chosen = candidate;
      }
    }
  }
  settle(planner, resource, chosen, false);
}

function isReadyWithScore(node: ClusterNode): boolean {
  return isReady(node) && node.score >= 0;
}

/** A remote node is up where its connection will be. */
function noteConnection(planner: Planner, resource: Resource): void {
  const node = findNode(planner.status, resource.id);
  if (!node) return;
  if (resource.plan!.assigned && resource.nextRole !== Stopped) {
    node.online = true;
    if (node.unseen) node.unclean = false;
  } else node.shutdown = true;
}

function createActions(planner: Planner, resource: Resource): void {
  const plan = resource.plan!;
  if (resource.nextRole === Unknown) resource.nextRole = plan.assigned ? Started : Stopped;
  const active = activeNodes(resource);
  const current = active.node;
  stopDangling(planner, resource);
  let needStop = false;
  let needPromote = false;
  let migrate = false;
  const moving = current && plan.assigned && current !== plan.assigned && resource.nextRole >= Started;
  if (moving) {
    migrate = canMigrate(resource, current);
    needStop = true;
  }
  let multiplyActive = false;
  const { partialMigrationSource: source, partialMigrationTarget: target } = resource;
  const continues =
    source && target && migrate && active.all === 2 && current === source && plan.assigned === target;
  if (!continues) {
    if (source || target) {
      needStop = true;
      resource.partialMigrationSource = undefined;
      resource.partialMigrationTarget = undefined;
      migrate = false;
    } else multiplyActive = (resource.needsFencing ? active.all : active.clean) > 1;
  }
  plan.stopUnexpected = false;
  if (multiplyActive) {
    planner.remark(
      'error',
      `${resource.standard ?? 'Untyped'} resource ${resource.id} might be active on ${active.all} nodes ` +
        `(${RECOVERIES[resource.multipleActive]})`,
    );
    if (resource.multipleActive === 'stop_start') needStop = true;
    else if (resource.multipleActive === 'stop_unexpected') {
      needStop = true;
      plan.stopUnexpected = true;
    }
  }
  if (resource.startPending) {
    startAction(planner, resource, plan.assigned, true).set(ActionFlag.printAlways);
  }
  if (!moving) {
    if (resource.failed) {
      if (resource.mustStop) needStop = true;
      else if (resource.nextRole === Promoted) needPromote = true;
    } else if (resource.blocked) needStop = true;
    else if (resource.role > Started && current && plan.assigned) {
      const action = startAction(planner, resource, plan.assigned, true);
      if (!action.optional) needStop = true;
    }
  }
  createRestart(planner, resource, current, needStop, needPromote);
  createTransition(planner, resource);
  createRecurring(planner, resource);
  if (migrate) createMigration(planner, resource, current!);
}

/** What brings the resource down and up to where it is: required where it must restart, else only possible. */
function createRestart(
  planner: Planner,
  resource: Resource,
  current: ClusterNode | undefined,
  needStop: boolean,
  needPromote: boolean,
): void {
  const plan = resource.plan!;
  plan.restarting = true;
  let role = resource.role;
  while (role !== Stopped) {
    const next = NEXT_ROLE[role]![Stopped]!;
    const transition = TRANSITIONS[role]![next];
    if (!transition) break;
    transition(planner, resource, current!, !needStop);
    role = next;
  }
  while (resource.role <= resource.nextRole && role !== resource.role && !resource.blocked) {
    const next = NEXT_ROLE[role]![resource.role]!;
    const required = needStop || (next === Promoted && needPromote);
    const transition = TRANSITIONS[role]![next];
    if (!transition) break;
    transition(planner, resource, plan.assigned!, !required);
    role = next;
  }
  plan.restarting = false;
}

function createTransition(planner: Planner, resource: Resource): void {
  let role = resource.role;
  while (role !== resource.nextRole) {
    const next = NEXT_ROLE[role]![resource.nextRole]!;
    const transition = TRANSITIONS[role]![next];
    if (!transition) break;
    transition(planner, resource, resource.plan!.assigned!, false);
    role = next;
  }
}

/** Multiply active, and on this node as it should be. */
function isExpectedOn(resource: Resource, node: ClusterNode | undefined): boolean {
  const plan = resource.plan!;
  return (
    plan.stopUnexpected &&
    plan.restarting &&
    resource.nextRole > Stopped &&
    node !== undefined &&
    plan.assigned === node
  );
}

function stopEverywhere(planner: Planner, resource: Resource, _node: ClusterNode, given: boolean): void {
  const plan = resource.plan!;
  let optional = given;
  for (const node of resource.runningOn) {
    if (isExpectedOn(resource, node)) continue;
    if (resource.partialMigrationTarget) {
      // The target of a migration that goes on keeps its instance.
      if (node === resource.partialMigrationTarget && node === plan.assigned) continue;
      optional = false;
    }
    const stop = stopAction(planner, resource, node, optional);
    if (!plan.assigned) stop.setReason('node availability', true);
    else if (plan.restarting && plan.stopUnexpected) stop.setReason('being multiply active', true);
    if (!resource.managed) stop.clear(ActionFlag.runnable);
    if (planner.status.options.removeAfterStop) scheduleCleanup(planner, resource, node, optional);
    if (resource.needsUnfencing) {
      const unfence = fenceAction(planner, node, 'on', true, undefined, false);
      orderActions(stop, unfence, Order.impliesFirst);
      if (!isUnfenced(node)) {
        planner.remark('error', `Stopping ${resource.id} until ${node.name} can be unfenced`);
      }
    }
  }
}

function start(planner: Planner, resource: Resource, node: ClusterNode, optional: boolean): void {
  const action = startAction(planner, resource, node, true);
  if (node) orderAfterUnfencing(planner, resource, node, action, Order.impliesThen);
  if (action.runnable && !optional) action.clear(ActionFlag.optional);
  if (isExpectedOn(resource, node)) action.set(ActionFlag.pseudo);
}

function promote(planner: Planner, resource: Resource, node: ClusterNode, optional: boolean): void {
  const startable = resourceActions(resource, node, 'start', true).every((action) => action.runnable);
  if (startable) {
    const action = promoteAction(planner, resource, node, optional);
    if (isExpectedOn(resource, node)) action.set(ActionFlag.pseudo);
    return;
  }
  for (const action of resourceActions(resource, node, 'promote', true)) action.clear(ActionFlag.runnable);
}

function demoteEverywhere(planner: Planner, resource: Resource, _node: ClusterNode, optional: boolean): void {
  for (const node of resource.runningOn) {
    if (!isExpectedOn(resource, node)) demoteAction(planner, resource, node, optional);
  }
}

function addInternalConstraints(planner: Planner, resource: Resource): void {
  if (!resource.managed) return;
  const { options } = planner.status;
  const { container } = resource;
  const top = topmost(resource);
  const unfencing = !resource.fenceDevice && options.unfencing && resource.needsUnfencing;
  const utilization = resource.utilization.size > 0 && options.placementStrategy !== 'default';
  orderTasks(
    planner,
    resource,
    'stop',
    resource,
    'start',
    Order.optional | Order.impliesThen | Order.restart,
  );
  if (top.promotable || resource.role > Unpromoted) {
    orderTasks(planner, resource, 'demote', resource, 'stop', Order.promotedImpliesFirst);
    orderTasks(planner, resource, 'start', resource, 'promote', Order.runnableFirst);
  }
  orderTasks(planner, resource, 'lrm_delete', resource, 'monitor', Order.sameNode | Order.thenCancelsFirst);
  if (unfencing || utilization || container) {
    const allowed = [...resource.allowed.keys()].sort((a, b) => a.index - b.index);
    if (unfencing) for (const node of allowed) orderRestartAroundUnfencing(planner, resource, node);
    if (utilization) orderByCapacity(planner, resource, allowed);
  }
  if (container) constrainInside(planner, resource, container);
  if (resource.isRemoteConnection || resource.fenceDevice) avoidRemoteNodes(resource);
}

/** What lives in a container runs where the container does, or on the node that the container is. */
function constrainInside(planner: Planner, resource: Resource, container: Resource): void {
  let connection: Resource | undefined;
  if (resource.isRemoteConnection) {
    if (!resource.allowRemoteConnections) avoidRemoteNodes(container);
    orderTasks(planner, container, 'monitor', resource, 'stop', Order.optional);
  } else if (container.isRemoteConnection) connection = container;
  else connection = guestConnectionIn(planner, container);
  if (connection) {
    for (const candidate of resource.allowed.values()) {
      if (candidate.node.remoteResource !== connection) candidate.score = -INFINITY;
    }
    return;
  }
  addOrdering(
    planner,
    taskOf(container, 'start'),
    taskOf(resource, 'start'),
    Order.impliesThen | Order.runnableFirst,
  );
  addOrdering(planner, taskOf(resource, 'stop'), taskOf(container, 'stop'), Order.impliesFirst);
  const score = resource.allowRemoteConnections ? 10_000 : INFINITY;
  addInternalColocation(planner, 'resource-with-container', score, resource, container, true);
}

function avoidRemoteNodes(resource: Resource): void {
  for (const candidate of resource.allowed.values()) {
    if (candidate.node.remoteResource) candidate.score = -INFINITY;
  }
}

function applyColocation(
  planner: Planner,
  dependent: Resource,
  primary: Resource,
  colocation: Colocation,
  forDependent: boolean,
): void {
  if (forDependent) {
    planner.methodsOf(primary).applyColocation(planner, dependent, primary, colocation, false);
    return;
  }
  switch (colocationEffect(dependent, primary, colocation, false)) {
    case 'role':
      applyToPriority(dependent, primary, colocation);
      break;
    case 'location':
      applyToScores(dependent, primary, colocation);
      break;
  }
}

function addGraphMeta(resource: Resource, set: (name: string, value: string) => void): void {
  const setMeta = (name: string) => {
    const value = resource.meta.get(name);
    if (value !== undefined) set(`CRM_meta_${name.replaceAll('-', '_')}`, value);
  };
  setMeta('clone');
  setMeta('remote-node');
  for (let above: Resource | undefined = resource; above; above = above.parent) {
    if (above.container) set('CRM_meta_container', above.container.id);
  }
  const address = resource.meta.get('external-ip');
  if (address !== undefined) set('pcmk_external_ip', address);
}

/** Seconds since 1970 at which a node's shutdown was asked for. */
function shutdownTime(planner: Planner, node: ClusterNode): number {
  const time = Number(scanInteger(node.attributes.get('shutdown') ?? '')?.value ?? 0n);
  return time === 0 ? planner.status.nowSec : time;
}

/** Keeps a resource for a node that was shut down cleanly with it. */
function applyShutdownLock(planner: Planner, resource: Resource): void {
  const { status } = planner;
  if (resource.standard === undefined || resource.standard.toLowerCase() === 'stonith') return;
  if (isRemoteNodeConnection(status, resource)) return;
  if (resource.lockNode) {
    if (resource.runningOn.length > 0) {
      clearHistoryAction(planner, resource, resource.lockNode, false);
      resource.lockNode = undefined;
      resource.lockTime = 0;
    }
  } else if (resource.runningOn.length === 1) {
    const node = resource.runningOn[0]!;
    if (node.shutdown && !node.unclean) {
      resource.lockNode = node;
      resource.lockTime = shutdownTime(planner, node);
    }
  }
  if (!resource.lockNode) return;
  const limit = status.options.shutdownLockLimitSec;
  if (limit > 0) noteRecheck(status, resource.lockTime + limit + 1);
  for (const node of status.nodes) {
    if (node.name !== resource.lockNode.name) addNodeScore(resource, node, -INFINITY);
  }
}

export const primitiveMethods: Methods = {
  assign,
  createActions,
  createProbe: probeOn,
  addInternalConstraints,
  applyColocation,
  collectColocated,
  applyLocation,
  actionFlags: (_planner: Planner, action: Action) => action.flags,
  updateOrdered: updateOrderedActions,
  addToGraph: addActionsToGraph,
  addGraphMeta,
  addUtilization: (_planner, resource, _origin, _all, total) => {
    if (resource.plan!.provisional) addCapacity(total, resource);
  },
  applyShutdownLock,
};
