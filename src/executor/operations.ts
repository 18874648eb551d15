/**
 * Runs operations: one at a time on a resource, several resources at once, recurring ones again and again.
 *
 * Only operations that have just begun count against the limit on concurrency: they are what costs processor time,
 * while one that takes long mostly waits for something, and must not hold up the others.
 */
import { type AgentClass, OCF, type OperationContext, type Outcome, outcome } from './agent-class.js';
import { type Command, OUTPUT_BYTES_MAX, type RunningChild, runChild } from './child.js';
import { findClass } from './classes.js';
import { DeathWatch, type StartWindow } from './death-watch.js';
import { changesState, type History } from './history.js';
import { formatMarker } from './marker.js';
import type { PipePool } from './pipes.js';
import type { Places } from './places.js';
import { type ProcessEntry, uptimeTicks } from './process-table.js';
import { resolveSecrets } from './secrets.js';
import type { AgentSpec, OperationRequest, OperationResult, ParameterTraits } from './types.js';

const BEGINNING_MS = 1500;
/** After an alarm that was none, the processes are looked for again only after a pause, which doubles. */
const FALSE_ALARM_PAUSE_MS = 1000;
const FALSE_ALARM_PAUSE_MS_MAX = 60_000;

export interface OperationsOptions {
  readonly places: Places;
  readonly environment: Readonly<Record<string, string>>;
  readonly pipes: PipePool | null;
  readonly history: History;
  /** Names this executor in the markers of its processes. */
  readonly directory: string;
  /** Operations that may be at their beginning at once. */
  readonly concurrency: number;
  /** What the agent's meta-data says; asked for before an operation runs, awaited before its result is reported. */
  readonly traitsOf: (agent: AgentSpec) => Promise<ParameterTraits | null>;
  readonly onResult: (result: OperationResult) => void;
  /** A process of an active service has ended by itself; its monitors are on their way. */
  readonly onProcessesEnded: (resource: string, processes: readonly ProcessEntry[]) => void;
}

/** Operations that may leave a service's processes behind. */
const STARTING = ['start', 'migrate_from', 'promote', 'reload', 'reload-agent'];

interface Operation {
  readonly request: OperationRequest;
  queuedAt: number;
  child: RunningChild | undefined;
  cancelled: boolean;
  /** Wakes a class that sleeps between two attempts. */
  wake: (() => void) | undefined;
  /** Start delay, or the time until a recurring operation's next run. */
  timer: NodeJS.Timeout | undefined;
  last: OperationResult | undefined;
  traits: ParameterTraits | null;
  /** Run again at once after the present run. */
  again: boolean;
  /** This run was caused by the end of a process. */
  alarmed: boolean;
}

interface Resource {
  readonly name: string;
  running: Operation | undefined;
  readonly waiting: Operation[];
  readonly recurring: Map<string, Operation>;
  /** Monitors that have ended for a change which is not over. */
  readonly ended: Operation[];
  falseAlarms: number;
  /** When it was started (perhaps again) since its last stop. */
  startWindows: StartWindow[];
  rewatch: NodeJS.Timeout | undefined;
}

export class Operations {
  readonly #options: OperationsOptions;
  readonly #resources = new Map<string, Resource>();
  readonly #watch: DeathWatch;
  readonly #sessions = new Set<number>();
  #beginning = 0;
  #closed = false;

  constructor(options: OperationsOptions) {
    this.#options = options;
    this.#watch = new DeathWatch({
      directory: options.directory,
      isOperation: (session) => this.#sessions.has(session),
      onEnded: (resource, processes) => this.#processesEnded(resource, processes),
      onGone: (name) => {
        const resource = this.#resources.get(name);
        if (resource && !this.#closed) this.#monitorNow(resource);
      },
    });
  }

  /** Takes up recurring operations of an earlier executor; they run at once, and report what differs from before. */
  resume(): void {
    for (const request of this.#options.history.recurring()) {
      const last = this.#options.history
        .resultsOf(request.resource)
        .find((result) => result.key === request.key && result.callId === request.callId);
      const operation = this.#newOperation(request);
      operation.last = last;
      this.#resource(request.resource).recurring.set(request.key, operation);
      this.#enqueue(operation);
    }
  }

  execute(request: OperationRequest): void {
    const resource = this.#resource(request.resource);
    if (changesState(request)) this.#beforeChange(resource);
    const operation = this.#newOperation(request);
    if (request.intervalMs > 0) {
      this.#drop(resource, request.key);
      resource.recurring.set(request.key, operation);
      this.#options.history.addRecurring(request);
    }
    if (request.startDelayMs > 0) {
      operation.timer = setTimeout(() => this.#enqueue(operation), request.startDelayMs);
    } else this.#enqueue(operation);
  }

  /** Ends a recurring operation, or one that waits. False when there is none with this key. */
  cancel(resourceName: string, key: string): boolean {
    const resource = this.#resources.get(resourceName);
    if (!resource) return false;
    const operation = resource.recurring.get(key);
    if (operation) {
      this.#drop(resource, key);
      this.#options.history.forget(resourceName, key);
      return true;
    }
    const at = resource.waiting.findIndex((waiting) => waiting.request.key === key);
    if (at < 0) return false;
    const [waiting] = resource.waiting.splice(at, 1);
    this.#reportCancelled(waiting!);
    if (!changeWaits(resource)) this.#reportEnded(resource);
    return true;
  }

  /** Drops what is known of the resource (or one operation of it); nothing is stopped but its monitors. */
  forget(resourceName: string, key: string | null): void {
    const resource = this.#resources.get(resourceName);
    if (resource) {
      for (const recurring of [...resource.recurring.keys()]) {
        if (key === null || key === recurring) this.#drop(resource, recurring);
      }
      if (key === null) this.#unwatch(resource);
    }
    this.#options.history.forget(resourceName, key);
  }

  /** Keys of operations that wait or run, the recurring ones apart. */
  pending(): OperationRequest[] {
    return [...this.#resources.values()]
      .flatMap((resource) => [...(resource.running ? [resource.running] : []), ...resource.waiting])
      .filter((operation) => operation.request.intervalMs === 0)
      .map((operation) => operation.request);
  }

  /** Processes of the resource whose end would be noticed. */
  watched(resource: string): readonly ProcessEntry[] {
    return this.#watch.processes(resource);
  }

  get isIdle(): boolean {
    return [...this.#resources.values()].every(
      (resource) => !resource.running && resource.waiting.length === 0 && resource.recurring.size === 0,
    );
  }

  /** Runs one process outside of any resource's queue, under the executor's watch over time and leftovers. */
  contextFor(name: string, timeoutMs: number): OperationContext & { cancel(): void } {
    const operation = { child: undefined, cancelled: false, wake: undefined } as Pick<
      Operation,
      'child' | 'cancelled' | 'wake'
    >;
    const marked = { resource: '', operation: name };
    const marker = formatMarker(this.#options.directory, marked, String(performance.now()));
    return {
      ...this.#context(operation, marker, timeoutMs, false),
      cancel: () => cancelRun(operation),
    };
  }

  /** Ends timers and the processes of operations that are under way; services are left alone. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#watch.close();
    const ending: Promise<unknown>[] = [];
    for (const resource of this.#resources.values()) {
      clearTimeout(resource.rewatch);
      for (const operation of [...resource.recurring.values(), ...resource.waiting])
        clearTimeout(operation.timer);
      resource.waiting.length = 0;
      const { running } = resource;
      if (!running) continue;
      if (running.child) ending.push(running.child.done);
      cancelRun(running);
    }
    await Promise.all(ending);
  }

  #newOperation(request: OperationRequest): Operation {
    return {
      request,
      queuedAt: 0,
      child: undefined,
      cancelled: false,
      wake: undefined,
      timer: undefined,
      last: undefined,
      traits: null,
      again: false,
      alarmed: false,
    };
  }

  #resource(name: string): Resource {
    const existing = this.#resources.get(name);
    if (existing) return existing;
    const made: Resource = {
      name,
      running: undefined,
      waiting: [],
      recurring: new Map(),
      ended: [],
      falseAlarms: 0,
      startWindows: [],
      rewatch: undefined,
    };
    this.#resources.set(name, made);
    return made;
  }

  /**
   * Before the resource's state is changed its monitors end: they would report the change as a failure. That they have
   * ended is told when the change is over: until then they are part of what is known of the resource.
   */
  #beforeChange(resource: Resource): void {
    this.#unwatch(resource);
    for (const key of [...resource.recurring.keys()]) {
      const operation = this.#dequeue(resource, key);
      if (operation && resource.running === operation) cancelRun(operation);
      else if (operation) resource.ended.push(operation);
      this.#options.history.cancel(resource.name, key);
    }
  }

  #reportEnded(resource: Resource): void {
    for (const operation of resource.ended.splice(0)) this.#reportCancelled(operation);
  }

  #reportCancelled(operation: Operation): void {
    this.#report(operation, outcome('cancelled', OCF.ok), Date.now(), 0);
  }

  #unwatch(resource: Resource): void {
    clearTimeout(resource.rewatch);
    resource.rewatch = undefined;
    this.#watch.unwatch(resource.name);
  }

  #drop(resource: Resource, key: string): void {
    const operation = this.#dequeue(resource, key);
    if (operation && resource.running === operation) cancelRun(operation);
    else if (operation) this.#reportCancelled(operation);
  }

  /** Takes a recurring operation away, so that it is not begun again. */
  #dequeue(resource: Resource, key: string): Operation | undefined {
    const operation = resource.recurring.get(key);
    if (!operation) return undefined;
    resource.recurring.delete(key);
    clearTimeout(operation.timer);
    const at = resource.waiting.indexOf(operation);
    if (at >= 0) resource.waiting.splice(at, 1);
    return operation;
  }

  #enqueue(operation: Operation): void {
    if (this.#closed) return;
    operation.timer = undefined;
    operation.queuedAt = performance.now();
    this.#resource(operation.request.resource).waiting.push(operation);
    this.#startNext();
  }

  /** Starts what may start: what changes something first, then monitors, each in the order of arrival. */
  #startNext(): void {
    while (this.#beginning < this.#options.concurrency) {
      let next: Resource | undefined;
      for (const resource of this.#resources.values()) {
        const candidate = resource.waiting[0];
        if (resource.running || !candidate) continue;
        if (next === undefined || isBefore(candidate, next.waiting[0]!)) next = resource;
      }
      if (next === undefined) return;
      const operation = next.waiting.shift()!;
      next.running = operation;
      void this.#run(next, operation);
    }
  }

  async #run(resource: Resource, operation: Operation): Promise<void> {
    const { request } = operation;
    const { history } = this.#options;
    const marker = formatMarker(
      this.#options.directory,
      request,
      `${request.callId}.${Math.round(performance.now())}`,
    );
    const startedAtMs = Date.now();
    const startedAt = performance.now();
    const fromTicks = STARTING.includes(request.operation) ? uptimeTicks() : 0;
    operation.cancelled = false;
    this.#beginning++;
    let isBeginning = true;
    const begun = (): void => {
      if (!isBeginning) return;
      isBeginning = false;
      this.#beginning--;
      this.#startNext();
    };
    const timer = setTimeout(begun, BEGINNING_MS);
    history.begin(request, marker);

    const agentClass = findClass(request.agent.class);
    let result: Outcome;
    const traits = this.#options.traitsOf(request.agent);
    if (agentClass) {
      const context = this.#context(operation, marker, request.timeoutMs, history.isActive(request.resource));
      result = await perform(agentClass, request, context);
    } else {
      result = outcome(
        'not-installed',
        OCF.notInstalled,
        `There is no class ${request.agent.class} of agents`,
      );
    }
    clearTimeout(timer);
    const execTimeMs = Math.round(performance.now() - startedAt);
    operation.traits = await traits;
    resource.running = undefined;
    if (fromTicks > 0) resource.startWindows.push({ fromTicks, toTicks: uptimeTicks() });
    if (operation.cancelled && request.intervalMs > 0) result = outcome('cancelled', OCF.ok);
    if (!this.#closed) {
      this.#finished(resource, operation, result, startedAtMs, execTimeMs);
    }
    begun();
    this.#startNext();
  }

  #finished(
    resource: Resource,
    operation: Operation,
    result: Outcome,
    startedAtMs: number,
    execTimeMs: number,
  ): void {
    const { request } = operation;
    const active = result.status === 'done' && (result.rc === 0 || result.rc === 8 || result.rc >= 190);
    if (request.intervalMs > 0) {
      const differs =
        operation.last === undefined ||
        operation.last.rc !== result.rc ||
        operation.last.status !== result.status;
      if (result.status === 'cancelled' && changeWaits(resource)) resource.ended.push(operation);
      else if (differs || result.status === 'cancelled')
        this.#report(operation, result, startedAtMs, execTimeMs);
      if (result.status === 'cancelled') return;
      if (resource.recurring.get(request.key) === operation) {
        if (operation.again) this.#enqueue(operation);
        else operation.timer = setTimeout(() => this.#enqueue(operation), request.intervalMs);
      }
      operation.again = false;
    } else {
      this.#report(operation, result, startedAtMs, execTimeMs);
      if (changesState(request)) this.#reportEnded(resource);
    }

    if (request.operation === 'stop' && active) {
      this.#unwatch(resource);
      resource.startWindows = [];
    } else if (
      active &&
      ['start', 'monitor', 'promote', 'demote', 'migrate_from'].includes(request.operation)
    ) {
      this.#watchActive(resource, operation);
    }
    operation.alarmed = false;
  }

  #watchActive(resource: Resource, operation: Operation): void {
    if (changeWaits(resource) || this.#watch.isWatching(resource.name) || resource.rewatch) return;
    const { parameters } = operation.request;
    if (!operation.alarmed) {
      this.#watch.watch(resource.name, parameters, resource.startWindows);
      return;
    }
    const pauseMs = Math.min(FALSE_ALARM_PAUSE_MS * 2 ** resource.falseAlarms++, FALSE_ALARM_PAUSE_MS_MAX);
    resource.rewatch = setTimeout(() => {
      resource.rewatch = undefined;
      this.#watch.watch(resource.name, parameters, resource.startWindows);
    }, pauseMs);
  }

  #processesEnded(name: string, processes: readonly ProcessEntry[]): void {
    const resource = this.#resources.get(name);
    if (!resource || this.#closed) return;
    if (resource.running && changesState(resource.running.request)) return;
    this.#options.onProcessesEnded(name, processes);
    this.#monitorNow(resource);
  }

  #monitorNow(resource: Resource): void {
    for (const operation of resource.recurring.values()) {
      if (operation.request.operation !== 'monitor') continue;
      operation.alarmed = true;
      if (resource.running === operation) operation.again = true;
      else if (operation.timer) {
        clearTimeout(operation.timer);
        this.#enqueue(operation);
      }
    }
  }

  #report(operation: Operation, result: Outcome, startedAtMs: number, execTimeMs: number): void {
    const { request, last } = operation;
    const reported: OperationResult = {
      callId: request.callId,
      key: request.key,
      resource: request.resource,
      agent: request.agent,
      operation: request.operation,
      intervalMs: request.intervalMs,
      status: result.status,
      rc: result.rc,
      exitReason: result.exitReason,
      output: result.output.slice(-OUTPUT_BYTES_MAX),
      userData: request.userData,
      parameters: request.parameters,
      startedAtMs,
      lastChangeAtMs: last && last.rc === result.rc ? last.lastChangeAtMs : startedAtMs,
      execTimeMs,
      queueTimeMs: Math.max(
        0,
        operation.queuedAt === 0 ? 0 : Math.round(performance.now() - operation.queuedAt - execTimeMs),
      ),
      ...(operation.traits === null ? {} : { parameterTraits: operation.traits }),
    };
    operation.last = reported;
    if (result.status !== 'cancelled') this.#options.history.add(reported);
    this.#options.onResult(reported);
  }

  #context(
    operation: Pick<Operation, 'child' | 'cancelled' | 'wake'>,
    marker: string,
    timeoutMs: number,
    isStarted: boolean,
  ): OperationContext {
    const startedAt = performance.now();
    const remainingMs = (): number => Math.max(1, Math.ceil(timeoutMs - (performance.now() - startedAt)));
    return {
      places: this.#options.places,
      environment: this.#options.environment,
      isStarted,
      timeoutMs,
      remainingMs,
      run: async (command: Omit<Command, 'timeoutMs' | 'marker'>) => {
        const child = runChild(
          { ...command, marker, timeoutMs: timeoutMs === 0 ? 0 : remainingMs() },
          this.#options.pipes,
        );
        operation.child = child;
        if (child.pid !== undefined) this.#sessions.add(child.pid);
        if (operation.cancelled) child.cancel();
        const result = await child.done;
        if (child.pid !== undefined) this.#sessions.delete(child.pid);
        operation.child = undefined;
        return result;
      },
      sleep: (ms) =>
        new Promise((resolve) => {
          const timer = setTimeout(() => resolve(!operation.cancelled), ms);
          operation.wake = () => {
            clearTimeout(timer);
            resolve(false);
          };
        }),
    };
  }
}

async function perform(
  agentClass: AgentClass,
  request: OperationRequest,
  context: OperationContext,
): Promise<Outcome> {
  try {
    const parameters = resolveSecrets(context.places.secrets, request.resource, request.parameters);
    // What runs must be stopped, if need be without them.
    if (parameters === null && request.operation !== 'stop') {
      return outcome('done', OCF.invalidParameter, 'Unable to load CIB secrets');
    }
    return await agentClass.execute({ ...request, parameters: parameters ?? request.parameters }, context);
  } catch (error) {
    // An agent's files may vanish or be unreadable at any moment; that is this operation's failure only.
    return outcome('error', OCF.genericError, error instanceof Error ? error.message : String(error));
  }
}

function changeWaits(resource: Resource): boolean {
  return resource.waiting.some((waiting) => changesState(waiting.request));
}

function cancelRun(operation: Pick<Operation, 'child' | 'cancelled' | 'wake'>): void {
  operation.cancelled = true;
  operation.child?.cancel();
  operation.wake?.();
}

function isBefore(a: Operation, b: Operation): boolean {
  const aRecurs = a.request.intervalMs > 0;
  const bRecurs = b.request.intervalMs > 0;
  return aRecurs === bRecurs ? a.queuedAt < b.queuedAt : bRecurs;
}
