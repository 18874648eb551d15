/** Tells the alert agents of the configuration what happens, each node for itself as Pacemaker's does. */
import type { Element } from '../cib/element.js';
import { readMemo } from '../controller/history.js';
import { parseTransitionKey } from '../controller/transition-key.js';
import { type AlertEvent, alertRuns, readAlerts } from '../executor/alerts.js';
import type { OperationResult, RunResult } from '../executor/types.js';
import type { ClusterEvent, FencingHistoryEntry } from '../protocol/messages.js';

/** What the host needs of an executor; ExecutorClient is one. */
export interface AlertExecutor {
  alert(path: string, environment: Readonly<Record<string, string>>, timeoutMs: number): Promise<RunResult>;
}

export interface AlertHostOptions {
  readonly localNode: string;
  readonly nodeId: (name: string) => number;
  readonly cib: () => Element;
  readonly executor: () => AlertExecutor | null;
  readonly log: (text: string) => void;
}

export class AlertHost {
  readonly #options: AlertHostOptions;
  #sequence = 1;

  constructor(options: AlertHostOptions) {
    this.#options = options;
  }

  /** An operation on this node has a new result. */
  executed(result: OperationResult): void {
    if (result.status === 'cancelled' || result.operation === 'meta-data') return;
    const key = parseTransitionKey(readMemo(result).transitionKey);
    this.#tell({ kind: 'resource', node: this.#options.localNode, result, expectedRc: key?.targetRc ?? 0 });
  }

  fenced(entry: FencingHistoryEntry): void {
    const { target, action, delegate, client, origin, state, reason } = entry;
    const outcome = state === 'success' ? 'OK' : (reason ?? 'failed');
    const description = `Operation ${action} of ${target} by ${delegate ?? 'unknown'} for ${client}@${origin}: ${outcome}`;
    this.#tell({ kind: 'fencing', target, action, description, rc: state === 'success' ? 0 : 1 });
  }

  /** Members and attributes; what else is noted is told otherwise or not at all. */
  noted(event: ClusterEvent): void {
    const node = String(event.data.node ?? '');
    const nodeId = this.#options.nodeId(node);
    if (event.kind === 'joined') this.#tell({ kind: 'node', node, nodeId, state: 'member' });
    else if (event.kind === 'lost') this.#tell({ kind: 'node', node, nodeId, state: 'lost' });
    else if (event.kind === 'attribute') {
      const { name, value } = event.data;
      this.#tell({
        kind: 'attribute',
        node,
        nodeId,
        name: String(name),
        value: value === null || value === undefined ? null : String(value),
      });
    }
  }

  #tell(event: AlertEvent): void {
    const alerts = readAlerts(this.#options.cib());
    if (alerts.length === 0) return;
    const runs = alertRuns(alerts, event, this.#sequence, Date.now());
    this.#sequence += runs.length;
    for (const { id, path, environment, timeoutMs } of runs) {
      void this.#options
        .executor()
        ?.alert(path, environment, timeoutMs)
        .then((result) => {
          if (result.status === 'done' && result.rc === 0) return;
          this.#options.log(`${id} (${path}) failed: ${result.exitReason || `exit code ${result.rc}`}`);
        });
    }
  }
}
