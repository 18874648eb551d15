/** `npm run lab:faults -- --runs N --seed S`: random faults on real nodes (test/lab/faults.test.ts), from that seed on. */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '10' }, seed: { type: 'string' } },
});
const seed = values.seed ?? String(Date.now() % 1_000_000);
console.log(`${values.runs} runs from seed ${seed}`);
const done = spawnSync(
  'npx',
  ['vitest', 'run', '--config', 'vitest.lab.config.ts', 'test/lab/faults.test.ts'],
  {
    stdio: 'inherit',
    env: { ...process.env, QUORATE_FAULT_RUNS: values.runs, QUORATE_FAULT_SEED: seed },
  },
);
process.exit(done.status ?? 1);
