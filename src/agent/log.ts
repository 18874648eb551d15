import { appendFileSync, renameSync, statSync } from 'node:fs';

export type LogLevel = 'debug' | 'info' | 'warning' | 'error';

/** A log file that has reached this size is renamed to `.1`, over an earlier one. */
const LOG_BYTES_MAX = 16 * 1024 * 1024;

/** Lines of time, level and text to a file and, in the foreground, to standard error. */
export class Log {
  readonly #path: string;
  readonly #stderr: boolean;
  readonly #debug: boolean;
  #bytes: number;

  constructor(path: string, options: { readonly stderr: boolean; readonly debug: boolean }) {
    this.#path = path;
    this.#stderr = options.stderr;
    this.#debug = options.debug;
    this.#bytes = sizeOf(path);
  }

  write(level: LogLevel, text: string): void {
    if (level === 'debug' && !this.#debug) return;
    const line = `${new Date().toISOString()} ${level}: ${text}\n`;
    if (this.#stderr) process.stderr.write(line);
    try {
      if (this.#bytes > LOG_BYTES_MAX) {
        renameSync(this.#path, `${this.#path}.1`);
        this.#bytes = 0;
      }
      appendFileSync(this.#path, line);
      this.#bytes += line.length;
    } catch (error) {
      // A full disk must not stop the cluster; the line is on standard error at least.
      if (!this.#stderr) process.stderr.write(`${line}log: ${(error as Error).message}\n`);
    }
  }
}

function sizeOf(path: string): number {
  try {
    return statSync(path).size;
  } catch {
    return 0;
  }
}
