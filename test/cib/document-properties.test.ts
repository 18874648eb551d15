import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Element, type Node } from '../../src/cib/element.js';
import { parseCibJson, writeCibJson } from '../../src/cib/json.js';
import { parsePlainXml } from '../../src/cib/plain-xml.js';
import { validateSchema } from '../../src/cib/schema/validate.js';
import { schemaVersion } from '../../src/cib/schema/versions.js';
import { parseXml, recoverXml, writeXml } from '../../src/cib/xml.js';
import { corpusFolder } from '../language/corpus-runner.js';

const name = fc.constantFrom('primitive', 'nvpair', 'rule', 'x-y', 'é', '_a.b');
const value = fc
  .string({ unit: 'grapheme', maxLength: 12 })
  .map((text) => text.replace(/[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, ''));
const comment = value.map(
  (text): Node => ({ kind: 'comment', text: text.replaceAll('-', '').replaceAll('\r', '') }),
);
const tree: fc.Arbitrary<Element> = fc.letrec<{ element: Element }>((tie) => ({
  element: fc
    .tuple(
      name,
      fc.dictionary(name, value, { maxKeys: 3 }),
      fc.array(fc.oneof({ depthSize: 'small', maxDepth: 3 }, comment, tie('element')), { maxLength: 3 }),
    )
    .map(([tag, attributes, children]) => new Element(tag, Object.entries(attributes), children)),
})).element;

describe('plain XML', () => {
  /** What the parser makes of a text: the tree with its positions, or that there is a mistake in it. */
  const asParsed = (text: string) => {
    const { root, mistakes } = recoverXml(text);
    return mistakes.length === 0 ? root : 'a mistake';
  };

  it.each([
    ['<a/>', true],
    [
      '<?xml version="1.0" encoding="utf-8"?>\n<a b="1" c-d="&lt;&amp;&quot;&#10;">\n  <!-- x -->\n  <b />\n</a>\n',
      true,
    ],
    ['<!-- before --><a><b x="1>2"/>\n\n <c></c></a><!-- after -->', true],
    ["<a b='1'/>", false],
    ['<a>text</a>', false],
    ['<a><![CDATA[x]]></a>', false],
    ['<a b="&#252;"/>', false],
    ['<a\n b="1"/>', false],
    ['<a b="1" b="2"/>', false],
    ['<a><b></a>', false],
    ['<a b="&nosuch;"/>', false],
    ['<a b="x & y"/>', false],
    ['<a/><b/>', false],
    ['<a><!-- x -- y --></a>', false],
    ['<a b="\u{1f600}"/>', false],
    ['', false],
  ])('%j is plain: %s', (text, plain) => {
    const read = parsePlainXml(text);
    expect(read !== undefined).toBe(plain);
    if (read) expect(read).toEqual(asParsed(text));
  });

  it('is read as the parser reads it, positions included, or left to the parser', () => {
    const broken = fc
      .tuple(
        tree.map((root) => writeXml(root)),
        fc.nat(),
        fc.constantFrom('', '<', '"', '&', '>', '-', ' ', 'x', '\n'),
      )
      .map(([text, at, piece]) => {
        const place = at % text.length;
        return text.slice(0, place) + piece + text.slice(place + 1);
      });
    fc.assert(
      fc.property(
        fc.oneof(
          tree.map((root) => writeXml(root)),
          broken,
        ),
        (text) => {
          const read = parsePlainXml(text);
          if (read) expect(read).toEqual(asParsed(text));
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe('any document', () => {
  it('survives XML and JSON in both directions', () => {
    fc.assert(
      fc.property(tree, (root) => {
        const xml = writeXml(root);
        expect(writeXml(parseXml(xml))).toBe(xml);
        const json = writeCibJson(root);
        const back = parseCibJson(json);
        expect(back.ok && writeXml(back.cib)).toBe(xml);
        expect(back.ok && writeCibJson(back.cib)).toBe(json);
      }),
      { numRuns: 200 },
    );
  });

  it('that is no document is refused, and nothing crashes', () => {
    const piece = fc.constantFrom(
      '<',
      '>',
      '/',
      'a',
      '="',
      '"',
      '&',
      '&amp;',
      '<!--',
      '-->',
      '<a',
      '</a>',
      ' ',
      '<?',
      ']]>',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        try {
          writeXml(parseXml(pieces.join('')));
        } catch (error) {
          expect((error as Error).name).toBe('XmlError');
        }
      }),
      { numRuns: 300 },
    );
  });
});

type Schema = { readonly [keyword: string]: unknown };

/** A validator for the keywords that docs/cib.schema.json uses; any other keyword is an error of the test. */
function valid(schema: Schema, data: unknown, root: Schema): boolean {
  const object =
    typeof data === 'object' && data !== null && !Array.isArray(data) ? (data as Schema) : undefined;
  return Object.entries(schema).every(([keyword, rule]) => {
    switch (keyword) {
      case '$schema':
      case '$defs':
      case 'title':
      case 'description':
        return true;
      case '$ref':
        return valid((root.$defs as Schema)[(rule as string).replace('#/$defs/', '')] as Schema, data, root);
      case 'allOf':
        return (rule as Schema[]).every((one) => valid(one, data, root));
      case 'anyOf':
        return (rule as Schema[]).some((one) => valid(one, data, root));
      case 'not':
        return !valid(rule as Schema, data, root);
      case 'const':
        return data === rule;
      case 'type':
        return rule === 'object'
          ? object !== undefined
          : rule === 'array'
            ? Array.isArray(data)
            : typeof data === rule;
      case 'required':
        return !object || (rule as string[]).every((key) => key in object);
      case 'properties':
        return (
          !object ||
          Object.entries(rule as Schema).every(
            ([key, one]) => !(key in object) || valid(one as Schema, object[key], root),
          )
        );
      case 'additionalProperties': {
        const known = Object.keys((schema.properties as Schema | undefined) ?? {});
        const others = object ? Object.keys(object).filter((key) => !known.includes(key)) : [];
        return rule === false
          ? others.length === 0
          : others.every((key) => valid(rule as Schema, object![key], root));
      }
      case 'propertyNames':
        return !object || Object.keys(object).every((key) => valid(rule as Schema, key, root));
      case 'items':
        return !Array.isArray(data) || data.every((one) => valid(rule as Schema, one, root));
      default:
        throw new Error(`the test knows no ${keyword}`);
    }
  });
}

describe('the published JSON schema', () => {
  const schema = JSON.parse(
    readFileSync(new URL('../../docs/cib.schema.json', import.meta.url), 'utf8'),
  ) as Schema;

  it('takes every document, and refuses what the reader refuses', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(tree, (root) => {
        const cib = new Element('cib', root.attributes, root.children);
        expect(valid(schema, JSON.parse(writeCibJson(cib)), schema)).toBe(true);
      }),
      { numRuns: 100 },
    );
    for (const text of [
      '[1]',
      '{"id":"x"}',
      '{"$":"cib","a":1}',
      '{"$":"cib","@":[{"$":"x","@":{}}]}',
      '{"$":"x"}',
    ]) {
      expect(valid(schema, JSON.parse(text), schema), text).toBe(false);
    }
    const folder = corpusFolder();
    for (const file of folder ? readdirSync(join(folder, 'bases')) : []) {
      const cib = parseXml(readFileSync(join(folder!, 'bases', file), 'utf8'));
      expect(valid(schema, JSON.parse(writeCibJson(cib)), schema), file).toBe(true);
    }
  });
});

describe('the RelaxNG schema', () => {
  const cib = (inside: string) =>
    parseXml(
      `<cib validate-with="pacemaker-3.9" admin_epoch="0" epoch="1" num_updates="0"><configuration><crm_config/><nodes/>${inside}</configuration><status/></cib>`,
    );
  const resources = (inside: string, constraints = '') =>
    `<resources>${inside}</resources><constraints>${constraints}</constraints>`;
  const dummy = '<primitive id="a" class="ocf" provider="heartbeat" type="Dummy"/>';

  it.each<[string, string, string | undefined]>([
    ['nothing wrong', resources(dummy), undefined],
    ['a primitive without type', resources('<primitive id="a" class="ocf" provider="heartbeat"/>'), 'type'],
    ['an attribute that is not there', resources(dummy.replace('/>', ' colour="red"/>')), 'colour'],
    ['an element in the wrong place', resources('<nvpair id="n" name="a" value="b"/>'), 'nvpair'],
    ['two things of one id', resources(dummy + dummy), 'a'],
    [
      'a word that is no score',
      resources(dummy, '<rsc_location id="l" rsc="a" node="n" score="much"/>'),
      'much',
    ],
    ['a reference to nothing', resources(dummy, '<rsc_location id="l" rsc="z" node="n" score="1"/>'), 'z'],
  ])('%s', (_, inside, word) => {
    const complaints = validateSchema(cib(inside), schemaVersion('pacemaker-3.9')!);
    if (word === undefined) expect(complaints).toEqual([]);
    else expect(complaints.map(({ message }) => message).join('\n')).toContain(word);
  });
});
