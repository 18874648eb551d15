import { FEATURE_SET } from '../cib/version.js';
import { metaName } from '../status/digests.js';
import { notifyKey, operationKey } from '../status/operation-key.js';
import { resourceParameters } from '../status/parameters.js';
import { currentNode } from '../status/queries.js';
import type { ClusterNode, Resource } from '../status/types.js';
import { type Action, type Link, newestFirst } from './action.js';
import { isRecurring } from './actions.js';
import { ActionFlag, Order } from './flags.js';
import type { GraphAction, GraphActionHead, GraphResource } from './graph.js';
import type { Planner } from './planner.js';
import { routerOf } from './remote.js';

/** Adds the actions of a resource, then those of what is below it. */
export function addActionsToGraph(planner: Planner, resource: Resource): void {
  for (const action of newestFirst(resource.plan!.actions)) addActionToGraph(planner, action);
  for (const child of resource.children) planner.methodsOf(child).addToGraph(planner, child);
}

/** Adds an action, with the actions that it waits for, where it is to happen. */
export function addActionToGraph(planner: Planner, action: Action): void {
  if (!action.has(ActionFlag.deduplicated)) {
    deduplicateInputs(action);
    action.set(ActionFlag.deduplicated);
  }
  if (action.has(ActionFlag.dumped) || !belongsInGraph(action)) return;
  action.set(ActionFlag.dumped);
  const described = describeAction(planner, action);
  const inputs = [];
  for (const link of action.before) {
    if (!isInput(action, link)) continue;
    link.dumped = true;
    inputs.push({ actionId: link.action.id, head: describeHead(link.action) });
  }
  const priority = Math.max(action.resource?.priority ?? 0, action.priority, 0);
  planner.synapses.push({ id: planner.synapses.length, priority, actions: [described], inputs });
}

/** Joins links to the same action, and sorts them by its number. */
export function deduplicateInputs(action: Action): void {
  // Sorting starts from the newest, as the order of links with the same action matters for nothing else.
  const sorted = action.before
    .slice()
    .reverse()
    .sort((a, b) => a.action.id - b.action.id);
  const kept: Link[] = [];
  for (const link of sorted) {
    const last = kept.at(-1);
    if (last && last.action === link.action) {
      last.type |= link.type;
      last.dumped ||= link.dumped;
    } else {
      link.dumped = false;
      kept.push(link);
    }
  }
  action.before = kept;
}

function belongsInGraph(action: Action): boolean {
  const { resource, node } = action;
  if (!action.runnable) return false;
  if (action.optional && !action.has(ActionFlag.printAlways)) return false;
  if (resource && !resource.managed && action.task !== 'monitor' && !isRecurring(action)) return false;
  if (action.pseudo || action.task === 'stonith' || action.task === 'do_shutdown') return true;
  if (!node) return false;
  if (action.has(ActionFlag.onDc)) return true;
  if (node.isGuest && !node.remoteRequiresReset) return true;
  return node.online && !node.unclean;
}

/** Whether an ordering does more than to order what happens anyway. */
function canChangeActions(type: number): boolean {
  return (type & ~(Order.showFirst | Order.showThen | Order.optional)) !== 0;
}

/** Whether an action waits for another one. */
function isInput(action: Action, link: Link): boolean {
  if (link.dumped) return true;
  const first = link.action;
  const drop = () => {
    link.type = Order.none;
    return false;
  };
  if (link.type === Order.none) return false;
  if (!first.runnable && (!canChangeActions(link.type) || link.type & Order.oneOrMore)) return false;
  if (link.type & Order.impliesFirstMigratable && !first.runnable) return false;
  if (link.type & Order.unlessFirstMigrates && first.has(ActionFlag.migrateRunnable)) return false;
  if (
    link.type === Order.optional &&
    first.has(ActionFlag.migrateRunnable) &&
    first.key.endsWith('_stop_0')
  ) {
    return false;
  }
  if (link.type === Order.load) {
    if (action.resource && action.task === 'migrate_to') {
      const target = action.resource.plan!.assigned;
      return first.node && target && first.node === target ? true : drop();
    }
    if (!first.node || !action.node || first.node !== action.node || first.optional) return drop();
    return true;
  }
  if (link.type === Order.antiColocation) {
    if ((first.node && action.node && first.node !== action.node) || first.optional) return drop();
    return true;
  }
  const other = first.resource;
  if (
    other &&
    other !== action.resource &&
    other.failed &&
    !other.managed &&
    first.key.endsWith('_stop_0') &&
    action.resource?.kind === 'clone'
  ) {
    // What failed and is not managed does not keep a clone from stopping.
    return false;
  }
  return !(
    first.optional &&
    !first.hasAny(ActionFlag.printAlways | ActionFlag.dumped) &&
    !belongsInGraph(first)
  );
}

/** Whether an action waits, by way of a link, for itself. */
export function hasLoop(start: Action, action: Action, link: Link): boolean {
  const first = link.action;
  if (first.has(ActionFlag.tracking) || !isInput(action, link)) return false;
  if (first === start) return true;
  first.set(ActionFlag.tracking);
  let found = false;
  for (const next of newestFirst(first.before)) {
    if (hasLoop(start, first, next)) {
      found = true;
      break;
    }
  }
  first.clear(ActionFlag.tracking);
  return found;
}

function keyInHistory(action: Action, historyName: string): string {
  if (action.task === 'notify') {
    const type = action.meta.get('notify_type') ?? '';
    return notifyKey(historyName, type, action.meta.get('notify_operation') ?? '');
  }
  const interval = Number(action.meta.get('interval') ?? 0) || 0;
  return operationKey(historyName, action.cancelTask ?? action.task, interval);
}

function kindOf(action: Action): GraphAction['kind'] {
  if (action.task === 'stonith') return action.pseudo ? 'pseudo_event' : 'crm_event';
  if (action.task === 'do_shutdown' || action.task === 'clear_failcount' || action.task === 'lrm_delete') {
    return 'crm_event';
  }
  return action.pseudo ? 'pseudo_event' : 'rsc_op';
}

/** Whether the graph says where the action takes place. */
function namesNode(action: Action): boolean {
  if (!action.node) return false;
  return !(action.pseudo && kindOf(action) === 'pseudo_event' && action.task !== 'stonith');
}

function describeHead(action: Action): GraphActionHead {
  const historyName = action.resource?.historyName;
  const node = namesNode(action) ? action.node : undefined;
  const router = node && routerOf(action);
  if (node) {
    action.meta.set('on_node', node.name);
    action.meta.set('on_node_uuid', node.id);
  }
  return {
    id: action.id,
    kind: kindOf(action),
    operation: action.task,
    operationKey: historyName === undefined ? action.key : keyInHistory(action, historyName),
    ...(historyName === undefined ? {} : { internalOperationKey: action.key }),
    ...(node ? { onNode: node.name, onNodeUuid: node.id } : {}),
    ...(router ? { routerNode: router.name } : {}),
    ...(action.task === 'lrm_delete' ? { mode: 'cib' } : {}),
  };
}

function describeAction(planner: Planner, action: Action): GraphAction {
  const { resource } = action;
  const head = describeHead(action);
  const details = resource && !action.pseudo;
  const parameters: [string, string][] = [];
  const attributes = describeAttributes(planner, action, parameters);
  const downed = namesNode(action) ? downedNodes(action) : undefined;
  const maintenance = action.task === 'maintenance_nodes' ? maintenanceChanges(planner) : undefined;
  return {
    ...head,
    ...(details ? { resource: describeResource(resource) } : {}),
    ...(details && locksToNode(action) ? { shutdownLock: resource.lockTime } : {}),
    attributes,
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(downed ? { downed } : {}),
    ...(maintenance ? { maintenance } : {}),
  };
}

/** Whether the node's history should note that the resource is locked to it. */
function locksToNode({ resource, node, task }: Action): boolean {
  if (!resource?.lockNode || node !== resource.lockNode) return false;
  return !(node.shutdown && task !== 'stop');
}

function describeResource(resource: Resource): GraphResource {
  const { meta, historyName } = resource;
  let id = resource.id;
  let longId: string | undefined;
  if (resource.orphan && historyName !== undefined) {
    id = historyName;
    longId = resource.id;
  } else if (!resource.unique) {
    id = resource.xml.id;
    longId = historyName !== undefined && historyName !== id ? historyName : resource.id;
  }
  const provider = meta.get('provider');
  return {
    id,
    ...(longId === undefined ? {} : { longId }),
    class: meta.get('class') ?? '',
    ...(provider === undefined ? {} : { provider }),
    type: meta.get('type') ?? '',
  };
}

function describeAttributes(
  planner: Planner,
  action: Action,
  numbered: [string, string][],
): Record<string, string> {
  const { resource, node } = action;
  const attributes = new Map<string, string>([['crm_feature_set', FEATURE_SET]]);
  const add = (name: string, value: string) => {
    if (!attributes.has(name)) attributes.set(name, value);
  };
  const addMeta = (name: string, value: string | undefined) => {
    const meta = metaName(name);
    if (meta !== undefined && value !== undefined) add(meta, value);
  };
  for (const [name, value] of action.extra ?? []) add(name, value);
  if (resource && (node || resource.kind === 'primitive')) {
    for (const [name, value] of resourceParameters(planner.status, resource, node)) {
      if (/^[0-9]/.test(name)) numbered.push([name, value]);
      else add(name, value);
    }
  }
  for (const [name, value] of action.meta) addMeta(name, value);
  if (resource) {
    const set = (name: string, value: string) => attributes.set(name, value);
    for (let above: Resource | undefined = resource; above; above = above.parent) {
      planner.methodsOf(above).addGraphMeta(above, set);
    }
    const host = node?.isGuest ? physicalHost(action, node) : undefined;
    if (host) {
      addMeta('container-attribute-target', resource.meta.get('container-attribute-target'));
      addMeta('physical_host', host.name);
    }
  } else if (action.task === 'stonith' && node) {
    for (const [name, value] of node.attributes) addMeta(name, value);
  }
  return Object.fromEntries(attributes);
}

/** The host of a guest node while the action takes place. */
function physicalHost(action: Action, node: ClusterNode): ClusterNode | undefined {
  const container = node.remoteResource!.container!;
  const notify = action.task === 'notify' || action.task === 'notified';
  switch (notify ? action.meta.get('notify_operation') : action.task) {
    case 'stop':
    case 'stopped':
    case 'demote':
    case 'demoted':
      return currentNode(container);
    case 'start':
    case 'running':
    case 'monitor':
    case 'promote':
    case 'promoted':
      return container.plan!.assigned;
    default:
      return undefined;
  }
}

function downedNodes(action: Action): string[] | undefined {
  const { resource, task } = action;
  const node = action.node!;
  if (task === 'do_shutdown') return [node.id];
  if (task === 'stonith') {
    if (!['off', 'reboot', 'poweroff'].includes(action.meta.get('stonith_action') ?? '')) return undefined;
    const guests = node.running.filter((connection) => connection.isRemoteConnection && connection.container);
    return [node.id, ...guests.map((connection) => connection.id)];
  }
  if (!resource?.isRemoteConnection || task !== 'stop') return undefined;
  const migrates = action.before.some(
    (link) => link.action.resource?.id === resource.id && link.action.task === 'migrate_from',
  );
  return migrates ? undefined : [resource.id];
}

function maintenanceChanges(planner: Planner): { id: string; maintenance: boolean }[] {
  return planner.status.nodes
    .filter((node) => node.isGuestOrRemote && node.maintenance !== node.remoteMaintenance)
    .map((node) => ({ id: node.id, maintenance: node.maintenance }));
}

/** Whether any remote node's maintenance mode changed. */
export function hasMaintenanceChanges(planner: Planner): boolean {
  return maintenanceChanges(planner).length > 0;
}
