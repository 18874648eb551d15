import type { ConfiguredNode, NodeId, QuorumOptions, ViewId } from './types.js';
import { compareViewIds, NO_VIEW } from './view.js';

/**
 * The nodes whose votes are expected, where that changes: by `last_man_standing`, which gives up nodes that stay away,
 * `allow_downscale`, which gives up nodes that left on purpose, and `auto_tie_breaker` of an odd number of votes, where the
 * last majority decides who may go on with half of them.
 *
 * Corosync remembers a number and takes the highest that any member knows; halves that have forgotten different nodes
 * can then both be quorate. Here a new electorate is agreed like a view, in a quorate view and with all its members:
 * each promises it on disk before anybody acts on it, and who has promised one and does not know what came of it needs
 * a majority of it as well as of the one before. So any quorate view and the next share a node.
 */
export interface Electorate {
  /** The view with which it was agreed. */
  readonly since: ViewId;
  /** Ascending. */
  readonly nodes: readonly NodeId[];
}

/** What one node knows; kept on disk. */
export interface ElectorateKnowledge {
  /** Null: as configured. */
  readonly agreed: Electorate | null;
  /** Promised after that, and perhaps agreed. */
  readonly promised: readonly Electorate[];
}

export const AS_CONFIGURED: ElectorateKnowledge = { agreed: null, promised: [] };

export function isDynamic(options: QuorumOptions): boolean {
  return options.lastManStanding || options.allowDownscale || keepsMajorities(options);
}

/** votequorum has an odd number of votes broken only where whoever loses quorum then waits for all. */
function keepsMajorities({
  autoTieBreaker,
  waitForAll,
  lastManStanding,
  allowDownscale,
}: QuorumOptions): boolean {
  return autoTieBreaker && waitForAll && !lastManStanding && !allowDownscale;
}

/**
 * Half an odd number of votes, rounded down, can keep quorum. Corosync gives it to any that have the tie breaker and were with
 * so few others before that those could have none: but they can join nodes that were away. Here whose votes are expected is agreed with every
 * majority, and of those a majority is needed as well.
 */
export function breaksOddTies(options: QuorumOptions, nodes: readonly ConfiguredNode[]): boolean {
  return keepsMajorities(options) && votesAmong(nodes, () => true) % 2 === 1;
}

export function votesAmong(nodes: readonly ConfiguredNode[], counts: (id: NodeId) => boolean): number {
  return nodes.reduce((sum, { node, votes }) => sum + (counts(node) ? votes : 0), 0);
}

/** Expected votes before any electorate: `expected_votes`, and never fewer than are listed, for each half of the list might have them. */
export function fullVotes(options: QuorumOptions, nodes: readonly ConfiguredNode[]): number {
  return Math.max(
    options.expectedVotes,
    votesAmong(nodes, () => true),
  );
}

/** What several nodes know together. */
export function mergeKnowledge(all: readonly ElectorateKnowledge[]): ElectorateKnowledge {
  let agreed: Electorate | null = null;
  for (const one of all) {
    if (one.agreed && (!agreed || compareViewIds(one.agreed.since, agreed.since) > 0)) agreed = one.agreed;
  }
  return withAgreed({ agreed: null, promised: all.flatMap((one) => one.promised) }, agreed);
}

/** The same with an electorate that was agreed; what was promised before it is settled. */
export function withAgreed(
  knowledge: ElectorateKnowledge,
  agreed: Electorate | null | undefined,
): ElectorateKnowledge {
  const older = !agreed || (knowledge.agreed && compareViewIds(knowledge.agreed.since, agreed.since) > 0);
  const newest = older ? knowledge.agreed : agreed;
  const promised: Electorate[] = [];
  for (const one of knowledge.promised) {
    if (compareViewIds(one.since, newest?.since ?? NO_VIEW) <= 0) continue;
    const at = promised.findIndex((other) => sameNodes(other.nodes, one.nodes));
    if (at < 0) promised.push(one);
    else if (compareViewIds(one.since, promised[at]!.since) > 0) promised[at] = one;
  }
  return { agreed: newest, promised };
}

export function withPromised(knowledge: ElectorateKnowledge, promised: Electorate): ElectorateKnowledge {
  return withAgreed({ agreed: knowledge.agreed, promised: [...knowledge.promised, promised] }, null);
}

/** Those of which a majority is needed, the agreed one first; null for it where the configuration alone counts. */
export function electoratesOf(knowledge: ElectorateKnowledge): (readonly NodeId[] | null)[] {
  return [knowledge.agreed?.nodes ?? null, ...knowledge.promised.map((one) => one.nodes)];
}

/**
 * The electorate that a quorate view should agree on; null: it is as it should be.
 *
 * @param present the members
 * @param departed nodes that have left on purpose and are not back
 * @param windowOver the members have been the same for `last_man_standing_window`
 */
export function wantedElectorate(
  options: QuorumOptions,
  nodes: readonly ConfiguredNode[],
  knowledge: ElectorateKnowledge,
  present: readonly NodeId[],
  departed: ReadonlySet<NodeId>,
  windowOver: boolean,
): readonly NodeId[] | null {
  if (!isDynamic(options)) return null;
  const all = nodes.map((node) => node.node);
  const now = knowledge.agreed?.nodes ?? all;
  const wanted = keepsMajorities(options)
    ? majorityOf(options, nodes, now, present)
    : withoutAbsent(options, now, present, departed, windowOver);
  const result = [...wanted].sort((a, b) => a - b);
  return knowledge.promised.length === 0 &&
    sameNodes(
      result,
      [...now].sort((a, b) => a - b),
    )
    ? null
    : result;
}

/** The members where they are more than half, as the last that were. */
function majorityOf(
  options: QuorumOptions,
  nodes: readonly ConfiguredNode[],
  now: readonly NodeId[],
  present: readonly NodeId[],
): readonly NodeId[] {
  if (!breaksOddTies(options, nodes)) return nodes.map((node) => node.node);
  const votes = votesAmong(nodes, (node) => present.includes(node));
  return votes * 2 > fullVotes(options, nodes) ? present : now;
}

function withoutAbsent(
  options: QuorumOptions,
  now: readonly NodeId[],
  present: readonly NodeId[],
  departed: ReadonlySet<NodeId>,
  windowOver: boolean,
): readonly NodeId[] {
  const isGivenUp = (node: NodeId) =>
    (options.lastManStanding && windowOver) || (options.allowDownscale && departed.has(node));
  return [...new Set([...now, ...present])].filter((node) => present.includes(node) || !isGivenUp(node));
}

function sameNodes(a: readonly NodeId[], b: readonly NodeId[]): boolean {
  return a.length === b.length && a.every((node, i) => node === b[i]);
}
