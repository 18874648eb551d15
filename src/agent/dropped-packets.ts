/** Why a packet was dropped, or a stream refused, before it could change anything. */
export type DropReason =
  /** Not of this format, or cut short. */
  | 'not-ours'
  /** Sealed with a key that is not known here. */
  | 'unknown-key'
  /** Says that it is sealed with a key that is known here, and is not, or was changed on its way. */
  | 'forged'
  /** Was taken before, or is too old to tell. */
  | 'replayed'
  /** Meant for another node. */
  | 'misdirected'
  /** Authentic, and not to be understood. */
  | 'malformed'
  /** A stream on which nobody has proven to know a key. */
  | 'stream';

export type DropCounts = Readonly<Record<DropReason, number>>;

export const NONE_DROPPED: DropCounts = {
  'not-ours': 0,
  'unknown-key': 0,
  forged: 0,
  replayed: 0,
  misdirected: 0,
  malformed: 0,
  stream: 0,
};

const WORDS: Readonly<Record<DropReason, string>> = {
  'not-ours': 'packets that are none of a cluster of ours',
  'unknown-key':
    "packets sealed with another key: is authkey the same on all nodes, and the address another cluster's",
  forged: 'packets that are forged or damaged',
  replayed: 'packets that were taken before',
  misdirected: 'packets that are meant for another node',
  malformed: 'packets that cannot be understood',
  stream: 'streams on which the cluster key was not proven',
};

/** So many senders are told apart; anybody may send from any address. */
const ANNOUNCED_MAX = 64;

/** Counts what is dropped, and says so once of each reason and sender. */
export class DroppedPackets {
  readonly #counts: Record<DropReason, number> = { ...NONE_DROPPED };
  readonly #announced = new Set<string>();
  #changed = false;

  /** A line for the log; null where it was said before. */
  note(reason: DropReason, address: string): string | null {
    this.#counts[reason]++;
    this.#changed = true;
    const name = `${reason} ${address}`;
    if (this.#announced.has(name) || this.#announced.size >= ANNOUNCED_MAX) return null;
    this.#announced.add(name);
    return `dropping what comes from ${address}: ${WORDS[reason]}`;
  }

  /** The counts, where they are others than when they were last taken. */
  takeChanged(): DropCounts | null {
    if (!this.#changed) return null;
    this.#changed = false;
    return { ...this.#counts };
  }
}
