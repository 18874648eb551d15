import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { AdviceOptions } from '../../src/cib/advice/advise.js';
import { advise } from '../../src/cib/advice/advise.js';
import { agentFacts } from '../../src/cib/advice/agent-facts.js';
import { parseXml } from '../../src/cib/xml.js';

interface Parts {
  readonly options?: Readonly<Record<string, string>>;
  readonly nodes?: readonly string[];
  readonly resources?: string;
  readonly constraints?: string;
}

const MONITORED = '<operations><op id="OP" name="monitor" interval="10s"/></operations>';

function dummy(id: string, inside = ''): string {
  const operations = inside.includes('<operations') ? '' : MONITORED.replace('OP', `${id}-m`);
  return `<primitive id="${id}" class="ocf" provider="test" type="Dummy">${inside}${operations}</primitive>`;
}

/** Codes of the findings, with the object that each is about. */
function codes(parts: Parts, options: AdviceOptions = {}): string[] {
  const pairs = Object.entries({ 'stonith-enabled': 'true', ...parts.options })
    .map(([name, value]) => `<nvpair id="o-${name}" name="${name}" value="${value}"/>`)
    .join('');
  const nodes = (parts.nodes ?? ['n1', 'n2', 'n3']).map(
    (name, index) => `<node id="${index}" uname="${name}"/>`,
  );
  const cib = parseXml(`<cib><configuration>
    <crm_config><cluster_property_set id="o">${pairs}</cluster_property_set></crm_config>
    <nodes>${nodes.join('')}</nodes>
    <resources><primitive id="fence" class="stonith" type="fence_test">${MONITORED.replace('OP', 'f-m')}</primitive>
      ${parts.resources ?? ''}</resources>
    <constraints>${parts.constraints ?? ''}</constraints></configuration></cib>`);
  return advise(cib, options).map(({ code, id }) => `${code} ${id}`);
}

const two = dummy('a') + dummy('b');
const three = two + dummy('c');

describe('advise', () => {
  test('finds nothing in a sound configuration', () => {
    expect(
      codes({
        resources: two,
        constraints:
          '<rsc_order id="o1" first="a" then="b"/><rsc_colocation id="c1" rsc="b" with-rsc="a" score="INFINITY"/>',
      }),
    ).toEqual([]);
  });

  test.each<[string, Parts, string[]]>([
    [
      'two nodes without fencing that ignore quorum',
      {
        options: { 'stonith-enabled': 'false', 'no-quorum-policy': 'ignore' },
        nodes: ['n1', 'n2'],
        resources: dummy('a'),
      },
      ['split-brain o-no-quorum-policy'],
    ],
    [
      'fencing disabled',
      { options: { 'stonith-enabled': 'false' }, resources: dummy('a') },
      ['no-fencing o-stonith-enabled'],
    ],
    ['no monitor', { resources: dummy('a', '<operations/>') }, ['no-monitor a']],
    [
      'the same operation twice',
      {
        resources: dummy(
          'a',
          '<operations><op id="m1" name="monitor" interval="60s"/><op id="m2" name="monitor" interval="1min"/></operations>',
        ),
      },
      ['same-interval m2'],
    ],
    [
      'a secret in the open',
      {
        resources: dummy(
          'a',
          '<instance_attributes id="i"><nvpair id="p1" name="password" value="x"/><nvpair id="p2" name="token" value="lrm://"/></instance_attributes>',
        ),
      },
      ['plain-secret p1'],
    ],
    [
      'a reference to nothing',
      { resources: two, constraints: '<rsc_location id="l" rsc="z" node="n1" score="5"/>' },
      ['dangling-reference l'],
    ],
    [
      'an order of itself',
      { resources: two, constraints: '<rsc_order id="o1" first="a" then="a"/>' },
      ['order-self o1'],
    ],
    [
      'an impossible colocation',
      {
        resources: two,
        nodes: ['n1', 'n2'],
        constraints:
          '<rsc_order id="o1" first="a" then="b"/><rsc_colocation id="c1" rsc="b" with-rsc="a" score="INFINITY"/>' +
          '<rsc_location id="l1" rsc="a" node="n1" score="-INFINITY"/>' +
          '<rsc_location id="l2" rsc="b" node="n2" score="-INFINITY"/>',
      },
      ['impossible-colocation c1'],
    ],
    [
      'a resource that is banned everywhere',
      {
        resources: dummy('a'),
        nodes: ['n1', 'n2'],
        constraints:
          '<rsc_location id="l1" rsc="a" node="n1" score="-INFINITY"/>' +
          '<rsc_location id="l2" rsc="a" node="n2" score="-INFINITY"/>',
      },
      ['banned-everywhere l2'],
    ],
    [
      'an asymmetric cluster without a location',
      { options: { 'symmetric-cluster': 'false' }, resources: `<group id="g">${two}</group>` },
      ['nowhere-allowed fence', 'nowhere-allowed g'],
    ],
    [
      'colocations that contradict each other',
      {
        resources: two,
        constraints:
          '<rsc_order id="o1" first="a" then="b" kind="Mandatory"/>' +
          '<rsc_colocation id="c1" rsc="b" with-rsc="a" score="INFINITY"/>' +
          '<rsc_colocation id="c2" rsc="a" with-rsc="b" score="-INFINITY"/>',
      },
      ['colocation-contradiction c2'],
    ],
    [
      'a colocation without order and an order without colocation',
      {
        resources: three,
        constraints:
          '<rsc_colocation id="c1" rsc="b" with-rsc="a" score="INFINITY"/><rsc_order id="o1" first="b" then="c"/>',
      },
      ['colocation-without-order c1', 'order-without-colocation o1'],
    ],
    [
      'a score without effect',
      { resources: two, constraints: '<rsc_colocation id="c1" rsc="b" with-rsc="a" score="0"/>' },
      ['no-effect c1'],
    ],
    [
      'contradictions over several colocations',
      {
        resources: three,
        constraints:
          '<rsc_order id="o1" first="a" then="b"/><rsc_order id="o2" first="b" then="c"/>' +
          '<rsc_colocation id="c1" rsc="b" with-rsc="a" score="INFINITY"/>' +
          '<rsc_colocation id="c2" rsc="c" with-rsc="b" score="INFINITY"/>' +
          '<rsc_colocation id="c3" rsc="c" with-rsc="a" score="-INFINITY"/>',
      },
      ['colocation-contradiction c3'],
    ],
    [
      'rules that no node satisfies',
      {
        resources: two,
        nodes: ['n1', 'n2'],
        constraints:
          '<rsc_location id="l1" rsc="a"><rule id="r1" score="5"><expression id="e1" attribute="#uname" operation="eq" value="n9"/></rule></rsc_location>' +
          '<rsc_location id="l2" rsc="a"><rule id="r2" score="5"><expression id="e2" attribute="x" operation="eq" value="1"/><expression id="e3" attribute="x" operation="eq" value="2"/></rule></rsc_location>' +
          '<rsc_location id="l3" rsc="a"><rule id="r3" score="5" boolean-op="or"><expression id="e4" attribute="#uname" operation="eq" value="n9"/><expression id="e5" attribute="#uname" operation="eq" value="n1"/></rule></rsc_location>' +
          '<rsc_location id="l4" rsc="a"><rule id="r4" score="5"><date_expression id="d" operation="in_range" start="2025-02-01" end="2025-01-01"/></rule></rsc_location>',
      },
      ['unreachable-location r1', 'unreachable-location r2', 'unreachable-location r4'],
    ],
    [
      'references to nothing and to other kinds of things',
      {
        resources:
          two +
          '<primitive id="t" template="nosuch"><operations id-ref="i"/><meta_attributes id-ref="i"/><instance_attributes id="i"/></primitive>',
        constraints: '',
      },
      [
        'dangling-reference t',
        'dangling-reference undefined',
        'dangling-reference undefined',
        'no-monitor t',
      ],
    ],
  ])('finds %s', (_, parts, expected) => {
    expect(codes(parts)).toEqual(expected);
  });

  test('shows the way that orders run in a circle, through groups as well', () => {
    const cib = parseXml(`<configuration><resources><group id="g">${two}</group>${dummy('c')}</resources>
      <constraints><rsc_order id="o1" first="b" then="c"/><rsc_order id="o2" first="c" then="a"/></constraints>
      </configuration>`);
    const loop = advise(cib).find(({ code }) => code === 'order-loop');
    expect(loop?.message).toContain('(o1, o2): b -> c -> a -> b');
  });

  test('is silent on what a comment in the object says', () => {
    const silent = '<!--# silence no-monitor, plain-secret-->';
    const bare = (id: string, inside: string) =>
      `<primitive id="${id}" class="ocf" provider="test" type="Dummy">${inside}</primitive>`;
    expect(codes({ resources: bare('a', silent) + bare('b', '') })).toEqual(['no-monitor b']);
    expect(codes({ resources: `<group id="g">${silent}${bare('a', '')}${bare('b', '')}</group>` })).toEqual(
      [],
    );
  });

  test('every code is explained in docs/crm_verify.md', () => {
    const folder = new URL('../../src/cib/', import.meta.url);
    const files = [
      'contradictions.ts',
      ...readdirSync(new URL('advice/', folder)).map((name) => `advice/${name}`),
    ];
    const text = files.map((name) => readFileSync(new URL(name, folder), 'utf8')).join('\n');
    const given = text.matchAll(/'((?:[a-z]+-)+[a-z]+)'(?=,\n|: '(?:error|warning|advice)'|,)/g);
    const said = readFileSync(new URL('../../docs/crm_verify.md', import.meta.url), 'utf8');
    const found = [...new Set([...given].map((match) => match[1]!))].filter(
      (code) =>
        !/^(?:stonith|no-quorum|symmetric|fencing|resource|first|then|rsc|with)-/.test(code) ||
        code === 'no-quorum',
    );
    expect(found.length).toBeGreaterThan(20);
    expect(found.filter((code) => !said.includes(`| \`${code}\``))).toEqual([]);
  });

  test('compares with what agents say', () => {
    const facts = agentFacts(
      parseXml(`<resource-agent name="Dummy"><parameters><parameter name="ip" required="1"/></parameters>
        <actions><action name="monitor" timeout="20s"/></actions></resource-agent>`),
    );
    const resources = dummy(
      'a',
      '<instance_attributes id="i"><nvpair id="p1" name="up" value="x"/></instance_attributes>' +
        '<operations><op id="m" name="monitor" interval="10s" timeout="5s"/></operations>',
    );
    const agents = (_: string, provider: string | undefined) => (provider === 'test' ? facts : undefined);
    expect(codes({ resources }, { agents })).toEqual([
      'missing-parameter a',
      'short-timeout m',
      'unknown-parameter p1',
    ]);
    expect(codes({ resources }, { agents, silenced: ['short-timeout', 'unknown-parameter'] })).toEqual([
      'missing-parameter a',
    ]);
  });
});
