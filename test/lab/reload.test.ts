/** corosync.conf and the cluster key change while the cluster runs: no agent is restarted and no service is touched. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { corosyncConf, eventually, Lab, startAgent } from './lab.js';
import { activeTimes, installService, serviceTrace } from './service.js';

const lab = new Lab('reload');
const three = ['n1', 'n2', 'n3'];
const four = [...three, 'n4'];

const conf = (names: readonly string[], token = 1000): string =>
  corosyncConf(
    names.map((name, index) => ({ name, address: `10.77.0.${index + 1}` })),
    `  token: ${token}\n  token_coefficient: 0\n`,
  );

async function writeConf(hosts: readonly string[], text: string): Promise<void> {
  for (const host of hosts) await lab.write(host, '/etc/corosync/corosync.conf', text);
}

const online = (names: readonly string[]) =>
  eventually(
    `${names.join(' ')} are online`,
    async () => (await lab.exec('n1', 'crm_mon -1')).out,
    (text) => text.includes(`Online: [ ${names.join(' ')} ]`),
  );
const agents = async () => {
  const pids = await Promise.all(three.map((node) => lab.ok(node, 'cat /run/quorate/quorated.pid')));
  return pids.join('');
};
const viewOf = (node: string) => lab.ok(node, 'corosync-cmapctl -qg runtime.view');

let pids: string;
beforeAll(async () => {
  await lab.up(...four);
  const key = randomBytes(128).toString('base64');
  await writeConf(three, conf(three));
  for (const node of four) {
    await lab.ok(node, 'base64 -d >/etc/corosync/authkey && chmod 400 /etc/corosync/authkey', { stdin: key });
    await installService(lab, node);
  }
  for (const node of three) await startAgent(lab, node);
  await online(three);
  await lab.ok(
    'n1',
    `crm configure load update - <<'CRM'
property stonith-enabled=false
primitive web ocf:lab:service op monitor interval=1s timeout=5s
CRM`,
  );
  await lab.ok('n1', 'crm_resource --wait');
  pids = await agents();
});
afterAll(() => lab.down());

/** What must hold after everything that is done here. */
async function undisturbed(): Promise<void> {
  expect(await agents()).toBe(pids);
  expect(activeTimes(await serviceTrace(lab, four))).toHaveLength(1);
}

test('a key is changed in three steps, and the view stays what it was', async () => {
  const view = await viewOf('n1');
  await lab.ok('n1', 'corosync-keygen -k /etc/corosync/authkey.new');
  await lab.ok('n1', 'for node in n2 n3; do scp -qp /etc/corosync/authkey.new $node:/etc/corosync/; done');
  expect(await lab.ok('n1', 'corosync-cfgtool -R')).toBe('Reloading corosync.conf...\nDone\n');
  const swap = "'cd /etc/corosync && cp -p authkey authkey.old && mv authkey.new authkey'";
  await lab.ok('n1', `for node in n1 n2 n3; do ssh $node ${swap}; done`);
  await lab.ok('n1', 'corosync-cfgtool -R');
  await lab.ok('n1', "for node in n1 n2 n3; do ssh $node 'rm /etc/corosync/authkey.old'; done");
  await lab.ok('n1', 'corosync-cfgtool -R');
  // Longer than a token: whoever sealed with another key would be lost by now.
  await new Promise((resolve) => setTimeout(resolve, 1500));
  expect(await viewOf('n1')).toBe(view);
  await lab.ok('n2', 'crm configure property a=1');
  await undisturbed();
});

test('a node that still has the old key alone is not heard', async () => {
  await writeConf(four, conf(four));
  await lab.ok('n1', 'corosync-cfgtool -R');
  await startAgent(lab, 'n4');
  await new Promise((resolve) => setTimeout(resolve, 2000));
  expect(await lab.ok('n1', 'corosync-quorumtool -s')).toMatch(
    /Expected votes: {3}4[\s\S]*Total votes: {6}3/,
  );
  await lab.ok('n4', 'kill -9 $(cat /run/quorate/quorated.pid)');
});

test('a node is added: the others read the new list, and it joins without a restart', async () => {
  await lab.ok('n1', 'scp -qp /etc/corosync/authkey n4:/etc/corosync/authkey');
  await startAgent(lab, 'n4');
  await online(four);
  expect(await lab.ok('n3', 'corosync-quorumtool -s')).toMatch(
    /Expected votes: {3}4\n.*\nTotal votes: {6}4\nQuorum: {11}3/,
  );
  await lab.ok('n1', 'crm_resource --wait');
  await undisturbed();
});

test('and removed again, after it was stopped', async () => {
  await lab.ok('n4', 'corosync-cfgtool -H');
  await online(three);
  await writeConf(three, conf(three));
  await lab.ok('n2', 'corosync-cfgtool -R');
  await eventually(
    'three votes are expected',
    () => lab.ok('n3', 'corosync-quorumtool -s'),
    (text) => /Expected votes: {3}3\n.*\nTotal votes: {6}3\nQuorum: {11}2/.test(text),
  );
  await undisturbed();
});

test('another token is in force at once', async () => {
  await writeConf(three, conf(three, 600));
  await lab.ok('n1', 'corosync-cfgtool -R');
  expect(await lab.ok('n2', 'corosync-cmapctl -qg runtime.config.totem.token')).toBe('600\n');
  await undisturbed();
});

test('a file with a mistake is refused by the node that has it, which goes on with what it had', async () => {
  await lab.write('n2', '/etc/corosync/corosync.conf', conf(three).replace('version: 2', 'version: 3'));
  const ran = await lab.exec('n1', 'corosync-cfgtool -R');
  expect(ran.code).toBe(1);
  expect(ran.err).toMatch(/^n2: \/etc\/corosync\/corosync\.conf:2:12: error: version: '3' is not 2/);
  expect(await lab.ok('n2', 'corosync-cmapctl -qg runtime.config.totem.token')).toBe('600\n');
  await online(three);
  await undisturbed();
});
