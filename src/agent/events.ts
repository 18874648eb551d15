import type { ClusterEvent } from '../protocol/messages.js';

/** So many events are kept in memory; the oldest go first. */
const EVENTS_MAX = 5000;

/** What has happened on this node, newest last. */
export class EventLog {
  readonly #events: ClusterEvent[] = [];

  add(event: ClusterEvent): void {
    this.#events.push(event);
    if (this.#events.length > EVENTS_MAX) this.#events.splice(0, this.#events.length - EVENTS_MAX);
  }

  /** Events since a time, oldest first; of too many, the newest. */
  since(sinceMs: number, limit: number): ClusterEvent[] {
    return this.#events.filter((event) => event.atMs >= sinceMs).slice(-limit);
  }
}
