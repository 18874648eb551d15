import { unfencedGraceMs } from '../../src/agent/safeguards.js';
import { Element } from '../../src/cib/element.js';
import type { Planner } from '../../src/controller/types.js';
import { membershipConfig } from '../../src/membership/config.js';
import type { NodeId, View } from '../../src/membership/types.js';
import { formatMembers, formatViewId } from '../../src/membership/view.js';
import { schedule as productScheduler } from '../../src/scheduler/schedule.js';
import { simplePlan } from '../controller/simple-planner.js';
import { TrustedCarrier } from './carrier.js';
import type { Check } from './checks/check.js';
import { coordinatorsCheck } from './checks/coordinators.js';
import { documentsCheck } from './checks/documents.js';
import { leasesCheck } from './checks/leases.js';
import { orderCheck } from './checks/order.js';
import { overlapCheck } from './checks/overlap.js';
import { servicesCheck } from './checks/services.js';
import { viewsCheck } from './checks/views.js';
import { type WritesCheck, writesCheck } from './checks/writes.js';
import type { ClusterLife } from './cluster-life.js';
import { type Configuration, configurationOf } from './configuration.js';
import { Coverage, coverageCheck } from './coverage.js';
import { VirtualDisk } from './disk.js';
import { type AgentFaults, VirtualExecutor } from './executor.js';
import { Network } from './network.js';
import { installCib, SimulatedNode } from './node.js';
import { Random } from './random.js';
import { Schedule } from './schedule.js';

export type ClusterOptions = Omit<ClusterLife, 'kind' | 'blackout'>;

const EPOCH_MS = Date.UTC(2026, 10, 21);
const LINES_MAX = 4000;
/** How long an agent stays away that has ended by itself. */
const RESTART_MS = 1000;

/** A whole virtual cluster, with every invariant checked all the time. */
export class Cluster {
  readonly options: ClusterOptions;
  readonly schedule = new Schedule();
  readonly random: Random;
  readonly network: Network;
  readonly coverage = new Coverage();
  readonly ids: readonly NodeId[];
  readonly lines: string[] = [];
  readonly writes: WritesCheck;
  readonly configuration: Configuration;
  readonly #recording: boolean;
  #agentFaults: AgentFaults;
  #crashOnWrite: number;
  #pauseOnOrder: number;
  #pauseOnLoss: number;
  #fenceFailure: number;
  /** Called when a client is told that its write is safe. */
  onAcknowledged: () => void = () => {};
  readonly #nodes = new Map<NodeId, SimulatedNode>();
  /** Of nodes that have power; they outlive the agents. */
  readonly #executors = new Map<NodeId, VirtualExecutor>();
  readonly #started = new Map<NodeId, Set<string>>();
  readonly #disks = new Map<NodeId, VirtualDisk>();
  readonly #resumedAtMs = new Map<NodeId, number>();
  readonly #wallClockOffsets = new Map<NodeId, number>();
  readonly #checks: Check[];
  readonly #planner: Planner;
  readonly #carrier: TrustedCarrier;
  /** Documents that have lost against another. */
  readonly #keptAside: string[] = [];
  #writeCount = 0;
  #damages = 0;
  #damaged = false;

  /** @param without names of checks that are not made */
  constructor(options: ClusterOptions, recording: boolean, without: readonly string[] = []) {
    this.options = options;
    this.#recording = recording;
    this.#agentFaults = options.agents;
    this.#crashOnWrite = options.crashOnWrite;
    this.#pauseOnOrder = options.pauseOnOrder;
    this.#pauseOnLoss = options.pauseOnLoss;
    this.#fenceFailure = options.fenceFailure;
    this.random = new Random(options.seed);
    this.network = new Network(this.random, this.schedule, this.coverage);
    this.network.faults = options.network;
    this.#carrier = new TrustedCarrier(this.network, (id) => this.#nodes.get(id)?.member);
    this.ids = Array.from({ length: options.nodes }, (_, i) => i + 1);
    const members = this.ids.filter((id) => !this.#isArbiter(id));
    this.configuration = configurationOf(options.services, members, options.fencing);
    this.#planner =
      options.planner === 'simple'
        ? (cib) => simplePlan(cib)
        : (cib, nowMs) => productScheduler(cib, { nowMs });
    this.writes = writesCheck(
      () => this.document(),
      () => (options.quorum.twoNode ? this.#keptAside : []),
    );
    const { lastManStanding, allowDownscale, twoNode } = options.quorum;
    const checks: Check[] = [
      viewsCheck({
        twoNode: twoNode ?? false,
        dynamic: (lastManStanding || allowDownscale) ?? false,
        waitForAll: options.quorum.waitForAll ? options.nodes : 0,
      }),
      orderCheck(),
      coordinatorsCheck(),
      documentsCheck(
        () => this.#documents(),
        () => this.#damages > 0,
      ),
      coverageCheck(this.coverage),
      this.writes,
      servicesCheck({
        nowMs: () => this.schedule.nowMs,
        activeOn: (resource) => this.activeOn(resource),
        promotedOn: (resource) => this.promotedOn(baseOf(resource)),
        startedOn: (resource) => this.ids.filter((id) => this.#started.get(id)?.has(resource)),
        viewOf: (node) => this.viewOf(node),
        fencing: options.fencing,
        twoNode: twoNode ?? false,
        orders: this.configuration.orders,
      }),
    ];
    if (!options.quorum.twoNode) {
      checks.push(
        leasesCheck({
          nodes: this.ids,
          viewOf: (node) => this.viewOf(node),
          canAct: (node) => this.#nodes.get(node)?.member.listening ?? false,
        }),
      );
    }
    if (hasPunctualNetwork(options)) {
      checks.push(
        overlapCheck({
          activeOn: (resource) => this.activeOn(resource),
          viewOf: (node) => this.viewOf(node),
          isSteady: (node) => this.#isSteady(node),
        }),
      );
    }
    if (options.arbiter) this.coverage.meet('an arbiter');
    if (options.drift > 0) this.coverage.meet('clocks of unequal speed');
    this.#checks = checks.filter((check) => !without.includes(check.name));
  }

  #each(tell: (check: Check) => void): void {
    for (const check of this.#checks) tell(check);
  }

  note(text: string): void {
    if (!this.#recording) return;
    this.lines.push(`${this.schedule.nowMs.toFixed(0).padStart(7)} ${text}`);
    if (this.lines.length > LINES_MAX) this.lines.splice(0, LINES_MAX / 2);
  }

  /** Nodes whose agents run. */
  get running(): NodeId[] {
    return this.ids.filter((id) => this.#nodes.has(id));
  }

  node(id: NodeId): SimulatedNode | undefined {
    return this.#nodes.get(id);
  }

  activeOn(resource: string): NodeId[] {
    return this.ids.filter((id) => this.#executors.get(id)?.active.has(resource));
  }

  /** Nodes with a promoted instance of a clone. */
  promotedOn(clone: string): NodeId[] {
    return this.ids.filter((id) => {
      const promoted = this.#executors.get(id)?.promoted;
      return promoted && [...promoted].some((resource) => baseOf(resource) === clone);
    });
  }

  document(): string {
    const dc = this.running.find((id) => this.#nodes.get(id)!.controller.isDc);
    return dc === undefined ? '' : this.#nodes.get(dc)!.controller.text();
  }

  *#documents(): Iterable<{ node: NodeId; position: string; cib: Element }> {
    for (const [node, { controller }] of this.#nodes) {
      yield { node, position: controller.position, cib: controller.cib };
    }
  }

  disk(id: NodeId): VirtualDisk {
    let disk = this.#disks.get(id);
    if (!disk) {
      disk = new VirtualDisk(this.random, this.schedule, this.coverage);
      disk.slowestMs = this.options.slowestDiskMs;
      installCib(disk, this.configuration.cib);
      this.#disks.set(id, disk);
    }
    return disk;
  }

  #isArbiter(id: NodeId): boolean {
    return this.options.arbiter && id === this.ids.at(-1);
  }

  #executor(id: NodeId): VirtualExecutor {
    let executor = this.#executors.get(id);
    if (executor) return executor;
    const started = new Set<string>();
    this.#started.set(id, started);
    executor = new VirtualExecutor(
      this.random,
      this.schedule,
      {
        starting: (resource) => {
          if (this.#recording)
            this.note(`n${id}: starts ${resource} (active on ${this.activeOn(resource).join(' ')})`);
          this.#each((check) => check.starting?.(id, resource));
        },
        started: (resource) => {
          started.add(resource);
          this.#each((check) => check.started?.(resource));
        },
        promoting: (resource) => {
          this.note(`n${id}: promotes ${resource}`);
          this.#each((check) => check.promoting?.(id, resource));
        },
        stopped: (resource, how) => {
          started.delete(resource);
          this.note(`n${id}: ${resource} is stopped${how === 'stop' ? '' : ` (${how})`}`);
          this.#each((check) => check.stopped?.(id, resource, how));
        },
      },
      this.coverage,
    );
    executor.faults = this.#agentFaults;
    this.#executors.set(id, executor);
    this.#each((check) => check.poweredOn?.(id));
    return executor;
  }

  start(id: NodeId): void {
    if (this.#nodes.has(id)) return;
    this.note(`n${id}: agent starts`);
    const nodes = this.ids.map((node) => ({
      node,
      name: `n${node}`,
      addresses: Array.from({ length: this.options.links }, (_, link) => `10.0.${link}.${node}`),
      votes: 1,
      arbiter: this.#isArbiter(node),
    }));
    const { tokenMs, quorum, drift } = this.options;
    const membership = membershipConfig(id, nodes, { tokenMs, quorum });
    const node = new SimulatedNode({
      membership,
      controller: {
        clusterName: 'simulated',
        nodes: nodes.map(({ node: own, name, arbiter }) => ({ node: own, name, arbiter })),
        version: '0',
        unfencedGraceMs: unfencedGraceMs(membership.timing),
        tokenMs,
      },
      planner: this.#planner,
      disk: this.disk(id),
      executor: this.#executor(id),
      clockRate: drift === 0 ? 1 : 1 + (this.random.fraction() * 2 - 1) * drift,
      wallClock: () => EPOCH_MS + this.schedule.nowMs + (this.#wallClockOffsets.get(id) ?? 0),
      world: {
        schedule: this.schedule,
        carrier: this.#carrier,
        random: this.random,
        copies: this.options.copies,
        writing: (own) => this.#writing(own),
      },
      watcher: {
        proposing: (own, view) => this.#each((check) => check.proposing?.(own, view)),
        view: (own, view, previous) => {
          if (this.#recording) {
            const quorate = view.quorum.quorate ? ' quorate' : '';
            this.note(`n${own}: view ${formatViewId(view.id)} ${formatMembers(view.members)}${quorate}`);
          }
          this.#each((check) => check.view?.(own, view, previous));
          const isLost = (node: NodeId) => !view.members.some((member) => member.node === node);
          if (view.id.coordinator === own && previous?.members.some(({ node: other }) => isLost(other))) {
            this.#pauseAfterLoss(own);
          }
        },
        ordered: (own, view, message, transitional) =>
          this.#each((check) => check.ordered?.(own, view, message, transitional)),
        active: (own, active) => this.#each((check) => check.active?.(own, active)),
        ordering: (own, view) => {
          this.#each((check) => check.ordering?.(own, view));
          this.#maybePause(own);
        },
        event: (event) => {
          // Who is in which view is said already.
          if (event.kind === 'view' || event.kind === 'joined') return;
          if (this.#recording) this.note(`${event.node}: ${event.kind}: ${event.text}`);
        },
        log: (own, level, text) => {
          if (level === 'debug' || text.startsWith('view ')) return;
          if (this.#recording) this.note(`n${own}: [${level}] ${text}`);
        },
        conflict: (cib) => {
          this.coverage.meet('a document in conflict');
          this.#keptAside.push(cib);
        },
        document: (own, position, cib) => this.#each((check) => check.document?.(own, position, cib)),
        fence: (own, target, done) => this.#fence(own, target, done),
        left: (own) => {
          this.note(`n${own}: has left`);
          this.coverage.meet('a node that left');
          this.#endAgent(own);
          this.#executors.get(own)?.shutDown();
          this.#executors.delete(own);
        },
        failed: (own) => {
          this.note(`n${own}: cannot write, and ends`);
          this.kill(own, RESTART_MS);
        },
      },
    });
    this.#nodes.set(id, node);
    node.start();
  }

  startAll(): void {
    for (const id of this.ids) this.start(id);
  }

  #writing(id: NodeId): void {
    if (this.#crashOnWrite === 0 || !this.random.chance(this.#crashOnWrite)) return;
    const node = this.#nodes.get(id);
    this.schedule.after(this.random.fraction() * this.disk(id).slowestMs * 2, () => {
      if (this.#nodes.get(id) === node) this.crash(id);
    });
  }

  #endAgent(id: NodeId): void {
    this.#each((check) => check.active?.(id, false));
    this.#nodes.get(id)?.member.end();
    this.#nodes.delete(id);
  }

  /** The power fails. */
  crash(id: NodeId): void {
    if (!this.#executors.has(id)) return;
    this.note(`n${id}: power off`);
    this.coverage.meet('a power failure');
    this.#endAgent(id);
    this.#executors.get(id)!.powerOff();
    this.#executors.delete(id);
    this.disk(id).powerFails();
  }

  /** The agent ends and is started again after a while; its executor goes on. */
  kill(id: NodeId, restartAfterMs: number): void {
    const node = this.#nodes.get(id);
    const executor = this.#executors.get(id);
    if (!node || !executor) return;
    this.note(`n${id}: agent ends`);
    this.coverage.meet('an agent that ended beside its executor');
    this.#endAgent(id);
    this.disk(id).processEnds();
    executor.resume();
    executor.detach(this.options.fencing ? null : Math.round(this.options.tokenMs / 2));
    this.schedule.after(restartAfterMs, () => {
      if (this.#executors.get(id) === executor) this.start(id);
    });
  }

  pause(id: NodeId, forMs: number): void {
    const node = this.#nodes.get(id);
    if (!node || node.member.paused) return;
    this.note(`n${id}: paused`);
    this.coverage.meet('a node that stood still');
    if (forMs > this.options.tokenMs) this.coverage.meet('a node that stood still for more than a token');
    if (node.controller.isDc) this.coverage.meet('a DC that stood still');
    node.pause();
    this.schedule.after(forMs, () => {
      if (this.#nodes.get(id) === node) this.resume(id);
    });
  }

  resume(id: NodeId): void {
    const node = this.#nodes.get(id);
    if (!node?.member.paused) return;
    this.note(`n${id}: resumed`);
    this.#resumedAtMs.set(id, this.schedule.nowMs);
    node.resume();
  }

  /** It runs, and is over what a pause has done to what it knows. */
  #isSteady(id: NodeId): boolean {
    const node = this.#nodes.get(id);
    if (!node || node.member.paused) return false;
    const resumedAtMs = this.#resumedAtMs.get(id) ?? Number.NEGATIVE_INFINITY;
    return this.schedule.nowMs - resumedAtMs > this.options.tokenMs * 2;
  }

  #maybePause(id: NodeId): void {
    if (this.#pauseOnOrder === 0 || !this.random.chance(this.#pauseOnOrder)) return;
    const forMs = this.random.fraction() * this.options.tokenMs * 4;
    this.schedule.after(this.random.fraction() * 20, () => this.pause(id, forMs));
  }

  /** While starts are put off, and long enough for the others to go on without it. */
  #pauseAfterLoss(id: NodeId): void {
    if (this.#pauseOnLoss === 0 || !this.random.chance(this.#pauseOnLoss)) return;
    const forMs = 500 + this.options.tokenMs * (1.2 + this.random.fraction() * 2);
    this.schedule.after(10 + this.random.fraction() * 130, () => this.pause(id, forMs));
  }

  /** One of the services that run there fails; of those that are monitored, for the others nobody would notice. */
  breakService(id: NodeId): void {
    const executor = this.#executors.get(id);
    if (!executor) return;
    const isMonitored = (resource: string) => resource !== 'f' && !executor.promoted.has(resource);
    const running = [...executor.active].filter(isMonitored);
    if (running.length > 0) executor.fail(this.random.pick(running));
  }

  /** Not the DC's: against that document the others' are held. */
  damage(id: NodeId): void {
    const node = this.#nodes.get(id);
    const set = node?.controller.cib
      .first('configuration')
      ?.first('crm_config')
      ?.first('cluster_property_set');
    if (!set || node!.controller.isDc) return;
    this.note(`n${id}: its document is damaged`);
    this.coverage.meet('a damaged document');
    const name = `damage-${++this.#damages}`;
    set.append(
      new Element('nvpair', [
        ['id', name],
        ['name', name],
        ['value', '1'],
      ]),
    );
    this.#damaged = true;
  }

  /** Whether a document was damaged since this was asked last. */
  takeDamaged(): boolean {
    const damaged = this.#damaged;
    this.#damaged = false;
    return damaged;
  }

  /** The wall clock of a node is set forwards or back. */
  setClock(id: NodeId, byMs: number): void {
    if (this.#nodes.has(id)) this.coverage.meet('a clock that was set');
    this.#wallClockOffsets.set(id, (this.#wallClockOffsets.get(id) ?? 0) + byMs);
  }

  #fence(by: NodeId, target: string, done: (ok: boolean) => void): void {
    const id = Number(target.slice(1));
    this.schedule.after(50 + this.random.fraction() * 400, () => {
      const ok = !this.random.chance(this.#fenceFailure);
      this.note(`fence device: ${target} for n${by}: ${ok ? 'off' : 'failed'}`);
      if (!ok) this.coverage.meet('a fence device that failed');
      if (ok) {
        if (this.#nodes.has(id)) this.coverage.meet('a running node that was fenced');
        this.crash(id);
        this.#each((check) => check.fenced?.(id));
      }
      this.schedule.after(5, () => done(ok));
    });
  }

  /** A client asks a node to add a property of a new name. */
  write(through: NodeId): void {
    const node = this.#nodes.get(through);
    if (!node) return;
    const name = `write-${++this.#writeCount}`;
    const patch =
      '<diff format="2"><change operation="create" path="/cib/configuration/crm_config/cluster_property_set[@id=\'cib-bootstrap-options\']" position="1">' +
      `<nvpair id="cib-bootstrap-options-${name}" name="${name}" value="1"/></change></diff>`;
    const base = node.controller.version;
    this.note(`client: ${name} through n${through}`);
    // Every other one is judged by what has changed since its base.
    const force = this.#writeCount % 2 === 0;
    node.request({ kind: 'patch', patch, base, force, command: name }, (answer) => {
      this.note(`client: ${name} ${answer.ok ? 'acknowledged' : `refused: ${answer.error.message}`}`);
      if (!answer.ok) {
        const isKnown = answer.error.code !== 'failed';
        if (isKnown) this.writes.refused(name);
        this.coverage.meet(isKnown ? 'a refused write' : 'a write of unknown fate');
        return;
      }
      this.writes.acknowledged(name);
      this.coverage.meet('an acknowledged write');
      this.onAcknowledged();
    });
  }

  /** The operator cleans up all failures. */
  cleanUp(): void {
    const id = this.running[0];
    if (id === undefined) return;
    this.note('operator: cleanup');
    const request = { resource: null, node: null, operation: null, intervalMs: null, refresh: false };
    this.#nodes.get(id)!.request({ kind: 'cleanup', ...request }, () => {});
  }

  /** All faults end, and everything that is down is started. */
  heal(calm: AgentFaults): void {
    this.note('---- all faults end ----');
    this.onAcknowledged = () => {};
    this.network.mendAll();
    this.#agentFaults = calm;
    this.#crashOnWrite = 0;
    this.#pauseOnOrder = 0;
    this.#pauseOnLoss = 0;
    this.#fenceFailure = 0;
    for (const executor of this.#executors.values()) executor.faults = calm;
    for (const id of this.ids) {
      const disk = this.disk(id);
      disk.slowestMs = 4;
      disk.full = false;
      this.resume(id);
      this.start(id);
    }
  }

  run(forMs: number): void {
    this.schedule.run(forMs);
  }

  /** Why the cluster is not at rest with everything running once; null where it is. */
  unrest(): string | null {
    const { running } = this;
    const views = new Set<string>();
    for (const id of this.ids) {
      const membership = this.#nodes.get(id)?.member.membership;
      if (!membership) return `n${id} is down`;
      if (!membership.view?.quorum.quorate) return `n${id} has no quorum`;
      if (membership.frozen) return `n${id} waits for a new view`;
      views.add(formatViewId(membership.view.id));
      if (membership.view.members.length !== running.length) return `n${id} does not see everybody`;
    }
    if (views.size !== 1) return `there are ${views.size} views`;
    const dcs = running.filter((id) => this.#nodes.get(id)!.controller.isDc);
    if (dcs.length !== 1) return `there are ${dcs.length} DCs`;
    const positions = new Set(running.map((id) => this.#nodes.get(id)!.controller.position));
    if (positions.size !== 1) return `documents differ: ${[...positions].join(', ')}`;
    const dc = this.#nodes.get(dcs[0]!)!;
    if (!dc.controller.idle) return 'the DC is not idle';
    for (const resource of this.configuration.primitives) {
      const active = this.activeOn(resource);
      if (active.length !== 1) return `${resource} is active on ${active.length} nodes (${active.join(' ')})`;
    }
    if (this.options.services.promotable) {
      const promoted = this.promotedOn('c0');
      if (promoted.length !== 1) return `${promoted.length} instances of c are promoted`;
    }
    return null;
  }

  /** To be called when the cluster has come to rest. */
  checkSettled(): void {
    this.#each((check) => check.settled?.());
  }

  viewOf(id: NodeId): View | null {
    return this.#nodes.get(id)?.member.membership.view ?? null;
  }
}

/** `c0:1` is an instance of `c0`. */
function baseOf(resource: string): string {
  return resource.replace(/:\d+$/, '');
}

/** Whether two that lose one another notice it at the same time, and one of them can be quorate only. */
function hasPunctualNetwork(options: ClusterOptions): boolean {
  const { fencing, quorum, network, drift, slowestDiskMs, nodes, steps } = options;
  if (fencing || quorum.twoNode || nodes < 3 || drift > 0 || slowestDiskMs > 50) return false;
  return network.loss === 0 && network.delayMaxMs <= 20 && !steps.some((step) => step.kind === 'slow');
}
