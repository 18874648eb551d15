import { INFINITY } from '../cib/score.js';
import { currentNode } from '../status/queries.js';
import { candidateOf } from '../status/scores.js';
import type { Candidate, ClusterNode, Resource } from '../status/types.js';
import { sortCandidates } from './assignment.js';
import { addColocatedScores } from './colocation.js';
import { sortList } from './list-sort.js';
import type { Planner } from './planner.js';

/**
 * Puts resources in the order in which they are to get their nodes where capacity counts: by priority, then those
 * that have most to lose.
 */
export function sortResourcesForPlacement(planner: Planner): void {
  const { status } = planner;
  const nodes = sortCandidates(status, status.nodes.map(candidateOf), undefined).map(({ node }) => node);
  const cache = new Map<Resource, Map<ClusterNode, Candidate> | undefined>();
  const scoresOf = (resource: Resource) => {
    if (!cache.has(resource)) {
      cache.set(resource, addColocatedScores(resource, undefined, undefined, 1, { thisWith: true }));
    }
    return cache.get(resource);
  };
  const score = (resource: Resource, node: ClusterNode | undefined) =>
    (node && scoresOf(resource)?.get(node)?.score) ?? -INFINITY;
  sortList(status.resources, (a, b) => {
    if (a.priority !== b.priority) return b.priority - a.priority;
    const current = score(b, currentNode(b)) - score(a, currentNode(a));
    if (current !== 0) return current;
    for (const node of nodes) {
      const difference = score(b, node) - score(a, node);
      if (difference !== 0) return difference;
    }
    return 0;
  });
}
