import { addScores, INFINITY } from '../cib/score.js';
import type { Candidate, ClusterNode, Resource, ResourceKind } from '../status/types.js';
import { Role } from '../status/types.js';
import { anyAvailable, copyCandidates, isReady } from './assignment.js';
import { Order } from './flags.js';
import { insertSorted } from './list-sort.js';
import { orderTasks } from './ordering.js';
import type { Colocation, Planner } from './planner.js';

const COMPLEXITY: Readonly<Record<ResourceKind, number>> = { primitive: 0, group: 1, clone: 2, bundle: 3 };

/** Higher priority, then more complex, then promotable first; then by id. */
function compareInfluence(a: Resource, b: Resource): number {
  if (a.priority !== b.priority) return b.priority - a.priority;
  if (a.kind !== b.kind) return COMPLEXITY[b.kind] - COMPLEXITY[a.kind];
  if (a.kind === 'clone' && a.promotable !== b.promotable) return a.promotable ? -1 : 1;
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

export function addThisWith(resource: Resource, colocation: Colocation): void {
  insertSorted(resource.plan!.thisWith, colocation, (a, b) => compareInfluence(a.primary, b.primary));
}

export function addWithThis(resource: Resource, colocation: Colocation): void {
  insertSorted(resource.plan!.withThis, colocation, (a, b) => compareInfluence(a.dependent, b.dependent));
}

export function addColocation(planner: Planner, colocation: Colocation): void {
  if (colocation.score === 0) return;
  addThisWith(colocation.dependent, colocation);
  addWithThis(colocation.primary, colocation);
  planner.colocations.push(colocation);
  if (colocation.score <= -INFINITY) {
    const { dependent, dependentRole, primary, primaryRole } = colocation;
    orderApart(planner, dependent, dependentRole, primary, primaryRole);
    orderApart(planner, primary, primaryRole, dependent, dependentRole);
  }
}

/** A colocation that the cluster itself needs. */
export function addInternalColocation(
  planner: Planner,
  id: string,
  score: number,
  dependent: Resource,
  primary: Resource,
  influence: boolean,
): void {
  addColocation(planner, {
    id,
    dependent,
    primary,
    dependentRole: Role.Unknown,
    primaryRole: Role.Unknown,
    score,
    nodeAttribute: undefined,
    influence,
  });
}

/** What must not be together leaves a node before the other comes. */
function orderApart(
  planner: Planner,
  first: Resource,
  firstRole: Role,
  then: Resource,
  thenRole: Role,
): void {
  const leaving =
    firstRole === Role.Promoted ? ['demote'] : firstRole === Role.Unpromoted ? ['stop', 'promote'] : ['stop'];
  const coming =
    thenRole === Role.Promoted ? ['promote'] : thenRole === Role.Unpromoted ? ['start', 'demote'] : ['start'];
  for (const firstTask of leaving) {
    for (const thenTask of coming) {
      orderTasks(planner, first, firstTask, then, thenTask, Order.antiColocation);
    }
  }
}

/** Whether the dependent's preferences count for where the primary runs. */
export function hasInfluence(colocation: Colocation, primary: Resource = colocation.primary): boolean {
  // A container is not moved only because of where its connection would like to be.
  if (colocation.dependent.allowRemoteConnections && !primary.failed && primary.runningOn.length === 1) {
    return false;
  }
  return colocation.influence || primary.runningOn.length === 0;
}

export type ColocationEffect = 'nothing' | 'location' | 'role';

/**
 * What a colocation bears on now.
 *
 * @param preview judge as if nothing were assigned yet
 */
export function colocationEffect(
  dependent: Resource,
  primary: Resource,
  colocation: Colocation,
  preview: boolean,
): ColocationEffect {
  const { score, dependentRole, primaryRole } = colocation;
  if (!preview && primary.plan!.provisional) return 'nothing';
  if (dependentRole >= Role.Unpromoted && dependent.parent?.promotable && !dependent.plan!.provisional) {
    return 'role';
  }
  if (!preview && !dependent.plan!.provisional) return 'nothing';
  const hasRole = dependentRole !== Role.Unknown;
  const primaryHasRole = primaryRole !== Role.Unknown;
  if (score > 0 && hasRole && dependentRole !== dependent.nextRole) return 'nothing';
  if (score > 0 && primaryHasRole && primaryRole !== primary.nextRole) return 'nothing';
  if (score < 0 && hasRole && dependentRole === dependent.nextRole) return 'nothing';
  if (score < 0 && primaryHasRole && primaryRole === primary.nextRole) return 'nothing';
  return 'location';
}

/** Whether two attribute values are the same but for case; two absent ones are. */
export function sameValue(a: string | undefined, b: string | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && a.toLowerCase() === b.toLowerCase());
}

/** Applies a colocation with a primary that has its node to the dependent's scores. */
export function applyToScores(dependent: Resource, primary: Resource, colocation: Colocation): void {
  const attribute = colocation.nodeAttribute ?? '#id';
  const node = primary.plan!.assigned;
  const { score } = colocation;
  if (!node && score < 0) return;
  const value = node?.attributes.get(attribute);
  const work = copyCandidates(dependent.allowed);
  for (const candidate of work.values()) {
    if (!node) candidate.score = addScores(-score, candidate.score);
    else if (sameValue(candidate.node.attributes.get(attribute), value)) {
      if (score < INFINITY) candidate.score = addScores(score, candidate.score);
    } else if (score >= INFINITY) candidate.score = addScores(-score, candidate.score);
  }
  if (Math.abs(score) >= INFINITY || anyAvailable(work)) dependent.allowed = work;
}

/** Applies a colocation of roles to the dependent's priority for promotion. */
export function applyToPriority(dependent: Resource, primary: Resource, colocation: Colocation): void {
  const dependentNode = dependent.plan!.assigned;
  const primaryNode = primary.plan!.assigned;
  if (!dependentNode || !primaryNode) return;
  const attribute = colocation.nodeAttribute ?? '#id';
  const { score, dependentRole, primaryRole } = colocation;
  if (!sameValue(dependentNode.attributes.get(attribute), primaryNode.attributes.get(attribute))) {
    if (score === INFINITY && dependentRole === Role.Promoted) dependent.priority = -INFINITY;
    return;
  }
  if (primaryRole !== Role.Unknown && primaryRole !== primary.nextRole) return;
  const sign = dependentRole === Role.Unpromoted ? -1 : 1;
  dependent.priority = addScores(sign * score, dependent.priority);
}

/** Below any score: a node that a negative preference turned away while only positive ones count. */
const TURNED_AWAY = -100 * INFINITY;

/** Which colocations `addColocatedScores` follows. */
export interface ColocatedOptions {
  /** Those in which the resource is the dependent, instead of those in which it is the primary. */
  readonly thisWith?: boolean;
  /** Nodes keep a score that is not negative. */
  readonly nonnegative?: boolean;
  /** Nothing is added where no node would be left. */
  readonly active?: boolean;
}

function bestScoreWithAttribute(resource: Resource, attribute: string, value: string | undefined): number {
  let best = -INFINITY;
  for (const { node, score } of resource.allowed.values()) {
    if (score > best && isReady(node) && sameValue(value, node.attributes.get(attribute))) best = score;
  }
  return best;
}

function addMatchingScores(
  work: ReadonlyMap<ClusterNode, Candidate>,
  resource: Resource,
  attribute: string,
  factor: number,
  onlyPositive: boolean,
): void {
  const byName = attribute === '#uname';
  for (const candidate of work.values()) {
    let score: number;
    if (byName && candidate.node.attributes.has('#uname')) {
      const own = resource.allowed.get(candidate.node);
      score = own && own.score > -INFINITY && isReady(own.node) ? own.score : -INFINITY;
    } else {
      const value = candidate.node.attributes.get(attribute);
      score = bestScoreWithAttribute(resource, attribute, value);
    }
    if (factor < 0 && score < 0) continue;
    if (candidate.score === TURNED_AWAY) continue;
    const exact = Math.fround(factor * score);
    let weight = Math.trunc(exact < 0 ? exact - 0.5 : exact + 0.5);
    if (weight === 0 && score !== 0) weight = factor > 0 ? 1 : factor < 0 ? -1 : 0;
    const sum = addScores(weight, candidate.score);
    if (onlyPositive && sum < 0 && candidate.score > 0) candidate.score = TURNED_AWAY;
    else if (!(onlyPositive && sum < 0 && candidate.score === 0)) candidate.score = sum;
  }
}

/**
 * Adds a resource's preferences, and those of what is colocated with it, to scores.
 *
 * @param scores what to add to; undefined: start from the resource's own
 * @param attribute node attribute that must be the same for a preference to count
 * @param factor -1 to 1, by which preferences count
 * @returns the sum; `scores` itself where nothing could be added
 */
export function addColocatedScores(
  resource: Resource,
  scores: Map<ClusterNode, Candidate> | undefined,
  attribute: string | undefined,
  factor: number,
  options: ColocatedOptions,
): Map<ClusterNode, Candidate> | undefined {
  const plan = resource.plan!;
  if (plan.merging) return scores;
  plan.merging = true;
  let work: Map<ClusterNode, Candidate> | undefined;
  if (resource.kind === 'group') {
    if (resource.children.length === 0) {
      plan.merging = false;
      return scores;
    }
    const member = scores ? resource.children[0]! : resource.children.at(-1)!;
    work = scores && copyCandidates(scores);
    work = addColocatedScores(member, work, attribute, factor, options);
  } else if (!scores) work = copyCandidates(resource.allowed);
  else {
    work = copyCandidates(scores);
    addMatchingScores(work, resource, attribute ?? '#uname', factor, options.nonnegative ?? false);
  }
  if (!work) {
    plan.merging = false;
    return scores;
  }
  if (anyAvailable(work)) {
    const sign = factor < 0 ? -1 : 1;
    const followed = options.thisWith
      ? plan.thisWith
      : resource.kind === 'group'
        ? resource.children.at(-1)!.plan!.withThis
        : plan.withThis;
    for (const colocation of followed.slice()) {
      let other = colocation.primary;
      if (!options.thisWith) {
        if (!hasInfluence(colocation)) continue;
        other = colocation.dependent;
      }
      const next = Math.fround((sign * colocation.score) / INFINITY);
      work = addColocatedScores(other, work, colocation.nodeAttribute, next, { ...options, active: true })!;
    }
  } else if (options.active) {
    plan.merging = false;
    return scores;
  }
  if (options.nonnegative) {
    for (const candidate of work.values()) if (candidate.score === TURNED_AWAY) candidate.score = 1;
  }
  plan.merging = false;
  return work;
}

/** The factor by which a colocation's score counts. */
export function factorOf(colocation: Colocation): number {
  return Math.fround(colocation.score / INFINITY);
}

/** Bans all nodes but those given; with `merge`, the scores they come with are added. */
export function keepOnly(
  resource: Resource,
  nodes: readonly { readonly node: ClusterNode; readonly score: number }[],
  merge: boolean,
): void {
  const scores = new Map(nodes.map(({ node, score }) => [node, score]));
  for (const candidate of resource.allowed.values()) {
    const score = scores.get(candidate.node);
    if (score === undefined) candidate.score = -INFINITY;
    else if (merge) candidate.score = addScores(candidate.score, score);
  }
  for (const { node } of nodes) {
    if (!resource.allowed.has(node)) {
      resource.allowed.set(node, { node, score: -INFINITY, discovery: node.discovery, count: 0 });
    }
  }
}
