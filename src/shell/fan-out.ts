import { execFile } from 'node:child_process';
import type { Session } from './session.js';
import { sshPrompt } from './ssh-prompt.js';

/** What a command on one node has come to. */
export interface NodeRun {
  readonly node: string;
  /** Exit code; null where the node could not be reached, or a signal ended the command. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Names of the machines that the session's own node goes by: a command for it runs here, without SSH, unless the
 * whole session works on another host.
 */
export function isHere(session: Session, node: string): boolean {
  return session.hosts.length === 0 && node === session.nodeName;
}

/** Runs a shell command on nodes at once: here for this node, over SSH for the others. */
export async function runOnNodes(
  session: Session,
  nodes: readonly string[],
  command: string,
  options: { readonly stdin?: string; readonly timeoutMs?: number } = {},
): Promise<NodeRun[]> {
  // The name of the node here is known once there was a connection; without a cluster it is the machine's.
  await session.connect();
  const remote = nodes.filter((node) => !isHere(session, node));
  const here = nodes.filter((node) => isHere(session, node));
  const destinations = new Map(remote.map((node) => [node, destinationOf(session, node)]));
  const prompt = sshPrompt(session);
  const [answers, local] = await Promise.all([
    remote.length === 0
      ? new Map<string, never>()
      : (await import('../ssh/fan-out.js')).execOnHosts([...destinations.values()], command, {
          ...(prompt ? { prompt } : {}),
          signal: session.interrupted,
          ...(options.stdin === undefined ? {} : { stdin: options.stdin }),
          ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
        }),
    Promise.all(here.map((node) => runHere(node, command, options.stdin))),
  ]);
  return nodes.map((node): NodeRun => {
    const own = local.find((run) => run.node === node);
    if (own) return own;
    const answer = answers.get(destinations.get(node)!)!;
    if (!answer.ok) return { node, status: null, stdout: '', stderr: answer.error.message };
    return { node, status: answer.value.code, stdout: answer.value.stdout, stderr: answer.value.stderr };
  });
}

/** The `[user@]host` that `-H` gave for this node, else the node's name with the same user. */
export function destinationOf(session: Session, node: string): string {
  for (const host of session.hosts) if (host.replace(/^.*@/, '') === node) return host;
  // The node that answered, by the name or address under which it was reached.
  const target = session.connected?.target;
  if (target && target.name === node && target.host !== null) {
    for (const host of session.hosts) if (host.replace(/^.*@/, '') === target.host) return host;
  }
  const user = /^(.*)@/.exec(session.hosts[0] ?? '')?.[1];
  return user === undefined ? node : `${user}@${node}`;
}

function runHere(node: string, command: string, stdin: string | undefined): Promise<NodeRun> {
  return new Promise((resolve) => {
    const child = execFile(
      '/bin/sh',
      ['-c', command],
      { maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        const status = error ? (typeof error.code === 'number' ? error.code : 1) : 0;
        resolve({ node, status, stdout, stderr });
      },
    );
    child.stdin?.on('error', () => {});
    child.stdin?.end(stdin ?? '');
  });
}
