/**
 * `npm run simulate -- --seeds N [--first S] [--kind KIND] [--jobs J] [--seconds T]
 * [--keep-going] [--verbose]`: exit 0 ok, 1 safety, 2 liveness, 3 crash, 4 when so many lives should have met
 * something (`coverage.ts`) that none has.
 *
 * A seed that fails is cut down to the smallest life that fails in the same way, and that is told.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Counts, coverageLines, neverMet } from './coverage.js';
import { KINDS } from './kinds.js';
import type { Kind } from './life.js';

const EXIT_CODES = { ok: 0, safety: 1, liveness: 2, crash: 3 } as const;
const EXIT_NEVER_MET = 4;
/** From so many seeds on, everything must have been met that a kind of lives is to meet. */
const CAMPAIGN_SEEDS = 1000;
/** Of the young generation, in MiB: a run makes much that is soon of no use. */
const SEMI_SPACE_MIB = 32;
const SEEDS_PER_REPORT = 1000;

interface Task {
  readonly kind: Kind;
  readonly first: number;
  readonly count: number;
  /** Every `step`th seed. */
  readonly step: number;
  readonly untilMs: number;
  readonly keepGoing: boolean;
  readonly verbose: boolean;
}

interface Result {
  readonly done: number;
  readonly bad: number;
  readonly exit: number;
  readonly virtualMs: number;
  readonly cpuMs: number;
  readonly met: Counts;
  /** Of each life that came to rest. */
  readonly settledMs: readonly number[];
}

function work(task: Task): Result {
  let [done, bad, exit, virtualMs] = [0, 0, 0, 0];
  const met: Counts = {};
  const settledMs: number[] = [];
  const cpu = process.cpuUsage();
  for (let seed = task.first; seed < task.first + task.count; seed += task.step) {
    if (Date.now() > task.untilMs) break;
    const run = KINDS[task.kind](seed);
    const { outcome } = run;
    done++;
    virtualMs += outcome.virtualMs;
    if (outcome.settledMs !== null) settledMs.push(outcome.settledMs);
    for (const what of outcome.met) met[what] = (met[what] ?? 0) + 1;
    if (done % SEEDS_PER_REPORT === 0) report(task, seed, done, bad, cpu);
    if (task.verbose && outcome.ok) process.stdout.write(`${run.story().join('\n')}\n`);
    if (outcome.ok) continue;
    bad++;
    exit ||= EXIT_CODES[outcome.kind];
    const story = bad === 1 ? [...run.story(), ''] : [];
    const what = `seed ${seed} (${task.kind}): ${outcome.kind}: ${outcome.text.slice(0, 2000)}`;
    const again = `again: npm run simulate -- --kind ${task.kind} --first ${seed} --seeds 1`;
    process.stdout.write(`${[...story, what, again].join('\n')}\n`);
    if (!task.keepGoing) break;
  }
  const { user, system } = process.cpuUsage(cpu);
  return { done, bad, exit, virtualMs, cpuMs: (user + system) / 1000, met, settledMs };
}

/** So that a long campaign that is ended early has shown how far it came. */
function report(task: Task, seed: number, done: number, bad: number, since: NodeJS.CpuUsage): void {
  const { user, system } = process.cpuUsage(since);
  const seconds = ((user + system) / 1_000_000).toFixed(0);
  process.stderr.write(`${done} ${task.kind} seeds, the last ${seed}: ${bad} bad; ${seconds} s of CPU\n`);
}

/** How long it took until everything was at rest, for the liveness bound to be judged. */
function quantiles(allMs: number[]): string {
  allMs.sort((a, b) => a - b);
  const at = (part: number) =>
    allMs[Math.min(allMs.length - 1, Math.floor(allMs.length * part))] ?? Number.NaN;
  const words = [0.5, 0.99, 1].map((part) => `${(at(part) / 1000).toFixed(1)} s (${part * 100} %)`);
  return words.join(', ');
}

function inProcess(task: Task): Promise<Result> {
  return new Promise((resolve, reject) => {
    const execArgv = [...process.execArgv, `--max-semi-space-size=${SEMI_SPACE_MIB}`];
    const child: ChildProcess = fork(fileURLToPath(import.meta.url), ['--worker'], { execArgv });
    child.once('message', (result) => resolve(result as Result));
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`a worker ended with ${code}`)));
    child.send(task);
  });
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '100' },
      first: { type: 'string', default: '1' },
      kind: { type: 'string', default: 'cluster' },
      jobs: { type: 'string', default: '1' },
      seconds: { type: 'string' },
      verbose: { type: 'boolean', default: false },
      'keep-going': { type: 'boolean', default: false },
    },
  });
  if (!(values.kind in KINDS)) {
    process.stderr.write(`--kind: ${Object.keys(KINDS).join(', ')}\n`);
    return 64;
  }
  const first = Number(values.first);
  const jobs = Math.max(1, Number(values.jobs));
  const startedAt = Date.now();
  const tasks = Array.from({ length: jobs }, (_, job) => ({
    kind: values.kind as Kind,
    first: first + job,
    count: Number(values.seeds) - job,
    step: jobs,
    untilMs:
      values.seconds === undefined ? Number.MAX_SAFE_INTEGER : startedAt + Number(values.seconds) * 1000,
    keepGoing: values['keep-going'],
    verbose: values.verbose,
  }));
  const results = await Promise.all(tasks.map(inProcess));
  const sum = (of: (result: Result) => number) => results.reduce((total, result) => total + of(result), 0);
  const seconds = (Date.now() - startedAt) / 1000;
  process.stdout.write(
    `${sum((one) => one.done)} ${values.kind} seeds from ${first}: ${sum((one) => one.bad)} bad; ` +
      `${(sum((one) => one.virtualMs) / 60_000).toFixed(0)} virtual minutes in ${seconds.toFixed(1)} s ` +
      `(${(sum((one) => one.cpuMs) / 1000).toFixed(1)} s of CPU)\n`,
  );
  process.stdout.write(`at rest after ${quantiles(results.flatMap((one) => one.settledMs))}\n`);
  const lives = sum((one) => one.done);
  const met = results.map((one) => one.met);
  const isCampaign = lives >= CAMPAIGN_SEEDS;
  if (lives > 1)
    process.stdout.write(`${coverageLines(values.kind as Kind, met, lives, isCampaign).join('\n')}\n`);
  const exit = Math.max(...results.map((result) => result.exit));
  return exit === 0 && isCampaign && neverMet(values.kind as Kind, met).length > 0 ? EXIT_NEVER_MET : exit;
}

if (process.argv.includes('--worker')) {
  process.once('message', (task) => {
    process.send!(work(task as Task), () => process.exit(0));
  });
} else process.exit(await main());
