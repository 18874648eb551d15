import { membershipConfig } from '../../src/membership/config.js';
import type {
  MembershipConfig,
  NodeId,
  OrderedMessage,
  QuorumOptions,
  View,
} from '../../src/membership/types.js';
import { formatMembers, formatViewId } from '../../src/membership/view.js';
import { type MemberDisk, type MemberSurroundings, SimulatedMember } from './member.js';
import { Network } from './network.js';
import { Random } from './random.js';
import { Schedule } from './schedule.js';

export interface MembershipWorldOptions {
  readonly seed?: number;
  readonly nodes: number;
  readonly links?: number;
  readonly tokenMs?: number;
  readonly votes?: Readonly<Record<number, number>>;
  readonly quorum?: Partial<QuorumOptions>;
  /** Called for everything that a node is told. */
  readonly onView?: (node: NodeId, view: View, previous: View | null) => void;
  readonly onOrdered?: (
    node: NodeId,
    view: View['id'],
    message: OrderedMessage,
    transitional: boolean,
  ) => void;
}

/** A cluster of bare memberships: views and ordered messages, nothing above them. */
export class MembershipWorld {
  readonly schedule = new Schedule();
  readonly random: Random;
  readonly network: Network;
  readonly disks = { slowestMs: 8 };
  readonly lines: string[] = [];
  readonly nodes: readonly NodeId[];
  readonly links: number;
  readonly #members = new Map<NodeId, SimulatedMember>();
  readonly #disks = new Map<NodeId, MemberDisk>();
  readonly #options: MembershipWorldOptions;

  constructor(options: MembershipWorldOptions) {
    this.#options = options;
    this.random = new Random(options.seed ?? 1);
    this.network = new Network(this.random, this.schedule);
    this.nodes = Array.from({ length: options.nodes }, (_, i) => i + 1);
    this.links = options.links ?? 1;
  }

  config(self: NodeId): MembershipConfig {
    const nodes = this.nodes.map((node) => ({
      node,
      name: `n${node}`,
      addresses: Array.from({ length: this.links }, (_, link) => `10.0.${link}.${node}`),
      votes: this.#options.votes?.[node] ?? 1,
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

  disk(node: NodeId): MemberDisk {
    let disk = this.#disks.get(node);
    if (!disk) {
      disk = { record: null };
      this.#disks.set(node, disk);
    }
    return disk;
  }

  #note(text: string): void {
    this.lines.push(`${this.schedule.nowMs.toFixed(0).padStart(6)} ${text}`);
  }

  start(node: NodeId): void {
    if (this.#members.has(node)) return;
    const world: MemberSurroundings = {
      schedule: this.schedule,
      network: this.network,
      random: this.random,
      disks: this.disks,
      find: (other) => this.#members.get(other),
    };
    const member = new SimulatedMember(
      this.config(node),
      this.disk(node),
      {
        view: (view, previous) => {
          this.#note(
            `${node}: view ${formatViewId(view.id)} members=${formatMembers(view.members)}${view.quorum.quorate ? ' quorate' : ''}`,
          );
          this.#options.onView?.(node, view, previous);
        },
        ordered: (view, message, transitional) => {
          this.#note(
            `${node}: delivers ${message.origin}/${message.originSequence} in ${formatViewId(view)}`,
          );
          this.#options.onOrdered?.(node, view, message, transitional);
        },
        direct: (_view, from, payload) => this.#note(`${node}: from ${from} ${JSON.stringify(payload)}`),
        active: () => {},
        log: (level, text) => {
          if (!text.startsWith('view ')) this.#note(`${node}: [${level}] ${text}`);
        },
        left: () => this.#members.delete(node),
      },
      world,
    );
    this.#members.set(node, member);
    member.start();
  }

  startAll(): void {
    for (const node of this.nodes) this.start(node);
  }

  crash(node: NodeId): void {
    this.#members.get(node)?.crash();
    this.#members.delete(node);
  }

  /** Cuts all links in one direction. */
  cut(from: NodeId, to: NodeId): void {
    for (let link = 0; link < this.links; link++) this.network.cut(from, to, link);
  }

  mend(from: NodeId, to: NodeId): void {
    for (let link = 0; link < this.links; link++) this.network.mend(from, to, link);
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
