import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { hostConfig, parseDestination } from '../../src/ssh/config.js';

const directory = mkdtempSync(join(tmpdir(), 'ssh-config-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

test.each([
  ['primary', { host: 'primary' }],
  ['root@primary', { host: 'primary', user: 'root' }],
  ['root@primary:2222', { host: 'primary', user: 'root', port: 2222 }],
  ['a@b@primary', { host: 'primary', user: 'a@b' }],
  ['fe80::1', { host: 'fe80::1' }],
  ['[fe80::1]:22', { host: 'fe80::1', port: 22 }],
  ['ssh://u@h:1', { host: 'h', user: 'u', port: 1 }],
])('the destination %s', (text, expected) => {
  expect(parseDestination(text)).toEqual(expected);
});

const FILE = `
Host primary web
  HostName 10.77.0.1
  User = operator
  Port 2222
  IdentityFile ~/.ssh/cluster
  IdentityFile "${directory}/second key"
  IdentitiesOnly yes
  ProxyJump jump1,root@jump2:2200
  ServerAliveInterval 5
  ServerAliveCountMax 2
  ConnectTimeout 3
  UserKnownHostsFile ${directory}/known_%n /dev/null
Host * !primary
  User fallback
  StrictHostKeyChecking accept-new
Host *
  HashKnownHosts yes
  User last
`;

describe.each([
  ['OpenSSH', undefined],
  ['our own reading', null],
])('ssh_config by %s', (_name, sshProgram) => {
  const file = join(directory, 'config');
  writeFileSync(file, FILE);
  const options = {
    configFile: file,
    environment: { SSH_AUTH_SOCK: '/tmp/agent' },
    ...(sshProgram === null ? { sshProgram } : {}),
  };

  test('everything about one host', async () => {
    const outcome = await hostConfig('primary', options);
    expect(outcome).toMatchObject({
      ok: true,
      value: {
        host: 'primary',
        hostName: '10.77.0.1',
        user: 'operator',
        port: 2222,
        identityFiles: [join(userInfo().homedir, '.ssh/cluster'), expect.stringContaining('second key')],
        identitiesOnly: true,
        identityAgent: '/tmp/agent',
        proxyJump: ['jump1', 'root@jump2:2200'],
        strictHostKeyChecking: 'ask',
        hashKnownHosts: true,
        connectTimeoutMs: 3000,
        serverAliveIntervalMs: 5000,
        serverAliveCountMax: 2,
        userKnownHostsFiles: [join(directory, 'known_primary'), '/dev/null'],
      },
    });
  });

  test('what is typed goes before the file, the first section before the later', async () => {
    expect(await hostConfig('me@web:22', options)).toMatchObject({ value: { user: 'me', port: 22 } });
    expect(await hostConfig('elsewhere', options)).toMatchObject({
      value: {
        user: 'fallback',
        strictHostKeyChecking: 'accept-new',
        hostName: 'elsewhere',
        port: 22,
        proxyJump: [],
      },
    });
  });

  test('what could be taken for an option is no host', async () => {
    expect(await hostConfig('-oProxyCommand=x', options)).toMatchObject({
      ok: false,
      error: { kind: 'protocol' },
    });
  });
});

test('Include and Match are honoured where OpenSSH is there', async () => {
  const included = join(directory, 'included');
  const file = join(directory, 'with-include');
  writeFileSync(included, 'Host inner\n  Port 77\n');
  writeFileSync(file, `Include ${included}\nMatch host inner\n  User matched\n`);
  expect(await hostConfig('inner', { configFile: file })).toMatchObject({
    value: { port: 77, user: 'matched' },
  });
});

test('a mistake in ssh_config is told in one line', async () => {
  const file = join(directory, 'broken');
  writeFileSync(file, 'Host x\n  Porrt 22\n');
  const outcome = await hostConfig('x', { configFile: file });
  expect(outcome).toMatchObject({
    ok: false,
    error: { message: expect.stringMatching(/^ssh_config: .*line 2.*porrt/) },
  });
});
