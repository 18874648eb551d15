/**
 * `crm cluster init --engine pacemaker`, `cluster add`, `cluster remove`: hosts with Debian's Corosync and Pacemaker become
 * a cluster, from a client. n1 and n3 are as Debian has them; n2 looks like RHEL: no /etc/debian_version, the log in
 * /var/log/cluster, firewalld, systemd. Of these two the lab has none: `firewall-cmd` and `systemctl` are stand-ins that
 * keep what they were asked, the latter starts and stops the daemons.
 */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { eventually, Lab } from './lab.js';

const lab = new Lab('pacemaker-init');
const hosts = ['n1', 'n2', 'n3'];

const FIREWALL_CMD = `#!/bin/sh
echo "$*" >>/var/log/firewall.asked
[ "$1" != --state ] || echo running
`;

const SYSTEMCTL = `#!/bin/sh
echo "$*" >>/var/log/systemctl.asked
case "$*" in
  'start corosync') exec /usr/sbin/corosync >/dev/null 2>&1 </dev/null ;;
  'start pacemaker')
    install -d -o hacluster -g haclient -m 770 /run/crm
    setsid /usr/sbin/pacemakerd -f >/dev/null 2>&1 </dev/null & ;;
  'stop pacemaker'|'stop corosync')
    daemon=$2; [ $daemon != pacemaker ] || daemon=pacemakerd
    pid=$(pgrep -x $daemon) || exit 0
    kill $pid
    while kill -0 $pid 2>/dev/null; do sleep 0.1; done ;;
  'enable corosync pacemaker') : >/var/log/enabled ;;
  'is-enabled'*) [ -e /var/log/enabled ] ;;
esac
`;

const asked = (what: string) =>
  lab.exec('n2', `cat /var/log/${what}.asked`).then(({ out }) => out.trim().split('\n'));
const real = (host: string, command: string) =>
  lab.exec(host, `PATH=/usr/sbin:/usr/bin:/bin; ${command} 2>&1`).then(({ out }) => out);
const online = (host: string, names: string) =>
  eventually(
    `${names} are online for ${host}`,
    () => real(host, 'crm_mon -1'),
    (text) => text.includes(`Online: [ ${names} ]`),
    60_000,
  );

beforeAll(async () => {
  await lab.up(...hosts);
  await lab.write('n2', '/root/sbin/firewall-cmd', FIREWALL_CMD, '755');
  await lab.write('n2', '/root/sbin/systemctl', SYSTEMCTL, '755');
  await lab.ok(
    'n2',
    `rm -f /etc/debian_version; rmdir /var/log/corosync; mkdir -p /var/log/cluster /run/systemd/system /root/bin
     cp /root/sbin/systemctl /root/bin
     mount -t overlay lab -o lowerdir=/root/sbin:/usr/sbin /usr/sbin && mount -t overlay lab -o lowerdir=/root/bin:/usr/bin /usr/bin`,
  );
});
afterAll(() => lab.down());
beforeEach(({ onTestFailed }) => {
  onTestFailed(() =>
    lab.explain(
      hosts,
      'cat /etc/corosync/corosync.conf; tail -n 15 /var/log/c*/corosync.log; PATH=/usr/sbin:/usr/bin:/bin crm_mon -1',
    ),
  );
});

test('packages that are missing are named with the command that installs them; nothing is touched', async () => {
  for (const host of ['n2', 'n3']) await lab.ok(host, 'mount --bind /dev/null /usr/sbin/pacemakerd');
  try {
    const ran = await lab.exec('client', 'crm cluster init --engine pacemaker -y -n shop n1 n2 n3');
    expect(ran.code).not.toBe(0);
    expect(ran.err).toMatch(
      /^ERROR: n2 has no pacemakerd: install them there with 'dnf install corosync pacemaker'$/m,
    );
    expect(ran.err).toMatch(
      /^ERROR: n3 has no pacemakerd: install them there with 'apt-get install corosync pacemaker'$/m,
    );
    expect(await asked('firewall')).toEqual(['--state']);
    for (const host of hosts)
      expect((await lab.exec(host, 'ls /etc/corosync/authkey')).code, host).not.toBe(0);
  } finally {
    for (const host of ['n2', 'n3']) await lab.ok(host, 'umount /usr/sbin/pacemakerd');
  }
});

test('init with knet: both layouts, Corosync before Pacemaker, the firewall opened, first properties', async () => {
  const ran = await lab.exec('client', 'crm cluster init --engine pacemaker -y -n shop n1 n2');
  expect(ran.code, ran.err).toBe(0);
  expect(ran.out + ran.err).toMatch(/\[n2\]: firewalld lets high-availability in/);
  await online('n1', 'n1 n2');
  const conf = await lab.ok('n1', 'cat /etc/corosync/corosync.conf');
  expect(conf).toMatch(/transport: knet\n[\s\S]*crypto_cipher: aes256\n[\s\S]*two_node: 1\n/);
  expect(conf).toMatch(/logfile: \/var\/log\/corosync\/corosync\.log/);
  expect(await lab.ok('n2', 'cat /etc/corosync/corosync.conf')).toMatch(
    /logfile: \/var\/log\/cluster\/corosync\.log/,
  );
  expect(await real('n1', 'corosync-cfgtool -s')).toMatch(/transport knet[\s\S]*nodeid:\s+2:\s+connected/);
  const orders = (await asked('systemctl')).filter((line) => /^(start|enable)/.test(line));
  expect(orders).toEqual(['start corosync', 'start pacemaker', 'enable corosync pacemaker']);
  expect(await asked('firewall')).toEqual(
    expect.arrayContaining([
      '-q --permanent --add-service=high-availability',
      '-q --add-service=high-availability',
    ]),
  );
  const text = await real('n2', 'crm configure show');
  expect(text).toMatch(/stonith-enabled=false/);
  expect(text).toMatch(/resource-stickiness=1[\s\S]*migration-threshold=3/);
  expect(text).toMatch(/timeout=600[\s\S]*record-pending=true/);
});

test('a second init leaves a cluster alone that is there', async () => {
  const ran = await lab.exec('client', 'crm cluster init --engine pacemaker -y -n shop n1 n3');
  expect(ran.code).not.toBe(0);
  expect(ran.err).toMatch(/n1 has a \/etc\/corosync\/corosync\.conf already/);
  await online('n1', 'n1 n2');
});

test('add: the newcomer is a member, and two_node is over; remove: it is forgotten', async () => {
  await lab.ok('client', 'crm -H n1 cluster add n3', { timeoutMs: 120_000 });
  await online('n2', 'n1 n2 n3');
  expect(await lab.ok('n1', 'cat /etc/corosync/corosync.conf')).toMatch(/two_node: 0/);
  expect(await real('n1', 'corosync-quorumtool -s')).toMatch(/Expected votes: +3/);
  await lab.ok('client', 'crm -H n1 cluster remove n3', { timeoutMs: 120_000 });
  await eventually(
    'n3 is forgotten',
    () => real('n2', 'crm_mon -1; cibadmin -Q --scope nodes'),
    (text) => !/\bn3\b/.test(text),
    60_000,
  );
  expect(await lab.ok('n2', 'cat /etc/corosync/corosync.conf')).not.toMatch(/\bn3\b/);
  expect((await lab.exec('n3', 'pgrep -x "corosync|pacemakerd"; ls /etc/corosync/corosync.conf')).out).toBe(
    '',
  );
  await online('n1', 'n1 n2');
});

test('init with udpu, of hosts that were in a cluster before', async () => {
  for (const host of ['n1', 'n2']) {
    await lab.ok('client', `crm -H ${host} cluster stop ${host}`, { timeoutMs: 120_000 });
    await lab.ok(host, 'rm /etc/corosync/corosync.conf /etc/corosync/authkey');
  }
  const ran = await lab.exec('client', 'crm cluster init --engine pacemaker -y -t udpu -n shop n1 n2 n3');
  expect(ran.code, ran.err).toBe(0);
  await online('n3', 'n1 n2 n3');
  expect(await lab.ok('n3', 'cat /etc/corosync/corosync.conf')).toMatch(/transport: udpu/);
  expect(await real('n3', 'corosync-cfgtool -s')).toMatch(/transport udpu/);
});
