/**
 * The transition graph: what is to be done, and in what order. Data only; the controller executes it on real
 * executors, `crm_simulate` on a copy of the CIB, and both write it as Pacemaker's `<transition_graph>`.
 */
export interface TransitionGraph {
  /** As configured: `60s`. */
  readonly clusterDelay?: string;
  readonly stonithTimeout?: string;
  readonly clusterDelayMs: number;
  readonly stonithTimeoutMs: number;
  /** 0: no limit of its own. */
  readonly batchLimit: number;
  /** -1: no limit. */
  readonly migrationLimit: number;
  /** What a failed start or stop makes of the fail-count: `INFINITY` or `1`. */
  readonly failedStartOffset: string;
  readonly failedStopOffset: string;
  /** Seconds since 1970 when the result must be computed anew although nothing has happened; absent: never. */
  readonly recheckBy?: number;
  readonly synapses: readonly Synapse[];
}

/** Actions that may start once all inputs have completed. */
export interface Synapse {
  readonly id: number;
  /** Higher goes first under a batch limit; 0 where absent in XML. */
  readonly priority: number;
  /** One action, as Pacemaker writes it. */
  readonly actions: readonly GraphAction[];
  /** Ids of the actions waited for. */
  readonly inputs: readonly GraphInput[];
}

export interface GraphInput {
  readonly actionId: number;
  /** How the action is named where it is waited for; absent: as in its own synapse. */
  readonly head?: GraphActionHead;
}

/** What names an action. */
export interface GraphActionHead {
  readonly id: number;
  /** `rsc_op` runs an agent, `crm_event` is the cluster's own (stonith, shutdown, clear_failcount, ...), `pseudo_event` only orders. */
  readonly kind: 'rsc_op' | 'crm_event' | 'pseudo_event';
  /** The task: start, stop, monitor, promote, demote, notify, stonith, do_shutdown, lrm_delete, cancel, clear_failcount, migrate_to, ... */
  readonly operation: string;
  /** `RSC_TASK_INTERVALMS`. */
  readonly operationKey: string;
  readonly internalOperationKey?: string;
  /** Absent on pseudo events. */
  readonly onNode?: string;
  readonly onNodeUuid?: string;
  /** The cluster node that acts for a guest or remote node. */
  readonly routerNode?: string;
  /** `cib`: only the history in the CIB is deleted, not what the executor knows. */
  readonly mode?: string;
}

export interface GraphAction extends GraphActionHead {
  /** The resource as written in the graph's `<primitive>`. */
  readonly resource?: GraphResource;
  /** The `<attributes>` of the action: instance parameters, and `CRM_meta_*` with that prefix. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Parameters whose names begin with a digit, which cannot be XML attributes. */
  readonly parameters?: readonly (readonly [name: string, value: string])[];
  /** Ids of nodes that this action takes down (fencing, shutdown, the stop of a connection). */
  readonly downed?: readonly string[];
  /** Remote nodes whose maintenance mode is to be noted, by id. */
  readonly maintenance?: readonly { readonly id: string; readonly maintenance: boolean }[];
  /** Seconds since 1970 since when the resource is locked to the node. */
  readonly shutdownLock?: number;
}

export interface GraphResource {
  /** As in the lrm history, e.g. `db` or, for unique clones, `db:1`. */
  readonly id: string;
  readonly longId?: string;
  readonly class: string;
  readonly provider?: string;
  readonly type: string;
}
