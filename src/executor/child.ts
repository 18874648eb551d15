/** One child process, from spawn to the end of all that it has left in its process group. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { MARKER } from './marker.js';
import type { OutputPipe, PipePool } from './pipes.js';
import { findByMarker } from './process-table.js';

/** Kept of each of stdout and stderr: the end of it. */
export const OUTPUT_BYTES_MAX = 64 * 1024;
/** Between SIGTERM and SIGKILL. */
const KILL_GRACE_MS = 1000;
/** How long output may still come after the process has ended, while others hold the pipe open. */
const DRAIN_MS = 25;

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Written to the child's standard input, which then ends. Absent: /dev/null. */
  readonly stdin?: string;
  /** 0: no limit. */
  readonly timeoutMs: number;
  /** Whom to run it as; absent: as this process. */
  readonly account?: { readonly uid: number; readonly gid: number };
  /** Value of MARKER in the child's environment; unique. */
  readonly marker: string;
}

export interface ChildResult {
  readonly end:
    | { readonly kind: 'exited'; readonly code: number }
    | { readonly kind: 'signalled'; readonly signal: NodeJS.Signals }
    | { readonly kind: 'timeout' }
    /** Killed because the caller asked for it. */
    | { readonly kind: 'cancelled' }
    /** `errno` as `ENOENT`. */
    | { readonly kind: 'not-started'; readonly errno: string };
  readonly stdout: string;
  readonly stderr: string;
  /** Milliseconds since 1970. */
  readonly startedAtMs: number;
  readonly execTimeMs: number;
}

export interface RunningChild {
  readonly pid: number | undefined;
  readonly done: Promise<ChildResult>;
  /** Ends the process group; `done` resolves with `cancelled`. */
  cancel(): void;
}

/**
 * Starts a command as leader of its own session. `done` never rejects.
 *
 * On a timeout the process group gets SIGTERM, a second later SIGKILL; what has left the group but still carries the
 * marker is killed too. What a child that ended by itself has left behind (a daemon) lives on.
 */
export function runChild(command: Command, pipes: PipePool | null): RunningChild {
  const startedAtMs = Date.now();
  const startedAt = performance.now();
  const stdoutPipe = pipes?.take() ?? null;
  const stderrPipe = pipes?.take() ?? null;
  let child: ChildProcess;
  try {
    child = spawn(command.file, command.args, {
      // The marker goes last: programs that write their title over their environment overwrite its beginning.
      env: { ...command.env, [MARKER]: command.marker },
      cwd: '/',
      detached: true,
      ...(command.account ?? {}),
      stdio: [
        command.stdin === undefined ? 'ignore' : 'pipe',
        stdoutPipe?.writerFd ?? 'pipe',
        stderrPipe?.writerFd ?? 'pipe',
      ],
    });
  } catch (error) {
    // An argument or variable with a NUL byte, or one that is too long.
    for (const pipe of [stdoutPipe, stderrPipe]) discard(pipe);
    const errno = (error as NodeJS.ErrnoException).code ?? 'EINVAL';
    return {
      pid: undefined,
      done: Promise.resolve(notStarted(errno, startedAtMs)),
      cancel() {},
    };
  }
  stdoutPipe?.closeWriter();
  stderrPipe?.closeWriter();
  const stdout = new OutputTail(stdoutPipe?.reader ?? child.stdout!);
  const stderr = new OutputTail(stderrPipe?.reader ?? child.stderr!);
  if (command.stdin !== undefined) {
    // An agent need not read what it is told.
    child.stdin!.on('error', () => {});
    child.stdin!.end(command.stdin);
  }

  let reason: 'timeout' | 'cancelled' | undefined;
  let killTimer: NodeJS.Timeout | undefined;
  const terminate = (why: 'timeout' | 'cancelled'): void => {
    if (reason !== undefined || child.pid === undefined) return;
    reason = why;
    const { pid } = child;
    signalGroup(pid, 'SIGTERM');
    killTimer = setTimeout(() => signalGroup(pid, 'SIGKILL'), KILL_GRACE_MS);
  };
  const timer = command.timeoutMs > 0 ? setTimeout(() => terminate('timeout'), command.timeoutMs) : undefined;

  const done = new Promise<ChildResult>((resolve) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      if (child.pid !== undefined) return;
      clearTimeout(timer);
      stdout.discard();
      stderr.discard();
      // ENOENT of spawn may also mean the interpreter that the first line names.
      resolve(notStarted(error.code ?? 'EINVAL', startedAtMs));
    });
    child.once('exit', async (code, signal) => {
      const execTimeMs = Math.round(performance.now() - startedAt);
      clearTimeout(timer);
      clearTimeout(killTimer);
      if (reason !== undefined) {
        signalGroup(child.pid!, 'SIGKILL');
        await killMarked(command.marker);
      }
      await Promise.all([stdout.drained(), stderr.drained()]);
      resolve({
        end:
          reason !== undefined
            ? { kind: reason }
            : signal !== null
              ? { kind: 'signalled', signal }
              : { kind: 'exited', code: code ?? 0 },
        stdout: stdout.text(),
        stderr: stderr.text(),
        startedAtMs,
        execTimeMs,
      });
    });
  });
  return { pid: child.pid, done, cancel: () => terminate('cancelled') };
}

function discard(pipe: OutputPipe | null): void {
  pipe?.closeWriter();
  pipe?.reader.destroy();
}

function notStarted(errno: string, startedAtMs: number): ChildResult {
  return { end: { kind: 'not-started', errno }, stdout: '', stderr: '', startedAtMs, execTimeMs: 0 };
}

function signalGroup(leader: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-leader, signal);
  } catch {
    // The group is empty already.
  }
}

/** Kills what still carries the marker, and what that starts meanwhile. */
async function killMarked(marker: string): Promise<void> {
  if (!existsSync('/proc/self/environ')) return;
  for (let round = 0; round < 5; round++) {
    const found = findByMarker(MARKER, marker);
    if (found.length === 0) return;
    for (const pid of found) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // Gone by itself.
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** The last OUTPUT_BYTES_MAX bytes of a stream. */
class OutputTail {
  readonly #stream: Readable;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #ended = false;
  #whenEnded: (() => void) | undefined;
  #quiet: NodeJS.Timeout | undefined;

  constructor(stream: Readable) {
    this.#stream = stream;
    stream.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#bytes += chunk.length;
      while (this.#bytes - this.#chunks[0]!.length >= OUTPUT_BYTES_MAX) {
        this.#bytes -= this.#chunks.shift()!.length;
      }
      this.#quiet?.refresh();
    });
    const end = (): void => {
      this.#ended = true;
      this.#whenEnded?.();
    };
    stream.on('end', end);
    stream.on('error', end);
    stream.on('close', end);
  }

  /** Resolves when the stream has ended, or nothing has come for a moment; then lets go of it. */
  async drained(): Promise<void> {
    if (!this.#ended) {
      await new Promise<void>((resolve) => {
        this.#whenEnded = resolve;
        this.#quiet = setTimeout(resolve, DRAIN_MS);
        // A daemon that writes without end must not keep us.
        setTimeout(resolve, DRAIN_MS * 10).unref();
      });
      clearTimeout(this.#quiet);
    }
    this.discard();
  }

  text(): string {
    const all = Buffer.concat(this.#chunks, this.#bytes);
    let from = Math.max(0, all.length - OUTPUT_BYTES_MAX);
    // Do not begin inside a character.
    while (from > 0 && from < all.length && (all[from]! & 0xc0) === 0x80) from++;
    return all.toString('utf8', from);
  }

  discard(): void {
    this.#stream.destroy();
  }
}
