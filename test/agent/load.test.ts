import { availableParallelism } from 'node:os';
import { expect, it } from 'vitest';
import { LoadMeter } from '../../src/agent/load.js';
import type { MachineLoad } from '../../src/controller/throttle.js';

/** What is told of a machine with so many threads for each processor, sampled so often. */
function told(...phases: readonly (readonly [perProcessor: number | null, samples: number])[]): number[] {
  const processors = availableParallelism();
  const all: MachineLoad[] = [];
  let now: number | null = 0;
  const meter = new LoadMeter(
    (load) => all.push(load),
    () => (now === null ? null : now * processors),
  );
  for (const [perProcessor, samples] of phases) {
    now = perProcessor;
    for (let i = 0; i < samples; i++) meter.sample();
  }
  expect(all.every((load) => load.processors === processors)).toBe(true);
  return all.map((load) => Math.round(load.perProcessor * 10) / 10);
}

it('says nothing of a machine that has nothing to do', () => {
  expect(told([0.4, 100])).toEqual([]);
});

it('does not take one busy moment for a busy machine', () => {
  expect(told([2, 1], [0, 100])).toEqual([]);
});

it('says within seconds that a machine is busy, then only what is noticeable, and that it is over', () => {
  const rise = told([4, 5]);
  expect(rise.at(-1)).toBeGreaterThan(2.4);
  const steady = told([4, 60]);
  expect(steady.length).toBeLessThan(10);
  expect(steady.at(-1)).toBeGreaterThan(3.2);
  expect(told([4, 60], [4.2, 100])).toEqual(steady);
  expect(told([4, 60], [0, 60]).at(-1)).toBe(0);
});

it('says nothing where the system does not tell', () => {
  expect(told([null, 10])).toEqual([]);
});
