import { isTrue, parseBoolean } from '../cib/boolean.js';
import type { Timing } from '../membership/types.js';
import type { AgentConfiguration } from './configuration.js';

/** The fixed part of `unfencedGraceMs`. */
const UNFENCED_GRACE_MS = 100;

export interface SafeguardsOptions {
  readonly configuration: () => AgentConfiguration;
  /** The value of a cluster option, or undefined. */
  readonly clusterOption: (name: string) => string | undefined;
  /** The node is in a view. */
  readonly inView: () => boolean;
  /** Has the executor stop everything so long after this process has vanished; null: never. */
  readonly guard: (stopAfterMs: number | null) => void;
  /** Whether a node that sees all its own links down yields. */
  readonly setYield: (whenIsolated: boolean) => void;
}

/**
 * What keeps a node that has lost contact from holding on to services, as far as the configuration asks for it. To be
 * updated when the CIB, the view or corosync.conf has changed.
 */
export class Safeguards {
  readonly #options: SafeguardsOptions;
  #guard: number | null | undefined;
  #yields = false;

  constructor(options: SafeguardsOptions) {
    this.#options = options;
  }

  update(): void {
    this.#updateGuard();
    this.#updateYield();
  }

  /**
   * Should this process vanish, its peers take over after a token: the executor stops everything before that, unless
   * fencing sees to it, or the operator has taken things into his own hands.
   */
  #updateGuard(): void {
    const { configuration, clusterOption, inView, guard } = this.#options;
    if (!inView()) return;
    const { nodes, timing } = configuration().membership;
    const fenced = parseBoolean(clusterOption('stonith-enabled')) ?? true;
    const idle = fenced || nodes.length === 1 || isTrue(clusterOption('maintenance-mode'));
    const stopAfterMs = idle ? null : Math.round(timing.tokenMs / 2);
    if (stopAfterMs === this.#guard) return;
    this.#guard = stopAfterMs;
    guard(stopAfterMs);
  }

  /**
   * A node that is alone with quorum, or that acts without, cannot tell whether the others died or it is cut off; its own
   * links can. Where quorum decides they are not asked.
   */
  #updateYield(): void {
    const { configuration, clusterOption, setYield } = this.#options;
    const { corosync, membership } = configuration();
    const { yieldWhenIsolated, twoNode } = corosync.quorum;
    const ignoresQuorum = twoNode || clusterOption('no-quorum-policy') === 'ignore';
    const yields = yieldWhenIsolated ?? (membership.nodes.length === 2 && ignoresQuorum);
    if (yields === this.#yields) return;
    this.#yields = yields;
    setYield(yields);
  }
}

/**
 * How long what ran on a node that was lost unfenced waits before it starts elsewhere: the node, if it lives, may notice
 * its loss later than its peers by a heartbeat and the tick that judges it, and then needs a moment to stop. Measured in
 * test/lab/isolation.test.ts.
 */
export function unfencedGraceMs({ heartbeatMs }: Timing): number {
  return UNFENCED_GRACE_MS + Math.round(heartbeatMs * 1.5);
}
