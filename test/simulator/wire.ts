import { Packets, type Received } from '../../src/agent/packets.js';
import type { Heartbeat } from '../../src/membership/detector.js';
import type { BootId, Message, NodeId } from '../../src/membership/types.js';
import { type Carrier, LINK_OF_MESSAGES } from './carrier.js';
import { violate } from './checks/check.js';
import type { Coverage } from './coverage.js';
import type { SimulatedMember } from './member.js';
import type { Network } from './network.js';
import type { Random } from './random.js';
import type { Schedule } from './schedule.js';

/** A packet that a node has sent. */
export interface Sent {
  readonly packet: Buffer;
  readonly from: NodeId;
  readonly boot: BootId;
  readonly to: NodeId;
  /** The run that the addressee was in; null where it was down. */
  readonly toBoot: BootId | null;
  readonly link: number;
  /** Sealed with the key of that number. */
  readonly key: number;
  /** Runs that have taken it. */
  readonly takenBy: Set<BootId>;
}

export interface WireSurroundings {
  readonly schedule: Schedule;
  readonly network: Network;
  readonly random: Random;
  readonly nodes: readonly NodeId[];
  readonly coverage: Coverage;
  find(node: NodeId): SimulatedMember | undefined;
}

/** Between two steps of a change of keys. */
const KEY_STEP_MS = 100;

/**
 * Carries packets as the product seals and opens them, and keeps all that were ever sent. Every packet that gets through
 * to a node must have been sent, by whom it is said to be from, to this node, under a key that this node knows now, and
 * must not have got through to the same run before.
 */
export class Wire implements Carrier {
  readonly sent: Sent[] = [];
  readonly #world: WireSurroundings;
  readonly #bySeal = new Map<string, Sent>();
  readonly #ends = new Map<SimulatedMember, Packets>();
  /** Numbers of the keys in each node's files, the one that seals first. */
  readonly #keys: Map<NodeId, readonly number[]>;
  #newestKey = 0;
  #changing = false;

  constructor(world: WireSurroundings) {
    this.#world = world;
    this.#keys = new Map(world.nodes.map((node) => [node, [0]]));
  }

  #end(member: SimulatedMember): Packets {
    let end = this.#ends.get(member);
    if (!end) {
      const { node, boot, detector } = member;
      end = new Packets(this.#keysOf(node), node, boot, (other, run) => detector.isCurrent(other, run));
      this.#ends.set(member, end);
    }
    return end;
  }

  #keysOf(node: NodeId): Buffer[] {
    return this.#keys.get(node)!.map((number) => Buffer.alloc(128, number + 1));
  }

  heartbeat(from: SimulatedMember, to: NodeId, link: number, heartbeat: Heartbeat): void {
    this.#send(from, to, link, this.#end(from).make('heartbeat', to, JSON.stringify(heartbeat)));
  }

  message(from: SimulatedMember, to: NodeId, boot: BootId, message: Message): void {
    if (!from.detector.isCurrent(to, boot)) return;
    this.#send(from, to, LINK_OF_MESSAGES, this.#end(from).make('message', to, JSON.stringify(message)));
  }

  #send(from: SimulatedMember, to: NodeId, link: number, packet: Buffer): void {
    const { node, boot } = from;
    const key = this.#keys.get(node)![0]!;
    const toBoot = this.#world.find(to)?.boot ?? null;
    const sent = { packet, from: node, boot, to, toBoot, link, key, takenBy: new Set<BootId>() };
    this.sent.push(sent);
    this.#bySeal.set(packet.toString('latin1'), sent);
    this.#world.network.send(node, to, link, () => this.arrive(to, link, packet));
  }

  /** A packet comes in at a node, from wherever; returns whether it got through. */
  arrive(to: NodeId, link: number, packet: Buffer): boolean {
    const member = this.#world.find(to);
    if (!member) return false;
    const received = this.#end(member).take(packet);
    if (received === null || typeof received === 'string') return false;
    this.#check(member, packet, received);
    const { from, boot } = received;
    if (received.kind === 'heartbeat') member.hearHeartbeat(from, boot, link, received.heartbeat);
    else member.hearMessage(from, boot, received.message);
    return true;
  }

  #check(member: SimulatedMember, packet: Buffer, received: Received): void {
    const { node, boot } = member;
    const sent = this.#bySeal.get(packet.toString('latin1'));
    const what = `a ${received.kind} of node ${received.from}`;
    if (!sent) violate(`node ${node} takes ${what} that nobody has sent`);
    if (sent.from !== received.from || sent.boot !== received.boot)
      violate(`node ${node} takes ${what} that is of node ${sent.from}, or of another run`);
    if (sent.to !== node) violate(`node ${node} takes ${what} that is meant for node ${sent.to}`);
    if (sent.takenBy.has(boot)) violate(`node ${node} takes ${what} for the second time`);
    sent.takenBy.add(boot);
    if (!this.#keys.get(node)!.includes(sent.key))
      violate(`node ${node} takes ${what} of a key that was given up`);
    if (received.kind === 'heartbeat') return;
    const isHeard = member.detector
      .reachability()
      .peers.some((peer) => peer.node === received.from && peer.boot === received.boot);
    if (!isHeard) violate(`node ${node} takes ${what} of a run that it does not hear`);
  }

  /** The key is changed as the manual says: node by node, and each step at all nodes before the next. */
  changeKey(): void {
    if (this.#changing) return;
    this.#changing = true;
    const old = this.#newestKey;
    const next = ++this.#newestKey;
    const steps = [[old, next], [next, old], [next]].flatMap((keys) =>
      this.#world.nodes.map((node) => ({ node, keys })),
    );
    for (const [at, { node, keys }] of steps.entries()) {
      this.#world.schedule.after(KEY_STEP_MS * (at + 1), () => {
        this.#keys.set(node, keys);
        const member = this.#world.find(node);
        if (member) this.#end(member).setKeys(this.#keysOf(node));
        if (at < steps.length - 1) return;
        this.#changing = false;
        this.#world.coverage.meet('a changed key');
      });
    }
  }
}
