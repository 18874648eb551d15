import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { localMachine, type Machine, remoteMachine } from '../bootstrap/machine.js';
import { type Prompt, remembering } from '../connection/open.js';
import type { SessionOptions } from '../ssh/session.js';
import type { Environment } from './environment.js';

/** Hosts that pcs knows by name, and how it works on them: here, and over SSH elsewhere. */

/** Name → address, as `pcs host auth NAME addr=ADDRESS` keeps them. */
export type KnownHosts = ReadonlyMap<string, string>;

function rootOf(environment: Environment): string {
  return environment.world.env.QUORATE_ROOT || '/';
}

function hostsPath(environment: Environment): string {
  return join(rootOf(environment), 'etc/quorate/pcs-hosts.json');
}

export function knownHosts(environment: Environment): Map<string, string> {
  const path = hostsPath(environment);
  if (!existsSync(path)) return new Map();
  try {
    return new Map(Object.entries(JSON.parse(readFileSync(path, 'utf8')) as Record<string, string>));
  } catch (failure) {
    environment.warn(`Unable to read the known-hosts file: ${(failure as Error).message}: '${path}'`);
    return new Map();
  }
}

export function saveKnownHosts(environment: Environment, hosts: KnownHosts): void {
  const path = hostsPath(environment);
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, `${JSON.stringify(Object.fromEntries(hosts), null, 2)}\n`);
  renameSync(temporary, path);
}

/** The name of the host that pcs runs on. */
export function ownName(): string {
  return hostname().split('.')[0]!;
}

/** Where SSH finds a host: the address that it was introduced with, else its name. */
export function destination(environment: Environment, name: string): string {
  const user = environment.value('-u');
  const address = knownHosts(environment).get(name) ?? name;
  // pcs's own account is no login; SSH's configuration says who logs in.
  return user === undefined || user === 'hacluster' ? address : `${user}@${address}`;
}

/** One for all hosts of a command: what opens one is tried on the others. */
const prompts = new WeakMap<Environment, Prompt>();

function promptOf(environment: Environment): Prompt {
  const known = prompts.get(environment);
  if (known) return known;
  const password = environment.value('-p');
  const prompt = remembering(async ({ text, echo }) => {
    if (password !== undefined && !echo) return password;
    return environment.world.interactive ? environment.world.question(text, echo) : null;
  });
  prompts.set(environment, prompt);
  return prompt;
}

export function sshOptions(environment: Environment): SessionOptions {
  const seconds = Number(environment.value('--request-timeout') ?? 0);
  return {
    ...(seconds > 0 ? { connectTimeoutMs: 1000 * seconds } : {}),
    prompt: promptOf(environment),
  };
}

/** Opens a host; a text says why it cannot be. */
export async function openMachine(environment: Environment, name: string): Promise<Machine | string> {
  if (name === ownName() && !environment.has('-H')) return localMachine();
  const opened = await remoteMachine(destination(environment, name), sshOptions(environment));
  return opened.ok ? opened.value : opened.error.message;
}

/** Does something on every host at once; what went wrong by host. */
export async function onHosts(
  environment: Environment,
  names: readonly string[],
  work: (machine: Machine, name: string) => Promise<string | null>,
): Promise<Map<string, string>> {
  const problems = new Map<string, string>();
  await Promise.all(
    names.map(async (name) => {
      const machine = await openMachine(environment, name);
      if (typeof machine === 'string') {
        problems.set(name, machine);
        return;
      }
      try {
        const problem = await work(machine, name);
        if (problem !== null) problems.set(name, problem);
      } finally {
        await machine.close();
      }
    }),
  );
  return problems;
}
