import { createCipheriv, createDecipheriv, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { DropReason } from './dropped-packets.js';

/**
 * Datagrams sealed with the cluster's key: AES-256-GCM under a key of each sender's run, derived from the cluster key
 * with HKDF-SHA256, so that a counter is nonce enough.
 *
 *   magic 4 | key id 4 | sender 4 | boot id 16 | counter 8 | ciphertext | tag 16
 *
 * The head is authenticated with the rest. A counter is taken once, within a window of REPLAY_WINDOW behind the
 * highest one seen of that run.
 */
const MAGIC = Buffer.from('QRT1');
const HEAD_BYTES = 36;
const TAG_BYTES = 16;
const REPLAY_WINDOW = 1024n;
/** Runs whose keys are kept derived; the one that was longest silent goes first. */
const RUNS_MAX = 64;

export interface Opened {
  readonly sender: number;
  /** In hex. */
  readonly boot: string;
  readonly payload: Buffer;
}

interface Run {
  readonly key: Buffer;
  highest: bigint;
  /** Bit i: counter `highest - i` was seen. */
  seen: bigint;
}

export function deriveKey(clusterKey: Buffer, purpose: string, bytes = 32): Buffer {
  return Buffer.from(hkdfSync('sha256', clusterKey, 'quorate', purpose, bytes));
}

/** First bytes of a digest of the key: tells which of several keys a packet is for, and nothing more. */
export function keyId(clusterKey: Buffer): Buffer {
  return deriveKey(clusterKey, 'key id', 4);
}

export class Seal {
  #clusterKeys: readonly { readonly id: Buffer; readonly key: Buffer }[] = [];
  readonly #sender: number;
  readonly #boot: Buffer;
  #key: Buffer = Buffer.alloc(0);
  #counter = 0n;
  /** The one heard last is last. */
  readonly #runs = new Map<string, Run>();

  /** @param clusterKeys the first seals; any opens, so that keys can be changed node by node */
  constructor(clusterKeys: readonly Buffer[], sender: number, boot: string) {
    this.#sender = sender;
    this.#boot = Buffer.from(boot, 'hex');
    this.setKeys(clusterKeys);
  }

  /** From now on the first seals; any opens. What was seen under a key that is still there stays seen. */
  setKeys(clusterKeys: readonly Buffer[]): void {
    this.#clusterKeys = clusterKeys.map((key) => ({ id: keyId(key), key }));
    this.#key = runKey(clusterKeys[0]!, this.#sender, this.#boot);
    const ids = new Set(this.#clusterKeys.map(({ id }) => id.toString('hex')));
    for (const name of this.#runs.keys()) if (!ids.has(name.slice(0, 8))) this.#runs.delete(name);
  }

  seal(payload: Buffer): Buffer {
    const head = Buffer.alloc(HEAD_BYTES);
    MAGIC.copy(head, 0);
    this.#clusterKeys[0]!.id.copy(head, 4);
    head.writeUInt32BE(this.#sender, 8);
    this.#boot.copy(head, 12);
    head.writeBigUInt64BE(++this.#counter, 28);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce(this.#counter));
    cipher.setAAD(head);
    const body = Buffer.concat([cipher.update(payload), cipher.final()]);
    return Buffer.concat([head, body, cipher.getAuthTag()]);
  }

  /** Opens an authentic packet that was not seen before; a reason for anything else. */
  open(packet: Buffer): Opened | Exclude<DropReason, 'misdirected' | 'malformed' | 'stream'> {
    if (packet.length < HEAD_BYTES + TAG_BYTES || !packet.subarray(0, 4).equals(MAGIC)) return 'not-ours';
    const id = packet.subarray(4, 8);
    const clusterKey = this.#clusterKeys.find((one) => timingSafeEqual(one.id, id));
    if (!clusterKey) return 'unknown-key';
    const sender = packet.readUInt32BE(8);
    const boot = packet.subarray(12, 28);
    const counter = packet.readBigUInt64BE(28);
    const name = packet.subarray(4, 28).toString('hex');
    const known = this.#runs.get(name);
    const key = known?.key ?? runKey(clusterKey.key, sender, boot);
    if (known && wasSeen(known, counter)) return 'replayed';
    const decipher = createDecipheriv('aes-256-gcm', key, nonce(counter));
    decipher.setAAD(packet.subarray(0, HEAD_BYTES));
    decipher.setAuthTag(packet.subarray(packet.length - TAG_BYTES));
    let payload: Buffer;
    try {
      payload = Buffer.concat([
        decipher.update(packet.subarray(HEAD_BYTES, packet.length - TAG_BYTES)),
        decipher.final(),
      ]);
    } catch {
      return 'forged';
    }
    // Only what is authentic may take up memory.
    const run = known ?? { key, highest: 0n, seen: 0n };
    note(run, counter);
    this.#remember(name, run);
    return { sender, boot: boot.toString('hex'), payload };
  }

  /** Recordings of many earlier runs must not make this forget what it has taken of the present ones. */
  #remember(name: string, run: Run): void {
    this.#runs.delete(name);
    this.#runs.set(name, run);
    for (const old of this.#runs.keys()) {
      if (this.#runs.size <= RUNS_MAX) break;
      this.#runs.delete(old);
    }
  }
}

function runKey(clusterKey: Buffer, sender: number, boot: Buffer): Buffer {
  return deriveKey(clusterKey, `datagrams ${sender} ${boot.toString('hex')}`);
}

function nonce(counter: bigint): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.writeBigUInt64BE(counter, 4);
  return bytes;
}

function wasSeen(run: Run, counter: bigint): boolean {
  if (counter > run.highest) return false;
  const behind = run.highest - counter;
  return behind >= REPLAY_WINDOW || (run.seen & (1n << behind)) !== 0n;
}

function note(run: Run, counter: bigint): void {
  if (counter > run.highest) {
    const ahead = counter - run.highest;
    run.seen = ahead >= REPLAY_WINDOW ? 1n : ((run.seen << ahead) | 1n) & ((1n << REPLAY_WINDOW) - 1n);
    run.highest = counter;
  } else run.seen |= 1n << (run.highest - counter);
}
