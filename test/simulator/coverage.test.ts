import { expect, test } from 'vitest';
import { type Counts, coverageLines, neverMet } from './coverage.js';
import { KINDS } from './kinds.js';
import type { Kind } from './life.js';

test('what no life has met is said, and only what its kind is to meet', () => {
  const all: Counts = Object.fromEntries(neverMet('electorate', []).map((what) => [what, 1]));
  const { 'a torn file': _, ...others } = { ...all, 'a blackout': 1 };
  expect(neverMet('electorate', [others])).toEqual(['a torn file']);
  expect(coverageLines('electorate', [others], 60, false).at(-1)).toBe('never met: a torn file');
});

test('what several workers have met is added up, the most frequent first', () => {
  const lines = coverageLines(
    'electorate',
    [{ 'a power failure': 3 }, { 'a power failure': 1, 'a tie was broken': 1 }],
    8,
    true,
  );
  expect(lines.slice(1, 3)).toEqual([
    '       4  50.0 %  a power failure',
    '       1  12.5 %  a tie was broken',
  ]);
});

test.each(Object.keys(KINDS) as Kind[])('a life of kind %s notes what it has met', (kind) => {
  expect(KINDS[kind](7).outcome.met).not.toEqual([]);
});
