import { operationKey, parseOperationKey } from '../status/operation-key.js';
import { currentRole } from '../status/queries.js';
import { type ClusterNode, type Resource, Role } from '../status/types.js';
import { type Action, newestFirst, orderActions } from './action.js';
import { ensureAction, findActions } from './actions.js';
import { ActionFlag, Order } from './flags.js';
import type { Ordering, Planner } from './planner.js';

/** One end of an ordering: an action, or all actions of a resource that a key names. */
export interface End {
  readonly resource?: Resource | undefined;
  readonly key?: string | undefined;
  readonly action?: Action | undefined;
}

/** Notes an ordering; live migrations that stand for its ends are ordered with it. */
export function addOrdering(planner: Planner, first: End, then: End, flags: number): void {
  const ordering: Ordering = {
    firstResource: first.resource ?? first.action?.resource,
    firstKey: first.key ?? first.action?.key,
    firstAction: first.action,
    thenResource: then.resource ?? then.action?.resource,
    thenKey: then.key ?? then.action?.key,
    thenAction: then.action,
    flags,
  };
  planner.orderings.push(ordering);
  orderMigrations(planner, ordering);
}

/** The end that names a task of a resource. */
export function taskOf(resource: Resource, task: string): End {
  return { resource, key: operationKey(resource.id, task, 0) };
}

export function orderTasks(
  planner: Planner,
  first: Resource,
  firstTask: string,
  then: Resource,
  thenTask: string,
  flags: number,
): void {
  addOrdering(planner, taskOf(first, firstTask), taskOf(then, thenTask), flags);
}

export function orderStarts(planner: Planner, first: Resource, then: Resource, flags: number): void {
  orderTasks(planner, first, 'start', then, 'start', flags);
}

export function orderStops(planner: Planner, first: Resource, then: Resource, flags: number): void {
  orderTasks(planner, first, 'stop', then, 'stop', flags);
}

export function isWithin(resource: Resource, collection: Resource): boolean {
  for (let above = resource.parent; above; above = above.parent) if (above === collection) return true;
  return false;
}

/** An order between starts and stops holds for the migrations that may replace them. */
function orderMigrations(planner: Planner, ordering: Ordering): void {
  const { firstResource: first, thenResource: then } = ordering;
  if (!first || !then || first === then) return;
  if (!first.allowMigrate && !then.allowMigrate) return;
  if (isWithin(first, then) || isWithin(then, first)) return;
  const firstTask = taskOfEnd(ordering.firstAction, ordering.firstKey);
  const thenTask = taskOfEnd(ordering.thenAction, ordering.thenKey);
  const order = (task: string, migration: string, flags: number) =>
    orderTasks(planner, first, task, then, migration, flags);
  const unlessBoth = Order.optional | (first.allowMigrate ? Order.unlessFirstMigrates : 0);
  if (firstTask === 'start' && thenTask === 'start') {
    if (first.allowMigrate && then.allowMigrate) order('migrate_from', 'migrate_to', Order.optional);
    if (then.allowMigrate) order('start', 'migrate_to', unlessBoth);
  } else if (then.allowMigrate && firstTask === 'stop' && thenTask === 'stop') {
    order('stop', 'migrate_to', unlessBoth);
    if (then.partialMigrationTarget) order('stop', 'migrate_from', unlessBoth);
  } else if (firstTask === 'promote' && thenTask === 'start') {
    if (then.allowMigrate) order('promote', 'migrate_to', Order.optional);
  } else if (firstTask === 'demote' && thenTask === 'stop' && then.allowMigrate) {
    order('demote', 'migrate_to', Order.optional);
    if (then.partialMigrationTarget) order('demote', 'migrate_from', Order.optional);
  }
}

function taskOfEnd(action: Action | undefined, key: string | undefined): string | undefined {
  if (action) return action.task;
  return key === undefined ? undefined : parseOperationKey(key)?.task;
}

/** Stops come before the shutdown of their node. */
export function orderStopsBeforeShutdown(planner: Planner, node: ClusterNode, shutdown: Action): void {
  for (const action of newestFirst(planner.actions)) {
    const { resource } = action;
    if (!resource || action.node !== node || action.task !== 'stop') continue;
    if (resource.maintenance || node.maintenance) continue;
    if (!resource.managed && !resource.blocked) continue;
    action.clear(ActionFlag.optional);
    addOrdering(
      planner,
      { resource, action },
      { key: 'do_shutdown', action: shutdown },
      Order.optional | Order.runnableFirst,
    );
  }
}

/** Turns the orderings that were noted into links between actions. */
export function linkOrderings(planner: Planner): void {
  for (const ordering of planner.orderings) {
    if (ordering.firstResource) linkFromResource(planner, ordering.firstResource, ordering);
    else if (ordering.thenResource)
      linkToResource(ordering.firstAction, ordering.thenResource, ordering, planner);
    else orderActions(ordering.firstAction, ordering.thenAction, ordering.flags);
  }
}

/** Actions of that key, or of the same task under the resource's own id. */
function actionsByTask(resource: Resource, key: string): Action[] {
  const found = findActions(resource.plan!.actionsByKey, key, undefined);
  if (found.length > 0) return found;
  const parsed = parseOperationKey(key);
  if (!parsed) return [];
  const own = operationKey(resource.id, parsed.task, parsed.intervalMs);
  return findActions(resource.plan!.actionsByKey, own, undefined);
}

function linkFromResource(planner: Planner, first: Resource, ordering: Ordering): void {
  const { thenAction } = ordering;
  let firsts = ordering.firstAction ? [ordering.firstAction] : actionsByTask(first, ordering.firstKey!);
  if (firsts.length === 0 && first !== ordering.thenResource) {
    const parsed = parseOperationKey(ordering.firstKey!);
    const task = parsed?.task ?? '';
    const role = currentRole(first);
    const done =
      (role === Role.Stopped && task === 'stop') || (role === Role.Unpromoted && task === 'demote');
    if (!done) {
      const key = operationKey(first.id, task, parsed?.intervalMs ?? 0);
      firsts = [ensureAction(planner, first, key, task, undefined, true)];
    }
  }
  const then = ordering.thenResource ?? thenAction?.resource;
  for (const action of firsts.slice()) {
    if (then) linkToResource(action, then, ordering, planner);
    else orderActions(action, thenAction, ordering.flags);
  }
}

function linkToResource(
  first: Action | undefined,
  resource: Resource,
  ordering: Ordering,
  planner: Planner,
): void {
  let { flags } = ordering;
  const thens = ordering.thenAction ? [ordering.thenAction] : actionsByTask(resource, ordering.thenKey!);
  if (thens.length === 0) return;
  if (first && first.resource === resource && first.has(ActionFlag.dangling)) flags &= ~Order.impliesThen;
  if (!first && (flags & Order.impliesThen) === 0) return;
  for (const then of thens.slice()) {
    if (first) orderActions(first, then, flags);
    else {
      then.clear(ActionFlag.runnable);
      planner.remark(
        'warning',
        `${then.task} of ${resource.id} is unrunnable because there is no ${ordering.firstKey} to order it after`,
      );
    }
  }
}
