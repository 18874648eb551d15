/**
 * What goes into and comes out of the controller core. Data only; everything but a kept input's document is JSON.
 *
 * `nowMs` is wall-clock time in milliseconds since 1970: it goes into the CIB and the events.
 */
import type { Element } from '../cib/element.js';
import type { OperationRequest, OperationResult } from '../executor/types.js';
import type { LostMember, NodeId, OrderedMessage, Payload, View, ViewId } from '../membership/types.js';
import type { CibVersion, ClusterEvent, ErrorAnswer, Identity } from '../protocol/messages.js';
import type { TransitionGraph } from '../scheduler/graph.js';
import type { Edit } from './edits.js';
import type { PrivateTable } from './private-attributes.js';
import type { MachineLoad } from './throttle.js';

export interface ControllerNode {
  readonly node: NodeId;
  readonly name: string;
  /** Votes, and holds no resources. */
  readonly arbiter: boolean;
}

export interface ControllerConfig {
  readonly self: NodeId;
  readonly clusterName: string;
  readonly nodes: readonly ControllerNode[];
  /** Of this software, for `dc-version` and the joins. */
  readonly version: string;
  /**
   * How long a resource of a node that was lost without being fenced waits before it starts elsewhere, in ms: the lost
   * node, if it lives, notices the loss of quorum at the same moment and stops its resources meanwhile.
   */
  readonly unfencedGraceMs: number;
  /** As long the lost node may take in addition to notice, where its peers have gone on before its token ran out. */
  readonly tokenMs: number;
  /** This node has a watchdog: `have-watchdog` while it is the DC. Default false. */
  readonly hasWatchdog?: boolean;
  /** Random, drawn at every start; names this controller in transition keys (Pacemaker's `te_uuid`). */
  readonly uuid: string;
}

/**
 * What a document descends from. `view` is the epoch of the last view in which it was replicated that had quorum as no
 * other view could have at the same time; a document with a higher one holds everything that was acknowledged under a
 * lower one.
 */
export interface Lineage {
  readonly view: number;
  /** Of that view, for two may have one epoch; absent where an earlier version has written it. */
  readonly coordinator?: number;
  /** Configuration was changed since while other nodes could not take part. */
  readonly diverged: boolean;
  /** Epoch of the last view since in which one node of two went on without the other. */
  readonly alone?: number;
}

/** The scheduler as the controller sees it. */
export type Planner = (cib: Element, nowMs: number) => Plan;

export interface Plan {
  readonly graph: TransitionGraph;
  readonly messages: readonly string[];
  /** Complaints about what was read; they decide the series that the input is kept in. */
  readonly status?: { readonly messages: readonly { readonly severity: string }[] };
}

/** Scheduler inputs are kept apart by what the scheduler had to say: nothing, warnings, errors. */
export type InputSeries = 'input' | 'warn' | 'error';

/** Sends to one member; dropped when the view changes first. */
export type DirectMessage =
  | Join
  | { readonly kind: 'fetch' }
  | {
      readonly kind: 'document';
      readonly cib: string;
      readonly lineage: Lineage;
      readonly position: string;
    }
  | { readonly kind: 'perform'; readonly action: Performance }
  /** How busy the sender's machine is now; not said before it has something to do. */
  | { readonly kind: 'load'; readonly load: MachineLoad }
  | { readonly kind: 'results'; readonly results: readonly OperationRecord[] }
  | { readonly kind: 'stored'; readonly version: CibVersion; readonly digest: string }
  | { readonly kind: 'resync' }
  | { readonly kind: 'attribute'; readonly update: AttributeUpdate }
  | {
      readonly kind: 'request';
      readonly id: string;
      readonly request: DcRequest;
      readonly identity: Identity;
      /** Epoch of the view in which it was sent first; absent from an earlier version. */
      readonly firstSentIn?: number;
    }
  | { readonly kind: 'answer'; readonly id: string; readonly answer: RequestAnswer }
  | { readonly kind: 'shut-down' }
  | { readonly kind: 'fence'; readonly request: FenceRequest }
  | { readonly kind: 'fence-result'; readonly result: FenceResult }
  | { readonly kind: 'query'; readonly id: string; readonly query: unknown }
  | { readonly kind: 'query-answer'; readonly id: string; readonly answer: unknown };

/** What a member brings to the DC at the beginning of a view. */
export interface Join {
  readonly kind: 'join';
  readonly version: CibVersion;
  readonly lineage: Lineage;
  /** Equal strings at two members mean equal documents. */
  readonly position: string;
  /** The node's own `<lrm>` as XML. */
  readonly lrm: string;
  /** Transition keys of operations that run on the node or wait there. */
  readonly running: readonly string[];
  /** Those among them that stop or demote: the resource, by transition key. Default: not known. */
  readonly ending?: Readonly<Record<string, string>>;
  /** The node has started since the view before: what its last run was told does not count any more. */
  readonly fresh: boolean;
  /** It wants to stop (since, in seconds since 1970). */
  readonly shutdownSince: number | null;
  readonly softwareVersion: string;
}

/** Replicated to every member, in one order. */
export type Broadcast =
  | {
      readonly kind: 'sync';
      readonly cib: string;
      readonly lineage: Lineage;
      readonly position: string;
    }
  | {
      readonly kind: 'update';
      readonly base: CibVersion;
      readonly edits: readonly Edit[];
      readonly version: CibVersion;
      readonly position: string;
      /** The configuration changes: to be written to disk and confirmed. */
      readonly configuration: boolean;
    }
  /** All private attributes, as they are now. */
  | { readonly kind: 'private'; readonly attributes: PrivateTable }
  /** This node has stopped everything and leaves. */
  | { readonly kind: 'goodbye'; readonly node: NodeId };

/** An operation that a node shall perform. */
export interface Performance {
  readonly transitionKey: string;
  readonly task: string;
  readonly operationKey: string;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly startDelayMs: number;
  readonly resource: {
    readonly id: string;
    readonly class: string;
    readonly provider?: string;
    readonly type: string;
  };
  readonly parameters: Readonly<Record<string, string>>;
  readonly meta: Readonly<Record<string, string>>;
}

export interface ExecutorState {
  /** The last result of every operation, in the order in which they came about. */
  readonly history: readonly OperationResult[];
  /** Operations that wait or run, and recurring ones: results are to come. */
  readonly underWay: readonly OperationRequest[];
  /** Call ids go on from here. */
  readonly lastCallId: number;
}

/** One result for the DC: the history entry, and the resource that it belongs to. */
export interface OperationRecord {
  readonly resource: Performance['resource'];
  /** `<lrm_rsc_op>` elements as XML; none where history was removed. */
  readonly entries: readonly string[];
  /** Ids of entries that are gone. */
  readonly removed: readonly string[];
  readonly transitionKey: string;
  readonly operationKey: string;
  readonly task: string;
  readonly intervalMs: number;
  readonly status: number;
  readonly rc: number;
  readonly exitReason: string;
  readonly execTimeMs: number;
  /** The resource has no history on this node any more. */
  readonly forgotten?: boolean;
}

export interface AttributeUpdate {
  readonly node: string;
  readonly name: string;
  readonly value: string | null;
  readonly dampenMs: number;
  readonly private: boolean;
}

/** What a node passes on to the DC for a client of its own. */
export type DcRequest =
  | {
      readonly kind: 'patch';
      readonly patch: string;
      readonly base: CibVersion;
      readonly force: boolean;
      readonly command: string;
    }
  | {
      readonly kind: 'replace';
      readonly cib: string;
      readonly base: CibVersion | null;
      readonly force: boolean;
      readonly command: string;
    }
  | {
      readonly kind: 'cleanup';
      readonly resource: string | null;
      readonly node: string | null;
      readonly operation: string | null;
      readonly intervalMs: number | null;
      readonly refresh: boolean;
    }
  | { readonly kind: 'fail'; readonly resource: string; readonly node: string }
  | { readonly kind: 'attribute'; readonly update: AttributeUpdate }
  | { readonly kind: 'wait-idle'; readonly timeoutMs: number }
  | { readonly kind: 'fence'; readonly node: string; readonly action: string; readonly timeoutMs: number }
  | { readonly kind: 'confirm-down'; readonly node: string }
  | { readonly kind: 'shut-down'; readonly node: string };

export type RequestAnswer =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly error: ErrorAnswer };

export interface FenceRequest {
  readonly id: string;
  readonly target: string;
  readonly action: string;
  readonly timeoutMs: number;
  /** `priority-fencing-delay`: how long the first device waits besides its own delays. */
  readonly delayMs: number;
  readonly reason: string;
}

export interface FenceResult {
  readonly id: string;
  readonly target: string;
  readonly action: string;
  readonly ok: boolean;
  readonly text: string;
  readonly delegate: string | null;
}

export type ControllerInput = { readonly nowMs: number } & (
  | {
      readonly kind: 'start';
      /** What the disk holds; null on a new node. */
      readonly cib: string | null;
      readonly lineage: Lineage | null;
    }
  /** An executor is there, perhaps in the place of another, and tells what it has. */
  | ({ readonly kind: 'executor' } & ExecutorState)
  | {
      readonly kind: 'view';
      readonly view: View;
      readonly previous: View | null;
      readonly continuing: readonly NodeId[];
      readonly lost: readonly LostMember[];
    }
  /** False while the view may be over: nothing new is begun. */
  | { readonly kind: 'active'; readonly active: boolean }
  | { readonly kind: 'ordered'; readonly view: ViewId; readonly message: OrderedMessage }
  | { readonly kind: 'direct'; readonly view: ViewId; readonly from: NodeId; readonly payload: Payload }
  | { readonly kind: 'executed'; readonly result: OperationResult }
  /** The executor has no such recurring operation any more. */
  | { readonly kind: 'cancelled'; readonly resource: string; readonly key: string }
  | { readonly kind: 'stored'; readonly write: number }
  | { readonly kind: 'timer'; readonly timer: string }
  | {
      readonly kind: 'request';
      readonly id: string;
      readonly request: DcRequest;
      readonly identity: Identity;
    }
  /** This machine is noticeably busier, or less busy, than it was. */
  | { readonly kind: 'load'; readonly load: MachineLoad }
  /** This node shall stop: its resources move away first, unless `immediate`. */
  | { readonly kind: 'shut-down'; readonly immediate: boolean }
  | { readonly kind: 'fenced'; readonly result: FenceResult }
  /** The list of nodes was read anew; what is new in it gets into the document with the next view. */
  | { readonly kind: 'configure'; readonly nodes: readonly ControllerNode[] }
);

export type ControllerEffect =
  | { readonly kind: 'broadcast'; readonly payload: Broadcast }
  | { readonly kind: 'direct'; readonly to: NodeId; readonly payload: DirectMessage }
  /** Durably: write, fsync, rename, fsync of the directory; then `stored`. */
  | {
      readonly kind: 'store';
      readonly write: number;
      readonly cib: string;
      readonly lineage: Lineage;
      readonly version: CibVersion;
    }
  /** A document that has lost against another, to be kept beside it. */
  | {
      readonly kind: 'keep-document';
      readonly cib: string;
      readonly version: CibVersion;
      readonly reason: string;
    }
  /**
   * What the scheduler was given for the transition whose beginning is the next event; the host adds the name under
   * which it keeps it to that event. `max` is the series' bound (`pe-input-series-max`, ...): negative keeps all.
   */
  | {
      readonly kind: 'keep-input';
      readonly series: InputSeries;
      readonly max: number;
      readonly cib: Element;
    }
  | { readonly kind: 'execute'; readonly request: OperationRequest }
  | { readonly kind: 'cancel'; readonly resource: string; readonly key: string }
  | { readonly kind: 'forget'; readonly resource: string }
  | { readonly kind: 'fence'; readonly request: FenceRequest }
  | { readonly kind: 'set-timer'; readonly timer: string; readonly delayMs: number }
  | { readonly kind: 'cancel-timer'; readonly timer: string }
  | { readonly kind: 'reply'; readonly id: string; readonly answer: RequestAnswer }
  | { readonly kind: 'event'; readonly event: ClusterEvent }
  /** The document here has changed; `cib()` gives it. */
  | { readonly kind: 'cib-changed' }
  | { readonly kind: 'state-changed' }
  /** A question of another node's host for this one's, and the answer to one of ours. */
  | { readonly kind: 'query'; readonly from: NodeId; readonly id: string; readonly query: unknown }
  | { readonly kind: 'query-answer'; readonly from: NodeId; readonly id: string; readonly answer: unknown }
  /** The node's membership shall leave. */
  | { readonly kind: 'leave' }
  /** The same, should `leave` not follow within a second. */
  | { readonly kind: 'leave-soon' }
  | { readonly kind: 'log'; readonly level: 'debug' | 'info' | 'warning' | 'error'; readonly text: string };
