import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { groupsOf, judgeChallenge, prepareChallenges, userName } from '../../src/agent/identity.js';
import { type Server, type ServerOptions, startServer } from '../../src/agent/server.js';
import type { ClusterEvent, Methods, Notification } from '../../src/protocol/messages.js';
import { LineSplitter, RequestClient, RequestError } from '../../src/protocol/ndjson.js';
import { introduce } from '../../src/protocol/proof.js';

type Client = RequestClient<Methods, Notification>;

let directory: string;
let server: Server | undefined;
const sockets: Socket[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'quorate-server-'));
});

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await server?.close();
  server = undefined;
  rmSync(directory, { recursive: true, force: true });
});

async function start(options: Partial<ServerOptions> = {}): Promise<void> {
  server = await startServer({
    socketPath: join(directory, 'agent.sock'),
    node: 'n1',
    version: '1.2.3',
    handlers: {},
    ...options,
  });
}

function open(onNotification?: (notification: Notification) => void): { client: Client; socket: Socket } {
  const socket = connect(join(directory, 'agent.sock'));
  sockets.push(socket);
  return { client: new RequestClient(socket, onNotification), socket };
}

async function openProven(onNotification?: (notification: Notification) => void): Promise<Client> {
  const { client } = open(onNotification);
  const hello = await introduce(client, { program: 'test' });
  expect(hello).toMatchObject({ ok: true });
  return client;
}

const refused = (code: string) => ({ ok: false, error: { code } });
const version = { adminEpoch: 1, epoch: 2, numUpdates: 3 };
const event = (text: string): ClusterEvent => ({ atMs: 1, node: 'n1', kind: 'cib', text, data: {} });

describe('lines', () => {
  it.each([
    { name: 'one chunk', chunks: ['a\nb\n'], lines: ['a', 'b'] },
    { name: 'cut inside a line', chunks: ['a', 'b\nc', '\n'], lines: ['ab', 'c'] },
    { name: 'cut inside a character', chunks: [[0xc3], [0xa9, 0x0a]], lines: ['é'] },
    { name: 'no end yet', chunks: ['abc'], lines: [] },
  ])('$name', ({ chunks, lines }) => {
    const splitter = new LineSplitter(100);
    expect(chunks.flatMap((chunk) => splitter.push(Buffer.from(chunk as string)))).toEqual(lines);
  });

  it('refuses a line that is too long, however it is cut', () => {
    expect(new LineSplitter(3).push(Buffer.from('abcd\n'))).toBeNull();
    const splitter = new LineSplitter(3);
    expect(splitter.push(Buffer.from('ab'))).toEqual([]);
    expect(splitter.push(Buffer.from('cd'))).toBeNull();
  });
});

describe('identity', () => {
  it('is the owner of the challenged directory', async () => {
    await start();
    const { client } = open();
    const hello = await introduce(client, { program: 'test' });
    const { uid, username } = userInfo();
    expect(hello).toMatchObject({
      ok: true,
      value: {
        node: 'n1',
        version: '1.2.3',
        protocol: 1,
        identity: { uid, user: username, origin: 'local' },
      },
    });
    expect(readdirSync(join(directory, 'proof'))).toEqual([]);
  });

  it('is not believed without proof', async () => {
    await start({ handlers: { 'cib.read': () => ({ cib: '<cib/>', version }) } });
    const { client } = open();
    expect(await client.call('cib.read', {})).toMatchObject(refused('permission-denied'));
    expect(await client.call('prove', {})).toMatchObject(refused('invalid-request'));
    const lazy = await introduce(client, { program: 'test', makeDirectory: () => {} });
    expect(lazy).toMatchObject({
      ok: false,
      error: { code: 'permission-denied', message: 'identity is not proven: the directory was not made' },
    });
    expect(await client.call('subscribe', { topics: ['cib'] })).toMatchObject(refused('permission-denied'));
  });

  it.each([
    { name: 'a file', make: (path: string) => writeFileSync(path, ''), says: /no directory/ },
    { name: 'open to others', make: (path: string) => mkdirSync(path, { mode: 0o755 }), says: /mode 0700/ },
    {
      name: 'not empty',
      make: (path: string) => mkdirSync(join(path, 'x'), { recursive: true, mode: 0o700 }),
      says: /must be empty/,
    },
  ])('is not proven by what is $name', ({ make, says }) => {
    const path = join(prepareChallenges(directory), 'c');
    make(path);
    if (existsSync(join(path, 'x'))) chmodSync(path, 0o700);
    expect(judgeChallenge(path)).toMatch(says);
  });

  it('refuses those who are no administrators', async () => {
    await start({ authorize: (identity) => `${identity.user} may not` });
    const client = await openProven();
    expect(await client.call('cib.read', {})).toMatchObject(refused('permission-denied'));
  });

  it('reads names and groups', () => {
    const passwd = join(directory, 'passwd');
    const group = join(directory, 'group');
    writeFileSync(passwd, 'root:x:0:0::/:/bin/sh\nann:x:1001:50::/:\nbob:x:1002:60::/:\ncyd:x:1003:61::/:\n');
    writeFileSync(group, 'haclient:x:50:bob\nusers:x:60:cyd\n');
    expect([userName(1001, passwd), userName(7, passwd)]).toEqual(['ann', '7']);
    expect(['ann', 'bob', 'cyd', 'nobody'].map((user) => groupsOf(user, passwd, group))).toEqual([
      ['haclient'],
      ['haclient', 'users'],
      ['users'],
      [],
    ]);
  });
});

describe('requests', () => {
  it('are given up by one who leaves while nobody answers', { timeout: 20_000 }, async () => {
    const path = join(directory, 'hung.sock');
    const taken: Socket[] = [];
    const hung = createServer({ allowHalfOpen: true }, (socket) => taken.push(socket));
    await new Promise<void>((resolve) => hung.listen(path, resolve));
    try {
      const client = new RequestClient<Methods, Notification>(connect(path));
      const asked = client.call('cluster.state', {});
      client.close(100);
      expect(await asked).toMatchObject({ ok: false, error: null });
      await client.closed;
    } finally {
      for (const socket of taken) socket.destroy();
      await new Promise((resolve) => hung.close(resolve));
    }
  });

  it('are answered as the handler says', async () => {
    await start({
      handlers: {
        'cib.read': ({ scope }, identity) => ({ cib: `<cib by="${identity.uid}" ${scope}/>`, version }),
        'cib.patch': () => {
          throw new RequestError('conflict', 'the CIB has moved on', { version });
        },
        'agent.stop': () => {
          throw new TypeError('boom');
        },
      },
    });
    const client = await openProven();
    expect(await client.call('cib.read', { scope: 'all' })).toEqual({
      ok: true,
      value: { cib: `<cib by="${userInfo().uid}" all/>`, version },
    });
    expect(await client.call('cib.patch', { patch: '', base: version })).toEqual({
      ok: false,
      error: { code: 'conflict', message: 'the CIB has moved on', data: { version } },
    });
    expect(await client.call('agent.stop', {})).toEqual({
      ok: false,
      error: { code: 'failed', message: 'boom' },
    });
    expect(await client.call('cluster.state', {})).toMatchObject(refused('unknown-method'));
    expect(await client.call('toString' as 'cluster.state', {})).toMatchObject(refused('unknown-method'));
  });

  it('may be slow without holding up others, and are finished before the server closes', async () => {
    let release: (() => void) | undefined;
    const started = new Promise<void>((begun) => {
      void start({
        handlers: {
          'cluster.wait-idle': () =>
            new Promise((resolve) => {
              release = () => resolve({ idle: true });
              begun();
            }),
          'attribute.query': () => ({ attributes: [] }),
        },
      });
    });
    await expect.poll(() => existsSync(join(directory, 'agent.sock'))).toBe(true);
    const client = await openProven();
    const slow = client.call('cluster.wait-idle', { timeoutMs: 1 });
    await started;
    expect(await client.call('attribute.query', {})).toMatchObject({ ok: true });
    const closing = server!.close();
    release?.();
    expect(await slow).toEqual({ ok: true, value: { idle: true } });
    await closing;
    expect(await client.call('attribute.query', {})).toMatchObject({ ok: false, error: null });
    expect(existsSync(join(directory, 'agent.sock'))).toBe(false);
    server = undefined;
  });

  it.each([
    { name: 'no JSON', line: 'GET / HTTP/1.1\n', ends: true },
    { name: 'no object', line: '[1]\n', ends: true },
    { name: 'too long', line: `${'x'.repeat(70_000)}\n`, ends: true },
    { name: 'no method', line: '{"id":7}\n', ends: false },
  ])('that are malformed ($name) do not disturb the server', async ({ line, ends }) => {
    const log: string[] = [];
    await start({ log: (text) => log.push(text) });
    const { socket, client } = open();
    const answer = new Promise<string>((resolve) => {
      socket.on('data', (chunk: Buffer) => resolve(chunk.toString()));
      socket.on('close', () => resolve('closed'));
    });
    socket.write(line);
    if (ends) {
      expect(await answer).toBe('closed');
      await client.closed;
      await expect.poll(() => log).toHaveLength(1);
    } else {
      expect(JSON.parse(await answer)).toMatchObject({ id: 7, error: { code: 'invalid-request' } });
    }
    await openProven();
  });
});

describe('notifications', () => {
  it('reach those who have subscribed to the topic', async () => {
    await start();
    const seen: Notification[] = [];
    const client = await openProven((notification) => seen.push(notification));
    expect(await client.call('subscribe', { topics: ['nonsense' as 'cib'] })).toMatchObject(
      refused('invalid-request'),
    );
    expect(server!.hasSubscribers('events')).toBe(false);
    await client.call('subscribe', { topics: ['events'] });
    expect(server!.hasSubscribers('events')).toBe(true);
    server!.notify({ notify: 'cib', version });
    server!.notify({ notify: 'events', event: event('hello') });
    await expect.poll(() => seen).toEqual([{ notify: 'events', event: event('hello') }]);
  });

  it('are thinned out for a slow reader, who gets the present state when it has caught up', async () => {
    const big = 'x'.repeat(1024 * 1024);
    await start({ current: (topic) => (topic === 'cib' ? { notify: 'cib', version, cib: 'whole' } : null) });
    const seen: Notification[] = [];
    const { client, socket } = open((notification) => seen.push(notification));
    await introduce(client, { program: 'test' });
    await client.call('subscribe', { topics: ['cib', 'events'] });
    socket.pause();
    for (let i = 0; i < 20; i++) server!.notify({ notify: 'cib', version, patch: big });
    server!.notify({ notify: 'events', event: event('kept') });
    expect(server!.hasSubscribers('cib')).toBe(true);
    socket.resume();
    await expect.poll(() => seen.at(-1)).toEqual({ notify: 'cib', version, cib: 'whole' });
    expect(seen.at(-2)).toEqual({ notify: 'events', event: event('kept') });
    expect(seen.length).toBeLessThan(15);
  });

  it('end the connection of one who never reads', async () => {
    const log: string[] = [];
    await start({ log: (text) => log.push(text) });
    const { client, socket } = open();
    await introduce(client, { program: 'test' });
    await client.call('subscribe', { topics: ['events'] });
    socket.pause();
    const big = event('x'.repeat(100_000));
    for (let i = 0; i < 1100; i++) server!.notify({ notify: 'events', event: big });
    await expect.poll(() => log).toEqual([expect.stringMatching(/has let 1000 events wait/)]);
    expect(server!.hasSubscribers('events')).toBe(false);
  });
});

describe('the socket', () => {
  it('is taken over from an agent that was killed, not from one that lives', async () => {
    const path = join(directory, 'agent.sock');
    await start();
    await expect(startServer({ socketPath: path, node: 'n', version: '', handlers: {} })).rejects.toThrow(
      /another agent is listening/,
    );
    await server!.close();
    // A listening socket's file outlives its process; bind one and leave the file.
    const dead = createServer();
    await new Promise<void>((resolve) => dead.listen(`${path}.dead`, resolve));
    const { renameSync } = await import('node:fs');
    renameSync(`${path}.dead`, path);
    await new Promise((resolve) => dead.close(resolve));
    expect(existsSync(path)).toBe(true);
    await start();
    await openProven();
  });

  it('has a path of limited length', async () => {
    const path = join(directory, 'x'.repeat(120));
    await expect(startServer({ socketPath: path, node: 'n', version: '', handlers: {} })).rejects.toThrow(
      /longer than 107 bytes/,
    );
    expect(existsSync(dirname(path))).toBe(true);
  });
});
