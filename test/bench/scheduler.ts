/**
 * How long decisions take, ours in this process against the real crm_simulate's own timing
 * (`--profile`, which counts neither its start nor its output).
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { acceptSchema } from '../../src/cib/validity.js';
import { parseXml, writeXml } from '../../src/cib/xml.js';
import { schedule } from '../../src/scheduler/index.js';
import { largeCluster } from './clusters/large.js';

const REAL = process.env.QUORATE_CRM_SIMULATE ?? '/usr/sbin/crm_simulate';
const corpus = join(process.env.QUORATE_CORPUS ?? '../shared/corpus', 'scheduler/xml');
const REPEAT = Number(process.env.REPEAT ?? '5');

/** CPU seconds that some work takes. */
function seconds(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

function realSeconds(folder: string, repeat: number): number | undefined {
  if (!existsSync(REAL)) return undefined;
  const text = execFileSync(REAL, ['--profile', folder, '--repeat', String(repeat)], {
    env: { PATH: '/usr/sbin:/usr/bin:/bin', TZ: 'UTC', LC_ALL: 'C' },
    encoding: 'utf8',
    maxBuffer: 1 << 26,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return [...text.matchAll(/\.\.\. ([\d.]+) secs/g)].reduce((sum, match) => sum + Number(match[1]), 0);
}

function report(name: string, own: number, real: number | undefined): void {
  const ratio =
    real === undefined
      ? 'no crm_simulate here'
      : `crm_simulate ${real.toFixed(2)} s, ratio ${(own / real).toFixed(2)}`;
  console.log(`${name}: ${own.toFixed(2)} s, ${ratio}`);
}

/** As the real tool is timed: a file is read and made valid once, and decided about REPEAT times. */
function benchCorpus(): void {
  if (!existsSync(corpus)) {
    console.log(`no corpus at ${corpus}`);
    return;
  }
  const texts = readdirSync(corpus).map((name) => readFileSync(join(corpus, name), 'utf8'));
  const run = (repeat: number) => {
    for (const text of texts) {
      const { cib } = acceptSchema(parseXml(text));
      for (let i = 0; i < repeat; i++) schedule(cib!, { nowMs: 1_700_000_000_000 });
    }
  };
  run(1);
  report(
    `corpus (${texts.length} cases, ${REPEAT} times)`,
    seconds(() => run(REPEAT)),
    realSeconds(corpus, REPEAT),
  );
}

function benchLarge(nodeCount: number, resourceCount: number, withReal: boolean): void {
  const cib = largeCluster(nodeCount, resourceCount);
  const own = seconds(() => schedule(cib, { nowMs: 1_700_000_000_000 }));
  let real: number | undefined;
  if (withReal) {
    const folder = mkdtempSync(join(tmpdir(), 'quorate-bench-'));
    try {
      writeFileSync(join(folder, 'cib.xml'), writeXml(cib));
      real = realSeconds(folder, 1);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
  report(`${nodeCount} nodes, ${resourceCount} resources`, own, real);
}

benchCorpus();
// Twice the resources should take about twice the time.
for (const count of [250, 500, 1000, 2000]) benchLarge(32, count, count === 2000);
