/** What the controller asks of the executor on its own node, and what comes back. Data only. */

/** An agent's identity, as the CIB names it. `provider` only for class `ocf`. */
export interface AgentSpec {
  readonly class: string;
  readonly provider?: string;
  readonly type: string;
}

export interface OperationRequest {
  /** Unique on this node; results and cancellations refer to it. */
  readonly callId: number;
  /** `RSC_OP_INTERVALMS`, as in the CIB. */
  readonly key: string;
  readonly resource: string;
  readonly agent: AgentSpec;
  /** start, stop, monitor, promote, demote, notify, reload, reload-agent, migrate_to, migrate_from, validate-all, meta-data */
  readonly operation: string;
  /** 0 runs once. A recurring operation reports its first result and every change after it. */
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly startDelayMs: number;
  /** Instance parameters, by name as the agent knows them (without OCF_RESKEY_). */
  readonly parameters: Readonly<Record<string, string>>;
  /** `CRM_meta_*`, without the prefix. */
  readonly meta: Readonly<Record<string, string>>;
  /** Goes back with the result untouched: `transition-key` and `crm_feature_set`. */
  readonly userData: string;
}

/** Pacemaker's execution status (`op-status` in the CIB). */
export type ExecutionStatus =
  | 'pending'
  | 'done'
  | 'cancelled'
  | 'timeout'
  | 'not-supported'
  | 'error'
  | 'error-hard'
  | 'error-fatal'
  | 'not-installed'
  | 'not-connected'
  | 'invalid'
  | 'no-fence-device'
  | 'no-secrets';

export const EXECUTION_STATUS_NUMBER: Readonly<Record<ExecutionStatus, number>> = {
  pending: -1,
  done: 0,
  cancelled: 1,
  timeout: 2,
  'not-supported': 3,
  error: 4,
  'error-hard': 5,
  'error-fatal': 6,
  'not-installed': 7,
  'not-connected': 8,
  invalid: 9,
  'no-fence-device': 10,
  'no-secrets': 11,
};

export interface OperationResult {
  readonly callId: number;
  readonly key: string;
  readonly resource: string;
  readonly agent: AgentSpec;
  readonly operation: string;
  readonly intervalMs: number;
  readonly status: ExecutionStatus;
  /** OCF exit code, 0-15, 190, 191. */
  readonly rc: number;
  readonly exitReason: string;
  /** At most 64 KiB, the end kept. */
  readonly output: string;
  readonly userData: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** Milliseconds since 1970, when the operation's process was started; and when the result last changed. */
  readonly startedAtMs: number;
  readonly lastChangeAtMs: number;
  readonly execTimeMs: number;
  readonly queueTimeMs: number;
  /** Of the agent's parameters, by its meta-data; absent where it gave none. */
  readonly parameterTraits?: ParameterTraits;
}

/** For `op-force-restart` and `op-secure-params`; in the order of the meta-data. */
export interface ParameterTraits {
  /** A change of one of these needs a restart, of the others a reload; null: the agent cannot reload. */
  readonly restarting: readonly string[] | null;
  /** Passwords and the like. */
  readonly private: readonly string[];
}

/** One run of a fence agent. */
export interface FenceAgentCall {
  /** As `fence_ipmilan`. */
  readonly agent: string;
  /** What the agent is told: `off`, `on`, `reboot`, `status`, `monitor`, `list`, `metadata`, `validate-all`, ... */
  readonly action: string;
  /** The device's resource, by whose name secrets are kept. */
  readonly resource?: string;
  /** The device's parameters; `pcmk_*` are the fencer's own and are not passed on. */
  readonly parameters: Readonly<Record<string, string>>;
  /** The node, and, where the agent is told in one, the parameter and under which name the device knows the node. */
  readonly target?: { readonly node: string; readonly parameter?: string; readonly value?: string };
}

/** What became of a fence agent or an alert agent. */
export interface RunResult {
  /** `done` whenever the process exited by itself, whatever its exit code. */
  readonly status: ExecutionStatus;
  readonly rc: number;
  readonly exitReason: string;
  readonly output: string;
}
