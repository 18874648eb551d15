import { type ClusterNode, isAnonymousClone, isBundled, type Resource, topmost } from '../status/types.js';
import { type Action, newestFirst, orderActions } from './action.js';
import { fenceAction, findFirstAction, resourceActions, triggerUnfencing } from './actions.js';
import { ActionFlag, Order } from './flags.js';
import { orderNotificationsAfterFencing } from './notifications.js';
import { addOrdering, taskOf } from './ordering.js';
import type { Planner } from './planner.js';

/** Orders what happens to all resources around the fencing of a node. */
export function orderAroundFencing(planner: Planner, fencing: Action): void {
  for (const resource of planner.status.resources) orderResource(planner, resource, fencing);
}

function orderResource(planner: Planner, resource: Resource, fencing: Action): void {
  if (resource.children.length > 0) {
    for (const child of resource.children) orderResource(planner, child, fencing);
  } else if (resource.managed) {
    orderStartsAfterFencing(resource, fencing);
    orderStopsAroundFencing(planner, resource, fencing);
  }
}

function isKnownOn(resource: Resource, node: ClusterNode): boolean {
  if (resource.knownOn.has(node)) return true;
  return isAnonymousClone(resource.parent) && resource.parent!.knownOn.has(node);
}

function orderStartsAfterFencing(resource: Resource, fencing: Action): void {
  const target = fencing.node!;
  for (const action of newestFirst(resource.plan!.actions)) {
    if (action.needs === 'fencing') orderActions(fencing, action, Order.optional);
    else if (
      action.needs === 'quorum' &&
      action.task === 'start' &&
      resource.allowed.has(target) &&
      !isKnownOn(resource, target)
    ) {
      // It may be active there; nobody knows before the node is fenced.
      orderActions(fencing, action, Order.optional | Order.runnableFirst);
    }
  }
}

/** Fencing a node stops all there is on it: stops and demotions become pseudo actions. */
function orderStopsAroundFencing(planner: Planner, resource: Resource, fencing: Action): void {
  const target = fencing.node!;
  const stops = resourceActions(resource, target, 'stop');
  const implied = resource.needsFencing || target.isGuest;
  const bundled = isBundled(resource);
  const parentStop =
    stops.length > 0 && implied
      ? findFirstAction(topmost(resource), undefined, 'stop', undefined)
      : undefined;
  for (const stop of stops) {
    stop.set(ActionFlag.pseudo | ActionFlag.runnable);
    if (implied) {
      stop.set(ActionFlag.impliedByFencing);
      if (!bundled) orderActions(fencing, stop, Order.preserve);
      orderActions(fencing, parentStop, Order.preserve);
    }
    if (resource.notify) orderNotificationsAfterFencing(planner, stop, resource, fencing);
  }
  for (const demote of resourceActions(resource, target, 'demote')) {
    const node = demote.node!;
    if (node.online && !node.unclean && !resource.failed) continue;
    demote.set(ActionFlag.pseudo | ActionFlag.runnable);
    if (!bundled && implied) orderActions(fencing, demote, Order.preserve | Order.optional);
  }
}

/** A guest node is fenced by stopping the resource that it lives in. */
export function fenceGuest(planner: Planner, node: ClusterNode): void {
  const container = node.remoteResource!.container!;
  let stop = findFirstAction(container, undefined, 'stop', undefined);
  const restarts = findFirstAction(container, undefined, 'start', undefined) !== undefined;
  const operation = restarts ? 'reboot' : 'off';
  const fencing = fenceAction(planner, node, operation, false, 'guest is unclean', false);
  fencing.set(ActionFlag.pseudo | ActionFlag.runnable);
  if (stop?.pseudo) {
    // The guest's host is fenced itself.
    const host = fenceAction(planner, stop.node!, undefined, false, undefined, false);
    orderActions(host, fencing, Order.runnableFirst | Order.impliesThen);
  } else if (stop) {
    orderActions(stop, fencing, Order.runnableFirst | Order.impliesThen);
  } else {
    stop = findFirstAction(node.remoteResource!, undefined, 'stop', undefined);
    orderActions(stop, fencing, Order.optional);
  }
  orderAroundFencing(planner, fencing);
}

export function isUnfenced(node: ClusterNode): boolean {
  const unfenced = node.attributes.get('#node-unfenced');
  return unfenced !== undefined && unfenced !== '0';
}

/** What needs a node unfenced waits for it. */
export function orderAfterUnfencing(
  planner: Planner,
  resource: Resource,
  node: ClusterNode,
  action: Action,
  flags: number,
): void {
  const device = resource.fenceDevice && planner.status.options.unfencing;
  if (!device && !resource.needsUnfencing) return;
  const unfence = fenceAction(planner, node, 'on', true, undefined, false);
  orderActions(unfence, action, flags);
  if (!isUnfenced(node)) {
    triggerUnfencing(planner, undefined, node, `required by ${resource.id} ${action.task}`);
  }
}

/** A resource that needs unfencing is stopped before its node is unfenced anew, and started after. */
export function orderRestartAroundUnfencing(planner: Planner, resource: Resource, node: ClusterNode): void {
  const unfence = fenceAction(planner, node, 'on', true, undefined, false);
  const end = { key: unfence.key, action: unfence };
  addOrdering(planner, taskOf(resource, 'stop'), end, Order.optional | Order.sameNode);
  addOrdering(planner, end, taskOf(resource, 'start'), Order.impliesThenOnNode | Order.sameNode);
}
