import type { Server, Socket } from 'node:net';
import { type ConnectionOptions, connect, createServer, type TLSSocket } from 'node:tls';
import type { LinkState } from '../membership/detector.js';
import type { BootId, Message, NodeId } from '../membership/types.js';
import type { Endpoint, Peer } from './configuration.js';
import { DroppedPackets } from './dropped-packets.js';
import { deriveKey, keyId } from './seal.js';

/** A whole CIB may travel in one message. */
const FRAME_BYTES_MAX = 256 * 1024 * 1024;
/** More unsent than this, and the peer is not reading: the stream is given up. */
const UNSENT_BYTES_MAX = 512 * 1024 * 1024;
const RETRY_MIN_MS = 50;
const RETRY_MAX_MS = 1000;
/** Who has not shown by then that it knows a key is cut off. */
const HANDSHAKE_MS = 5000;
/** TLS 1.3 with a pre-shared key needs a suite with SHA-256. */
const CIPHERS = 'TLS_AES_128_GCM_SHA256';

export interface StreamOptions {
  readonly self: NodeId;
  readonly boot: BootId;
  readonly clusterKeys: readonly Buffer[];
  /** Own address and port of each link. */
  readonly links: readonly Endpoint[];
  readonly peers: readonly Peer[];
  readonly onMessage: (from: NodeId, boot: BootId, message: Message) => void;
  /** Somebody has not proven to know a key, or does not speak as an agent does. */
  readonly onRefused: () => void;
  readonly log: (text: string) => void;
}

/**
 * Streams for what is too big for a datagram: each node connects to each peer over TLS, with the cluster key as
 * pre-shared key, and sends on that connection; it receives on the peer's. Lost streams are made anew; what was
 * under way is lost with them, and the membership sends it again.
 */
export class PeerStreams {
  #options: StreamOptions;
  readonly #servers: Server[] = [];
  readonly #outgoing = new Map<NodeId, OutgoingStream>();
  readonly #incoming = new Set<Socket>();
  #keys: readonly StreamKey[] = [];
  readonly #dropped = new DroppedPackets();

  constructor(options: StreamOptions) {
    this.#options = options;
    this.configure(options.clusterKeys, options.peers);
  }

  /** Other keys or peers. Streams that are up stay up, but those to peers that are no more, or elsewhere now. */
  configure(clusterKeys: readonly Buffer[], peers: readonly Peer[]): void {
    this.#options = { ...this.#options, clusterKeys, peers };
    this.#keys = clusterKeys.map((key) => ({
      identity: `quorate ${keyId(key).toString('hex')}`,
      psk: deriveKey(key, 'streams'),
    }));
    for (const [node, stream] of this.#outgoing) {
      const now = peers.find((peer) => peer.node === node);
      if (JSON.stringify(now) === JSON.stringify(stream.peer)) stream.keys = this.#keys;
      else {
        stream.close();
        this.#outgoing.delete(node);
      }
    }
    for (const peer of peers) {
      if (this.#outgoing.has(peer.node)) continue;
      this.#outgoing.set(peer.node, new OutgoingStream(peer, this.#options, this.#keys));
    }
  }

  /** Rejects where an own address cannot be listened on. */
  async listen(): Promise<void> {
    for (const { address, port } of this.#options.links) {
      const server = createServer(
        {
          ciphers: CIPHERS,
          minVersion: 'TLSv1.3',
          handshakeTimeout: HANDSHAKE_MS,
          // A peer may already use, or still use, another of the keys.
          pskCallback: (_socket, identity) =>
            this.#keys.find((key) => key.identity === identity)?.psk ?? null,
        },
        (socket) => this.#receive(socket),
      );
      server.on('tlsClientError', (error: NodeJS.ErrnoException, { remoteAddress }) => {
        // What ends a connection that was going well is no attempt to break in.
        if (/^ERR_(SSL|TLS)/.test(error.code ?? '')) this.#refused(remoteAddress);
      });
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen({ port, host: address, exclusive: true }, () => {
          server.off('error', reject);
          resolve();
        });
      });
      this.#servers.push(server);
    }
  }

  #refused(address: string | undefined): void {
    this.#options.onRefused();
    const line = this.#dropped.note('stream', address ?? 'an unknown address');
    if (line !== null) this.#options.log(line);
  }

  #receive(socket: TLSSocket): void {
    const { remoteAddress } = socket;
    this.#incoming.add(socket);
    socket.setNoDelay(true);
    let peer: { readonly node: NodeId; readonly boot: BootId } | null = null;
    const reader = new FrameReader((text) => {
      const frame = JSON.parse(text) as Partial<Message & { node: NodeId; boot: BootId }> | null;
      if (peer && typeof frame?.kind === 'string') {
        this.#options.onMessage(peer.node, peer.boot, frame as Message);
      } else if (!peer && typeof frame?.node === 'number' && typeof frame.boot === 'string') {
        peer = { node: frame.node, boot: frame.boot };
      } else throw new SyntaxError('no message of an agent');
    });
    socket.on('data', (chunk: Buffer) => {
      if (reader.read(chunk)) return;
      this.#refused(remoteAddress);
      socket.destroy();
    });
    socket.on('error', () => {});
    socket.on('close', () => this.#incoming.delete(socket));
  }

  /** A stream on a link that does not work, as its heartbeats show long before TCP would, is made anew on one that does. */
  linksAre(states: readonly LinkState[]): void {
    for (const [node, stream] of this.#outgoing) {
      const working: boolean[] = [];
      for (const state of states) if (state.node === node) working[state.link] = state.twoWay;
      stream.linksAre(working);
    }
  }

  /** True where the stream to that node is up. */
  isConnected(to: NodeId): boolean {
    return this.#outgoing.get(to)?.connected ?? false;
  }

  /** Best effort. */
  send(to: NodeId, text: string): boolean {
    return this.#outgoing.get(to)?.send(text) ?? false;
  }

  /** The peer is heard again: a connection that waits for its next attempt is tried at once. */
  wake(to: NodeId): void {
    this.#outgoing.get(to)?.wake();
  }

  close(): void {
    for (const server of this.#servers) server.close();
    for (const stream of this.#outgoing.values()) stream.close();
    for (const socket of this.#incoming) socket.destroy();
  }
}

interface StreamKey {
  readonly identity: string;
  readonly psk: Buffer;
}

class OutgoingStream {
  readonly peer: Peer;
  /** The first is tried first. */
  keys: readonly StreamKey[];
  readonly #options: StreamOptions;
  #socket: TLSSocket | null = null;
  #connected = false;
  #link = 0;
  /** By link; a link of which nothing is known may work. */
  #working: readonly (boolean | undefined)[] = [];
  #attempts = 0;
  #retry: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(peer: Peer, options: StreamOptions, keys: readonly StreamKey[]) {
    this.peer = peer;
    this.#options = options;
    this.keys = keys;
    this.#connect();
  }

  get connected(): boolean {
    return this.#connected;
  }

  #connect(): void {
    this.#retry = null;
    if (this.#closed) return;
    const { links } = this.peer;
    const next = this.#attempts % links.length;
    const inTurn = links.map((_, index) => (next + index) % links.length);
    const link = inTurn.find((index) => this.#working[index] !== false) ?? next;
    this.#link = link;
    const { address, port } = links[link]!;
    // A peer that has not read the newest key yet still has the one before.
    const key = this.keys[Math.floor(this.#attempts / links.length) % this.keys.length]!;
    const socket = connect({
      host: address,
      port,
      localAddress: this.#options.links[link]!.address,
      ciphers: CIPHERS,
      minVersion: 'TLSv1.3',
      pskCallback: () => ({ psk: key.psk, identity: key.identity }),
      checkServerIdentity: () => undefined,
    } as ConnectionOptions);
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.setTimeout(RETRY_MAX_MS * 3, () => {
      if (!this.#connected) socket.destroy();
    });
    socket.once('secureConnect', () => {
      this.#connected = true;
      this.#attempts = 0;
      const { self, boot } = this.#options;
      socket.write(frame(JSON.stringify({ node: self, boot })));
    });
    socket.on('data', () => {});
    socket.on('error', () => {});
    socket.once('close', () => {
      this.#connected = false;
      this.#socket = null;
      this.#attempts++;
      if (this.#closed) return;
      const delayMs = Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** Math.min(this.#attempts, 6));
      this.#retry = setTimeout(() => this.#connect(), delayMs);
    });
  }

  linksAre(working: readonly (boolean | undefined)[]): void {
    this.#working = working;
    if (working[this.#link] === false && working.includes(true)) this.#socket?.destroy();
  }

  wake(): void {
    if (!this.#retry) return;
    clearTimeout(this.#retry);
    this.#connect();
  }

  send(text: string): boolean {
    if (!this.#connected || !this.#socket) return false;
    if (this.#socket.writableLength > UNSENT_BYTES_MAX) {
      this.#options.log(`node ${this.peer.node} does not read: its stream is closed`);
      this.#socket.destroy();
      return false;
    }
    this.#socket.write(frame(text));
    return true;
  }

  close(): void {
    this.#closed = true;
    if (this.#retry) clearTimeout(this.#retry);
    this.#socket?.destroy();
  }
}

function frame(text: string): Buffer {
  const bytes = Buffer.byteLength(text);
  const out = Buffer.allocUnsafe(4 + bytes);
  out.writeUInt32BE(bytes, 0);
  out.write(text, 4);
  return out;
}

/** Takes length-prefixed texts out of a stream. */
class FrameReader {
  readonly #onFrame: (text: string) => void;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #wanted: number | null = null;

  constructor(onFrame: (text: string) => void) {
    this.#onFrame = onFrame;
  }

  /** False where the stream is not one of ours and should be ended. */
  read(chunk: Buffer): boolean {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    for (;;) {
      if (this.#wanted === null) {
        if (this.#bytes < 4) return true;
        this.#wanted = this.#take(4).readUInt32BE(0);
        if (this.#wanted > FRAME_BYTES_MAX) return false;
      }
      if (this.#bytes < this.#wanted) return true;
      const text = this.#take(this.#wanted).toString('utf8');
      this.#wanted = null;
      try {
        this.#onFrame(text);
      } catch (error) {
        if (error instanceof SyntaxError) return false;
        throw error;
      }
    }
  }

  #take(count: number): Buffer {
    const all = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks);
    this.#chunks = [all.subarray(count)];
    this.#bytes -= count;
    return all.subarray(0, count);
  }
}
