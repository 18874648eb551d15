import type { ConfiguredNode, NodeId, QuorumOptions, ViewId } from './types.js';
import { compareViewIds, NO_VIEW } from './view.js';

/**
 * The nodes whose votes are expected, where that changes: by `last_man_standing`, which gives up nodes that stay away,
 * and `allow_downscale`, which gives up nodes that left on purpose.
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
  return options.lastManStanding || options.allowDownscale;
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
  const now = knowledge.agreed?.nodes ?? nodes.map((node) => node.node);
  const wanted = new Set([...now, ...present]);
  const absent = [...wanted].filter((node) => !present.includes(node));
  for (const node of absent) {
    if (options.lastManStanding && windowOver) wanted.delete(node);
    else if (options.allowDownscale && departed.has(node)) wanted.delete(node);
  }
  const result = [...wanted].sort((a, b) => a - b);
  return knowledge.promised.length === 0 &&
    sameNodes(
      result,
      [...now].sort((a, b) => a - b),
    )
    ? null
    : result;
}

function sameNodes(a: readonly NodeId[], b: readonly NodeId[]): boolean {
  return a.length === b.length && a.every((node, i) => node === b[i]);
}
