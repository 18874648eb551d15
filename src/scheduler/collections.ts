import { INFINITY } from '../cib/score.js';
import type { BundleReplica, ClusterNode, Resource } from '../status/types.js';
import { Role } from '../status/types.js';
import { type Action, newestFirst, orderActions } from './action.js';
import { collectionAction, findFirstAction } from './actions.js';
import { assignNowhere } from './assignment.js';
import { ActionFlag, Order, Updated } from './flags.js';
import { findCompatible, instancesOf, isInterleaved } from './instances.js';
import { addNotifications } from './notifications.js';
import { updateForOrderings, updateOrderedActions } from './ordering-effects.js';
import type { Planner } from './planner.js';
import { memberTask } from './tasks.js';

interface Activity {
  active: boolean;
  starting: boolean;
  stopping: boolean;
}

/** What is, and will be, going on in an instance. */
function observe(resource: Resource, activity: Activity): void {
  if (resource.children.length > 0) {
    for (const child of resource.children) observe(child, activity);
    return;
  }
  if (resource.runningOn.length > 0) activity.active = true;
  for (const action of newestFirst(resource.plan!.actions)) {
    if (activity.starting && activity.stopping) return;
    if (action.optional || !action.hasAny(ActionFlag.pseudo | ActionFlag.runnable)) continue;
    if (action.task === 'stop') activity.stopping = true;
    else if (action.task === 'start' && action.runnable) activity.starting = true;
  }
}

/**
 * Creates the actions of a collection's instances, and its own start and stop around them.
 *
 * @param notify with notifications, where the collection wants them
 */
export function createCollectionActions(
  planner: Planner,
  collection: Resource,
  instances: readonly Resource[],
  notify: boolean,
): void {
  let active = false;
  let starting = false;
  let stopping = false;
  let dependentsMayMigrate = true;
  for (const instance of instances) {
    planner.methodsOf(instance).createActions(planner, instance);
    const activity: Activity = { active, starting: false, stopping: false };
    observe(instance, activity);
    active = activity.active;
    if (activity.starting && activity.stopping) dependentsMayMigrate = false;
    starting ||= activity.starting;
    stopping ||= activity.stopping;
  }
  const plan = collection.plan!;
  const start = collectionAction(planner, collection, 'start', !starting, true);
  const started = collectionAction(planner, collection, 'running', !starting, false);
  started.priority = INFINITY;
  if (active || starting) started.set(ActionFlag.runnable);
  if (notify) {
    plan.startNotifications ??= addNotifications(planner, collection, 'start', start, started);
  }
  const stop = collectionAction(planner, collection, 'stop', !stopping, true);
  const stopped = collectionAction(planner, collection, 'stopped', !stopping, true);
  stopped.priority = INFINITY;
  if (dependentsMayMigrate) stop.set(ActionFlag.migrateRunnable);
  if (notify && !plan.stopNotifications) {
    plan.stopNotifications = addNotifications(planner, collection, 'stop', stop, stopped);
    orderActions(plan.stopNotifications?.postDone, plan.startNotifications?.pre, Order.optional);
  }
}

/** The task of the instances that a collection's action sums up; a notification is of the task in its key. */
function instanceTask(action: Action, instance: Resource): string {
  const primitive = instance.kind === 'primitive';
  if (action.task !== 'notify' && action.task !== 'notified') return memberTask(action.task, primitive);
  const parts = action.key.split('_');
  return memberTask(parts.at(-2) ?? '', primitive);
}

/** A collection's action is optional where all instances' are, and runnable where any is. */
export function summarizeFlags(
  planner: Planner,
  action: Action,
  instances: readonly Resource[],
  node: ClusterNode | undefined,
): number {
  const { optional, runnable, pseudo } = ActionFlag;
  let flags = optional | runnable | pseudo;
  let anyRunnable = false;
  const first = action.resource!.children[0];
  const task = first ? instanceTask(action, first) : 'no_action';
  for (const instance of instances) {
    const where = instance.children.length > 0 ? undefined : node;
    const own = findFirstAction(instance, undefined, task, where);
    if (!own) continue;
    const ownFlags = planner.methodsOf(instance).actionFlags(planner, own, node);
    if (flags & optional && !(ownFlags & optional)) {
      flags &= ~optional;
      action.clear(optional);
    }
    if (ownFlags & runnable) anyRunnable = true;
  }
  if (!anyRunnable) {
    flags &= ~runnable;
    if (!node) action.clear(runnable);
  }
  return flags;
}

function mayInterleave(first: Action, then: Action): boolean {
  const a = first.resource;
  const b = then.resource;
  const isCollection = (resource: Resource) => resource.kind === 'clone' || resource.kind === 'bundle';
  if (!a || !b || a === b || !isCollection(a) || !isCollection(b)) return false;
  const down = then.key.endsWith('_stop_0') || then.key.endsWith('_demote_0');
  return isInterleaved(down ? a : b);
}

/** Applies an ordering to a clone or bundle: to it and its instances, or instance by instance where interleaved. */
export function updateOrderedCollections(
  planner: Planner,
  first: Action,
  then: Action,
  node: ClusterNode | undefined,
  flags: number,
  filter: number,
  type: number,
): number {
  if (mayInterleave(first, then)) return updateInterleaved(planner, first, then, node, filter, type);
  if (!then.resource) return Updated.none;
  let changed = updateOrderedActions(planner, first, then, node, flags, filter, type);
  for (const instance of instancesOf(then.resource)) {
    const action = findFirstAction(instance, undefined, then.task, node);
    if (!action) continue;
    const methods = planner.methodsOf(instance);
    if (!(methods.actionFlags(planner, action, node) & ActionFlag.runnable)) continue;
    const own = methods.updateOrdered(planner, first, action, node, flags, filter, type);
    changed |= own;
    if (own & Updated.thenChanged) {
      for (const link of newestFirst(action.after)) updateForOrderings(planner, link.action);
    }
  }
  return changed;
}

/** The replica of a bundle whose container and node these are. */
function replicaOf(
  collection: Resource,
  container: Resource,
  node: ClusterNode | undefined,
): BundleReplica | undefined {
  return collection.bundle?.replicas.find(
    (replica) =>
      replica.child && replica.container === container && node !== undefined && replica.node === node,
  );
}

function updateInterleaved(
  planner: Planner,
  first: Action,
  then: Action,
  node: ClusterNode | undefined,
  filter: number,
  type: number,
): number {
  let changed: number = Updated.none;
  const firstCollection = first.resource!;
  const thenCollection = then.resource!;
  const current = first.key.endsWith('_stopped_0') || first.key.endsWith('_demoted_0');
  for (const thenInstance of instancesOf(thenCollection)) {
    const firstInstance = findCompatible(planner, thenInstance, firstCollection, Role.Unknown, current);
    if (!firstInstance) {
      // Without a partner it cannot run.
      if (!current && type & (Order.runnableFirst | Order.impliesThen)) {
        if (assignNowhere(planner, thenInstance)) changed |= Updated.thenChanged;
      }
      continue;
    }
    const head = firstCollection.children[0];
    const task = head ? instanceTask(first, head) : 'no_action';
    const firstReplica = replicaOf(firstCollection, firstInstance, node);
    const firstPlace = first.task.includes('stop') && firstReplica ? firstReplica.child! : firstInstance;
    const firstAction = findFirstAction(firstPlace, undefined, task, node);
    const thenReplica = replicaOf(thenCollection, thenInstance, node);
    const thenPlace = then.task.includes('mote') && thenReplica ? thenReplica.child! : thenInstance;
    const thenAction = findFirstAction(thenPlace, undefined, then.task, node);
    if (!firstAction || !thenAction) continue;
    if (orderActions(firstAction, thenAction, type)) changed |= Updated.firstChanged | Updated.thenChanged;
    const flags = planner.methodsOf(firstInstance).actionFlags(planner, firstAction, node);
    changed |= planner
      .methodsOf(thenInstance)
      .updateOrdered(planner, firstAction, thenAction, node, flags, filter, type);
  }
  return changed;
}
