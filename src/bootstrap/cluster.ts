import { randomBytes } from 'node:crypto';
import { sections, setting } from '../../grammar/corosync/ast.js';
import { readConfiguration } from '../../grammar/corosync/configuration.js';
import { parseCorosync } from '../../grammar/corosync/parser.js';
import { printCorosync } from '../../grammar/corosync/print.js';
import { openSsh } from '../connection/ssh.js';
import type { SessionOptions } from '../ssh/session.js';
import { shellQuote } from '../ssh/shell-quote.js';
import {
  addNode,
  type NewCluster,
  type NewNode,
  newCorosyncFile,
  removeNode,
  usableAddress,
} from './corosync-file.js';
import { type Machine, remoteMachine } from './machine.js';
import { type ServiceOptions, startService, stopService } from './service.js';

/** What happens, as it happens: one line for a host. */
export type Progress = (host: string, text: string) => void;

export type ClusterOutcome =
  | { readonly ok: true }
  /** Every finding is one line; nothing is left changed unless a line says so. */
  | { readonly ok: false; readonly findings: readonly string[] };

export interface InitOptions extends SessionOptions {
  readonly clusterName: string;
  readonly transport?: 'udpu' | 'knet';
  readonly port?: number;
  /** Write over a configuration that is there. */
  readonly force?: boolean;
  readonly progress?: Progress;
  readonly service?: ServiceOptions;
}

const CONF = '/etc/corosync/corosync.conf';
const KEY = '/etc/corosync/authkey';
const KEY_BYTES = 256;
/** Clocks further apart are worth a word: rules and histories depend on them. */
const CLOCK_SKEW_MAX_MS = 5000;
const JOIN_TIMEOUT_MS = 30_000;

interface Facts {
  readonly name: string;
  readonly addresses: readonly string[];
  readonly configured: boolean;
  readonly uid: number;
  readonly clockMs: number;
  readonly busy: readonly string[];
}

const INSPECT = `
hostname
id -u
date +%s%3N
test -e ${CONF} && echo configured || echo free
for daemon in corosync pacemakerd heartbeat; do pgrep -x $daemon >/dev/null 2>&1 && printf '%s ' $daemon; done; echo
(ip -o addr show scope global 2>/dev/null | awk '{ print $4 }') || hostname -I`;

async function inspect(machine: Machine): Promise<Facts | string> {
  const ran = await machine.run(INSPECT);
  if (!ran.ok) return ran.error.message;
  const [name = '', uid = '', clock = '', configured = '', busy = '', ...addresses] =
    ran.value.stdout.split('\n');
  return {
    name: name.split('.')[0]!,
    uid: Number(uid),
    clockMs: Number(clock),
    configured: configured === 'configured',
    busy: busy.trim() === '' ? [] : busy.trim().split(' '),
    addresses: addresses.flatMap((line) => line.trim().split(/\s+/)).filter((each) => each !== ''),
  };
}

/** What speaks against making a cluster of these machines. */
function objections(facts: ReadonlyMap<Machine, Facts>, force: boolean): string[] {
  const findings: string[] = [];
  const names = new Map<string, Machine>();
  for (const [machine, fact] of facts) {
    const twin = names.get(fact.name);
    if (twin)
      findings.push(
        `${machine.name} and ${twin.name} are both called '${fact.name}': give each a name of its own`,
      );
    names.set(fact.name, machine);
    if (fact.uid !== 0) findings.push(`${machine.name}: this needs root there, and not uid ${fact.uid}`);
    if (fact.configured && !force) {
      findings.push(`${machine.name} has a ${CONF} already: it may be in a cluster; remove it, or force`);
    }
    if (fact.busy.length > 0) findings.push(`${machine.name} runs ${fact.busy.join(', ')}: stop it first`);
    if (!usableAddress(fact.addresses))
      findings.push(`${machine.name} has no address that others could reach it by`);
  }
  return findings;
}

/**
 * Makes a cluster of hosts: key and corosync.conf on each, agents started, waited for until all are members. What was
 * written is taken back where it fails.
 */
export async function initCluster(hosts: readonly string[], options: InitOptions): Promise<ClusterOutcome> {
  const progress = options.progress ?? (() => {});
  const machines: Machine[] = [];
  const findings: string[] = [];
  try {
    const opened = await Promise.all(hosts.map((host) => remoteMachine(host, options)));
    for (const outcome of opened) {
      if (outcome.ok) machines.push(outcome.value);
      else findings.push(outcome.error.message);
    }
    const facts = new Map<Machine, Facts>();
    const startedAtMs = Date.now();
    await Promise.all(
      machines.map(async (machine) => {
        const fact = await inspect(machine);
        if (typeof fact === 'string') findings.push(fact);
        else facts.set(machine, fact);
      }),
    );
    findings.push(...objections(facts, options.force ?? false));
    if (findings.length > 0) return { ok: false, findings };
    for (const [machine, fact] of facts) {
      const skew = Math.abs(fact.clockMs - startedAtMs);
      if (skew > CLOCK_SKEW_MAX_MS)
        progress(machine.name, `its clock is ${Math.round(skew / 1000)} s off: set up NTP`);
    }
    const nodes = machines.map((machine): NewNode => {
      const fact = facts.get(machine)!;
      return { name: fact.name, addresses: [usableAddress(fact.addresses)!] };
    });
    const cluster: NewCluster = {
      clusterName: options.clusterName,
      transport: options.transport ?? 'knet',
      nodes,
      ...(options.port === undefined ? {} : { port: options.port }),
    };
    const text = printCorosync(newCorosyncFile(cluster));
    const key = randomBytes(KEY_BYTES);
    const problems = await onAll(machines, (machine) => install(machine, text, key, progress));
    if (problems.length === 0) problems.push(...(await startAll(machines, nodes, options, progress)));
    if (problems.length > 0) {
      await onAll(machines, (machine) => takeBack(machine, options));
      return { ok: false, findings: [...problems, 'what had been written was taken back'] };
    }
    return { ok: true };
  } finally {
    await Promise.all(machines.map((machine) => machine.close()));
  }
}

async function onAll(
  machines: readonly Machine[],
  work: (machine: Machine) => Promise<string | null>,
): Promise<string[]> {
  const results = await Promise.all(machines.map(work));
  return results.filter((result) => result !== null);
}

async function install(
  machine: Machine,
  text: string,
  key: Buffer,
  progress: Progress,
): Promise<string | null> {
  const conf = await machine.writeFile(CONF, text, 0o644);
  if (!conf.ok) return conf.error.message;
  const authkey = await machine.writeFile(KEY, key, 0o400);
  if (!authkey.ok) return authkey.error.message;
  progress(machine.name, `${CONF} and ${KEY} written`);
  return null;
}

async function takeBack(machine: Machine, options: InitOptions): Promise<string | null> {
  await stopService(machine, { ...options, ...options.service, timeoutMs: JOIN_TIMEOUT_MS });
  await machine.run(`rm -f -- ${CONF} ${KEY}`);
  return null;
}

async function startAll(
  machines: readonly Machine[],
  nodes: readonly NewNode[],
  options: InitOptions,
  progress: Progress,
): Promise<string[]> {
  const problems = await onAll(machines, async (machine) => {
    const started = await startService(machine, { ...options, ...options.service });
    if (!started.ok) return started.message;
    progress(machine.name, 'cluster service started');
    return null;
  });
  if (problems.length > 0) return problems;
  const complete = await untilMembers(machines[0]!, nodes, options);
  return complete ? [complete] : [];
}

/** Null once every node is a member and there is quorum; else what is missing. */
async function untilMembers(
  machine: Machine,
  nodes: readonly { readonly name: string }[],
  options: SessionOptions,
): Promise<string | null> {
  const opened = await openSsh(machine.name, { program: 'crm', ...options });
  if (!opened.ok) return opened.error.message;
  const connection = opened.value;
  try {
    const deadline = Date.now() + JOIN_TIMEOUT_MS;
    for (;;) {
      const state = await connection.state();
      if (!state.ok) return state.error.message;
      const online = state.value.members.filter((member) => member.online).map((member) => member.name);
      const missing = nodes.filter((node) => !online.includes(node.name)).map((node) => node.name);
      if (missing.length === 0 && state.value.quorate) return null;
      if (Date.now() > deadline) {
        return missing.length > 0
          ? `${missing.join(', ')} did not become a member within ${JOIN_TIMEOUT_MS / 1000} s: does a firewall stop UDP port 5405?`
          : 'all nodes are members, but there is no quorum';
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  } finally {
    await connection.close();
  }
}

export interface JoinOptions extends SessionOptions {
  readonly force?: boolean;
  readonly progress?: Progress;
  readonly service?: ServiceOptions;
}

/**
 * Adds a host to the cluster of which `member` is a node: its key and file, extended on every node. The nodes are
 * restarted one after the other, so that resources move at most for a moment.
 */
export async function joinCluster(
  host: string,
  member: string,
  options: JoinOptions,
): Promise<ClusterOutcome> {
  const progress = options.progress ?? (() => {});
  const [newcomer, there] = await Promise.all([remoteMachine(host, options), remoteMachine(member, options)]);
  const machines = [newcomer, there].flatMap((outcome) => (outcome.ok ? [outcome.value] : []));
  try {
    if (!newcomer.ok || !there.ok) {
      return {
        ok: false,
        findings: [newcomer, there].flatMap((each) => (each.ok ? [] : [each.error.message])),
      };
    }
    const facts = await inspect(newcomer.value);
    if (typeof facts === 'string') return { ok: false, findings: [facts] };
    const findings = objections(new Map([[newcomer.value, facts]]), options.force ?? false);
    if (findings.length > 0) return { ok: false, findings };
    const files = await there.value.run(`cat ${CONF} && echo && base64 ${KEY} | tr -d '\\n'`);
    if (!files.ok) return { ok: false, findings: [files.error.message] };
    if (files.value.code !== 0) {
      return { ok: false, findings: [`${member} is in no cluster: it has no ${CONF} or no ${KEY}`] };
    }
    const split = files.value.stdout.lastIndexOf('\n');
    const text = files.value.stdout.slice(0, split);
    const key = Buffer.from(files.value.stdout.slice(split + 1), 'base64');
    const read = readConfiguration(text);
    if (!read.configuration) {
      return {
        ok: false,
        findings: read.mistakes.map((each) => `${member}:${CONF}:${each.place.line}: ${each.message}`),
      };
    }
    const node = { name: facts.name, addresses: [usableAddress(facts.addresses)!] };
    const already = read.configuration.nodes.some((each) => each.name === node.name);
    if (!already) addNode(read.file, node);
    const changed = printCorosync(read.file);
    const others = read.configuration.nodes.filter((each) => each.name !== node.name);
    for (const other of others) {
      const spread = await copyFile(other.name, changed, options);
      if (spread) return { ok: false, findings: [spread] };
      progress(other.name, `${CONF} has ${node.name} now`);
    }
    const problem = await install(newcomer.value, changed, key, progress);
    if (problem) return { ok: false, findings: [problem] };
    const started = await startService(newcomer.value, { ...options, ...options.service });
    if (!started.ok) return { ok: false, findings: [started.message] };
    progress(host, 'cluster service started');
    const problems: string[] = [];
    for (const other of others) problems.push(...(await restart(other.name, node.name, options, progress)));
    if (problems.length > 0) return { ok: false, findings: problems };
    const missing = await untilMembers(newcomer.value, [...others, node], options);
    return missing ? { ok: false, findings: [missing] } : { ok: true };
  } finally {
    await Promise.all(machines.map((machine) => machine.close()));
  }
}

/** A running agent knows the nodes that were in its file when it started: it reads the new ones after a restart. */
async function restart(
  host: string,
  newcomer: string,
  options: JoinOptions,
  progress: Progress,
): Promise<string[]> {
  const machine = await remoteMachine(host, options);
  if (!machine.ok) return [machine.error.message];
  const service = { ...options, ...options.service };
  try {
    const stopped = await stopService(machine.value, service);
    if (!stopped.ok) return [stopped.message];
    if (!stopped.changed) return [];
    const started = await startService(machine.value, service);
    if (!started.ok) return [started.message];
    progress(
      host,
      `cluster service restarted, its resources having moved meanwhile: it knows ${newcomer} now`,
    );
    return [];
  } finally {
    await machine.value.close();
  }
}

async function copyFile(host: string, text: string, options: SessionOptions): Promise<string | null> {
  const machine = await remoteMachine(host, options);
  if (!machine.ok) return machine.error.message;
  const written = await machine.value.writeFile(CONF, text, 0o644);
  await machine.value.close();
  return written.ok ? null : written.error.message;
}

/** Stops a node, takes it out of every other node's corosync.conf, and its own files away. */
export async function removeFromCluster(
  host: string,
  member: string,
  options: JoinOptions,
): Promise<ClusterOutcome> {
  const progress = options.progress ?? (() => {});
  const there = await remoteMachine(member, options);
  if (!there.ok) return { ok: false, findings: [there.error.message] };
  const files = await there.value.run(`cat ${CONF}`);
  await there.value.close();
  if (!files.ok) return { ok: false, findings: [files.error.message] };
  const { file } = parseCorosync(files.value.stdout);
  const names = sections(file.items, 'nodelist')
    .flatMap((list) => sections(list.items, 'node'))
    .map((each) => setting(each.items, 'name')?.value ?? '');
  if (!removeNode(file, host)) {
    return { ok: false, findings: [`${host} is no node of this cluster (it has ${names.join(', ')})`] };
  }
  const leaving = await remoteMachine(host, options);
  if (leaving.ok) {
    const stopped = await stopService(leaving.value, { ...options, ...options.service });
    if (stopped.ok) await leaving.value.run(`rm -f -- ${shellQuote(CONF)} ${shellQuote(KEY)}`);
    await leaving.value.close();
    if (!stopped.ok) return { ok: false, findings: [stopped.message] };
    progress(host, 'stopped, its files removed');
  } else if (!options.force) return { ok: false, findings: [leaving.error.message] };
  const text = printCorosync(file);
  const problems: string[] = [];
  for (const name of names.filter((each) => each !== host)) {
    const spread = await copyFile(name, text, options);
    if (spread) problems.push(spread);
    else progress(name, `${CONF} is without ${host} now`);
  }
  return problems.length > 0 ? { ok: false, findings: problems } : { ok: true };
}
