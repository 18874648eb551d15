/**
 * The page of 2006: two Debian machines, Heartbeat and DRBD, a file system and a database that move together. Its
 * `ha.cf`, `authkeys` and `haresources` are imported; `drbddisk` and the init script run as they are. Then what the page
 * said could not be done: a service that is dead on a host that is alive moves, too.
 *
 * DRBD's kernel module is not needed: drbdadm and drbdsetup are stand-ins (stand-in-drbd.ts). `drbddisk` is Debian's.
 */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { ClientLoop } from './client-loop.js';
import { eventually, Lab, startAgent } from './lab.js';
import { Page } from './page.js';
import { databaseClient, installDatabase, lostRows } from './stand-in-database.js';
import { StandInDrbd } from './stand-in-drbd.js';

const nodes = [
  { name: 'debian-420', address: '10.77.0.1' },
  { name: 'debian-421', address: '10.77.0.2' },
];
const lab = new Lab('heartbeat-drbd');
const story = new Page(lab, 'heartbeat-and-drbd', 'As it was');
const drbd = new StandInDrbd(lab, nodes);
let client: ClientLoop;

const HA_CF = `debugfile /var/log/ha-debug
logfile	/var/log/ha-log
logfacility	local0
keepalive 1
deadtime 3	# the page has 30
warntime 2
initdead 120
udpport	694
bcast	eth0 eth1		# Linux
auto_failback off
node	debian-420
node	debian-421
ping 10.77.0.254
deadping 4
respawn hacluster /usr/lib/heartbeat/ipfail
apiauth ipfail gid=haclient uid=hacluster
crm no
`;
const AUTHKEYS = 'auth 3\n3 md5 Hello-from-2006!\n';
const HARESOURCES =
  'debian-420 10.77.0.222/24 drbddisk::drbd0 \\\n  Filesystem::/dev/drbd1::/mnt/nd0::ext3 database\n';

/** Every other word that such files had. */
const OTHER_FILES = {
  'ha.cf': `keepalive 2
deadtime 30
warntime 10
initdead 120
udpport	694
baud	19200
serial	/dev/ttyS0
mcast eth0 225.0.0.1 694 1 0
ucast eth0 10.77.0.1
ucast eth0 10.77.0.2
auto_failback legacy
node	debian-420 debian-421
ping_group routers 10.77.0.253 10.77.0.254
deadping 20
crm no
`,
  authkeys: 'auth 1\n1 crc\n2 sha1 a-long-enough-secret\n3 md5 a-long-enough-secret\n',
  haresources: `debian-420 10.77.0.222
debian-421 10.77.0.223/24/eth0/10.77.0.255 \\
  Filesystem::/dev/sdb1::/srv::ext3::noatime database
`,
};

const GROUP = 'group_1';

beforeAll(async () => {
  await lab.up('debian-420', 'debian-421');
  await drbd.prepare();
  for (const { name } of nodes) {
    await installDatabase(lab, name);
    await lab.write(name, '/etc/ha.d/ha.cf', HA_CF);
    await lab.write(name, '/etc/ha.d/authkeys', AUTHKEYS, '600');
    await lab.write(name, '/etc/ha.d/haresources', HARESOURCES);
    // What /etc/init.d/drbd does when a machine boots.
    await lab.ok(name, 'drbdadm up drbd0');
  }
});
afterAll(async () => {
  await lab.down();
  drbd.remove();
});
beforeEach(({ onTestFailed }) => {
  onTestFailed(async () => {
    await lab.explain(nodes.map(({ name }) => name));
    console.log(`--- drbd\n${drbd.log.slice(-15).join('\n')}`);
  });
});

test('drbdadm role: both hosts are secondary', async () => {
  await eventually(
    'connected',
    () => drbd.role('debian-420'),
    (role) => role === 'Secondary/Secondary',
  );
});

test('--dry-run of other files: every word that they had, in today’s terms', async () => {
  for (const [name, text] of Object.entries(OTHER_FILES)) {
    await lab.write('debian-420', `/root/ha.d/${name}`, text, '600');
  }
  const ran = await lab.exec('debian-420', 'crm cluster import heartbeat /root/ha.d --dry-run');
  expect(ran.code, ran.err).toBe(0);
  expect(ran.err).toMatch(
    /WARNING: \/root\/ha\.d\/authkeys:2:3: crc protects from broken cables only[\s\S]*write '1 sha1 SECRET'/,
  );
  for (const words of [
    /ha\.cf:2: deadtime 30\n {6}totem\.token: 30000/,
    /ha\.cf:5: udpport 694\n {6}/,
    /ha\.cf:7: serial \/dev\/ttyS0\n {6}.*second network/,
    /ha\.cf:8: mcast eth0 225\.0\.0\.1 694 1 0\n {6}a link; packets/,
    /ha\.cf:11: auto_failback legacy\n {6}resource-stickiness=0/,
    /ha\.cf:13: ping_group routers 10\.77\.0\.253 10\.77\.0\.254\n {6}/,
    /ha\.cf:14: deadping 20\n {6}/,
    /ha\.cf:15: crm no\n {6}/,
    /haresources:2: 10\.77\.0\.223\/24\/eth0\/10\.77\.0\.255 .*\n {6}group group_2: started in this order/,
    /^primitive IPaddr_10_77_0_222 ocf:heartbeat:IPaddr2/m,
    /params ip=10\.77\.0\.223 cidr_netmask=24 nic=eth0 broadcast=10\.77\.0\.255/,
    /device="\/dev\/sdb1" directory="\/srv" fstype=ext3 options=noatime/,
    /^location home_group_2 group_2 100: debian-421$/m,
    /mcastport: 694/,
  ]) {
    expect(ran.out).toMatch(words);
  }
});

test('crm cluster import heartbeat /etc/ha.d', async () => {
  const ran = await lab.exec('debian-420', 'crm cluster import heartbeat /etc/ha.d');
  expect(ran.code, ran.err).toBe(0);
  expect(ran.out).toMatch(
    /haresources:1: 10\.77\.0\.222\/24 drbddisk::drbd0 Filesystem::\/dev\/drbd1::\/mnt\/nd0::ext3 database\n {6}group group_1: started in this order/,
  );
  expect(ran.out).toMatch(
    /drbddisk::drbd0\n {6}drbddisk_2: \/etc\/ha\.d\/resource\.d\/drbddisk runs as it is \(class heartbeat\)/,
  );
  expect(ran.out).toMatch(
    /haresources:2: database\n {6}database_4: \/etc\/init\.d\/database runs as it is \(class lsb\)/,
  );
  expect(ran.out).toMatch(/ha\.cf:15: respawn hacluster \/usr\/lib\/heartbeat\/ipfail\n {6}the ping clone/);
  client = databaseClient(lab);
  await client.servedBy('debian-420', 90_000);
  expect(await drbd.role('debian-420')).toBe('Primary/Secondary');
  expect(await lab.ok('debian-420', 'grep -c "ring[01]_addr" /etc/corosync/corosync.conf')).toBe('4\n');
});

test('crm configure show', async () => {
  const text = await lab.ok('debian-421', 'crm configure show');
  for (const line of [
    /^primitive IPaddr_10_77_0_222 IPaddr2 \\\n\tparams ip=10\.77\.0\.222 cidr_netmask=24 \\\n\top monitor interval=10s$/m,
    /^primitive drbddisk_2 heartbeat:drbddisk \\\n\tparams 1=drbd0 \\\n\top monitor interval=10s$/m,
    /^primitive Filesystem_3 Filesystem \\\n\tparams device="\/dev\/drbd1" directory="\/mnt\/nd0" fstype=ext3/m,
    /^primitive database_4 lsb:database/m,
    /^group group_1 IPaddr_10_77_0_222 drbddisk_2 Filesystem_3 database_4$/m,
    /^clone ping_pingd-clone ping_pingd$/m,
    /^location home_group_1 group_1 100: debian-420$/m,
    /^location connected_group_1 group_1 \\\n\trule pingd: defined pingd$/m,
    /resource-stickiness=200/,
  ]) {
    expect(text).toMatch(line);
  }
});

test('the primary is killed: the other host has the address, the disk and every row', async () => {
  const since = Date.now();
  await lab.lab('crash', 'debian-420');
  await client.servedBy('debian-421', 90_000);
  console.log(`debian-420 killed, deadtime 3: ${client.longestGapMs(since)} ms without an answer`);
  expect(lostRows(client)).toBe(0);
});

test('auto_failback off: it comes back, is resynchronised, and the database stays', async () => {
  await lab.lab('boot', 'debian-420');
  await drbd.boot('debian-420');
  await lab.ok('debian-420', 'drbdadm up drbd0');
  await eventually(
    'resynchronised',
    () => drbd.role('debian-421'),
    (role) => role === 'Primary/Secondary',
  );
  const since = Date.now();
  await startAgent(lab, 'debian-420');
  await eventually(
    'both are online, and connected to the ping host',
    () => lab.ok('debian-421', 'crm status'),
    (text) => /ping_pingd-clone[\s\S]*Started: \[ debian-420 debian-421 \]/.test(text),
  );
  expect(client.samples.filter(({ atMs, host }) => atMs > since && host === 'debian-420')).toEqual([]);
  await client.servedBy('debian-421');
});

test('auto_failback on: the database goes home, and no row is lost', async () => {
  const since = Date.now();
  await lab.ok('debian-421', 'crm configure rsc_defaults resource-stickiness=0');
  await client.servedBy('debian-420', 90_000);
  console.log(`automatic return: ${client.longestGapMs(since)} ms without an answer`);
  expect(await drbd.role('debian-420')).toBe('Primary/Secondary');
  expect(lostRows(client)).toBe(0);
});

test('a second primary is refused: by DRBD, whatever anybody types', async () => {
  const ran = await lab.exec(
    'debian-421',
    '/etc/ha.d/resource.d/drbddisk drbd0 status; drbdadm primary drbd0',
  );
  expect(ran.out).toBe('stopped (Secondary)\n');
  expect(ran.err).toMatch(/Multiple primaries not allowed by config/);
  expect(ran.code).toBe(11);
});

test('what the page said was impossible: the database dies, its host lives, the group moves', async () => {
  // It cannot start again here, so that looking after it in place does not help.
  await lab.ok('debian-420', 'touch /etc/database.broken');
  const since = Date.now();
  await lab.ok('debian-420', 'kill -KILL "$(cat /run/database.pid)"');
  await client.servedBy('debian-421', 90_000);
  console.log(`database killed, port watched every 10 s: ${client.longestGapMs(since)} ms without an answer`);
  expect(await lab.ok('debian-421', `crm resource status ${GROUP}`)).toMatch(/running on: debian-421/);
  expect(await lab.ok('debian-421', 'crm status')).toMatch(
    /Failed Resource Actions:\n {2}\* database_4 (start|.*monitor.*) on debian-420/,
  );
  expect(lostRows(client)).toBe(0);
});

test('the page says what was typed and seen here', () => story.expectAllDone());
