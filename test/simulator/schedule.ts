/** More than this within a millisecond of virtual time is a loop without end. */
const EVENTS_PER_MS_MAX = 20_000;

/** Virtual time: what is due is run in order of time, and of insertion where the time is the same. */
export class Schedule {
  nowMs = 0;
  #order = 0;
  #countedFromMs = 0;
  #counted = 0;
  readonly #heap: { atMs: number; order: number; run: (() => void) | null }[] = [];

  /** Returns a function that cancels. */
  after(delayMs: number, run: () => void): () => void {
    const entry = {
      atMs: this.nowMs + Math.max(0, delayMs),
      order: this.#order++,
      run: run as (() => void) | null,
    };
    this.#heap.push(entry);
    this.#up(this.#heap.length - 1);
    return () => {
      entry.run = null;
    };
  }

  /** Runs the next thing due; false where nothing is, or nothing until `untilMs`. */
  next(untilMs: number): boolean {
    for (;;) {
      const first = this.#heap[0];
      if (!first || first.atMs > untilMs) {
        this.nowMs = Math.max(this.nowMs, untilMs);
        return false;
      }
      const last = this.#heap.pop()!;
      if (this.#heap.length > 0) {
        this.#heap[0] = last;
        this.#down(0);
      }
      if (!first.run) continue;
      if (first.atMs >= this.#countedFromMs + 1) {
        this.#countedFromMs = first.atMs;
        this.#counted = 0;
      }
      if (++this.#counted > EVENTS_PER_MS_MAX)
        throw new Error('time stands still: the cores keep each other busy');
      this.nowMs = Math.max(this.nowMs, first.atMs);
      first.run();
      return true;
    }
  }

  run(forMs: number): void {
    const untilMs = this.nowMs + forMs;
    while (this.next(untilMs));
  }

  #before(a: number, b: number): boolean {
    const x = this.#heap[a]!;
    const y = this.#heap[b]!;
    return x.atMs < y.atMs || (x.atMs === y.atMs && x.order < y.order);
  }

  #swap(a: number, b: number): void {
    const x = this.#heap[a]!;
    this.#heap[a] = this.#heap[b]!;
    this.#heap[b] = x;
  }

  #up(index: number): void {
    for (let i = index; i > 0; ) {
      const parent = (i - 1) >> 1;
      if (!this.#before(i, parent)) return;
      this.#swap(i, parent);
      i = parent;
    }
  }

  #down(index: number): void {
    for (let i = index; ; ) {
      let least = i;
      for (const child of [2 * i + 1, 2 * i + 2]) {
        if (child < this.#heap.length && this.#before(child, least)) least = child;
      }
      if (least === i) return;
      this.#swap(i, least);
      i = least;
    }
  }
}
