import { expect, test } from 'vitest';
import { Judgement } from '../../src/agent/judgement.js';

/** Two ends of one memory, as the two threads have them. */
function ends(): { thread: Judgement; main: Judgement } {
  const main = new Judgement();
  return { main, thread: new Judgement(main.memory) };
}

test('before the first judgement nothing is held back', () => {
  expect(ends().main.atMs(0)).toBe(Number.POSITIVE_INFINITY);
});

test('its time is seen at once, in fractions of milliseconds', () => {
  const { thread, main } = ends();
  thread.judged(1234.567);
  expect(main.atMs(0)).toBe(1234.567);
});

test('it does not count for one who has not had what was found before it', () => {
  const { thread, main } = ends();
  thread.judged(100);
  thread.found();
  thread.judged(200);
  expect(main.atMs(0)).toBe(Number.NEGATIVE_INFINITY);
  expect(main.atMs(1)).toBe(200);
});

test('only who waits is told, once', () => {
  const { thread, main } = ends();
  expect(thread.judged(100)).toBe(false);
  main.wait();
  expect(thread.judged(200)).toBe(true);
  expect(thread.judged(300)).toBe(false);
});
