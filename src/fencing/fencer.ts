/**
 * Fencing: decides which device acts on which node, and what is done when it fails. Values in, effects out; the host
 * runs the agents, keeps the timers and gives time and chance with each event.
 */
import type { FenceAgentCall, RunResult } from '../executor/types.js';
import type { FencingHistoryEntry } from '../protocol/messages.js';
import {
  actionTimeoutMs,
  agentCall,
  deviceDelayMaxMs,
  deviceDelayMs,
  type FenceDevice,
  type FencingAction,
  parseHostList,
} from './device.js';
import { addEntry } from './history.js';
import { type Alternative, nodesFor, planFencing, planStep, type Step } from './plan.js';
import { type FencingLevel, levelsFor } from './topology.js';
import { WATCHDOG } from './watchdog.js';

/** What is given to those who wait for others, over what these need (`TIMEOUT_MULTIPLY_FACTOR`). */
const SLACK = 1.2;
/** How long the answer to `list` is good. */
const LIST_AGE_MS = 60_000;
const QUERY_TIMEOUT_MS = 20_000;

export interface FencingConfiguration {
  readonly devices: readonly FenceDevice[];
  readonly levels: readonly FencingLevel[];
  /** Node → its attributes, for levels that go by attribute. */
  readonly nodeAttributes: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** After this time a node that must reset itself by its watchdog has done so (watchdog.ts); 0: none does. */
  readonly watchdogTimeoutMs: number;
}

export interface FencingRequest {
  /** Chosen by who asks; it comes back with `completed`. */
  readonly id: string;
  readonly target: string;
  readonly action: 'reboot' | 'off' | 'on';
  /** `priority-fencing-delay` and the like, before the first device; negative: no device waits. */
  readonly delayMs: number;
  /** For one device; `stonith-timeout`. */
  readonly timeoutMs: number;
  /** The target may be asked to fence itself when nobody else can. */
  readonly allowSelf: boolean;
  /** Node and program that ask. */
  readonly origin: string;
  readonly client: string;
}

interface At {
  /** Milliseconds since 1970. */
  readonly nowMs: number;
  /** In [0, 1), fresh with every event. */
  readonly random: number;
}

export type FencingEvent = At &
  (
    | { readonly kind: 'configure'; readonly configuration: FencingConfiguration }
    /** Nodes that can run agents now. */
    | { readonly kind: 'members'; readonly members: readonly string[] }
    /** The device's monitor on a node has succeeded, or not, or was stopped. */
    | {
        readonly kind: 'verified';
        readonly device: string;
        readonly node: string;
        readonly verified: boolean;
      }
    | { readonly kind: 'request'; readonly request: FencingRequest }
    | { readonly kind: 'finished'; readonly run: number; readonly result: RunResult }
    | { readonly kind: 'timer'; readonly timer: string }
    /** An administrator vouches that the node is down. */
    | { readonly kind: 'confirm'; readonly target: string; readonly origin: string; readonly client: string }
  );

export type FencingEffect =
  /** Wait, then run the agent on that node; report `finished` with this number. */
  | {
      readonly kind: 'run';
      readonly run: number;
      readonly node: string;
      readonly device: string;
      readonly call: FenceAgentCall;
      readonly delayMs: number;
      readonly timeoutMs: number;
    }
  /** The node, which is a member, shall let its watchdog fire. */
  | { readonly kind: 'self-fence'; readonly node: string }
  /** Its result does not matter any more; a run that still waits need not begin. */
  | { readonly kind: 'cancel-run'; readonly run: number; readonly node: string }
  | { readonly kind: 'set-timer'; readonly timer: string; readonly delayMs: number }
  | { readonly kind: 'clear-timer'; readonly timer: string }
  | { readonly kind: 'started'; readonly entry: FencingHistoryEntry }
  /** `requests` are the ids of all who asked for the same. */
  | {
      readonly kind: 'completed';
      readonly requests: readonly string[];
      readonly ok: boolean;
      readonly entry: FencingHistoryEntry;
    };

interface Operation {
  readonly id: number;
  readonly request: FencingRequest;
  readonly requests: string[];
  /** Queries that are still out. */
  readonly queries: Set<number>;
  /** Devices whose `status` knows the target. */
  readonly statusKnows: Set<string>;
  alternatives: Alternative[];
  alternative: number;
  step: number;
  /** Nodes that are still to be tried for this step, best first. */
  nodes: string[];
  attempt: number;
  run: number | null;
  /** A device has been asked to act: delays of the request are over. */
  acted: boolean;
  /** A run waits until the device has room. */
  waiting: boolean;
  lastReason: string | null;
  delegate: string | null;
}

interface Run {
  readonly operation: number;
  readonly purpose: 'act' | 'list' | 'status';
  readonly device: string;
  readonly node: string;
}

export class Fencer {
  #configuration: FencingConfiguration = {
    devices: [],
    levels: [],
    nodeAttributes: {},
    watchdogTimeoutMs: 0,
  };
  #members: readonly string[] = [];
  readonly #verified = new Map<string, Set<string>>();
  readonly #lists = new Map<string, { readonly names: ReadonlySet<string>; readonly atMs: number }>();
  readonly #operations = new Map<number, Operation>();
  readonly #runs = new Map<number, Run>();
  #history: FencingHistoryEntry[] = [];
  #nextOperation = 1;
  #nextRun = 1;
  #effects: FencingEffect[] = [];
  #at: At = { nowMs: 0, random: 0 };

  step(event: FencingEvent): readonly FencingEffect[] {
    this.#effects = [];
    this.#at = event;
    switch (event.kind) {
      case 'configure':
        this.#configuration = event.configuration;
        break;
      case 'members':
        this.#members = event.members;
        this.#dropRunsOfLostNodes();
        break;
      case 'verified': {
        const nodes = this.#verified.get(event.device) ?? new Set();
        if (event.verified) nodes.add(event.node);
        else nodes.delete(event.node);
        this.#verified.set(event.device, nodes);
        break;
      }
      case 'request':
        this.#request(event.request);
        break;
      case 'finished':
        this.#finished(event.run, event.result);
        break;
      case 'timer':
        this.#timer(event.timer);
        break;
      case 'confirm':
        this.#confirm(event.target, event.origin, event.client);
        break;
    }
    return this.#effects;
  }

  /** Oldest first; what is under way last. */
  history(): FencingHistoryEntry[] {
    return [
      ...this.#history,
      ...[...this.#operations.values()].map((operation) => this.#entry(operation, 'pending', null)),
    ];
  }

  /** Forgets what is over; of one node where one is given. */
  clearHistory(target?: string): void {
    this.#history = this.#history.filter((entry) => target !== undefined && entry.target !== target);
  }

  get isIdle(): boolean {
    return this.#operations.size === 0;
  }

  #request(request: FencingRequest): void {
    for (const operation of this.#operations.values()) {
      if (operation.request.target === request.target && operation.request.action === request.action) {
        operation.requests.push(request.id);
        return;
      }
    }
    const operation: Operation = {
      id: this.#nextOperation++,
      request,
      requests: [request.id],
      queries: new Set(),
      statusKnows: new Set(),
      alternatives: [],
      alternative: 0,
      step: 0,
      nodes: [],
      attempt: 0,
      run: null,
      acted: false,
      waiting: false,
      lastReason: null,
      delegate: null,
    };
    this.#operations.set(operation.id, operation);
    this.#effects.push({ kind: 'started', entry: this.#entry(operation, 'pending', null) });
    this.#query(operation);
  }

  /** Asks devices whether they know the target, where the configuration does not say it. */
  #query(operation: Operation): void {
    const { target } = operation.request;
    for (const device of this.#configuration.devices) {
      const list = this.#lists.get(device.id);
      const listIsFresh = list !== undefined && list.atMs + LIST_AGE_MS > this.#at.nowMs;
      if (device.hostCheck !== 'status' && (device.hostCheck !== 'dynamic-list' || listIsFresh)) continue;
      const purpose = device.hostCheck === 'status' ? 'status' : 'list';
      const [node] = this.#nodes(operation, device, purpose, false);
      if (node === undefined) continue;
      const timeoutMs = actionTimeoutMs(
        device,
        purpose,
        Math.min(QUERY_TIMEOUT_MS, operation.request.timeoutMs),
      );
      const call = agentCall(device, purpose, purpose === 'status' ? target : null);
      const run = this.#startRun(
        { operation: operation.id, purpose, device: device.id, node },
        call,
        0,
        timeoutMs,
      );
      operation.queries.add(run);
    }
    if (operation.queries.size === 0) this.#plan(operation);
  }

  #plan(operation: Operation): void {
    const { target, action, timeoutMs } = operation.request;
    const eligible = this.#configuration.devices.filter((device) => this.#knows(device, operation));
    const attributes = this.#configuration.nodeAttributes[target] ?? {};
    const levels = levelsFor(this.#configuration.levels, target, attributes);
    operation.alternatives = planFencing(action, eligible, levels);
    // A node that can reset itself is left to do so where nothing else can be done.
    const watchdog = eligible.find(({ id }) => id === WATCHDOG);
    const last = operation.alternatives.at(-1)?.steps.at(-1)?.device;
    if (watchdog && last !== watchdog && action !== 'on') {
      operation.alternatives.push({ level: 0, steps: [planStep(watchdog, action)] });
    }
    if (operation.alternatives.length === 0) {
      operation.lastReason =
        levels.length > 0
          ? `no fencing level for ${target} has all its devices`
          : `no fence device can fence ${target}`;
      this.#complete(operation, 'failed', operation.lastReason);
      return;
    }
    const totalMs = operation.alternatives
      .flatMap(({ steps }) => steps)
      .map((step) =>
        step.device.id === WATCHDOG
          ? this.#configuration.watchdogTimeoutMs
          : actionTimeoutMs(step.device, step.action, timeoutMs) +
            deviceDelayMaxMs(step.device, step.action, target),
      )
      .reduce((sum, ms) => sum + ms, Math.max(0, operation.request.delayMs));
    this.#setTimer(`operation ${operation.id}`, Math.ceil(totalMs * SLACK));
    this.#beginStep(operation);
  }

  #knows(device: FenceDevice, operation: Operation): boolean {
    const { target } = operation.request;
    switch (device.hostCheck) {
      case 'none':
        return true;
      case 'static-list':
        return [...device.hosts].some((name) => name.toLowerCase() === target.toLowerCase());
      case 'dynamic-list':
        return this.#lists.get(device.id)?.names.has(device.aliases.get(target) ?? target) ?? false;
      case 'status':
        return operation.statusKnows.has(device.id);
    }
  }

  #currentStep(operation: Operation): Step | undefined {
    return operation.alternatives[operation.alternative]?.steps[operation.step];
  }

  #beginStep(operation: Operation): void {
    const step = this.#currentStep(operation);
    if (!step) return;
    if (step.device.id === WATCHDOG) {
      this.#awaitWatchdog(operation);
      return;
    }
    operation.nodes = this.#nodes(
      operation,
      step.device,
      step.action,
      operation.request.allowSelf && !step.mayFail,
    );
    operation.attempt = 0;
    if (operation.nodes.length === 0) {
      this.#stepFailed(operation, `no node may run ${step.device.id} against ${operation.request.target}`);
    } else this.#act(operation);
  }

  #nodes(operation: Operation, device: FenceDevice, action: FencingAction, allowSelf: boolean): string[] {
    // To unfence itself is what a node may always do.
    const self = allowSelf || operation.request.action === 'on';
    const verified = this.#verified.get(device.id) ?? new Set<string>();
    return nodesFor(device, action, operation.request.target, this.#members, verified, self);
  }

  #act(operation: Operation): void {
    const step = this.#currentStep(operation)!;
    const { device } = step;
    const busy = [...this.#runs.values()].filter(
      (run) => run.purpose === 'act' && run.device === device.id,
    ).length;
    if (device.actionLimit > 0 && busy >= device.actionLimit) {
      operation.waiting = true;
      return;
    }
    operation.waiting = false;
    const { target, timeoutMs, delayMs } = operation.request;
    const node = operation.nodes[0]!;
    let waitMs = 0;
    if (operation.attempt === 0 && delayMs >= 0) {
      waitMs = deviceDelayMs(device, step.action, target, this.#at.random) + (operation.acted ? 0 : delayMs);
    }
    operation.attempt++;
    operation.acted = true;
    operation.delegate = node;
    operation.run = this.#startRun(
      { operation: operation.id, purpose: 'act', device: device.id, node },
      agentCall(device, step.action, target),
      waitMs,
      actionTimeoutMs(device, step.action, timeoutMs),
    );
  }

  #startRun(run: Run, call: FenceAgentCall, delayMs: number, timeoutMs: number): number {
    const id = this.#nextRun++;
    this.#runs.set(id, run);
    this.#effects.push({
      kind: 'run',
      run: id,
      node: run.node,
      device: run.device,
      call,
      delayMs,
      timeoutMs,
    });
    this.#setTimer(`run ${id}`, Math.ceil((delayMs + timeoutMs) * SLACK) + 1000);
    return id;
  }

  #finished(id: number, result: RunResult): void {
    const run = this.#runs.get(id);
    if (!run) return;
    this.#runs.delete(id);
    this.#clearTimer(`run ${id}`);
    const operation = this.#operations.get(run.operation);
    if (operation) {
      if (run.purpose !== 'act') this.#answered(operation, id, run, result);
      else if (operation.run === id) this.#acted(operation, result);
    }
    this.#startWaiting(run.device);
  }

  #answered(operation: Operation, id: number, run: Run, result: RunResult): void {
    if (run.purpose === 'list' && result.status === 'done' && result.rc === 0) {
      this.#lists.set(run.device, { names: new Set(parseHostList(result.output)), atMs: this.#at.nowMs });
    }
    // 0 is on, 2 is off: it knows the node either way.
    if (run.purpose === 'status' && result.status === 'done' && (result.rc === 0 || result.rc === 2)) {
      operation.statusKnows.add(run.device);
    }
    operation.queries.delete(id);
    if (operation.queries.size === 0) this.#plan(operation);
  }

  #acted(operation: Operation, result: RunResult): void {
    operation.run = null;
    const step = this.#currentStep(operation)!;
    if (result.status === 'done' && result.rc === 0) {
      this.#stepSucceeded(operation);
      return;
    }
    const reason = result.exitReason || `${step.device.id} ended with exit code ${result.rc}`;
    // A time that is used up is not given twice, and a node that is gone is not asked again.
    const again =
      operation.attempt < step.attemptsMax &&
      result.status !== 'timeout' &&
      result.status !== 'not-connected';
    if (again) {
      this.#act(operation);
      return;
    }
    operation.nodes = operation.nodes.slice(1).filter((node) => this.#members.includes(node));
    operation.attempt = 0;
    if (operation.nodes.length > 0) {
      operation.lastReason = reason;
      this.#act(operation);
    } else this.#stepFailed(operation, reason);
  }

  #stepSucceeded(operation: Operation): void {
    operation.step++;
    if (this.#currentStep(operation)) this.#beginStep(operation);
    else this.#complete(operation, 'success', null);
  }

  #stepFailed(operation: Operation, reason: string): void {
    const step = this.#currentStep(operation)!;
    if (step.mayFail) {
      this.#stepSucceeded(operation);
      return;
    }
    operation.lastReason = reason;
    operation.alternative++;
    operation.step = 0;
    if (this.#currentStep(operation)) this.#beginStep(operation);
    else this.#complete(operation, 'failed', operation.lastReason);
  }

  /** A target that is lost resets itself for want of quorum; one that is a member has to be told. */
  #awaitWatchdog(operation: Operation): void {
    const { target } = operation.request;
    operation.delegate = target;
    operation.acted = true;
    if (this.#members.includes(target)) this.#effects.push({ kind: 'self-fence', node: target });
    this.#setTimer(`watchdog ${operation.id}`, this.#configuration.watchdogTimeoutMs);
  }

  #watchdogFired(operation: Operation): void {
    const { target } = operation.request;
    if (operation.delegate !== target || this.#currentStep(operation)?.device.id !== WATCHDOG) return;
    // It has joined again meanwhile, or has never left: nobody knows what runs there.
    if (this.#members.includes(target)) this.#stepFailed(operation, `${target} did not reset itself`);
    else this.#stepSucceeded(operation);
  }

  #timer(timer: string): void {
    const [kind, number] = timer.split(' ');
    const id = Number(number);
    if (kind === 'run') {
      const run = this.#runs.get(id);
      if (!run) return;
      this.#effects.push({ kind: 'cancel-run', run: id, node: run.node });
      this.#finished(id, { status: 'timeout', rc: 1, exitReason: `no answer from ${run.node}`, output: '' });
      return;
    }
    const operation = this.#operations.get(id);
    if (!operation) return;
    if (kind === 'watchdog') this.#watchdogFired(operation);
    else
      this.#complete(
        operation,
        'failed',
        `all nodes failed, or are unable, to fence ${operation.request.target}`,
      );
  }

  #dropRunsOfLostNodes(): void {
    for (const [id, run] of [...this.#runs]) {
      if (this.#members.includes(run.node)) continue;
      this.#finished(id, { status: 'not-connected', rc: 1, exitReason: `${run.node} is lost`, output: '' });
    }
  }

  #confirm(target: string, origin: string, client: string): void {
    const entry: FencingHistoryEntry = {
      target,
      action: 'off',
      origin,
      delegate: 'a human',
      client,
      state: 'success',
      completedAtMs: this.#at.nowMs,
      reason: null,
    };
    const waiting = [...this.#operations.values()].filter(
      (operation) => operation.request.target === target && operation.request.action !== 'on',
    );
    for (const operation of waiting) {
      operation.delegate = 'a human';
      this.#complete(operation, 'success', null);
    }
    if (waiting.length > 0) return;
    this.#history = addEntry(this.#history, entry);
    this.#effects.push({ kind: 'completed', requests: [], ok: true, entry });
  }

  #complete(operation: Operation, state: 'success' | 'failed', reason: string | null): void {
    this.#operations.delete(operation.id);
    this.#clearTimer(`operation ${operation.id}`);
    if (this.#currentStep(operation)?.device.id === WATCHDOG) this.#clearTimer(`watchdog ${operation.id}`);
    const devices: string[] = [];
    for (const [id, run] of [...this.#runs]) {
      if (run.operation !== operation.id) continue;
      this.#runs.delete(id);
      this.#clearTimer(`run ${id}`);
      this.#effects.push({ kind: 'cancel-run', run: id, node: run.node });
      devices.push(run.device);
    }
    const entry = this.#entry(operation, state, reason);
    this.#history = addEntry(this.#history, entry);
    this.#effects.push({ kind: 'completed', requests: operation.requests, ok: state === 'success', entry });
    for (const device of devices) this.#startWaiting(device);
  }

  #startWaiting(device: string): void {
    for (const operation of this.#operations.values()) {
      if (operation.waiting && this.#currentStep(operation)?.device.id === device) this.#act(operation);
    }
  }

  #entry(
    operation: Operation,
    state: FencingHistoryEntry['state'],
    reason: string | null,
  ): FencingHistoryEntry {
    const { target, action, origin, client } = operation.request;
    const completedAtMs = state === 'pending' ? null : this.#at.nowMs;
    return { target, action, origin, delegate: operation.delegate, client, state, completedAtMs, reason };
  }

  #setTimer(timer: string, delayMs: number): void {
    this.#effects.push({ kind: 'set-timer', timer, delayMs });
  }

  #clearTimer(timer: string): void {
    this.#effects.push({ kind: 'clear-timer', timer });
  }
}
