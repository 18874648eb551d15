/**
 * The executor: a small process of its own that runs agents. It is small because the cost of a fork grows with the
 * memory of who forks, and apart so that it outlives the agent: while the agent restarts, services are watched on.
 */
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { LineChannel, RequestError, readRequest } from '../protocol/ndjson.js';
import { OCF, outcome, outcomeOfFailure } from './agent-class.js';
import { classNames, findClass } from './classes.js';
import { baseEnvironment } from './environment.js';
import { runFenceAgent } from './fence-agent.js';
import { History, isChanging } from './history.js';
import { findAbandoned, MARKER } from './marker.js';
import { type ExecutorMethods, type ExecutorNotification, executorSocket } from './messages.js';
import { agentVersion, ocf } from './ocf.js';
import { Operations } from './operations.js';
import { readParameterTraits } from './parameter-traits.js';
import { PipePool } from './pipes.js';
import { findPlaces, type PlacesOptions } from './places.js';
import { findByMarker } from './process-table.js';
import { listUnits } from './systemd.js';
import type { AgentSpec, ParameterTraits } from './types.js';

/** What a stop may take when no agent is there to say so. */
const GUARD_STOP_MS = 60_000;
const METADATA_TIMEOUT_MS = 20_000;
/** The first operation of an agent waits this long at most to learn which parameters it can reload. */
const TRAITS_TIMEOUT_MS = 5000;
const NO_TRAITS: Promise<ParameterTraits | null> = Promise.resolve(null);
/** Alert agents run without privileges where there is this account, as under Pacemaker. */
const ALERT_ACCOUNT = 'hacluster';
/** An executor that nobody is attached to and that has nothing to watch ends after this time. */
const ALONE_MS = 10 * 60_000;

export interface ExecutorOptions extends PlacesOptions {
  /** Holds the socket, the process id and the history; on a file system that a boot empties. */
  readonly directory: string;
  readonly version: string;
  /** Operations that may begin at once. Default: twice the processors, at least 4. */
  readonly concurrency?: number;
  /**
   * Neither agent nor executor has lived on: nothing is known of this node's resources, and they are probed.
   * Default false: what an earlier executor has left on disk is taken up.
   */
  readonly fresh?: boolean;
  readonly log?: (text: string) => void;
}

export interface Executor {
  readonly socketPath: string;
  /** Stops to watch and serve; services stay as they are. */
  close(): Promise<void>;
  readonly closed: Promise<void>;
}

/** Starts to serve. Rejects when another executor already does for this directory. */
export async function startExecutor(options: ExecutorOptions): Promise<Executor> {
  const { directory } = options;
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const socketPath = executorSocket(directory);
  await refuseSecond(socketPath);
  const service = new ExecutorService(options);
  await service.prepare();
  const server = createServer((socket) => service.serve(socket));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(socketPath, resolve);
  });
  chmodSync(socketPath, 0o600);
  writeFileSync(join(directory, 'executor.pid'), `${process.pid}\n`);
  service.started(server);
  return { socketPath, close: () => service.close(), closed: service.closed };
}

/** The `quorated __executor` entry: options as JSON in the only argument. Ends with the executor. */
export async function executorMain(argument: string): Promise<void> {
  const options = JSON.parse(argument) as ExecutorOptions;
  // The agent's terminal or service manager ends the agent, not what watches its services.
  for (const signal of ['SIGHUP', 'SIGINT', 'SIGPIPE'] as const) process.on(signal, () => {});
  const log = (text: string): void => {
    process.stderr.write(`${new Date().toISOString()} executor: ${text}\n`);
  };
  const executor = await startExecutor({ ...options, log });
  process.on('SIGTERM', () => void executor.close());
  await executor.closed;
  process.exit(0);
}

function refuseSecond(socketPath: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = connect(socketPath);
    probe.once('connect', () => {
      probe.destroy();
      reject(new Error(`an executor is already serving on ${socketPath}`));
    });
    probe.once('error', () => {
      rmSync(socketPath, { force: true });
      resolve();
    });
  });
}

type Handler<M extends keyof ExecutorMethods> = (
  params: ExecutorMethods[M]['params'],
) => Promise<ExecutorMethods[M]['result']> | ExecutorMethods[M]['result'];

class ExecutorService {
  readonly closed: Promise<void>;
  readonly #options: ExecutorOptions;
  readonly #history: History;
  readonly #pipes: PipePool;
  readonly #operations: Operations;
  readonly #channels = new Set<LineChannel>();
  readonly #traits = new Map<string, Promise<ParameterTraits | null>>();
  readonly #alertAccount = process.getuid?.() === 0 ? findAccount(ALERT_ACCOUNT) : null;
  #attached: LineChannel | undefined;
  #server: Server | undefined;
  #alone: NodeJS.Timeout | undefined;
  #stopAfterMs: number | null = null;
  #guard: NodeJS.Timeout | undefined;
  /** Who waits for the result of a call. */
  readonly #waiters = new Map<number, () => void>();
  #resolveClosed: (() => void) | undefined;

  constructor(options: ExecutorOptions) {
    this.#options = options;
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    const places = findPlaces(options);
    mkdirQuietly(places.resourceTemporary);
    this.#history = new History(options.directory, undefined, options.fresh);
    this.#pipes = new PipePool(join(options.directory, 'pipes'));
    this.#operations = new Operations({
      places,
      environment: baseEnvironment(places),
      pipes: this.#pipes,
      history: this.#history,
      directory: options.directory,
      concurrency: options.concurrency ?? Math.max(4, 2 * availableParallelism()),
      traitsOf: (agent) => this.#traitsOf(agent),
      onResult: (result) => {
        this.#waiters.get(result.callId)?.();
        this.#notify({ notify: 'result', result });
      },
      onProcessesEnded: (resource, processes) =>
        this.#notify({
          notify: 'process-ended',
          resource,
          processes: processes.map(({ pid, name }) => ({ pid, name })),
          atMs: Date.now(),
        }),
    });
  }

  /** Judges what an executor that was killed has left under way. */
  async prepare(): Promise<void> {
    await this.#pipes.fill();
    for (const pid of findAbandoned(this.#options.directory, isChanging)) kill(pid);
    for (const { resource, marker, changes } of this.#history.interrupted) {
      for (const pid of findByMarker(MARKER, marker)) {
        kill(pid);
      }
      // Nobody knows how far it came: what is not known will be probed.
      if (changes) {
        this.#options.log?.(`an operation on ${resource} was interrupted; its state must be probed`);
        this.#history.forget(resource, null);
      }
    }
  }

  started(server: Server): void {
    this.#server = server;
    this.#operations.resume();
    this.#waitAlone();
  }

  serve(socket: Socket): void {
    const channel = new LineChannel(socket, (message) => {
      const request = readRequest(message);
      if (request) void this.#answer(channel, request.id, request.method, request.params);
      else channel.fail(new Error('not a request'));
    });
    this.#channels.add(channel);
    void channel.closed.then(() => {
      this.#channels.delete(channel);
      if (this.#attached !== channel) return;
      this.#attached = undefined;
      this.#waitAlone();
      if (this.#stopAfterMs === null) return;
      this.#guard = setTimeout(() => void this.#stopEverything(), this.#stopAfterMs);
    });
  }

  async close(): Promise<void> {
    clearTimeout(this.#alone);
    clearTimeout(this.#guard);
    await this.#operations.close();
    for (const channel of this.#channels) channel.close();
    const { directory } = this.#options;
    rmSync(join(directory, 'executor.pid'), { force: true });
    const stopped = new Promise<void>((resolve) => {
      if (this.#server) this.#server.close(() => resolve());
      else resolve();
    });
    const timer = setTimeout(() => {
      for (const channel of this.#channels) channel.fail(new Error('the executor ends'));
    }, 200);
    await stopped;
    clearTimeout(timer);
    this.#resolveClosed?.();
  }

  /** Read once for each version of an agent's file; several operations at once share the reading. */
  #traitsOf(agent: AgentSpec): Promise<ParameterTraits | null> {
    if (agent.class !== 'ocf') return NO_TRAITS;
    const context = this.#operations.contextFor(`meta-data ${agent.type}`, TRAITS_TIMEOUT_MS);
    const version = agentVersion(agent.provider ?? 'heartbeat', agent.type, context.places);
    if (version === null) return NO_TRAITS;
    const key = `${agent.provider}:${agent.type}:${version}`;
    let traits = this.#traits.get(key);
    if (!traits) {
      traits = ocf
        .metadata(agent.type, agent.provider, context)
        .then((xml) => (xml === null ? null : readParameterTraits(xml)));
      this.#traits.set(key, traits);
    }
    return traits;
  }

  #notify(notification: ExecutorNotification): void {
    this.#attached?.send(notification);
  }

  async #answer(channel: LineChannel, id: number, method: string, params: unknown): Promise<void> {
    try {
      if (!Object.hasOwn(this.#handlers, method)) {
        throw new RequestError('unknown-method', `unknown method: ${method}`);
      }
      if (method === 'attach') {
        this.#attached = channel;
        clearTimeout(this.#alone);
      }
      const handler = this.#handlers[method as keyof ExecutorMethods] as (params: unknown) => unknown;
      channel.send({ id, result: await handler(params) });
      if (method === 'quit') void this.close();
    } catch (error) {
      const answer =
        error instanceof RequestError
          ? error.answer()
          : { code: 'failed', message: error instanceof Error ? error.message : String(error) };
      channel.send({ id, error: answer });
    }
  }

  readonly #handlers: { readonly [M in keyof ExecutorMethods]: Handler<M> } = {
    attach: () => ({
      version: this.#options.version,
      pid: process.pid,
      lastCallId: this.#history.lastCallId,
      history: this.#history.results(),
      recurring: this.#history.recurring(),
      pending: this.#operations.pending(),
    }),
    guard: ({ stopAfterMs }) => {
      clearTimeout(this.#guard);
      this.#stopAfterMs = stopAfterMs;
      return {};
    },
    execute: ({ request }) => {
      this.#operations.execute(request);
      return {};
    },
    cancel: ({ resource, key }) => ({ cancelled: this.#operations.cancel(resource, key) }),
    forget: ({ resource, key }) => {
      this.#operations.forget(resource, key);
      return {};
    },
    fence: ({ call, timeoutMs }) =>
      runFenceAgent(call, timeoutMs, this.#operations.contextFor(`fence ${call.agent}`, timeoutMs)),
    alert: async ({ path, environment, timeoutMs }) => {
      const context = this.#operations.contextFor('alert', timeoutMs);
      const result = await context.run({
        file: path,
        args: [],
        env: { ...context.environment, ...environment },
        ...(this.#alertAccount === null ? {} : { account: this.#alertAccount }),
      });
      const failure = outcomeOfFailure(result, path, timeoutMs, 'Alert agent');
      if (failure) return failure;
      const code = result.end.kind === 'exited' ? result.end.code : OCF.genericError;
      return outcome('done', code, '', result.stdout + result.stderr);
    },
    classes: () => ({ classes: classNames() }),
    providers: ({ class: name, type }) => {
      const agentClass = findClass(name);
      const places = findPlaces(this.#options);
      const providers = agentClass?.providers?.(places) ?? [];
      return {
        providers:
          type === undefined
            ? providers
            : providers.filter((provider) => agentClass!.list(places, provider).includes(type)),
      };
    },
    agents: async ({ class: name, provider }) => {
      const agentClass = findClass(name);
      if (!agentClass) throw new RequestError('not-found', `There is no class ${name} of agents`);
      const context = this.#operations.contextFor('list', METADATA_TIMEOUT_MS);
      const units = name === 'systemd' || name === 'service' ? await listUnits(context) : [];
      const agents = new Set([...agentClass.list(context.places, provider), ...units]);
      return { agents: [...agents].sort() };
    },
    metadata: async ({ class: name, provider, type }) => {
      const agentClass = findClass(name);
      if (!agentClass) throw new RequestError('not-found', `There is no class ${name} of agents`);
      const context = this.#operations.contextFor(`meta-data ${type}`, METADATA_TIMEOUT_MS);
      return { xml: await agentClass.metadata(type, provider, context) };
    },
    watched: ({ resource }) => ({
      processes: this.#operations.watched(resource).map(({ pid, name }) => ({ pid, name })),
    }),
    quit: ({ forget }) => {
      if (forget) {
        for (const result of this.#history.results()) this.#operations.forget(result.resource, null);
      }
      return {};
    },
  };

  /** The agent is gone and the other nodes are about to take over: nothing may be left active here. */
  async #stopEverything(): Promise<void> {
    const started = this.#history
      .results()
      .filter((result) => ['start', 'promote', 'migrate_from'].includes(result.operation))
      .filter((result) => this.#history.isActive(result.resource))
      .sort((a, b) => b.callId - a.callId);
    const resources = new Set<string>();
    for (const result of started) {
      if (resources.has(result.resource)) continue;
      resources.add(result.resource);
      this.#options.log?.(`the agent is gone: stopping ${result.resource}`);
      const callId = this.#history.lastCallId + 1;
      const done = new Promise<void>((resolve) => this.#waiters.set(callId, resolve));
      this.#operations.execute({
        callId,
        key: `${result.resource}_stop_0`,
        resource: result.resource,
        agent: result.agent,
        operation: 'stop',
        intervalMs: 0,
        timeoutMs: GUARD_STOP_MS,
        startDelayMs: 0,
        parameters: result.parameters,
        meta: {},
        userData: '',
      });
      await done;
      this.#waiters.delete(callId);
    }
    // It was told to, and there is nothing left to look after.
    if (this.#stopAfterMs === 0 && this.#attached === undefined) await this.close();
  }

  #waitAlone(): void {
    clearTimeout(this.#alone);
    this.#alone = setTimeout(() => {
      if (this.#attached === undefined && this.#operations.isIdle) void this.close();
      else this.#waitAlone();
    }, ALONE_MS);
  }
}

function findAccount(name: string): { uid: number; gid: number } | null {
  for (const line of readFileSync('/etc/passwd', 'utf8').split('\n')) {
    const [user, , uid, gid] = line.split(':');
    if (user === name) return { uid: Number(uid), gid: Number(gid) };
  }
  return null;
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has just ended.
  }
}

function mkdirQuietly(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o755 });
  } catch {
    // Without the right to make it, agents that need it say so themselves.
  }
}
