import { join } from 'node:path';
import type { ControllerEffect, ExecutorState } from '../controller/types.js';
import { ExecutorClient } from '../executor/client.js';
import type { OperationResult } from '../executor/types.js';
import type { Log } from './log.js';
import type { AgentPlaces } from './places.js';

export interface ExecutorHostOptions {
  readonly places: AgentPlaces;
  readonly version: string;
  readonly program: string;
  readonly tools?: string;
  readonly shippedAgents?: string;
  readonly log: Log;
  readonly onResult: (result: OperationResult) => void;
  /** An executor is there, perhaps in the place of another; told before any result of it. */
  readonly onAttached: (state: ExecutorState) => void;
  /** A recurring operation is gone. */
  readonly onCancelled: (resource: string, key: string) => void;
}

/** Keeps one executor at hand: where it ends by accident another takes over. */
export class ExecutorHost {
  readonly #options: ExecutorHostOptions;
  #client: ExecutorClient | null = null;
  /** Undefined until it was decided. */
  #stopAfterMs: number | null | undefined;
  #closed = false;

  constructor(options: ExecutorHostOptions) {
    this.#options = options;
  }

  /** Null before `connect`, and on an arbiter for ever. */
  get client(): ExecutorClient | null {
    return this.#client;
  }

  /** Rejects where the executor cannot be started. */
  async connect(keepHistory = false): Promise<void> {
    const { places, version, program, tools, shippedAgents, onResult, onAttached } = this.#options;
    // Results may come together with what it tells first.
    let early: OperationResult[] | null = [];
    this.#client = await ExecutorClient.connect({
      directory: places.executor,
      keepHistory,
      version,
      program,
      root: places.root,
      logPath: join(places.log, 'executor.log'),
      ...(tools === undefined ? {} : { tools }),
      ...(shippedAgents === undefined ? {} : { shippedAgents }),
      onResult: (result) => {
        if (early) early.push(result);
        else onResult(result);
      },
    });
    const { history, pending, recurring, lastCallId } = this.#client.attachment;
    onAttached({ history, underWay: [...pending, ...recurring], lastCallId });
    for (const result of early) onResult(result);
    early = null;
    if (this.#stopAfterMs !== undefined) this.#client.guard(this.#stopAfterMs);
    void this.#client.closed.then(() => this.#lost());
  }

  async #lost(): Promise<void> {
    if (this.#closed || this.#client?.isClosing) return;
    this.#options.log.write('warning', 'the executor has ended; a new one takes over');
    await this.connect(true);
  }

  perform(effect: Extract<ControllerEffect, { kind: 'execute' | 'cancel' | 'forget' }>): void {
    switch (effect.kind) {
      case 'execute':
        this.#client?.execute(effect.request);
        break;
      case 'cancel': {
        const { resource, key } = effect;
        void this.#client?.cancel(resource, key).then(() => this.#options.onCancelled(resource, key));
        break;
      }
      case 'forget':
        void this.#client?.forget(effect.resource);
        break;
    }
  }

  /** What the executor, and whichever takes over from it, does should this agent vanish (`ExecutorClient.guard`). */
  guard(stopAfterMs: number | null): void {
    this.#stopAfterMs = stopAfterMs;
    this.#client?.guard(stopAfterMs);
  }

  /** From now on the executor's end is no accident. */
  closing(): void {
    this.#closed = true;
  }
}
