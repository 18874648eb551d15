import { Channel } from './channel.js';
import { Order } from './order.js';
import type { MembershipOutput } from './output.js';
import type {
  BootId,
  ChannelItem,
  Flush,
  Message,
  NodeId,
  OrderedMessage,
  Payload,
  View,
  ViewId,
} from './types.js';
import { sameViewId } from './view.js';

/** What the members of a view say to each other: messages in one order for all, and those from one to another. */
export class ViewMessages {
  readonly #self: NodeId;
  readonly #retransmitMs: () => number;
  readonly #output: MembershipOutput;
  #view: View | null = null;
  #order: Order | null = null;
  readonly #channels = new Map<NodeId, Channel>();
  #channelsArmed = false;
  #acknowledgeArmed = false;
  #originSequence = 0;

  /** @param retransmitMs how long an answer is waited for, as configured by now */
  constructor(self: NodeId, retransmitMs: () => number, output: MembershipOutput) {
    this.#self = self;
    this.#retransmitMs = retransmitMs;
    this.#output = output;
  }

  /** Ordered messages that were received here and may be missing elsewhere. */
  get unstable(): readonly OrderedMessage[] {
    return this.#order?.unstable ?? [];
  }

  /** All ordered messages up to here were received here. */
  get received(): number {
    return this.#order?.received ?? 0;
  }

  /** Delivers what all who go on deliver of the view that ends. */
  end(flush: Flush): void {
    if (!this.#order) return;
    for (const message of this.#order.takeFlushed(flush)) this.#deliver(flush.view, message);
  }

  begin(view: View): void {
    this.#view = view;
    this.#order = new Order(view, this.#self);
    this.#channels.clear();
    for (const member of view.members) {
      if (member.node === this.#self) continue;
      this.#channels.set(member.node, new Channel(view.id, member.node, member.boot));
    }
  }

  broadcast(payload: Payload): void {
    const order = this.#order;
    if (!order || !this.#view) return;
    const originSequence = ++this.#originSequence;
    if (order.isCoordinator) this.#assign(this.#self, originSequence, payload);
    else this.#channels.get(this.#view.id.coordinator)?.push({ kind: 'submit', originSequence, payload });
  }

  #assign(origin: NodeId, originSequence: number, payload: Payload): void {
    const order = this.#order!;
    const message = order.assign(origin, originSequence, payload);
    for (const channel of this.#channels.values()) {
      channel.push({ kind: 'order', message, stable: order.stable });
    }
    this.#deliverSafe();
  }

  direct(to: NodeId, payload: Payload): void {
    if (!this.#view) return;
    if (to === this.#self) {
      this.#output.push({ kind: 'deliver-direct', view: this.#view.id, from: to, payload });
      return;
    }
    this.#channels.get(to)?.push({ kind: 'direct', payload });
  }

  /** Whether that run of a node is a member of the view. */
  isMember(from: NodeId, boot: BootId, view: ViewId): boolean {
    if (!this.#view || !sameViewId(view, this.#view.id)) return false;
    return this.#channels.get(from)?.boot === boot;
  }

  /** Takes what a member has sent; where the view may be over (`frozen`), only its confirmations. */
  receive(from: NodeId, message: Message & { kind: 'channel' }, frozen: boolean): void {
    const channel = this.#channels.get(from);
    if (!channel) return;
    const items = channel.receive(message);
    // Whoever has promised a new view has told what it received; taking more would make that a lie.
    if (frozen) return;
    for (const item of items) this.#receiveItem(from, item);
    if (channel.acknowledgementDue && !this.#acknowledgeArmed) {
      this.#acknowledgeArmed = true;
      this.#output.setTimer('acknowledge', Math.ceil(this.#retransmitMs() / 4));
    }
  }

  #receiveItem(from: NodeId, item: ChannelItem): void {
    const order = this.#order!;
    const view = this.#view!;
    switch (item.kind) {
      case 'submit':
        if (order.isCoordinator) this.#assign(from, item.originSequence, item.payload);
        break;
      case 'order':
        if (from !== view.id.coordinator) break;
        order.accept(item.message);
        order.noteStable(item.stable);
        this.#channels.get(from)?.push({ kind: 'received', sequence: order.received });
        this.#deliverSafe();
        break;
      case 'received':
        if (!order.isCoordinator || !order.noteReceived(from, item.sequence)) break;
        this.#deliverSafe();
        for (const channel of this.#channels.values())
          channel.push({ kind: 'stable', sequence: order.stable });
        break;
      case 'stable':
        if (from === view.id.coordinator && order.noteStable(item.sequence)) this.#deliverSafe();
        break;
      case 'direct':
        this.#output.push({ kind: 'deliver-direct', view: view.id, from, payload: item.payload });
        break;
    }
  }

  #deliverSafe(): void {
    for (const message of this.#order!.takeDeliverable()) this.#deliver(this.#view!.id, message);
  }

  #deliver(view: ViewId, message: OrderedMessage): void {
    this.#output.push({ kind: 'deliver', view, message });
  }

  /** Sends what was not sent yet; to be called at the end of each step. */
  send(): void {
    let sent = false;
    for (const channel of this.#channels.values()) {
      const message = channel.takeNew();
      if (!message) continue;
      this.#output.send(channel.peer, channel.boot, message);
      sent = true;
    }
    if (sent) this.#armChannels();
  }

  /** Once armed the timer runs out: sending more must not put off what is lost. */
  #armChannels(): void {
    if (this.#channelsArmed) return;
    for (const channel of this.#channels.values()) {
      if (!channel.hasUnacknowledged) continue;
      this.#channelsArmed = true;
      this.#output.setTimer('channels', this.#retransmitMs());
      return;
    }
  }

  sendAgain(): void {
    this.#channelsArmed = false;
    for (const channel of this.#channels.values()) {
      const message = channel.retransmission();
      if (message) this.#output.send(channel.peer, channel.boot, message);
    }
    this.#armChannels();
  }

  acknowledge(): void {
    this.#acknowledgeArmed = false;
    for (const channel of this.#channels.values()) {
      if (channel.acknowledgementDue)
        this.#output.send(channel.peer, channel.boot, channel.acknowledgement());
    }
  }
}
