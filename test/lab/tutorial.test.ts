/**
 * The tutorial "How To Create a High Availability Setup with Corosync, Pacemaker, and Floating IPs", from an empty
 * pair of hosts to a load balancer that survives the loss of either: its commands as it has them, from the client over
 * SSH and on a node over the local socket. What happens is read from the client's own requests.
 *
 * The steps build on each other, as the tutorial's do.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { corosyncConf, eventually, Lab, startAgent } from './lab.js';
import { API_URL, LoadBalancer, RESERVED_IP, TOKEN } from './load-balancer.js';
import { Page } from './page.js';

const nodes = [
  { name: 'primary', address: '10.77.0.1' },
  { name: 'secondary', address: '10.77.0.2' },
];
const lab = new Lab('tutorial');
const story = new Page(lab, 'floating-ip', 'Step by step');
const balancer = new LoadBalancer(lab, nodes);

/** On the client, over SSH to a node that is up. */
const afar = (command: string, host = 'primary') =>
  lab.ok('client', command.replace(/^crm /, `crm -H ${host} `));
const status = (node: string): Promise<string> => lab.ok(node, 'crm status');
const other = (node: string): string => (node === 'primary' ? 'secondary' : 'primary');

/** Where a resource is started, by `crm status` on a node. */
async function startedOn(resource: string, node: string): Promise<string | undefined> {
  const text = await status(node);
  return new RegExp(`\\* ${resource}\\s.*Started (\\w+)`).exec(text)?.[1];
}

/** Prints how long the client went without an answer. */
function report(what: string, sinceMs: number): void {
  console.log(`${what}: ${balancer.loop.longestGapMs(sinceMs)} ms without an answer`);
}

beforeAll(async () => {
  await lab.up('primary', 'secondary');
  await balancer.prepare();
});
afterAll(() => lab.down());
beforeEach(({ onTestFailed }) => {
  onTestFailed(async () => {
    await lab.explain(nodes.map(({ name }) => name));
    console.log(`--- cloud\n${balancer.cloudLog.slice(-10).join('\n')}`);
  });
});

describe('the cluster', () => {
  test('a key and a configuration file', async () => {
    const { out } = await lab.exec('primary', 'corosync-keygen');
    expect(out).toContain('Writing corosync key to /etc/corosync/authkey.');
    expect(await lab.ok('primary', 'stat -c "%s %a" /etc/corosync/authkey')).toBe('128 400\n');
    for (const { name } of nodes) await lab.write(name, '/etc/corosync/corosync.conf', corosyncConf(nodes));
    await lab.ok('primary', 'scp -p /etc/corosync/authkey secondary:/etc/corosync/authkey');
  });

  test('both nodes come together', async () => {
    await Promise.all(nodes.map(({ name }) => startAgent(lab, name)));
    const text = await eventually(
      'both nodes are online',
      async () => (await lab.exec('primary', 'crm status')).out,
      (shown) => /Online: \[ primary secondary \]/.test(shown),
      60_000,
    );
    expect(text).toMatch(/^Cluster Summary:$/m);
    expect(text).toMatch(/^ {2}\* Stack: corosync$/m);
    expect(text).toMatch(/^ {2}\* Current DC: (primary|secondary) \(version .*\) - partition with quorum$/m);
    expect(text).toMatch(/^ {2}\* 2 nodes configured$/m);
    expect(text).toMatch(/^ {2}\* 0 resource instances configured$/m);
    expect(text).toMatch(/^Node List:\n {2}\* Online: \[ primary secondary \]$/m);
  });

  test('corosync-cmapctl | grep members', async () => {
    const lines = (await lab.ok('primary', 'corosync-cmapctl | grep members')).trimEnd().split('\n');
    expect(lines).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^runtime\.members\.1\.ip \(str\) = r\(0\) ip\(10\.77\.0\.1\) ?$/),
        'runtime.members.1.status (str) = joined',
        expect.stringMatching(/^runtime\.members\.2\.ip \(str\) = r\(0\) ip\(10\.77\.0\.2\) ?$/),
        'runtime.members.2.status (str) = joined',
      ]),
    );
  });

  test('crm_mon -1, from either node', async () => {
    for (const { name } of nodes) {
      const text = await lab.ok(name, 'crm_mon -1');
      expect(text).toMatch(/Online: \[ primary secondary \]/);
      expect(text).toMatch(/No active resources/);
    }
  });

  test('properties, set and shown from the client', async () => {
    await afar('crm configure property stonith-enabled=false');
    await afar('crm configure property no-quorum-policy=ignore');
    const shown = await afar('crm configure show');
    expect(shown).toMatch(/stonith-enabled=false/);
    expect(shown).toMatch(/no-quorum-policy=ignore/);
    expect(await lab.ok('secondary', 'crm configure show')).toBe(shown);
    expect(await afar('crm status')).toMatch(/Online: \[ primary secondary \]/);
  });
});

describe('the floating IP', () => {
  test('a resource that gives the address to a node', async () => {
    // As on the tutorial's droplets, nginx runs on both already.
    for (const { name } of nodes) await lab.ok(name, 'nginx');
    balancer.startLoop();
    await afar(
      `crm configure primitive FloatIP ocf:digitalocean:floatip params do_token=${TOKEN} floating_ip=${RESERVED_IP} api_url=${API_URL}`,
    );
    const host = await eventually(
      'FloatIP runs',
      () => startedOn('FloatIP', 'primary'),
      (node) => node !== undefined,
    );
    await balancer.loop.servedBy(host!);
    expect(await status('secondary')).toMatch(
      /^ {2}\* FloatIP\s+\(ocf:digitalocean:floatip\):\s+ Started \w+$/m,
    );
  });

  test('standby moves it, online lets the node back', async () => {
    const host = (await startedOn('FloatIP', 'primary'))!;
    const since = Date.now();
    await lab.ok(host, `crm node standby ${host}`);
    await balancer.loop.servedBy(other(host));
    report('standby', since);
    expect(await status(host)).toMatch(new RegExp(`Node ${host}: standby`));
    await lab.ok(host, `crm node online ${host}`);
    await eventually(
      'the node is online',
      () => status(host),
      (text) => /Online: \[ primary secondary \]/.test(text),
    );
  });

  test('standby and online from the client', async () => {
    const host = (await startedOn('FloatIP', 'primary'))!;
    await afar(`crm node standby ${host}`, 'primary');
    await balancer.loop.servedBy(other(host));
    await afar(`crm node online ${host}`, 'secondary');
    await eventually(
      'the node is online',
      () => status(host),
      (text) => /Online: \[ primary secondary \]/.test(text),
    );
  });

  test('the host that has it is killed', async () => {
    const host = (await startedOn('FloatIP', 'primary'))!;
    const since = Date.now();
    await lab.lab('crash', host);
    await balancer.loop.servedBy(other(host), 60_000);
    report('host killed, token 3000', since);
    const text = await eventually(
      'the survivor says so',
      () => status(other(host)),
      (shown) => new RegExp(`OFFLINE: \\[ ${host} \\]`).test(shown),
    );
    expect(text).toMatch(new RegExp(`Online: \\[ ${other(host)} \\]`));
    await lab.lab('boot', host);
    await balancer.boot(host);
    await lab.ok(host, 'nginx');
    await startAgent(lab, host);
    await eventually(
      'the node is back',
      () => status(other(host)),
      (shown) => /Online: \[ primary secondary \]/.test(shown),
      60_000,
    );
    await balancer.loop.servedBy(other(host));
  });

  test('crm configure edit FloatIP, through $EDITOR', async () => {
    const edit = async (host: string, expression: string, command: string): Promise<void> => {
      await lab.write(host, '/root/editor', `#!/bin/sh\nsed -i '${expression}' "$1"\n`, '755');
      // crm refuses to edit where nobody sits at a terminal.
      const screen = lab.terminal(host, `EDITOR=/root/editor ${command} configure edit FloatIP`);
      const exit = await screen.exited;
      if (exit !== 0) throw new Error(`exit ${exit}:\n${screen.text()}`);
    };
    await edit('client', 's/api_url=[^ ]*/& release=true/', 'crm -H primary');
    expect(await afar('crm configure show FloatIP')).toMatch(/release=true/);
    await edit('primary', 's/ release=true//', 'crm');
    expect(await afar('crm configure show FloatIP')).not.toMatch(/release=true/);
  });

  test('stop and delete, and made again', async () => {
    await afar('crm resource stop FloatIP');
    await eventually(
      'FloatIP has stopped',
      () => lab.ok('primary', 'crm_mon -1r'),
      (status) => /FloatIP.*Stopped/.test(status),
    );
    await afar('crm configure delete FloatIP');
    expect(await afar('crm configure show')).not.toMatch(/FloatIP/);
    await lab.ok(
      'secondary',
      `crm configure primitive FloatIP ocf:digitalocean:floatip params do_token=${TOKEN} floating_ip=${RESERVED_IP} api_url=${API_URL}`,
    );
    const host = await eventually(
      'FloatIP runs',
      () => startedOn('FloatIP', 'primary'),
      (node) => node !== undefined,
    );
    await balancer.loop.servedBy(host!);
  });
});

describe('nginx under the cluster’s care', () => {
  test('a primitive, a clone and a colocation', async () => {
    await afar(`crm configure primitive Nginx ocf:heartbeat:nginx params httpd="/usr/sbin/nginx" \\
   op start timeout="40s" interval="0" op monitor timeout="30s" interval="10s" on-fail="restart" op stop timeout="60s" interval="0"`);
    await afar('crm configure clone Nginx-clone Nginx');
    await afar('crm configure colocation FloatIP-Nginx inf: FloatIP Nginx-clone');
    const text = await eventually(
      'the clone runs on both',
      () => status('primary'),
      (shown) => /Clone Set: Nginx-clone \[Nginx\]:?\n {4}\* Started: \[ primary secondary \]/.test(shown),
      60_000,
    );
    const masked = text
      .replace(/last updated [^)]*/, 'last updated T')
      .replace(/(Current DC:) \w+ \(version [^)]*\)/, '$1 DC (version V)')
      .replace(/(Last updated:|Last change: ) .*/g, '$1 T')
      .replace(/Started \w+$/m, 'Started NODE');
    // Word by word what Pacemaker 2.1.5 and crmsh 4.4.1 print for this cluster.
    expect(masked.trimEnd().split('\n')).toEqual([
      "Status of pacemakerd: 'Pacemaker is running' (last updated T)",
      'Cluster Summary:',
      '  * Stack: corosync',
      '  * Current DC: DC (version V) - partition with quorum',
      '  * Last updated: T',
      '  * Last change:  T',
      '  * 2 nodes configured',
      '  * 3 resource instances configured',
      '',
      'Node List:',
      '  * Online: [ primary secondary ]',
      '',
      'Full List of Resources:',
      '  * FloatIP\t(ocf:digitalocean:floatip):\t Started NODE',
      '  * Clone Set: Nginx-clone [Nginx]:',
      '    * Started: [ primary secondary ]',
    ]);
    const shown = await afar('crm configure show');
    expect(shown).toMatch(/^clone Nginx-clone Nginx$/m);
    expect(shown).toMatch(/^colocation FloatIP-Nginx inf: FloatIP Nginx-clone$/m);
    expect(shown).toMatch(/op monitor timeout=30s interval=10s on-fail=restart/);
    const host = (await startedOn('FloatIP', 'primary'))!;
    await balancer.loop.servedBy(host);
  });

  test('nginx is killed: the monitor brings it back', async () => {
    const host = (await startedOn('FloatIP', 'primary'))!;
    const since = Date.now();
    await lab.ok(host, 'pkill -KILL nginx');
    await eventually(
      'nginx is back',
      async () => balancer.loop.samples.filter((sample) => sample.atMs > since),
      (samples) => samples.some((sample) => sample.host === null) && samples.at(-1)?.host != null,
      60_000,
    );
    report('nginx killed, monitor every 10 s', since);
    const text = await status(host);
    expect(text).toMatch(/Failed Resource Actions:\n {2}\* Nginx.* monitor on/);
    await lab.ok(host, 'crm resource cleanup Nginx');
    await eventually(
      'the failure is forgotten',
      () => status(host),
      (shown) => !/Failed Resource Actions/.test(shown),
    );
  });

  test('the cluster service of the node that serves is stopped', async () => {
    const host = await eventually(
      'FloatIP runs',
      () => startedOn('FloatIP', 'primary'),
      (node) => node !== undefined,
    );
    const since = Date.now();
    await lab.ok(host!, 'crm cluster stop');
    await balancer.loop.servedBy(other(host!));
    report('cluster service stopped', since);
    expect(await status(other(host!))).toMatch(new RegExp(`OFFLINE: \\[ ${host} \\]`));
    expect((await lab.exec(host!, 'pgrep -x nginx')).code).toBe(1);
    await startAgent(lab, host!);
    await eventually(
      'the node is back',
      () => status(other(host!)),
      (shown) => /Started: \[ primary secondary \]/.test(shown),
      60_000,
    );
  });

  test('the host that serves is killed, with the clone and the address on it', async () => {
    const host = (await startedOn('FloatIP', 'primary'))!;
    const since = Date.now();
    await lab.lab('crash', host);
    await balancer.loop.servedBy(other(host), 60_000);
    report('host killed, token 3000', since);
    await lab.lab('boot', host);
    await balancer.boot(host);
    await startAgent(lab, host);
    await eventually(
      'the node is back, and serves',
      () => status(other(host)),
      (shown) => /Started: \[ primary secondary \]/.test(shown),
      60_000,
    );
  });

  test('a virtual address by the unmodified ocf:heartbeat:IPaddr2', async () => {
    await afar(
      'crm configure primitive vip ocf:heartbeat:IPaddr2 params ip=10.77.0.100 cidr_netmask=24 op monitor interval=5s',
    );
    await eventually(
      'the address is there',
      () => lab.exec('client', 'ping -c1 -W1 10.77.0.100'),
      (ran) => ran.code === 0,
    );
    const host = (await startedOn('vip', 'primary'))!;
    expect(await lab.ok(host, 'ip -o addr show dev eth0')).toContain('10.77.0.100/24');
    await lab.ok(host, `crm node standby ${host}`);
    await eventually(
      'the address has moved',
      () => lab.exec(other(host), 'ip -o addr show dev eth0'),
      (ran) => ran.out.includes('10.77.0.100/24'),
    );
    expect(await lab.ok(host, 'ip -o addr show dev eth0')).not.toContain('10.77.0.100');
    await lab.ok(host, `crm node online ${host}`);
    await afar('crm resource stop vip');
    await eventually(
      'vip has stopped',
      () => startedOn('vip', 'primary'),
      (node) => node === undefined,
    );
    await afar('crm configure delete vip');
  });
});

describe('on a terminal', () => {
  test('crm_mon, full screen, until q', async () => {
    const screen = lab.terminal('primary', 'crm_mon');
    await screen.shows('FloatIP');
    await screen.shows(/primary[\s\S]*secondary/);
    screen.type('q');
    expect(await screen.exited).toBe(0);
  });

  test('crm_mon, full screen, until Ctrl-C', async () => {
    const screen = lab.terminal('secondary', 'crm_mon');
    await screen.shows('FloatIP');
    screen.type('\x03');
    expect([0, 130]).toContain(await screen.exited);
  });

  test('the prompt on a node', async () => {
    const screen = lab.terminal('primary', 'crm');
    await screen.shows(/crm\(live\/primary\)# ?$/);
    screen.type('configure\r');
    await screen.shows(/crm\(live\/primary\)configure# ?$/);
    screen.type('show FloatIP-Nginx\r');
    await screen.shows('colocation FloatIP-Nginx inf: FloatIP Nginx-clone');
    screen.type('up\r');
    screen.type('status\r');
    await screen.shows(/Online: \[ primary secondary \]/);
    screen.type('quit\r');
    expect(await screen.exited).toBe(0);
  });

  test('the prompt from the client', async () => {
    const screen = lab.terminal('client', 'crm -H secondary');
    await screen.shows(/crm\(live\/secondary\)# ?$/);
    screen.type('node standby primary\r');
    await eventually(
      'the node is in standby',
      () => status('secondary'),
      (text) => /Node primary: standby/.test(text),
    );
    screen.type('node online primary\r');
    await eventually(
      'it is back',
      () => status('secondary'),
      (text) => /Online: \[ primary secondary \]/.test(text),
    );
    screen.type('quit\r');
    expect(await screen.exited).toBe(0);
  });
});

describe('bad input', () => {
  const epoch = async (): Promise<string> => {
    const found = /<cib [^>]*\bepoch="(\d+)"/.exec(await lab.ok('primary', 'cibadmin -Q'));
    return found![1]!;
  };

  test.each([
    ['crm configure primitive', /syntax|primitive/i],
    ['crm configure primitive x ocf:heartbeat:Dummy params =1', /1:\d+|line 1|syntax/i],
    ['crm configure colocation c inf: FloatIP Nothing', /Nothing/],
    ['crm configure frobnicate', /frobnicate/],
  ])('%s: exit 1, a reason, nothing changed', async (command, reason) => {
    const before = await epoch();
    const ran = await lab.exec('client', command.replace(/^crm/, 'crm -F -H primary'));
    expect(ran.code).toBe(1);
    expect(ran.out + ran.err).toMatch(reason);
    expect(await epoch()).toBe(before);
  });

  /** One clear line on stderr, nothing else. */
  async function complaint(command: string): Promise<string> {
    const ran = await lab.exec('client', command);
    expect(ran.code).toBe(1);
    expect(ran.out).toBe('');
    expect(ran.err.trimEnd().split('\n')).toHaveLength(1);
    return ran.err;
  }

  test('a host that is not there, and a name that is none', async () => {
    expect(await complaint('crm -H 10.77.0.99 status')).toMatch(
      /cannot reach 10\.77\.0\.99: no (route|answer)/,
    );
    expect(await complaint('crm -H nowhere.invalid status')).toMatch(
      /cannot reach nowhere\.invalid: there is no such name/,
    );
  });

  test('a host key that is not known, and one that has changed', async () => {
    await lab.ok('client', 'cp /root/.ssh/known_hosts /root/.ssh/kept');
    await lab.ok(
      'client',
      'ssh-keygen -q -R primary -f /root/.ssh/known_hosts 2>/dev/null; echo "StrictHostKeyChecking yes" >/root/.ssh/config',
    );
    try {
      expect(await complaint('crm -H primary status')).toMatch(
        /key of primary is not known \(ED25519 SHA256:.*ssh-keyscan primary >>/,
      );
      await lab.ok(
        'client',
        'echo "primary $(cut -d" " -f1,2 /root/.ssh/id_ed25519.pub)" >>/root/.ssh/known_hosts',
      );
      expect(await complaint('crm -H primary status')).toMatch(
        /key of primary HAS CHANGED .*ssh-keygen -R 'primary'/,
      );
    } finally {
      await lab.ok('client', 'mv /root/.ssh/kept /root/.ssh/known_hosts; rm /root/.ssh/config');
    }
    expect(await afar('crm status')).toMatch(/Online:/);
  });

  test('a key that the host does not take', async () => {
    await lab.ok('client', "ssh-keygen -q -t ed25519 -N '' -f /root/wrong");
    await lab.write(
      'client',
      '/root/.ssh/config',
      'Host *\n  IdentityFile /root/wrong\n  IdentitiesOnly yes\n',
    );
    try {
      expect(await complaint('crm -H primary status')).toMatch(
        /primary does not let root in \(tried \/root\/wrong\).*ssh-copy-id root@primary/,
      );
    } finally {
      await lab.ok('client', 'rm /root/.ssh/config');
    }
  });

  test('a host without an agent, and this one', async () => {
    expect(await complaint('crm -H client status')).toMatch(/no agent runs on client .*crm cluster start/);
    expect(await complaint('crm status')).toMatch(/no agent runs on this host/);
  });
});

test('both agents are killed: nothing that was acknowledged is lost', async () => {
  await afar('crm configure primitive kept ocf:heartbeat:Dummy');
  const commit = lab.ok('client', 'crm -H secondary configure property maintenance-mode=true');
  await commit;
  await Promise.all(nodes.map(({ name }) => lab.ok(name, 'pkill -KILL -f bin/quorated')));
  await Promise.all(nodes.map(({ name }) => startAgent(lab, name)));
  await eventually(
    'both nodes are online again',
    async () => (await lab.exec('primary', 'crm status')).out,
    (shown) => /(Online|Node)[\s\S]*primary[\s\S]*secondary/.test(shown) && !/OFFLINE/.test(shown),
    60_000,
  );
  const shown = await afar('crm configure show');
  expect(shown).toMatch(/primitive kept/);
  expect(shown).toMatch(/maintenance-mode=true/);
  await afar('crm configure property maintenance-mode=false');
  await balancer.loop.servedBy((await startedOn('FloatIP', 'primary'))!);
});

test('the page says what was typed and seen here', () => story.expectAllDone());
