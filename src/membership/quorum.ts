import { breaksOddTies, type Electorate, fullVotes, votesAmong } from './electorate.js';
import type { ConfiguredNode, Member, NodeId, QuorumOptions, QuorumState } from './types.js';

/** What the judgement needs beside the configuration. */
export interface QuorumInput {
  readonly members: readonly Member[];
  /** No member comes from a view that had quorum, or that waits for nobody any more. */
  readonly waitingForAll: boolean;
  /** Some member comes from a view that had quorum: only who has it can keep it in a tie. */
  readonly wasQuorate: boolean;
  /** Groups of which a majority is needed each; null: all configured nodes. The first is shown. Default: that alone. */
  readonly electorates?: readonly (readonly NodeId[] | null)[];
  /** To go with the judgement, for the members to keep. */
  readonly electorate?: Electorate | null;
  /** The proposing node's own links are all down: it must not believe that the others died. */
  readonly isolated: boolean;
}

/** Who has quorum, by the rules of votequorum(5). */
export function judgeQuorum(
  options: QuorumOptions,
  nodes: readonly ConfiguredNode[],
  input: QuorumInput,
): QuorumState {
  const isPresent = (id: NodeId) => input.members.some((member) => member.node === id);
  const total = votesAmong(nodes, isPresent);
  const twoNode = options.twoNode && nodes.length <= 2;
  const electorates = input.electorates ?? [null];
  const oddTies = breaksOddTies(options, nodes);
  const isExpected = (id: NodeId) =>
    oddTies || electorates.some((electorate) => electorate?.includes(id) ?? true);
  const everybody = nodes.every((node) => isPresent(node.node) || !isExpected(node.node));
  const waiting = options.waitForAll && input.waitingForAll && !everybody;

  const expectedOf = (electorate: readonly NodeId[] | null): number => {
    if (electorate === null) return fullVotes(options, nodes);
    // With allow_downscale expected_votes says where it ends, and the node list where it begins.
    const least = options.allowDownscale ? options.expectedVotes : 0;
    return Math.max(
      least,
      votesAmong(nodes, (id) => electorate.includes(id)),
    );
  };
  const neededOf = (expected: number) => (twoNode ? 1 : Math.floor(expected / 2) + 1);
  const expectedVotes = expectedOf(oddTies ? null : (electorates[0] ?? null));
  const quorum = neededOf(expectedVotes);
  const has = (electorate: readonly NodeId[] | null): boolean => {
    const counts = (id: NodeId) => electorate?.includes(id) ?? true;
    const votes = votesAmong(nodes, (id) => isPresent(id) && counts(id));
    const expected = expectedOf(electorate);
    const holds = () => holdsTieBreaker(options, nodes, counts, isPresent);
    if (oddTies && total < quorum && (total < quorum - 1 || !holds())) return false;
    if (votes >= neededOf(expected)) return true;
    const keepsTie = options.autoTieBreaker && input.wasQuorate && votes * 2 === expected;
    return keepsTie && holds();
  };

  const quorate = electorates.every(has) && !waiting && !input.isolated;
  const flags = [
    ...(twoNode ? ['2Node'] : []),
    ...(quorate ? ['Quorate'] : []),
    ...(options.waitForAll ? ['WaitForAll'] : []),
    ...(options.lastManStanding ? ['LastManStanding'] : []),
    ...(options.autoTieBreaker ? ['AutoTieBreaker'] : []),
    ...(options.allowDownscale ? ['AllowDownscale'] : []),
  ];
  return {
    quorate,
    expectedVotes,
    totalVotes: total,
    quorum,
    flags,
    // As in Corosync, who loses quorum waits for all again. Not who is cut off only: the others have not been lost.
    waitingForAll: options.waitForAll && (input.isolated ? waiting : !quorate),
    ...(input.electorate ? { electorate: input.electorate } : {}),
    ...(input.isolated ? { isolated: true } : {}),
  };
}

/**
 * votequorum's auto_tie_breaker_node: of a list the first that is expected at all. (Corosync goes on to the second when
 * the first was merely away; then the half that has the first, back again, would be quorate beside the other.)
 */
function holdsTieBreaker(
  options: QuorumOptions,
  nodes: readonly ConfiguredNode[],
  counts: (node: NodeId) => boolean,
  isPresent: (node: NodeId) => boolean,
): boolean {
  const ids = nodes
    .map((node) => node.node)
    .filter(counts)
    .sort((a, b) => a - b);
  const { autoTieBreakerNodes: chosen } = options;
  const preferred =
    chosen === 'lowest' ? ids[0] : chosen === 'highest' ? ids.at(-1) : chosen.find((id) => ids.includes(id));
  return preferred !== undefined && isPresent(preferred);
}
