import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { configurationFolder } from './option-files.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** Clusters by name, each as the hosts that it is reached through, in order. */
export type Contexts = Readonly<Record<string, readonly string[]>>;

export function contextsPath(env: Environment): string {
  return join(configurationFolder(env), 'contexts.json');
}

/** The named clusters of this user; none where there is no such file, or it cannot be read. */
export function readContexts(env: Environment): Contexts {
  try {
    const read: unknown = JSON.parse(readFileSync(contextsPath(env), 'utf8'));
    if (typeof read !== 'object' || read === null) return {};
    const entries = Object.entries(read).filter(
      (entry): entry is [string, string[]] =>
        Array.isArray(entry[1]) && entry[1].every((host) => typeof host === 'string'),
    );
    return Object.fromEntries(entries);
  } catch {
    return {};
  }
}

/** `-H NAME` where NAME is a named cluster stands for its hosts; any other word is a host. */
export function resolveContext(hosts: readonly string[], env: Environment): readonly string[] {
  const [only] = hosts;
  if (hosts.length !== 1 || only === undefined || only.includes('@')) return hosts;
  return readContexts(env)[only] ?? hosts;
}
