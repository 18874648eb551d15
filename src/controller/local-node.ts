import type { OperationRequest, OperationResult } from '../executor/types.js';
import { LocalHistory, operationFailed, RC_UNKNOWN, readMemo, writeMemo } from './history.js';
import type { Output } from './output.js';
import { parseTransitionKey } from './transition-key.js';
import type { OperationRecord, Performance } from './types.js';

const KNOWS_PARAMETERS: ReadonlySet<string> = new Set(['start', 'reload', 'reload-agent', 'monitor']);

/** This node's side of carrying out operations: to the executor, and what came of them. */
export class LocalNode {
  readonly #output: Output;
  readonly #id: string;
  readonly #name: string;
  #history: LocalHistory;
  #lastCallId = 0;
  /** Operations given to the executor that have not ended, by call id. */
  readonly #running = new Map<number, OperationRequest>();
  /** With which parameters a resource was last started or seen: it is stopped with these, whatever it has by now. */
  readonly #stopParameters = new Map<string, Readonly<Record<string, string>>>();
  /** Resources whose history is being removed: transition key of the order. */
  readonly #cancelling = new Map<string, string>();

  constructor(id: string, name: string, output: Output) {
    this.#id = id;
    this.#name = name;
    this.#output = output;
    this.#history = new LocalHistory(id, name);
  }

  /** What the executor has; the history is built anew from it. */
  attach(history: readonly OperationResult[]): void {
    this.#history = new LocalHistory(this.#id, this.#name);
    this.#stopParameters.clear();
    for (const result of history) {
      this.#lastCallId = Math.max(this.#lastCallId, result.callId);
      this.#noteParameters(result);
      this.#history.record(result);
    }
  }

  lrm(): string {
    return this.#history.lrm();
  }

  /** Carries out an order of the DC; returns records that are known at once. */
  perform(action: Performance): OperationRecord[] {
    const { task, resource, operationKey } = action;
    if (task === 'cancel') {
      this.#cancelling.set(operationKey, action.transitionKey);
      this.#output.push({ kind: 'cancel', resource: resource.id, key: operationKey });
      return [];
    }
    if (task === 'lrm_delete' || task === 'delete') {
      this.#output.push({ kind: 'forget', resource: resource.id });
      this.#stopParameters.delete(resource.id);
      this.#history.forget(resource.id);
      return [{ ...plainRecord(action), forgotten: true }];
    }
    const callId = ++this.#lastCallId;
    if (task === 'lrm_fail') return [this.#fail(action, callId)];
    const memo = writeMemo({
      transitionKey: action.transitionKey,
      task,
      timeoutMs: action.timeoutMs,
      meta: action.meta,
    });
    const { id, ...agent } = resource;
    const request: OperationRequest = {
      callId,
      key: operationKey,
      resource: id,
      agent,
      operation: task,
      intervalMs: action.intervalMs,
      timeoutMs: action.timeoutMs,
      startDelayMs: action.startDelayMs,
      parameters: (task === 'stop' && this.#stopParameters.get(id)) || action.parameters,
      meta: action.meta,
      userData: memo,
    };
    this.#running.set(callId, request);
    this.#output.push({ kind: 'execute', request });
    // A pending stop would make a stopped resource look active again, and a probe is short.
    if (['stop', 'notify', 'monitor'].includes(task)) return [];
    const pending: OperationResult = {
      callId: -1,
      key: operationKey,
      resource: id,
      agent,
      operation: task,
      intervalMs: action.intervalMs,
      status: 'pending',
      rc: RC_UNKNOWN,
      exitReason: '',
      output: '',
      userData: memo,
      parameters: action.parameters,
      startedAtMs: this.#output.nowMs,
      lastChangeAtMs: this.#output.nowMs,
      execTimeMs: 0,
      queueTimeMs: 0,
    };
    return [this.#history.record(pending)];
  }

  /** A result as if a monitor had found a failure (`asyncmon` of Pacemaker's controller). */
  #fail(action: Performance, callId: number): OperationRecord {
    const { id, ...agent } = action.resource;
    return this.executed({
      callId,
      key: action.operationKey,
      resource: id,
      agent,
      operation: 'asyncmon',
      intervalMs: 0,
      status: 'done',
      rc: 1,
      exitReason: 'Simulated failure',
      output: '',
      userData: writeMemo({
        transitionKey: action.transitionKey,
        task: 'asyncmon',
        timeoutMs: action.timeoutMs,
        meta: {},
      }),
      parameters: {},
      startedAtMs: this.#output.nowMs,
      lastChangeAtMs: this.#output.nowMs,
      execTimeMs: 0,
      queueTimeMs: 0,
    });
  }

  executed(result: OperationResult): OperationRecord {
    this.#running.delete(result.callId);
    this.#noteParameters(result);
    const record = this.#history.record(result);
    if (result.status !== 'cancelled') this.#announce(result, record);
    return record;
  }

  /** Of what succeeded only, as update_history_cache of Pacemaker's controller. */
  #noteParameters(result: OperationResult): void {
    if (result.intervalMs > 0 || !KNOWS_PARAMETERS.has(result.operation)) return;
    const targetRc = parseTransitionKey(readMemo(result).transitionKey)?.targetRc ?? 0;
    if (result.status === 'cancelled' || result.status === 'pending') return;
    if (operationFailed(result.status, result.rc, targetRc)) return;
    this.#stopParameters.set(result.resource, result.parameters);
  }

  #announce(result: OperationResult, record: OperationRecord): void {
    const what = `${record.task} of ${record.resource.id} on ${this.#name}`;
    const text =
      result.status === 'done'
        ? `${what}: rc=${result.rc}${result.exitReason === '' ? '' : ` (${result.exitReason})`}`
        : `${what}: ${result.status}`;
    this.#output.event('operation', text, {
      resource: record.resource.id,
      operation: record.task,
      intervalMs: record.intervalMs,
      rc: result.rc,
      status: result.status,
      startedAtMs: result.startedAtMs,
      execTimeMs: result.execTimeMs,
    });
  }

  /** A recurring operation is gone, or never was. */
  cancelled(resource: string, key: string): OperationRecord | null {
    const transitionKey = this.#cancelling.get(key);
    if (transitionKey === undefined) return null;
    this.#cancelling.delete(key);
    const match = /_([^_]+)_(\d+)$/.exec(key);
    const removed = this.#history.forgetOperation(resource, key);
    return {
      resource: { id: resource, class: '', type: '' },
      entries: [],
      removed,
      transitionKey,
      operationKey: key,
      task: match?.[1] ?? 'monitor',
      intervalMs: Number(match?.[2] ?? 0),
      status: 1,
      rc: 0,
      exitReason: '',
      execTimeMs: 0,
    };
  }

  /** Transition keys of what was given to the executor and has not ended. */
  isRunning(transitionKey: string): boolean {
    for (const request of this.#running.values()) if (request.userData.includes(transitionKey)) return true;
    return false;
  }

  runningKeys(): string[] {
    return [...this.#running.values()].map(
      (request) => (JSON.parse(request.userData) as { transitionKey: string }).transitionKey,
    );
  }
}

function plainRecord(action: Performance): OperationRecord {
  return {
    resource: action.resource,
    entries: [],
    removed: [],
    transitionKey: action.transitionKey,
    operationKey: action.operationKey,
    task: action.task,
    intervalMs: action.intervalMs,
    status: 0,
    rc: 0,
    exitReason: '',
    execTimeMs: 0,
  };
}
