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
      problems.push(...(await enter(candidate, there.value, names, printCorosync(read.file), key, options)));
    if (problems.length > 0) {
      await takeBack(candidate, options);
      await spreadFile(spread.done, text, 'is as it was', options, progress);
      await reloadCluster(there.value, options);
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

/** The newcomer's files, the others made to know it, its agent. */
async function enter(
  candidate: Candidate,
  member: Machine,
  others: readonly string[],
  text: string,
  key: Buffer,
  options: BootstrapOptions,
): Promise<string[]> {
  const progress = options.progress ?? (() => {});
  const { machine, facts } = candidate;
  const problem = await writeFiles(machine, text, key, progress);
  if (problem) return [problem];
  const reloaded = await reloadCluster(member, options);
  const started = await startAgent(candidate, options, progress);
  if (started) return [started];
  if (reloaded === null) {
    const problems: string[] = [];
    for (const other of others) problems.push(...(await restart(other, facts.name, options, progress)));
    if (problems.length > 0) return problems;
  } else if (reloaded.length > 0) return reloaded;
  else progress(member.name, `all members know ${facts.name} now`);
  const missing = await untilMembers(machine, [...others, facts.name], options);
  return missing === null ? [] : [missing];
}

/**
 * Has all members read their files again.
 *
 * @returns what they complain of; null where the agents cannot do that yet, or none runs
 */
export async function reloadCluster(member: Machine, options: BootstrapOptions): Promise<string[] | null> {
  const opened = await openAgent(member, { ...options, ...options.service });
  if (!opened.ok) return null;
  const answer = await opened.value.call('cluster.reload', {});
  await opened.value.close();
  if (!answer.ok) return answer.error.kind === 'unsupported' ? null : [answer.error.message];
  return answer.value.complaints.map(({ node, message }) => `${node}: ${message}`);
}

/** For an agent that cannot read its nodes again while it runs: its resources move away meanwhile. */
async function restart(
  host: string,
  newcomer: string,
  options: BootstrapOptions,
  progress: Progress,
): Promise<string[]> {
  const machine = await openMachine(host, options);
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
