import { expect, test } from 'vitest';
import { membershipConfig } from '../../src/membership/config.js';
import { Membership } from '../../src/membership/membership.js';
import type { Effect, Event, Reachability } from '../../src/membership/types.js';

const TOKEN_MS = 1000;
const nodes = [1, 2].map((node) => ({ node, name: `n${node}`, addresses: [`10.0.0.${node}`], votes: 1 }));

type Body = Event extends infer E ? (E extends { nowMs: number } ? Omit<E, 'nowMs'> : never) : never;

/** One node of a pair with `two_node: 1`, whose disk is always done at once; its peer is only what it is told to hear. */
class Node {
  readonly core = new Membership(
    membershipConfig(1, nodes, { tokenMs: TOKEN_MS, quorum: { twoNode: true, waitForAll: false } }),
  );
  nowMs = 0;
  readonly timers = new Map<string, number>();

  step(body: Body): void {
    const effects = this.core.step({ ...body, nowMs: this.nowMs } as Event);
    for (const effect of effects) this.#perform(effect);
    for (const effect of effects) {
      if (effect.kind === 'persist') this.step({ kind: 'persisted', write: effect.write });
    }
  }

  #perform(effect: Effect): void {
    if (effect.kind === 'set-timer') this.timers.set(effect.timer, this.nowMs + effect.delayMs);
    else if (effect.kind === 'cancel-timer') this.timers.delete(effect.timer);
  }

  run(forMs: number): void {
    const until = this.nowMs + forMs;
    for (;;) {
      const [timer, atMs] = [...this.timers].sort((a, b) => a[1] - b[1])[0] ?? ['', Number.POSITIVE_INFINITY];
      if (atMs > until) break;
      this.nowMs = atMs;
      this.timers.delete(timer);
      this.step({ kind: 'timer', timer });
    }
    this.nowMs = until;
  }

  /** The members of its view, and what the judgement was. */
  shown(): string {
    const view = this.core.view;
    const members = view?.members.map((member) => member.node).join(' ');
    return `(${members})${view?.quorum.quorate ? ' quorate' : ''}${view?.quorum.isolated ? ' isolated' : ''}`;
  }
}

const nobody: Reachability = { peers: [], indirect: [] } as unknown as Reachability;

function alone(): Node {
  const node = new Node();
  node.step({ kind: 'start', boot: 'a', record: null });
  node.run(3000);
  expect(node.shown()).toBe('(1) quorate');
  return node;
}

test('a node whose links go down while it is alone gives up its quorum', () => {
  const node = alone();
  node.step({ kind: 'links', up: false });
  node.run(100);
  expect(node.shown()).toBe('(1) isolated');
});

test('when they work again and nobody is heard for a token, it is alone for another reason', () => {
  const node = alone();
  node.step({ kind: 'links', up: false });
  node.step({ kind: 'reachability', reachability: nobody });
  node.run(5000);
  expect(node.shown()).toBe('(1) isolated');
  node.step({ kind: 'links', up: true });
  node.run(TOKEN_MS - 1);
  expect(node.shown()).toBe('(1) isolated');
  node.run(100);
  expect(node.shown()).toBe('(1) quorate');
});

test('links that go down again meanwhile leave it as it is', () => {
  const node = alone();
  node.step({ kind: 'links', up: false });
  node.run(100);
  node.step({ kind: 'links', up: true });
  node.run(TOKEN_MS / 2);
  node.step({ kind: 'links', up: false });
  node.run(TOKEN_MS * 3);
  expect(node.shown()).toBe('(1) isolated');
});

test('while somebody is heard it waits for the common view instead of acting alone', () => {
  const node = alone();
  node.step({ kind: 'links', up: false });
  node.run(100);
  const summary = { view: null, viewSize: 0, quorate: false, leaving: true };
  const peers = [{ node: 2, boot: 'b', suspected: false, summary, hears: [] }];
  node.step({ kind: 'links', up: true });
  node.step({
    kind: 'reachability',
    reachability: { peers, indirect: [] } as unknown as Reachability,
  });
  node.run(TOKEN_MS * 3);
  expect(node.shown()).toBe('(1) isolated');
  node.step({ kind: 'reachability', reachability: nobody });
  node.run(TOKEN_MS + 100);
  expect(node.shown()).toBe('(1) quorate');
});
