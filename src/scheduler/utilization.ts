import { scanInteger } from '../cib/number.js';
import { INFINITY } from '../cib/score.js';
import { addNodeScore } from '../status/scores.js';
import type { ClusterNode, Resource } from '../status/types.js';
import type { Action } from './action.js';
import { singletonAction } from './actions.js';
import { ActionFlag, Order } from './flags.js';
import { addOrdering, taskOf } from './ordering.js';
import type { Planner } from './planner.js';

function amount(text: string | undefined): number {
  if (text === undefined) return 0;
  const value = Number(scanInteger(text)?.value ?? 0n);
  return Math.max(-2_147_483_648, Math.min(2_147_483_647, value));
}

/** Name and value pairs, as shown. */
export function utilizationEntries(utilization: ReadonlyMap<string, string>): [string, string][] {
  return [...utilization];
}

/** Negative where `a` has more capacity: each attribute counts one. */
export function compareCapacities(a: ClusterNode, b: ClusterNode): number {
  let result = 0;
  const compare = (left: number, right: number) => {
    if (left > right) result--;
    else if (left < right) result++;
  };
  for (const [name, value] of a.utilization) compare(amount(value), amount(b.utilization.get(name)));
  for (const [name, value] of b.utilization) if (!a.utilization.has(name)) compare(0, amount(value));
  return result;
}

export function consumeCapacity(node: ClusterNode, resource: Resource): void {
  for (const [name, value] of resource.utilization) {
    const current = node.utilization.get(name);
    const rest = current ? amount(current) - amount(value) : 0;
    node.utilization.set(name, String(rest));
  }
}

export function addCapacity(total: Map<string, string>, resource: Resource): void {
  for (const [name, value] of resource.utilization) {
    total.set(name, String(amount(total.get(name)) + amount(value)));
  }
}

export function releaseCapacity(node: ClusterNode, resource: Resource): void {
  addCapacity(node.utilization, resource);
}

function isEnough(node: ClusterNode, wanted: ReadonlyMap<string, string>): boolean {
  for (const [name, value] of wanted) {
    if (amount(value) > amount(node.utilization.get(name))) return false;
  }
  return true;
}

/**
 * Bans the nodes that have no room for a resource and all that must be with it; where no node has, those without room
 * for the resource alone.
 *
 * @returns the node with most capacity, where none has room for all
 */
export function banWithoutCapacity(planner: Planner, resource: Resource): ClusterNode | undefined {
  if (planner.status.options.placementStrategy === 'default') return undefined;
  const together = new Set<Resource>();
  planner.methodsOf(resource).collectColocated(planner, resource, resource, together);
  together.add(resource);
  const wanted = new Map<string, string>();
  for (const member of together) {
    planner.methodsOf(member).addUtilization(planner, member, resource, together, wanted);
  }
  let anyRoom = false;
  let best: ClusterNode | undefined;
  const available = () =>
    [...resource.allowed.values()]
      .filter(
        ({ node, score }) =>
          score >= 0 && node.online && !node.shutdown && !node.unclean && !node.standby && !node.maintenance,
      )
      .map(({ node }) => node);
  for (const node of available()) {
    if (isEnough(node, wanted)) anyRoom = true;
    if (!best || compareCapacities(node, best) < 0) best = node;
  }
  for (const node of available()) {
    if (!isEnough(node, anyRoom ? wanted : resource.utilization)) addNodeScore(resource, node, -INFINITY);
  }
  return anyRoom ? undefined : best;
}

/** Everything that leaves a node makes room before anything that needs room comes. */
function roomMade(planner: Planner, node: ClusterNode): Action {
  const action = singletonAction(planner, `load_stopped_${node.name}`);
  if (!action.node) {
    action.node = node;
    action.clear(ActionFlag.optional);
  }
  return action;
}

export function orderByCapacity(planner: Planner, resource: Resource, allowed: readonly ClusterNode[]): void {
  for (const node of resource.runningOn) {
    addOrdering(planner, taskOf(resource, 'stop'), { action: roomMade(planner, node) }, Order.load);
  }
  for (const node of allowed) {
    const made = { action: roomMade(planner, node) };
    addOrdering(planner, made, taskOf(resource, 'start'), Order.load);
    addOrdering(planner, made, taskOf(resource, 'migrate_to'), Order.load);
  }
}

/** Keeps the nodes' capacities for `crm_simulate -U`. */
export function recordCapacities(planner: Planner, stage: string): void {
  if (!planner.recordUtilization) return;
  for (const node of planner.status.nodes) {
    planner.scores.push({ kind: 'capacity', stage, node, values: utilizationEntries(node.utilization) });
  }
}
