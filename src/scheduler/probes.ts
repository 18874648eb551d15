import { isTrue } from '../cib/boolean.js';
import { setIfAbsent } from '../status/nvpairs.js';
import { operationKey } from '../status/operation-key.js';
import { type ClusterNode, isClone, type Resource, Role, topmost } from '../status/types.js';
import { type Action, newestFirst, orderActions } from './action.js';
import { ensureAction, expectResult, fenceNode, findActions, resourceActions } from './actions.js';
import { orderAfterUnfencing } from './fencing-order.js';
import { ActionFlag, Order } from './flags.js';
import { findCompatible } from './instances.js';
import { addOrdering, orderTasks, taskOf } from './ordering.js';
import type { Ordering, Planner } from './planner.js';
import { isFailedRemote } from './remote.js';

/** Probes every resource on every node where its state is not known. */
export function scheduleProbes(planner: Planner): void {
  for (const node of planner.status.nodes) {
    if (!node.online) {
      if (isFailedRemote(node)) fenceNode(planner, node, 'the connection is unrecoverable');
      continue;
    }
    if (node.unclean || !node.discoveryEnabled) continue;
    const probed = node.attributes.get('probe_complete');
    if (probed !== undefined && !isTrue(probed)) {
      const key = `probe_again-${node.name}`;
      const reprobe = ensureAction(planner, undefined, key, 'probe_again', node, false);
      setIfAbsent(reprobe.meta, 'op_no_wait', 'true');
      continue;
    }
    probeAll(planner, planner.status.resources, node);
  }
}

/** Whether any probe was created. */
export function probeAll(planner: Planner, resources: readonly Resource[], node: ClusterNode): boolean {
  let any = false;
  for (const resource of resources) {
    if (planner.methodsOf(resource).createProbe(planner, resource, node)) any = true;
  }
  return any;
}

/** What lives inside a resource and is a connection, so that the resource is a guest node. */
export function guestConnectionIn(planner: Planner, resource: Resource): Resource | undefined {
  if (!planner.status.haveRemoteNodes) return undefined;
  return resource.fillers.find((filler) => filler.isRemoteConnection);
}

/** Probes a primitive, or all members of a group. */
export function probeOn(planner: Planner, resource: Resource, node: ClusterNode): boolean {
  if (!planner.status.options.startupProbes) return false;
  if (node.isGuestOrRemote) {
    if (resource.standard === 'stonith') return false;
    if (node.isGuest && guestConnectionIn(planner, resource)) return false;
    if (resource.isRemoteConnection) return false;
  }
  if (resource.children.length > 0) return probeAll(planner, resource.children, node);
  if (resource.container && !resource.isRemoteConnection) return false;
  if (resource.orphan || resource.knownOn.has(node)) return false;
  let top = topmost(resource);
  const candidate = resource.allowed.get(node);
  if (resource.exclusiveDiscovery || top.exclusiveDiscovery) {
    if (candidate?.discovery !== 'exclusive') return false;
  }
  if ((candidate?.discovery ?? node.discovery) === 'never') return false;
  if (node.isGuest && !guestStays(planner, node, top)) return false;
  const probe = createProbe(planner, resource, node);
  const device = resource.fenceDevice && planner.status.options.unfencing;
  if (device || !isClone(top)) top = resource;
  const needed = !probe.runnable && resource.runningOn.length === 0 ? Order.runnableFirst : 0;
  const first = { resource, action: probe };
  addOrdering(planner, first, taskOf(top, 'start'), Order.optional | needed);
  const reload = operationKey(resource.id, 'reload-agent', 0);
  addOrdering(planner, first, { resource: top, key: reload }, Order.optional);
  return true;
}

/** A guest that is down, or goes down, is not probed; what it would tell is ordered before starts instead. */
function guestStays(planner: Planner, node: ClusterNode, top: Resource): boolean {
  const guest = node.remoteResource!.container!;
  if (guest.role === Role.Stopped) {
    const host = guest.plan!.assigned;
    if (host && !guest.knownOn.has(host)) {
      orderTasks(planner, guest, 'monitor', top, 'start', Order.optional);
    }
    return false;
  }
  const assigned = guest.plan!.assigned;
  const stops =
    node.remoteRequiresReset ||
    node.unclean ||
    guest.failed ||
    guest.nextRole === Role.Stopped ||
    (guest.role > Role.Stopped && assigned !== undefined && !guest.runningOn.includes(assigned));
  if (stops) orderTasks(planner, guest, 'stop', top, 'start', Order.optional);
  return !stops;
}

function createProbe(planner: Planner, resource: Resource, node: ClusterNode): Action {
  const key = operationKey(resource.id, 'monitor', 0);
  const probe = ensureAction(planner, resource, key, 'monitor', node, false);
  probe.clear(ActionFlag.optional);
  orderAfterUnfencing(planner, resource, node, probe, Order.optional);
  if (!resource.runningOn.includes(node)) expectResult(probe, 7);
  else if (resource.role === Role.Promoted) expectResult(probe, 8);
  return probe;
}

/** Orders probes before what depends on what they find. */
export function orderProbes(planner: Planner): void {
  const tracker = new Tracker();
  for (const resource of planner.status.resources) orderBeforeRestarts(planner, resource, tracker);
  orderBeforeStops(planner);
}

/** Actions met in the search from one probe. */
class Tracker {
  private readonly met: Action[] = [];

  add(action: Action): boolean {
    if (action.has(ActionFlag.tracking)) return false;
    action.set(ActionFlag.tracking);
    this.met.push(action);
    return true;
  }

  clear(): void {
    for (const action of this.met) action.clear(ActionFlag.tracking);
    this.met.length = 0;
  }
}

function orderBeforeRestarts(planner: Planner, resource: Resource, tracker: Tracker): void {
  if (resource.kind !== 'primitive') {
    for (const child of resource.children) orderBeforeRestarts(planner, child, tracker);
    return;
  }
  for (const probe of resourceActions(resource, undefined, 'monitor')) {
    for (const link of newestFirst(probe.after)) {
      orderBeforeRestart(planner, probe, link.action, tracker);
      tracker.clear();
    }
  }
}

/** What starts after a probed resource, and would be restarted with it, stops only after the probe. */
function orderBeforeRestart(planner: Planner, probe: Action, after: Action, tracker: Tracker): void {
  if (probe.resource?.kind !== 'primitive' || probe.task !== 'monitor') return;
  if (!tracker.add(after)) return;
  const { resource } = after;
  if (resource?.kind === 'primitive' && probe.resource !== resource) {
    const undo = after.task === 'start' ? 'stop' : after.task === 'promote' ? 'demote' : undefined;
    if (undo) {
      for (const then of resourceActions(resource, undefined, undo)) {
        if (!then.pseudo) orderActions(probe, then, Order.optional);
      }
    }
  }
  const cloned = resource !== undefined && (resource.kind === 'clone' || resource.kind === 'bundle');
  const interleave = cloned && isTrue(resource.meta.get('interleave'));
  const compatible = interleave
    ? findCompatible(planner, probe.resource, resource, Role.Unknown, false)
    : undefined;
  for (const link of newestFirst(after.after)) {
    if ((link.type & Order.impliesThen) === 0) {
      // Members of a collection are followed too: their starts are not implied by the collection's.
      const other = link.action.resource;
      if (
        !resource ||
        resource.kind === 'primitive' ||
        probe.resource.parent === resource ||
        !other ||
        other.kind === 'clone' ||
        other.kind === 'bundle' ||
        resource !== other.parent
      ) {
        continue;
      }
      if (interleave && compatible !== other) continue;
    }
    orderBeforeRestart(planner, probe, link.action, tracker);
  }
}

/** Where something is ordered after a stop, it is ordered after the probe that may find what is to be stopped. */
function orderBeforeStops(planner: Planner): void {
  for (const ordering of planner.orderings) {
    const { firstResource: first, thenResource: then, thenAction } = ordering;
    if (ordering.flags === Order.none || !first || first === then) continue;
    if (ordering.firstAction ? ordering.firstAction.task !== 'stop' : !endsInStop(ordering.firstKey))
      continue;
    if (ordering.thenAction === undefined && ordering.thenKey === undefined) continue;
    if (then && first.container === then) {
      // What is in a container needs no probe before the container stops.
      if (thenAction ? thenAction.task === 'stop' : endsInStop(ordering.thenKey)) continue;
    }
    const probes = resourceActions(first, undefined, 'monitor');
    if (probes.length === 0) continue;
    let thens: readonly Action[] = [];
    if (thenAction) thens = [thenAction];
    else if (then) thens = findActions(then.plan!.actionsByKey, ordering.thenKey!, undefined);
    const flags = probeOrderFlags(ordering);
    for (const probe of probes.slice()) {
      for (const action of thens.slice()) {
        if (isProbeNeededBefore(probe, action)) orderActions(probe, action, flags);
      }
    }
  }
}

function endsInStop(key: string | undefined): boolean {
  return key?.endsWith('_stop_0') ?? false;
}

function probeOrderFlags({ flags }: Ordering): number {
  if (flags === Order.antiColocation || flags === Order.load) return flags;
  return Order.optional | (flags & (Order.unlessFirstMigrates | Order.sameNode));
}

function isProbeNeededBefore(probe: Action, then: Action): boolean {
  if (!probe.node || !then.node) return true;
  if (then.task === 'stonith' && probe.node === then.node) {
    return then.meta.get('stonith_action')?.toLowerCase() !== 'on';
  }
  return then.task !== 'do_shutdown' || probe.node === then.node;
}
