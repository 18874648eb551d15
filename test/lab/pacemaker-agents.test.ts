/**
 * Pacemaker's own resource agents, unmodified, on a cluster of three nodes: what they are told, the tools that they call,
 * and where they are put. Needs Debian's package pacemaker-resource-agents.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { ProcessCluster, until } from './process-cluster.js';

const cluster = new ProcessCluster('pacemaker-agents', '127.0.79');
const { directory } = cluster;
const envFile = join(directory, 'environment');

beforeAll(async () => {
  await cluster.up();
  expect(cluster.configure('property stonith-enabled=false')).toBe('');
  settle();
}, 90_000);
afterAll(() => cluster.down());
beforeEach(({ onTestFailed }) => {
  onTestFailed(() => console.log(cluster.run('crm_mon', ['-1', '-r', '-f', '-A'])));
  rmSync(envFile, { force: true });
});

function settle(): void {
  expect(cluster.run('crm_resource', ['--wait', '-T', '60'])).toBe('');
}

/** Calls that an agent has written down: its action and its environment, in their order. */
function calls(): { readonly action: string; readonly env: Record<string, string> }[] {
  if (!existsSync(envFile)) return [];
  return readFileSync(envFile, 'utf8')
    .split(/^### (?=\S+ @)/m)
    .slice(1)
    .map((text) => {
      const [first = '', ...lines] = text.split('\n');
      const pairs = lines.filter((line) => line.includes('=')).map((line) => line.split(/=(.*)/s));
      return {
        action: first.split(' ')[0]!,
        env: Object.fromEntries(pairs.map(([name, value]) => [name, value])),
      };
    })
    .filter(({ action }) => action !== 'monitor' && action !== 'meta-data');
}

const where = (resource: string) =>
  /is running on: (\S+)/.exec(cluster.run('crm_resource', ['-W', '-r', resource]))?.[1] ?? null;

/** What the real `crm_simulate` would do with the cluster as it is. */
function leftToDo(): string[] {
  const file = join(directory, 'now.xml');
  writeFileSync(file, cluster.run('cibadmin', ['-Q']));
  const { stdout } = spawnSync('/usr/sbin/crm_simulate', ['-x', file, '-S'], { encoding: 'utf8' });
  expect(stdout).toContain('Executing Cluster Transition');
  return stdout.split('\n').filter((line) => /Resource action/.test(line));
}

test('Dummy: utilization decides where there is room', () => {
  const statements = [
    'property placement-strategy=utilization',
    ...[1, 4, 2].map((cpu, index) => `node ${index + 1}: n${index + 1} utilization cpu=${cpu}`),
    'primitive big ocf:pacemaker:Dummy utilization cpu=3',
    'primitive middle ocf:pacemaker:Dummy utilization cpu=2',
    'primitive small ocf:pacemaker:Dummy utilization cpu=1',
    'primitive toomuch ocf:pacemaker:Dummy utilization cpu=2',
  ];
  cluster.configure(...statements);
  settle();
  expect([where('big'), where('middle'), where('toomuch')]).toEqual(['n2', 'n3', null]);
  expect(leftToDo()).toEqual([]);
  // Room is made.
  cluster.run('crm_resource', ['-r', 'middle', '--meta', '-p', 'target-role', '-v', 'Stopped']);
  settle();
  expect([where('big'), where('middle'), where('toomuch')]).toEqual(['n2', null, 'n3']);
  expect(leftToDo()).toEqual([]);
  cluster.configure('property placement-strategy=default');
  settle();
});

test('Dummy: a reloadable parameter reloads the agent, another one restarts', async () => {
  cluster.configure(`primitive soft ocf:pacemaker:Dummy params fake=a envfile="${envFile}"`);
  settle();
  expect(calls().map(({ action }) => action)).toEqual(['start']);
  cluster.run('crm_resource', ['-r', 'soft', '-p', 'fake', '-v', 'b']);
  settle();
  expect(calls().map(({ action, env }) => [action, env.OCF_RESKEY_fake])).toEqual([
    ['start', 'a'],
    ['reload-agent', 'b'],
  ]);
  cluster.run('crm_resource', ['-r', 'soft', '-p', 'state', '-v', join(directory, 'other-state')]);
  settle();
  expect(calls().map(({ action }) => action)).toEqual(['start', 'reload-agent', 'stop', 'start']);
  expect(leftToDo()).toEqual([]);
});

test('Dummy: moved live, with the nodes it goes from and to', () => {
  cluster.configure(
    `primitive guest ocf:pacemaker:Dummy params envfile="${envFile}" meta allow-migrate=true`,
    'location guest-here guest 50: n1',
  );
  settle();
  expect(where('guest')).toBe('n1');
  rmSync(envFile);
  cluster.run('crm_resource', ['--move', '-r', 'guest', '-N', 'n3']);
  settle();
  expect(where('guest')).toBe('n3');
  expect(
    calls().map(({ action, env }) => [
      action,
      env.OCF_RESKEY_CRM_meta_on_node,
      env.OCF_RESKEY_CRM_meta_migrate_source,
      env.OCF_RESKEY_CRM_meta_migrate_target,
    ]),
  ).toEqual([
    ['migrate_to', 'n1', 'n1', 'n3'],
    ['migrate_from', 'n3', 'n1', 'n3'],
    ['stop', 'n1', undefined, undefined],
  ]);
  expect(leftToDo()).toEqual([]);
});

test('Stateful: promoted by its own scores, and notified before and after', () => {
  cluster.configure(
    `primitive state ocf:pacemaker:Stateful params envfile="${envFile}" op monitor interval=5s role=Promoted op monitor interval=6s role=Unpromoted`,
    'clone states state meta promotable=true notify=true clone-max=2',
    'location states-here states rule $role=Promoted 100: #uname eq n2',
    'location states-not states -inf: n3',
  );
  settle();
  expect(cluster.status()).toMatch(/Promoted: \[ n2 \]\s+\* Unpromoted: \[ n1 \]/);
  rmSync(envFile);
  // The other one is to be promoted.
  cluster.run('crm', ['configure', 'delete', 'states-here']);
  cluster.configure('location states-there states rule $role=Promoted 100: #uname eq n1');
  settle();
  expect(cluster.status()).toMatch(/Promoted: \[ n1 \]\s+\* Unpromoted: \[ n2 \]/);
  const told = calls().map(({ action, env }) => {
    const meta = (name: string) => env[`OCF_RESKEY_CRM_meta_${name}`];
    const what = action === 'notify' ? `${meta('notify_type')} ${meta('notify_operation')}` : action;
    return {
      call: `${meta('on_node')} ${what}`,
      promote: meta('notify_promote_uname')?.trim(),
      demote: meta('notify_demote_uname')?.trim(),
      promoted: meta('notify_master_uname')?.trim(),
    };
  });
  const of = (call: string) => told.filter((each) => each.call === call);
  for (const node of ['n1', 'n2']) {
    expect(of(`${node} pre demote`)).toMatchObject([{ demote: 'n2', promote: 'n1', promoted: 'n2' }]);
    expect(of(`${node} post demote`)).toMatchObject([{ demote: 'n2', promote: 'n1' }]);
    expect(of(`${node} pre promote`)).toMatchObject([{ promote: 'n1' }]);
    expect(of(`${node} post promote`)).toMatchObject([{ promote: 'n1' }]);
  }
  const order = told.map(({ call }) => call).filter((call) => /^n1 .*(demote|promote)|^n2 demote/.test(call));
  expect(order).toEqual([
    'n1 pre demote',
    'n2 demote',
    'n1 post demote',
    'n1 pre promote',
    'n1 promote',
    'n1 post promote',
  ]);
  expect(leftToDo()).toEqual([]);
});

test('ping: what it reaches becomes an attribute of each node', async () => {
  cluster.configure(
    'primitive reach ocf:pacemaker:ping params host_list="127.0.79.1 127.0.79.2" multiplier=100 dampen=1s attempts=1 timeout=2 op monitor interval=2s timeout=20s',
    'clone reaches reach',
  );
  settle();
  const values = () =>
    ['n1', 'n2', 'n3'].map((node) => cluster.run('attrd_updater', ['-n', 'pingd', '-Q', '-N', node]).trim());
  await until(
    () => values().every((value) => value.endsWith('value="200"')),
    () => values().join('\n'),
  );
});

test('ClusterMon: our crm_mon runs on under it and writes its page', async () => {
  const page = join(directory, 'page.html');
  cluster.configure(
    `primitive mon ocf:pacemaker:ClusterMon params htmlfile="${page}" pidfile="${join(directory, 'mon.pid')}" update=1 op monitor interval=2s timeout=20s`,
  );
  settle();
  expect(where('mon')).not.toBeNull();
  await until(() => existsSync(page) && readFileSync(page, 'utf8').includes('n1'), 'the page is written');
  cluster.run('crm_resource', ['-r', 'mon', '--meta', '-p', 'target-role', '-v', 'Stopped']);
  settle();
  expect(where('mon')).toBeNull();
  expect(cluster.status()).not.toContain('Failed Resource Actions');
});
