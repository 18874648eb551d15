import type { Element } from '../../src/cib/element.js';
import { compareCibVersions, formatCibVersion } from '../../src/cib/version.js';
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
import { Detector } from '../../src/membership/detector.js';
import type { MembershipConfig, NodeId, OrderedMessage, View, ViewId } from '../../src/membership/types.js';
import type { CibVersion, ClusterEvent } from '../../src/protocol/messages.js';
import { violate } from './checks/check.js';
import { TORN, type VirtualDisk } from './disk.js';
import type { VirtualExecutor } from './executor.js';
import { type MemberSurroundings, SimulatedMember } from './member.js';
import { Timers } from './timers.js';

/** What the checkers are told, by the machinery and never by the cores' own opinion. */
export interface NodeWatcher {
  proposing(node: NodeId, id: ViewId): void;
  view(node: NodeId, view: View, previous: View | null): void;
  ordered(node: NodeId, view: ViewId, message: OrderedMessage, transitional: boolean): void;
  active(node: NodeId, active: boolean): void;
  /** The node orders operations, as the DC of a view. */
  ordering(node: NodeId, view: ViewId): void;
  event(event: ClusterEvent): void;
  log(node: NodeId, level: string, text: string): void;
  document(node: NodeId, position: string, cib: Element): void;
  /** The node keeps a document that has lost against another. */
  conflict(cib: string): void;
  fence(node: NodeId, target: string, done: (ok: boolean) => void): void;
  left(node: NodeId): void;
  failed(node: NodeId): void;
}

export interface NodeOptions {
  readonly membership: MembershipConfig;
  readonly controller: Omit<ControllerConfig, 'self' | 'uuid'>;
  readonly planner: Planner;
  readonly disk: VirtualDisk;
  readonly executor: VirtualExecutor;
  readonly world: MemberSurroundings;
  readonly watcher: NodeWatcher;
  readonly clockRate: number;
  /** Wall-clock time, ms since 1970. */
  readonly wallClock: () => number;
}

const CIB = 'cib.xml';

interface StoredCib {
  readonly cib: string;
  readonly lineage: Lineage;
  readonly version?: CibVersion;
}

/** What was there before everything began. */
export function installCib(disk: VirtualDisk, cib: string): void {
  disk.install(CIB, { cib, lineage: null });
}

/** One run of one whole agent: membership and controller cores on a virtual executor and disk. */
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
  #position = '';

  constructor(options: NodeOptions) {
    const { membership, world, watcher } = options;
    this.#options = options;
    this.id = membership.self;
    this.executor = options.executor;
    this.controller = new Controller(
      { ...options.controller, self: membership.self, uuid: world.random.hex(36) },
      options.planner,
    );
    const peers = membership.nodes
      .filter((other) => other.node !== this.id)
      .map((other) => ({ node: other.node, links: other.addresses.length }));
    this.member = new SimulatedMember(
      membership,
      options.disk,
      {
        proposing: (id) => watcher.proposing(this.id, id),
        view: (view, previous, continuing, lost) => {
          watcher.view(this.id, view, previous);
          this.#input({ kind: 'view', view, previous, continuing, lost });
        },
        ordered: (view, message, transitional) => {
          watcher.ordered(this.id, view, message, transitional);
          this.#input({ kind: 'ordered', view, message });
        },
        direct: (view, from, payload) => this.#input({ kind: 'direct', view, from, payload }),
        active: (active) => {
          watcher.active(this.id, active);
          this.#input({ kind: 'active', active });
        },
        log: (level, text) => watcher.log(this.id, level, text),
        left: () => watcher.left(this.id),
        failed: () => watcher.failed(this.id),
      },
      world,
      (boot) => new Detector({ self: this.id, boot, peers, timing: membership.timing }),
      world.random.hex(32),
      options.clockRate,
    );
    this.#timers = new Timers((delayMs, run) => this.member.after(delayMs, run));
  }

  start(): void {
    const stored = this.#options.disk.read(CIB);
    if (stored === TORN) violate(`node ${this.id} cannot read its configuration: it was not on disk`);
    const { cib, lineage } = stored as StoredCib;
    this.#input({ kind: 'start', cib, lineage });
    const state = this.executor.attach((result) =>
      this.member.main(() => this.#input({ kind: 'executed', result })),
    );
    this.#input({ kind: 'executor', ...state });
    this.member.start();
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

  #input(
    input: ControllerInput extends infer I ? (I extends { nowMs: number } ? Omit<I, 'nowMs'> : never) : never,
  ): void {
    this.#work.push(() => {
      const nowMs = this.#options.wallClock();
      for (const effect of this.controller.step({ ...input, nowMs } as ControllerInput))
        this.#perform(effect);
    });
    if (this.#pumping) return;
    this.#pumping = true;
    for (let run = this.#work.shift(); run && this.member.alive; run = this.#work.shift()) run();
    this.#pumping = false;
  }

  /** The DC is told of nothing that a power failure could undo. */
  #mustBeDurable(version: CibVersion): void {
    const isSafe = (stored: unknown) => {
      const there = (stored as StoredCib | null | undefined)?.version;
      return there !== undefined && compareCibVersions(there, version) >= 0;
    };
    if (this.#options.disk.readAfterPowerFailure(CIB).every(isSafe)) return;
    violate(`node ${this.id} confirms ${formatCibVersion(version)} before it is on disk`);
  }

  #perform(effect: ControllerEffect): void {
    const { watcher, disk } = this.#options;
    switch (effect.kind) {
      case 'broadcast':
        this.member.broadcast(effect.payload);
        break;
      case 'direct':
        if (effect.payload.kind === 'perform' && this.member.membership.view) {
          watcher.ordering(this.id, this.member.membership.view.id);
        }
        if (effect.payload.kind === 'stored') this.#mustBeDurable(effect.payload.version);
        this.member.direct(effect.to, effect.payload);
        break;
      case 'store': {
        const { cib, lineage, version } = effect;
        disk.replace(CIB, { cib, lineage, version }, (ok) => {
          this.member.main(() => {
            if (ok) this.#input({ kind: 'stored', write: effect.write });
            else watcher.failed(this.id);
          });
        });
        break;
      }
      case 'keep-document':
        watcher.conflict(effect.cib);
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
        watcher.document(this.id, this.#position, this.controller.cib);
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
