import { stat } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Element } from '../cib/element.js';
import { applyPatch } from '../cib/patch.js';
import { copyForPatch } from '../cib/share.js';
import { compareCibVersions, readVersion } from '../cib/version.js';
import { parseXml } from '../cib/xml.js';
import type { Connection, ConnectionError, Outcome, Target } from '../connection/connection.js';
import type {
  ClusterEvent,
  ClusterState,
  FencingHistoryEntry,
  NodeLoad,
  Notification,
} from '../protocol/messages.js';

/** What is known of the cluster at one moment. */
export interface Observation {
  readonly cib: Element;
  /** Undefined where the target has no membership to tell of (a file, Pacemaker). */
  readonly state: ClusterState | undefined;
  readonly fencing: readonly FencingHistoryEntry[] | undefined;
  /** How busy the machines are; undefined where nobody asked or nobody knows. */
  readonly loads: readonly NodeLoad[] | undefined;
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
  /** It has not answered since then; it may be busy, or gone. */
  | { readonly kind: 'silent'; readonly name: string; readonly sinceMs: number }
  /** `sinceMs`: since when nothing is heard; undefined: nothing was heard yet. */
  | { readonly kind: 'connecting'; readonly sinceMs: number | undefined }
  /** What is shown grows old; the next attempt is due. */
  | { readonly kind: 'lost'; readonly message: string; readonly sinceMs: number };

export interface FeedOptions {
  /**
   * Opens a connection; called again, with the number of the attempt, whenever one is lost. The signal says that nobody
   * waits for it any more.
   */
  readonly open: (attempt: number, signal: AbortSignal) => Promise<Outcome<Connection>>;
  /** How often a target without notifications is asked. */
  readonly pollMs: number;
  /** Asks how busy the machines are, too. */
  readonly loads?: boolean;
  readonly nowMs: () => number;
  readonly onObservation: (observation: Observation) => void;
  readonly onState: (state: FeedState) => void;
}

/** Kept for the timeline; older ones are dropped. */
const EVENTS_MAX = 500;
/** What belongs to one change (a patch, the state, events) comes within this. */
const TOGETHER_MS = 5;
/** While changes keep coming they are shown so often... */
const GATHER_MS = 40;
/** ...or after so many times as long as showing the last ones took, so that a big cluster leaves time for keys. */
const GATHER_SHARE = 1;
/** How often machines are asked how busy they are. */
const LOAD_MS = 5000;
/** The first picture waits so long for what has happened before it. */
const HISTORY_MS = 500;
/** Whoever is asked how busy the machines are, and does not say for so long, is silent. */
const SILENT_MS = 3000;
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
  /** How long it took to show the last observation, and when that was done. */
  #costMs = 0;
  #shownAtMs = Number.NEGATIVE_INFINITY;
  /** What a file looked like from outside when it was last read. */
  #signature: string | undefined;
  #state: ClusterState | undefined;
  #fencing: readonly FencingHistoryEntry[] | undefined;
  #loads: readonly NodeLoad[] | undefined;
  #shownLoads = '';
  #loadTimer: NodeJS.Timeout | undefined;
  #silenceTimer: NodeJS.Timeout | undefined;
  #events: ClusterEvent[] = [];
  #gathering: NodeJS.Timeout | undefined;
  #timer: NodeJS.Timeout | undefined;
  readonly #stop = new AbortController();
  #attempt = 0;
  #lostAtMs: number | undefined;
  /** When the cluster last said anything. */
  #heardAtMs: number | undefined;
  /** What is shown as long as there are answers. */
  #following: FeedState | undefined;

  constructor(options: FeedOptions) {
    this.#options = options;
  }

  get #stopped(): boolean {
    return this.#stop.signal.aborted;
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
    this.#stop.abort();
    clearTimeout(this.#gathering);
    clearTimeout(this.#timer);
    clearTimeout(this.#loadTimer);
    clearTimeout(this.#silenceTimer);
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
    const opened = await this.#options.open(this.#attempt++, this.#stop.signal);
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
    if (!first && this.#connection !== connection) return undefined;
    if (first) {
      if (this.#connection === connection) {
        this.#connection = undefined;
        await connection.close();
        this.#lose(first);
      }
      return first;
    }
    this.#lostAtMs = undefined;
    if (this.#options.loads) void this.#askLoads(connection);
    const { name, host } = connection.target;
    const shown = host ?? name;
    const everyMs = this.#options.pollMs;
    this.#following = subscribed.ok
      ? { kind: 'live', name: shown }
      : { kind: 'polling', name: shown, everyMs };
    this.#options.onState(this.#following);
    if (!subscribed.ok) this.#timer = setTimeout(() => void this.#poll(connection), everyMs);
    return undefined;
  }

  /** Load changes all the time: only what is seen to change is a reason to look. */
  async #askLoads(connection: Connection): Promise<void> {
    let silent = false;
    this.#silenceTimer = setTimeout(() => {
      silent = true;
      const { name, host } = connection.target;
      const sinceMs = this.#heardAtMs ?? this.#options.nowMs();
      this.#options.onState({ kind: 'silent', name: host ?? name, sinceMs });
    }, SILENT_MS);
    const answer = await connection.call('cluster.load', {});
    if (this.#stopped || this.#connection !== connection) return;
    clearTimeout(this.#silenceTimer);
    if (silent && this.#following) this.#options.onState(this.#following);
    if (!answer.ok) {
      this.#loads = undefined;
      return;
    }
    this.#heardAtMs = this.#options.nowMs();
    this.#loads = answer.value.nodes;
    this.#loadTimer = setTimeout(() => void this.#askLoads(connection), LOAD_MS);
    const shown = this.#loads.map(({ node, load }) => `${node} ${load.toFixed(1)}`).join('\n');
    if (shown !== this.#shownLoads) this.#gather();
    this.#shownLoads = shown;
  }

  #lose(error: ConnectionError): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#loadTimer);
    clearTimeout(this.#silenceTimer);
    if (this.#stopped) return;
    this.#sayLost(error);
    this.#timer = setTimeout(() => void this.#connect(), RETRY_MS);
  }

  /** That a host has died is noticed late: what is shown is as old as the last that was heard. */
  #sayLost({ message }: ConnectionError): void {
    this.#lostAtMs ??= this.#heardAtMs ?? this.#options.nowMs();
    this.#options.onState({ kind: 'lost', message, sinceMs: this.#lostAtMs });
  }

  async #readAll(connection: Connection): Promise<ConnectionError | undefined> {
    // Before it is read: a change in between is then seen the next time.
    this.#signature = await signatureOf(connection.target);
    const cib = await connection.readCib();
    if (!cib.ok) return cib.error;
    this.#cib = cib.value;
    this.#heardAtMs = this.#options.nowMs();
    let shown = false;
    const history = this.#readHistory(connection).then(() => shown && this.#gather());
    const [state, fencing] = await Promise.all([connection.state(), connection.call('fencing.history', {})]);
    this.#state = state.ok ? state.value : undefined;
    this.#fencing = fencing.ok ? fencing.value.entries : undefined;
    // Where it comes at once it is part of the first picture.
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, HISTORY_MS);
    });
    await Promise.race([history, late]);
    clearTimeout(timer);
    if (this.#connection !== connection) return undefined;
    this.#report();
    shown = true;
    // The first takes several times as long as those that follow: everything is compiled then.
    this.#costMs = 0;
    return undefined;
  }

  /** Every node is asked what has happened: one that is down keeps this waiting for as long as a login may take. */
  async #readHistory(connection: Connection): Promise<void> {
    const history = await connection.call('history.events', { limit: EVENTS_MAX, all: true });
    if (!history.ok || this.#stopped || this.#connection !== connection) return;
    const { events } = history.value;
    const lastMs = events.at(-1)?.atMs ?? 0;
    const since = this.#events.filter(({ atMs }) => atMs > lastMs);
    this.#events = [...events, ...since].slice(-EVENTS_MAX);
  }

  async #poll(connection: Connection): Promise<void> {
    const { target } = connection;
    const signature = await signatureOf(target);
    const same = signature !== undefined && signature === this.#signature;
    const cib = same ? undefined : await connection.readCib();
    if (this.#stopped || this.#connection !== connection) return;
    this.#timer = setTimeout(() => void this.#poll(connection), this.#options.pollMs);
    if (cib && !cib.ok) {
      // The old picture stays on the screen; a file may be in the middle of being replaced.
      this.#signature = undefined;
      this.#sayLost(cib.error);
      return;
    }
    this.#lostAtMs = undefined;
    this.#heardAtMs = this.#options.nowMs();
    this.#signature = signature;
    const answer = target.kind === 'file' ? undefined : await connection.state();
    const state = answer?.ok ? answer.value : undefined;
    if (this.#following) this.#options.onState(this.#following);
    const sameCib = !cib || (target.kind !== 'file' && this.#cib && isSameVersion(cib.value, this.#cib));
    if (sameCib && isDeepStrictEqual(state, this.#state)) return;
    if (cib) this.#cib = cib.value;
    this.#state = state;
    this.#report();
  }

  #take(connection: Connection, notification: Notification): void {
    if (this.#stopped || connection !== this.#connection) return;
    this.#heardAtMs = this.#options.nowMs();
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
      // Who holds an observation may still look at its tree.
      const difference = parseXml(patch);
      const next = copyForPatch(this.#cib, difference);
      if (applyPatch(next, difference, { checkDigest: false }).ok) this.#cib = next;
      else {
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

  /** A change after a while of silence is shown at once, what follows soon after it together. */
  #gather(): void {
    if (this.#gathering) return;
    const dueMs = this.#shownAtMs + Math.max(GATHER_MS, this.#costMs * GATHER_SHARE);
    this.#gathering = setTimeout(
      () => {
        this.#gathering = undefined;
        this.#report();
      },
      Math.max(TOGETHER_MS, dueMs - performance.now()),
    );
  }

  #report(): void {
    if (!this.#cib || this.#stopped) return;
    const started = performance.now();
    this.#options.onObservation({
      cib: this.#cib,
      state: this.#state,
      fencing: this.#fencing,
      loads: this.#loads,
      events: this.#events,
      atMs: this.#options.nowMs(),
    });
    this.#shownAtMs = performance.now();
    this.#costMs = this.#shownAtMs - started;
  }
}

/** Changes whenever a file does; undefined for what is no file, or cannot be looked at. */
async function signatureOf(target: Target): Promise<string | undefined> {
  if (target.kind !== 'file') return undefined;
  try {
    const { ino, size, mtimeNs } = await stat(target.name, { bigint: true });
    return `${ino} ${size} ${mtimeNs}`;
  } catch {
    return undefined;
  }
}

/** A cluster numbers its CIBs: the same number is the same document. */
function isSameVersion(a: Element, b: Element): boolean {
  return compareCibVersions(readVersion(a), readVersion(b)) === 0;
}
