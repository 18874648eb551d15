import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createPatch, sameTree } from '../../src/cib/diff.js';
import type { Element } from '../../src/cib/element.js';
import { applyPatch, changesConfiguration, patched } from '../../src/cib/patch.js';
import { parseXml, writeXml } from '../../src/cib/xml.js';
import { document, patchBetween } from './documents.js';

function cib(body: string, version = '0.1.0'): Element {
  const [adminEpoch, epoch, numUpdates] = version.split('.');
  return parseXml(
    `<cib admin_epoch="${adminEpoch}" epoch="${epoch}" num_updates="${numUpdates}"><configuration>${body}</configuration></cib>`,
  );
}

/** The changes of a patch, a line each. */
function changes(before: Element, after: Element): string[] {
  return (createPatch(before, after)?.elements('change') ?? []).map((change) =>
    [
      change.get('operation'),
      change.get('path')?.replace('/cib/configuration', ''),
      change.get('position'),
      ...change
        .elements('change-list')
        .flatMap((list) =>
          list
            .elements()
            .map((item) => `${item.get('operation')} ${item.get('name')}=${item.get('value') ?? ''}`),
        ),
    ]
      .filter((part) => part !== undefined && part !== '')
      .join(' '),
  );
}

describe('createPatch', () => {
  test.each([
    ['nothing', '<p id="a"/>', '<p id="a"/>', []],
    ['a new element', '<p id="a"/>', '<p id="a"/><p id="b"/>', ['create 1']],
    ['an element gone', '<p id="a"/><p id="b"/>', '<p id="b"/>', ["delete /p[@id='a']"]],
    ['attributes', '<p id="a" x="1" y="2"/>', '<p id="a" x="3"/>', ["modify /p[@id='a'] set x=3 unset y="]],
    [
      'order',
      '<p id="a"/><p id="b"/>',
      '<p id="b"/><p id="a"/>',
      ["move /p[@id='b'] 0", "move /p[@id='a'] 1"],
    ],
    ['only the order of attributes', '<p id="a" x="1" y="2"/>', '<p id="a" y="2" x="1"/>', []],
    ['the second of two comments', '<!--x--><!--y-->', '<!--x-->', ['delete /comment 1']],
    [
      'what cannot be told apart',
      '<g id="g"><p x="1"/><p x="2"/></g>',
      '<g id="g"><p x="1"/></g>',
      ["delete /g[@id='g']", 'create 0'],
    ],
  ])('%s', (_, before, after, expected) => {
    expect(changes(cib(before), cib(after)).map((line) => line.replace(' /cib', ''))).toEqual(expected);
  });

  test('makes b of a, for any a and b', () => {
    fc.assert(
      fc.property(document, document, (before, after) => {
        const patch = patchBetween(before, after);
        if (patch === null) return;
        const result = patch ? patched(before, patch) : before;
        expect(sameTree(result, after)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test('tells comments that change places apart', () => {
    const before = cib('<g id="g"><!-- one --><!-- two --><p id="p"/></g>');
    const after = cib('<g id="g"><!-- two --><p id="p"/><!-- one --></g>');
    expect(sameTree(patched(before, createPatch(before, after)!), after)).toBe(true);
  });

  test('survives being written and read', () => {
    fc.assert(
      fc.property(document, document, (before, after) => {
        const patch = patchBetween(before, after);
        if (!patch) return;
        expect(sameTree(patched(before, parseXml(writeXml(patch))), after)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});

describe('applyPatch', () => {
  const before = cib('<p id="a"/>');
  const after = cib('<p id="a" x="1"/>', '0.2.0');
  const patch = createPatch(before, after)!;

  test.each([
    ['its own document', '0.1.0', undefined],
    ['an older document', '0.0.9', 'resync'],
    ['a newer document', '0.1.1', 'old-data'],
  ])('on %s', (_, version, failure) => {
    const outcome = applyPatch(cib('<p id="a"/>', version), patch);
    expect(outcome.ok ? undefined : outcome.failure).toBe(failure);
  });

  test('refuses what does not fit, and then changes nothing', () => {
    const other = cib('<p id="b"/>');
    const outcome = applyPatch(other, patch);
    expect(outcome).toMatchObject({ ok: false, failure: 'mismatch' });
    expect(sameTree(other, cib('<p id="b"/>'))).toBe(true);
  });

  test('compares the digest', () => {
    const wrong = patch.clone().set('digest', 'd41d8cd98f00b204e9800998ecf8427e');
    expect(applyPatch(cib('<p id="a"/>'), wrong)).toMatchObject({ ok: false, failure: 'digest' });
  });

  test('knows a change of the configuration', () => {
    expect(changesConfiguration(patch)).toBe(true);
    expect(changesConfiguration(parseXml('<diff format="2"><change path="/cib/status"/></diff>'))).toBe(
      false,
    );
  });

  test('reads the old format', () => {
    const target = parseXml(
      '<cib admin_epoch="0" epoch="1" num_updates="1"><configuration><p id="a" x="1"/><p id="b"/></configuration></cib>',
    );
    const old = parseXml(`<diff>
      <diff-removed><cib admin_epoch="0" epoch="1" num_updates="1"><configuration>
        <p id="a" x="1"/><p id="b" __crm_diff_marker__="removed:top"/></configuration></cib></diff-removed>
      <diff-added><cib admin_epoch="0" epoch="2" num_updates="0"><configuration>
        <p id="a" x="2"/><p id="c" __crm_diff_marker__="added:top"/></configuration></cib></diff-added></diff>`);
    expect(applyPatch(target, old)).toEqual({ ok: true });
    expect(writeXml(target, { indent: false })).toBe(
      '<cib admin_epoch="0" epoch="2" num_updates="0"><configuration><p id="a" x="2"/><p id="c"/></configuration></cib>',
    );
  });
});
