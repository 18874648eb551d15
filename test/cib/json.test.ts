import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCibJson, writeCibJson } from '../../src/cib/json.js';
import { parseXml, writeXml } from '../../src/cib/xml.js';
import { corpusFolder } from '../language/corpus-runner.js';

describe('the CIB as JSON', () => {
  it('is another spelling of the same tree', () => {
    const xml = '<cib b="1" a="x &quot;y&quot;"><!-- why --><nvpair id="é"/><text>5 &lt; 6</text></cib>';
    const json = writeCibJson(parseXml(xml));
    expect(JSON.parse(json)).toEqual({
      $: 'cib',
      b: '1',
      a: 'x "y"',
      '@': [{ '#': ' why ' }, { $: 'nvpair', id: 'é' }, { $: 'text', '@': ['5 < 6'] }],
    });
    const back = parseCibJson(json);
    expect(back.ok && writeXml(back.cib, { indent: false })).toBe(xml.replaceAll('> <', '><'));
  });

  it('comes back byte for byte from every document of the corpus', { timeout: 180_000 }, () => {
    const folder = corpusFolder();
    const files = folder ? readdirSync(join(folder, 'bases')) : [];
    for (const file of files.filter((name) => name.endsWith('.xml'))) {
      const tree = parseXml(readFileSync(join(folder!, 'bases', file), 'utf8'));
      const back = parseCibJson(writeCibJson(tree));
      expect(back.ok && writeXml(back.cib), file).toBe(writeXml(tree));
    }
  });

  it.each([
    ['{"$": "cib",', /^1:13: /],
    ['[1]', /expected an element/],
    ['{"id": "x"}', /needs "\$"/],
    ['{"$": "cib", "a": 1}', /attributes are strings/],
    ['{"$": "cib", "@": [{"$": "x", "@": {}}]}', /\$@\[0\]: "@" is a list/],
    ['{"$": "cib", "a b": "1"}', /no attribute name/],
  ])('refuses %s', (text, message) => {
    const read = parseCibJson(text);
    expect(read.ok ? '' : read.message).toMatch(message);
  });

  it('never crashes', () => {
    fc.assert(fc.property(fc.json(), (text) => void parseCibJson(text)));
    fc.assert(fc.property(fc.string(), (text) => void parseCibJson(text)));
  });
});
