/**
 * How long one-shot commands take from start to end, against the same commands of crmsh and Pacemaker and against a
 * Node that does nothing. Runs take turns, so that all meet the same machine; medians are compared.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeXml } from '../../src/cib/xml.js';
import { largeCluster } from './clusters/large.js';

const ROUNDS = Number(process.env.ROUNDS ?? '11');
const BIN = join(process.cwd(), 'dist/bin');

interface Contest {
  readonly name: string;
  readonly own: readonly string[];
  readonly real: readonly string[];
}

const CONTESTS: readonly Contest[] = [
  { name: 'crm configure show', own: ['crm', 'configure', 'show'], real: ['crm', 'configure', 'show'] },
  { name: 'crm status', own: ['crm', 'status'], real: ['crm', 'status'] },
  { name: 'crm resource status', own: ['crm', 'resource', 'status'], real: ['crm', 'resource', 'status'] },
  {
    name: 'crm configure property (parses, writes)',
    own: ['crm', 'configure', 'property', 'stonith-enabled=false'],
    real: ['crm', 'configure', 'property', 'stonith-enabled=false'],
  },
  { name: 'crm_mon -1', own: ['crm_mon', '-1'], real: ['crm_mon', '-1'] },
  { name: 'cibadmin -Q', own: ['cibadmin', '-Q'], real: ['cibadmin', '-Q'] },
  {
    name: 'crm_attribute -G',
    own: ['crm_attribute', '-G', '-t', 'crm_config', '-n', 'stonith-enabled'],
    real: ['crm_attribute', '-G', '-t', 'crm_config', '-n', 'stonith-enabled'],
  },
];

const folder = mkdtempSync(join(tmpdir(), 'quorate-bench-'));
const file = join(folder, 'cib.xml');
const original = join(folder, 'original.xml');
writeFileSync(original, writeXml(largeCluster(3, 28)));

/** Milliseconds that a command takes; the configuration is as before each time. */
function run(command: readonly string[]): number {
  copyFileSync(original, file);
  const env: NodeJS.ProcessEnv = { ...process.env, CIB_file: file, HOME: folder, TERM: 'dumb' };
  // Node reads and parses these certificates at every start.
  delete env.NODE_EXTRA_CA_CERTS;
  const start = process.hrtime.bigint();
  spawnSync(command[0]!, command.slice(1), { env, stdio: ['ignore', 'ignore', 'ignore'] });
  return Number(process.hrtime.bigint() - start) / 1e6;
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!;

function realPath(name: string): string | undefined {
  return [`/usr/sbin/${name}`, `/usr/bin/${name}`].find((path) => existsSync(path));
}

console.log(
  `a configuration of ${Math.round(statSync(original).size / 1024)} KiB, median of ${ROUNDS} rounds`,
);
try {
  execFileSync(join(BIN, 'crm'), ['--version']);
  for (const { name, own, real } of CONTESTS) {
    const path = realPath(real[0]!);
    const times = { node: [] as number[], own: [] as number[], real: [] as number[] };
    for (let round = 0; round < ROUNDS; round++) {
      times.node.push(run([process.execPath, '-e', '0']));
      times.own.push(run([join(BIN, own[0]!), ...own.slice(1)]));
      if (path !== undefined) times.real.push(run([path, ...real.slice(1)]));
    }
    const mine = median(times.own);
    const empty = median(times.node);
    const against =
      path === undefined
        ? 'the real one is not here'
        : `${path} ${median(times.real).toFixed(0)} ms, ratio ${(mine / median(times.real)).toFixed(2)}`;
    console.log(
      `${name}: ${mine.toFixed(0)} ms; ${against}; empty node ${empty.toFixed(0)} ms, ratio ${(mine / empty).toFixed(1)}`,
    );
  }
} finally {
  rmSync(folder, { recursive: true });
}
