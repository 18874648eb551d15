import { compareUnfencingDigests } from '../status/digests.js';
import { canFence, fenceNode as noteFencing } from '../status/fencing.js';
import { setIfAbsent, surroundings, unpackNvpairs } from '../status/nvpairs.js';
import { findOperation, operationSettings } from '../status/operation.js';
import { operationKey, parseOperationKey } from '../status/operation-key.js';
import { isActive } from '../status/queries.js';
import { type ClusterNode, type QuorumPolicy, type Resource, Role } from '../status/types.js';
import { Action, orderActions } from './action.js';
import { ActionFlag, Order } from './flags.js';
import type { Planner } from './planner.js';

/**
 * The action of that key on that node, made where there is none. An action that exists becomes required where this
 * call requires it.
 */
export function ensureAction(
  planner: Planner,
  resource: Resource | undefined,
  key: string,
  task: string,
  node: ClusterNode | undefined,
  optional: boolean,
): Action {
  let action = findActions(resource ? resource.plan!.actionsByKey : planner.actionsByKey, key, node)[0];
  if (!action) action = createAction(planner, resource, key, task, node, optional);
  if (
    action.resource &&
    action.node &&
    !action.pseudo &&
    !action.resource.managed &&
    !action.meta.has('interval')
  ) {
    action.set(ActionFlag.optional);
  } else if (!optional) action.clear(ActionFlag.optional);
  if (resource) {
    if (action.node) addOperationParameters(planner, action, action.node);
    updateRunnable(planner, action, resource);
  }
  return action;
}

function createAction(
  planner: Planner,
  resource: Resource | undefined,
  key: string,
  task: string,
  node: ClusterNode | undefined,
  optional: boolean,
): Action {
  const configured = resource && findOperation(resource, key, true);
  const action = new Action(planner.nextActionId++, key, task, resource, node, configured, optional);
  if (resource) {
    const intervalMs = parseOperationKey(key)?.intervalMs ?? 0;
    const settings = operationSettings(planner.status, resource, task, intervalMs, key, configured, node);
    action.meta = settings.meta;
    action.needs = settings.needs;
    action.onFail = settings.onFail;
    action.failRole = settings.failRole;
    resource.plan!.actions.push(action);
    addByKey(resource.plan!.actionsByKey, action);
  } else {
    planner.singletons.set(key, action);
    addByKey(planner.actionsByKey, action);
  }
  planner.actions.push(action);
  return action;
}

function addByKey(map: Map<string, Action[]>, action: Action): void {
  const known = map.get(action.key);
  if (known) known.push(action);
  else map.set(action.key, [action]);
}

/** Parameters that the `<op>` itself has, by rules that may ask for the node. */
function addOperationParameters(planner: Planner, action: Action, node: ClusterNode): void {
  if (!action.configured || action.has(ActionFlag.haveNodeAttributes)) return;
  action.set(ActionFlag.haveNodeAttributes);
  if (!action.configured.xml.first('instance_attributes')) return;
  const context = surroundings(planner.status, { node: node.attributes });
  action.extra ??= new Map();
  unpackNvpairs(planner.status, action.configured.xml, 'instance_attributes', context, action.extra);
}

/** What having no quorum means to a resource now. */
function effectiveQuorumPolicy(planner: Planner, resource: Resource): QuorumPolicy {
  const { status } = planner;
  if (status.quorate) return 'ignore';
  const policy = status.options.noQuorumPolicy;
  if (policy !== 'demote') return policy;
  if (resource.role !== Role.Promoted && resource.role !== Role.Unpromoted) return 'stop';
  if (resource.nextRole > Role.Unpromoted) resource.nextRole = Role.Unpromoted;
  return 'ignore';
}

function updateRunnable(planner: Planner, action: Action, resource: Resource): void {
  if (action.pseudo) return;
  const { node } = action;
  const onDc = action.has(ActionFlag.onDc);
  if (!node) {
    action.clear(ActionFlag.runnable);
  } else if (!onDc && !node.online && (!node.isGuest || node.remoteRequiresReset)) {
    action.clear(ActionFlag.runnable);
    if (resource.managed && action.task === 'stop' && !node.unclean) {
      fenceNode(planner, node, 'stop is unrunnable');
    }
  } else if (!onDc && node.pending) {
    action.clear(ActionFlag.runnable);
  } else if (action.needs === 'nothing') {
    action.setReason(undefined, true);
    if (node.isGuest && !canFence(planner.status, node)) action.clear(ActionFlag.runnable);
    else action.set(ActionFlag.runnable);
  } else {
    switch (effectiveQuorumPolicy(planner, resource)) {
      case 'stop':
        action.clear(ActionFlag.runnable);
        action.setReason('no quorum', true);
        break;
      case 'freeze':
        if (!isActive(resource, true) || resource.nextRole > resource.role) {
          action.clear(ActionFlag.runnable);
          action.setReason('quorum freeze', true);
        }
        break;
      default:
        action.set(ActionFlag.runnable);
    }
  }
}

/**
 * Actions with that key, oldest first. One without node, of a pair that matches otherwise, is put on the node asked
 * for.
 */
export function findActions(
  byKey: ReadonlyMap<string, Action[]>,
  key: string,
  node: ClusterNode | undefined,
): Action[] {
  const all = byKey.get(key);
  if (!all) return [];
  if (!node) return all;
  if (all.length === 1 && all[0]!.node === node) return all;
  const found: Action[] = [];
  // From the newest on, as the first of several without node would be taken.
  for (let i = all.length - 1; i >= 0; i--) {
    const action = all[i]!;
    action.node ??= node;
    if (action.node === node) found.push(action);
  }
  return found.reverse();
}

/** As `findActions`, of one task; where a node is required, only actions that are on it. */
export function resourceActions(
  resource: Resource,
  node: ClusterNode | undefined,
  task: string,
  requireNode = false,
): Action[] {
  const key = operationKey(resource.id, task, 0);
  return requireNode
    ? findActionsOn(resource, key, node)
    : findActions(resource.plan!.actionsByKey, key, node);
}

/** Actions of that key that are on that node, oldest first. */
export function findActionsOn(resource: Resource, key: string, node: ClusterNode | undefined): Action[] {
  if (!node) return [];
  return resource.plan!.actionsByKey.get(key)?.filter((action) => action.node === node) ?? [];
}

/** The newest action of a task, or of a key. */
export function findFirstAction(
  resource: Resource,
  key: string | undefined,
  task: string | undefined,
  node: ClusterNode | undefined,
): Action | undefined {
  const actions = key === undefined ? resource.plan!.actions : (resource.plan!.actionsByKey.get(key) ?? []);
  for (let i = actions.length - 1; i >= 0; i--) {
    const action = actions[i]!;
    if (task !== undefined && action.task !== task) continue;
    if (!node || action.node === node) return action;
  }
  return undefined;
}

function taskAction(task: string) {
  return (planner: Planner, resource: Resource, node: ClusterNode | undefined, optional: boolean): Action =>
    ensureAction(planner, resource, operationKey(resource.id, task, 0), task, node, optional);
}

export const startAction = taskAction('start');
export const stopAction = taskAction('stop');
export const promoteAction = taskAction('promote');
export const demoteAction = taskAction('demote');
export const deleteAction = taskAction('delete');
export const clearHistoryAction = taskAction('lrm_delete');

/** An action of a collection, which only orders those of its members. */
export function collectionAction(
  planner: Planner,
  resource: Resource,
  task: string,
  optional: boolean,
  runnable: boolean,
): Action {
  const key = operationKey(resource.id, task, 0);
  const action = ensureAction(planner, resource, key, task, undefined, optional);
  action.set(ActionFlag.pseudo | (runnable ? ActionFlag.runnable : 0));
  return action;
}

/** A pseudo action of no resource. */
export function singletonAction(planner: Planner, name: string): Action {
  const known = planner.singletons.get(name);
  if (known) return known;
  const action = ensureAction(planner, undefined, name, name, undefined, true);
  action.set(ActionFlag.pseudo | ActionFlag.runnable);
  return action;
}

export function clearFailCountAction(planner: Planner, resource: Resource, node: ClusterNode): Action {
  const task = 'clear_failcount';
  const action = ensureAction(planner, resource, operationKey(resource.id, task, 0), task, node, false);
  setIfAbsent(action.meta, 'op_no_wait', 'true');
  return action;
}

/**
 * The fencing (or unfencing) of a node.
 *
 * @param given `on`, `off`, `reboot`; default: the cluster's stonith-action
 */
export function fenceAction(
  planner: Planner,
  node: ClusterNode,
  given: string | undefined,
  optional: boolean,
  reason: string | undefined,
  priorityDelay: boolean,
): Action {
  const { options } = planner.status;
  const operation = given ?? options.stonithAction;
  const key = `stonith-${node.name}-${operation}`;
  let required = !optional;
  let action = planner.singletons.get(key);
  if (!action) {
    action = ensureAction(planner, undefined, key, 'stonith', node, true);
    setIfAbsent(action.meta, 'on_node', node.name);
    setIfAbsent(action.meta, 'on_node_uuid', node.id);
    setIfAbsent(action.meta, 'stonith_action', operation);
    if (options.unfencing) required = addUnfencingDigests(planner, action, node) || required;
  }
  if (options.priorityFencingDelaySec > 0 && (priorityDelay || action.meta.has('priority-fencing-delay'))) {
    action.meta.set('priority-fencing-delay', String(priorityFencingDelay(planner, node)));
  }
  if (required && canFence(planner.status, node)) {
    action.clear(ActionFlag.optional);
    action.setReason(reason, false);
  } else if (reason !== undefined) action.reason ??= reason;
  return action;
}

/** Adds digests of all unfencing devices; whether a definition changed, so that the node must be unfenced anew. */
function addUnfencingDigests(planner: Planner, action: Action, node: ClusterNode): boolean {
  let changed = false;
  let all = '';
  let secure = '';
  for (const device of unfencingDevices(planner.status.resources)) {
    const agent = device.meta.get('type') ?? '';
    const digests = compareUnfencingDigests(planner.status, device, node, (text) => planner.notes.push(text));
    if (digests.verdict === 'all') {
      changed = true;
      planner.notes.push(
        `notice: Unfencing Pacemaker Remote node ${node.name} because the definition of ${device.id} changed`,
      );
    }
    all += `${device.id}:${agent}:${digests.all},`;
    secure += `${device.id}:${agent}:${digests.secure},`;
  }
  action.meta.set('digests-all', all);
  action.meta.set('digests-secure', secure);
  return changed;
}

/** Devices that unfence, the last one first. */
function unfencingDevices(candidates: readonly Resource[]): Resource[] {
  const found: Resource[] = [];
  for (const candidate of candidates) {
    if (candidate.children.length > 0) found.unshift(...unfencingDevices(candidate.children));
    else if (
      candidate.fenceDevice &&
      (candidate.needsUnfencing || candidate.meta.get('provides')?.toLowerCase() === 'unfencing')
    ) {
      found.unshift(candidate);
    }
  }
  return found;
}

/** Seconds that the other side's fencing is to wait, where this partition may be the lesser one. */
function priorityFencingDelay(planner: Planner, node: ClusterNode): number {
  const { status } = planner;
  if (status.options.priorityFencingDelaySec <= 0 || node.type !== 'member' || node.online) return 0;
  const members = status.nodes.filter((member) => member.type === 'member');
  const online = members.filter((member) => member.online).length;
  const priorities = members.map((member) => member.priority);
  const top = Math.max(...priorities);
  if (online > Math.floor(members.length / 2) || Math.min(...priorities) === top) return 0;
  return node.priority < top ? 0 : status.options.priorityFencingDelaySec;
}

/**
 * Notes that a node must be fenced and makes the action, still optional: it is required once the node turns out to be unclean
 * after assignment, with something to manage.
 */
export function fenceNode(planner: Planner, node: ClusterNode, reason: string): void {
  const { requests } = planner.status;
  const known = requests.length;
  noteFencing(planner.status, node, reason);
  for (const request of requests.splice(known)) {
    if (request.kind !== 'fence') continue;
    fenceAction(planner, request.node, undefined, true, request.reason, request.priorityDelay);
  }
}

/** Asks for the unfencing of nodes that a device has changed for: the node, or all that the device may run on. */
export function triggerUnfencing(
  planner: Planner,
  resource: Resource | undefined,
  node: ClusterNode | undefined,
  reason: string,
): void {
  if (!planner.status.options.unfencing) return;
  if (resource && !resource.fenceDevice) return;
  const ready = (candidate: ClusterNode) => candidate.online && !candidate.unclean && !candidate.shutdown;
  if (node && ready(node)) fenceAction(planner, node, 'on', false, reason, false);
  else if (resource) {
    for (const candidate of resource.allowed.keys()) {
      if (ready(candidate)) triggerUnfencing(planner, resource, candidate, reason);
    }
  }
}

/** The shutdown of a node, after all stops there. */
export function orderAfterEach(after: Action, list: readonly Action[]): void {
  for (const before of list) orderActions(before, after, Order.optional);
}

/** Sets the result that a monitor is to find. */
export function expectResult(action: Action, result: number): void {
  action.meta.set('op_target_rc', String(result));
}

/** Whether an action repeats. */
export function isRecurring(action: Action): boolean {
  return Number(action.meta.get('interval') ?? 0) > 0;
}

/** Makes actions of what the status asks for, in its order. */
export function applyStatusRequests(planner: Planner): void {
  const { status } = planner;
  for (const request of status.requests.splice(0)) {
    switch (request.kind) {
      case 'fence':
        fenceAction(planner, request.node, undefined, true, request.reason, request.priorityDelay);
        break;
      case 'stop':
        stopAction(planner, request.resource, request.node, false);
        break;
      case 'demote':
        demoteAction(planner, request.resource, request.node, false);
        break;
      case 'stop-optional':
        for (const stop of resourceActions(request.resource, request.node, 'stop')) {
          stop.set(ActionFlag.optional);
        }
        break;
      case 'recurring':
        ensureAction(planner, request.resource, request.key, request.task, request.node, true);
        break;
      case 'clear-history':
        clearHistoryAction(planner, request.resource, request.node, false);
        break;
      case 'clear-failcount': {
        const { resource, node, afterFencing } = request;
        const clear = clearFailCountAction(planner, resource, node);
        if (afterFencing) {
          const fence = fenceAction(planner, afterFencing, undefined, true, undefined, false);
          orderActions(fence, clear, Order.impliesThen);
        }
        break;
      }
    }
  }
}
