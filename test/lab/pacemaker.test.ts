/** A real Corosync + Pacemaker from Debian, driven from the client with nothing of ours on its nodes. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { configureCluster, eventually, Lab } from './lab.js';
import { MATRIX } from './pacemaker-matrix.js';
import { STORY_CONFIGURATIONS } from './story-configurations.js';

const nodes = [
  { name: 'primary', address: '10.77.0.1' },
  { name: 'secondary', address: '10.77.0.2' },
];
const lab = new Lab('pacemaker');

async function startNode(name: string): Promise<void> {
  await lab.ok(
    name,
    `[ -x /usr/sbin/corosync ] && [ -x /usr/sbin/pacemakerd ] || { echo 'these tests need corosync and pacemaker' >&2; exit 1; }
     mkdir -p /var/log/corosync && install -d -o hacluster -g haclient -m 770 /run/crm
     /usr/sbin/corosync >/dev/null 2>&1 </dev/null
     setsid /usr/sbin/pacemakerd -f >/dev/null 2>&1 </dev/null &`,
  );
}

const online = () =>
  eventually(
    'Pacemaker is up',
    async () => (await lab.exec('primary', '/usr/sbin/crm_mon -1 2>&1')).out,
    (text) => /Online: \[ primary secondary \]/.test(text),
    120_000,
  );

beforeAll(async () => {
  await lab.up('primary', 'secondary');
  await configureCluster(lab, nodes);
  for (const { name } of nodes) {
    await lab.ok(name, 'find /var/lib/pacemaker /var/lib/corosync -type f -delete');
    await startNode(name);
  }
  await online();
  await afar('crm configure property stonith-enabled=false');
});
afterAll(() => lab.down());

const afar = (command: string) => lab.ok('client', command.replace(/^crm /, 'crm -H primary '));

/** Takes all resources out, whether they run or not. */
const blank = () =>
  lab.ok(
    'primary',
    "/usr/sbin/cibadmin --replace --scope constraints --xml-text '<constraints/>' && /usr/sbin/cibadmin --replace --scope resources --xml-text '<resources/>' && /usr/sbin/crm_resource --wait",
  );

test('it is found by itself, and shown as its own crm_mon shows it', async () => {
  const ours = await afar('crm status');
  expect(ours).toMatch(/Current DC: (primary|secondary) \(version 2\.\d.*\) - partition with quorum/);
  expect(ours).toMatch(/Online: \[ primary secondary \]/);
  expect(await lab.ok('secondary', 'crm status')).toMatch(/Online: \[ primary secondary \]/);
  expect(await lab.ok('client', 'crm --engine pacemaker -H primary status')).toMatch(/Online:/);
  const wrong = await lab.exec('client', 'crm --engine agent -H primary status');
  expect(wrong.err).toMatch(/^ERROR: no agent runs on primary [^\n]*\n$/);
});

describe.each(Object.entries(MATRIX))('%s', (_level, entries) => {
  test.each(entries.map((entry) => [entry.command, entry] as const))('%s', async (_command, entry) => {
    const ran = await lab.exec('client', entry.command.replace(/^crm /, 'crm -H primary '));
    expect({ code: ran.code, said: ran.code === 0 ? '' : ran.err }).toEqual({ code: 0, said: '' });
    expect(ran.out + ran.err).toMatch(entry.shows);
    if (!entry.afterwards) return;
    const [command, shows] = entry.afterwards;
    await eventually(
      command,
      async () => (await lab.exec('primary', `${command} 2>&1`)).out,
      (text) => shows.test(text),
      20_000,
    );
  });
});

const ROLES = `property stonith-enabled=false no-quorum-policy=ignore
primitive vip IPaddr2 params ip=10.77.0.60 cidr_netmask=24 nic=eth0 op monitor interval=10s
primitive server Dummy params fake="a b" op start timeout=20s interval=0 op monitor interval=30s timeout=20s
primitive db ocf:pacemaker:Stateful op monitor interval=10s role=Master op monitor interval=11s role=Slave
group web vip server meta target-role=Started
ms db-c db meta master-max=1 notify=true
location web-here web 100: primary
location web-ping web rule -inf: not_defined pingd or pingd lte 0
colocation web-db inf: web db-c:Master
order db-web Mandatory: db-c:promote web:start
rsc_defaults resource-stickiness=100
`;

describe('a configuration that we load is read by the real crmsh and pcs as by ours', () => {
  const theirs = (command: string) => lab.exec('primary', `PATH=/usr/sbin:/usr/bin:/bin ${command}`);

  test.each(Object.entries({ 'roles and scores': ROLES, ...STORY_CONFIGURATIONS }))(
    '%s',
    async (_name, configuration) => {
      await online();
      await blank();
      // Loaded and probed, not started: this is about words.
      await afar('crm -F configure property stop-all-resources=true');
      const loaded = await lab.exec('client', 'crm -F -H primary configure load update -', {
        stdin: configuration,
      });
      expect(loaded.code, loaded.err).toBe(0);
      expect((await afar('crm -D plain configure show')).trimEnd().split('\n')).toEqual(
        (await theirs('crm -D plain configure show')).out.trimEnd().split('\n'),
      );
      for (const words of ['resource config', 'constraint --full', 'property', 'resource defaults']) {
        const real = await theirs(`pcs ${words}`);
        const ours = await lab.exec('client', `pcs -H primary ${words}`);
        expect({ words, code: ours.code, out: ours.out }).toEqual({ words, code: real.code, out: real.out });
      }
    },
  );
  afterAll(async () => {
    await blank();
    await afar('crm -F configure property stop-all-resources=false');
  });
});

test('an edit by the real crmsh in the middle of ours is a conflict, and nothing is lost', async () => {
  await blank();
  await afar('crm -F configure primitive c Dummy params fake=before');
  const screen = lab.terminal('client', 'crm -H primary');
  try {
    await screen.shows(/crm\(.*\)#/);
    screen.type('configure\r');
    await screen.shows(/configure#/);
    screen.type('set c.fake ours\r');
    await lab.ok('primary', 'PATH=/usr/sbin:/usr/bin:/bin /usr/sbin/crm -F configure delete c');
    await lab.ok('primary', 'PATH=/usr/sbin:/usr/bin:/bin /usr/sbin/crm -F configure primitive other Dummy');
    screen.type('commit\r');
    await screen.shows(/changed|conflict/i);
    const cib = await lab.ok('primary', '/usr/sbin/cibadmin -Q --scope resources');
    expect(cib).toContain('id="other"');
    expect(cib).not.toContain('ours');
  } finally {
    screen.kill();
    await screen.exited;
  }
});

test('the node of our prompt is rebooted: one line, and the prompt goes on', async () => {
  const screen = lab.terminal('client', 'crm -H secondary');
  try {
    await screen.shows(/crm\(.*\)#/);
    await lab.lab('crash', 'secondary');
    screen.type('status\r');
    await screen.shows(/the connection to secondary was lost: .*\n.*crm\(.*\)#/, 60_000);
    expect(screen.text().match(/^(ERROR|WARNING|INFO).*/gm)).toEqual([
      'ERROR: status: the connection to secondary was lost: it does not answer any more',
    ]);
    await lab.lab('boot', 'secondary');
    await startNode('secondary');
    await online();
    screen.type('status\r');
    await screen.shows(/Online: \[ primary secondary \]/, 60_000);
  } finally {
    screen.kill();
    await screen.exited;
  }
});

test('crm_mon is live on it, past the loss of the node it is connected to', async () => {
  await blank();
  await afar('crm -w -F configure primitive e Dummy');
  const screen = lab.terminal('client', 'crm_mon -H secondary -H primary');
  try {
    await screen.shows(/● e /, 20_000);
    await afar('crm -F configure primitive f Dummy');
    await screen.shows(/● f /, 10_000);
    await lab.lab('crash', 'secondary');
    await screen.shows(/no answer from secondary for \d+s|LOST \d+s ago/, 20_000);
    await screen.shows(/live primary/, 40_000);
    await screen.shows(/secondary +.*(OFFLINE|UNCLEAN)/i, 40_000);
  } finally {
    screen.type('q');
    expect(await screen.exited).toBe(0);
  }
  await lab.lab('boot', 'secondary');
  await startNode('secondary');
  await online();
});

describe('what stands in the way is said in one line', () => {
  const fails = async (command: string, line: RegExp) => {
    const ran = await lab.exec('client', command);
    expect(ran.code).not.toBe(0);
    expect(ran.err.trimEnd().split('\n')).toHaveLength(1);
    expect(ran.err).toMatch(line);
  };

  test('a tool is missing', async () => {
    await lab.ok('primary', 'mount --bind /dev/null /usr/sbin/stonith_admin');
    try {
      await fails(
        'crm -H primary status',
        /Pacemaker runs on primary, but without stonith_admin: install its tools there with 'apt-get install pacemaker-cli-utils'/,
      );
    } finally {
      await lab.ok('primary', 'umount /usr/sbin/stonith_admin');
    }
  });

  test('a version that is too old', async () => {
    await lab.write('primary', '/root/cibadmin', '#!/bin/sh\necho Pacemaker 1.1.24-3\n', '755');
    await lab.ok('primary', 'mount --bind /root/cibadmin /usr/sbin/cibadmin');
    try {
      await fails(
        'crm -H primary status',
        /Pacemaker 1\.1\.24-3 on primary is too old: it takes 2\.0\.3 or newer/,
      );
    } finally {
      await lab.ok('primary', 'umount /usr/sbin/cibadmin');
    }
  });

  test('a link that loses every packet; one that loses some is only slow', async () => {
    await lab.lab('loss', 'primary', '100', 'eth0');
    try {
      await fails(
        'crm -H primary status',
        /^ERROR: cannot reach primary: no answer within 10 s: is it up, and is the network\?$/m,
      );
    } finally {
      await lab.lab('heal', 'primary', 'eth0');
    }
    await online();
    await lab.lab('loss', 'client', '15', 'eth0');
    try {
      expect(await lab.ok('client', 'crm -H primary status', { timeoutMs: 120_000 })).toMatch(/Online:/);
    } finally {
      await lab.lab('heal', 'client', 'eth0');
    }
  });

  test('a user without rights; one of haclient; one with sudo', async () => {
    const key = await lab.ok('primary', 'cat /root/.ssh/authorized_keys');
    await lab.ok(
      'primary',
      'useradd -m op && install -d -m 700 -o op /home/op/.ssh && cat >/home/op/.ssh/authorized_keys && chown op /home/op/.ssh/authorized_keys',
      { stdin: key },
    );
    await fails(
      'crm -H op@primary status',
      /op may not manage the cluster on primary.*: log in as root@primary/,
    );
    await lab.ok('primary', 'usermod -aG haclient op');
    expect(await lab.ok('client', 'crm -H op@primary status')).toMatch(/Online:/);
    await lab.ok('primary', 'gpasswd -d op haclient; echo "op ALL=(ALL) NOPASSWD: ALL" >/etc/sudoers.d/op');
    expect(await lab.ok('client', 'crm -H op@primary configure show')).toMatch(/primitive e Dummy/);
    await lab.ok('primary', 'echo "op ALL=(ALL) ALL" >/etc/sudoers.d/op; echo op:geheim | chpasswd');
    const screen = lab.terminal('client', 'crm -H op@primary status');
    await screen.shows(/\[sudo\] password for op@primary:/);
    screen.type('geheim\r');
    await screen.shows(/Online: \[ primary secondary \]/);
    expect(screen.text()).not.toContain('geheim');
    await screen.exited;
  });
});
