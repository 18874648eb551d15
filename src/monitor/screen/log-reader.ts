import { isDeepStrictEqual } from 'node:util';
import type { Connection } from '../../connection/connection.js';
import type { LogExcerpt } from './details.js';
import type { Ui } from './ui.js';

/** Logs are read again this often while they are shown, so many lines of each node. */
const LOG_MS = 5000;
const LOG_LINES = 12;

/** What the logs say of what details are open of; asked again after a while, for as long as they are open. */
export class LogReader {
  readonly #nowMs: () => number;
  readonly #onFound: () => void;
  #log:
    | { readonly about: string; readonly atMs: number; found: readonly LogExcerpt[] | undefined }
    | undefined;

  constructor(nowMs: () => number, onFound: () => void) {
    this.#nowMs = nowMs;
    this.#onFound = onFound;
  }

  /** What is known so far; calls back when there is more. */
  read(ui: Ui, connection: Connection | undefined): readonly LogExcerpt[] | undefined {
    const subject = ui.overlay?.kind === 'details' ? ui.overlay.subject : undefined;
    if (!subject || subject.kind === 'event') {
      this.#log = undefined;
      return undefined;
    }
    const about = subject.kind === 'node' ? subject.name : subject.id.replace(/:\d+$/, '');
    const due = this.#log?.about !== about || this.#nowMs() - this.#log.atMs >= LOG_MS;
    if (due && connection && ui.back === 0) this.#ask(connection, about);
    return this.#log?.found;
  }

  #ask(connection: Connection, about: string): void {
    const found = this.#log?.about === about ? this.#log.found : undefined;
    const asked = { about, atMs: this.#nowMs(), found };
    this.#log = asked;
    void connection.call('cluster.log', { about, limit: LOG_LINES }).then((answer) => {
      if (this.#log !== asked || !answer.ok) return;
      if (!isDeepStrictEqual(asked.found, answer.value.nodes)) asked.found = answer.value.nodes;
      this.#onFound();
    });
  }
}
