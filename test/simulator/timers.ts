import type { Scheduled } from './schedule.js';

/** Named timers of one process: setting one again, or cancelling it, undoes it even where it waits to be handled. */
export class Timers {
  readonly #after: (delayMs: number, run: () => void) => Scheduled;
  readonly #current = new Map<string, { readonly token: object; readonly scheduled: Scheduled }>();

  constructor(after: (delayMs: number, run: () => void) => Scheduled) {
    this.#after = after;
  }

  set(name: string, delayMs: number, run: () => void): void {
    this.cancel(name);
    const token = {};
    const scheduled = this.#after(delayMs, () => {
      if (this.#current.get(name)?.token !== token) return;
      this.#current.delete(name);
      run();
    });
    this.#current.set(name, { token, scheduled });
  }

  cancel(name: string): void {
    const current = this.#current.get(name);
    if (!current) return;
    current.scheduled.run = null;
    this.#current.delete(name);
  }
}
