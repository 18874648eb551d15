/**
 * `pcs` on clusters that run: the commands that cannot be tried on a file (`npm run compare:pcs` has those), in the forms of 0.11 and, where
 * they differ, of 0.9; what they say, and what comes of it.
 */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { eventually, Lab } from './lab.js';

const lab = new Lab('pcs');
const hosts = ['n1', 'n2', 'n3'];

beforeAll(async () => {
  await lab.up(...hosts);
  await lab.ok(
    'n1',
    'pcs host auth n1 n2 n3 && pcs cluster setup live n1 n2 && pcs cluster start --all --wait=60',
    {
      timeoutMs: 90_000,
    },
  );
  await lab.ok('n1', 'pcs property set stonith-enabled=false no-quorum-policy=ignore');
});
afterAll(() => lab.down());
beforeEach(({ onTestFailed }) => {
  onTestFailed(() => lab.explain(['n1', 'n2'], 'pcs status --full'));
});

/** Types each command on n1; it ends with 0 and says, on either stream, what is expected. */
async function typed(...commands: readonly (readonly [string, RegExp])[]): Promise<void> {
  for (const [command, says] of commands) {
    const { code, out, err } = await lab.exec('n1', `pcs ${command}`, { timeoutMs: 120_000 });
    expect(`${out}${err}`, `pcs ${command}`).toMatch(says);
    expect(code, `pcs ${command}\n${out}${err}`).toBe(0);
  }
}

/** As `typed`, for commands that are refused. */
async function refused(...commands: readonly (readonly [string, RegExp])[]): Promise<void> {
  for (const [command, says] of commands) {
    const { code, err } = await lab.exec('n1', `pcs ${command}`);
    expect(err, `pcs ${command}`).toMatch(says);
    expect(code, `pcs ${command}`).toBe(1);
  }
}

const startedOn = async (id: string) =>
  new RegExp(`\\* ${id}\\s.*Started (\\w+)`).exec(await lab.ok('n1', 'pcs resource status'))?.[1];

test('resources: created and waited for, disabled, restarted, run by hand', async () => {
  await typed(
    ['resource create a ocf:pacemaker:Dummy --wait=30', /resource 'a' is running on node 'n[12]'/],
    [
      'resource create s ocf:pacemaker:Stateful promotable --wait=30',
      /resource 's' is .*promoted on node 'n[12]'/,
    ],
    ['resource disable a --simulate', /Stop +a +\( +n[12] +\) +due to node availability/],
    ['resource disable a --wait=30', /resource 'a' is not running on any node/],
    ['resource enable a --wait=30', /resource 'a' is running on node 'n[12]'/],
    ['resource restart a', /a successfully restarted/],
    ['resource debug-monitor a', /Operation force-check for a \(ocf:pacemaker:Dummy\)/],
    ['resource cleanup a', /^/],
    ['resource refresh a', /Cleaned up a on n[12]/],
    ['resource cleanup', /Cleaned up all resources on all nodes/],
    ['resource failcount show a', /No failcounts for resource 'a'/],
    [
      'resource failcount reset a',
      /Deprecation Warning: This command has been replaced with 'pcs resource cleanup'/,
    ],
  );
  await refused(
    ['resource restart nosuch', /Error: .*Resource 'nosuch' not found/],
    ['resource move nosuch n1', /Error: bundle\/clone\/group\/resource 'nosuch' does not exist/],
  );
});

test('resources move: today, with a constraint, banned, cleared, home again', async () => {
  const from = (await startedOn('a'))!;
  const to = from === 'n1' ? 'n2' : 'n1';
  await typed(
    [
      `resource move a ${to}`,
      new RegExp(
        `Location constraint to move resource 'a' has been created\\nWaiting for the cluster to apply configuration changes\\.\\.\\.\\nLocation constraint created to move resource 'a' has been removed\\n[\\s\\S]*resource 'a' is running on node '${to}'`,
      ),
    ],
    [
      `resource move-with-constraint a ${from} --wait=30`,
      new RegExp(`resource 'a' is running on node '${from}'`),
    ],
    ['constraint location', new RegExp(`Resource: a\\n[\\s\\S]*Node: ${from} \\(score:INFINITY\\)`)],
    ['resource clear a', /Removing constraint: cli-prefer-a/],
    [`resource ban a ${from} --wait=30`, new RegExp(`resource 'a' is running on node '${to}'`)],
    ['resource clear a', new RegExp(`Removing constraint: cli-ban-a-on-${from}`)],
    [`constraint location a prefers ${from}=1`, /^/],
    ['resource relocate dry-run a', /^/],
    ['resource relocate show', /./],
  );
});

test('nodes: standby in both forms, maintenance, attributes', async () => {
  await typed(
    ['node standby n2 --wait=30', /^/],
    ['status nodes', /Pacemaker Nodes:\n Online: n1\n Standby: n2\n/],
    ['node unstandby n2 --wait=30', /^/],
    ['cluster standby n2', /Deprecation Warning: This command is deprecated and will be removed/],
    ['cluster unstandby n2', /Deprecation Warning/],
    ['node maintenance n1', /^/],
    ['status nodes', / Maintenance: n1\n/],
    ['node unmaintenance n1', /^/],
    ['node attribute n1 rack=a', /^/],
    ['property set --node n2 rack=b', /^/],
    ['node attribute', /Node Attributes:\n n1: rack=a\n n2: rack=b\n/],
    ['status nodes both', /Corosync Nodes:\n Online: n1 n2\n/],
    ['status nodes corosync', /Corosync Nodes:\n Online: n1 n2\n/],
  );
});

test('the configuration as files: cib, cib-push with its difference, checkpoints, backup', async () => {
  await typed(
    ['cluster cib /root/a.xml', /^/],
    ['cluster cib /root/b.xml', /^/],
    ['-f /root/b.xml resource create pushed ocf:pacemaker:Dummy', /^/],
    ['-f /root/b.xml resource config pushed', /Resource: pushed/],
    ['cluster cib-push /root/b.xml diff-against=/root/a.xml', /CIB updated/],
    ['resource config pushed', /Resource: pushed/],
    [
      'cluster cib-push /root/b.xml diff-against=/root/b.xml',
      /The new CIB is the same as the original CIB, nothing to push\./,
    ],
    ['cluster cib scope=constraints', /<constraints/],
    ['cluster verify', /^/],
    ['config checkpoint', /checkpoint \d+: date /],
    ['config checkpoint diff 1 live', /Differences between Checkpoint 1 \(-\) and Live \(\+\):/],
    ['config backup /root/kept', /^/],
    ['config', /Cluster Name: live[\s\S]*Resource: pushed/],
    ['resource delete pushed', /Deleting Resource - pushed/],
  );
  expect(await lab.ok('n1', 'tar tf /root/kept.tar.bz2')).toMatch(/corosync\.conf/);
});

test('status in its forms, and quorum', async () => {
  await typed(
    ['status --full', /Cluster name: live[\s\S]*Node List:[\s\S]*Node n1 \(1\): online/],
    ['status resources', /\* a\t\(ocf:pacemaker:Dummy\):\t Started/],
    ['status cluster', /Cluster Status:[\s\S]*2 nodes configured/],
    ['status corosync', /Membership information[\s\S]*n1/],
    ['status quorum', /Quorate: +Yes/],
    ['quorum status', /Total votes: +2/],
    ['status xml', /<pacemaker-result/],
    ['cluster status', /Cluster Status:/],
    ['cluster corosync', /cluster_name: live/],
    ['cluster reload corosync', /Corosync reloaded/],
    ['cluster sync', /n2: Succeeded/],
    ['pcsd status', /n1: Online/],
    ['stonith history', /^/],
    ['cluster config', /Cluster Name: live[\s\S]*Nodes:\n {2}n1:/],
  );
});

test('a node stops and starts, a third is added and removed', async () => {
  await typed(
    ['cluster stop n2', /n2: Stopping Cluster \(pacemaker\)\.\.\.\nn2: Stopping Cluster \(corosync\)\.\.\./],
    ['status nodes', / Offline: n2\n/],
    ['cluster start n2 --wait=60', /n2: Starting Cluster\.\.\.[\s\S]*n2: Cluster started/],
    [
      'cluster node add n3 addr=10.77.0.3 --start --wait=60',
      /n1: all members know n3 now\n[\s\S]*n3: Cluster started/,
    ],
  );
  await eventually(
    'three are online',
    () => lab.ok('n1', 'pcs status nodes'),
    (text) => /^ Online: n1 n2 n3$/m.test(text),
    60_000,
  );
  await typed(['cluster node remove n3', /n3: Successfully destroyed cluster/]);
  await eventually(
    'two are left',
    () => lab.ok('n1', 'pcs status nodes'),
    (text) => /^ Online: n1 n2$/m.test(text) && !text.includes('n3'),
    60_000,
  );
});

test('a lost node is confirmed by hand; the cluster is destroyed', async () => {
  await typed(['property set stonith-enabled=true', /^/]);
  await lab.lab('crash', 'n2');
  await eventually(
    'n2 is unclean',
    () => lab.ok('n1', 'pcs status'),
    (text) => /n2: UNCLEAN \(offline\)/.test(text),
    60_000,
  );
  await typed(
    ['stonith confirm n2 --force', /Node: n2 confirmed fenced/],
    ['property set stonith-enabled=false', /^/],
    ['cluster stop --force', /Stopping Cluster/],
    [
      'cluster destroy --force',
      /Shutting down pacemaker\/corosync services\.\.\.[\s\S]*Removing all cluster configuration files\.\.\./,
    ],
  );
  expect((await lab.exec('n1', 'ls /etc/corosync/corosync.conf')).code).not.toBe(0);
});
