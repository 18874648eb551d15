/**
 * The load balancer pair: two directors with ldirectord, two web servers behind them, and the configuration that such
 * pairs have had for fifteen years: addresses, VIPcheck and ldirectord in a group, a ping clone with a score, places by
 * that score. Everything is loaded from a file, as those pages say: both nodes standby, erase, load, verify, look, online.
 *
 * ldirectord is Debian's, with real HTTP requests to the web servers. Where the kernel has no IPVS, as on most test
 * machines, `ipvsadm` is a stand-in with its table in a file (lvs/), which also forwards the connections.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { ClientLoop } from './client-loop.js';
import { configureCluster, eventually, Lab, startAgent } from './lab.js';
import { Page } from './page.js';
import { DIRECTOR_ADDRESSES, DIRECTORS, ROUTER } from './story-configurations.js';

const [VIP, SECOND_VIP] = DIRECTOR_ADDRESSES;
const directors = [
  { name: 'lb1', address: '10.77.0.1' },
  { name: 'lb2', address: '10.77.0.2' },
];
const webServers = ['web1', 'web2'];
const LVS = join(import.meta.dirname, 'lvs');
const kernelHasIpvs = existsSync('/proc/net/ip_vs');

const lab = new Lab('load-balancers');
const story = new Page(lab, 'load-balancers');
let client: ClientLoop;

const LDIRECTORD_CF = `checktimeout=3
negotiatetimeout=5
checkinterval=1
autoreload=yes
quiescent=no
logfile="/var/log/ldirectord.log"

virtual=${VIP}:80
	real=10.77.0.3:80 gate
	real=10.77.0.4:80 gate
	service=http
	scheduler=rr
	protocol=tcp
	checktype=negotiate
	request="/check.html"
	receive="alive"
`;

/** Three mistakes that keep a director from directing, and one that makes its checks worthless. */
const WRONG_CF = LDIRECTORD_CF.replace(/\treal=.*\n/g, '')
  .replace('scheduler=rr', 'scheduler=roundrobin')
  .replace('quiescent', 'quiesent')
  .replace(/\treceive=.*\n/, '');

const status = (node: string): Promise<string> => lab.ok(node, 'crm status');
const table = (node: string): Promise<string> => lab.ok(node, 'ipvsadm -L -n');

/** What a director has after each boot where its kernel has no IPVS. */
async function bootDirector(name: string): Promise<void> {
  if (kernelHasIpvs) return;
  console.log(`${name}: no IPVS in this kernel, ipvsadm is a stand-in with its table in a file`);
  await lab.ok(name, `mount --bind ${LVS}/ipvsadm /sbin/ipvsadm`);
  lab.start(name, `exec ${process.execPath} ${LVS}/node.mjs /run/ipvs.json`);
}

beforeAll(async () => {
  await lab.up('lb1', 'lb2', ...webServers);
  await lab.onSwitch('ip', 'addr', 'add', `${ROUTER}/24`, 'dev', 'br1');
  for (const name of webServers) {
    await lab.write(name, '/srv/www/index.html', `${name}\n`);
    await lab.write(name, '/srv/www/check.html', 'alive\n');
    await lab.write(
      name,
      '/etc/nginx/nginx.conf',
      'pid /run/nginx.pid;\nerror_log /var/log/nginx/error.log;\nevents {}\nhttp { access_log off; server { listen 80; root /srv/www; add_header Connection close; } }\n',
    );
    await lab.ok(name, 'mkdir -p /var/log/nginx && nginx >/dev/null 2>&1');
  }
  for (const { name } of directors) {
    await lab.write(name, '/etc/ha.d/ldirectord.cf', LDIRECTORD_CF);
    await bootDirector(name);
  }
  await configureCluster(lab, directors, '  token: 1000\n');
  await Promise.all(directors.map(({ name }) => startAgent(lab, name)));
  await eventually(
    'both directors are online',
    async () => (await lab.exec('lb1', 'crm status')).out,
    (text) => /Online: \[ lb1 lb2 \]/.test(text),
  );
});
afterAll(() => lab.down());
beforeEach(({ onTestFailed }) => {
  onTestFailed(async () => {
    await lab.explain(
      directors.map(({ name }) => name),
      'crm_mon -1rfA; ipvsadm -L -n; tail -n 8 /var/log/ldirectord.log',
    );
  });
});

test('both nodes standby, configure erase', async () => {
  await lab.ok('lb1', 'crm configure property stonith-enabled=false');
  await lab.ok('lb1', 'crm configure primitive old Dummy');
  await lab.ok('lb1', 'crm -w node standby lb1');
  await lab.ok('lb1', 'crm -w node standby lb2');
  expect(await status('lb2')).toMatch(/Node lb1: standby[\s\S]*Node lb2: standby/);
  await lab.ok('lb1', 'crm -w resource stop old');
  await lab.ok('lb1', 'crm configure erase');
  expect(await lab.ok('lb2', 'crm configure show')).not.toMatch(/primitive/);
});

test('crm configure load update FILE.crm, crm_verify -L -V, crm configure show', async () => {
  await lab.write('lb1', '/root/balancer.crm', DIRECTORS);
  const loaded = await lab.exec('lb1', 'crm configure load update /root/balancer.crm');
  expect(loaded.code, loaded.err).toBe(0);
  expect(loaded.err).toMatch(
    /default-resource-stickiness is obsolete: taken as rsc_defaults resource-stickiness=INFINITY/,
  );
  const verified = await lab.exec('lb1', 'crm_verify -L -V');
  expect(verified.code, verified.err).toBe(0);
  const text = await lab.ok('lb2', 'crm configure show');
  for (const line of [
    /^primitive vipcheck VIPcheck \\\n\tparams target_ip=10\.77\.0\.100 count=1 wait=1 \\\n\top start interval=0s timeout=90s on-fail=restart start-delay=100ms$/m,
    /op stop interval=0s timeout=60s on-fail=block$/m,
    /params name=pingd_score host_list=10\.78\.0\.250 multiplier=100/,
    /^group balancer vipcheck vip1 vip2 ldirectord$/m,
    /^clone ping-clone ping$/m,
    /^location balancer-place balancer \\\n\trule 200: #uname eq lb1 \\\n\trule 100: #uname eq lb2 \\\n\trule -inf: not_defined pingd_score or pingd_score lt 100$/m,
    /^colocation balancer-with-ping inf: balancer ping-clone$/m,
    /^order ping-then-vipcheck Optional: ping-clone vipcheck symmetrical=true$/m,
    // Two that came in the words of pcs.
    /^colocation vip2-with-ping inf: vip2 ping-clone$/m,
    /^order ping-then-ldirectord Optional: ping-clone ldirectord symmetrical=true$/m,
    /resource-stickiness=INFINITY/,
  ]) {
    expect(text).toMatch(line);
  }
});

test('crm configure ldirectord and verify say what is wrong with ldirectord.cf; Tab completes it', async () => {
  // Probes read the file, too.
  await lab.ok('lb1', 'crm_resource --wait');
  await lab.write('lb1', '/etc/ha.d/ldirectord.cf', WRONG_CF);
  const wrong = await lab.exec('lb1', 'crm configure ldirectord');
  expect(wrong.code).toBe(1);
  for (const words of [
    "ERROR: /etc/ha.d/ldirectord.cf:5:1: unknown setting 'quiesent'",
    "ERROR:   did you mean 'quiescent'?",
    'ERROR: /etc/ha.d/ldirectord.cf:8:1: the virtual service 10.77.0.100:80 has no real servers',
    "ERROR: /etc/ha.d/ldirectord.cf:10:12: unknown scheduler 'roundrobin'",
    'WARNING: /etc/ha.d/ldirectord.cf:13:2: a request, but nothing that the answer of a server must hold',
  ]) {
    expect(wrong.err).toContain(words);
  }
  expect((await lab.exec('lb1', 'crm configure verify')).err).toMatch(
    /WARNING: \/etc\/ha\.d\/ldirectord\.cf:10:12: unknown scheduler 'roundrobin'/,
  );
  await lab.write('lb1', '/etc/ha.d/ldirectord.cf', LDIRECTORD_CF);
  expect(await lab.ok('lb1', 'crm configure ldirectord')).toMatch(
    /1 virtual service\n {2}10\.77\.0\.100:80 rr\n/,
  );
  const prompt = lab.terminal('lb1', 'crm configure');
  await prompt.shows(/configure# ?$/, 30_000);
  prompt.type('ldirectord /etc/ha.d/ldirectord.cf virtual=10.77.0.100:80 sched\t');
  await prompt.shows(/scheduler= +which server gets the next connection/, 30_000);
  prompt.type('uler=w\t');
  await prompt.shows(/wlc[\s\S]*wrr|wrr[\s\S]*wlc/, 30_000);
  prompt.type('\x03\x04');
  await prompt.exited;
});

test('pcs constraint colocation, order, show all: the same configuration in the words of pcs', async () => {
  await lab.ok('lb1', 'pcs constraint colocation add vip1 ping-clone INFINITY id=vip1-with-ping');
  await lab.ok(
    'lb1',
    'pcs constraint order ping-clone then balancer score=INFINITY symmetrical=false id=ping-then-balancer',
  );
  const constraints = await lab.ok('lb2', 'pcs constraint show all');
  for (const line of [
    /balancer with ping-clone \(score:INFINITY\) \(id:balancer-with-ping\)/,
    /vip1 with ping-clone \(score:INFINITY\) \(id:vip1-with-ping\)/,
    /start ping-clone then start balancer \(score:INFINITY\) \(non-symmetrical\) \(id:ping-then-balancer\)/,
    /ping-clone then vipcheck \(kind:Optional\) \(id:ping-then-vipcheck\)/,
  ]) {
    expect(constraints).toMatch(line);
  }
  expect(await lab.ok('lb1', 'crm configure show')).toMatch(
    /^colocation vip1-with-ping inf: vip1 ping-clone$/m,
  );
});

test('online: the pages come from both servers, through the director', async () => {
  await lab.ok('lb1', 'crm node online lb1');
  await lab.ok('lb1', 'crm node online lb2');
  client = new ClientLoop(lab, `curl -q -s --max-time 0.5 http://${VIP}/`);
  await eventually(
    'both web servers have answered',
    async () => new Set(client.samples.slice(-20).map(({ host }) => host)),
    (hosts) => webServers.every((name) => hosts.has(name)),
    60_000,
  );
  // ldirectord begins with all servers, takes out those that it has not checked yet, and adds them as they answer.
  await eventually(
    'both servers are in the table',
    () => table('lb1'),
    (text) =>
      /^TCP {2}10\.77\.0\.100:80 rr$/m.test(text) &&
      /^ {2}-> 10\.77\.0\.3:80 +Route +1 /m.test(text) &&
      /^ {2}-> 10\.77\.0\.4:80 +Route +1 /m.test(text),
  );
  expect(await lab.ok('lb1', 'crm_mon -1A')).toMatch(/\* pingd_score\s+: 100/);
  expect(await lab.ok('client', `ping -c1 -W1 ${SECOND_VIP}`)).toMatch(/1 received/);
});

test('a web server whose page is wrong gets no more connections, until it is right again', async () => {
  const since = Date.now();
  await lab.ok('web1', 'mv /srv/www/check.html /srv/www/gone');
  await eventually(
    'ldirectord takes it out',
    () => table('lb1'),
    (text) => !text.includes('10.77.0.3:80'),
  );
  console.log(`page wrong, checked every second: out after ${Date.now() - since} ms`);
  const after = Date.now();
  await eventually(
    'only web2 answers',
    async () => client.samples.filter(({ atMs }) => atMs > after).slice(-10),
    (samples) => samples.length === 10 && samples.every(({ host }) => host === 'web2'),
  );
  await lab.ok('web1', 'mv /srv/www/gone /srv/www/check.html');
  await eventually(
    'it is back',
    () => table('lb1'),
    (text) => text.includes('10.77.0.3:80'),
  );
});

test('the router is gone for lb1: the group moves as one, and stays when the router is back', async () => {
  const since = Date.now();
  await lab.lab('cut', 'lb1', 'eth1');
  await eventually(
    'lb2 has it all',
    () => status('lb2'),
    (text) =>
      ['vipcheck', 'vip1', 'vip2', 'ldirectord'].every((id) =>
        new RegExp(`\\* ${id}\\s.*Started lb2`).test(text),
      ),
    60_000,
  );
  await eventually(
    'and answers',
    async () => client.samples.slice(-5),
    (samples) => samples.every(({ host }) => host !== null),
  );
  console.log(`router gone, pinged every second: ${client.longestGapMs(since)} ms without an answer`);
  expect(await lab.ok('lb2', 'crm_mon -1A')).toMatch(
    /Node: lb1:\n {4}\* pingd_score\s+: 0[\s\S]*Node: lb2:\n {4}\* pingd_score\s+: 100/,
  );
  expect(await table('lb1')).not.toMatch(/TCP/);
  // Changes of scores are in the log of whichever is the DC.
  const logs = await Promise.all(
    directors.map(({ name }) => lab.ok(name, 'cat /var/log/quorate/quorated.log')),
  );
  expect(logs.join('')).toMatch(/info: Attribute pingd_score on lb1 is 0\./);
  await lab.lab('heal', 'lb1', 'eth1');
  await eventually(
    'lb1 has its score again',
    () => lab.ok('lb2', 'crm_mon -1A'),
    (text) => (text.match(/pingd_score\s+: 100/g) ?? []).length === 2,
  );
  expect(await status('lb2')).toMatch(/\* vip1\s.*Started lb2/);
});

test('the director dies: the other one takes over', async () => {
  const since = Date.now();
  await lab.lab('crash', 'lb2');
  await eventually(
    'the client is answered',
    async () => client.samples.filter(({ atMs }) => atMs > since + 500).slice(-5),
    (samples) => samples.length === 5 && samples.every(({ host }) => host !== null),
    60_000,
  );
  console.log(`lb2 killed, token 1000: ${client.longestGapMs(since)} ms without an answer`);
  expect(await status('lb1')).toMatch(/OFFLINE: \[ lb2 \][\s\S]*\* vip1\s.*Started lb1/);
});

test('the log of the node that took over says it in plain words', async () => {
  const log = await eventually(
    'the fail-over has ended',
    () => lab.ok('lb1', 'cat /var/log/quorate/quorated.log'),
    (text) => /Node lb2 is lost[\s\S]*Fail-over succeeded/.test(text),
  );
  const plain = log
    .split('\n')
    .map((line) => line.replace(/^\S+ /, ''))
    .filter((line) => /^\w+: ((Node|Resource|Attribute) |Start to fail|Fail-over)/.test(line));
  expect(plain).toContain('info: Resource vip1 stopped on lb1 (rc=0).');
  const lost = plain.indexOf('warning: Node lb2 is lost.');
  expect(plain.slice(lost).filter((line) => !/DC now|not been heard|Attribute/.test(line))).toEqual([
    'warning: Node lb2 is lost.',
    'error: Start to fail-over: node lb2 is lost.',
    'info: Resource vipcheck started on lb1 (rc=0).',
    'info: Resource vip1 started on lb1 (rc=0).',
    'info: Resource vip2 started on lb1 (rc=0).',
    'info: Resource ldirectord started on lb1 (rc=0).',
    expect.stringMatching(/^info: Fail-over succeeded after \d+\.\d\d s\.$/),
  ]);
});

test('crm history tells the same, from the last heartbeat to the last start', async () => {
  const told = await lab.ok('lb1', 'crm history failover');
  console.log(told);
  expect(told).toMatch(/^lb2 was lost at /);
  for (const id of ['vipcheck', 'vip1', 'vip2', 'ldirectord']) {
    expect(told).toMatch(new RegExp(`done +lb1 +Resource ${id} started on lb1 \\(rc=0\\)`));
  }
  expect(told).toMatch(/vip1 runs again on lb1 after \d+\.\d\d s/);
});

test('the director is back; ldirectord dies on the other one, and the group moves there', async () => {
  await lab.lab('boot', 'lb2');
  await bootDirector('lb2');
  await startAgent(lab, 'lb2');
  await eventually(
    'lb2 has a score',
    () => lab.ok('lb1', 'crm_mon -1A'),
    (text) => (text.match(/pingd_score\s+: 100/g) ?? []).length === 2,
  );
  const since = Date.now();
  await lab.ok('lb1', 'pkill -KILL -f "ldirectord.*ldirectord.cf"');
  await eventually(
    'lb2 has it all',
    () => status('lb1'),
    (text) =>
      /\* vip1\s.*Started lb2/.test(text) &&
      /\* ldirectord\s.*Started lb2/.test(text) &&
      /Failed Resource Actions:\n {2}\* ldirectord .*monitor on lb1/.test(text),
    60_000,
  );
  console.log(`ldirectord killed, watched every 10 s: ${client.longestGapMs(since)} ms without an answer`);
  const log = await lab.ok('lb1', 'cat /var/log/quorate/quorated.log');
  expect(log).toMatch(/info: Node lb2 is a member\./);
  expect(log).toMatch(/error: Resource ldirectord does not work on lb1 \(rc=7, /);
});

test('the page says what was typed and seen here', () => story.expectAllDone());
