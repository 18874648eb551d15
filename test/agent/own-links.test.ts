import { expect, test } from 'vitest';
import { OwnLinks } from '../../src/agent/own-links.js';

const TOKEN_MS = 1000;

/** Looks every 50 ms; `present` says which addresses work at each time. Returns the times at which isolation changed. */
function watch(
  addresses: readonly string[],
  present: (nowMs: number) => readonly string[],
  enabled: (nowMs: number) => boolean = () => true,
): string[] {
  let now = 0;
  const links = new OwnLinks(addresses, TOKEN_MS, () => new Set(present(now)));
  const changes: string[] = [];
  for (now = 0; now <= 2000; now += 50) {
    links.enabled = enabled(now);
    if (links.look(now)) changes.push(`${now} ${links.isolated}`);
  }
  return changes;
}

test.each<[string, string[], (now: number) => string[], string[]]>([
  ['a link that works', ['a'], () => ['a', 'x'], []],
  ['its only link goes down and stays so', ['a'], (now) => (now < 500 ? ['a'] : ['x']), ['750 true']],
  ['and comes back', ['a'], (now) => (now < 500 || now >= 1000 ? ['a'] : []), ['750 true', '1000 false']],
  ['a plug is moved', ['a'], (now) => (now < 500 || now >= 700 ? ['a'] : []), []],
  ['one of two links goes down', ['a', 'b'], (now) => (now < 500 ? ['a', 'b'] : ['b']), []],
  [
    'the other follows',
    ['a', 'b'],
    (now) => (now < 500 ? ['a', 'b'] : now < 1000 ? ['b'] : []),
    ['1250 true'],
  ],
  ['an address that the system never shows in these letters', ['a'], () => ['A'], []],
])('%s', (_, addresses, present, changes) => {
  expect(watch(addresses, present)).toEqual(changes);
});

test('it is not told where nobody yields, and told when that changes', () => {
  const down = (now: number) => (now < 100 ? ['a'] : []);
  expect(watch(['a'], down, () => false)).toEqual([]);
  expect(watch(['a'], down, (now) => now >= 800)).toEqual(['1050 true']);
  expect(watch(['a'], down, (now) => now < 800)).toEqual(['350 true', '800 false']);
});
