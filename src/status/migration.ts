import type { Element } from '../cib/element.js';
import { addRunning } from './activity.js';
import { historyOf } from './failcounts.js';
import { markForRecovery } from './fencing.js';
import { compareAge, ExecutionStatus, ExitStatus, integer } from './history-entries.js';
import { findNode } from './nodes.js';
import { type ClusterNode, type ClusterStatus, type Resource, Role } from './types.js';

/** The exit status that an operation under way is recorded with. */
const PENDING_RC = '193';

/**
 * The entry of a migration on a node.
 *
 * @param peer the other node that it must be with
 * @param result the exit status that it must have; undefined: any
 */
function findMigration(
  status: ClusterStatus,
  resourceId: string,
  task: 'migrate_to' | 'migrate_from' | 'monitor',
  nodeName: string,
  peer: string | undefined,
  result: number | undefined,
): Element | undefined {
  const attribute = task === 'migrate_to' ? 'migrate_target' : 'migrate_source';
  const matches = historyOf(status, nodeName, resourceId).filter(
    (operation) =>
      operation.get('operation') === task &&
      (peer === undefined || task === 'monitor' || operation.get(attribute) === peer),
  );
  // Pacemaker takes nothing for certain where several entries match.
  const found = matches.length === 1 ? matches[0] : undefined;
  if (!found || result === undefined) return found;
  const done = integer(found, 'op-status', ExecutionStatus.Error) === ExecutionStatus.Done;
  return done && integer(found, 'rc-code', 1) === result ? found : undefined;
}

/** Whether the node's history tells nothing of the resource, or only of operations still under way. */
function isUnknownOn(status: ClusterStatus, resourceId: string, nodeName: string): boolean {
  return !historyOf(status, nodeName, resourceId).some((operation) => {
    const rc = operation.get('rc-code');
    return rc !== undefined && rc !== PENDING_RC;
  });
}

/** Whether a start, stop or migration happened there after the operation. */
function changedAfter(
  status: ClusterStatus,
  resourceId: string,
  nodeName: string,
  operation: Element,
  sameNode: boolean,
): boolean {
  return historyOf(status, nodeName, resourceId).some(
    (other) =>
      other !== operation &&
      ['start', 'stop', 'migrate_to', 'migrate_from'].includes(other.get('operation') ?? '') &&
      compareAge(other, operation, sameNode) > 0,
  );
}

/** Whether the node's history tells of anything newer than the migration. */
function newerThanMigration(
  status: ClusterStatus,
  resourceId: string,
  nodeName: string,
  migrateTo: Element | undefined,
  migrateFrom: Element | undefined,
): boolean {
  let operation = (migrateFrom ?? migrateTo)!;
  let sameNode = false;
  const name = nodeName.toLowerCase();
  if (name === operation.get('migrate_target')?.toLowerCase()) {
    sameNode = migrateFrom !== undefined;
  } else if (name === operation.get('migrate_source')?.toLowerCase()) {
    if (migrateTo) {
      operation = migrateTo;
      sameNode = true;
    }
  }
  if (changedAfter(status, resourceId, nodeName, operation, sameNode)) return true;
  const monitor = findMigration(status, resourceId, 'monitor', nodeName, undefined, ExitStatus.NotRunning);
  return monitor !== undefined && compareAge(monitor, operation, sameNode) > 0;
}

function endsOf(operation: Element, node: ClusterNode, here: 'source' | 'target') {
  const source = operation.get('migrate_source');
  const target = operation.get('migrate_target');
  if (source === undefined || target === undefined) return undefined;
  return (here === 'source' ? source : target) === node.name ? { source, target } : undefined;
}

/** A migrate_to that worked: whether the resource is now here, there or in between depends on migrate_from. */
export function migrateToSucceeded(
  status: ClusterStatus,
  resource: Resource,
  node: ClusterNode,
  operation: Element,
): void {
  const ends = endsOf(operation, node, 'source');
  if (!ends) return;
  const { source, target } = ends;
  const sourceNewer = changedAfter(status, resource.id, source, operation, true);
  const migrateFrom = findMigration(status, resource.id, 'migrate_from', target, source, undefined);
  if (sourceNewer && migrateFrom) return;
  const targetNewer = newerThanMigration(status, resource.id, target, operation, migrateFrom);
  if (sourceNewer && targetNewer) return;
  resource.role = Role.Started;
  const targetNode = findNode(status, target);
  const sourceNode = findNode(status, source);
  const fromRc = migrateFrom ? integer(migrateFrom, 'rc-code', 0) : 0;
  const fromStatus = migrateFrom ? integer(migrateFrom, 'op-status', 0) : 0;
  if (migrateFrom && fromRc === ExitStatus.Ok && fromStatus === ExecutionStatus.Done) {
    // Both halves done; only the stop on the source is missing.
    resource.role = Role.Stopped;
    resource.danglingMigrations.unshift(node);
  } else if (migrateFrom && fromStatus !== ExecutionStatus.Pending) {
    if (!targetNewer && targetNode?.online) addRunning(status, resource, targetNode, true);
    else {
      markForRecovery(resource);
      resource.allowMigrate = false;
    }
  } else if (targetNode?.online && isUnknownOn(status, resource.id, target)) {
    // Its history there was probably cleaned: a probe will tell.
  } else if (!targetNewer && targetNode?.online) {
    addRunning(status, resource, targetNode, false);
    if (sourceNode?.online) {
      resource.partialMigrationTarget = targetNode;
      resource.partialMigrationSource = sourceNode;
    }
  } else if (!sourceNewer) {
    markForRecovery(resource);
    resource.allowMigrate = false;
  }
}

export function migrateToFailed(
  status: ClusterStatus,
  resource: Resource,
  node: ClusterNode,
  operation: Element,
): void {
  const ends = endsOf(operation, node, 'source');
  if (!ends) return;
  const { source, target } = ends;
  resource.role = Role.Started;
  const migrateFrom = findMigration(status, resource.id, 'migrate_from', target, source, ExitStatus.Ok);
  if (
    !isUnknownOn(status, resource.id, target) &&
    !newerThanMigration(status, resource.id, target, operation, migrateFrom)
  ) {
    const targetNode = findNode(status, target);
    if (targetNode?.online) addRunning(status, resource, targetNode, false);
  } else if (!changedAfter(status, resource.id, source, operation, true)) {
    resource.danglingMigrations.unshift(node);
  }
}

export function migrateFromFailed(
  status: ClusterStatus,
  resource: Resource,
  node: ClusterNode,
  operation: Element,
): void {
  const ends = endsOf(operation, node, 'target');
  if (!ends) return;
  const { source, target } = ends;
  resource.role = Role.Started;
  const migrateTo = findMigration(status, resource.id, 'migrate_to', source, target, ExitStatus.Ok);
  if (
    !isUnknownOn(status, resource.id, source) &&
    !newerThanMigration(status, resource.id, source, migrateTo, operation)
  ) {
    const sourceNode = findNode(status, source);
    if (sourceNode?.online) addRunning(status, resource, sourceNode, true);
  }
}
