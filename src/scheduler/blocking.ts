import { INFINITY } from '../cib/score.js';
import { type Resource, Role, topmost } from '../status/types.js';
import { type Action, newestFirst } from './action.js';
import { findFirstAction } from './actions.js';
import { ActionFlag } from './flags.js';
import type { Planner } from './planner.js';

type Update = (planner: Planner, action: Action) => void;

/**
 * Where a resource cannot start (or be promoted), neither can what must be with it.
 *
 * @param update called for each action that this blocks
 */
export function blockColocatedDependents(planner: Planner, action: Action, update: Update): void {
  if (action.runnable) return;
  const isStart = action.task === 'start';
  if ((!isStart && action.task !== 'promote') || !action.resource) return;
  let resource = topmost(action.resource);
  // Of a bundle, the bundle itself is what others are colocated with.
  if (resource.parent) resource = resource.parent;
  if (resource.plan!.withThis.length === 0) return;
  for (const child of resource.children) {
    const other = findFirstAction(child, undefined, action.task, undefined);
    if (!other || other.runnable) return;
  }
  for (const colocation of resource.plan!.withThis) {
    if (colocation.score < INFINITY) continue;
    if (!isStart && colocation.primaryRole !== Role.Promoted) continue;
    const task = colocation.dependentRole === Role.Promoted ? 'promote' : 'start';
    blockTask(planner, colocation.dependent, task, action.resource, update);
  }
}

function blockTask(
  planner: Planner,
  resource: Resource,
  task: string,
  cause: Resource,
  update: Update,
): void {
  for (const action of newestFirst(resource.plan!.actions)) {
    if (!action.runnable || action.task !== task) continue;
    action.clear(ActionFlag.runnable);
    action.setReason(`colocation with ${cause.id}`, false);
    blockColocatedDependents(planner, action, update);
    update(planner, action);
  }
  for (const child of resource.children) blockTask(planner, child, task, cause, update);
}
