import type { ClusterNode, Resource } from '../status/types.js';
import { deleteAction } from './actions.js';
import { Order } from './flags.js';
import { orderTasks } from './ordering.js';
import type { Planner } from './planner.js';

/** Lets the executor of a node forget a resource that is stopped there. */
export function scheduleCleanup(
  planner: Planner,
  resource: Resource,
  node: ClusterNode,
  optional: boolean,
): void {
  if (resource.failed || node.unclean || !node.online) return;
  const flags = optional ? Order.impliesThen : Order.optional;
  deleteAction(planner, resource, node, optional);
  orderTasks(planner, resource, 'stop', resource, 'delete', flags);
  orderTasks(planner, resource, 'delete', resource, 'start', flags);
}
