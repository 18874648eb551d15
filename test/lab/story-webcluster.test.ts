/**
 * Apache and a virtual address, configured with `pcs`, watched from a third host: docs/stories/webcluster.md as it is
 * typed. The cluster and its address are on the second network (eth1); n3 is the client and sees by ARP who answers.
 *
 * Then `ip link set eth1 down` on the owner, four times: with the link check, with an arbiter, with fencing, and with
 * all of them switched off.
 */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { eventually, Lab } from './lab.js';
import { Page } from './page.js';

const lab = new Lab('webcluster');
const story = new Page(lab, 'webcluster');
const VIP = '10.78.0.50';
const PAGE = `http://${VIP}/`;
const address = { n1: '10.78.0.1', n2: '10.78.0.2' } as Record<string, string>;
/** A limit for a machine that does a lot besides; what it took is printed. */
const BUDGET_MS = 60_000;

const pcs = (words: string, host = 'n1') => lab.ok(host, `pcs ${words} 2>&1`, { timeoutMs: 60_000 });
const status = (host = 'n1') => lab.exec(host, 'pcs status 2>&1').then(({ out }) => out);
const page = async () => (await lab.exec('n3', `curl -s -m 0.5 ${PAGE}`)).out.trim();
const cardOf = async (host: string) =>
  /link\/ether (\S+)/.exec(await lab.ok(host, 'ip -o link show eth1'))?.[1];

/** Which node the client's ARP table has for the address. */
async function ownerByArp(): Promise<string | undefined> {
  await page();
  const seen = /lladdr (\S+)/.exec(await lab.ok('n3', `ip neigh show ${VIP} dev eth1`))?.[1];
  for (const node of ['n1', 'n2']) if ((await cardOf(node)) === seen) return node;
  return undefined;
}

const servedBy = (node: string, withinMs = BUDGET_MS) =>
  eventually(`the client gets ${node}`, page, (text) => text === node, withinMs);
const other = (node: string) => (node === 'n1' ? 'n2' : 'n1');
/** Whether a host holds the address and runs the web server. */
const serves = async (host: string) =>
  (await lab.exec(host, `ip -o addr show eth1 | grep -q ' ${VIP}/' && pgrep -x apache2 >/dev/null`)).code ===
  0;

async function bothOnline(): Promise<void> {
  for (const node of ['n1', 'n2']) {
    await eventually(
      `both are online for ${node}`,
      () => status(node),
      (text) => text.includes('Online: [ n1 n2 ]'),
    );
  }
  await lab.ok('n1', 'crm_resource --wait');
}

/** Takes the owner's link and waits for the page from the other node; says how long it took. */
async function unplugOwner(how: string): Promise<string> {
  const owner = await page();
  expect(['n1', 'n2']).toContain(owner);
  const fromMs = Date.now();
  await lab.ok(owner, 'ip link set eth1 down');
  await servedBy(other(owner));
  console.log(`${how}: ${owner} loses eth1, ${other(owner)} serves after ${Date.now() - fromMs} ms`);
  expect(await ownerByArp()).toBe(other(owner));
  return owner;
}

/** Plugs it in again: one owner, and the configuration that was there before. */
async function heal(owner: string, before: string): Promise<void> {
  await lab.ok(owner, 'ip link set eth1 up');
  await bothOnline();
  const now = await eventually('the page is there', page, (text) => ['n1', 'n2'].includes(text));
  expect(await ownerByArp()).toBe(now);
  expect(await serves(other(now))).toBe(false);
  expect(await pcs('resource config', 'n2')).toBe(before);
}

async function startApacheOn(node: string): Promise<void> {
  await lab.ok(
    node,
    `mkdir -p /srv/www /var/log/apache2 /run/apache2 /run/lock && echo ${node} >/srv/www/index.html`,
  );
}

beforeAll(async () => {
  await lab.up('n1', 'n2', 'n3');
  for (const node of ['n1', 'n2']) {
    await startApacheOn(node);
    await lab.write(
      node,
      '/etc/apache2/sites-enabled/000-default.conf',
      'ServerName web\nDocumentRoot /srv/www\n<Directory /srv/www>\nRequire all granted\n</Directory>\n',
    );
    await lab.ok(node, 'cd /etc/apache2/mods-enabled && ln -sf ../mods-available/status.* .');
  }
});
afterAll(() => lab.down());
beforeEach(({ onTestFailed }) => {
  onTestFailed(() => lab.explain(['n1', 'n2'], 'pcs status --full'));
});

test('pcs cluster auth, setup, start --all', async () => {
  expect(await pcs('cluster auth n1 n2')).toBe('n1: Authorized\nn2: Authorized\n');
  expect(await pcs(`host auth n1 addr=${address.n1} n2 addr=${address.n2}`)).toMatch(/n1: Authorized/);
  const made = await pcs('cluster setup --name webcluster n1 n2');
  expect(made).toMatch(/^No addresses specified for host 'n1', using '10\.78\.0\.1'$/m);
  expect(made).toMatch(/^n2: successful distribution of the file 'corosync\.conf'$/m);
  expect(made).toMatch(/Cluster has been successfully set up\.\n$/);
  expect((await pcs('cluster start --all --wait=60')).split('\n').sort()).toEqual(
    expect.arrayContaining(['n1: Cluster started', 'n1: Starting Cluster...', 'n2: Starting Cluster...']),
  );
  // The lab's hosts have no systemd: on others this says "n1: Cluster Enabled".
  expect((await lab.exec('n1', 'pcs cluster enable --all')).err).toMatch(/n1: .*there is no systemd/);
  await bothOnline();
  const shown = await pcs('status nodes');
  expect(shown).toMatch(/Pacemaker Nodes:\n Online: n1 n2\n/);
  expect(await pcs('status')).toMatch(
    /Cluster name: webcluster\n\nWARNINGS:\nNo stonith devices and stonith-enabled is not false/,
  );
  expect(await pcs('cluster config')).toMatch(/Link 0 address: 10\.78\.0\.2\n {4}nodeid: 2/);
});

test('the 0.11 form of setup says the same, and leaves a cluster alone that is there', async () => {
  const again = await lab.exec('n1', 'pcs cluster setup webcluster n1 n2');
  expect(again.code).toBe(1);
  expect(again.err).toMatch(/n1: The host seems to be in a cluster already/);
  await lab.ok('n1', `pcs cluster setup webcluster n1 n2 --no-cluster-uuid --corosync_conf=/root/new.conf`);
  expect(await lab.ok('n1', 'cat /root/new.conf')).toBe(await pcs('cluster corosync n2'));
});

test('properties, Cluster_VIP, WebServer and their colocation: the address answers', async () => {
  await pcs('property set stonith-enabled=false');
  await pcs('property set no-quorum-policy=ignore');
  await pcs(
    `resource create Cluster_VIP ocf:heartbeat:IPaddr2 nic=eth1 ip=${VIP} cidr_netmask=24 op monitor interval=20s`,
  );
  await pcs(
    'resource create WebServer ocf:heartbeat:apache configfile=/etc/apache2/apache2.conf statusurl="http://127.0.0.1/server-status" op monitor interval=20s',
  );
  await pcs('constraint colocation add WebServer Cluster_VIP INFINITY');
  await pcs('constraint order Cluster_VIP then WebServer');
  await pcs('resource defaults update resource-stickiness=100');
  await lab.ok('n1', 'crm_resource --wait');
  const owner = await eventually('the page is there', page, (text) => ['n1', 'n2'].includes(text));
  expect(await pcs('status')).toMatch(
    new RegExp(
      `Cluster_VIP\\s+\\(ocf:heartbeat:IPaddr2\\):\\s+Started ${owner}\\n.*WebServer\\s+\\(ocf:heartbeat:apache\\):\\s+Started ${owner}`,
    ),
  );
  expect(await ownerByArp()).toBe(owner);
  expect(await pcs('constraint')).toMatch(/WebServer with Cluster_VIP \(score:INFINITY\)/);
  expect(await pcs('resource config Cluster_VIP')).toMatch(
    /^Resource: Cluster_VIP \(class=ocf provider=heartbeat type=IPaddr2\)\n/,
  );
  const { primitives } = JSON.parse(await pcs('resource config Cluster_VIP --output-format=json'));
  expect(primitives).toMatchObject([{ id: 'Cluster_VIP', agent_name: { type: 'IPaddr2' } }]);
  expect(await pcs('resource config WebServer --output-format=cmd')).toMatch(
    /^pcs resource create --no-default-ops --force -- WebServer ocf:heartbeat:apache \\\n {2}configfile=\/etc\/apache2\/apache2\.conf/,
  );
});

test('httpd stopped behind the cluster’s back comes back', async () => {
  await pcs('resource update WebServer op monitor interval=2s timeout=10s');
  await lab.ok('n1', 'crm_resource --wait');
  const owner = await page();
  const fromMs = Date.now();
  await lab.ok(owner, 'kill $(cat /run/apache2/apache2.pid)');
  await eventually('the page is gone', page, (text) => text === '');
  await servedBy(owner);
  console.log(`httpd stopped: it serves again after ${Date.now() - fromMs} ms`);
  const shown = await eventually(
    'it is told',
    () => pcs('status'),
    (text) => /Failed Resource Actions/.test(text),
  );
  expect(shown).toMatch(/WebServer .*monitor.* on n\d .*not running/);
  expect(await pcs('resource failcount show WebServer')).toMatch(
    /Failcounts for resource 'WebServer'\n {2}n\d: 1/,
  );
  await pcs('resource cleanup WebServer');
  expect(await pcs('resource failcount show WebServer')).toBe("No failcounts for resource 'WebServer'\n");
});

test('a start that times out shows as a failed action with its reason; cleanup recovers', async () => {
  // The status page is asked of a program that takes the question and never answers.
  for (const node of ['n1', 'n2']) lab.start(node, 'node -e "require(\'net\').createServer().listen(81)"');
  await pcs('resource update WebServer op start timeout=3s');
  await pcs('resource update WebServer statusurl=http://127.0.0.1:81/server-status');
  const shown = await eventually(
    'the start has failed',
    () => status(),
    (text) => (text.match(/WebServer .*start.* on n\d/g) ?? []).length === 2,
  );
  expect(shown).toMatch(/WebServer .*start.* on n1 .*Timed Out/i);
  expect(shown).toMatch(/Resource agent did not complete within 3s|exit-?reason|timed out after/i);
  await pcs('resource update WebServer statusurl=http://127.0.0.1/server-status op start timeout=40s');
  await pcs('resource cleanup');
  await eventually('the page is there', page, (text) => ['n1', 'n2'].includes(text));
  await lab.ok('n1', 'crm_resource --wait');
  expect(await status()).not.toMatch(/Failed Resource Actions/);
});

test('link down, with the link check: the owner sees it itself and stops serving', async () => {
  const before = await pcs('resource config');
  const owner = await unplugOwner('link check');
  await eventually(
    'the isolated owner has stopped',
    () => serves(owner),
    (active) => !active,
  );
  expect(await status(owner)).toMatch(/WITHOUT quorum/);
  await heal(owner, before);
});

test('link down, with an arbiter: the owner has no quorum and stops serving', async () => {
  await pcs('property set no-quorum-policy=stop');
  await pcs('quorum device add model net host=10.78.0.3 algorithm=ffsplit');
  await lab.ok('n3', 'mkdir -p /etc/corosync');
  await lab.ok('n1', 'scp -q /etc/corosync/corosync.conf /etc/corosync/authkey n3:/etc/corosync/');
  lab.start('n3', 'quorated --arbiter');
  await eventually(
    'it votes',
    () => pcs('quorum status'),
    (text) => /Total votes: {6}3/.test(text),
  );
  expect(await pcs('quorum config')).toMatch(/Model: net\n {4}algorithm: ffsplit\n {4}host: 10\.78\.0\.3/);
  const before = await pcs('resource config');
  const owner = await unplugOwner('arbiter');
  await eventually(
    'the isolated owner has stopped',
    () => serves(owner),
    (active) => !active,
  );
  expect(await status(owner)).toMatch(/WITHOUT quorum/);
  await heal(owner, before);
  await pcs('quorum device remove');
  await eventually(
    'two votes',
    () => pcs('quorum status'),
    (text) => /Total votes: {6}2/.test(text),
  );
});

/** n3 switches the power: `fence_switch` on the nodes asks it, and this test is the switch. */
const FENCE_SWITCH = `#!/bin/sh
while IFS='=' read -r key value; do case $key in action) action=$value ;; port|nodename) node=$value ;; esac; done
ask() { ssh -o ConnectTimeout=5 10.77.0.3 "$@"; }
case $action in
  metadata) cat <<'XML'
<?xml version="1.0"?><resource-agent name="fence_switch" shortdesc="Power switch at n3"><longdesc>Power switch</longdesc>
<parameters><parameter name="port"><content type="string"/><shortdesc>Node</shortdesc></parameter>
<parameter name="action"><content type="string" default="reboot"/><shortdesc>Action</shortdesc></parameter></parameters>
<actions><action name="on"/><action name="off"/><action name="reboot"/><action name="status"/><action name="monitor"/><action name="metadata"/></actions></resource-agent>
XML
    ;;
  off|reboot) ask "echo $node >>/srv/power; until grep -qx $node /srv/dark; do sleep 0.1; done" ;;
  on) ;;
  *) ask true ;;
esac
`;

async function installFencing(node: string): Promise<void> {
  await lab.write(node, '/root/sbin/fence_switch', FENCE_SWITCH, '755');
  await lab.ok(node, 'mount -t overlay lab -o lowerdir=/root/sbin:/usr/sbin /usr/sbin');
}

test('link down, with fencing: the owner is switched off before the other serves', async () => {
  for (const node of ['n1', 'n2']) await installFencing(node);
  await lab.ok('n3', ': >/srv/power; : >/srv/dark');
  const power = lab.start('n3', 'tail -n 0 -F /srv/power');
  let switchedOff = '';
  power.stdout!.on('data', (data: Buffer) => {
    const node = data.toString().trim().split('\n').at(-1)!;
    switchedOff = node;
    void lab.lab('crash', node).then(() => lab.ok('n3', `echo ${node} >>/srv/dark`));
  });
  await pcs('stonith create power fence_switch pcmk_host_list="n1 n2" op monitor interval=60s');
  await pcs('property set stonith-enabled=true no-quorum-policy=ignore');
  await lab.ok('n1', 'crm_resource --wait');
  expect(await pcs('stonith status')).toMatch(/power\s+\(stonith:fence_switch\):\s+Started n\d/);
  // Both see the other go, and both reach the switch; the one without a link does not use it.
  const owner = await page();
  const before = await pcs('resource config', other(owner));
  await unplugOwner('fencing');
  expect(switchedOff).toBe(owner);
  const survivor = other(owner);
  expect(await lab.ok(survivor, 'pcs stonith history show 2>&1')).toMatch(
    new RegExp(`reboot of ${owner} .*successful`),
  );
  await lab.lab('boot', owner);
  await startApacheOn(owner);
  await installFencing(owner);
  await pcs(`cluster start ${owner}`, survivor);
  await bothOnline();
  expect(await pcs('resource config', owner)).toBe(before);
  await pcs('stonith delete power');
  await pcs('property set stonith-enabled=false');
});

test('everything switched off: the owner goes on believing, as crm_verify had warned', async () => {
  for (const node of ['n1', 'n2']) {
    await lab.ok(
      node,
      "sed -i 's/^quorum {/quorum {\\n    yield_when_isolated: no/' /etc/corosync/corosync.conf",
    );
  }
  await pcs('cluster reload corosync');
  const warned = (await lab.exec('n1', 'crm_verify -L --advice')).out;
  expect(warned).toMatch(/Two nodes without fencing that ignore quorum: .*each takes the other for dead/);
  expect((await lab.exec('n1', 'pcs cluster verify --full')).err).toMatch(/not fencing unseen nodes/);
  const before = await pcs('resource config');
  const owner = await unplugOwner('nothing');
  expect(await serves(owner)).toBe(true);
  expect(await serves(other(owner))).toBe(true);
  await heal(owner, before);
});

test('the page says what was typed and seen here', () => story.expectAllDone());
