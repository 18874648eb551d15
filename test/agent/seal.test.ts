import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Opened, Seal } from '../../src/agent/seal.js';

const KEY = randomBytes(128);
const BOOT = 'a'.repeat(32);
const OTHER_BOOT = 'b'.repeat(32);

describe('sealed datagrams', () => {
  it('come out as they went in, with their sender and run', () => {
    const from = new Seal([KEY], 7, BOOT);
    const to = new Seal([KEY], 9, OTHER_BOOT);
    const opened = to.open(from.seal(Buffer.from('hello')));
    expect(opened).toMatchObject({ sender: 7, boot: BOOT });
    expect((opened as Opened).payload.toString()).toBe('hello');
  });

  it('are taken once', () => {
    const from = new Seal([KEY], 7, BOOT);
    const to = new Seal([KEY], 9, OTHER_BOOT);
    const packet = from.seal(Buffer.from('hello'));
    expect(to.open(packet)).toMatchObject({ sender: 7 });
    expect(to.open(packet)).toBe('replayed');
  });

  it('may overtake each other, but not by more than the window', () => {
    const from = new Seal([KEY], 7, BOOT);
    const to = new Seal([KEY], 9, OTHER_BOOT);
    const packets = Array.from({ length: 1100 }, (_, i) => from.seal(Buffer.from(String(i))));
    for (const i of [1099, 1098, 100]) expect(to.open(packets[i]!)).toMatchObject({ sender: 7 });
    expect(to.open(packets[100]!)).toBe('replayed');
    expect(to.open(packets[10]!)).toBe('replayed');
  });

  it('stay taken whatever was recorded of earlier runs', () => {
    const from = new Seal([KEY], 7, BOOT);
    const to = new Seal([KEY], 9, OTHER_BOOT);
    const taken = from.seal(Buffer.from('now'));
    to.open(taken);
    for (let run = 0; run < 200; run++) {
      const earlier = new Seal([KEY], 7, run.toString(16).padStart(32, '0'));
      expect(to.open(earlier.seal(Buffer.from('long ago')))).toMatchObject({ sender: 7 });
      expect(to.open(from.seal(Buffer.from('now')))).toMatchObject({ sender: 7 });
    }
    expect(to.open(taken)).toBe('replayed');
  });

  it('of another key are dropped; of a second key that is still known they are taken', () => {
    const next = randomBytes(128);
    const from = new Seal([next], 7, BOOT);
    expect(new Seal([KEY], 9, OTHER_BOOT).open(from.seal(Buffer.from('x')))).toBe('unknown-key');
    expect(new Seal([KEY, next], 9, OTHER_BOOT).open(from.seal(Buffer.from('x')))).toMatchObject({
      sender: 7,
    });
  });

  it('are understood all the while a key is changed, and not under the old one afterwards', () => {
    const next = randomBytes(128);
    const a = new Seal([KEY], 1, BOOT);
    const b = new Seal([KEY], 2, OTHER_BOOT);
    const both = () => {
      expect(b.open(a.seal(Buffer.from('to b')))).toMatchObject({ sender: 1 });
      expect(a.open(b.seal(Buffer.from('to a')))).toMatchObject({ sender: 2 });
    };
    const early = a.seal(Buffer.from('early'));
    expect(b.open(early)).toMatchObject({ sender: 1 });
    for (const keys of [[KEY, next], [next, KEY], [next]]) {
      a.setKeys(keys);
      both();
      b.setKeys(keys);
      both();
      // What was taken once stays taken, under whatever key it came.
      expect(['replayed', 'unknown-key']).toContain(b.open(early));
    }
    expect(b.open(new Seal([KEY], 3, BOOT).seal(Buffer.from('late')))).toBe('unknown-key');
  });

  it('with any byte changed, cut short or made up are dropped', () => {
    const from = new Seal([KEY], 7, BOOT);
    const to = new Seal([KEY], 9, OTHER_BOOT);
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 60 }),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (payload, at, flip) => {
          const packet = from.seal(Buffer.from(payload));
          const changed = Buffer.from(packet);
          const index = at % packet.length;
          changed[index] = changed[index]! ^ flip;
          expect(to.open(changed)).toBeTypeOf('string');
          expect(to.open(packet.subarray(0, index))).toBeTypeOf('string');
          expect(to.open(Buffer.from(payload))).toBe('not-ours');
        },
      ),
    );
  });
});
