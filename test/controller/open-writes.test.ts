import { expect, test } from 'vitest';
import { Controller } from '../../src/controller/controller.js';
import type { ControllerEffect, ControllerInput, DirectMessage } from '../../src/controller/types.js';
import type { Member, View } from '../../src/membership/types.js';
import { simplePlan } from './simple-planner.js';

type InputBody = ControllerInput extends infer I ? (I extends unknown ? Omit<I, 'nowMs'> : never) : never;

/** A node that is not the DC, whose client has asked for a change. */
class Asking {
  readonly controller = new Controller(
    {
      self: 2,
      clusterName: 'test',
      nodes: [1, 2, 3].map((node) => ({ node, name: `n${node}`, arbiter: false })),
      version: '1',
      unfencedGraceMs: 0,
      uuid: 'test',
    },
    simplePlan,
  );
  #epoch = 0;

  constructor() {
    this.step({ kind: 'start', cib: null, lineage: null });
    this.step({ kind: 'executor', history: [], underWay: [], lastCallId: 0 });
  }

  step(input: InputBody): readonly ControllerEffect[] {
    return this.controller.step({ ...input, nowMs: 0 } as ControllerInput);
  }

  /** What a view makes of the client's change: sent to the DC once more, answered, or nothing. */
  view(...runs: string[]): string[] {
    const members: Member[] = runs.map((boot, index) => ({ node: index + 1, boot }));
    const view: View = {
      id: { epoch: ++this.#epoch, coordinator: 1 },
      members,
      quorum: {
        quorate: true,
        expectedVotes: 3,
        totalVotes: runs.length,
        quorum: 2,
        flags: [],
        waitingForAll: false,
      },
    };
    return this.#said(this.step({ kind: 'view', view, previous: null, continuing: [] }));
  }

  ask(): string[] {
    const base = { adminEpoch: 0, epoch: 0, numUpdates: 0 };
    const request = { kind: 'patch', patch: '<diff/>', base, force: false, command: '' } as const;
    const identity = { user: 'root', uid: 0, groups: [], origin: 'n2' };
    return this.#said(this.step({ kind: 'request', id: 'r1', request, identity } as InputBody));
  }

  #said(effects: readonly ControllerEffect[]): string[] {
    return effects.flatMap((effect) => {
      if (effect.kind === 'direct' && (effect.payload as DirectMessage).kind === 'request') return ['asks'];
      if (effect.kind !== 'reply') return [];
      return [effect.answer.ok ? 'ok' : `${effect.answer.error.code}: ${effect.answer.error.message}`];
    });
  }
}

const UNKNOWN = 'failed: the DC was lost before it answered: the change may or may not have been made';

test('a change that the DC has not answered is asked for again while its run goes on', () => {
  const node = new Asking();
  node.view('a', 'b', 'c');
  expect(node.ask()).toEqual(['asks']);
  expect(node.view('a', 'b')).toEqual(['asks']);
});

test('but not of the next run of the same node, which would take it for a change that was made meanwhile', () => {
  const node = new Asking();
  node.view('a', 'b', 'c');
  expect(node.ask()).toEqual(['asks']);
  expect(node.view('a2', 'b', 'c')).toEqual([UNKNOWN]);
});
