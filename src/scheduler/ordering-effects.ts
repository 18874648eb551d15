import { notifyKey, operationKey, parseOperationKey } from '../status/operation-key.js';
import { currentRole } from '../status/queries.js';
import { type ClusterNode, type Resource, Role } from '../status/types.js';
import { type Action, type Link, newestFirst, orderActions } from './action.js';
import { findFirstAction } from './actions.js';
import { assignedLocation } from './assignment.js';
import { blockColocatedDependents } from './blocking.js';
import { ActionFlag, Order, Updated } from './flags.js';
import { isWithin } from './ordering.js';
import type { Planner } from './planner.js';
import { completionOf } from './tasks.js';

/**
 * Lets everything that comes before an action bear on whether the action is needed and possible; what changes is
 * followed in both directions until nothing does.
 */
export function updateForOrderings(planner: Planner, then: Action): void {
  let changed: number = Updated.none;
  const lastFlags = then.flags;
  if (then.has(ActionFlag.requiresAny)) {
    then.runnableBefore = 0;
    if (then.requiredRunnableBefore === 0) then.requiredRunnableBefore = 1;
    then.clear(ActionFlag.runnable);
  }
  for (const link of newestFirst(then.before)) {
    let first = link.action;
    const firstNode = placeOf(first);
    const thenNode = placeOf(then);
    if ((link.type & Order.sameNode) !== 0 && firstNode && thenNode && firstNode !== thenNode) {
      link.type = Order.none;
      continue;
    }
    changed &= ~Updated.firstChanged;
    if (first.resource && (link.type & Order.thenCancelsFirst) !== 0 && !then.optional) {
      first.set(ActionFlag.optional);
      if (first.task === 'reload-agent') first.resource.plan!.reload = false;
    }
    if (
      first.resource &&
      then.resource &&
      first.resource !== then.resource &&
      !isWithin(then.resource, first.resource)
    ) {
      first = completionAction(first);
    }
    if (first === link.action) {
      const firstFlags = flagsForOrdering(planner, first, thenNode);
      const thenFlags = flagsForOrdering(planner, then, firstNode);
      changed |= applyLink(planner, first, then, firstFlags, thenFlags, link);
    } else if (orderActions(first, then, link.type)) {
      changed |= Updated.thenChanged;
      link.type = Order.none;
    }
    if (changed & Updated.firstChanged) {
      for (const after of newestFirst(first.after)) updateForOrderings(planner, after.action);
      updateForOrderings(planner, first);
    }
  }
  if (then.has(ActionFlag.requiresAny)) {
    if (lastFlags === then.flags) changed &= ~Updated.thenChanged;
    else changed |= Updated.thenChanged;
  }
  if (changed & Updated.thenChanged) {
    if ((lastFlags & ActionFlag.runnable) !== 0 && !then.runnable) {
      blockColocatedDependents(planner, then, updateForOrderings);
    }
    updateForOrderings(planner, then);
    for (const after of newestFirst(then.after)) updateForOrderings(planner, after.action);
  }
}

/** The node an action is on; of a group's start, the one that the whole group goes to. */
function placeOf(action: Action): ClusterNode | undefined {
  if (action.resource?.kind === 'group' && action.task === 'start') return assignedLocation(action.resource);
  return action.node;
}

function flagsForOrdering(planner: Planner, action: Action, node: ClusterNode | undefined): number {
  const { resource } = action;
  if (!resource) return action.flags;
  const methods = planner.methodsOf(resource);
  const flags = methods.actionFlags(planner, action, undefined);
  if (!node || resource.kind !== 'clone') return flags;
  const onNode = methods.actionFlags(planner, action, node);
  // Where the clone has no such action, what can run elsewhere does not hold others up here.
  return flags & ActionFlag.runnable ? onNode | ActionFlag.runnable : onNode;
}

/** For others, a collection's action is done when all its members' are: its completion counts. */
function completionAction(action: Action): Action {
  const resource = action.resource!;
  if (resource.kind === 'primitive') return action;
  const key = completionKey(action.key, resource);
  return findFirstAction(resource, key, undefined, undefined) ?? action;
}

function completionKey(key: string, resource: Resource): string {
  if (key.includes('notify')) return key;
  const parsed = parseOperationKey(key);
  if (!parsed || parsed.intervalMs > 0) return key;
  const completion = completionOf(parsed.task);
  if (completion === undefined) return key;
  const notified =
    resource.notify && (!resource.parent || (resource.kind === 'clone' && resource.parent.kind === 'bundle'));
  return notified
    ? notifyKey(parsed.resourceId, 'confirmed-post', completion)
    : operationKey(parsed.resourceId, completion, 0);
}

/** Applies one link with all its flags; which of the two actions changed. */
function applyLink(
  planner: Planner,
  first: Action,
  then: Action,
  firstFlags: number,
  thenFlags: number,
  link: Link,
): number {
  let changed: number = Updated.none;
  let { node } = then;
  const thenResource = then.resource;
  const update = (on: Action, flags: number, filter: number, type: number) => {
    changed |= planner.methodsOf(on.resource!).updateOrdered(planner, first, then, node, flags, filter, type);
  };
  if (link.type & Order.impliesThenOnNode) {
    link.type = (link.type & ~Order.impliesThenOnNode) | Order.impliesThen;
    node = first.node;
  }
  const optional = ActionFlag.optional;
  const runnable = ActionFlag.runnable;
  if (link.type & Order.impliesThen) {
    if (thenResource) update(then, firstFlags & optional, optional, Order.impliesThen);
    else if (!(firstFlags & optional) && then.optional) {
      then.clear(optional);
      changed |= Updated.thenChanged;
    }
  }
  if (link.type & Order.restart && thenResource) {
    update(then, firstFlags, optional | runnable, Order.restart);
  }
  if (link.type & Order.impliesFirst) {
    if (first.resource) update(first, firstFlags, optional, Order.impliesFirst);
    else if (!(firstFlags & optional) && first.runnable) {
      first.clear(runnable);
      changed |= Updated.firstChanged;
    }
  }
  if (link.type & Order.promotedImpliesFirst && thenResource) {
    update(then, firstFlags & optional, optional, Order.promotedImpliesFirst);
  }
  if (link.type & Order.oneOrMore) {
    if (thenResource) update(then, firstFlags, runnable, Order.oneOrMore);
    else if (firstFlags & runnable) {
      then.runnableBefore++;
      if (then.runnableBefore >= then.requiredRunnableBefore && !then.runnable) {
        then.set(runnable);
        changed |= Updated.thenChanged;
      }
    }
  }
  if (link.type & Order.probe && thenResource) {
    if (!(firstFlags & runnable) && first.resource!.runningOn.length > 0) link.type = Order.none;
    else update(then, firstFlags, runnable, Order.runnableFirst);
  }
  if (link.type & Order.runnableFirst) {
    if (thenResource) update(then, firstFlags, runnable, Order.runnableFirst);
    else if (!(firstFlags & runnable) && then.runnable) {
      then.clear(runnable);
      changed |= Updated.thenChanged;
    }
  }
  if (thenResource) {
    if (link.type & Order.impliesFirstMigratable) {
      update(then, firstFlags, optional, Order.impliesFirstMigratable);
    }
    if (link.type & Order.pseudoFirst) update(then, firstFlags, optional, Order.pseudoFirst);
    if (link.type & Order.optional) update(then, firstFlags, runnable, Order.optional);
    if (link.type & Order.asymmetrical) update(then, firstFlags, runnable, Order.asymmetrical);
  }
  if (first.runnable && link.type & Order.showThen && !(firstFlags & optional)) {
    then.set(ActionFlag.printAlways);
  }
  if (link.type & Order.showFirst && !(thenFlags & optional)) first.set(ActionFlag.printAlways);
  if (
    link.type & (Order.impliesThen | Order.impliesFirst | Order.restart) &&
    first.resource &&
    !first.resource.managed &&
    first.resource.blocked &&
    !first.runnable &&
    first.task === 'stop' &&
    then.runnable
  ) {
    // What cannot be stopped keeps what needs it stopped from happening.
    then.clear(runnable);
    changed |= Updated.thenChanged;
  }
  return changed;
}

/** Takes a flag away, for the reason of another resource's action. */
function clearBecause(action: Action, flag: number, cause: Action): void {
  if (!action.has(flag)) return;
  action.clear(flag);
  if (action.resource === cause.resource) return;
  const change = flag === ActionFlag.optional ? 'required' : 'unrunnable';
  const reason = `${change}${cause.resource ? ` ${cause.resource.id}` : ''} ${cause.task}`;
  action.setReason(reason, flag === ActionFlag.migrateRunnable);
}

/** Applies one kind of ordering to two actions of primitives, or to the collections' own. */
export function updateOrderedActions(
  planner: Planner,
  first: Action,
  then: Action,
  _node: ClusterNode | undefined,
  flags: number,
  filter: number,
  type: number,
): number {
  const { optional, runnable, migrateRunnable } = ActionFlag;
  const thenFlags = then.flags;
  const firstFlags = first.flags;
  const filterOptional = (filter & optional) !== 0;
  if (type & Order.asymmetrical) applyAsymmetrical(first, then);
  if (type & Order.impliesFirst && !(thenFlags & optional)) {
    if (filterOptional && !(flags & optional) && firstFlags & optional) clearBecause(first, optional, then);
    if (flags & migrateRunnable && !then.has(migrateRunnable)) clearBecause(first, migrateRunnable, then);
  }
  if (
    type & Order.promotedImpliesFirst &&
    then.resource?.role === Role.Promoted &&
    filterOptional &&
    !then.optional
  ) {
    clearBecause(first, optional, then);
    if (first.has(migrateRunnable) && !then.has(migrateRunnable)) {
      clearBecause(first, migrateRunnable, then);
    }
  }
  if (type & Order.impliesFirstMigratable && filterOptional) {
    if (!then.has(migrateRunnable | runnable)) clearBecause(first, runnable, then);
    if (!then.optional) clearBecause(first, optional, then);
  }
  if (type & Order.pseudoFirst && filterOptional && !first.runnable) {
    clearBecause(then, migrateRunnable, first);
    then.clear(ActionFlag.pseudo);
  }
  if (type & Order.runnableFirst && filter & runnable && then.runnable && !(flags & runnable)) {
    clearBecause(then, runnable, first);
    clearBecause(then, migrateRunnable, first);
  }
  if (
    type & Order.impliesThen &&
    filterOptional &&
    then.optional &&
    !(flags & optional) &&
    !first.has(migrateRunnable)
  ) {
    clearBecause(then, optional, first);
  }
  if (type & Order.restart) applyRestart(first, then, filter);

  let changed: number = Updated.none;
  if (thenFlags !== then.flags) {
    changed |= Updated.thenChanged;
    if (then.resource?.parent) updateForOrderings(planner, then);
  }
  if (firstFlags !== first.flags) changed |= Updated.firstChanged;
  return changed;
}

function applyAsymmetrical(first: Action, then: Action): void {
  const { resource } = then;
  if (!resource) return;
  const role = currentRole(resource);
  if (role === Role.Stopped && then.task === 'stop') return;
  if (
    role >= Role.Started &&
    then.optional &&
    then.node &&
    resource.runningOn.length === 1 &&
    then.node === resource.runningOn[0] &&
    then.task === 'start'
  ) {
    return;
  }
  if (!first.runnable) {
    clearBecause(then, ActionFlag.optional, first);
    clearBecause(then, ActionFlag.runnable, first);
  }
}

/** A stop and a start that belong together. */
function applyRestart(first: Action, then: Action, filter: number): void {
  const { optional, runnable, migrateRunnable } = ActionFlag;
  const restart = (filter & optional) !== 0 && !then.optional;
  const stop =
    (filter & runnable) !== 0 && !then.runnable && then.resource!.managed && first.resource === then.resource;
  if (!restart && !stop) return;
  if (first.runnable) clearBecause(first, optional, then);
  if (!then.optional) clearBecause(first, optional, then);
  if (!then.has(migrateRunnable)) clearBecause(first, migrateRunnable, then);
  if (!first.optional && !first.runnable) clearBecause(then, runnable, first);
}
