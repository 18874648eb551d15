import { setIfAbsent } from '../status/nvpairs.js';
import { operationKey } from '../status/operation-key.js';
import type { ClusterNode, Resource } from '../status/types.js';
import { ensureAction, startAction, stopAction } from './actions.js';
import { scheduleCleanup } from './cleanup.js';
import { ActionFlag, Order } from './flags.js';
import { orderTasks } from './ordering.js';
import type { Planner } from './planner.js';

/** Whether a resource that moves can be migrated live. */
export function canMigrate(resource: Resource, current: ClusterNode | undefined): boolean {
  const target = resource.plan!.assigned;
  return (
    resource.allowMigrate &&
    resource.managed &&
    !resource.failed &&
    !resource.startPending &&
    current !== undefined &&
    !current.unclean &&
    target !== undefined &&
    !target.unclean
  );
}

/** Creates what stands for the stop and start of a migration, where nothing comes between. */
export function createMigration(planner: Planner, resource: Resource, current: ClusterNode): void {
  const target = resource.plan!.assigned!;
  const partial = resource.partialMigrationTarget !== undefined;
  const start = startAction(planner, resource, target, true);
  const stop = stopAction(planner, resource, current, true);
  const action = (task: string, node: ClusterNode) =>
    ensureAction(planner, resource, operationKey(resource.id, task, 0), task, node, true);
  const order = (first: string, then: string, flags: number) =>
    orderTasks(planner, resource, first, resource, then, flags);
  const to = partial ? undefined : action('migrate_to', current);
  const from = action('migrate_from', target);
  start.set(ActionFlag.migrateRunnable | ActionFlag.pseudo);
  stop.set(ActionFlag.migrateRunnable);
  from.set(ActionFlag.migrateRunnable);
  if (to) {
    to.set(ActionFlag.migrateRunnable);
    to.needs = start.needs;
    order('monitor', 'migrate_to', Order.optional);
    order('migrate_to', 'migrate_from', Order.optional | Order.impliesFirstMigratable);
  } else {
    from.needs = start.needs;
    order('monitor', 'migrate_from', Order.optional);
  }
  order('migrate_from', 'stop', Order.optional | Order.impliesFirstMigratable);
  order('migrate_from', 'start', Order.optional | Order.impliesFirstMigratable | Order.pseudoFirst);
  for (const half of [to, from]) {
    if (!half) continue;
    setIfAbsent(half.meta, 'migrate_source', current.name);
    setIfAbsent(half.meta, 'migrate_target', target.name);
  }
  if (to && !resource.isRemoteConnection) setIfAbsent(to.meta, 'record-pending', 'true');
}

/** Stops what an unfinished migration left on its source. */
export function stopDangling(planner: Planner, resource: Resource): void {
  for (const source of resource.danglingMigrations) {
    stopAction(planner, resource, source, false).set(ActionFlag.dangling);
    if (planner.status.options.removeAfterStop) scheduleCleanup(planner, resource, source, false);
  }
}
