import type { Detector } from '../../src/membership/detector.js';
import { hasListened } from '../../src/membership/listening.js';
import { Membership } from '../../src/membership/membership.js';
import type {
  BootId,
  Effect,
  Event,
  LostMember,
  MembershipConfig,
  MembershipRecord,
  Message,
  NodeId,
  OrderedMessage,
  Payload,
  PeerSummary,
  Reachability,
  View,
  ViewId,
} from '../../src/membership/types.js';
import { compareViewIds, formatViewId, NO_VIEW } from '../../src/membership/view.js';
import type { Carrier } from './carrier.js';
import { violate } from './checks/check.js';
import { TORN, type VirtualDisk } from './disk.js';
import type { Random } from './random.js';
import type { Schedule, Scheduled } from './schedule.js';
import { Timers } from './timers.js';

/** What a simulated node does with what its membership delivers. */
export interface MemberListener {
  view(view: View, previous: View | null, continuing: readonly NodeId[], lost: readonly LostMember[]): void;
  ordered(view: ViewId, message: OrderedMessage, transitional: boolean): void;
  direct(view: ViewId, from: NodeId, payload: Payload): void;
  active(active: boolean): void;
  proposing(id: ViewId): void;
  log(level: string, text: string): void;
  left(): void;
  /** The process has ended by itself: it could not write. */
  failed(): void;
}

/** The part of the product's failure detector that a host uses, so that another may stand in for it. */
export type FailureDetector = Pick<
  Detector,
  'tick' | 'heard' | 'isCurrent' | 'takeChanged' | 'takeNews' | 'setSummary'
> & {
  reachability(): Reachability;
  /** Default: twice a heartbeat. */
  readonly tickEveryMs?: number;
};

export interface MemberSurroundings {
  readonly schedule: Schedule;
  readonly carrier: Carrier;
  readonly random: Random;
  /** Messages are copied on the way: tells a core that keeps and changes what it was given. */
  readonly copies: boolean;
  /** A write of the record has begun. */
  writing?(node: NodeId): void;
}

/** Less than a tick of any detector. */
const PACKETS_READ_MS = 4;
const RECORD = 'membership.json';

/** One run of one node's membership core on the virtual network, disk and clock. */
export class SimulatedMember {
  readonly node: NodeId;
  readonly boot: BootId;
  readonly detector: FailureDetector;
  readonly membership: Membership;
  /** A clock that runs fast (above 1) or slow. */
  readonly clockRate: number;
  readonly #config: MembershipConfig;
  readonly #disk: VirtualDisk;
  readonly #listener: MemberListener;
  readonly #world: MemberSurroundings;
  /** Of the membership; the controller has its own. */
  readonly timers: Timers;
  readonly #events: Event[] = [];
  #transitional = false;
  readonly #held: (() => void)[] = [];
  #news: (() => void) | null = null;
  #judgedAtMs = Number.POSITIVE_INFINITY;
  #alive = true;
  /** While paused: what would have happened, and packets that wait in the sockets. */
  #paused: (() => void)[] | null = null;
  readonly #packets: (() => void)[] = [];
  /** Highest view that this run has promised to anybody. */
  #promised: ViewId = NO_VIEW;
  readonly #afterWrite: { write: number; run: () => void }[] = [];
  #written = 0;
  #proposed: ViewId | null = null;

  constructor(
    config: MembershipConfig,
    disk: VirtualDisk,
    listener: MemberListener,
    world: MemberSurroundings,
    makeDetector: (boot: BootId) => FailureDetector,
    boot: BootId,
    clockRate: number,
  ) {
    this.node = config.self;
    this.boot = boot;
    this.clockRate = clockRate;
    this.#config = config;
    this.#disk = disk;
    this.#listener = listener;
    this.#world = world;
    this.detector = makeDetector(boot);
    this.membership = new Membership(config);
    this.timers = new Timers((delayMs, run) => this.after(delayMs, run));
  }

  /** By this node's own clock. */
  get nowMs(): number {
    return this.#world.schedule.nowMs * this.clockRate;
  }

  start(): void {
    const record = this.#disk.read(RECORD);
    if (record === TORN) violate(`node ${this.node} cannot read its record: it was not on disk`);
    this.input({
      nowMs: this.nowMs,
      kind: 'start',
      boot: this.boot,
      record: record as MembershipRecord | null,
    });
    this.#tick();
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** The process ends: nothing of this run happens any more. What becomes of its writes is the disk's business. */
  end(): void {
    this.#alive = false;
  }

  pause(): void {
    this.#paused ??= [];
  }

  resume(): void {
    const waiting = this.#paused ?? [];
    this.#paused = null;
    // Timers may well run before the sockets are read; but these are read before the detector judges silence.
    this.#world.schedule.after(this.#world.random.fraction() * PACKETS_READ_MS, () => {
      if (this.#paused) return;
      for (const run of this.#packets.splice(0)) this.#run(run);
    });
    for (const run of waiting) this.#run(run);
  }

  get paused(): boolean {
    return this.#paused !== null;
  }

  /**
   * As the agent does: the main thread's events wait while the heartbeat thread has not judged silence for a
   * heartbeat.
   */
  main(run: () => void): void {
    this.#held.push(run);
    this.#drain();
  }

  /** Whether it would carry out now what waits for it. */
  get listening(): boolean {
    return (
      this.#alive &&
      !this.#paused &&
      hasListened(this.nowMs, this.#judgedAtMs, this.#config.timing.heartbeatMs)
    );
  }

  #drain(): void {
    while (this.listening) {
      const next = this.#news ?? this.#held.shift();
      this.#news = null;
      if (!next) return;
      next();
    }
  }

  #run(run: () => void): void {
    if (!this.#alive) return;
    if (this.#paused) this.#paused.push(run);
    else run();
  }

  #after(delayMs: number, run: () => void): Scheduled {
    return this.#world.schedule.after(delayMs / this.clockRate, () => this.#run(run));
  }

  readonly #tick = (): void => {
    const { nowMs } = this;
    const { send, judged } = this.detector.tick(nowMs);
    if (judged) this.#judgedAtMs = nowMs;
    for (const { to, link, heartbeat } of send) {
      this.#world.carrier.heartbeat(this, to, link, heartbeat);
    }
    this.reportReachability();
    this.#drain();
    this.#after(this.detector.tickEveryMs ?? Math.max(5, this.#config.timing.heartbeatMs / 2), this.#tick);
  };

  hearHeartbeat(from: NodeId, boot: BootId, link: number, heartbeat: Parameters<Detector['heard']>[4]): void {
    if (this.#paused) {
      this.#packets.push(() => this.hearHeartbeat(from, boot, link, heartbeat));
      return;
    }
    if (!this.#alive) return;
    this.detector.heard(this.nowMs, from, boot, link, heartbeat);
    this.reportReachability();
  }

  hearMessage(from: NodeId, boot: BootId, message: Message): void {
    if (this.#paused) {
      this.#packets.push(() => this.hearMessage(from, boot, message));
      return;
    }
    this.#run(() => {
      if (!this.detector.isCurrent(from, boot)) return;
      this.main(() => this.input({ nowMs: this.nowMs, kind: 'message', from, boot, message }));
    });
  }

  /** Tells the membership whom the detector hears, where that has changed. */
  reportReachability(): void {
    if (!this.detector.takeChanged()) return;
    for (const news of this.detector.takeNews()) this.#listener.log('debug', `${news.kind} ${news.node}`);
    const reachability = this.detector.reachability();
    // Ahead of what waits, for it is what the rest waits for; only the newest counts.
    this.#news = () => this.input({ nowMs: this.nowMs, kind: 'reachability', reachability });
    this.#drain();
  }

  /** A timer of the same process, for what runs above the membership. */
  after(delayMs: number, run: () => void): Scheduled {
    return this.#after(delayMs, () => this.main(run));
  }

  broadcast(payload: Payload): void {
    this.input({ nowMs: this.nowMs, kind: 'broadcast', payload });
  }

  direct(to: NodeId, payload: Payload): void {
    this.input({ nowMs: this.nowMs, kind: 'direct', to, payload });
  }

  leave(): void {
    this.input({ nowMs: this.nowMs, kind: 'leave' });
  }

  setLinks(up: boolean): void {
    this.main(() => this.input({ nowMs: this.nowMs, kind: 'links', up }));
  }

  /** Events that arise while effects are performed wait until those are done. */
  input(event: Event): void {
    this.#events.push(event);
    if (this.#events.length > 1) return;
    while (this.#events.length > 0 && this.#alive) {
      const effects = this.membership.step(this.#events[0]!);
      // What is delivered on the way to another view comes right before it.
      this.#transitional = effects.some((effect) => effect.kind === 'deliver-view');
      for (const effect of effects) this.#perform(effect);
      this.#events.shift();
    }
  }

  #perform(effect: Effect): void {
    switch (effect.kind) {
      case 'send': {
        const { to, boot } = effect;
        const message = this.#world.copies
          ? (JSON.parse(JSON.stringify(effect.message)) as Message)
          : effect.message;
        if (message.kind === 'propose' && message.id !== this.#proposed) {
          this.#proposed = message.id;
          this.#listener.proposing(message.id);
        }
        const send = () => {
          if (message.kind === 'propose' || message.kind === 'accept') {
            this.#mustBeDurable(message.id);
            if (compareViewIds(message.id, this.#promised) > 0) this.#promised = message.id;
          }
          this.#world.carrier.message(this, to, boot, message);
        };
        if (effect.after !== undefined && effect.after > this.#written) {
          this.#afterWrite.push({ write: effect.after, run: send });
        } else send();
        break;
      }
      case 'persist':
        this.#write(effect.write, effect.record);
        break;
      case 'set-timer': {
        const { timer } = effect;
        this.timers.set(timer, effect.delayMs, () => this.input({ nowMs: this.nowMs, kind: 'timer', timer }));
        break;
      }
      case 'cancel-timer':
        this.timers.cancel(effect.timer);
        break;
      case 'deliver-view':
        this.#listener.view(effect.view, effect.previous, effect.continuing, effect.lost);
        break;
      case 'deliver':
        if (!this.#transitional && compareViewIds(this.#promised, effect.view) > 0) {
          const views = `${formatViewId(effect.view)} after promising ${formatViewId(this.#promised)}`;
          violate(`node ${this.node} delivers a message of view ${views}`);
        }
        this.#listener.ordered(effect.view, effect.message, this.#transitional);
        break;
      case 'deliver-direct':
        this.#listener.direct(effect.view, effect.from, effect.payload);
        break;
      case 'activity':
        this.#listener.active(effect.active);
        break;
      case 'summary':
        this.setSummary(effect.summary);
        break;
      case 'left':
        this.end();
        this.#listener.left();
        break;
      case 'log':
        this.#listener.log(effect.level, effect.text);
        break;
    }
  }

  /** Nobody is told of a promise that a power failure could undo. */
  #mustBeDurable(id: ViewId): void {
    const isSafe = (record: unknown) =>
      record && compareViewIds((record as MembershipRecord).promised, id) >= 0;
    if (this.#disk.readAfterPowerFailure(RECORD).every(isSafe)) return;
    violate(`node ${this.node} speaks of view ${formatViewId(id)} before its promise is on disk`);
  }

  setSummary(summary: PeerSummary): void {
    this.detector.setSummary(summary);
  }

  /** A disk without room ends the process, as it ends the agent. */
  #write(write: number, record: MembershipRecord): void {
    this.#world.writing?.(this.node);
    this.#disk.replace(RECORD, record, (ok) => {
      this.#run(() => {
        if (!ok) {
          this.end();
          this.#listener.failed();
          return;
        }
        this.#written = write;
        for (let i = 0; i < this.#afterWrite.length; ) {
          if (this.#afterWrite[i]!.write <= write) this.#afterWrite.splice(i, 1)[0]!.run();
          else i++;
        }
        this.main(() => this.input({ nowMs: this.nowMs, kind: 'persisted', write }));
      });
    });
  }
}
