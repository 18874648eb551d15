/**
 * A life is everything that chance decides about one run, but for single packets: the cluster, its weather, and what
 * is done to it when. It is data, so that a failing one can be cut down to what matters and told.
 */
import type { NodeId, QuorumOptions } from '../../src/membership/types.js';
import type { Sometimes } from './coverage.js';
import type { NetworkFaults } from './network.js';

/** The kinds of lives that are simulated; what they are, `kinds.ts` says. */
export type Kind = 'cluster' | 'rare' | 'membership' | 'agreement' | 'electorate' | 'wire';

export type Fault =
  | { readonly kind: 'crash'; readonly node: NodeId }
  | { readonly kind: 'start'; readonly node: NodeId }
  | { readonly kind: 'leave'; readonly node: NodeId }
  | { readonly kind: 'pause'; readonly node: NodeId; readonly forMs: number }
  /** One direction, of one link or of all (null). */
  | { readonly kind: 'cut'; readonly from: NodeId; readonly to: NodeId; readonly link: number | null }
  | { readonly kind: 'slow'; readonly from: NodeId; readonly to: NodeId; readonly byMs: number }
  | { readonly kind: 'partition'; readonly left: readonly NodeId[] }
  | { readonly kind: 'mend' }
  /** The key of the cluster is changed, node by node. */
  | { readonly kind: 'change-key' }
  /**
   * Once a new electorate is proposed, or its coordinator alone knows that it is agreed: everything is parted so, whoever
   * is down comes back, and maybe one loses its power.
   */
  | {
      readonly kind: 'part-at-electorate';
      readonly when: 'proposed' | 'agreed';
      readonly left: readonly NodeId[];
      readonly lateMs: number;
      readonly crash: NodeId | null;
    }
  /** All nodes send a message, so often. */
  | { readonly kind: 'talk'; readonly times: number; readonly everyMs: number }
  /** A failure detector is wrong for a while. */
  | {
      readonly kind: 'doubt';
      readonly of: NodeId;
      readonly about: NodeId;
      readonly suspectedOnly: boolean;
      readonly forMs: number;
    }
  | { readonly kind: 'disk-full'; readonly node: NodeId; readonly forMs: number };

export type Step<F = Fault> = F & { readonly afterMs: number };

export interface MembershipLife {
  readonly kind: Exclude<Kind, 'cluster' | 'rare'>;
  readonly seed: number;
  readonly nodes: number;
  readonly links: number;
  readonly tokenMs: number;
  readonly votes: Readonly<Record<NodeId, number>>;
  readonly quorum: Partial<QuorumOptions>;
  readonly network: NetworkFaults;
  readonly slowestDiskMs: number;
  readonly crashOnWrite: number;
  readonly drift: number;
  readonly copies: boolean;
  /** Some node sends a message so often, all the time; 0: none does. */
  readonly chatterMs: number;
  /** Somebody without the key sends a packet about so often, also when all faults have ended; absent: nobody does. */
  readonly attackMs?: number;
  readonly steps: readonly Step[];
}

export interface Outcome {
  readonly seed: number;
  readonly ok: boolean;
  readonly kind: 'ok' | 'safety' | 'liveness' | 'crash';
  readonly text: string;
  /** What happened; empty unless the run was recorded. */
  readonly lines: readonly string[];
  readonly virtualMs: number;
  /** How long after all faults had ended everything was at rest; null where it never was. */
  readonly settledMs: number | null;
  /** What came about in it, of what a campaign must have met. */
  readonly met: readonly Sometimes[];
}
