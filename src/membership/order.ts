import type { Flush, NodeId, OrderedMessage, Payload, View } from './types.js';

/**
 * Total order of one view's broadcasts. The coordinator numbers them; a message is delivered when every member has
 * received it ("safe"), so that nothing delivered anywhere can be unknown to those who go on.
 */
export class Order {
  readonly #view: View;
  readonly #self: NodeId;
  /** Received and not known to be stable at every member, ascending. */
  readonly #unstable = new Map<number, OrderedMessage>();
  #received = 0;
  #stable = 0;
  #delivered = 0;
  /** Coordinator only: how far each member has received. */
  readonly #receivedBy = new Map<NodeId, number>();
  #lastAssigned = 0;

  constructor(view: View, self: NodeId) {
    this.#view = view;
    this.#self = self;
    for (const member of view.members) this.#receivedBy.set(member.node, 0);
  }

  get isCoordinator(): boolean {
    return this.#view.id.coordinator === this.#self;
  }

  get received(): number {
    return this.#received;
  }

  get stable(): number {
    return this.#stable;
  }

  get unstable(): OrderedMessage[] {
    return [...this.#unstable.values()];
  }

  /** Coordinator: gives a broadcast its place. */
  assign(origin: NodeId, originSequence: number, payload: Payload): OrderedMessage {
    const message = { sequence: ++this.#lastAssigned, origin, originSequence, payload };
    this.accept(message);
    this.noteReceived(this.#self, message.sequence);
    return message;
  }

  /** Takes a numbered message; the channel brings them in order. */
  accept(message: OrderedMessage): void {
    if (message.sequence <= this.#received) return;
    this.#unstable.set(message.sequence, message);
    this.#received = message.sequence;
  }

  /** Coordinator: a member has received up to here. True where more became stable. */
  noteReceived(member: NodeId, sequence: number): boolean {
    if (sequence > (this.#receivedBy.get(member) ?? 0)) this.#receivedBy.set(member, sequence);
    return this.noteStable(Math.min(...this.#receivedBy.values()));
  }

  noteStable(sequence: number): boolean {
    if (sequence <= this.#stable) return false;
    this.#stable = sequence;
    return true;
  }

  /** What is safe and was not delivered yet, in order. */
  takeDeliverable(): OrderedMessage[] {
    const ready: OrderedMessage[] = [];
    while (this.#delivered < Math.min(this.#stable, this.#received)) {
      const message = this.#unstable.get(++this.#delivered);
      if (message) ready.push(message);
      this.#unstable.delete(this.#delivered);
    }
    return ready;
  }

  /** The rest that all survivors of the view deliver before the next one. */
  takeFlushed(flush: Flush): OrderedMessage[] {
    for (const message of flush.messages) this.accept(message);
    this.noteStable(flush.upTo);
    return this.takeDeliverable();
  }
}
