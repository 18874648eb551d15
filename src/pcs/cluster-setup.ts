import { randomBytes, randomUUID } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { existsSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { WrongUsage } from '../../grammar/pcs/mistake.js';
import type { Machine } from '../bootstrap/machine.js';
import {
  type ClusterPlan,
  checkPlan,
  planFile,
  readOldSetup,
  readSetup,
  withAddresses,
} from './cluster-plan.js';
import { destroyHere, enableOn, startOn, waitStarted } from './cluster-services.js';
import { confText } from './corosync-conf.js';
import type { Environment } from './environment.js';
import { knownHosts, onHosts } from './machines.js';
import { report } from './quorum.js';
import { error, type Finding } from './refusal.js';
import { byCodePoint, quotedList } from './words.js';

/** `pcs cluster setup` */

const CONF = '/etc/corosync/corosync.conf';
const KEY = '/etc/corosync/authkey';
const KEY_BYTES = 256;

export async function setup(environment: Environment, words: string[]): Promise<void> {
  const old = environment.has('--name');
  const given = old ? readOldSetup(environment, words) : readSetup(words);
  const path = environment.value('--corosync_conf');
  if (path !== undefined) {
    const live = ['--enable', '--no-keys-sync', '--start', '--wait'].filter((option) =>
      environment.has(option),
    );
    if (live.length > 0) {
      throw new WrongUsage(
        `Cannot specify any of ${quotedList(['--enable', '--no-keys-sync', '--start', '--wait'])} when '--corosync_conf' is specified`,
      );
    }
  }
  const named = withAddresses(given, knownHosts(environment), (...findings) =>
    environment.report(...findings),
  );
  const resolved = await resolveAll(named);
  environment.report(...checkPlan(named, (address) => resolved.has(address), environment.forced));
  environment.stopOnErrors();
  const uuid = environment.has('--no-cluster-uuid') || old ? null : randomUUID().replaceAll('-', '');
  if (path !== undefined) {
    if (existsSync(path) && !environment.has('--overwrite')) {
      environment.fail(
        `Corosync configuration file '${path}' already exists, use --overwrite to overwrite existing file(s)`,
      );
    }
    writeFileSync(path, confText(planFile(named, uuid)));
    return;
  }
  // The agents take addresses, and no names, from corosync.conf.
  const plan: ClusterPlan = {
    ...named,
    nodes: named.nodes.map((node) => ({
      ...node,
      addresses: node.addresses.map((address) => resolved.get(address) ?? address),
    })),
  };
  await install(environment, plan, uuid);
}

/** Address or name → its IP address, for those that have one. */
async function resolveAll(plan: ClusterPlan): Promise<Map<string, string>> {
  const resolved = new Map<string, string>();
  const all = new Set(plan.nodes.flatMap((node) => node.addresses));
  await Promise.all(
    [...all].map(async (address) => {
      if (isIP(address) !== 0) {
        resolved.set(address, address);
        return;
      }
      try {
        const found = await lookup(address, { all: true });
        // A host may know itself as 127.0.1.1: no other node reaches that.
        const usable = found.filter((each) => !/^(127\.|::1$)/.test(each.address));
        const best = usable.find((each) => each.family === 4) ?? usable[0];
        if (best) resolved.set(address, best.address);
      } catch {
        // Said with the other findings.
      }
    }),
  );
  return resolved;
}

async function install(environment: Environment, plan: ClusterPlan, uuid: string | null): Promise<void> {
  const names = plan.nodes.map(({ name }) => name).sort(byCodePoint);
  const inCluster: Finding[] = [];
  const unreachable = await onHosts(environment, names, async (machine, name) => {
    const found = await configuredThere(machine);
    if (typeof found === 'string') return found;
    if (found) {
      const text = `${name}: The host seems to be in a cluster already as cluster configuration files have been found on the host`;
      inCluster.push(
        environment.forced
          ? { severity: 'warning', text }
          : error(
              `${text}. If the host is not part of a cluster, run 'pcs cluster destroy' on host '${name}' to remove those configuration files`,
            ),
      );
    }
    return null;
  });
  for (const [name, problem] of unreachable) environment.report(error(`${name}: ${problem}`));
  environment.report(...inCluster);
  if (inCluster.length > 0 && !environment.forced) {
    environment.report({
      severity: 'error',
      text: 'Some nodes are already in a cluster. Enforcing this will destroy existing cluster on those nodes. You should remove the nodes from their clusters instead to keep the clusters working properly',
      force: '--force',
    });
  }
  environment.stopOnErrors();

  const hosts = quotedList(names);
  environment.say(`Destroying cluster on hosts: ${hosts}...`);
  report(
    environment,
    await onHosts(environment, names, async (machine, name) => {
      const problem = await destroyHere(machine);
      if (problem === null) environment.say(`${name}: Successfully destroyed cluster`);
      return problem;
    }),
  );
  if (!environment.has('--no-keys-sync')) {
    environment.say(`Sending 'corosync authkey' to ${hosts}`);
    const key = randomBytes(KEY_BYTES);
    await spread(environment, names, KEY, key, 0o400, 'corosync authkey');
  }
  environment.say(`Sending 'corosync.conf' to ${hosts}`);
  await spread(environment, names, CONF, confText(planFile(plan, uuid)), 0o644, 'corosync.conf');
  environment.say('Cluster has been successfully set up.');
  if (environment.has('--enable')) await enableOn(environment, names, true);
  if (environment.has('--start')) {
    environment.say(`Starting cluster on hosts: ${hosts}...`);
    await startOn(environment, names);
    if (environment.has('--wait')) await waitStarted(environment, names);
  }
}

async function configuredThere(machine: Machine): Promise<boolean | string> {
  const ran = await machine.run(`id -u; [ -e ${CONF} ] && echo configured; exit 0`);
  if (!ran.ok) return ran.error.message;
  const [uid, configured] = ran.value.stdout.trim().split('\n');
  if (uid !== '0') return `this needs root there, and not uid ${uid}`;
  return configured === 'configured';
}

/** Writes a file on every host. */
export async function spread(
  environment: Environment,
  names: readonly string[],
  path: string,
  content: string | Buffer,
  mode: number,
  what: string,
): Promise<void> {
  const problems = await onHosts(environment, names, async (machine, name) => {
    const written = await machine.writeFile(path, content, mode);
    if (!written.ok) return written.error.message;
    environment.say(`${name}: successful distribution of the file '${what}'`);
    return null;
  });
  report(environment, problems);
}
