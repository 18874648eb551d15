import type { SshError } from '../ssh/errors.js';
import { connectSsh, type SessionOptions, type SshSession } from '../ssh/session.js';
import { shellQuote } from '../ssh/shell-quote.js';
import { connectAgent } from './agent.js';
import type { Connection, ConnectionError, Engine, Outcome } from './connection.js';
import { agentSocketPath } from './paths.js';

export interface SshConnectionOptions extends SessionOptions {
  readonly program: string;
  /** What is meant to run there; default: what is found. */
  readonly engine?: Engine;
  /** The agent's socket on the host. Default: below `/`. */
  readonly remoteSocketPath?: string;
}

/** Connects to the agent of another host, through that host's sshd and to the agent's unix socket. */
export async function openSsh(
  destination: string,
  options: SshConnectionOptions,
): Promise<Outcome<Connection>> {
  const session = await connectSsh(destination, options);
  if (!session.ok) return { ok: false, error: connectionError(session.error) };
  const ssh = session.value;
  const giveUp = (): void => void ssh.close();
  options.signal?.addEventListener('abort', giveUp);
  try {
    return await connectThrough(ssh, options);
  } finally {
    options.signal?.removeEventListener('abort', giveUp);
  }
}

async function connectThrough(ssh: SshSession, options: SshConnectionOptions): Promise<Outcome<Connection>> {
  if (options.engine === 'pacemaker') return (await throughPacemaker(ssh, options))!;
  const path = options.remoteSocketPath ?? agentSocketPath('/');
  const stream = await ssh.openUnixSocket(path);
  if (!stream.ok) {
    const other = stream.error.kind === 'not-found' && options.engine !== 'agent';
    const pacemaker = other ? await throughPacemaker(ssh, options) : null;
    if (pacemaker) return pacemaker;
    await ssh.close();
    return { ok: false, error: noAgent(stream.error, ssh.host, path) };
  }
  return connectAgent(stream.value, {
    program: options.program,
    host: ssh.host,
    async makeDirectory(challenge) {
      const made = await ssh.exec(`mkdir -m 0700 -- ${shellQuote(challenge)}; echo "$SSH_CONNECTION"`);
      return made.ok ? made.value.stdout.trim() : '';
    },
    release: () => void ssh.close(),
    lost: () => (ssh.lost ? connectionError(ssh.lost) : null),
  });
}

/** Null where no Pacemaker runs and none was asked for; the session stays open then, and only then. */
async function throughPacemaker(
  ssh: SshSession,
  options: SshConnectionOptions,
): Promise<Outcome<Connection> | null> {
  const { openPacemakerSsh } = await import('./pacemaker-ssh.js');
  const forced = options.engine === 'pacemaker';
  const opened = await openPacemakerSsh(ssh, {
    forced,
    connect: (destination, signal) => connectSsh(destination, { ...options, signal }),
    ...(options.prompt ? { prompt: options.prompt } : {}),
  });
  if (opened && !opened.ok) await ssh.close();
  return opened;
}

/** sshd does not say why it could not connect; that there is no agent is by far the likeliest reason. */
function noAgent(error: SshError, host: string, path: string): ConnectionError {
  if (error.kind !== 'not-found') return connectionError(error);
  if (/prohibited/i.test(error.message)) {
    const message = `sshd on ${host} forwards no unix sockets: set 'AllowStreamLocalForwarding yes' in its sshd_config`;
    return { kind: 'unsupported', message };
  }
  const message = `no agent runs on ${host} (nobody listens on ${path}): start it there with 'crm cluster start'`;
  return { kind: 'no-agent', message };
}

export function connectionError(error: SshError): ConnectionError {
  switch (error.kind) {
    case 'unreachable':
    case 'host-key-unknown':
    case 'host-key-changed':
    case 'authentication':
    case 'closed':
    case 'interrupted':
      return { kind: error.kind, message: error.message };
    case 'host-key-revoked':
      return { kind: 'host-key-changed', message: error.message };
    case 'protocol':
    case 'not-found':
    case 'timeout':
      return { kind: 'unreachable', message: error.message };
  }
}
