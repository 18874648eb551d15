/**
 * What goes into and comes out of the membership core. Data only; everything is JSON.
 *
 * Time (`nowMs`) is the host's monotonic clock in milliseconds. It never runs backwards and may jump forwards (a
 * paused process); it is not comparable between nodes.
 */

import type { Electorate, ElectorateKnowledge } from './electorate.js';
import type { ProtocolRange } from './protocol.js';

/** Corosync's `nodeid`, 1 to 2^32 - 1. */
export type NodeId = number;

/** Identifies one run of one agent: 128 random bits in hex, drawn at every start. */
export type BootId = string;

/** Written "7.2": the seventh epoch, proposed by node 2. Ordered by epoch, then coordinator. */
export interface ViewId {
  readonly epoch: number;
  readonly coordinator: NodeId;
}

export interface Member {
  readonly node: NodeId;
  readonly boot: BootId;
}

/** A node heard both ways. */
export interface Heard extends Member {
  /** Its token is about to run out. */
  readonly suspected?: boolean;
}

/** Sorted by node id; every member hears every other both ways when the view is proposed. */
export interface View {
  readonly id: ViewId;
  readonly members: readonly Member[];
  readonly quorum: QuorumState;
  /** The newest version of the messages that all members speak; absent: the first. */
  readonly protocol?: number;
}

/** The judgement of votequorum(5), made once by the view's coordinator so that all members agree. */
export interface QuorumState {
  readonly quorate: boolean;
  readonly expectedVotes: number;
  readonly totalVotes: number;
  /** Votes needed. */
  readonly quorum: number;
  /** As corosync-quorumtool prints them: 2Node, Quorate, WaitForAll, LastManStanding, AutoTieBreaker, AllowDownscale. */
  readonly flags: readonly string[];
  /** True from a loss of quorum, or the start, until every configured node is there at the same time (`wait_for_all`). */
  readonly waitingForAll: boolean;
  /** Whose votes are expected, where that is not as configured. */
  readonly electorate?: Electorate;
  /** All links of the only member are down: it must not believe that the others died. */
  readonly isolated?: boolean;
}

export interface ConfiguredNode {
  readonly node: NodeId;
  readonly name: string;
  /** One per link, in link order. */
  readonly addresses: readonly string[];
  /** `quorum_votes`, default 1. */
  readonly votes: number;
  /** An arbiter votes and holds no resources. Default false. */
  readonly arbiter?: boolean;
}

/** A node that a view has been made without, although it was in a view before. */
export interface LostMember {
  readonly node: NodeId;
  /** All members that were in a view with it still hear it, or its token has not run out there: nor has theirs at it. */
  readonly heard: boolean;
}

/** Times of corosync.conf(5) that the core uses, in ms. */
export interface Timing {
  /** A node not heard for this long is lost. */
  readonly tokenMs: number;
  /** A proposal that not everyone has answered after this long is given up. */
  readonly consensusMs: number;
  /** How long to wait for further nodes before a view grows. */
  readonly joinMs: number;
  /** Between two heartbeats on one link. */
  readonly heartbeatMs: number;
  /** Between two attempts to get a message of the agreement or of a channel across. */
  readonly retransmitMs: number;
}

export interface QuorumOptions {
  /** 0: the sum of the nodes' votes. */
  readonly expectedVotes: number;
  readonly twoNode: boolean;
  readonly waitForAll: boolean;
  readonly autoTieBreaker: boolean;
  /** Node ids in order of preference, or `lowest`, or `highest`. */
  readonly autoTieBreakerNodes: readonly NodeId[] | 'lowest' | 'highest';
  readonly lastManStanding: boolean;
  readonly lastManStandingWindowMs: number;
  readonly allowDownscale: boolean;
  /** How the arbiter, where there is one, chooses between partitions. Default: ffsplit, lowest. */
  readonly arbiter?: ArbiterOptions;
}

/** The algorithms of corosync-qdevice(8): which of several partitions that it hears the arbiter votes with. */
export interface ArbiterOptions {
  readonly algorithm: 'ffsplit' | 'lms';
  /** Of partitions that are equal otherwise: the one that holds this node. */
  readonly tieBreaker: 'lowest' | 'highest' | NodeId;
  /** Before the tie breaker: the partition of which some were quorate before. */
  readonly keepActivePartition: boolean;
}

export interface MembershipConfig {
  readonly self: NodeId;
  /** What this agent speaks; default: PROTOCOL. */
  readonly protocol?: ProtocolRange;
  readonly nodes: readonly ConfiguredNode[];
  readonly timing: Timing;
  readonly quorum: QuorumOptions;
}

/** What must survive a restart. The host writes it durably (fsync, rename, fsync of the directory). */
export interface MembershipRecord {
  /** No view with this id or a lower one may be proposed or accepted any more. */
  readonly promised: ViewId;
  /** Last view installed here. */
  readonly installed: ViewId | null;
  /** With last_man_standing or allow_downscale: whose votes are expected. Default: as configured. */
  readonly electorate?: ElectorateKnowledge;
}

export type WriteId = number;
export type TimerId = string;

/** What a node's heartbeats say about itself, beside being heard. */
export interface PeerSummary {
  readonly view: ViewId | null;
  readonly viewSize: number;
  readonly quorate: boolean;
  /** Its view holds together as far as it knows, and it may act on it. Absent: it does not say; it may not. */
  readonly intact?: boolean;
  /** It stops on purpose and must not be taken into a view. */
  readonly leaving: boolean;
  /** Absent: the first. */
  readonly protocol?: ProtocolRange;
}

/** One node as seen from here. Only nodes heard both ways on at least one link are in a `reachability` event. */
export interface ReachablePeer {
  readonly node: NodeId;
  readonly boot: BootId;
  /** Its token is about to run out. */
  readonly suspected: boolean;
  /** This node's token may be about to run out there: packets take their time. Default: as `suspected`. */
  readonly unconfirmed?: boolean;
  readonly summary: PeerSummary;
  /** The nodes that this node says it hears both ways. */
  readonly hears: readonly Heard[];
  /** Counts what that run has said of itself; of two rows the one with the higher number is newer. */
  readonly generation: number;
}

/** Nodes not reachable from here that a reachable one speaks of. */
export interface IndirectPeer {
  readonly node: NodeId;
  /** Of its summary; absent: nothing is known of its view. */
  readonly quorate?: boolean;
  readonly view?: ViewId | null;
  readonly intact?: boolean;
  readonly boot: BootId;
  readonly hears: readonly Heard[];
  readonly generation: number;
}

export interface Reachability {
  /** Of this node's own row, as `peers` makes it. */
  readonly generation: number;
  readonly peers: readonly ReachablePeer[];
  readonly indirect: readonly IndirectPeer[];
}

/** Opaque to the membership core: what the controller gives to be carried. */
export type Payload = unknown;

/** A message in the view's total order. `sequence` counts from 1 in each view. */
export interface OrderedMessage {
  readonly sequence: number;
  readonly origin: NodeId;
  /** Counts from 1 per origin and boot. */
  readonly originSequence: number;
  readonly payload: Payload;
}

/** Between the membership cores of two nodes. May be lost, duplicated and reordered by the carrier. */
export type Message =
  | {
      readonly kind: 'propose';
      readonly id: ViewId;
      readonly members: readonly Member[];
      /** Whom the proposer hears both ways. */
      readonly hears: readonly Heard[];
      /** Of that row: it may have been overtaken by a heartbeat. */
      readonly generation: number;
      /** To be agreed with the view: whose votes are expected from then on, decided in view `basis`. */
      readonly electorate?: { readonly nodes: readonly NodeId[]; readonly basis: ViewId };
    }
  | { readonly kind: 'accept'; readonly id: ViewId; readonly report: FlushReport }
  | {
      readonly kind: 'refuse';
      readonly id: ViewId;
      readonly promised: ViewId;
      readonly reason: string;
      readonly hears: readonly Heard[];
      readonly generation: number;
    }
  | { readonly kind: 'install'; readonly view: View; readonly flush: readonly Flush[] }
  | { readonly kind: 'installed'; readonly id: ViewId }
  | { readonly kind: 'leave'; readonly boot: BootId }
  | {
      readonly kind: 'channel';
      readonly view: ViewId;
      /** First of `items`, counted from 1 per view and direction. */
      readonly sequence: number;
      readonly acknowledged: number;
      readonly items: readonly ChannelItem[];
    };

/** What an accepting member brings from its previous view. */
export interface FlushReport {
  readonly previous: View | null;
  /** Ordered messages of `previous` that were received here and may be missing elsewhere, ascending. */
  readonly messages: readonly OrderedMessage[];
  /** All ordered messages up to here were received here. */
  readonly received: number;
  readonly waitingForAll: boolean;
  readonly electorate?: ElectorateKnowledge;
}

/** Messages of one old view that its surviving members deliver before the new view. */
export interface Flush {
  readonly view: ViewId;
  readonly upTo: number;
  readonly messages: readonly OrderedMessage[];
}

/** What travels on the reliable first-in-first-out channel between two members of a view. */
export type ChannelItem =
  | { readonly kind: 'submit'; readonly originSequence: number; readonly payload: Payload }
  | { readonly kind: 'order'; readonly message: OrderedMessage; readonly stable: number }
  | { readonly kind: 'received'; readonly sequence: number }
  | { readonly kind: 'stable'; readonly sequence: number }
  | { readonly kind: 'direct'; readonly payload: Payload };

export type Event = { readonly nowMs: number } & (
  | { readonly kind: 'start'; readonly boot: BootId; readonly record: MembershipRecord | null }
  | { readonly kind: 'reachability'; readonly reachability: Reachability }
  | { readonly kind: 'message'; readonly from: NodeId; readonly boot: BootId; readonly message: Message }
  | { readonly kind: 'timer'; readonly timer: TimerId }
  | { readonly kind: 'persisted'; readonly write: WriteId }
  /** Delivered to every member in the same order, or to none that goes on in a view with this node. */
  | { readonly kind: 'broadcast'; readonly payload: Payload }
  /** Delivered to one member of the current view (or this node), in order, unless the view changes first. */
  | { readonly kind: 'direct'; readonly to: NodeId; readonly payload: Payload }
  | { readonly kind: 'leave' }
  /** The configuration was read anew; `self` is what it was. */
  | { readonly kind: 'configure'; readonly config: MembershipConfig }
  /** Whether any of this node's own links works (carrier, address). Told only where a node that is isolated shall yield. */
  | { readonly kind: 'links'; readonly up: boolean }
);

export type Effect =
  /** Best effort. With `after`: not before that write is on disk. */
  | {
      readonly kind: 'send';
      readonly to: NodeId;
      readonly boot: BootId;
      readonly message: Message;
      readonly after?: WriteId;
    }
  | { readonly kind: 'persist'; readonly write: WriteId; readonly record: MembershipRecord }
  /** Replaces a timer of the same name. */
  | { readonly kind: 'set-timer'; readonly timer: TimerId; readonly delayMs: number }
  | { readonly kind: 'cancel-timer'; readonly timer: TimerId }
  | {
      readonly kind: 'deliver-view';
      readonly view: View;
      /** The view before, as far as it went on here; null at the first. */
      readonly previous: View | null;
      /** Members that were in the same previous view as this node. */
      readonly continuing: readonly NodeId[];
      /** At the coordinator: who was in some member's view before and has not said goodbye; elsewhere nobody. */
      readonly lost: readonly LostMember[];
    }
  /** A broadcast, in the order common to all members; `view` is the view it was sent in. */
  | { readonly kind: 'deliver'; readonly view: ViewId; readonly message: OrderedMessage }
  | {
      readonly kind: 'deliver-direct';
      readonly view: ViewId;
      readonly from: NodeId;
      readonly payload: Payload;
    }
  /** False from the moment when the view may be over (elsewhere there is, or may be, a newer one) to the next. */
  | { readonly kind: 'activity'; readonly active: boolean }
  /** What the node's heartbeats say from now on. */
  | { readonly kind: 'summary'; readonly summary: PeerSummary }
  | { readonly kind: 'left' }
  | { readonly kind: 'log'; readonly level: 'debug' | 'info' | 'warning'; readonly text: string };
