/** The lab and the load balancer's surroundings themselves, without a cluster. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Lab } from './lab.js';
import { API_URL, LoadBalancer, RESERVED_IP, TOKEN } from './load-balancer.js';

const lab = new Lab('cloud');
const nodes = [
  { name: 'primary', address: '10.77.0.1' },
  { name: 'secondary', address: '10.77.0.2' },
];
const balancer = new LoadBalancer(lab, nodes);

beforeAll(async () => {
  await lab.up('primary', 'secondary');
  await balancer.prepare();
  for (const { name } of nodes) await lab.ok(name, 'nginx');
  balancer.startLoop();
});
afterAll(() => lab.down());

test('each host has its name, its files and sshd with a key of its own that the others know', async () => {
  expect(await lab.ok('client', 'ssh -o BatchMode=yes -o StrictHostKeyChecking=yes primary hostname')).toBe(
    'primary\n',
  );
  const keys = await Promise.all(
    nodes.map(({ name }) => lab.ok(name, 'cat /etc/ssh/ssh_host_ed25519_key.pub')),
  );
  expect(keys[0]).not.toBe(keys[1]);
  await lab.write('primary', '/etc/corosync/only-here', 'x');
  expect((await lab.exec('secondary', 'ls /etc/corosync/only-here')).code).not.toBe(0);
});

const agent = (node: string, action: string) =>
  lab.exec(node, `dist/resource-agents/ocf/digitalocean/floatip ${action}`, {
    env: {
      OCF_ROOT: '/usr/lib/ocf',
      OCF_RESOURCE_INSTANCE: 'FloatIP',
      OCF_RESKEY_do_token: TOKEN,
      OCF_RESKEY_floating_ip: RESERVED_IP,
      OCF_RESKEY_api_url: API_URL,
    },
  });

test('the reserved address moves from host to host, and the client follows', async () => {
  expect((await agent('primary', 'start')).code).toBe(0);
  await balancer.loop.servedBy('primary');
  expect((await agent('secondary', 'start')).code).toBe(0);
  await balancer.loop.servedBy('secondary');
  expect((await agent('primary', 'monitor')).code).toBe(7);
  expect((await agent('secondary', 'stop')).code).toBe(0);
  expect((await agent('secondary', 'monitor')).code).toBe(7);
  expect(balancer.cloudLog.filter((line) => line.startsWith(RESERVED_IP))).toEqual([
    `${RESERVED_IP}: nowhere -> primary`,
    `${RESERVED_IP}: primary -> secondary`,
    `${RESERVED_IP}: secondary -> nowhere`,
  ]);
  expect(balancer.cloudLog.join('\n')).not.toContain(TOKEN);
});

test('a crashed host is gone at once and comes back with its disks', async () => {
  await lab.write('primary', '/etc/quorate/kept', 'kept');
  await lab.lab('crash', 'primary');
  expect((await lab.exec('client', 'ping -c1 -W1 primary')).code).not.toBe(0);
  await lab.lab('boot', 'primary');
  expect(await lab.ok('primary', 'cat /etc/quorate/kept; ls /tmp')).toBe('kept');
  expect((await lab.exec('client', 'ping -c1 -W5 primary')).code).toBe(0);
});
