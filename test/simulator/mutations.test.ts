import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { afterAll, describe, expect, it } from 'vitest';
import { MUTATIONS, type Mutation } from './mutations.js';
import type { RunOutcome } from './scenario.js';

/** A mutation that survives this many seeds shows a hole in the simulator. */
const SEEDS_MAX = 400;

const directory = mkdtempSync(join(tmpdir(), 'quorate-mutations-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

async function mutated(mutation: Mutation, number: number): Promise<(seed: number) => RunOutcome> {
  const target = resolve(mutation.file);
  const outfile = join(directory, `${number}.mjs`);
  await build({
    entryPoints: [`test/simulator/${mutation.by === 'cluster' ? 'scenario' : 'membership-scenario'}.ts`],
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
  const module = (await import(outfile)) as Record<string, (seed: number) => RunOutcome>;
  return module[mutation.by === 'cluster' ? 'runScenario' : 'runMembershipScenario']!;
}

describe('the simulator notices', () => {
  for (const [number, mutation] of MUTATIONS.entries()) {
    it(`when ${mutation.name}`, { timeout: 300_000 }, async () => {
      const run = await mutated(mutation, number);
      let caught: RunOutcome | null = null;
      for (let seed = 1; seed <= SEEDS_MAX && caught === null; seed++) {
        const outcome = run(seed);
        if (!outcome.ok) caught = outcome;
      }
      expect(caught, `not caught in ${SEEDS_MAX} seeds`).not.toBeNull();
      if (process.env.SHOW_MUTATIONS)
        console.log(mutation.name, '→', caught?.seed, caught?.kind, caught?.text.slice(0, 150));
    });
  }
});
