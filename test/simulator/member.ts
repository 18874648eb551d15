import { Detector } from '../../src/membership/detector.js';
import { Membership } from '../../src/membership/membership.js';
import type {
  BootId,
  Effect,
  Event,
  MembershipConfig,
  MembershipRecord,
  Message,
  NodeId,
  OrderedMessage,
  Payload,
  View,
  ViewId,
} from '../../src/membership/types.js';
import type { Network } from './network.js';
import type { Random } from './random.js';
import type { Schedule } from './schedule.js';

/** What a simulated node does with what its membership delivers. */
export interface MemberListener {
  view(view: View, previous: View | null, continuing: readonly NodeId[]): void;
  ordered(view: ViewId, message: OrderedMessage, transitional: boolean): void;
  direct(view: ViewId, from: NodeId, payload: Payload): void;
  active(active: boolean): void;
  log(level: string, text: string): void;
  left(): void;
}

/** What a process leaves on its disk. */
export interface MemberDisk {
  record: MembershipRecord | null;
}

export interface MemberSurroundings {
  readonly schedule: Schedule;
  readonly network: Network;
  readonly random: Random;
  /** How long a write may take. */
  readonly disks: { slowestMs: number };
  /** The running process of a node, or none. */
  find(node: NodeId): SimulatedMember | undefined;
}

const LINK_OF_MESSAGES = 0;

/** Named timers of one process: setting one again, or cancelling it, undoes it even where it waits to be handled. */
export class Timers {
  readonly #member: SimulatedMember;
  readonly #current = new Map<string, object>();

  constructor(member: SimulatedMember) {
    this.#member = member;
  }

  set(name: string, delayMs: number, run: () => void): void {
    const token = {};
    this.#current.set(name, token);
    this.#member.after(delayMs, () => {
      if (this.#current.get(name) !== token) return;
      this.#current.delete(name);
      run();
    });
  }

  cancel(name: string): void {
    this.#current.delete(name);
  }
}

/** One run of one node's detector and membership cores on the virtual network, disk and clock. */
export class SimulatedMember {
  readonly node: NodeId;
  readonly boot: BootId;
  readonly detector: Detector;
  readonly membership: Membership;
  readonly #config: MembershipConfig;
  readonly #disk: MemberDisk;
  readonly #listener: MemberListener;
  readonly #world: MemberSurroundings;
  /** Of the membership; the controller has its own. */
  readonly timers = new Timers(this);
  readonly #events: Event[] = [];
  #transitional = false;
  readonly #held: (() => void)[] = [];
  #news: (() => void) | null = null;
  #judgedAtMs = Number.POSITIVE_INFINITY;
  #alive = true;
  /** While paused: what would have happened. */
  #paused: (() => void)[] | null = null;
  #writing = 0;
  readonly #afterWrite: { write: number; run: () => void }[] = [];
  #written = 0;

  constructor(
    config: MembershipConfig,
    disk: MemberDisk,
    listener: MemberListener,
    world: MemberSurroundings,
  ) {
    this.node = config.self;
    this.boot = world.random.hex(32);
    this.#config = config;
    this.#disk = disk;
    this.#listener = listener;
    this.#world = world;
    const peers = config.nodes
      .filter((node) => node.node !== config.self)
      .map((node) => ({ node: node.node, links: node.addresses.length }));
    this.detector = new Detector({ self: config.self, boot: this.boot, peers, timing: config.timing });
    this.membership = new Membership(config);
  }

  start(): void {
    this.input({
      nowMs: this.#world.schedule.nowMs,
      kind: 'start',
      boot: this.boot,
      record: this.#disk.record,
    });
    this.#tick();
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** Power off: nothing of this run happens any more; writes under way are lost. */
  crash(): void {
    this.#alive = false;
  }

  pause(): void {
    this.#paused ??= [];
  }

  resume(): void {
    const waiting = this.#paused ?? [];
    this.#paused = null;
    for (const run of waiting) this.#run(run);
  }

  get paused(): boolean {
    return this.#paused !== null;
  }

  /**
   * As the agent does: the main thread's events wait while the heartbeat thread has not judged silence for half a
   * token.
   */
  main(run: () => void): void {
    this.#held.push(run);
    this.#drain();
  }

  #drain(): void {
    while (this.#alive && !this.#paused) {
      if (this.#world.schedule.nowMs - this.#judgedAtMs > this.#config.timing.tokenMs / 2) return;
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

  #after(delayMs: number, run: () => void): () => void {
    return this.#world.schedule.after(delayMs, () => this.#run(run));
  }

  #tick(): void {
    const nowMs = this.#world.schedule.nowMs;
    const { send, judged } = this.detector.tick(nowMs);
    if (judged) this.#judgedAtMs = nowMs;
    for (const { to, link, heartbeat } of send) {
      this.#world.network.send(this.node, to, link, () => {
        const peer = this.#world.find(to);
        peer?.hearHeartbeat(this.node, this.boot, link, heartbeat);
      });
    }
    this.#reportReachability();
    this.#drain();
    this.#after(Math.max(5, this.#config.timing.heartbeatMs / 2), () => this.#tick());
  }

  hearHeartbeat(from: NodeId, boot: BootId, link: number, heartbeat: Parameters<Detector['heard']>[4]): void {
    this.#run(() => {
      this.detector.heard(this.#world.schedule.nowMs, from, boot, link, heartbeat);
      this.#reportReachability();
    });
  }

  hearMessage(from: NodeId, boot: BootId, message: Message): void {
    this.#run(() => {
      if (!this.detector.isCurrent(from, boot)) return;
      this.main(() =>
        this.input({ nowMs: this.#world.schedule.nowMs, kind: 'message', from, boot, message }),
      );
    });
  }

  #reportReachability(): void {
    for (const news of this.detector.takeNews()) this.#listener.log('debug', `${news.kind} ${news.node}`);
    if (!this.detector.takeChanged()) return;
    const reachability = this.detector.reachability();
    // Ahead of what waits, for it is what the rest waits for; only the newest counts.
    this.#news = () => this.input({ nowMs: this.#world.schedule.nowMs, kind: 'reachability', reachability });
    this.#drain();
  }

  /** A timer of the same process, for what runs above the membership. */
  after(delayMs: number, run: () => void): () => void {
    return this.#after(delayMs, () => this.main(run));
  }

  broadcast(payload: Payload): void {
    this.input({ nowMs: this.#world.schedule.nowMs, kind: 'broadcast', payload });
  }

  direct(to: NodeId, payload: Payload): void {
    this.input({ nowMs: this.#world.schedule.nowMs, kind: 'direct', to, payload });
  }

  leave(): void {
    this.input({ nowMs: this.#world.schedule.nowMs, kind: 'leave' });
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
        const { to, message } = effect;
        const copy = JSON.parse(JSON.stringify(message)) as Message;
        const send = () =>
          this.#world.network.send(this.node, to, LINK_OF_MESSAGES, () => {
            const peer = this.#world.find(to);
            if (peer?.boot === effect.boot) peer.hearMessage(this.node, this.boot, copy);
          });
        if (effect.after !== undefined && effect.after > this.#written) {
          this.#afterWrite.push({ write: effect.after, run: send });
        } else send();
        break;
      }
      case 'persist':
        this.#write(effect.write, effect.record);
        break;
      case 'set-timer':
        this.timers.set(effect.timer, effect.delayMs, () =>
          this.input({ nowMs: this.#world.schedule.nowMs, kind: 'timer', timer: effect.timer }),
        );
        break;
      case 'cancel-timer':
        this.timers.cancel(effect.timer);
        break;
      case 'deliver-view':
        this.#listener.view(effect.view, effect.previous, effect.continuing);
        break;
      case 'deliver':
        this.#listener.ordered(effect.view, effect.message, this.#transitional);
        break;
      case 'deliver-direct':
        this.#listener.direct(effect.view, effect.from, effect.payload);
        break;
      case 'activity':
        this.#listener.active(effect.active);
        break;
      case 'summary':
        this.detector.setSummary(effect.summary);
        break;
      case 'left':
        this.crash();
        this.#listener.left();
        break;
      case 'log':
        this.#listener.log(effect.level, effect.text);
        break;
    }
  }

  /** Writes are done one after the other; a crash before the end leaves the record as it was. */
  #write(write: number, record: MembershipRecord): void {
    const startMs = Math.max(this.#writing, this.#world.schedule.nowMs);
    this.#writing = startMs + 1 + this.#world.random.fraction() * this.#world.disks.slowestMs;
    this.#after(this.#writing - this.#world.schedule.nowMs, () => {
      this.#disk.record = record;
      this.#written = write;
      for (let i = 0; i < this.#afterWrite.length; ) {
        if (this.#afterWrite[i]!.write <= write) this.#afterWrite.splice(i, 1)[0]!.run();
        else i++;
      }
      this.main(() => this.input({ nowMs: this.#world.schedule.nowMs, kind: 'persisted', write }));
    });
  }
}
