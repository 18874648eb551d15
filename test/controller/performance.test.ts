import { expect, test } from 'vitest';
import { performanceOf } from '../../src/controller/performance.js';
import type { GraphAction } from '../../src/scheduler/graph.js';

test('what a node is told: parameters, those with a number for a name too, and meta attributes apart', () => {
  const action: GraphAction = {
    kind: 'rsc_op',
    id: 1,
    operation: 'monitor',
    operationKey: 'disk_monitor_10000',
    resource: { id: 'disk', class: 'heartbeat', type: 'drbddisk' },
    attributes: {
      crm_feature_set: '3.16.2',
      CRM_meta_interval: '10000',
      CRM_meta_timeout: '2000',
      plain: 'x',
    },
    parameters: [
      ['1', 'drbd0'],
      ['2', 'second'],
    ],
  };
  expect(performanceOf(action, 'key')).toMatchObject({
    resource: { id: 'disk', class: 'heartbeat', type: 'drbddisk' },
    task: 'monitor',
    intervalMs: 10_000,
    timeoutMs: 2000,
    parameters: { 1: 'drbd0', 2: 'second', plain: 'x' },
    meta: { interval: '10000', timeout: '2000' },
  });
});
