/**
 * The story of 2006 told in today's terms: `ocf:linbit:drbd` as a promotable clone with notifications and promotion
 * scores, the file system, the address and the database on top of the promoted one, all watched.
 *
 * DRBD's kernel module is not needed: drbdadm and drbdsetup are stand-ins (stand-in-drbd.ts), the agent is Debian's.
 * The cluster talks over eth0, DRBD replicates over eth1.
 */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { ClientLoop } from './client-loop.js';
import { configureCluster, eventually, Lab, startAgent } from './lab.js';
import { DATABASE_ADDRESS, databaseClient, installDatabase, lostRows } from './stand-in-database.js';
import { StandInDrbd } from './stand-in-drbd.js';

const nodes = [
  { name: 'n1', address: '10.77.0.1' },
  { name: 'n2', address: '10.77.0.2' },
];
const lab = new Lab('drbd');
const drbd = new StandInDrbd(lab, nodes);
let client: ClientLoop;

const CONFIGURATION = `
primitive disk ocf:linbit:drbd \\
  params drbd_resource=drbd0 fail_promote_early_if_peer_primary=true \\
  op start timeout=240s interval=0 op promote timeout=90s interval=0 op demote timeout=90s interval=0 \\
  op stop timeout=100s interval=0 op notify timeout=90s interval=0 \\
  op monitor role=Master interval=2s timeout=20s op monitor role=Slave interval=3s timeout=20s
primitive files Filesystem params device="/dev/drbd1" directory="/mnt/nd0" fstype=ext3 op monitor interval=10s
primitive address IPaddr2 params ip=${DATABASE_ADDRESS} cidr_netmask=24 op monitor interval=10s
primitive database lsb:database op monitor interval=5s meta migration-threshold=1
group service files address database
ms disk-clone disk meta master-max=1 master-node-max=1 clone-max=2 clone-node-max=1 notify=true
colocation service-with-disk inf: service disk-clone:Master
order disk-first Mandatory: disk-clone:promote service:start
location home disk-clone rule $role=Master 50: #uname eq n1
property stonith-enabled=false
rsc_defaults resource-stickiness=100
`;

const status = (node: string): Promise<string> => lab.ok(node, 'crm status');
const promotedOn = (node: string) =>
  new RegExp(`Clone Set: disk-clone \\[disk\\] \\(promotable\\):\\n {4}\\* Promoted: \\[ ${node} \\]`);

async function boot(node: string): Promise<void> {
  await lab.lab('boot', node);
  await drbd.boot(node);
  await startAgent(lab, node);
}

beforeAll(async () => {
  await lab.up('n1', 'n2');
  await drbd.prepare();
  for (const { name } of nodes) await installDatabase(lab, name);
  await configureCluster(lab, nodes, '  token: 1000\n');
  await Promise.all(nodes.map(({ name }) => startAgent(lab, name)));
  await eventually(
    'both nodes are online',
    async () => (await lab.exec('n1', 'crm status')).out,
    (text) => /Online: \[ n1 n2 \]/.test(text),
  );
});
afterAll(async () => {
  await lab.down();
  drbd.remove();
});
beforeEach(({ onTestFailed }) => {
  onTestFailed(async () => {
    for (const { name } of nodes) {
      const said = await lab.exec(name, 'crm_mon -1rfA; tail -n 25 /var/log/quorate/quorated.log', {
        timeoutMs: 10_000,
      });
      console.log(`--- ${name}\n${said.out}${said.err}`);
    }
    console.log(`--- drbd\n${drbd.log.slice(-15).join('\n')}`);
  });
});

test('crm configure load update database.crm: promoted on its home, the service on top of it', async () => {
  await lab.write('n1', '/root/database.crm', CONFIGURATION);
  await lab.ok('n1', 'crm configure load update /root/database.crm');
  client = databaseClient(lab);
  await client.servedBy('n1', 60_000);
  expect(await drbd.role('n1')).toBe('Primary/Secondary');
  const text = await status('n2');
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
  await client.servedBy('n2', 60_000);
  console.log(`n1 killed, token 1000: ${client.longestGapMs(since)} ms without an answer`);
  expect(lostRows(client)).toBe(0);
});

test('failback off: it comes back, is resynchronised, and stays unpromoted', async () => {
  const since = Date.now();
  await boot('n1');
  await eventually(
    'n1 is there, unpromoted',
    () => status('n2'),
    (text) => /Unpromoted: \[ n1 \]/.test(text),
    60_000,
  );
  await eventually(
    'resynchronised',
    () => drbd.role('n2'),
    (role) => role === 'Primary/Secondary',
  );
  expect(client.samples.filter(({ atMs, host }) => atMs > since && host === 'n1')).toEqual([]);
});

test('failback on: demoted here, promoted at home, with a notification to the other at each step', async () => {
  const since = Date.now();
  await lab.ok('n2', 'crm configure rsc_defaults resource-stickiness=0');
  await client.servedBy('n1', 60_000);
  console.log(`return to n1: ${client.longestGapMs(since)} ms without an answer`);
  expect(await status('n1')).toMatch(promotedOn('n1'));
  expect(lostRows(client)).toBe(0);
});

test('the database dies: the service moves with its disk', async () => {
  const since = Date.now();
  await lab.ok('n1', 'touch /etc/database.broken && kill -KILL "$(cat /run/database.pid)"');
  await client.servedBy('n2', 60_000);
  console.log(`database killed, port watched every 5 s: ${client.longestGapMs(since)} ms without an answer`);
  expect(await drbd.role('n2')).toBe('Primary/Secondary');
  await lab.ok('n1', 'rm /etc/database.broken && crm resource cleanup database');
  expect(lostRows(client)).toBe(0);
});

test('the cluster falls apart, DRBD does not: a second promotion is refused, and one host goes on serving', async () => {
  await client.servedBy('n1', 60_000);
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
  expect(client.samples.filter(({ atMs, host }) => atMs > since && host === 'n2')).toEqual([]);
  await lab.lab('heal-all');
  await eventually(
    'both are members again',
    () => status('n1'),
    (text) => /Online: \[ n1 n2 \]/.test(text),
  );
  await client.servedBy('n1', 60_000);
  expect(lostRows(client)).toBe(0);
});

test('everything falls apart, without fencing: a split brain, which DRBD finds, the agent shows, and a person ends', async () => {
  await eventually(
    'n2 is unpromoted again',
    () => status('n1'),
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
  expect((await lab.exec('n1', 'crm_verify -LV')).err).toMatch(/stonith/i);
  await lab.lab('heal-all');
  await eventually(
    'DRBD sees it',
    async () => drbd.log.slice(-10),
    (lines) => lines.some((line) => line.includes('Split-Brain detected, dropping connection!')),
  );
  // One of the two is left promoted; it does not know the other's data, and says so with its score.
  const text = await eventually(
    'one is promoted',
    () => lab.ok('n1', 'crm_mon -1A'),
    (shown) => /Promoted: \[ n[12] \]\n/.test(shown) && /master-disk\s+: 1000\n/.test(shown),
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
  await client.servedBy(winner);
});
