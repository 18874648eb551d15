import { describe, expect, test } from 'vitest';
import { parseXml } from '../../src/cib/xml.js';
import { nodePath, selectElements, XPathDocument, XPathError } from '../../src/cib/xpath.js';

const cib = parseXml(`<cib>
  <configuration>
    <resources>
      <primitive id="a" class="ocf"><meta_attributes id="am"><nvpair id="am1" name="target-role" value="Stopped"/></meta_attributes></primitive>
      <group id="g"><primitive id="b" class="ocf"/><primitive id="c" class="stonith"/></group>
      <!-- note -->
    </resources>
  </configuration>
  <status/>
</cib>`);

describe('select', () => {
  test.each([
    ['//primitive', 'a b c'],
    ['/cib/configuration/resources/primitive', 'a'],
    ['/cib/configuration/resources/*', 'a g'],
    ["//primitive[@id='b']", 'b'],
    ["//primitive[@class='ocf' and not(@id='a')]", 'b'],
    ["//primitive[@id='a' or @id='c']", 'a c'],
    ["//*[@id='c']/..", 'g'],
    ["//nvpair[starts-with(@name,'target')]", 'am1'],
    ["//nvpair[contains(@name, '-role')]/ancestor::primitive", 'a'],
    ['//group/primitive[2]', 'c'],
    ['//group/primitive[last()]', 'c'],
    ['//primitive[position()=1]', 'a b'],
    ['//primitive[meta_attributes/nvpair/@value="Stopped"]', 'a'],
    ['//primitive[count(*) = 0]', 'b c'],
    ["//primitive[@id='a']|//group", 'a g'],
    ["//*[name()='group']", 'g'],
    ['//group/descendant::*[@class!="ocf"]', 'c'],
    ['//clone', ''],
    ['//primitive[@none]', ''],
    ["//primitive[@id='b']/following-sibling::primitive", 'c'],
  ])('%s', (expression, ids) => {
    expect(
      selectElements(cib, expression)
        .map((element) => element.id)
        .join(' '),
    ).toBe(ids);
  });

  test('attributes, text and comments are nodes', () => {
    const document = new XPathDocument(cib);
    expect(document.select('//nvpair/@value').map((node) => node.value)).toEqual(['Stopped']);
    expect(document.select('//resources/comment()').map((node) => node.value)).toEqual([' note ']);
  });

  test('a path leads to one node', () => {
    const [node] = new XPathDocument(cib).select("//primitive[@id='b']");
    expect(nodePath(node!)).toBe("/cib/configuration/resources/group[@id='g']/primitive[@id='b']");
  });
});

test.each([
  ['//primitive[', "expected a name before 'the end'", 12],
  ['//primitive[@id=', "expected a name before 'the end'", 16],
  ['//primitive[lang("en")]', 'the function lang() is not supported', 12],
  ['//$x', 'expected a name', 2],
  ['following::x', 'the axis following is not supported', 0],
  ['//a b', "unexpected 'b'", 4],
  ["//a[#='x']", "unexpected '#'", 4],
])('%s is refused', (expression, message, offset) => {
  const search = () => selectElements(cib, expression);
  expect(search).toThrow(XPathError);
  expect(search).toThrow(message);
  try {
    search();
  } catch (error) {
    expect((error as XPathError).offset).toBe(offset);
  }
});
