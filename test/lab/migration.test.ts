/**
 * One cluster, both engines: made of Corosync and Pacemaker by our shell, driven, moved to the agent and back. A client
 * asks its web service all the time, and every request is to be answered.
 */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { eventually, Lab } from './lab.js';

const lab = new Lab('migration');
const nodes = ['n1', 'n2', 'n3'];
const ADDRESS = '10.77.0.50';

beforeAll(async () => {
  await lab.up(...nodes);
  for (const node of nodes) {
    await lab.write(node, '/srv/web/index.html', `${node}\n`);
    await lab.write(
      node,
      '/srv/web/nginx.conf',
      `worker_processes 1;\npid /run/nginx.pid;\nerror_log /srv/web/error.log;\nevents {}\nhttp {\n  access_log off;\n  server { listen 80; root /srv/web; }\n}\n`,
    );
  }
});
afterAll(() => lab.down());
beforeEach(({ onTestFailed }) => {
  onTestFailed(async () => {
    const said = await lab.exec(
      'n1',
      '/usr/sbin/crm_mon -1rf; crm_mon -1rf; tail -n 20 /var/log/quorate/quorated.log',
      {
        timeoutMs: 10_000,
      },
    );
    console.log(`${said.out}${said.err}`);
  });
});

const realStatus = async () => (await lab.exec('n1', '/usr/sbin/crm_mon -1r 2>&1')).out;
const web = async () => (await lab.exec('client', `curl -s -m 1 http://${ADDRESS}/`)).out.trim();

/** Requests one after the other while something happens; those without an answer are counted. */
async function failedRequests(work: () => Promise<void>): Promise<{ asked: number; failed: number }> {
  await lab.ok(
    'client',
    `rm -f /tmp/stop /tmp/answers; (while [ ! -e /tmp/stop ]; do curl -s -o /dev/null -m 2 http://${ADDRESS}/ && echo ok || echo failed; sleep 0.02; done >/tmp/answers) >/dev/null 2>&1 </dev/null &`,
  );
  await work();
  await lab.ok('client', 'touch /tmp/stop; sleep 0.3');
  const answers = (await lab.ok('client', 'cat /tmp/answers')).trim().split('\n');
  return { asked: answers.length, failed: answers.filter((line) => line !== 'ok').length };
}

test('a cluster of Corosync and Pacemaker is made by one command', async () => {
  const ran = await lab.exec('client', 'crm cluster init --engine pacemaker -n shop n1 n2 n3');
  expect(ran.err + ran.out).toMatch(/\[n3\]: pacemaker started/);
  expect(ran.code).toBe(0);
  expect(await realStatus()).toMatch(/Online: \[ n1 n2 n3 \]/);
  expect(await lab.ok('n1', '/usr/sbin/crm_attribute -G -n stonith-enabled -q')).toBe('false\n');
});

test('a web service on it', async () => {
  await lab.ok(
    'client',
    `crm -w -H n1 configure load update - <<'END'
primitive vip IPaddr2 params ip=${ADDRESS} cidr_netmask=24 nic=eth0 op monitor interval=10s
primitive server ocf:heartbeat:nginx params configfile=/srv/web/nginx.conf op monitor interval=10s timeout=30s
group web vip server
END`,
  );
  await eventually('the web service answers', web, (text) => /^n\d$/.test(text), 60_000);
});

test('a rehearsal shows the steps and changes nothing', async () => {
  const before = await lab.ok('n1', '/usr/sbin/cibadmin -Q --scope configuration');
  const ran = await lab.exec('client', 'crm -H n1 cluster migrate --to agent --rehearse');
  expect(ran.out + ran.err).toMatch(/1\. configuration [\d.]+ of 3 nodes, 2 active resources: kept as it is/);
  expect(ran.out + ran.err).toMatch(/server runs on n\d/);
  expect(ran.code).toBe(0);
  expect(await lab.ok('n1', '/usr/sbin/cibadmin -Q --scope configuration')).toBe(before);
});

test('to the agent: the service answers all the time', async () => {
  const where = await web();
  const shown = await lab.ok('client', 'crm -H n1 configure show web vip server');
  const requests = await failedRequests(async () => {
    const ran = await lab.exec('client', 'crm -H n1 cluster migrate --to agent -y');
    expect(ran.err + ran.out).toMatch(/all 2 active resources are found where they were/);
    expect(ran.code).toBe(0);
  });
  console.log(`to the agent: ${requests.failed} of ${requests.asked} requests failed`);
  expect(requests.failed).toBe(0);
  expect(await web()).toBe(where);
  const status = await lab.ok('client', 'crm -H n1 status');
  expect(status).toMatch(/Online: \[ n1 n2 n3 \]/);
  expect(status).not.toMatch(/maintenance|unmanaged/i);
  expect((await lab.exec('n1', 'pgrep -x pacemakerd')).code).toBe(1);
  expect(await lab.ok('client', 'crm -H n1 configure show web vip server')).toBe(shown);
});

test('the agent watches it from now on', async () => {
  const where = await web();
  await lab.ok('client', `crm -w -H n1 node standby ${where}`);
  await eventually('the service has moved', web, (text) => /^n\d$/.test(text) && text !== where);
  await lab.ok('client', `crm -w -H n1 node online ${where}`);
});

test('back to Pacemaker: the service answers all the time', async () => {
  const where = await web();
  const requests = await failedRequests(async () => {
    const ran = await lab.exec('client', 'crm -H n1 cluster migrate --to pacemaker -y');
    expect(ran.err + ran.out).toMatch(/all 2 active resources are found where they were/);
    expect(ran.code).toBe(0);
  });
  console.log(`to Pacemaker: ${requests.failed} of ${requests.asked} requests failed`);
  expect(requests.failed).toBe(0);
  expect(await web()).toBe(where);
  const status = await realStatus();
  expect(status).toMatch(/Online: \[ n1 n2 n3 \]/);
  expect(status).not.toMatch(/maintenance|unmanaged/i);
  expect((await lab.exec('n1', 'pgrep -f bin/quorated')).code).toBe(1);
});
