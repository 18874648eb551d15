import type { Element } from '../cib/element.js';
import { formatInterval } from '../cib/interval.js';
import { compareDigests, needsHostAddress } from '../status/digests.js';
import { failCount } from '../status/failcounts.js';
import { activeRange, integer, sortedHistory } from '../status/history-entries.js';
import { findOperation } from '../status/operation.js';
import { operationKey } from '../status/operation-key.js';
import {
  type ClusterNode,
  type ClusterStatus,
  isAnonymousClone,
  type OperationDigests,
  type Resource,
  topmost,
} from '../status/types.js';
import { clearFailCountAction, ensureAction, stopAction, triggerUnfencing } from './actions.js';
import { isReady } from './assignment.js';
import { scheduleCleanup } from './cleanup.js';
import { Order } from './flags.js';
import { addOrdering, taskOf } from './ordering.js';
import type { Planner } from './planner.js';
import { rescheduleRecurring, scheduleCancel } from './recurring.js';

/** Finds what was configured differently when it was started: it restarts, reloads, or is forgotten. */
export function handleConfigChanges(planner: Planner): void {
  const states = planner.status.cib.first('status')?.elements('node_state') ?? [];
  const byName = new Map<string, Element>();
  for (const state of states) {
    const name = state.get('uname');
    if (name !== undefined && !byName.has(name)) byName.set(name, state);
  }
  const byId = resourcesById(planner.status);
  for (const node of planner.status.nodes) {
    if (!node.maintenance && !isReady(node)) continue;
    for (const entry of byName.get(node.name)?.at('lrm', 'lrm_resources')?.elements('lrm_resource') ?? []) {
      if (entry.children.length === 0) continue;
      for (const resource of byId.get(entry.id) ?? []) {
        if (resource.kind === 'primitive') checkHistory(planner, resource, node, entry);
      }
    }
  }
}

/** All resources by id and by the name they have in histories; the last one first. */
function resourcesById(status: ClusterStatus): Map<string, Resource[]> {
  const map = new Map<string, Resource[]>();
  const add = (id: string, resource: Resource) => {
    const known = map.get(id);
    if (known) known.unshift(resource);
    else map.set(id, [resource]);
  };
  const visit = (resource: Resource) => {
    add(resource.id, resource);
    if (resource.historyName !== undefined && resource.historyName !== resource.id) {
      add(resource.historyName, resource);
    }
    for (const child of resource.children) visit(child);
  };
  for (const resource of status.resources) visit(resource);
  return map;
}

function checkHistory(planner: Planner, resource: Resource, node: ClusterNode, entry: Element): void {
  if (resource.orphan) {
    if (!isAnonymousClone(topmost(resource))) scheduleCleanup(planner, resource, node, false);
    return;
  }
  const active = resource.runningOn.includes(node);
  if (isOtherAgent(planner, resource, node, entry, active)) scheduleCleanup(planner, resource, node, false);
  if (!active) return;
  const operations = sortedHistory(entry);
  const { start, stop } = activeRange(operations);
  if (start < stop) return;
  for (const [index, operation] of operations.entries()) {
    if (index < start) continue;
    const task = operation.get('operation') ?? '';
    const intervalMs = integer(operation, 'interval', 0);
    if (intervalMs > 0 && (resource.maintenance || node.maintenance)) {
      scheduleCancel(planner, resource, operation.get('call-id'), task, intervalMs, node);
    } else if (intervalMs > 0 || ['monitor', 'start', 'promote', 'migrate_from'].includes(task)) {
      if (needsHostAddress(planner.status, resource)) {
        planner.status.parameterChecks.unshift({ resource, node, operation, check: 'active' });
      } else if (
        checkOperation(planner, resource, node, operation) &&
        failCount(planner.status, resource, node, { effective: true }).count !== 0
      ) {
        clearFailCountAction(planner, resource, node);
      }
    }
  }
}

/** Whether what is in the history was another agent's. */
function isOtherAgent(
  planner: Planner,
  resource: Resource,
  node: ClusterNode,
  entry: Element,
  active: boolean,
): boolean {
  let changed = false;
  for (const name of ['type', 'class', 'provider']) {
    if (resource.xml.get(name) === entry.get(name)) continue;
    changed = true;
    triggerUnfencing(planner, resource, node, 'Device definition changed');
  }
  if (changed && active) {
    stopAction(planner, resource, node, false);
    resource.startPending = true;
  }
  return changed;
}

/** Whether an operation that is active was configured differently; what must be done about it is scheduled. */
function checkOperation(
  planner: Planner,
  resource: Resource,
  node: ClusterNode,
  operation: Element,
): boolean {
  const { status } = planner;
  const recorded = operation.get('operation') ?? '';
  const intervalMs = integer(operation, 'interval', 0);
  if (intervalMs > 0 && !findOperation(resource, operationKey(resource.id, recorded, intervalMs), false)) {
    if (status.options.stopOrphanActions) {
      scheduleCancel(planner, resource, operation.get('call-id'), recorded, intervalMs, node);
    }
    return true;
  }
  const startLike = ['monitor', 'migrate_from', 'promote'].includes(recorded);
  const task = intervalMs === 0 && startLike ? 'start' : recorded;
  const digests = compareDigests(status, resource, operation, node, status.sanitized);
  if (onlyPrivateChanged(planner, operation, digests)) {
    const magic = operation.get('transition-magic');
    planner.notes.push(
      `Only 'private' parameters to ${formatInterval(intervalMs)}-interval ${task} for ${resource.id} on ${node.name} changed: ${magic}`,
    );
    return false;
  }
  switch (digests.verdict) {
    case 'restart':
      forceRestart(planner, resource, task, intervalMs, node);
      return true;
    case 'all':
    case 'unknown':
      if (intervalMs > 0) rescheduleRecurring(planner, resource, task, intervalMs, node);
      else if (operation.get('op-restart-digest') !== undefined) {
        triggerUnfencing(planner, resource, node, 'Device parameters changed (reload)');
        scheduleReload(planner, resource, node);
      } else forceRestart(planner, resource, task, intervalMs, node);
      return true;
    default:
      return false;
  }
}

function onlyPrivateChanged(planner: Planner, operation: Element, digests: OperationDigests): boolean {
  const recorded = operation.get('op-secure-digest');
  return (
    planner.status.sanitized &&
    digests.verdict !== 'match' &&
    recorded !== undefined &&
    digests.secure === recorded
  );
}

function forceRestart(
  planner: Planner,
  resource: Resource,
  task: string,
  intervalMs: number,
  node: ClusterNode,
): void {
  const key = operationKey(resource.id, task, intervalMs);
  const required = ensureAction(planner, resource, key, task, undefined, false);
  required.setReason('resource definition change', true);
  triggerUnfencing(planner, resource, node, 'Device parameters changed');
}

function scheduleReload(planner: Planner, resource: Resource, node: ClusterNode): void {
  if (!resource.managed || resource.failed) return;
  if (resource.startPending) {
    stopAction(planner, resource, node, false);
    return;
  }
  resource.plan!.reload = true;
  const key = operationKey(resource.id, 'reload-agent', 0);
  const reload = ensureAction(planner, resource, key, 'reload-agent', node, false);
  reload.setReason('resource definition change', false);
  const flags = Order.optional | Order.thenCancelsFirst;
  addOrdering(planner, { action: reload }, taskOf(resource, 'stop'), flags);
  addOrdering(planner, { action: reload }, taskOf(resource, 'demote'), flags);
}

/** Compares the parameters that could not be compared before hosts were assigned. */
export function handleDeferredChecks(planner: Planner): void {
  const { status } = planner;
  for (const { resource, node, operation, check } of status.parameterChecks.splice(0)) {
    let clear: boolean;
    if (check === 'active') {
      clear =
        checkOperation(planner, resource, node, operation) &&
        failCount(status, resource, node, { effective: true }).count !== 0;
    } else {
      const { verdict } = compareDigests(status, resource, operation, node, status.sanitized);
      clear = verdict !== 'match' && verdict !== 'unknown';
    }
    if (clear) clearFailCountAction(planner, resource, node);
  }
}
