import { describe, expect, it } from 'vitest';
import { MembershipWorld } from '../simulator/membership-world.js';

describe('views', () => {
  it('three nodes that start together form one view', () => {
    const world = new MembershipWorld({ nodes: 3 });
    world.startAll();
    world.run(1000);
    expect(world.views(), world.lines.join('\n')).toMatch(
      /^1:(\S+)\(1 2 3\)q 2:\1\(1 2 3\)q 3:\1\(1 2 3\)q$/,
    );
  });

  it('the death of the coordinator is a view of the others within token and 300 ms', () => {
    const world = new MembershipWorld({ nodes: 3 });
    world.startAll();
    world.run(2000);
    world.crash(1);
    world.run(1300);
    expect(world.views(), world.lines.join('\n')).toMatch(/^1:- 2:(\S+)\(2 3\)q 3:\1\(2 3\)q$/);
    world.start(1);
    world.run(1500);
    // The coordinator stays: a node that joins moves nothing.
    expect(world.views(), world.lines.join('\n')).toMatch(
      /^1:(\d+\.2)\(1 2 3\)q 2:\1\(1 2 3\)q 3:\1\(1 2 3\)q$/,
    );
  });

  it('an isolated node loses quorum when the others form theirs, and comes back when mended', () => {
    const world = new MembershipWorld({ nodes: 3 });
    world.startAll();
    world.run(2000);
    world.partition([1], [2, 3]);
    world.run(1400);
    expect(world.views(), world.lines.join('\n')).toMatch(/^1:\S+\(1\) 2:(\S+)\(2 3\)q 3:\1\(2 3\)q$/);
    world.network.mendAll();
    world.run(3000);
    expect(world.views(), world.lines.join('\n')).toMatch(
      /^1:(\S+)\(1 2 3\)q 2:\1\(1 2 3\)q 3:\1\(1 2 3\)q$/,
    );
  });

  it('a one-way link neither splits nor flaps: the node on it is left out, once', () => {
    const world = new MembershipWorld({ nodes: 3 });
    world.startAll();
    world.run(2000);
    world.cut(1, 3);
    world.run(3000);
    expect(world.views(), world.lines.join('\n')).toMatch(/^1:(\S+)\(1 2\)q 2:\1\(1 2\)q 3:\S+\(3\)$/);
    const before = world.views();
    world.run(30_000);
    expect(world.views(), world.lines.join('\n')).toBe(before);
  });

  it('a second link carries on when the first is cut one way', () => {
    const world = new MembershipWorld({ nodes: 3, links: 2 });
    world.startAll();
    world.run(2000);
    const before = world.views();
    world.network.cut(1, 3, 1);
    world.run(10_000);
    expect(world.views(), world.lines.join('\n')).toBe(before);
  });

  it('a node that leaves is out at once', () => {
    const world = new MembershipWorld({ nodes: 3 });
    world.startAll();
    world.run(2000);
    world.member(1)!.leave();
    world.run(150);
    expect(world.views(), world.lines.join('\n')).toMatch(/^1:- 2:(\S+)\(2 3\)q 3:\1\(2 3\)q$/);
  });

  it('a paused node comes back into a new view', () => {
    const world = new MembershipWorld({ nodes: 3 });
    world.startAll();
    world.run(2000);
    world.member(1)!.pause();
    world.run(5000);
    expect(world.views(), world.lines.join('\n')).toMatch(/^1:\S+\(1 2 3\)q 2:(\S+)\(2 3\)q 3:\1\(2 3\)q$/);
    world.member(1)!.resume();
    world.run(3000);
    expect(world.views(), world.lines.join('\n')).toMatch(
      /^1:(\S+)\(1 2 3\)q 2:\1\(1 2 3\)q 3:\1\(1 2 3\)q$/,
    );
  });

  it('two nodes with two_node wait for both, then either is quorate alone', () => {
    const world = new MembershipWorld({ nodes: 2, quorum: { twoNode: true } });
    world.start(1);
    world.run(3000);
    expect(world.views()).toMatch(/^1:\S+\(1\) 2:-$/);
    world.start(2);
    world.run(3000);
    expect(world.views()).toMatch(/^1:(\S+)\(1 2\)q 2:\1\(1 2\)q$/);
    world.crash(1);
    world.run(2000);
    expect(world.views()).toMatch(/^1:- 2:\S+\(2\)q$/);
  });
});

describe('ordered messages', () => {
  it('all members deliver the same in the same order, also with loss and the death of the coordinator', () => {
    for (let seed = 1; seed <= 30; seed++) {
      const delivered = new Map<number, string[]>([1, 2, 3].map((node) => [node, []]));
      const world = new MembershipWorld({
        nodes: 3,
        seed,
        onOrdered: (node, view, message) =>
          delivered.get(node)!.push(`${view.epoch} ${message.origin}/${message.originSequence}`),
      });
      world.startAll();
      world.run(1500);
      world.network.faults = { loss: 0.1, duplication: 0.05, delayMinMs: 0.1, delayMaxMs: 20 };
      for (let i = 0; i < 80; i++) {
        world.run(world.random.integer(1, 60));
        world.member(world.random.integer(1, 3))?.broadcast(i);
        if (i === 60) world.crash(1);
      }
      world.network.mendAll();
      world.run(3000);
      const [two, three] = [delivered.get(2)!, delivered.get(3)!];
      expect(two, `seed ${seed}\n${world.lines.join('\n')}`).toEqual(three);
      expect(two.slice(0, delivered.get(1)!.length)).toEqual(delivered.get(1)!);
      expect(two.length).toBeGreaterThan(25);
    }
  });
});

it('a node acts in its view only while every member is heard: also one that is silent, and not yet lost', () => {
  const acting = new Map<number, boolean>();
  const world = new MembershipWorld({ nodes: 3, onActive: (node, active) => acting.set(node, active) });
  world.startAll();
  world.run(2000);
  const before = world.views();
  expect([...acting.values()]).toEqual([true, true, true]);
  world.pause(3, 800);
  // The others could agree from here on that it is gone.
  world.run(790);
  expect([acting.get(1), acting.get(2)]).toEqual([false, false]);
  world.run(2000);
  expect([...acting.values()]).toEqual([true, true, true]);
  expect(world.views()).toBe(before);
});
