import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import type { ExecResult } from '../ssh/session.js';
import { connectAgent } from './agent.js';
import type { Connection, ConnectionError, Engine, Outcome } from './connection.js';
import { agentSocketPath } from './paths.js';

/** A CIB of 5,000 resources is about 10 MB. */
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;

export interface LocalOptions {
  readonly program: string;
  /** Default: the agent's below QUORATE_ROOT. */
  readonly socketPath?: string;
  /** What is meant to run here; default: what is found. */
  readonly engine?: Engine;
}

/** Connects to the agent of this machine over its unix socket; where there is none, to a real Pacemaker that runs here. */
export async function openLocal(options: LocalOptions): Promise<Outcome<Connection>> {
  const path = options.socketPath ?? agentSocketPath();
  if (options.engine === 'pacemaker') {
    const message =
      "Pacemaker does not run on this host: start it with 'systemctl start pacemaker', or name a host with -H";
    return (await throughPacemaker()) ?? { ok: false, error: { kind: 'no-agent', message } };
  }
  const socket = connect(path);
  const problem = await new Promise<ConnectionError | null>((resolve) => {
    socket.once('connect', () => resolve(null));
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(refusal(error, path)));
  });
  if (problem) {
    // A socket that is named, or a node of ours below QUORATE_ROOT, is meant and nothing else.
    const other = options.socketPath === undefined && !process.env.QUORATE_ROOT && options.engine !== 'agent';
    const pacemaker = problem.kind === 'no-agent' && other ? await throughPacemaker() : null;
    return pacemaker ?? { ok: false, error: problem };
  }
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

/** Where a real Pacemaker runs on this machine, it is driven by its own tools; null where none does. */
async function throughPacemaker(): Promise<Outcome<Connection> | null> {
  // Only a machine that has it need be asked.
  if (!existsSync('/usr/sbin/pacemakerd')) return null;
  const { openPacemaker, PACEMAKER_RUNS, TOOLS_PATH } = await import('./pacemaker.js');
  const run = (command: string, stdin = ''): Promise<Outcome<ExecResult>> =>
    new Promise((resolve) => {
      const child = execFile(
        '/bin/sh',
        ['-c', `${TOOLS_PATH} ${command}`],
        { maxBuffer: OUTPUT_BYTES_MAX },
        (error, stdout, stderr) => {
          const code = error ? (typeof error.code === 'number' ? error.code : null) : 0;
          resolve({ ok: true, value: { code, signal: error?.signal ?? null, stdout, stderr } });
        },
      );
      child.stdin?.on('error', () => {});
      child.stdin?.end(stdin);
    });
  const runs = await run(PACEMAKER_RUNS);
  return runs.ok && runs.value.code === 0 ? openPacemaker(run, { host: null }) : null;
}
