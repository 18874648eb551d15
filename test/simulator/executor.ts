import type { OperationRequest, OperationResult } from '../../src/executor/types.js';
import type { Random } from './random.js';
import type { Schedule } from './schedule.js';

export interface ServiceWatcher {
  /** An agent begins to start a service; from here on it may be active. */
  starting(resource: string): void;
  stopped(resource: string): void;
}

export interface AgentFaults {
  /** Probability that an operation fails. */
  readonly failure: number;
  readonly durationMinMs: number;
  readonly durationMaxMs: number;
}

export const CALM_AGENTS: AgentFaults = { failure: 0, durationMinMs: 10, durationMaxMs: 60 };

/** Runs virtual services: active from the beginning of a start to the end of a stop. */
export class VirtualExecutor {
  faults: AgentFaults = CALM_AGENTS;
  readonly active = new Set<string>();
  readonly #history = new Map<string, OperationResult>();
  readonly #recurring = new Map<string, { cancelled: boolean }>();
  readonly #random: Random;
  readonly #schedule: Schedule;
  readonly #watcher: ServiceWatcher;
  #onResult: (result: OperationResult) => void = () => {};
  #off = false;
  #paused: (() => void)[] | null = null;

  constructor(random: Random, schedule: Schedule, watcher: ServiceWatcher) {
    this.#random = random;
    this.#schedule = schedule;
    this.#watcher = watcher;
  }

  attach(onResult: (result: OperationResult) => void): OperationResult[] {
    this.#onResult = onResult;
    return [...this.#history.values()].sort((a, b) => a.callId - b.callId);
  }

  /** Power off: all services and operations end, nothing is remembered. */
  powerOff(): void {
    this.#off = true;
    for (const resource of this.active) this.#watcher.stopped(resource);
    this.active.clear();
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
    this.#run(() => this.#begin(request));
  }

  #begin(request: OperationRequest): void {
    const { resource, operation, intervalMs, key } = request;
    const { failure, durationMinMs, durationMaxMs } = this.faults;
    const startedAtMs = this.#schedule.nowMs;
    const durationMs = durationMinMs + this.#random.fraction() ** 3 * (durationMaxMs - durationMinMs);
    const fails = this.#random.chance(failure);
    if (operation === 'start') {
      this.active.add(resource);
      this.#watcher.starting(resource);
    }
    if (intervalMs > 0) {
      this.#stopRecurring(key);
      const token = { cancelled: false };
      this.#recurring.set(key, token);
      this.#repeat(request, token, null);
      return;
    }
    if (operation === 'stop' || operation === 'start') {
      for (const other of [...this.#recurring.keys()]) {
        if (other.startsWith(`${resource}_monitor_`)) this.#stopRecurring(other);
      }
    }
    this.#after(durationMs, () => {
      let rc = 0;
      if (operation === 'stop') {
        this.active.delete(resource);
        this.#watcher.stopped(resource);
      } else if (operation === 'start') rc = fails ? 1 : 0;
      else if (operation === 'monitor') rc = this.active.has(resource) ? 0 : 7;
      this.#finish(request, rc, startedAtMs);
    });
  }

  #repeat(request: OperationRequest, token: { cancelled: boolean }, lastRc: number | null): void {
    this.#after(lastRc === null ? 5 : request.intervalMs, () => {
      if (token.cancelled) return;
      const broken =
        !this.active.has(request.resource) || (lastRc === 0 && this.#random.chance(this.faults.failure / 10));
      const rc = broken ? 7 : 0;
      if (rc !== lastRc) this.#finish(request, rc, this.#schedule.nowMs);
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

  #finish(request: OperationRequest, rc: number, startedAtMs: number): void {
    const { meta: _meta, startDelayMs: _delay, timeoutMs: _timeout, ...rest } = request;
    const result: OperationResult = {
      ...rest,
      status: 'done',
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
