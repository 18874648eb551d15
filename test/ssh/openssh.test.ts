/** What ssh2 cannot do is left to the system's ssh: certificates of hosts and people, keys on tokens. */
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { userInfo } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { emptyCib } from '../../src/cib/document.js';
import { openConnection } from '../../src/connection/open.js';
import { connectSsh, type SshSession } from '../../src/ssh/session.js';
import { startAgentDouble } from '../connection/agent-double.js';
import { makeKey, startSshd, type TestSshd } from './sshd.js';

const user = userInfo().username;
let sshd: TestSshd;

/** Signs a public key with the authority of the test. */
function sign(key: string, ...args: string[]): void {
  execFileSync('ssh-keygen', ['-q', '-s', sshd.path('authority'), '-I', 'test', ...args, `${key}.pub`]);
}

beforeAll(async () => {
  sshd = await startSshd();
  makeKey(sshd.path('authority'));
  sign(sshd.path('host_ed25519'), '-h', '-n', '127.0.0.1,server');
  makeKey(sshd.path('id_person'));
  sign(sshd.path('id_person'), '-n', user);
  // Read by each connection's own sshd.
  const config = readFileSync(sshd.path('sshd_config'), 'utf8');
  writeFileSync(
    sshd.path('sshd_config'),
    `${config}\nHostCertificate ${sshd.path('host_ed25519-cert.pub')}\nTrustedUserCAKeys ${sshd.path('authority.pub')}\n`,
  );
});
afterAll(() => sshd.close());

/** ssh_config with another identity than the one that sshd knows. */
function configWith(identity: string, ...lines: string[]): string {
  const file = sshd.config(lines);
  writeFileSync(file, readFileSync(file, 'utf8').replace(sshd.path('id_user'), sshd.path(identity)));
  return file;
}

async function open(configFile: string): Promise<SshSession> {
  const outcome = await connectSsh('server', { configFile });
  if (!outcome.ok) throw new Error(outcome.error.message);
  return outcome.value;
}

describe('a session of the system’s ssh', () => {
  let session: SshSession;
  beforeAll(async () => {
    session = await open(configWith('id_person'));
  });
  afterAll(() => session.close());

  test('runs commands: output, errors, exit code, input, a limit of time', async () => {
    expect(await session.exec("cat; echo oops >&2; echo 'a b'; exit 3", { stdin: 'in\n' })).toEqual({
      ok: true,
      value: { code: 3, signal: null, stdout: 'in\na b\n', stderr: 'oops\n' },
    });
    expect(await session.exec('sleep 60', { timeoutMs: 200 })).toMatchObject({
      ok: false,
      error: { kind: 'timeout' },
    });
  });

  test('writes files whole, with their mode', async () => {
    const path = sshd.path('a file');
    expect(await session.writeFile(path, 'x'.repeat(100_000), 0o640)).toEqual({ ok: true, value: null });
    expect(readFileSync(path, 'utf8')).toHaveLength(100_000);
    expect(statSync(path).mode & 0o777).toBe(0o640);
  });

  test('reaches unix sockets and ports of the host; a socket that is not there is told', async () => {
    for (const [what, listenAt] of [
      ['unix', sshd.path('echo.sock')],
      ['tcp', 0],
    ] as const) {
      const server = createServer((socket) => socket.pipe(socket));
      await new Promise<void>((resolve) => server.listen(listenAt as never, '127.0.0.1' as never, resolve));
      const address = server.address();
      const opened =
        what === 'unix'
          ? await session.openUnixSocket(String(listenAt))
          : await session.openTcp('127.0.0.1', (address as { port: number }).port);
      if (!opened.ok) throw new Error(opened.error.message);
      const answer = new Promise((resolve) =>
        opened.value.once('data', (data: Buffer) => resolve(String(data))),
      );
      opened.value.write('hello');
      expect(await answer).toBe('hello');
      opened.value.destroy();
      await new Promise((resolve) => server.close(resolve));
    }
    expect(await session.openUnixSocket('/nonexistent')).toMatchObject({
      ok: false,
      error: { kind: 'not-found', message: expect.stringContaining('cannot connect to /nonexistent') },
    });
  });

  test('says so when it is over, and that it was closed by us', async () => {
    const other = await open(configWith('id_person'));
    await other.close();
    expect(await other.closed).toBeNull();
    expect(await other.exec('true')).toMatchObject({ ok: false, error: { kind: 'closed' } });
  });
});

test('an agent is talked to through it as through any other', async () => {
  const agent = await startAgentDouble(emptyCib());
  const opened = await openConnection({
    program: 'test',
    hosts: ['server'],
    configFile: configWith('id_person'),
    remoteSocketPath: agent.socketPath,
  });
  if (!opened.ok) throw new Error(opened.error.message);
  expect(await opened.value.readCib()).toMatchObject({ ok: true });
  await opened.value.close();
  await agent.close();
});

test('a host that known_hosts knows by its authority alone is trusted by its certificate', async () => {
  const known = readFileSync(sshd.path('known_hosts'), 'utf8');
  const authority = readFileSync(sshd.path('authority.pub'), 'utf8').split(' ').slice(0, 2).join(' ');
  sshd.knownHosts(`@cert-authority [127.0.0.1]:${sshd.port},127.0.0.1 ${authority}\n`);
  try {
    const session = await open(configWith('id_user'));
    expect(await session.exec('echo in')).toMatchObject({ ok: true, value: { stdout: 'in\n' } });
    await session.close();
    // Another authority's word is worth nothing.
    makeKey(sshd.path('stranger'));
    const other = readFileSync(sshd.path('stranger.pub'), 'utf8').split(' ').slice(0, 2).join(' ');
    sshd.knownHosts(`@cert-authority [127.0.0.1]:${sshd.port},127.0.0.1 ${other}\n`);
    expect(await connectSsh('server', { configFile: configWith('id_user') })).toMatchObject({
      ok: false,
      error: { kind: 'host-key-unknown' },
    });
  } finally {
    sshd.knownHosts(known);
  }
});

test('a key on a token is left to ssh, and what ssh says of it is told', async () => {
  const handle = Buffer.concat([Buffer.from('openssh-key-v1\0'), Buffer.from('sk-ssh-ed25519@openssh.com')]);
  writeFileSync(
    sshd.path('id_token'),
    `-----BEGIN OPENSSH PRIVATE KEY-----\n${handle.toString('base64')}\n-----END OPENSSH PRIVATE KEY-----\n`,
    { mode: 0o600 },
  );
  const outcome = await connectSsh('server', { configFile: configWith('id_token') });
  expect(outcome).toMatchObject({
    ok: false,
    error: {
      kind: 'authentication',
      message: expect.stringMatching(/ssh was tried for a key on a security token: .*Permission denied/),
    },
  });
});

test('a changed host key is never tried again another way', async () => {
  const known = readFileSync(sshd.path('known_hosts'), 'utf8');
  makeKey(sshd.path('old'));
  const old = readFileSync(sshd.path('old.pub'), 'utf8').split(' ').slice(0, 2).join(' ');
  sshd.knownHosts(`[127.0.0.1]:${sshd.port} ${old}\n`);
  const outcome = await connectSsh('server', { configFile: configWith('id_person') });
  sshd.knownHosts(known);
  expect(outcome).toMatchObject({ ok: false, error: { kind: 'host-key-changed' } });
  if (!outcome.ok) expect(outcome.error.message).not.toContain('was tried');
});
