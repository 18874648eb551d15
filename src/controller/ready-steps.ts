/** What can be ranked and, as long as its place is full, is not worth looking at. */
export interface Ranked {
  /** Lowest first. */
  readonly rank: number;
  /** Where it would run; null where it is judged by itself. */
  readonly place: string | null;
}

const byRank = (a: Ranked, b: Ranked) => a.rank - b.rank;

/** Those of one place, ascending by rank. */
interface Queue<T extends Ranked> {
  items: T[];
  /** So many of `items` have had their turn in this round. */
  turn: number;
  /** Those of them that stay. */
  held: T[];
  closed: boolean;
}

/**
 * What is ready to be started, taken in the order of rank. A place that is full is left out for the rest of a round: of
 * thousands that wait for a few nodes, a round must not look at each.
 */
export class ReadySteps<T extends Ranked> {
  readonly #queues = new Map<string | null, Queue<T>>();

  constructor(items: readonly T[]) {
    for (const item of items) this.#queueOf(item.place).items.push(item);
    for (const queue of this.#queues.values()) queue.items.sort(byRank);
  }

  add(item: T): void {
    const queue = this.#queueOf(item.place);
    let at = queue.items.length;
    while (at > queue.turn && queue.items[at - 1]!.rank > item.rank) at--;
    queue.items.splice(at, 0, item);
  }

  some(test: (item: T) => boolean): boolean {
    return [...this.#queues.values()].some(({ items }) => items.some(test));
  }

  /** Takes out those for which `test` holds. */
  drop(test: (item: T) => boolean): T[] {
    const dropped: T[] = [];
    for (const queue of this.#queues.values()) {
      const stays: T[] = [];
      for (const item of queue.items) (test(item) ? dropped : stays).push(item);
      queue.items = stays;
    }
    return dropped;
  }

  /**
   * Offers each in its turn, also those that are added meanwhile, until `offer` ends the round.
   *
   * @param offer `taken`: it is ready no more; `held`: it stays; `full`: so do all others of its place; `end`: so do all
   */
  round(offer: (item: T) => 'taken' | 'held' | 'full' | 'end'): void {
    for (let queue = this.#next(); queue; queue = this.#next()) {
      const item = queue.items[queue.turn++]!;
      const answer = offer(item);
      if (answer === 'taken') continue;
      queue.held.push(item);
      if (answer === 'full') queue.closed = true;
      if (answer === 'end') break;
    }
    for (const queue of this.#queues.values()) {
      if (queue.turn > 0) queue.items = [...queue.held, ...queue.items.slice(queue.turn)].sort(byRank);
      queue.turn = 0;
      queue.held = [];
      queue.closed = false;
    }
  }

  #next(): Queue<T> | null {
    let next: Queue<T> | null = null;
    for (const queue of this.#queues.values()) {
      if (queue.closed || queue.turn >= queue.items.length) continue;
      if (!next || queue.items[queue.turn]!.rank < next.items[next.turn]!.rank) next = queue;
    }
    return next;
  }

  #queueOf(place: string | null): Queue<T> {
    let queue = this.#queues.get(place);
    if (!queue) {
      queue = { items: [], turn: 0, held: [], closed: false };
      this.#queues.set(place, queue);
    }
    return queue;
  }
}
