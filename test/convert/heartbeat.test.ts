import { describe, expect, test } from 'vitest';
import { readConfiguration } from '../../grammar/corosync/configuration.js';
import { printCorosync } from '../../grammar/corosync/print.js';
import { printStatement } from '../../grammar/crm/print.js';
import { readText } from '../../grammar/crm/read.js';
import { readAuthKeys } from '../../grammar/heartbeat/authkeys.js';
import { DIRECTIVES } from '../../grammar/heartbeat/directives.js';
import { readHaCf } from '../../grammar/heartbeat/ha-cf.js';
import { readHaResources } from '../../grammar/heartbeat/haresources.js';
import { convertHeartbeat, notesText } from '../../src/convert/heartbeat/convert.js';
import { FATES } from '../../src/convert/heartbeat/directives.js';
import type { Conversion, InterfaceAddress, MachineFacts } from '../../src/convert/heartbeat/types.js';

const FACTS: MachineFacts = {
  interfaces: new Map(),
  resolved: new Map([
    ['a', ['10.0.0.1']],
    ['b', ['10.0.0.2']],
  ]),
  resourceScripts: new Set(['drbddisk', 'IPaddr', 'Filesystem']),
  initScripts: new Set(['mysql', 'floatip']),
  blindScripts: new Map(),
  ocfAgents: new Set(['IPaddr2', 'Filesystem', 'MailTo', 'ldirectord']),
};

const HA_CF = 'node a b\nbcast eth0\nauto_failback on\ndeadtime 30\nkeepalive 2\n';

function convert(haCf: string, resources: string, facts: Partial<MachineFacts> = {}): Conversion {
  return convertHeartbeat(
    {
      haCf: readHaCf(haCf).file,
      authKeys: readAuthKeys('auth 3\n3 md5 Hello-there!\n').file,
      groups: readHaResources(resources).groups,
    },
    { ...FACTS, ...facts },
  );
}

const shown = (conversion: Conversion): string[] =>
  conversion.statements.map((statement) => printStatement(statement, 'line'));

describe('resources', () => {
  test('the DRBD line of 2006', () => {
    const conversion = convert(
      HA_CF,
      'a 192.168.0.222 drbddisk::drbd0 Filesystem::/dev/drbd1::/mnt/nd0::ext3 mysql\n',
    );
    expect(conversion.obstacles).toEqual([]);
    expect(shown(conversion)).toEqual([
      'primitive IPaddr_192_168_0_222 ocf:heartbeat:IPaddr2 params ip=192.168.0.222 op monitor interval=10s',
      'primitive drbddisk_2 heartbeat:drbddisk params 1=drbd0 op monitor interval=10s',
      'primitive Filesystem_3 ocf:heartbeat:Filesystem params device="/dev/drbd1" directory="/mnt/nd0" fstype=ext3 op monitor interval=10s',
      'primitive mysql_4 lsb:mysql op monitor interval=10s',
      'group group_1 IPaddr_192_168_0_222 drbddisk_2 Filesystem_3 mysql_4',
      'location home_group_1 group_1 100: a',
      'property stonith-enabled=false',
      'rsc_defaults rsc-options: resource-stickiness=0',
      'op_defaults op-options: timeout=120s',
    ]);
    // What it prints is what it says.
    const text = conversion.statements.map((statement) => printStatement(statement)).join('\n');
    expect(readText(text).diagnostics).toEqual([]);
  });

  test('auto_failback off keeps resources where they are', () => {
    const conversion = convert(HA_CF.replace('auto_failback on', 'auto_failback off'), 'b 10.0.0.9\n');
    expect(shown(conversion)).toContain('rsc_defaults rsc-options: resource-stickiness=INFINITY');
    expect(shown(conversion)).toContain('location home_IPaddr_10_0_0_9 IPaddr_10_0_0_9 100: b');
  });

  test('surroundings of addresses, scripts with arguments, scripts nobody has', () => {
    const conversion = convert(
      HA_CF,
      'a 10.0.0.9/24/eth0:1/10.0.0.255 floatip floatip::x nothere MailTo::ops@example.org::down\nb 10.0.0.9\n',
    );
    expect(shown(conversion).slice(0, 7)).toEqual([
      'primitive IPaddr_10_0_0_9 ocf:heartbeat:IPaddr2 params ip=10.0.0.9 cidr_netmask=24 nic=eth0 iflabel=1 broadcast=10.0.0.255 op monitor interval=10s',
      'primitive floatip_2 lsb:floatip op monitor interval=10s',
      'primitive floatip_3 heartbeat:floatip params 1=x op monitor interval=10s',
      'primitive nothere_4 heartbeat:nothere op monitor interval=10s',
      'primitive MailTo_5 ocf:heartbeat:MailTo params email="ops@example.org" subject=down op monitor interval=10s',
      'group group_1 IPaddr_10_0_0_9 floatip_2 floatip_3 nothere_4 MailTo_5',
      'primitive IPaddr_10_0_0_9_2 ocf:heartbeat:IPaddr2 params ip=10.0.0.9 op monitor interval=10s',
    ]);
    const todo = conversion.notes.filter(({ outcome }) => outcome === 'todo').map(({ what }) => what);
    expect(todo).toEqual(['nothere', 'no stonith']);
  });

  test('an init script that says it runs wherever it is asked is not monitored', () => {
    const silent = convert(HA_CF, 'a floatip\n', { blindScripts: new Map([['floatip', 'silent']]) });
    expect(shown(silent)[0]).toBe('primitive floatip_1 heartbeat:floatip');
    expect(notesText(silent.notes)).toMatch(/Left to do:[\s\S]*'status' exits with 0 on every node/);
    const running = convert(HA_CF, 'a floatip\n', { blindScripts: new Map([['floatip', 'running']]) });
    expect(shown(running)[0]).toBe('primitive floatip_1 lsb:floatip');
  });

  test('ping hosts: a clone, and places that follow what answers', () => {
    const conversion = convert(
      `${HA_CF}ping 10.0.0.254 10.0.0.253\nping_group wan 9.9.9.9\ndeadping 8\nrespawn hacluster /usr/lib/heartbeat/ipfail\n`,
      'a 10.0.0.9 mysql\n',
    );
    const lines = shown(conversion);
    expect(lines).toContain(
      'primitive ping_pingd ocf:pacemaker:ping params name=pingd host_list="10.0.0.254 10.0.0.253" multiplier=10000 attempts=2 timeout=2 dampen=1s op monitor interval=4s timeout=28s',
    );
    expect(lines).toContain('clone ping_pingd-clone ping_pingd');
    expect(lines).toContain('location connected_group_1 group_1 rule pingd: defined pingd');
    expect(lines).toContain('location connected_group_1_wan group_1 rule 10000: pingd_wan gt 0');
  });

  test('with a CIB haresources is not used', () => {
    const conversion = convert(`${HA_CF}crm on\n`, 'a 10.0.0.9\n');
    expect(shown(conversion).some((line) => line.startsWith('primitive'))).toBe(false);
    expect(notesText(conversion.notes)).toMatch(/heartbeat\/crm\/cib\.xml/);
  });
});

describe('the cluster', () => {
  const on = (...addresses: string[]): InterfaceAddress[] =>
    addresses.map((each) => {
      const [device = '', address = ''] = each.split(' ');
      return { device, address, prefix: 24 };
    });

  test('corosync.conf that the agent takes', () => {
    const { corosync } = convert(
      `udpport 694\nlogfile /var/log/ha-log\nlogfacility local0\n${HA_CF}`,
      'a 10.0.0.9\n',
    );
    const text = printCorosync(corosync);
    const { configuration, mistakes } = readConfiguration(text);
    expect(mistakes).toEqual([]);
    expect(configuration).toMatchObject({
      totem: { tokenMs: 30_000, interfaces: [{ linkNumber: 0, mcastPort: 694 }] },
      quorum: { twoNode: true, waitForAll: false },
      nodes: [
        { name: 'a', nodeId: 1, addresses: ['10.0.0.1'] },
        { name: 'b', nodeId: 2, addresses: ['10.0.0.2'] },
      ],
    });
    expect(text).toMatch(/logfile: \/var\/log\/ha-log/);
    expect(text).toMatch(/syslog_facility: local0/);
  });

  test.each<[string, string, Partial<MachineFacts>, string[][]]>([
    [
      'two networks, both machines looked at',
      'bcast eth0 eth1',
      {
        interfaces: new Map([
          ['a', on('eth0 10.0.0.1', 'eth1 10.1.0.1')],
          ['b', on('eth0 10.0.0.2', 'eth1 10.1.0.2')],
        ]),
      },
      [
        ['10.0.0.1', '10.1.0.1'],
        ['10.0.0.2', '10.1.0.2'],
      ],
    ],
    [
      'both ucast lines in both files; only this machine looked at',
      'ucast eth1 10.1.0.1\nucast eth1 10.1.0.2',
      { interfaces: new Map([['a', on('eth1 10.1.0.1')]]), resolved: new Map() },
      [['10.1.0.1'], ['10.1.0.2']],
    ],
    [
      'the peer’s address only',
      'ucast eth1 10.1.0.2',
      { interfaces: new Map([['a', on('eth1 10.1.0.1')]]), resolved: new Map() },
      [['10.1.0.1'], ['10.1.0.2']],
    ],
    [
      'a multicast group; the peer by its name, in the same network',
      'mcast eth1 239.0.0.1 694 1 0',
      {
        interfaces: new Map([['a', on('eth1 10.1.0.1')]]),
        resolved: new Map([['b', ['10.9.0.2', '10.1.0.2']]]),
      },
      [['10.1.0.1'], ['10.1.0.2']],
    ],
    ['nothing but names', 'serial /dev/ttyS0', {}, [['10.0.0.1'], ['10.0.0.2']]],
  ])('%s', (_, media, facts, addresses) => {
    const { nodes, obstacles } = convert(HA_CF.replace('bcast eth0', media), 'a 10.0.0.9\n', facts);
    expect(obstacles).toEqual([]);
    expect(nodes.map((node) => node.addresses)).toEqual(addresses);
  });

  test('a node that nobody knows the address of', () => {
    const { obstacles } = convert(HA_CF, 'a 10.0.0.9\n', { resolved: new Map([['a', ['10.0.0.1']]]) });
    expect(obstacles).toEqual([expect.stringMatching(/node b is not known: put it into \/etc\/hosts/)]);
  });
});

test('every directive has a fate in words', () => {
  const spoken = new Set([...Object.keys(FATES), 'auto_failback', 'nice_failback', 'ping', 'ping_group']);
  expect([...DIRECTIVES.keys()].filter((name) => !spoken.has(name))).toEqual([]);
  for (const { name, example } of DIRECTIVES.values()) {
    const { notes } = convert(`${HA_CF}${example}\n`, 'a 10.0.0.9\n');
    expect(
      notes.filter(({ what }) => what.startsWith(name)).map(({ text }) => text.length > 0),
      name,
    ).toContain(true);
  }
});
