import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createPatch, sameTree } from '../../src/cib/diff.js';
import { applyPatch } from '../../src/cib/patch.js';
import { copyForPatch } from '../../src/cib/share.js';
import { parseXml } from '../../src/cib/xml.js';
import { document, patchBetween } from './documents.js';

test('a patch of the copy leaves the original as it was, for any a and b', () => {
  fc.assert(
    fc.property(document, document, (before, after) => {
      const patch = patchBetween(before, after);
      if (!patch) return;
      const original = before.clone();
      const copy = copyForPatch(before, patch);
      expect(sameTree(copy, original, true)).toBe(true);
      expect(applyPatch(copy, patch, { checkVersion: false }).ok).toBe(true);
      expect(sameTree(copy, after)).toBe(true);
      expect(sameTree(before, original, true)).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test('what a patch does not touch is shared', () => {
  const before = parseXml('<cib><configuration><a id="1"/><b id="2"><c id="3"/></b></configuration></cib>');
  const after = before.clone();
  after.at('configuration', 'a')!.set('x', '1');
  const copy = copyForPatch(before, createPatch(before, after)!);
  expect(copy.at('configuration', 'b')).toBe(before.at('configuration', 'b'));
  expect(copy.at('configuration', 'a')).not.toBe(before.at('configuration', 'a'));
});
