import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseXml } from '../../src/cib/xml.js';

const agent = join(dirname(fileURLToPath(import.meta.url)), '../../resource-agents/ocf/quorate/http-server');

let directory: string;
let port: number;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'quorate-http-'));
  port = await freePort();
});

afterEach(() => {
  run('stop');
  rmSync(directory, { recursive: true, force: true });
});

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.listen(0, '127.0.0.1', () => {
      const { port: free } = probe.address() as AddressInfo;
      probe.close(() => resolve(free));
    });
  });
}

function run(action: string, parameters: Record<string, string> = {}): { rc: number | null; reason: string } {
  const environment: Record<string, string> = {
    PATH: `${process.env.PATH}`,
    HA_RSCTMP: directory,
    OCF_RESKEY_port: String(port),
    OCF_RESKEY_CRM_meta_on_node: 'n7',
  };
  for (const [name, value] of Object.entries(parameters)) environment[name] = value;
  const { status, stderr } = spawnSync(agent, [action], { env: environment, encoding: 'utf8' });
  return { rc: status, reason: /ocf-exit-reason:(.*)/.exec(stderr)?.[1] ?? '' };
}

const fetchPage = async () => (await fetch(`http://127.0.0.1:${port}/any/page`)).text();

describe('ocf:quorate:http-server', () => {
  it('starts, serves a page that names the node, and stops; each as often as it is told', async () => {
    expect(run('monitor').rc).toBe(7);
    expect(run('start').rc).toBe(0);
    expect(run('start').rc).toBe(0);
    expect(run('monitor').rc).toBe(0);
    expect(run('monitor', { OCF_CHECK_LEVEL: '10' }).rc).toBe(0);
    expect(await fetchPage()).toBe('Served by n7\n');
    expect(run('stop').rc).toBe(0);
    expect(run('stop').rc).toBe(0);
    expect(run('monitor').rc).toBe(7);
    await expect(fetchPage()).rejects.toThrow();
  });

  it('takes a message, with or without the name of the node', async () => {
    run('start', { OCF_RESKEY_message: 'héllo "from" %n & $HOME' });
    expect(await fetchPage()).toBe('héllo "from" n7 & $HOME\n');
  });

  it('notices that the server was killed, and recovers', async () => {
    run('start');
    process.kill(Number(readFileSync(join(directory, 'http-server-http-server.pid'), 'utf8')), 'SIGKILL');
    await expect.poll(() => run('monitor').rc).toBe(7);
    expect(run('start').rc).toBe(0);
    expect(run('monitor').rc).toBe(0);
  });

  it('does not take another process for its own', () => {
    writeFileSync(join(directory, 'http-server-http-server.pid'), `${process.pid}\n`);
    expect(run('monitor').rc).toBe(7);
    expect(run('stop').rc).toBe(0);
  });

  it('says why it cannot start', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve));
    expect(run('start')).toEqual({ rc: 1, reason: expect.stringMatching(/EADDRINUSE/) });
    expect(run('monitor').rc).toBe(7);
    await new Promise((resolve) => other.close(resolve));
  });

  it.each([
    { parameters: { OCF_RESKEY_port: 'http' }, rc: 6, reason: 'port is not a number: http' },
    { parameters: { OCF_RESKEY_port: '70000' }, rc: 6, reason: 'port is not between 1 and 65535: 70000' },
    { parameters: { OCF_RESKEY_ip: '' }, rc: 6, reason: 'ip is empty' },
    { parameters: { OCF_RESKEY_node_binary: '/no/node' }, rc: 5, reason: 'Node.js is not there: /no/node' },
  ])('refuses $parameters', ({ parameters, rc, reason }) => {
    expect(run('validate-all', parameters)).toEqual({ rc, reason });
    expect(run('start', parameters)).toEqual({ rc, reason });
  });

  it('describes itself', () => {
    const { stdout } = spawnSync(agent, ['meta-data'], { encoding: 'utf8' });
    const root = parseXml(stdout);
    expect(root.name).toBe('resource-agent');
    expect(
      root
        .first('parameters')!
        .elements('parameter')
        .map((parameter) => parameter.get('name')),
    ).toEqual(['ip', 'port', 'message', 'pidfile', 'node_binary']);
    expect(run('frobnicate').rc).toBe(3);
  });
});
