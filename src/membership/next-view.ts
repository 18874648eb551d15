import { AS_CONFIGURED, type Electorate, electoratesOf, isDynamic, mergeKnowledge } from './electorate.js';
import { commonProtocol, type ProtocolRange } from './protocol.js';
import { judgeQuorum } from './quorum.js';
import type { FlushReport, MembershipConfig, NodeId, View } from './types.js';

/** What was proposed, and agreed to by all who are in it. */
export interface Agreed extends Pick<View, 'id' | 'members'> {
  /** Whose votes shall be expected from then on; absent: no change. */
  readonly electorate?: { readonly nodes: readonly NodeId[] };
}

/**
 * The view that comes of a proposal when every member has reported; its quorum is judged here, once, for all of them.
 *
 * @param reports in the order of the members
 * @param linksUp whether any of the coordinator's own links works
 * @param protocols of the members
 */
export function nextView(
  { quorum: options, nodes }: MembershipConfig,
  { id, members, electorate }: Agreed,
  reports: readonly FlushReport[],
  linksUp: boolean,
  protocols: readonly ProtocolRange[],
): View {
  const knowledge = isDynamic(options)
    ? mergeKnowledge(reports.map((report) => report.electorate ?? AS_CONFIGURED))
    : AS_CONFIGURED;
  const judge = (electorates: readonly (readonly NodeId[] | null)[], agreed: Electorate | null) =>
    judgeQuorum(options, nodes, {
      members,
      waitingForAll: reports.every((report) => report.waitingForAll),
      wasQuorate: reports.some((report) => report.previous?.quorum.quorate),
      electorates,
      electorate: agreed,
      isolated: !linksUp && nodes.length > 1,
    });
  let quorum = judge(electoratesOf(knowledge), knowledge.agreed);
  // What is agreed now is itself among what was promised for it.
  const change = electorate && { since: id, nodes: electorate.nodes };
  if (change && quorum.quorate) quorum = judge([change.nodes], change);
  return { id, members, quorum, protocol: commonProtocol(protocols) ?? 1 };
}
