/** A client that asks for something all the time, and what it was answered. */
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { eventually, type Lab } from './lab.js';

/** One answer of the client's loop. */
export interface Sample {
  readonly atMs: number;
  /** First word of the answer, by convention the host's name; null where there was none. */
  readonly host: string | null;
  /** The rest of the answer. */
  readonly text: string;
}

export class ClientLoop {
  readonly samples: Sample[] = [];
  readonly #child: ChildProcess;

  /** @param command says one line, or nothing; it must end within half a second */
  constructor(lab: Lab, command: string) {
    this.#child = lab.start(
      'client',
      `while :; do
        answer=$(${command} 2>/dev/null) || answer=
        printf '%s %s\\n' "$(date +%s%3N)" "$answer"
        sleep 0.05
      done`,
    );
    createInterface({ input: this.#child.stdout! }).on('line', (line) => {
      const [at, host, ...rest] = line.split(' ');
      this.samples.push({ atMs: Number(at), host: host ? host : null, text: rest.join(' ') });
    });
  }

  stop(): void {
    this.#child.kill('SIGTERM');
  }

  /** Waits until the loop is answered by this host, several times running. */
  async servedBy(host: string, withinMs = 30_000): Promise<void> {
    await eventually(
      `${host} serves`,
      async () => this.samples.slice(-3).map((sample) => sample.host),
      (last) => last.length === 3 && last.every((each) => each === host),
      withinMs,
    );
  }

  /** The longest time without an answer since `sinceMs`, in ms, between two answers. */
  longestGapMs(sinceMs: number): number {
    let longest = 0;
    let last = sinceMs;
    for (const sample of this.samples) {
      if (sample.atMs < sinceMs || sample.host === null) continue;
      longest = Math.max(longest, sample.atMs - last);
      last = sample.atMs;
    }
    return longest;
  }
}
