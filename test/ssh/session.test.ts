import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { userInfo } from 'node:os';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { emptyCib } from '../../src/cib/document.js';
import { openConnection } from '../../src/connection/open.js';
import { execOnHosts } from '../../src/ssh/fan-out.js';
import { fingerprint } from '../../src/ssh/known-hosts.js';
import { type Prompt, remembering } from '../../src/ssh/prompt.js';
import { connectSsh, type SessionOptions, type SshSession } from '../../src/ssh/session.js';
import { shellQuote } from '../../src/ssh/shell-quote.js';
import { startAgentDouble } from '../connection/agent-double.js';
import { makeKey, startSshd, type TestSshd } from './sshd.js';

let sshd: TestSshd;
beforeAll(async () => {
  sshd = await startSshd();
});
afterAll(() => sshd.close());

let goodKnownHosts = '';
beforeEach(() => {
  goodKnownHosts ||= readFileSync(sshd.path('known_hosts'), 'utf8');
  sshd.knownHosts(goodKnownHosts);
});

async function session(options: SessionOptions = {}, destination = 'server'): Promise<SshSession> {
  const outcome = await connectSsh(destination, { configFile: sshd.config(), ...options });
  if (!outcome.ok) throw new Error(outcome.error.message);
  return outcome.value;
}

async function refusal(options: SessionOptions = {}, destination = 'server') {
  const outcome = await connectSsh(destination, { configFile: sshd.config(), ...options });
  if (outcome.ok) {
    await outcome.value.close();
    throw new Error('the connection was opened');
  }
  expect(outcome.error.message).not.toContain('\n');
  return outcome.error;
}

/** Answers from a list; remembers what was asked. */
function answers(...list: (string | null)[]): { prompt: Prompt; asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    prompt: async ({ text }) => {
      asked.push(text);
      return list.shift() ?? null;
    },
  };
}

const user = userInfo().username;

describe('a session', () => {
  test('runs commands: output, errors, exit code, signal, input', async () => {
    const ssh = await session();
    expect(await ssh.exec('echo out; echo err >&2; exit 3')).toEqual({
      ok: true,
      value: { code: 3, signal: null, stdout: 'out\n', stderr: 'err\n' },
    });
    expect(await ssh.exec('kill -TERM $$')).toMatchObject({ value: { code: null, signal: 'SIGTERM' } });
    expect(await ssh.exec('cat', { stdin: 'ü\n'.repeat(50_000) })).toMatchObject({
      value: { stdout: 'ü\n'.repeat(50_000) },
    });
    expect(await ssh.exec('sleep 20', { timeoutMs: 50 })).toMatchObject({
      ok: false,
      error: { kind: 'timeout' },
    });
    await ssh.close();
    expect(await ssh.closed).toBeNull();
    expect(await ssh.exec('true')).toMatchObject({ ok: false, error: { kind: 'closed' } });
  });

  test('writes files whole, with their mode', async () => {
    const ssh = await session();
    const path = sshd.path("a file's name");
    expect(await ssh.writeFile(path, 'secret\n', 0o400)).toEqual({ ok: true, value: null });
    expect(readFileSync(path, 'utf8')).toBe('secret\n');
    expect(statSync(path).mode & 0o777).toBe(0o400);
    expect(await ssh.writeFile('/nowhere/file', '', 0o644)).toMatchObject({
      error: { kind: 'not-found', message: expect.stringContaining('/nowhere/file') },
    });
    await ssh.close();
  });

  test('reaches unix sockets and ports of the host', async () => {
    const ssh = await session();
    const path = sshd.path('echo.sock');
    const echo = createServer((socket) => socket.pipe(socket));
    await new Promise<void>((resolve) => echo.listen(path, resolve));
    const stream = await ssh.openUnixSocket(path);
    if (!stream.ok) throw new Error(stream.error.message);
    const heard = new Promise<string>((resolve) =>
      stream.value.once('data', (data: Buffer) => resolve(String(data))),
    );
    stream.value.write('hello');
    expect(await heard).toBe('hello');
    stream.value.end();
    expect(await ssh.openUnixSocket(sshd.path('none.sock'))).toMatchObject({ error: { kind: 'not-found' } });
    await ssh.close();
    await new Promise((resolve) => echo.close(resolve));
  });

  test('says why it was lost when the host dies', async () => {
    const ssh = await session();
    const pid = await ssh.exec('echo $PPID');
    const command = ssh.exec('sleep 30');
    // The session's own sshd process, as seen from inside it.
    if (pid.ok) process.kill(Number(pid.value.stdout), 'SIGKILL');
    expect(await command).toMatchObject({ ok: false, error: { kind: 'closed' } });
    expect(await ssh.closed).toMatchObject({ kind: 'closed', message: expect.stringContaining('was lost') });
  });

  test('ends although the host says nothing any more', { timeout: 30_000 }, async () => {
    const ssh = await session({ keepaliveMs: 600_000 });
    const pid = await ssh.exec('echo $PPID');
    if (!pid.ok) throw new Error(pid.error.message);
    const server = Number(pid.value.stdout);
    process.kill(server, 'SIGSTOP');
    try {
      await ssh.close();
      expect(await ssh.closed).toBeNull();
    } finally {
      process.kill(server, 'SIGCONT');
    }
  });

  test('goes through jump hosts, the last of which may be reached through another', async () => {
    const config = sshd.config();
    const jump = (name: string, line: string) =>
      `${readFileSync(config, 'utf8').replace('Host server', `Host ${name}`)}  ${line}\n`;
    writeFileSync(
      sshd.path('config_jump'),
      jump('far', 'ProxyJump near,middle') +
        jump('middle', '') +
        jump('near', '') +
        jump('circle', 'ProxyJump circle'),
    );
    const configFile = sshd.path('config_jump');
    const ssh = await session({ configFile }, 'far');
    expect(await ssh.exec('echo here')).toMatchObject({ value: { stdout: 'here\n' } });
    await ssh.close();
    expect(await refusal({ configFile }, 'circle')).toMatchObject({
      kind: 'protocol',
      message: expect.stringContaining('in a circle'),
    });
  });

  test('goes through a ProxyCommand', async () => {
    const configFile = sshd.config([
      `ProxyCommand ${process.execPath} -e 'const s=require("net").connect(%p,"%h");s.pipe(process.stdout);process.stdin.pipe(s)'`,
    ]);
    const ssh = await session({ configFile });
    expect(await ssh.exec('echo here')).toMatchObject({ value: { stdout: 'here\n' } });
    await ssh.close();
  });

  test('many hosts at once, each with its own result', async () => {
    const file = sshd.config();
    writeFileSync(
      file,
      `${readFileSync(file, 'utf8').replace('Host server', 'Host a b c')}Host gone\n  HostName 127.0.0.1\n  Port 1\n`,
    );
    const results = await execOnHosts(['a', 'gone', 'b', 'c'], 'echo x', { configFile: file });
    expect(
      [...results].map(([host, outcome]) => [host, outcome.ok ? outcome.value.stdout : outcome.error.kind]),
    ).toEqual([
      ['a', 'x\n'],
      ['gone', 'unreachable'],
      ['b', 'x\n'],
      ['c', 'x\n'],
    ]);
  });
});

describe('the host’s key', () => {
  const name = () => `[127.0.0.1]:${sshd.port}`;

  test('unknown: refused, with fingerprint and what to do', async () => {
    sshd.knownHosts('');
    const error = await refusal();
    const print = fingerprint(Buffer.from(sshd.hostKey('ed25519').split(' ')[1]!, 'base64'));
    expect(error.kind).toBe('host-key-unknown');
    expect(error.message).toContain(`ED25519 ${print}`);
    expect(error.message).toContain(`ssh-keyscan -p ${sshd.port} 127.0.0.1 >> ${sshd.path('known_hosts')}`);
  });

  test('changed: refused, with the line that has the old one', async () => {
    const other = makeKey(sshd.path('other'));
    sshd.knownHosts(`# x\n${name()} ${other}\n`);
    const error = await refusal({ ...answers('yes') });
    expect(error.kind).toBe('host-key-changed');
    expect(error.message).toContain(`${sshd.path('known_hosts')}:2`);
    expect(error.message).toContain(`ssh-keygen -R '${name()}'`);
  });

  test('revoked', async () => {
    sshd.knownHosts(`${goodKnownHosts}@revoked * ${sshd.hostKey('ed25519')}\n`);
    expect(await refusal()).toMatchObject({ kind: 'host-key-revoked' });
  });

  test('only the RSA key is known: that one is asked for', async () => {
    sshd.knownHosts(`${name()} ${sshd.hostKey('rsa')}\n`);
    await (await session()).close();
  });

  test('hashed', async () => {
    execFileSync('ssh-keygen', ['-H', '-f', sshd.path('known_hosts')], { stdio: 'ignore' });
    await (await session()).close();
  });

  test('asked for, and remembered after a yes', async () => {
    sshd.knownHosts('');
    const configFile = sshd.config(['StrictHostKeyChecking ask']);
    const no = answers('no');
    expect(await refusal({ configFile, ...no })).toMatchObject({ kind: 'host-key-unknown' });
    expect(no.asked[0]).toMatch(/can't be established[\s\S]*SHA256:[\s\S]*\(yes\/no\)/);
    expect(readFileSync(sshd.path('known_hosts'), 'utf8')).toBe('');
    await (await session({ configFile, ...answers('yes') })).close();
    await (await session()).close();
  });

  test('accept-new remembers without a question, but never takes a changed one', async () => {
    sshd.knownHosts('');
    const configFile = sshd.config(['StrictHostKeyChecking accept-new']);
    await (await session({ configFile })).close();
    expect(readFileSync(sshd.path('known_hosts'), 'utf8')).toContain(sshd.hostKey('ed25519'));
    sshd.knownHosts(`${name()} ${makeKey(sshd.path('another'))}\n`);
    expect(await refusal({ configFile })).toMatchObject({ kind: 'host-key-changed' });
  });
});

describe('logging in', () => {
  test('a wrong key is told with what was tried', async () => {
    makeKey(sshd.path('wrong'));
    const configFile = sshd.config([`IdentityFile ${sshd.path('wrong')}`]);
    writeFileSync(
      configFile,
      readFileSync(configFile, 'utf8').replace(`  IdentityFile ${sshd.path('id_user')}\n`, ''),
    );
    expect(await refusal({ configFile })).toMatchObject({
      kind: 'authentication',
      message: `server (127.0.0.1 port ${sshd.port}) does not let ${user} in (tried ${sshd.path('wrong')}): put your public key there with 'ssh-copy-id ${user}@server', or name the right one with IdentityFile`,
    });
  });

  test('a key with a passphrase: asked up to three times', async () => {
    const path = sshd.path('locked');
    const key = makeKey(path, { passphrase: 'sesame' });
    writeFileSync(sshd.path('authorized_keys'), `${readFileSync(sshd.path('id_user.pub'), 'utf8')}${key}\n`);
    const configFile = sshd.config();
    writeFileSync(configFile, readFileSync(configFile, 'utf8').replace(sshd.path('id_user'), path));
    const asked = answers('wrong', 'sesame');
    await (await session({ configFile, ...asked })).close();
    expect(asked.asked).toEqual(Array(2).fill(`Enter passphrase for key '${path}': `));
    expect((await refusal({ configFile })).message).toContain('it has a passphrase and nobody can be asked');
  });

  test('what opens a key is asked once for all hosts; so is a password, wherever it fits', async () => {
    const path = sshd.path('locked-once');
    const key = makeKey(path, { passphrase: 'sesame' });
    writeFileSync(sshd.path('authorized_keys'), `${readFileSync(sshd.path('id_user.pub'), 'utf8')}${key}\n`);
    const configFile = sshd.config();
    const text = readFileSync(configFile, 'utf8').replace(sshd.path('id_user'), path);
    writeFileSync(configFile, `${text}\n${text.replace('Host server', 'Host other')}`);
    const asked = answers('wrong', 'sesame');
    const prompt = remembering(asked.prompt);
    const ran = await execOnHosts(['server', 'other'], 'echo in', { configFile, prompt });
    expect([...ran.values()].map((one) => one.ok && one.value.stdout)).toEqual(['in\n', 'in\n']);
    expect(asked.asked).toEqual(Array(2).fill(`Enter passphrase for key '${path}': `));
    await (await session({ configFile, prompt })).close();
    expect(asked.asked).toHaveLength(2);

    const question = (host: string, ...refused: string[]) =>
      password({ text: `root@${host}'s password: `, echo: false, about: 'password of root', refused });
    const person = answers('one', 'two', null);
    const password = remembering(person.prompt);
    expect(await Promise.all([question('n1'), question('n2')])).toEqual(['one', 'one']);
    expect(await question('n3', 'one')).toBe('two');
    expect(await Promise.all([question('n4', 'one', 'two'), question('n5', 'one', 'two')])).toEqual([
      null,
      null,
    ]);
    expect(person.asked).toEqual(['n1', 'n3', 'n4'].map((host) => `root@${host}'s password: `));
  });

  test('the key of an SSH agent', async () => {
    const socket = sshd.path('agent.sock');
    const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
    while (!existsSync(socket)) await new Promise((resolve) => setTimeout(resolve, 5));
    try {
      const environment = { ...process.env, SSH_AUTH_SOCK: socket };
      execFileSync('ssh-add', ['-q', sshd.path('id_user')], { env: environment, stdio: 'ignore' });
      const configFile = sshd.config();
      writeFileSync(
        configFile,
        readFileSync(configFile, 'utf8')
          .replace('IdentityAgent none', 'IdentityAgent SSH_AUTH_SOCK')
          .replace(sshd.path('id_user'), sshd.path('nothing-here')),
      );
      await (await session({ configFile, environment })).close();
      // IdentitiesOnly: the agent may be used for the keys of the files only.
      writeFileSync(configFile, `${readFileSync(configFile, 'utf8')}  IdentitiesOnly yes\n`);
      expect(await refusal({ configFile, environment })).toMatchObject({ kind: 'authentication' });
    } finally {
      agent.kill();
      rmSync(socket, { force: true });
    }
  });

  test('nobody waits any more: given up at once, connected or not', async () => {
    const silent = createServer((socket) => socket.resume());
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const host = `127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const connected = new Promise((resolve) => silent.once('connection', resolve));
    const leave = new AbortController();
    const options = { signal: leave.signal, connectTimeoutMs: 600_000 };
    const refused = refusal(options, host);
    await connected;
    leave.abort();
    expect(await refused).toMatchObject({ kind: 'interrupted' });
    expect(await refusal(options, host)).toMatchObject({ kind: 'interrupted' });
    await new Promise((resolve) => silent.close(resolve));
  });

  test('no such host, nobody listening, no answer', async () => {
    const file = sshd.path('config_unreachable');
    writeFileSync(
      file,
      'Host refused\n HostName 127.0.0.1\n Port 1\nHost nowhere\n HostName nowhere.invalid\nHost silent\n HostName 127.0.0.1\n',
    );
    expect(await refusal({ configFile: file }, 'refused')).toMatchObject({
      kind: 'unreachable',
      message: 'cannot reach refused (127.0.0.1 port 1): connection refused: is sshd running there?',
    });
    expect(await refusal({ configFile: file }, 'nowhere')).toMatchObject({
      kind: 'unreachable',
      message: expect.stringContaining('there is no such name'),
    });
    const mute = createServer((socket) => socket.resume());
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
    const { port } = mute.address() as { port: number };
    expect(await refusal({ configFile: file, connectTimeoutMs: 100 }, `silent:${port}`)).toMatchObject({
      kind: 'unreachable',
      message: expect.stringContaining('no SSH greeting'),
    });
    await new Promise((resolve) => mute.close(resolve));
  });
});

describe('a connection to the agent by SSH', () => {
  test('works as the local one does', async () => {
    const agent = await startAgentDouble(emptyCib());
    const options = {
      program: 'test',
      hosts: ['server'],
      configFile: sshd.config(),
      remoteSocketPath: agent.socketPath,
    };
    const outcome = await openConnection(options);
    if (!outcome.ok) throw new Error(outcome.error.message);
    const connection = outcome.value;
    expect(connection.target).toEqual({ kind: 'agent', name: 'primary', host: 'server' });
    expect(await connection.readCib()).toMatchObject({ ok: true });
    expect(await connection.state()).toMatchObject({ value: { quorate: true } });
    await connection.close();
    expect(await connection.closed).toBeNull();
    await agent.close();
  });

  test('a host without an agent', async () => {
    const options = {
      program: 'test',
      hosts: ['server'],
      configFile: sshd.config(),
      remoteSocketPath: sshd.path('no-agent.sock'),
      // Whatever else runs on the machine that the tests run on.
      engine: 'agent' as const,
    };
    expect(await openConnection(options)).toEqual({
      ok: false,
      error: {
        kind: 'no-agent',
        message: `no agent runs on server (nobody listens on ${sshd.path('no-agent.sock')}): start it there with 'crm cluster start'`,
      },
    });
  });

  test('the next host is tried when one does not answer', async () => {
    const agent = await startAgentDouble(emptyCib());
    const file = sshd.config();
    writeFileSync(file, `${readFileSync(file, 'utf8')}Host gone\n  HostName 127.0.0.1\n  Port 1\n`);
    const outcome = await openConnection({
      program: 'test',
      hosts: ['gone', 'server'],
      configFile: file,
      remoteSocketPath: agent.socketPath,
    });
    expect(outcome).toMatchObject({ ok: true, value: { target: { host: 'server' } } });
    if (outcome.ok) await outcome.value.close();
    await agent.close();
  });
});

test.each([
  ['plain', 'plain'],
  ['', "''"],
  ["it's", "'it'\\''s'"],
  ['a b;$(c)', "'a b;$(c)'"],
])('the shell word %j', (word, quoted) => {
  expect(shellQuote(word)).toBe(quoted);
  expect(execFileSync('/bin/sh', ['-c', `printf %s ${quoted}`], { encoding: 'utf8' })).toBe(word);
});
