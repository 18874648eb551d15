import { warnOnce } from '../status/remarks.js';
import type {
  Candidate,
  ClusterNode,
  ClusterStatus,
  Resource,
  ResourceKind,
  Role,
  Ticket,
} from '../status/types.js';
import type { Action } from './action.js';
import { Explanation } from './explanation.js';
import type { Synapse } from './graph.js';

/** A location constraint as it bears on one resource. */
export interface Location {
  readonly id: string;
  readonly resource: Resource;
  /** Only for this role; Unknown: for any. */
  role: Role;
  readonly discovery: Candidate['discovery'];
  nodes: { readonly node: ClusterNode; readonly score: number }[];
}

export interface Colocation {
  readonly id: string;
  /** The resource that is placed relative to the other. */
  readonly dependent: Resource;
  readonly primary: Resource;
  readonly dependentRole: Role;
  readonly primaryRole: Role;
  readonly score: number;
  readonly nodeAttribute: string | undefined;
  /** The dependent's preferences count for where an active primary runs. */
  readonly influence: boolean;
}

/** An order that is to hold between all actions that its keys name. */
export interface Ordering {
  readonly firstResource: Resource | undefined;
  readonly firstKey: string | undefined;
  readonly firstAction: Action | undefined;
  readonly thenResource: Resource | undefined;
  readonly thenKey: string | undefined;
  readonly thenAction: Action | undefined;
  readonly flags: number;
}

export type LossPolicy = 'stop' | 'demote' | 'fence' | 'freeze';

export interface TicketConstraint {
  readonly id: string;
  readonly resource: Resource;
  readonly ticket: Ticket;
  readonly lossPolicy: LossPolicy;
  readonly role: Role;
}

export interface NotifyEntry {
  readonly resource: Resource;
  readonly node: ClusterNode | undefined;
}

/** Notifications around one task of a clone. */
export interface Notifications {
  readonly task: string;
  pre: Action | undefined;
  preDone: Action | undefined;
  post: Action | undefined;
  postDone: Action | undefined;
  readonly active: NotifyEntry[];
  readonly inactive: NotifyEntry[];
  readonly start: NotifyEntry[];
  readonly stop: NotifyEntry[];
  readonly promote: NotifyEntry[];
  readonly demote: NotifyEntry[];
  readonly promoted: NotifyEntry[];
  readonly unpromoted: NotifyEntry[];
  allowed: ReadonlyMap<ClusterNode, Candidate> | undefined;
  readonly environment: [string, string][];
}

/** What one resource kind does differently; see primitive.ts, group.ts, clone.ts, bundle.ts. */
export interface Methods {
  /** Chooses a node; the chosen one is returned where the kind has one. */
  assign(planner: Planner, resource: Resource, prefer: ClusterNode | undefined): ClusterNode | undefined;
  createActions(planner: Planner, resource: Resource): void;
  /** Creates what probes are needed on a node; whether there were any. */
  createProbe(planner: Planner, resource: Resource, node: ClusterNode): boolean;
  addInternalConstraints(planner: Planner, resource: Resource): void;
  /** Lets a colocation bear on the dependent's scores. */
  applyColocation(
    planner: Planner,
    dependent: Resource,
    primary: Resource,
    colocation: Colocation,
    forDependent: boolean,
  ): void;
  /** Adds all that must be together with the resource to `found`. */
  collectColocated(planner: Planner, resource: Resource, origin: Resource, found: Set<Resource>): void;
  applyLocation(planner: Planner, resource: Resource, location: Location): void;
  /** The flags of an action, those of a collection summed up from its members. */
  actionFlags(planner: Planner, action: Action, node: ClusterNode | undefined): number;
  /** Applies one ordering to two actions; which of them changed. */
  updateOrdered(
    planner: Planner,
    first: Action,
    then: Action,
    node: ClusterNode | undefined,
    flags: number,
    filter: number,
    type: number,
  ): number;
  addToGraph(planner: Planner, resource: Resource): void;
  addGraphMeta(resource: Resource, set: (name: string, value: string) => void): void;
  addUtilization(
    planner: Planner,
    resource: Resource,
    origin: Resource,
    all: ReadonlySet<Resource>,
    total: Map<string, string>,
  ): void;
  applyShutdownLock(planner: Planner, resource: Resource): void;
}

/** One line of what `crm_simulate -s` and `-U` show. */
export type ScoreEntry =
  | { kind: 'assignment'; stage: string; resource: Resource; node: ClusterNode; score: number }
  | { kind: 'promotion'; resource: Resource; node: ClusterNode | undefined; score: number }
  | { kind: 'capacity'; stage: string; node: ClusterNode; values: readonly (readonly [string, string])[] }
  | {
      kind: 'utilization';
      stage: string;
      resource: Resource;
      node: ClusterNode;
      values: readonly (readonly [string, string])[];
    };

declare module '../status/types.js' {
  interface ResourcePlan {
    /** The score that the node was chosen with. */
    assignedScore: number;
    /** Its node is being chosen: a colocation must not come back to it. */
    assigning: boolean;
    /** Its colocations are being followed. */
    merging: boolean;
    /** What it is created with is a restart. */
    restarting: boolean;
    reload: boolean;
    /** Multiply active: only the instances that are not expected are stopped. */
    stopUnexpected: boolean;
    /** Oldest first. */
    readonly actions: Action[];
    readonly actionsByKey: Map<string, Action[]>;
    /** Colocations in which it is the dependent, by the primaries' priority. */
    thisWith: Colocation[];
    /** Colocations in which it is the primary, by the dependents' priority. */
    withThis: Colocation[];
    readonly locations: Location[];
    readonly tickets: TicketConstraint[];
    /** Rank among the instances of a promotable clone. */
    sortIndex: number;
    promotionScoresAdded: boolean;
    promotionSorted: boolean;
    startNotifications: Notifications | undefined;
    stopNotifications: Notifications | undefined;
    promoteNotifications: Notifications | undefined;
    demoteNotifications: Notifications | undefined;
  }
}

/** A plan while it is made: what was read, and what came of it so far. */
export class Planner {
  readonly status: ClusterStatus;
  readonly methods: Readonly<Record<ResourceKind, Methods>>;
  /** Oldest first. */
  readonly actions: Action[] = [];
  readonly actionsByKey = new Map<string, Action[]>();
  /** Actions of no resource, by key. */
  readonly singletons = new Map<string, Action>();
  /** In the order they were made. */
  readonly orderings: Ordering[] = [];
  readonly locations: Location[] = [];
  readonly colocations: Colocation[] = [];
  readonly tickets: TicketConstraint[] = [];
  readonly scores: ScoreEntry[] = [];
  /** Notices for the operator. */
  readonly notes: string[] = [];
  /** Keep `scores`. */
  readonly recordScores: boolean;
  readonly recordUtilization: boolean;
  /** Present where somebody asked what made the scores. */
  readonly explanation: Explanation | undefined;
  readonly synapses: Synapse[] = [];
  nextActionId = 1;

  constructor(
    status: ClusterStatus,
    methods: Readonly<Record<ResourceKind, Methods>>,
    record: { scores: boolean; utilization: boolean; explain?: boolean },
  ) {
    this.status = status;
    this.methods = methods;
    this.recordScores = record.scores;
    this.recordUtilization = record.utilization;
    if (record.explain) this.explanation = new Explanation(status);
  }

  /** Runs a step; where somebody asked, the scores it changes are put down to `cause`. */
  because(cause: string, step: () => void): void {
    this.explanation?.attribute('state');
    step();
    this.explanation?.attribute(cause);
  }

  methodsOf(resource: Resource): Methods {
    return this.methods[resource.kind];
  }

  warn(text: string): void {
    this.status.messages.push({ severity: 'warning', text });
  }

  /** As `warn`, unless it was said before. */
  warnOnce(text: string): void {
    warnOnce(this.status, text);
  }

  error(text: string): void {
    this.status.messages.push({ severity: 'error', text });
  }

  /** Says something that is no fault of the configuration. */
  remark(severity: 'error' | 'warning', text: string): void {
    this.status.messages.push({ severity, text, remark: true });
  }
}

/** Gives a resource and all below it the part that only the scheduler knows. */
export function preparePlan(resource: Resource): void {
  resource.plan = {
    provisional: true,
    assigned: undefined,
    assignedScore: 0,
    assigning: false,
    merging: false,
    restarting: false,
    reload: false,
    stopUnexpected: false,
    actions: [],
    actionsByKey: new Map(),
    thisWith: [],
    withThis: [],
    locations: [],
    tickets: [],
    sortIndex: 0,
    promotionScoresAdded: false,
    promotionSorted: false,
    startNotifications: undefined,
    stopNotifications: undefined,
    promoteNotifications: undefined,
    demoteNotifications: undefined,
  };
  for (const child of resource.children) preparePlan(child);
}
