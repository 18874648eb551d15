import { Element } from '../cib/element.js';
import { scanInteger } from '../cib/number.js';
import { INFINITY } from '../cib/score.js';
import { addRunning } from './activity.js';
import { fenceNode, markForRecovery } from './fencing.js';
import { HistoryReader } from './history.js';
import { activeRange, integer, sortedHistory } from './history-entries.js';
import { createNode, findNode, findNodeByIdOrName, judgeRemote, unpackRemoteState } from './nodes.js';
import type { FailureResponse } from './operation.js';
import { operationKey } from './operation-key.js';
import { baseName, currentNode, currentNodes, findInClone, isUniversalClone } from './queries.js';
import { linkConnection } from './remote-nodes.js';
import { requestStop } from './requests.js';
import { createInstance, isRemoteConnectionXml, targetRoleOf, unpackResource } from './resources.js';
import { addNodeScore, addScoreEverywhere } from './scores.js';
import {
  type ClusterNode,
  type ClusterStatus,
  isAnonymousClone,
  isBundled,
  type Resource,
  Role,
  topmost,
} from './types.js';

/**
 * Reads the operation histories of all nodes: those of cluster nodes first, then those of remote and guest nodes as
 * their connections turn out to be up, then, where fencing is on, those of all nodes left.
 */
export function unpackHistories(status: ClusterStatus, section: Element | undefined): void {
  const states = section?.elements('node_state') ?? [];
  const containersToStop: Resource[] = [];
  while (readHistories(status, states, false, containersToStop));
  readHistories(status, states, status.options.stonithEnabled, containersToStop);
  for (const container of containersToStop) {
    const node = currentNode(container);
    if (node) requestStop(status, container, node);
  }
}

/** One pass over the nodes; true where it read anything. */
function readHistories(
  status: ClusterStatus,
  states: readonly Element[],
  all: boolean,
  containersToStop: Resource[],
): boolean {
  let any = false;
  const { options } = status;
  for (const state of states) {
    if (state.get('id') === undefined || state.get('uname') === undefined) continue;
    const node = findNodeByIdOrName(status, state.get('id'), state.get('uname'));
    if (!node || node.unpacked) continue;
    if (!all) {
      const connection = node.remoteResource;
      if (node.isGuest) {
        if (connection!.role !== Role.Started || connection!.container!.role !== Role.Started) continue;
      } else if (node.isRemote) {
        if (!connection || (!options.shutdownLock && connection.role !== Role.Started)) continue;
      } else if (!options.stonithEnabled && !options.shutdownLock && !node.online) continue;
    }
    if (node.isGuestOrRemote) {
      judgeRemote(node);
      unpackRemoteState(status, state, node);
    }
    node.unpacked = true;
    readNode(status, state, node, containersToStop);
    any = true;
  }
  return any;
}

function readNode(
  status: ClusterStatus,
  state: Element,
  node: ClusterNode,
  containersToStop: Resource[],
): void {
  const entries = state.at('lrm', 'lrm_resources')?.elements('lrm_resource') ?? [];
  let orphanedFiller = false;
  for (const entry of entries) {
    const resource = readResource(status, entry, node, containersToStop);
    if (resource?.orphanFiller) orphanedFiller = true;
  }
  if (!orphanedFiller) return;
  for (const entry of entries) {
    const containerId = entry.get('container');
    const container = containerId === undefined ? undefined : status.resourcesById.get(containerId);
    const filler = status.resourcesById.get(entry.id);
    if (!container || !filler?.orphanFiller || filler.container) continue;
    filler.container = container;
    container.fillers.push(filler);
  }
}

function readResource(
  status: ClusterStatus,
  entry: Element,
  node: ClusterNode,
  containersToStop: Resource[],
): Resource | undefined {
  const id = entry.get('id');
  if (id === undefined) {
    const text = 'Ignoring malformed lrm_resource entry without id';
    status.messages.push({ severity: 'warning', text });
    return undefined;
  }
  const empty = entry.first('lrm_rsc_op') === undefined;
  if (empty && !status.options.shutdownLock) return undefined;
  let resource = findRecorded(status, node, id);
  if (!resource) {
    if (empty) return undefined;
    resource = makeOrphan(status, entry);
    if (!resource) return undefined;
  }
  if (status.options.shutdownLock) readShutdownLock(status, entry, resource, node);
  const roleElsewhere = resource.role;
  resource.role = Role.Unknown;
  const operations = sortedHistory(entry);
  const reader = new HistoryReader(status, resource, node);
  for (const operation of operations) reader.read(operation);
  requestRecurring(status, resource, node, operations);
  applyState(status, resource, node, reader.onFail, containersToStop);
  const targetRole = targetRoleOf(status, resource);
  if (targetRole !== undefined && (resource.nextRole === Role.Unknown || targetRole < resource.nextRole)) {
    resource.nextRole = targetRole;
  }
  if (roleElsewhere > resource.role) resource.role = roleElsewhere;
  return resource;
}

/** The resource, or the instance of an anonymous clone, that an entry of a node's history tells of. */
function findRecorded(status: ClusterStatus, node: ClusterNode, id: string): Resource | undefined {
  let resource = status.resourcesById.get(id);
  let top: Resource | undefined;
  if (!resource) {
    const first = status.resourcesById.get(`${baseName(id)}:0`);
    if (first && !first.unique) {
      resource = first;
      top = topmost(first);
    }
  } else if (resource.kind !== 'primitive') return undefined;
  else top = topmost(resource);
  if (isAnonymousClone(top)) {
    if (isBundled(top!)) {
      resource = top!.parent!.bundle!.replicas.find((replica) => replica.node === node)?.child;
    } else resource = findInstance(status, node, top!, baseName(id));
  }
  if (resource && id.toLowerCase() !== resource.id.toLowerCase()) {
    if (id.toLowerCase() !== resource.historyName?.toLowerCase()) resource.historyName = id;
  }
  return resource;
}

/**
 * The instance of an anonymous clone that counts as the one on a node: one that is there already (with another
 * member of its group), else one that is nowhere yet, else a new orphan.
 */
function findInstance(
  status: ClusterStatus,
  node: ClusterNode,
  clone: Resource,
  id: string,
): Resource | undefined {
  let found: Resource | undefined;
  let inactive: Resource | undefined;
  let skipInactive = false;
  for (const child of clone.children) {
    if (found) break;
    const locations = currentNodes(child, true);
    if (locations.length > 0) {
      if (locations[0] !== node) continue;
      found = findInClone(child, id);
      if (found && found.runningOn.length > 0) {
        // One instance a node: the others are not looked at.
        skipInactive = true;
        found = undefined;
      }
    } else if (!skipInactive && !inactive && !child.blocked) {
      inactive = findInClone(child, id);
      if (inactive?.pendingNode && inactive.pendingNode !== node) inactive = undefined;
    }
  }
  if (!found && !skipInactive) found = inactive;
  if (
    found &&
    !found.needsFencing &&
    (!node.online || node.unclean) &&
    !node.isGuest &&
    !isUniversalClone(clone, status.nodes.length)
  ) {
    // Nothing waits for the fencing of that node, so its instance must not count against clone-max.
    found = undefined;
  }
  if (!found) {
    const orphan = createInstance(status, clone);
    found = orphan && findInClone(orphan, id);
  }
  return found;
}

/** A resource that is in the history but no longer configured. */
function makeOrphan(status: ClusterStatus, entry: Element): Resource | undefined {
  const xml = new Element('primitive', entry.attributes);
  const resource = unpackResource(status, xml, undefined);
  if (!resource) return undefined;
  if (isRemoteConnectionXml(xml)) {
    const node =
      findNode(status, resource.id) ?? createNode(status, resource.id, resource.id, 'remote', undefined);
    linkConnection(status, resource);
    node.shutdown = true;
  }
  if (entry.get('container') !== undefined) resource.orphanFiller = true;
  resource.orphan = true;
  status.resources.push(resource);
  if (!status.options.stopOrphanResources) resource.managed = false;
  else addScoreEverywhere(status, resource, -INFINITY);
  return resource;
}

function readShutdownLock(
  status: ClusterStatus,
  entry: Element,
  resource: Resource,
  node: ClusterNode,
): void {
  const lockTime = Number(scanInteger(entry.get('shutdown-lock') ?? '')?.value ?? 0n);
  if (lockTime === 0) return;
  const limit = status.options.shutdownLockLimitSec;
  if (limit > 0 && status.nowSec > lockTime + limit) {
    status.requests.push({ kind: 'clear-history', resource, node });
  } else {
    resource.lockNode = node;
    resource.lockTime = lockTime;
  }
}

/** Notes the recurring operations that are running, so that they need not be started. */
function requestRecurring(
  status: ClusterStatus,
  resource: Resource,
  node: ClusterNode,
  operations: readonly Element[],
): void {
  if (!node.online) return;
  const { start, stop } = activeRange(operations);
  for (const [index, operation] of operations.entries()) {
    if (start < stop && index <= stop) continue;
    if (index < start) continue;
    const intervalMs = integer(operation, 'interval', 0);
    if (intervalMs === 0 || operation.get('op-status') === '-1') continue;
    const task = operation.get('operation') ?? '';
    const key = operationKey(resource.id, task, intervalMs);
    status.requests.push({ kind: 'recurring', resource, node, task, key });
  }
}

/** Applies what the whole history of a resource on a node came to. */
function applyState(
  status: ClusterStatus,
  resource: Resource,
  node: ClusterNode,
  response: FailureResponse,
  containersToStop: Resource[],
): void {
  if (resource.role !== Role.Unknown) {
    for (let above: Resource | undefined = resource; above; above = above.parent) {
      above.knownOn.add(node);
      if (above.unique) break;
    }
  }
  if (resource.role > Role.Stopped && !node.online && !node.maintenance && resource.managed) {
    fenceForActivity(status, resource, node);
  }
  const active = resource.role !== Role.Stopped && resource.role !== Role.Unknown;
  const effective = node.unclean ? 'ignore' : response;
  respond(status, resource, node, effective, active, containersToStop);
  if (resource.failed && resource.isRemoteConnection) {
    const remote = findNode(status, resource.id);
    if (remote?.unclean) remote.unseen = false;
  }
  if (active) {
    warnOfOrphan(status, resource, node);
    addRunning(status, resource, node, response !== 'ignore');
    if (effective === 'demote' || effective === 'block') resource.failed = true;
    else if (effective !== 'ignore') markForRecovery(resource);
  } else if (resource.historyName?.includes(':')) {
    resource.historyName = undefined;
  } else {
    status.requests.push({ kind: 'stop-optional', resource, node });
  }
  if (
    resource.role === Role.Stopped &&
    resource.partialMigrationSource === node &&
    resource.partialMigrationTarget &&
    resource.runningOn.length > 0
  ) {
    resource.role = Role.Started;
  }
}

/** What is active on a node that is gone needs that node fenced. */
function fenceForActivity(status: ClusterStatus, resource: Resource, node: ClusterNode): void {
  let reason = `${resource.id} is thought to be active there`;
  if (node.isGuest) markForRecovery(resource);
  else if (status.options.stonithEnabled) {
    if (node.isRemote && node.remoteResource && !node.remoteResource.failed) {
      node.unseen = true;
      reason = `${resource.id} is active there (fencing will be revoked if remote connection can be re-established elsewhere)`;
    }
  } else return;
  fenceNode(status, node, reason);
}

function respond(
  status: ClusterStatus,
  resource: Resource,
  node: ClusterNode,
  response: FailureResponse,
  active: boolean,
  containersToStop: Resource[],
): void {
  switch (response) {
    case 'ignore':
      break;
    case 'demote':
      resource.failed = true;
      status.requests.push({ kind: 'demote', resource, node });
      break;
    case 'fence':
      fenceNode(status, node, `${resource.id} failed there`);
      break;
    case 'standby':
      node.standby = true;
      node.standbyOnFail = true;
      break;
    case 'block':
      resource.managed = false;
      resource.blocked = true;
      break;
    case 'migrate':
      addNodeScore(resource, node, -INFINITY);
      break;
    case 'stop':
      resource.nextRole = Role.Stopped;
      break;
    case 'recover':
      if (active) {
        markForRecovery(resource);
        requestStop(status, resource, node);
      }
      break;
    case 'restart-container':
      markForRecovery(resource);
      if (resource.container && isBundled(resource)) containersToStop.unshift(resource.container);
      else if (resource.container) requestStop(status, resource.container, node);
      else if (active) requestStop(status, resource, node);
      break;
    case 'reset-remote': {
      markForRecovery(resource);
      const remote = resource.isRemoteConnection ? findNode(status, resource.id) : undefined;
      if (status.options.stonithEnabled && remote?.isRemote && !remote.remoteWasFenced) {
        fenceNode(status, remote, 'remote connection is unrecoverable');
      }
      if (resource.role > Role.Stopped) requestStop(status, resource, node);
      if (resource.reconnectIntervalMs) resource.nextRole = Role.Stopped;
      break;
    }
  }
}

function warnOfOrphan(status: ClusterStatus, resource: Resource, node: ClusterNode): void {
  if (!resource.orphan) return;
  const text = resource.managed
    ? `Detected active orphan ${resource.id} running on ${node.name}`
    : `Resource '${resource.id}' must be stopped manually on ${node.name} because cluster is configured not to stop active orphans`;
  status.messages.push({ severity: 'warning', text });
}
