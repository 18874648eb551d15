import { currentNode } from '../status/queries.js';
import { type Resource, Role } from '../status/types.js';
import { resourceActions } from './actions.js';
import { ActionFlag } from './flags.js';
import type { Planner } from './planner.js';

/**
 * Gives actions that stand for what happens wherever a resource is (an ordering needed them before it was known where)
 * the node where it will happen. Pacemaker does so as it looks actions up to log them.
 */
export function placeActions(planner: Planner): void {
  const visit = (resource: Resource) => {
    if (resource.bundle) {
      for (const { ip, container, remote, child } of resource.bundle.replicas) {
        for (const part of [ip, container, remote, child]) if (part) visit(part);
      }
    } else if (resource.children.length > 0) resource.children.forEach(visit);
    else placeResourceActions(resource);
  };
  planner.status.resources.forEach(visit);
}

function placeResourceActions(resource: Resource): void {
  const next = resource.plan!.assigned;
  const current = currentNode(resource);
  if (current && resource.role === Role.Stopped) resource.role = Role.Started;
  if ((!current && resource.orphan) || !resource.managed || (!current && !next)) return;
  const start = resourceActions(resource, next, 'start')[0];
  resourceActions(resource, start?.has(ActionFlag.runnable) ? current : undefined, 'stop');
  resourceActions(resource, next, 'promote');
  resourceActions(resource, next, 'demote');
}
