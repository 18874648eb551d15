import { expect, test } from 'vitest';
import type { Outcome } from './life.js';
import { minimise } from './minimise.js';

interface Life {
  readonly seed: number;
  readonly calm: boolean;
  readonly steps: readonly { readonly afterMs: number; readonly what: string }[];
}

const PASSED: Outcome = {
  seed: 7,
  ok: true,
  kind: 'ok',
  text: '',
  lines: [],
  virtualMs: 0,
  settledMs: 0,
  met: [],
};
const FAILED: Outcome = { ...PASSED, ok: false, kind: 'safety', text: 'node 1 has lost write-2' };

function minimised(life: Life, fails: (life: Life) => boolean): Life {
  const calmer = function* (life: Life): Iterable<Life> {
    if (!life.calm) yield { ...life, calm: true };
  };
  return minimise(life, FAILED, (tried) => (fails(tried) ? FAILED : PASSED), calmer);
}

/** When each step happens. */
function times(life: Life): Map<string, number> {
  let nowMs = 0;
  const happens = new Map<string, number>();
  for (const { afterMs, what } of life.steps) {
    nowMs += afterMs;
    happens.set(what, nowMs);
  }
  return happens;
}

const life: Life = {
  seed: 7,
  calm: false,
  steps: ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((what) => ({ afterMs: 100, what })),
};

test('what is left happens when it did', () => {
  const least = minimised(life, (tried) => times(tried).get('c') === 300 && times(tried).get('f') === 600);
  expect(times(least)).toEqual(
    new Map([
      ['c', 300],
      ['f', 600],
    ]),
  );
  expect(least.calm).toBe(true);
});

test('other luck makes more superfluous', () => {
  const needed = ({ seed, steps }: Life) =>
    seed === 7 ? steps.length > 5 : steps.some(({ what }) => what === 'd');
  const least = minimised(life, needed);
  expect(least.steps.map(({ what }) => what)).toEqual(['d']);
  expect(least.seed).not.toBe(7);
});

test('another failure is not taken for the same', () => {
  const play = ({ steps }: Life): Outcome =>
    steps.length === 7 ? FAILED : { ...PASSED, ok: false, kind: 'liveness', text: 'it does not settle' };
  expect(minimise(life, FAILED, play, () => []).steps).toHaveLength(7);
});
