import { byName, readRepeatablePairs } from '../../grammar/pcs/arguments.js';
import { WrongUsage } from '../../grammar/pcs/mistake.js';
import { confNodes, hasConf, readConf } from './corosync-conf.js';
import type { Environment } from './environment.js';
import { knownHosts, openMachine, saveKnownHosts } from './machines.js';
import { error, type Finding } from './refusal.js';
import { byCodePoint, quotedList } from './words.js';

/**
 * `pcs host ...`, `pcs cluster auth`, `pcs pcsd ...`. Where pcs has a daemon on every host and tokens for it, here SSH
 * logs in: to authenticate is to see that it does, and to remember the host's address.
 */

/** `host auth NAME [addr=ADDRESS[:PORT]]...` */
export async function auth(environment: Environment, words: string[]): Promise<void> {
  if (words.length === 0) throw new WrongUsage('No host specified');
  const hosts = new Map<string, string>();
  for (const [name, given] of byName(words, 'host name')) {
    const { single, repeated } = readRepeatablePairs(given, ['addr']);
    const unknown = [...single.keys()].sort(byCodePoint);
    if (unknown.length > 0) throw new WrongUsage(`Unknown options ${quotedList(unknown)} for host '${name}'`);
    const addresses = repeated.get('addr') ?? [];
    if (addresses.length > 1) {
      throw new WrongUsage(`Parameter 'addr' is specified more than once for host '${name}'`);
    }
    hosts.set(name, withoutPort(addresses[0] ?? name));
  }
  await authenticate(environment, hosts);
}

/** The port is the one of pcs's daemon, which there is none of. */
function withoutPort(address: string): string {
  return /^\[(.+)\]:\d+$/.exec(address)?.[1] ?? /^([^:]+):\d+$/.exec(address)?.[1] ?? address;
}

/** `cluster auth [NODE[:PORT]...]`: pcs 0.9 named them, pcs 0.10 takes those of the local cluster. */
export async function authCluster(environment: Environment, words: string[]): Promise<void> {
  const names =
    words.length > 0 || !hasConf(environment)
      ? words.map((word) => word.replace(/,.*$/, '').replace(/:\d+$/, ''))
      : confNodes(readConf(environment)).map(({ name }) => name);
  if (names.length === 0) environment.fail('Unable to read the nodes of the cluster: name them');
  const known = knownHosts(environment);
  await authenticate(environment, new Map(names.map((name) => [name, known.get(name) ?? name])));
}

async function authenticate(environment: Environment, hosts: ReadonlyMap<string, string>): Promise<void> {
  const known = knownHosts(environment);
  saveKnownHosts(environment, new Map([...known, ...hosts]));
  const problems: Finding[] = [];
  // One after the other: each may ask for a password.
  for (const name of hosts.keys()) {
    const problem = await checkLogin(environment, name);
    if (problem === null) environment.say(`${name}: Authorized`);
    else {
      problems.push(error(`${name}: ${problem}`));
      const before = known.get(name);
      const now = knownHosts(environment);
      if (before === undefined) now.delete(name);
      else now.set(name, before);
      saveKnownHosts(environment, now);
    }
  }
  environment.stopOn(...problems);
}

async function checkLogin(environment: Environment, name: string): Promise<string | null> {
  const machine = await openMachine(environment, name);
  if (typeof machine === 'string') return machine;
  try {
    const ran = await machine.run('id -u');
    if (!ran.ok) return ran.error.message;
    return ran.value.stdout.trim() === '0'
      ? null
      : `this needs root there, and not uid ${ran.value.stdout.trim()}`;
  } finally {
    await machine.close();
  }
}

/** `host deauth [NAME...]`: all without names. */
export function deauth(environment: Environment, words: string[]): void {
  const known = knownHosts(environment);
  const names = words.length > 0 ? words : [...known.keys()];
  const missing = names.filter((name) => !known.has(name));
  for (const name of names) known.delete(name);
  saveKnownHosts(environment, known);
  if (missing.length > 0) environment.fail(`Following hosts were not found: ${quotedList(missing)}`);
}
