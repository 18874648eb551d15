/**
 * One event after the other: what comes from outside waits in a queue and is taken while the host may act; what arises
 * from it is done before the next is taken, in the order in which it arose. Timers are events like the others.
 */
export class Turns {
  /** Events from outside that have not been taken. */
  readonly #queue: (() => void)[] = [];
  /** What the event under way has led to. */
  readonly #work: (() => void)[] = [];
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #next: () => (() => void) | null | undefined;
  readonly #fail: (error: Error) => void;
  #draining = false;
  #pumping = false;

  /**
   * @param next asked before each event: an event that goes ahead of the queue, null where none may be taken now (call
   *   `drain` when that is over), undefined to go on with the queue
   * @param fail an event has thrown: our bug
   */
  constructor(next: () => (() => void) | null | undefined, fail: (error: Error) => void) {
    this.#next = next;
    this.#fail = fail;
  }

  /** An event from outside. */
  enqueue(run: () => void): void {
    this.#queue.push(run);
    this.drain();
  }

  /** Takes events as long as there are any that may be taken. */
  drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    try {
      for (;;) {
        const ahead = this.#next();
        if (ahead === null) return;
        const run = ahead ?? this.#queue.shift();
        if (!run) return;
        run();
      }
    } catch (error) {
      this.#fail(error as Error);
    } finally {
      this.#draining = false;
    }
  }

  /** A step of a core: what arises while effects are performed waits until those are done, for their order is part of the promise. */
  work(run: () => void): void {
    this.#work.push(run);
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      for (let next = this.#work.shift(); next; next = this.#work.shift()) next();
    } finally {
      this.#pumping = false;
    }
  }

  /** Replaces a timer of the same name. */
  setTimer(name: string, delayMs: number, run: () => void): void {
    clearTimeout(this.#timers.get(name));
    const timer = setTimeout(() => {
      this.enqueue(() => {
        // It may have been set anew, or cancelled, while this waited.
        if (this.#timers.get(name) !== timer) return;
        this.#timers.delete(name);
        run();
      });
    }, delayMs);
    this.#timers.set(name, timer);
  }

  cancelTimer(name: string): void {
    clearTimeout(this.#timers.get(name));
    this.#timers.delete(name);
  }

  cancelTimers(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }
}
