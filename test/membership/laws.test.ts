import { describe, expect, it } from 'vitest';
import { membershipConfig } from '../../src/membership/config.js';
import { Membership } from '../../src/membership/membership.js';
import type {
  Effect,
  Event,
  Message,
  PeerSummary,
  ReachablePeer,
  Timing,
} from '../../src/membership/types.js';

const NODES = [1, 2, 3].map((node) => ({ node, name: `n${node}`, addresses: [''], votes: 1 }));
const FRESH: PeerSummary = { view: null, viewSize: 0, quorate: false, leaving: false };
const boot = (node: number) => `boot-${node}`;
const members = (...nodes: number[]) => nodes.map((node) => ({ node, boot: boot(node) }));
const peer = (node: number, ...hears: number[]): ReachablePeer => ({
  node,
  boot: boot(node),
  suspected: false,
  summary: FRESH,
  hears: members(...hears),
  generation: 0,
});

/** One membership core, fed by hand. */
class Bench {
  readonly core: Membership;
  readonly timing: Timing;
  nowMs = 0;

  constructor(self: number, record: { epoch: number } | null = null) {
    const config = membershipConfig(self, NODES);
    this.timing = config.timing;
    this.core = new Membership(config);
    const promised = record ? { epoch: record.epoch, coordinator: 3 } : null;
    this.step({
      kind: 'start',
      boot: boot(self),
      record: promised ? { promised, installed: null } : null,
    });
  }

  step(
    event: Event extends infer E ? (E extends { nowMs: number } ? Omit<E, 'nowMs'> : never) : never,
  ): readonly Effect[] {
    return this.core.step({ ...event, nowMs: this.nowMs } as Event);
  }

  reach(...peers: ReachablePeer[]): readonly Effect[] {
    return this.step({ kind: 'reachability', reachability: { generation: 0, peers, indirect: [] } });
  }

  receive(from: number, message: Message): readonly Effect[] {
    return this.step({ kind: 'message', from, boot: boot(from), message });
  }
}

const sent = (effects: readonly Effect[], kind: Message['kind']) =>
  effects.filter((effect) => effect.kind === 'send').filter((effect) => effect.message.kind === kind);
const written = (effects: readonly Effect[]) => effects.filter((effect) => effect.kind === 'persist').at(-1);

const viewOfAll = (epoch: number): Message => ({
  kind: 'install',
  view: {
    id: { epoch, coordinator: 1 },
    members: members(1, 2, 3),
    quorum: { quorate: true, expectedVotes: 3, totalVotes: 3, quorum: 2, flags: [], waitingForAll: false },
  },
  flush: [],
});

describe('the agreement on views', () => {
  const proposal = (epoch: number): Message => ({
    kind: 'propose',
    id: { epoch, coordinator: 1 },
    members: members(1, 2, 3),
    hears: members(2, 3),
    generation: 1,
  });

  it('a proposal is sent only when its promise is on disk', () => {
    const bench = new Bench(1);
    bench.reach(peer(2, 1, 3), peer(3, 1, 2));
    const effects = bench.step({ kind: 'timer', timer: 'start' });
    const write = written(effects)!.write;
    expect(written(effects)!.record.promised).toEqual({ epoch: 1, coordinator: 1 });
    expect(sent(effects, 'propose').map((effect) => [effect.to, effect.after])).toEqual([
      [2, write],
      [3, write],
    ]);
  });

  it('an acceptance is sent only when its promise is on disk, also the second time', () => {
    const bench = new Bench(2);
    bench.reach(peer(1, 2, 3), peer(3, 1, 2));
    const effects = bench.receive(1, proposal(5));
    expect(sent(effects, 'accept').map((effect) => effect.after)).toEqual([written(effects)!.write]);
    const again = bench.receive(1, proposal(5));
    expect(sent(again, 'accept').map((effect) => effect.after)).toEqual([written(effects)!.write]);
    bench.step({ kind: 'persisted', write: written(effects)!.write });
    expect(sent(bench.receive(1, proposal(5)), 'accept').map((effect) => effect.after)).toEqual([undefined]);
  });

  it('nothing that was promised before a restart is promised again', () => {
    const bench = new Bench(2, { epoch: 7 });
    bench.reach(peer(1, 2, 3), peer(3, 1, 2));
    for (const epoch of [1, 6, 7]) {
      expect(sent(bench.receive(1, proposal(epoch)), 'refuse')).toHaveLength(1);
    }
    expect(sent(bench.receive(1, proposal(8)), 'accept')).toHaveLength(1);
  });

  it('a view is installed only by its proposer, and only after this node has accepted it', () => {
    const bench = new Bench(2);
    bench.reach(peer(1, 2, 3), peer(3, 1, 2));
    const install = viewOfAll(5);
    bench.receive(1, install);
    expect(bench.core.view).toBeNull();
    const effects = bench.receive(1, proposal(5));
    bench.step({ kind: 'persisted', write: written(effects)!.write });
    bench.receive(3, install);
    expect(bench.core.view).toBeNull();
    const installed = bench.receive(1, install);
    expect(installed.some((effect) => effect.kind === 'deliver-view')).toBe(true);
    expect(sent(installed, 'installed')).toHaveLength(1);
  });

  it('a proposal that leaves out a node which is heard here is refused', () => {
    const bench = new Bench(2);
    bench.reach(peer(1, 2, 3), peer(3, 1, 2));
    const without: Message = {
      kind: 'propose',
      id: { epoch: 5, coordinator: 1 },
      members: members(1, 2),
      hears: members(2, 3),
      generation: 1,
    };
    expect(sent(bench.receive(1, without), 'refuse')).toHaveLength(1);
  });

  /** Node 2 hears node 1 no more, but has not lost it yet. */
  function fading(bench: Bench): void {
    bench.reach({ ...peer(1, 2, 3), suspected: true }, peer(3, 1, 2));
  }
  const withoutFirst: Message = {
    kind: 'propose',
    id: { epoch: 6, coordinator: 3 },
    members: members(2, 3),
    hears: members(2),
    generation: 1,
  };

  it('but not where its proposer, of the same view, has lost that node and its token runs out here, too', () => {
    const bench = new Bench(2);
    bench.reach(peer(1, 2, 3), peer(3, 1, 2));
    const effects = bench.receive(1, proposal(5));
    bench.step({ kind: 'persisted', write: written(effects)!.write });
    bench.receive(1, viewOfAll(5));
    fading(bench);
    expect(sent(bench.receive(3, withoutFirst), 'accept')).toHaveLength(1);
  });

  it('a proposer that was in no view with that node knows nothing of when it notices', () => {
    const bench = new Bench(2);
    fading(bench);
    expect(sent(bench.receive(3, withoutFirst), 'refuse')).toHaveLength(1);
  });
});

describe('a view that was accepted and not installed', () => {
  const { consensusMs, tokenMs } = new Bench(1).timing;
  const accepted = (): Bench => {
    const bench = new Bench(2);
    bench.reach(peer(1, 2, 3), peer(3, 1, 2));
    const effects = bench.receive(1, {
      kind: 'propose',
      id: { epoch: 5, coordinator: 1 },
      members: members(1, 2, 3),
      hears: members(2, 3),
      generation: 1,
    });
    bench.step({ kind: 'persisted', write: written(effects)!.write });
    return bench;
  };
  const withoutThird: Message = {
    kind: 'propose',
    id: { epoch: 6, coordinator: 1 },
    members: members(1, 2),
    hears: members(2),
    generation: 3,
  };

  it('is not left without a member that is heard, as long as that one may install it', () => {
    const bench = accepted();
    // Nodes 1 and 3 hear each other no more.
    const parted = [
      { ...peer(1, 2), generation: 2 },
      { ...peer(3, 2), generation: 2 },
    ];
    bench.reach(...parted);
    bench.nowMs = consensusMs * 2 + tokenMs - 1;
    expect(sent(bench.receive(1, withoutThird), 'refuse')).toHaveLength(1);
    bench.nowMs += 1;
    expect(sent(bench.receive(1, withoutThird), 'accept')).toHaveLength(1);
  });

  it('or until that one has gone on', () => {
    const bench = accepted();
    const elsewhere = { ...FRESH, view: { epoch: 6, coordinator: 3 }, viewSize: 1, intact: true };
    bench.reach({ ...peer(1, 2), generation: 2 }, { ...peer(3, 2), generation: 2, summary: elsewhere });
    expect(sent(bench.receive(1, withoutThird), 'accept')).toHaveLength(1);
  });

  it('is not installed any more when the others may have gone on', () => {
    const late = accepted();
    late.nowMs = consensusMs + tokenMs + 1;
    late.receive(1, viewOfAll(5));
    expect(late.core.view).toBeNull();
    const punctual = accepted();
    punctual.nowMs = consensusMs + tokenMs;
    punctual.receive(1, viewOfAll(5));
    expect(punctual.core.view?.id.epoch).toBe(5);
  });
});

describe('a node may act on its view', () => {
  const accept: Message = {
    kind: 'accept',
    id: { epoch: 1, coordinator: 1 },
    report: { previous: null, messages: [], received: 0, waitingForAll: false },
  };
  const activity = (effects: readonly Effect[]) =>
    effects.flatMap((effect) => (effect.kind === 'activity' ? [effect.active] : []));

  it('only while it hears every member of it, whoever else it hears', () => {
    const bench = new Bench(1);
    bench.reach(peer(3, 1));
    const effects = bench.step({ kind: 'timer', timer: 'start' });
    bench.step({ kind: 'persisted', write: written(effects)!.write });
    expect(activity(bench.receive(3, accept))).toEqual([true]);
    // Node 3 is lost, and node 2, which does not hear this node yet, puts off the next view.
    const lost = bench.reach({ ...peer(2, 3), summary: { ...FRESH, viewSize: 2, quorate: true } });
    expect(sent(lost, 'propose')).toEqual([]);
    expect(activity(lost)).toEqual([false]);
    // The view does not come back: node 3 may have given it up.
    bench.nowMs = 1000;
    const back = bench.reach(peer(3, 1));
    expect(activity(back)).toEqual([]);
    expect(sent(back, 'propose')).toHaveLength(1);
  });
});
