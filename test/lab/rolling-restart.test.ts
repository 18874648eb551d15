/** Agents that are restarted, or that die, under services which are not to notice it. A client asks all the time. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { parseXml } from '../../src/cib/xml.js';
import { ClientLoop } from './client-loop.js';
import { eventually, Lab, startAgent } from './lab.js';

const lab = new Lab('rolling');
const nodes = ['n1', 'n2', 'n3'];
const ADDRESS = '10.77.0.50';

beforeAll(async () => {
  await lab.up(...nodes);
  await lab.ok('client', 'crm cluster init -n shop n1 n2 n3');
  for (const node of nodes) {
    await lab.write(node, '/srv/web/index.html', `${node}\n`);
    await lab.write(
      node,
      '/srv/web/nginx.conf',
      'worker_processes 1;\npid /run/nginx.pid;\nerror_log /srv/web/error.log;\nevents {}\nhttp {\n  access_log off;\n  server { listen 80; root /srv/web; }\n}\n',
    );
  }
  await lab.ok(
    'client',
    `crm -w -H n1 configure load update - <<'END'
property stonith-enabled=false
primitive vip IPaddr2 params ip=${ADDRESS} cidr_netmask=24 nic=eth0 op monitor interval=2s
primitive server ocf:heartbeat:nginx params configfile=/srv/web/nginx.conf op monitor interval=2s timeout=30s
group web vip server
primitive state ocf:pacemaker:Stateful op monitor role=Promoted interval=3s op monitor role=Unpromoted interval=4s
clone states state meta promotable=true
primitive counted ocf:pacemaker:Dummy meta migration-threshold=5
END`,
  );
});
afterAll(() => lab.down());
beforeEach(({ onTestFailed }) => {
  onTestFailed(() => lab.explain(nodes));
});

const agentOf = (node: string) => lab.ok(node, 'cat /run/quorate/quorated.pid');
const placement = async () =>
  (await lab.ok('n1', 'crm_mon -1r --include=none,resources'))
    .split('\n')
    .filter((line) => /^\s+\* /.test(line));
const started = (node: string) => lab.ok(node, 'ps -o lstart= -p $(pgrep -o -x nginx) || true');

/** What a node's history says of what runs there: operation → its call and result. */
async function results(node: string): Promise<Record<string, string>> {
  const cib = parseXml(await lab.ok('n1', 'cibadmin -Q'));
  const state = cib
    .first('status')
    ?.elements('node_state')
    .find((each) => each.get('uname') === node);
  const operations = [...(state?.descendants() ?? [])].filter(({ name }) => name === 'lrm_rsc_op');
  return Object.fromEntries(
    operations.map((each) => [`${each.id}`, `${each.get('rc-code')} at ${each.get('last-rc-change')}`]),
  );
}

test('crm cluster restart --rolling: all agents are new, and every request was answered', async () => {
  const client = new ClientLoop(lab, `curl -s -m 1 http://${ADDRESS}/`);
  await eventually(
    'the service answers',
    async () => client.samples.at(-1)?.host ?? '',
    (host) => nodes.includes(host),
  );
  const host = client.samples.at(-1)!.host!;
  const agents = await Promise.all(nodes.map(agentOf));
  const before = await placement();
  const nginx = await started(host);
  const from = client.samples.length;
  const ran = await lab.exec('client', 'crm -H n1 cluster restart --rolling');
  expect(ran.err + ran.out).toMatch(/restarted on n[123], its resources running on meanwhile/);
  expect(ran.code).toBe(0);
  const answers = client.samples.slice(from);
  client.stop();
  console.log(`rolling restart: ${answers.length} requests`);
  expect(answers.filter((sample) => sample.host !== host)).toEqual([]);
  expect(answers.length).toBeGreaterThan(20);
  const renewed = await Promise.all(nodes.map(agentOf));
  for (const [index, pid] of renewed.entries()) expect(pid).not.toBe(agents[index]);
  expect(await placement()).toEqual(before);
  expect(await started(host)).toBe(nginx);
  expect(await lab.ok('n1', 'crm_attribute -G -n maintenance-mode -q -d unset')).toBe('unset\n');
}, 180_000);

test('it ends at a node that does not come back as it was, and says how things stand', async () => {
  const where = /server\s.*Started (n\d)/.exec((await placement()).join('\n'))![1]!;
  // The service goes while its agent is away: what the new one finds is not what was there.
  const other = nodes.find((node) => node !== where)!;
  await lab.ok(
    where,
    `(pid=$(cat /run/quorate/quorated.pid); while [ -e /proc/$pid ]; do sleep 0.02; done; pkill -x nginx) >/dev/null 2>&1 </dev/null &`,
  );
  const ran = await lab.exec('client', `crm -H ${other} cluster restart --rolling ${where} ${other}`, {
    timeoutMs: 170_000,
  });
  expect(ran.code).toBe(1);
  expect(ran.err).toMatch(new RegExp(`not found as it was: server: ${where} → stopped`));
  expect(ran.err).toMatch(/stays in maintenance mode[\s\S]*crm maintenance off/);
  await lab.ok('client', `crm -w -H ${other} maintenance off`);
  await eventually(
    'the service runs again',
    async () => (await placement()).join('\n'),
    (text) => /server\s.*Started n\d/.test(text),
  );
}, 180_000);

test('an agent that dies and comes back within the token finds its results, and its services run on', async () => {
  // The executor keeps what was done; the agent is away for as long as its init system takes to start it again.
  const node = /counted\s.*Started (n\d)/.exec((await placement()).join('\n'))![1]!;
  await lab.ok('n1', 'crm_resource --wait -T 60');
  const before = await results(node);
  const executor = await lab.ok(node, 'cat $(find /run/quorate -name executor.pid)');
  await lab.ok(node, 'kill -9 $(cat /run/quorate/quorated.pid)');
  await startAgent(lab, node);
  await eventually(
    'all are online',
    () => lab.ok(nodes.find((each) => each !== node)!, 'crm_mon -1'),
    (text) => /Online: \[ n1 n2 n3 \]/.test(text),
  );
  await lab.ok('n1', 'crm_resource --wait -T 60');
  expect(await lab.ok(node, 'cat $(find /run/quorate -name executor.pid)')).toBe(executor);
  const after = await results(node);
  expect(before.counted_last_0).toMatch(/^0 at \d+$/);
  expect(after.counted_last_0).toBe(before.counted_last_0);
});
