import type { ClusterNode, ClusterStatus, Resource } from '../status/types.js';

/** One thing that made a score what it is. */
export interface Contribution {
  readonly resource: Resource;
  readonly node: ClusterNode;
  /** The id of a constraint, or what else it was: `stickiness`, `migration-threshold`, `utilization`, ... */
  readonly cause: string;
  /** The score before; undefined: the node was no candidate. */
  readonly from: number | undefined;
  readonly to: number;
}

/**
 * Keeps account of what makes scores, by looking at all of them after every step that may change some. That is slow
 * (resources times nodes, for every constraint): it is only done for who asks.
 */
export class Explanation {
  readonly contributions: Contribution[] = [];
  private readonly status: ClusterStatus;
  private readonly known = new Map<Resource, Map<ClusterNode, number>>();

  constructor(status: ClusterStatus) {
    this.status = status;
  }

  /** Puts down all that has changed since the last look to a cause. */
  attribute(cause: string): void {
    const visit = (resource: Resource) => {
      let scores = this.known.get(resource);
      if (!scores) {
        scores = new Map();
        this.known.set(resource, scores);
      }
      for (const [node, { score }] of resource.allowed) {
        const from = scores.get(node);
        if (from === score || (from === undefined && score === 0)) continue;
        scores.set(node, score);
        this.contributions.push({ resource, node, cause, from, to: score });
      }
      for (const child of resource.children) visit(child);
    };
    for (const resource of this.status.resources) visit(resource);
  }
}
