import type { Element } from '../cib/element.js';
import { expandAttributeValue } from '../cib/update.js';
import { formatCibVersion } from '../cib/version.js';
import { parseXml } from '../cib/xml.js';
import type { NodeId, View } from '../membership/types.js';
import type { TransitionProgress } from '../protocol/messages.js';
import type { GraphAction } from '../scheduler/graph.js';
import type { Document } from './document.js';
import { type Edit, transientAttributes } from './edits.js';
import { effectiveRc, failureUpdates } from './failures.js';
import { bestDocument, joinEdits } from './joining.js';
import type { Output } from './output.js';
import { performanceOf } from './performance.js';
import { baseId, relatedTo } from './related-resources.js';
import { clusterProperty } from './requests.js';
import { actionLimit, type MachineLoad, Throttle } from './throttle.js';
import { Transition } from './transition.js';
import { formatTransitionKey, parseTransitionKey } from './transition-key.js';
import type { ControllerConfig, FenceResult, InputSeries, Join, OperationRecord, Planner } from './types.js';

/** When the configuration asks for no other, the state is judged anew this often (`cluster-recheck-interval`). */
const RECHECK_DEFAULT_MS = 15 * 60_000;
/** What an action may take beyond its own timeout where the graph says nothing (`cluster-delay`). */
const CLUSTER_DELAY_DEFAULT_MS = 60_000;
const INFINITY = 1_000_000;
/** So many scheduler inputs of each series are kept unless the cluster option says otherwise (Pacemaker's defaults). */
const INPUTS_MAX: Readonly<Record<InputSeries, string>> = { input: '4000', warn: '5000', error: '-1' };

/**
 * The duties of the designated controller in one view: it brings the members' documents together, runs the scheduler,
 * carries out transitions and accounts for what came of them. Another view begins with another `Dc`, which may take
 * over the transition of the one before on the same node.
 */
export class Dc {
  readonly view: View;
  readonly #config: ControllerConfig;
  readonly #document: Document;
  readonly #output: Output;
  readonly #planner: Planner;
  readonly #joins = new Map<NodeId, Join>();
  #phase: 'joining' | 'fetching' | 'ready' = 'joining';
  #changes = 0;
  /** Results that came before everybody had joined. */
  readonly #early: { readonly node: NodeId; readonly records: readonly OperationRecord[] }[] = [];
  /** What would have changed the document before everybody had joined; for the next `Dc` where this one never is ready. */
  readonly #deferred: ((dc: Dc) => void)[];
  #transition: Transition | null = null;
  #transitions: number;
  #planWanted = false;
  #planReason = '';
  #active = true;
  /** Until then starts wait for what may still be stopping elsewhere, in ms since 1970; null: for nothing. */
  #graceUntilMs: number | null = null;
  /** Started actions by id: when, and where. */
  readonly #started = new Map<number, { readonly node: string; readonly atMs: number }>();
  /**
   * What hangs together with a resource that a node was still stopping or demoting, on another DC's order, when it joined;
   * by that order's transition key. The scheduler takes such a resource for what it was before.
   */
  readonly #ending = new Map<string, ReadonlySet<string>>();
  readonly #loads: ReadonlyMap<NodeId, MachineLoad>;
  readonly #fencing = new Map<string, { readonly action: number | null; readonly target: string }>();
  #onIdle: () => void;

  constructor(
    view: View,
    config: ControllerConfig,
    document: Document,
    output: Output,
    planner: Planner,
    loads: ReadonlyMap<NodeId, MachineLoad>,
    before: Dc | null,
    onIdle: () => void,
  ) {
    this.view = view;
    this.#config = config;
    this.#document = document;
    this.#output = output;
    this.#planner = planner;
    this.#loads = loads;
    this.#onIdle = onIdle;
    this.#transition = before?.takeTransition() ?? null;
    this.#transitions = before?.transitionNumber ?? 0;
    // Another view does not hasten what a lost node is at.
    this.#graceUntilMs = before?.graceUntilMs ?? null;
    this.#deferred = before?.takeDeferred() ?? [];
    for (const [id, started] of before?.startedActions() ?? []) this.#started.set(id, started);
    for (const [id, fencing] of before?.fencingRequests() ?? []) this.#fencing.set(id, fencing);
  }

  get ready(): boolean {
    return this.#phase === 'ready';
  }

  get active(): boolean {
    return this.#active;
  }

  get transitionNumber(): number {
    return this.#transitions;
  }

  get graceUntilMs(): number | null {
    return this.#graceUntilMs;
  }

  takeTransition(): Transition | null {
    const transition = this.#transition;
    this.#transition = null;
    return transition;
  }

  startedActions(): Iterable<readonly [number, { readonly node: string; readonly atMs: number }]> {
    return this.#started;
  }

  fencingRequests(): Iterable<
    readonly [string, { readonly action: number | null; readonly target: string }]
  > {
    return this.#fencing;
  }

  takeDeferred(): ((dc: Dc) => void)[] {
    return this.#deferred.splice(0);
  }

  get idle(): boolean {
    return this.ready && this.#transition === null && !this.#planWanted;
  }

  progress(): TransitionProgress | null {
    const transition = this.#transition;
    if (!transition) return null;
    const running = transition.inFlight().map((action) => ({
      key: action.operationKey,
      node: this.#started.get(action.id)?.node ?? action.onNode ?? '',
      startedAtMs: this.#started.get(action.id)?.atMs ?? 0,
    }));
    return { id: transition.id, ...transition.counts(), running };
  }

  // ---- The members join ----

  join(node: NodeId, join: Join): void {
    if (this.#phase === 'ready') return;
    this.#joins.set(node, join);
    if (this.view.members.some((member) => !this.#joins.has(member.node))) return;
    const best = bestDocument(this.#joins, this.#config.self);
    if (best === this.#config.self || this.#joins.get(best)!.position === this.#document.position)
      this.#finishJoining();
    else {
      this.#phase = 'fetching';
      this.#output.direct(best, { kind: 'fetch' });
    }
  }

  /** Names of the members whose run goes on; to be asked when all have joined. */
  continuingMembers(): string[] {
    return [...this.#joins].flatMap(([node, join]) => (join.fresh ? [] : [this.#nameOf(node)]));
  }

  document(cib: string, lineage: Document['lineage'], position: string): void {
    if (this.#phase !== 'fetching') return;
    this.#document.adopt(cib, lineage, position);
    this.#finishJoining();
  }

  #finishJoining(): void {
    const equal = [...this.#joins.values()].every((join) => join.position === this.#document.position);
    this.#phase = 'ready';
    const edits = joinEdits(this.#document.cib, this.#config, this.view, this.#joins);
    const update = this.#document.change(edits, this.#nextPosition(), this.#stamp());
    if (equal) this.#output.push({ kind: 'broadcast', payload: update });
    else {
      const { position, lineage } = this.#document;
      const payload = { kind: 'sync', cib: this.#document.text(), lineage, position } as const;
      this.#output.push({ kind: 'broadcast', payload });
    }
    this.#takeStock();
    this.#noteEndings();
    for (const { node, records } of this.#early.splice(0)) this.results(node, records);
    for (const run of this.takeDeferred()) run(this);
    this.requestPlan('membership has changed');
  }

  /** Of a transition begun in an earlier view: what has ended unheard, and what can never end. */
  #takeStock(): void {
    const transition = this.#transition;
    if (!transition) return;
    transition.abort(INFINITY, 'membership has changed');
    for (const action of transition.inFlight()) {
      if (action.kind === 'crm_event') continue;
      const node = this.#nodeNamed(action.routerNode ?? action.onNode);
      const join = node === undefined ? undefined : this.#joins.get(node);
      const key = this.#keyOf(action);
      if (join?.running.includes(key)) continue;
      const result = join ? resultIn(join.lrm, key) : null;
      this.#end(action.id, result !== null && result.rc === targetRc(action));
    }
  }

  #noteEndings(): void {
    const own = new Set(this.#transition?.inFlight().map((action) => this.#keyOf(action)));
    for (const { ending = {} } of this.#joins.values()) {
      for (const [key, resource] of Object.entries(ending)) {
        if (!own.has(key)) this.#ending.set(key, relatedTo(this.#document.cib, resource));
      }
    }
  }

  // ---- Changes ----

  #nextPosition(): string {
    return `${this.view.id.epoch}.${this.view.id.coordinator}/${++this.#changes}`;
  }

  #stamp(origin = 'controller', user = ''): Record<string, string> {
    const written = writtenTime(this.#output.nowMs);
    const name = this.#nameOf(this.#config.self);
    return {
      'cib-last-written': written,
      'update-origin': name,
      'update-client': origin,
      'update-user': user || 'hacluster',
    };
  }

  /**
   * True where the members' documents are not one yet: a change would be of a document that the others may not have, and
   * they would take theirs for what the view has agreed on. It is made when they have joined.
   */
  #defers(run: (dc: Dc) => void): boolean {
    if (this.#phase === 'ready') return false;
    this.#deferred.push(run);
    return true;
  }

  /** Changes the document here and everywhere. Throws EditError where an edit does not fit. */
  change(edits: readonly Edit[], client = 'controller', user = ''): void {
    if (edits.length === 0 || this.#defers((dc) => dc.change(edits, client, user))) return;
    const update = this.#document.change(edits, this.#nextPosition(), this.#stamp(client, user));
    this.#output.push({ kind: 'broadcast', payload: update });
  }

  /** A member cannot follow: it gets the whole document. */
  resync(node: NodeId): void {
    const { lineage, position } = this.#document;
    this.#output.direct(node, { kind: 'document', cib: this.#document.text(), lineage, position });
  }

  setAttribute(nodeName: string, attribute: string, wanted: string | null): void {
    const node = this.#nodeNamed(nodeName);
    if (node === undefined || this.#defers((dc) => dc.setAttribute(nodeName, attribute, wanted))) return;
    const before = transientAttributes(this.#document.cib, String(node))[attribute] ?? null;
    const value = wanted === null ? null : expandAttributeValue(wanted, before);
    if (before === value) return;
    this.change([{ kind: 'attribute', node: String(node), name: nodeName, attribute, value }]);
    this.#output.event('attribute', `${attribute} on ${nodeName} is ${value === null ? 'removed' : value}`, {
      node: nodeName,
      name: attribute,
      value,
    });
    this.requestPlan(`attribute ${attribute} of ${nodeName} has changed`);
  }

  #nameOf(node: NodeId): string {
    return this.#config.nodes.find((one) => one.node === node)?.name ?? String(node);
  }

  #nodeNamed(name: string | undefined): NodeId | undefined {
    return this.#config.nodes.find((one) => one.name === name)?.node;
  }

  // ---- Planning ----

  /** False while the view may be over: nothing new is begun. */
  setActive(active: boolean): void {
    this.#active = active;
    this.#advance();
  }

  /** Starts wait this long: a node that was lost without fencing may still be stopping what it ran. */
  startGrace(delayMs: number): void {
    const { nowMs } = this.#output;
    this.#graceUntilMs = Math.max(this.#graceUntilMs ?? 0, nowMs + delayMs);
    this.#output.setTimer('grace', this.#graceUntilMs - nowMs);
  }

  requestPlan(reason: string): void {
    this.#planAfterwards(reason);
    if (this.#phase !== 'ready') return;
    this.#transition?.abort(INFINITY, reason);
    this.#output.setTimer('plan', 0);
  }

  /** What is under way is right; when it is over there may be more to do: a monitor that it took for active. */
  #planAfterwards(reason: string): void {
    if (!this.#planWanted) this.#planReason = reason;
    this.#planWanted = true;
  }

  timer(timer: string): void {
    if (timer === 'plan' || timer === 'recheck') {
      if (timer === 'recheck') this.#planWanted = true;
      this.#advance();
    } else if (timer === 'grace') {
      this.#graceUntilMs = null;
      this.#advance();
    } else if (timer.startsWith('action:')) this.#timedOut(Number(timer.slice('action:'.length)));
  }

  #advance(): void {
    if (this.#phase !== 'ready' || !this.#active) return;
    for (;;) {
      const transition = this.#transition;
      if (transition) {
        const throttle = this.#throttle(transition);
        const admit = (actions: readonly GraphAction[]) =>
          actions.every((action) => this.#allowed(action, transition)) && throttle.admit(actions);
        for (const action of transition.takeReady(admit)) this.#start(action);
        if (!transition.isComplete()) return;
        this.#finish(transition);
      }
      if (!this.#planWanted) {
        this.#onIdle();
        return;
      }
      this.#plan();
    }
  }

  #plan(): void {
    this.#planWanted = false;
    const planned = this.#tryPlan();
    if (!planned) return;
    const { graph, messages } = planned;
    for (const message of messages) this.#output.log('info', message);
    const recheckMs =
      graph.recheckBy === undefined
        ? RECHECK_DEFAULT_MS
        : Math.min(RECHECK_DEFAULT_MS, Math.max(1000, graph.recheckBy * 1000 - this.#output.nowMs + 1000));
    this.#output.setTimer('recheck', recheckMs);
    if (graph.synapses.length === 0) return;
    this.#transitions++;
    this.#transition = new Transition(this.#transitions, graph);
    this.#started.clear();
    const total = this.#transition.counts().total;
    this.#keepInput(planned);
    this.#output.event(
      'transition',
      `transition ${this.#transitions} of ${total} actions: ${this.#planReason}`,
      {
        id: this.#transitions,
        actions: total,
        state: 'begun',
        reason: this.#planReason,
      },
    );
    this.#output.push({ kind: 'state-changed' });
  }

  /** For `crm history`: the document as it was when it was decided upon, and when that was. */
  #keepInput({ status }: ReturnType<Planner>): void {
    const has = (severity: string) => status?.messages.some((message) => message.severity === severity);
    const series: InputSeries = has('error') ? 'error' : has('warning') ? 'warn' : 'input';
    const bound = Number.parseInt(
      clusterProperty(this.#document.cib, `pe-${series}-series-max`) ?? INPUTS_MAX[series],
      10,
    );
    const max = Number.isNaN(bound) ? Number.parseInt(INPUTS_MAX[series], 10) : bound;
    if (max === 0) return;
    const cib = this.#document.cib.clone();
    cib.set('execution-date', String(Math.floor(this.#output.nowMs / 1000)));
    this.#output.push({ kind: 'keep-input', series, max, cib });
  }

  /**
   * The scheduler changes nothing, so its failure on some document leaves nothing half done. Stopping here would hand the
   * same document to the next DC, and so end the agents one after the other.
   */
  #tryPlan(): ReturnType<Planner> | null {
    try {
      const { cib } = this.#document;
      return this.#planner(this.view.quorum.isolated ? yielding(cib) : cib, this.#output.nowMs);
    } catch (error) {
      const why = error instanceof Error ? (error.stack ?? error.message) : String(error);
      this.#output.log(
        'error',
        `the scheduler failed on ${formatCibVersion(this.#document.version)}: ${why}`,
      );
      this.#output.event(
        'transition',
        'the scheduler failed: services stay as they are until the configuration or the state changes',
        { state: 'failed', reason: this.#planReason },
      );
      return null;
    }
  }

  #finish(transition: Transition): void {
    this.#transition = null;
    const { total, completed, failed } = transition.counts();
    const how = transition.aborted ? `stopped (${transition.abortReason})` : 'complete';
    this.#output.event('transition', `transition ${transition.id} ${how}: ${completed} of ${total} actions`, {
      id: transition.id,
      actions: total,
      completed,
      failed,
      state: transition.aborted ? 'stopped' : 'complete',
    });
    // An aborted transition has left things undone.
    if (transition.aborted) this.#planWanted = true;
    this.#output.push({ kind: 'state-changed' });
  }

  // ---- Carrying out ----

  #allowed(action: GraphAction, transition: Transition): boolean {
    if (action.operation === 'do_shutdown') {
      // What is found running on a node that leaves must be stopped first; the scheduler orders nothing after probes but starts.
      return !transition.unfinished().some((other) => isProbe(other) && other.onNode === action.onNode);
    }
    if (!['start', 'promote', 'migrate_to', 'migrate_from'].includes(action.operation)) return true;
    const resource = baseId(action.resource?.id ?? '');
    return (
      this.#graceUntilMs === null && ![...this.#ending.values()].some((related) => related.has(resource))
    );
  }

  #throttle(transition: Transition): Throttle {
    const property = (name: string) => clusterProperty(this.#document.cib, name);
    const options = {
      nodeActionLimit: property('node-action-limit'),
      loadThreshold: property('load-threshold'),
    };
    return new Throttle(
      (name) => {
        const node = this.#nodeNamed(name);
        return actionLimit(node === undefined ? undefined : this.#loads.get(node), options);
      },
      transition.graph.migrationLimit,
      transition.inFlight(),
    );
  }

  /** A member has become busier, or less busy. */
  loadChanged(): void {
    this.#advance();
  }

  #keyOf(action: GraphAction): string {
    return formatTransitionKey({
      action: action.id,
      transition: this.#transition?.id ?? 0,
      targetRc: targetRc(action),
      uuid: this.#config.uuid,
    });
  }

  #start(action: GraphAction): void {
    this.#started.set(action.id, { node: action.onNode ?? '', atMs: this.#output.nowMs });
    if (action.kind === 'crm_event') {
      this.#startClusterAction(action);
      return;
    }
    const node = this.#nodeNamed(action.routerNode ?? action.onNode);
    if (node === undefined || !this.view.members.some((member) => member.node === node)) {
      this.#output.log('warning', `${action.operationKey}: ${action.onNode} is not here`);
      this.#end(action.id, false);
      return;
    }
    const performance = performanceOf(action, this.#keyOf(action));
    this.#output.direct(node, { kind: 'perform', action: performance });
    if (action.attributes.CRM_meta_op_no_wait === 'true') {
      this.#end(action.id, true);
      return;
    }
    const delayMs = this.#transition?.graph.clusterDelayMs || CLUSTER_DELAY_DEFAULT_MS;
    this.#output.setTimer(`action:${action.id}`, performance.timeoutMs + performance.startDelayMs + delayMs);
  }

  #startClusterAction(action: GraphAction): void {
    const target = action.onNode ?? '';
    switch (action.operation) {
      case 'stonith': {
        const fencing = action.attributes.CRM_meta_stonith_action ?? 'reboot';
        const timeoutMs = this.#transition?.graph.stonithTimeoutMs || 60_000;
        const delaySec = Number.parseInt(action.attributes.CRM_meta_priority_fencing_delay ?? '', 10) || 0;
        this.fence(target, fencing, timeoutMs, this.#planReason, action.id, delaySec * 1000);
        this.#output.setTimer(
          `action:${action.id}`,
          timeoutMs * 2 + delaySec * 1000 + CLUSTER_DELAY_DEFAULT_MS,
        );
        return;
      }
      case 'do_shutdown': {
        const node = this.#nodeNamed(target);
        if (node !== undefined) {
          const id = String(node);
          this.change([{ kind: 'node-state', node: id, name: target, attributes: { expected: 'down' } }]);
          this.#output.direct(node, { kind: 'shut-down' });
        }
        break;
      }
      case 'lrm_delete': {
        // It has waited long enough for the node.
        const node = this.#nodeNamed(target);
        if (node !== undefined && action.resource) {
          this.change([{ kind: 'forget', node: String(node), resource: action.resource.id }]);
        }
        break;
      }
      case 'clear_failcount': {
        const node = this.#nodeNamed(target);
        if (node !== undefined && action.resource) this.clearFailures(node, action.resource.id, null, null);
        break;
      }
    }
    this.#end(action.id, true);
  }

  #end(id: number, ok: boolean): void {
    this.#output.cancelTimer(`action:${id}`);
    if (this.#transition?.confirm(id, ok)) this.#output.setTimer('plan', 0);
  }

  #timedOut(id: number): void {
    if (this.#defers((dc) => dc.#timedOut(id))) return;
    const action = this.#transition?.action(id);
    if (!action || this.#transition?.stateOf(id) !== 'in-flight') return;
    this.#output.log('error', `no result of ${action.operationKey} on ${action.onNode} in time`);
    const node = this.#nodeNamed(action.onNode);
    if (action.kind === 'rsc_op' && node !== undefined && action.resource) {
      const intervalMs = Number(action.attributes.CRM_meta_interval ?? 0);
      this.#countFailure(node, { resource: action.resource.id, task: action.operation, intervalMs }, false);
    }
    this.#end(id, false);
    this.requestPlan(`${action.operationKey} has timed out`);
  }

  // ---- Results ----

  results(node: NodeId, records: readonly OperationRecord[]): void {
    if (this.#phase !== 'ready') {
      this.#early.push({ node, records });
      return;
    }
    const id = String(node);
    const name = this.#nameOf(node);
    const edits: Edit[] = [];
    for (const { resource, entries, removed, forgotten, transitionKey } of records) {
      if (forgotten) edits.push({ kind: 'forget', node: id, resource: resource.id });
      else if (entries.length > 0 || removed.length > 0) {
        const shutdownLock = this.#lockOf(transitionKey);
        const lock = shutdownLock === undefined ? {} : { shutdownLock };
        edits.push({ kind: 'history', node: id, name, resource, entries, removed, ...lock });
      }
    }
    this.change(edits);
    for (const record of records) {
      if (record.status !== -1) this.#ending.delete(record.transitionKey);
      this.#account(node, record);
    }
    const changed = records.find(
      ({ task, removed }) => removed.length > 0 && (task === 'promote' || task === 'demote'),
    );
    if (changed) this.#planAfterwards(`monitors of ${changed.resource.id} ended with its role`);
    this.#output.setTimer('plan', 0);
  }

  /** Since when the resource of an action waits for the node that the action is on (`shutdown-lock`). */
  #lockOf(transitionKey: string): number | undefined {
    const key = parseTransitionKey(transitionKey);
    if (key?.uuid !== this.#config.uuid || key.transition !== this.#transition?.id) return undefined;
    return this.#transition.action(key.action)?.shutdownLock;
  }

  /** What a result means for the transition and for fail-counts (process_graph_event of controld). */
  #account(node: NodeId, record: OperationRecord): void {
    if (record.status === -1) return;
    const key = parseTransitionKey(record.transitionKey);
    if (record.forgotten) {
      if (key?.uuid === this.#config.uuid && key.transition === this.#transition?.id)
        this.#end(key.action, true);
      else this.requestPlan(`history of ${record.resource.id} on ${this.#nameOf(node)} was removed`);
      return;
    }
    if (!key) {
      this.requestPlan('a result came without a transition');
      return;
    }
    const current = key.uuid === this.#config.uuid && key.transition === this.#transition?.id;
    if (record.status === 1) {
      if (current) this.#end(key.action, true);
      return;
    }
    const rc = effectiveRc(record.rc);
    const failed = rc !== key.targetRc;
    const what = `${record.operationKey} on ${this.#nameOf(node)}`;
    if (current && this.#transition?.stateOf(key.action) === 'in-flight') {
      const ignored = this.#transition.action(key.action)?.attributes.CRM_meta_on_fail === 'ignore';
      if (failed) this.#countFailure(node, failureOf(record), ignored);
      this.#end(key.action, !failed || ignored);
      if (failed && !ignored) this.requestPlan(`${what} has failed`);
      return;
    }
    if (current && this.#transition?.stateOf(key.action) !== undefined && record.intervalMs === 0) return;
    if (failed) this.#countFailure(node, failureOf(record), false, record.task === 'asyncmon');
    this.requestPlan(failed ? `${what} has failed` : `${what} has changed`);
  }

  #countFailure(
    node: NodeId,
    failure: { resource: string; task: string; intervalMs: number },
    ignored: boolean,
    unasked = false,
  ): void {
    const id = String(node);
    const name = this.#nameOf(node);
    const attributes = transientAttributes(this.#document.cib, id);
    const graph = this.#transition?.graph;
    const offsets = {
      start: graph?.failedStartOffset ?? 'INFINITY',
      stop: graph?.failedStopOffset ?? 'INFINITY',
    };
    const updates = failureUpdates(
      failure,
      (attribute) => attributes[attribute],
      offsets,
      ignored,
      this.#output.nowMs,
      unasked,
    );
    this.change(
      updates.map(({ attribute, value }) => ({ kind: 'attribute', node: id, name, attribute, value })),
    );
  }

  /** Removes fail-counts of a resource on a node, or of one operation of it; false where there was none. */
  clearFailures(
    node: NodeId,
    resource: string,
    operation: string | null,
    intervalMs: number | null,
  ): boolean {
    const id = String(node);
    const name = this.#nameOf(node);
    const suffix = operation === null ? null : `#${operation}_${intervalMs ?? 0}`;
    const gone = Object.keys(transientAttributes(this.#document.cib, id)).filter((attribute) => {
      const match = /^(?:fail-count|last-failure)-(.*)(#.*)$/.exec(attribute);
      return match?.[1] === resource && (suffix === null || match[2] === suffix);
    });
    this.change(gone.map((attribute) => ({ kind: 'attribute', node: id, name, attribute, value: null })));
    return gone.length > 0;
  }

  /** Has a node forget a resource, so that it is probed anew. */
  forget(node: NodeId, resource: OperationRecord['resource']): void {
    this.#order(node, resource, 'lrm_delete', 'delete');
  }

  /** Has a node report a failure of a resource that nothing has found (`crm_resource --fail`). */
  fail(node: NodeId, resource: OperationRecord['resource']): void {
    this.#order(node, resource, 'lrm_fail', 'asyncmon');
  }

  /** An order that belongs to no transition. */
  #order(node: NodeId, resource: OperationRecord['resource'], task: string, named: string): void {
    const transitionKey = formatTransitionKey({
      action: 0,
      transition: -1,
      targetRc: 0,
      uuid: this.#config.uuid,
    });
    this.#output.direct(node, {
      kind: 'perform',
      action: {
        transitionKey,
        task,
        operationKey: `${resource.id}_${named}_0`,
        intervalMs: 0,
        timeoutMs: 60_000,
        startDelayMs: 0,
        resource,
        parameters: {},
        meta: {},
      },
    });
  }

  // ---- Fencing ----

  fence(
    target: string,
    action: string,
    timeoutMs: number,
    reason: string,
    graphAction: number | null,
    delayMs = 0,
  ): string {
    const id = `${this.#config.uuid.slice(0, 8)}.${this.#output.nowMs}.${this.#fencing.size}`;
    this.#fencing.set(id, { action: graphAction, target });
    this.#output.event('fencing', `fencing ${target} (${action}): ${reason}`, { target, action, reason });
    this.#output.push({ kind: 'fence', request: { id, target, action, timeoutMs, delayMs, reason } });
    return id;
  }

  fenced(result: FenceResult): void {
    const request = this.#fencing.get(result.id);
    this.#fencing.delete(result.id);
    const how = result.ok ? 'was fenced' : `could not be fenced: ${result.text}`;
    this.#output.event('fenced', `${result.target} ${how}`, {
      target: result.target,
      action: result.action,
      ok: result.ok,
      delegate: result.delegate,
    });
    if (result.ok && result.action !== 'on') this.markDown(result.target);
    if (request && request.action !== null) this.#end(request.action, result.ok);
    if (!result.ok) this.requestPlan(`fencing ${result.target} has failed`);
  }

  /** A node is known to be down: by its fencing, or by the administrator's word. */
  markDown(name: string): void {
    const node = this.#nodeNamed(name);
    if (node === undefined || this.#defers((dc) => dc.markDown(name))) return;
    const id = String(node);
    if (this.view.members.some((member) => member.node === node)) return;
    const attributes = { in_ccm: 'false', crmd: 'offline', join: 'down', expected: 'down' };
    this.change([
      { kind: 'node-state', node: id, name, attributes },
      { kind: 'erase', node: id },
    ]);
    this.requestPlan(`${name} is known to be down`);
  }
}

/**
 * The document as a node reads it that sees its own links down: `no-quorum-policy=ignore` is meant for the node that is
 * left over, and this one knows that it is not.
 */
function yielding(cib: Element): Element {
  const copy = cib.clone();
  for (const set of copy.at('configuration', 'crm_config')?.elements('cluster_property_set') ?? []) {
    for (const pair of set.elements('nvpair')) {
      if (pair.get('name') === 'no-quorum-policy' && pair.get('value') === 'ignore')
        pair.set('value', 'stop');
    }
  }
  return copy;
}

function failureOf(record: OperationRecord): { resource: string; task: string; intervalMs: number } {
  return { resource: record.resource.id, task: record.task, intervalMs: record.intervalMs };
}

function targetRc(action: GraphAction): number {
  return Number(action.attributes.CRM_meta_op_target_rc ?? 0);
}

/** The finished result that an `<lrm>` holds for a transition key, if any. */
function resultIn(lrm: string, key: string): { rc: number } | null {
  if (!lrm.includes(key)) return null;
  for (const entry of parseXml(lrm).descendants()) {
    if (entry.get('transition-key') !== key || entry.get('op-status') === '-1') continue;
    return { rc: effectiveRc(Number(entry.get('rc-code'))) };
  }
  return null;
}

function isProbe({ operation, attributes }: GraphAction): boolean {
  return operation === 'monitor' && Number(attributes.CRM_meta_interval ?? 0) === 0;
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `Sat Nov 21 13:42:42 2026`, as ctime(3) writes it, in UTC. */
export function writtenTime(nowMs: number): string {
  const days = Math.floor(nowMs / 86_400_000);
  let left = Math.floor((nowMs - days * 86_400_000) / 1000);
  const two = (n: number) => String(n).padStart(2, '0');
  const hours = Math.floor(left / 3600);
  left -= hours * 3600;
  // Days from civil (Howard Hinnant): years begin in March, so that the leap day is the last.
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  const month = shiftedMonth < 10 ? shiftedMonth + 2 : shiftedMonth - 10;
  const year = yearOfEra + era * 400 + (month < 2 ? 1 : 0);
  const time = `${two(hours)}:${two(Math.floor(left / 60))}:${two(left % 60)}`;
  return `${DAYS[(days + 4) % 7]} ${MONTHS[month]} ${String(day).padStart(2, ' ')} ${time} ${year}`;
}
