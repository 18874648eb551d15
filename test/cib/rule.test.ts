import { describe, expect, it } from 'vitest';
import { fromEpoch } from '../../src/cib/civil-time.js';
import type { Element } from '../../src/cib/element.js';
import { collectNvpairs, compareValues, type RuleSurroundings, ruleHolds } from '../../src/cib/rule.js';
import { parseXml } from '../../src/cib/xml.js';

/** Thursday, 2024-02-29 12:30:00Z. */
const now = fromEpoch(Date.UTC(2024, 1, 29, 12, 30) / 1000);
const node = new Map([
  ['#uname', 'n1'],
  ['site', 'east'],
  ['cpu', '8'],
]);

function rule(inside: string, attributes = ''): Element {
  return parseXml(`<rule id="r" ${attributes}>${inside}</rule>`);
}

describe('comparisons', () => {
  it.each<[string | undefined, string, string | undefined, string | undefined, boolean]>([
    ['a', 'eq', 'A', undefined, true],
    ['a', 'ne', 'b', undefined, true],
    ['10', 'gt', '9', undefined, true],
    ['10', 'gt', '9', 'string', false],
    ['1.5', 'lt', '1.25', undefined, false],
    ['1.10', 'gt', '1.9', 'version', true],
    ['1.10', 'gt', '1.9', 'number', false],
    ['x', 'gte', 'y', 'integer', false],
    [undefined, 'eq', 'a', undefined, false],
    [undefined, 'ne', 'a', undefined, true],
    [undefined, 'lt', 'a', undefined, false],
    [undefined, 'not_defined', undefined, undefined, true],
    ['', 'defined', undefined, undefined, true],
    ['a', 'like', 'a', undefined, false],
  ])('%j %s %j (%s): %s', (left, operation, right, type, expected) => {
    expect(compareValues(left, right, type, operation)).toBe(expected);
  });
});

describe('rules', () => {
  const site = (value: string) =>
    `<expression id="a${value}" attribute="site" operation="eq" value="${value}"/>`;
  const date = (attributes: string, inside = '') =>
    `<date_expression id="d" ${attributes}>${inside}</date_expression>`;

  it.each<[string, string, string, boolean]>([
    ['and', site('east') + site('west'), '', false],
    ['or', site('east') + site('west'), 'boolean-op="or"', true],
    [
      'a rule within',
      `${site('east')}<rule id="n" boolean-op="or">${site('west')}${site('east')}</rule>`,
      '',
      true,
    ],
    ['no expression', '', '', true],
    ['after', date('operation="gt" start="2024-01-01"'), '', true],
    ['before', date('operation="lt" end="2024-02-29 12:00:00"'), '', false],
    ['between', date('operation="in_range" start="2024-02-01" end="2024-03-01"'), '', true],
    [
      'for a while',
      date('operation="in_range" start="2024-02-28"', '<duration id="u" days="1"/>'),
      '',
      false,
    ],
    [
      'working hours',
      date('operation="date_spec"', '<date_spec id="s" hours="9-16" weekdays="1-5"/>'),
      '',
      true,
    ],
    ['at night', date('operation="date_spec"', '<date_spec id="s" hours="20-"/>'), '', false],
    ['no date', date('operation="gt" start="yesterday"'), '', false],
    ['a resource', '<rsc_expression id="x" class="ocf" provider="heartbeat" type="Dummy"/>', '', true],
    ['an operation', '<op_expression id="x" name="monitor" interval="10s"/>', '', true],
    ['another operation', '<op_expression id="x" name="monitor" interval="11s"/>', '', false],
  ])('%s', (_, inside, attributes, expected) => {
    const surroundings: RuleSurroundings = {
      now,
      node,
      resource: { class: 'ocf', provider: 'heartbeat', type: 'Dummy' },
      operation: { name: 'monitor', intervalMs: 10_000 },
    };
    expect(ruleHolds(rule(inside, attributes), surroundings)).toBe(expected);
  });

  it('say when they change, and what is wrong with their dates and references', () => {
    const changes: string[] = [];
    const complaints: string[] = [];
    const root = parseXml(
      `<cib><rule id="r">${date('operation="in_range" start="tomorrow" end="2024-03-01"')}</rule><rule id-ref="z"/></cib>`,
    );
    for (const each of root.elements('rule')) {
      ruleHolds(each, {
        now,
        root,
        onChangeAt: (time) => changes.push(String(time.days)),
        onInvalidDate: (reason) => complaints.push(reason),
        onMissing: (element) => complaints.push(`nothing has the id ${element.get('id-ref')}`),
      });
    }
    expect(changes).toEqual(['61']);
    expect(complaints).toEqual([
      "'tomorrow' is not a valid ISO 8601 date/time specification",
      'nothing has the id z',
    ]);
  });
});

describe('attribute sets', () => {
  it('count by score, then by order; a rule that does not hold takes its set out; #default takes a value out', () => {
    const set = (id: string, score: string, inside: string) =>
      `<meta_attributes id="${id}" score="${score}">${inside}</meta_attributes>`;
    const pair = (id: string, name: string, value: string) =>
      `<nvpair id="${id}" name="${name}" value="${value}"/>`;
    const parent = parseXml(
      `<primitive id="p">${set('a', '1', pair('a1', 'x', '1') + pair('a2', 'y', '1'))}${set('b', '5', pair('b1', 'x', '5'))}` +
        `${set('c', '9', `<rule id="r"><expression id="e" attribute="site" operation="eq" value="west"/></rule>${pair('c1', 'x', '9')}`)}` +
        `${set('d', '0', pair('d1', 'y', '#default'))}</primitive>`,
    );
    const found = collectNvpairs(parent, 'meta_attributes', parent, { now, node });
    expect([...found]).toEqual([['x', '5']]);
  });
});
