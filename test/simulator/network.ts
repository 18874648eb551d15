import type { Coverage } from './coverage.js';
import type { Random } from './random.js';
import type { Schedule } from './schedule.js';

export interface NetworkFaults {
  /** Probabilities per packet. */
  readonly loss: number;
  readonly duplication: number;
  readonly delayMinMs: number;
  readonly delayMaxMs: number;
}

export const CALM: NetworkFaults = { loss: 0, duplication: 0, delayMinMs: 0.1, delayMaxMs: 0.5 };

const NODES_MAX = 32;
const LINKS_MAX = 4;

/** One direction of one link between two nodes. */
function wire(from: number, to: number, link: number): number {
  return (from * NODES_MAX + to) * LINKS_MAX + link;
}

/** Carries packets between nodes: late, twice, not at all, in another order, or not in one direction. */
export class Network {
  faults: NetworkFaults = CALM;
  readonly #cut = new Uint8Array(NODES_MAX * NODES_MAX * LINKS_MAX);
  /** Further delay, by wire. */
  readonly #slow = new Map<number, number>();
  /** When the last packet so far will arrive, by wire. */
  readonly #lastAtMs = new Float64Array(NODES_MAX * NODES_MAX * LINKS_MAX);
  readonly #random: Random;
  readonly #schedule: Schedule;
  readonly #coverage: Coverage;

  constructor(random: Random, schedule: Schedule, coverage: Coverage) {
    this.#random = random;
    this.#schedule = schedule;
    this.#coverage = coverage;
  }

  /** No packet gets from `from` to `to` over that link any more. */
  cut(from: number, to: number, link: number): void {
    this.#cut[wire(from, to, link)] = 1;
  }

  mend(from: number, to: number, link: number): void {
    this.#cut[wire(from, to, link)] = 0;
  }

  isCut(from: number, to: number, link: number): boolean {
    return this.#cut[wire(from, to, link)] === 1;
  }

  /** Every packet on that link takes so much longer. */
  slow(from: number, to: number, link: number, byMs: number): void {
    this.#slow.set(wire(from, to, link), byMs);
  }

  mendLinks(): void {
    this.#cut.fill(0);
    this.#slow.clear();
  }

  mendAll(): void {
    this.mendLinks();
    this.faults = CALM;
  }

  send(from: number, to: number, link: number, arrive: () => void): void {
    const { loss, duplication, delayMinMs, delayMaxMs } = this.faults;
    const on = wire(from, to, link);
    const back = wire(to, from, link);
    const slowMs = this.#slow.get(on) ?? 0;
    if (slowMs > 0) this.#coverage.meet('a slow link');
    const copies = duplication > 0 && this.#random.chance(duplication) ? 2 : 1;
    if (copies > 1) this.#coverage.meet('a packet that came twice');
    for (let copy = 0; copy < copies; copy++) {
      if (loss > 0 && this.#random.chance(loss)) {
        this.#coverage.meet('a lost packet');
        continue;
      }
      const part = this.#random.fraction();
      const delayMs = delayMinMs + part * part * part * (delayMaxMs - delayMinMs) + slowMs;
      const atMs = this.#schedule.nowMs + delayMs;
      if (atMs < this.#lastAtMs[on]!) this.#coverage.meet('a packet that overtook another');
      else this.#lastAtMs[on] = atMs;
      this.#schedule.after(delayMs, () => {
        // What is under way when the cable is cut is lost, too.
        if (this.#cut[on] === 0) arrive();
        else if (this.#cut[back] === 0) this.#coverage.meet('a way that was cut in one direction');
      });
    }
  }
}
