import { readConfiguration } from '../../grammar/corosync/configuration.js';
import { printCorosync } from '../../grammar/corosync/print.js';
import {
  type BootstrapOptions,
  bring,
  type Candidate,
  type ClusterOutcome,
  examine,
  finished,
  type Progress,
  startAgent,
  takeBack,
  writeFiles,
} from './cluster.js';
import { addNode } from './corosync-file.js';
import { type Machine, openMachine } from './machine.js';
import { untilMembers } from './members.js';
import { CONF, KEY } from './places.js';
import { openAgent, startService, stopService } from './service.js';

/**
 * Adds a host to the cluster of which `member` is a node: the program, the cluster's key and its file, which is
 * extended on every node and read again there. What was done is taken back where it fails.
 */
export async function joinCluster(
  host: string,
  member: string,
  options: BootstrapOptions,
): Promise<ClusterOutcome> {
  const progress = options.progress ?? (() => {});
  const opened = await Promise.all([openMachine(host, options), openMachine(member, options)]);
  const [newcomer, there] = opened;
  try {
    if (!newcomer.ok || !there.ok)
      return { ok: false, findings: opened.flatMap((each) => (each.ok ? [] : [each.error.message])) };
    const files = await readFiles(there.value);
    if (!files.ok) return files;
    const { text, key } = files;
    const read = readConfiguration(text);
    if (!read.configuration) {
      const findings = read.mistakes.map(
        ({ place, message }) => `${member}:${CONF}:${place.line}: ${message}`,
      );
      return { ok: false, findings };
    }
    const examined = await examine(
      [newcomer.value],
      options,
      read.configuration.nodes.map(({ name }) => name),
    );
    if (!examined.ok) return examined;
    const candidate = examined.candidates[0]!;
    const problem = await bring(candidate, examined.luggage, progress);
    if (problem) return { ok: false, findings: [problem] };
    const { name } = candidate.facts;
    addNode(read.file, { name, addresses: candidate.addresses });
    const names = read.configuration.nodes.map((node) => node.name);
    const spread = await spreadFile(names, printCorosync(read.file), `has ${name} now`, options, progress);
    const problems = [...spread.problems];
    if (problems.length === 0)
      problems.push(...(await enter(candidate, names, printCorosync(read.file), key, options)));
    if (problems.length > 0) {
      await takeBack(candidate, options);
      await spreadFile(spread.done, text, 'is as it was', options, progress);
      return { ok: false, findings: [...problems, 'what had been done on the hosts was taken back'] };
    }
    await finished(candidate.machine);
    return { ok: true };
  } finally {
    await Promise.all(opened.map((each) => (each.ok ? each.value.close() : undefined)));
  }
}

type Files =
  | { readonly ok: true; readonly text: string; readonly key: Buffer }
  | { readonly ok: false; readonly findings: readonly string[] };

async function readFiles(machine: Machine): Promise<Files> {
  const ran = await machine.run(`cat ${CONF} && echo && base64 ${KEY} | tr -d '\\n'`);
  if (!ran.ok) return { ok: false, findings: [ran.error.message] };
  if (ran.value.code !== 0)
    return { ok: false, findings: [`${machine.name} is in no cluster: it has no ${CONF} or no ${KEY}`] };
  const split = ran.value.stdout.lastIndexOf('\n');
  return {
    ok: true,
    text: ran.value.stdout.slice(0, split),
    key: Buffer.from(ran.value.stdout.slice(split + 1), 'base64'),
  };
}

/** The newcomer's files, its agent, and the others made to know it. */
async function enter(
  candidate: Candidate,
  others: readonly string[],
  text: string,
  key: Buffer,
  options: BootstrapOptions,
): Promise<string[]> {
  const progress = options.progress ?? (() => {});
  const { machine, facts } = candidate;
  const problem =
    (await writeFiles(machine, text, key, progress)) ?? (await startAgent(candidate, options, progress));
  if (problem) return [problem];
  const problems: string[] = [];
  for (const other of others) problems.push(...(await acquaint(other, facts.name, options, progress)));
  if (problems.length > 0) return problems;
  const missing = await untilMembers(machine, [...others, facts.name], options);
  return missing === null ? [] : [missing];
}

/** A running agent reads its file again; one that cannot is restarted, its resources moving away meanwhile. */
async function acquaint(
  host: string,
  newcomer: string,
  options: BootstrapOptions,
  progress: Progress,
): Promise<string[]> {
  const machine = await openMachine(host, options);
  if (!machine.ok) return [machine.error.message];
  const service = { ...options, ...options.service };
  try {
    if (await reload(machine.value, options)) {
      progress(host, `knows ${newcomer} now`);
      return [];
    }
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

/** False where the agent is too old to read its nodes again, or is not running. */
export async function reload(machine: Machine, options: BootstrapOptions): Promise<boolean> {
  const opened = await openAgent(machine, { ...options, ...options.service });
  if (!opened.ok) return false;
  const answer = await opened.value.call('agent.reload' as never, {} as never);
  await opened.value.close();
  return (answer as { readonly ok: boolean }).ok;
}

/** Writes corosync.conf on nodes; says on which it was done. */
export async function spreadFile(
  names: readonly string[],
  text: string,
  what: string,
  options: BootstrapOptions,
  progress: Progress,
): Promise<{ readonly done: readonly string[]; readonly problems: readonly string[] }> {
  const done: string[] = [];
  const problems: string[] = [];
  await Promise.all(
    names.map(async (name) => {
      const machine = await openMachine(name, options);
      if (!machine.ok) {
        problems.push(machine.error.message);
        return;
      }
      const written = await machine.value.writeFile(CONF, text, 0o644);
      await machine.value.close();
      if (!written.ok) problems.push(written.error.message);
      else {
        done.push(name);
        progress(name, `${CONF} ${what}`);
      }
    }),
  );
  return { done, problems };
}
