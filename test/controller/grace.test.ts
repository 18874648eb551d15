/** How long starts wait for a node that was lost without being fenced: it may still be stopping what it ran. */
import { expect, test } from 'vitest';
import { Controller } from '../../src/controller/controller.js';
import type { ControllerEffect, ControllerInput, DirectMessage } from '../../src/controller/types.js';
import type { NodeId, View } from '../../src/membership/types.js';
import { simplePlan } from './simple-planner.js';

const GRACE_MS = 250;
const TOKEN_MS = 1000;

function view(epoch: number, nodes: readonly NodeId[]): View {
  const votes = { expectedVotes: 3, totalVotes: nodes.length, quorum: 2 };
  return {
    id: { epoch, coordinator: 1 },
    members: nodes.map((node) => ({ node, boot: `boot${node}` })),
    quorum: { quorate: true, ...votes, flags: [], waitingForAll: false },
  };
}

/** The DC; how long it lets starts wait after each view, in ms. */
class Coordinator {
  readonly #controller: Controller;
  #view: View | null = null;
  #graces: number[] = [];

  constructor() {
    const nodes = [1, 2, 3].map((node) => ({ node, name: `n${node}`, arbiter: false }));
    const config = { self: 1, clusterName: 'c', nodes, version: '1', uuid: 'u' };
    this.#controller = new Controller(
      { ...config, unfencedGraceMs: GRACE_MS, tokenMs: TOKEN_MS },
      simplePlan,
    );
    this.#step({ kind: 'start', nowMs: 0, cib: null, lineage: null });
    this.#step({ kind: 'executor', nowMs: 0, history: [], underWay: [], lastCallId: 0 });
  }

  view(nowMs: number, next: View, ...lost: readonly { node: NodeId; heard: boolean }[]): number[] {
    const previous = this.#view;
    this.#view = next;
    this.#graces = [];
    this.#step({ kind: 'view', nowMs, view: next, previous, continuing: [], lost });
    return this.#graces;
  }

  #step(input: ControllerInput): void {
    for (const effect of this.#controller.step(input)) this.#perform(input.nowMs, effect);
  }

  #perform(nowMs: number, effect: ControllerEffect): void {
    if (effect.kind === 'set-timer' && effect.timer === 'grace') this.#graces.push(effect.delayMs);
    if (effect.kind !== 'direct' || effect.to !== 1) return;
    const payload = effect.payload as DirectMessage;
    this.#step({ kind: 'direct', nowMs, view: this.#view!.id, from: 1, payload });
  }
}

test('starts wait for who was lost, and a token longer for who may not have noticed yet', () => {
  expect(new Coordinator().view(5000, view(2, [1, 3]), { node: 2, heard: false })).toEqual([GRACE_MS]);
  const early = new Coordinator().view(5000, view(2, [1, 3]), { node: 2, heard: true });
  expect(early).toEqual([GRACE_MS + TOKEN_MS]);
  expect(new Coordinator().view(5000, view(2, [1, 3]))).toEqual([]);
});

test('another loss on its heels does not make that shorter', () => {
  const dc = new Coordinator();
  dc.view(5000, view(2, [1, 3]), { node: 2, heard: true });
  expect(dc.view(5100, view(3, [1, 2]), { node: 3, heard: false })).toEqual([GRACE_MS + TOKEN_MS - 100]);
});
