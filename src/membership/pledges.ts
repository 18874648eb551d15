import type { Connectivity } from './connectivity.js';
import type { Member, NodeId, Timing, View, ViewId } from './types.js';
import { compareViewIds } from './view.js';

interface Pledge extends Pick<View, 'id' | 'members'> {
  readonly untilMs: number;
}

/**
 * Views that this node has accepted and not installed: their members may act on them with its consent, and it may not know.
 *
 * A proposal is given up by its proposer after `consensus`, and what was accepted is installed only so long and a token
 * after that. Who has accepted it as late as can be may act on it until then.
 */
export class Pledges {
  #pledges: Pledge[] = [];

  add(id: ViewId, members: readonly Member[], nowMs: number, timing: Timing): void {
    const untilMs = nowMs + timing.consensusMs + installableForMs(timing);
    this.#pledges.push({ id, members, untilMs });
  }

  /** A view was installed: whatever came before it is settled. */
  settle(id: ViewId): void {
    this.#pledges = this.#pledges.filter((pledge) => compareViewIds(pledge.id, id) > 0);
  }

  /** Nodes that may act on such a view, and that these members would go on without. */
  deserted(members: readonly Member[], connectivity: Connectivity, nowMs: number): NodeId[] {
    this.#pledges = this.#pledges.filter((pledge) => nowMs < pledge.untilMs);
    return this.#pledges.flatMap((pledge) => connectivity.wouldDesert(pledge, members));
  }
}

/** How long after it was accepted a view may still be installed, in ms. */
export function installableForMs({ consensusMs, tokenMs }: Timing): number {
  return consensusMs + tokenMs;
}
