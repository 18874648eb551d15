import type { SshError } from '../ssh/errors.js';
import { connectSsh, type SessionOptions, type SshSession } from '../ssh/session.js';
import { shellQuote } from '../ssh/shell-quote.js';
import { connectAgent } from './agent.js';
import type { Connection, ConnectionError, Outcome } from './connection.js';
import { agentSocketPath } from './paths.js';

export interface SshConnectionOptions extends SessionOptions {
  readonly program: string;
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
  const path = options.remoteSocketPath ?? agentSocketPath('/');
  const stream = await ssh.openUnixSocket(path);
  if (!stream.ok) {
    const pacemaker = stream.error.kind === 'not-found' ? await throughPacemaker(ssh) : null;
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

/** Where a real Pacemaker runs on the host, it is driven by its own tools; null where none does. */
async function throughPacemaker(ssh: SshSession): Promise<Outcome<Connection> | null> {
  const { openPacemaker, PACEMAKER_RUNS, TOOLS_PATH } = await import('./pacemaker.js');
  const runs = await ssh.exec(`${TOOLS_PATH} ${PACEMAKER_RUNS}`);
  if (!runs.ok || runs.value.code !== 0) return null;
  const opened = await openPacemaker(
    async (command, stdin) => {
      const ran = await ssh.exec(`${TOOLS_PATH} ${command}`, stdin === undefined ? {} : { stdin });
      return ran.ok ? ran : { ok: false, error: connectionError(ran.error) };
    },
    {
      host: ssh.host,
      release: () => ssh.close(),
      closed: ssh.closed.then((error) => (error ? connectionError(error) : null)),
    },
  );
  if (!opened.ok) await ssh.close();
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
      return { kind: error.kind, message: error.message };
    case 'host-key-revoked':
      return { kind: 'host-key-changed', message: error.message };
    case 'protocol':
    case 'not-found':
    case 'timeout':
      return { kind: 'unreachable', message: error.message };
  }
}
