/** A real Corosync + Pacemaker from Debian, driven from the client with nothing of ours on its nodes. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { configureCluster, eventually, Lab, PROJECT } from './lab.js';
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

/** Adds a host to the client's ssh_config. */
const host = (name: string, ...settings: string[]) =>
  lab.ok('client', 'umask 077; mkdir -p /root/.ssh && cat >>/root/.ssh/config', {
    stdin: `Host ${name}\n${settings.map((line) => `  ${line}\n`).join('')}`,
  });

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
      60_000,
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

describe('over a link of 300 ms and 128 kbit/s', () => {
  const LOG = '/root/slow.log';
  beforeAll(async () => {
    const proxy = `node ${PROJECT}/test/lab/slow-link.mjs primary 22 150 128000 ${LOG}`;
    await host('slow', 'HostName primary', 'HostKeyAlias primary', `ProxyCommand ${proxy}`);
  });

  /** What the command says, and how often it had to wait for an answer. */
  async function slowly(command: string): Promise<{ said: string; roundTrips: number }> {
    await lab.ok('client', `rm -f ${LOG}`);
    const said = await lab.ok('client', command);
    const log = () => lab.exec('client', `cat ${LOG}`).then(({ out }) => out);
    const text = await eventually('the link has ended', log, (out) => out !== '', 20_000);
    const { roundTrips, down } = JSON.parse(text) as { roundTrips: number; down: number };
    console.log(`${command}: ${roundTrips} round trips, ${down} bytes`);
    return { said, roundTrips };
  }

  // Logging in takes 8 of them, as with OpenSSH.
  test.each([
    ['crm -H slow status', 14, /Online: \[ primary secondary \]/],
    ['crm -H slow configure show', 13, /node 1: primary/],
    ['crm -H slow -F configure primitive far Dummy', 17, /^/],
  ] as const)('%s: at most %i round trips', async (command, most, shows) => {
    const { said, roundTrips } = await slowly(command);
    expect(said).toMatch(shows);
    expect(roundTrips).toBeGreaterThan(5);
    expect(roundTrips).toBeLessThanOrEqual(most);
  });

  test('the full screen is live', async () => {
    const screen = lab.terminal('client', 'crm_mon -H slow');
    try {
      await screen.shows(/● far /, 60_000);
      await afar('crm -F configure primitive farther Dummy');
      await screen.shows(/● farther /, 60_000);
    } finally {
      screen.type('q');
      expect(await screen.exited).toBe(0);
    }
  });
});

describe('nobody waits for a login that does not end', () => {
  const SILENT = 'sleep 1234567';
  const asleep = () => lab.exec('client', `pgrep -fx '${SILENT}'`).then(({ out }) => out);
  const begun = () => eventually('the login has begun', asleep, (out) => out !== '', 60_000);
  const over = () => eventually('the login was given up', asleep, (out) => out === '', 20_000);
  beforeAll(() => host('secondary', 'ConnectTimeout 1234567', `ProxyCommand ${SILENT}`));
  afterAll(() => lab.ok('client', 'rm /root/.ssh/config'));

  test('who leaves the full screen', async () => {
    const screen = lab.terminal('client', 'crm_mon -H primary');
    await screen.shows(/live primary/, 60_000);
    // What has happened on the other node is asked there.
    await begun();
    screen.type('q');
    expect(await screen.exited).toBe(0);
    await over();
  });

  test('Ctrl-C: the prompt comes back, for the first login and for those of statements', async () => {
    const screen = lab.terminal('client', 'crm -H secondary');
    const interrupted = (times: number) => new RegExp(`(interrupted;[\\s\\S]*#[\\s\\S]*){${times}}$`);
    await begun();
    screen.type('\u0003');
    await screen.shows(interrupted(1));
    await over();
    screen.type('status\r');
    await begun();
    screen.type('\u0003');
    await screen.shows(interrupted(2));
    await over();
    screen.type('quit\r');
    expect(await screen.exited).toBe(0);
    expect(screen.text()).not.toMatch(/^ERROR/m);
  });
});

test('at the prompt: edit, corosync edit, erase', async () => {
  const screen = lab.terminal('client', 'EDITOR="sed -i s/fake=soon/fake=now/" crm -H primary');
  try {
    await screen.shows(/crm\(.*\)#/);
    screen.type('configure\r');
    await screen.shows(/configure#/);
    screen.type('primitive edited Dummy params fake=soon\r');
    screen.type('edit edited\r');
    screen.type('commit\r');
    const resources = () => lab.ok('primary', '/usr/sbin/cibadmin -Q --scope resources');
    await eventually('it is committed', resources, (cib) => cib.includes('value="now"'), 30_000);
    screen.type('up\r');
    screen.type('corosync edit\r');
    await screen.shows(/corosync edit[\s\S]*crm\([^)]*\)#[^#]*$/);
  } finally {
    screen.kill();
    await screen.exited;
  }
  await afar('crm -w -F configure property stop-all-resources=true');
  await afar('crm -F configure erase');
  expect(await lab.ok('primary', '/usr/sbin/cibadmin -Q --scope resources')).not.toContain('<primitive');
  await afar('crm -F configure property stonith-enabled=false');
  await afar('crm -w -F configure primitive e Dummy');
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

  test('the password of sudo is asked for once, and stands on no command line and in no environment', async () => {
    await lab.ok(
      'secondary',
      'useradd -m op; echo op:geheim | chpasswd; echo "op ALL=(ALL) ALL" >/etc/sudoers.d/op',
    );
    await lab.ok(
      'secondary',
      'install -d -m 700 -o op /home/op/.ssh && cp /root/.ssh/authorized_keys /home/op/.ssh && chown op /home/op/.ssh/authorized_keys',
    );
    const look = 'grep -las "[g]eheim" /proc/[0-9]*/cmdline /proc/[0-9]*/environ';
    const watches = nodes.map(({ name }) =>
      lab.start(name, `while :; do ${look} >>/root/seen; sleep 0.1; done`),
    );
    const screen = lab.terminal('client', 'crm -w -H op@primary');
    try {
      await screen.shows(/\[sudo\] password for op@primary:/);
      screen.type('falsch\r');
      await screen.shows(/(\[sudo\] password for op@primary:[\s\S]*){2}/);
      screen.type('geheim\r');
      await screen.shows(/crm\(.*\)#/);
      screen.type('resource stop e\r');
      await eventually(
        'it is stopped',
        () => lab.ok('primary', '/usr/sbin/crm_mon -1r'),
        (text) => /e\s.*Stopped/.test(text),
        30_000,
      );
      screen.type('history info\r');
      await screen.shows(/Nodes: primary secondary/, 30_000);
      expect(screen.text().match(/\[sudo\]/g)).toHaveLength(2);
      expect(screen.text()).not.toContain('geheim');
      for (const { name } of nodes) {
        expect(await lab.ok(name, 'cat /root/seen')).toBe('');
        // Who looks would have seen it.
        await lab.ok(name, 'env SHOWN=geheim sleep 1');
        expect(await lab.ok(name, 'cat /root/seen')).toContain('/environ');
      }
    } finally {
      screen.kill();
      for (const watch of watches) watch.kill();
      await screen.exited;
    }
  });
});
