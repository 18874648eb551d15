/**
 * `npm run simulate:mutations -- [--name PART] [--first S] [--lives N] [--notices M]`: which seeds notice the deliberate
 * mistakes, so that the list names for each one that does so soon. Exit 1 where one is noticed by none of N lives.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { isNoticed, mutated } from './mutate.js';
import { MUTATIONS, type Mutation } from './mutations.js';

async function search(
  mutation: Mutation,
  first: number,
  livesMax: number,
  noticesMax: number,
  directory: string,
) {
  const run = await mutated(mutation, directory);
  const listed = isNoticed(mutation, run(mutation.seed, undefined));
  const notices: string[] = [];
  let lives = 0;
  for (let seed = first; lives < livesMax && notices.length < noticesMax; seed++) {
    const { user } = process.cpuUsage();
    const outcome = run(seed, mutation.where);
    if (!outcome) continue;
    lives++;
    const ms = (process.cpuUsage().user - user) / 1000;
    if (isNoticed(mutation, outcome))
      notices.push(`  ${seed} (${ms.toFixed(0)} ms): ${outcome.kind}: ${outcome.text.slice(0, 150)}`);
  }
  const seed = `seed ${mutation.seed} ${listed ? 'notices it' : 'does not notice it any more'}`;
  process.stdout.write(
    `${[`${mutation.name}: ${seed}; ${notices.length} of ${lives} lives`, ...notices].join('\n')}\n`,
  );
  return notices.length > 0;
}

const { values } = parseArgs({
  options: {
    name: { type: 'string', default: '' },
    first: { type: 'string', default: '1' },
    lives: { type: 'string', default: '300' },
    notices: { type: 'string', default: '3' },
  },
});
const directory = mkdtempSync(join(tmpdir(), 'quorate-mutations-'));
try {
  for (const mutation of MUTATIONS.filter(({ name }) => name.includes(values.name))) {
    const [first, lives, notices] = [values.first, values.lives, values.notices].map(Number);
    if (!(await search(mutation, first!, lives!, notices!, directory))) process.exitCode = 1;
  }
} finally {
  rmSync(directory, { recursive: true, force: true });
}
