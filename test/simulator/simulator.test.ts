import { describe, expect, it } from 'vitest';
import { KINDS } from './kinds.js';
import type { Kind } from './life.js';

/** Seeds of each kind; many more with `npm run simulate -- --seeds N --kind KIND`. */
const SEEDS: Record<Kind, number> = {
  cluster: 120,
  rare: 60,
  membership: 300,
  agreement: 300,
  electorate: 100,
  wire: 15,
};
/** Beside those that never change, some that nobody has seen before; printed, so that a failure can be repeated. */
const FRESH_PART = 0.1;
const fresh = 1_000_000 + Math.floor(Math.random() * 1_000_000_000);

function runSeeds(kind: Kind, first: number, count: number): void {
  for (let seed = first; seed < first + count; seed++) {
    const run = KINDS[kind](seed);
    if (!run.outcome.ok) expect.fail(`seed ${seed} (${kind})\n${run.story().join('\n')}`);
  }
}

describe('a random life breaks no invariant and ends at rest', () => {
  for (const kind of Object.keys(SEEDS) as Kind[]) {
    const count = SEEDS[kind];
    it(`${kind}: seeds 1 to ${count}`, { timeout: 300_000 }, () => runSeeds(kind, 1, count));
    const more = Math.ceil(count * FRESH_PART);
    it(`${kind}: ${more} fresh seeds from ${fresh}`, { timeout: 300_000 }, () => runSeeds(kind, fresh, more));
  }

  it.each(Object.keys(SEEDS) as Kind[])('%s: repeats exactly from its seed', (kind) => {
    expect(KINDS[kind](7).story()).toEqual(KINDS[kind](7).story());
  });
});
