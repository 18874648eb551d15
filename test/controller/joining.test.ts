import { expect, it } from 'vitest';
import { Controller } from '../../src/controller/controller.js';
import { NO_LINEAGE } from '../../src/controller/lineage.js';
import type { ControllerEffect, ControllerInput, DirectMessage, Join } from '../../src/controller/types.js';
import type { View } from '../../src/membership/types.js';

const CIB =
  '<cib admin_epoch="0" epoch="7" num_updates="0"><configuration><crm_config/><nodes/><resources/><constraints/></configuration><status/></cib>';
const VIEW: View = {
  id: { epoch: 3, coordinator: 1 },
  members: [1, 2].map((node) => ({ node, boot: `boot${node}` })),
  quorum: { quorate: true, expectedVotes: 3, totalVotes: 2, quorum: 2, flags: [], waitingForAll: false },
};

/** The DC of a view of two, which hears nothing of the other but what the test says. */
class Coordinator {
  readonly #controller = new Controller(
    {
      self: 1,
      clusterName: 'c',
      nodes: [1, 2, 3].map((node) => ({ node, name: `n${node}`, arbiter: false })),
      version: '1',
      unfencedGraceMs: 0,
      tokenMs: 1000,
      uuid: 'u',
    },
    () => ({ graph: { synapses: [] } as never, messages: [] }),
  );

  constructor() {
    this.feed({ kind: 'start', nowMs: 0, cib: CIB, lineage: { view: 2, coordinator: 1, diverged: false } });
    this.feed({ kind: 'executor', nowMs: 0, history: [], underWay: [], lastCallId: 0 });
    this.feed({ kind: 'view', nowMs: 0, view: VIEW, previous: null, continuing: [], lost: [] });
    this.feed({ kind: 'active', nowMs: 0, active: true });
  }

  /** What is said to all because of that, by kind. */
  feed(input: ControllerInput): string[] {
    return this.#controller.step(input).flatMap((effect) => this.#perform(effect));
  }

  hear(from: number, payload: DirectMessage): string[] {
    return this.feed({ kind: 'direct', nowMs: 0, view: VIEW.id, from, payload });
  }

  #perform(effect: ControllerEffect): string[] {
    if (effect.kind === 'broadcast') return [(effect.payload as { kind: string }).kind];
    if (effect.kind === 'direct' && effect.to === 1) return this.hear(1, effect.payload);
    return [];
  }

  text(): string {
    return this.#controller.text();
  }
}

it('nothing is changed before all documents are one: a member would take its own for what was agreed on', () => {
  const dc = new Coordinator();
  const update = { node: 'n1', name: 'shutdown', value: '1', dampenMs: 0, private: false };
  expect(dc.hear(2, { kind: 'attribute', update })).toEqual([]);
  const join: Join = {
    kind: 'join',
    version: { adminEpoch: 0, epoch: 11, numUpdates: 0 },
    lineage: NO_LINEAGE,
    position: 'of a minority',
    lrm: '<lrm id="2"/>',
    running: [],
    fresh: true,
    shutdownSince: null,
    softwareVersion: '1',
  };
  expect(dc.hear(2, join)).toEqual(['sync', 'update']);
  expect(dc.text()).toContain('name="shutdown" value="1"');
});
