import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { isNoticed, mutated } from './mutate.js';
import { MUTATIONS } from './mutations.js';

/** A mutation that survives so many lives in which it could be noticed shows a hole in the simulator. */
const LIVES_MAX = 60;
const SEEDS_MAX = 4000;

const directory = mkdtempSync(join(tmpdir(), 'quorate-mutations-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('the simulator notices', () => {
  for (const mutation of MUTATIONS) {
    it(`when ${mutation.name}`, { timeout: 300_000 }, async () => {
      const run = await mutated(mutation, directory);
      if (isNoticed(mutation, run(mutation.seed, undefined))) return;
      let played = 0;
      for (let seed = 1; seed <= SEEDS_MAX && played < LIVES_MAX; seed++) {
        const outcome = run(seed, mutation.where);
        if (isNoticed(mutation, outcome)) return;
        if (outcome) played++;
      }
      expect.fail(`not noticed in ${played} lives`);
    });
  }
});
