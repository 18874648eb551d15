/**
 * What the executor knows of its node, kept in a file as it happens: the last result of every operation, recurring
 * operations, and which operations were under way. It is this boot's truth; a boot forgets it.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OperationRequest, OperationResult } from './types.js';

/** Rewritten when this many lines have come since the last time, and more than a few per entry. */
const COMPACT_LINES_MIN = 2000;

type Line =
  | { readonly boot: string }
  | {
      readonly begun: {
        readonly resource: string;
        readonly callId: number;
        readonly marker: string;
        readonly changes: boolean;
      };
    }
  | { readonly result: OperationResult }
  | { readonly recurring: OperationRequest }
  | { readonly cancelled: { readonly resource: string; readonly key: string } }
  | { readonly forgotten: { readonly resource: string; readonly key: string | null } };

/** What was under way when the executor was killed. */
export interface Interrupted {
  readonly resource: string;
  readonly marker: string;
  /** False for a monitor, which leaves the resource as it is. */
  readonly changes: boolean;
}

export class History {
  readonly #path: string;
  readonly #results = new Map<string, Map<string, OperationResult>>();
  readonly #recurring = new Map<string, Map<string, OperationRequest>>();
  readonly #begun = new Map<number, Interrupted>();
  readonly interrupted: readonly Interrupted[];
  readonly #bootId: string;
  #lines = 0;
  #lastCallId = 0;

  /**
   * Reads what an earlier executor has left in `directory`. Results of another boot are dropped; with `fresh` all
   * results are, and only what was under way is still known (`interrupted`).
   */
  constructor(directory: string, bootId: string = readBootId(), fresh = false) {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    this.#path = join(directory, 'history.ndjson');
    this.#load(bootId);
    if (fresh) {
      this.#results.clear();
      this.#recurring.clear();
    }
    this.interrupted = [...this.#begun.values()];
    this.#begun.clear();
    this.#bootId = bootId;
    this.#compact();
  }

  get lastCallId(): number {
    return this.#lastCallId;
  }

  /** Every last result, oldest call first. */
  results(): OperationResult[] {
    return [...this.#results.values()]
      .flatMap((results) => [...results.values()])
      .sort((a, b) => a.callId - b.callId);
  }

  resultsOf(resource: string): OperationResult[] {
    return [...(this.#results.get(resource)?.values() ?? [])];
  }

  recurring(): OperationRequest[] {
    return [...this.#recurring.values()].flatMap((requests) => [...requests.values()]);
  }

  /** True when the last successful start, promote or monitor is newer than the last stop. */
  isActive(resource: string): boolean {
    let active = false;
    for (const result of this.resultsOf(resource).sort((a, b) => a.callId - b.callId)) {
      if (result.status !== 'done') continue;
      if (result.operation === 'stop' && result.rc === 0) active = false;
      else if (['start', 'promote', 'demote', 'migrate_from'].includes(result.operation) && result.rc === 0)
        active = true;
      else if (result.operation === 'monitor')
        active = result.rc === 0 || result.rc === 8 || result.rc >= 190;
    }
    return active;
  }

  begin(request: OperationRequest, marker: string): void {
    const changes = changesState(request);
    this.#lastCallId = Math.max(this.#lastCallId, request.callId);
    // A recurring monitor that is cut off has lost nothing.
    if (request.intervalMs > 0) return;
    this.#begun.set(request.callId, { resource: request.resource, marker, changes });
    this.#append({ begun: { resource: request.resource, callId: request.callId, marker, changes } });
  }

  add(result: OperationResult): void {
    this.#take({ result });
    this.#append({ result });
  }

  addRecurring(request: OperationRequest): void {
    this.#take({ recurring: request });
    this.#append({ recurring: request });
  }

  cancel(resource: string, key: string): void {
    this.#take({ cancelled: { resource, key } });
    this.#append({ cancelled: { resource, key } });
  }

  /** Drops what is known of one operation, or, with null, of the whole resource. */
  forget(resource: string, key: string | null): void {
    this.#take({ forgotten: { resource, key } });
    this.#append({ forgotten: { resource, key } });
  }

  #load(bootId: string): void {
    if (!existsSync(this.#path)) return;
    for (const [index, text] of readFileSync(this.#path, 'utf8').split('\n').entries()) {
      if (text === '') continue;
      let line: Line;
      try {
        line = JSON.parse(text) as Line;
      } catch {
        // The line during which the executor was killed; nothing was said about it yet.
        continue;
      }
      if ('boot' in line) {
        if (line.boot !== bootId) return;
        continue;
      }
      if (index === 0) return;
      this.#take(line);
    }
  }

  #take(line: Exclude<Line, { boot: string }>): void {
    if ('begun' in line) {
      const { callId, ...interrupted } = line.begun;
      this.#begun.set(callId, interrupted);
      this.#lastCallId = Math.max(this.#lastCallId, callId);
    } else if ('result' in line) {
      const { result } = line;
      this.#begun.delete(result.callId);
      this.#lastCallId = Math.max(this.#lastCallId, result.callId);
      within(this.#results, result.resource).set(result.key, result);
    } else if ('recurring' in line) {
      within(this.#recurring, line.recurring.resource).set(line.recurring.key, line.recurring);
      this.#lastCallId = Math.max(this.#lastCallId, line.recurring.callId);
    } else if ('cancelled' in line) {
      this.#recurring.get(line.cancelled.resource)?.delete(line.cancelled.key);
    } else {
      const { resource, key } = line.forgotten;
      if (key === null) {
        this.#results.delete(resource);
        this.#recurring.delete(resource);
      } else {
        this.#results.get(resource)?.delete(key);
        this.#recurring.get(resource)?.delete(key);
      }
    }
  }

  #append(line: Line): void {
    appendFileSync(this.#path, `${JSON.stringify(line)}\n`, { mode: 0o600 });
    const entries = this.#results.size + this.#recurring.size;
    if (++this.#lines > COMPACT_LINES_MIN + entries * 20) this.#compact();
  }

  #compact(): void {
    const lines: Line[] = [{ boot: this.#bootId }];
    for (const result of this.results()) lines.push({ result });
    for (const request of this.recurring()) lines.push({ recurring: request });
    for (const [callId, interrupted] of this.#begun) lines.push({ begun: { callId, ...interrupted } });
    const temporary = `${this.#path}.new`;
    writeFileSync(temporary, lines.map((line) => `${JSON.stringify(line)}\n`).join(''), { mode: 0o600 });
    renameSync(temporary, this.#path);
    this.#lines = lines.length;
  }
}

/** True for operations after which the resource may be in another state. */
export function changesState(request: OperationRequest): boolean {
  return request.intervalMs === 0 && isChanging(request.operation);
}

const CHANGING: ReadonlySet<string> = new Set([
  'start',
  'stop',
  'promote',
  'demote',
  'migrate_to',
  'migrate_from',
  'reload',
  'reload-agent',
  'restart',
]);

export function isChanging(operation: string): boolean {
  return CHANGING.has(operation);
}

function within<T>(map: Map<string, Map<string, T>>, key: string): Map<string, T> {
  const existing = map.get(key);
  if (existing) return existing;
  const made = new Map<string, T>();
  map.set(key, made);
  return made;
}

function readBootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return 'unknown';
  }
}
