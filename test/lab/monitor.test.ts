/** crm_mon from a client over SSH: live on agents, through the loss of the node that it is connected to. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { configureCluster, eventually, Lab } from './lab.js';

const nodes = ['n1', 'n2', 'n3'].map((name, index) => ({ name, address: `10.77.0.${index + 1}` }));
const lab = new Lab('monitor');

beforeAll(async () => {
  await lab.up(...nodes.map(({ name }) => name));
  await configureCluster(lab, nodes, '  token: 1000\n');
  for (const { name } of nodes) {
    await lab.ok(name, 'QUORATE_METRICS=9664 setsid quorated >>/var/log/quorated.log 2>&1 </dev/null &');
  }
  await eventually(
    'all are members',
    async () => (await lab.exec('client', 'crm -H n1 status')).out,
    (text) => /Online: \[ n1 n2 n3 \]/.test(text),
  );
  await lab.ok('client', 'crm -F -H n1 configure property stonith-enabled=false');
  await lab.ok('client', 'crm -w -H n1 configure primitive d Dummy op monitor interval=5s');
});
afterAll(() => lab.down());

test('the full screen follows the cluster past the loss of its node', async () => {
  const screen = lab.terminal('client', 'crm_mon -H n1');
  try {
    await screen.shows(/live n1/);
    await screen.shows(/quorum 3\/3 votes/);
    // Load and latency of each node.
    await screen.shows(/n2 +online.* \d+\.\d +1 +[\d.]+ms/);
    await screen.shows(/d .*Dummy.*Started|d +.*n[123]/);
    await lab.ok('client', 'crm -H n2 configure primitive e Dummy');
    await screen.shows(/● e /);

    await lab.lab('crash', 'n1');
    await screen.shows(/live n[23]/, 30_000);
    await screen.shows(/n1 +.*(?:OFFLINE|UNCLEAN)/i, 30_000);
    await lab.ok('client', 'crm -H n2 configure primitive f Dummy');
    await screen.shows(/● f /);
  } finally {
    screen.type('q');
    expect(await screen.exited).toBe(0);
  }
});

test('each agent serves metrics, to its own host only', async () => {
  const page = await lab.ok('n2', 'curl -s http://127.0.0.1:9664/metrics');
  expect(page).toMatch(/^ha_cluster_corosync_quorate 1$/m);
  expect(page).toMatch(/^ha_cluster_pacemaker_nodes\{node="n2",type="member",status="online"\} 1$/m);
  expect(page).toMatch(/^quorate_link_latency_seconds\{node="n3",link="0"\} 0\.\d+$/m);
  expect((await lab.exec('client', 'curl -s -m 2 http://10.77.0.2:9664/metrics')).code).not.toBe(0);
});

test('in the background it writes a file again whenever something changes', async () => {
  await lab.ok(
    'client',
    'crm_mon -H n1 -H n2 --daemonize --pid-file=/tmp/mon.pid --output-as=html --output-to=/tmp/status.html',
  );
  await eventually(
    'the page is there',
    async () => (await lab.exec('client', 'cat /tmp/status.html')).out,
    (text) => text.includes('<title>Cluster Status</title>') && text.includes('n3'),
  );
  await lab.ok('client', 'crm -H n2 configure primitive g Dummy');
  await eventually(
    'the page shows the new resource',
    async () => (await lab.exec('client', 'cat /tmp/status.html')).out,
    (text) => /\bg\t\(ocf:heartbeat:Dummy\)/.test(text),
  );
  await lab.ok('client', 'kill $(cat /tmp/mon.pid)');
});
