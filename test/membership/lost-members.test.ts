import { expect, test } from 'vitest';
import { lostMembers } from '../../src/membership/lost-members.js';
import type { FlushReport, Member, NodeId } from '../../src/membership/types.js';

const member = (node: NodeId): Member => ({ node, boot: `boot ${node}` });

/** What a node reports that comes from a view of that epoch with these members; null: from none. */
function report(epoch: number | null, ...members: NodeId[]): FlushReport {
  const quorum = {
    quorate: true,
    expectedVotes: 3,
    totalVotes: 2,
    quorum: 2,
    flags: [],
    waitingForAll: false,
  };
  const previous =
    epoch === null ? null : { id: { epoch, coordinator: members[0]! }, members: members.map(member), quorum };
  return { previous, messages: [], received: 0, waitingForAll: false };
}

const from = {
  'both of the last view': [report(1, 1, 2, 3), report(1, 1, 2, 3)],
  'the DC of none, it has just started': [report(null), report(2, 2, 3)],
  'the DC of an older one': [report(1, 1, 2, 3), report(2, 2, 3)],
  'two that were without it': [report(2, 1, 3), report(2, 1, 3)],
};

/** n1 and n3 make a view. `heard`: who of them still hears n2. */
test.each([
  ['both of the last view', [1, 3], [{ node: 2, heard: true }]],
  ['both of the last view', [3], [{ node: 2, heard: false }]],
  ['the DC of none, it has just started', [3], [{ node: 2, heard: true }]],
  ['the DC of none, it has just started', [], [{ node: 2, heard: false }]],
  ['the DC of an older one', [3], [{ node: 2, heard: true }]],
  ['the DC of an older one', [1], [{ node: 2, heard: false }]],
  ['two that were without it', [1, 3], []],
] as const)('a view without n2, made from %s; heard by n%j', (where, heardBy, expected) => {
  const hears = (node: NodeId) => (heardBy as readonly NodeId[]).includes(node);
  const hearing = { hears, hasLeft: () => false };
  expect(lostMembers([member(1), member(3)], from[where], hearing)).toEqual(expected);
  const gone = { hears, hasLeft: () => true };
  expect(lostMembers([member(1), member(3)], from[where], gone)).toEqual([]);
});
