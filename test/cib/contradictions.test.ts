import { describe, expect, it } from 'vitest';
import { readText } from '../../grammar/crm/read.js';
import { findContradictions } from '../../src/cib/contradictions.js';
import { Element } from '../../src/cib/element.js';
import { parseXml } from '../../src/cib/xml.js';
import { Configuration } from '../../src/language/configuration.js';
import { Reports } from '../../src/language/report.js';
import { stepsOf } from './steps.js';

/** What is found in constraints written in crm syntax, on the nodes n1 and n2. */
function found(text: string): string[] {
  const cib = parseXml(
    '<cib validate-with="pacemaker-3.9"><configuration><nodes><node id="1" uname="n1"/><node id="2" uname="n2"/>' +
      '</nodes><resources/><constraints/></configuration></cib>',
  );
  const made = new Configuration(cib, { reports: new Reports() });
  for (const { statement } of readText(text).statements) made.create(statement);
  return findContradictions(made.cib).map(({ code, message }) => `${code}: ${message}`);
}

describe('contradictions', () => {
  it.each([
    ['order o a b', []],
    ['order o a a', ["order-self: o orders a after itself; Pacemaker 2.1.5's scheduler stops on it"]],
    [
      'order o1 a b\norder o2 b c\norder o3 c a',
      ['order-loop: start a → start b → start c → start a: each waits for the other (o1, o2, o3)'],
    ],
    ['order o1 a b\norder o2 Optional: b a', []],
    ['order o1 a:stop b:start\norder o2 b a', []],
    [
      'order o1 a ( b c ) d\norder o2 d b',
      ['order-loop: start b → start d → start b: each waits for the other (o1, o2)'],
    ],
    ['colocation c inf: a b\ncolocation d 100: a b', []],
    [
      'colocation c inf: a b\ncolocation d inf: b e\ncolocation x -inf: a e',
      ['colocation-contradiction: x keeps a and e apart, c, d on one node: one of them cannot run'],
    ],
    ['colocation c inf: a b\ncolocation x -inf: a:Master b:Slave', []],
    ['colocation c inf: a a', ['colocation-self: c places a relative to itself']],
    ['location l a 0: n1', ['no-effect: l has the score 0: it does nothing']],
    ['location l1 a -inf: n1', []],
    [
      'location l1 a -inf: n1\nlocation l2 a -inf: N2',
      ['banned-everywhere: a may run nowhere: l1, l2 ban it from every node'],
    ],
  ])('%j', (text, expected) => {
    expect(found(text)).toEqual(expected);
  });

  it('grow in time no faster than the constraints do, within reason', () => {
    const steps = (count: number): number => {
      const text = Array.from({ length: count }, (_, i) => `order o${i} r${i} r${i + 1}`).join('\n');
      return stepsOf(Element.prototype, ['get', 'elements'], () => expect(found(text)).toEqual([]));
    };
    expect(steps(3200) / steps(400)).toBeLessThan(8.5);
  });
});
