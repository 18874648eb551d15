import { isDeepStrictEqual } from 'node:util';
import type { Element } from '../cib/element.js';
import { applyPatch } from '../cib/patch.js';
import { parseXml, writeXml } from '../cib/xml.js';
import type { Connection, ConnectionError, Outcome } from '../connection/connection.js';
import type { ClusterEvent, ClusterState, FencingHistoryEntry, Notification } from '../protocol/messages.js';

/** What is known of the cluster at one moment. */
export interface Observation {
  readonly cib: Element;
  /** Undefined where the target has no membership to tell of (a file, Pacemaker). */
  readonly state: ClusterState | undefined;
  readonly fencing: readonly FencingHistoryEntry[] | undefined;
  /** Newest last, at most EVENTS_MAX. */
  readonly events: readonly ClusterEvent[];
  /** When the newest part of it came, milliseconds since 1970. */
  readonly atMs: number;
}

export type FeedState =
  /** Changes are pushed. */
  | { readonly kind: 'live'; readonly name: string }
  /** Asked for every so often. */
  | { readonly kind: 'polling'; readonly name: string; readonly everyMs: number }
  /** `sinceMs`: since when nothing is heard; undefined: nothing was heard yet. */
  | { readonly kind: 'connecting'; readonly sinceMs: number | undefined }
  /** What is shown grows old; the next attempt is due. */
  | { readonly kind: 'lost'; readonly message: string; readonly sinceMs: number };

export interface FeedOptions {
  /** Opens a connection; called again, with the number of the attempt, whenever one is lost. */
  readonly open: (attempt: number) => Promise<Outcome<Connection>>;
  /** How often a target without notifications is asked. */
  readonly pollMs: number;
  readonly nowMs: () => number;
  readonly onObservation: (observation: Observation) => void;
  readonly onState: (state: FeedState) => void;
}

/** Kept for the timeline; older ones are dropped. */
const EVENTS_MAX = 500;
/** Changes that come in a burst are shown together, at most this late. */
const GATHER_MS = 40;
/** Between attempts to find the cluster again. */
const RETRY_MS = 1000;

/**
 * Follows a cluster: by notifications where the target has them, else by asking. Survives the loss of its
 * connection. Nothing is reported after `stop`.
 */
export class Feed {
  readonly #options: FeedOptions;
  #connection: Connection | undefined;
  #cib: Element | undefined;
  /** The tree has been handed out. */
  #shared = false;
  #cibText = '';
  #state: ClusterState | undefined;
  #fencing: readonly FencingHistoryEntry[] | undefined;
  #events: ClusterEvent[] = [];
  #gathering: NodeJS.Timeout | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #attempt = 0;
  #lostAtMs: number | undefined;

  constructor(options: FeedOptions) {
    this.#options = options;
  }

  /** The connection in use, for actions; undefined while there is none. */
  get connection(): Connection | undefined {
    return this.#connection;
  }

  /** The first attempt's failure is returned, later ones are reported and retried. */
  async start(): Promise<ConnectionError | undefined> {
    return this.#connect();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#gathering);
    clearTimeout(this.#timer);
    await this.#connection?.close();
  }

  /** Asks now, where changes are not pushed. */
  refresh(): void {
    if (this.#timer && this.#connection) {
      clearTimeout(this.#timer);
      void this.#poll(this.#connection);
    }
  }

  async #connect(): Promise<ConnectionError | undefined> {
    this.#options.onState({ kind: 'connecting', sinceMs: this.#lostAtMs });
    const opened = await this.#options.open(this.#attempt++);
    if (this.#stopped) {
      if (opened.ok) await opened.value.close();
      return undefined;
    }
    if (!opened.ok) {
      this.#lose(opened.error);
      return opened.error;
    }
    const connection = opened.value;
    this.#connection = connection;
    void connection.closed.then((error) => {
      if (this.#stopped || this.#connection !== connection) return;
      this.#connection = undefined;
      this.#lose(error ?? { kind: 'closed', message: 'the connection was closed' });
    });
    const subscribed = await connection.subscribe(['cib', 'state', 'events'], (notification) =>
      this.#take(connection, notification),
    );
    const first = await this.#readAll(connection);
    if (first) {
      if (this.#connection === connection) {
        this.#connection = undefined;
        await connection.close();
        this.#lose(first);
      }
      return first;
    }
    this.#lostAtMs = undefined;
    const { name, host } = connection.target;
    const shown = host ?? name;
    if (subscribed.ok) this.#options.onState({ kind: 'live', name: shown });
    else {
      const everyMs = this.#options.pollMs;
      this.#options.onState({ kind: 'polling', name: shown, everyMs });
      this.#timer = setTimeout(() => void this.#poll(connection), everyMs);
    }
    return undefined;
  }

  #lose(error: ConnectionError): void {
    clearTimeout(this.#timer);
    if (this.#stopped) return;
    this.#lostAtMs ??= this.#options.nowMs();
    this.#options.onState({ kind: 'lost', message: error.message, sinceMs: this.#lostAtMs });
    this.#timer = setTimeout(() => void this.#connect(), RETRY_MS);
  }

  async #readAll(connection: Connection): Promise<ConnectionError | undefined> {
    const cib = await connection.readCib();
    if (!cib.ok) return cib.error;
    this.#cib = cib.value;
    this.#cibText = '';
    const [state, fencing, history] = await Promise.all([
      connection.state(),
      connection.call('fencing.history', {}),
      connection.call('history.events', { limit: EVENTS_MAX, all: true }),
    ]);
    this.#state = state.ok ? state.value : undefined;
    this.#fencing = fencing.ok ? fencing.value.entries : undefined;
    if (history.ok) this.#events = history.value.events.slice(-EVENTS_MAX);
    this.#report();
    return undefined;
  }

  async #poll(connection: Connection): Promise<void> {
    const cib = await connection.readCib();
    if (this.#stopped || this.#connection !== connection) return;
    this.#timer = setTimeout(() => void this.#poll(connection), this.#options.pollMs);
    const { name, host } = connection.target;
    if (!cib.ok) {
      // The old picture stays on the screen, with its age; a file may be in the middle of being replaced.
      this.#lostAtMs ??= this.#options.nowMs();
      this.#options.onState({ kind: 'lost', message: cib.error.message, sinceMs: this.#lostAtMs });
      return;
    }
    this.#lostAtMs = undefined;
    const state = await connection.state();
    const text = writeXml(cib.value, { indent: false });
    const sameState = isDeepStrictEqual(state.ok ? state.value : undefined, this.#state);
    this.#options.onState({ kind: 'polling', name: host ?? name, everyMs: this.#options.pollMs });
    if (text === this.#cibText && sameState) return;
    this.#cibText = text;
    this.#cib = cib.value;
    this.#state = state.ok ? state.value : undefined;
    this.#report();
  }

  #take(connection: Connection, notification: Notification): void {
    if (this.#stopped || connection !== this.#connection) return;
    switch (notification.notify) {
      case 'cib':
        this.#takeCib(connection, notification);
        return;
      case 'state':
        this.#state = notification.state;
        break;
      case 'events':
        this.#events = [...this.#events, notification.event].slice(-EVENTS_MAX);
        if (notification.event.kind === 'fenced' || notification.event.kind === 'fencing') {
          void connection.call('fencing.history', {}).then((answer) => {
            if (!answer.ok || this.#stopped) return;
            this.#fencing = answer.value.entries;
            this.#gather();
          });
        }
        break;
    }
    this.#gather();
  }

  #takeCib(connection: Connection, { cib, patch }: Extract<Notification, { notify: 'cib' }>): void {
    if (cib !== undefined) this.#cib = parseXml(cib);
    else if (patch !== undefined && this.#cib) {
      // Who holds the last observation may still look at its tree.
      if (this.#shared) {
        this.#cib = this.#cib.clone();
        this.#shared = false;
      }
      if (!applyPatch(this.#cib, parseXml(patch), { checkDigest: false }).ok) {
        void connection.readCib().then((answer) => {
          if (!answer.ok || this.#stopped || connection !== this.#connection) return;
          this.#cib = answer.value;
          this.#gather();
        });
        return;
      }
    }
    this.#gather();
  }

  #gather(): void {
    this.#gathering ??= setTimeout(() => {
      this.#gathering = undefined;
      this.#report();
    }, GATHER_MS);
  }

  #report(): void {
    if (!this.#cib || this.#stopped) return;
    this.#shared = true;
    this.#options.onObservation({
      cib: this.#cib,
      state: this.#state,
      fencing: this.#fencing,
      events: this.#events,
      atMs: this.#options.nowMs(),
    });
  }
}
