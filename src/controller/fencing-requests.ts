import type { Output } from './output.js';
import type { FenceResult } from './types.js';

/** The DC's requests to the fencer that are not answered yet. */
export class FencingRequests {
  readonly #uuid: string;
  readonly #output: Output;
  /** By id of the request: the action of the transition's graph that it is made for, if any. */
  readonly #open = new Map<string, number | null>();

  /** @param uuid of this node's controller */
  constructor(uuid: string, output: Output) {
    this.#uuid = uuid;
    this.#output = output;
  }

  /**
   * Asks for a node to be fenced.
   *
   * @param graphAction the action that waits for it
   * @param delayMs how long the first device waits besides its own delays
   * @returns the request's id
   */
  ask(
    target: string,
    action: string,
    timeoutMs: number,
    reason: string,
    graphAction: number | null,
    delayMs: number,
  ): string {
    const id = `${this.#uuid.slice(0, 8)}.${this.#output.nowMs}.${this.#open.size}`;
    this.#open.set(id, graphAction);
    this.#output.event('fencing', `fencing ${target} (${action}): ${reason}`, { target, action, reason });
    this.#output.push({ kind: 'fence', request: { id, target, action, timeoutMs, delayMs, reason } });
    return id;
  }

  /** Takes an answer; returns the action of the graph that has waited for it, null where none has. */
  answered(result: FenceResult): number | null {
    const graphAction = this.#open.get(result.id) ?? null;
    this.#open.delete(result.id);
    const how = result.ok ? 'was fenced' : `could not be fenced: ${result.text}`;
    this.#output.event('fenced', `${result.target} ${how}`, {
      target: result.target,
      action: result.action,
      ok: result.ok,
      delegate: result.delegate,
    });
    return graphAction;
  }
}
