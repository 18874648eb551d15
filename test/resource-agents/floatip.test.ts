import { execFile } from 'node:child_process';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createCloud, listen } from '../lab/cloud.mjs';

const AGENT = join(import.meta.dirname, '../../resource-agents/ocf/digitalocean/floatip');
const ASSIGN = join(import.meta.dirname, '../../resource-agents/bin/assign-ip');
const TOKEN = 'dop_v1_secret';

let servers: Server[];
let url: string;
let log: string[];
let cloud: ReturnType<typeof createCloud>;
let delayMs: number;

async function start(): Promise<void> {
  log = [];
  cloud = createCloud({
    ip: '203.0.113.10',
    token: TOKEN,
    delayMs,
    droplets: [
      { id: 1001, name: 'primary', address: '127.0.0.1' },
      { id: 1002, name: 'secondary', address: '127.0.0.2' },
    ],
    move: async () => {},
    log: (line) => log.push(line),
  });
  servers = await listen(cloud.handler, ['127.0.0.1:0']);
  url = `http://127.0.0.1:${(servers[0]!.address() as AddressInfo).port}`;
}

beforeEach(async () => {
  delayMs = 0;
  await start();
});
afterEach(() => {
  for (const server of servers) server.close();
});

interface Ran {
  code: number;
  text: string;
}

function run(program: string, args: string[], env: Record<string, string> = {}): Promise<Ran> {
  return new Promise((resolve) => {
    const surroundings = { PATH: process.env.PATH ?? '', HA_debug: '0', HA_LOGD: 'no', ...env };
    execFile(program, args, { env: surroundings }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, text: stdout + stderr });
    });
  });
}

const agent = (action: string, parameters: Record<string, string> = {}) => {
  const all: Record<string, string> = {
    do_token: TOKEN,
    floating_ip: '203.0.113.10',
    api_url: url,
    metadata_url: url,
    ...parameters,
  };
  const named = Object.entries(all).map(([name, value]) => [`OCF_RESKEY_${name}`, value]);
  return run(AGENT, [action], {
    OCF_RESOURCE_INSTANCE: 'FloatIP',
    HA_RSCTMP: '/tmp',
    ...Object.fromEntries(named),
  });
};

describe('ocf:digitalocean:floatip', () => {
  test('start, monitor, stop', async () => {
    expect((await agent('monitor')).code).toBe(7);
    expect((await agent('start')).code).toBe(0);
    expect(cloud.holder()).toBe('primary');
    expect((await agent('monitor')).code).toBe(0);
    expect((await agent('start')).code).toBe(0);
    expect((await agent('stop')).code).toBe(0);
    expect(cloud.holder()).toBeNull();
    expect((await agent('monitor')).code).toBe(7);
    expect((await agent('stop')).code).toBe(0);
    expect(log.filter((line) => line.startsWith('POST'))).toEqual([
      'POST /v2/reserved_ips/203.0.113.10/actions {"type":"assign","droplet_id":1001} 201',
      'POST /v2/reserved_ips/203.0.113.10/actions {"type":"unassign"} 201',
    ]);
  });

  test('by the old name of the API', async () => {
    expect((await agent('start', { ip_kind: 'floating_ips' })).code).toBe(0);
    expect(log[0]).toContain('/v2/floating_ips/');
  });

  test('stop leaves the address to the droplet that has it', async () => {
    await run(ASSIGN, ['--api-url', url, '203.0.113.10', '1002'], { DO_TOKEN: TOKEN });
    expect((await agent('monitor')).code).toBe(7);
    expect((await agent('stop')).code).toBe(0);
    expect(cloud.holder()).toBe('secondary');
  });

  test('a move under way is waited for', async () => {
    for (const server of servers) server.close();
    delayMs = 400;
    await start();
    const other = run(ASSIGN, ['--api-url', url, '203.0.113.10', '1002'], { DO_TOKEN: TOKEN });
    expect((await other).text).toBe('Moving IP address: in-progress\n');
    expect((await agent('start')).code).toBe(0);
    expect(cloud.holder()).toBe('primary');
  });

  test.each([
    ['a wrong token', { do_token: 'wrong' }, 1, /refuses the token/],
    ['no token', { do_token: '' }, 6, /no token/],
    ['an address that is none', { floating_ip: 'x y' }, 6, /is no IP address/],
    ['another kind', { ip_kind: 'x' }, 6, /ip_kind/],
    ['no metadata service', { metadata_url: 'http://127.0.0.1:1' }, 1, /no droplet id from the metadata/],
  ])('%s: one reason, no token in it', async (_name, parameters, code, reason) => {
    const ran = await agent('start', parameters as Record<string, string>);
    expect(ran.code).toBe(code);
    expect(ran.text).toMatch(reason);
    expect(ran.text).not.toContain(TOKEN);
    expect(cloud.holder()).toBeNull();
  });

  test('the metadata names every parameter, and an unknown action is refused', async () => {
    const { text } = await agent('meta-data');
    const names = [...text.matchAll(/<parameter name="(\w+)"/g)].map((match) => match[1]);
    expect(names).toEqual([
      'do_token',
      'do_token_file',
      'floating_ip',
      'ip_kind',
      'api_url',
      'metadata_url',
      'release',
    ]);
    expect((await agent('promote')).code).toBe(3);
  });
});

describe('assign-ip', () => {
  const assign = (...args: string[]) => run(ASSIGN, ['--api-url', url, ...args], { DO_TOKEN: TOKEN });

  test('gives, shows, takes', async () => {
    expect(await assign('203.0.113.10', '1002')).toEqual({
      code: 0,
      text: 'Moving IP address: in-progress\n',
    });
    expect(await assign('--show', '203.0.113.10')).toEqual({ code: 0, text: '1002' });
    expect(await assign('--unassign', '203.0.113.10')).toEqual({
      code: 0,
      text: 'Releasing IP address: in-progress\n',
    });
  });

  test.each([
    [['203.0.113.10', '77'], 1, /no such address or droplet/],
    [['203.0.113.99', '1001'], 1, /no such address or droplet/],
    [['203.0.113.10'], 2, /usage/],
    [['203.0.113.10', 'abc'], 2, /no droplet id/],
    [['--kind', 'x', '203.0.113.10', '1'], 2, /--kind/],
    [['--api-url', 'http://127.0.0.1:1', '203.0.113.10', '1'], 3, /curl: \(7\)/],
  ])('%j ends with %i', async (args, code, text) => {
    const ran = await assign(...args);
    expect(ran.code).toBe(code);
    expect(ran.text).toMatch(text);
    expect(ran.text).not.toContain(TOKEN);
  });

  test('a token that would write curl’s configuration is refused', async () => {
    const ran = await run(ASSIGN, ['--api-url', url, '203.0.113.10', '1'], {
      DO_TOKEN: 'x"\nurl = "http://evil"',
    });
    expect(ran).toMatchObject({ code: 2, text: expect.stringContaining('no token has') });
  });
});
