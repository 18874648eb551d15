import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { MachineLoad } from '../controller/throttle.js';

const SAMPLE_MS = 1000;
/** Weight of the newest sample: a change shows by two thirds after some five seconds. */
const NEWEST = 0.2;
/** Told when it has changed by so much of what was told last. */
const NOTICEABLE = 0.2;
/** Below this a machine has nothing to do. */
const IDLE = 0.5;

/**
 * Follows how many threads run or wait for a processor of this machine. The kernel's load averages are over a minute and
 * more: too slow to see the end of what the cluster has started itself.
 */
export class LoadMeter {
  readonly #processors = availableParallelism();
  readonly #tell: (load: MachineLoad) => void;
  readonly #read: () => number | null;
  #timer: NodeJS.Timeout | null = null;
  #perProcessor = 0;
  #told = 0;

  /** @param read the number of threads that run or wait to, null where that is not to be had */
  constructor(tell: (load: MachineLoad) => void, read: () => number | null = runnableThreads) {
    this.#tell = tell;
    this.#read = read;
  }

  start(): void {
    this.#timer = setInterval(() => this.sample(), SAMPLE_MS);
  }

  stop(): void {
    if (this.#timer) clearInterval(this.#timer);
  }

  sample(): void {
    const runnable = this.#read();
    if (runnable === null) return;
    this.#perProcessor += NEWEST * (runnable / this.#processors - this.#perProcessor);
    const now = this.#perProcessor < IDLE ? 0 : this.#perProcessor;
    if (
      now === this.#told ||
      (now > 0 && Math.abs(now - this.#told) < NOTICEABLE * Math.max(now, this.#told))
    )
      return;
    this.#told = now;
    this.#tell({ perProcessor: now, processors: this.#processors });
  }
}

/** The fourth field of /proc/loadavg (proc_loadavg(5)), without the thread that reads it. */
function runnableThreads(): number | null {
  try {
    const runnable = /^\S+ \S+ \S+ (\d+)\//.exec(readFileSync('/proc/loadavg', 'utf8'))?.[1];
    return runnable === undefined ? null : Math.max(0, Number(runnable) - 1);
  } catch {
    return null;
  }
}
