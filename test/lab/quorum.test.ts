/** votequorum's options and the arbiter's two ways of judging, on real nodes: who goes on when nodes are cut off or die. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AT_NORMAL_PRIORITY, eventually, Lab, startAgent } from './lab.js';

const TOKEN_MS = 1000;
const WINDOW_MS = 1500;
const nodes = ['n1', 'n2', 'n3', 'n4'];
const lab = new Lab('quorum');

const conf = (quorum: string, among: readonly string[] = nodes) => `totem {
  version: 2
  cluster_name: four
  token: ${TOKEN_MS}
  token_coefficient: 0
}
quorum {
  provider: corosync_votequorum
${quorum}
}
nodelist {
${among.map((name, i) => `  node {\n    name: ${name}\n    nodeid: ${i + 1}\n    ring0_addr: 10.77.0.${i + 1}\n  }`).join('\n')}
}
`;

const shown = async (node: string) => (await lab.exec(node, 'corosync-quorumtool -s')).out;

/** Waits until a node shows this many votes and whether that is enough. */
async function sees(node: string, votes: number, quorate: boolean): Promise<string> {
  return eventually(
    `${node} has ${votes} votes and is ${quorate ? '' : 'not '}quorate`,
    () => shown(node),
    (text) =>
      new RegExp(`^Total votes: {6}${votes}$`, 'm').test(text) &&
      text.includes(`Quorate:          ${quorate ? 'Yes' : 'No'}`),
    40_000,
  );
}

async function configure(text: string, hosts: readonly string[]): Promise<void> {
  for (const host of hosts) await lab.write(host, '/etc/corosync/corosync.conf', text);
}

const key = randomBytes(128).toString('base64');

beforeAll(async () => {
  await lab.up(...nodes, 'arb');
  for (const host of [...nodes, 'arb']) {
    await lab.ok(
      host,
      'mkdir -p /etc/corosync && base64 -d >/etc/corosync/authkey && chmod 400 /etc/corosync/authkey',
      { stdin: key },
    );
  }
  await configure(conf('  auto_tie_breaker: 1\n  auto_tie_breaker_node: highest'), nodes);
  for (const node of nodes) await startAgent(lab, node);
  for (const node of nodes) await sees(node, 4, true);
});
afterAll(() => lab.down());

test('auto_tie_breaker: of two halves the one with the chosen node goes on', async () => {
  await lab.lab('partition', 'n1,n2', 'n3,n4');
  for (const node of ['n3', 'n4']) expect(await sees(node, 2, true)).toMatch(/^Flags: .*AutoTieBreaker/m);
  for (const node of ['n1', 'n2']) await sees(node, 2, false);
  await lab.lab('heal-all');
  for (const node of nodes) await sees(node, 4, true);
});

test('last_man_standing: nodes die one after the other, and the last two go on', async () => {
  await configure(
    conf(`  wait_for_all: 1\n  last_man_standing: 1\n  last_man_standing_window: ${WINDOW_MS}`),
    nodes,
  );
  await lab.ok('n1', 'corosync-cfgtool -R');
  expect(await sees('n1', 4, true)).toMatch(/^Flags: .*LastManStanding/m);
  await lab.lab('crash', 'n4');
  await sees('n1', 3, true);
  // Once the window is over fewer votes are expected, and the next may die.
  await eventually(
    'three votes are expected',
    () => shown('n1'),
    (text) => /^Expected votes: {3}3$/m.test(text),
  );
  await lab.lab('crash', 'n3');
  for (const node of ['n1', 'n2']) await sees(node, 2, true);
});

test('without it two of four have no quorum', async () => {
  await configure(conf('  expected_votes: 4'), ['n1', 'n2']);
  await lab.ok('n1', 'corosync-cfgtool -R');
  for (const node of ['n1', 'n2']) await sees(node, 2, false);
});

test('an arbiter that judges by lms lets the last node go on', async () => {
  const three = ['n1', 'n2', 'n3'];
  const text = conf(
    '  device {\n    model: net\n    votes: 2\n    net {\n      host: 10.77.0.5\n      algorithm: lms\n    }\n  }',
    three,
  );
  await configure(text, [...three.slice(0, 2), 'arb']);
  await lab.lab('boot', 'n3');
  await configure(text, ['n3']);
  await startAgent(lab, 'n3');
  await lab.ok(
    'arb',
    `${AT_NORMAL_PRIORITY} setsid quorated --arbiter >>/var/log/quorated.log 2>&1 </dev/null &`,
  );
  await lab.ok('n1', 'corosync-cfgtool -R');
  for (const node of three) await sees(node, 5, true);
  await lab.lab('crash', 'n1');
  await sees('n3', 4, true);
  await lab.lab('crash', 'n2');
  await sees('n3', 3, true);
});

test('wait_for_all: after all were off, two of three wait until the third was there', async () => {
  const three = ['n1', 'n2', 'n3'];
  await lab.lab('crash', 'n3');
  await Promise.all(three.map((node) => lab.lab('boot', node)));
  await configure(conf('  wait_for_all: 1', three), three);
  for (const node of ['n1', 'n2']) await startAgent(lab, node);
  for (const node of ['n1', 'n2']) expect(await sees(node, 2, false)).toMatch(/^Flags: .*WaitForAll/m);
  await startAgent(lab, 'n3');
  for (const node of three) await sees(node, 3, true);
  await lab.lab('crash', 'n3');
  for (const node of ['n1', 'n2']) await sees(node, 2, true);
});
