import { randomBytes } from 'node:crypto';
import { type CorosyncFile, sections, setting } from '../../grammar/corosync/ast.js';
import { printCorosync } from '../../grammar/corosync/print.js';
import type { SessionOptions } from '../ssh/session.js';
import { type NewCluster, type NewNode, newCorosyncFile } from './corosync-file.js';
import { clockWarnings, type Facts, inspect, linkAddresses, objections } from './inspect.js';
import { type Machine, openMachine } from './machine.js';
import { untilMembers } from './members.js';
import { CONF, DEFAULT_PORT, KEY, UNFINISHED } from './places.js';
import {
  installObjection,
  installProgram,
  Luggage,
  ownProgram,
  placeOfProgram,
  uninstallProgram,
} from './program.js';
import { probeReach } from './reach.js';
import { isRunning, type ServiceOptions, startService, stopService } from './service.js';

/** What happens, as it happens: one line for a host. */
export type Progress = (host: string, text: string) => void;

export type ClusterOutcome =
  | { readonly ok: true }
  /** Every finding is one line; nothing is left changed unless a line says so. */
  | { readonly ok: false; readonly findings: readonly string[] };

export interface BootstrapOptions extends SessionOptions {
  /** Write over a configuration that is there. */
  readonly force?: boolean;
  readonly progress?: Progress;
  readonly service?: ServiceOptions;
  /** For each link the card, address or network (`10.0.0.0/24`) to use; empty: each host's first address. */
  readonly links?: readonly string[];
}

export interface InitOptions extends BootstrapOptions {
  readonly clusterName: string;
  readonly transport?: 'udpu' | 'knet';
  readonly port?: number;
  /** A file that was made already, for hosts with these names; default is one made of what the hosts say. */
  readonly file?: CorosyncFile;
}

const KEY_BYTES = 256;
const STOP_TIMEOUT_MS = 30_000;

/** A machine on its way to become a node. */
export interface Candidate {
  readonly machine: Machine;
  readonly facts: Facts;
  readonly addresses: readonly string[];
  /** The agent's executable there, once it is there. */
  program: string;
  /** We have installed it in this run. */
  installed: boolean;
}

/**
 * Makes a cluster of hosts: checks them, installs the program where it is not, tries the network, puts key and
 * corosync.conf on each, starts the agents and waits until all are members. What was done is taken back where it fails.
 */
export async function initCluster(hosts: readonly string[], options: InitOptions): Promise<ClusterOutcome> {
  const progress = options.progress ?? (() => {});
  const opened = await openMachines(hosts, options);
  const { machines } = opened;
  try {
    if (opened.findings.length > 0) return { ok: false, findings: opened.findings };
    const examined = await examine(machines, options);
    if (!examined.ok) return examined;
    const { candidates } = examined;
    const unnamed = options.file ? strangers(candidates, options.file) : [];
    if (unnamed.length > 0) return { ok: false, findings: unnamed };
    const port = options.port ?? DEFAULT_PORT;
    const problems = await onAll(candidates, (candidate) => bring(candidate, examined.luggage, progress));
    if (problems.length === 0) problems.push(...(await reachable(candidates, port, progress)));
    if (problems.length === 0) problems.push(...(await configure(candidates, options, progress)));
    if (problems.length > 0) {
      await onAll(candidates, (candidate) => takeBack(candidate, options));
      return { ok: false, findings: [...problems, 'what had been done on the hosts was taken back'] };
    }
    await onAll(machines, (machine) => finished(machine));
    return { ok: true };
  } finally {
    await Promise.all(machines.map((machine) => machine.close()));
  }
}

/** Machines whose own name is not one that the file has: their agents would not find themselves in it. */
function strangers(candidates: readonly Candidate[], file: CorosyncFile): string[] {
  const names = sections(file.items, 'nodelist')
    .flatMap((list) => sections(list.items, 'node'))
    .map((node) => setting(node.items, 'name')?.value);
  return candidates
    .filter(({ facts }) => !names.includes(facts.name))
    .map(
      ({ machine, facts }) =>
        `${machine.name} calls itself '${facts.name}' (uname -n): no node has this name`,
    );
}

async function openMachines(
  hosts: readonly string[],
  options: SessionOptions,
): Promise<{ readonly machines: readonly Machine[]; readonly findings: readonly string[] }> {
  if (process.env.QUORATE_ROOT) {
    const finding = 'whole hosts become nodes here: unset QUORATE_ROOT (or start quorated by hand below it)';
    return { machines: [], findings: [finding] };
  }
  const machines: Machine[] = [];
  const findings: string[] = [];
  for (const outcome of await Promise.all(hosts.map((host) => openMachine(host, options)))) {
    if (outcome.ok) machines.push(outcome.value);
    else findings.push(outcome.error.message);
  }
  return { machines, findings };
}

type Examined =
  | { readonly ok: true; readonly candidates: readonly Candidate[]; readonly luggage: Luggage | null }
  | { readonly ok: false; readonly findings: readonly string[] };

/** Looks at machines and finds what speaks against them. */
export async function examine(
  machines: readonly Machine[],
  options: BootstrapOptions,
  taken: readonly string[] = [],
): Promise<Examined> {
  const own = ownProgram();
  const facts = new Map<Machine, Facts>();
  const findings: string[] = [];
  const looks = await Promise.all(
    machines.map(async (machine) => ({
      machine,
      fact: await inspect(machine, own ? [own.folder] : []),
      runs: await isRunning(machine, options.service),
    })),
  );
  // In the order in which they were named: node ids follow it.
  for (const { machine, fact, runs } of looks) {
    if (typeof fact === 'string') findings.push(fact);
    else facts.set(machine, fact);
    if (runs)
      findings.push(`${machine.name} runs quorated already: it is in a cluster (crm cluster stop ends it)`);
  }
  findings.push(...objections(facts, { force: options.force ?? false, taken }));
  const candidates: Candidate[] = [];
  for (const [machine, fact] of facts) {
    const addresses = linkAddresses(machine, fact, options.links ?? []);
    if (typeof addresses === 'string') {
      findings.push(addresses);
      continue;
    }
    const there = own ? placeOfProgram(fact, own) : ([...fact.programs.keys()][0] ?? null);
    if (there === null) {
      const objection = own
        ? installObjection(machine, fact)
        : `quorated is not installed on ${machine.name}`;
      if (objection) findings.push(objection);
    }
    const program = there === null ? '' : `${there}/bin/quorated`;
    candidates.push({ machine, facts: fact, addresses, program, installed: false });
  }
  if (findings.length > 0) return { ok: false, findings };
  for (const [machine, text] of clockWarnings(facts)) options.progress?.(machine.name, text);
  return { ok: true, candidates, luggage: own ? new Luggage(own) : null };
}

/** Sees to it that the program is there. */
export async function bring(
  candidate: Candidate,
  luggage: Luggage | null,
  progress: Progress,
): Promise<string | null> {
  const { machine, facts } = candidate;
  if (candidate.program !== '' || luggage === null) return null;
  const problem = await installProgram(machine, facts, luggage, (text) => progress(machine.name, text));
  if (problem) return problem;
  const { INSTALLED } = await import('./places.js');
  candidate.program = `${INSTALLED}/bin/quorated`;
  candidate.installed = true;
  progress(machine.name, `program installed in ${INSTALLED}`);
  return null;
}

/** Opens the ports where firewalld is, and tries whether all hear each other. */
export async function reachable(
  candidates: readonly Candidate[],
  port: number,
  progress: Progress,
): Promise<string[]> {
  for (const { machine, facts, addresses } of candidates) {
    if (!facts.firewalls.includes('firewalld')) continue;
    const ports = addresses.flatMap((_, link) => [`${port + link}/udp`, `${port + link}/tcp`]);
    const words = ports.map((each) => `--add-port=${each}`).join(' ');
    const ran = await machine.run(`firewall-cmd -q --permanent ${words} && firewall-cmd -q ${words}`);
    const done = ran.ok && ran.value.code === 0;
    progress(machine.name, `${done ? 'firewalld lets' : 'cannot make firewalld let'} ${ports.join(', ')} in`);
  }
  if (candidates.length < 2) return [];
  const stations = candidates.map(({ machine, facts, addresses, program }) => ({
    machine,
    name: facts.name,
    addresses,
    node: facts.node?.path ?? program.replace(/bin\/quorated$/, 'runtime/node'),
  }));
  const findings = await probeReach(
    stations,
    port,
    (machine) => candidates.find((candidate) => candidate.machine === machine)?.facts.firewalls ?? [],
  );
  if (findings.length === 0) progress('network', `all hear each other on port ${port}`);
  return findings;
}

async function configure(
  candidates: readonly Candidate[],
  options: InitOptions,
  progress: Progress,
): Promise<string[]> {
  const nodes = candidates.map(({ facts, addresses }): NewNode => ({ name: facts.name, addresses }));
  const cluster: NewCluster = {
    clusterName: options.clusterName,
    transport: options.transport ?? 'knet',
    nodes,
    ...(options.port === undefined ? {} : { port: options.port }),
  };
  const text = printCorosync(options.file ?? newCorosyncFile(cluster));
  const key = randomBytes(KEY_BYTES);
  const problems = await onAll(candidates, ({ machine }) => writeFiles(machine, text, key, progress));
  if (problems.length === 0)
    problems.push(...(await onAll(candidates, (candidate) => startAgent(candidate, options, progress))));
  if (problems.length > 0) return problems;
  const missing = await untilMembers(
    candidates[0]!.machine,
    nodes.map(({ name }) => name),
    options,
  );
  return missing === null ? [] : [missing];
}

export async function onAll<T>(
  things: readonly T[],
  work: (thing: T) => Promise<string | null>,
): Promise<string[]> {
  const results = await Promise.all(things.map(work));
  return results.filter((result) => result !== null);
}

/** Key and file, and a mark that they are of an attempt that is not finished yet. */
export async function writeFiles(
  machine: Machine,
  text: string,
  key: Buffer,
  progress: Progress,
): Promise<string | null> {
  const mark = await machine.writeFile(UNFINISHED, '', 0o600);
  const conf = mark.ok ? await machine.writeFile(CONF, text, 0o644) : mark;
  const authkey = conf.ok ? await machine.writeFile(KEY, key, 0o400) : conf;
  if (!authkey.ok) return authkey.error.message;
  progress(machine.name, `${CONF} and ${KEY} written`);
  return null;
}

export async function finished(machine: Machine): Promise<string | null> {
  await machine.run(`rm -f ${UNFINISHED}`);
  return null;
}

export async function startAgent(
  { machine, program }: Candidate,
  options: BootstrapOptions,
  progress: Progress,
): Promise<string | null> {
  const service = { ...options, ...options.service };
  const started = await startService(machine, { ...service, ...(program === '' ? {} : { program }) });
  if (!started.ok) return started.message;
  progress(machine.name, 'cluster service started');
  return null;
}

export async function takeBack(candidate: Candidate, options: BootstrapOptions): Promise<null> {
  const { machine, installed } = candidate;
  await stopService(machine, { ...options, ...options.service, timeoutMs: STOP_TIMEOUT_MS });
  await machine.run(`rm -f -- ${CONF} ${KEY} ${UNFINISHED}`);
  if (installed) await uninstallProgram(machine);
  return null;
}
