import type { SshOutcome } from './errors.js';
import {
  connectSsh,
  type ExecOptions,
  type ExecResult,
  type SessionOptions,
  type SshSession,
} from './session.js';

/** Hosts that are worked on at the same time. */
const PARALLEL = 16;

/** Does the same on many hosts at once; every host has a result of its own, in the order given. */
export async function onEachHost<T>(
  hosts: readonly string[],
  options: SessionOptions,
  work: (session: SshSession) => Promise<SshOutcome<T>>,
  parallel: number = PARALLEL,
): Promise<Map<string, SshOutcome<T>>> {
  const results = new Map<string, SshOutcome<T>>();
  const waiting = [...new Set(hosts)];
  const one = async (): Promise<void> => {
    for (let host = waiting.shift(); host !== undefined; host = waiting.shift()) {
      const session = await connectSsh(host, options);
      if (!session.ok) {
        results.set(host, session);
        continue;
      }
      const giveUp = (): void => void session.value.close();
      options.signal?.addEventListener('abort', giveUp);
      try {
        results.set(host, await work(session.value));
      } finally {
        options.signal?.removeEventListener('abort', giveUp);
        await session.value.close();
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(parallel, waiting.length) }, one));
  return new Map(hosts.map((host) => [host, results.get(host)!]));
}

/** Runs one command on many hosts. */
export function execOnHosts(
  hosts: readonly string[],
  command: string,
  options: SessionOptions & ExecOptions = {},
): Promise<Map<string, SshOutcome<ExecResult>>> {
  return onEachHost(hosts, options, (session) => session.exec(command, options));
}
