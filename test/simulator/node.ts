import { Controller } from '../../src/controller/controller.js';
import type {
  ControllerConfig,
  ControllerEffect,
  ControllerInput,
  DcRequest,
  Lineage,
  Planner,
  RequestAnswer,
} from '../../src/controller/types.js';
import type { MembershipConfig, NodeId, View } from '../../src/membership/types.js';
import type { ClusterEvent } from '../../src/protocol/messages.js';
import { VirtualExecutor } from './executor.js';
import { type MemberDisk, type MemberSurroundings, SimulatedMember, Timers } from './member.js';

export interface NodeDisk extends MemberDisk {
  cib: string | null;
  lineage: Lineage | null;
  kept: string[];
}

/** What the checkers are told, by the machinery and never by the cores' own opinion. */
export interface NodeWatcher {
  view(node: NodeId, view: View, previous: View | null): void;
  ordered(node: NodeId, view: View['id'], sequence: number, payload: string, transitional: boolean): void;
  event(event: ClusterEvent): void;
  log(node: NodeId, level: string, text: string): void;
  starting(node: NodeId, resource: string): void;
  stopped(node: NodeId, resource: string): void;
  document(node: NodeId, position: string, text: string): void;
  fence(node: NodeId, target: string, done: (ok: boolean) => void): void;
  left(node: NodeId): void;
}

export interface NodeOptions {
  readonly membership: MembershipConfig;
  readonly controller: Omit<ControllerConfig, 'self' | 'uuid'>;
  readonly planner: Planner;
  readonly disk: NodeDisk;
  readonly world: MemberSurroundings;
  readonly watcher: NodeWatcher;
  /** Milliseconds since 1970 at the beginning of virtual time. */
  readonly epochMs: number;
}

/** One run of one whole node: membership and controller cores, virtual executor and disk. */
export class SimulatedNode {
  readonly id: NodeId;
  readonly member: SimulatedMember;
  readonly controller: Controller;
  readonly executor: VirtualExecutor;
  readonly #options: NodeOptions;
  readonly #timers: Timers;
  readonly #replies = new Map<string, (answer: RequestAnswer) => void>();
  #questions = 0;
  readonly #work: (() => void)[] = [];
  #pumping = false;
  #storedUntilMs = 0;
  #position = '';

  constructor(options: NodeOptions) {
    const { membership, world, watcher } = options;
    this.#options = options;
    this.id = membership.self;
    this.executor = new VirtualExecutor(world.random, world.schedule, {
      starting: (resource) => watcher.starting(this.id, resource),
      stopped: (resource) => watcher.stopped(this.id, resource),
    });
    this.controller = new Controller(
      { ...options.controller, self: membership.self, uuid: world.random.hex(36) },
      options.planner,
    );
    this.member = new SimulatedMember(
      membership,
      options.disk,
      {
        view: (view, previous, continuing) => {
          watcher.view(this.id, view, previous);
          this.#input({ kind: 'view', view, previous, continuing });
        },
        ordered: (view, message, transitional) => {
          watcher.ordered(this.id, view, message.sequence, JSON.stringify(message.payload), transitional);
          this.#input({ kind: 'ordered', view, message });
        },
        direct: (view, from, payload) => this.#input({ kind: 'direct', view, from, payload }),
        active: (active) => this.#input({ kind: 'active', active }),
        log: (level, text) => watcher.log(this.id, level, text),
        left: () => {
          this.executor.powerOff();
          watcher.left(this.id);
        },
      },
      world,
    );
    this.#timers = new Timers(this.member);
  }

  start(): void {
    const { disk } = this.#options;
    this.#input({ kind: 'start', cib: disk.cib, lineage: disk.lineage });
    const history = this.executor.attach((result) =>
      this.member.main(() => this.#input({ kind: 'executed', result })),
    );
    this.#input({ kind: 'executor', history });
    this.member.start();
  }

  crash(): void {
    this.member.crash();
    this.executor.powerOff();
  }

  pause(): void {
    this.member.pause();
    this.executor.pause();
  }

  resume(): void {
    this.executor.resume();
    this.member.resume();
  }

  shutDown(): void {
    this.member.main(() => this.#input({ kind: 'shut-down', immediate: false }));
  }

  request(request: DcRequest, answered: (answer: RequestAnswer) => void): void {
    const id = `${this.id}-${this.member.boot.slice(0, 8)}-${++this.#questions}`;
    this.#replies.set(id, answered);
    const identity = { user: 'root', uid: 0, origin: 'local' };
    this.member.main(() => this.#input({ kind: 'request', id, request, identity }));
  }

  get #nowMs(): number {
    return this.#options.epochMs + this.#options.world.schedule.nowMs;
  }

  #input(
    input: ControllerInput extends infer I ? (I extends { nowMs: number } ? Omit<I, 'nowMs'> : never) : never,
  ): void {
    this.#work.push(() => {
      for (const effect of this.controller.step({ ...input, nowMs: this.#nowMs } as ControllerInput))
        this.#perform(effect);
    });
    if (this.#pumping) return;
    this.#pumping = true;
    for (let run = this.#work.shift(); run && this.member.alive; run = this.#work.shift()) run();
    this.#pumping = false;
  }

  #perform(effect: ControllerEffect): void {
    const { watcher, disk, world } = this.#options;
    switch (effect.kind) {
      case 'broadcast':
        this.member.broadcast(effect.payload);
        break;
      case 'direct':
        this.member.direct(effect.to, effect.payload);
        break;
      case 'store': {
        const startMs = Math.max(this.#storedUntilMs, world.schedule.nowMs);
        this.#storedUntilMs = startMs + 2 + world.random.fraction() * world.disks.slowestMs * 2;
        this.member.after(this.#storedUntilMs - world.schedule.nowMs, () => {
          disk.cib = effect.cib;
          disk.lineage = effect.lineage;
          this.#input({ kind: 'stored', write: effect.write });
        });
        break;
      }
      case 'keep-document':
        disk.kept.push(effect.cib);
        break;
      case 'execute':
        this.executor.execute(effect.request);
        break;
      case 'cancel':
        this.executor.cancel(effect.key);
        this.member.after(1, () =>
          this.#input({ kind: 'cancelled', resource: effect.resource, key: effect.key }),
        );
        break;
      case 'forget':
        this.executor.forget(effect.resource);
        break;
      case 'fence': {
        const { id, target, action } = effect.request;
        watcher.fence(this.id, target, (ok) => {
          const result = { id, target, action, ok, text: ok ? '' : 'failed', delegate: null };
          this.member.main(() => this.#input({ kind: 'fenced', result }));
        });
        break;
      }
      case 'set-timer':
        this.#timers.set(effect.timer, effect.delayMs, () =>
          this.#input({ kind: 'timer', timer: effect.timer }),
        );
        break;
      case 'cancel-timer':
        this.#timers.cancel(effect.timer);
        break;
      case 'reply':
        this.#replies.get(effect.id)?.(effect.answer);
        this.#replies.delete(effect.id);
        break;
      case 'event':
        watcher.event(effect.event);
        break;
      case 'cib-changed':
        if (this.controller.position === this.#position) break;
        this.#position = this.controller.position;
        watcher.document(this.id, this.#position, this.controller.text());
        break;
      case 'state-changed':
      case 'query':
      case 'query-answer':
        break;
      case 'leave':
        this.member.leave();
        break;
      case 'leave-soon':
        this.member.after(1000, () => this.member.leave());
        break;
      case 'log':
        watcher.log(this.id, effect.level, effect.text);
        break;
    }
  }
}
