/** What outlives the agent: its events, and what the scheduler was given. */
import { appendFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { EventLog } from '../../src/agent/events.js';
import { SchedulerInputs } from '../../src/agent/scheduler-inputs.js';
import { parseXml } from '../../src/cib/xml.js';
import type { ClusterEvent } from '../../src/protocol/messages.js';

const folder = mkdtempSync(join(tmpdir(), 'quorate-history-'));
afterAll(() => rmSync(folder, { recursive: true }));

const noComplaint = (text: string): void => {
  throw new Error(text);
};

const event = (atMs: number, text: string): ClusterEvent => ({
  atMs,
  node: 'n1',
  kind: 'view',
  text,
  data: {},
});

const document = (epoch: number) =>
  parseXml(`<cib epoch="${epoch}" execution-date="17"><configuration/></cib>`);

test('events are there again after a restart; a line that a crash cut off is left out', async () => {
  const path = join(folder, 'events.ndjson');
  const before = new EventLog(path, noComplaint);
  before.add(event(1, 'a'));
  before.add(event(2, 'b'));
  await before.settled();
  appendFileSync(path, '{"atMs":3,"no');
  const after = new EventLog(path, noComplaint);
  expect(after.since(0, 10).map(({ text }) => text)).toEqual(['a', 'b']);
  expect(after.since(2, 10).map(({ text }) => text)).toEqual(['b']);
});

test('a history that cannot be written is kept in memory, and said so once', async () => {
  const said: string[] = [];
  const log = new EventLog(join(folder, 'nowhere', 'events.ndjson'), (text) => said.push(text));
  log.add(event(1, 'a'));
  await log.settled();
  expect(said).toHaveLength(1);
  expect(log.since(0, 10)).toHaveLength(1);
});

test('inputs are numbered by series, listed with their time, and read back, also before they are written', async () => {
  const inputs = new SchedulerInputs(join(folder, 'a'), 'n1', noComplaint);
  expect(inputs.keep('input', -1, document(1))).toBe('pe-input-0');
  expect(inputs.keep('warn', 10, document(2))).toBe('pe-warn-0');
  expect(inputs.keep('input', -1, document(3))).toBe('pe-input-1');
  expect(inputs.keep('error', 0, document(4))).toBeNull();
  expect(await inputs.read('pe-input-1')).toContain('epoch="3"');
  expect(inputs.list()).toContainEqual({ node: 'n1', name: 'pe-warn-0', atMs: 17_000, bytes: 0 });
  await inputs.settled();
  expect(inputs.list().every(({ bytes }) => bytes > 0)).toBe(true);
  expect(await inputs.read('pe-input-0')).toContain('epoch="1"');
  expect(await inputs.read('pe-input-7')).toBeNull();
  expect(await inputs.read('../../etc/passwd')).toBeNull();
});

test('a series goes on after a restart, and begins anew at its bound', async () => {
  const place = join(folder, 'b');
  const first = new SchedulerInputs(place, 'n1', noComplaint);
  first.keep('input', 3, document(1));
  first.keep('input', 3, document(2));
  await first.settled();
  const second = new SchedulerInputs(place, 'n1', noComplaint);
  expect(second.keep('input', 3, document(3))).toBe('pe-input-2');
  expect(second.keep('input', 3, document(4))).toBe('pe-input-0');
  await second.settled();
  expect(readdirSync(place).filter((name) => name.endsWith('.gz'))).toHaveLength(3);
  expect(await second.read('pe-input-0')).toContain('epoch="4"');
});
