import { describe, expect, it } from 'vitest';
import { runScenario } from './scenario.js';

/** More with `QUORATE_SEEDS`; CI also runs fresh ones with `npm run simulate`. */
const SEEDS = Number(process.env.QUORATE_SEEDS ?? 40);
const BATCH = 20;

describe('a random life of a cluster breaks no invariant and ends at rest', () => {
  for (let first = 1; first <= SEEDS; first += BATCH) {
    it(`seeds ${first} to ${first + BATCH - 1}`, { timeout: 300_000 }, () => {
      for (let seed = first; seed < first + BATCH; seed++) {
        const outcome = runScenario(seed);
        const story = `seed ${seed}: ${outcome.kind}: ${outcome.text}\n${outcome.lines.slice(-60).join('\n')}`;
        expect(outcome.ok, story).toBe(true);
      }
    });
  }

  it('repeats exactly from its seed', () => {
    expect(runScenario(7).lines).toEqual(runScenario(7).lines);
  });
});
