/**
 * Real pipes for the output of agents. Node gives a child socket pairs, on which a script's `echo > /dev/stderr` fails
 * (ENXIO), and has no call for pipe(2); a FIFO that is opened at both ends and then unlinked is one.
 */
import { execFile } from 'node:child_process';
import { closeSync, constants, mkdirSync, openSync, readdirSync, unlinkSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';

const BATCH = 32;
const LOW_WATER = 12;

export interface OutputPipe {
  /** To hand to the child; `closeWriter` once it has been spawned. */
  readonly writerFd: number;
  readonly reader: Socket;
  closeWriter(): void;
}

/** Keeps unused FIFOs ready, made many at a time, since making them takes a process. */
export class PipePool {
  readonly #directory: string;
  readonly #ready: string[] = [];
  #made = 0;
  #making: Promise<void> | undefined;

  /** `directory` is the pool's own; what is left in it from an earlier run is removed. */
  constructor(directory: string) {
    this.#directory = directory;
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(directory)) unlinkSync(join(directory, name));
  }

  /** Fills the pool; resolves also where no FIFO can be made. */
  fill(): Promise<void> {
    this.#making ??= new Promise<void>((resolve) => {
      const paths = Array.from({ length: BATCH }, () => join(this.#directory, String(this.#made++)));
      execFile('mkfifo', ['-m', '600', ...paths], (error) => {
        if (!error) this.#ready.push(...paths);
        this.#making = undefined;
        resolve();
      });
    });
    return this.#making;
  }

  /** A fresh pipe; null when none is ready, and the child gets Node's own instead. */
  take(): OutputPipe | null {
    if (this.#ready.length < LOW_WATER) void this.fill();
    const path = this.#ready.pop();
    if (path === undefined) return null;
    let readerFd: number | undefined;
    try {
      readerFd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
      const writerFd = openSync(path, constants.O_WRONLY);
      const reader = new Socket({ fd: readerFd, readable: true, writable: false });
      return { writerFd, reader, closeWriter: () => closeSync(writerFd) };
    } catch {
      if (readerFd !== undefined) closeSync(readerFd);
      return null;
    } finally {
      try {
        unlinkSync(path);
      } catch {
        // Someone has cleaned the directory; the next fill makes new ones.
      }
    }
  }
}
