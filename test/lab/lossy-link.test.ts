/**
 * The nodes' only link is full and loses packets, for QUORATE_LOSSY_SECONDS (default 60): nobody is taken for dead. Heartbeats wait
 * behind what fills the link, and share its losses: 1 % out of and 1 % into each host, and what the full queues drop.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { configureCluster, eventually, Lab, startAgent } from './lab.js';

const SECONDS = Number(process.env.QUORATE_LOSSY_SECONDS ?? '60');
/** Of the switch's side of each card: what comes to a host through it. */
const NARROW = 'root tbf rate 5mbit burst 16kb latency 100ms'.split(' ');
const BULK_PORT = 9000;
const nodes = ['n1', 'n2', 'n3'];
const lab = new Lab('lossy-link');

const viewOf = (node: string) => lab.ok(node, 'corosync-cmapctl -qg runtime.view');

/** Every node sends to the next as fast as the link takes it. */
async function fillLinks(): Promise<void> {
  for (const [index, node] of nodes.entries()) {
    await lab.onSwitch('tc', 'qdisc', 'add', 'dev', `h${index + 1}.0`, ...NARROW);
    lab.start(node, `exec node -e "require('net').createServer(s => s.resume()).listen(${BULK_PORT})"`);
  }
  for (const [index, node] of nodes.entries()) {
    const next = `/dev/tcp/10.77.0.${((index + 1) % nodes.length) + 1}/${BULK_PORT}`;
    await eventually(
      'the next one listens',
      () => lab.exec(node, `: <${next}`),
      ({ code }) => code === 0,
    );
    lab.start(node, `exec cat </dev/zero >${next}`);
    await lab.lab('loss', node, '1');
  }
}

/** The numbers of a node's links, without `stats.knet.`. */
async function numbersOf(node: string): Promise<Map<string, number>> {
  const text = await lab.ok(node, 'corosync-cmapctl -m stats stats.knet');
  return new Map(
    [...text.matchAll(/^stats\.knet\.(\S+) \S+ = (\d+)$/gm)].map(([, key, n]) => [key!, Number(n)]),
  );
}

/** How often a silence was noticed: 40 % of the token without a heartbeat, in either direction. */
async function silences(node: string): Promise<number> {
  const log = await lab.ok(node, 'cat /var/log/quorate/events.ndjson');
  return log.split('\n').filter((line) => line.includes('"kind":"suspected"')).length;
}

beforeAll(async () => {
  await lab.up(...nodes);
  const members = nodes.map((name, index) => ({ name, address: `10.77.0.${index + 1}` }));
  await configureCluster(lab, members, '  token: 1000\n  token_coefficient: 0\n');
  for (const node of nodes) await startAgent(lab, node);
  await eventually(
    'all three are members',
    () => lab.exec('n1', 'corosync-cmapctl -qg runtime.view'),
    ({ out }) => out.includes('(1 2 3)'),
  );
});
afterAll(() => lab.down());

test(`no view changes in ${SECONDS} s`, { timeout: (SECONDS + 120) * 1000 }, async () => {
  await fillLinks();
  const view = await viewOf('n1');
  const before = await Promise.all(nodes.map(numbersOf));
  await new Promise((resolve) => setTimeout(resolve, SECONDS * 1000));
  const after = await Promise.all(nodes.map(numbersOf));
  const all = { sent: 0, lost: 0, mostMs: 0 };
  for (const [from, node] of nodes.entries()) {
    console.log(`${node} has noticed a silence ${await silences(node)} times`);
    for (const [to, peer] of nodes.entries()) {
      if (to === from) continue;
      const since = (at: number, key: string) => (after[at]!.get(key) ?? 0) - (before[at]!.get(key) ?? 0);
      const link = `node${to + 1}.link0`;
      const sent = since(from, `${link}.tx_ping_packets`);
      const lost = sent - since(to, `node${from + 1}.link0.rx_ping_packets`);
      const [usuallyMs, mostMs] = ['ave', 'max'].map(
        (name) => (after[from]!.get(`${link}.latency_${name}`) ?? 0) / 1000,
      ) as [number, number];
      console.log(
        `${node} to ${peer}: ${sent} heartbeats, ${((lost / sent) * 100).toFixed(1)} % lost; there and back in ${usuallyMs.toFixed(0)} ms, at most ${mostMs.toFixed(0)}`,
      );
      all.sent += sent;
      all.lost += lost;
      all.mostMs = Math.max(all.mostMs, mostMs);
    }
    expect(await viewOf(node)).toBe(view);
  }
  // The fault was there.
  expect(all.lost / all.sent).toBeGreaterThan(0.005);
  expect(all.mostMs).toBeGreaterThan(100);
});
