/**
 * Everything that can happen to services, executors and agents, again and again, on three nodes of one machine with
 * fencing. Needs no root. `QUORATE_CHAOS_EVENTS` and `QUORATE_CHAOS_SEED` say how much and which; an event takes some
 * seconds, so that `npm test` has a few of them and the long run a hundred.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomNumbers } from '../../scripts/random-numbers.mjs';
import { MARKER } from '../../src/executor/marker.js';
import { isAlive, readEnvironment, readProcess, uptimeTicks } from '../../src/executor/process-table.js';
import { BIN, freePort, kill, ProcessCluster, type ProcessNode, until } from './process-cluster.js';

const EVENTS = Number(process.env.QUORATE_CHAOS_EVENTS ?? (process.env.QUORATE_LAB === 'long' ? 100 : 5));
/** Longer than it takes to notice and to fence a machine that is off. */
const OFF_MS = 4000;
const SEED = Number(process.env.QUORATE_CHAOS_SEED ?? 1);

const cluster = new ProcessCluster('chaos', '127.0.77');
const { directory, nodes } = cluster;
const trace = join(directory, 'trace');

/** Chance from a seed, so that a run can be repeated. */
const fraction = randomNumbers(SEED);
const random = (below: number): number => (fraction() * 2 ** 32) % below;

beforeAll(async () => {
  const httpPort = await freePort();
  await cluster.up();
  const odd = [1, 2, 3, 4].map(
    (i) =>
      `primitive m${i} ocf:test:misbehaving params trace="${trace}" op monitor interval=1s timeout=2s op start timeout=5s interval=0 op stop timeout=5s interval=0`,
  );
  const said = cluster.configure(
    'property stonith-enabled=true',
    'rsc_defaults failure-timeout=1s',
    cluster.fenceDevice,
    `primitive web ocf:quorate:http-server params port=${httpPort} op monitor interval=5s timeout=20s`,
    ...odd,
    'group g m1 m2',
    'colocation apart -100: m3 m4',
  );
  expect(said).toBe('');
}, 90_000);

afterAll(() => cluster.down());

/** The file below the node's root that holds this process id. */
function pidOf(node: ProcessNode, file: string): number | null {
  try {
    return Number(readFileSync(join(node.root, 'run', file), 'utf8'));
  } catch {
    return null;
  }
}

const stateFile = (node: ProcessNode, resource: string) => join(node.root, `run/misbehaving-${resource}`);
const holders = (resource: string) =>
  nodes.filter((node) => cluster.isUp(node) && existsSync(stateFile(node, resource)));

type Chaos = readonly [name: string, happen: () => void];

/** What can happen now to what runs now. */
function chances(): Chaos[] {
  const all: Chaos[] = [];
  for (const resource of ['m1', 'm2', 'm3', 'm4']) {
    for (const node of holders(resource)) {
      const file = stateFile(node, resource);
      for (const does of [
        'fail',
        'hang',
        'hang-deaf',
        'crash',
        'escape',
        'zombie',
        'flood',
        'fork',
        'nonsense',
      ]) {
        all.push([`${resource} on ${node.name}: ${does}`, () => writeFileSync(`${file}.do`, `${does}\n`)]);
      }
      all.push([`${resource} on ${node.name} vanishes`, () => rmSync(file, { force: true })]);
    }
  }
  for (const node of nodes) {
    const server = pidOf(node, 'resource-agents/http-server-web.pid');
    const serverRuns = server !== null && isAlive(readProcess(server));
    for (let weight = 0; weight < 6; weight++) {
      if (serverRuns) all.push([`web on ${node.name} is killed`, () => kill(server)]);
      const executor = findPid(node, 'executor.pid');
      if (executor) all.push([`the executor of ${node.name} is killed`, () => kill(executor)]);
      const agent = findPid(node, 'quorated.pid');
      if (agent && weight < 3) all.push([`the agent of ${node.name} is killed`, () => kill(agent)]);
      if (weight < 3) all.push([`${node.name} loses power`, () => cluster.powerOff(node)]);
    }
  }
  return all;
}

function findPid(node: ProcessNode, name: string): number | null {
  const run = join(node.root, 'run');
  if (!existsSync(run)) return null;
  const file = readdirSync(run, { recursive: true, encoding: 'utf8' }).find((path) =>
    path.endsWith(`/${name}`),
  );
  return file === undefined ? null : pidOf(node, file);
}

const deadSince = new Map<string, number>();

/** What somebody would do who watches: a machine that has been off for a while is switched on. */
function switchOnDead(): void {
  for (const node of nodes) {
    if (cluster.isUp(node)) deadSince.delete(node.name);
    else if (!deadSince.has(node.name)) deadSince.set(node.name, Date.now());
    else if (Date.now() - deadSince.get(node.name)! > OFF_MS) {
      deadSince.delete(node.name);
      cluster.powerOn(node);
    }
  }
}

function settled(): string | null {
  const status = cluster.status();
  if (!status.includes('Online: [ n1 n2 n3 ]')) return 'not all nodes are online';
  for (const resource of ['st', 'web', 'm1', 'm2', 'm3', 'm4']) {
    if (!new RegExp(`\\* ${resource}\\s.*Started n\\d`).test(status)) return `${resource} is not started`;
  }
  for (const resource of ['m1', 'm2', 'm3', 'm4']) {
    if (holders(resource).length !== 1) return `${resource} runs on ${holders(resource).length} nodes`;
  }
  return null;
}

interface AgentRun {
  readonly pid: number;
  /** In clock ticks after boot: a process id is used again some minutes later, but not with the same time of birth. */
  readonly born: string;
  readonly line: string;
  ended: boolean;
}

/**
 * Runs of agents on one resource of one node that were begun while another was under way: one that came to its end
 * later, or lives still. One that was killed or has crashed has no end.
 */
function overlaps(): string[] {
  const last = new Map<string, AgentRun>();
  const suspects: { readonly earlier: AgentRun; readonly line: string }[] = [];
  if (!existsSync(trace)) return [];
  for (const line of readFileSync(trace, 'utf8').trim().split('\n')) {
    const [what, action, pid = '', resource, node, born = ''] = line.split(' ');
    if (action === 'meta-data') continue;
    const key = `${resource} ${node}`;
    const own = (run: AgentRun | undefined) => run?.pid === Number(pid) && run.born === born;
    const earlier = last.get(key);
    if (what === 'begin') {
      if (earlier && !earlier.ended) suspects.push({ earlier, line });
      last.set(key, { pid: Number(pid), born, line, ended: false });
    } else if (earlier && own(earlier)) earlier.ended = true;
    else {
      const late = suspects.find((suspect) => own(suspect.earlier));
      if (late) late.earlier.ended = true;
    }
  }
  return suspects
    .filter(({ earlier }) => earlier.ended || livesOn(earlier))
    .map(({ earlier, line }) => `${line} while ${earlier.line}`);
}

function livesOn({ pid, born }: AgentRun): boolean {
  const process = readProcess(pid);
  return isAlive(process) && String(process?.startTicks) === born;
}

/** Longer than any operation and its killing take. */
const OLD_TICKS = 1500;

/**
 * Processes of operations that are long over: all that agents have started, but for the web server, and for what an agent has
 * put in the background by itself and left there (`fork`).
 */
function leftBehind(): string[] {
  const now = uptimeTicks();
  return nodes.flatMap((node) => {
    const server = pidOf(node, 'resource-agents/http-server-web.pid');
    return cluster
      .processesOf(node)
      .filter((pid) => pid !== server && readEnvironment(pid, MARKER) !== undefined)
      .filter((pid) => now - (readProcess(pid)?.startTicks ?? now) > OLD_TICKS)
      .map((pid) => ({ pid, command: commandLine(pid) }))
      .filter(({ command }) => !/^sleep 110[01]$/.test(command))
      .map(({ pid, command }) => `${node.name}: ${pid}: ${command}`);
  });
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ').trim();
  } catch {
    return '';
  }
}

/** What our crm_simulate and the real one would still do with the cluster as it is now: nothing is wanted. */
function leftToDo(): string[] {
  const saved = join(directory, 'cib.xml');
  writeFileSync(saved, cluster.run('cibadmin', ['-Q']));
  return [join(BIN, 'crm_simulate'), '/usr/sbin/crm_simulate'].flatMap((program) => {
    const { stdout } = spawnSync(program, ['-x', saved, '-S'], { encoding: 'utf8' });
    if (!stdout.includes('Executing Cluster Transition')) return [`${program}: ${stdout}`];
    return stdout.split('\n').filter((line) => /Resource action|Fencing/.test(line));
  });
}

describe('chaos', () => {
  it(`ends well after each of ${EVENTS} events`, async () => {
    await until(
      () => settled() === null,
      () => `everything is up at first: ${settled()}`,
    );
    for (let event = 1; event <= EVENTS; event++) {
      const all = chances();
      const [name, happen] = all[random(all.length)]!;
      console.log(`${event}: ${name}`);
      happen();
      await new Promise((resolve) => setTimeout(resolve, 2500));
      expect(overlaps()).toEqual([]);
      await until(
        () => {
          switchOnDead();
          return settled() === null;
        },
        () => `${event}: ${name}: ${settled()}`,
      );
      // Results that are under way are in the document a moment later.
      await until(
        () => leftToDo().length === 0,
        () => `${event}: ${name}: ${leftToDo().join('\n')}`,
      );
      await until(
        () => leftBehind().length === 0,
        () => `${event}: ${name}: left behind: ${leftBehind().join('\n')}`,
      );
    }
  }, 1_800_000);

  it('has left no process of any of its operations behind', async () => {
    // Until those of the last event would be old enough to be seen.
    await new Promise((resolve) => setTimeout(resolve, OLD_TICKS * 10));
    expect(leftBehind()).toEqual([]);
  });

  it('leaves nothing behind when the nodes lose power', async () => {
    for (const node of nodes) cluster.powerOff(node);
    await until(() => nodes.every((node) => !cluster.isUp(node)), 'no process is left');
  });
});
