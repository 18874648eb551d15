import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { ExecResult } from '../ssh/session.js';
import type { ConnectionError, Outcome } from './connection.js';

/** What writing to a process that has ended fails with. */
const WRITTEN_TO_NOBODY: ReadonlySet<string> = new Set(['EPIPE', 'ERR_STREAM_DESTROYED']);

/** A stream to the standard input and output of a `sh` that reads its script from there. */
export type ShellStream = Duplex;

/**
 * Runs commands in one `sh` that stays: each costs what the command costs, and neither a channel nor a login. Commands
 * are sent without waiting for the answer to the one before, and run one after the other.
 *
 * The shell is fed a script. What a command prints goes into two files and is then sent with its length in front, so
 * that any output can be told from the answers' headers.
 */
export class RemoteShell {
  readonly #stream: ShellStream;
  readonly #place: string;
  /** Nobody can know it, so no output or input can imitate a header or end an input. */
  readonly #mark = `quorate${randomBytes(9).toString('hex')}`;
  readonly #waiting: ((outcome: Outcome<ExecResult>) => void)[] = [];
  #received: Buffer = Buffer.alloc(0);
  #ready: ((lost: ConnectionError | null) => void) | null = null;
  #lost: ConnectionError | null = null;

  /** @param place names the host in messages */
  constructor(stream: ShellStream, place: string) {
    this.#stream = stream;
    this.#place = place;
    stream.on('data', (chunk: Buffer) => {
      this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
      this.#read();
    });
    const end = (error?: Error) => this.#end(error);
    stream.on('error', end);
    stream.on('close', () => end());
    stream.on('end', () => end());
  }

  /** Prepares the shell; `prologue` holds for all commands. Resolves with what speaks against using it. */
  start(prologue = ':'): Promise<ConnectionError | null> {
    return new Promise((resolve) => {
      if (this.#lost) return resolve(this.#lost);
      this.#ready = resolve;
      this.#stream.write(
        `${prologue}\nd=$(mktemp -d) && trap 'rm -rf "$d"' EXIT && trap 'exit 1' HUP TERM && printf '%s 0 0 0\\n' ${this.#mark}\n`,
      );
    });
  }

  run(command: string, stdin?: string): Promise<Outcome<ExecResult>> {
    if (this.#lost) return Promise.resolve({ ok: false, error: this.#lost });
    return new Promise((settle) => {
      this.#waiting.push(settle);
      const input = stdin === undefined ? '</dev/null' : `<<'${this.#mark}'\n${stdin}\n${this.#mark}`;
      this.#stream.write(
        `(\n${command}\n) >"$d/o" 2>"$d/e" ${input}\n` +
          `s=$?; printf '%s %d %d %d\\n' ${this.#mark} $s $(wc -c <"$d/o") $(wc -c <"$d/e"); cat "$d/o" "$d/e"\n`,
      );
    });
  }

  close(): void {
    this.#stream.end();
  }

  #read(): void {
    for (;;) {
      const start = this.#received.indexOf(this.#mark);
      if (start < 0) return;
      const newline = this.#received.indexOf('\n', start);
      if (newline < 0) return;
      const [code, outBytes, errorBytes] = this.#received
        .toString('latin1', start + this.#mark.length, newline)
        .trim()
        .split(' ')
        .map(Number) as [number, number, number];
      const from = newline + 1;
      if (this.#received.length < from + outBytes + errorBytes) return;
      const stdout = this.#received.toString('utf8', from, from + outBytes);
      const stderr = this.#received.toString('utf8', from + outBytes, from + outBytes + errorBytes);
      this.#received = this.#received.subarray(from + outBytes + errorBytes);
      if (this.#ready) {
        this.#ready(null);
        this.#ready = null;
        continue;
      }
      this.#waiting.shift()?.({
        ok: true,
        // As a shell says it: killed by a signal.
        value: {
          code: code > 128 ? null : code,
          signal: code > 128 ? String(code - 128) : null,
          stdout,
          stderr,
        },
      });
    }
  }

  #end(error?: Error): void {
    if (this.#lost) return;
    const said = this.#received.toString('utf8').trim().split('\n').at(-1) ?? '';
    // Whether a write or the end of the stream is what shows that it has gone is a matter of time.
    const gone = error === undefined || WRITTEN_TO_NOBODY.has((error as NodeJS.ErrnoException).code ?? '');
    const why = gone ? said || 'its shell has ended' : error.message;
    this.#lost = { kind: 'closed', message: `the connection to ${this.#place} was lost: ${why}` };
    this.#ready?.(this.#lost);
    this.#ready = null;
    for (const settle of this.#waiting.splice(0)) settle({ ok: false, error: this.#lost });
  }
}
