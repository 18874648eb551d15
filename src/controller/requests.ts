import type { NodeId } from '../membership/types.js';
import type { CibVersion, Identity } from '../protocol/messages.js';
import { Answers, type Asker, OUTCOME_UNKNOWN } from './answers.js';
import { cleanUp, failResource } from './cleanup.js';
import { ConfigurationWrites } from './configuration-writes.js';
import type { Dc } from './dc.js';
import type { Document } from './document.js';
import type { Output } from './output.js';
import type { PrivateAttributes } from './private-attributes.js';
import type { AttributeUpdate, ControllerConfig, DcRequest, DirectMessage, FenceResult } from './types.js';

export function isWrite(request: DcRequest): boolean {
  return request.kind === 'patch' || request.kind === 'replace';
}

/** The DC's service to clients: changes of the configuration, attributes, cleanup, waiting. */
export class Requests {
  readonly #config: ControllerConfig;
  readonly #document: Document;
  readonly #output: Output;
  readonly #privates: PrivateAttributes;
  readonly #dcSince: number;
  readonly #answers: Answers;
  readonly #writes: ConfigurationWrites;
  #dc!: Dc;
  /** Arrived before the members had joined. */
  readonly #waiting: (Asker & { readonly request: DcRequest; readonly identity: Identity })[] = [];
  #idleWaiters: Asker[] = [];
  readonly #fences = new Map<string, Asker>();
  readonly #dampened = new Map<string, Map<string, string | null>>();

  /** @param dcSince epoch of the view in which this node became the DC: what was asked before, it knows nothing of */
  constructor(
    config: ControllerConfig,
    document: Document,
    output: Output,
    privates: PrivateAttributes,
    dcSince: number,
  ) {
    this.#config = config;
    this.#document = document;
    this.#output = output;
    this.#privates = privates;
    this.#dcSince = dcSince;
    this.#answers = new Answers(output);
    this.#writes = new ConfigurationWrites(config, document, output, this.#answers);
  }

  setDc(dc: Dc): void {
    this.#dc = dc;
    this.#writes.setDc(dc);
  }

  /** The members have joined: writes of an earlier view are judged anew, and what has waited is served. */
  ready(): void {
    this.#writes.ready();
    this.serveWaiting();
    // Writes of an earlier view are with all members of this one as soon as those have stored what they joined with.
    this.#document.storeShared();
  }

  /** Nothing is begun while the view may be over. */
  serveWaiting(): void {
    if (!this.#dc.ready || !this.#dc.active) return;
    for (const { node, id, request, identity } of this.#waiting.splice(0)) {
      this.#serve({ node, id }, request, identity);
    }
  }

  receive(node: NodeId, message: DirectMessage & { readonly kind: 'request' }): void {
    const { id, request, identity, firstSentIn = this.#dcSince } = message;
    const asker = { node, id };
    if (!this.#answers.isNew(asker)) return;
    if (isWrite(request) && firstSentIn < this.#dcSince) {
      // An earlier run of this node, or an earlier term of it as the DC, may have made the change already.
      this.#answers.give(asker, OUTCOME_UNKNOWN);
      return;
    }
    this.#waiting.push({ ...asker, request, identity });
    this.serveWaiting();
  }

  #serve(asker: Asker, request: DcRequest, identity: Identity): void {
    switch (request.kind) {
      case 'patch':
        this.#writes.patch(asker, request, identity);
        break;
      case 'replace':
        this.#writes.replace(asker, request, identity);
        break;
      case 'attribute':
        this.attribute(request.update);
        this.#answers.give(asker, { ok: true, result: {} });
        break;
      case 'cleanup': {
        const cleaned = cleanUp(request, this.#dc, this.#document, this.#config.nodes);
        this.#answers.give(asker, { ok: true, result: { cleaned } });
        break;
      }
      case 'fail':
        this.#answers.give(asker, failResource(request, this.#dc, this.#document.cib, this.#config.nodes));
        break;
      case 'wait-idle':
        if (this.#dc.idle) this.#answers.give(asker, { ok: true, result: { idle: true } });
        else {
          this.#idleWaiters.push(asker);
          this.#output.setTimer(`request:${asker.id}`, request.timeoutMs);
        }
        break;
      case 'fence': {
        const reason = `asked for by ${identity.user}`;
        this.#fences.set(
          this.#dc.fence(request.node, request.action, request.timeoutMs, reason, null),
          asker,
        );
        break;
      }
      case 'confirm-down':
        this.#dc.markDown(request.node);
        this.#answers.give(asker, { ok: true, result: {} });
        break;
      case 'shut-down':
        this.#dc.setAttribute(request.node, 'shutdown', String(Math.floor(this.#output.nowMs / 1000)));
        this.#answers.give(asker, { ok: true, result: {} });
        break;
    }
  }

  timer(timer: string): void {
    if (timer.startsWith('request:dampen:')) {
      this.#flushDampened(timer.slice('request:dampen:'.length));
      return;
    }
    const id = timer.slice('request:'.length);
    const waiter = this.#idleWaiters.find((asker) => asker.id === id);
    if (!waiter) return;
    this.#idleWaiters = this.#idleWaiters.filter((asker) => asker !== waiter);
    this.#answers.give(waiter, { ok: true, result: { idle: false } });
  }

  idle(): void {
    for (const asker of this.#idleWaiters.splice(0)) {
      this.#output.cancelTimer(`request:${asker.id}`);
      this.#answers.give(asker, { ok: true, result: { idle: true } });
    }
  }

  fenced(result: FenceResult): void {
    const asker = this.#fences.get(result.id);
    if (!asker) return;
    this.#fences.delete(result.id);
    if (result.ok) this.#answers.give(asker, { ok: true, result: {} });
    else this.#answers.refuse(asker, 'failed', `fencing ${result.target} has failed: ${result.text}`);
  }

  /** A member has this version on disk, with a configuration of this digest. */
  stored(node: NodeId, version: CibVersion, digest: string): void {
    this.#writes.stored(node, version, digest);
  }

  // ---- Attributes ----

  attribute(update: AttributeUpdate): void {
    if (update.private || this.#privates.has(update.name)) {
      if (!this.#privates.set(update.node, update.name, update.value)) return;
      const payload = { kind: 'private', attributes: this.#privates.table } as const;
      this.#output.push({ kind: 'broadcast', payload });
      return;
    }
    if (update.dampenMs <= 0) {
      this.#dc.setAttribute(update.node, update.name, update.value);
      return;
    }
    const held = this.#dampened.get(update.name) ?? new Map<string, string | null>();
    // The first change starts the clock; those that follow within it are written with it.
    if (held.size === 0) this.#output.setTimer(`request:dampen:${update.name}`, update.dampenMs);
    held.set(update.node, update.value);
    this.#dampened.set(update.name, held);
  }

  #flushDampened(name: string): void {
    const held = this.#dampened.get(name);
    this.#dampened.delete(name);
    for (const [node, value] of held ?? []) this.#dc.setAttribute(node, name, value);
  }
}
