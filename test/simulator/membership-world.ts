import { membershipConfig } from '../../src/membership/config.js';
import { Detector } from '../../src/membership/detector.js';
import type {
  MembershipConfig,
  NodeId,
  OrderedMessage,
  QuorumOptions,
  View,
  ViewId,
} from '../../src/membership/types.js';
import { formatMembers, formatViewId, sameViewId } from '../../src/membership/view.js';
import { Attacker } from './attacker.js';
import { type Carrier, TrustedCarrier } from './carrier.js';
import { Coverage } from './coverage.js';
import { VirtualDisk } from './disk.js';
import { type MemberSurroundings, SimulatedMember } from './member.js';
import { Network } from './network.js';
import { Oracle } from './oracle.js';
import { Random } from './random.js';
import { Schedule } from './schedule.js';
import { Wire } from './wire.js';

export interface MembershipWorldOptions {
  readonly seed?: number;
  readonly nodes: number;
  readonly links?: number;
  readonly tokenMs?: number;
  readonly votes?: Readonly<Record<number, number>>;
  readonly arbiter?: NodeId;
  readonly quorum?: Partial<QuorumOptions>;
  /** The product's failure detector with its heartbeats, or one that the world tells what to believe. */
  readonly detector?: 'heartbeats' | 'oracle';
  /** Default true: `lines` tells what happens. */
  readonly recording?: boolean;
  readonly copies?: boolean;
  /** Packets are sealed and opened as the product does, and an attacker sends one about so often. */
  readonly attackMs?: number;
  /** Clocks differ by up to this part. */
  readonly drift?: number;
  /** Called for everything that a node is told. */
  readonly onView?: (node: NodeId, view: View, previous: View | null) => void;
  readonly onOrdered?: (
    node: NodeId,
    view: View['id'],
    message: OrderedMessage,
    transitional: boolean,
  ) => void;
  readonly onActive?: (node: NodeId, active: boolean) => void;
  readonly onProposing?: (node: NodeId, id: ViewId) => void;
  /** A node's process has ended by itself. */
  readonly onFailed?: (node: NodeId) => void;
}

/** How long an agent stays away that has ended by itself. */
const RESTART_MS = 1000;

/** A cluster of bare memberships: views and ordered messages, nothing above them. */
export class MembershipWorld {
  readonly schedule = new Schedule();
  readonly random: Random;
  readonly network: Network;
  readonly coverage = new Coverage();
  readonly lines: string[] = [];
  readonly nodes: readonly NodeId[];
  readonly links: number;
  /** Where there is an attacker. */
  readonly wire: Wire | null = null;
  readonly #carrier: Carrier;
  /** No fault happens any more. */
  healed = false;
  /** Probability that the power fails in the middle of a write. */
  crashOnWrite = 0;
  /** To be done once, when a new electorate is proposed, or when its coordinator alone knows that it is agreed. */
  atElectorate: { readonly when: 'proposed' | 'agreed'; readonly run: () => void } | null = null;
  readonly #members = new Map<NodeId, SimulatedMember>();
  readonly #disks = new Map<NodeId, VirtualDisk>();
  readonly #options: MembershipWorldOptions;
  readonly #recording: boolean;
  readonly #tokenMs: number;
  #said = 0;
  /** Ways on which news of oracles are. */
  readonly #telling = new Set<number>();

  constructor(options: MembershipWorldOptions) {
    this.#options = options;
    this.#recording = options.recording ?? true;
    this.#tokenMs = options.tokenMs ?? 1000;
    this.random = new Random(options.seed ?? 1);
    this.network = new Network(this.random, this.schedule, this.coverage);
    this.nodes = Array.from({ length: options.nodes }, (_, i) => i + 1);
    this.links = options.links ?? 1;
    const find = (node: NodeId) => this.#members.get(node);
    this.#carrier = new TrustedCarrier(this.network, find);
    if (options.attackMs === undefined) return;
    const { schedule, network, random, coverage, nodes, links } = this;
    const wire = new Wire({ schedule, network, random, coverage, nodes, find });
    const bootOf = (node: NodeId) => find(node)?.boot ?? null;
    new Attacker({ schedule, random, coverage, nodes, links, wire, bootOf }).begin(options.attackMs);
    this.wire = wire;
    this.#carrier = wire;
  }

  config(self: NodeId): MembershipConfig {
    const nodes = this.nodes.map((node) => ({
      node,
      name: `n${node}`,
      addresses: Array.from({ length: this.links }, (_, link) => `10.0.${link}.${node}`),
      votes: this.#options.votes?.[node] ?? 1,
      arbiter: node === this.#options.arbiter,
    }));
    const { tokenMs, quorum } = this.#options;
    return membershipConfig(self, nodes, {
      ...(tokenMs === undefined ? {} : { tokenMs }),
      ...(quorum === undefined ? {} : { quorum }),
    });
  }

  member(node: NodeId): SimulatedMember | undefined {
    return this.#members.get(node);
  }

  disk(node: NodeId): VirtualDisk {
    let disk = this.#disks.get(node);
    if (!disk) {
      disk = new VirtualDisk(this.random, this.schedule, this.coverage);
      this.#disks.set(node, disk);
    }
    return disk;
  }

  note(text: string): void {
    this.lines.push(`${this.schedule.nowMs.toFixed(0).padStart(6)} ${text}`);
  }

  start(node: NodeId): void {
    if (this.#members.has(node)) return;
    const drift = this.#options.drift ?? 0;
    const world: MemberSurroundings = {
      schedule: this.schedule,
      carrier: this.#carrier,
      random: this.random,
      copies: this.#options.copies ?? true,
      writing: (own) => this.#writing(own),
    };
    const recording = this.#recording;
    const config = this.config(node);
    const peers = config.nodes
      .filter((other) => other.node !== node)
      .map((other) => ({ node: other.node, links: other.addresses.length }));
    const member = new SimulatedMember(
      config,
      this.disk(node),
      {
        view: (view, previous) => {
          if (recording) {
            const quorate = view.quorum.quorate ? ' quorate' : '';
            this.note(
              `${node}: view ${formatViewId(view.id)} members=${formatMembers(view.members)}${quorate}`,
            );
          }
          this.#options.onView?.(node, view, previous);
          const isAgreed = view.id.coordinator === node && sameViewId(view.id, view.quorum.electorate?.since);
          if (isAgreed) this.#reach('agreed');
        },
        ordered: (view, message, transitional) => {
          if (recording) {
            const what = `${message.origin}/${message.originSequence} in ${formatViewId(view)}`;
            this.note(`${node}: delivers ${what}${transitional ? ' at its end' : ''}`);
          }
          this.#options.onOrdered?.(node, view, message, transitional);
        },
        direct: (_view, from, payload) => {
          if (recording) this.note(`${node}: from ${from} ${JSON.stringify(payload)}`);
        },
        active: (active) => this.#options.onActive?.(node, active),
        proposing: (id) => {
          this.#options.onProposing?.(node, id);
          const view = this.#members.get(node)?.membership.view;
          const isWhole = view?.members.every((other) => this.#members.get(other.node)?.boot === other.boot);
          // A coordinator that misses nobody proposes anew for the sake of the electorate.
          if (isWhole && view?.quorum.quorate && view.id.coordinator === node) this.#reach('proposed');
        },
        log: (level, text) => {
          if (recording && !text.startsWith('view ')) this.note(`${node}: [${level}] ${text}`);
        },
        left: () => {
          this.coverage.meet('a node that left');
          this.#members.delete(node);
          if (recording) this.note(`${node}: has left`);
        },
        failed: () => {
          if (recording) this.note(`${node}: cannot write, and ends`);
          this.#members.delete(node);
          this.disk(node).processEnds();
          this.schedule.after(RESTART_MS, () => this.start(node));
        },
      },
      world,
      (boot) =>
        this.#options.detector === 'oracle'
          ? new Oracle(boot, this.#tokenMs / 4)
          : new Detector({ self: node, boot, peers, timing: config.timing }),
      this.random.hex(32),
      drift === 0 ? 1 : 1 + (this.random.fraction() * 2 - 1) * drift,
    );
    this.#members.set(node, member);
    if (member.detector instanceof Oracle) {
      const { detector } = member;
      detector.onTelling = () => this.#spread(member, detector);
      this.noticeSoon(node);
    }
    member.start();
  }

  #reach(what: 'proposed' | 'agreed'): void {
    const { atElectorate } = this;
    if (atElectorate?.when !== what) return;
    if (what === 'agreed') this.coverage.meet('a part had agreed on expected votes alone');
    this.atElectorate = null;
    atElectorate.run();
  }

  startAll(): void {
    for (const node of this.nodes) this.start(node);
  }

  #writing(node: NodeId): void {
    if (this.crashOnWrite === 0 || !this.random.chance(this.crashOnWrite)) return;
    const member = this.#members.get(node);
    this.schedule.after(this.random.fraction() * this.disk(node).slowestMs * 2, () => {
      if (this.#members.get(node) === member) this.crash(node);
    });
  }

  /** The power fails. */
  crash(node: NodeId): void {
    const member = this.#members.get(node);
    if (!member) return;
    this.coverage.meet('a power failure');
    if (this.#recording) this.note(`${node}: power off`);
    member.end();
    this.disk(node).powerFails();
    this.#members.delete(node);
    this.noticeSoon(node);
  }

  /** The process does not run for a while, and does not know it. */
  pause(node: NodeId, forMs: number): void {
    const member = this.#members.get(node);
    if (!member || member.paused) return;
    this.coverage.meet('a node that stood still');
    if (forMs > this.#tokenMs) this.coverage.meet('a node that stood still for more than a token');
    member.pause();
    this.noticeSoon(node);
    this.schedule.after(forMs, () => {
      if (this.#members.get(node) === member) this.resume(node);
    });
  }

  resume(node: NodeId): void {
    const member = this.#members.get(node);
    if (!member?.paused) return;
    if (this.#recording) this.note(`${node}: resumed`);
    member.resume();
    this.noticeSoon(node);
  }

  /** Every node sends a message to all. */
  talk(): void {
    for (const node of this.nodes) this.say(node);
  }

  say(node: NodeId): void {
    const member = this.#members.get(node);
    if (!member) return;
    const payload = ++this.#said;
    member.main(() => member.broadcast(payload));
  }

  /** Cuts all links in one direction. */
  cut(from: NodeId, to: NodeId): void {
    for (let link = 0; link < this.links; link++) this.network.cut(from, to, link);
    this.#noticePairSoon(from, to);
    this.#noticePairSoon(to, from);
  }

  mend(from: NodeId, to: NodeId): void {
    for (let link = 0; link < this.links; link++) this.network.mend(from, to, link);
    this.#noticePairSoon(from, to);
    this.#noticePairSoon(to, from);
  }

  /** All links work. */
  mendLinks(): void {
    this.network.mendLinks();
    for (const node of this.nodes) this.noticeSoon(node);
  }

  /** Nobody in one group hears anybody in another. */
  partition(...groups: readonly (readonly NodeId[])[]): void {
    for (const a of groups) {
      for (const b of groups) {
        if (a === b) continue;
        for (const from of a) for (const to of b) this.cut(from, to);
      }
    }
  }

  run(forMs: number): void {
    this.schedule.run(forMs);
  }

  // ---- What oracles are told ----

  /** Everybody notices, sooner or later, how things are between this node and the others; and so does it. */
  noticeSoon(node: NodeId): void {
    for (const other of this.nodes) {
      if (other === node) continue;
      this.#noticePairSoon(node, other);
      this.#noticePairSoon(other, node);
    }
  }

  #noticePairSoon(of: NodeId, about: NodeId): void {
    if (this.#options.detector !== 'oracle') return;
    const part = this.random.fraction();
    this.schedule.after(part * part * this.#tokenMs * 1.5, () => this.#notice(of, about));
  }

  #notice(of: NodeId, about: NodeId): void {
    const member = this.#members.get(of);
    if (!(member?.detector instanceof Oracle)) return;
    const { detector } = member;
    const peer = this.#members.get(about);
    const open = !peer?.paused && !this.network.isCut(of, about, 0) && !this.network.isCut(about, of, 0);
    member.main(() => {
      detector.believe(about, peer && open ? peer.boot : null);
      member.reportReachability();
    });
    if (peer?.detector instanceof Oracle && open) this.#tell(peer, peer.detector, of);
  }

  /** A node wrongly believes for a while that another is dead, or silent. */
  doubt(of: NodeId, about: NodeId, suspectedOnly: boolean, forMs: number): void {
    const member = this.#members.get(of);
    if (!(member?.detector instanceof Oracle)) return;
    const { detector } = member;
    this.coverage.meet('a failure detector that was wrong');
    member.main(() => {
      const boot = this.#members.get(about)?.boot ?? null;
      if (suspectedOnly && !(boot !== null && detector.isCurrent(about, boot))) return;
      detector.believe(about, suspectedOnly ? boot : null, suspectedOnly);
      member.reportReachability();
    });
    this.schedule.after(forMs, () => this.#notice(of, about));
  }

  #spread(member: SimulatedMember, detector: Oracle): void {
    for (const other of this.nodes) if (other !== member.node) this.#tell(member, detector, other);
  }

  #tell(member: SimulatedMember, detector: Oracle, to: NodeId): void {
    const way = member.node * 64 + to;
    // What is under way tells the newest when it arrives.
    if (this.#telling.has(way)) return;
    this.#telling.add(way);
    const part = this.random.fraction();
    this.schedule.after(part * part * this.#tokenMs * 0.3, () => {
      this.#telling.delete(way);
      const peer = this.#members.get(to);
      if (!member.alive || !(peer?.detector instanceof Oracle)) return;
      if (this.network.isCut(member.node, to, 0)) return;
      peer.detector.tell(member.node, detector.telling());
      peer.main(() => peer.reportReachability());
    });
  }

  /** "1:7.2(1 2 3)q", for all running nodes. */
  views(): string {
    return this.nodes
      .map((node) => {
        const view = this.#members.get(node)?.membership.view;
        if (!this.#members.has(node)) return `${node}:-`;
        if (!view) return `${node}:none`;
        return `${node}:${formatViewId(view.id)}${formatMembers(view.members)}${view.quorum.quorate ? 'q' : ''}`;
      })
      .join(' ');
  }
}
