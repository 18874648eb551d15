import type { ExecutorState } from '../../src/controller/types.js';
import type { OperationRequest, OperationResult } from '../../src/executor/types.js';
import type { Coverage } from './coverage.js';
import type { Random } from './random.js';
import type { Schedule } from './schedule.js';

export interface ServiceWatcher {
  /** An agent begins to start a service; from here on it may be active. */
  starting(resource: string): void;
  /** A start has ended well, or a probe has found it active. */
  started(resource: string): void;
  promoting(resource: string): void;
  /** `how`: an agent has stopped it, it has failed by itself, or the power has gone. */
  stopped(resource: string, how: 'stop' | 'failure' | 'power'): void;
}

export interface AgentFaults {
  /** Probability that an operation fails. */
  readonly failure: number;
  /** Probability that it never ends: it is killed when its time is over. */
  readonly hanging: number;
  readonly durationMinMs: number;
  readonly durationMaxMs: number;
}

export const CALM_AGENTS: AgentFaults = { failure: 0, hanging: 0, durationMinMs: 10, durationMaxMs: 60 };

interface Recurring {
  readonly request: OperationRequest;
  cancelled: boolean;
}

/** Runs virtual services: active from the beginning of a start to the end of a stop. It outlives the agent. */
export class VirtualExecutor {
  faults: AgentFaults = CALM_AGENTS;
  readonly active = new Set<string>();
  readonly promoted = new Set<string>();
  readonly #history = new Map<string, OperationResult>();
  readonly #recurring = new Map<string, Recurring>();
  /** Operations of a resource wait for one another. */
  readonly #queues = new Map<string, OperationRequest[]>();
  readonly #random: Random;
  readonly #schedule: Schedule;
  readonly #watcher: ServiceWatcher;
  readonly #coverage: Coverage;
  #onResult: (result: OperationResult) => void = () => {};
  #off = false;
  #lastCallId = 0;
  #paused: (() => void)[] | null = null;
  /** Counts agents that were attached. */
  #attachments = 0;

  constructor(random: Random, schedule: Schedule, watcher: ServiceWatcher, coverage: Coverage) {
    this.#random = random;
    this.#schedule = schedule;
    this.#watcher = watcher;
    this.#coverage = coverage;
  }

  attach(onResult: (result: OperationResult) => void): ExecutorState {
    this.#attachments++;
    this.#onResult = onResult;
    return {
      history: [...this.#history.values()].sort((a, b) => a.callId - b.callId),
      underWay: [
        ...this.#queues.values(),
        [...this.#recurring.values()].map(({ request }) => request),
      ].flat(),
      lastCallId: this.#lastCallId,
    };
  }

  /**
   * The agent has gone. Unless another comes in time everything is stopped, as the product's executor does where nobody
   * would fence the node; null: it goes on.
   */
  detach(stopAfterMs: number | null): void {
    this.#onResult = () => {};
    if (stopAfterMs === null) return;
    const attachment = this.#attachments;
    this.#after(stopAfterMs, () => {
      if (attachment === this.#attachments) this.#stopEverything();
    });
  }

  /** The agent has left for good. */
  shutDown(): void {
    this.#stopEverything();
    this.#off = true;
  }

  #stopEverything(): void {
    this.#history.clear();
    for (const token of this.#recurring.values()) token.cancelled = true;
    this.#recurring.clear();
    this.#queues.clear();
    for (const resource of [...this.active]) this.#stop(resource, 'stop');
  }

  #stop(resource: string, how: 'stop' | 'failure' | 'power'): void {
    this.promoted.delete(resource);
    if (this.active.delete(resource)) this.#watcher.stopped(resource, how);
  }

  /** It ends by itself; its monitor will see. */
  fail(resource: string): void {
    this.#stop(resource, 'failure');
  }

  /** Power off: all services and operations end, nothing is remembered. */
  powerOff(): void {
    this.#off = true;
    for (const resource of [...this.active]) this.#stop(resource, 'power');
  }

  pause(): void {
    this.#paused ??= [];
  }

  resume(): void {
    const waiting = this.#paused ?? [];
    this.#paused = null;
    for (const run of waiting) this.#run(run);
  }

  #run(run: () => void): void {
    if (this.#off) return;
    if (this.#paused) this.#paused.push(run);
    else run();
  }

  #after(delayMs: number, run: () => void): void {
    this.#schedule.after(delayMs, () => this.#run(run));
  }

  execute(request: OperationRequest): void {
    this.#lastCallId = request.callId;
    this.#run(() => {
      if (request.intervalMs > 0) {
        this.#stopRecurring(request.key);
        const token = { request, cancelled: false };
        this.#recurring.set(request.key, token);
        this.#repeat(request, token, null);
        return;
      }
      const queue = this.#queues.get(request.resource) ?? [];
      this.#queues.set(request.resource, queue);
      queue.push(request);
      if (queue.length === 1) this.#begin(request, queue);
    });
  }

  #begin(request: OperationRequest, queue: OperationRequest[]): void {
    const { resource, operation } = request;
    const { failure, hanging, durationMinMs, durationMaxMs } = this.faults;
    const startedAtMs = this.#schedule.nowMs;
    const fails = this.#random.chance(failure);
    const hangs = hanging > 0 && this.#random.chance(hanging);
    const part = this.#random.fraction() ** 3;
    const durationMs = hangs ? request.timeoutMs : durationMinMs + part * (durationMaxMs - durationMinMs);
    if (operation === 'start') {
      this.active.add(resource);
      this.#watcher.starting(resource);
    }
    if (operation === 'promote') {
      this.promoted.add(resource);
      this.#watcher.promoting(resource);
    }
    if (operation === 'demote') this.promoted.delete(resource);
    if (operation !== 'monitor' && operation !== 'notify') {
      for (const other of [...this.#recurring.keys()]) {
        if (other.startsWith(`${resource}_monitor_`)) this.#stopRecurring(other);
      }
    }
    const isCurrent = () => this.#queues.get(resource) === queue;
    this.#after(durationMs, () => {
      if (!isCurrent()) return;
      let rc = 0;
      if (operation === 'stop' && !hangs) this.#stop(resource, 'stop');
      else if (operation === 'start') {
        rc = fails ? 1 : 0;
        if (rc === 0 && !hangs) this.#watcher.started(resource);
      } else if (operation === 'monitor' && !hangs) {
        rc = this.#statusOf(resource);
        if (rc !== 7) this.#watcher.started(resource);
      }
      if (hangs) this.#coverage.meet('an operation that hung');
      else if (durationMs > 1000) this.#coverage.meet('an operation of more than a second');
      if (rc === 1) this.#coverage.meet('an operation that failed');
      if (hangs) this.#finish(request, 'timeout', 1, startedAtMs);
      else this.#finish(request, 'done', rc, startedAtMs);
      queue.shift();
      if (queue.length > 0) this.#begin(queue[0]!, queue);
    });
  }

  #statusOf(resource: string): number {
    if (!this.active.has(resource)) return 7;
    return this.promoted.has(resource) ? 8 : 0;
  }

  #repeat(request: OperationRequest, token: Recurring, lastRc: number | null): void {
    this.#after(lastRc === null ? 5 : request.intervalMs, () => {
      if (token.cancelled) return;
      if (lastRc !== null && this.#random.chance(this.faults.failure / 10)) {
        this.fail(request.resource);
      }
      const rc = this.#statusOf(request.resource);
      if (rc !== lastRc) this.#finish(request, 'done', rc, this.#schedule.nowMs);
      this.#repeat(request, token, rc);
    });
  }

  #stopRecurring(key: string): void {
    const token = this.#recurring.get(key);
    if (token) token.cancelled = true;
    this.#recurring.delete(key);
    this.#history.delete(key);
  }

  cancel(key: string): void {
    this.#stopRecurring(key);
  }

  forget(resource: string): void {
    for (const [key, result] of this.#history) if (result.resource === resource) this.#history.delete(key);
    for (const key of [...this.#recurring.keys()])
      if (key.startsWith(`${resource}_`)) this.#stopRecurring(key);
  }

  #finish(request: OperationRequest, status: 'done' | 'timeout', rc: number, startedAtMs: number): void {
    const { meta: _meta, startDelayMs: _delay, timeoutMs: _timeout, ...rest } = request;
    const result: OperationResult = {
      ...rest,
      status,
      rc,
      exitReason: '',
      output: '',
      startedAtMs,
      lastChangeAtMs: this.#schedule.nowMs,
      execTimeMs: this.#schedule.nowMs - startedAtMs,
      queueTimeMs: 0,
    };
    this.#history.set(request.key, result);
    this.#onResult(result);
  }
}
