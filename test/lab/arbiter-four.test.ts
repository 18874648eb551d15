/** Four nodes and `quorated --arbiter`: one of two equal halves goes on (ffsplit), and the last node that is left (lms). */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, Lab, startAgent } from './lab.js';
import { activeTimes, installService, longestOverlapMs, serviceTrace } from './service.js';

const nodes = ['n1', 'n2', 'n3', 'n4'];
const lab = new Lab('arbiter-four');

/** As corosync-qdevice(8) has it: with ffsplit the device has one vote, with lms one less than there are nodes. */
function conf(algorithm: 'ffsplit' | 'lms'): string {
  const entries = nodes.map(
    (name, index) =>
      `  node {\n    name: ${name}\n    nodeid: ${index + 1}\n    ring0_addr: 10.77.0.${index + 1}\n  }\n`,
  );
  return `totem {
  version: 2
  cluster_name: four
  token: 1000
  token_coefficient: 0
}
quorum {
  provider: corosync_votequorum
  device {
    model: net
    votes: ${algorithm === 'lms' ? nodes.length - 1 : 1}
    net {
      host: 10.77.0.5
      algorithm: ${algorithm}
      tie_breaker: lowest
    }
  }
}
nodelist {
${entries.join('')}}
`;
}

const quorumOf = (node: string) => lab.exec(node, 'corosync-quorumtool -s').then(({ out }) => out);
const votes = (node: string, total: number) =>
  eventually(
    `${node} sees ${total} votes`,
    () => quorumOf(node),
    (shown) => new RegExp(`Total votes: {6}${total}\n`).test(shown),
  );
const trace = async () => activeTimes(await serviceTrace(lab, nodes));
const activeOn = async () =>
  (await trace()).filter((time) => time.untilMs === Number.POSITIVE_INFINITY).map((time) => time.node);

beforeAll(async () => {
  await lab.up(...nodes, 'arb');
  const key = randomBytes(128).toString('base64');
  for (const host of [...nodes, 'arb']) {
    await lab.write(host, '/etc/corosync/corosync.conf', conf('ffsplit'));
    await lab.ok(host, 'base64 -d >/etc/corosync/authkey && chmod 400 /etc/corosync/authkey', { stdin: key });
  }
  for (const node of nodes) {
    await installService(lab, node);
    await startAgent(lab, node);
  }
  await lab.ok('arb', 'setsid quorated --arbiter >>/var/log/quorated.log 2>&1 </dev/null &');
  await votes('n1', 5);
  await lab.ok(
    'n1',
    `crm configure load update - <<'CRM'
property stonith-enabled=false
primitive web ocf:lab:service op monitor interval=1s timeout=5s
location here web 100: n4
CRM`,
  );
  await lab.ok('n1', 'crm_resource --wait');
});
afterAll(() => lab.down());

test('ffsplit: of two halves that the arbiter hears the tie breaker chooses one, and the other stops first', async () => {
  expect(await activeOn()).toEqual(['n4']);
  await lab.lab('partition', 'n1,n2', 'n3,n4');
  await eventually('the service is in the half of n1', activeOn, ([node]) => /n[12]/.test(node ?? ''));
  expect(await quorumOf('n1')).toMatch(/Quorate: {10}Yes[\s\S]*Total votes: {6}3\nQuorum: {11}3 {2}\n/);
  expect(await quorumOf('n3')).toMatch(/Quorate: {10}No[\s\S]*Quorum: {11}3 Activity blocked/);
  await lab.lab('heal-all');
  await votes('n3', 5);
  await lab.ok('n1', 'crm_resource --wait');
  expect(longestOverlapMs(await trace())).toBe(0);
});

test('lms, read anew while the cluster runs: the last node that is left goes on with the votes of the arbiter', async () => {
  for (const host of [...nodes, 'arb']) await lab.write(host, '/etc/corosync/corosync.conf', conf('lms'));
  await lab.ok('n1', 'corosync-cfgtool -R');
  await votes('n4', 7);
  await lab.ok('n1', 'crm_resource --wait');
  const atMs = Date.now();
  await Promise.all(['n1', 'n2', 'n4'].map((node) => lab.lab('crash', node)));
  await votes('n3', 4);
  expect(await quorumOf('n3')).toMatch(
    /Quorate: {10}Yes[\s\S]*Expected votes: {3}7[\s\S]*Quorum: {11}4 {2}\n/,
  );
  await eventually(
    'the service is on n3',
    async () =>
      (await serviceTrace(lab, ['n3'])).filter((event) => event.task === 'start' && event.atMs > atMs),
    (starts) => starts.length === 1,
  );
});
