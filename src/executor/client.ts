/** The agent's side of the executor: starts it or finds it running, and asks. */
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { type CallOutcome, RequestClient } from '../protocol/ndjson.js';
import {
  type Attachment,
  type ExecutorMethods,
  type ExecutorNotification,
  executorSocket,
} from './messages.js';
import type { ExecutorOptions } from './process.js';
import type { FenceAgentCall, OperationRequest, OperationResult, RunResult } from './types.js';

/** A cold start of Node on a loaded machine may take seconds. */
const START_MS = 15_000;
const RETRY_MS = 20;
/** The executor stays small by its flags; a fork costs by the size of who forks. */
const NODE_FLAGS = ['--max-semi-space-size=1', '--max-old-space-size=96'];

export interface ExecutorClientOptions extends Omit<ExecutorOptions, 'log' | 'fresh'> {
  /**
   * An executor that must be started takes up the history on disk. Right where only the executor has died under a
   * living agent; where both have died (a power cut, a crash), nobody has watched the services and the history may
   * be wrong. Default false.
   */
  readonly keepHistory?: boolean;
  /** Our program that takes `__executor JSON`. Default: the running one. */
  readonly program?: string;
  /** Where the executor's complaints go. Default: nowhere. */
  readonly logPath?: string;
  readonly onResult: (result: OperationResult) => void;
  readonly onProcessEnded?: (
    resource: string,
    processes: readonly { readonly pid: number; readonly name: string }[],
    atMs: number,
  ) => void;
}

/** So often one that does not answer, or is of another version, is tried again. */
const ATTEMPTS_MAX = 3;

export class ExecutorClient {
  /** What the executor knew when this client attached. */
  readonly attachment: Attachment;
  /** Resolves when the executor is gone; the agent connects anew, and a new one takes up what is on disk. */
  readonly closed: Promise<unknown>;
  readonly #client: RequestClient<ExecutorMethods, ExecutorNotification>;
  #closing = false;

  private constructor(client: RequestClient<ExecutorMethods, ExecutorNotification>, attachment: Attachment) {
    this.#client = client;
    this.attachment = attachment;
    this.closed = client.closed;
  }

  /**
   * Attaches to the executor of this directory, started where there is none. One of another version is replaced:
   * it ends, a new one reads its history, and the services notice nothing. Rejects when none can be started.
   */
  static async connect(options: ExecutorClientOptions): Promise<ExecutorClient> {
    const socketPath = executorSocket(options.directory);
    let keepHistory = options.keepHistory ?? false;
    for (let attempt = 0; ; attempt++) {
      const found = await tryConnect(socketPath);
      const socket = found ?? (await startProcess(options, socketPath, !keepHistory));
      const client = new RequestClient<ExecutorMethods, ExecutorNotification>(socket, (notification) => {
        if (notification.notify === 'result') options.onResult(notification.result);
        else options.onProcessEnded?.(notification.resource, notification.processes, notification.atMs);
      });
      const attached = await client.call('attach', {});
      if (!attached.ok) {
        client.close();
        if (attempt === ATTEMPTS_MAX) throw new Error(`the executor does not answer on ${socketPath}`);
        continue;
      }
      const { version } = attached.value;
      // What our own program has started is the best there is, also where the program was replaced under this agent.
      if (version === options.version || !found) return new ExecutorClient(client, attached.value);
      if (attempt === ATTEMPTS_MAX) throw new Error(`the executor of version ${version} does not give way`);
      await client.call('quit', {});
      await client.closed;
      // It has ended in good order, and what it has left is true.
      keepHistory = true;
    }
  }

  /** What to do should this agent vanish (`guard` in messages.ts). */
  guard(stopAfterMs: number | null): void {
    void this.#client.call('guard', { stopAfterMs });
  }

  /** Leaves now, and has everything stopped that is active. */
  async abandon(): Promise<void> {
    this.#closing = true;
    await this.#client.call('guard', { stopAfterMs: 0 });
    this.#client.close();
    await this.#client.closed;
  }

  /** The result comes through `onResult`. */
  execute(request: OperationRequest): void {
    void this.#client.call('execute', { request });
  }

  /** Ends a recurring operation, or one that still waits: its result is then `cancelled`. False: there is none. */
  async cancel(resource: string, key: string): Promise<boolean> {
    const answer = await this.#client.call('cancel', { resource, key });
    return answer.ok && answer.value.cancelled;
  }

  /** Drops results (and monitors) of a resource, or of its operation `key`. */
  async forget(resource: string, key: string | null = null): Promise<void> {
    await this.#client.call('forget', { resource, key });
  }

  /** Runs a fence agent once. Never rejects; a lost executor is `not-connected`. */
  async fence(call: FenceAgentCall, timeoutMs: number): Promise<RunResult> {
    return orNotConnected(await this.#client.call('fence', { call, timeoutMs }));
  }

  /** Runs an alert agent once. Never rejects. */
  async alert(
    path: string,
    environment: Readonly<Record<string, string>>,
    timeoutMs: number,
  ): Promise<RunResult> {
    return orNotConnected(await this.#client.call('alert', { path, environment, timeoutMs }));
  }

  async classes(): Promise<string[]> {
    const answer = await this.#client.call('classes', {});
    return answer.ok ? answer.value.classes : [];
  }

  /** Providers of a class; only those that have `type` where one is given. */
  async providers(agentClass: string, type?: string): Promise<string[]> {
    const answer = await this.#client.call('providers', {
      class: agentClass,
      ...(type === undefined ? {} : { type }),
    });
    return answer.ok ? answer.value.providers : [];
  }

  async agents(agentClass: string, provider?: string): Promise<string[]> {
    const answer = await this.#client.call('agents', {
      class: agentClass,
      ...(provider === undefined ? {} : { provider }),
    });
    return answer.ok ? answer.value.agents : [];
  }

  /** Meta-data as the agent prints it; null where there is none. */
  async metadata(agentClass: string, provider: string | undefined, type: string): Promise<string | null> {
    const answer = await this.#client.call('metadata', {
      class: agentClass,
      type,
      ...(provider === undefined ? {} : { provider }),
    });
    return answer.ok ? answer.value.xml : null;
  }

  /** The processes of a resource whose end would be noticed. */
  async watched(resource: string): Promise<readonly { readonly pid: number; readonly name: string }[]> {
    const answer = await this.#client.call('watched', { resource });
    return answer.ok ? answer.value.processes : [];
  }

  /** True after `detach` or `quit`: the end of the connection is then no accident. */
  get isClosing(): boolean {
    return this.#closing;
  }

  /** Leaves the executor running: monitors go on, and the next agent takes over. */
  async detach(): Promise<void> {
    this.#closing = true;
    await this.#client.call('guard', { stopAfterMs: null });
    this.#client.close();
    await this.#client.closed;
  }

  /** Ends the executor. With `forget`, a later one knows nothing of this node's resources and they are probed. */
  async quit(forget = false): Promise<void> {
    this.#closing = true;
    await this.#client.call('quit', { forget }, START_MS);
    this.#client.close();
    await this.#client.closed;
  }
}

function orNotConnected(answer: CallOutcome<RunResult>): RunResult {
  if (answer.ok) return answer.value;
  const exitReason = answer.error?.message ?? 'the executor has ended';
  return { status: 'not-connected', rc: 1, exitReason, output: '' };
}

function tryConnect(socketPath: string): Promise<Socket | null> {
  return new Promise((resolve) => {
    const socket = connect(socketPath);
    socket.once('connect', () => resolve(socket));
    socket.once('error', () => resolve(null));
  });
}

async function startProcess(
  options: ExecutorClientOptions,
  socketPath: string,
  fresh: boolean,
): Promise<Socket> {
  const { onResult: _, onProcessEnded: __, keepHistory: ___, program, logPath, ...rest } = options;
  const executorOptions: ExecutorOptions = { ...rest, fresh };
  mkdirSync(options.directory, { recursive: true, mode: 0o700 });
  if (logPath !== undefined) mkdirSync(dirname(logPath), { recursive: true });
  const log = openSync(logPath ?? '/dev/null', 'a', 0o640);
  const child = spawn(
    process.execPath,
    [...NODE_FLAGS, program ?? process.argv[1]!, '__executor', JSON.stringify(executorOptions)],
    // Its own session: what ends the agent's group must not end it.
    { detached: true, stdio: ['ignore', log, log], cwd: '/' },
  );
  closeSync(log);
  let ended: string | undefined;
  child.once('error', (error) => {
    ended = error.message;
  });
  child.once('exit', (code, signal) => {
    ended = `it ended with ${signal ?? `exit code ${code}`}`;
  });
  child.unref();
  for (const startedAt = performance.now(); performance.now() - startedAt < START_MS; ) {
    const socket = await tryConnect(socketPath);
    if (socket) return socket;
    if (ended !== undefined) break;
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
  throw new Error(
    `the executor could not be started (${join(options.directory, 'executor.sock')}): ${ended ?? 'it does not answer'}`,
  );
}
