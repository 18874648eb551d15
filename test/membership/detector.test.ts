import { describe, expect, it } from 'vitest';
import { Detector, type Heartbeat } from '../../src/membership/detector.js';
import { timingOf } from '../../src/membership/timing.js';

const TIMING = timingOf({ tokenMs: 1000 });

function detector(self: number, boot: string, nodes: readonly number[] = [1, 2]): Detector {
  const peers = nodes.filter((node) => node !== self).map((node) => ({ node, links: 1 }));
  return new Detector({ self, boot, peers, timing: TIMING });
}

/** Carries heartbeats between two detectors, as long as a direction is open. */
class Pair {
  nowMs = 0;
  readonly a: Detector;
  b: Detector;
  bootB = 'boot-b';
  readonly open = { toA: true, toB: true };
  /** What b has sent. */
  readonly recorded: Heartbeat[] = [];

  /** @param nodes the cluster's; those above 2 never say a word */
  constructor(nodes: readonly number[] = [1, 2]) {
    this.a = detector(1, 'boot-a', nodes);
    this.b = detector(2, 'boot-b', nodes);
  }

  run(forMs: number): void {
    for (const until = this.nowMs + forMs; this.nowMs < until; this.nowMs += 50) {
      for (const { to, heartbeat } of this.a.tick(this.nowMs).send) {
        if (this.open.toB && to === 2) this.b.heard(this.nowMs, 1, 'boot-a', 0, heartbeat);
      }
      for (const { to, heartbeat } of this.b.tick(this.nowMs).send) {
        if (to !== 1) continue;
        this.recorded.push(heartbeat);
        if (this.open.toA) this.a.heard(this.nowMs, 2, this.bootB, 0, heartbeat);
      }
    }
  }

  heardByA(): string[] {
    return this.a.reachability().peers.map((peer) => `${peer.node} ${peer.boot}`);
  }
}

describe('failure detection', () => {
  it('two nodes that hear each other know it within two heartbeats', () => {
    const pair = new Pair();
    pair.run(TIMING.heartbeatMs * 2);
    expect(pair.heardByA()).toEqual(['2 boot-b']);
    expect(pair.a.links()[0]!.latencyMs).toBeLessThanOrEqual(50);
  });

  it('silence is suspicious first, and a loss after the token', () => {
    const pair = new Pair();
    pair.run(1000);
    pair.a.takeNews();
    pair.open.toA = false;
    pair.run(600);
    expect(pair.a.takeNews().map((news) => news.kind)).toEqual(['suspected']);
    expect(pair.heardByA()).toEqual(['2 boot-b']);
    pair.run(600);
    expect(pair.a.takeNews().map((news) => news.kind)).toEqual(['lost']);
    expect(pair.heardByA()).toEqual([]);
  });

  it('a link that works in one direction only counts at neither end', () => {
    const pair = new Pair();
    pair.run(1000);
    pair.open.toB = false;
    pair.run(1300);
    expect(pair.heardByA()).toEqual([]);
    expect(pair.b.reachability().peers).toEqual([]);
  });

  /** How long after each of four losses the peer is heard again. */
  function flap(pair: Pair): number[] {
    pair.run(1000);
    return Array.from({ length: 4 }, () => {
      pair.open.toA = false;
      pair.run(1500);
      expect(pair.heardByA()).toEqual([]);
      pair.open.toA = true;
      const cutEndedMs = pair.nowMs;
      while (pair.heardByA().length === 0) pair.run(50);
      return pair.nowMs - cutEndedMs;
    });
  }

  it('a link that flaps is let back in more and more slowly', () => {
    const backAfter = flap(new Pair([1, 2, 3]));
    expect(backAfter[0]).toBeLessThan(500);
    expect(backAfter[3]!).toBeGreaterThan(backAfter[1]!);
  });

  it('but at once between two, who otherwise would each hold on to what the other runs', () => {
    expect(Math.max(...flap(new Pair()))).toBeLessThan(500);
  });

  it('a node that sees its own links down hears nobody from that moment, and both again when they work', () => {
    const pair = new Pair();
    pair.run(1000);
    pair.a.isolated(pair.nowMs);
    expect(pair.heardByA()).toEqual([]);
    pair.run(500);
    expect(pair.heardByA()).toEqual(['2 boot-b']);
  });

  it('what was recorded of a dead run makes it alive for nobody', () => {
    const pair = new Pair();
    pair.run(1000);
    const old = [...pair.recorded];
    pair.open.toA = false;
    pair.run(2500);
    // A new run of node 1 has never been heard by the dead run of node 2.
    const reborn = detector(1, 'boot-a2');
    for (const heartbeat of old) {
      pair.a.heard(pair.nowMs, 2, 'boot-b', 0, heartbeat);
      reborn.heard(pair.nowMs, 2, 'boot-b', 0, heartbeat);
      pair.nowMs += 10;
    }
    expect(pair.heardByA()).toEqual([]);
    expect(reborn.reachability().peers).toEqual([]);
  });

  it('a node that did not run itself judges nobody before it has read what waits', () => {
    const pair = new Pair();
    pair.run(1000);
    pair.nowMs += 5000;
    expect(pair.a.tick(pair.nowMs).judged).toBe(false);
    expect(pair.heardByA()).toEqual(['2 boot-b']);
  });

  it('a new run replaces the old at once', () => {
    const pair = new Pair();
    pair.run(1000);
    pair.b = detector(2, 'boot-c');
    pair.bootB = 'boot-c';
    pair.run(300);
    expect(pair.heardByA()).toEqual(['2 boot-c']);
    expect(pair.a.takeNews().map((news) => news.kind)).toEqual(['heard', 'lost', 'heard']);
  });

  it('what the run before has sent late does not displace the present one', () => {
    const pair = new Pair();
    pair.run(1000);
    const late = pair.recorded.at(-1)!;
    pair.b = detector(2, 'boot-c');
    pair.bootB = 'boot-c';
    pair.run(300);
    pair.a.heard(pair.nowMs, 2, 'boot-b', 0, { ...late, sentAtMs: late.sentAtMs + 50 });
    expect(pair.heardByA()).toEqual(['2 boot-c']);
  });

  it('who is heard over a long way counts on it less long than the other', () => {
    const pair = new Pair();
    pair.run(1000);
    const told = (self: Detector) => {
      const { suspected, unconfirmed } = self.reachability().peers[0]!;
      return { suspected, unconfirmed };
    };
    // What b sends arrives, but gives back what a said 880 ms ago.
    const old = pair.recorded.at(-1)!;
    for (; pair.nowMs <= 1880; pair.nowMs += 40) {
      pair.a.tick(pair.nowMs);
      pair.a.heard(pair.nowMs, 2, 'boot-b', 0, { ...old, sentAtMs: pair.nowMs });
    }
    expect(told(pair.a)).toEqual({ suspected: false, unconfirmed: true });
    expect(pair.heardByA()).toEqual(['2 boot-b']);
    // That is of no use for ever.
    for (const until = pair.nowMs + 1200; pair.nowMs < until; pair.nowMs += 40) {
      pair.a.tick(pair.nowMs);
      pair.a.heard(pair.nowMs, 2, 'boot-b', 0, { ...old, sentAtMs: pair.nowMs });
    }
    expect(pair.heardByA()).toEqual([]);
  });
});
