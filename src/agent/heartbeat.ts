import { Worker } from 'node:worker_threads';
import type { BootId, NodeId, PeerSummary } from '../membership/types.js';
import type { FromHeartbeat, HeartbeatSetup, HeartbeatStart, ToHeartbeat } from './heartbeat-types.js';
import { Judgement } from './judgement.js';

const ALIVE_MS = 1000;

/** The main thread's side of the heartbeat thread. */
export class HeartbeatThread {
  readonly #worker: Worker;
  readonly #alive: NodeJS.Timeout;
  readonly judgement = new Judgement();
  readonly ended: Promise<void>;

  /** @param program what the thread runs: the agent's own executable, or a module that does the same */
  constructor(program: string, setup: HeartbeatSetup, listener: (message: FromHeartbeat) => void) {
    this.#worker = new Worker(program, {
      workerData: { setup, judgement: this.judgement.memory } satisfies HeartbeatStart,
      resourceLimits: { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 64 },
      execArgv: [],
    });
    this.#worker.on('message', listener);
    this.#worker.on('error', (error) => listener({ kind: 'failed', message: String(error) }));
    this.ended = new Promise((resolve) => this.#worker.once('exit', () => resolve()));
    this.#alive = setInterval(() => this.#tell({ kind: 'alive' }), ALIVE_MS);
  }

  #tell(message: ToHeartbeat): void {
    this.#worker.postMessage(message);
  }

  setSummary(summary: PeerSummary): void {
    this.#tell({ kind: 'summary', summary });
  }

  configure(setup: HeartbeatSetup): void {
    this.#tell({ kind: 'configure', setup });
  }

  setYield(whenIsolated: boolean): void {
    this.#tell({ kind: 'yield', whenIsolated });
  }

  send(to: NodeId, boot: BootId, text: string): void {
    this.#tell({ kind: 'send', to, boot, text });
  }

  async stop(): Promise<void> {
    clearInterval(this.#alive);
    this.#tell({ kind: 'stop' });
    await this.ended;
  }
}
