import type { ArbiterOptions, ConfiguredNode, NodeId } from './types.js';

/**
 * Which of several groups the arbiter goes with when it hears them all and they do not hear each other, by the
 * algorithms of corosync-qdevice(8). Both take the group with the most nodes; what differs is how many votes the arbiter
 * has: with `ffsplit` one, so that it decides between halves; with `lms` one fewer than there are nodes, so that the last
 * node that it hears can go on.
 *
 * Everybody must come to the same choice, the nodes as well as the arbiter: it is made from what all of them know.
 *
 * @param isQuorate whether a node says that its present view is quorate
 * @returns negative where `a` is to be preferred to `b`, which has as many votes and nodes
 */
export function preferByArbiter(
  options: ArbiterOptions,
  nodes: readonly ConfiguredNode[],
  isQuorate: (node: NodeId) => boolean,
): (a: readonly NodeId[], b: readonly NodeId[]) => number {
  const isArbiter = (id: NodeId) => nodes.some((node) => node.node === id && node.arbiter);
  const isActive = (group: readonly NodeId[]) => group.some((id) => !isArbiter(id) && isQuorate(id));
  return (a, b) => {
    if (options.keepActivePartition) {
      const byActivity = Number(isActive(b)) - Number(isActive(a));
      if (byActivity !== 0) return byActivity;
    }
    const chosen = chosenNode(
      options.tieBreaker,
      [...a, ...b].filter((id) => !isArbiter(id)),
    );
    return Number(b.includes(chosen)) - Number(a.includes(chosen));
  };
}

/** A node that is in neither group leaves it to the lowest id. */
function chosenNode(tieBreaker: ArbiterOptions['tieBreaker'], ids: readonly NodeId[]): NodeId {
  if (tieBreaker === 'highest') return Math.max(...ids);
  if (tieBreaker !== 'lowest' && ids.includes(tieBreaker)) return tieBreaker;
  return Math.min(...ids);
}
