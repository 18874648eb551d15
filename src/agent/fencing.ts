/**
 * The host of fencing on every node: on the DC it drives the core (src/fencing), on all it runs fence agents for
 * whichever node drives it, and keeps the history.
 */
import type { Element } from '../cib/element.js';
import { parseXml } from '../cib/xml.js';
import type { FenceAgentCall, RunResult } from '../executor/types.js';
import { type AgentTraits, readDevices, readTraits } from '../fencing/device.js';
import { Fencer, type FencingEffect, type FencingEvent, type FencingRequest } from '../fencing/fencer.js';
import { addEntry, mergeHistories } from '../fencing/history.js';
import { register, withRegistered } from '../fencing/registered.js';
import { readTopology } from '../fencing/topology.js';
import { isWatchdogDevice, watchdogTimeout, withWatchdog } from '../fencing/watchdog.js';
import type { FencingHistoryEntry, FencingRegistration } from '../protocol/messages.js';

/** What one node's host asks of another's. */
export type FencingQuery =
  | {
      readonly kind: 'fence-run';
      /** Unique among all drivers. */
      readonly run: string;
      readonly call: FenceAgentCall;
      readonly delayMs: number;
      readonly timeoutMs: number;
    }
  | { readonly kind: 'fence-cancel'; readonly run: string }
  /** The node shall let its watchdog fire. */
  | { readonly kind: 'fence-self' }
  | { readonly kind: 'fence-note'; readonly entry: FencingHistoryEntry }
  | {
      readonly kind: 'fence-confirm';
      readonly target: string;
      readonly origin: string;
      readonly client: string;
    }
  | { readonly kind: 'fence-history' }
  | { readonly kind: 'fence-forget'; readonly target: string | null }
  | { readonly kind: 'fence-register'; readonly registration: FencingRegistration };

export function isFencingQuery(query: unknown): query is FencingQuery {
  const kind = (query as { kind?: unknown } | null)?.kind;
  return typeof kind === 'string' && kind.startsWith('fence-');
}

/** What the host needs of an executor; ExecutorClient is one. */
export interface FenceExecutor {
  fence(call: FenceAgentCall, timeoutMs: number): Promise<RunResult>;
  metadata(agentClass: string, provider: string | undefined, type: string): Promise<string | null>;
}

export interface FencingHostOptions {
  readonly localNode: string;
  readonly executor: () => FenceExecutor | null;
  /** Names of the nodes in the view. */
  readonly members: () => readonly string[];
  readonly cib: () => Element;
  /** Asks another node's host; null when it does not answer in time. */
  readonly ask: (node: string, query: FencingQuery, timeoutMs: number) => Promise<unknown>;
  /** In ms, of this node's own watchdog; null where it has none. */
  readonly watchdogFiresMs: number | null;
  /** Lets this node's watchdog fire; false where there is none. */
  readonly fenceSelf: () => boolean;
  /** What the history was when the agent ended. */
  readonly kept?: readonly FencingHistoryEntry[];
  /** Keeps the history for the next start. */
  readonly keep?: (history: readonly FencingHistoryEntry[]) => void;
  /** Fencing is over, here or on another node that drove it. */
  readonly onEntry: (entry: FencingHistoryEntry) => void;
  readonly log: (text: string) => void;
}

export interface FencingOutcome {
  readonly ok: boolean;
  /** Why it failed; empty where it did not. */
  readonly text: string;
  readonly delegate: string | null;
}

const ASK_MS = 3000;

export class FencingHost {
  readonly #options: FencingHostOptions;
  readonly #fencer = new Fencer();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #waiting = new Map<string, (outcome: FencingOutcome) => void>();
  readonly #traits = new Map<string, AgentTraits>();
  /** Runs for any driver, that may still be cancelled. */
  readonly #delayed = new Map<string, () => void>();
  readonly #driver = `${process.pid}.${Date.now()}`;
  #history: readonly FencingHistoryEntry[] = [];
  #registered: readonly FencingRegistration[] = [];

  constructor(options: FencingHostOptions) {
    this.#options = options;
    this.#history = options.kept ?? [];
  }

  /** Fences a node with the devices of the configuration as it is now. */
  async fence(
    request: Omit<FencingRequest, 'allowSelf' | 'origin'> & Partial<FencingRequest>,
  ): Promise<FencingOutcome> {
    await this.#configure();
    return new Promise((resolve) => {
      this.#waiting.set(request.id, resolve);
      this.#step({
        kind: 'request',
        request: { allowSelf: false, origin: this.#options.localNode, ...request },
      });
    });
  }

  /** The view has changed: runs on nodes that are gone are begun elsewhere. */
  membersChanged(): void {
    if (!this.#fencer.isIdle) this.#step({ kind: 'members', members: this.#options.members() });
  }

  /** An administrator vouches that the node is down; fencing that is under way for it, wherever, is over. */
  async confirm(target: string, client: string): Promise<void> {
    const { localNode: origin } = this.#options;
    await this.#tellOthers({ kind: 'fence-confirm', target, origin, client });
    this.#step({ kind: 'confirm', target, origin, client });
  }

  /** Newest first, of all members. */
  async history(target?: string): Promise<FencingHistoryEntry[]> {
    const others = this.#options.members().filter((node) => node !== this.#options.localNode);
    const answers = await Promise.all(
      others.map((node) => this.#options.ask(node, { kind: 'fence-history' }, ASK_MS)),
    );
    const histories = answers.filter(Array.isArray) as FencingHistoryEntry[][];
    return mergeHistories([this.#ownHistory(), ...histories]).filter(
      (entry) => target === undefined || entry.target === target,
    );
  }

  /** All members forget what is over. */
  async forget(target?: string): Promise<void> {
    this.#forget(target ?? null);
    await this.#tellOthers({ kind: 'fence-forget', target: target ?? null });
  }

  /** A device or level beside the configuration, on all members. */
  async register(registration: FencingRegistration): Promise<void> {
    this.#registered = register(this.#registered, registration);
    await this.#tellOthers({ kind: 'fence-register', registration });
  }

  get registered(): readonly FencingRegistration[] {
    return this.#registered;
  }

  /** Answers another node's host. */
  async answer(query: FencingQuery): Promise<unknown> {
    switch (query.kind) {
      case 'fence-run':
        return this.#run(query.run, query.call, query.delayMs, query.timeoutMs);
      case 'fence-cancel':
        this.#delayed.get(query.run)?.();
        return null;
      case 'fence-self':
        return this.#options.fenceSelf();
      case 'fence-note':
        this.#remember(query.entry);
        return null;
      case 'fence-confirm':
        // Only who drives such an operation has anything to end; the history comes from the confirming node.
        if (
          this.#fencer.history().some(({ target, state }) => target === query.target && state === 'pending')
        ) {
          this.#step({ ...query, kind: 'confirm' });
        }
        return null;
      case 'fence-history':
        return this.#ownHistory();
      case 'fence-forget':
        this.#forget(query.target);
        return null;
      case 'fence-register':
        this.#registered = register(this.#registered, query.registration);
        return null;
    }
  }

  close(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    for (const cancel of this.#delayed.values()) cancel();
  }

  #ownHistory(): FencingHistoryEntry[] {
    return [...this.#history, ...this.#fencer.history().filter(({ state }) => state === 'pending')];
  }

  #forget(target: string | null): void {
    this.#history = this.#history.filter((entry) => target !== null && entry.target !== target);
    this.#fencer.clearHistory(target ?? undefined);
    this.#options.keep?.(this.#history);
  }

  async #configure(): Promise<void> {
    const cib = withRegistered(this.#options.cib(), this.#registered);
    const agents = new Set(
      readDevices(cib, new Map())
        .filter(({ id, agent }) => !isWatchdogDevice(id, agent))
        .map(({ agent }) => agent),
    );
    const unknown = [...agents].filter((agent) => !this.#traits.has(agent));
    await Promise.all(unknown.map((agent) => this.#readTraits(agent)));
    const { ms: timeoutMs, objection } = watchdogTimeout(cib, this.#options.watchdogFiresMs);
    if (objection !== null) this.#options.log(`the watchdogs are not relied on: ${objection}`);
    const devices = withWatchdog(readDevices(cib, this.#traits), timeoutMs);
    this.#step({
      kind: 'configure',
      configuration: {
        devices,
        levels: readTopology(cib),
        nodeAttributes: readNodeAttributes(cib),
        watchdogTimeoutMs: timeoutMs,
      },
    });
    this.#step({ kind: 'members', members: this.#options.members() });
    for (const device of devices) {
      for (const [node, verified] of whereRunning(cib, device.id)) {
        this.#step({ kind: 'verified', device: device.id, node, verified });
      }
    }
  }

  async #readTraits(agent: string): Promise<void> {
    const xml = await this.#options.executor()?.metadata('stonith', undefined, agent);
    if (xml === null || xml === undefined) {
      this.#options.log(`the fence agent ${agent} gives no meta-data`);
      return;
    }
    try {
      this.#traits.set(agent, readTraits(parseXml(xml)));
    } catch (error) {
      this.#options.log(
        `the meta-data of ${agent} cannot be read: ${error instanceof Error ? error.message : error}`,
      );
    }
  }

  #step(event: DistributiveOmit<FencingEvent, 'nowMs' | 'random'>): void {
    const at = { nowMs: Date.now(), random: Math.random() };
    for (const effect of this.#fencer.step({ ...event, ...at } as FencingEvent)) this.#perform(effect);
  }

  #perform(effect: FencingEffect): void {
    switch (effect.kind) {
      case 'run': {
        const { node, call, delayMs, timeoutMs } = effect;
        const run = this.#runName(effect.run);
        const wait = delayMs > 0 ? ` in ${delayMs} ms` : '';
        this.#options.log(
          `${node} shall ${call.action} ${call.target?.node ?? ''} with ${effect.device}${wait}`,
        );
        const answer =
          node === this.#options.localNode
            ? this.#run(run, call, delayMs, timeoutMs)
            : this.#options.ask(
                node,
                { kind: 'fence-run', run, call, delayMs, timeoutMs },
                delayMs + timeoutMs + ASK_MS,
              );
        void answer.then((result) => {
          const silent: RunResult = {
            status: 'not-connected',
            rc: 1,
            exitReason: `no answer from ${node}`,
            output: '',
          };
          this.#step({ kind: 'finished', run: effect.run, result: (result as RunResult | null) ?? silent });
        });
        break;
      }
      case 'self-fence':
        if (effect.node === this.#options.localNode) this.#options.fenceSelf();
        else void this.#options.ask(effect.node, { kind: 'fence-self' }, ASK_MS);
        break;
      case 'cancel-run': {
        const run = this.#runName(effect.run);
        if (effect.node === this.#options.localNode) this.#delayed.get(run)?.();
        else void this.#options.ask(effect.node, { kind: 'fence-cancel', run }, ASK_MS);
        break;
      }
      case 'set-timer': {
        const { timer } = effect;
        clearTimeout(this.#timers.get(timer));
        this.#timers.set(
          timer,
          setTimeout(() => {
            this.#timers.delete(timer);
            this.#step({ kind: 'timer', timer });
          }, effect.delayMs),
        );
        break;
      }
      case 'clear-timer':
        clearTimeout(this.#timers.get(effect.timer));
        this.#timers.delete(effect.timer);
        break;
      case 'started':
        break;
      case 'completed': {
        const { entry } = effect;
        this.#remember(entry);
        void this.#tellOthers({ kind: 'fence-note', entry });
        for (const id of effect.requests) {
          this.#waiting.get(id)?.({ ok: effect.ok, text: entry.reason ?? '', delegate: entry.delegate });
          this.#waiting.delete(id);
        }
        break;
      }
    }
  }

  #remember(entry: FencingHistoryEntry): void {
    this.#history = addEntry(this.#history, entry);
    this.#options.keep?.(this.#history);
    this.#options.onEntry(entry);
  }

  #runName(run: number): string {
    return `${this.#options.localNode}.${this.#driver}.${run}`;
  }

  async #tellOthers(query: FencingQuery): Promise<void> {
    const others = this.#options.members().filter((node) => node !== this.#options.localNode);
    await Promise.all(others.map((node) => this.#options.ask(node, query, ASK_MS)));
  }

  async #run(run: string, call: FenceAgentCall, delayMs: number, timeoutMs: number): Promise<RunResult> {
    if (delayMs > 0) {
      const cancelled = await new Promise<boolean>((resolve) => {
        const timer = setTimeout(() => resolve(false), delayMs);
        this.#delayed.set(run, () => {
          clearTimeout(timer);
          resolve(true);
        });
      });
      this.#delayed.delete(run);
      if (cancelled) return { status: 'cancelled', rc: 1, exitReason: 'cancelled', output: '' };
    }
    const executor = this.#options.executor();
    if (!executor) return { status: 'not-connected', rc: 1, exitReason: 'no executor', output: '' };
    return executor.fence(call, timeoutMs);
  }
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** Node → whether the device runs there by the status section: where its last start or monitor succeeded. */
function whereRunning(cib: Element, device: string): Map<string, boolean> {
  const where = new Map<string, boolean>();
  for (const state of cib.first('status')?.elements('node_state') ?? []) {
    const node = state.get('uname');
    const resource = state
      .at('lrm', 'lrm_resources')
      ?.elements('lrm_resource')
      .find(({ id }) => id === device);
    if (node === undefined || !resource) continue;
    const operations = resource
      .elements('lrm_rsc_op')
      .filter((operation) => ['start', 'stop', 'monitor'].includes(operation.get('operation') ?? ''))
      .sort((a, b) => Number(a.get('call-id')) - Number(b.get('call-id')));
    const last = operations.at(-1);
    where.set(node, last !== undefined && last.get('operation') !== 'stop' && last.get('rc-code') === '0');
  }
  return where;
}

function readNodeAttributes(cib: Element): Record<string, Record<string, string>> {
  const attributes: Record<string, Record<string, string>> = {};
  for (const node of cib.at('configuration', 'nodes')?.elements('node') ?? []) {
    const own: Record<string, string> = {};
    for (const pair of node.elements('instance_attributes').flatMap((set) => set.elements('nvpair'))) {
      own[pair.get('name') ?? ''] ??= pair.get('value') ?? '';
    }
    attributes[node.get('uname') ?? node.id] = own;
  }
  return attributes;
}
