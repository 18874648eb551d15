/** How long starts wait for a node that was lost without being fenced: it may still be stopping what it ran. */
import { expect, test } from 'vitest';
import { Controller } from '../../src/controller/controller.js';
import type { ControllerEffect, ControllerInput, DirectMessage, Join } from '../../src/controller/types.js';
import type { View } from '../../src/membership/types.js';
import { simplePlan } from './simple-planner.js';

const GRACE_MS = 250;
const members = (nodes: readonly number[]) => nodes.map((node) => ({ node, boot: `boot${node}` }));

function view(epoch: number, coordinator: number, nodes: readonly number[], flags: string[] = []): View {
  const votes = { expectedVotes: 3, totalVotes: nodes.length, quorum: 2 };
  const quorum = { quorate: nodes.length > 1 || flags.length > 0, ...votes, flags, waitingForAll: false };
  return { id: { epoch, coordinator }, members: members(nodes), quorum };
}

class Node {
  readonly #controller: Controller;
  readonly #self: number;
  readonly joins: Join[] = [];
  /** In ms, as they were set. */
  readonly graces: number[] = [];
  #view: View | null = null;

  constructor(self: number) {
    const nodes = [1, 2, 3].map((node) => ({ node, name: `n${node}`, arbiter: false }));
    const config = {
      self,
      clusterName: 'c',
      nodes,
      version: '1',
      unfencedGraceMs: GRACE_MS,
      uuid: `u${self}`,
    };
    this.#self = self;
    this.#controller = new Controller(config, simplePlan);
    this.step({ kind: 'start', nowMs: 0, cib: null, lineage: null });
    this.step({ kind: 'executor', nowMs: 0, history: [], underWay: [], lastCallId: 0 });
  }

  view(nowMs: number, next: View): void {
    const previous = this.#view;
    this.#view = next;
    this.step({ kind: 'view', nowMs, view: next, previous, continuing: [] });
  }

  hear(nowMs: number, from: number, payload: DirectMessage): void {
    this.step({ kind: 'direct', nowMs, view: this.#view!.id, from, payload });
  }

  step(input: ControllerInput): void {
    for (const effect of this.#controller.step(input)) this.#perform(input.nowMs, effect);
  }

  #perform(nowMs: number, effect: ControllerEffect): void {
    if (effect.kind === 'set-timer' && effect.timer === 'grace') this.graces.push(effect.delayMs);
    if (effect.kind !== 'direct') return;
    const message = effect.payload as DirectMessage;
    if (message.kind === 'join') this.joins.push(message);
    if (effect.to === this.#self) this.hear(nowMs, this.#self, message);
  }
}

test('a member tells the DC for how long, also one that was in no view with who was lost', () => {
  const member = new Node(3);
  member.view(0, view(1, 1, [1, 3]));
  const dc = new Node(2);
  dc.view(0, view(1, 2, [2]));
  const joined = view(2, 2, [2, 3]);
  member.view(5000, joined);
  dc.view(5000, joined);
  expect(member.joins.at(-1)!.graceMs).toBe(GRACE_MS);
  expect(dc.graces).toEqual([]);
  dc.hear(5001, 3, member.joins.at(-1)!);
  expect(dc.graces).toEqual([GRACE_MS]);
});

test('another view on its heels does not end it', () => {
  const dc = new Node(1);
  dc.view(0, view(1, 1, [1, 2]));
  dc.view(5000, view(2, 1, [1]));
  const member = new Node(3);
  const joined = view(3, 1, [1, 3]);
  member.view(5100, joined);
  dc.view(5100, joined);
  dc.hear(5100, 3, member.joins.at(-1)!);
  expect(dc.graces).toEqual([GRACE_MS - 100]);
});

test('not where nobody was lost of late, and not with two_node, where who is alone cannot tell', () => {
  const dc = new Node(1);
  dc.view(0, view(1, 1, [1, 2], ['2Node']));
  dc.view(5000, view(2, 1, [1], ['2Node']));
  dc.view(20_000, view(3, 1, [1]));
  expect(dc.graces).toEqual([]);
});
