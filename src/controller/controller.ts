import { clusterProperty } from '../cib/cluster-property.js';
import type { Element } from '../cib/element.js';
import type { LostMember, NodeId, View, ViewId } from '../membership/types.js';
import type { CibVersion, Identity, TransitionProgress } from '../protocol/messages.js';
import { OUTCOME_UNKNOWN } from './answers.js';
import { Dc } from './dc.js';
import { Document } from './document.js';
import { transientAttributes } from './edits.js';
import { graceFor } from './grace.js';
import { isApart, replicatedIn } from './lineage.js';
import { LocalNode } from './local-node.js';
import { nameOf } from './node-names.js';
import { Output } from './output.js';
import { PrivateAttributes } from './private-attributes.js';
import { isWrite, Requests } from './requests.js';
import type { MachineLoad } from './throttle.js';
import type {
  Broadcast,
  ControllerConfig,
  ControllerEffect,
  ControllerInput,
  ControllerNode,
  DcRequest,
  DirectMessage,
  Join,
  Lineage,
  OperationRecord,
  Planner,
  RequestAnswer,
} from './types.js';
import { announceView } from './view-events.js';

interface OpenRequest {
  readonly request: DcRequest;
  readonly identity: Identity;
  /** The coordinator of this view had it first. */
  firstSentIn: ViewId | null;
}

/**
 * One node's controller: it follows the DC's document, carries out what the DC orders, passes clients' requests on, and
 * does the DC's duties itself while its node coordinates the view.
 */
export class Controller {
  readonly #config: ControllerConfig;
  /** Shared with the DC's parts, and changed in place. */
  readonly #nodes: ControllerNode[];
  readonly #planner: Planner;
  readonly #output: Output;
  readonly #document: Document;
  readonly #local: LocalNode;
  readonly #privates = new PrivateAttributes();
  readonly #name: string;
  #view: View | null = null;
  #dc: Dc | null = null;
  #requests: Requests | null = null;
  #executorReady = false;
  /** The DC waits to hear what this node has on disk since the view began. */
  #storeWanted = false;
  #joined = false;
  /** No view of this run has taken this node in yet. */
  #fresh = true;
  #shutdownSince: number | null = null;
  #leaving = false;
  #relieved = false;
  #active = false;
  /** As far as they have said: of members, and of who was one. Shared with the DC's parts. */
  readonly #loads = new Map<NodeId, MachineLoad>();
  readonly #open = new Map<string, OpenRequest>();

  constructor(config: ControllerConfig, planner: Planner) {
    this.#nodes = [...config.nodes];
    this.#config = { ...config, nodes: this.#nodes };
    this.#planner = planner;
    this.#name = nameOf(config.nodes, config.self);
    this.#output = new Output(this.#name);
    this.#document = new Document(this.#output);
    this.#local = new LocalNode(String(config.self), this.#name, this.#output);
  }

  /** The document as this node has it. Not to be changed. */
  get cib(): Element {
    return this.#document.cib;
  }

  get version(): CibVersion {
    return this.#document.version;
  }

  /** Names the document's content: equal at two nodes only where the documents are. */
  get position(): string {
    return this.#document.position;
  }

  /** The document as XML text. */
  text(): string {
    return this.#document.text();
  }

  /** True on a DC that has nothing under way and nothing to plan (Pacemaker's S_IDLE). */
  get idle(): boolean {
    return this.#dc?.idle ?? false;
  }

  get isDc(): boolean {
    return this.#dc !== null;
  }

  /** Name of the DC; null before the first view. */
  get dc(): string | null {
    const coordinator = this.#view?.id.coordinator;
    return this.#config.nodes.find((node) => node.node === coordinator)?.name ?? null;
  }

  /** The running transition; only the DC knows it. */
  get transition(): TransitionProgress | null {
    return this.#dc?.progress() ?? null;
  }

  /** Takes one input; the effects are to be performed in order. */
  step(input: ControllerInput): readonly ControllerEffect[] {
    this.#output.nowMs = input.nowMs;
    switch (input.kind) {
      case 'start':
        this.#document.load(input.cib, input.lineage);
        break;
      case 'executor':
        this.#report(this.#local.attach(input));
        this.#executorReady = true;
        this.#maybeJoin();
        break;
      case 'view':
        this.#newView(input.view, input.previous, input.lost);
        break;
      case 'active':
        this.#active = input.active;
        this.#report(this.#local.setActive(input.active));
        this.#dc?.setActive(input.active);
        this.#requests?.serveWaiting();
        break;
      case 'ordered':
        this.#ordered(input.message.payload as Broadcast);
        break;
      case 'direct':
        this.#direct(input.from, input.payload as DirectMessage);
        break;
      case 'executed':
        this.#report(this.#local.executed(input.result));
        break;
      case 'cancelled': {
        const record = this.#local.cancelled(input.resource, input.key);
        if (record) this.#report([record]);
        break;
      }
      case 'stored':
        this.#stored(input.write);
        break;
      case 'timer':
        if (input.timer.startsWith('request:')) this.#requests?.timer(input.timer);
        else this.#dc?.timer(input.timer);
        break;
      case 'request':
        this.#open.set(input.id, { request: input.request, identity: input.identity, firstSentIn: null });
        this.#sendRequest(input.id);
        break;
      case 'load':
        this.#loads.set(this.#config.self, input.load);
        this.#tellLoad();
        break;
      case 'shut-down':
        this.#shutDown(input.immediate);
        break;
      case 'configure':
        this.#nodes.splice(0, this.#nodes.length, ...input.nodes);
        this.#output.push({ kind: 'state-changed' });
        break;
      case 'fenced':
        this.#dc?.fenced(input.result);
        this.#requests?.fenced(input.result);
        break;
    }
    return this.#output.take();
  }

  // ---- Views ----

  #newView(view: View, previous: View | null, lost: readonly LostMember[]): void {
    const before = this.#dc;
    const dcBefore = this.#view?.id.coordinator ?? null;
    this.#view = view;
    this.#document.apart = isApart(view, this.#config.nodes);
    this.#local.newView();
    this.#joined = false;
    this.#storeWanted = true;
    const isDc = view.id.coordinator === this.#config.self;
    announceView(view, previous, dcBefore, this.#nodes, this.#document.cib, this.#output);
    if (isDc) {
      const requests =
        this.#requests ??
        new Requests(this.#config, this.#document, this.#output, this.#privates, view.id.epoch);
      this.#requests = requests;
      const dc = new Dc(
        view,
        this.#config,
        this.#document,
        this.#output,
        this.#planner,
        this.#loads,
        before,
        () => requests.idle(),
      );
      this.#dc = dc;
      requests.setDc(dc);
      dc.setActive(this.#active);
      const graceMs = graceFor(lost, view, previous, this.#config, this.#loads, this.#document.cib);
      if (graceMs > 0) dc.startGrace(graceMs);
    } else {
      this.#dc = null;
      this.#requests = null;
    }
    this.#maybeJoin();
    this.#output.push({ kind: 'state-changed' });
  }

  #maybeJoin(): void {
    if (!this.#view || !this.#executorReady || this.#joined) return;
    this.#joined = true;
    const join: Join = {
      kind: 'join',
      version: this.#document.version,
      lineage: this.#document.lineage,
      position: this.#document.position,
      lrm: this.#local.lrm(),
      running: this.#local.runningKeys(),
      ending: this.#local.endings(),
      fresh: this.#fresh,
      shutdownSince: this.#shutdownSince,
      softwareVersion: this.#config.version,
    };
    this.#tellLoad();
    this.#toDc(join);
    for (const id of this.#open.keys()) this.#sendRequest(id);
  }

  /** To every member: whoever of them is the DC when this node is lost has to know. */
  #tellLoad(): void {
    const load = this.#loads.get(this.#config.self);
    if (!load || !this.#joined) return;
    for (const { node } of this.#view?.members ?? []) {
      if (node !== this.#config.self) this.#output.direct(node, { kind: 'load', load });
    }
    this.#dc?.loadChanged();
  }

  #toDc(message: DirectMessage): void {
    if (this.#view) this.#output.direct(this.#view.id.coordinator, message);
  }

  // ---- Replication ----

  #ordered(payload: Broadcast): void {
    switch (payload.kind) {
      case 'sync':
        this.#fresh = false;
        this.#storeWanted = false;
        if (this.#dc) this.#noteLineage(false);
        else {
          this.#document.adopt(payload.cib, this.#lineageInView(payload.lineage, false), payload.position);
          this.#document.storeShared();
        }
        break;
      case 'update':
        this.#fresh = false;
        // The DC has made the change before it sent it.
        if (!this.#dc && !this.#document.follow(payload)) this.#toDc({ kind: 'resync' });
        this.#noteLineage(payload.configuration);
        // The DC has done the same when everybody had joined.
        if (this.#storeWanted && !this.#dc) this.#document.storeShared();
        this.#storeWanted = false;
        break;
      case 'private':
        // The DC has made the change before it sent it.
        if (!this.#dc) this.#privates.replace(payload.attributes);
        break;
      case 'goodbye':
        if (payload.node === this.#config.self && this.#leaving) this.#output.push({ kind: 'leave' });
        break;
    }
  }

  /** What was replicated in a quorate view is ahead of whatever an earlier one has left elsewhere. */
  #lineageInView(before: Lineage, configuration: boolean): Lineage {
    return this.#view ? replicatedIn(this.#view, this.#config.nodes, before, configuration) : before;
  }

  #noteLineage(configuration: boolean): void {
    this.#document.lineage = this.#lineageInView(this.#document.lineage, configuration);
  }

  #stored(write: number): void {
    const done = this.#document.stored(write);
    if (done) this.#toDc({ kind: 'stored', version: done.version, digest: done.digest });
  }

  // ---- Messages from member to member ----

  #direct(from: NodeId, message: DirectMessage): void {
    switch (message.kind) {
      case 'join':
        this.#dc?.join(from, message);
        if (this.#dc?.ready) this.#membersReady();
        break;
      case 'fetch':
        this.#output.direct(from, {
          kind: 'document',
          cib: this.#document.text(),
          lineage: this.#document.lineage,
          position: this.#document.position,
        });
        break;
      case 'document':
        if (this.#dc) {
          this.#dc.document(message.cib, message.lineage, message.position);
          if (this.#dc.ready) this.#membersReady();
        } else this.#document.adopt(message.cib, message.lineage, message.position);
        break;
      case 'perform':
        this.#report(this.#local.perform(message.action));
        break;
      case 'results':
        this.#dc?.results(from, message.results);
        break;
      case 'load':
        this.#loads.set(from, message.load);
        this.#dc?.loadChanged();
        break;
      case 'stored':
        this.#requests?.stored(from, message.version, message.digest);
        break;
      case 'resync':
        this.#dc?.resync(from);
        break;
      case 'attribute':
        this.#requests?.attribute(message.update);
        break;
      case 'request':
        this.#requests?.receive(from, message);
        break;
      case 'answer':
        this.#answered(message.id, message.answer);
        break;
      case 'shut-down':
        this.#relieved = true;
        this.#goodbye();
        break;
      case 'fence':
        this.#output.push({ kind: 'fence', request: message.request });
        break;
      case 'fence-result':
        this.#dc?.fenced(message.result);
        break;
      case 'query':
        this.#output.push({ kind: 'query', from, id: message.id, query: message.query });
        break;
      case 'query-answer':
        this.#output.push({ kind: 'query-answer', from, id: message.id, answer: message.answer });
        break;
    }
  }

  /** Private attributes are of a node's run: one that has just started has none, nor has one that is gone. */
  #membersReady(): void {
    const dc = this.#dc!;
    this.#privates.retain(new Set(dc.continuingMembers()));
    const attributes = this.#privates.table;
    if (Object.keys(attributes).length > 0) {
      this.#output.push({ kind: 'broadcast', payload: { kind: 'private', attributes } });
    }
    this.#requests?.ready();
  }

  #report(results: readonly OperationRecord[]): void {
    // Before this node has joined, the history that it hands over says it all.
    if (results.length > 0 && this.#joined) this.#toDc({ kind: 'results', results });
  }

  // ---- Requests of local clients ----

  #sendRequest(id: string): void {
    const open = this.#open.get(id);
    const view = this.#view;
    if (!open || !view || !this.#joined) return;
    open.firstSentIn ??= view.id;
    const { epoch, coordinator } = open.firstSentIn;
    if (isWrite(open.request) && coordinator !== view.id.coordinator) {
      this.#answered(id, OUTCOME_UNKNOWN);
      return;
    }
    const { request, identity } = open;
    this.#toDc({ kind: 'request', id, request, identity, firstSentIn: epoch });
  }

  #answered(id: string, answer: RequestAnswer): void {
    if (this.#open.delete(id)) this.#output.push({ kind: 'reply', id, answer });
  }

  // ---- Stopping this node ----

  #shutDown(immediate: boolean): void {
    if (immediate) {
      this.#goodbye();
      return;
    }
    this.#shutdownSince ??= Math.floor(this.#output.nowMs / 1000);
    this.#output.event('stopping', `${this.#name} is to stop: its resources move first`, {});
    const update = {
      node: this.#name,
      name: 'shutdown',
      value: String(this.#shutdownSince),
      dampenMs: 0,
      private: false,
    };
    this.#toDc({ kind: 'attribute', update });
  }

  #goodbye(): void {
    if (this.#leaving) return;
    this.#leaving = true;
    if (this.#view && !this.frozen)
      this.#output.push({ kind: 'broadcast', payload: { kind: 'goodbye', node: this.#config.self } });
    // Should the order not come to an end (nobody else left to confirm it), go anyway.
    this.#output.push({ kind: 'leave-soon' });
  }

  /** The DC has let this node go: what still runs here is what nobody is to stop or to take over. */
  get relieved(): boolean {
    return this.#relieved;
  }

  get frozen(): boolean {
    return !this.#active;
  }

  /** A cluster option as it is set; undefined where it is not. */
  clusterOption(name: string): string | undefined {
    return clusterProperty(this.#document.cib, name);
  }

  /** Transient attributes of a node by name, as the document here has them, and the private ones. */
  attributesOf(node: string): Record<string, string> {
    const id = this.#config.nodes.find((one) => one.name === node)?.node;
    if (id === undefined) return {};
    return { ...transientAttributes(this.#document.cib, String(id)), ...this.#privates.of(node) };
  }
}
