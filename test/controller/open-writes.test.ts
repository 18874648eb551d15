import { expect, test } from 'vitest';
import { Controller } from '../../src/controller/controller.js';
import type { ControllerEffect, ControllerInput, DirectMessage } from '../../src/controller/types.js';
import type { NodeId, View } from '../../src/membership/types.js';
import { simplePlan } from './simple-planner.js';

type InputBody = ControllerInput extends infer I ? (I extends unknown ? Omit<I, 'nowMs'> : never) : never;

const request = {
  kind: 'patch',
  patch: '<diff/>',
  base: { adminEpoch: 0, epoch: 0, numUpdates: 0 },
  force: false,
  command: '',
} as const;
const identity = { user: 'root', uid: 0, groups: [], origin: 'n2' };

/** One of three nodes, and what it sends about one client's change. */
class Node {
  readonly #controller: Controller;
  readonly #self: NodeId;

  constructor(self: NodeId) {
    this.#self = self;
    const nodes = [1, 2, 3].map((node) => ({ node, name: `n${node}`, arbiter: false }));
    this.#controller = new Controller(
      { self, clusterName: 'test', nodes, version: '1', unfencedGraceMs: 0, tokenMs: 1000, uuid: 'test' },
      simplePlan,
    );
    this.#step({ kind: 'start', cib: null, lineage: null });
    this.#step({ kind: 'executor', history: [], underWay: [], lastCallId: 0 });
  }

  #step(input: InputBody): string[] {
    return this.#controller.step({ ...input, nowMs: 0 } as ControllerInput).flatMap(said);
  }

  view(epoch: number, coordinator: NodeId, members: readonly NodeId[] = [1, 2, 3]): string[] {
    const quorum = { quorate: true, expectedVotes: 3, totalVotes: members.length, quorum: 2 };
    const view: View = {
      id: { epoch, coordinator },
      members: members.map((node) => ({ node, boot: `boot ${node}` })),
      quorum: { ...quorum, flags: [], waitingForAll: false },
    };
    return this.#step({ kind: 'view', view, previous: null, continuing: [], lost: [] });
  }

  ask(): string[] {
    return this.#step({ kind: 'request', id: 'r1', request, identity });
  }

  isAsked(epoch: number, firstSentIn?: number): string[] {
    const view = { epoch, coordinator: this.#self };
    const payload: DirectMessage = {
      kind: 'request',
      id: 'r1',
      request,
      identity,
      ...(firstSentIn === undefined ? {} : { firstSentIn }),
    };
    return this.#step({ kind: 'direct', view, from: 2, payload });
  }
}

function said(effect: ControllerEffect): string[] {
  const answer = (given: { ok: true } | { ok: false; error: { code: string; message: string } }) =>
    given.ok ? 'ok' : `${given.error.code}: ${given.error.message}`;
  if (effect.kind === 'reply') return [answer(effect.answer)];
  if (effect.kind !== 'direct') return [];
  const { payload } = effect;
  if (payload.kind === 'request') return [`asks n${effect.to}, first in view ${payload.firstSentIn}`];
  return payload.kind === 'answer' ? [answer(payload.answer)] : [];
}

const UNKNOWN = 'failed: the DC was lost before it answered: the change may or may not have been made';

test('a change that the DC has not answered is asked for again, with the view in which it was sent first', () => {
  const node = new Node(2);
  node.view(3, 1);
  expect(node.ask()).toEqual(['asks n1, first in view 3']);
  expect(node.view(4, 1, [1, 2])).toEqual(['asks n1, first in view 3']);
  expect(node.view(5, 3, [2, 3])).toEqual([UNKNOWN]);
});

test.each([
  ['before it became the DC: it may have made the change in an earlier run or term', 4, [UNKNOWN]],
  ['since it is the DC', 5, []],
  ['by a node of an earlier version, which does not say when', undefined, []],
])('a DC is asked for a change %s', (_when, firstSentIn, answer) => {
  const node = new Node(1);
  node.view(5, 1);
  node.view(6, 1, [1, 2]);
  expect(node.isAsked(6, firstSentIn)).toEqual(answer);
});
