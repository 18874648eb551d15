import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printStatement } from '../../grammar/crm/print.js';
import { readText } from '../../grammar/crm/read.js';
import { Element } from '../../src/cib/element.js';
import { parseXml, writeXml } from '../../src/cib/xml.js';
import { Configuration } from '../../src/language/configuration.js';
import { loadStatements } from '../../src/language/load.js';
import { Reports } from '../../src/language/report.js';
import { sameMeaning } from '../../src/language/same-meaning.js';
import { stepsOf } from '../cib/steps.js';
import { corpusFolder } from './corpus-runner.js';

const EMPTY =
  '<cib validate-with="pacemaker-3.9" crm_feature_set="3.16.1"><configuration><crm_config/><nodes/><resources/>' +
  '<constraints/></configuration><status/></cib>';

function configuration(xml = EMPTY): Configuration {
  return new Configuration(parseXml(xml), { reports: new Reports() });
}

/** Carries out a text; fails the test where it is refused. */
function carryOut(text: string, on = configuration()): Configuration {
  const read = readText(text);
  expect(read.diagnostics, text).toEqual([]);
  for (const { statement } of read.statements) {
    expect(
      on.create(statement, false),
      `${printStatement(statement, 'line')}: ${JSON.stringify(on.reports.list)}`,
    ).toBe(true);
  }
  return on;
}

/** An XML-free text for names. */
const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_.-]{0,6}$/);
const value = fc.oneof(
  fc.stringMatching(/^[ -!#-[\]-~]{1,12}$/),
  fc.stringMatching(/^[A-Za-z0-9_.-]{1,8}$/),
  fc.constant(''),
);
const pairs = fc.uniqueArray(fc.tuple(name, value), { selector: ([key]) => key, minLength: 1, maxLength: 4 });
const quote = (text: string) => `"${text.replace(/(["\\])/g, '\\$1')}"`;
const written = (list: readonly (readonly [string, string])[]) =>
  list.map(([key, text]) => `${key}=${quote(text)}`).join(' ');

describe('text → CIB → text', () => {
  it.each([
    'node 1: n1 attributes standby=off utilization cpu=4',
    'primitive p Dummy params state="/run/x" op monitor interval=10s timeout=20s op_params OCF_CHECK_LEVEL=10',
    'primitive p Dummy params 2: rule #uname eq n1 state=1 params 1: state=2',
    'rsc_template t Dummy op monitor interval=33s',
    'location l x rule -inf: not_defined pingd or pingd number:lte 0',
    'location l x rule $role=Master pingd: defined pingd',
    'location l x rule date in start=2020-01-01 weeks=2',
    'location l { a ( b c ) } 10: n1',
    'colocation c inf: a:Master b:Slave c',
    'order o [ a b ] c',
    'order o Mandatory: a:start b:promote symmetrical=false',
    'rsc_ticket t tA: a:Master loss-policy=fence',
    'property foo: rule date spec years=2014 stonith-enabled=false',
    'fencing_topology n1: a b n2: c',
    'tag t a b',
    'role r read ref:a read type:primitive write meta:x:target-role',
    'acl_target joe r1',
    'alert al "/srv/x.sh" to { "/a" attributes x=1 } meta timeout=2',
    'bundle b docker image="x:1" replicas=3 network ip-range-start=10.0.0.1 port-mapping port=80 id=b-0',
  ])('%s', (text) => {
    const made = carryOut(text);
    expect(made.show(made.objects(), { layout: 'line' })).toBe(
      text.replace('ip-range-start=10.0.0.1', 'ip-range-start=10.0.0.1'),
    );
  });

  it('brings every printable value back', () => {
    fc.assert(
      fc.property(name, pairs, pairs, (id, params, meta) => {
        // As in crmsh, the first word of a set that ends in its only colon is the set's score.
        for (const [first] of [params, meta]) fc.pre(!/^[^:]+:$/.test(first!.join('=')));
        const text = `primitive ${id} Dummy params ${written(params)} meta ${written(meta)}`;
        const made = carryOut(text);
        const shown = made.show();
        const primitive = made.find(id)!.element;
        const values = (set: string) =>
          primitive
            .first(set)!
            .elements('nvpair')
            .map((pair) => [pair.get('name'), pair.get('value')]);
        expect(values('instance_attributes')).toEqual(params);
        expect(values('meta_attributes')).toEqual(meta);
        if (shown.startsWith('xml')) return;
        const again = carryOut(shown);
        expect(writeXml(again.find(id)!.element)).toBe(writeXml(primitive));
      }),
      { numRuns: 200 },
    );
  });
});

describe('what is shown as statements', () => {
  const folder = corpusFolder();
  const files = folder ? readdirSync(join(folder, 'bases')).filter((file) => file.endsWith('.xml')) : [];

  it('means, read by the real parser, what is there', { timeout: 120_000 }, () => {
    let compared = 0;
    for (const file of files) {
      const whole = configuration(readFileSync(join(folder!, 'bases', file), 'utf8'));
      for (const object of whole.objects()) {
        const text = whole.show([object]);
        if (text.startsWith('xml') || text === '') continue;
        const read = readText(text);
        expect(read.diagnostics, `${file}: ${text}`).toEqual([]);
        const copy = whole.fork();
        const now = copy.findAll(object.id).find(({ type }) => type === object.type)!;
        expect(copy.update(now, read.statements[0]!.statement), `${file}: ${text}`).toBe(true);
        const after = copy.findAll(object.id).find(({ type }) => type === object.type)!;
        expect(
          sameMeaning(withoutComments(after.element), withoutComments(object.element)),
          `${file}: ${text}`,
        ).toBe(true);
        compared += 1;
      }
    }
    if (files.length > 0) expect(compared).toBeGreaterThan(1000);
  });

  it('makes the whole configuration again', { timeout: 120_000 }, () => {
    for (const file of files) {
      const whole = configuration(readFileSync(join(folder!, 'bases', file), 'utf8'));
      const text = whole.show();
      if (/^xml /m.test(text)) continue;
      const again = configuration(`<cib validate-with="${whole.schema.name}"><configuration/></cib>`);
      const read = readText(text);
      const ok = loadStatements(
        again,
        read.statements.map(({ statement }) => statement),
        again.buildContext(),
        { method: 'update', remove: false },
      );
      if (!ok) continue;
      expect(again.show(), file).toBe(text);
    }
  });
});

describe('show --text', () => {
  const xml = `<cib validate-with="pacemaker-3.9"><configuration>
    <crm_config><cluster_property_set id="p" score="7"><nvpair id="p-a" name="a" value="é"/></cluster_property_set></crm_config>
    <nodes/><resources><primitive id="x" class="ocf" provider="heartbeat" type="Dummy"><instance_attributes id="own">
      <nvpair id="odd" name="a" value="ä b"/></instance_attributes></primitive></resources>
    <constraints><rsc_colocation id="c" rsc="a" with-rsc="b" score="INFINITY" influence="false"/>
      <rsc_location id="l" rsc="x"><rule id="l-rule" score="-INFINITY"><rule id="l-rule-rule" boolean-op="or">
        <expression id="e1" attribute="a" operation="eq" value="1"/><expression id="e2" attribute="b" operation="defined"/></rule>
        <expression id="e3" attribute="c" operation="eq" value="3"/></rule></rsc_location></constraints>
    <rsc_defaults><meta_attributes id="rd"><rule id="rd-rule" score="INFINITY"><rsc_expression id="re" class="ocf" type="Dummy"/></rule>
      <nvpair id="rd-priority" name="priority" value="1"/></meta_attributes></rsc_defaults>
    </configuration></cib>`;

  it('has words for what crmsh shows as XML', () => {
    const made = configuration(xml);
    expect(made.show().match(/^xml /gm)).toHaveLength(5);
    expect(made.show(made.objects(), { extended: true, layout: 'line' })).toBe(
      [
        'primitive x Dummy params a="ä b"',
        'colocation c inf: a b influence=false',
        'location l x rule -inf: ( a eq 1 or defined b ) and c eq 3',
        'property p: 7: a="é"',
        'rsc_defaults rd: rule resource class=ocf type=Dummy priority=1',
      ].join('\n'),
    );
  });

  it('keeps ids where they are asked for', () => {
    const made = configuration(xml);
    const text = made.show(made.objects(), { extended: true, ids: true });
    expect(text).toContain('params $id=own $odd:a="ä b"');
    const again = carryOut(text);
    const ids = (cib: Element) =>
      [...cib.descendants()]
        .filter(({ name }) => /^(nvpair|instance_attributes|rule)$/.test(name))
        .map(({ id }) => id);
    expect(ids(again.cib)).toEqual(ids(made.cib));
  });
});

it('loads long texts in time proportional to their length', { timeout: 120_000 }, () => {
  const steps = (count: number) => {
    const text = Array.from(
      { length: count },
      (_, i) => `primitive p${i} Dummy op monitor interval=10s\nlocation l${i} p${i} 100: n1`,
    ).join('\n');
    const made = configuration();
    const statements = readText(text).statements.map(({ statement }) => statement);
    return stepsOf(Element.prototype, ['get', 'elements'], () =>
      expect(loadStatements(made, statements, made.buildContext(), { method: 'update', remove: false })).toBe(
        true,
      ),
    );
  };
  expect(steps(2400) / steps(300)).toBeLessThan(8.5);
});

function withoutComments(element: Element): Element {
  const copy = element.clone();
  copy.children = copy.children.filter((child) => child.kind !== 'comment');
  return copy;
}
