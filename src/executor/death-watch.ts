/**
 * Sees the processes of services end, so that a monitor runs at once and not only when its interval is over.
 *
 * A service's processes are those that were started with the marker of one of its operations in their environment, that
 * a pid file among its parameters names, or, since some daemons write their title over their environment, that appeared
 * while the resource was started and belong to nobody who was there before. Of these only the topmost are watched: that
 * a server replaces its workers is its own affair. Seeing one end is no judgement; the monitor that follows is.
 */
import { readFileSync } from 'node:fs';
import { MARKER, parseMarker } from './marker.js';
import { isAlive, listPids, type ProcessEntry, readEnvironment, readProcess } from './process-table.js';

const POLL_MS = 100;
/** A look at /proc costs more than a signal 0: only every so many polls, for zombies that nobody waits for. */
const POLLS_PER_LOOK = 4;
/** How long an ended process may stay in the process table before nobody is expected to take it out. */
const ZOMBIE_MS = 5000;
/** Searches of all processes are put together. */
const SEARCH_DELAY_MS = 150;
const SEARCHES_APART_MS = 400;

/** While a resource was started, in clock ticks after boot (`uptimeTicks`). */
export interface StartWindow {
  readonly fromTicks: number;
  readonly toTicks: number;
}

interface Wanted {
  readonly pidFiles: readonly string[];
  readonly windows: readonly StartWindow[];
}

export interface DeathWatchOptions {
  /** Names this executor in the markers of its processes. */
  readonly directory: string;
  /** True for the session of an operation that is under way: its processes come and go. */
  readonly isOperation: (session: number) => boolean;
  readonly onEnded: (resource: string, processes: readonly ProcessEntry[]) => void;
  /** They have left the process table, or never will. */
  readonly onGone: (resource: string) => void;
}

export class DeathWatch {
  readonly #options: DeathWatchOptions;
  readonly #watched = new Map<string, ProcessEntry[]>();
  /** Resources whose processes are to be searched, and by what. */
  readonly #wanted = new Map<string, Wanted>();
  /** Ended processes for which nobody has waited yet: many agents take them for alive. */
  readonly #zombies = new Map<
    string,
    { readonly entries: readonly ProcessEntry[]; readonly untilMs: number }
  >();
  /** pid and start → resource; empty: another executor's; null: no marker is to be read. */
  #known = new Map<string, string | null>();
  #poll: NodeJS.Timeout | undefined;
  #search: NodeJS.Timeout | undefined;
  #lastSearchMs = 0;
  #polls = 0;

  constructor(options: DeathWatchOptions) {
    this.#options = options;
  }

  /** The resource is active: find its processes soon and watch them. */
  watch(
    resource: string,
    parameters: Readonly<Record<string, string>>,
    windows: readonly StartWindow[],
  ): void {
    this.#wanted.set(resource, { pidFiles: pidFiles(parameters), windows: [...windows] });
    if (this.#search) return;
    const earliest = this.#lastSearchMs + SEARCHES_APART_MS - performance.now();
    this.#search = setTimeout(() => this.#findProcesses(), Math.max(SEARCH_DELAY_MS, earliest));
  }

  /** The resource is being stopped, or forgotten. */
  unwatch(resource: string): void {
    this.#wanted.delete(resource);
    this.#watched.delete(resource);
    this.#zombies.delete(resource);
    this.#adjustPolling();
  }

  isWatching(resource: string): boolean {
    return this.#watched.has(resource) || this.#wanted.has(resource);
  }

  /** The watched processes of a resource. */
  processes(resource: string): readonly ProcessEntry[] {
    return this.#watched.get(resource) ?? [];
  }

  close(): void {
    clearTimeout(this.#search);
    clearInterval(this.#poll);
    this.#wanted.clear();
    this.#watched.clear();
  }

  #findProcesses(): void {
    this.#search = undefined;
    this.#lastSearchMs = performance.now();
    const found = new Map<string, Map<number, ProcessEntry>>();
    const add = (resource: string, entry: ProcessEntry): void => {
      const entries = found.get(resource);
      if (entries) entries.set(entry.pid, entry);
      else found.set(resource, new Map([[entry.pid, entry]]));
    };
    const known = new Map<string, string | null>();
    const windows = [...this.#wanted].flatMap(([name, wanted]) =>
      wanted.windows.map((window) => ({ name, window })),
    );
    for (const pid of listPids()) {
      const entry = readProcess(pid);
      if (!isAlive(entry) || this.#options.isOperation(entry.session)) continue;
      const key = `${pid} ${entry.startTicks}`;
      let resource = this.#known.get(key);
      if (resource === undefined) resource = this.#resourceOf(pid);
      known.set(key, resource);
      if (resource !== null) {
        if (this.#wanted.has(resource)) add(resource, entry);
        continue;
      }
      for (const { name, window } of windows) if (appearedIn(entry, window)) add(name, entry);
    }
    this.#known = known;
    for (const [resource, wanted] of this.#wanted) {
      for (const file of wanted.pidFiles) {
        const entry = readPidFile(file);
        if (isAlive(entry)) add(resource, entry);
      }
      const entries = found.get(resource);
      const topmost = entries ? [...entries.values()].filter((entry) => !entries.has(entry.parent)) : [];
      if (topmost.length > 0) this.#watched.set(resource, topmost);
      else this.#watched.delete(resource);
    }
    this.#wanted.clear();
    this.#adjustPolling();
  }

  /** From the marker in the process's environment. */
  #resourceOf(pid: number): string | null {
    const marker = readEnvironment(pid, MARKER);
    if (marker === undefined) return null;
    return parseMarker(this.#options.directory, marker)?.resource ?? '';
  }

  #adjustPolling(): void {
    if (this.#watched.size === 0 && this.#zombies.size === 0) {
      clearInterval(this.#poll);
      this.#poll = undefined;
    } else this.#poll ??= setInterval(() => this.#look(), POLL_MS);
  }

  #look(): void {
    const thorough = this.#polls++ % POLLS_PER_LOOK === 0;
    for (const [resource, entries] of this.#watched) {
      const ended = entries.filter((entry) => !this.#stillRuns(entry, thorough));
      if (ended.length === 0) continue;
      this.#watched.delete(resource);
      this.#zombies.set(resource, { entries: ended, untilMs: performance.now() + ZOMBIE_MS });
      this.#options.onEnded(resource, ended);
    }
    for (const [resource, { entries, untilMs }] of this.#zombies) {
      const remain = entries.some(({ pid, startTicks }) => readProcess(pid)?.startTicks === startTicks);
      if (remain && performance.now() < untilMs) continue;
      this.#zombies.delete(resource);
      this.#options.onGone(resource);
    }
    this.#adjustPolling();
  }

  #stillRuns(entry: ProcessEntry, thorough: boolean): boolean {
    if (thorough) {
      const now = readProcess(entry.pid);
      return isAlive(now) && now.startTicks === entry.startTicks;
    }
    try {
      process.kill(entry.pid, 0);
      return true;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'EPERM';
    }
  }
}

/** Started in the window, by nobody who was there before: its parent is gone, or started in the window as well. */
function appearedIn(entry: ProcessEntry, window: StartWindow): boolean {
  if (entry.startTicks < window.fromTicks || entry.startTicks > window.toTicks) return false;
  if (entry.parent <= 1) return true;
  const parent = readProcess(entry.parent);
  return parent === null || parent.startTicks >= window.fromTicks || isReaper(parent);
}

/** Takes in the orphans of others, as an init process inside a container does: it is the first of its session. */
function isReaper(entry: ProcessEntry): boolean {
  return entry.pid === entry.session && entry.parent <= 1 && entry.pid !== process.pid;
}

/** Values of parameters that name a pid file, as `pidfile`, `pid` and `pid_file` do in the field's agents. */
function pidFiles(parameters: Readonly<Record<string, string>>): string[] {
  return Object.entries(parameters)
    .filter(([name, value]) => /pid(_?file)?$/i.test(name) && value.startsWith('/'))
    .map(([, value]) => value);
}

function readPidFile(path: string): ProcessEntry | null {
  try {
    const pid = Number.parseInt(readFileSync(path, 'latin1').slice(0, 20), 10);
    return pid > 1 ? readProcess(pid) : null;
  } catch {
    return null;
  }
}
