import { expect, test } from 'vitest';
import { parseXml } from '../../src/cib/xml.js';
import { LocalHistory, writeMemo } from '../../src/controller/history.js';
import type { OperationResult } from '../../src/executor/types.js';

/** The entries that an operation leaves, by id. */
function entriesOf(operation: string, rc: number, targetRc: number, intervalMs = 0) {
  const result: OperationResult = {
    ...{ callId: 1, key: `vip_${operation}_${intervalMs}`, resource: 'vip', operation, intervalMs, rc },
    ...{ agent: { class: 'ocf', provider: 'test', type: 'recorder' }, status: 'done', output: '' },
    ...{ exitReason: 'told so', startedAtMs: 0, lastChangeAtMs: 0, execTimeMs: 1, queueTimeMs: 0 },
    parameters: { ip: '10.0.0.1', password: 'x' },
    parameterTraits: { restarting: ['ip'], private: ['password'] },
    userData: writeMemo({
      transitionKey: `1:1:${targetRc}:11111111-2222-3333-4444-555555555555`,
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
