/**
 * The page "How To Create a High Availability Setup with Heartbeat and Floating IPs", on hosts that have never seen
 * Heartbeat: its files as it has them, its init script as it is. `crm cluster import heartbeat` takes the place of
 * `service heartbeat start`; a client asks for the page in a loop all the time.
 *
 * The address is moved by a stand-in for the cloud's API (cloud.mjs), as in the tutorial's test.
 */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { eventually, Lab, startAgent } from './lab.js';
import { API_URL, LoadBalancer, RESERVED_IP, TOKEN } from './load-balancer.js';
import { Page } from './page.js';

const nodes = [
  { name: 'primary', address: '10.77.0.1' },
  { name: 'secondary', address: '10.77.0.2' },
];
const lab = new Lab('heartbeat-floating-ip');
const story = new Page(lab, 'heartbeat-and-floating-ip');
const web = new LoadBalancer(lab, nodes);

const HA_CF = `node primary
ucast eth0 10.77.0.1
node secondary
ucast eth0 10.77.0.2
keepalive 1        # seconds between heartbeats
deadtime 3
auto_failback on
`;
const AUTHKEYS = 'auth1\n1 sha1 aeb0d3b2f8e7c9d1a4f6\n';
const HARESOURCES = 'primary floatip\n';
/** The page's script: `stop` and `status` do nothing but exit. */
const FLOATIP = `#!/bin/bash
param=$1
export DO_TOKEN='${TOKEN}'
export DO_API_URL=${API_URL}
IP='${RESERVED_IP}'
ID=$(curl -s http://169.254.169.254/metadata/v1/id)
if [ "start" == "$param" ] ; then
  /usr/local/bin/assign-ip $IP $ID
  exit 0
elif [ "stop" == "$param" ] ; then
  exit 0;
elif [ "status" == "$param" ] ; then
  exit 0;
else
  echo "no such command $param"
  exit 1;
fi
`;
const ASSIGN_IP = 'dist/resource-agents/bin/assign-ip';

beforeAll(async () => {
  await lab.up('primary', 'secondary');
  await web.prepare();
});
afterAll(() => lab.down());
beforeEach(({ onTestFailed }) => {
  onTestFailed(async () => {
    await lab.explain(nodes.map(({ name }) => name));
    console.log(`--- cloud\n${web.cloudLog.slice(-10).join('\n')}`);
  });
});

test('nginx, ha.cf, authkeys, haresources and /etc/init.d/floatip, on both servers', async () => {
  for (const { name } of nodes) {
    await lab.ok(name, 'nginx');
    await lab.write(name, '/etc/ha.d/ha.cf', HA_CF);
    await lab.write(name, '/etc/ha.d/authkeys', AUTHKEYS, '600');
    await lab.write(name, '/etc/ha.d/haresources', HARESOURCES);
    await lab.write(
      name,
      '/etc/init.d/floatip',
      FLOATIP.replace('/usr/local/bin/assign-ip', '/srv/assign-ip'),
      '755',
    );
    await lab.ok(name, `install -m 755 ${ASSIGN_IP} /srv/assign-ip`);
  }
  web.startLoop();
});

test('crm cluster import heartbeat: a mistake is shown with its place, and nothing is changed', async () => {
  const ran = await lab.exec('primary', 'crm cluster import heartbeat /etc/ha.d');
  expect(ran.code).toBe(1);
  expect(ran.err).toBe(
    `ERROR: /etc/ha.d/authkeys:1:1: unknown word 'auth1': between 'auth' and the number belongs a blank
ERROR:   auth1
ERROR:   ^^^^^
ERROR:   write 'auth 1'
ERROR: nothing was changed
`,
  );
  for (const { name } of nodes) {
    await lab.ok(name, "sed -i 's/^auth1/auth 1/' /etc/ha.d/authkeys");
    expect((await lab.exec(name, 'ls /etc/corosync/corosync.conf')).code).not.toBe(0);
  }
});

test('--dry-run says what would become of each line', async () => {
  const text = await lab.ok('primary', 'crm cluster import heartbeat /etc/ha.d --dry-run');
  expect(text).toContain(`Taken over:
  ha.cf:1: node primary
      nodelist of corosync.conf
  ha.cf:2: ucast eth0 10.77.0.1
      a link; packets are encrypted
`);
  expect(text).toMatch(/ha\.cf:6: deadtime 3\n {6}totem\.token: 3000: a node that is silent for 3 s is lost/);
  expect(text).toMatch(
    /Left to do:\n {2}haresources:1: floatip\n {6}floatip_1: \/etc\/init\.d\/floatip runs as it is/,
  );
  expect(text).toMatch(/^ {4}token: 3000$/m);
  expect(text).toMatch(/^primitive floatip_1 heartbeat:floatip$/m);
  expect(text).toMatch(/^location home_floatip_1 floatip_1 100: primary$/m);
  expect(text).toMatch(/^\tresource-stickiness=0$/m);
});

test('and it is done: the cluster runs, the page is served by primary', async () => {
  const ran = await lab.exec('primary', 'crm cluster import heartbeat /etc/ha.d');
  expect(ran.err).toMatch(/\[secondary\]: cluster service started/);
  expect(ran.err).toMatch(/the cluster runs; "crm configure show" and "crm status" show it/);
  expect(ran.code, ran.err).toBe(0);
  await web.loop.servedBy('primary');
  expect(await lab.ok('secondary', 'crm status')).toMatch(
    /Online: \[ primary secondary \][\s\S]*\* floatip_1\s+\(heartbeat:floatip\):\s+ Started primary/,
  );
  expect(await lab.ok('secondary', 'crm configure show')).toMatch(
    /^primitive floatip_1 heartbeat:floatip\nlocation home_floatip_1 floatip_1 100: primary$/m,
  );
});

test('the primary is rebooted: the secondary takes the address, the primary gets it back by itself', async () => {
  const since = Date.now();
  await lab.lab('crash', 'primary');
  await web.loop.servedBy('secondary', 30_000);
  console.log(`primary rebooted, deadtime 3: ${web.loop.longestGapMs(since)} ms without an answer`);
  await lab.lab('boot', 'primary');
  await web.boot('primary');
  await lab.ok('primary', 'nginx');
  const back = Date.now();
  await startAgent(lab, 'primary');
  await web.loop.servedBy('primary', 30_000);
  console.log(`automatic return: ${web.loop.longestGapMs(back)} ms without an answer`);
  expect(await lab.ok('secondary', 'crm status')).toMatch(/\* floatip_1\s.*Started primary/);
});

test('the script that looks: status exits with 3, and the cluster monitors what the page could not', async () => {
  const looking = FLOATIP.replace('/usr/local/bin/assign-ip', '/srv/assign-ip').replace(
    '"status" == "$param" ] ; then\n  exit 0;',
    '"status" == "$param" ] ; then\n  [ "$(curl -s http://169.254.169.254/metadata/v1/floating_ip/ipv4/active)" == true ] || exit 3\n  exit 0;',
  );
  for (const { name } of nodes) await lab.write(name, '/etc/init.d/floatip', looking, '755');
  await lab.ok(
    'primary',
    "crm configure show floatip_1 | sed 's/heartbeat:floatip/lsb:floatip op monitor interval=2s/' >/root/floatip.crm && crm configure load update /root/floatip.crm",
  );
  await web.loop.servedBy('primary');
  // Somebody clicks in the cloud's console.
  const since = Date.now();
  const before = web.cloudLog.length;
  await lab.ok('client', `DO_TOKEN=${TOKEN} ${ASSIGN_IP} --api-url ${API_URL} ${RESERVED_IP} 1002`);
  await eventually(
    'the address was away, and is back',
    async () => web.cloudLog.slice(before),
    (log) =>
      log.includes(`${RESERVED_IP}: primary -> secondary`) &&
      log.includes(`${RESERVED_IP}: secondary -> primary`),
  );
  await web.loop.servedBy('primary');
  console.log(`address taken away, monitor every 2 s: back after ${Date.now() - since} ms`);
  await eventually(
    'the failure is shown',
    () => lab.ok('secondary', 'crm status'),
    (text) => /Failed Resource Actions:\n {2}\* floatip_1.* monitor on primary/.test(text),
  );
});

test('the page says what was typed and seen here', () => story.expectAllDone());
