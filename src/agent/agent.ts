import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import type { Server as NetServer } from 'node:net';
import { join } from 'node:path';
import { isTrue, parseBoolean } from '../cib/boolean.js';
import { createPatch } from '../cib/diff.js';
import type { Element } from '../cib/element.js';
import { formatCibVersion, readVersion } from '../cib/version.js';
import { writeXml } from '../cib/xml.js';
import { Controller } from '../controller/controller.js';
import type {
  ControllerEffect,
  ControllerInput,
  DcRequest,
  FenceRequest,
  Planner,
  RequestAnswer,
} from '../controller/types.js';
import { ExecutorClient } from '../executor/client.js';
import type { LinkState } from '../membership/detector.js';
import { Membership } from '../membership/membership.js';
import type { BootId, Effect, Event, Message, NodeId, Reachability, View } from '../membership/types.js';
import type { ClusterEvent, Identity, Notification } from '../protocol/messages.js';
import { AlertHost } from './alerts.js';
import { monotonicMs } from './clock.js';
import type { AgentConfiguration } from './configuration.js';
import { EventLog } from './events.js';
import { FencingHost, isFencingQuery } from './fencing.js';
import { HeartbeatThread } from './heartbeat.js';
import type { FromHeartbeat } from './heartbeat-types.js';
import type { Log } from './log.js';
import type { AgentPlaces } from './places.js';
import type { Server } from './server.js';
import { lock, Storage } from './storage.js';
import { PeerStreams } from './streams.js';

/** What fits into one datagram on any network, with room for the seal. */
const DATAGRAM_TEXT_MAX = 1200;
/** Subscribers get a new version of the CIB at most this often, in ms. */
const NOTIFY_MS = 50;
/** After the first view, when the work of starting is done. */
const WARM_UP_MS = 2000;
const QUERY_TIMEOUT_MS = 3000;
/** When nobody confirms a goodbye: the node leaves all the same. */
const LEAVE_MS = 1000;

type EventBody = Event extends infer E ? (E extends { nowMs: number } ? Omit<E, 'nowMs'> : never) : never;
type InputBody = ControllerInput extends infer I
  ? I extends { nowMs: number }
    ? Omit<I, 'nowMs'>
    : never
  : never;

export interface AgentOptions {
  readonly places: AgentPlaces;
  readonly configuration: AgentConfiguration;
  readonly log: Log;
  readonly version: string;
  readonly planner: Planner;
  /** What the heartbeat thread and the executor process run: an entry like `src/tools/quorated.ts`. */
  readonly program: string;
  /** Directory of our executables and of the agents that we ship. */
  readonly tools?: string;
  readonly shippedAgents?: string;
}

/**
 * The agent: takes one event at a time to the cores, performs what they want, and decides nothing itself.
 *
 * Events are held back while the heartbeat thread has not judged the silence of peers for half a token: a process that
 * was stopped must learn what became of its view before it does anything in it.
 */
export class Agent {
  readonly #options: AgentOptions;
  readonly #log: Log;
  readonly #boot: BootId = randomBytes(16).toString('hex');
  readonly #membership: Membership;
  readonly #controller: Controller;
  readonly #storage: Storage;
  readonly #streams: PeerStreams;
  readonly #fencing: FencingHost;
  readonly #alerts: AlertHost;
  readonly events = new EventLog();
  #heartbeat: HeartbeatThread | null = null;
  #executor: ExecutorClient | null = null;
  #server: Server | null = null;
  #lock: NetServer | null = null;
  #links: readonly LinkState[] = [];
  readonly #joinCounts = new Map<NodeId, number>();
  readonly #queue: (() => void)[] = [];
  #reachability: Reachability | null = null;
  #draining = false;
  readonly #work: (() => void)[] = [];
  #pumping = false;
  #judgedAtMs = Number.POSITIVE_INFINITY;
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #afterWrite: { readonly write: number; readonly run: () => void }[] = [];
  #written = 0;
  readonly #replies = new Map<string, (answer: RequestAnswer) => void>();
  readonly #queries = new Map<string, (answer: unknown) => void>();
  #questions = 0;
  #notified: Element | null = null;
  #notifyTimer: NodeJS.Timeout | null = null;
  #guard: number | null | undefined;
  #warm = false;
  #stopping = false;
  readonly stopped: Promise<void>;
  #resolveStopped: () => void = () => {};

  constructor(options: AgentOptions) {
    const { configuration } = options;
    this.#options = options;
    this.#log = options.log;
    this.#storage = new Storage(options.places.state);
    this.#membership = new Membership(configuration.membership);
    const { self, nodes } = configuration.membership;
    this.#controller = new Controller(
      {
        self,
        clusterName: configuration.corosync.totem.clusterName,
        nodes: nodes.map(({ node, name, arbiter }) => ({ node, name, arbiter: arbiter ?? false })),
        version: options.version,
        unfencedGraceMs: 150,
        uuid: randomUUID(),
      },
      options.planner,
    );
    this.#streams = new PeerStreams({
      self,
      boot: this.#boot,
      clusterKeys: configuration.clusterKeys,
      links: configuration.links,
      peers: configuration.peers,
      onMessage: (from, boot, message) =>
        this.#enqueue(() => this.#toMembership({ kind: 'message', from, boot, message })),
      log: (text) => this.#log.write('warning', text),
    });
    this.#fencing = new FencingHost({
      localNode: configuration.nodeName,
      executor: () => this.#executor,
      members: () => (this.view?.members ?? []).map((member) => this.#nameOf(member.node)),
      cib: () => this.#controller.cib,
      ask: (node, query, timeoutMs) => this.#askNode(node, query, timeoutMs),
      kept: this.#storage.readFencing(),
      keep: (history) => {
        this.#storage
          .writeFencing(history)
          .catch((error: Error) => this.#log.write('error', `fencing history: ${error.message}`));
      },
      onEntry: (entry) => this.#alerts.fenced(entry),
      log: (text) => this.#log.write('info', `fencing: ${text}`),
    });
    this.#alerts = new AlertHost({
      localNode: configuration.nodeName,
      nodeId: (name) => nodes.find((node) => node.name === name)?.node ?? 0,
      cib: () => this.#controller.cib,
      executor: () => this.#executor,
      log: (text) => this.#log.write('warning', `alerts: ${text}`),
    });
    this.stopped = new Promise((resolve) => {
      this.#resolveStopped = resolve;
    });
  }

  get controller(): Controller {
    return this.#controller;
  }

  get view(): View | null {
    return this.#membership.view;
  }

  get links(): readonly LinkState[] {
    return this.#links;
  }

  get executor(): ExecutorClient | null {
    return this.#executor;
  }

  get configuration(): AgentConfiguration {
    return this.#options.configuration;
  }

  joinCount(node: NodeId): number {
    return this.#joinCounts.get(node) ?? 0;
  }

  /** Rejects when another agent has the directory, an address cannot be bound, or the executor cannot be started. */
  async start(startServer: (agent: Agent) => Promise<Server>): Promise<void> {
    const { places, configuration, version } = this.#options;
    this.#lock = await lock(places.run);
    writeFileSync(join(places.run, 'quorated.pid'), `${process.pid}\n`);
    await this.#connectExecutor();
    await this.#streams.listen();
    const stored = this.#storage.readCib();
    this.#toController({ kind: 'start', cib: stored?.cib ?? null, lineage: stored?.lineage ?? null });
    this.#toController({ kind: 'executor', history: this.#executor!.attachment.history });
    await this.#startHeartbeat();
    this.#server = await startServer(this);
    this.#enqueue(() =>
      this.#toMembership({ kind: 'start', boot: this.#boot, record: this.#storage.readRecord() }),
    );
    this.#log.write('info', `quorated ${version} is up as ${configuration.nodeName}`);
  }

  async #connectExecutor(keepHistory = false): Promise<void> {
    const { places, version, program, tools, shippedAgents } = this.#options;
    this.#executor = await ExecutorClient.connect({
      directory: places.executor,
      keepHistory,
      version,
      program,
      root: places.root,
      logPath: join(places.log, 'executor.log'),
      ...(tools === undefined ? {} : { tools }),
      ...(shippedAgents === undefined ? {} : { shippedAgents }),
      onResult: (result) => {
        this.#alerts.executed(result);
        this.#enqueue(() => this.#toController({ kind: 'executed', result }));
      },
    });
    void this.#executor.closed.then(() => this.#executorLost());
  }

  async #executorLost(): Promise<void> {
    if (this.#stopping || this.#executor?.isClosing) return;
    this.#log.write('warning', 'the executor has ended; a new one takes over');
    await this.#connectExecutor(true);
    const { history } = this.#executor!.attachment;
    this.#enqueue(() => this.#toController({ kind: 'executor', history }));
  }

  #startHeartbeat(): Promise<void> {
    const { configuration, program } = this.#options;
    const { membership, links, peers, clusterKeys, corosync } = configuration;
    return new Promise((resolve, reject) => {
      const setup = {
        self: membership.self,
        boot: this.#boot,
        clusterKeys,
        timing: membership.timing,
        links,
        peers,
        realTime: corosync.system.schedRoundRobin,
      };
      this.#heartbeat = new HeartbeatThread(program, setup, (message) => {
        if (message.kind === 'bound') resolve();
        else if (message.kind === 'failed') {
          const error = new Error(`heartbeats: ${message.message}`);
          reject(error);
          if (this.#server) this.#fail(error);
        } else this.#fromHeartbeat(message);
      });
    });
  }

  #fromHeartbeat(message: FromHeartbeat): void {
    switch (message.kind) {
      case 'judged':
        this.#judgedAtMs = message.atMs;
        this.#drain();
        break;
      case 'reachability':
        // Ahead of what waits, for it is what the rest waits for; only the newest counts.
        this.#reachability = message.reachability;
        for (const peer of message.reachability.peers) this.#streams.wake(peer.node);
        for (const news of message.news) {
          const node = this.#nameOf(news.node);
          if (news.kind === 'suspected') {
            this.#note({
              atMs: Date.now(),
              node: this.configuration.nodeName,
              kind: 'suspected',
              text: `${node} has not been heard for ${Math.round(news.silentMs)} ms`,
              data: { node, silentMs: Math.round(news.silentMs) },
            });
          } else this.#log.write('info', `${node} is ${news.kind}`);
        }
        this.#drain();
        break;
      case 'links':
        this.#links = message.links;
        break;
      case 'message': {
        const parsed = JSON.parse(message.text) as Message;
        const { from, boot } = message;
        this.#enqueue(() => this.#toMembership({ kind: 'message', from, boot, message: parsed }));
        break;
      }
      case 'log':
        this.#log.write(message.level, message.text);
        break;
    }
  }

  #nameOf(node: NodeId): string {
    return this.configuration.membership.nodes.find((one) => one.node === node)?.name ?? String(node);
  }

  // ---- One event after the other ----

  #enqueue(run: () => void): void {
    this.#queue.push(run);
    this.#drain();
  }

  #drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    try {
      for (;;) {
        const lateMs = monotonicMs() - this.#judgedAtMs;
        if (lateMs > this.configuration.membership.timing.tokenMs / 2) return;
        const reachability = this.#reachability;
        this.#reachability = null;
        if (reachability) this.#toMembership({ kind: 'reachability', reachability });
        else {
          const next = this.#queue.shift();
          if (!next) return;
          next();
        }
      }
    } catch (error) {
      this.#fail(error as Error);
    } finally {
      this.#draining = false;
    }
  }

  /** Our bug: an agent that finds itself inconsistent stops; its peers take over. */
  #fail(error: Error): void {
    this.#log.write('error', `stopping: ${error.stack ?? error.message}`);
    process.exit(70);
  }

  #toMembership(event: EventBody): void {
    this.#work.push(() => {
      for (const effect of this.#membership.step({ ...event, nowMs: monotonicMs() } as Event)) {
        this.#performMembership(effect);
      }
    });
    this.#pump();
  }

  #toController(input: InputBody): void {
    this.#work.push(() => {
      for (const effect of this.#controller.step({ ...input, nowMs: Date.now() } as ControllerInput)) {
        this.#performController(effect);
      }
    });
    this.#pump();
  }

  /** What arises while effects are performed waits until those are done: their order is part of the promise. */
  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      for (let run = this.#work.shift(); run; run = this.#work.shift()) run();
    } finally {
      this.#pumping = false;
    }
  }

  #setTimer(name: string, delayMs: number, run: () => void): void {
    clearTimeout(this.#timers.get(name));
    const timer = setTimeout(() => {
      this.#enqueue(() => {
        // It may have been set anew, or cancelled, while this waited.
        if (this.#timers.get(name) !== timer) return;
        this.#timers.delete(name);
        run();
      });
    }, delayMs);
    this.#timers.set(name, timer);
  }

  #cancelTimer(name: string): void {
    clearTimeout(this.#timers.get(name));
    this.#timers.delete(name);
  }

  #performMembership(effect: Effect): void {
    switch (effect.kind) {
      case 'send': {
        const send = () => this.#send(effect.to, effect.boot, effect.message);
        if (effect.after === undefined || effect.after <= this.#written) send();
        else this.#afterWrite.push({ write: effect.after, run: send });
        break;
      }
      case 'persist':
        this.#storage.writeRecord(effect.record).then(
          () => this.#enqueue(() => this.#recordWritten(effect.write)),
          (error: Error) => this.#fail(error),
        );
        break;
      case 'set-timer':
        this.#setTimer(`membership ${effect.timer}`, effect.delayMs, () =>
          this.#toMembership({ kind: 'timer', timer: effect.timer }),
        );
        break;
      case 'cancel-timer':
        this.#cancelTimer(`membership ${effect.timer}`);
        break;
      case 'deliver-view':
        this.#warmUp();
        for (const { node } of effect.view.members) {
          if (effect.previous?.members.some((member) => member.node === node)) continue;
          this.#joinCounts.set(node, this.joinCount(node) + 1);
        }
        this.#toController({
          kind: 'view',
          view: effect.view,
          previous: effect.previous,
          continuing: effect.continuing,
        });
        this.#fencing.membersChanged();
        break;
      case 'deliver':
        this.#toController({ kind: 'ordered', view: effect.view, message: effect.message });
        break;
      case 'deliver-direct':
        this.#toController({ kind: 'direct', view: effect.view, from: effect.from, payload: effect.payload });
        break;
      case 'activity':
        this.#toController({ kind: 'active', active: effect.active });
        break;
      case 'summary':
        this.#heartbeat?.setSummary(effect.summary);
        break;
      case 'left':
        void this.#finish();
        break;
      case 'log':
        this.#log.write(effect.level, `membership: ${effect.text}`);
        break;
    }
  }

  /** The first run of the scheduler compiles it; a node that becomes DC because another died must not wait for that. */
  #warmUp(): void {
    if (this.#warm) return;
    this.#warm = true;
    this.#setTimer('warm up', WARM_UP_MS, () => {
      if (!this.#controller.isDc) this.#options.planner(this.#controller.cib, Date.now());
    });
  }

  #recordWritten(write: number): void {
    this.#written = write;
    for (let i = 0; i < this.#afterWrite.length; ) {
      if (this.#afterWrite[i]!.write <= write) this.#afterWrite.splice(i, 1)[0]!.run();
      else i++;
    }
    this.#toMembership({ kind: 'persisted', write });
  }

  #send(to: NodeId, boot: BootId, message: Message): void {
    const text = JSON.stringify(message);
    const small = text.length <= DATAGRAM_TEXT_MAX;
    if (message.kind !== 'channel' && small) this.#heartbeat?.send(to, boot, text);
    else if (!this.#streams.send(to, text) && small) this.#heartbeat?.send(to, boot, text);
  }

  #performController(effect: ControllerEffect): void {
    switch (effect.kind) {
      case 'broadcast':
        this.#toMembership({ kind: 'broadcast', payload: effect.payload });
        break;
      case 'direct':
        this.#toMembership({ kind: 'direct', to: effect.to, payload: effect.payload });
        break;
      case 'store':
        this.#storage.writeCib(effect.cib, effect.lineage).then(
          () => this.#enqueue(() => this.#toController({ kind: 'stored', write: effect.write })),
          (error: Error) => this.#fail(error),
        );
        break;
      case 'keep-document': {
        const name = `conflict-${formatCibVersion(effect.version)}-${Date.now()}`;
        void this.#storage.keep(effect.cib, name).then((path) => {
          this.#log.write('warning', `a conflicting configuration is kept in ${path}: ${effect.reason}`);
        });
        break;
      }
      case 'execute':
        this.#executor?.execute(effect.request);
        break;
      case 'cancel': {
        const { resource, key } = effect;
        void this.#executor?.cancel(resource, key).then(() => {
          this.#enqueue(() => this.#toController({ kind: 'cancelled', resource, key }));
        });
        break;
      }
      case 'forget':
        void this.#executor?.forget(effect.resource);
        break;
      case 'fence':
        void this.#fence(effect.request);
        break;
      case 'set-timer':
        this.#setTimer(`controller ${effect.timer}`, effect.delayMs, () =>
          this.#toController({ kind: 'timer', timer: effect.timer }),
        );
        break;
      case 'cancel-timer':
        this.#cancelTimer(`controller ${effect.timer}`);
        break;
      case 'reply':
        this.#replies.get(effect.id)?.(effect.answer);
        this.#replies.delete(effect.id);
        break;
      case 'event':
        this.#note(effect.event);
        break;
      case 'cib-changed':
        this.#scheduleNotification();
        this.#updateGuard();
        break;
      case 'state-changed':
        this.#scheduleNotification();
        break;
      case 'query':
        this.#answerQuery(effect.from, effect.id, effect.query);
        break;
      case 'query-answer':
        this.#queries.get(effect.id)?.(effect.answer);
        this.#queries.delete(effect.id);
        break;
      case 'leave':
        this.#toMembership({ kind: 'leave' });
        break;
      case 'leave-soon':
        this.#setTimer('leave', LEAVE_MS, () => this.#toMembership({ kind: 'leave' }));
        break;
      case 'log':
        this.#log.write(effect.level, `controller: ${effect.text}`);
        break;
    }
  }

  /**
   * Should this process vanish, its peers take over after a token: the executor stops everything before that, unless
   * fencing sees to it, or the operator has taken things into his own hands.
   */
  #updateGuard(): void {
    if (!this.view || this.view.members.length === 0) return;
    const option = (name: string) => this.#controller.clusterOption(name);
    const fenced = parseBoolean(option('stonith-enabled')) ?? true;
    const alone = this.configuration.membership.nodes.length === 1;
    const idle = fenced || alone || isTrue(option('maintenance-mode'));
    const stopAfterMs = idle ? null : Math.round(this.configuration.membership.timing.tokenMs / 2);
    if (stopAfterMs === this.#guard) return;
    this.#guard = stopAfterMs;
    this.#executor?.guard(stopAfterMs);
  }

  // ---- Fencing ----

  get fencing(): FencingHost {
    return this.#fencing;
  }

  async #fence(request: FenceRequest): Promise<void> {
    const { id, target, action, timeoutMs, delayMs } = request;
    const outcome = await this.#fencing.fence({
      id,
      target,
      action: action === 'on' || action === 'off' ? action : 'reboot',
      delayMs,
      timeoutMs,
      client: 'controller',
    });
    this.#enqueue(() => this.#toController({ kind: 'fenced', result: { id, target, action, ...outcome } }));
  }

  #askNode(name: string, query: unknown, timeoutMs: number): Promise<unknown> {
    const node = this.configuration.membership.nodes.find((one) => one.name === name);
    return node ? this.#ask(node.node, query, timeoutMs) : Promise.resolve(null);
  }

  // ---- Clients ----

  #note(event: ClusterEvent): void {
    this.events.add(event);
    this.#alerts.noted(event);
    this.#log.write('info', `${event.kind}: ${event.text}`);
    this.#server?.notify({ notify: 'events', event });
  }

  #scheduleNotification(): void {
    this.#notifyTimer ??= setTimeout(() => {
      this.#notifyTimer = null;
      this.#notifySubscribers();
    }, NOTIFY_MS);
  }

  #notifySubscribers(): void {
    const server = this.#server;
    if (!server) return;
    if (server.hasSubscribers('state') && this.currentState) {
      server.notify({ notify: 'state', state: this.currentState() });
    }
    if (!server.hasSubscribers('cib')) {
      this.#notified = null;
      return;
    }
    const { cib } = this.#controller;
    const version = readVersion(cib);
    const before = this.#notified;
    // The tree is changed in place, so the next difference needs a copy of what was told.
    this.#notified = cib.clone();
    if (!before) {
      server.notify(this.cibNotification());
      return;
    }
    const patch = createPatch(before, cib);
    if (patch) server.notify({ notify: 'cib', version, patch: writeXml(patch, { indent: false }) });
  }

  /** Set by whoever knows how to describe the cluster's state for clients. */
  currentState: (() => import('../protocol/messages.js').ClusterState) | null = null;

  cibNotification(): Notification {
    const { cib } = this.#controller;
    return { notify: 'cib', version: readVersion(cib), cib: writeXml(cib, { indent: false }) };
  }

  /** Passes a client's request to the DC, wherever it is. */
  request(request: DcRequest, identity: Identity, timeoutMs: number): Promise<RequestAnswer> {
    const id = `${this.#boot.slice(0, 12)}-${++this.#questions}`;
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#replies.delete(id);
        const message = this.view
          ? 'the DC has not answered in time'
          : 'this node is in no view of the cluster yet';
        resolve({ ok: false, error: { code: this.view ? 'timeout' : 'no-dc', message } });
      }, timeoutMs);
      this.#replies.set(id, (answer) => {
        clearTimeout(timer);
        resolve(answer);
      });
      this.#enqueue(() => this.#toController({ kind: 'request', id, request, identity }));
    });
  }

  /** Events of all members, oldest first. A member that does not answer in time is left out. */
  async eventsOfAll(sinceMs: number, limit: number): Promise<ClusterEvent[]> {
    const self = this.configuration.membership.self;
    const others = (this.view?.members ?? []).filter((member) => member.node !== self);
    const answers = await Promise.all(
      others.map((member) => this.#ask(member.node, { kind: 'events', sinceMs, limit })),
    );
    const all = [
      ...answers.flatMap((answer) => (answer ?? []) as ClusterEvent[]),
      ...this.events.since(sinceMs, limit),
    ];
    return all.sort((a, b) => a.atMs - b.atMs).slice(-limit);
  }

  #ask(node: NodeId, query: unknown, timeoutMs = QUERY_TIMEOUT_MS): Promise<unknown> {
    const id = `${this.#boot.slice(0, 12)}-${++this.#questions}`;
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#queries.delete(id);
        resolve(null);
      }, timeoutMs);
      this.#queries.set(id, (answer) => {
        clearTimeout(timer);
        resolve(answer);
      });
      this.#enqueue(() =>
        this.#toMembership({ kind: 'direct', to: node, payload: { kind: 'query', id, query } }),
      );
    });
  }

  #answerQuery(from: NodeId, id: string, query: unknown): void {
    if (isFencingQuery(query)) {
      void this.#fencing.answer(query).then((answer) => {
        this.#enqueue(() =>
          this.#toMembership({ kind: 'direct', to: from, payload: { kind: 'query-answer', id, answer } }),
        );
      });
      return;
    }
    const { kind, sinceMs, limit } = query as { kind: string; sinceMs: number; limit: number };
    const answer = kind === 'events' ? this.events.since(sinceMs, limit) : null;
    this.#toMembership({ kind: 'direct', to: from, payload: { kind: 'query-answer', id, answer } });
  }

  // ---- The end ----

  /** Stops this node: its resources move away first, unless `immediate`. */
  stop(immediate: boolean): void {
    this.#enqueue(() => this.#toController({ kind: 'shut-down', immediate }));
  }

  async #finish(): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    if (this.#notifyTimer) clearTimeout(this.#notifyTimer);
    this.#fencing.close();
    await this.#server?.close();
    await this.#heartbeat?.stop();
    this.#streams.close();
    await this.#storage.settled();
    // Others take over what was active here; where everything has been moved away there is nothing to stop.
    await this.#executor?.abandon();
    this.#lock?.close();
    this.#log.write('info', 'stopped');
    this.#resolveStopped();
  }
}

/** The version in `package.json`, put in by the build. */
export function ownVersion(): string {
  if (typeof __QUORATE_VERSION__ === 'string') return __QUORATE_VERSION__;
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

declare const __QUORATE_VERSION__: string | undefined;
