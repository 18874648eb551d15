/** Two nodes and `quorated --arbiter` on a third machine: whatever is cut, exactly one side goes on. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, Lab, startAgent } from './lab.js';
import { activeTimes, installService, longestOverlapMs, serviceTrace } from './service.js';

const TOKEN_MS = 1000;
const nodes = ['n1', 'n2'];
const lab = new Lab('arbiter');

const conf = `totem {
  version: 2
  cluster_name: pair
  token: ${TOKEN_MS}
}
quorum {
  provider: corosync_votequorum
  device {
    model: net
    votes: 1
    net {
      host: 10.77.0.3
      algorithm: ffsplit
      tie_breaker: lowest
    }
  }
}
nodelist {
  node {
    name: n1
    nodeid: 1
    ring0_addr: 10.77.0.1
  }
  node {
    name: n2
    nodeid: 2
    ring0_addr: 10.77.0.2
  }
}
`;

const onlineAs = (node: string) =>
  lab.exec(node, 'corosync-quorumtool -s').then(({ out }) => out.replace(/^Date: .*\n/m, ''));
const activeOn = async () =>
  activeTimes(await serviceTrace(lab, nodes))
    .filter((time) => time.untilMs === Number.POSITIVE_INFINITY)
    .map((time) => time.node);

beforeAll(async () => {
  await lab.up('n1', 'n2', 'arb');
  const key = randomBytes(128).toString('base64');
  for (const host of [...nodes, 'arb']) {
    await lab.write(host, '/etc/corosync/corosync.conf', conf);
    await lab.ok(host, 'base64 -d >/etc/corosync/authkey && chmod 400 /etc/corosync/authkey', { stdin: key });
  }
  for (const node of nodes) await installService(lab, node);
});
afterAll(() => lab.down());

test('without --arbiter the third host is told that it is none of the nodes', async () => {
  const ran = await lab.exec('arb', 'quorated -f');
  expect(ran.code).toBe(78);
  expect(ran.err).toMatch(
    /this host is the cluster's quorum device \(10\.77\.0\.3\): start it with 'quorated --arbiter'/,
  );
});

test('two nodes and the arbiter have three votes, and corosync-quorumtool shows it as Corosync does', async () => {
  for (const node of nodes) await startAgent(lab, node);
  await lab.ok('arb', 'setsid quorated --arbiter >>/var/log/quorated.log 2>&1 </dev/null &');
  const text = await eventually(
    'all three are in one view',
    () => onlineAs('n1'),
    (shown) => /Total votes: {6}3/.test(shown),
  );
  expect(text.replace(/Ring ID: .*/, 'Ring ID:')).toBe(
    [
      'Quorum information',
      '------------------',
      'Quorum provider:  corosync_votequorum',
      'Nodes:            2',
      'Node ID:          1',
      'Ring ID:',
      'Quorate:          Yes',
      '',
      'Votequorum information',
      '----------------------',
      'Expected votes:   3',
      'Highest expected: 3',
      'Total votes:      3',
      'Quorum:           2  ',
      'Flags:            Quorate Qdevice ',
      '',
      'Membership information',
      '----------------------',
      '    Nodeid      Votes    Qdevice Name',
      '         1          1    A,V,NMW n1 (local)',
      '         2          1    A,V,NMW n2',
      '         0          1            Qdevice',
      '',
    ].join('\n'),
  );
  expect(await lab.ok('n1', 'corosync-cmapctl runtime.votequorum.qdevice')).toBe(
    'runtime.votequorum.qdevice_can_operate (u8) = 1\nruntime.votequorum.qdevice_master_wins (u8) = 0\n',
  );
  const status = await lab.ok('n1', 'crm status');
  expect(status).toMatch(/\* 2 nodes configured/);
  expect(status).toMatch(/Online: \[ n1 n2 \]/);
  // The arbiter may have been the coordinator, and so have made the first change, before a node was.
  expect(status.replace(/Last change:.*/, '')).not.toMatch(/10\.77\.0\.3|arb/);
});

test('the arbiter holds no resources: a clone runs on the two nodes alone', async () => {
  await lab.ok(
    'n1',
    `crm configure load update - <<'CRM'
property stonith-enabled=false
primitive web ocf:lab:service op monitor interval=1s timeout=5s
primitive d ocf:pacemaker:Dummy
clone every d
location here web 100: n2
CRM`,
  );
  await lab.ok('n1', 'crm_resource --wait');
  const status = await lab.ok('arb', 'crm_mon -1');
  expect(status).toMatch(/web\s+\(ocf:lab:service\):\s+Started n2/);
  expect(status).toMatch(/Started: \[ n1 n2 \]/);
});

test('the nodes hear each other no more, but both hear the arbiter: one goes on, the other stops first', async () => {
  await lab.lab('partition', 'n1', 'n2');
  await eventually('the service is on n1', activeOn, (active) => active.join() === 'n1');
  expect(await onlineAs('n1')).toMatch(/Quorate: {10}Yes[\s\S]*Total votes: {6}2/);
  expect((await lab.exec('n2', 'corosync-quorumtool -s')).code).toBe(2);
  expect(await onlineAs('n2')).toMatch(
    /Quorum: {11}2 Activity blocked\nFlags: {12}Qdevice[\s\S]*A,NV,NMW n2 \(local\)\n {9}0 {10}0 {12}Qdevice \(votes 1\)\n/,
  );
  await lab.lab('heal-all');
  await eventually(
    'together again',
    () => onlineAs('n2'),
    (shown) => /Total votes: {6}3/.test(shown),
  );
  await lab.ok('n1', 'crm_resource --wait');
  expect(longestOverlapMs(activeTimes(await serviceTrace(lab, nodes)))).toBe(0);
});

test('the node that is cut off from both others stops before its service starts elsewhere', async () => {
  const [holder] = await activeOn();
  await lab.lab('cut', holder!);
  const other = nodes.find((node) => node !== holder)!;
  await eventually('the service is on the other node', activeOn, (active) => active.join() === other);
  await lab.lab('heal', holder!);
  await eventually(
    'together again',
    () => onlineAs(holder!),
    (shown) => /Total votes: {6}3/.test(shown),
  );
  const times = activeTimes(await serviceTrace(lab, nodes));
  expect(longestOverlapMs(times)).toBe(0);
});

test('without the arbiter the two nodes go on; it comes back without a stir', async () => {
  const before = (await serviceTrace(lab, nodes)).length;
  await lab.lab('crash', 'arb');
  await eventually(
    'the arbiter votes no more',
    () => onlineAs('n1'),
    (shown) => /Total votes: {6}2[\s\S]*Quorum: {11}2 {2}\nFlags: {12}Quorate Qdevice/.test(shown),
  );
  await lab.lab('boot', 'arb');
  await lab.ok('arb', 'setsid quorated --arbiter >>/var/log/quorated.log 2>&1 </dev/null &');
  await eventually(
    'it votes again',
    () => onlineAs('n1'),
    (shown) => /Total votes: {6}3/.test(shown),
  );
  await lab.ok('n1', 'crm_resource --wait');
  expect(await serviceTrace(lab, nodes)).toHaveLength(before);
});
