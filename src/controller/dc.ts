import { fromEpoch } from '../cib/civil-time.js';
import { clusterProperty } from '../cib/cluster-property.js';
import { ctime } from '../cib/ctime.js';
import { INFINITY } from '../cib/score.js';
import { expandAttributeValue } from '../cib/update.js';
import type { NodeId, View } from '../membership/types.js';
import { memberOf } from '../membership/view.js';
import type { TransitionProgress } from '../protocol/messages.js';
import type { GraphAction } from '../scheduler/graph.js';
import type { Document } from './document.js';
import { type Edit, transientAttributes } from './edits.js';
import { type Failure, failuresOf, failureUpdates } from './failures.js';
import { FencingRequests } from './fencing-requests.js';
import { Gathering } from './gathering.js';
import { Holds } from './holds.js';
import { joinEdits } from './joining.js';
import { nameOf, nodeNamed } from './node-names.js';
import type { Output } from './output.js';
import { orderOutsideTransitions, performanceOf } from './performance.js';
import { Planning } from './planning.js';
import { meaningOf, resultIn, targetRc } from './results.js';
import { actionLimit, type MachineLoad, Throttle } from './throttle.js';
import { Transition } from './transition.js';
import { formatTransitionKey, parseTransitionKey } from './transition-key.js';
import type { ControllerConfig, FenceResult, Join, OperationRecord, Performance, Planner } from './types.js';

/** What an action may take beyond its own timeout where the graph says nothing (`cluster-delay`). */
const CLUSTER_DELAY_DEFAULT_MS = 60_000;

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
  readonly #gathering: Gathering;
  readonly #holds: Holds;
  readonly #planning: Planning;
  readonly #fencing: FencingRequests;
  readonly #loads: ReadonlyMap<NodeId, MachineLoad>;
  readonly #onIdle: () => void;
  #changes = 0;
  #transition: Transition | null = null;
  #transitions: number;
  #planWanted = false;
  #planReason = '';
  #active = true;
  /** Started actions by id: when, and where. */
  readonly #started: Map<number, { readonly node: string; readonly atMs: number }>;

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
    const left = before?.handOver();
    this.#gathering = new Gathering(view, config.self, document, output, left?.gathering);
    this.#holds = new Holds(output, left?.holds);
    this.#planning = new Planning(planner, document, output, view.quorum.isolated ?? false);
    this.#fencing = left?.fencing ?? new FencingRequests(config.uuid, output);
    this.#loads = loads;
    this.#onIdle = onIdle;
    this.#transition = left?.transition ?? null;
    this.#transitions = left?.transitions ?? 0;
    this.#started = left?.started ?? new Map();
  }

  /** What the next `Dc` on this node goes on with; this one does nothing more. */
  handOver() {
    return {
      gathering: this.#gathering,
      holds: this.#holds,
      fencing: this.#fencing,
      transition: this.#transition,
      transitions: this.#transitions,
      started: this.#started,
    };
  }

  get ready(): boolean {
    return this.#gathering.ready;
  }

  get active(): boolean {
    return this.#active;
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
    if (this.#gathering.join(node, join)) this.#begin();
  }

  /** Names of the members whose run goes on; to be asked when all have joined. */
  continuingMembers(): string[] {
    return [...this.#gathering.joins].flatMap(([node, join]) => (join.fresh ? [] : [this.#nameOf(node)]));
  }

  document(cib: string, lineage: Document['lineage'], position: string): void {
    if (this.#gathering.document(cib, lineage, position)) this.#begin();
  }

  #begin(): void {
    const unanimous = this.#gathering.isUnanimous();
    const { joins } = this.#gathering;
    const edits = joinEdits(this.#document.cib, this.#config, this.view, joins);
    const update = this.#document.change(edits, this.#nextPosition(), this.#stamp());
    if (unanimous) this.#output.push({ kind: 'broadcast', payload: update });
    else {
      const { position, lineage } = this.#document;
      const payload = { kind: 'sync', cib: this.#document.text(), lineage, position } as const;
      this.#output.push({ kind: 'broadcast', payload });
    }
    this.#takeStock();
    const own = new Set(this.#transition?.inFlight().map((action) => this.#keyOf(action)));
    this.#holds.noteEndings(this.#document.cib, joins.values(), own);
    for (const { node, records } of this.#gathering.takeEarlyResults()) this.results(node, records);
    for (const run of this.#gathering.takeDeferred()) run(this);
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
      const join = node === undefined ? undefined : this.#gathering.joins.get(node);
      const key = this.#keyOf(action);
      if (join?.running.includes(key)) continue;
      const result = join ? resultIn(join.lrm, key) : null;
      this.#end(action.id, result !== null && result.rc === targetRc(action));
    }
  }

  // ---- Changes ----

  #nextPosition(): string {
    return `${this.view.id.epoch}.${this.view.id.coordinator}/${++this.#changes}`;
  }

  #stamp(origin = 'controller', user = ''): Record<string, string> {
    return {
      'cib-last-written': ctime(fromEpoch(Math.floor(this.#output.nowMs / 1000))),
      'update-origin': this.#nameOf(this.#config.self),
      'update-client': origin,
      'update-user': user || 'hacluster',
    };
  }

  /** Changes the document here and everywhere. Throws EditError where an edit does not fit. */
  change(edits: readonly Edit[], client = 'controller', user = ''): void {
    if (edits.length === 0 || this.#gathering.defers((dc) => dc.change(edits, client, user))) return;
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
    if (node === undefined || this.#gathering.defers((dc) => dc.setAttribute(nodeName, attribute, wanted)))
      return;
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
    return nameOf(this.#config.nodes, node);
  }

  #nodeNamed(name: string | undefined): NodeId | undefined {
    return nodeNamed(this.#config.nodes, name);
  }

  // ---- Planning ----

  /** False while the view may be over: nothing new is begun. */
  setActive(active: boolean): void {
    this.#active = active;
    this.#advance();
  }

  /** Starts wait this long for a node that was lost without fencing. */
  startGrace(delayMs: number): void {
    this.#holds.startGrace(delayMs);
  }

  requestPlan(reason: string): void {
    this.#planAfterwards(reason);
    if (!this.ready) return;
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
      this.#holds.endGrace();
      this.#advance();
    } else if (timer.startsWith('action:')) this.#timedOut(Number(timer.slice('action:'.length)));
  }

  #advance(): void {
    if (!this.ready || !this.#active) return;
    for (;;) {
      const transition = this.#transition;
      if (transition) {
        const throttle = this.#throttle(transition);
        const started = transition.takeReady({
          admit: (actions) =>
            actions.every((action) => this.#holds.allow(action, transition)) && throttle.admit(actions),
          isFull: (node) => throttle.isFull(node),
        });
        for (const action of started) this.#start(action);
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
    const plan = this.#planning.plan(this.#planReason);
    if (!plan || plan.graph.synapses.length === 0) return;
    this.#transitions++;
    this.#transition = new Transition(this.#transitions, plan.graph);
    this.#started.clear();
    const total = this.#transition.counts().total;
    this.#planning.keepInput(plan);
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
    if (node === undefined || !memberOf(this.view, node)) {
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
    if (this.#gathering.defers((dc) => dc.#timedOut(id))) return;
    const action = this.#transition?.action(id);
    if (!action || this.#transition?.stateOf(id) !== 'in-flight') return;
    this.#output.log('error', `no result of ${action.operationKey} on ${action.onNode} in time`);
    const node = this.#nodeNamed(action.onNode);
    if (action.kind === 'rsc_op' && node !== undefined && action.resource) {
      this.#countFailure(node, {
        resource: action.resource.id,
        task: action.operation,
        intervalMs: Number(action.attributes.CRM_meta_interval ?? 0),
        ignored: false,
        unasked: false,
      });
    }
    this.#end(id, false);
    this.requestPlan(`${action.operationKey} has timed out`);
  }

  // ---- Results ----

  results(node: NodeId, records: readonly OperationRecord[]): void {
    if (this.#gathering.defersResults(node, records)) return;
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
      if (record.status !== -1) this.#holds.ended(record.transitionKey);
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

  #account(node: NodeId, record: OperationRecord): void {
    const { failure, ends, plan } = meaningOf(
      record,
      this.#nameOf(node),
      this.#config.uuid,
      this.#transition,
    );
    if (failure) this.#countFailure(node, failure);
    if (ends) this.#end(ends.action, ends.ok);
    if (plan !== undefined) this.requestPlan(plan);
  }

  #countFailure(node: NodeId, failure: Failure): void {
    const id = String(node);
    const name = this.#nameOf(node);
    const attributes = transientAttributes(this.#document.cib, id);
    const graph = this.#transition?.graph;
    const offsets = {
      start: graph?.failedStartOffset ?? 'INFINITY',
      stop: graph?.failedStopOffset ?? 'INFINITY',
    };
    const updates = failureUpdates(failure, attributes, offsets, this.#output.nowMs);
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
    const gone = failuresOf(
      transientAttributes(this.#document.cib, id),
      resource,
      operation === null ? null : { task: operation, intervalMs: intervalMs ?? 0 },
    );
    this.change(gone.map((attribute) => ({ kind: 'attribute', node: id, name, attribute, value: null })));
    return gone.length > 0;
  }

  /** Has a node forget a resource, so that it is probed anew. */
  forget(node: NodeId, resource: OperationRecord['resource']): void {
    this.#order(node, orderOutsideTransitions(resource, 'lrm_delete', 'delete', this.#config.uuid));
  }

  /** Has a node report a failure of a resource that nothing has found (`crm_resource --fail`). */
  fail(node: NodeId, resource: OperationRecord['resource']): void {
    this.#order(node, orderOutsideTransitions(resource, 'lrm_fail', 'asyncmon', this.#config.uuid));
  }

  #order(node: NodeId, action: Performance): void {
    this.#output.direct(node, { kind: 'perform', action });
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
    return this.#fencing.ask(target, action, timeoutMs, reason, graphAction, delayMs);
  }

  fenced(result: FenceResult): void {
    const graphAction = this.#fencing.answered(result);
    if (result.ok && result.action !== 'on') this.markDown(result.target);
    if (graphAction !== null) this.#end(graphAction, result.ok);
    if (!result.ok) this.requestPlan(`fencing ${result.target} has failed`);
  }

  /** A node is known to be down: by its fencing, or by the administrator's word. */
  markDown(name: string): void {
    const node = this.#nodeNamed(name);
    if (node === undefined || this.#gathering.defers((dc) => dc.markDown(name))) return;
    if (memberOf(this.view, node)) return;
    const id = String(node);
    const attributes = { in_ccm: 'false', crmd: 'offline', join: 'down', expected: 'down' };
    this.change([
      { kind: 'node-state', node: id, name, attributes },
      { kind: 'erase', node: id },
    ]);
    this.requestPlan(`${name} is known to be down`);
  }
}
