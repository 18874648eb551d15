/**
 * The agent's administrative door: a unix socket on which shells and tools ask (messages.ts), after proving who they are.
 *
 * A connection reads no further while it has IN_FLIGHT_MAX requests open. A subscriber that reads too slowly never holds
 * the agent back: of `state` it gets the newest, of `cib` the whole document once it has caught up, and when EVENTS_MAX
 * events wait for it the connection ends.
 */
import { chmodSync, mkdirSync, unlinkSync } from 'node:fs';
import { connect, createServer, type Server as NetServer, type Socket } from 'node:net';
import { dirname } from 'node:path';
import type {
  ErrorCode,
  Identity,
  Method,
  Notification,
  Params,
  Result,
  Topic,
} from '../protocol/messages.js';
import { LINE_BYTES_MAX, PROTOCOL_VERSION } from '../protocol/messages.js';
import { LineChannel, RequestError, readRequest } from '../protocol/ndjson.js';
import {
  ADMINISTRATORS,
  identify,
  judgeChallenge,
  newChallenge,
  originOf,
  prepareChallenges,
  UNPROVEN,
} from './identity.js';

/** `sun_path` has 108 bytes with its terminating zero (unix(7)). */
const SOCKET_PATH_BYTES_MAX = 107;
/** Before identity is proven nobody needs long lines. */
const UNPROVEN_LINE_BYTES_MAX = 64 * 1024;
/** What is asked for by these goes into the log, with who asked. */
const ADMINISTRATIVE: ReadonlySet<string> = new Set<Method>([
  'cib.patch',
  'cib.replace',
  'cluster.reload',
  'attribute.update',
  'resource.cleanup',
  'node.fence',
  'node.confirm-down',
  'fencing.forget',
  'fencing.register',
  'agent.stop',
]);
/** Parameters that hold the configuration itself. */
const UNLOGGED: ReadonlySet<string> = new Set(['cib', 'patch', 'base', 'value']);
const LOGGED_MAX = 500;
const IN_FLIGHT_MAX = 64;
/** Unsent bytes from which on a subscriber counts as slow. */
const SLOW_BYTES = 4 * 1024 * 1024;
const EVENTS_MAX = 1000;
/** How long `close` waits for requests that are being served. */
const CLOSE_GRACE_MS = 2000;

/** What the server answers by itself. */
type OwnMethod = 'hello' | 'prove' | 'subscribe';

/** A method that is absent is answered `unknown-method`. A thrown RequestError is the answer; anything else is `failed`. */
export type Handlers = {
  readonly [M in Exclude<Method, OwnMethod>]?: (
    params: Params<M>,
    identity: Identity,
  ) => Promise<Result<M>> | Result<M>;
};

export interface ServerOptions {
  readonly socketPath: string;
  /** Challenges are made in `proof` below it. Default: the socket's directory. */
  readonly runDirectory?: string;
  readonly node: string;
  readonly version: string;
  readonly handlers: Handlers;
  /** Null to let the request pass, else the sentence that refuses it. Default: administrators only. */
  readonly authorize?: (identity: Identity, method: Method) => string | null;
  /** What this reader may see of a notification; null for nothing. Default: all of it. */
  readonly visible?: (notification: Notification, identity: Identity) => Notification | null;
  /** The present value as a notification: for a subscriber that has missed some. Null where there is none. */
  readonly current?: (topic: Exclude<Topic, 'events'>) => Notification | null;
  /** One line for the log, about things that are nobody's mistake to answer. */
  readonly log?: (text: string) => void;
}

/** How many clients are connected, and how many have been. */
export interface ClientCounts {
  readonly active: number;
  readonly closed: number;
}

export interface Server {
  readonly clients: ClientCounts;
  readonly socketPath: string;
  /** Sends to every connection that has subscribed to the notification's topic. */
  notify(notification: Notification): void;
  /** True when somebody listens; spare the making of a notification otherwise. */
  hasSubscribers(topic: Topic): boolean;
  /** Accepts no more, lets requests in flight be answered for a moment, ends all connections, removes the socket. */
  close(): Promise<void>;
}

/** Starts to serve. Rejects when the socket's path is too long, or another agent answers on it. */
export async function startServer(options: ServerOptions): Promise<Server> {
  const { socketPath } = options;
  if (Buffer.byteLength(socketPath) > SOCKET_PATH_BYTES_MAX) {
    throw new Error(`the socket's path is longer than ${SOCKET_PATH_BYTES_MAX} bytes: ${socketPath}`);
  }
  mkdirSync(dirname(socketPath), { recursive: true });
  const challenges = prepareChallenges(options.runDirectory ?? dirname(socketPath));
  await removeStaleSocket(socketPath);

  const connections = new Set<ClientConnection>();
  let closed = 0;
  const listener = createServer((socket) => {
    const connection = new ClientConnection(socket, options, challenges);
    connections.add(connection);
    void connection.closed.then(() => {
      connections.delete(connection);
      closed++;
    });
  });
  await listen(listener, socketPath);
  // Everyone may knock; who it is decides what is answered.
  chmodSync(socketPath, 0o666);

  return {
    socketPath,
    get clients() {
      return { active: connections.size, closed };
    },
    notify(notification) {
      for (const connection of connections) connection.notify(notification);
    },
    hasSubscribers(topic) {
      for (const connection of connections) if (connection.topics.has(topic)) return true;
      return false;
    },
    async close() {
      const stopped = new Promise<void>((resolve) => listener.close(() => resolve()));
      await Promise.all([...connections].map((connection) => connection.finish()));
      await stopped;
    },
  };
}

function listen(listener: NetServer, socketPath: string): Promise<void> {
  return new Promise((resolve, reject) => {
    listener.once('error', reject);
    listener.listen(socketPath, () => {
      listener.off('error', reject);
      resolve();
    });
  });
}

/** A socket left behind by an agent that was killed is removed; one that is answered on is an error. */
function removeStaleSocket(socketPath: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = connect(socketPath);
    probe.once('connect', () => {
      probe.destroy();
      reject(new Error(`another agent is listening on ${socketPath}`));
    });
    probe.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') unlinkSync(socketPath);
      resolve();
    });
  });
}

/** One client. Requests are served as they come, several at a time. */
class ClientConnection {
  readonly closed: Promise<unknown>;
  readonly topics = new Set<Topic>();
  readonly #channel: LineChannel;
  readonly #options: ServerOptions;
  readonly #challenges: string;
  #identity: Identity = UNPROVEN;
  #challenge: string | undefined;
  #inFlight = 0;
  #whenIdle: (() => void) | undefined;
  /** Topics of which a slow reader has missed something. */
  readonly #missed = new Set<Exclude<Topic, 'events'>>();
  #waitingEvents: Notification[] = [];
  #slow = false;

  constructor(socket: Socket, options: ServerOptions, challenges: string) {
    this.#options = options;
    this.#challenges = challenges;
    this.#channel = new LineChannel(socket, (message) => this.#received(message), UNPROVEN_LINE_BYTES_MAX);
    this.closed = this.#channel.closed.then((reason) => {
      if (this.#challenge) judgeChallenge(this.#challenge);
      if (reason && !/ECONNRESET|EPIPE/.test(reason.message)) {
        options.log?.(`connection of ${this.#identity.user || 'an unknown client'} ended: ${reason.message}`);
      }
    });
  }

  notify(notification: Notification): void {
    if (!this.topics.has(notification.notify)) return;
    if (this.#channel.queuedBytes > SLOW_BYTES) this.#becomeSlow();
    if (!this.#slow) {
      this.#deliver(notification);
      return;
    }
    if (notification.notify !== 'events') this.#missed.add(notification.notify);
    else if (this.#waitingEvents.push(notification) > EVENTS_MAX) {
      this.#channel.fail(new Error(`the subscriber has let ${EVENTS_MAX} events wait`));
    }
  }

  /** Waits a moment for the answers that are due, then ends the connection. */
  async finish(): Promise<void> {
    if (this.#inFlight > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, CLOSE_GRACE_MS);
        this.#whenIdle = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#channel.close();
    const timer = setTimeout(() => this.#channel.fail(new Error('the agent is stopping')), 200);
    await this.closed;
    clearTimeout(timer);
  }

  #becomeSlow(): void {
    if (this.#slow) return;
    this.#slow = true;
    this.#channel.onceDrained(() => {
      this.#slow = false;
      const topics = [...this.#missed];
      const events = this.#waitingEvents;
      this.#missed.clear();
      this.#waitingEvents = [];
      for (const event of events) this.#deliver(event);
      for (const topic of topics) {
        const notification = this.#options.current?.(topic);
        if (notification) this.#deliver(notification);
      }
    });
  }

  #deliver(notification: Notification): void {
    const { visible } = this.#options;
    const shown = visible ? visible(notification, this.#identity) : notification;
    if (shown) this.#channel.send(shown);
  }

  #received(message: Readonly<Record<string, unknown>>): void {
    const request = readRequest(message);
    if (!request) {
      const id = typeof message.id === 'number' ? message.id : 0;
      this.#refuse(id, 'invalid-request', 'a request has a number as id, a method and an object of params');
      return;
    }
    switch (request.method) {
      case 'hello':
        this.#hello(request.id, request.params as Params<'hello'>);
        return;
      case 'prove':
        this.#prove(request.id, request.params as Params<'prove'>);
        return;
      case 'subscribe':
        if (this.#permitted(request.id, 'subscribe')) this.#subscribe(request.id, request.params);
        return;
      default:
        if (this.#permitted(request.id, request.method as Method)) {
          void this.#serve(request.id, request.method as keyof Handlers, request.params);
        }
    }
  }

  #hello(id: number, params: Params<'hello'>): void {
    if (typeof params.protocol !== 'number' || params.protocol < 1) {
      this.#refuse(id, 'invalid-request', 'hello needs the number of the protocol');
      return;
    }
    this.#challenge ??= this.#identity === UNPROVEN ? newChallenge(this.#challenges) : undefined;
    const result: Result<'hello'> = {
      protocol: PROTOCOL_VERSION,
      version: this.#options.version,
      node: this.#options.node,
      identity: this.#identity,
      ...(this.#challenge === undefined ? {} : { challenge: this.#challenge }),
    };
    this.#channel.send({ id, result });
  }

  #prove(id: number, { origin }: Params<'prove'>): void {
    if (this.#challenge === undefined) {
      this.#refuse(id, 'invalid-request', 'there is no open challenge: say hello first');
      return;
    }
    const judged = judgeChallenge(this.#challenge);
    // A challenge is good for one answer.
    this.#challenge = undefined;
    if (typeof judged === 'string') {
      this.#refuse(id, 'permission-denied', `identity is not proven: ${judged}`);
      return;
    }
    this.#identity = identify(judged, originOf(origin));
    this.#channel.lineBytesMax = LINE_BYTES_MAX;
    this.#channel.send({ id, result: { identity: this.#identity } satisfies Result<'prove'> });
  }

  #permitted(id: number, method: Method): boolean {
    if (this.#identity === UNPROVEN) {
      this.#refuse(id, 'permission-denied', 'identity is not proven');
      return false;
    }
    const refusal = (this.#options.authorize ?? administratorsOnly)(this.#identity, method);
    if (refusal !== null) this.#refuse(id, 'permission-denied', refusal);
    return refusal === null;
  }

  #subscribe(id: number, params: unknown): void {
    const { topics } = params as Params<'subscribe'>;
    const known: readonly string[] = ['cib', 'state', 'events'];
    if (!Array.isArray(topics) || topics.some((topic) => !known.includes(topic))) {
      this.#refuse(id, 'invalid-request', `topics are ${known.join(', ')}`);
      return;
    }
    for (const topic of topics) this.topics.add(topic);
    this.#channel.send({ id, result: {} });
  }

  async #serve(id: number, method: keyof Handlers, params: unknown): Promise<void> {
    const handler = Object.hasOwn(this.#options.handlers, method)
      ? this.#options.handlers[method]
      : undefined;
    if (!handler) {
      this.#refuse(id, 'unknown-method', `unknown method: ${method}`);
      return;
    }
    if (ADMINISTRATIVE.has(method)) this.#record(method, params);
    this.#inFlight++;
    if (this.#inFlight >= IN_FLIGHT_MAX) this.#channel.pause();
    try {
      const result = await (handler as (params: unknown, identity: Identity) => unknown)(
        params,
        this.#identity,
      );
      this.#channel.send({ id, result: result ?? {} });
    } catch (error) {
      if (error instanceof RequestError) this.#channel.send({ id, error: error.answer() });
      else {
        const text = error instanceof Error ? error.message : String(error);
        this.#options.log?.(`${method} failed: ${error instanceof Error ? (error.stack ?? text) : text}`);
        this.#refuse(id, 'failed', text);
      }
    } finally {
      this.#inFlight--;
      if (this.#inFlight < IN_FLIGHT_MAX) this.#channel.resume();
      if (this.#inFlight === 0) this.#whenIdle?.();
    }
  }

  /** Who asked for what, for whoever reads the log afterwards; never values of the configuration. */
  #record(method: Method, params: unknown): void {
    const shown = Object.entries(params as Record<string, unknown>)
      .filter(([name, value]) => !UNLOGGED.has(name) && value !== undefined)
      .map(([name, value]) => `${name}=${JSON.stringify(value)}`);
    const { user, origin } = this.#identity;
    const what = [method, ...shown].join(' ').slice(0, LOGGED_MAX);
    this.#options.log?.(`${user} from ${origin} asks: ${what}`);
  }

  #refuse(id: number, code: ErrorCode, message: string): void {
    this.#channel.send({ id, error: { code, message } });
  }
}

function administratorsOnly({ groups, user }: Identity): string | null {
  const administrator = groups === undefined || groups.includes(ADMINISTRATORS);
  return administrator ? null : `${user} may not administer this cluster`;
}
