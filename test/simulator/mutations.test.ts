import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { afterAll, describe, expect, it } from 'vitest';
import type { Outcome } from './life.js';
import { MUTATIONS, type Mutation } from './mutations.js';

/** A mutation that survives so many lives in which it could be noticed shows a hole in the simulator. */
const LIVES_MAX = 60;
const SEEDS_MAX = 4000;

const directory = mkdtempSync(join(tmpdir(), 'quorate-mutations-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** What plays the life of a seed with the mistake in; null where it could not be noticed. */
type Play = (seed: number, where: Mutation['where']) => Outcome | null;

const PLAY =
  '(seed, where) => { const life = draw(seed); return where && !where(life) ? null : play(life); }';

function programOf({ by }: Mutation): string {
  if (by === 'cluster') {
    return `import { drawClusterLife as draw } from './test/simulator/cluster-life.js';
      import { playClusterLife as play } from './test/simulator/cluster-scenario.js';
      export const run = ${PLAY};`;
  }
  return `import { drawMembershipLife, playMembershipLife as play } from './test/simulator/membership-scenario.js';
    const draw = (seed) => drawMembershipLife(seed, '${by}');
    export const run = ${PLAY};`;
}

async function mutated(mutation: Mutation, number: number): Promise<Play> {
  const target = resolve(mutation.file);
  const outfile = join(directory, `${number}.mjs`);
  await build({
    stdin: { contents: programOf(mutation), resolveDir: process.cwd(), loader: 'js' },
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    logLevel: 'error',
    plugins: [
      {
        name: 'mutation',
        setup(b) {
          b.onLoad({ filter: /\.ts$/ }, ({ path }) => {
            if (path !== target) return undefined;
            const text = readFileSync(path, 'utf8');
            expect(text.split(mutation.find), `${mutation.file} has '${mutation.find}' once`).toHaveLength(2);
            return { contents: text.replace(mutation.find, () => mutation.replace), loader: 'ts' };
          });
        },
      },
    ],
  });
  return ((await import(outfile)) as { run: Play }).run;
}

describe('the simulator notices', () => {
  for (const [number, mutation] of MUTATIONS.entries()) {
    it(`when ${mutation.name}`, { timeout: 300_000 }, async () => {
      const run = await mutated(mutation, number);
      if (run(mutation.seed, undefined)?.ok === false) return;
      let played = 0;
      for (let seed = 1; seed <= SEEDS_MAX && played < LIVES_MAX; seed++) {
        const outcome = run(seed, mutation.where);
        if (outcome?.ok === false) return;
        if (outcome) played++;
      }
      expect.fail(`not noticed in ${played} lives`);
    });
  }
});
