import { connect } from 'node:net';
import { connectAgent } from './agent.js';
import type { Connection, ConnectionError, Outcome } from './connection.js';
import { agentSocketPath } from './paths.js';

export interface LocalOptions {
  readonly program: string;
  /** Default: the agent's below QUORATE_ROOT. */
  readonly socketPath?: string;
}

/** Connects to the agent of this machine over its unix socket. */
export async function openLocal(options: LocalOptions): Promise<Outcome<Connection>> {
  const path = options.socketPath ?? agentSocketPath();
  const socket = connect(path);
  const problem = await new Promise<ConnectionError | null>((resolve) => {
    socket.once('connect', () => resolve(null));
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(refusal(error, path)));
  });
  if (problem) return { ok: false, error: problem };
  return connectAgent(socket, { program: options.program, host: null });
}

function refusal(error: NodeJS.ErrnoException, path: string): ConnectionError {
  if (error.code === 'EACCES' || error.code === 'EPERM') {
    return {
      kind: 'authentication',
      message: `no permission to use ${path}: become root, or join group haclient`,
    };
  }
  if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED') {
    const why = error.code === 'ENOENT' ? `there is no ${path}` : `nobody listens on ${path}`;
    return {
      kind: 'no-agent',
      message: `no agent runs on this host (${why}): start it with 'crm cluster start', or name a host with -H`,
    };
  }
  return { kind: 'unreachable', message: `cannot connect to ${path}: ${error.message}` };
}
