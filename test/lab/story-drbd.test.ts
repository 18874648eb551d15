/**
 * The story of 2006 told in today's terms: `ocf:linbit:drbd` as a promotable clone with notifications and promotion
 * scores, the file system, the address and the database on top of the promoted one, all watched.
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

const service = new DrbdService('drbd');
const { lab, drbd } = service;
const story = new Page(lab, 'heartbeat-and-drbd', 'In today’s terms');

const promotedOn = (node: string) =>
  new RegExp(`Clone Set: disk-clone \\[disk\\] \\(promotable\\):\\n {4}\\* Promoted: \\[ ${node} \\]`);

beforeAll(() => service.up());
afterAll(() => service.down());
beforeEach(({ onTestFailed }) => {
  onTestFailed(() => service.explain());
});

test('crm configure load update database.crm: promoted on its home, the service on top of it', async () => {
  await lab.write('n1', '/root/database.crm', DATABASE);
  await lab.ok('n1', 'crm configure load update /root/database.crm');
  await service.client.servedBy('n1', 60_000);
  expect(await drbd.role('n1')).toBe('Primary/Secondary');
  const text = await service.status('n2');
  expect(text).toMatch(promotedOn('n1'));
  expect(text).toMatch(/ {4}\* Unpromoted: \[ n2 \]/);
});

test('crm_mon -A: promotion scores, from what the agent sees of both disks', async () => {
  await eventually(
    'both say that their data are good',
    () => lab.ok('n2', 'crm_mon -1A'),
    (text) => (text.match(/\* master-disk\s+: 10000/g) ?? []).length === 2,
  );
});

test('the promoted host is killed: the other one is promoted, no row is lost', async () => {
  const since = Date.now();
  await lab.lab('crash', 'n1');
  await service.client.servedBy('n2', 60_000);
  console.log(`n1 killed, token 1000: ${service.client.longestGapMs(since)} ms without an answer`);
  expect(lostRows(service.client)).toBe(0);
});

test('failback off: it comes back, is resynchronised, and stays unpromoted', async () => {
  const since = Date.now();
  await service.boot('n1');
  await eventually(
    'n1 is there, unpromoted',
    () => service.status('n2'),
    (text) => /Unpromoted: \[ n1 \]/.test(text),
    60_000,
  );
  await eventually(
    'resynchronised',
    () => drbd.role('n2'),
    (role) => role === 'Primary/Secondary',
  );
  expect(service.client.samples.filter(({ atMs, host }) => atMs > since && host === 'n1')).toEqual([]);
});

test('failback on: demoted here, promoted at home, with a notification to the other at each step', async () => {
  const since = Date.now();
  const before = (await drbd.notified('n1')).length;
  await lab.ok('n2', 'crm configure rsc_defaults resource-stickiness=0');
  await service.client.servedBy('n1', 60_000);
  console.log(`return to n1: ${service.client.longestGapMs(since)} ms without an answer`);
  await eventually(
    'promoted at home',
    () => service.status('n1'),
    (text) => promotedOn('n1').test(text),
  );
  expect((await drbd.notified('n1')).slice(before, before + 4)).toEqual([
    'pre-demote',
    'post-demote',
    'pre-promote',
    'post-promote',
  ]);
  expect(lostRows(service.client)).toBe(0);
});

test('the database dies: the service moves with its disk', async () => {
  const since = Date.now();
  await lab.ok('n1', 'touch /etc/database.broken && kill -KILL "$(cat /run/database.pid)"');
  await service.client.servedBy('n2', 60_000);
  console.log(
    `database killed, port watched every 5 s: ${service.client.longestGapMs(since)} ms without an answer`,
  );
  expect(await drbd.role('n2')).toBe('Primary/Secondary');
  await lab.ok('n1', 'rm /etc/database.broken && crm resource cleanup database');
  expect(lostRows(service.client)).toBe(0);
});

test('the page says what was typed and seen here', () => story.expectAllDone());
