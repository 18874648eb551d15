/** More than this within a millisecond of virtual time is a loop without end. */
const EVENTS_PER_MS_MAX = 20_000;

export interface Scheduled {
  readonly atMs: number;
  readonly order: number;
  /** Null where it was cancelled. */
  run: (() => void) | null;
}

/** Virtual time: what is due is run in order of time, and of insertion where the time is the same. */
export class Schedule {
  nowMs = 0;
  #order = 0;
  #countedFromMs = 0;
  #counted = 0;
  readonly #heap: Scheduled[] = [];

  /** To cancel, set `run` of what is returned to null. */
  after(delayMs: number, run: () => void): Scheduled {
    const entry = { atMs: this.nowMs + (delayMs > 0 ? delayMs : 0), order: this.#order++, run };
    const heap = this.#heap;
    let at = heap.length;
    heap.push(entry);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent]!;
      if (above.atMs <= entry.atMs) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = entry;
    return entry;
  }

  #take(): Scheduled {
    const heap = this.#heap;
    const first = heap[0]!;
    const last = heap.pop()!;
    const size = heap.length;
    if (size === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= size) break;
      let least = heap[child]!;
      const right = child + 1 < size ? heap[child + 1]! : least;
      if (right !== least && isBefore(right, least)) {
        least = right;
        child++;
      }
      if (!isBefore(least, last)) break;
      heap[at] = least;
      at = child;
    }
    heap[at] = last;
    return first;
  }

  /** Runs what is due within this time. */
  run(forMs: number): void {
    const untilMs = this.nowMs + forMs;
    for (let first = this.#heap[0]; first && first.atMs <= untilMs; first = this.#heap[0]) {
      this.#take();
      if (!first.run) continue;
      if (first.atMs >= this.#countedFromMs + 1) {
        this.#countedFromMs = first.atMs;
        this.#counted = 0;
      }
      if (++this.#counted > EVENTS_PER_MS_MAX) {
        throw new Error('time stands still: the cores keep each other busy');
      }
      this.nowMs = first.atMs;
      first.run();
    }
    this.nowMs = untilMs;
  }
}

function isBefore(a: Scheduled, b: Scheduled): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
