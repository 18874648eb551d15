/** Clusters of Corosync and Pacemaker: made, extended and reduced over SSH. The packages are the operator's to install. */
import { randomBytes } from 'node:crypto';
import { sections, setting } from '../../grammar/corosync/ast.js';
import { readConfiguration } from '../../grammar/corosync/configuration.js';
import { printCorosync } from '../../grammar/corosync/print.js';
import { ensureSection } from '../cib/document.js';
import { Element } from '../cib/element.js';
import type { BootstrapOptions } from './cluster.js';
import { type ClusterOutcome, finished, type InitOptions, onAll, writeFiles } from './cluster.js';
import { addNode, newCorosyncFile, removeNode } from './corosync-file.js';
import { clockWarnings, type Facts, inspect, linkAddresses, objections } from './inspect.js';
import { spreadFile } from './join.js';
import { type Machine, openMachine } from './machine.js';
import {
  corosyncLog,
  enablePacemaker,
  openPacemakerOf,
  pacemakerObjection,
  startCorosync,
  startPacemaker,
  stopPacemaker,
  untilPacemakerUp,
} from './pacemaker-service.js';
import { CONF, KEY, UNFINISHED } from './places.js';
import { isRunning } from './service.js';

const KEY_BYTES = 256;

interface Joiner {
  readonly machine: Machine;
  readonly facts: Facts;
  readonly addresses: readonly string[];
}

type Examined =
  | { readonly ok: true; readonly joiners: readonly Joiner[] }
  | { readonly ok: false; readonly findings: readonly string[] };

async function openAll(
  hosts: readonly string[],
  options: BootstrapOptions,
): Promise<{ readonly machines: readonly Machine[]; readonly findings: readonly string[] }> {
  const opened = await Promise.all(hosts.map((host) => openMachine(host, options)));
  return {
    machines: opened.flatMap((outcome) => (outcome.ok ? [outcome.value] : [])),
    findings: opened.flatMap((outcome) => (outcome.ok ? [] : [outcome.error.message])),
  };
}

async function examine(
  machines: readonly Machine[],
  options: BootstrapOptions,
  taken: readonly string[],
): Promise<Examined> {
  const progress = options.progress ?? (() => {});
  const facts = new Map<Machine, Facts>();
  const findings: string[] = [];
  await Promise.all(
    machines.map(async (machine) => {
      const fact = await inspect(machine, []);
      if (typeof fact === 'string') findings.push(fact);
      else facts.set(machine, fact);
      const missing = await pacemakerObjection(machine);
      if (missing) findings.push(missing);
      if (await isRunning(machine, options.service))
        findings.push(
          `${machine.name} runs quorated: 'crm cluster migrate --to pacemaker' changes a cluster's engine`,
        );
    }),
  );
  findings.push(...objections(facts, { force: options.force ?? false, taken }));
  const joiners: Joiner[] = [];
  // In the order given: it becomes the order of the node ids.
  for (const machine of machines) {
    const fact = facts.get(machine);
    if (!fact) continue;
    const addresses = linkAddresses(machine, fact, options.links ?? []);
    if (typeof addresses === 'string') findings.push(addresses);
    else joiners.push({ machine, facts: fact, addresses });
  }
  if (findings.length > 0) return { ok: false, findings };
  await Promise.all(joiners.map((joiner) => openFirewall(joiner, progress)));
  for (const [machine, text] of clockWarnings(facts)) progress(machine.name, text);
  return { ok: true, joiners };
}

/** firewalld has a service for it; of others only the ports are named. */
async function openFirewall(
  { machine, facts }: Joiner,
  progress: NonNullable<BootstrapOptions['progress']>,
): Promise<void> {
  if (!facts.firewalls.includes('firewalld')) {
    if (facts.firewalls.length > 0)
      progress(machine.name, `${facts.firewalls.join(', ')} is active: let UDP ports 5404 and 5405 in`);
    return;
  }
  const service = '--add-service=high-availability';
  const ran = await machine.run(`firewall-cmd -q --permanent ${service} && firewall-cmd -q ${service}`);
  const done = ran.ok && ran.value.code === 0;
  progress(
    machine.name,
    done
      ? 'firewalld lets high-availability in'
      : `firewalld is active, and does not take ${service}: let UDP ports 5404 and 5405 in`,
  );
}

/** Corosync on all, then Pacemaker on all: each finds the others there. What fails is returned. */
async function startAll(
  machines: readonly Machine[],
  names: readonly string[],
  options: BootstrapOptions,
): Promise<string[]> {
  const progress = options.progress ?? (() => {});
  for (const [what, start] of [
    ['corosync', startCorosync],
    ['pacemaker', startPacemaker],
  ] as const) {
    const problems = await onAll(machines, async (machine) => {
      const started = await start(machine);
      if (!started.ok) return started.message;
      progress(machine.name, `${what} ${started.changed ? 'started' : 'was running already'}`);
      return null;
    });
    if (problems.length > 0) return problems;
  }
  await Promise.all(machines.map((machine) => enablePacemaker(machine, true)));
  const missing = await untilPacemakerUp(machines[0]!, names, options);
  return missing === null ? [] : [missing];
}

/**
 * Makes a cluster of hosts that have the packages: corosync.conf and key on each, Corosync started and then Pacemaker,
 * first properties. What was done is taken back where it fails.
 */
export async function initPacemaker(hosts: readonly string[], options: InitOptions): Promise<ClusterOutcome> {
  const progress = options.progress ?? (() => {});
  const { machines, findings } = await openAll(hosts, options);
  try {
    if (findings.length > 0) return { ok: false, findings };
    const examined = await examine(machines, options, []);
    if (!examined.ok) return examined;
    const nodes = examined.joiners.map(({ facts, addresses }) => ({ name: facts.name, addresses }));
    const file = newCorosyncFile({
      clusterName: options.clusterName,
      transport: options.transport ?? 'knet',
      nodes,
      ...(options.port === undefined ? {} : { port: options.port }),
    });
    const key = randomBytes(KEY_BYTES);
    const problems = await onAll(machines, async (machine) => {
      setLog(file, await corosyncLog(machine));
      return writeFiles(machine, printCorosync(file), key, progress);
    });
    const names = nodes.map(({ name }) => name);
    if (problems.length === 0) problems.push(...(await startAll(machines, names, options)));
    if (problems.length === 0) {
      const complaint = await firstProperties(machines[0]!, options);
      if (complaint) problems.push(complaint);
    }
    if (problems.length > 0) {
      await Promise.all(machines.map(takeBack));
      return { ok: false, findings: [...problems, 'what had been done on the hosts was taken back'] };
    }
    await Promise.all(machines.map(finished));
    progress(
      machines[0]!.name,
      'fencing is off (stonith-enabled=false): set it up before anything shares data',
    );
    return { ok: true };
  } finally {
    await Promise.all(machines.map((machine) => machine.close()));
  }
}

function setLog(file: ReturnType<typeof newCorosyncFile>, path: string): void {
  const log = sections(file.items, 'logging')[0];
  const place = log && setting(log.items, 'logfile');
  if (place) place.value = path;
}

async function takeBack(machine: Machine): Promise<void> {
  await stopPacemaker(machine, 60_000);
  await machine.run(`rm -f -- ${CONF} ${KEY} ${UNFINISHED}`);
}

/** Those of `crm cluster init` of crmsh. */
async function firstProperties(machine: Machine, options: BootstrapOptions): Promise<string | null> {
  const opened = await openPacemakerOf(machine, options);
  if (!opened.ok) return opened.error.message;
  const connection = opened.value;
  try {
    const before = await connection.readCib();
    if (!before.ok) return before.error.message;
    const after = before.value.clone();
    const put = (parent: Element, kind: string, id: string, pairs: Readonly<Record<string, string>>) => {
      const set =
        parent.elements(kind).find((one) => one.id === id) ?? parent.append(new Element(kind, { id }));
      for (const [name, value] of Object.entries(pairs)) {
        if (set.elements('nvpair').some((pair) => pair.get('name') === name)) continue;
        set.append(new Element('nvpair', { id: `${id}-${name}`, name, value }));
      }
    };
    put(ensureSection(after, 'crm_config'), 'cluster_property_set', 'cib-bootstrap-options', {
      'stonith-enabled': 'false',
    });
    put(ensureSection(after, 'rsc_defaults'), 'meta_attributes', 'rsc-options', {
      'resource-stickiness': '1',
      'migration-threshold': '3',
    });
    put(ensureSection(after, 'op_defaults'), 'meta_attributes', 'op-options', {
      timeout: '600',
      'record-pending': 'true',
    });
    const committed = await connection.commit(before.value, after);
    return committed.ok ? null : committed.error.message;
  } finally {
    await connection.close();
  }
}

/** Adds a host to the Corosync + Pacemaker cluster of which `member` is a node. */
export async function joinPacemaker(
  host: string,
  member: string,
  options: BootstrapOptions,
): Promise<ClusterOutcome> {
  const progress = options.progress ?? (() => {});
  const { machines, findings } = await openAll([host, member], options);
  try {
    if (findings.length > 0) return { ok: false, findings };
    const [newcomer, there] = machines as [Machine, Machine];
    const files = await there.run(`cat ${CONF} && echo && base64 ${KEY} | tr -d '\\n'`);
    if (!files.ok) return { ok: false, findings: [files.error.message] };
    if (files.value.code !== 0)
      return { ok: false, findings: [`${member} is in no cluster: it has no ${CONF} or no ${KEY}`] };
    const split = files.value.stdout.lastIndexOf('\n');
    const text = files.value.stdout.slice(0, split);
    const key = Buffer.from(files.value.stdout.slice(split + 1), 'base64');
    const read = readConfiguration(text);
    if (!read.configuration) {
      return {
        ok: false,
        findings: read.mistakes.map(({ place, message }) => `${member}:${CONF}:${place.line}: ${message}`),
      };
    }
    const names = read.configuration.nodes.map(({ name }) => name);
    const examined = await examine([newcomer], options, names);
    if (!examined.ok) return examined;
    const { facts, addresses } = examined.joiners[0]!;
    addNode(read.file, { name: facts.name, addresses });
    const changed = printCorosync(read.file);
    const spread = await spreadFile(names, changed, `has ${facts.name} now`, options, progress);
    const problems = [...spread.problems];
    if (problems.length === 0) {
      const reloaded = await there.run('PATH=/usr/sbin:$PATH corosync-cfgtool -R');
      if (!reloaded.ok) problems.push(reloaded.error.message);
      else if (reloaded.value.code !== 0)
        problems.push(`${member}: corosync does not read its file again: ${reloaded.value.stderr.trim()}`);
    }
    if (problems.length === 0) {
      const written = await writeFiles(newcomer, changed, key, progress);
      if (written) problems.push(written);
    }
    if (problems.length === 0)
      problems.push(...(await startAll([newcomer], [...names, facts.name], options)));
    if (problems.length > 0) {
      await takeBack(newcomer);
      await spreadFile(spread.done, text, 'is as it was', options, progress);
      await there.run('PATH=/usr/sbin:$PATH corosync-cfgtool -R');
      return { ok: false, findings: [...problems, 'what had been done on the hosts was taken back'] };
    }
    await finished(newcomer);
    return { ok: true };
  } finally {
    await Promise.all(machines.map((machine) => machine.close()));
  }
}

/** Stops a node of a Corosync + Pacemaker cluster and takes it out of the others' files and of their memory. */
export async function removeFromPacemaker(
  host: string,
  member: string,
  options: BootstrapOptions,
): Promise<ClusterOutcome> {
  const progress = options.progress ?? (() => {});
  const there = await openMachine(member, options);
  if (!there.ok) return { ok: false, findings: [there.error.message] };
  try {
    const files = await there.value.run(`cat ${CONF}`);
    if (!files.ok) return { ok: false, findings: [files.error.message] };
    const { configuration, file } = readConfiguration(files.value.stdout);
    const names = configuration?.nodes.map(({ name }) => name) ?? [];
    if (!removeNode(file, host))
      return { ok: false, findings: [`${host} is no node of this cluster (it has ${names.join(', ')})`] };
    const leaving = await openMachine(host, options);
    if (leaving.ok) {
      const stopped = await stopPacemaker(leaving.value);
      if (stopped.ok)
        await leaving.value.run(
          `rm -f -- ${CONF} ${KEY}; find /var/lib/pacemaker /var/lib/corosync -type f -delete`,
        );
      await leaving.value.close();
      if (!stopped.ok) return { ok: false, findings: [stopped.message] };
      progress(host, 'stopped, its files removed');
    } else if (!options.force) return { ok: false, findings: [leaving.error.message] };
    const others = names.filter((each) => each !== host);
    const spread = await spreadFile(others, printCorosync(file), `is without ${host} now`, options, progress);
    const forgotten = await there.value.run(
      `PATH=/usr/sbin:$PATH; corosync-cfgtool -R && crm_node --force -R '${host}'`,
    );
    const problems = [...spread.problems];
    if (forgotten.ok && forgotten.value.code !== 0)
      problems.push(`${member}: ${forgotten.value.stderr.trim()}`);
    return problems.length > 0 ? { ok: false, findings: problems } : { ok: true };
  } finally {
    await there.value.close();
  }
}
