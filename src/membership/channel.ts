import type { BootId, ChannelItem, Message, NodeId, ViewId } from './types.js';

/** More than this is not sent again at once; the rest follows when it was acknowledged. */
const RETRANSMIT_ITEMS_MAX = 64;

/**
 * One direction pair of a reliable first-in-first-out channel between two members of a view, over a carrier that may
 * lose, duplicate and reorder. It lives as long as the view.
 */
export class Channel {
  readonly peer: NodeId;
  readonly boot: BootId;
  readonly #view: ViewId;
  /** Sent or to be sent, and not acknowledged; the first has sequence `#firstUnacknowledged`. */
  #unacknowledged: ChannelItem[] = [];
  #firstUnacknowledged = 1;
  #sentUpTo = 0;
  #receivedUpTo = 0;
  /** Arrived before their turn. */
  readonly #early = new Map<number, ChannelItem>();
  #acknowledgementDue = false;

  constructor(view: ViewId, peer: NodeId, boot: BootId) {
    this.#view = view;
    this.peer = peer;
    this.boot = boot;
  }

  push(item: ChannelItem): void {
    this.#unacknowledged.push(item);
  }

  get acknowledgementDue(): boolean {
    return this.#acknowledgementDue;
  }

  get hasUnacknowledged(): boolean {
    return this.#unacknowledged.length > 0;
  }

  /** The message with what was not sent yet; null where there is nothing new. */
  takeNew(): Message | null {
    const from = Math.max(this.#sentUpTo + 1, this.#firstUnacknowledged);
    const items = this.#unacknowledged.slice(from - this.#firstUnacknowledged);
    if (items.length === 0) return null;
    this.#sentUpTo = from + items.length - 1;
    return this.#message(from, items);
  }

  /** The message with the oldest unacknowledged items. */
  retransmission(): Message | null {
    if (this.#unacknowledged.length === 0) return null;
    return this.#message(this.#firstUnacknowledged, this.#unacknowledged.slice(0, RETRANSMIT_ITEMS_MAX));
  }

  acknowledgement(): Message {
    return this.#message(this.#firstUnacknowledged, []);
  }

  #message(sequence: number, items: readonly ChannelItem[]): Message {
    this.#acknowledgementDue = false;
    return { kind: 'channel', view: this.#view, sequence, acknowledged: this.#receivedUpTo, items };
  }

  /** Takes a message of this channel; returns the items whose turn it is. */
  receive(message: Message & { kind: 'channel' }): ChannelItem[] {
    const acknowledged = message.acknowledged - this.#firstUnacknowledged + 1;
    if (acknowledged > 0) {
      this.#unacknowledged.splice(0, acknowledged);
      this.#firstUnacknowledged += acknowledged;
    }
    if (message.items.length > 0) this.#acknowledgementDue = true;
    for (const [i, item] of message.items.entries()) {
      const sequence = message.sequence + i;
      if (sequence > this.#receivedUpTo) this.#early.set(sequence, item);
    }
    const ready: ChannelItem[] = [];
    for (;;) {
      const next = this.#early.get(this.#receivedUpTo + 1);
      if (!next) return ready;
      this.#early.delete(++this.#receivedUpTo);
      ready.push(next);
    }
  }
}
