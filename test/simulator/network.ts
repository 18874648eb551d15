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

/** Carries packets between nodes: late, twice, not at all, in another order, or not in one direction. */
export class Network {
  faults: NetworkFaults = CALM;
  readonly #cut = new Set<string>();
  readonly #random: Random;
  readonly #schedule: Schedule;

  constructor(random: Random, schedule: Schedule) {
    this.#random = random;
    this.#schedule = schedule;
  }

  /** No packet gets from `from` to `to` over that link any more. */
  cut(from: number, to: number, link: number): void {
    this.#cut.add(`${from}>${to}/${link}`);
  }

  mend(from: number, to: number, link: number): void {
    this.#cut.delete(`${from}>${to}/${link}`);
  }

  mendLinks(): void {
    this.#cut.clear();
  }

  mendAll(): void {
    this.#cut.clear();
    this.faults = CALM;
  }

  send(from: number, to: number, link: number, arrive: () => void): void {
    const { loss, duplication, delayMinMs, delayMaxMs } = this.faults;
    const copies = this.#random.chance(duplication) ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      if (this.#random.chance(loss)) continue;
      const delayMs = delayMinMs + this.#random.fraction() ** 3 * (delayMaxMs - delayMinMs);
      this.#schedule.after(delayMs, () => {
        // What is under way when the cable is cut is lost, too.
        if (!this.#cut.has(`${from}>${to}/${link}`)) arrive();
      });
    }
  }
}
