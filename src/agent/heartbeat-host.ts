import type { DetectorNews } from '../membership/detector.js';
import { hasListened } from '../membership/listening.js';
import type { BootId, Message, NodeId, PeerSummary, Reachability } from '../membership/types.js';
import { monotonicMs } from './clock.js';
import type { AgentConfiguration } from './configuration.js';
import { type DropCounts, NONE_DROPPED } from './dropped-packets.js';
import { HeartbeatThread } from './heartbeat.js';
import type { FromHeartbeat, HeartbeatSetup } from './heartbeat-types.js';
import type { LinkReport } from './link-counts.js';
import type { Log } from './log.js';

export interface HeartbeatHostOptions {
  readonly program: string;
  readonly boot: BootId;
  readonly configuration: () => AgentConfiguration;
  readonly log: Log;
  /** There is something to be taken, or what waited for silence to be judged may go on. */
  readonly onJudged: () => void;
  /** Peers have come into reach or gone; told before `onJudged`. */
  readonly onFound: (reachability: Reachability, news: readonly DetectorNews[]) => void;
  readonly onLinks: (links: readonly LinkReport[]) => void;
  /** All own links are down, or some work again. */
  readonly onIsolated: (isolated: boolean) => void;
  readonly onMessage: (from: NodeId, boot: BootId, message: Message) => void;
  /** The thread has ended by accident. */
  readonly onFailed: (error: Error) => void;
}

/** What the main thread knows from the heartbeat thread: who is within reach, how the links are, when silence was judged. */
export class HeartbeatHost {
  readonly #options: HeartbeatHostOptions;
  #thread: HeartbeatThread | null = null;
  #links: readonly LinkReport[] = [];
  #dropped: DropCounts = NONE_DROPPED;
  /** The newest, while nobody has taken it. */
  #reachability: Reachability | null = null;
  /** Messages of what the thread has found that have come in. */
  #found = 0;

  constructor(options: HeartbeatHostOptions) {
    this.#options = options;
  }

  /** Null before `start`. */
  get thread(): HeartbeatThread | null {
    return this.#thread;
  }

  get links(): readonly LinkReport[] {
    return this.#links;
  }

  /** Packets dropped since the start. */
  get dropped(): DropCounts {
    return this.#dropped;
  }

  /** Rejects where an address cannot be bound. */
  start(): Promise<void> {
    const { program, onFailed } = this.#options;
    let bound = false;
    return new Promise((resolve, reject) => {
      this.#thread = new HeartbeatThread(program, this.#setup(), (message) => {
        if (message.kind === 'bound') {
          bound = true;
          resolve();
        } else if (message.kind === 'failed') {
          const error = new Error(`heartbeats: ${message.message}`);
          if (bound) onFailed(error);
          else reject(error);
        } else this.#take(message);
      });
    });
  }

  #setup(): HeartbeatSetup {
    const { membership, links, peers, clusterKeys, corosync } = this.#options.configuration();
    return {
      self: membership.self,
      boot: this.#options.boot,
      clusterKeys,
      timing: membership.timing,
      links,
      peers,
      realTime: corosync.system.schedRoundRobin,
    };
  }

  #take(message: Exclude<FromHeartbeat, { readonly kind: 'bound' | 'failed' }>): void {
    const { onJudged, onFound, onLinks, onIsolated, onMessage, log } = this.#options;
    switch (message.kind) {
      case 'judged':
        onJudged();
        break;
      case 'reachability':
        // Only the newest counts.
        this.#reachability = message.reachability;
        this.#found++;
        onFound(message.reachability, message.news);
        onJudged();
        break;
      case 'links':
        this.#links = message.links;
        onLinks(message.links);
        break;
      case 'isolated':
        onIsolated(message.isolated);
        break;
      case 'message':
        onMessage(message.from, message.boot, message.message);
        break;
      case 'dropped':
        this.#dropped = message.counts;
        break;
      case 'log':
        log.write(message.level, message.text);
        break;
    }
  }

  /** The newest that was found; null where it was taken before. */
  takeReachability(): Reachability | null {
    const reachability = this.#reachability;
    this.#reachability = null;
    return reachability;
  }

  /** Whether all silence was judged within this time; if not, `onJudged` will tell. */
  hasListened(withinMs: number): boolean {
    const judgement = this.#thread?.judgement;
    if (!judgement || hasListened(monotonicMs(), judgement.atMs(this.#found), withinMs)) return true;
    judgement.wait();
    // It may have been judged between the look and the wish to be told.
    return hasListened(monotonicMs(), judgement.atMs(this.#found), withinMs);
  }

  /** The configuration was read anew. */
  configure(): void {
    this.#thread?.configure(this.#setup());
  }

  setSummary(summary: PeerSummary): void {
    this.#thread?.setSummary(summary);
  }

  setYield(whenIsolated: boolean): void {
    this.#thread?.setYield(whenIsolated);
  }

  async stop(): Promise<void> {
    await this.#thread?.stop();
  }
}
