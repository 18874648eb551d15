import type { NodeId } from '../membership/types.js';
import type { ClusterEvent } from '../protocol/messages.js';
import type { ControllerEffect, DirectMessage } from './types.js';

/** Collects the effects of one step, in order; shared by the parts of the controller. */
export class Output {
  readonly #node: string;
  #effects: ControllerEffect[] = [];
  nowMs = 0;

  constructor(node: string) {
    this.#node = node;
  }

  push(effect: ControllerEffect): void {
    this.#effects.push(effect);
  }

  take(): ControllerEffect[] {
    const taken = this.#effects;
    this.#effects = [];
    return taken;
  }

  direct(to: NodeId, payload: DirectMessage): void {
    this.#effects.push({ kind: 'direct', to, payload });
  }

  event(kind: ClusterEvent['kind'], text: string, data: ClusterEvent['data'] = {}): void {
    const event: ClusterEvent = { atMs: this.nowMs, node: this.#node, kind, text, data };
    this.#effects.push({ kind: 'event', event });
  }

  log(level: 'debug' | 'info' | 'warning' | 'error', text: string): void {
    this.#effects.push({ kind: 'log', level, text });
  }

  setTimer(timer: string, delayMs: number): void {
    this.#effects.push({ kind: 'set-timer', timer, delayMs });
  }

  cancelTimer(timer: string): void {
    this.#effects.push({ kind: 'cancel-timer', timer });
  }
}
