/** Hosts that have nothing of ours, one of them not even Node: what one command from a client makes of them. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, Lab, PROJECT } from './lab.js';

const lab = new Lab('install');
const hosts = ['n1', 'n2', 'n3'];

/** /usr and the working tree are the machine's own: they are covered, so that nothing is found there or left there. */
async function strip(host: string): Promise<void> {
  await lab.ok(
    host,
    `cd / && mount -t tmpfs lab /usr/local && mkdir /usr/local/bin /usr/local/lib && mount -t tmpfs lab '${PROJECT}'`,
  );
}

/** Stands in for systemd, which the lab has not: starts what the unit says, and keeps what it was asked. */
const SYSTEMCTL = `#!/bin/sh
echo "$*" >>/var/log/systemctl.asked
unit=/etc/systemd/system/quorated.service
case $1 in
  cat) test -f $unit ;;
  start) setsid $(sed -n 's/^ExecStart=//p' $unit) >/dev/null 2>&1 </dev/null & ;;
  is-enabled) test -f /var/log/enabled ;;
  enable) touch /var/log/enabled ;;
  disable) rm -f /var/log/enabled ;;
esac
`;

beforeAll(async () => {
  await lab.up(...hosts);
  await Promise.all(hosts.map(strip));
  await lab.write('n2', '/usr/local/bin/systemctl', SYSTEMCTL, '755');
  await lab.ok('n2', 'mkdir -p /run/systemd/system');
  await lab.ok('n3', `mount --bind /dev/null "$(readlink -f "$(command -v node)")"`);
});
afterAll(() => lab.down());

const tracesOf = (host: string) =>
  lab.ok(
    host,
    'ls -A /usr/local /usr/local/lib /usr/local/bin /etc/corosync /etc/systemd/system/quorated.service 2>/dev/null || true',
  );

test('a host that the others do not hear is found out before anything is configured, and everything is taken back', async () => {
  await lab.lab('partition', 'n1,n2', 'n3');
  const before = await Promise.all(hosts.map(tracesOf));
  const ran = await lab.exec('client', 'crm cluster init -n web n1 n2 n3');
  await lab.lab('heal-all');
  expect(ran.code).toBe(1);
  expect(ran.err).toMatch(
    /n1 does not hear n3 on UDP port 5405 \(10\.77\.0\.3\): does a firewall stand in between\?/,
  );
  expect(ran.err).toMatch(/n3 does not hear n2 on UDP port 5405/);
  expect(ran.err).toMatch(/taken back/);
  expect(await Promise.all(hosts.map(tracesOf))).toEqual(before);
});

test('three fresh hosts become a quorate cluster by one command, one of them without Node', async () => {
  const startedAt = Date.now();
  const ran = await lab.exec('client', 'crm cluster init -n web n1 n2 n3');
  console.log(`installed and quorate: ${Date.now() - startedAt} ms`);
  expect(ran.err).not.toContain('ERROR');
  expect(ran.code).toBe(0);
  for (const host of hosts)
    expect(ran.err).toContain(`[${host}]: program installed in /usr/local/lib/quorate`);
  expect(ran.err).toContain('[n3]: bringing a Node runtime along');
  expect(ran.err).toContain('[network]: all hear each other on port 5405');
  expect(await lab.ok('n3', 'head -1 /usr/local/lib/quorate/bin/crm')).toBe(
    '#!/usr/local/lib/quorate/runtime/node\n',
  );
  const text = await lab.ok('n3', '/usr/local/lib/quorate/bin/crm status');
  expect(text).toMatch(/Online: \[ n1 n2 n3 \]/);
  expect(text).toMatch(/partition with quorum/);
  expect(await lab.ok('n1', 'stat -c "%a %U" /etc/corosync/authkey /etc/corosync/corosync.conf')).toBe(
    '400 root\n644 root\n',
  );
  expect((await lab.exec('n1', 'ls /etc/corosync/.quorate-unfinished')).code).not.toBe(0);
});

test('what is installed can do all that a node must: agents, recovery, the full screen', async () => {
  await lab.ok('client', 'crm -H n1 configure property stonith-enabled=false');
  await lab.ok('client', 'crm -H n1 configure primitive d ocf:pacemaker:Dummy op monitor interval=5s');
  const where = await eventually(
    'd runs',
    () => lab.ok('client', 'crm -H n1 resource status d'),
    (text) => /is running on/.test(text),
  );
  expect(where).toMatch(/resource d is running on: n[123]/);
  const screen = lab.terminal('n3', 'cd / && /usr/local/lib/quorate/bin/crm_mon');
  await screen.shows('n2');
  screen.type('q');
  await screen.exited;
});

test('where systemd is, the agent is its unit, started by it and switched on and off with the machine', async () => {
  expect(await lab.ok('n2', 'cat /etc/systemd/system/quorated.service')).toContain(
    'ExecStart=/usr/local/lib/quorate/bin/quorated\n',
  );
  expect(await lab.ok('n2', 'cat /var/log/systemctl.asked')).toMatch(
    /daemon-reload[\s\S]*start quorated\.service/,
  );
  expect((await lab.exec('client', 'crm -H n1 cluster enable n2')).err).toContain('enabled on n2');
  await lab.ok('n2', 'test -f /var/log/enabled');
  expect((await lab.exec('client', 'crm -H n1 cluster disable n2')).err).toContain('disabled on n2');
  const without = await lab.exec('client', 'crm -H n1 cluster enable n1');
  expect(without.code).toBe(1);
  expect(without.err).toContain('there is no systemd');
});

test('a removed node is stopped, forgotten by the others and can be added again', async () => {
  const removed = await lab.exec('client', 'crm -F -H n1 cluster remove n3');
  expect(removed.err).not.toContain('ERROR');
  expect(removed.code).toBe(0);
  expect((await lab.exec('n3', 'ls /etc/corosync/corosync.conf')).code).not.toBe(0);
  expect(await lab.ok('n2', 'cat /etc/corosync/corosync.conf')).not.toContain('n3');
  expect(await lab.ok('client', 'crm -H n1 node show')).not.toContain('n3');
  const added = await lab.exec('client', 'crm -H n1 cluster add n3');
  expect(added.err).not.toContain('ERROR');
  // The program is still there.
  expect(added.err).not.toContain('program installed');
  await eventually(
    'n3 is back',
    () => lab.ok('client', 'crm -H n3 status'),
    (text) => /Online: \[ n1 n2 n3 \]/.test(text),
  );
});
