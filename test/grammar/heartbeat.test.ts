import { describe, expect, test } from 'vitest';
import { formatMistake, type Mistake } from '../../grammar/heartbeat/ast.js';
import { readAuthKeys } from '../../grammar/heartbeat/authkeys.js';
import { DIRECTIVES } from '../../grammar/heartbeat/directives.js';
import { readHaCf, readTime } from '../../grammar/heartbeat/ha-cf.js';
import { readHaResources, readServiceAddress } from '../../grammar/heartbeat/haresources.js';
import { validateGrammar } from '../../grammar/heartbeat/parser.js';

test('the grammar itself is sound', () => {
  expect(validateGrammar).not.toThrow();
});

/** As the pages of 2006 had it. */
const HA_CF = `debugfile /var/log/ha-debug
logfile	/var/log/ha-log
logfacility	local0
keepalive 2		# how long between heartbeats
deadtime 30
warntime 10
initdead 120
udpport	694
bcast	eth0 eth1		# Linux
ucast eth1 192.168.0.2
mcast eth0 225.0.0.1 694 1 0
serial	/dev/ttyS0	# Linux
auto_failback off
node	debian-420 debian-421
ping 192.168.0.1
ping_group routers 10.0.0.1 10.0.0.2
deadping 1500ms
respawn hacluster /usr/lib/heartbeat/ipfail
apiauth ipfail gid=haclient uid=hacluster
crm no
`;

describe('ha.cf', () => {
  test('a whole file', () => {
    const { file, mistakes } = readHaCf(HA_CF);
    expect(mistakes).toEqual([]);
    expect(file).toMatchObject({
      nodes: [{ text: 'debian-420' }, { text: 'debian-421' }],
      timing: {
        keepaliveMs: 2000,
        deadtimeMs: 30_000,
        warntimeMs: 10_000,
        initdeadMs: 120_000,
        deadpingMs: 1500,
      },
      media: [
        { kind: 'bcast', device: 'eth0', port: 694 },
        { kind: 'bcast', device: 'eth1', port: 694 },
        { kind: 'ucast', device: 'eth1', address: '192.168.0.2' },
        { kind: 'mcast', device: 'eth0', group: '225.0.0.1' },
        { kind: 'serial', device: '/dev/ttyS0' },
      ],
      udpPort: 694,
      autoFailback: 'off',
      pings: [{ hosts: ['192.168.0.1'] }, { group: 'routers', hosts: ['10.0.0.1', '10.0.0.2'] }],
      respawns: [{ user: 'hacluster', program: '/usr/lib/heartbeat/ipfail' }],
      crm: false,
      logFile: '/var/log/ha-log',
      debugFile: '/var/log/ha-debug',
      logFacility: 'local0',
    });
  });

  test.each([
    ['auto_failback on', 'on'],
    ['auto_failback OFF', 'off'],
    ['auto_failback legacy', 'legacy'],
    ['nice_failback on', 'off'],
    ['', 'legacy'],
  ])('%s: failback %s', (line, failback) => {
    expect(readHaCf(`node a b\nbcast eth0\n${line}\n`).file.autoFailback).toBe(failback);
  });

  test.each([
    ['2', 2000],
    ['1.7', 1700],
    ['1500ms', 1500],
    ['.5', 500],
    ['2m', 120_000],
    ['500us', 1],
    ['ten', null],
    ['', null],
    ['-1', null],
  ])('time %s is %s ms', (text, ms) => {
    expect(readTime(text)).toBe(ms);
  });

  const frame = (line: string): string => `node a b\nbcast eth0\nauto_failback on\n${line}\n`;

  test.each([
    ['deadtim 30', 'unknown-directive', /did you mean 'deadtime 30'/],
    ['Keepalive 2', 'unknown-directive', /write 'keepalive'/],
    ['keepalive=2', 'unknown-directive', /write 'keepalive 2'/],
    ['keepalive', 'incomplete', /keepalive 2/],
    ['keepalive soon', 'invalid-value', /keepalive 2/],
    ['keepalive 2 3', 'too-many', /keepalive 2/],
    ['udpport 70000', 'invalid-value', /udpport 694/],
    ['ucast eth0', 'incomplete', /ucast eth0 10\.0\.0\.2/],
    ['ucast eth0 10.0.0.300', 'invalid-value', /ucast/],
    ['mcast eth0 10.0.0.1 694 1 0', 'invalid-value', /224\.0\.0\.0/],
    ['logfacility lokal0', 'invalid-value', /did you mean local0/],
    ['autojoin some', 'invalid-value', /none/],
    ['logfile ha.log', 'invalid-value', /logfile \/var/],
    ['auto_failback maybe', 'invalid-value', /legacy/],
    ['ping', 'incomplete', /ping 10/],
    ['ping_group g', 'incomplete', /ping_group routers/],
    ['respawn /usr/lib/heartbeat/ipfail', 'incomplete', /respawn hacluster/],
    ['deadtime 2\nkeepalive 2', 'deadtime', /deadtime 8/],
  ])('%s', (line, code, fix) => {
    const { mistakes } = readHaCf(frame(line));
    const errors = mistakes.filter(({ severity }) => severity === 'error');
    expect(errors.map((each) => each.code)).toContain(code);
    expect(errors[0]!.fix).toMatch(fix);
    expect(errors[0]!.place.line).toBeGreaterThanOrEqual(4);
  });

  test.each([
    ['deadtime 30\nwarntime 40', 'warntime'],
    ['deadtime 30\ninitdead 40', 'initdead'],
    ['keepalive 2\nkeepalive 3', 'duplicate'],
    ['node b', 'duplicate'],
    ['udpport 700', 'late-udpport'],
  ])('%s: a warning', (line, code) => {
    const { mistakes } = readHaCf(frame(line));
    expect(mistakes).toMatchObject([{ severity: 'warning', code }]);
  });

  test('nothing in it at all', () => {
    const { mistakes } = readHaCf('# nothing\n\n');
    expect(mistakes.map(({ code }) => code)).toEqual(['no-nodes', 'no-media', 'no-auto-failback']);
  });

  test('every directive’s own example is right', () => {
    const alone = [...DIRECTIVES.values()].map(({ example, name }) => ({
      name,
      ...readHaCf(`${example}\n`),
    }));
    for (const { name, mistakes, file } of alone) {
      const real = mistakes.filter(({ code }) => !/^no-/.test(code));
      expect(real, name).toEqual([]);
      expect(file.directives.map((directive) => directive.name)).toEqual([name]);
    }
  });

  test('several mistakes at once, each with its line, a caret and what to write', () => {
    const text = 'node a b\nbcsat eth0\nkeepalive two # seconds\nauto_failback on\n';
    const { mistakes } = readHaCf(text);
    expect(mistakes.map((mistake) => formatMistake(mistake, text, 'ha.cf')).join('\n')).toBe(
      `ha.cf:1:1: there is no way for the nodes to hear each other
  node a b
  ^
  write 'ucast eth0 ADDRESS', 'bcast eth0' or 'mcast eth0 239.0.0.1 694 1 0'
ha.cf:2:1: unknown directive 'bcsat'
  bcsat eth0
  ^^^^^
  did you mean 'bcast eth0'?
ha.cf:3:11: 'two' is no time: expected seconds (2, 1.7) or milliseconds (1500ms)
  keepalive two # seconds
            ^^^
  as in: keepalive 2`,
    );
  });
});

describe('authkeys', () => {
  test.each([
    ['auth 3\n3 md5 Hello-there!\n', { id: 3, method: 'md5', secret: 'Hello-there!' }],
    ['# key\nauth 1\n1 sha1 a#long#secret\n2 crc\n', { id: 1, method: 'sha1', secret: 'a#long#secret' }],
    ['auth 2\n2 crc\n', { id: 2, method: 'crc' }],
  ])('%s', (text, active) => {
    const { file, mistakes } = readAuthKeys(text);
    expect(file.active).toMatchObject(active);
    expect(mistakes.filter(({ severity }) => severity === 'error')).toEqual([]);
  });

  test.each<[string, Partial<Mistake>[]]>([
    ['auth1\n1 sha1 secretsecret\n', [{ code: 'misspelt-auth', fix: "write 'auth 1'" }]],
    ['atuh 1\n1 sha1 secretsecret\n', [{ code: 'unknown-word', fix: "did you mean 'auth 1'?" }]],
    ['auth 1\n1 crc\n', [{ severity: 'warning', code: 'crc' }]],
    ['auth 1\n1 sha1 HI!\n', [{ severity: 'warning', code: 'weak-secret' }]],
    ['auth 1\n1 sah1 secretsecret\n', [{ code: 'method', fix: 'did you mean sha1?' }]],
    ['auth 1\n1 sha1\n', [{ code: 'no-secret' }]],
    ['auth 2\n1 sha1 secretsecret\n', [{ code: 'no-such-key' }]],
    ['auth 99\n1 sha1 secretsecret\n', [{ code: 'no-auth' }, { code: 'key-id' }]],
    ['1 sha1 secretsecret\n', [{ code: 'no-auth', fix: "write 'auth 1' as the first line" }]],
    ['auth 1\nauth 2\n1 sha1 secretsecret\n', [{ code: 'duplicate' }]],
    ['auth 1\n1 sha1 secretsecret\n1 md5 othersecret\n', [{ code: 'duplicate' }]],
    ['auth 1\n1 sha1 two words-of-it\n', [{ code: 'weak-secret' }, { code: 'ignored' }]],
    ['', [{ code: 'no-auth' }]],
  ])('%s', (text, mistakes) => {
    expect(readAuthKeys(text).mistakes).toMatchObject(mistakes);
  });
});

describe('haresources', () => {
  test('the line of 2006, other lines, a line that goes on', () => {
    const { groups, mistakes } = readHaResources(
      `# services
debian-420 192.168.0.222 drbddisk::drbd0 Filesystem::/dev/drbd1::/mnt/nd0::ext3
Debian-421 192.168.0.223/28/eth0:1/192.168.0.239 IPaddr::10.0.0.9/24 \\
	httpd  # the web server
`,
      { nodes: ['debian-420', 'debian-421'] },
    );
    expect(mistakes).toEqual([]);
    expect(groups).toMatchObject([
      {
        node: { text: 'debian-420' },
        resources: [
          { script: 'IPaddr', args: ['192.168.0.222'], address: { address: '192.168.0.222' } },
          { script: 'drbddisk', args: ['drbd0'] },
          { script: 'Filesystem', args: ['/dev/drbd1', '/mnt/nd0', 'ext3'] },
        ],
      },
      {
        node: { text: 'debian-421' },
        resources: [
          {
            address: {
              address: '192.168.0.223',
              prefix: 28,
              device: 'eth0',
              label: '1',
              broadcast: '192.168.0.239',
            },
          },
          { script: 'IPaddr', address: { address: '10.0.0.9', prefix: 24 } },
          { script: 'httpd', args: [], place: { line: 4, column: 2 } },
        ],
      },
    ]);
  });

  test.each([
    ['135.9.8.7/24/eth0/135.9.8.210', { prefix: 24, device: 'eth0', broadcast: '135.9.8.210' }],
    ['135.9.8.7/24/135.9.8.210', { prefix: 24, broadcast: '135.9.8.210' }],
    ['135.9.8.7/255.255.255.0', { prefix: 24 }],
    ['fe80::1/64/eth0', { address: 'fe80::1', prefix: 64, device: 'eth0' }],
  ])('%s', (text, address) => {
    expect(readServiceAddress(text)).toMatchObject(address);
  });

  test.each([
    ['10.0.0.1 httpd', 'no-node', /write 'a 10\.0\.0\.1 httpd'/],
    ['c 10.0.0.1', 'unknown-node', /a or b/],
    ['a', 'no-resources', /a 10\.0\.0\.100 httpd/],
    ['a 10.0.0.400', 'address', /192\.168/],
    ['a 10.0.0.1/33', 'address', /192\.168/],
    ['a 10.0.0.1/255.0.255.0', 'address', /192\.168/],
    ['a IPaddr', 'address', /IPaddr::/],
    ['a Filesystem:/dev/sda1', 'colon', /Filesystem::\/dev\/sda1/],
    ['a ::x', 'no-script', /Filesystem/],
    ['a drbddisk::', 'empty-argument', /superfluous/],
    ['a 10.0.0.1 \\ ', 'continuation', /last character/],
  ])('%s', (line, code, fix) => {
    const { mistakes } = readHaResources(`${line}\n`, { nodes: ['a', 'b'] });
    expect(mistakes.map((each) => each.code)).toEqual([code]);
    expect(mistakes[0]!.fix).toMatch(fix);
  });

  test('the same address in two groups', () => {
    const { mistakes } = readHaResources('a 10.0.0.1 x\nb 10.0.0.1/24 y\n');
    expect(mistakes).toMatchObject([
      { severity: 'warning', code: 'repeated', place: { line: 2, column: 3 } },
    ]);
  });
});
