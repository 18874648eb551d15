import type { DetectorNews } from '../membership/detector.js';
import type { BootId, Message, NodeId, PeerSummary, Reachability, Timing } from '../membership/types.js';
import type { Endpoint, Peer } from './configuration.js';
import type { DropCounts } from './dropped-packets.js';
import type { LinkReport } from './link-counts.js';

/** What the heartbeat thread gets when it starts. */
export interface HeartbeatStart {
  readonly setup: HeartbeatSetup;
  /** Of the `Judgement` that it shares with the main thread. */
  readonly judgement: SharedArrayBuffer;
}

/** What the heartbeat thread goes by. */
export interface HeartbeatSetup {
  readonly self: NodeId;
  readonly boot: BootId;
  readonly clusterKeys: readonly Uint8Array[];
  readonly timing: Timing;
  /** Own address and port of each link. */
  readonly links: readonly Endpoint[];
  readonly peers: readonly Peer[];
  /** Try to get a real-time policy for the thread. */
  readonly realTime: boolean;
}

export type ToHeartbeat =
  | { readonly kind: 'summary'; readonly summary: PeerSummary }
  /** A small message, over all links. */
  | { readonly kind: 'send'; readonly to: NodeId; readonly boot: BootId; readonly text: string }
  /** The configuration was read anew; `self`, `boot` and the own links are what they were. */
  | { readonly kind: 'configure'; readonly setup: HeartbeatSetup }
  /** Whether a node all of whose own links are down shall yield. */
  | { readonly kind: 'yield'; readonly whenIsolated: boolean }
  /** The main thread is alive. */
  | { readonly kind: 'alive' }
  | { readonly kind: 'stop' };

export type FromHeartbeat =
  /** The thread's sockets are bound. */
  | { readonly kind: 'bound' }
  | { readonly kind: 'failed'; readonly message: string }
  /** All silence was judged; told where the main thread waits for it (Judgement). */
  | { readonly kind: 'judged' }
  | {
      readonly kind: 'reachability';
      readonly reachability: Reachability;
      readonly news: readonly DetectorNews[];
    }
  /** All own links are down, or some work again; told only while an isolated node is to yield. */
  | { readonly kind: 'isolated'; readonly isolated: boolean }
  | { readonly kind: 'links'; readonly links: readonly LinkReport[] }
  | { readonly kind: 'message'; readonly from: NodeId; readonly boot: BootId; readonly message: Message }
  /** How many packets were dropped since the start, where it has become more. */
  | { readonly kind: 'dropped'; readonly counts: DropCounts }
  | { readonly kind: 'log'; readonly level: 'info' | 'warning'; readonly text: string };
