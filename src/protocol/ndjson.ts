/**
 * One JSON object a line over a stream, and requests that find their answers again: the wire under the administrative
 * protocol (messages.ts) and under the executor's.
 */
import type { Duplex } from 'node:stream';
import { type ErrorAnswer, type ErrorCode, LINE_BYTES_MAX } from './messages.js';

/** Method name → its parameters and result; `Methods` of messages.ts is one. */
export type MethodTable<M> = { [K in keyof M]: { params: unknown; result: unknown } };

/** Refusal of a request. A handler throws it; the caller finds it in the answer. */
export class RequestError extends Error {
  readonly code: ErrorCode;
  readonly data: unknown;

  constructor(code: ErrorCode, message: string, data?: unknown) {
    super(message);
    this.name = 'RequestError';
    this.code = code;
    this.data = data;
  }

  answer(): ErrorAnswer {
    return this.data === undefined
      ? { code: this.code, message: this.message }
      : { code: this.code, message: this.message, data: this.data };
  }
}

const NEWLINE = 0x0a;

/** Cuts a byte stream into lines. Bytes of a line that has not ended are kept as they came and joined once. */
export class LineSplitter {
  #parts: Buffer[] = [];
  #bytes = 0;
  #bytesMax: number;

  constructor(bytesMax: number = LINE_BYTES_MAX) {
    this.#bytesMax = bytesMax;
  }

  set bytesMax(value: number) {
    this.#bytesMax = value;
  }

  /** The lines that end in this chunk, without their newlines; null when a line is longer than allowed. */
  push(chunk: Buffer): string[] | null {
    const lines: string[] = [];
    let from = 0;
    for (;;) {
      const end = chunk.indexOf(NEWLINE, from);
      const piece = chunk.subarray(from, end < 0 ? chunk.length : end);
      if (this.#bytes + piece.length > this.#bytesMax) return null;
      if (end < 0) {
        if (piece.length > 0) {
          this.#parts.push(piece);
          this.#bytes += piece.length;
        }
        return lines;
      }
      if (this.#parts.length === 0) lines.push(piece.toString('utf8'));
      else {
        this.#parts.push(piece);
        lines.push(Buffer.concat(this.#parts, this.#bytes + piece.length).toString('utf8'));
        this.#parts = [];
        this.#bytes = 0;
      }
      from = end + 1;
    }
  }
}

/** Why a channel ended: null when either side closed it in order. */
export type ChannelEnd = Error | null;

/** Objects over a stream, both ways. Blank lines are skipped; a line that is no JSON object ends the channel. */
export class LineChannel {
  readonly closed: Promise<ChannelEnd>;
  readonly #stream: Duplex;
  readonly #splitter: LineSplitter;
  #end: ((reason: ChannelEnd) => void) | undefined;
  #failure: ChannelEnd = null;

  constructor(
    stream: Duplex,
    onMessage: (message: Readonly<Record<string, unknown>>) => void,
    lineBytesMax: number = LINE_BYTES_MAX,
  ) {
    this.#stream = stream;
    this.#splitter = new LineSplitter(lineBytesMax);
    this.closed = new Promise((resolve) => {
      this.#end = resolve;
    });
    stream.on('data', (chunk: Buffer) => {
      const lines = this.#splitter.push(chunk);
      if (lines === null) {
        this.fail(new Error('a line is longer than the protocol allows'));
        return;
      }
      for (const line of lines) {
        if (stream.destroyed) return;
        if (line.trim() === '') continue;
        const message = parseObject(line);
        if (message === null) {
          this.fail(new Error(`not a JSON object: ${line.slice(0, 80)}`));
          return;
        }
        onMessage(message);
      }
    });
    stream.on('error', (error: Error) => {
      this.#failure ??= error;
    });
    stream.on('end', () => stream.end());
    stream.on('close', () => {
      this.#end?.(this.#failure);
      this.#end = undefined;
    });
  }

  /** Bytes handed over and not yet taken by the system. */
  get queuedBytes(): number {
    return this.#stream.writableLength;
  }

  get open(): boolean {
    return !this.#stream.destroyed && this.#stream.writable;
  }

  set lineBytesMax(value: number) {
    this.#splitter.bytesMax = value;
  }

  /** False when the other side reads too slowly: await `drained` before sending what can wait. */
  send(message: object): boolean {
    return this.sendLine(JSON.stringify(message));
  }

  /** As `send`, for an object that is already JSON text. */
  sendLine(json: string): boolean {
    if (!this.open) return true;
    return this.#stream.write(`${json}\n`);
  }

  /** Calls back once everything written so far has been taken by the system. */
  onceDrained(listener: () => void): void {
    this.#stream.once('drain', listener);
  }

  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  /** Ends the channel after what was sent has left. */
  close(): void {
    this.#stream.end();
  }

  fail(reason: Error): void {
    this.#failure ??= reason;
    this.#stream.destroy();
  }
}

function parseObject(line: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

export type CallOutcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: ErrorAnswer }
  /** The connection ended before the answer came; whether the request took effect is unknown. */
  | { readonly ok: false; readonly error: null; readonly lost: ChannelEnd };

/** The asking side of a channel. Requests may be pipelined; answers may come in any order. */
export class RequestClient<M extends MethodTable<M>, N = never> {
  readonly closed: Promise<ChannelEnd>;
  readonly #channel: LineChannel;
  readonly #waiting = new Map<number, (outcome: CallOutcome<unknown>) => void>();
  #nextId = 1;
  #ended: ChannelEnd | undefined;

  /** `onNotification` gets every object that carries `notify`. */
  constructor(stream: Duplex, onNotification: (notification: N) => void = () => {}) {
    this.#channel = new LineChannel(stream, (message) => {
      if (typeof message.id === 'number') this.#answered(message.id, message);
      else if (typeof message.notify === 'string') onNotification(message as N);
    });
    this.closed = this.#channel.closed.then((end) => {
      this.#ended = end;
      for (const settle of this.#waiting.values()) settle({ ok: false, error: null, lost: end });
      this.#waiting.clear();
      return end;
    });
  }

  /** Never rejects. Without `timeoutMs` it waits as long as the connection lives. */
  call<K extends keyof M & string>(
    method: K,
    params: M[K]['params'],
    timeoutMs?: number,
  ): Promise<CallOutcome<M[K]['result']>> {
    return new Promise((resolve) => {
      if (this.#ended !== undefined || !this.#channel.open) {
        resolve({ ok: false, error: null, lost: this.#ended ?? null });
        return;
      }
      const id = this.#nextId++;
      const timer =
        timeoutMs === undefined
          ? undefined
          : setTimeout(() => {
              this.#waiting.delete(id);
              resolve({
                ok: false,
                error: { code: 'timeout', message: `no answer to ${method} within ${timeoutMs} ms` },
              });
            }, timeoutMs);
      this.#waiting.set(id, (outcome) => {
        clearTimeout(timer);
        resolve(outcome as CallOutcome<M[K]['result']>);
      });
      this.#channel.send({ id, method, params });
    });
  }

  /** @param limitMs after which nobody waits for the other side to end it, too; default: however long that takes */
  close(limitMs?: number): void {
    this.#channel.close();
    if (limitMs === undefined) return;
    const fail = () => this.#channel.fail(new Error('the other side does not end the connection'));
    const timer = setTimeout(fail, limitMs);
    void this.closed.then(() => clearTimeout(timer));
  }

  #answered(id: number, message: Readonly<Record<string, unknown>>): void {
    const settle = this.#waiting.get(id);
    if (!settle) return;
    this.#waiting.delete(id);
    if ('error' in message) settle({ ok: false, error: message.error as ErrorAnswer });
    else settle({ ok: true, value: message.result });
  }
}

/** A request as it arrives, before anything of it is believed. */
export interface IncomingRequest {
  readonly id: number;
  readonly method: string;
  readonly params: unknown;
}

/** The request in a message, or null where it is none. Absent parameters are an empty object. */
export function readRequest(message: Readonly<Record<string, unknown>>): IncomingRequest | null {
  const { id, method, params } = message;
  if (typeof id !== 'number' || !Number.isSafeInteger(id) || typeof method !== 'string') return null;
  if (params !== undefined && (typeof params !== 'object' || params === null)) return null;
  return { id, method, params: params ?? {} };
}
