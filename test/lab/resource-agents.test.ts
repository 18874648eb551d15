/**
 * Debian's resource agents, unmodified, under the executor as a process in network and mount namespaces of its own.
 * Needs root.
 */
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseXml } from '../../src/cib/xml.js';
import { ExecutorClient } from '../../src/executor/client.js';
import { MARKER } from '../../src/executor/marker.js';
import { isAlive, listPids, readEnvironment, readProcess } from '../../src/executor/process-table.js';
import type { OperationResult } from '../../src/executor/types.js';
import { createCloud, listen } from './cloud.mjs';

const project = join(dirname(fileURLToPath(import.meta.url)), '../..');

let directory: string;
let namespace: ChildProcess;
let client: ExecutorClient;
let callId = 0;
const results: OperationResult[] = [];
const ended: string[] = [];

beforeAll(async () => {
  expect(process.getuid?.(), 'these tests need root').toBe(0);
  directory = mkdtempSync(join(tmpdir(), 'quorate-agents-'));
  const program = join(directory, 'program.mjs');
  await build({
    stdin: {
      contents: `import { executorMain } from './src/executor/process.js'; await executorMain(process.argv[3]);`,
      resolveDir: project,
    },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile: program,
  });
  const tools = join(directory, 'tools');
  mkdirSync(tools);
  const options = { directory: join(directory, 'executor'), version: 'test', tools };
  const script = `
    mount --make-rprivate /
    mount -t tmpfs tmpfs /run && mkdir -p /run/lock /run/resource-agents
    # A machine without loadable modules has no modprobe, on which Filesystem insists.
    command -v modprobe > /dev/null || ln -s /bin/true "$TOOLS/modprobe"
    ip link set lo up
    ip link add v0 type veth peer name v1
    ip addr add 10.66.0.1/24 dev v0
    ip link set v0 up
    ip link set v1 up
    exec "$0" "$1" __executor "$2"`;
  namespace = spawn(
    'unshare',
    ['--net', '--mount', 'sh', '-ec', script, process.execPath, program, JSON.stringify(options)],
    { stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, TOOLS: tools } },
  );
  await until(() => existsSync(join(directory, 'executor/executor.pid')));
  client = await ExecutorClient.connect({
    ...options,
    program: '/nowhere',
    onResult: (result) => results.push(result),
    onProcessEnded: (resource) => ended.push(resource),
  });
}, 60_000);

afterAll(async () => {
  await client?.quit();
  await until(() => namespace.exitCode !== null);
  expect(namespace.exitCode).toBe(0);
  for (const pid of leftovers()) process.kill(pid, 'SIGKILL');
  rmSync(directory, { recursive: true, force: true });
});

/** As expect.poll, for before and after the tests. */
async function until(condition: () => boolean): Promise<void> {
  for (const startedAt = Date.now(); !condition(); ) {
    if (Date.now() - startedAt > 20_000) throw new Error(`not within 20 s: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function leftovers(): number[] {
  const prefix = join(directory, 'executor');
  return listPids().filter(
    (pid) => isAlive(readProcess(pid)) && readEnvironment(pid, MARKER)?.startsWith(`${prefix}|`),
  );
}

/** `agent` is `PROVIDER:TYPE`; the resource is called as its type. */
async function run(
  agent: string,
  operation: string,
  parameters: Record<string, string>,
  intervalMs = 0,
): Promise<OperationResult> {
  const [provider, type] = agent.split(':') as [string, string];
  const id = ++callId;
  client.execute({
    callId: id,
    key: `${type}_${operation}_${intervalMs}`,
    resource: type,
    agent: { class: 'ocf', provider, type },
    operation,
    intervalMs,
    timeoutMs: 40_000,
    startDelayMs: 0,
    parameters,
    meta: { on_node: 'n1' },
    userData: '',
  });
  return resultOf(id);
}

async function resultOf(id: number, index = 0): Promise<OperationResult> {
  const found = () => results.filter((result) => result.callId === id)[index];
  await expect.poll(found, { timeout: 60_000, interval: 5 }).toBeDefined();
  return found()!;
}

/** What every agent must do, whoever wrote it. */
async function livesItsLife(
  agent: string,
  parameters: Record<string, string>,
  whileUp?: () => Promise<void>,
) {
  const steps: [string, number][] = [];
  const step = async (operation: string): Promise<void> => {
    const result = await run(agent, operation, parameters);
    steps.push([operation, result.rc]);
    if (result.rc !== 0 && result.rc !== 7) console.log(result.output, result.exitReason);
  };
  await step('monitor');
  await step('start');
  await step('start');
  await step('monitor');
  await whileUp?.();
  await step('stop');
  await step('stop');
  await step('monitor');
  expect(steps).toEqual([
    ['monitor', 7],
    ['start', 0],
    ['start', 0],
    ['monitor', 0],
    ['stop', 0],
    ['stop', 0],
    ['monitor', 7],
  ]);
}

const addresses = async (): Promise<string> => {
  const shown = await runIn(['ip', '-o', '-4', 'addr', 'show', 'dev', 'v0']);
  return shown;
};

/** Runs a command in the executor's namespaces. */
function runIn(command: string[]): Promise<string> {
  return new Promise((resolve) => {
    const child = spawn('nsenter', ['-t', String(namespace.pid), '-n', '-m', ...command], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    child.on('close', () => resolve(output));
  });
}

describe("Debian's agents", () => {
  it('Dummy', () => livesItsLife('heartbeat:Dummy', {}));

  it('IPaddr2 adds and removes the address', async () => {
    await livesItsLife('heartbeat:IPaddr2', { ip: '10.66.0.9', cidr_netmask: '24' }, async () => {
      expect(await addresses()).toContain('10.66.0.9/24');
    });
    expect(await addresses()).not.toContain('10.66.0.9');
  });

  it('IPaddr2 with a wrong address fails with a reason', async () => {
    expect(await run('heartbeat:IPaddr2', 'start', { ip: '10.66.0.999' })).toMatchObject({
      rc: 6,
      status: 'done',
      exitReason: expect.stringMatching(/./),
    });
  });

  it('Route', async () => {
    await livesItsLife('heartbeat:Route', { destination: '10.77.0.0/24', gateway: '10.66.0.2' });
  });

  it('Filesystem', async () => {
    const mountPoint = join(directory, 'mnt');
    mkdirSync(mountPoint);
    await livesItsLife('heartbeat:Filesystem', { device: 'tmpfs', directory: mountPoint, fstype: 'tmpfs' });
  });

  it('Filesystem on a loop device', async () => {
    const mountPoint = join(directory, 'loop');
    const image = join(directory, 'image');
    mkdirSync(mountPoint);
    for (const [program, ...words] of [
      ['truncate', '-s', '8M', image],
      ['mkfs.ext3', '-q', '-F', image],
    ]) {
      expect(spawnSync(program!, words, { encoding: 'utf8' })).toMatchObject({ status: 0 });
    }
    const device = spawnSync('losetup', ['--find', '--show', image], { encoding: 'utf8' }).stdout.trim();
    try {
      expect(device).toMatch(/^\/dev\/loop/);
      const parameters = { device, directory: mountPoint, fstype: 'ext3' };
      await livesItsLife('heartbeat:Filesystem', parameters, async () => {
        expect(await runIn(['findmnt', '-n', '-o', 'SOURCE,FSTYPE', mountPoint])).toMatch(
          new RegExp(`^${device}\\s+ext[34]`),
        );
        // Depth 20: the agent writes to it and reads it back.
        expect(
          await run('heartbeat:Filesystem', 'monitor', { ...parameters, OCF_CHECK_LEVEL: '20' }),
        ).toMatchObject({ rc: 0 });
      });
    } finally {
      spawnSync('losetup', ['-d', device]);
    }
  });

  it('SendArp', () => livesItsLife('heartbeat:SendArp', { ip: '10.66.0.1', nic: 'v0', background: 'false' }));

  it('MailTo says what it lacks, and is content when it is there', async () => {
    const parameters = { email: 'root@localhost' };
    const mail = join(directory, 'tools/mail');
    if (spawnSync('sh', ['-c', 'command -v mail']).status !== 0) {
      expect(await run('heartbeat:MailTo', 'validate-all', parameters)).toMatchObject({
        rc: 5,
        exitReason: "Setup problem: couldn't find command: mail",
      });
      writeFileSync(mail, '#!/bin/sh\ncat >/dev/null\n', { mode: 0o755 });
    }
    expect(await run('heartbeat:MailTo', 'validate-all', parameters)).toMatchObject({ rc: 0 });
    rmSync(mail, { force: true });
  });

  it('anything', async () => {
    const pidfile = join(directory, 'anything.pid');
    await livesItsLife('heartbeat:anything', { binfile: '/bin/sleep', cmdline_options: '4712', pidfile });
    expect(leftovers()).toEqual([]);
  });

  it('nginx serves, and its death is seen at once', async () => {
    const config = join(directory, 'nginx.conf');
    writeFileSync(
      config,
      `pid ${directory}/nginx.pid; error_log ${directory}/nginx.log; events {}
       http { access_log off; server { listen 127.0.0.1:80; location / { return 200 "from nginx\\n"; } } }`,
    );
    const parameters = { httpd: '/usr/sbin/nginx', configfile: config, status10url: 'http://127.0.0.1/' };
    await livesItsLife('heartbeat:nginx', parameters, async () => {
      expect(await runIn(['curl', '-s', 'http://127.0.0.1/'])).toBe('from nginx\n');
      const monitor = await run('heartbeat:nginx', 'monitor', parameters, 60_000);
      expect(monitor.rc).toBe(0);
      await expect.poll(() => client.watched('nginx'), { timeout: 10_000 }).not.toEqual([]);
      const before = Date.now();
      const master = Number(readFileSync(join(directory, 'nginx.pid'), 'utf8'));
      const workers = listPids().filter((pid) => readProcess(pid)?.parent === master);
      for (const pid of [master, ...workers]) process.kill(pid, 'SIGKILL');
      expect(await resultOf(monitor.callId, 1)).toMatchObject({ rc: 7 });
      const detectedMs = Date.now() - before;
      expect(ended).toContain('nginx');
      console.log(`nginx killed and reported after ${detectedMs} ms`);
      // The agent takes a process for alive until the machine's init has waited for it.
      expect(detectedMs).toBeLessThan(6000);
    });
    expect(leftovers()).toEqual([]);
  });

  it('apache serves', async () => {
    const config = join(directory, 'apache.conf');
    writeFileSync(
      config,
      `ServerRoot /usr/lib/apache2
       ServerName localhost
       PidFile ${directory}/apache.pid
       ErrorLog ${directory}/apache.log
       Listen 127.0.0.1:81
       LoadModule mpm_event_module modules/mod_mpm_event.so
       LoadModule authz_core_module modules/mod_authz_core.so
       LoadModule status_module modules/mod_status.so
       DocumentRoot ${directory}
       <Location /server-status>
         SetHandler server-status
       </Location>`,
    );
    await livesItsLife('heartbeat:apache', {
      httpd: '/usr/sbin/apache2',
      configfile: config,
      statusurl: 'http://127.0.0.1:81/server-status',
    });
    expect(leftovers()).toEqual([]);
  });
});

describe('agents that we ship pass ocf-tester', () => {
  async function pass(agent: string, parameters: readonly string[], path = process.env.PATH): Promise<void> {
    const words = parameters.flatMap((parameter) => ['-o', parameter]);
    const file = join(project, 'resource-agents/ocf', agent);
    const env = { ...process.env, PATH: path, HA_RSCTMP: directory };
    const { stdout } = await promisify(execFile)('ocf-tester', ['-n', 'tested', ...words, file], { env });
    expect(stdout).toContain('passed all tests');
  }

  it('http-server', { timeout: 60_000 }, () => pass('quorate/http-server', ['port=18080']));

  it('VIPcheck, with a ping that nobody answers', { timeout: 60_000 }, async () => {
    const folder = join(directory, 'no-answer');
    mkdirSync(folder);
    writeFileSync(join(folder, 'ping'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    await pass('heartbeat/VIPcheck', ['target_ip=192.0.2.1'], `${folder}:${process.env.PATH}`);
  });

  it('floatip, with a stand-in for the provider', { timeout: 60_000 }, async () => {
    const cloud = createCloud({
      ip: '203.0.113.10',
      token: 'secret',
      delayMs: 0,
      droplets: [{ id: 1001, name: 'primary', address: '127.0.0.1' }],
      move: async () => {},
      log: () => {},
    });
    const servers = await listen(cloud.handler, ['127.0.0.1:0']);
    const url = `http://127.0.0.1:${(servers[0]!.address() as AddressInfo).port}`;
    const parameters = [
      'do_token=secret',
      'floating_ip=203.0.113.10',
      `api_url=${url}`,
      `metadata_url=${url}`,
    ];
    try {
      await pass('digitalocean/floatip', parameters);
    } finally {
      for (const server of servers) server.close();
    }
  });
});

describe('meta-data', () => {
  it('of every installed OCF agent is read and is XML', async () => {
    const bad: string[] = [];
    let read = 0;
    for (const provider of ['heartbeat', 'pacemaker']) {
      for (const type of await client.agents('ocf', provider)) {
        const xml = await client.metadata('ocf', provider, type);
        if (xml === null) {
          const result = await run(`${provider}:${type}`, 'meta-data', {});
          bad.push(`${provider}:${type}: none: rc ${result.rc} ${result.output.slice(-300)}`);
          continue;
        }
        try {
          expect(parseXml(xml).name).toBe('resource-agent');
          read++;
        } catch (error) {
          bad.push(`${provider}:${type}: ${error instanceof Error ? error.message : error}`);
        }
      }
    }
    console.log(`meta-data of ${read} agents`);
    expect(read).toBeGreaterThan(90);
    expect(bad).toEqual([]);
  }, 120_000);
});

describe('speed', () => {
  it('500 Dummy resources', async () => {
    const startedAt = performance.now();
    const first = callId + 1;
    for (let i = 0; i < 500; i++) {
      client.execute({
        callId: ++callId,
        key: `d${i}_start_0`,
        resource: `d${i}`,
        agent: { class: 'ocf', provider: 'heartbeat', type: 'Dummy' },
        operation: 'start',
        intervalMs: 0,
        timeoutMs: 20_000,
        startDelayMs: 0,
        parameters: {},
        meta: { on_node: 'n1' },
        userData: '',
      });
    }
    await expect
      .poll(() => results.filter((result) => result.callId >= first && result.rc === 0).length, {
        timeout: 200_000,
        interval: 20,
      })
      .toBe(500);
    console.log(`500 Dummy resources started in ${Math.round(performance.now() - startedAt)} ms`);
  }, 240_000);
});
