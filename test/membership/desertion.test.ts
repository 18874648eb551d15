/** A quorate view is over only when everybody who may act on it knows, or has lost its token. */
import { describe, expect, it } from 'vitest';
import type { NodeId } from '../../src/membership/types.js';
import { compareViewIds } from '../../src/membership/view.js';
import { MembershipWorld, type MembershipWorldOptions } from '../simulator/membership-world.js';

/** A world that notes when a quorate view is installed while a node that is not in it may act on an earlier one. */
function watched(options: MembershipWorldOptions): { world: MembershipWorld; overlaps: string[] } {
  const acting = new Set<NodeId>();
  const overlaps: string[] = [];
  const world: MembershipWorld = new MembershipWorld({
    ...options,
    onActive(node, active) {
      if (active) acting.add(node);
      else acting.delete(node);
    },
    onView(node, view) {
      if (!view.quorum.quorate) return;
      for (const other of acting) {
        const theirs = world.member(other)?.membership.view;
        const isMember = view.members.some((member) => member.node === other);
        if (isMember || !theirs?.quorum.quorate || compareViewIds(theirs.id, view.id) > 0) continue;
        overlaps.push(`${node} in ${view.members.map((member) => member.node)}, while ${other} may act`);
      }
    },
  });
  return { world, overlaps };
}

describe('a quorate view', () => {
  it('is not left for one as large, of lower ids, by a node that both hear', () => {
    const { world, overlaps } = watched({ nodes: 5 });
    for (const node of [3, 4, 5]) world.start(node);
    world.run(3000);
    const before = world.views();
    expect(before).toMatch(/3:(\S+)\(3 4 5\)q 4:\1\(3 4 5\)q 5:\1\(3 4 5\)q$/);
    for (const [a, b] of [
      [1, 3],
      [1, 4],
      [2, 3],
      [2, 4],
    ] as const) {
      world.cut(a, b);
      world.cut(b, a);
    }
    world.start(1);
    world.start(2);
    world.run(5000);
    expect(world.views(), world.lines.join('\n')).toMatch(/^1:(\S+)\(1 2\) 2:\1\(1 2\) /);
    expect(world.views()).toContain(before.slice(before.indexOf('3:')));
    expect(overlaps).toEqual([]);
  });

  it('is left for a larger group only by nobody: it grows, or loses a member first', () => {
    const { world } = watched({ nodes: 5 });
    for (const node of [2, 3, 4]) world.start(node);
    world.run(3000);
    for (const other of [1, 5]) {
      world.cut(other, 2);
      world.cut(2, other);
    }
    world.start(1);
    world.start(5);
    world.run(5000);
    expect(world.views(), world.lines.join('\n')).toMatch(/2:(\S+)\(2 3 4\)q 3:\1\(2 3 4\)q 4:\1\(2 3 4\)q/);
    world.crash(2);
    world.run(3000);
    expect(world.views(), world.lines.join('\n')).toMatch(/3:(\S+)\(1 3 4 5\)q/);
  });

  it('is given up by all before an arbiter that is told to side with others does so', () => {
    const { world, overlaps } = watched({
      nodes: 3,
      arbiter: 3,
      quorum: { arbiter: { algorithm: 'ffsplit', tieBreaker: 'lowest', keepActivePartition: false } },
    });
    world.start(2);
    world.start(3);
    world.run(3000);
    world.cut(1, 2);
    world.cut(2, 1);
    world.start(1);
    // For a token node 2, which acts, is not disturbed.
    world.run(900);
    expect(world.views(), world.lines.join('\n')).toMatch(/2:(\S+)\(2 3\)q 3:\1\(2 3\)q$/);
    world.run(4000);
    expect(world.views(), world.lines.join('\n')).toMatch(/1:(\S+)\(1 3\)q 2:\S+\(2\) 3:\1\(1 3\)q$/);
    expect(overlaps).toEqual([]);
  });

  it('holds for its other members while one that starts anew does not hear them', () => {
    const { world, overlaps } = watched({ nodes: 5 });
    for (const node of [3, 4, 5]) world.start(node);
    world.run(3000);
    world.start(1);
    world.start(2);
    world.crash(5);
    world.partition([3, 4], [1, 2, 5]);
    world.start(5);
    world.run(5000);
    expect(world.views(), world.lines.join('\n')).toMatch(
      /1:(\S+)\(1 2 5\)q 2:\1\(1 2 5\)q 3:(\S+)\(3 4\) 4:\2\(3 4\) 5:\1\(1 2 5\)q$/,
    );
    expect(overlaps).toEqual([]);
  });

  it('of which a member stood still for less than half a token is not left by the others', () => {
    const { world, overlaps } = watched({ nodes: 5 });
    for (const node of [3, 4, 5]) world.start(node);
    world.run(3000);
    world.pause(3, 480);
    world.start(1);
    world.start(2);
    world.run(5000);
    expect(world.views(), world.lines.join('\n')).toMatch(/1:(\S+)\(1 2 3 4 5\)q/);
    expect(overlaps).toEqual([]);
  });
});
