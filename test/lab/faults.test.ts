/**
 * Random faults on three nodes without fencing, one run after the other, each from its own seed: cables, one-way links,
 * loss, processes that stand still, power cuts of one and of all, agents and executors that are killed, agents replaced by
 * another version while they run. Clients write to the CIB all the while.
 *
 * After each run the cluster is mended and must come together; then no acknowledged write may be missing and no refused
 * one be there, the documents must be equal, and the trace of the services must show no two nodes with the same one.
 *
 * `npm run lab:faults -- --runs N --seed S` runs as many as asked.
 */
import { randomBytes } from 'node:crypto';
import { chmodSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest';
import { randomNumbers } from '../../scripts/random-numbers.mjs';
import { AT_NORMAL_PRIORITY, corosyncConf, eventually, Lab, PROJECT } from './lab.js';
import { type Active, activeTimes, installService, longestOverlapMs, serviceTrace } from './service.js';

const RUNS = Number(process.env.QUORATE_FAULT_RUNS ?? 2);
const SEED = Number(process.env.QUORATE_FAULT_SEED ?? 1);
const STEPS = 4;
const TOKEN_MS = 1000;
/**
 * From its resumption a node that stood still may take so long to stop what others have taken over: it sees within a tick that its token has run
 * out, and stops after 0.2 to 0.5 s where the machine has six times as much to do as it can.
 */
const RESUMED_STOP_MS = 1500;
/** From the end of the faults to a cluster that is whole and idle. */
const SETTLE_MS = 40_000;
const TOOLS = join(PROJECT, 'dist/lab');

const nodes = ['n1', 'n2', 'n3'];
const lab = new Lab('faults');
const key = randomBytes(128).toString('base64');

/** Chance from a seed, so that a run can be repeated. */
class Random {
  readonly #fraction: () => number;
  constructor(seed: number) {
    this.#fraction = randomNumbers(seed);
  }
  below(limit: number): number {
    return (this.#fraction() * 2 ** 32) % limit;
  }
  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)]!;
  }
  between(least: number, most: number): number {
    return least + this.below(most - least);
  }
}

interface Pause {
  readonly node: string;
  readonly fromMs: number;
  toMs: number;
}

/** What one run did to the cluster, and what its clients were told. */
class Run {
  readonly seed: number;
  readonly random: Random;
  readonly startedAtMs = Date.now();
  readonly story: string[] = [];
  readonly crashes: { node: string; atMs: number }[] = [];
  readonly pauses: Pause[] = [];
  readonly off = new Set<string>();
  readonly told = new Map<string, 'ok' | 'no' | 'unknown'>();
  /** Which build the node's agent is. */
  readonly #writers = new Map<string, number>();

  constructor(seed: number) {
    this.seed = seed;
    this.random = new Random(seed);
  }

  get set(): string {
    return `writes-${this.seed}`;
  }

  note(text: string): void {
    this.story.push(`${((Date.now() - this.startedAtMs) / 1000).toFixed(1)} s: ${text}`);
  }

  write(node: string): void {
    const turn = (this.#writers.get(node) ?? 0) + 1;
    this.#writers.set(node, turn);
    const child = lab.start(node, `exec node ${TOOLS}/writer.js ${node}-${turn}-${this.seed} ${this.set}`);
    let rest = '';
    child.stdout!.on('data', (chunk: Buffer) => {
      const lines = `${rest}${chunk}`.split('\n');
      rest = lines.pop()!;
      for (const line of lines) {
        const [word, id] = line.split(' ');
        this.told.set(id!, word as 'ok');
      }
    });
  }

  async start(node: string): Promise<void> {
    const version = this.random.pick(['dist/bin', 'dist/lab/next/bin']);
    await startAgent(node, version);
    this.write(node);
  }
}

async function startAgent(node: string, where: string): Promise<void> {
  const program = join(PROJECT, where, 'quorated');
  await lab.ok(node, `${AT_NORMAL_PRIORITY} setsid ${program} >>/var/log/quorated.log 2>&1 </dev/null &`);
}

interface Fault {
  readonly name: string;
  readonly weight: number;
  /** Does it; resolves to what ends it, if it does not end by itself. */
  readonly inject: (run: Run, node: string) => Promise<(() => Promise<unknown>) | null>;
}

const faults: readonly Fault[] = [
  {
    name: 'cut',
    weight: 3,
    inject: async (run, node) => {
      run.note(`${node} is cut off`);
      await lab.lab('cut', node);
      return () => lab.lab('heal', node);
    },
  },
  {
    name: 'one-way',
    weight: 3,
    inject: async (run, node) => {
      const to = run.random.pick(nodes.filter((other) => other !== node));
      run.note(`${to} does not hear ${node}`);
      await lab.lab('oneway', node, to);
      return () => lab.lab('heal-all');
    },
  },
  {
    name: 'loss',
    weight: 2,
    inject: async (run, node) => {
      const percent = run.random.pick([5, 20, 40]);
      run.note(`${node} loses ${percent} % of its packets`);
      await lab.lab('loss', node, String(percent));
      return () => lab.lab('heal', node);
    },
  },
  {
    name: 'pause',
    weight: 3,
    inject: async (run, node) => {
      run.note(`${node} stands still`);
      const pause = { node, fromMs: Date.now(), toMs: Number.POSITIVE_INFINITY };
      await lab.lab('pause', node);
      run.pauses.push(pause);
      return async () => {
        pause.toMs = Date.now();
        await lab.lab('resume', node);
        run.note(`${node} goes on`);
      };
    },
  },
  {
    name: 'crash',
    weight: 3,
    inject: async (run, node) => {
      run.note(`${node} loses power`);
      run.off.add(node);
      await crash(run, node);
      return () => boot(run, node);
    },
  },
  {
    name: 'all crash',
    weight: 1,
    inject: async (run) => {
      run.note('all lose power');
      for (const each of nodes) run.off.add(each);
      await Promise.all(nodes.map((each) => crash(run, each)));
      return async () => {
        await Promise.all(nodes.map((each) => boot(run, each)));
      };
    },
  },
  {
    name: 'upgrade',
    weight: 3,
    inject: async (run, node) => {
      const waitMs = run.random.pick([0, 0, 300, 1500]);
      run.note(`the agent of ${node} is killed, and replaced after ${waitMs} ms`);
      // By its pid file: the executor, which is the same program, lives on.
      await lab.exec(node, 'kill -9 "$(cat /run/quorate/quorated.pid)"');
      await new Promise((resolve) => setTimeout(resolve, waitMs));
      await startAgent(node, run.random.pick(['dist/bin', 'dist/lab/next/bin']));
      return null;
    },
  },
  {
    name: 'executor',
    weight: 1,
    inject: async (run, node) => {
      run.note(`the executor of ${node} is killed`);
      await lab.exec(node, 'pkill -9 -f __executor');
      return null;
    },
  },
];

async function crash(run: Run, node: string): Promise<void> {
  await lab.lab('crash', node);
  run.crashes.push({ node, atMs: Date.now() });
}

async function boot(run: Run, node: string): Promise<void> {
  await lab.lab('boot', node);
  await installService(lab, node);
  run.off.delete(node);
  await run.start(node);
  run.note(`${node} has booted`);
}

function draw(random: Random): Fault {
  const all = faults.flatMap((fault) => Array.from({ length: fault.weight }, () => fault));
  return random.pick(all);
}

beforeAll(async () => {
  await build({
    entryPoints: [join(PROJECT, 'test/lab/writer.ts')],
    outdir: TOOLS,
    bundle: true,
    packages: 'external',
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    logLevel: 'error',
  });
  // The same program under another version: what an upgrade puts in its place.
  const { version } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8')) as { version: string };
  const next = version.replace(/\d+$/, (patch) => String(Number(patch) + 1));
  await build({
    entryPoints: [{ in: join(PROJECT, 'test/agent/quorated.ts'), out: 'quorated' }],
    outdir: join(TOOLS, 'next/bin'),
    banner: { js: '#!/usr/bin/env node' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    logLevel: 'error',
    define: { __QUORATE_VERSION__: JSON.stringify(next) },
  });
  renameSync(join(TOOLS, 'next/bin/quorated.js'), join(TOOLS, 'next/bin/quorated'));
  chmodSync(join(TOOLS, 'next/bin/quorated'), 0o755);
  writeFileSync(join(TOOLS, 'package.json'), '{"type":"module"}');
  await lab.up(...nodes);
  const members = nodes.map((name, index) => ({ name, address: `10.77.0.${index + 1}` }));
  for (const node of nodes) {
    await lab.write(
      node,
      '/etc/corosync/corosync.conf',
      corosyncConf(members, `  token: ${TOKEN_MS}\n  token_coefficient: 0\n`),
    );
    await lab.ok(node, 'base64 -d >/etc/corosync/authkey && chmod 400 /etc/corosync/authkey', { stdin: key });
    await installService(lab, node);
    await startAgent(node, 'dist/bin');
  }
  await whole();
  await lab.ok(
    'n1',
    `crm configure load update - <<'CRM'
property stonith-enabled=false
rsc_defaults failure-timeout=2s
primitive s1 ocf:lab:service op monitor interval=1s timeout=5s
primitive s2 ocf:lab:service op monitor interval=2s timeout=5s
primitive s3 ocf:lab:service op monitor interval=2s timeout=5s
primitive s4 ocf:lab:service
group g s3 s4
CRM`,
  );
  await lab.ok('n1', 'crm_resource --wait');
});
afterAll(() => lab.down());

/** Every node is online for every other, and has nothing left to do. */
async function whole(): Promise<void> {
  const line = `Online: [ ${nodes.join(' ')} ]`;
  for (const node of nodes) {
    await eventually(
      `all are online for ${node}`,
      async () => (await lab.exec(node, 'crm_mon -1')).out,
      (text) => text.includes(line),
      SETTLE_MS,
    );
  }
  await lab.ok('n1', 'crm_resource --wait');
}

/** Without the times in which a node stood still: it did nothing then. */
function running(times: readonly Active[], pauses: readonly Pause[]): Active[] {
  return times.flatMap((time) => {
    let parts = [time];
    for (const { node, fromMs, toMs } of pauses) {
      if (node !== time.node) continue;
      parts = parts.flatMap((part) =>
        [
          { ...part, untilMs: Math.min(part.untilMs, fromMs) },
          // What follows is the stopping of what was there before.
          { ...part, fromMs: Math.max(part.fromMs, toMs + RESUMED_STOP_MS) },
        ].filter((piece) => piece.fromMs < piece.untilMs),
      );
    }
    return parts;
  });
}

const seeds = Array.from({ length: RUNS }, (_, run) => SEED + run);

test.each(seeds)('seed %i', { timeout: 180_000 }, async (seed) => {
  onTestFailed(() => lab.explain(nodes), 60_000);
  const run = new Run(seed);
  const { random } = run;
  const adding = `cibadmin -o crm_config -C -X '<cluster_property_set id="${run.set}"/>'`;
  await lab.ok('n1', adding);
  for (const node of nodes) run.write(node);
  const open: (() => Promise<unknown>)[] = [];
  for (let step = 0; step < STEPS; step++) {
    const node = random.pick(nodes);
    const fault = draw(random);
    const holdMs = random.between(300, 5000);
    const overlaps = random.below(3) === 0;
    const busy = run.off.has(node) || run.pauses.some((one) => one.node === node && one.toMs === Infinity);
    if (busy || (fault.name === 'all crash' && run.off.size > 0)) continue;
    const end = await fault.inject(run, node);
    await new Promise((resolve) => setTimeout(resolve, holdMs));
    if (end && overlaps) open.push(end);
    else await end?.();
  }
  for (const end of open.reverse()) await end();
  run.note('the faults are over');
  await lab.lab('heal-all');
  const mendedAtMs = Date.now();

  const why = () => `seed ${seed}\n${run.story.join('\n')}`;
  try {
    await whole();
  } catch (error) {
    throw new Error(`${why()}\n${(error as Error).message}`);
  }
  const settledMs = Date.now() - mendedAtMs;
  // The writers end with what they have been told so far.
  for (const node of nodes) await lab.exec(node, 'pkill -f lab/writer.js');
  await new Promise((resolve) => setTimeout(resolve, 300));

  const documents = await Promise.all(nodes.map((node) => lab.ok(node, 'cibadmin -Q')));
  const present = new Set(
    [...documents[0]!.matchAll(/<nvpair id="(n\d-\d+-\d+-\d+)"/g)].map((match) => match[1]!),
  );
  const acknowledged = [...run.told].filter(([, word]) => word === 'ok').map(([id]) => id);
  const refused = [...run.told].filter(([, word]) => word === 'no').map(([id]) => id);
  expect(
    acknowledged.filter((id) => !present.has(id)),
    `lost although acknowledged: ${why()}`,
  ).toEqual([]);
  expect(
    refused.filter((id) => present.has(id)),
    `there although refused: ${why()}`,
  ).toEqual([]);
  expect(acknowledged.length, why()).toBeGreaterThan(0);
  expect(new Set(documents).size, `documents differ: ${why()}`).toBe(1);

  const trace = await serviceTrace(lab, nodes);
  const times = activeTimes(trace, [...allCrashes, ...run.crashes]);
  allCrashes.push(...run.crashes);
  const since = times.filter((time) => time.untilMs > run.startedAtMs);
  const overlapMs = longestOverlapMs(running(since, run.pauses));
  expect(overlapMs, `active twice: ${why()}\n${JSON.stringify(since, null, 1)}`).toBe(0);
  const active = since.filter((time) => time.untilMs === Number.POSITIVE_INFINITY);
  expect(active.map((time) => time.resource).sort(), why()).toEqual(['s1', 's2', 's3', 's4']);

  console.log(
    `seed ${seed}: ${run.story.length} events, ${acknowledged.length} writes acknowledged, ${refused.length} refused, whole again after ${(settledMs / 1000).toFixed(1)} s`,
  );
  await lab.ok('n1', `cibadmin -o crm_config -D -X '<cluster_property_set id="${run.set}"/>'`);
});

/** Of earlier runs: their traces are still on the disks. */
const allCrashes: { node: string; atMs: number }[] = [];
