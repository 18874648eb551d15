/**
 * What DRBD, its agent and the cluster do when the network falls apart: the cluster's alone, and all of it. There is no
 * fencing, so the second is a real split brain; it is found, shown, and ended by a person.
 *
 * DRBD's kernel module is not needed: drbdadm and drbdsetup are stand-ins (stand-in-drbd.ts), the agent is Debian's.
 * The cluster talks over eth0, DRBD replicates over eth1.
 */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { DrbdService } from './drbd-service.js';
import { eventually } from './lab.js';
import { Page } from './page.js';
import { lostRows } from './stand-in-database.js';
import { DATABASE } from './story-configurations.js';

const service = new DrbdService('drbd-split-brain');
const { lab, drbd } = service;
const story = new Page(lab, 'heartbeat-and-drbd', 'When the network falls apart');

beforeAll(() => service.up());
afterAll(() => service.down());
beforeEach(({ onTestFailed }) => {
  onTestFailed(() => service.explain());
});

test('a database on DRBD', async () => {
  await lab.write('n1', '/root/database.crm', DATABASE);
  await lab.ok('n1', 'crm configure load update /root/database.crm');
  await service.client.servedBy('n1', 60_000);
});

test('the cluster falls apart, DRBD does not: a second promotion is refused, and one host goes on serving', async () => {
  const since = Date.now();
  const before = drbd.log.length;
  await lab.lab('partition', 'eth0', 'n1', 'n2');
  await eventually(
    'DRBD has refused n2',
    async () => drbd.log.slice(before),
    (lines) => lines.some((line) => /^n2: primary drbd0: 11 .*Multiple primaries not allowed/.test(line)),
    40_000,
  );
  expect(await drbd.role('n1')).toBe('Primary/Secondary');
  expect(service.client.samples.filter(({ atMs, host }) => atMs > since && host === 'n2')).toEqual([]);
  await lab.lab('heal-all');
  await eventually(
    'both are members again',
    () => service.status('n1'),
    (text) => /Online: \[ n1 n2 \]/.test(text),
  );
  await service.client.servedBy('n1', 60_000);
  expect(lostRows(service.client)).toBe(0);
});

test('everything falls apart, without fencing: a split brain, which DRBD finds, the agent shows, and a person ends', async () => {
  await eventually(
    'n2 is unpromoted again',
    () => service.status('n1'),
    (text) => /Unpromoted: \[ n2 \]/.test(text),
    60_000,
  );
  await lab.lab('partition', 'n1', 'n2');
  await eventually(
    'both are primary',
    () => drbd.role('n2'),
    (role) => role === 'Primary/Unknown',
    60_000,
  );
  expect(await drbd.role('n1')).toBe('Primary/Unknown');
  expect((await lab.exec('n1', 'crm_verify -L -VVVV')).err).toMatch(/not fencing unseen nodes/);
  await lab.lab('heal-all');
  await eventually(
    'DRBD sees it',
    async () => drbd.log.slice(-10),
    (lines) => lines.some((line) => line.includes('Split-Brain detected, dropping connection!')),
  );
  // One of the two is left promoted; it does not know the other's data, and says so with its score. The other has been
  // stopped, and is started again.
  const text = await eventually(
    'one is promoted, the other is not',
    () => lab.ok('n1', 'crm_mon -1A'),
    (shown) =>
      /Promoted: \[ n[12] \]\n/.test(shown) &&
      /Unpromoted: \[ n[12] \]\n/.test(shown) &&
      /master-disk\s+: 1000 *\n/.test(shown),
    60_000,
  );
  const loser = /Promoted: \[ n1 \]/.test(text) ? 'n2' : 'n1';
  const winner = loser === 'n1' ? 'n2' : 'n1';
  await lab.ok(loser, 'drbdadm -- --discard-my-data connect drbd0');
  await lab.ok(winner, 'drbdadm connect drbd0');
  await eventually(
    'connected',
    () => drbd.role(winner),
    (role) => role === 'Primary/Secondary',
  );
  await service.client.servedBy(winner);
});

test('the page says what was typed and seen here', () => story.expectAllDone());
