import { setIfAbsent } from '../status/nvpairs.js';
import { findOperation } from '../status/operation.js';
import { operationKey } from '../status/operation-key.js';
import {
  type ClusterNode,
  type ConfiguredOperation,
  parseRole,
  type Resource,
  Role,
} from '../status/types.js';
import { type Action, orderActions } from './action.js';
import {
  ensureAction,
  expectResult,
  findActionsOn,
  resourceActions,
  startAction,
  triggerUnfencing,
} from './actions.js';
import { ActionFlag, Order } from './flags.js';
import { addOrdering, taskOf } from './ordering.js';
import type { Planner } from './planner.js';

interface RecurringOperation {
  readonly name: string;
  readonly intervalMs: number;
  /** The role it is for; Unknown: started, but not promoted. */
  readonly role: Role;
  readonly key: string;
}

const NEVER_RECUR = new Set([
  'stop',
  'start',
  'demote',
  'promote',
  'reload-agent',
  'migrate_to',
  'migrate_from',
]);

function isDuplicate(planner: Planner, resource: Resource, operation: ConfiguredOperation): boolean {
  const same = resource.operations.filter(
    (other) =>
      other.name === operation.name && other.intervalMs === operation.intervalMs && other.xml.id !== '',
  );
  if (same.length < 2) return false;
  planner.error(
    `Operation ${same[1]!.xml.id} is duplicate of ${same[0]!.xml.id} (do not use same name and interval combination more than once per resource)`,
  );
  return true;
}

function recurringOperation(
  planner: Planner,
  resource: Resource,
  operation: ConfiguredOperation,
): RecurringOperation | undefined {
  const { intervalMs, name } = operation;
  if (intervalMs === 0) return undefined;
  if (operation.xml.id === '') {
    planner.error('Ignoring resource history entry without ID');
    return undefined;
  }
  if (name === undefined || NEVER_RECUR.has(name)) {
    planner.error(`Ignoring ${operation.xml.id} because ${name ?? 'unnamed'} action cannot be recurring`);
    return undefined;
  }
  if (isDuplicate(planner, resource, operation)) return undefined;
  const role = parseRole(operation.xml.get('role'));
  const key = operationKey(resource.id, name, intervalMs);
  return findOperation(resource, key, false) && { name, intervalMs, role, key };
}

/** Starts, keeps and cancels the recurring operations of a primitive. */
export function createRecurring(planner: Planner, resource: Resource): void {
  if (resource.blocked || resource.maintenance) return;
  const node = resource.plan!.assigned;
  let start: Action | undefined;
  if (node && !node.maintenance && (resource.nextRole !== Role.Stopped || !resource.managed)) {
    start = startAction(planner, resource, node, true);
  }
  for (const configured of resource.operations) {
    const operation = recurringOperation(planner, resource, configured);
    if (!operation) continue;
    if (start) recurWhileActive(planner, resource, start, node!, operation);
    recurWhileStopped(planner, resource, node, operation);
  }
}

/** Whether it is running already, and nothing makes it start anew. */
function isRunning(
  planner: Planner,
  resource: Resource,
  node: ClusterNode,
  key: string,
  start: Action,
): boolean {
  const flags = planner.methodsOf(resource).actionFlags(planner, start, undefined);
  if ((flags & ActionFlag.optional) === 0) return false;
  const matches = findActionsOn(resource, key, node);
  return matches.length > 0 && !matches.some((action) => action.has(ActionFlag.reschedule));
}

function recurWhileActive(
  planner: Planner,
  resource: Resource,
  start: Action,
  node: ClusterNode,
  operation: RecurringOperation,
): void {
  if (operation.role === Role.Stopped) return;
  const running = isRunning(planner, resource, node, operation.key, start);
  const otherRole =
    operation.role === Role.Unknown
      ? resource.nextRole === Role.Promoted
      : resource.nextRole !== operation.role;
  if (otherRole) {
    if (running) cancelForRole(planner, resource, node, operation);
    return;
  }
  const monitor = ensureAction(planner, resource, operation.key, operation.name, node, running);
  if (!start.runnable || !node.online || node.unclean) monitor.clear(ActionFlag.runnable);
  if (resource.nextRole === Role.Promoted) expectResult(monitor, 8);
  if (!resource.managed) return;
  const then = { key: monitor.key, action: monitor };
  addOrdering(planner, taskOf(resource, 'start'), then, Order.impliesThen | Order.runnableFirst);
  addOrdering(planner, taskOf(resource, 'reload-agent'), then, Order.impliesThen | Order.runnableFirst);
  const roleChange =
    resource.nextRole === Role.Promoted ? 'promote' : resource.role === Role.Promoted ? 'demote' : undefined;
  if (roleChange) {
    addOrdering(
      planner,
      taskOf(resource, roleChange),
      { resource, action: monitor },
      Order.optional | Order.runnableFirst,
    );
  }
}

/** A monitor of a role that the resource will not have any more ends before the role does. */
function cancelForRole(
  planner: Planner,
  resource: Resource,
  node: ClusterNode,
  operation: RecurringOperation,
): void {
  const cancel = cancelAction(planner, resource, operation.name, operation.intervalMs, node);
  let task: string | undefined;
  if (resource.role === Role.Promoted) task = 'demote';
  else if (resource.role === Role.Started || resource.role === Role.Unpromoted) {
    if (resource.nextRole === Role.Promoted) task = 'promote';
    else if (resource.nextRole === Role.Stopped) task = 'stop';
  }
  if (task) addOrdering(planner, { resource, action: cancel }, taskOf(resource, task), Order.runnableFirst);
}

/** Monitors with role Stopped run where the resource is not. */
function recurWhileStopped(
  planner: Planner,
  resource: Resource,
  node: ClusterNode | undefined,
  operation: RecurringOperation,
): void {
  if (operation.role !== Role.Stopped || !resource.unique) return;
  for (const other of planner.status.nodes) {
    if (other === node) {
      cancelWhereActive(planner, resource, other, operation);
      continue;
    }
    const running = findActionsOn(resource, operation.key, other).length > 0;
    const monitor = ensureAction(planner, resource, operation.key, operation.name, other, running);
    expectResult(monitor, 7);
    if (resource.managed) {
      for (const probe of resourceActions(resource, other, 'monitor').slice()) {
        orderActions(probe, monitor, Order.runnableFirst);
      }
    }
    orderAfterStops(planner, resource, other, monitor);
    if (!other.online || other.unclean) monitor.clear(ActionFlag.runnable);
  }
}

function cancelWhereActive(
  planner: Planner,
  resource: Resource,
  node: ClusterNode,
  operation: RecurringOperation,
): void {
  if (findActionsOn(resource, operation.key, node).length === 0) return;
  const cancel = cancelAction(planner, resource, operation.name, operation.intervalMs, node);
  if (resource.nextRole === Role.Started || resource.nextRole === Role.Unpromoted) {
    addOrdering(planner, { resource, action: cancel }, taskOf(resource, 'start'), Order.runnableFirst);
  }
}

function orderAfterStops(planner: Planner, resource: Resource, node: ClusterNode, action: Action): void {
  for (const stop of resourceActions(resource, node, 'stop', true)) {
    if (!stop.optional && !action.optional && !resource.managed) action.set(ActionFlag.optional);
    if (!stop.runnable) action.clear(ActionFlag.runnable);
    if (resource.managed) {
      addOrdering(
        planner,
        { resource, key: operationKey(resource.id, 'stop', 0), action: stop },
        { action },
        Order.impliesThen | Order.runnableFirst,
      );
    }
  }
}

/** The cancellation of a recurring operation. */
export function cancelAction(
  planner: Planner,
  resource: Resource,
  task: string,
  intervalMs: number,
  node: ClusterNode,
): Action {
  const key = operationKey(resource.id, task, intervalMs);
  const cancel = ensureAction(planner, resource, key, 'cancel', node, false);
  cancel.task = 'cancel';
  cancel.cancelTask = task;
  setIfAbsent(cancel.meta, 'operation', task);
  setIfAbsent(cancel.meta, 'interval', String(intervalMs));
  return cancel;
}

/** Cancels a recurring operation that is running. */
export function scheduleCancel(
  planner: Planner,
  resource: Resource,
  callId: string | undefined,
  task: string,
  intervalMs: number,
  node: ClusterNode,
): void {
  const cancel = cancelAction(planner, resource, task, intervalMs, node);
  setIfAbsent(cancel.meta, 'call-id', callId);
  addOrdering(planner, taskOf(resource, 'stop'), { resource, action: cancel }, Order.optional);
}

/** Lets a recurring operation start anew, as its parameters changed. */
export function rescheduleRecurring(
  planner: Planner,
  resource: Resource,
  task: string,
  intervalMs: number,
  node: ClusterNode,
): void {
  triggerUnfencing(planner, resource, node, 'Device parameters changed (reschedule)');
  const key = operationKey(resource.id, task, intervalMs);
  ensureAction(planner, resource, key, task, node, true).set(ActionFlag.reschedule);
}
