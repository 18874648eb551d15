import { isTrue } from '../cib/boolean.js';
import { INFINITY } from '../cib/score.js';
import { type ClusterNode, isClone, type Resource, topmost } from '../status/types.js';
import type { Action } from './action.js';
import { collectionAction, findFirstAction } from './actions.js';
import { recordAssignmentScores } from './assignment.js';
import { addInternalColocation, addThisWith, addWithThis } from './colocation.js';
import { ActionFlag, Order } from './flags.js';
import { addActionsToGraph } from './graph-actions.js';
import { applyLocation } from './location.js';
import { orderStarts, orderStops, orderTasks } from './ordering.js';
import { updateOrderedActions } from './ordering-effects.js';
import type { Colocation, Location, Methods, Planner } from './planner.js';
import { probeOn } from './probes.js';
import { memberTask } from './tasks.js';
import { collectColocated } from './together.js';

/** What the group is to be with, its first member is; what is to be with the group, is with its last member. */
function passOnColocations(group: Resource): void {
  const plan = group.plan!;
  const [first, ...others] = group.children;
  if (!first) return;
  for (const colocation of plan.thisWith) addThisWith(first, colocation);
  let anyUnmanaged = !first.managed;
  for (const member of others) {
    if (anyUnmanaged) {
      // Behind an unmanaged member, the group's own internal colocations do not hold the rest.
      for (const colocation of plan.thisWith) {
        if (colocation.score === INFINITY) addThisWith(member, colocation);
      }
    } else if (!member.managed) anyUnmanaged = true;
  }
  plan.thisWith = [];
  for (const colocation of plan.withThis) addWithThis(group.children.at(-1)!, colocation);
  plan.withThis = [];
}

function assign(planner: Planner, group: Resource, prefer: ClusterNode | undefined): ClusterNode | undefined {
  const plan = group.plan!;
  if (!plan.provisional) return plan.assigned;
  if (plan.assigning) return undefined;
  const first = group.children[0];
  if (!first) {
    plan.provisional = false;
    return undefined;
  }
  plan.assigning = true;
  group.role = first.role;
  passOnColocations(group);
  recordAssignmentScores(planner, 'pcmk__group_assign', group);
  let chosen: ClusterNode | undefined;
  for (const member of group.children) {
    const node = planner.methodsOf(member).assign(planner, member, prefer);
    chosen ??= node;
  }
  group.nextRole = first.nextRole;
  plan.assigning = false;
  plan.provisional = false;
  return group.group!.colocated ? chosen : undefined;
}

function createActions(planner: Planner, group: Resource): void {
  for (const member of group.children) planner.methodsOf(member).createActions(planner, member);
  const tasks = ['start', 'running', 'stop', 'stopped'];
  if (isTrue(group.meta.get('promotable'))) tasks.push('demote', 'demoted', 'promote', 'promoted');
  for (const task of tasks) collectionAction(planner, group, task, true, true);
}

function addInternalConstraints(planner: Planner, group: Resource): void {
  orderTasks(planner, group, 'stop', group, 'stopped', Order.runnableFirst);
  orderTasks(planner, group, 'stopped', group, 'start', Order.optional);
  orderTasks(planner, group, 'start', group, 'running', Order.runnableFirst);
  const { ordered, colocated } = group.group!;
  const { promotable } = topmost(group);
  let previous: Resource | undefined;
  let lastActive: Resource | undefined;
  for (const member of group.children) {
    planner.methodsOf(member).addInternalConstraints(planner, member);
    if (previous && colocated) {
      addInternalColocation(
        planner,
        'group:internal_colocation',
        INFINITY,
        member,
        previous,
        member.critical,
      );
    }
    orderMember(planner, group, member, previous, ordered, promotable);
    if (member.runningOn.length > 0) {
      if (ordered && previous?.runningOn.length === 0 && lastActive) {
        // A member between them is down: the order of stops still holds.
        orderStops(planner, member, lastActive, Order.optional);
      }
      lastActive = member;
    }
    previous = member;
  }
}

function orderMember(
  planner: Planner,
  group: Resource,
  member: Resource,
  previous: Resource | undefined,
  ordered: boolean,
  promotable: boolean,
): void {
  const firstOrdered = !previous && ordered;
  const down = Order.showFirst | (firstOrdered ? Order.optional : 0);
  const afterDown = firstOrdered ? Order.impliesThen : Order.showThen;
  const up = Order.runnableFirst | Order.impliesThen | Order.showThen;
  const enforced = Order.impliesThen | Order.runnableFirst | Order.showFirst;
  if (promotable) {
    orderTasks(planner, group, 'demote', member, 'demote', down);
    orderTasks(planner, member, 'demote', group, 'demoted', afterDown);
    orderTasks(planner, member, 'promote', group, 'promoted', up);
    orderTasks(planner, group, 'promote', member, 'promote', Order.showFirst);
  }
  orderStops(planner, group, member, down);
  orderTasks(planner, member, 'stop', group, 'stopped', afterDown);
  orderStarts(planner, group, member, Order.showFirst);
  orderTasks(planner, member, 'start', group, 'running', up);
  if (!ordered) {
    orderStarts(planner, group, member, enforced);
    if (promotable) orderTasks(planner, group, 'promote', member, 'promote', enforced);
  } else if (previous) {
    orderStarts(planner, previous, member, Order.impliesThen | Order.runnableFirst);
    orderStops(planner, member, previous, Order.optional | Order.restart);
    if (promotable) {
      const flags = Order.impliesThen | Order.runnableFirst;
      orderTasks(planner, previous, 'promote', member, 'promote', flags);
      orderTasks(planner, member, 'demote', previous, 'demote', Order.optional);
    }
  }
}

function applyColocation(
  planner: Planner,
  dependent: Resource,
  primary: Resource,
  colocation: Colocation,
  forDependent: boolean,
): void {
  const group = forDependent ? dependent : primary;
  if (!forDependent && group.plan!.provisional) return;
  const apply = (member: Resource) => {
    const [d, p] = forDependent ? [member, primary] : [dependent, member];
    planner.methodsOf(member).applyColocation(planner, d, p, colocation, forDependent);
  };
  if (group.group!.colocated) {
    const member = !forDependent && colocation.score >= INFINITY ? group.children.at(-1) : group.children[0];
    if (member) apply(member);
    return;
  }
  if (colocation.score >= INFINITY) {
    planner.error(`${group.id}: Cannot perform mandatory colocation with a non-colocated group`);
    return;
  }
  for (const member of group.children) apply(member);
}

function actionFlags(planner: Planner, action: Action, node: ClusterNode | undefined): number {
  const { optional, runnable, pseudo } = ActionFlag;
  let flags = optional | runnable | pseudo;
  for (const member of action.resource!.children) {
    const task = memberTask(action.task, member.kind === 'primitive');
    const memberAction = findFirstAction(member, undefined, task, node);
    if (memberAction) {
      const own = planner.methodsOf(member).actionFlags(planner, memberAction, node);
      if (flags & optional && !(own & optional)) {
        flags &= ~optional;
        action.clear(optional);
      }
      if (task !== action.task && flags & runnable && !(own & runnable)) {
        flags &= ~runnable;
        action.clear(runnable);
      }
    } else if (task !== 'stop' && task !== 'demote') flags &= ~runnable;
  }
  return flags;
}

function updateOrdered(
  planner: Planner,
  first: Action,
  then: Action,
  node: ClusterNode | undefined,
  flags: number,
  filter: number,
  type: number,
): number {
  let changed = updateOrderedActions(planner, first, then, node, flags, filter, type);
  for (const member of then.resource!.children) {
    const action = findFirstAction(member, undefined, then.task, node);
    if (!action) continue;
    changed |= planner.methodsOf(member).updateOrdered(planner, first, action, node, flags, filter, type);
  }
  return changed;
}

/** Only the first member gets the scores; the others follow it, unless they need not be together. */
function applyGroupLocation(planner: Planner, group: Resource, location: Location): void {
  const { nodes } = location;
  let reset = group.group!.colocated;
  applyLocation(planner, group, location);
  for (const member of group.children) {
    planner.methodsOf(member).applyLocation(planner, member, location);
    if (reset) {
      reset = false;
      location.nodes = nodes.map(({ node }) => ({ node, score: 0 }));
    }
  }
  location.nodes = nodes;
}

/** The members that count for what a group needs: all, unless they need not be together. */
function countingMembers(group: Resource): readonly Resource[] {
  return group.group!.colocated || isClone(group.parent) ? group.children : group.children.slice(0, 1);
}

export const groupMethods: Methods = {
  assign,
  createActions,
  createProbe: probeOn,
  addInternalConstraints,
  applyColocation,
  collectColocated: (planner, group, origin, found) => {
    for (const member of countingMembers(group)) {
      planner.methodsOf(member).collectColocated(planner, member, origin, found);
    }
    collectColocated(planner, group, origin, found);
  },
  applyLocation: applyGroupLocation,
  actionFlags,
  updateOrdered,
  addToGraph: addActionsToGraph,
  addGraphMeta: () => {},
  addUtilization: (planner, group, origin, all, total) => {
    if (!group.plan!.provisional) return;
    for (const member of countingMembers(group)) {
      if (member.plan!.provisional && !all.has(member)) {
        planner.methodsOf(member).addUtilization(planner, member, origin, all, total);
      }
    }
  },
  applyShutdownLock: (planner, group) => {
    for (const member of group.children) planner.methodsOf(member).applyShutdownLock(planner, member);
  },
};
