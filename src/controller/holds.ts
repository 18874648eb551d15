import type { Element } from '../cib/element.js';
import type { GraphAction } from '../scheduler/graph.js';
import type { Output } from './output.js';
import { baseId, relatedTo } from './related-resources.js';
import type { Transition } from './transition.js';
import type { Join } from './types.js';

const STARTING = ['start', 'promote', 'migrate_to', 'migrate_from'];

/**
 * What holds actions back that a transition's graph would let begin, since the scheduler does not know of it: nodes that
 * were lost and not fenced, and stops that an earlier DC has ordered.
 */
export class Holds {
  readonly #output: Output;
  #graceUntilMs: number | null;
  /**
   * What hangs together with a resource that a node was still stopping or demoting, on another DC's order, when it joined;
   * by that order's transition key. The scheduler takes such a resource for what it was before.
   */
  readonly #ending = new Map<string, ReadonlySet<string>>();

  /** @param before in the view before: another view does not hasten what a lost node is at */
  constructor(output: Output, before: Holds | undefined) {
    this.#output = output;
    this.#graceUntilMs = before?.graceUntilMs ?? null;
  }

  /** Until then starts wait for what may still be stopping elsewhere, in ms since 1970; null: for nothing. */
  get graceUntilMs(): number | null {
    return this.#graceUntilMs;
  }

  /** Starts wait this long: a node that was lost without fencing may still be stopping what it ran. */
  startGrace(delayMs: number): void {
    const { nowMs } = this.#output;
    this.#graceUntilMs = Math.max(this.#graceUntilMs ?? 0, nowMs + delayMs);
    this.#output.setTimer('grace', this.#graceUntilMs - nowMs);
  }

  endGrace(): void {
    this.#graceUntilMs = null;
  }

  /**
   * Notes what members that join are still stopping or demoting.
   *
   * @param own transition keys of what this DC itself waits for
   */
  noteEndings(cib: Element, joins: Iterable<Join>, own: ReadonlySet<string>): void {
    for (const { ending = {} } of joins) {
      for (const [key, resource] of Object.entries(ending)) {
        if (!own.has(key)) this.#ending.set(key, relatedTo(cib, resource));
      }
    }
  }

  /** What was ordered under this transition key is over. */
  ended(transitionKey: string): void {
    this.#ending.delete(transitionKey);
  }

  allow(action: GraphAction, transition: Transition): boolean {
    if (action.operation === 'do_shutdown') {
      // What is found running on a node that leaves must be stopped first; the scheduler orders nothing after probes but starts.
      return !transition.unfinished().some((other) => isProbe(other) && other.onNode === action.onNode);
    }
    if (!STARTING.includes(action.operation)) return true;
    if (this.#graceUntilMs !== null) return false;
    if (this.#ending.size === 0) return true;
    const resource = baseId(action.resource?.id ?? '');
    return ![...this.#ending.values()].some((related) => related.has(resource));
  }
}

function isProbe({ operation, attributes }: GraphAction): boolean {
  return operation === 'monitor' && Number(attributes.CRM_meta_interval ?? 0) === 0;
}
