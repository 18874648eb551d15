import { readFileSync, statSync } from 'node:fs';
import { appendFile, rename } from 'node:fs/promises';
import type { ClusterEvent } from '../protocol/messages.js';

/** So many events are kept in memory; the oldest go first. */
const EVENTS_MAX = 5000;
/** A file that has grown to this is set aside as `NAME.1`, in place of the one before. */
const FILE_BYTES_MAX = 8 * 1024 * 1024;

/**
 * What has happened on this node, newest last. It is kept in a file as well, a JSON object a line, and so outlives the
 * agent: whoever asks why a node was lost asks after it has come back.
 */
export class EventLog {
  readonly #events: ClusterEvent[] = [];
  readonly #path: string;
  readonly #log: (text: string) => void;
  #unwritten = '';
  #bytes = 0;
  #writing: Promise<void> | null = null;

  /** Takes up what is in the file, which need not exist. */
  constructor(path: string, log: (text: string) => void) {
    this.#path = path;
    this.#log = log;
    for (const file of [`${path}.1`, path]) {
      for (const line of readLines(file)) {
        const event = readEvent(line);
        if (event) this.#events.push(event);
      }
    }
    this.#events.splice(0, Math.max(0, this.#events.length - EVENTS_MAX));
    try {
      this.#bytes = statSync(path).size;
    } catch {
      this.#bytes = 0;
    }
  }

  add(event: ClusterEvent): void {
    this.#events.push(event);
    if (this.#events.length > EVENTS_MAX) this.#events.splice(0, this.#events.length - EVENTS_MAX);
    this.#unwritten += `${JSON.stringify(event)}\n`;
    this.#writing ??= this.#write();
  }

  /** Events since a time, oldest first; of too many, the newest. */
  since(sinceMs: number, limit: number): ClusterEvent[] {
    return this.#events.filter((event) => event.atMs >= sinceMs).slice(-limit);
  }

  /** Resolves when everything is in the file. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  async #write(): Promise<void> {
    // What comes in one turn of the loop goes in one write.
    await Promise.resolve();
    try {
      while (this.#unwritten !== '') {
        const text = this.#unwritten;
        this.#unwritten = '';
        if (this.#bytes > FILE_BYTES_MAX) {
          await rename(this.#path, `${this.#path}.1`);
          this.#bytes = 0;
        }
        await appendFile(this.#path, text, { mode: 0o640 });
        this.#bytes += Buffer.byteLength(text);
      }
    } catch (error) {
      // History is worth less than the service: it is kept in memory all the same.
      this.#log(`cannot write ${this.#path}: ${error instanceof Error ? error.message : String(error)}`);
      this.#unwritten = '';
    } finally {
      this.#writing = null;
    }
  }
}

function readLines(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n').slice(-EVENTS_MAX);
  } catch {
    return [];
  }
}

/** A line that a crash has cut off is no event. */
function readEvent(line: string): ClusterEvent | null {
  if (line === '') return null;
  try {
    return JSON.parse(line) as ClusterEvent;
  } catch {
    return null;
  }
}
