import type { Connectivity } from './connectivity.js';
import type { Member, NodeId, View } from './types.js';

/**
 * How long a node may act on a view, and when it may leave it.
 *
 * No two quorate views are acted on at the same time. For that a node acts only while all members are known to hear it,
 * and goes on without one that it hears only when that one has given the view up; a member that is silent has had to by
 * the time its token is over. A view that did not hold together for a moment may be over elsewhere: it does not come back.
 */
export class Tenure {
  readonly view: View;
  readonly #self: NodeId;
  #isOver = false;
  /** Since when a view is asked for that leaves a fellow who may still act on this one. */
  #askedSinceMs: number | null = null;

  constructor(view: View, self: NodeId) {
    this.view = view;
    this.#self = self;
  }

  /** Only another view will do. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Takes the view for over where it does not hold together. */
  judge(connectivity: Connectivity): void {
    if (!connectivity.isIntact(this.view)) this.#isOver = true;
  }

  /**
   * Whether every other member has heard this node not long ago; one that has not may go on without it. When they may agree
   * that this node is gone, this one knows.
   */
  isConfirmed(connectivity: Connectivity): boolean {
    return this.view.members.every(({ node }) => {
      if (node === this.#self) return true;
      const peer = connectivity.peer(node);
      return peer !== undefined && !peer.suspected && !peer.unconfirmed;
    });
  }

  /**
   * Before this node goes on without a fellow that it hears, and that may still act on their quorate view, that one must
   * have given the view up: this node does so first, and its heartbeats say so. One that does not answer has lost its
   * token in a moment. A view that holds together is given up only when that has been asked for a token long: whom a node
   * has just begun to hear the others will hear in a moment.
   *
   * @param members of the view to be gone on to
   * @returns the fellows that have not yet given it up
   */
  release(
    members: readonly Member[],
    connectivity: Connectivity,
    nowMs: number,
    tokenMs: number,
  ): readonly NodeId[] {
    if (!this.view.quorum.quorate) return [];
    const deserted = connectivity.wouldDesert(this.view, members);
    if (deserted.length === 0) this.#askedSinceMs = null;
    else {
      this.#askedSinceMs ??= nowMs;
      if (nowMs - this.#askedSinceMs >= tokenMs) this.#isOver = true;
    }
    return deserted;
  }

  /** No other view is asked for. */
  settle(): void {
    this.#askedSinceMs = null;
  }
}
