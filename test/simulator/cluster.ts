import { membershipConfig } from '../../src/membership/config.js';
import type { NodeId, QuorumOptions, View } from '../../src/membership/types.js';
import { formatMembers, formatViewId } from '../../src/membership/view.js';
import { simplePlan } from '../controller/simple-planner.js';
import type { Check } from './checks/check.js';
import { documentsCheck } from './checks/documents.js';
import { orderCheck } from './checks/order.js';
import { primitivesCheck } from './checks/primitives.js';
import { viewsCheck } from './checks/views.js';
import { type WritesCheck, writesCheck } from './checks/writes.js';
import type { AgentFaults } from './executor.js';
import { CALM_AGENTS } from './executor.js';
import { Network } from './network.js';
import { type NodeDisk, SimulatedNode } from './node.js';
import { Random } from './random.js';
import { Schedule } from './schedule.js';

export interface ClusterOptions {
  readonly seed: number;
  readonly nodes: number;
  readonly links: number;
  readonly tokenMs: number;
  readonly resources: number;
  readonly fencing: boolean;
  /** The last node only votes. */
  readonly arbiter: boolean;
  readonly quorum?: Partial<QuorumOptions>;
}

const EPOCH_MS = Date.UTC(2026, 10, 21);
const LINES_MAX = 4000;

/** A whole virtual cluster, with every invariant checked all the time. */
export class Cluster {
  readonly options: ClusterOptions;
  readonly schedule = new Schedule();
  readonly random: Random;
  readonly network: Network;
  readonly ids: readonly NodeId[];
  readonly lines: string[] = [];
  readonly writes: WritesCheck;
  agentFaults: AgentFaults = CALM_AGENTS;
  readonly disks = { slowestMs: 8 };
  readonly #nodes = new Map<NodeId, SimulatedNode>();
  readonly #disks = new Map<NodeId, NodeDisk>();
  readonly #paused = new Set<NodeId>();
  readonly #checks: Check[];
  #writeCount = 0;

  constructor(options: ClusterOptions) {
    this.options = options;
    this.random = new Random(options.seed);
    this.network = new Network(this.random, this.schedule);
    this.ids = Array.from({ length: options.nodes }, (_, i) => i + 1);
    this.writes = writesCheck(() => this.document());
    this.#checks = [
      viewsCheck(options.quorum?.twoNode ?? false),
      orderCheck(),
      documentsCheck(),
      this.writes,
      primitivesCheck({
        nowMs: () => this.schedule.nowMs,
        activeOn: (resource) => this.activeOn(resource),
        isPaused: (node) => this.#paused.has(node),
        viewOf: (node) => this.#nodes.get(node)?.member.membership.view ?? null,
        wasFenced: () => false,
        leftCleanly: () => false,
        fencing: options.fencing,
      }),
    ];
  }

  note(text: string): void {
    this.lines.push(`${this.schedule.nowMs.toFixed(0).padStart(7)} ${text}`);
    if (this.lines.length > LINES_MAX) this.lines.splice(0, LINES_MAX / 2);
  }

  get running(): NodeId[] {
    return [...this.#nodes.keys()].sort((a, b) => a - b);
  }

  get down(): NodeId[] {
    return this.ids.filter((id) => !this.#nodes.has(id));
  }

  node(id: NodeId): SimulatedNode | undefined {
    return this.#nodes.get(id);
  }

  isPaused(id: NodeId): boolean {
    return this.#paused.has(id);
  }

  activeOn(resource: string): NodeId[] {
    return this.running.filter((id) => this.#nodes.get(id)!.executor.active.has(resource));
  }

  document(): string {
    const dc = this.running.find((id) => this.#nodes.get(id)!.controller.isDc);
    return dc === undefined ? '' : this.#nodes.get(dc)!.controller.text();
  }

  #disk(id: NodeId): NodeDisk {
    let disk = this.#disks.get(id);
    if (!disk) {
      disk = { record: null, cib: this.#initialCib(), lineage: null, kept: [] };
      this.#disks.set(id, disk);
    }
    return disk;
  }

  #isArbiter(id: NodeId): boolean {
    return this.options.arbiter && id === this.ids.at(-1);
  }

  #initialCib(): string {
    const resources = Array.from(
      { length: this.options.resources },
      (_, i) =>
        `<primitive id="r${i}" class="ocf" provider="test" type="Dummy"><operations><op id="r${i}-m" name="monitor" interval="5s"/></operations></primitive>`,
    );
    const nodes = this.ids
      .filter((id) => !this.#isArbiter(id))
      .map((id) => `<node id="${id}" uname="n${id}"/>`);
    return (
      '<cib crm_feature_set="3.16.1" validate-with="pacemaker-3.9" epoch="5" num_updates="0" admin_epoch="0"><configuration>' +
      '<crm_config><cluster_property_set id="cib-bootstrap-options">' +
      `<nvpair id="cib-bootstrap-options-stonith-enabled" name="stonith-enabled" value="${this.options.fencing}"/>` +
      `</cluster_property_set></crm_config><nodes>${nodes.join('')}</nodes><resources>${resources.join('')}</resources>` +
      '<constraints/></configuration><status/></cib>'
    );
  }

  start(id: NodeId): void {
    if (this.#nodes.has(id)) return;
    const nodes = this.ids.map((node) => ({
      node,
      name: `n${node}`,
      addresses: Array.from({ length: this.options.links }, (_, link) => `10.0.${link}.${node}`),
      votes: 1,
      arbiter: this.#isArbiter(node),
    }));
    const { tokenMs, quorum } = this.options;
    const each = (tell: (check: Check) => void) => {
      for (const check of this.#checks) tell(check);
    };
    const node = new SimulatedNode({
      membership: membershipConfig(id, nodes, { tokenMs, ...(quorum ? { quorum } : {}) }),
      controller: {
        clusterName: 'simulated',
        nodes: nodes.map(({ node: own, name, arbiter }) => ({ node: own, name, arbiter })),
        version: '0',
        unfencedGraceMs: 150,
      },
      planner: (cib) => simplePlan(cib),
      disk: this.#disk(id),
      epochMs: EPOCH_MS,
      world: {
        schedule: this.schedule,
        network: this.network,
        random: this.random,
        disks: this.disks,
        find: (other) => this.#nodes.get(other)?.member,
      },
      watcher: {
        view: (own, view, previous) => {
          this.note(
            `n${own}: view ${formatViewId(view.id)} ${formatMembers(view.members)}${view.quorum.quorate ? ' quorate' : ''}`,
          );
          each((check) => check.view?.(own, view, previous));
        },
        ordered: (own, view, sequence, payload, transitional) =>
          each((check) => check.ordered?.(own, view, sequence, payload, transitional)),
        event: (event) => this.note(`${event.node}: ${event.kind}: ${event.text}`),
        log: (own, level, text) => {
          if (level !== 'debug') this.note(`n${own}: [${level}] ${text}`);
        },
        starting: (own, resource) => {
          this.note(`n${own}: starts ${resource} (active on ${this.activeOn(resource).join(' ')})`);
          each((check) => check.starting?.(own, resource));
        },
        stopped: (own, resource) => this.note(`n${own}: ${resource} is stopped`),
        document: (own, position, text) => each((check) => check.document?.(own, position, text)),
        fence: (own, target, done) => this.#fence(own, target, done),
        left: (own) => {
          this.note(`n${own}: has left`);
          this.#nodes.delete(own);
        },
      },
    });
    this.note(`n${id}: power on`);
    this.#nodes.set(id, node);
    node.executor.faults = this.agentFaults;
    node.start();
  }

  startAll(): void {
    for (const id of this.ids) this.start(id);
  }

  crash(id: NodeId): void {
    const node = this.#nodes.get(id);
    if (!node) return;
    this.note(`n${id}: power off`);
    this.#paused.delete(id);
    node.crash();
    this.#nodes.delete(id);
  }

  pause(id: NodeId): void {
    if (!this.#nodes.has(id) || this.#paused.has(id)) return;
    this.note(`n${id}: paused`);
    this.#paused.add(id);
    this.#nodes.get(id)!.pause();
  }

  resume(id: NodeId): void {
    if (!this.#paused.delete(id)) return;
    this.note(`n${id}: resumed`);
    this.#nodes.get(id)?.resume();
  }

  #fence(by: NodeId, target: string, done: (ok: boolean) => void): void {
    const id = Number(target.slice(1));
    this.schedule.after(50 + this.random.fraction() * 400, () => {
      const ok = !this.random.chance(0.1);
      this.note(`fence device: ${target} for n${by}: ${ok ? 'off' : 'failed'}`);
      if (ok) this.crash(id);
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
    node.request({ kind: 'patch', patch, base, force: true, command: name }, (answer) => {
      this.note(`client: ${name} ${answer.ok ? 'acknowledged' : `refused: ${answer.error.message}`}`);
      if (answer.ok) this.writes.acknowledged(name);
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

  run(forMs: number): void {
    this.schedule.run(forMs);
  }

  /** Why the cluster is not at rest with everything running once; null where it is. */
  unrest(): string | null {
    const running = this.running;
    const views = new Set<string>();
    for (const id of running) {
      const { membership } = this.#nodes.get(id)!.member;
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
    for (let i = 0; i < this.options.resources; i++) {
      const active = this.activeOn(`r${i}`);
      if (active.length !== 1) return `r${i} is active on ${active.length} nodes (${active.join(' ')})`;
    }
    return null;
  }

  /** To be called when the cluster has come to rest. */
  checkSettled(): void {
    for (const check of this.#checks) check.settled?.();
  }

  viewOf(id: NodeId): View | null {
    return this.#nodes.get(id)?.member.membership.view ?? null;
  }
}
