import { describe, expect, it } from 'vitest';
import { bestDocument } from '../../src/controller/joining.js';
import { NO_LINEAGE, replicatedIn } from '../../src/controller/lineage.js';
import type { Join, Lineage } from '../../src/controller/types.js';
import type { NodeId, View } from '../../src/membership/types.js';

const THREE = [1, 2, 3].map((node) => ({ node, name: `n${node}`, arbiter: false }));
const TWO = THREE.slice(0, 2);

function view(epoch: number, members: readonly NodeId[], of = THREE): View {
  const quorate = of === TWO || members.length * 2 > of.length;
  const votes = { expectedVotes: of.length, totalVotes: members.length, quorum: of === TWO ? 1 : 2 };
  return {
    id: { epoch, coordinator: members[0]! },
    members: members.map((node) => ({ node, boot: `boot${node}` })),
    quorum: { quorate, ...votes, flags: of === TWO ? ['2Node'] : [], waitingForAll: false },
  };
}

/** What a document descends from that was replicated in these views, its configuration changed in those with `!`. */
function history(views: readonly (readonly [View, '!'?])[], nodes = THREE): Lineage {
  return views.reduce(
    (before, [one, changed]) => replicatedIn(one, nodes, before, changed === '!'),
    NO_LINEAGE,
  );
}

/** Which node's document a view goes on with. */
function winner(documents: Readonly<Record<NodeId, readonly [Lineage, string]>>): NodeId {
  const joins = Object.entries(documents).map(([node, [lineage, version]]) => {
    const [adminEpoch, epoch, numUpdates] = version.split('.').map(Number) as [number, number, number];
    const join: Join = {
      kind: 'join',
      version: { adminEpoch, epoch, numUpdates },
      lineage,
      position: `at ${node}`,
      lrm: '',
      running: [],
      fresh: false,
      shutdownSince: null,
      softwareVersion: '1',
    };
    return [Number(node), join] as const;
  });
  return bestDocument(new Map(joins), joins[0]![0]);
}

describe('of several documents a view goes on with', () => {
  it('that of the later quorate view, though both sides were changed apart from others before', () => {
    const apart = [view(1, [1]), '!'] as const;
    const minority = history([apart, [view(5, [1, 2]), '!'], [view(7, [1]), '!']]);
    const majority = history([apart, [view(5, [1, 2]), '!'], [view(6, [2, 3]), '!']]);
    expect(winner({ 1: [minority, '0.12.2'], 2: [majority, '0.7.3'] })).toBe(2);
  });

  it('that of the later quorate view, though it was changed in a minority since', () => {
    const later = history([[view(8, [2, 3])], [view(10, [2]), '!']]);
    const earlier = history([[view(5, [1, 3])], [view(9, [1]), '!']]);
    expect(winner({ 1: [earlier, '0.20.0'], 2: [later, '0.9.0'] })).toBe(2);
  });

  it('that of the higher coordinator where two quorate views have one epoch', () => {
    const first = history([[view(3, [1, 2, 3])]]);
    const second = history([[view(3, [2, 3])]]);
    expect(winner({ 1: [first, '0.9.0'], 2: [second, '0.8.0'] })).toBe(2);
    expect(winner({ 2: [second, '0.8.0'], 3: [first, '0.9.0'] })).toBe(2);
  });

  it('the changed one where each of two nodes was alone, and that of the higher version where both were', () => {
    const together = [view(5, [1, 2], TWO)] as const;
    const changed = history([together, [view(6, [1], TWO), '!']], TWO);
    const unchanged = history([together, [view(7, [2], TWO)]], TWO);
    expect(winner({ 1: [changed, '0.7.0'], 2: [unchanged, '0.6.40'] })).toBe(1);
    const more = history([together, [view(7, [2], TWO), '!']], TWO);
    expect(winner({ 1: [changed, '0.7.9'], 2: [more, '0.8.0'] })).toBe(2);
  });

  it('that of the node that went on where neither of two changed the configuration', () => {
    const together = [view(5, [1, 2], TWO)] as const;
    const stopped = history([together], TWO);
    const alone = history([together, [view(6, [2], TWO)]], TWO);
    expect(winner({ 1: [stopped, '0.7.90'], 2: [alone, '0.7.4'] })).toBe(2);
  });
});

it('a document is marked as changed apart until a quorate view has it', () => {
  const minority = history([[view(4, [1, 2])], [view(5, [1]), '!']]);
  expect(minority).toEqual({ view: 4, coordinator: 1, diverged: true });
  expect(replicatedIn(view(6, [1, 3]), THREE, minority, true)).toEqual({
    view: 6,
    coordinator: 1,
    diverged: false,
  });
});
