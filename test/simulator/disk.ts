import { type FileStep, replacementSteps } from '../../src/agent/durable.js';
import type { Coverage } from './coverage.js';
import type { Random } from './random.js';
import type { Schedule } from './schedule.js';

interface Inode {
  content: unknown;
  /** What is on the platter; undefined: nothing whole. */
  synced: unknown;
}

/** What a file holds whose data never got to the disk. */
export const TORN = Symbol('torn');

/**
 * A disk with a cache: what was not synced may be gone after a power failure, in part or whole, and names may come back
 * that were renamed. What the agent does to replace a file (`src/agent/durable.ts`) is done here step by step.
 */
export class VirtualDisk {
  /** How long one step may take. */
  slowestMs = 4;
  full = false;
  readonly #random: Random;
  readonly #schedule: Schedule;
  readonly #coverage: Coverage;
  /** Names as processes see them, and as they are on the platter. */
  #names = new Map<string, Inode>();
  #syncedNames = new Map<string, Inode>();
  /** Counts power failures and ends of processes: what was under way before does not go on. */
  #life = 0;
  readonly #queues = new Map<string, (() => void)[]>();

  constructor(random: Random, schedule: Schedule, coverage: Coverage) {
    this.#random = random;
    this.#schedule = schedule;
    this.#coverage = coverage;
  }

  /** `null` where there is no such file, `TORN` where its content was lost. */
  read(path: string): unknown {
    const inode = this.#names.get(path);
    return inode ? inode.content : null;
  }

  /** All that could be there after a power failure: null no file, undefined one that is torn. */
  readAfterPowerFailure(path: string): unknown[] {
    const inodes = new Set([this.#names.get(path), this.#syncedNames.get(path)]);
    return [...inodes].map((inode) => (inode ? inode.synced : null));
  }

  /** Puts a file there that was there before everything began. */
  install(path: string, content: unknown): void {
    const inode = { content, synced: content };
    this.#names.set(path, inode);
    this.#syncedNames.set(path, inode);
  }

  /** Replacements of one file are done one after the other; `done` says whether there was room. */
  replace(path: string, content: unknown, done: (ok: boolean) => void): void {
    const queue = this.#queues.get(path) ?? [];
    this.#queues.set(path, queue);
    queue.push(() => {
      const steps = replacementSteps(path, `${path}.new`, '.');
      this.#perform(steps, 0, content, this.#life, (ok) => {
        queue.shift();
        // What `done` adds to an empty queue begins by itself.
        const next = queue[0];
        done(ok);
        next?.();
      });
    });
    if (queue.length === 1) queue[0]!();
  }

  get busy(): boolean {
    for (const queue of this.#queues.values()) if (queue.length > 0) return true;
    return false;
  }

  #perform(
    steps: readonly FileStep[],
    at: number,
    content: unknown,
    life: number,
    done: (ok: boolean) => void,
  ): void {
    const step = steps[at];
    if (!step) {
      done(true);
      return;
    }
    const isSync = step.kind === 'sync' || step.kind === 'sync-directory';
    const delayMs = isSync ? 0.5 + this.#random.fraction() * this.slowestMs : 0.05;
    this.#schedule.after(delayMs, () => {
      if (life !== this.#life) return;
      if (step.kind === 'write' && this.full) {
        this.#coverage.meet('a disk without room');
        done(false);
        return;
      }
      this.#apply(step, content);
      this.#perform(steps, at + 1, content, life, done);
    });
  }

  #apply(step: FileStep, content: unknown): void {
    switch (step.kind) {
      case 'write':
        this.#names.set(step.path, { content, synced: undefined });
        break;
      case 'sync': {
        const inode = this.#names.get(step.path);
        if (inode) inode.synced = inode.content;
        break;
      }
      case 'rename': {
        const inode = this.#names.get(step.path);
        if (!inode) break;
        this.#names.delete(step.path);
        this.#names.set(step.to, inode);
        break;
      }
      case 'sync-directory':
        this.#syncedNames = new Map(this.#names);
        break;
    }
  }

  /** The process that writes has ended: what it had not done is not done. */
  processEnds(): void {
    this.#life++;
    this.#queues.clear();
  }

  /** Of what was not synced chance decides, name by name and file by file. */
  powerFails(): void {
    if (this.busy) this.#coverage.meet('a power failure during a write');
    this.processEnds();
    const names = new Map<string, Inode>();
    for (const name of new Set([...this.#names.keys(), ...this.#syncedNames.keys()])) {
      const inode = this.#random.chance(0.5) ? this.#names.get(name) : this.#syncedNames.get(name);
      if (inode) names.set(name, inode);
      if (inode && inode !== this.#names.get(name)) this.#coverage.meet('an old name that came back');
    }
    for (const inode of names.values()) {
      if (inode.content === inode.synced) continue;
      inode.content = inode.synced ?? TORN;
      if (inode.content === TORN) this.#coverage.meet('a torn file');
    }
    this.#names = names;
    this.#syncedNames = new Map(names);
  }
}
