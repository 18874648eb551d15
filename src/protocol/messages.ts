/**
 * The administrative protocol between a shell (or tool) and an agent: one JSON object a line over a stream
 * (the agent's unix socket, or SSH forwarded to it).
 *
 * A request carries a number; its answer carries the same. Notifications, which only a subscriber gets, carry none.
 * Unknown methods are answered with `unknown-method`; unknown fields are ignored, so either side may be newer.
 * A line may be up to LINE_BYTES_MAX long; a longer one ends the connection.
 */

/** Version of this protocol; only appended to while its major stays. */
export const PROTOCOL_VERSION = 1;

/** A whole CIB of 5,000 resources is about 10 MB. */
export const LINE_BYTES_MAX = 64 * 1024 * 1024;

/** `admin_epoch.epoch.num_updates` as in the CIB's root element. */
export interface CibVersion {
  readonly adminEpoch: number;
  readonly epoch: number;
  readonly numUpdates: number;
}

/** Who is asking, as the agent has established (never taken from the client's word alone). */
export interface Identity {
  readonly user: string;
  readonly uid: number;
  /** Where the request comes from: `local`, or the client's address and user as SSH reported them. */
  readonly origin: string;
  /** Groups of an ordinary user, who is subject to the CIB's ACLs; absent for root and the agent's own account. */
  readonly groups?: readonly string[];
}

export type ErrorCode =
  | 'unknown-method'
  | 'invalid-request'
  | 'permission-denied'
  /** The CIB has moved on: `data.version` is the current version, `data.cib` the current document. */
  | 'conflict'
  /** The result would violate the schema: `message` lists every complaint, a line each. */
  | 'invalid-cib'
  | 'not-found'
  | 'no-quorum'
  | 'no-dc'
  | 'timeout'
  | 'failed';

export interface ErrorAnswer {
  readonly code: ErrorCode;
  readonly message: string;
  readonly data?: unknown;
}

/** Membership as the answering node sees it. */
export interface ClusterState {
  readonly clusterName: string;
  readonly localNode: string;
  readonly dc: string | null;
  readonly quorate: boolean;
  /** Grows with every change of membership, and survives restarts. */
  readonly viewId: number;
  readonly votes: { readonly expected: number; readonly total: number; readonly quorum: number };
  readonly members: readonly MemberState[];
  /** The arbiter of `quorum.device`, which is none of the members; absent or null where there is none. */
  readonly device?: { readonly host: string; readonly votes: number; readonly votesHere: boolean } | null;
  /** Number of the running transition, or null when the cluster is idle (Pacemaker's S_IDLE). */
  readonly transition: TransitionProgress | null;
}

export interface MemberState {
  readonly nodeId: number;
  readonly name: string;
  readonly online: boolean;
  readonly votes: number;
  readonly addresses: readonly string[];
  /** Round trip of heartbeats per link in ms; null while nothing was heard. */
  readonly linkLatencyMs: readonly (number | null)[];
  readonly version: string | null;
}

export interface NodeLoad {
  readonly node: string;
  /** Runnable processes, averaged over the last minute. */
  readonly load: number;
  readonly processors: number;
}

export interface TransitionProgress {
  readonly id: number;
  readonly total: number;
  readonly completed: number;
  readonly failed: number;
  readonly running: readonly { readonly key: string; readonly node: string; readonly startedAtMs: number }[];
}

/**
 * One thing that happened, as data; `crm history` and the demo's timeline put it into words.
 * `atMs` is milliseconds since 1970 on the recording node.
 */
export interface ClusterEvent {
  readonly atMs: number;
  readonly node: string;
  readonly kind:
    | 'suspected'
    | 'isolated'
    | 'lost'
    | 'joined'
    | 'view'
    | 'quorum'
    | 'dc'
    | 'fencing'
    | 'fenced'
    | 'transition'
    | 'operation'
    | 'cib'
    | 'attribute'
    | 'stopping'
    | 'started';
  readonly text: string;
  readonly data: Readonly<Record<string, string | number | boolean | null>>;
}

/** Method → parameters and result. Every method may also end in an ErrorAnswer. */
export interface Methods {
  /**
   * First request of a connection. Until identity is proven, `identity.uid` is -1, `challenge` is the path at which the
   * client makes a directory of mode 0700, and everything but `prove` is answered `permission-denied`.
   */
  hello: {
    params: { protocol: number; program: string };
    result: { protocol: number; version: string; node: string; identity: Identity; challenge?: string };
  };
  /**
   * The challenged directory is there: its owner is who asks from now on. Requests may follow in the same write.
   * `origin` is where that person sits, as the SSH session on the agent's host has it (`SSH_CONNECTION`).
   */
  prove: { params: { origin?: string }; result: { identity: Identity } };
  /** The CIB as XML text; `configuration` and `status` give only that section (as a `cib` with one child). */
  'cib.read': {
    params: { scope?: 'all' | 'configuration' | 'status' };
    result: { cib: string; version: CibVersion };
  };
  /**
   * Applies a patch (Pacemaker's format 2 `<diff>`) that was made from `base`. Refused with `conflict` when what it
   * touches has changed since, unless `force`. Answered once every member of the view has it on disk.
   */
  'cib.patch': {
    params: { patch: string; base: CibVersion; force?: boolean; command?: string };
    result: { version: CibVersion };
  };
  /** Replaces the whole configuration section (or document). `base` as for `cib.patch`. */
  'cib.replace': {
    params: { cib: string; base?: CibVersion; force?: boolean; command?: string };
    result: { version: CibVersion };
  };
  'cluster.state': { params: Record<string, never>; result: ClusterState };
  /** How busy the members' machines are; one that does not answer in time is left out. */
  'cluster.load': { params: Record<string, never>; result: { nodes: NodeLoad[] } };
  /** The newest lines in the members' logs that name something, oldest first of each node, at most `limit` a node. */
  'cluster.log': {
    params: { about: string; limit?: number };
    result: { nodes: { node: string; lines: string[] }[] };
  };
  /** Corosync's cmap as flat keys, e.g. `runtime.members.1.status` → `joined`. */
  'cluster.cmap': {
    params: { prefix?: string };
    result: { entries: { key: string; type: string; value: string }[] };
  };
  /** What the node's corosync.conf sets in contradiction, or without effect; the node runs all the same. */
  'cluster.remarks': {
    params: Record<string, never>;
    result: { file: string; remarks: ConfigurationRemark[] };
  };
  /** From now on this connection gets notifications of these topics. */
  subscribe: { params: { topics: Topic[] }; result: Record<string, never> };
  /** Answered when no transition is running and none is due (the DC is S_IDLE). */
  'cluster.wait-idle': { params: { timeoutMs: number }; result: { idle: boolean } };
  /** Events of this node (and, with `all`, of every member), oldest first, at most `limit`. */
  'history.events': {
    params: { sinceMs?: number; limit?: number; all?: boolean };
    result: { events: ClusterEvent[] };
  };
  /** Scheduler inputs kept by this node (and, with `all`, by every member), of each node the oldest first. */
  'history.inputs': { params: { all?: boolean }; result: { inputs: SchedulerInput[] } };
  /** A kept scheduler input: the CIB as XML, its root with the time of the decision (`execution-date`, seconds). */
  'history.input': { params: { name: string; node?: string }; result: { cib: string } };
  /** Transient (reboot) node attributes; undefined value removes. `dampenMs` as attrd's. */
  'attribute.update': {
    params: { node: string; name: string; value?: string; dampenMs?: number; private?: boolean };
    result: Record<string, never>;
  };
  'attribute.query': {
    params: { name?: string; node?: string };
    result: { attributes: { node: string; name: string; value: string }[] };
  };
  /** Forgets failures (and with `refresh` all history) so that the state is probed anew. */
  'resource.cleanup': {
    params: { resource?: string; node?: string; operation?: string; intervalMs?: number; refresh?: boolean };
    result: { cleaned: { resource: string; node: string }[] };
  };
  /** Makes the cluster believe that a primitive has failed on a node: it is recovered as after a failed monitor. */
  'resource.fail': { params: { resource: string; node: string }; result: Record<string, never> };
  'node.fence': {
    params: { node: string; action: 'reboot' | 'off' | 'on'; timeoutMs: number };
    result: Record<string, never>;
  };
  /** The administrator vouches that the node is down (stonith_admin --confirm). */
  'node.confirm-down': { params: { node: string }; result: Record<string, never> };
  'fencing.history': { params: { node?: string }; result: { entries: FencingHistoryEntry[] } };
  /** All members forget what is over; of one node where one is given. */
  'fencing.forget': { params: { node?: string }; result: Record<string, never> };
  /** A device or level beside the configuration, or against it, on all members (stonith_admin --register). */
  'fencing.register': { params: { registration: FencingRegistration }; result: Record<string, never> };
  'fencing.registered': { params: Record<string, never>; result: { registrations: FencingRegistration[] } };
  /** Every member reads corosync.conf and the keys anew; who could not, and why, goes on with what it had. */
  'cluster.reload': {
    params: Record<string, never>;
    result: { complaints: { node: string; message: string }[] };
  };
  /** Stops this node's agent: resources are moved away first unless `immediate`. Answered when stopping has begun. */
  'agent.stop': { params: { immediate?: boolean }; result: Record<string, never> };
  'agents.list': { params: { class: string; provider?: string }; result: { agents: string[] } };
  'agents.metadata': { params: { class: string; provider?: string; type: string }; result: { xml: string } };
}

/** A word on a place in corosync.conf; lines and columns count from 1. */
export interface ConfigurationRemark {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** A document that the scheduler was given, as a node keeps it. */
export interface SchedulerInput {
  readonly node: string;
  /** `pe-input-12`, `pe-warn-3`, `pe-error-0`: numbered per node. */
  readonly name: string;
  readonly atMs: number;
  /** As it is kept, compressed; 0 while it is being written. */
  readonly bytes: number;
}

export interface FencingHistoryEntry {
  readonly target: string;
  readonly action: string;
  readonly origin: string;
  readonly delegate: string | null;
  readonly client: string;
  readonly state: 'success' | 'failed' | 'pending';
  readonly completedAtMs: number | null;
  readonly reason: string | null;
}

/** What is registered beside the configuration. */
export type FencingRegistration =
  /** `agent` null: the device is there no more, also where the configuration has it. */
  | {
      readonly device: string;
      readonly agent: string | null;
      readonly parameters: Readonly<Record<string, string>>;
    }
  /** `target`: `NAME`, `@PATTERN` or `ATTRIBUTE=VALUE`. Without devices: the level is there no more. */
  | { readonly target: string; readonly index: number; readonly devices: readonly string[] };

export type Topic = 'cib' | 'state' | 'events';

export interface Notifications {
  /** A new version of the CIB: the patch from the one before, or the document where that is not held. */
  cib: { version: CibVersion; patch?: string; cib?: string };
  state: { state: ClusterState };
  events: { event: ClusterEvent };
}

export type Method = keyof Methods;
export type Params<M extends Method> = Methods[M]['params'];
export type Result<M extends Method> = Methods[M]['result'];

export interface Request<M extends Method = Method> {
  readonly id: number;
  readonly method: M;
  readonly params: Params<M>;
}

export type Answer =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: ErrorAnswer };

export type Notification = {
  [K in Topic]: { readonly notify: K } & Notifications[K];
}[Topic];
