/** Two links at once: what one of them loses, the other carries, and nobody is left out or taken in for it. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, Lab, startAgent } from './lab.js';

const lab = new Lab('links');
const nodes = ['n1', 'n2', 'n3'];

const conf = `totem {
  version: 2
  cluster_name: two-links
  transport: knet
  crypto_cipher: aes256
  crypto_hash: sha256
  token: 1000
  token_coefficient: 0
}
quorum {
  provider: corosync_votequorum
}
nodelist {
${[1, 2, 3]
  .map(
    (id) =>
      `  node {\n    name: n${id}\n    nodeid: ${id}\n    ring0_addr: 10.77.0.${id}\n    ring1_addr: 10.78.0.${id}\n  }\n`,
  )
  .join('')}}
`;

const viewOf = (node: string) => lab.ok(node, 'corosync-cmapctl -qg runtime.view');
const links = (node: string) => lab.ok(node, 'corosync-cfgtool -s');
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

beforeAll(async () => {
  await lab.up(...nodes);
  const key = randomBytes(128).toString('base64');
  for (const node of nodes) {
    await lab.write(node, '/etc/corosync/corosync.conf', conf);
    await lab.ok(node, 'base64 -d >/etc/corosync/authkey && chmod 400 /etc/corosync/authkey', { stdin: key });
    await startAgent(lab, node);
  }
  await eventually(
    'three nodes and both links',
    async () => (await lab.exec('n1', 'corosync-cfgtool -s')).out,
    (text) => text.match(/\tconnected/g)?.length === 4,
  );
});
afterAll(() => lab.down());

test('both are shown as Corosync shows them', async () => {
  expect(await links('n1')).toBe(
    [
      'Local node ID 1, transport knet',
      ...[77, 78].flatMap((net, link) => [
        `LINK ID ${link} udp`,
        `\taddr\t= 10.${net}.0.1`,
        '\tstatus:',
        '\t\tnodeid:          1:\tlocalhost',
        '\t\tnodeid:          2:\tconnected',
        '\t\tnodeid:          3:\tconnected',
      ]),
      '',
    ].join('\n'),
  );
  expect(await lab.ok('n1', 'corosync-cfgtool -n')).toMatch(
    /^nodeid: 2 reachable\n {3}LINK: 0 udp \(10\.77\.0\.1->10\.77\.0\.2\) enabled connected mtu: \d+\n {3}LINK: 1 udp \(10\.78\.0\.1->10\.78\.0\.2\) enabled connected mtu: \d+$/m,
  );
  const shown = await lab.ok('n1', 'corosync-cmapctl -m stats stats.knet.node2.link1');
  for (const key of ['connected (u8)', 'enabled (u8)', 'up_count (u32)'])
    expect(shown).toContain(`stats.knet.node2.link1.${key} = 1\n`);
  for (const name of ['latency_ave', 'rx_ping_packets', 'tx_total_bytes'])
    expect(shown).toMatch(
      new RegExp(`^stats\\.knet\\.node2\\.link1\\.${name} \\(u\\d+\\) = [1-9]\\d*$`, 'm'),
    );
});

test.each<[string, () => Promise<unknown>, RegExp]>([
  [
    'the first cable of a node is pulled',
    () => lab.lab('cut', 'n2', 'eth0'),
    /LINK ID 0[\s\S]*2:\tdisconnected\n.*3:\tconnected\nLINK ID 1[\s\S]*2:\tconnected/,
  ],
  [
    'one direction of the second link fails',
    () => lab.lab('oneway', 'n1', 'n2', 'eth1'),
    /LINK ID 1[\s\S]*2:\tdisconnected/,
  ],
])('%s: the view stays, and the link is shown', async (_, fault, shown) => {
  const view = await viewOf('n1');
  await fault();
  await eventually(
    'it is shown',
    () => links('n1'),
    (text) => shown.test(text),
  );
  await lab.ok('n2', 'crm_attribute -n touched -v $RANDOM');
  expect(await viewOf('n1')).toBe(view);
  await lab.lab('heal-all');
  await eventually(
    'all connected again',
    () => links('n1'),
    (text) => !text.includes('disconnected'),
  );
  expect(await viewOf('n3')).toBe(view);
});

test('a link that flaps moves nothing', async () => {
  const view = await viewOf('n1');
  for (let flap = 0; flap < 4; flap++) {
    await lab.lab('cut', 'n3', 'eth0');
    await pause(700);
    await lab.lab('heal', 'n3', 'eth0');
    await pause(400);
  }
  expect(await viewOf('n1')).toBe(view);
  expect(await viewOf('n3')).toBe(view);
});

test('a node whose only common link with another is one-way is left out once, and does not flap', async () => {
  await lab.lab('cut', 'n3', 'eth1');
  await lab.lab('oneway', 'n1', 'n3', 'eth0');
  const [a] = await Promise.all(
    ['n1', 'n2'].map((node) =>
      eventually(
        `${node} goes on without n3`,
        () => viewOf(node),
        (text) => /\(1 2\)/.test(text),
      ),
    ),
  );
  await pause(3000);
  expect(await viewOf('n1')).toBe(a);
  expect(await viewOf('n2')).toBe(a);
  expect((await lab.exec('n3', 'corosync-quorumtool -s')).code).toBe(2);
});
