/** The life of a cluster from a client that is no node of it: made, stopped, started, and what speaks against it. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, Lab } from './lab.js';

const lab = new Lab('cluster');
const hosts = ['n1', 'n2', 'n3'];

beforeAll(() => lab.up(...hosts));
afterAll(() => lab.down());

test('three fresh hosts become a cluster by one command', async () => {
  const startedAt = Date.now();
  const ran = await lab.exec('client', 'crm cluster init -n web n1 n2 n3');
  expect(ran.out + ran.err).toMatch(/\[n3\]: cluster service started/);
  expect(ran.code).toBe(0);
  console.log(`cluster init of three hosts: ${Date.now() - startedAt} ms`);
  const text = await lab.ok('client', 'crm -H n2 status');
  expect(text).toMatch(/Online: \[ n1 n2 n3 \]/);
  expect(text).toMatch(/partition with quorum/);
  for (const host of hosts) {
    expect(await lab.ok(host, 'stat -c "%a %U" /etc/corosync/authkey /etc/corosync/corosync.conf')).toBe(
      '400 root\n644 root\n',
    );
  }
  expect(await lab.ok('n1', 'sha256sum </etc/corosync/authkey')).toBe(
    await lab.ok('n3', 'sha256sum </etc/corosync/authkey'),
  );
  expect(await lab.ok('n1', 'corosync-quorumtool -s')).toMatch(/Expected votes: {3}3[\s\S]*Quorum: {11}2/);
});

test('what is in a cluster already is not made part of another', async () => {
  const ran = await lab.exec('client', 'crm cluster init -n other n1 n2');
  expect(ran.code).toBe(1);
  expect(ran.err).toMatch(/n1 has a \/etc\/corosync\/corosync\.conf already/);
  expect(ran.err).toMatch(/n2 has a \/etc\/corosync\/corosync\.conf already/);
  expect(await lab.ok('client', 'crm -H n1 status')).toMatch(/Online: \[ n1 n2 n3 \]/);
});

test('one host that cannot be reached: nothing is written anywhere', async () => {
  await lab.lab('up', 'n4');
  const ran = await lab.exec('client', 'crm cluster init -n other n4 10.77.0.99');
  expect(ran.code).toBe(1);
  expect(ran.err).toMatch(/cannot reach 10\.77\.0\.99/);
  expect((await lab.exec('n4', 'ls /etc/corosync/corosync.conf')).code).not.toBe(0);
});

test('a node is stopped and started from afar', async () => {
  expect((await lab.exec('client', 'crm -H n1 cluster stop n3')).code).toBe(0);
  await eventually(
    'n3 has left',
    () => lab.ok('client', 'crm -H n1 status'),
    (text) => /OFFLINE: \[ n3 \]/.test(text),
  );
  expect((await lab.exec('client', 'crm -H n1 cluster start n3')).code).toBe(0);
  await eventually(
    'n3 is back',
    () => lab.ok('client', 'crm -H n1 status'),
    (text) => /Online: \[ n1 n2 n3 \]/.test(text),
  );
});

test('a fourth host joins', async () => {
  const ran = await lab.exec('client', 'crm -H n1 cluster add n4');
  expect(ran.err + ran.out).toMatch(/\[n4\]: cluster service started/);
  expect(ran.err + ran.out).toMatch(/all members know n4 now/);
  expect(ran.err + ran.out).not.toMatch(/restarted/);
  expect(ran.code).toBe(0);
  await eventually(
    'n4 is a member',
    () => lab.ok('client', 'crm -H n4 status'),
    (text) => /Online: \[ n1 n2 n3 n4 \]/.test(text),
  );
  expect(await lab.ok('n2', 'corosync-quorumtool -s || true')).toMatch(/Expected votes: {3}4/);
});

test('a host asks to join by itself', async () => {
  await lab.lab('up', 'n5');
  const ran = await lab.exec('n5', 'crm cluster join -c n1 -y');
  expect(ran.err).toMatch(/\[n5\]: cluster service started/);
  expect(ran.code).toBe(0);
  await eventually(
    'n5 is a member',
    () => lab.ok('client', 'crm -H n1 status'),
    (text) => /Online: \[ n1 n2 n3 n4 n5 \]/.test(text),
  );
});

test('commands and files on all nodes, from a client', async () => {
  const ran = await lab.exec('client', "crm -H n1 cluster run 'hostname; exit 0'");
  for (const host of ['n1', 'n2', 'n3', 'n4', 'n5']) expect(ran.out).toContain(`${host}\n`);
  const failed = await lab.exec('client', "crm -H n1 cluster run 'exit 3' n2");
  expect(failed.err).toContain('[n2]: Exited with error code 3');
  expect(failed.code).toBe(1);
  await lab.write('client', '/etc/motd', 'hello\n');
  await lab.ok('client', 'crm -H n1 cluster copy /etc/motd n2 n3');
  expect(await lab.ok('n3', 'cat /etc/motd')).toBe('hello\n');
  await lab.ok('n3', 'echo other >/etc/motd');
  expect(await lab.ok('client', 'crm -H n1 cluster diff /etc/motd n2 n3')).toMatch(/-hello\n\+other/);
});

test('agents are run by hand on the nodes, not on the client', async () => {
  await lab.ok(
    'client',
    `crm -H n1 configure load update - <<'END'
property stonith-enabled=false
primitive t ocf:pacemaker:Dummy meta target-role=Stopped
END`,
  );
  const tested = await lab.exec('client', 'crm -H n1 configure rsctest t n2 n3');
  for (const node of ['n2', 'n3'])
    expect(tested.err).toMatch(
      new RegExp(`t start on ${node}: ok[\\s\\S]*t monitor on ${node}: ok[\\s\\S]*t stop on ${node}: ok`),
    );
  expect(tested.code).toBe(0);
  await lab.ok('client', 'crm -F -H n1 maintenance action t start');
  expect(await lab.ok('n1', 'ls /run')).toContain('Dummy-t.state');
  expect((await lab.exec('client', 'ls /run')).out).not.toContain('Dummy-t.state');
  await lab.ok('client', 'crm -F -H n1 maintenance action t stop');
});

test('corosync.conf of the nodes is read, changed, compared and spread from a client', async () => {
  expect(await lab.ok('client', 'crm -H n1 corosync get totem.cluster_name')).toBe('web\n');
  await lab.ok('client', 'crm -H n1 corosync set totem.token 1500');
  expect(await lab.ok('n1', 'cat /etc/corosync/corosync.conf')).toContain('token: 1500');
  expect(await lab.ok('client', 'crm -H n1 corosync diff n1 n2')).toContain('token: 1500');
  await lab.ok('client', 'crm -H n1 corosync push n2 n3 n4');
  expect(await lab.ok('n4', 'cat /etc/corosync/corosync.conf')).toContain('token: 1500');
  await lab.ok('client', 'crm -H n5 corosync pull n1');
  expect(await lab.ok('n5', 'cat /etc/corosync/corosync.conf')).toContain('token: 1500');
  const renamed = await lab.exec('client', 'crm -H n1 cluster rename shop');
  expect(renamed.err).toContain('restart the cluster service at convenient time');
  expect(await lab.ok('n3', 'cat /etc/corosync/corosync.conf')).toContain('cluster_name: shop');
  expect(await lab.ok('client', 'crm -H n2 configure get_property cluster-name')).toBe('shop\n');
});

test('a secret is set on one node and kept on all; a node that has missed it gets it later', async () => {
  const secrets = '/var/lib/pacemaker/lrm/secrets/t';
  const kept = (host: string) => lab.exec(host, `cat ${secrets}/passwd; stat -c %a ${secrets}/passwd`);
  await lab.ok('n1', 'cibsecret set t passwd s3cr3t');
  expect(await lab.ok('n2', 'cibadmin -Q --xpath "//nvpair[@name=\'passwd\']"')).toContain('value="lrm://"');
  for (const host of ['n1', 'n2', 'n5']) expect(await kept(host)).toMatchObject({ out: 's3cr3t\n600\n' });
  await lab.ok('n3', `rm -r ${secrets}`);
  await lab.ok('n1', 'cibsecret sync');
  expect(await kept('n3')).toMatchObject({ code: 0, out: 's3cr3t\n600\n' });
  // What the agent is given is the secret, on whichever node.
  await lab.ok('n1', 'crm_resource -r t -p envfile -v /run/t.environment');
  await lab.ok('n1', 'crm_resource -r t --meta -p target-role -v Started && crm_resource --wait -T 60');
  const [node] = /n\d$/.exec((await lab.ok('n1', 'crm_resource -W -r t')).trim())!;
  expect(await lab.ok(node, 'grep OCF_RESKEY_passwd /run/t.environment | sort -u')).toBe(
    'OCF_RESKEY_passwd=s3cr3t\n',
  );
  await lab.ok('n1', 'cibsecret unstash t passwd');
  expect(await lab.ok('n2', 'crm_resource -r t -g passwd')).toBe('s3cr3t\n');
  expect((await kept('n3')).code).not.toBe(0);
});

test('a drill kills the service of a node, and tells how the others dealt with it', async () => {
  const refused = await lab.exec('client', 'crm -F -H n1 cluster crash_test --kill n1');
  expect(refused.err).toContain('do this from another node');
  const text = await lab.ok('client', 'crm -F -H n1 cluster crash_test --kill n5');
  expect(text).toMatch(/^n5 was lost at [\s\S]*until it was noticed/);
});

test('the next host is asked when one is down', async () => {
  await lab.lab('crash', 'n1');
  const text = await lab.ok('client', 'crm -H n1,n2 status');
  expect(text).toMatch(/Online: \[ (n1 )?n2 n3 n4 (n5 )?\]/);
});
