import type { NodeId } from './types.js';

/**
 * Splits nodes into groups in which every node hears every other.
 *
 * The group with the most votes is taken first (then the one with more nodes, then the one with the lowest ids), then
 * the same is done with what is left: so all who know the same edges come to the same groups, and a node that some
 * cannot hear neither splits the others nor joins and leaves by turns. Before all others come the groups around nodes
 * that must not be parted.
 *
 * @param hears symmetric
 * @param prefer negative where the first of two groups of equal votes and size comes before the other
 * @param until the groups after the one with this node are not looked for
 * @param together sets of nodes that must not be parted, the first first; one whose nodes do not all hear each other is
 * none
 */
export function groupsOf(
  nodes: readonly NodeId[],
  hears: (a: NodeId, b: NodeId) => boolean,
  votes: (node: NodeId) => number,
  until?: NodeId,
  prefer: (a: readonly NodeId[], b: readonly NodeId[]) => number = () => 0,
  together: readonly (readonly NodeId[])[] = [],
): NodeId[][] {
  let rest = [...nodes].sort((a, b) => a - b);
  const groups: NodeId[][] = [];
  const isHeardBy = (core: readonly NodeId[]) => (node: NodeId) =>
    core.every((other) => other === node || hears(node, other));
  const cores = [...together];
  while (rest.length > 0) {
    const core = cores.shift() ?? [];
    if (!core.every((node) => rest.includes(node) && isHeardBy(core)(node))) continue;
    // Those who hear all of it: each of its nodes is in every largest group of these.
    const best = bestClique(rest.filter(isHeardBy(core)), hears, votes, prefer);
    groups.push(best);
    if (until !== undefined && best.includes(until)) break;
    rest = rest.filter((node) => !best.includes(node));
  }
  return groups;
}

function bestClique(
  nodes: readonly NodeId[],
  hears: (a: NodeId, b: NodeId) => boolean,
  votes: (node: NodeId) => number,
  prefer: (a: readonly NodeId[], b: readonly NodeId[]) => number,
): NodeId[] {
  // Whoever hears everybody is in every one of the largest groups.
  const everywhere = nodes.filter((a) => nodes.every((b) => a === b || hears(a, b)));
  if (everywhere.length === nodes.length) return [...nodes];
  const rest = nodes.filter((node) => !everywhere.includes(node));
  let best: NodeId[] = [];
  const weight = (group: readonly NodeId[]) => group.reduce((sum, node) => sum + votes(node), 0);
  const better = (group: readonly NodeId[]): boolean => {
    const more = weight(group) - weight(best) || group.length - best.length;
    if (more !== 0) return more > 0;
    const preferred = prefer(group, best);
    if (preferred !== 0) return preferred < 0;
    for (const [i, node] of group.entries()) if (node !== best[i]) return node < best[i]!;
    return false;
  };
  // Bron and Kerbosch with a pivot; clusters are small (corosync.conf knows no more than 32 nodes well).
  const extend = (clique: NodeId[], candidates: NodeId[], excluded: NodeId[]): void => {
    if (candidates.length === 0 && excluded.length === 0) {
      const sorted = [...everywhere, ...clique].sort((a, b) => a - b);
      if (better(sorted)) best = sorted;
      return;
    }
    const pivot = candidates[0] ?? excluded[0]!;
    let open = candidates;
    for (const node of candidates.filter((candidate) => candidate === pivot || !hears(pivot, candidate))) {
      extend(
        [...clique, node],
        open.filter((other) => other !== node && hears(node, other)),
        excluded.filter((other) => hears(node, other)),
      );
      open = open.filter((other) => other !== node);
      excluded = [...excluded, node];
    }
  };
  extend([], rest, []);
  return best;
}
