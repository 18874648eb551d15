/**
 * The events of a node as lines of its log, in plain words; and, on the DC, when a fail-over began and how it ended.
 */
import type { ClusterEvent } from '../protocol/messages.js';
import { type PlainWords, plainWords } from '../protocol/plain-words.js';

/** One for each agent: it knows whether a fail-over is under way. */
export class PlainLog {
  #failover: { readonly sinceMs: number; readonly cause: string } | null = null;
  #lost: { readonly node: string; readonly atMs: number } | null = null;

  /** The lines for an event; none for what only matters inside the cluster. */
  lines(event: ClusterEvent): PlainWords[] {
    const { kind, data, atMs } = event;
    if (kind === 'transition') return this.#transition(event);
    if (kind === 'lost') this.#lost = { node: String(data.node), atMs };
    // What a DC was in the middle of is begun anew by the next one.
    if (kind === 'dc' && data.dc !== event.node) this.#failover = null;
    const said = plainWords(event);
    return said ? [{ ...said, text: `${said.text}.` }] : [];
  }

  #transition(event: ClusterEvent): PlainWords[] {
    const { state, reason, failed } = event.data;
    if (state === 'begun') {
      if (this.#failover) return [];
      const cause = this.#cause(String(reason ?? ''));
      if (cause === null) return [];
      this.#failover = { sinceMs: this.#lost?.atMs ?? event.atMs, cause };
      return [{ level: 'error', text: `Start to fail-over: ${cause}.` }];
    }
    if (!this.#failover || state === 'stopped') return [];
    const seconds = ((event.atMs - this.#failover.sinceMs) / 1000).toFixed(2);
    this.#failover = null;
    return state === 'complete' && !(Number(failed ?? 0) > 0)
      ? [{ level: 'info', text: `Fail-over succeeded after ${seconds} s.` }]
      : [{ level: 'error', text: `Fail-over failed after ${seconds} s.` }];
  }

  /** Why a transition is a fail-over; null where it is none. */
  #cause(reason: string): string | null {
    const lost = this.#lost;
    this.#lost = null;
    if (lost) return `node ${lost.node} is lost`;
    const failed = /^(\S+)_(\w+?)_(\d+) on (\S+) has failed$/.exec(reason);
    if (failed) return `resource ${failed[1]} failed on ${failed[4]}`;
    return null;
  }
}
