import type { BootId, Effect, Message, NodeId } from '../membership/types.js';
import type { HeartbeatThread } from './heartbeat.js';
import type { PeerStreams } from './streams.js';

/** What fits into one datagram on any network, with room for the seal. */
export const DATAGRAM_TEXT_MAX = 1200;

/**
 * Messages to peers: small ones as datagrams, what belongs to a view's order or is long on streams. One that promises
 * what stands in the membership's record goes out only when that is on disk.
 */
export class Outbox {
  readonly #heartbeat: () => HeartbeatThread | null;
  readonly #streams: PeerStreams;
  readonly #afterWrite: { readonly write: number; readonly run: () => void }[] = [];
  #written = 0;

  constructor(heartbeat: () => HeartbeatThread | null, streams: PeerStreams) {
    this.#heartbeat = heartbeat;
    this.#streams = streams;
  }

  /** Best effort: the membership sends again what gets lost. */
  send({ to, boot, message, after }: Extract<Effect, { kind: 'send' }>): void {
    const send = () => this.#send(to, boot, message);
    if (after === undefined || after <= this.#written) send();
    else this.#afterWrite.push({ write: after, run: send });
  }

  /** The record of that number, and all before it, are on disk. */
  recordWritten(write: number): void {
    this.#written = write;
    for (let i = 0; i < this.#afterWrite.length; ) {
      if (this.#afterWrite[i]!.write <= write) this.#afterWrite.splice(i, 1)[0]!.run();
      else i++;
    }
  }

  #send(to: NodeId, boot: BootId, message: Message): void {
    const text = JSON.stringify(message);
    const small = text.length <= DATAGRAM_TEXT_MAX;
    const heartbeat = this.#heartbeat();
    if (message.kind !== 'channel' && small) heartbeat?.send(to, boot, text);
    else if (!this.#streams.send(to, text) && small) heartbeat?.send(to, boot, text);
  }
}
