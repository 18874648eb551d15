/**
 * When the heartbeat thread has last judged all silence, in memory that both threads share: it does so many times a
 * second, and the main thread need not be woken to hear of it.
 *
 * What the thread has found goes by message, and may still be under way when its time is read here; so the messages are
 * counted, and a judgement counts only for who has had all of them.
 */
export class Judgement {
  readonly memory: SharedArrayBuffer;
  readonly #judgedAtUs: BigInt64Array;
  readonly #counts: Int32Array;

  /** @param memory another thread's; default: new */
  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(16)) {
    this.memory = memory;
    this.#judgedAtUs = new BigInt64Array(memory, 0, 1);
    this.#counts = new Int32Array(memory, 8, 2);
  }

  /** Heartbeat thread: a message with what it has found is about to go out. */
  found(): void {
    Atomics.add(this.#counts, FOUND, 1);
  }

  /** Heartbeat thread: all silence was judged. True where the main thread waits to be told. */
  judged(nowMs: number): boolean {
    Atomics.store(this.#judgedAtUs, 0, BigInt(Math.round(nowMs * 1000)));
    return Atomics.exchange(this.#counts, WAITING, 0) === 1;
  }

  /**
   * Main thread: when all silence was judged, for one who has had `received` messages; Infinity before the first time,
   * -Infinity while a message is under way.
   */
  atMs(received: number): number {
    const us = Atomics.load(this.#judgedAtUs, 0);
    if (Atomics.load(this.#counts, FOUND) !== received) return Number.NEGATIVE_INFINITY;
    return us === 0n ? Number.POSITIVE_INFINITY : Number(us) / 1000;
  }

  /** Main thread: it wants a message at the next judgement. */
  wait(): void {
    Atomics.store(this.#counts, WAITING, 1);
  }
}

const FOUND = 0;
const WAITING = 1;
