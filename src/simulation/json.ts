import { formatScore } from '../cib/score.js';
import { ActionFlag } from '../scheduler/flags.js';
import { type ClusterStatus, type Resource, roleName } from '../status/types.js';
import type { Simulated } from './simulate.js';
import { doneTexts } from './steps.js';
import { type Change, transitionChanges } from './transition-summary.js';

/** What a simulation found out, for programs. */
export function simulationJson(result: Simulated): object {
  const { schedule, before, after } = result;
  return {
    ...(result.effectiveTimeMs === undefined
      ? {}
      : { effectiveTime: new Date(result.effectiveTimeMs).toISOString() }),
    before: statusJson(before),
    ...(schedule
      ? {
          scores: schedule.scores.map((entry) =>
            'score' in entry
              ? {
                  kind: entry.kind,
                  stage: 'stage' in entry ? entry.stage : undefined,
                  resource: entry.resource.id,
                  node: entry.node?.name ?? null,
                  score: formatScore(entry.score),
                }
              : {
                  kind: entry.kind,
                  stage: entry.stage,
                  ...('resource' in entry ? { resource: entry.resource.id } : {}),
                  node: entry.node.name,
                  values: Object.fromEntries(entry.values),
                },
          ),
          changes: transitionChanges(schedule).map(changeJson),
          actions: schedule.actions
            .filter((action) => !action.optional)
            .map((action) => ({
              id: action.id,
              key: action.key,
              task: action.task,
              resource: action.resource?.id ?? null,
              node: action.node?.name ?? null,
              pseudo: action.has(ActionFlag.pseudo),
              runnable: action.runnable,
              reason: action.reason ?? null,
            })),
        }
      : {}),
    ...(result.steps ? { executed: doneTexts(result.steps) } : {}),
    ...(after ? { after: statusJson(after) } : {}),
    complaints: result.complaints,
  };
}

function changeJson(change: Change): object {
  const { what, reason } = change;
  if (change.kind === 'node') return { what, node: change.node.name, reason };
  return {
    what,
    resource: change.resource.id,
    from: change.from?.name ?? null,
    to: change.to?.name ?? null,
    role: roleName(change.resource.role),
    nextRole: roleName(change.resource.nextRole),
    reason: reason ?? null,
    blocked: change.blocked,
  };
}

function statusJson(status: ClusterStatus): object {
  return {
    nodes: status.nodes.map(({ name, id, online, standby, maintenance, unclean, shutdown }) => ({
      name,
      id,
      online,
      standby,
      maintenance,
      unclean,
      shutdown,
    })),
    resources: status.resources.map(resourceJson),
  };
}

function resourceJson(resource: Resource): object {
  const { id, kind, children, runningOn, managed, failed, blocked, orphan } = resource;
  return {
    id,
    kind,
    ...(kind === 'primitive' ? { role: roleName(resource.role) } : {}),
    nodes: runningOn.map((node) => node.name),
    managed,
    failed,
    blocked,
    orphan,
    ...(children.length > 0 ? { children: children.map(resourceJson) } : {}),
  };
}
