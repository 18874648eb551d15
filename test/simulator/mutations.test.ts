import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { afterAll, describe, expect, it } from 'vitest';
import type { Outcome } from './life.js';
import { MUTATIONS, type Mutation } from './mutations.js';

/** A mutation that survives this many seeds shows a hole in the simulator. */
const SEEDS_MAX = 100;

const directory = mkdtempSync(join(tmpdir(), 'quorate-mutations-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

async function mutated(mutation: Mutation, number: number): Promise<(seed: number) => Outcome> {
  const target = resolve(mutation.file);
  const outfile = join(directory, `${number}.mjs`);
  await build({
    entryPoints: [`test/simulator/kinds.ts`],
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
  const { KINDS } = (await import(outfile)) as typeof import('./kinds.js');
  return (seed) => KINDS[mutation.by](seed).outcome;
}

describe('the simulator notices', () => {
  for (const [number, mutation] of MUTATIONS.entries()) {
    it(`when ${mutation.name}`, { timeout: 300_000 }, async () => {
      const run = await mutated(mutation, number);
      let caught: Outcome | null = null;
      const others = Array.from({ length: SEEDS_MAX }, (_, i) => i + 1);
      for (const seed of [mutation.seed, ...others]) {
        const outcome = run(seed);
        if (!outcome.ok) caught = outcome;
        if (caught) break;
      }
      expect(caught, `not caught in ${SEEDS_MAX} seeds`).not.toBeNull();
    });
  }
});
