import { describe, expect, test } from 'vitest';
import { parseXml } from '../../src/cib/xml.js';
import { findOperation, intervalMs } from '../../src/language/operations.js';

describe('intervalMs', () => {
  test.each([
    ['10', 10_000],
    ['10s', 10_000],
    ['10sec', 10_000],
    ['500ms', 500],
    ['1500us', 1],
    ['2min', 120_000],
    ['2m', 120_000],
    ['1h', 3_600_000],
    ['1hr', 3_600_000],
    [' 3 S', 3000],
    ['0', 0],
    ['5d', -1],
    ['', -1],
    ['soon', -1],
    [undefined, -1],
  ])('of %s is %d', (text, expected) => {
    expect(intervalMs(text)).toBe(expected);
  });
});

describe('findOperation', () => {
  const resource = parseXml(`<primitive id="p"><operations>
    <op id="start" name="start" interval="0"/>
    <op id="monitor-10" name="monitor" interval="10s"/>
    <op id="monitor-60" name="monitor" interval="1min" role="Promoted"/>
    <op id="stop" name="stop" interval="5s"/>
  </operations></primitive>`);

  test.each([
    ['start', undefined, 'start'],
    ['start', '0s', 'start'],
    ['stop', undefined, 'stop'],
    ['stop', '0', undefined],
    ['monitor', '10', 'monitor-10'],
    ['monitor', '10000ms', 'monitor-10'],
    ['monitor', '60', 'monitor-60'],
    ['monitor', undefined, undefined],
    ['monitor', '20s', undefined],
    ['promote', undefined, undefined],
  ])('%s at %s is %s', (name, interval, id) => {
    expect(findOperation(resource, name, interval)?.id).toBe(id);
  });

  test('a resource without operations has none', () => {
    expect(findOperation(parseXml('<primitive id="p"/>'), 'start')).toBeUndefined();
  });
});
