import { isTrue } from '../cib/boolean.js';
import type { Element } from '../cib/element.js';
import { intervalMs } from '../cib/interval.js';
import { scanInteger } from '../cib/number.js';
import { addScores, INFINITY, parseScore } from '../cib/score.js';
import { failCount } from '../status/failcounts.js';
import { canFence } from '../status/fencing.js';
import { setIfAbsent } from '../status/nvpairs.js';
import { operationKey } from '../status/operation-key.js';
import { addNodeScore } from '../status/scores.js';
import { type ClusterNode, type ClusterStatus, type Resource, topmost } from '../status/types.js';
import { unpackStatus } from '../status/unpack.js';
import { type Action, newestFirst, orderActions } from './action.js';
import {
  applyStatusRequests,
  clearFailCountAction,
  ensureAction,
  fenceAction,
  orderAfterEach,
  singletonAction,
} from './actions.js';
import { blockColocatedDependents } from './blocking.js';
import { bundleMethods } from './bundle.js';
import { cloneMethods } from './clone.js';
import { handleConfigChanges, handleDeferredChecks } from './config-changes.js';
import { unpackConstraints } from './constraints.js';
import type { Contribution } from './explanation.js';
import { isThresholdReached } from './failure-threshold.js';
import { fenceGuest, orderAroundFencing } from './fencing-order.js';
import { ActionFlag, Order } from './flags.js';
import type { TransitionGraph } from './graph.js';
import { addActionToGraph, hasLoop, hasMaintenanceChanges } from './graph-actions.js';
import { groupMethods } from './group.js';
import { addLocation, applyLocations } from './location.js';
import { addOrdering, linkOrderings, orderStopsBeforeShutdown, taskOf } from './ordering.js';
import { updateForOrderings } from './ordering-effects.js';
import { sortResourcesForPlacement } from './placement-order.js';
import { type Location, Planner, preparePlan, type ScoreEntry } from './planner.js';
import { primitiveMethods } from './primitive.js';
import { orderProbes, scheduleProbes } from './probes.js';
import { isGuestOf, orderRemoteActions } from './remote.js';
import { placeActions } from './unplaced.js';
import { recordCapacities } from './utilization.js';

export interface ScheduleOptions {
  /** Milliseconds since 1970 that rules, expiry and locks are judged by. */
  readonly nowMs: number;
  /** Seconds east of UTC of the local time zone, for dates in rules. Default 0. */
  readonly utcOffsetSec?: number;
  /** Keep scores (`Schedule.scores`). Default false. */
  readonly scores?: boolean;
  /** Keep capacities and what takes them (`Schedule.scores`). Default false. */
  readonly utilization?: boolean;
  /** Keep what made the scores (`Schedule.contributions`), which takes time. Default false. */
  readonly explain?: boolean;
  /** The CIB was made safe to show: changes of private parameters do not count. Default false. */
  readonly sanitized?: boolean;
}

/** What is to be done about a CIB, and why. */
export interface Schedule {
  readonly graph: TransitionGraph;
  /** The state that the decisions were made from. */
  readonly status: ClusterStatus;
  /** All actions that were thought of, the oldest first. */
  readonly actions: readonly Action[];
  readonly scores: readonly ScoreEntry[];
  /** With `explain`: what made each score, in the order it came about. */
  readonly contributions: readonly Contribution[];
  /** Notices for the operator, in order. Complaints are in `status.messages`. */
  readonly messages: readonly string[];
}

const METHODS = {
  primitive: primitiveMethods,
  group: groupMethods,
  clone: cloneMethods,
  bundle: bundleMethods,
};

/**
 * Decides what the cluster should do: Pacemaker's policy engine as a pure function. The CIB is not changed.
 */
export function schedule(cib: Element, options: ScheduleOptions): Schedule {
  const status = unpackStatus(cib, options);
  for (const resource of status.resources) preparePlan(resource);
  const planner = new Planner(status, METHODS, {
    scores: options.scores ?? false,
    utilization: options.utilization ?? false,
    explain: options.explain ?? false,
  });
  applyStatusRequests(planner);
  applyNodeHealth(planner);
  unpackConstraints(planner);
  applyNodeCriteria(planner);
  for (const resource of status.resources) {
    planner.methodsOf(resource).addInternalConstraints(planner, resource);
  }
  handleConfigChanges(planner);
  assignResources(planner);
  createActions(planner);
  orderRemoteActions(planner);
  scheduleFencingAndShutdowns(planner);
  applyOrderings(planner);
  placeActions(planner);
  const graph = buildGraph(planner);
  return {
    graph,
    status,
    actions: planner.actions,
    scores: planner.scores,
    contributions: planner.explanation?.contributions ?? [],
    messages: planner.notes,
  };
}

/**
 * Reads the constraints of a state without deciding anything: the location constraints that hold, in their order.
 * Lost tickets have their effect on the resources of `status`, as they have where `crm_mon` shows them.
 */
export function readConstraints(status: ClusterStatus): readonly Location[] {
  for (const resource of status.resources) preparePlan(resource);
  const planner = new Planner(status, METHODS, { scores: false, utilization: false });
  unpackConstraints(planner);
  return planner.locations;
}

/** Node health attributes (`#health...`) count as location constraints. */
function applyNodeHealth(planner: Planner): void {
  const { options, nodes, resources } = planner.status;
  if (options.nodeHealthStrategy === 'none') return;
  for (const node of nodes) {
    let health = options.nodeHealthBase;
    for (const [name, value] of node.attributes) {
      if (name.startsWith('#health')) health = addScores(parseScore(value, options.healthScores), health);
    }
    if (health === 0) continue;
    for (const resource of resources) {
      if (health < 0 && isTrue(resource.meta.get('allow-unhealthy-nodes'))) continue;
      addLocation(planner, options.nodeHealthStrategy, resource, 'always', [{ node, score: health }]);
    }
  }
}

function applyNodeCriteria(planner: Planner): void {
  const { nodes, options, resources } = planner.status;
  if (options.shutdownLock) {
    planner.because('shutdown-lock', () => {
      for (const resource of resources) planner.methodsOf(resource).applyShutdownLock(planner, resource);
    });
  }
  applyLocations(planner);
  planner.because('resource-stickiness', () => {
    for (const resource of resources) applyStickiness(planner, resource);
  });
  // The two touch different things: which node comes first does not matter.
  planner.because('migration-threshold', () => {
    for (const node of nodes) for (const resource of resources) banFailed(planner, resource, node);
  });
  planner.because('resource-discovery', () => {
    for (const node of nodes) for (const resource of resources) applyExclusiveDiscovery(resource, node);
  });
}

function applyStickiness(planner: Planner, resource: Resource): void {
  if (resource.children.length > 0) {
    for (const child of resource.children) applyStickiness(planner, child);
    return;
  }
  if (!resource.managed || resource.stickiness < 1 || resource.runningOn.length !== 1) return;
  const node = resource.runningOn[0]!;
  if (!planner.status.options.symmetricCluster && !resource.allowed.has(node)) return;
  addNodeScore(resource, node, resource.stickiness);
}

/** Bans what failed too often on a node. */
function banFailed(planner: Planner, resource: Resource, node: ClusterNode): void {
  if (resource.children.length > 0) {
    for (const child of resource.children) banFailed(planner, child, node);
    return;
  }
  const cleared = resource
    .plan!.actionsByKey.get(operationKey(resource.id, 'clear_failcount', 0))
    ?.some((action) => action.node === node);
  if (cleared || !isThresholdReached(planner, resource, node)) return;
  addNodeScore(resource.unique ? resource : topmost(resource), node, -INFINITY);
}

function applyExclusiveDiscovery(resource: Resource, node: ClusterNode): void {
  if (!resource.exclusiveDiscovery && !topmost(resource).exclusiveDiscovery) return;
  for (const child of resource.children) applyExclusiveDiscovery(child, node);
  const candidate = resource.allowed.get(node);
  if (candidate && candidate.discovery !== 'exclusive') candidate.score = -INFINITY;
}

function assignResources(planner: Planner): void {
  const { status } = planner;
  if (status.options.placementStrategy !== 'default') sortResourcesForPlacement(planner);
  recordCapacities(planner, 'Original');
  const assign = (resource: Resource, prefer: ClusterNode | undefined) =>
    planner.methodsOf(resource).assign(planner, resource, prefer);
  if (status.haveRemoteNodes) {
    // Connections first: whether remote nodes are up depends on them.
    for (const resource of status.resources.slice()) {
      if (resource.isRemoteConnection) assign(resource, resource.partialMigrationTarget);
    }
  }
  for (const resource of status.resources.slice()) {
    if (!resource.isRemoteConnection) assign(resource, undefined);
  }
  planner.explanation?.attribute('assignment');
  recordCapacities(planner, 'Remaining');
}

function createActions(planner: Planner): void {
  const { options, resources } = planner.status;
  handleDeferredChecks(planner);
  if (options.startupProbes) scheduleProbes(planner);
  if (options.stopOrphanResources) for (const resource of resources) clearOrphanFailures(planner, resource);
  for (const resource of resources) planner.methodsOf(resource).createActions(planner, resource);
}

function clearOrphanFailures(planner: Planner, resource: Resource): void {
  if (!resource.orphan) return;
  for (const node of planner.status.nodes) {
    if (!node.online) continue;
    if (failCount(planner.status, resource, node, { effective: true }).count === 0) continue;
    const clear = clearFailCountAction(planner, resource, node);
    addOrdering(planner, { resource, action: clear }, taskOf(resource, 'stop'), Order.optional);
  }
}

function isAnyManaged(resources: readonly Resource[]): boolean {
  return resources.some((resource) => resource.managed || isAnyManaged(resource.children));
}

function scheduleFencingAndShutdowns(planner: Planner): void {
  const { status } = planner;
  const { concurrentFencing } = status.options;
  const managed = isAnyManaged(status.resources);
  const fencings: Action[] = [];
  const shutdowns: Action[] = [];
  let dcDown: Action | undefined;
  let integrityLost = false;
  for (const node of status.nodes) {
    if (node.isGuest) {
      if (node.remoteRequiresReset && managed && canFence(status, node)) fenceGuest(planner, node);
      continue;
    }
    let fencing: Action | undefined;
    if (managed && node.unclean && canFence(status, node)) {
      fencing = fenceAction(planner, node, undefined, false, 'node is unclean', false);
      planner.warn(`Scheduling node ${node.name} for fencing`);
      orderAroundFencing(planner, fencing);
      if (node.isDc) dcDown = fencing;
      else {
        if (!concurrentFencing && fencings.length > 0) {
          orderActions(fencings[0], fencing, Order.optional);
        }
        fencings.unshift(fencing);
      }
    } else if (!node.isGuestOrRemote && node.online && node.shutdown) {
      const shutdown = createShutdown(planner, node);
      if (node.isDc) dcDown = shutdown;
      else shutdowns.unshift(shutdown);
    }
    if (!fencing && node.unclean) {
      integrityLost = true;
      planner.warn(`Node ${node.name} is unclean but cannot be fenced`);
    }
  }
  if (integrityLost && !status.options.stonithEnabled) {
    planner.warn(
      'Resource functionality and data integrity cannot be guaranteed (configure, enable, and test fencing to correct this)',
    );
  }
  // The DC goes last: it has to see to the others.
  if (!dcDown) return;
  if (dcDown.task === 'do_shutdown') orderAfterEach(dcDown, shutdowns);
  if (concurrentFencing) orderAfterEach(dcDown, fencings);
  else orderActions(fencings[0], dcDown, Order.optional);
}

function createShutdown(planner: Planner, node: ClusterNode): Action {
  const key = `do_shutdown-${node.name}`;
  const shutdown = ensureAction(planner, undefined, key, 'do_shutdown', node, false);
  orderStopsBeforeShutdown(planner, node, shutdown);
  setIfAbsent(shutdown.meta, 'op_no_wait', 'true');
  return shutdown;
}

function applyOrderings(planner: Planner): void {
  linkOrderings(planner);
  const all = planner.actions.slice().reverse();
  for (const action of all) blockColocatedDependents(planner, action, updateForOrderings);
  orderProbes(planner);
  for (const action of newestFirst(planner.actions)) updateForOrderings(planner, action);
  for (const action of newestFirst(planner.actions)) {
    for (const link of newestFirst(action.before)) {
      const { resource, node } = link.action;
      const { type } = link;
      // A guest's resources cannot wait for the guest that they wait for.
      if (!(type & Order.preserve) && resource && isGuestOf(action.resource, node)) {
        planner.remark(
          'warning',
          `Invalid ordering constraint between ${resource.id} and ${action.resource!.id}`,
        );
        link.type = Order.none;
      } else if (
        type === Order.load &&
        action.resource &&
        action.task === 'migrate_to' &&
        hasLoop(action, action, link)
      ) {
        link.type = Order.none;
      }
    }
  }
}

function buildGraph(planner: Planner): TransitionGraph {
  const { options, recheckBy, resources } = planner.status;
  for (const resource of resources) planner.methodsOf(resource).addToGraph(planner, resource);
  if (hasMaintenanceChanges(planner)) {
    singletonAction(planner, 'maintenance_nodes').set(ActionFlag.printAlways);
  }
  for (const action of newestFirst(planner.actions)) addActionToGraph(planner, action);
  const number = (name: string) => Number(scanInteger(options.all.get(name) ?? '')?.value ?? 0n);
  return {
    clusterDelay: options.all.get('cluster-delay')!,
    stonithTimeout: options.all.get('stonith-timeout')!,
    clusterDelayMs: intervalMs(options.all.get('cluster-delay')),
    stonithTimeoutMs: options.stonithTimeoutMs,
    batchLimit: number('batch-limit'),
    migrationLimit: number('migration-limit'),
    failedStartOffset: options.startFailureIsFatal ? 'INFINITY' : '1',
    failedStopOffset: 'INFINITY',
    ...(recheckBy === undefined ? {} : { recheckBy }),
    synapses: planner.synapses,
  };
}
