import { type Action, newestFirst } from '../scheduler/action.js';
import { resourceActions } from '../scheduler/actions.js';
import { ActionFlag } from '../scheduler/flags.js';
import type { Schedule } from '../scheduler/index.js';
import { currentNode } from '../status/queries.js';
import { type ClusterNode, type Resource, Role, roleName } from '../status/types.js';

/** One thing that a transition changes, as the summary tells it. */
export type Change =
  | {
      readonly kind: 'node';
      /** `Shutdown`, `Fence (ACTION)` */
      readonly what: string;
      readonly node: ClusterNode;
      readonly reason: string;
    }
  | {
      readonly kind: 'resource';
      /** `Start`, `Stop`, `Move`, `Recover`, ... */
      readonly what: string;
      readonly resource: Resource;
      readonly from: ClusterNode | undefined;
      readonly to: ClusterNode | undefined;
      /** Roles and nodes, as the summary shows them. */
      readonly details: string;
      readonly reason: string | undefined;
      /** It is needed but cannot be done. */
      readonly blocked: boolean;
    };

/** What a transition does to nodes and resources, in the order that it is told. */
export function transitionChanges(schedule: Schedule): Change[] {
  const changes: Change[] = [];
  for (const action of newestFirst(schedule.actions)) {
    const change = nodeChange(action);
    if (change) changes.push(change);
  }
  const summary = new Summary(changes);
  for (const resource of schedule.status.resources) summary.addAll(resource);
  return changes;
}

/** The summary's lines, in columns. */
export function summaryLines(changes: readonly Change[]): string[] {
  let idWidth = 5;
  let detailWidth = 5;
  for (const change of changes) {
    if (change.kind !== 'resource') continue;
    if (change.resource.id.length > idWidth) idWidth = change.resource.id.length + 2;
    detailWidth = Math.max(detailWidth, change.details.length);
  }
  return changes.map((change) => {
    if (change.kind === 'node') {
      const { node, what, reason } = change;
      const container = node.isGuest ? ` (resource: ${node.remoteResource!.container!.id})` : '';
      return `${what} ${node.name}${container} '${reason}'`;
    }
    const { what, resource, details, blocked } = change;
    let reason = '';
    if (change.reason !== undefined) reason = `  due to ${change.reason}${blocked ? ' (blocked)' : ''}`;
    else if (blocked) reason = '  blocked';
    return `${what.padEnd(8)}   ${resource.id.padEnd(idWidth)}   ( ${details.padStart(detailWidth)} )${reason}`;
  });
}

function nodeChange(action: Action): Change | undefined {
  const { node, task, reason } = action;
  if (action.resource || action.optional || !node || reason === undefined) return undefined;
  if (task === 'do_shutdown') return { kind: 'node', what: 'Shutdown', node, reason };
  if (task !== 'stonith') return undefined;
  return { kind: 'node', what: `Fence (${action.meta.get('stonith_action')})`, node, reason };
}

class Summary {
  private readonly changes: Change[];

  constructor(changes: Change[]) {
    this.changes = changes;
  }

  addAll(resource: Resource): void {
    if (resource.bundle) {
      for (const { ip, container, remote, child } of resource.bundle.replicas) {
        for (const part of [ip, container, remote, child]) if (part) this.addAll(part);
      }
    } else if (resource.children.length > 0) {
      for (const child of resource.children) this.addAll(child);
    } else this.add(resource);
  }

  private add(resource: Resource): void {
    const next = resource.plan!.assigned;
    const current = currentNode(resource);
    if (current && resource.role === Role.Stopped) resource.role = Role.Started;
    if ((!current && resource.orphan) || !resource.managed || (!current && !next)) return;
    const moving = current !== undefined && next !== undefined && current !== next;
    const first = (task: string, node: ClusterNode | undefined) => resourceActions(resource, node, task)[0];
    const start = first('start', next);
    let stop = first('stop', start?.runnable ? current : undefined);
    if (!stop && resource.plan!.stopUnexpected) stop = first('stop', undefined);
    const promote = first('promote', next);
    const demote = first('demote', next);
    const recover = resource.failed && resource.mustStop;
    if (resource.role === resource.nextRole) {
      this.addSameRole(resource, current, next, { start, stop, promote, demote, moving });
    } else if (stop && (resource.nextRole === Role.Stopped || (start && !start.runnable))) {
      for (const node of resource.runningOn) {
        const own = first('stop', node);
        this.item('Stop', resource, node, undefined, own, own?.reason ? own : start);
      }
    } else if (stop && recover) this.item('Recover', resource, current, next, stop, start);
    else if (moving) this.item('Move', resource, current, next, stop);
    else if (resource.plan!.reload) this.item('Reload', resource, current, next, start);
    else if (stop && !stop.optional) this.item('Restart', resource, current, next, start);
    else if (resource.role === Role.Promoted) this.item('Demote', resource, current, next, demote);
    else if (resource.nextRole === Role.Promoted) this.item('Promote', resource, current, next, promote);
    else if (resource.role === Role.Stopped && resource.nextRole > Role.Stopped) {
      this.item('Start', resource, current, next, start);
    }
  }

  private addSameRole(
    resource: Resource,
    current: ClusterNode | undefined,
    next: ClusterNode | undefined,
    actions: {
      start: Action | undefined;
      stop: Action | undefined;
      promote: Action | undefined;
      demote: Action | undefined;
      moving: boolean;
    },
  ): void {
    if (!next) return;
    const { start, stop, promote, demote, moving } = actions;
    const migration = resourceActions(resource, next, 'migrate_from')[0];
    if (migration?.runnable && current) this.item('Migrate', resource, current, next, start);
    else if (resource.plan!.reload) this.item('Reload', resource, current, next, start);
    else if (!start || start.optional) {
      if (demote && promote && !demote.optional && !promote.optional) {
        this.item('Re-promote', resource, current, next, promote, demote);
      }
    } else if (!start.runnable) {
      this.item('Stop', resource, current, undefined, stop, stop?.reason ? stop : start);
    } else if (moving) {
      this.item(resource.failed ? 'Recover' : 'Move', resource, current, next, stop);
    } else if (resource.failed) this.item('Recover', resource, current, undefined, stop);
    else this.item('Restart', resource, current, next, start);
  }

  private item(
    what: string,
    resource: Resource,
    from: ClusterNode | undefined,
    to: ClusterNode | undefined,
    action: Action | undefined,
    source: Action | undefined = action,
  ): void {
    this.changes.push({
      kind: 'resource',
      what,
      resource,
      from,
      to,
      details: describeChange(resource, from, to),
      reason: source?.reason,
      blocked: action !== undefined && !action.has(ActionFlag.runnable),
    });
  }
}

function describeChange(
  resource: Resource,
  origin: ClusterNode | undefined,
  destination: ClusterNode | undefined,
): string {
  const needRole = resource.role > Role.Started || resource.nextRole > Role.Unpromoted;
  const sameRole = resource.role === resource.nextRole;
  const sameHost = origin !== undefined && origin === destination;
  const role = roleName(resource.role);
  const next = roleName(resource.nextRole);
  const from = origin?.name ?? 'unspecified node';
  const to = destination?.name ?? 'unspecified node';
  if (!origin) return needRole ? `${role} -> ${next} ${to}` : to;
  if (!destination) return needRole ? `${role} ${from}` : from;
  if (sameRole && sameHost) return needRole ? `${role} ${from}` : from;
  if (sameRole) return needRole ? `${from} -> ${to} ${role}` : `${from} -> ${to}`;
  if (sameHost) return `${role} -> ${next} ${from}`;
  return `${role} ${from} -> ${next} ${to}`;
}
