import type { ConfiguredNode, Member, NodeId, QuorumOptions, QuorumState } from './types.js';

/** What the judgement needs beside the configuration. */
export interface QuorumInput {
  readonly members: readonly Member[];
  /** No member has yet seen all configured nodes at the same time since it started. */
  readonly waitingForAll: boolean;
  /** As last_man_standing or allow_downscale left it; null: as configured. */
  readonly expectedVotes: number | null;
  /** The proposing node's own links are all down: it must not believe that the others died. */
  readonly isolated: boolean;
}

/** Expected votes as configured: `expected_votes`, or the sum of the node list. */
export function configuredVotes(options: QuorumOptions, nodes: readonly ConfiguredNode[]): number {
  return options.expectedVotes || nodes.reduce((sum, node) => sum + node.votes, 0);
}

/** Who has quorum, by the rules of votequorum(5). */
export function judgeQuorum(
  options: QuorumOptions,
  nodes: readonly ConfiguredNode[],
  input: QuorumInput,
): QuorumState {
  const votesOf = (id: NodeId) => nodes.find((node) => node.node === id)?.votes ?? 1;
  const total = input.members.reduce((sum, member) => sum + votesOf(member.node), 0);
  const configured = configuredVotes(options, nodes);
  const expected = Math.max(input.expectedVotes ?? configured, total);
  const twoNode = options.twoNode && nodes.length <= 2;
  const needed = twoNode ? 1 : Math.floor(expected / 2) + 1;
  const everybody = nodes.every((node) => input.members.some((member) => member.node === node.node));
  const waitingForAll = options.waitForAll && input.waitingForAll && !everybody;
  const tieWon =
    options.autoTieBreaker && total * 2 === expected && holdsTieBreaker(options, nodes, input.members);
  const quorate = (total >= needed || tieWon) && !waitingForAll && !input.isolated;
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
    expectedVotes: expected,
    totalVotes: total,
    quorum: needed,
    flags,
    waitingForAll,
    ...(input.isolated ? { isolated: true } : {}),
  };
}

/** votequorum's auto_tie_breaker_node: a list is tried in order, over all configured nodes. */
function holdsTieBreaker(
  options: QuorumOptions,
  nodes: readonly ConfiguredNode[],
  members: readonly Member[],
): boolean {
  const ids = nodes.map((node) => node.node).sort((a, b) => a - b);
  const preferred =
    options.autoTieBreakerNodes === 'lowest'
      ? ids[0]
      : options.autoTieBreakerNodes === 'highest'
        ? ids.at(-1)
        : options.autoTieBreakerNodes[0];
  return members.some((member) => member.node === preferred);
}
