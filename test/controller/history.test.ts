import { expect, test } from 'vitest';
import { parseXml } from '../../src/cib/xml.js';
import { LocalHistory, writeMemo } from '../../src/controller/history.js';
import type { OperationResult } from '../../src/executor/types.js';
import { sortedHistory } from '../../src/status/history-entries.js';

const UUID = '11111111-2222-3333-4444-555555555555';

/** The entries that an operation leaves, by id. */
function entriesOf(operation: string, rc: number, targetRc: number, intervalMs = 0) {
  const result: OperationResult = {
    ...{ callId: 1, key: `vip_${operation}_${intervalMs}`, resource: 'vip', operation, intervalMs, rc },
    ...{ agent: { class: 'ocf', provider: 'test', type: 'recorder' }, status: 'done', output: '' },
    ...{ exitReason: 'told so', startedAtMs: 0, lastChangeAtMs: 0, execTimeMs: 1, queueTimeMs: 0 },
    parameters: { ip: '10.0.0.1', password: 'x' },
    parameterTraits: { restarting: ['ip'], private: ['password'] },
    userData: writeMemo({
      transitionKey: `1:1:${targetRc}:${UUID}`,
      task: operation,
      timeoutMs: 20_000,
      meta: {},
    }),
  };
  const { entries } = new LocalHistory('1', 'n1').record(result);
  return Object.fromEntries(entries.map((xml) => parseXml(xml)).map((entry) => [entry.id, entry]));
}

test.each([
  ['start', 0, 0, ['vip_last_0'], ''],
  ['monitor', 7, 7, ['vip_last_0'], ''],
  ['start', 1, 0, ['vip_last_failure_0', 'vip_last_0'], 'told so'],
  ['migrate_from', 1, 0, ['vip_migrate_from_0'], 'told so'],
])('%s with %i, %i expected: entries and exit reason', (operation, rc, targetRc, ids, exitReason) => {
  const entries = entriesOf(operation, rc, targetRc);
  expect(Object.keys(entries)).toEqual(ids);
  for (const entry of Object.values(entries)) expect(entry.get('exit-reason')).toBe(exitReason);
});

test('digests of some of the parameters are in one of two entries, as Pacemaker has them', () => {
  const digests = (entry: ReturnType<typeof parseXml> | undefined) =>
    ['op-digest', 'op-restart-digest', 'op-secure-digest'].filter((name) => entry?.get(name) !== undefined);
  const failed = entriesOf('start', 1, 0);
  expect(digests(failed.vip_last_0)).toEqual(['op-digest', 'op-restart-digest', 'op-secure-digest']);
  expect(digests(failed.vip_last_failure_0)).toEqual(['op-digest']);
  expect(digests(entriesOf('monitor', 1, 0, 10_000).vip_last_failure_0)).toEqual([
    'op-digest',
    'op-secure-digest',
  ]);
});

const userData = writeMemo({ transitionKey: `1:1:0:${UUID}`, task: 'monitor', timeoutMs: 20_000, meta: {} });

/** A result of the monitor of `db`, which has been the same since that time. */
const monitored = (rc: number, lastChangeAtMs: number): OperationResult => ({
  callId: 5,
  key: 'db_monitor_5000',
  resource: 'db',
  agent: { class: 'ocf', provider: 'heartbeat', type: 'Dummy' },
  operation: 'monitor',
  intervalMs: 5000,
  userData,
  parameters: {},
  status: 'done',
  rc,
  exitReason: '',
  output: '',
  startedAtMs: lastChangeAtMs,
  lastChangeAtMs,
  execTimeMs: 1,
  queueTimeMs: 0,
});

/** What the scheduler takes for the newest result, after these were recorded. */
function newest(...results: OperationResult[]): string | undefined {
  const history = new LocalHistory('1', 'n1');
  for (const result of results) history.record(result);
  const entry = parseXml(history.lrm()).at('lrm_resources', 'lrm_resource')!;
  return sortedHistory(entry).at(-1)?.get('rc-code');
}

test('a service that dies in the second in which it was first seen to work has failed', () => {
  expect(newest(monitored(0, 41_121), monitored(7, 41_666))).toBe('7');
});

test('one that works again in the second in which it was seen to fail works', () => {
  expect(newest(monitored(0, 40_000), monitored(7, 41_121), monitored(0, 41_666))).toBe('0');
  expect(newest(monitored(0, 41_100), monitored(7, 41_121), monitored(0, 41_666))).toBe('0');
});

test('a result that stays the same keeps its time', () => {
  const history = new LocalHistory('1', 'n1');
  history.record(monitored(0, 41_121));
  const times = [1, 2].map(() =>
    parseXml(history.record(monitored(7, 41_666)).entries[0]!).get('last-rc-change'),
  );
  expect(times).toEqual(['42', '42']);
});
