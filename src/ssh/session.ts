import { spawn } from 'node:child_process';
import { connect as connectTcp, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import ssh2 from 'ssh2';
import { Authentication } from './authentication.js';
import { expandCommand, type HostConfig, hostConfig } from './config.js';
import { placeText, type SshError, type SshOutcome } from './errors.js';
import { hostKeyAlgorithms, lookupName, readKnownHosts, verifyHostKey } from './host-key.js';
import { connectOpenSsh, couldOpenSsh } from './openssh.js';
import { Ssh2Session } from './ssh2-session.js';
import type { SessionOptions, SshSession } from './types.js';

export type {
  ExecOptions,
  ExecResult,
  SessionOptions,
  SshSession,
} from './types.js';

const CONNECT_TIMEOUT_MS = 10_000;
/** With three unanswered, a host that has died without a word is given up after about ten seconds. */
const KEEPALIVE_MS = 3000;
/** Hops through jump hosts; more is a loop in ssh_config. */
const HOPS_MAX = 8;

/**
 * Opens a session to `[user@]host[:port]`, through jump hosts where ssh_config says so. What this client cannot do
 * (certificates, keys on security tokens, algorithms) is left to the system's `ssh`, where there is one.
 */
export async function connectSsh(
  destination: string,
  options: SessionOptions = {},
): Promise<SshOutcome<SshSession>> {
  const session = await connectThrough(destination, options, null, 0);
  if (session.ok || options.sshProgram === null || options.signal?.aborted) return session;
  const reason = await couldOpenSsh(destination, options, session.error);
  if (reason === null) return session;
  const other = await connectOpenSsh(destination, options);
  if (other.ok) return other;
  const message = `${session.error.message}; ${options.sshProgram ?? 'ssh'} was tried for ${reason}: ${other.error.message}`;
  return { ok: false, error: { ...session.error, message } };
}

/** @param jumps hops that take the place of the configuration's ProxyJump; null leaves it */
async function connectThrough(
  destination: string,
  options: SessionOptions,
  jumps: readonly string[] | null,
  depth: number,
): Promise<SshOutcome<Ssh2Session>> {
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
    const stay = onAbort(options.signal, () => void through.value.close());
    const stream = await through.value.openTcp(config.hostName, config.port);
    stay();
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
  const socket = await openSocket(config, options);
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

function openSocket(config: HostConfig, options: SessionOptions): Promise<SshOutcome<Socket>> {
  const limit = options.connectTimeoutMs ?? config.connectTimeoutMs ?? CONNECT_TIMEOUT_MS;
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
      stay();
      resolve(unreachable(config, `no answer within ${limit / 1000} s: is it up, and is the network?`));
    }, limit);
    const stay = onAbort(options.signal, () => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ ok: false, error: givenUp(config) });
    });
    socket.once('connect', () => {
      clearTimeout(timer);
      stay();
      socket.setNoDelay(true);
      socket.removeAllListeners('error');
      resolve({ ok: true, value: socket });
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      stay();
      resolve(unreachable(config, reachProblem(error)));
    });
  });
}

/** Calls `give` once when the signal is aborted, at once where it already is; the result ends that. */
function onAbort(signal: AbortSignal | undefined, give: () => void): () => void {
  if (signal?.aborted) queueMicrotask(give);
  else signal?.addEventListener('abort', give, { once: true });
  return () => signal?.removeEventListener('abort', give);
}

function givenUp({ host, hostName, port }: HostConfig): SshError {
  return {
    kind: 'interrupted',
    host,
    message: `the login to ${placeText(host, hostName, port)} was given up`,
  };
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
): Promise<SshOutcome<Ssh2Session>> {
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
        stay();
        client.end();
        stream.destroy();
        resolve({ ok: false, error });
      };
      const stay = onAbort(options.signal, () => fail(givenUp(config)));
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
        stay();
        client.removeAllListeners('error');
        client.removeAllListeners('close');
        resolve({ ok: true, value: new Ssh2Session(client, config, stream) });
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
    // What Node says of a ProxyCommand that has ended.
    const why = /premature close/i.test(error.message) ? 'the other side has ended it' : error.message;
    return { kind: 'closed', host: config.host, message: `the connection to ${place} was lost: ${why}` };
  }
  return { kind: 'protocol', host: config.host, message: `${place}: ${error.message}` };
}
