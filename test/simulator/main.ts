/** `npm run simulate -- --seeds N [--first S] [--membership] [--verbose]`: exit 0 ok, 1 safety, 2 liveness, 3 crash. */
import { parseArgs } from 'node:util';
import { runMembershipScenario } from './membership-scenario.js';
import { runScenario } from './scenario.js';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '100' },
    first: { type: 'string', default: '1' },
    membership: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
    lines: { type: 'string', default: '80' },
    'keep-going': { type: 'boolean', default: false },
  },
});
const first = Number(values.first);
const count = Number(values.seeds);
const startedAt = performance.now();
let virtualMs = 0;
let bad = 0;
let exit = 0;
for (let seed = first; seed < first + count; seed++) {
  const outcome = values.membership ? runMembershipScenario(seed) : runScenario(seed);
  virtualMs += outcome.virtualMs;
  if (values.verbose) process.stdout.write(`${outcome.lines.join('\n')}\n`);
  if (outcome.ok) continue;
  bad++;
  exit ||= { ok: 0, safety: 1, liveness: 2, crash: 3 }[outcome.kind];
  if (!values['keep-going'] || bad <= 1) {
    process.stdout.write(`${outcome.lines.slice(-Number(values.lines)).join('\n')}\n`);
  }
  process.stdout.write(`seed ${seed}: ${outcome.kind}: ${outcome.text.slice(0, 3000)}\n`);
  process.stdout.write(
    `again: npm run simulate -- --first ${seed} --seeds 1 --verbose${values.membership ? ' --membership' : ''}\n`,
  );
  if (!values['keep-going']) break;
}
const seconds = (performance.now() - startedAt) / 1000;
process.stdout.write(
  `${count} seeds from ${first}: ${bad} bad; ${(virtualMs / 60_000).toFixed(0)} virtual minutes in ${seconds.toFixed(1)} s\n`,
);
process.exit(exit);
