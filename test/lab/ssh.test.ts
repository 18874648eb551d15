/** From a client, over real sshd: passwords, jump hosts, changed keys, and hosts that die under a session. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, Lab } from './lab.js';

const lab = new Lab('ssh');
const hosts = ['n1', 'n2', 'n3'];

const SSHD = `HostKey /etc/ssh/ssh_host_ed25519_key
Port 2222
PermitRootLogin yes
PubkeyAuthentication no
PasswordAuthentication yes
KbdInteractiveAuthentication yes
UsePAM yes
UseDNS no
PidFile /run/lab/sshd-passwords.pid
`;

const CONFIG = `Host secret
  HostName n1
  Port 2222
  HostKeyAlias n1
  PubkeyAuthentication no
  KbdInteractiveAuthentication no
Host asked
  HostName n1
  Port 2222
  HostKeyAlias n1
  PubkeyAuthentication no
  PasswordAuthentication no
Host far
  HostName n3
  ProxyJump n2
Host forged
  HostName n1
  HostKeyAlias forged
# Dead hosts are given up sooner than they would be.
Host *
  ServerAliveInterval 1
  ConnectTimeout 2
`;

beforeAll(async () => {
  await lab.up(...hosts);
  await lab.ok('client', 'crm cluster init -n web n1 n2 n3');
  await lab.ok('client', 'crm -H n1 configure property stonith-enabled=false');
  await lab.ok('n1', "echo 'root:open sesame' | chpasswd");
  await lab.write('n1', '/run/lab/sshd_passwords', SSHD);
  await lab.ok('n1', '/usr/sbin/sshd -f /run/lab/sshd_passwords');
  await lab.write('client', '/root/.ssh/config', CONFIG, '600');
  // What another host shows passes for n1's under this name.
  await lab.ok('client', "sed -n 's/^n2[, ][^ ]* /forged /p' ~/.ssh/known_hosts >>~/.ssh/known_hosts");
});
afterAll(() => lab.down());

test('a password is asked for, not shown, and may be mistyped', async () => {
  const terminal = lab.terminal('client', 'crm -H secret node show');
  await terminal.shows("root@secret's password:");
  terminal.type('wrong\r');
  await terminal.shows(/password:[\s\S]*password:/);
  terminal.type('open sesame\r');
  const text = await terminal.shows('n3(3)');
  expect(await terminal.exited).toBe(0);
  expect(text).not.toContain('sesame');
  expect(text).not.toContain('wrong');
});

test('what the host asks by itself (PAM) is passed on', async () => {
  const terminal = lab.terminal('client', 'crm -H asked node show');
  await terminal.shows(/\(root@asked\) Password:/);
  terminal.type('open sesame\r');
  expect(await terminal.shows('n3(3)')).not.toContain('sesame');
  expect(await terminal.exited).toBe(0);
});

test('where nobody can be asked, it is said what was missing', async () => {
  const ran = await lab.exec('client', 'crm -H secret node show </dev/null');
  expect(ran.code).toBe(1);
  expect(ran.err).toMatch(/secret .*does not let root in/);
});

test('through a jump host', async () => {
  expect(await lab.ok('client', 'crm -H far node show')).toContain('n1(1)');
});

test('a host key that has changed ends the search for a host', async () => {
  const ran = await lab.exec('client', 'crm -H forged,n2 node show');
  expect(ran.code).toBe(1);
  expect(ran.err).toMatch(/the key of forged .* HAS CHANGED .*ssh-keygen -R 'forged'/);
  expect(ran.out).toBe('');
});

test('at the prompt, what was edited survives the death of the host, and is committed through the next', async () => {
  const terminal = lab.terminal('client', 'crm -H n1,n2');
  await terminal.shows('crm(live/n1)#');
  terminal.type('configure\r');
  await terminal.shows('crm(live/n1)configure#');
  terminal.type('primitive late ocf:pacemaker:Dummy op monitor interval=10s\r');
  await terminal.shows(/interval=10s[\s\S]*configure#/);
  await lab.lab('crash', 'n1');
  terminal.type('show late\r');
  await terminal.shows(/primitive late[\s\S]*primitive late ocf:pacemaker:Dummy/);
  terminal.type('commit\r');
  await terminal.shows(/commit[\s\S]*crm\(live\/n2\)configure#/, 40_000);
  terminal.type('bye\r');
  expect(await terminal.exited).toBe(0);
  expect(await lab.ok('client', 'crm -H n2 configure show late')).toContain(
    'primitive late ocf:pacemaker:Dummy',
  );
});

test('a host that dies while a commit is under way: the commit is found to have arrived, or sent again, once', async () => {
  await lab.lab('boot', 'n1');
  await lab.ok('n1', 'setsid quorated >>/var/log/quorated.log 2>&1 </dev/null &');
  await eventually(
    'n1 is back',
    () => lab.ok('client', 'crm -H n2 status'),
    (text) => /Online: \[ n1 n2 n3 \]/.test(text),
  );
  const terminal = lab.terminal('client', 'crm -F -H n1,n2');
  await terminal.shows('crm(live/n1)#');
  terminal.type('configure\r');
  await terminal.shows('crm(live/n1)configure#');
  // Whatever a commit asks of the host beforehand is known by then.
  terminal.type('property batch-limit=7\rverify\r');
  await terminal.shows(/verify[\s\S]*configure#$/);
  // Stopped, n1 takes the request and never answers; then it dies.
  await lab.lab('pause', 'n1');
  terminal.type('commit\r');
  await terminal.shows('committing through n1');
  await lab.lab('crash', 'n1');
  const text = await terminal.shows(/(it had not: it is sent again|it has arrived)[\s\S]*configure#/, 60_000);
  expect(text).toContain('looking up whether the commit has arrived');
  terminal.type('bye\r');
  expect(await terminal.exited).toBe(0);
  expect(await lab.ok('client', 'crm -H n2 configure show')).toContain('batch-limit=7');
});
