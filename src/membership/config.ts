import { timingOf } from './timing.js';
import type { ConfiguredNode, MembershipConfig, NodeId, QuorumOptions } from './types.js';

export const DEFAULT_QUORUM: QuorumOptions = {
  expectedVotes: 0,
  twoNode: false,
  waitForAll: false,
  autoTieBreaker: false,
  autoTieBreakerNodes: 'lowest',
  lastManStanding: false,
  lastManStandingWindowMs: 10_000,
  allowDownscale: false,
};

/** A configuration from what is commonly given; `two_node` turns `wait_for_all` on unless it is set. */
export function membershipConfig(
  self: NodeId,
  nodes: readonly ConfiguredNode[],
  options: { readonly tokenMs?: number; readonly quorum?: Partial<QuorumOptions> } = {},
): MembershipConfig {
  const waitForAll = options.quorum?.waitForAll ?? options.quorum?.twoNode ?? false;
  return {
    self,
    nodes,
    timing: timingOf({ tokenMs: options.tokenMs ?? 1000 }),
    quorum: { ...DEFAULT_QUORUM, ...options.quorum, waitForAll },
  };
}
