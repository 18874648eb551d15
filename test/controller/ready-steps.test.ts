import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ReadySteps } from '../../src/controller/ready-steps.js';

interface Item {
  readonly rank: number;
  readonly place: string | null;
}

const item = (rank: number, place: string | null = null): Item => ({ rank, place });

/** Takes what the places have room for; the ranks that were offered, in that order. */
function take(ready: ReadySteps<Item>, room: Readonly<Record<string, number>>): number[] {
  const left = new Map(Object.entries(room));
  const offered: number[] = [];
  ready.round(({ rank, place }) => {
    offered.push(rank);
    if (place === null) return 'taken';
    const free = left.get(place) ?? 0;
    left.set(place, free - 1);
    return free > 0 ? 'taken' : 'full';
  });
  return offered;
}

describe('ready steps', () => {
  it('are offered by rank, whatever their places', () => {
    const ready = new ReadySteps([item(4, 'a'), item(1, 'b'), item(3), item(2, 'a')]);
    expect(take(ready, { a: 9, b: 9 })).toEqual([1, 2, 3, 4]);
    expect(ready.some(() => true)).toBe(false);
  });

  it('of a full place are looked at once in a round, and stay', () => {
    const ready = new ReadySteps([item(1, 'a'), item(2, 'a'), item(3, 'b'), item(4, 'a'), item(5, 'b')]);
    expect(take(ready, { a: 1, b: 9 })).toEqual([1, 2, 3, 5]);
    expect(take(ready, { a: 9 })).toEqual([2, 4]);
  });

  it('that are added meanwhile come next, where their rank is lower than that of the rest', () => {
    const ready = new ReadySteps([item(2), item(5), item(6, 'a')]);
    const offered: number[] = [];
    ready.round(({ rank }) => {
      offered.push(rank);
      if (rank === 2) for (const added of [item(1), item(4, 'a')]) ready.add(added);
      return rank === 5 ? 'held' : 'taken';
    });
    expect(offered).toEqual([2, 1, 4, 5, 6]);
    expect(take(ready, {})).toEqual([5]);
  });

  it('are left alone once the round has ended', () => {
    const ready = new ReadySteps([item(1), item(2), item(3)]);
    ready.round(({ rank }) => (rank === 1 ? 'taken' : 'end'));
    expect(take(ready, {})).toEqual([2, 3]);
  });

  it('are started as if each were looked at in each round', () => {
    const places = fc.constantFrom('a', 'b', null);
    const room = fc.record({ a: fc.nat(3), b: fc.nat(3) });
    fc.assert(
      fc.property(fc.array(places, { maxLength: 20 }), fc.array(room, { maxLength: 6 }), (all, rooms) => {
        const items = all.map((place, rank) => item(rank, place));
        const ready = new ReadySteps(items);
        let waiting = items;
        for (const limits of rooms) {
          const left: Record<string, number> = { ...limits };
          const wanted = waiting.filter(({ place }) => place === null || left[place]!-- > 0);
          waiting = waiting.filter((one) => !wanted.includes(one));
          const free: Record<string, number> = { ...limits };
          const taken: Item[] = [];
          ready.round((one) => {
            if (one.place !== null && free[one.place]!-- <= 0) return 'full';
            taken.push(one);
            return 'taken';
          });
          expect(taken).toEqual(wanted);
        }
      }),
    );
  });
});
