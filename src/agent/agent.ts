import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import type { Server as NetServer } from 'node:net';
import { join } from 'node:path';
import { isTrue, parseBoolean } from '../cib/boolean.js';
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
import { ExecutorClient } from '../executor/client.js';
import type { LinkState } from '../membership/detector.js';
import { hasListened } from '../membership/listening.js';
import { Membership } from '../membership/membership.js';
import { PROTOCOL } from '../membership/protocol.js';
import type {
  BootId,
  ConfiguredNode,
  Effect,
  Event,
  Message,
  NodeId,
  Reachability,
  Timing,
  View,
} from '../membership/types.js';
import type { ClusterEvent, ClusterState, Identity } from '../protocol/messages.js';
import { AccessControl } from './access-control.js';
import { AlertHost } from './alerts.js';
import { monotonicMs } from './clock.js';
import { type AgentConfiguration, ConfigurationError, readAgentConfiguration } from './configuration.js';
import { EventLog } from './events.js';
import { FencingHost, isFencingQuery } from './fencing.js';
import { HeartbeatThread } from './heartbeat.js';
import type { FromHeartbeat, HeartbeatSetup } from './heartbeat-types.js';
import type { Log } from './log.js';
import { MemberQueries } from './member-queries.js';
import { Notifications } from './notifications.js';
import type { AgentPlaces } from './places.js';
import { PlainLog } from './plain-log.js';
import { Questions } from './questions.js';
import { SchedulerInputs } from './scheduler-inputs.js';
import type { Server } from './server.js';
import { lock, Storage } from './storage.js';
import { PeerStreams } from './streams.js';
import { Turns } from './turns.js';

/** What fits into one datagram on any network, with room for the seal. */
const DATAGRAM_TEXT_MAX = 1200;
/** After the first view, when the work of starting is done. */
const WARM_UP_MS = 2000;
/** When nobody confirms a goodbye: the node leaves all the same. */
const LEAVE_MS = 1000;

/** The fixed part of `unfencedGraceMs`. */
const UNFENCED_GRACE_MS = 100;

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
  readonly #plainLog = new PlainLog();
  readonly events: EventLog;
  readonly inputs: SchedulerInputs;
  #keptInput: string | null = null;
  #heartbeat: HeartbeatThread | null = null;
  #executor: ExecutorClient | null = null;
  #server: Server | null = null;
  #lock: NetServer | null = null;
  #links: readonly LinkState[] = [];
  readonly #joinCounts = new Map<NodeId, number>();
  #reachability: Reachability | null = null;
  readonly #turns: Turns;
  /** Messages of what the heartbeat thread has found that have come in. */
  #found = 0;
  readonly #afterWrite: { readonly write: number; readonly run: () => void }[] = [];
  #written = 0;
  readonly #requests: Questions<RequestAnswer>;
  readonly #queries: Questions<unknown>;
  readonly notifications: Notifications;
  readonly members: MemberQueries;
  readonly access = new AccessControl(() => this.#controller.cib);
  #guard: number | null | undefined;
  #yields = false;
  #warm = false;
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
    this.#membership = new Membership(configuration.membership);
    const { self } = configuration.membership;
    this.#controller = new Controller(
      {
        self,
        clusterName: configuration.corosync.totem.clusterName,
        nodes: this.#controllerNodes(),
        version: options.version,
        unfencedGraceMs: unfencedGraceMs(configuration.membership.timing),
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
      members: () =>
        (this.view?.members ?? [])
          .filter(({ node }) => !this.#nodes.some((one) => one.node === node && one.arbiter))
          .map(({ node }) => this.#nameOf(node)),
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
      nodeId: (name) => this.#nodes.find((node) => node.name === name)?.node ?? 0,
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
    // An arbiter has nothing to run.
    if (!configuration.isArbiter) await this.#connectExecutor();
    await this.#streams.listen();
    const stored = this.#storage.readCib();
    this.#toController({ kind: 'start', cib: stored?.cib ?? null, lineage: stored?.lineage ?? null });
    this.#toController({ kind: 'executor', history: this.#executor?.attachment.history ?? [] });
    await this.#startHeartbeat();
    this.#updateYield();
    this.#server = await startServer(this);
    this.notifications.attach(this.#server);
    this.#enqueue(() =>
      this.#toMembership({ kind: 'start', boot: this.#boot, record: this.#storage.readRecord() }),
    );
    const role = configuration.isArbiter ? ', the arbiter' : '';
    this.#log.write('info', `quorated ${version} is up as ${configuration.nodeName}${role}`);
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
    return new Promise((resolve, reject) => {
      this.#heartbeat = new HeartbeatThread(this.#options.program, this.#heartbeatSetup(), (message) => {
        if (message.kind === 'bound') resolve();
        else if (message.kind === 'failed') {
          const error = new Error(`heartbeats: ${message.message}`);
          reject(error);
          if (this.#server) this.#fail(error);
        } else this.#fromHeartbeat(message);
      });
    });
  }

  #heartbeatSetup(): HeartbeatSetup {
    const { membership, links, peers, clusterKeys, corosync } = this.#configuration;
    return {
      self: membership.self,
      boot: this.#boot,
      clusterKeys,
      timing: membership.timing,
      links,
      peers,
      realTime: corosync.system.schedRoundRobin,
    };
  }

  #fromHeartbeat(message: FromHeartbeat): void {
    switch (message.kind) {
      case 'judged':
        this.#turns.drain();
        break;
      case 'reachability':
        // Ahead of what waits, for it is what the rest waits for; only the newest counts.
        this.#reachability = message.reachability;
        this.#found++;
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
          } else if (news.kind === 'incompatible') {
            const { oldest, newest } = news.protocol!;
            this.#log.write(
              'error',
              `${node} speaks versions ${oldest} to ${newest} of the messages, this agent ${PROTOCOL.oldest} to ${PROTOCOL.newest}: it cannot be taken in`,
            );
          } else this.#log.write('info', `${node} is ${news.kind}`);
        }
        this.#turns.drain();
        break;
      case 'links':
        this.#links = message.links;
        this.#streams.linksAre(message.links);
        break;
      case 'isolated':
        this.#noteIsolation(message.isolated);
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

  #noteIsolation(isolated: boolean): void {
    const node = this.configuration.nodeName;
    this.#note({
      atMs: Date.now(),
      node,
      kind: 'isolated',
      text: isolated
        ? `all own links of ${node} are down: it yields`
        : `links of ${node} work again: it listens for the others`,
      data: { isolated },
    });
    this.#enqueue(() => this.#toMembership({ kind: 'links', up: !isolated }));
  }

  #nameOf(node: NodeId): string {
    return this.configuration.membership.nodes.find((one) => one.node === node)?.name ?? String(node);
  }

  // ---- One event after the other ----

  #enqueue(run: () => void): void {
    this.#turns.enqueue(run);
  }

  #hasListened(tokenMs: number): boolean {
    const judgement = this.#heartbeat?.judgement;
    if (!judgement || hasListened(monotonicMs(), judgement.atMs(this.#found), tokenMs)) return true;
    judgement.wait();
    // It may have been judged between the look and the wish to be told.
    return hasListened(monotonicMs(), judgement.atMs(this.#found), tokenMs);
  }

  /** Nothing is done while silence has not been judged for half a token; what the thread sees goes ahead of the rest. */
  #nextEvent(): (() => void) | null | undefined {
    const { tokenMs } = this.configuration.membership.timing;
    if (!this.#hasListened(tokenMs)) return null;
    const reachability = this.#reachability;
    this.#reachability = null;
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
        this.#turns.setTimer(`membership ${effect.timer}`, effect.delayMs, () =>
          this.#toMembership({ kind: 'timer', timer: effect.timer }),
        );
        break;
      case 'cancel-timer':
        this.#turns.cancelTimer(`membership ${effect.timer}`);
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
    this.#turns.setTimer('warm up', WARM_UP_MS, () => {
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
      case 'keep-input':
        this.#keptInput = this.inputs.keep(effect.series, effect.max, effect.cib);
        break;
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
        this.#note(this.#withInput(effect.event));
        break;
      case 'cib-changed':
        this.notifications.changed();
        this.#updateGuard();
        this.#updateYield();
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

  /**
   * A node that is alone with quorum, or that acts without, cannot tell whether the others died or it is cut off; its own
   * links can. Where quorum decides they are not asked.
   */
  #updateYield(): void {
    const { corosync, membership } = this.configuration;
    const { yieldWhenIsolated, twoNode } = corosync.quorum;
    const ignoresQuorum = twoNode || this.#controller.clusterOption('no-quorum-policy') === 'ignore';
    const yields = yieldWhenIsolated ?? (membership.nodes.length === 2 && ignoresQuorum);
    if (yields === this.#yields) return;
    this.#yields = yields;
    this.#heartbeat?.setYield(yields);
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

  /** A transition's beginning with the name of what the scheduler was given for it. */
  #withInput(event: ClusterEvent): ClusterEvent {
    const input = this.#keptInput;
    if (input === null || event.kind !== 'transition' || event.data.state !== 'begun') return event;
    this.#keptInput = null;
    return { ...event, data: { ...event.data, input } };
  }

  #note(event: ClusterEvent): void {
    this.events.add(event);
    this.#alerts.noted(event);
    this.#log.write('info', `${event.kind}: ${event.text}`);
    for (const { level, text } of this.#plainLog.lines(event)) this.#log.write(level, text);
    this.notifications.event(event);
  }

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
    const { places } = this.#options;
    const before = this.#configuration;
    let next: AgentConfiguration;
    try {
      next = readAgentConfiguration(places, { nodeName: before.nodeName, arbiter: before.isArbiter });
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error;
      this.#log.write('error', `the configuration stays as it was: ${error.message}`);
      return error.message;
    }
    if (
      next.membership.self !== before.membership.self ||
      JSON.stringify(next.links) !== JSON.stringify(before.links)
    ) {
      const complaint = `${places.corosyncConf}: the id or an address of ${before.nodeName} itself has changed: restart its agent`;
      this.#log.write('error', complaint);
      return complaint;
    }
    for (const warning of next.warnings) this.#log.write('warning', warning);
    this.#configuration = next;
    this.#heartbeat?.configure(this.#heartbeatSetup());
    this.#streams.configure(next.clusterKeys, next.peers);
    this.#toController({ kind: 'configure', nodes: this.#controllerNodes() });
    // The keys and what does not concern the view must not make a new one.
    if (JSON.stringify(next.membership) !== JSON.stringify(before.membership)) {
      this.#toMembership({ kind: 'configure', config: next.membership });
    }
    this.#updateGuard();
    this.#updateYield();
    this.#log.write('info', 'the configuration was read anew');
    return null;
  }

  // ---- The end ----

  /** Stops this node: its resources move away first, unless `immediate`. */
  stop(immediate: boolean): void {
    this.#enqueue(() => this.#toController({ kind: 'shut-down', immediate }));
  }

  async #finish(): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    this.#turns.cancelTimers();
    this.notifications.close();
    this.#fencing.close();
    await this.#server?.close();
    await this.#heartbeat?.stop();
    this.#streams.close();
    await this.#storage.settled();
    await this.inputs.settled();
    await this.events.settled();
    // Others take over what was active here; where everything has been moved away there is nothing to stop.
    await this.#executor?.abandon();
    this.#lock?.close();
    this.#log.write('info', 'stopped');
    this.#resolveStopped();
  }
}

/**
 * How long what ran on a node that was lost unfenced waits before it starts elsewhere: the node, if it lives, may notice
 * its loss later than its peers by a heartbeat and the tick that judges it, and then needs a moment to stop. Measured in
 * test/lab/isolation.test.ts.
 */
function unfencedGraceMs({ heartbeatMs }: Timing): number {
  return UNFENCED_GRACE_MS + Math.round(heartbeatMs * 1.5);
}

/** The version in `package.json`, put in by the build. */
export function ownVersion(): string {
  if (typeof __QUORATE_VERSION__ === 'string') return __QUORATE_VERSION__;
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

declare const __QUORATE_VERSION__: string | undefined;
