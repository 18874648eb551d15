/** A real Corosync + Pacemaker from Debian, driven from the client with nothing of ours on its nodes. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { configureCluster, eventually, Lab } from './lab.js';

const nodes = [
  { name: 'primary', address: '10.77.0.1' },
  { name: 'secondary', address: '10.77.0.2' },
];
const lab = new Lab('pacemaker');

beforeAll(async () => {
  await lab.up('primary', 'secondary');
  await configureCluster(lab, nodes);
  for (const { name } of nodes) {
    await lab.ok(
      name,
      `[ -x /usr/sbin/corosync ] && [ -x /usr/sbin/pacemakerd ] || { echo 'these tests need corosync and pacemaker' >&2; exit 1; }
       find /var/lib/pacemaker /var/lib/corosync -type f -delete
       mkdir -p /var/log/corosync && install -d -o hacluster -g haclient -m 770 /run/crm
       /usr/sbin/corosync >/dev/null 2>&1 </dev/null
       setsid /usr/sbin/pacemakerd -f >/dev/null 2>&1 </dev/null &`,
    );
  }
  await eventually(
    'Pacemaker is up',
    async () => (await lab.exec('primary', '/usr/sbin/crm_mon -1 2>&1')).out,
    (text) => /Online: \[ primary secondary \]/.test(text),
    120_000,
  );
});
afterAll(() => lab.down());

const afar = (command: string) => lab.ok('client', command.replace(/^crm /, 'crm -H primary '));

test('it is found by itself, and shown as its own crm_mon shows it', async () => {
  const ours = await afar('crm status');
  expect(ours).toMatch(/Current DC: (primary|secondary) \(version 2\.\d.*\) - partition with quorum/);
  expect(ours).toMatch(/Online: \[ primary secondary \]/);
  expect(await lab.ok('secondary', 'crm status')).toMatch(/Online: \[ primary secondary \]/);
});

test('a configuration is written, and read back by the real tools', async () => {
  await afar('crm configure property stonith-enabled=false no-quorum-policy=ignore');
  await afar('crm configure primitive d ocf:heartbeat:Dummy op monitor interval=10s timeout=20s');
  await eventually(
    'it runs',
    () => lab.ok('primary', '/usr/sbin/crm_mon -1'),
    (text) => /d\s+\(ocf:heartbeat:Dummy\):\s+ Started/.test(text),
    60_000,
  );
  const value = await lab.ok('primary', '/usr/sbin/crm_attribute -G -n no-quorum-policy -q');
  expect(value).toBe('ignore\n');
  expect(await afar('crm configure show d')).toMatch(
    /^primitive d Dummy \\\n\top monitor interval=10s timeout=20s$/m,
  );
});

test('standby and online', async () => {
  await afar('crm node standby secondary');
  await eventually(
    'the node is in standby',
    () => lab.ok('secondary', '/usr/sbin/crm_mon -1'),
    (text) => /Node secondary: standby/.test(text),
  );
  await afar('crm node online secondary');
  await eventually(
    'it is back',
    () => lab.ok('secondary', '/usr/sbin/crm_mon -1'),
    (text) => /Online: \[ primary secondary \]/.test(text),
  );
});

test('stop and delete', async () => {
  await afar('crm resource stop d');
  await eventually(
    'it has stopped',
    () => lab.ok('primary', '/usr/sbin/crm_mon -1'),
    (text) => !/Started/.test(text),
  );
  await afar('crm configure delete d');
  expect((await lab.exec('primary', '/usr/sbin/cibadmin -Q --xpath "//primitive[@id=\'d\']"')).code).not.toBe(
    0,
  );
});
