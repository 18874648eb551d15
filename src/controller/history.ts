import { operationDigest } from '../cib/digest.js';
import { Element } from '../cib/element.js';
import { FEATURE_SET } from '../cib/version.js';
import { writeXml } from '../cib/xml.js';
import { EXECUTION_STATUS_NUMBER, type ExecutionStatus, type OperationResult } from '../executor/types.js';
import { formatTransitionKey, parseTransitionKey } from './transition-key.js';
import type { OperationRecord, Performance } from './types.js';

/** What goes through the executor with an operation and comes back with its result. */
export interface OperationMemo {
  readonly transitionKey: string;
  readonly task: string;
  readonly timeoutMs: number;
  readonly meta: Readonly<Record<string, string>>;
}

/** Statuses that are failures whatever the exit code (Pacemaker's did_rsc_op_fail). */
const FAILED: ReadonlySet<ExecutionStatus> = new Set([
  'not-supported',
  'timeout',
  'error',
  'not-connected',
  'no-fence-device',
  'no-secrets',
  'invalid',
]);

export function operationFailed(status: ExecutionStatus, rc: number, targetRc: number): boolean {
  if (status === 'cancelled' || status === 'pending') return false;
  return FAILED.has(status) || rc !== targetRc;
}

/** `PCMK_OCF_UNKNOWN`: the exit code of an operation that is still running. */
export const RC_UNKNOWN = 193;

/** When the result of a recurring operation changed: as the executor says, and as the history has it. */
interface Change {
  readonly callId: number;
  readonly changedMs: number;
  readonly recordedSec: number;
}

interface ResourceHistory {
  readonly resource: Performance['resource'];
  /** Of recurring operations, by key. */
  readonly changes: Map<string, Change>;
  /** By id, `<lrm_rsc_op>` as XML. */
  readonly entries: Map<string, { readonly xml: string; readonly recurring: boolean }>;
}

/**
 * The second that goes into `last-rc-change`. The results of a recurring operation have one call id, so that this second alone
 * tells which came last: one that changes twice within a second is recorded as a second later each time.
 */
function recordChange(history: ResourceHistory, key: string, result: OperationResult): number {
  const { callId, intervalMs } = result;
  const changedMs = intervalMs > 0 ? result.lastChangeAtMs : result.startedAtMs;
  const second = Math.floor(changedMs / 1000);
  if (intervalMs === 0) return second;
  const before = history.changes.get(key);
  const same = before?.callId === callId;
  if (same && before.changedMs === changedMs) return before.recordedSec;
  const recordedSec = same ? Math.max(second, before.recordedSec + 1) : second;
  history.changes.set(key, { callId, changedMs, recordedSec });
  return recordedSec;
}

/**
 * The history of operations on one node as it stands in its `<lrm>`: the last operation, the last failure, recurring
 * monitors and migrations of each resource (controld's history cache and pcmk__create_history_xml).
 */
export class LocalHistory {
  readonly #node: string;
  readonly #name: string;
  readonly #resources = new Map<string, ResourceHistory>();

  constructor(node: string, name: string) {
    this.#node = node;
    this.#name = name;
  }

  resources(): string[] {
    return [...this.#resources.keys()];
  }

  /** Takes a result in; returns what changed, for the DC. */
  record(result: OperationResult): OperationRecord {
    const memo = readMemo(result);
    const { resource: id, agent } = result;
    const resource = { id, ...agent };
    const history: ResourceHistory = this.#resources.get(id) ?? {
      resource,
      changes: new Map(),
      entries: new Map(),
    };
    this.#resources.set(id, history);
    const targetRc = parseTransitionKey(memo.transitionKey)?.targetRc ?? 0;
    const removed: string[] = [];
    const entries: string[] = [];
    const task = recordedTask(result);
    const key = `${id}_${task}_${result.intervalMs}`;
    if (result.status === 'cancelled') {
      if (result.intervalMs > 0 && history.entries.delete(key)) removed.push(key);
    } else {
      const changedSec = recordChange(history, key, result);
      const exitReason = operationFailed(result.status, result.rc, targetRc) ? result.exitReason : '';
      for (const entryId of entryIds(result, task, targetRc)) {
        const entry = this.#entry(entryId, key, task, result, memo, { changedSec, exitReason });
        const xml = writeXml(entry, { indent: false });
        history.entries.set(entryId, { xml, recurring: result.intervalMs > 0 && entryId === key });
        entries.push(xml);
      }
      // After a start, stop, promote or demote the monitors have to be set up anew.
      if (result.intervalMs === 0 && result.status !== 'pending' && !['monitor', 'notify'].includes(task)) {
        for (const [entryId, entry] of history.entries) {
          if (!entry.recurring) continue;
          history.entries.delete(entryId);
          removed.push(entryId);
        }
      }
    }
    return {
      resource,
      entries,
      removed,
      transitionKey: memo.transitionKey,
      operationKey: key,
      task,
      intervalMs: result.intervalMs,
      status: EXECUTION_STATUS_NUMBER[result.status],
      rc: result.rc,
      exitReason: result.exitReason,
      execTimeMs: result.execTimeMs,
    };
  }

  /** Removes a resource's history, or the failure of one operation; false where there was nothing. */
  forget(resource: string): boolean {
    return this.#resources.delete(resource);
  }

  /** Removes a recurring operation's entry; returns the ids that are gone. */
  forgetOperation(resource: string, operationKey: string): string[] {
    return this.#resources.get(resource)?.entries.delete(operationKey) ? [operationKey] : [];
  }

  forgetFailure(resource: string, operationKey: string | null): string[] {
    const history = this.#resources.get(resource);
    const id = `${resource}_last_failure_0`;
    const entry = history?.entries.get(id);
    if (!history || !entry) return [];
    if (operationKey !== null && !entry.xml.includes(` operation_key="${operationKey}"`)) return [];
    history.entries.delete(id);
    return [id];
  }

  /** The node's `<lrm>` as XML. */
  lrm(): string {
    const resources = [...this.#resources.values()].map(({ resource, entries }) => {
      const { id, type, provider } = resource;
      const element = new Element('lrm_resource', { id, type, class: resource.class });
      element.set('provider', provider);
      const opening = writeXml(element, { indent: false }).slice(0, -2);
      return `${opening}>${[...entries.values()].map((entry) => entry.xml).join('')}</lrm_resource>`;
    });
    return `<lrm id="${this.#node}"><lrm_resources>${resources.join('')}</lrm_resources></lrm>`;
  }

  #entry(
    id: string,
    key: string,
    task: string,
    result: OperationResult,
    memo: OperationMemo,
    { changedSec, exitReason }: { readonly changedSec: number; readonly exitReason: string },
  ): Element {
    const status = EXECUTION_STATUS_NUMBER[result.status];
    const entry = new Element('lrm_rsc_op', {
      id,
      operation_key: key,
      operation: task,
      'crm-debug-origin': 'do_update_resource',
      crm_feature_set: FEATURE_SET,
      'transition-key': memo.transitionKey,
      'transition-magic': `${status}:${result.rc};${memo.transitionKey}`,
      'exit-reason': exitReason,
      on_node: this.#name,
      'call-id': String(result.callId),
      'rc-code': String(result.rc),
      'op-status': String(status),
      interval: String(result.intervalMs),
      'last-rc-change': String(changedSec),
      'exec-time': String(Math.round(result.execTimeMs)),
      'queue-time': String(Math.round(result.queueTimeMs)),
    });
    if (result.operation === 'migrate_to' || result.operation === 'migrate_from') {
      entry.set('migrate_source', memo.meta.migrate_source).set('migrate_target', memo.meta.migrate_target);
    }
    const parameters = new Element('parameters', Object.entries(result.parameters));
    if (result.intervalMs > 0) parameters.set('CRM_meta_timeout', String(memo.timeoutMs));
    entry.set('op-digest', operationDigest(parameters));
    // Pacemaker puts these into one entry of an operation only: where there are two, that is not the failure's.
    if (result.intervalMs > 0 || id !== `${result.resource}_last_failure_0`) {
      addReloadAttributes(entry, result, parameters);
    }
    return entry;
  }
}

/** Which parameters force a restart, and which are secret (controld's append_restart_list and append_secure_list). */
function addReloadAttributes(entry: Element, result: OperationResult, parameters: Element): void {
  const { parameterTraits: traits } = result;
  if (!traits) return;
  // Pacemaker keeps the names in the order opposite to the meta-data's, and searches the text for ` NAME `.
  const padded = (names: readonly string[]) =>
    names.length === 0 ? '' : `  ${names.toReversed().join(' ')}  `;
  const digestOf = (accepted: (name: string) => boolean) =>
    operationDigest(
      new Element(
        'parameters',
        [...parameters.attributes].filter(([name]) => accepted(name)),
      ),
    );
  const { restarting, private: secrets } = traits;
  if (restarting !== null && result.intervalMs === 0) {
    entry.set('op-force-restart', padded(restarting));
    entry.set(
      'op-restart-digest',
      digestOf((name) => restarting.includes(name)),
    );
  }
  if (secrets.length > 0) {
    entry.set('op-secure-params', padded(secrets));
    entry.set(
      'op-secure-digest',
      digestOf((name) => !secrets.includes(name)),
    );
  }
}

/** A reload that worked counts as a start, one that did not as a monitor. */
function recordedTask(result: OperationResult): string {
  if (result.operation !== 'reload' && result.operation !== 'reload-agent') return result.operation;
  return result.status === 'done' ? 'start' : 'monitor';
}

function entryIds(result: OperationResult, task: string, targetRc: number): string[] {
  const { resource, intervalMs } = result;
  // What was notified says nothing of the resource (controld_action_is_recordable).
  if (task === 'notify') return [];
  if (task === 'migrate_to' || task === 'migrate_from') return [`${resource}_${task}_${intervalMs}`];
  if (operationFailed(result.status, result.rc, targetRc)) {
    return [`${resource}_last_failure_0`, ...(intervalMs === 0 ? [`${resource}_last_0`] : [])];
  }
  return [intervalMs > 0 ? `${resource}_${task}_${intervalMs}` : `${resource}_last_0`];
}

export function writeMemo(memo: OperationMemo): string {
  return JSON.stringify(memo);
}

/** Pacemaker's FAKE_TE_ID: nobody's transition. */
const NO_CONTROLLER = 'xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx';

/** An operation that no transition asked for (the executor's own stops) was expected to succeed. */
export function readMemo(result: Pick<OperationResult, 'userData' | 'callId' | 'operation'>): OperationMemo {
  let memo: Partial<OperationMemo> = {};
  try {
    memo = JSON.parse(result.userData) as Partial<OperationMemo>;
  } catch {
    // Not one of ours.
  }
  const own = formatTransitionKey({
    action: result.callId,
    transition: -1,
    targetRc: 0,
    uuid: NO_CONTROLLER,
  });
  return {
    transitionKey: memo.transitionKey || own,
    task: memo.task ?? result.operation,
    timeoutMs: memo.timeoutMs ?? 0,
    meta: memo.meta ?? {},
  };
}
