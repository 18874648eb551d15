import { shutdownRequested } from '../status/nodes.js';
import { operationKey } from '../status/operation-key.js';
import { currentNode } from '../status/queries.js';
import { type ClusterNode, type Resource, Role } from '../status/types.js';
import { type Action, newestFirst } from './action.js';
import { fenceNode, isRecurring } from './actions.js';
import { Order } from './flags.js';
import { addOrdering, taskOf } from './ordering.js';
import type { Planner } from './planner.js';

/** How a connection to a remote node is, and will be. */
type ConnectionState =
  | 'unknown'
  | 'alive'
  /** Up on a host that is lost or left: it will be re-established elsewhere. */
  | 'resting'
  | 'failed'
  | 'stopped';

function connectionState(node: ClusterNode): ConnectionState {
  const connection = node.remoteResource!;
  const host = currentNode(connection);
  if (connection.nextRole === Role.Stopped || !connection.plan!.assigned) {
    if (host?.unclean) return 'failed';
    if (!connection.failed) return 'stopped';
    if (
      connection.nextRole === Role.Stopped &&
      connection.reconnectIntervalMs &&
      node.remoteWasFenced &&
      !shutdownRequested(node)
    ) {
      // It is waiting for its reconnect interval.
      return 'unknown';
    }
    return 'failed';
  }
  if (!host) return 'unknown';
  if (host.unclean || !host.online) return 'resting';
  if (
    connection.runningOn.length > 1 &&
    connection.partialMigrationSource &&
    connection.partialMigrationTarget
  ) {
    return 'resting';
  }
  return 'alive';
}

export function isFailedRemote(node: ClusterNode): boolean {
  return node.isRemote && node.remoteResource !== undefined && connectionState(node) === 'failed';
}

/** Orders what happens on remote and guest nodes around their connections. */
export function orderRemoteActions(planner: Planner): void {
  if (!planner.status.haveRemoteNodes) return;
  for (const action of newestFirst(planner.actions)) {
    const { resource, node } = action;
    if (!resource) continue;
    if (resource.isRemoteConnection && action.task === 'clear_failcount') {
      addOrdering(planner, { resource, action }, taskOf(resource, 'start'), Order.optional);
      continue;
    }
    if (!node?.isGuestOrRemote || action.pseudo) continue;
    const connection = node.remoteResource;
    if (!connection) continue;
    if (action.task === 'start') {
      // Where it comes from stops only when the connection to where it goes is up.
      for (const other of newestFirst(resource.plan!.actions)) {
        if (other.node !== node && other.task === 'stop') {
          addOrdering(planner, taskOf(connection, 'start'), { resource, action: other }, Order.optional);
        }
      }
    }
    if (connection.container) orderOnGuest(planner, action, node, connection);
    else orderOnRemote(planner, action, node, connection);
  }
}

function afterStart(planner: Planner, first: Resource, then: Action, extra: number): void {
  addOrdering(
    planner,
    taskOf(first, 'start'),
    { resource: then.resource, action: then },
    Order.preserve | Order.runnableFirst | extra,
  );
}

function beforeStop(planner: Planner, first: Action, then: Resource, extra: number): void {
  addOrdering(
    planner,
    { resource: first.resource, action: first },
    { resource: then, key: operationKey(then.id, 'stop', 0) },
    Order.preserve | extra,
  );
}

/** Migrations away count as stops. */
function effectiveTask(action: Action): string {
  return action.task === 'migrate_to' || action.task === 'migrate_from' ? 'stop' : action.task;
}

function orderOnRemote(planner: Planner, action: Action, node: ClusterNode, connection: Resource): void {
  const state = connectionState(node);
  const task = effectiveTask(action);
  switch (task) {
    case 'start':
    case 'promote':
      afterStart(planner, connection, action, state === 'failed' ? Order.impliesThen : 0);
      break;
    case 'stop':
      if (state === 'alive') beforeStop(planner, action, connection, Order.impliesFirst);
      else if (state === 'failed') {
        fenceNode(planner, node, 'resources are active but connection is unrecoverable');
      } else if (connection.nextRole === Role.Stopped) {
        beforeStop(planner, action, connection, Order.impliesFirst);
      } else afterStart(planner, connection, action, 0);
      break;
    case 'demote':
      if (state === 'resting' || state === 'unknown') afterStart(planner, connection, action, 0);
      break;
    default:
      if (isRecurring(action)) afterStart(planner, connection, action, Order.impliesThen);
      else {
        if (task === 'monitor' && state === 'failed') {
          fenceNode(planner, node, 'resources are in unknown state and connection is unrecoverable');
        }
        if (currentNode(connection) && state === 'stopped') {
          beforeStop(planner, action, connection, Order.runnableFirst);
        } else afterStart(planner, connection, action, 0);
      }
  }
}

const KNOWN_TASKS = new Set([
  'monitor',
  'stop',
  'stopped',
  'start',
  'running',
  'notify',
  'notified',
  'promote',
  'promoted',
  'demote',
  'demoted',
  'do_shutdown',
  'stonith',
]);

function orderOnGuest(planner: Planner, action: Action, node: ClusterNode, connection: Resource): void {
  const container = connection.container!;
  if (container.failed) fenceNode(planner, node, 'container failed');
  const task = effectiveTask(action);
  switch (task) {
    case 'start':
    case 'promote':
      afterStart(planner, container, action, Order.impliesThen);
      afterStart(planner, connection, action, 0);
      break;
    case 'stop':
    case 'demote':
      // A failed container takes what is in it along.
      if (!container.failed) beforeStop(planner, action, connection, 0);
      break;
    default:
      if (!isRecurring(action)) afterStart(planner, connection, action, 0);
      else if (KNOWN_TASKS.has(task)) afterStart(planner, connection, action, Order.impliesThen);
  }
}

/** Whether the node is the inside of the resource. */
export function isGuestOf(resource: Resource | undefined, node: ClusterNode | undefined): boolean {
  return (
    resource !== undefined &&
    resource.fillers.length > 0 &&
    node?.remoteResource !== undefined &&
    node.remoteResource.container === resource
  );
}

/** The cluster node that does an action on a remote or guest node: where the connection is, or will be. */
export function routerOf(action: Action): ClusterNode | undefined {
  const { node } = action;
  if (action.task === 'stonith' || !node?.isGuestOrRemote) return undefined;
  const connection = node.remoteResource;
  if (!connection) return undefined;
  const before = currentNode(connection);
  const after = connection.plan!.assigned;
  if (!before || !after || before === after) return before ?? after;
  const partial = !connection.container && connection.partialMigrationTarget !== undefined;
  const task = action.task === 'notify' ? action.meta.get('notify_operation') : action.task;
  const fromOld = ['cancel', 'stop', 'demote', 'migrate_from', 'migrate_to'].includes(task ?? '');
  return fromOld && !partial ? before : after;
}
