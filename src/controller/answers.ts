import type { NodeId } from '../membership/types.js';
import type { ErrorCode } from '../protocol/messages.js';
import type { Output } from './output.js';
import type { RequestAnswer } from './types.js';

/** So many answers are kept for a client whose node asks again after a change of view. */
const ANSWERS_MAX = 200;

/** To a client whose write may have been made by a DC that has not lived, or has not stayed the DC, to tell. */
export const OUTCOME_UNKNOWN: RequestAnswer = {
  ok: false,
  error: {
    code: 'failed',
    message: 'the DC was lost before it answered: the change may or may not have been made',
  },
};

/** Who waits for an answer: a client of a node, by the id of its request. */
export interface Asker {
  readonly node: NodeId;
  readonly id: string;
}

/** Requests are answered once: one that comes again gets the same answer, or the one that is still to come. */
export class Answers {
  readonly #output: Output;
  readonly #given = new Map<string, RequestAnswer>();
  readonly #inHand = new Set<string>();

  constructor(output: Output) {
    this.#output = output;
  }

  /** True where the request is new, and in hand from now on; one that was answered is answered again. */
  isNew({ node, id }: Asker): boolean {
    const known = this.#given.get(id);
    if (known) this.#output.direct(node, { kind: 'answer', id, answer: known });
    if (known || this.#inHand.has(id)) return false;
    this.#inHand.add(id);
    return true;
  }

  give({ node, id }: Asker, answer: RequestAnswer): void {
    this.#inHand.delete(id);
    this.#given.set(id, answer);
    for (const old of this.#given.keys()) {
      if (this.#given.size <= ANSWERS_MAX) break;
      this.#given.delete(old);
    }
    this.#output.direct(node, { kind: 'answer', id, answer });
  }

  refuse(asker: Asker, code: ErrorCode, message: string, data?: unknown): void {
    this.give(asker, { ok: false, error: { code, message, ...(data === undefined ? {} : { data }) } });
  }
}
