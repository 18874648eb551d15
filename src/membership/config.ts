import type { ConfiguredNode, MembershipConfig, NodeId, QuorumOptions, Timing } from './types.js';

/**
 * Derived times. `token`, `consensus` and `join` are corosync.conf(5)'s, with its defaults: consensus 1.2 x token, join
 * 50 ms. The rest follows from them: ten heartbeats a token, but no more than 50 and no fewer than 5 a second.
 */
export function timingOf(options: {
  readonly tokenMs: number;
  readonly consensusMs?: number;
  readonly joinMs?: number;
}): Timing {
  const { tokenMs } = options;
  return {
    tokenMs,
    consensusMs: options.consensusMs ?? Math.round(tokenMs * 1.2),
    joinMs: options.joinMs ?? 50,
    heartbeatMs: Math.min(200, Math.max(20, Math.round(tokenMs / 10))),
    retransmitMs: Math.min(200, Math.max(30, Math.round(tokenMs / 10))),
  };
}

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
