import { spawn } from 'node:child_process';
import { connect as connectTcp, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import ssh2, { type Client as SshClient } from 'ssh2';
import { Authentication } from './authentication.js';
import { type ConfigOptions, expandCommand, type HostConfig, hostConfig } from './config.js';
import { placeText, type SshError, type SshOutcome } from './errors.js';
import { hostKeyAlgorithms, lookupName, readKnownHosts, verifyHostKey } from './host-key.js';
import type { Prompt } from './prompt.js';
import { shellQuote } from './shell-quote.js';

export interface SessionOptions extends ConfigOptions {
  /** Without it nobody is asked: unknown hosts, passphrases and passwords are then errors. */
  readonly prompt?: Prompt;
  /** Until the host has shown its key; default is ConnectTimeout, else 10 s. */
  readonly connectTimeoutMs?: number;
  /** Of an idle session; default is ServerAliveInterval, else 10 s. */
  readonly keepaliveMs?: number;
}

export interface ExecResult {
  /** Exit code, or null where a signal ended the command. */
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ExecOptions {
  readonly stdin?: string | Buffer;
  readonly timeoutMs?: number;
}

const CONNECT_TIMEOUT_MS = 10_000;
const KEEPALIVE_MS = 10_000;
/** Hops through jump hosts; more is a loop in ssh_config. */
const HOPS_MAX = 8;

/** Opens a session to `[user@]host[:port]`, through jump hosts where ssh_config says so. */
export function connectSsh(
  destination: string,
  options: SessionOptions = {},
): Promise<SshOutcome<SshSession>> {
  return connectThrough(destination, options, null, 0);
}

/** @param jumps hops that take the place of the configuration's ProxyJump; null leaves it */
async function connectThrough(
  destination: string,
  options: SessionOptions,
  jumps: readonly string[] | null,
  depth: number,
): Promise<SshOutcome<SshSession>> {
  const read = await hostConfig(destination, options);
  if (!read.ok) return read;
  const config = read.value;
  if (depth > HOPS_MAX) {
    const message = `${config.host}: more than ${HOPS_MAX} jump hosts; ProxyJump in ssh_config goes in a circle`;
    return { ok: false, error: { kind: 'protocol', message, host: config.host } };
  }
  const hops = jumps ?? config.proxyJump;
  if (hops.length > 0) {
    const last = hops.at(-1)!;
    const through = await connectThrough(
      last,
      options,
      hops.length > 1 ? hops.slice(0, -1) : null,
      depth + 1,
    );
    if (!through.ok) return through;
    const stream = await through.value.openTcp(config.hostName, config.port);
    if (!stream.ok) {
      await through.value.close();
      return stream;
    }
    const session = await handshake(config, options, stream.value);
    if (session.ok) session.value.owns(through.value);
    else await through.value.close();
    return session;
  }
  if (config.proxyCommand !== null) return handshake(config, options, commandStream(config));
  const socket = await openSocket(config, options.connectTimeoutMs);
  return socket.ok ? handshake(config, options, socket.value) : socket;
}

function commandStream(config: HostConfig): Duplex {
  const child = spawn('/bin/sh', ['-c', `exec ${expandCommand(config.proxyCommand!, config)}`], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const stream = Duplex.from({ readable: child.stdout, writable: child.stdin });
  child.on('error', (error) => stream.destroy(error));
  stream.on('close', () => child.kill());
  return stream;
}

function openSocket(config: HostConfig, timeoutMs: number | undefined): Promise<SshOutcome<Socket>> {
  const limit = timeoutMs ?? config.connectTimeoutMs ?? CONNECT_TIMEOUT_MS;
  const family = config.addressFamily === 'inet' ? 4 : config.addressFamily === 'inet6' ? 6 : 0;
  return new Promise((resolve) => {
    const socket = connectTcp({
      host: config.hostName,
      port: config.port,
      family,
      ...(config.bindAddress ? { localAddress: config.bindAddress } : {}),
    });
    const timer = setTimeout(() => {
      socket.destroy();
      resolve(unreachable(config, `no answer within ${limit / 1000} s: is it up, and is the network?`));
    }, limit);
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.setNoDelay(true);
      socket.removeAllListeners('error');
      resolve({ ok: true, value: socket });
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      resolve(unreachable(config, reachProblem(error)));
    });
  });
}

function unreachable(config: HostConfig, why: string): { ok: false; error: SshError } {
  const message = `cannot reach ${placeText(config.host, config.hostName, config.port)}: ${why}`;
  return { ok: false, error: { kind: 'unreachable', message, host: config.host } };
}

function reachProblem(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EAI_NONAME':
      return 'there is no such name: check the spelling, DNS or /etc/hosts';
    case 'ECONNREFUSED':
      return 'connection refused: is sshd running there?';
    case 'EHOSTUNREACH':
      return 'no route to host: is it up, and is the network?';
    case 'ENETUNREACH':
      return 'network is unreachable';
    case 'ETIMEDOUT':
      return 'connection timed out: is it up, and does a firewall stand in between?';
    default:
      return error.message;
  }
}

function handshake(
  config: HostConfig,
  options: SessionOptions,
  stream: Duplex,
): Promise<SshOutcome<SshSession>> {
  return new Promise((resolve) => {
    void (async () => {
      const known = await readKnownHosts(config);
      const client = new ssh2.Client();
      const authentication = new Authentication(config, options.prompt);
      const place = placeText(config.host, config.hostName, config.port);
      let refusal: SshError | null = null;
      let settled = false;
      const limit = options.connectTimeoutMs ?? config.connectTimeoutMs ?? CONNECT_TIMEOUT_MS;
      const timer = setTimeout(() => {
        fail({
          kind: 'unreachable',
          host: config.host,
          message: `cannot reach ${place}: connected, but no SSH greeting within ${limit / 1000} s`,
        });
      }, limit);
      const fail = (error: SshError): void => {
        if (settled) return;
        settled = true;
        clearTimeout(timer);
        client.end();
        stream.destroy();
        resolve({ ok: false, error });
      };
      client.on('error', (error: Error & { level?: string }) => {
        // A refusal of one of the agent's keys is reported here, too; the next way to log in is tried all the same.
        if (error.level === 'agent') return;
        fail(refusal ?? failureOf(error, config, place, authentication));
      });
      client.on('close', () => {
        const message = `${place} ended the connection while logging in`;
        fail(refusal ?? { kind: 'closed', host: config.host, message });
      });
      client.on('ready', () => {
        settled = true;
        clearTimeout(timer);
        client.removeAllListeners('error');
        client.removeAllListeners('close');
        resolve({ ok: true, value: new SshSession(client, config) });
      });
      client.connect({
        sock: stream,
        username: config.user,
        // ssh2's own timer would run on while a passphrase is being typed.
        readyTimeout: 0,
        keepaliveInterval: options.keepaliveMs ?? (config.serverAliveIntervalMs || KEEPALIVE_MS),
        keepaliveCountMax: config.serverAliveCountMax,
        algorithms: {
          serverHostKey: hostKeyAlgorithms(known, lookupName(config)) as never,
          ...(config.compression ? { compress: ['zlib@openssh.com', 'zlib', 'none'] as never } : {}),
        },
        hostVerifier: (key: Buffer, verify: (permitted: boolean) => void): void => {
          clearTimeout(timer);
          verifyHostKey(config, known, key, options.prompt).then(
            (error) => {
              refusal = error;
              verify(error === null);
            },
            (error: unknown) => {
              refusal = { kind: 'protocol', host: config.host, message: `${place}: ${String(error)}` };
              verify(false);
            },
          );
        },
        authHandler: (left, _partial, next) => {
          void authentication.next(left).then((method) => next(method as never));
        },
      });
    })();
  });
}

function failureOf(
  error: Error & { level?: string },
  config: HostConfig,
  place: string,
  authentication: Authentication,
): SshError {
  if (error.level === 'client-authentication' || /too many authentication failures/i.test(error.message)) {
    const tried =
      authentication.tried.length > 0 ? `tried ${authentication.tried.join(', ')}` : 'there is no key to try';
    const notes =
      authentication.passedOver.length > 0 ? `; not used: ${authentication.passedOver.join(', ')}` : '';
    const hint = `put your public key there with 'ssh-copy-id ${config.user}@${config.host}', or name the right one with IdentityFile`;
    return {
      kind: 'authentication',
      host: config.host,
      message: `${place} does not let ${config.user} in (${tried}${notes}): ${hint}`,
    };
  }
  if (error.level === 'client-socket' || error.level === 'client-timeout') {
    return {
      kind: 'closed',
      host: config.host,
      message: `the connection to ${place} was lost: ${error.message}`,
    };
  }
  return { kind: 'protocol', host: config.host, message: `${place}: ${error.message}` };
}

/** A logged-in session. Everything runs over its one connection; nothing here throws for the world's failures. */
export class SshSession {
  readonly config: HostConfig;
  /** Resolves when the session has ended: null when we closed it, else why. */
  readonly closed: Promise<SshError | null>;
  readonly #client: SshClient;
  readonly #place: string;
  #below: SshSession | undefined;
  #lost: SshError | null = null;
  #open = true;
  #closing = false;

  constructor(client: SshClient, config: HostConfig) {
    this.#client = client;
    this.config = config;
    this.#place = placeText(config.host, config.hostName, config.port);
    client.on('error', (error: Error) => {
      this.#lost ??= this.#closedError(error.message);
    });
    this.closed = new Promise((resolve) => {
      client.on('close', () => {
        this.#open = false;
        this.#lost ??= this.#closing ? null : this.#closedError('the other side has ended it');
        void this.#below?.close();
        resolve(this.#closing ? null : this.#lost);
      });
    });
  }

  get host(): string {
    return this.config.host;
  }

  /** Why the session was lost, where it was. */
  get lost(): SshError | null {
    return this.#lost;
  }

  /** The session that carries this one ends with it. */
  owns(below: SshSession): void {
    this.#below = below;
  }

  /** Runs a command in the user's shell there, and collects what it says. */
  async exec(command: string, options: ExecOptions = {}): Promise<SshOutcome<ExecResult>> {
    if (!this.#open) return this.#gone();
    return new Promise((resolve) => {
      let timer: NodeJS.Timeout | undefined;
      const lost = (): void => resolve(this.#gone());
      this.#client.exec(command, (error, channel) => {
        if (error) return resolve(this.#channelFailure(error, 'run a command'));
        const out: Buffer[] = [];
        const err: Buffer[] = [];
        let code: number | null = null;
        let signal: string | null = null;
        channel.on('data', (chunk: Buffer) => out.push(chunk));
        channel.stderr.on('data', (chunk: Buffer) => err.push(chunk));
        channel.on('exit', (status: number | null, name?: string) => {
          code = status;
          signal = name ?? null;
        });
        channel.on('close', () => {
          clearTimeout(timer);
          if (code === null && signal === null) return lost();
          const stdout = Buffer.concat(out).toString('utf8');
          resolve({ ok: true, value: { code, signal, stdout, stderr: Buffer.concat(err).toString('utf8') } });
        });
        if (options.timeoutMs !== undefined) {
          timer = setTimeout(() => {
            channel.close();
            const message = `${this.#place}: '${command}' took longer than ${options.timeoutMs} ms`;
            resolve({ ok: false, error: { kind: 'timeout', message, host: this.host } });
          }, options.timeoutMs);
        }
        channel.end(options.stdin);
      });
    });
  }

  /** A stream to a unix socket there. Send first: a first word from the other side costs a delayed ACK. */
  openUnixSocket(path: string): Promise<SshOutcome<Duplex>> {
    return this.#openChannel(`connect to ${path}`, (callback) =>
      this.#client.openssh_forwardOutStreamLocal(path, callback),
    );
  }

  /** A stream to a TCP port as that host reaches it. */
  openTcp(host: string, port: number): Promise<SshOutcome<Duplex>> {
    return this.#openChannel(`connect to ${host} port ${port}`, (callback) =>
      this.#client.forwardOut('127.0.0.1', 0, host, port, callback),
    );
  }

  /** Writes a file there, whole or not at all: into a temporary file beside it, then renamed. */
  async writeFile(path: string, content: string | Buffer, mode: number): Promise<SshOutcome<null>> {
    const target = shellQuote(path);
    const command = `umask 077 && t=$(mktemp -- ${shellQuote(`${path}.XXXXXX`)}) && cat >"$t" && chmod ${mode.toString(8)} "$t" && sync -- "$t" && mv -f -- "$t" ${target}`;
    const outcome = await this.exec(command, { stdin: content });
    if (!outcome.ok) return outcome;
    if (outcome.value.code === 0) return { ok: true, value: null };
    const why = outcome.value.stderr.trim().split('\n')[0] ?? '';
    const message = `cannot write ${path} on ${this.#place}: ${why}`;
    return { ok: false, error: { kind: 'not-found', message, host: this.host } };
  }

  async close(): Promise<void> {
    if (!this.#closing) {
      this.#closing = true;
      this.#client.end();
    }
    await this.closed;
  }

  #openChannel(
    what: string,
    open: (callback: (error: Error | undefined, channel: Duplex) => void) => void,
  ): Promise<SshOutcome<Duplex>> {
    if (!this.#open) return Promise.resolve(this.#gone());
    return new Promise((resolve) => {
      open((error, channel) => {
        if (error) resolve(this.#channelFailure(error, what));
        else resolve({ ok: true, value: channel });
      });
    });
  }

  #closedError(why: string): SshError {
    return { kind: 'closed', host: this.host, message: `the connection to ${this.#place} was lost: ${why}` };
  }

  #gone(): { ok: false; error: SshError } {
    return { ok: false, error: this.#lost ?? this.#closedError('it is closed') };
  }

  #channelFailure(error: Error, what: string): { ok: false; error: SshError } {
    if (!this.#open) return this.#gone();
    const why = error.message.replace(/^\(SSH\) Channel open failure: /, '');
    const message = `${this.#place} cannot ${what}: ${why}`;
    return { ok: false, error: { kind: 'not-found', message, host: this.host } };
  }
}
