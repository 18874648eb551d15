import type { NodeId } from '../../src/membership/types.js';
import type { Coverage } from './coverage.js';
import type { Random } from './random.js';
import type { Schedule } from './schedule.js';
import type { Sent, Wire } from './wire.js';

interface Attack {
  readonly to: NodeId;
  readonly link: number;
  readonly packet: Buffer;
}

/** Where in a packet something stands (`src/agent/seal.ts`). */
const SENDER_AT = 8;
const BOOT_AT = 12;
const COUNTER_AT = 28;
const HEAD_BYTES = 36;

export interface AttackerSurroundings {
  readonly schedule: Schedule;
  readonly random: Random;
  readonly nodes: readonly NodeId[];
  readonly links: number;
  readonly coverage: Coverage;
  readonly wire: Wire;
  /** The present run of a node; null where it is down. */
  bootOf(node: NodeId): string | null;
}

/**
 * Somebody on the network without the key, who has recorded all that was ever sent and sends it again, to the same or
 * another node, changed or made up.
 */
export class Attacker {
  readonly #world: AttackerSurroundings;

  constructor(world: AttackerSurroundings) {
    this.#world = world;
  }

  /** From now on, about so often, for ever. */
  begin(everyMs: number): void {
    const { random, schedule, wire, coverage } = this.#world;
    schedule.after(random.fraction() * 2 * everyMs, () => {
      const recorded = this.#recorded();
      if (recorded) {
        const { to, link, packet } = this.#attackWith(recorded);
        if (wire.arrive(to, link, packet)) coverage.meet('a recorded packet that was new to its addressee');
      }
      this.begin(everyMs);
    });
  }

  /** One of all, or of those sent just now. */
  #recorded(): Sent | undefined {
    const { random, wire } = this.#world;
    const { sent } = wire;
    if (sent.length === 0) return undefined;
    const newest = random.chance(0.3) ? Math.max(0, sent.length - 50) : 0;
    return sent[random.integer(newest, sent.length - 1)];
  }

  #attackWith(recorded: Sent): Attack {
    const { random, links } = this.#world;
    const { to, link, packet } = recorded;
    const again = (over: number): Attack => {
      this.#note(recorded);
      return { to, link: over, packet };
    };
    return random.weighted<() => Attack>([
      [4, () => again(link)],
      [1, () => again(random.integer(0, links - 1))],
      [2, () => ({ to: this.#another(to), link, packet })],
      [1, () => ({ to, link, packet: this.#flipped(packet) })],
      [1, () => ({ to, link, packet: this.#resized(packet) })],
      [1, () => ({ to, link, packet: this.#madeUp(packet) })],
    ])();
  }

  #note({ boot, from, to, toBoot }: Sent): void {
    const { coverage, bootOf } = this.#world;
    if (bootOf(from) !== boot) coverage.meet("a replay of a sender's earlier run");
    if (toBoot !== null && bootOf(to) !== toBoot) coverage.meet("a replay from a receiver's earlier run");
  }

  #another(than: NodeId): NodeId {
    const { nodes, random } = this.#world;
    return random.pick(nodes.filter((node) => node !== than));
  }

  #flipped(packet: Buffer): Buffer {
    const { random } = this.#world;
    const copy = Buffer.from(packet);
    const times = random.pick([1, 1, 3]);
    for (let time = 0; time < times; time++) {
      copy[random.integer(0, copy.length - 1)]! ^= 1 << random.integer(0, 7);
    }
    return copy;
  }

  #resized(packet: Buffer): Buffer {
    const { random } = this.#world;
    return random.chance(0.5)
      ? packet.subarray(0, random.integer(0, packet.length - 1))
      : Buffer.concat([packet, this.#noise(random.integer(1, 40))]);
  }

  /** A head that is nearly right over a body that is not, or the reverse. */
  #madeUp(packet: Buffer): Buffer {
    const { random, nodes } = this.#world;
    const copy = Buffer.from(packet);
    const change = random.pick<() => unknown>([
      () => copy.writeUInt32BE(random.pick(nodes), SENDER_AT),
      () => this.#noise(16).copy(copy, BOOT_AT),
      // Far ahead: what is true would come too late from then on.
      () => copy.writeBigUInt64BE(copy.readBigUInt64BE(COUNTER_AT) + 100_000n, COUNTER_AT),
      () => this.#noise(copy.length - HEAD_BYTES).copy(copy, HEAD_BYTES),
    ]);
    change();
    return copy;
  }

  #noise(bytes: number): Buffer {
    return Buffer.from(this.#world.random.hex(bytes * 2), 'hex');
  }
}
