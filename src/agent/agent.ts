import { randomBytes, randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import type { Server as NetServer } from 'node:net';
import { join } from 'node:path';
import { isTrue } from '../cib/boolean.js';
import { formatCibVersion } from '../cib/version.js';
import { Controller } from '../controller/controller.js';
import type {
  ControllerEffect,
  ControllerInput,
  ControllerNode,
  DcRequest,
  FenceRequest,
  Planner,
  RequestAnswer,
} from '../controller/types.js';
import type { ExecutorClient } from '../executor/client.js';
import { Membership } from '../membership/membership.js';
import type { BootId, ConfiguredNode, Effect, Event, NodeId, View } from '../membership/types.js';
import type { ClusterState, Identity } from '../protocol/messages.js';
import { remarkText } from '../protocol/remarks.js';
import { AccessControl } from './access-control.js';
import { AlertHost } from './alerts.js';
import { monotonicMs } from './clock.js';
import { type AgentConfiguration, rereadConfiguration } from './configuration.js';
import type { DropCounts } from './dropped-packets.js';
import { EventRecorder } from './event-recorder.js';
import { EventLog } from './events.js';
import { ExecutorHost } from './executor-host.js';
import { FencingHost, isFencingQuery } from './fencing.js';
import { HeartbeatHost } from './heartbeat-host.js';
import type { LinkReport } from './link-counts.js';
import { LoadMeter } from './load.js';
import type { Log } from './log.js';
import { MemberQueries } from './member-queries.js';
import { Notifications } from './notifications.js';
import { Outbox } from './outbox.js';
import type { AgentPlaces } from './places.js';
import { Questions } from './questions.js';
import { Safeguards, unfencedGraceMs } from './safeguards.js';
import { SchedulerInputs } from './scheduler-inputs.js';
import type { ClientCounts, Server } from './server.js';
import { lock, Storage } from './storage.js';
import { PeerStreams } from './streams.js';
import { Turns } from './turns.js';
import { prepareWatchdog, SelfFencing } from './watchdog.js';

/** After the first view, when the work of starting is done. */
const WARM_UP_MS = 2000;
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
  #configuration: AgentConfiguration;
  readonly #log: Log;
  readonly #boot: BootId = randomBytes(16).toString('hex');
  readonly #membership: Membership;
  readonly #controller: Controller;
  readonly #storage: Storage;
  readonly #streams: PeerStreams;
  readonly #fencing: FencingHost;
  readonly #alerts: AlertHost;
  readonly #outbox: Outbox;
  readonly #executor: ExecutorHost;
  readonly #recorder: EventRecorder;
  readonly #safeguards: Safeguards;
  readonly #selfFencing: SelfFencing;
  readonly #load = new LoadMeter((load) => this.#enqueue(() => this.#toController({ kind: 'load', load })));
  readonly events: EventLog;
  readonly inputs: SchedulerInputs;
  readonly #heartbeat: HeartbeatHost;
  #server: Server | null = null;
  #lock: NetServer | null = null;
  #viewCount = 0;
  #streamsRefused = 0;
  readonly #joinCounts = new Map<NodeId, number>();
  readonly #turns: Turns;
  readonly #requests: Questions<RequestAnswer>;
  readonly #queries: Questions<unknown>;
  readonly notifications: Notifications;
  readonly members: MemberQueries;
  readonly access = new AccessControl(() => this.#controller.cib);
  #warm = false;
  /** The membership has begun. */
  #begun = false;
  #stopping = false;
  readonly stopped: Promise<void>;
  #resolveStopped: () => void = () => {};

  constructor(options: AgentOptions) {
    const { configuration } = options;
    this.#options = options;
    this.#configuration = configuration;
    this.#log = options.log;
    this.#turns = new Turns(
      () => this.#nextEvent(),
      (error) => this.#fail(error),
    );
    this.#requests = new Questions(`${this.#boot.slice(0, 12)}r`);
    this.#queries = new Questions(`${this.#boot.slice(0, 12)}q`);
    this.notifications = new Notifications(
      () => this.#controller.cib,
      () => this.currentState?.() ?? null,
    );
    this.#storage = new Storage(options.places.state);
    this.events = new EventLog(join(options.places.log, 'events.ndjson'), (text) =>
      options.log.write('warning', text),
    );
    this.inputs = new SchedulerInputs(
      join(options.places.state, 'scheduler'),
      configuration.nodeName,
      (text) => options.log.write('warning', text),
    );
    this.members = new MemberQueries({
      localNode: configuration.nodeName,
      others: () =>
        this.#nodes
          .filter(({ node }) => node !== this.#configuration.membership.self)
          .filter(({ node }) => this.view?.members.some((member) => member.node === node))
          .map(({ name }) => name),
      ask: (node, query, timeoutMs) => this.#askNode(node, query, timeoutMs),
      events: this.events,
      inputs: this.inputs,
      logPath: join(options.places.log, 'quorated.log'),
      reload: () => this.reload(),
    });
    const watchdog = configuration.isArbiter ? null : prepareWatchdog(options.places.root, options.log);
    this.#selfFencing = new SelfFencing({
      settings: watchdog,
      clusterOption: (name) => this.#controller.clusterOption(name),
      quorate: () => this.view?.quorum.quorate ?? false,
      listening: () => this.#heartbeat.hasListened((watchdog?.firesAfterMs ?? 0) / 2),
      log: options.log,
    });
    this.#membership = new Membership(configuration.membership);
    const { self } = configuration.membership;
    this.#controller = new Controller(
      {
        self,
        clusterName: configuration.corosync.totem.clusterName,
        nodes: this.#controllerNodes(),
        version: options.version,
        unfencedGraceMs: unfencedGraceMs(configuration.membership.timing),
        tokenMs: configuration.membership.timing.tokenMs,
        hasWatchdog: watchdog !== null,
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
      onRefused: () => {
        this.#streamsRefused++;
      },
      log: (text) => this.#log.write('warning', text),
    });
    this.#heartbeat = new HeartbeatHost({
      program: options.program,
      boot: this.#boot,
      configuration: () => this.#configuration,
      log: options.log,
      onJudged: () => this.#turns.drain(),
      onFound: (reachability, news) => {
        for (const peer of reachability.peers) this.#streams.wake(peer.node);
        for (const one of news) this.#recorder.peer(one);
      },
      onLinks: (links) => this.#streams.linksAre(links),
      onIsolated: (isolated) => {
        this.#recorder.isolated(isolated);
        this.#enqueue(() => this.#toMembership({ kind: 'links', up: !isolated }));
      },
      onMessage: (from, boot, message) =>
        this.#enqueue(() => this.#toMembership({ kind: 'message', from, boot, message })),
      onFailed: (error) => this.#fail(error),
    });
    this.#outbox = new Outbox(() => this.#heartbeat.thread, this.#streams);
    this.#executor = new ExecutorHost({
      ...options,
      onResult: (result) => {
        this.#alerts.executed(result);
        this.#enqueue(() => this.#toController({ kind: 'executed', result }));
      },
      onAttached: (state) => this.#enqueue(() => this.#toController({ kind: 'executor', ...state })),
      onCancelled: (resource, key) =>
        this.#enqueue(() => this.#toController({ kind: 'cancelled', resource, key })),
    });
    this.#fencing = new FencingHost({
      localNode: configuration.nodeName,
      executor: () => this.executor,
      members: () =>
        (this.view?.members ?? [])
          .filter(({ node }) => !this.#nodes.some((one) => one.node === node && one.arbiter))
          .map(({ node }) => this.#nameOf(node)),
      cib: () => this.#controller.cib,
      ask: (node, query, timeoutMs) => this.#askNode(node, query, timeoutMs),
      watchdogFiresMs: watchdog?.firesAfterMs ?? null,
      fenceSelf: () => this.#selfFencing.fire('this node is to be fenced'),
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
      nodeId: (name) => this.#nodes.find((node) => node.name === name)?.node ?? 0,
      cib: () => this.#controller.cib,
      executor: () => this.executor,
      log: (text) => this.#log.write('warning', `alerts: ${text}`),
    });
    this.#recorder = new EventRecorder({
      localNode: configuration.nodeName,
      nameOf: (node) => this.#nameOf(node),
      events: this.events,
      inputs: this.inputs,
      alerts: this.#alerts,
      notifications: this.notifications,
      log: options.log,
    });
    this.#safeguards = new Safeguards({
      configuration: () => this.#configuration,
      clusterOption: (name) => this.#controller.clusterOption(name),
      inView: () => (this.view?.members.length ?? 0) > 0,
      guard: (stopAfterMs) => this.#executor.guard(stopAfterMs),
      setYield: (whenIsolated) => this.#heartbeat.setYield(whenIsolated),
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

  get links(): readonly LinkReport[] {
    return this.#heartbeat.links;
  }

  /** Packets dropped and streams refused since the start. */
  get dropped(): DropCounts {
    return { ...this.#heartbeat.dropped, stream: this.#streamsRefused };
  }

  /** Views that were installed since the start. */
  get viewCount(): number {
    return this.#viewCount;
  }

  /** Connections of shells and tools. */
  get clients(): ClientCounts {
    return this.#server?.clients ?? { active: 0, closed: 0 };
  }

  get executor(): ExecutorClient | null {
    return this.#executor.client;
  }

  get configuration(): AgentConfiguration {
    return this.#configuration;
  }

  get #nodes(): readonly ConfiguredNode[] {
    return this.#configuration.membership.nodes;
  }

  #controllerNodes(): ControllerNode[] {
    return this.#nodes.map(({ node, name, arbiter }) => ({ node, name, arbiter: arbiter ?? false }));
  }

  joinCount(node: NodeId): number {
    return this.#joinCounts.get(node) ?? 0;
  }

  /** Rejects when another agent has the directory, an address cannot be bound, or the executor cannot be started. */
  async start(startServer: (agent: Agent) => Promise<Server>): Promise<void> {
    const { places, configuration, version } = this.#options;
    this.#lock = await lock(places.run);
    writeFileSync(join(places.run, 'quorated.pid'), `${process.pid}\n`);
    this.#selfFencing.arm();
    const stored = this.#storage.readCib();
    this.#toController({ kind: 'start', cib: stored?.cib ?? null, lineage: stored?.lineage ?? null });
    // An arbiter has nothing to run.
    if (configuration.isArbiter)
      this.#toController({ kind: 'executor', history: [], underWay: [], lastCallId: 0 });
    else await this.#executor.connect();
    await this.#streams.listen();
    await this.#heartbeat.start();
    this.#safeguards.update();
    if (!configuration.isArbiter) this.#load.start();
    this.#server = await startServer(this);
    this.notifications.attach(this.#server);
    this.#enqueue(() => {
      this.#toMembership({ kind: 'start', boot: this.#boot, record: this.#storage.readRecord() });
      this.#begun = true;
    });
    const role = configuration.isArbiter ? ', the arbiter' : '';
    this.#log.write('info', `quorated ${version} is up as ${configuration.nodeName}${role}`);
  }

  #nameOf(node: NodeId): string {
    return this.configuration.membership.nodes.find((one) => one.node === node)?.name ?? String(node);
  }

  // ---- One event after the other ----

  #enqueue(run: () => void): void {
    this.#turns.enqueue(run);
  }

  /** Nothing is done while silence has not been judged for a heartbeat; what the thread sees goes ahead of the rest. */
  #nextEvent(): (() => void) | null | undefined {
    if (!this.#heartbeat.hasListened(this.configuration.membership.timing.heartbeatMs)) return null;
    // The membership begins with an empty picture; what was heard before that must not be lost on it.
    const reachability = this.#begun ? this.#heartbeat.takeReachability() : null;
    if (!reachability) return undefined;
    return () => this.#toMembership({ kind: 'reachability', reachability });
  }

  /** Our bug: an agent that finds itself inconsistent stops; its peers take over. */
  #fail(error: Error): void {
    this.#log.write('error', `stopping: ${error.stack ?? error.message}`);
    process.exit(70);
  }

  #toMembership(event: EventBody): void {
    this.#turns.work(() => {
      for (const effect of this.#membership.step({ ...event, nowMs: monotonicMs() } as Event)) {
        this.#performMembership(effect);
      }
    });
  }

  #toController(input: InputBody): void {
    this.#turns.work(() => {
      for (const effect of this.#controller.step({ ...input, nowMs: Date.now() } as ControllerInput)) {
        this.#performController(effect);
      }
    });
  }

  #performMembership(effect: Effect): void {
    switch (effect.kind) {
      case 'send':
        this.#outbox.send(effect);
        break;
      case 'persist':
        this.#storage.writeRecord(effect.record).then(
          () => this.#enqueue(() => this.#recordWritten(effect.write)),
          (error: Error) => this.#fail(error),
        );
        break;
      case 'set-timer':
        this.#turns.setTimer(`membership ${effect.timer}`, effect.delayMs, () =>
          this.#toMembership({ kind: 'timer', timer: effect.timer }),
        );
        break;
      case 'cancel-timer':
        this.#turns.cancelTimer(`membership ${effect.timer}`);
        break;
      case 'deliver-view':
        this.#warmUp();
        this.#viewCount++;
        for (const { node } of effect.view.members) {
          if (effect.previous?.members.some((member) => member.node === node)) continue;
          this.#joinCounts.set(node, this.joinCount(node) + 1);
        }
        this.#toController({
          kind: 'view',
          view: effect.view,
          previous: effect.previous,
          continuing: effect.continuing,
          lost: effect.lost,
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
        this.#heartbeat.setSummary(effect.summary);
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
    this.#turns.setTimer('warm up', WARM_UP_MS, () => {
      if (!this.#controller.isDc) this.#options.planner(this.#controller.cib, Date.now());
    });
  }

  #recordWritten(write: number): void {
    this.#outbox.recordWritten(write);
    this.#toMembership({ kind: 'persisted', write });
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
        this.#storage.writeCib(effect.cib, effect.lineage, effect.version).then(
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
      case 'keep-input':
        this.#recorder.keepInput(effect);
        break;
      case 'execute':
      case 'cancel':
      case 'forget':
        this.#executor.perform(effect);
        break;
      case 'fence':
        void this.#fence(effect.request);
        break;
      case 'set-timer':
        this.#turns.setTimer(`controller ${effect.timer}`, effect.delayMs, () =>
          this.#toController({ kind: 'timer', timer: effect.timer }),
        );
        break;
      case 'cancel-timer':
        this.#turns.cancelTimer(`controller ${effect.timer}`);
        break;
      case 'reply':
        this.#requests.answer(effect.id, effect.answer);
        break;
      case 'event':
        this.#recorder.fromController(effect.event);
        break;
      case 'cib-changed':
        this.notifications.changed();
        this.#safeguards.update();
        break;
      case 'state-changed':
        this.notifications.changed();
        break;
      case 'query':
        this.#answerQuery(effect.from, effect.id, effect.query);
        break;
      case 'query-answer':
        this.#queries.answer(effect.id, effect.answer);
        break;
      case 'leave':
        this.#toMembership({ kind: 'leave' });
        break;
      case 'leave-soon':
        this.#turns.setTimer('leave', LEAVE_MS, () => this.#toMembership({ kind: 'leave' }));
        break;
      case 'log':
        this.#log.write(effect.level, `controller: ${effect.text}`);
        break;
    }
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

  /** Set by whoever knows how to describe the cluster's state for clients. */
  currentState: (() => ClusterState) | null = null;

  /** Passes a client's request to the DC, wherever it is. */
  request(request: DcRequest, identity: Identity, timeoutMs: number): Promise<RequestAnswer> {
    return this.#requests.ask(
      timeoutMs,
      (id) => this.#enqueue(() => this.#toController({ kind: 'request', id, request, identity })),
      () =>
        this.view
          ? { ok: false, error: { code: 'timeout', message: 'the DC has not answered in time' } }
          : { ok: false, error: { code: 'no-dc', message: 'this node is in no view of the cluster yet' } },
    );
  }

  #ask(node: NodeId, query: unknown, timeoutMs: number): Promise<unknown> {
    return this.#queries.ask(
      timeoutMs,
      (id) =>
        this.#enqueue(() =>
          this.#toMembership({ kind: 'direct', to: node, payload: { kind: 'query', id, query } }),
        ),
      () => null,
    );
  }

  #answerQuery(from: NodeId, id: string, query: unknown): void {
    const answered = isFencingQuery(query) ? this.#fencing.answer(query) : this.members.answer(query);
    void answered.then((answer) =>
      this.#enqueue(() =>
        this.#toMembership({ kind: 'direct', to: from, payload: { kind: 'query-answer', id, answer } }),
      ),
    );
  }

  // ---- Configuration ----

  /**
   * Reads corosync.conf and the keys anew: nodes, votes, quorum options, times and keys take effect at once.
   * Returns what is wrong with them, and then goes on with what it had.
   */
  reload(): string | null {
    const before = this.#configuration;
    const next = rereadConfiguration(this.#options.places, before);
    if (typeof next === 'string') {
      this.#log.write('error', `the configuration stays as it was: ${next}`);
      return next;
    }
    for (const remark of next.remarks) this.#log.write('warning', remarkText(next.path, remark));
    this.#configuration = next;
    this.#heartbeat.configure();
    this.#streams.configure(next.clusterKeys, next.peers);
    this.#toController({ kind: 'configure', nodes: this.#controllerNodes() });
    // The keys and what does not concern the view must not make a new one.
    if (JSON.stringify(next.membership) !== JSON.stringify(before.membership)) {
      this.#toMembership({ kind: 'configure', config: next.membership });
    }
    this.#safeguards.update();
    this.#log.write('info', 'the configuration was read anew');
    return null;
  }

  // ---- The end ----

  /** Stops this node: its resources move away first, unless `immediate`. */
  stop(immediate: boolean): void {
    this.#enqueue(() => this.#toController({ kind: 'shut-down', immediate }));
  }

  /**
   * Others take over what was active here, and so it has to stop; but what the DC has left here when it let this node go is
   * unmanaged, and in maintenance mode nobody takes anything over: that runs on, and is found by probes.
   */
  async #leaveServices(): Promise<void> {
    const untouched = this.#controller.relieved || isTrue(this.#controller.clusterOption('maintenance-mode'));
    if (untouched) await this.executor?.quit(true);
    else await this.executor?.abandon();
  }

  async #finish(): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    this.#executor.closing();
    this.#turns.cancelTimers();
    this.#load.stop();
    this.notifications.close();
    this.#fencing.close();
    await this.#server?.close();
    await this.#heartbeat.stop();
    this.#streams.close();
    await this.#storage.settled();
    await this.inputs.settled();
    await this.events.settled();
    await this.#leaveServices();
    this.#selfFencing.close();
    this.#lock?.close();
    this.#log.write('info', 'stopped');
    this.#resolveStopped();
  }
}
