import {
  EXECUTION_STATUS_NUMBER,
  type ExecutionStatus,
  type OperationRequest,
  type OperationResult,
} from '../executor/types.js';
import { LocalHistory, operationFailed, RC_UNKNOWN, readMemo, writeMemo } from './history.js';
import type { Output } from './output.js';
import { parseTransitionKey } from './transition-key.js';
import type { ExecutorState, OperationRecord, Performance } from './types.js';

/** What the executor has of a resource, and orders that wait for its end. */
interface Turn {
  readonly callId: number;
  readonly waiting: Performance[];
}

const ENDS: ReadonlySet<string> = new Set(['stop', 'demote']);
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
  /** By resource; recurring operations have no turn. */
  readonly #turns = new Map<string, Turn>();
  /** With which parameters a resource was last started or seen: it is stopped with these, whatever it has by now. */
  readonly #stopParameters = new Map<string, Readonly<Record<string, string>>>();
  /** Resources whose history is being removed: transition key of the order. */
  readonly #cancelling = new Map<string, string>();
  /** Orders that came, or whose turn came, while the view may be over. */
  readonly #held: Performance[] = [];
  #active = false;

  constructor(id: string, name: string, output: Output) {
    this.#id = id;
    this.#name = name;
    this.#output = output;
    this.#history = new LocalHistory(id, name);
  }

  /**
   * What the executor has: one that an earlier run of this agent has left, or another in the place of one that has ended.
   * The history is built anew from it. Returns what has ended meanwhile, and what is told of orders that have waited.
   */
  attach({ history, underWay, lastCallId }: ExecutorState): OperationRecord[] {
    const given = [...this.#running.values()];
    const waiting = [...this.#turns.values()].flatMap((turn) => turn.waiting);
    this.#history = new LocalHistory(this.#id, this.#name);
    this.#running.clear();
    this.#turns.clear();
    this.#stopParameters.clear();
    this.#lastCallId = Math.max(this.#lastCallId, lastCallId);
    const ended = new Map<number, OperationRecord>();
    for (const result of history) {
      this.#lastCallId = Math.max(this.#lastCallId, result.callId);
      this.#noteParameters(result);
      ended.set(result.callId, this.#history.record(result));
    }
    for (const request of underWay) {
      if (ended.has(request.callId)) continue;
      this.#take(request, []);
      this.#notePending(request);
    }
    const records: OperationRecord[] = [];
    for (const request of given) {
      const record = ended.get(request.callId);
      if (record) records.push(record);
      else if (!this.#running.has(request.callId)) records.push(...this.#lost(request));
    }
    return [...records, ...waiting.flatMap((action) => this.perform(action))];
  }

  /** Of an operation that ended with the executor, without a result. */
  #lost(request: OperationRequest): OperationRecord[] {
    if (request.intervalMs > 0) return [recordOf(request, 'cancelled')];
    if (request.operation === 'monitor' || request.operation === 'notify') {
      this.#take(request, []);
      this.#output.push({ kind: 'execute', request });
      return [];
    }
    // Nobody knows how far it came: the resource is to be probed.
    this.#history.forget(request.resource);
    this.#stopParameters.delete(request.resource);
    const failed = { ...recordOf(request, 'error'), rc: 1, exitReason: 'the executor has ended' };
    return [{ ...recordOf(request, 'done'), transitionKey: '', forgotten: true }, failed];
  }

  lrm(): string {
    return this.#history.lrm();
  }

  /** Carries out an order of the DC; returns records that are known at once. */
  perform(action: Performance): OperationRecord[] {
    if (!this.#active) {
      this.#held.push(action);
      return [];
    }
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
      return [...this.#withoutRecurring(resource), { ...plainRecord(action), forgotten: true }];
    }
    if (task === 'lrm_fail') return [this.#fail(action, ++this.#lastCallId)];
    const turn = action.intervalMs === 0 ? this.#turns.get(resource.id) : undefined;
    if (!turn) return this.#begin(action);
    turn.waiting.push(action);
    return [];
  }

  /**
   * Orders that wait were given in a view that is over, and another DC may have decided otherwise: whoever wants them
   * gives them again.
   */
  newView(): void {
    this.#held.length = 0;
    for (const turn of this.#turns.values()) turn.waiting.splice(0);
  }

  /**
   * False while the view may be over: its DC may have been replaced by one that has decided otherwise, so nothing is begun.
   * What was held is begun when the view turns out to go on; returns what is told of that.
   */
  setActive(active: boolean): OperationRecord[] {
    this.#active = active;
    if (!active) return [];
    return this.#held.splice(0).flatMap((action) => this.perform(action));
  }

  #begin(action: Performance): OperationRecord[] {
    const { task, resource, operationKey } = action;
    const callId = ++this.#lastCallId;
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
    this.#take(request, this.#turns.get(id)?.waiting ?? []);
    this.#output.push({ kind: 'execute', request });
    return this.#notePending(request);
  }

  /** The executor has it, and these orders wait for its end. */
  #take(request: OperationRequest, waiting: Performance[]): void {
    const { callId, resource, intervalMs } = request;
    this.#running.set(callId, request);
    if (intervalMs === 0) this.#turns.set(resource, { callId, waiting });
  }

  #notePending({
    startDelayMs: _,
    timeoutMs: __,
    meta: ___,
    ...request
  }: OperationRequest): OperationRecord[] {
    // A pending stop would make a stopped resource look active again, and a probe is short.
    if (['stop', 'notify', 'monitor'].includes(request.operation)) return [];
    const pending: OperationResult = {
      ...request,
      callId: -1,
      status: 'pending',
      rc: RC_UNKNOWN,
      exitReason: '',
      output: '',
      startedAtMs: this.#output.nowMs,
      lastChangeAtMs: this.#output.nowMs,
      execTimeMs: 0,
      queueTimeMs: 0,
    };
    return [this.#history.record(pending)];
  }

  /** Recurring operations end with what is known of their resource, perhaps before the first result of one. */
  #withoutRecurring(resource: Performance['resource']): OperationRecord[] {
    const ended: OperationRecord[] = [];
    for (const [callId, request] of this.#running) {
      if (request.resource !== resource.id || request.intervalMs === 0) continue;
      this.#running.delete(callId);
      ended.push(recordOf(request, 'cancelled'));
    }
    return ended;
  }

  /** A result as if a monitor had found a failure (`asyncmon` of Pacemaker's controller). */
  #fail(action: Performance, callId: number): OperationRecord {
    const { id, ...agent } = action.resource;
    return this.#ended({
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

  /** What the executor says, and what is told of the order that is next. */
  executed(result: OperationResult): OperationRecord[] {
    const record = this.#ended(result);
    const turn = this.#turns.get(result.resource);
    if (turn?.callId !== result.callId) return [record];
    const next = this.#active ? turn.waiting.shift() : undefined;
    if (next) return [record, ...this.#begin(next)];
    this.#turns.delete(result.resource);
    this.#held.unshift(...turn.waiting);
    return [record];
  }

  #ended(result: OperationResult): OperationRecord {
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
  /** The stops and demotions among what runs: the resource, by transition key. */
  endings(): Record<string, string> {
    const ending = [...this.#running.values()].filter(({ operation }) => ENDS.has(operation));
    return Object.fromEntries(ending.map((request) => [readMemo(request).transitionKey, request.resource]));
  }

  runningKeys(): string[] {
    return [...this.#running.values()].map((request) => readMemo(request).transitionKey);
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

/** Of an operation that nothing is recorded of. */
function recordOf(request: OperationRequest, status: ExecutionStatus): OperationRecord {
  return {
    resource: { id: request.resource, ...request.agent },
    entries: [],
    removed: [],
    transitionKey: readMemo(request).transitionKey,
    operationKey: request.key,
    task: request.operation,
    intervalMs: request.intervalMs,
    status: EXECUTION_STATUS_NUMBER[status],
    rc: 0,
    exitReason: '',
    execTimeMs: 0,
  };
}
