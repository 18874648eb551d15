import type { GraphAction, Synapse, TransitionGraph } from './graph.js';

/** How a transition ended: all done; stopped, as an action failed; or stuck, which a graph should never be. */
export type TransitionEnd = 'complete' | 'stopped' | 'terminated';

/**
 * Executes a transition where every action ends at once (simulations): each is done when all it waits for is.
 *
 * @param perform does an action; whether it succeeded. A failure lets nothing new begin but what only orders.
 */
export function executeGraph(
  graph: TransitionGraph,
  perform: (action: GraphAction) => boolean,
): TransitionEnd {
  const done = new Set<number>();
  const failed = new Set<number>();
  let waiting: Synapse[] = graph.synapses.slice();
  let aborted = false;
  const isReady = (synapse: Synapse) =>
    synapse.inputs.every(
      ({ actionId }) => done.has(actionId) && (!failed.has(actionId) || synapse.priority >= INFINITE),
    );
  for (;;) {
    let fired = 0;
    let skipped = 0;
    const left: Synapse[] = [];
    for (const synapse of waiting) {
      if (!isReady(synapse)) {
        left.push(synapse);
        continue;
      }
      const held =
        aborted &&
        synapse.priority < INFINITE &&
        synapse.actions.some((action) => action.kind !== 'pseudo_event');
      if (held) {
        skipped++;
        left.push(synapse);
        continue;
      }
      fired++;
      for (const action of synapse.actions) {
        if (!perform(action)) {
          failed.add(action.id);
          aborted = true;
        }
        done.add(action.id);
      }
    }
    waiting = left;
    if (fired > 0) continue;
    if (waiting.length > 0 && !aborted) return 'terminated';
    return skipped > 0 || aborted ? 'stopped' : 'complete';
  }
}

const INFINITE = 1_000_000;
