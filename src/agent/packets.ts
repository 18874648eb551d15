import type { Heartbeat } from '../membership/detector.js';
import type { BootId, Message, NodeId } from '../membership/types.js';
import { addressTo, readHeartbeat, readMessage } from './addressed.js';
import type { DropReason } from './dropped-packets.js';
import { Seal } from './seal.js';

const KINDS = { heartbeat: 1, message: 2 } as const;

/** What an authentic packet that was not taken before has brought to the node that it is meant for. */
export type Received = { readonly from: NodeId; readonly boot: BootId } & (
  | { readonly kind: 'heartbeat'; readonly heartbeat: Heartbeat }
  | { readonly kind: 'message'; readonly message: Message }
);

/** One run's end of the wire: makes the packets that go out, and lets through of those that come in what may change anything. */
export class Packets {
  readonly #self: NodeId;
  readonly #seal: Seal;
  readonly #isCurrent: (node: NodeId, boot: BootId) => boolean;

  /**
   * @param clusterKeys as `Seal` has them
   * @param isCurrent whether that run of a node is the one heard both ways
   */
  constructor(
    clusterKeys: readonly Buffer[],
    self: NodeId,
    boot: BootId,
    isCurrent: (node: NodeId, boot: BootId) => boolean,
  ) {
    this.#self = self;
    this.#seal = new Seal(clusterKeys, self, boot);
    this.#isCurrent = isCurrent;
  }

  setKeys(clusterKeys: readonly Buffer[]): void {
    this.#seal.setKeys(clusterKeys);
  }

  /** @param json an object */
  make(kind: keyof typeof KINDS, to: NodeId, json: string): Buffer {
    return this.#seal.seal(Buffer.concat([Buffer.from([KINDS[kind]]), Buffer.from(addressTo(to, json))]));
  }

  /** Why it is dropped, where it is; null for a message of a run that is not (or no longer) heard. */
  take(packet: Buffer): Received | DropReason | null {
    const opened = this.#seal.open(packet);
    if (typeof opened === 'string') return opened;
    const { sender: from, boot, payload } = opened;
    const text = payload.toString('utf8', 1);
    if (payload[0] === KINDS.heartbeat) {
      const heartbeat = readHeartbeat(this.#self, text);
      return typeof heartbeat === 'string' ? heartbeat : { kind: 'heartbeat', from, boot, heartbeat };
    }
    if (payload[0] !== KINDS.message || !this.#isCurrent(from, boot)) return null;
    const message = readMessage(this.#self, text);
    return typeof message === 'string' ? message : { kind: 'message', from, boot, message };
  }
}
