import type { Heartbeat } from '../../src/membership/detector.js';
import type { BootId, Message, NodeId } from '../../src/membership/types.js';
import type { SimulatedMember } from './member.js';
import type { Network } from './network.js';

/** Small enough, or on streams: they take one way. */
export const LINK_OF_MESSAGES = 0;

/** How what one run of a node sends gets to another. */
export interface Carrier {
  heartbeat(from: SimulatedMember, to: NodeId, link: number, heartbeat: Heartbeat): void;
  message(from: SimulatedMember, to: NodeId, boot: BootId, message: Message): void;
}

/** Hands over what is sent as it is, and tells truly from whom it is. */
export class TrustedCarrier implements Carrier {
  readonly #network: Network;
  readonly #find: (node: NodeId) => SimulatedMember | undefined;

  constructor(network: Network, find: (node: NodeId) => SimulatedMember | undefined) {
    this.#network = network;
    this.#find = find;
  }

  heartbeat(from: SimulatedMember, to: NodeId, link: number, heartbeat: Heartbeat): void {
    this.#network.send(from.node, to, link, () => {
      this.#find(to)?.hearHeartbeat(from.node, from.boot, link, heartbeat);
    });
  }

  message(from: SimulatedMember, to: NodeId, boot: BootId, message: Message): void {
    this.#network.send(from.node, to, LINK_OF_MESSAGES, () => {
      const peer = this.#find(to);
      if (peer?.boot === boot) peer.hearMessage(from.node, from.boot, message);
    });
  }
}
