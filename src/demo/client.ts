import { Agent, get } from 'node:http';

/** What one request of the client's loop saw. */
export interface Sighting {
  readonly atMs: number;
  /** The node that answered, or null where nobody did. */
  readonly node: string | null;
}

/**
 * A client that asks the service for its page over and over, as `while true; do curl ...; done` would, each time
 * on a new connection.
 */
export class Client {
  readonly sightings: Sighting[] = [];
  #url: string;
  #stopped = false;
  #waiting: { test: (sighting: Sighting) => boolean; resolve: (sighting: Sighting) => void }[] = [];
  #agent = new Agent({ keepAlive: false });

  constructor(url: string) {
    this.#url = url;
    void this.#loop();
  }

  /** The next sighting that passes `test`; null after `timeoutMs`. */
  async until(test: (sighting: Sighting) => boolean, timeoutMs: number): Promise<Sighting | null> {
    let timer: NodeJS.Timeout | undefined;
    const found = new Promise<Sighting>((resolve) => this.#waiting.push({ test, resolve }));
    const late = new Promise<null>((resolve) => {
      timer = setTimeout(() => resolve(null), timeoutMs);
    });
    const sighting = await Promise.race([found, late]);
    clearTimeout(timer);
    return sighting;
  }

  stop(): void {
    this.#stopped = true;
    this.#agent.destroy();
  }

  async #loop(): Promise<void> {
    while (!this.#stopped) {
      const node = await this.#ask();
      const sighting = { atMs: Date.now(), node };
      this.sightings.push(sighting);
      this.#waiting = this.#waiting.filter(({ test, resolve }) => {
        if (!test(sighting)) return true;
        resolve(sighting);
        return false;
      });
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  #ask(): Promise<string | null> {
    return new Promise((resolve) => {
      const request = get(this.#url, { agent: this.#agent, timeout: 500 }, (answer) => {
        let body = '';
        answer.setEncoding('utf8');
        answer.on('data', (text) => {
          body += text;
        });
        answer.on('end', () => resolve(answer.statusCode === 200 ? body.trim() : null));
        answer.on('error', () => resolve(null));
      });
      request.on('timeout', () => request.destroy());
      request.on('error', () => resolve(null));
    });
  }
}
