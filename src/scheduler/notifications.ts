import { INFINITY } from '../cib/score.js';
import { setIfAbsent } from '../status/nvpairs.js';
import { notifyKey } from '../status/operation-key.js';
import { currentNode } from '../status/queries.js';
import { type ClusterNode, type Resource, Role, topmost } from '../status/types.js';
import { type Action, newestFirst, orderActions } from './action.js';
import { ensureAction, findFirstAction } from './actions.js';
import { ActionFlag, Order } from './flags.js';
import { listSort } from './list-sort.js';
import type { Notifications, NotifyEntry, Planner } from './planner.js';

/** A step of a notification; it is needed where what is notified of is. */
function pseudoAction(
  planner: Planner,
  resource: Resource,
  action: Action,
  task: 'notify' | 'notified',
  type: string,
): Action {
  const key = notifyKey(resource.id, type, action.task);
  const notify = ensureAction(planner, resource, key, task, undefined, action.optional);
  notify.set(ActionFlag.pseudo);
  setIfAbsent(notify.meta, 'notify_key_type', type);
  setIfAbsent(notify.meta, 'notify_key_operation', action.task);
  return notify;
}

/**
 * The steps around a task of a clone with `notify`: `pre` before it and its confirmation, `post` after it and its
 * confirmation.
 *
 * @param action the task's beginning; without, there is no `pre`
 * @param complete the task's completion; without, there is no `post`
 */
export function addNotifications(
  planner: Planner,
  resource: Resource,
  task: string,
  action: Action | undefined,
  complete: Action | undefined,
): Notifications | undefined {
  if (!resource.notify) return undefined;
  const data: Notifications = {
    task,
    pre: undefined,
    preDone: undefined,
    post: undefined,
    postDone: undefined,
    active: [],
    inactive: [],
    start: [],
    stop: [],
    promote: [],
    demote: [],
    promoted: [],
    unpromoted: [],
    allowed: undefined,
    environment: [],
  };
  const describe = (step: Action, type: string) => {
    setIfAbsent(step.meta, 'notify_type', type);
    setIfAbsent(step.meta, 'notify_operation', task);
  };
  if (action) {
    data.pre = pseudoAction(planner, resource, action, 'notify', 'pre');
    data.pre.set(ActionFlag.runnable);
    describe(data.pre, 'pre');
    data.preDone = pseudoAction(planner, resource, action, 'notified', 'confirmed-pre');
    data.preDone.set(ActionFlag.runnable);
    describe(data.preDone, 'pre');
    orderActions(data.pre, data.preDone, Order.optional);
    orderActions(data.preDone, action, Order.optional);
  }
  if (complete) {
    const after = (task2: 'notify' | 'notified', type: string) => {
      const step = pseudoAction(planner, resource, complete, task2, type);
      step.priority = INFINITY;
      if (complete.runnable) step.set(ActionFlag.runnable);
      else step.clear(ActionFlag.runnable);
      describe(step, 'post');
      return step;
    };
    data.post = after('notify', 'post');
    data.postDone = after('notified', 'confirmed-post');
    orderActions(complete, data.post, Order.impliesThen);
    orderActions(data.post, data.postDone, Order.impliesThen);
  }
  if (action && complete) orderActions(data.preDone, data.post, Order.optional);
  return data;
}

/** Sorts the primitives of a clone by what they do now and, with `activity`, by what is to happen to them. */
function collect(resource: Resource, activity: boolean, data: Notifications): void {
  data.allowed ??= resource.allowed;
  if (resource.children.length > 0) {
    for (const child of resource.children) collect(child, activity, data);
    return;
  }
  const entry: NotifyEntry = { resource, node: resource.runningOn[0] };
  switch (resource.role) {
    case Role.Stopped:
      data.inactive.unshift(entry);
      break;
    case Role.Started:
      data.active.unshift(entry);
      break;
    case Role.Unpromoted:
      data.unpromoted.unshift(entry);
      data.active.unshift(entry);
      break;
    case Role.Promoted:
      data.promoted.unshift(entry);
      data.active.unshift(entry);
      break;
  }
  if (!activity) return;
  for (const action of newestFirst(resource.plan!.actions)) {
    if (action.optional || !action.node) continue;
    const stopsWithNode = action.task === 'stop' && action.node.unclean;
    if (!stopsWithNode && !action.runnable) continue;
    const { task } = action;
    if (task === 'start' || task === 'stop' || task === 'promote' || task === 'demote') {
      data[task].unshift({ resource, node: action.node });
    }
  }
}

function compareEntries(a: NotifyEntry, b: NotifyEntry): number {
  if (a.resource.id !== b.resource.id) return a.resource.id < b.resource.id ? -1 : 1;
  if (!a.node || !b.node) return Number(!a.node) - Number(!b.node);
  return a.node.id < b.node.id ? -1 : a.node.id > b.node.id ? 1 : 0;
}

/** Names of the resources and of their nodes, each resource once; a blank where there is none. */
function namesOf(entries: readonly NotifyEntry[], withNodes: boolean): { resources: string; nodes: string } {
  const resources: string[] = [];
  const nodes: string[] = [];
  let last: string | undefined;
  for (const { resource, node } of listSort(entries, compareEntries)) {
    if (withNodes && !node) continue;
    if (resource.id === last) continue;
    last = resource.id;
    resources.push(resource.id);
    if (node) nodes.push(node.name);
  }
  return { resources: resources.join(' ') || ' ', nodes: nodes.join(' ') || ' ' };
}

function fillEnvironment(planner: Planner, resource: Resource, data: Notifications): void {
  const { environment } = data;
  const add = (name: string, value: string) => environment.unshift([name, value]);
  let required = false;
  const addTask = (task: 'stop' | 'start' | 'demote' | 'promote') => {
    const names = namesOf(data[task], true);
    if (data.task === task && (task === 'stop' ? names.resources !== ' ' : data[task].length > 0)) {
      required = true;
    }
    add(`notify_${task}_resource`, names.resources);
    add(`notify_${task}_uname`, names.nodes);
  };
  addTask('stop');
  addTask('start');
  addTask('demote');
  addTask('promote');
  const addRole = (entries: readonly NotifyEntry[], ...roles: string[]) => {
    const names = namesOf(entries, true);
    for (const role of roles) {
      add(`notify_${role}_resource`, names.resources);
      add(`notify_${role}_uname`, names.nodes);
    }
  };
  addRole(data.active, 'active');
  addRole(data.unpromoted, 'unpromoted', 'slave');
  addRole(data.promoted, 'promoted', 'master');
  add('notify_inactive_resource', namesOf(data.inactive, false).resources);
  const available = [...(data.allowed?.keys() ?? [])].sort((a, b) => a.index - b.index);
  add('notify_available_uname', available.map((node) => node.name).join(' ') || ' ');
  const all = planner.status.nodes;
  if (resource.meta.get('container-attribute-target') === 'host') {
    add('notify_all_hosts', all.map((node) => hostOf(node).name).join(' ') || ' ');
  }
  add('notify_all_uname', all.map((node) => node.name).join(' ') || ' ');
  if (!required) return;
  for (const step of [data.pre, data.preDone, data.post, data.postDone]) step?.clear(ActionFlag.optional);
}

/** The node itself, or the host of a guest that is up. */
function hostOf(node: ClusterNode): ClusterNode {
  const container = node.isGuest ? node.remoteResource!.container! : undefined;
  return (container && currentNode(container)) ?? node;
}

/** One agent's notification. */
function notifyAction(
  planner: Planner,
  resource: Resource,
  node: ClusterNode,
  step: Action | undefined,
  done: Action | undefined,
  data: Notifications,
): Action | undefined {
  if (!step || !done || !node.online || !step.runnable) return undefined;
  const type = step.meta.get('notify_type') ?? '';
  const task = step.meta.get('notify_operation') ?? '';
  const key = notifyKey(resource.id, type, task);
  const notify = ensureAction(planner, resource, key, step.task, node, step.optional);
  for (const [name, value] of step.meta) if (!notify.meta.has(name)) notify.meta.set(name, value);
  addEnvironment(data, notify);
  orderActions(step, notify, Order.optional);
  orderActions(notify, done, Order.optional);
  return notify;
}

function addEnvironment(data: Notifications, action: Action): void {
  for (const [name, value] of data.environment) setIfAbsent(action.meta, name, value);
}

function notifyAfter(planner: Planner, resource: Resource, node: ClusterNode, data: Notifications): void {
  const notify = notifyAction(planner, resource, node, data.post, data.postDone, data);
  if (notify) notify.priority = INFINITY;
  if (!data.postDone) return;
  for (const monitor of newestFirst(resource.plan!.actions)) {
    const interval = monitor.meta.get('interval');
    if (interval === undefined || interval === '0' || monitor.task === 'cancel') continue;
    orderActions(data.postDone, monitor, Order.optional);
  }
}

function createFor(planner: Planner, resource: Resource, data: Notifications): void {
  if (resource.children.length > 0) {
    for (const child of resource.children) createFor(planner, child, data);
    return;
  }
  const { task } = data;
  for (const action of newestFirst(resource.plan!.actions)) {
    if (action.optional || !action.node) continue;
    if (['start', 'stop', 'promote', 'demote'].includes(action.task)) addEnvironment(data, action);
  }
  if ((task === 'start' || task === 'promote' || task === 'demote') && data[task].length === 0) return;
  if (resource.role !== Role.Stopped && (task === 'stop' || task === 'demote')) {
    const stop = findFirstAction(resource, undefined, 'stop', undefined);
    for (const node of resource.runningOn) {
      if (stop?.pseudo && (node.unclean || node.remoteRequiresReset)) continue;
      notifyAction(planner, resource, node, data.pre, data.preDone, data);
      if (task === 'demote' || !stop || stop.optional) notifyAfter(planner, resource, node, data);
    }
  }
  if (resource.nextRole !== Role.Stopped && (task === 'start' || task === 'promote')) {
    const start = findFirstAction(resource, undefined, 'start', undefined);
    const connection = start?.node?.remoteResource;
    const connect = connection && findFirstAction(connection, undefined, 'start', undefined);
    if (connect && !connect.runnable) return;
    const node = resource.plan!.assigned;
    if (!node) return;
    if (task !== 'start' || !start || start.optional) {
      notifyAction(planner, resource, node, data.pre, data.preDone, data);
    }
    notifyAfter(planner, resource, node, data);
  }
}

/** Creates the agents' notifications, now that it is known what will happen. */
export function createNotifications(
  planner: Planner,
  resource: Resource,
  data: Notifications | undefined,
): void {
  if (!data) return;
  collect(resource, true, data);
  fillEnvironment(planner, resource, data);
  createFor(planner, resource, data);
}

/** Where fencing stands for a stop, the others are told after it. */
export function orderNotificationsAfterFencing(
  planner: Planner,
  stop: Action,
  resource: Resource,
  fencing: Action,
): void {
  const data = addNotifications(planner, resource, 'stop', undefined, fencing);
  if (!data) return;
  collect(resource, false, data);
  data.environment.unshift(['notify_stop_resource', resource.id]);
  data.environment.unshift(['notify_stop_uname', stop.node!.name]);
  createFor(planner, topmost(resource), data);
}
