import { type CivilTime, fromEpoch } from '../cib/civil-time.js';
import type { Element } from '../cib/element.js';
import type { HealthScores } from '../cib/score.js';

/**
 * What a CIB says is true now: nodes, the tree of resources with their instances, roles and failures, tickets and
 * options. Built by `unpackStatus` (unpack.ts), final when it returns. The fields that only the scheduler fills are
 * kept apart in `plan` and `ClusterNode.assigned`.
 */

/** Roles in their order: a higher role includes what the lower ones need. */
export const Role = { Unknown: 0, Stopped: 1, Started: 2, Unpromoted: 3, Promoted: 4 } as const;
export type Role = (typeof Role)[keyof typeof Role];

const ROLE_NAMES = ['Unknown', 'Stopped', 'Started', 'Unpromoted', 'Promoted'] as const;

/** The role as `crm_mon` prints it. */
export function roleName(role: Role): string {
  return ROLE_NAMES[role];
}

/** A role from a CIB value, in any case; the names before Pacemaker 2.1 (`Master`, `Slave`) count too. */
export function parseRole(text: string | undefined): Role {
  switch (text?.toLowerCase()) {
    case 'stopped':
      return Role.Stopped;
    case 'started':
      return Role.Started;
    case 'unpromoted':
    case 'slave':
      return Role.Unpromoted;
    case 'promoted':
    case 'master':
      return Role.Promoted;
    default:
      return Role.Unknown;
  }
}

/** `resource-discovery` of a location constraint: where probes of a resource may run. */
export type Discovery = 'always' | 'never' | 'exclusive';

/** `member`: runs the cluster; `remote`: a Pacemaker Remote node, on a machine of its own or as guest of a resource. */
export type NodeType = 'member' | 'remote' | 'ping';

export class ClusterNode {
  /** Position in `ClusterStatus.nodes` once unpacking is done. */
  index = -1;
  readonly id: string;
  readonly name: string;
  readonly type: NodeType;
  /** The node's own score, e.g. -INFINITY while it is offline; start value of every resource's score for it. */
  score = 0;
  discovery: Discovery = 'always';
  online = false;
  standby = false;
  /** `standby` was caused by an operation with on-fail=standby. */
  standbyOnFail = false;
  /** Joined the membership, not yet the cluster. */
  pending = false;
  /** Must be fenced before its resources may run elsewhere. */
  unclean = false;
  /** No status was ever seen. */
  unseen = false;
  shutdown = false;
  expectedUp = false;
  isDc = false;
  maintenance = false;
  /** Node attribute `resource-discovery-enabled`. */
  discoveryEnabled = true;
  /** Remote and guest nodes: the connection must be recovered with fencing. */
  remoteRequiresReset = false;
  remoteWasFenced = false;
  remoteMaintenance = false;
  /** Its history has been read. */
  unpacked = false;
  /** The connection resource of a remote or guest node. */
  remoteResource: Resource | undefined;
  /** Primitives active here, in order of discovery. */
  readonly running: Resource[] = [];
  /** Primitives that the scheduler puts here. */
  readonly assigned: Resource[] = [];
  readonly attributes = new Map<string, string>();
  readonly utilization = new Map<string, string>();
  /** Sum of the priorities of active resources (priority-fencing-delay). */
  priority = 0;
  /** Number of instances the scheduler has assigned here. */
  assignedCount = 0;

  constructor(id: string, name: string, type: NodeType) {
    this.id = id;
    this.name = name;
    this.type = type;
  }

  /** A remote node with a machine of its own. */
  get isRemote(): boolean {
    return this.type === 'remote' && this.remoteResource?.container === undefined;
  }

  /** A remote node that is the inside of a resource (container, virtual machine). */
  get isGuest(): boolean {
    return this.type === 'remote' && this.remoteResource?.container !== undefined;
  }

  /** The node inside a bundle's container. */
  get isBundle(): boolean {
    return this.isGuest && isBundled(this.remoteResource!);
  }

  get isGuestOrRemote(): boolean {
    return this.type === 'remote';
  }
}

/** A node as one resource sees it. */
export interface Candidate {
  readonly node: ClusterNode;
  /** -1000000 (never) to 1000000 (INFINITY). */
  score: number;
  discovery: Discovery;
  /** Instances of the clone on this node, while instances are being assigned. */
  count: number;
}

export type ResourceKind = 'primitive' | 'group' | 'clone' | 'bundle';

/** `multiple-active` */
export type MultipleActive = 'stop_only' | 'stop_start' | 'block' | 'stop_unexpected';

export interface GroupSettings {
  readonly ordered: boolean;
  readonly colocated: boolean;
}

export interface CloneSettings {
  max: number;
  nodeMax: number;
  promotedMax: number;
  promotedNodeMax: number;
  readonly ordered: boolean;
  /** Instances made so far, orphans included. */
  total: number;
  /** The configured primitive or group. */
  readonly childXml: Element;
}

export interface BundleReplica {
  readonly offset: number;
  /** The instance of the bundled primitive. */
  child: Resource | undefined;
  ipAddress: string | undefined;
  ip: Resource | undefined;
  container: Resource;
  /** The connection into the container. */
  remote: Resource | undefined;
  /** The guest node that the container is. */
  node: ClusterNode | undefined;
}

export interface BundleSettings {
  readonly agent: 'docker' | 'podman' | 'rkt';
  readonly image: string;
  readonly promotedMax: number;
  readonly replicaCount: number;
  replicasPerHost: number;
  /** The clone of the bundled primitive. */
  child: Resource | undefined;
  readonly replicas: BundleReplica[];
  attributeTarget: string | undefined;
}

/** One `<op>` of a resource. */
export interface ConfiguredOperation {
  readonly xml: Element;
  readonly name: string | undefined;
  readonly intervalMs: number;
  readonly enabled: boolean;
}

/** What only the scheduler knows of a resource; it declares the fields (scheduler/plan.ts). */
export interface ResourcePlan {
  /** Not yet assigned. */
  provisional: boolean;
  /** The node chosen. */
  assigned: ClusterNode | undefined;
}

export class Resource {
  /** Creation order, unique within one status; for arrays beside the tree. */
  readonly index: number;
  /** As configured; instances of a clone have `:N` after it. */
  readonly id: string;
  readonly kind: ResourceKind;
  /** The configuration, templates expanded. Shared by all instances of a clone. */
  readonly xml: Element;
  readonly parent: Resource | undefined;
  readonly children: Resource[] = [];
  /** Number of the clone instance that this is, or is in. */
  readonly instance: string | undefined;
  /** The id in a node's history where it differs from `id` (anonymous clones). */
  historyName: string | undefined;
  /** Shared by all instances of a clone. */
  readonly operations: readonly ConfiguredOperation[];
  /** Meta-attributes with those of the parents and `rsc_defaults`. */
  readonly meta = new Map<string, string>();
  clone: CloneSettings | undefined;
  group: GroupSettings | undefined;
  bundle: BundleSettings | undefined;

  orphan = false;
  managed = false;
  /** Nothing may be done with it until an administrator acts. */
  blocked = false;
  /** A leftover connection whose guest resource is no longer configured. */
  orphanFiller = false;
  notify = false;
  unique = false;
  fenceDevice = false;
  promotable = false;
  critical = true;
  failed = false;
  /** Must be stopped (for recovery) even where it may run on. */
  mustStop = false;
  startPending = false;
  allowMigrate = false;
  failureIgnored = false;
  maintenance = false;
  isContainer = false;
  needsQuorum = false;
  needsFencing = false;
  needsUnfencing = false;
  /** May run on guest nodes although it is a connection (bundles). */
  allowRemoteConnections = false;
  /** A connection to a remote or guest node. */
  isRemoteConnection = false;
  exclusiveDiscovery = false;

  priority = 0;
  stickiness = 0;
  /** Seconds; 0: never expires. */
  failureTimeoutSec = 0;
  migrationThreshold = 1_000_000;
  reconnectIntervalMs = 0;
  multipleActive: MultipleActive = 'stop_start';
  restartWithDependents = false;

  /** The highest role seen on any node. */
  role: Role = Role.Stopped;
  /** The role wanted next, as far as the status and target-role decide it. */
  nextRole: Role = Role.Unknown;
  /** Nodes it is active on; for collections, those of the members. */
  readonly runningOn: ClusterNode[] = [];
  allowed = new Map<ClusterNode, Candidate>();
  readonly danglingMigrations: ClusterNode[] = [];
  partialMigrationSource: ClusterNode | undefined;
  partialMigrationTarget: ClusterNode | undefined;
  /** An operation in flight: start, stop, promote, ... */
  pendingTask: string | undefined;
  pendingNode: ClusterNode | undefined;
  /** Shutdown lock: stopped cleanly with this node, and waits for it. */
  lockNode: ClusterNode | undefined;
  /** Seconds since 1970. */
  lockTime = 0;
  /** The resource whose inside this one lives in. */
  container: Resource | undefined;
  /** Resources inside this container. */
  readonly fillers: Resource[] = [];
  // Most resources have none of these, and there may be thousands.
  #utilization: Map<string, string> | undefined;
  #knownOn: Set<ClusterNode> | undefined;
  #parameterCache: Map<string, Map<string, string>> | undefined;

  plan: ResourcePlan | undefined;

  constructor(fields: {
    index: number;
    id: string;
    kind: ResourceKind;
    xml: Element;
    parent: Resource | undefined;
    instance: string | undefined;
    operations: readonly ConfiguredOperation[];
  }) {
    this.index = fields.index;
    this.id = fields.id;
    this.kind = fields.kind;
    this.xml = fields.xml;
    this.parent = fields.parent;
    this.instance = fields.instance;
    this.operations = fields.operations;
  }

  get utilization(): Map<string, string> {
    this.#utilization ??= new Map();
    return this.#utilization;
  }

  set utilization(values: Map<string, string>) {
    this.#utilization = values;
  }

  /** Nodes whose state of it is known (by a probe or any operation). */
  get knownOn(): Set<ClusterNode> {
    this.#knownOn ??= new Set();
    return this.#knownOn;
  }

  /** Instance parameters by node name, '' for none; filled by `resourceParameters`. */
  get parameterCache(): Map<string, Map<string, string>> {
    this.#parameterCache ??= new Map();
    return this.#parameterCache;
  }

  /** The id as shown to people: without instance number where instances are interchangeable. */
  get printableId(): string {
    return this.unique ? this.id : this.xml.id;
  }

  get standard(): string | undefined {
    return this.xml.get('class');
  }
}

/** The outermost resource that this one belongs to, short of a bundle. */
export function topmost(resource: Resource): Resource {
  let top = resource;
  while (top.parent && top.parent.kind !== 'bundle') top = top.parent;
  return top;
}

/** Within a bundle (container, address, connection, or the bundled resource). */
export function isBundled(resource: Resource): boolean {
  let top = resource;
  while (top.parent) top = top.parent;
  return top !== resource && top.kind === 'bundle';
}

export function isClone(resource: Resource | undefined): boolean {
  return resource?.kind === 'clone';
}

export function isAnonymousClone(resource: Resource | undefined): boolean {
  return resource?.kind === 'clone' && !resource.unique;
}

/** A failed operation, as `crm_mon` lists it. */
export interface FailedOperation {
  readonly node: ClusterNode;
  readonly resource: Resource;
  /** `RSC_TASK_INTERVALMS` */
  readonly operationKey: string;
  /** The `lrm_rsc_op`. */
  readonly xml: Element;
}

/** What must be done about the status before anything is planned; the scheduler makes actions of it, in order. */
export type StatusRequest =
  | {
      kind: 'fence';
      node: ClusterNode;
      reason: string | undefined;
      priorityDelay: boolean;
    }
  | { kind: 'stop' | 'demote'; resource: Resource; node: ClusterNode }
  /** Stops asked for earlier turned out to be unneeded. */
  | { kind: 'stop-optional'; resource: Resource; node: ClusterNode }
  | { kind: 'recurring'; resource: Resource; node: ClusterNode; task: string; key: string }
  | {
      kind: 'clear-failcount';
      resource: Resource;
      node: ClusterNode;
      reason: string;
      /** The remote node whose fencing comes first. */
      afterFencing: ClusterNode | undefined;
    }
  | { kind: 'clear-history'; resource: Resource; node: ClusterNode };

export interface Ticket {
  readonly id: string;
  granted: boolean;
  /** Seconds since 1970; -1: never. */
  lastGranted: number;
  standby: boolean;
  readonly attributes: Map<string, string>;
}

export interface Tag {
  readonly id: string;
  readonly references: string[];
}

export type QuorumPolicy = 'freeze' | 'stop' | 'ignore' | 'suicide' | 'demote';

/** What the parameters recorded with an operation and those configured now say. */
export type DigestVerdict = 'match' | 'unknown' | 'restart' | 'all';

export interface OperationDigests {
  verdict: DigestVerdict;
  /** Of all parameters. */
  readonly all: string;
  /** Of those that are not private. */
  readonly secure: string | undefined;
  /** Of those that need a restart to take effect. */
  readonly restart: string | undefined;
}

/** A line for the operator about the configuration or the state. */
export interface StatusMessage {
  readonly severity: 'error' | 'warning' | 'notice';
  readonly text: string;
  /** Said only; the configuration is none the worse for it in crm_verify's eyes. Default false. */
  readonly remark?: boolean;
}

/** Cluster options as they take effect, defaults filled in. */
export interface ClusterOptions {
  readonly all: ReadonlyMap<string, string>;
  symmetricCluster: boolean;
  stonithEnabled: boolean;
  haveStonithResource: boolean;
  /** Some resource or device asks for unfencing. */
  unfencing: boolean;
  stonithAction: string;
  stonithTimeoutMs: number;
  concurrentFencing: boolean;
  startupFencing: boolean;
  priorityFencingDelaySec: number;
  noQuorumPolicy: QuorumPolicy;
  maintenanceMode: boolean;
  stopAllResources: boolean;
  stopOrphanResources: boolean;
  stopOrphanActions: boolean;
  removeAfterStop: boolean;
  startFailureIsFatal: boolean;
  startupProbes: boolean;
  placementStrategy: string;
  shutdownLock: boolean;
  shutdownLockLimitSec: number;
  nodeHealthStrategy: string;
  nodeHealthBase: number;
  healthScores: HealthScores;
}

export class ClusterStatus {
  readonly cib: Element;
  /** The time that rules and expiry are judged by, milliseconds since 1970. */
  readonly nowMs: number;
  /** The same, in the local time zone. */
  readonly now: CivilTime;
  options!: ClusterOptions;
  quorate = false;
  dcId: string | undefined;
  dc: ClusterNode | undefined;
  /** In order of name. */
  readonly nodes: ClusterNode[] = [];
  /** Outermost resources, highest priority first, then as configured; orphans last. */
  readonly resources: Resource[] = [];
  readonly tickets = new Map<string, Ticket>();
  readonly tags = new Map<string, Tag>();
  /** Resources made from each template. */
  readonly templates = new Map<string, Tag>();
  readonly failures: FailedOperation[] = [];
  readonly requests: StatusRequest[] = [];
  readonly messages: StatusMessage[] = [];
  haveRemoteNodes = false;
  resourceDefaults: Element | undefined;
  operationDefaults: Element | undefined;
  instanceCount = 0;
  disabledCount = 0;
  blockedCount = 0;
  /** Seconds since 1970 at which a rule or expiry changes the result; undefined: never. */
  recheckBy: number | undefined;
  /** Operations whose parameters can be compared only once hosts are assigned. */
  readonly parameterChecks: {
    resource: Resource;
    node: ClusterNode;
    operation: Element;
    check: 'active' | 'last-failure';
  }[] = [];
  /** Recurring operations whose failure is older than failure-timeout: they must run anew. */
  readonly expiredOperations = new Set<Element>();
  /** Digests without private parameters count too, as the CIB was made safe to show. */
  sanitized = false;
  /** Kept by node and operation key. */
  readonly digests = new Map<string, OperationDigests>();
  readonly nodesByName = new Map<string, ClusterNode>();
  readonly nodesById = new Map<string, ClusterNode>();
  /** All resources by exact id; instances too. */
  readonly resourcesById = new Map<string, Resource>();
  /** Operations by the element they are configured in. */
  readonly operationsOf = new Map<Element, readonly ConfiguredOperation[]>();
  /** Resources whose template is filled in, by the element that was configured. */
  readonly expandedTemplates = new Map<Element, Element>();
  resourceCount = 0;

  constructor(cib: Element, nowMs: number, utcOffsetSec = 0) {
    this.cib = cib;
    this.nowMs = nowMs;
    this.now = fromEpoch(Math.floor(nowMs / 1000), utcOffsetSec);
  }

  get nowSec(): number {
    return Math.floor(this.nowMs / 1000);
  }
}
