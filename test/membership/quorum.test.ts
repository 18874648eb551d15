import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { groupsOf } from '../../src/membership/cliques.js';
import { DEFAULT_QUORUM } from '../../src/membership/config.js';
import { judgeQuorum } from '../../src/membership/quorum.js';
import type { ConfiguredNode, Member, QuorumOptions } from '../../src/membership/types.js';

const nodesOf = (votes: readonly number[]): ConfiguredNode[] =>
  votes.map((own, i) => ({ node: i + 1, name: `n${i + 1}`, addresses: [], votes: own }));
const membersOf = (nodes: readonly ConfiguredNode[], chosen: (node: number) => boolean): Member[] =>
  nodes.filter(({ node }) => chosen(node)).map(({ node }) => ({ node, boot: 'b' }));

function judge(
  votes: readonly number[],
  present: readonly number[],
  options: Partial<QuorumOptions>,
  waiting = false,
) {
  const nodes = nodesOf(votes);
  return judgeQuorum({ ...DEFAULT_QUORUM, ...options }, nodes, {
    members: membersOf(nodes, (node) => present.includes(node)),
    waitingForAll: waiting,
    wasQuorate: true,
    isolated: false,
  });
}

describe('votequorum(5)', () => {
  const cases: [string, readonly number[], readonly number[], Partial<QuorumOptions>, boolean, boolean][] = [
    ['more than half of three', [1, 1, 1], [1, 2], {}, false, true],
    ['one of three', [1, 1, 1], [1], {}, false, false],
    ['half of four', [1, 1, 1, 1], [1, 2], {}, false, false],
    [
      'half of four with the lowest node and auto_tie_breaker',
      [1, 1, 1, 1],
      [1, 2],
      { autoTieBreaker: true },
      false,
      true,
    ],
    ['half of four without the lowest node', [1, 1, 1, 1], [3, 4], { autoTieBreaker: true }, false, false],
    [
      'half of four with the chosen node',
      [1, 1, 1, 1],
      [3, 4],
      { autoTieBreaker: true, autoTieBreakerNodes: [4] },
      false,
      true,
    ],
    [
      'half of four with the highest node',
      [1, 1, 1, 1],
      [3, 4],
      { autoTieBreaker: true, autoTieBreakerNodes: 'highest' },
      false,
      true,
    ],
    ['one of two with two_node', [1, 1], [2], { twoNode: true }, false, true],
    [
      'one of two with two_node that waits for all',
      [1, 1],
      [2],
      { twoNode: true, waitForAll: true },
      true,
      false,
    ],
    ['both of two end the waiting', [1, 1], [1, 2], { twoNode: true, waitForAll: true }, true, true],
    ['a node with more votes', [3, 1, 1], [1], {}, false, true],
    ['the others against it', [3, 1, 1], [2, 3], {}, false, false],
    ['expected_votes above the list', [1, 1, 1], [1, 2, 3], { expectedVotes: 7 }, false, false],
  ];
  for (const [name, votes, present, options, waiting, quorate] of cases) {
    it(`${name}: ${quorate ? 'quorum' : 'no quorum'}`, () => {
      expect(judge(votes, present, options, waiting).quorate).toBe(quorate);
    });
  }

  it('never gives quorum to two groups that share no node: all splits of up to five nodes', () => {
    for (let count = 1; count <= 5; count++) {
      for (const autoTieBreaker of [false, true]) {
        for (const heavy of [1, 2, 3]) {
          const votes = Array.from({ length: count }, (_, i) => (i === 0 ? heavy : 1));
          for (let split = 0; split < 2 ** count; split++) {
            const ids = votes.map((_, i) => i + 1);
            const left = ids.filter((id) => split & (1 << (id - 1)));
            const right = ids.filter((id) => !left.includes(id));
            const both = [left, right].filter((group) => judge(votes, group, { autoTieBreaker }).quorate);
            expect(both.length, `votes ${votes} split ${left} | ${right}`).toBeLessThanOrEqual(1);
          }
        }
      }
    }
  });

  it('an isolated node has no quorum, whatever its votes', () => {
    const nodes = nodesOf([1, 1]);
    const input = {
      members: membersOf(nodes, (node) => node === 1),
      waitingForAll: false,
      wasQuorate: true,
    };
    const options = { ...DEFAULT_QUORUM, twoNode: true };
    expect(judgeQuorum(options, nodes, { ...input, isolated: true }).quorate).toBe(false);
  });
});

describe('groups that all hear each other', () => {
  const graph = fc.integer({ min: 1, max: 7 }).chain((count) =>
    fc.record({
      count: fc.constant(count),
      edges: fc.array(fc.boolean(), { minLength: 28, maxLength: 28 }),
    }),
  );

  it('are a partition into cliques, of which no two are one', () => {
    fc.assert(
      fc.property(graph, ({ count, edges }) => {
        const ids = Array.from({ length: count }, (_, i) => i + 1);
        const hears = (a: number, b: number) => {
          const [low, high] = a < b ? [a, b] : [b, a];
          return edges[((high - 1) * (high - 2)) / 2 + low - 1]!;
        };
        const groups = groupsOf(ids, hears, () => 1);
        expect(groups.flat().sort((a, b) => a - b)).toEqual(ids);
        for (const group of groups) {
          for (const a of group) for (const b of group) if (a !== b) expect(hears(a, b)).toBe(true);
        }
        for (const group of groups) {
          for (const other of groups) {
            if (group === other) continue;
            expect(
              [...group, ...other].every((a) => [...group, ...other].every((b) => a === b || hears(a, b))),
            ).toBe(false);
          }
        }
      }),
    );
  });

  it('take the side with more votes, then the lower ids', () => {
    const edges = new Set(['1-2', '2-3', '3-4']);
    const hears = (a: number, b: number) => edges.has(a < b ? `${a}-${b}` : `${b}-${a}`);
    expect(groupsOf([1, 2, 3, 4], hears, () => 1)).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(groupsOf([1, 2, 3, 4], hears, (node) => (node === 3 ? 3 : 1))).toEqual([[2, 3], [1], [4]]);
  });
});
