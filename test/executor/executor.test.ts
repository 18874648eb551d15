import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { exitReason } from '../../src/executor/environment.js';
import { lsbToOcf, readLsbHeader } from '../../src/executor/lsb.js';
import { MARKER } from '../../src/executor/marker.js';
import type { Attachment, ExecutorMethods, ExecutorNotification } from '../../src/executor/messages.js';
import { readParameterTraits } from '../../src/executor/parameter-traits.js';
import { type Executor, type ExecutorOptions, startExecutor } from '../../src/executor/process.js';
import { isAlive, listPids, readEnvironment, readProcess } from '../../src/executor/process-table.js';
import type { OperationRequest, OperationResult } from '../../src/executor/types.js';
import { RequestClient } from '../../src/protocol/ndjson.js';

const fixtures = join(dirname(fileURLToPath(import.meta.url)), '../fixtures');

let directory: string;
let executor: Executor | undefined;
let client: RequestClient<ExecutorMethods, ExecutorNotification>;
let attachment: Attachment;
const results: OperationResult[] = [];
const notices: ExecutorNotification[] = [];
let callId = 0;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'quorate-executor-'));
  callId = 0;
  await start();
});

afterEach(async () => {
  await executor?.close();
  executor = undefined;
  const left = leftovers();
  for (const pid of left) process.kill(pid, 'SIGKILL');
  rmSync(directory, { recursive: true, force: true });
});

async function start(options: Partial<ExecutorOptions> = {}): Promise<void> {
  results.length = 0;
  notices.length = 0;
  executor = await startExecutor({
    directory: join(directory, 'executor'),
    root: directory,
    shippedAgents: fixtures,
    version: 'test',
    concurrency: 4,
    ...options,
  });
  client = new RequestClient<ExecutorMethods, ExecutorNotification>(
    connect(executor.socketPath),
    (notification) => {
      notices.push(notification);
      if (notification.notify === 'result') results.push(notification.result);
    },
  );
  const attached = await client.call('attach', {});
  if (!attached.ok) throw new Error('no executor');
  attachment = attached.value;
}

async function restart(): Promise<void> {
  await executor!.close();
  await start();
}

function request(operation: string, more: Partial<OperationRequest> = {}): OperationRequest {
  const resource = more.resource ?? 'r';
  const intervalMs = more.intervalMs ?? 0;
  return {
    callId: ++callId,
    key: `${resource}_${operation}_${intervalMs}`,
    resource,
    agent: { class: 'ocf', provider: 'test', type: 'misbehaving' },
    operation,
    intervalMs,
    timeoutMs: 10_000,
    startDelayMs: 0,
    meta: {},
    userData: `user-data-${callId}`,
    ...more,
    parameters: { state: join(directory, resource), ...more.parameters },
  };
}

/** Sends the operation and waits for its (next) result. */
async function run(operation: string, more: Partial<OperationRequest> = {}): Promise<OperationResult> {
  const sent = request(operation, more);
  await client.call('execute', { request: sent });
  return resultOf(sent.callId);
}

async function resultOf(id: number, index = 0): Promise<OperationResult> {
  const found = () => results.filter((result) => result.callId === id)[index];
  await expect.poll(found, { timeout: 15_000, interval: 5 }).toBeDefined();
  return found()!;
}

/** Processes that operations of this test's executor have left running. */
function leftovers(): number[] {
  const prefix = join(directory, 'executor');
  return listPids().filter(
    (pid) => isAlive(readProcess(pid)) && readEnvironment(pid, MARKER)?.startsWith(`${prefix}|`),
  );
}

describe('operations of OCF agents', () => {
  it('have results as the agent gives them', async () => {
    expect(await run('monitor')).toMatchObject({
      rc: 7,
      status: 'done',
      key: 'r_monitor_0',
      userData: 'user-data-1',
    });
    expect(await run('start')).toMatchObject({ rc: 0, status: 'done', operation: 'start', resource: 'r' });
    expect(await run('monitor')).toMatchObject({ rc: 0 });
    expect(await run('stop')).toMatchObject({ rc: 0 });
    expect(await run('frobnicate')).toMatchObject({ rc: 3, status: 'done' });
    const { startedAtMs, lastChangeAtMs, execTimeMs, queueTimeMs } = results[0]!;
    expect(Math.abs(Date.now() - startedAtMs)).toBeLessThan(10_000);
    expect(lastChangeAtMs).toBe(startedAtMs);
    expect(execTimeMs).toBeGreaterThan(0);
    expect(queueTimeMs).toBeLessThan(20_000);
  });

  it('see the environment that OCF and Pacemaker promise', async () => {
    const { output } = await run('start', {
      resource: 'web:1',
      parameters: { do: 'environment', ip: '10.0.0.9', OCF_CHECK_LEVEL: '10' },
      meta: {
        on_node: 'n1',
        clone_max: '3',
        'notify-start_uname': 'n2 n3',
        timeout: '20000',
        name: 'start',
        op_target_rc: '0',
      },
    });
    const env = Object.fromEntries(
      output
        .split('\n')
        .filter((line) => line.includes('='))
        .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    );
    expect(env).toMatchObject({
      OCF_ROOT: '/usr/lib/ocf',
      OCF_RA_VERSION_MAJOR: '1',
      OCF_RA_VERSION_MINOR: '1',
      OCF_RESOURCE_INSTANCE: 'web:1',
      OCF_RESOURCE_TYPE: 'misbehaving',
      OCF_RESOURCE_PROVIDER: 'test',
      OCF_EXIT_REASON_PREFIX: 'ocf-exit-reason:',
      OCF_CHECK_LEVEL: '10',
      OCF_RESKEY_ip: '10.0.0.9',
      OCF_RESKEY_crm_feature_set: '3.16.1',
      OCF_RESKEY_CRM_meta_name: 'start',
      OCF_RESKEY_CRM_meta_timeout: '20000',
      OCF_RESKEY_CRM_meta_on_node: 'n1',
      OCF_RESKEY_CRM_meta_clone_max: '3',
      OCF_RESKEY_CRM_meta_notify_start_uname: 'n2 n3',
      HA_RSCTMP: join(directory, 'run/resource-agents'),
      HA_cluster_type: 'corosync',
      PCMK_service: 'pacemaker-execd',
      QUORATE_ROOT: directory,
    });
    expect(Object.keys(env).filter((name) => /^(NODE_|VITEST)|op_target_rc/.test(name))).toEqual([]);
    expect(existsSync(env.HA_RSCTMP!)).toBe(true);
  });

  it('get secrets in place of what the CIB has; a resource without its secret can only be stopped', async () => {
    const folder = join(directory, 'var/lib/pacemaker/lrm/secrets/r');
    const secret = { parameters: { do: 'environment', password: 'lrm://' } };
    const refused = { status: 'done', rc: 2, exitReason: 'Unable to load CIB secrets', output: '' };
    expect(await run('start', secret)).toMatchObject(refused);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'password'), 'not for everyone\n');
    writeFileSync(join(folder, 'password.sign'), `${createHash('md5').update('another').digest('hex')}\n`);
    expect(await run('start', secret)).toMatchObject(refused);
    expect(await run('stop', secret)).toMatchObject({ rc: 0 });
    const sum = createHash('md5').update('not for everyone').digest('hex');
    writeFileSync(join(folder, 'password.sign'), `${sum}\n`);
    const started = await run('start', secret);
    expect(started.output).toContain('OCF_RESKEY_password=not for everyone\n');
    // Digests are made of what the CIB has.
    expect(started.parameters).toMatchObject({ password: 'lrm://' });
  });

  it('have real pipes and no input', async () => {
    const result = await run('start', { parameters: { do: 'stdio' } });
    expect(result).toMatchObject({ rc: 0, output: 'to-stdout\nto-stderr\n' });
  });

  it.each([
    {
      name: 'a missing agent',
      type: 'missing',
      rc: 5,
      status: 'not-installed',
      reason: /missing: No such file/,
    },
    {
      name: 'no interpreter',
      type: 'no-interpreter',
      rc: 5,
      status: 'not-installed',
      reason: /No such file/,
    },
    {
      name: 'a file that may not be run',
      type: 'not-executable',
      rc: 4,
      status: 'error',
      reason: /Permission denied/,
    },
  ])('$name gives a clear failure', async ({ type, rc, status, reason }) => {
    const result = await run('start', { agent: { class: 'ocf', provider: 'test', type } });
    expect(result).toMatchObject({ rc, status });
    expect(result.exitReason).toMatch(reason);
  });

  it.each([
    {
      does: 'crash',
      rc: 1,
      status: 'error',
      reason: 'Resource agent interrupted by Segmentation fault signal',
    },
    { does: 'nonsense', rc: 99, status: 'done', reason: '' },
    { does: 'reason', rc: 6, status: 'done', reason: 'the disk is on fire' },
  ])('an agent that ends by $does', async ({ does, rc, status, reason }) => {
    expect(await run('start', { parameters: { do: does } })).toMatchObject({
      rc,
      status,
      exitReason: reason,
    });
  });

  it('an unknown class, or a parameter that no process can be given, is a failure of that operation only', async () => {
    expect(await run('start', { agent: { class: 'upstart', type: 'x' } })).toMatchObject({
      rc: 5,
      status: 'not-installed',
      exitReason: 'There is no class upstart of agents',
    });
    expect(await run('start', { parameters: { bad: 'a\0b' } })).toMatchObject({ rc: 1, status: 'error' });
    expect(await run('start')).toMatchObject({ rc: 0 });
  });

  it.each([
    { does: 'hang', reason: 'Resource agent did not complete within 300ms' },
    { does: 'hang-deaf', reason: 'Resource agent did not complete within 300ms' },
    { does: 'escape', reason: 'Resource agent did not complete within 300ms' },
    { does: 'zombie', reason: 'Resource agent did not complete within 300ms' },
  ])('time out and leave nothing behind ($does)', async ({ does, reason }) => {
    const startedAt = Date.now();
    expect(await run('start', { parameters: { do: does }, timeoutMs: 300 })).toMatchObject({
      rc: 1,
      status: 'timeout',
      exitReason: reason,
    });
    expect(Date.now() - startedAt).toBeLessThan(10_000);
    expect(leftovers()).toEqual([]);
  });

  it('do not wait for what an agent leaves running', async () => {
    const result = await run('start', { parameters: { do: 'fork' } });
    expect(result.rc).toBe(0);
    expect(result.execTimeMs).toBeLessThan(2000);
    expect(leftovers()).toHaveLength(2);
  });

  it('keep the end of endless output', async () => {
    const result = await run('start', { parameters: { do: 'flood' } });
    expect(result).toMatchObject({ rc: 0 });
    expect(result.output.length).toBe(64 * 1024);
    expect(result.output.endsWith('the end\n')).toBe(true);
  });
});

describe('order', () => {
  it('is kept on a resource, and operations never overlap', async () => {
    const trace = join(directory, 'trace');
    const parameters = { do: 'slow', seconds: '0.05', trace };
    const ids: number[] = [];
    for (const operation of ['start', 'monitor', 'stop', 'start', 'stop']) {
      const sent = request(operation, { parameters });
      ids.push(sent.callId);
      await client.call('execute', { request: sent });
    }
    await resultOf(ids.at(-1)!);
    expect(results.map((result) => result.callId)).toEqual(ids);
    const lines = readFileSync(trace, 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !line.includes('meta-data'));
    expect(lines).toHaveLength(10);
    for (let i = 0; i < lines.length; i += 2) {
      expect(lines[i + 1]).toBe(lines[i]!.replace('begin', 'end'));
    }
  });

  it('lets resources run side by side, and long ones not hold up others', async () => {
    const slow = Array.from({ length: 6 }, (_, i) =>
      request('start', { resource: `s${i}`, parameters: { do: 'slow', seconds: '30' } }),
    );
    for (const sent of slow) await client.call('execute', { request: sent });
    const startedAt = Date.now();
    expect(await run('start', { resource: 'quick' })).toMatchObject({ rc: 0 });
    expect(Date.now() - startedAt).toBeLessThan(8000);
  });

  it('honours a start delay', async () => {
    const startedAt = Date.now();
    await run('monitor', { startDelayMs: 250 });
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(245);
  });
});

describe('recurring operations', () => {
  const state = () => join(directory, 'r');

  it('report the first result and then changes only', async () => {
    await run('start');
    const trace = join(directory, 'trace');
    const first = await run('monitor', { intervalMs: 40, parameters: { trace } });
    expect(first).toMatchObject({ rc: 0, intervalMs: 40 });
    const runs = () => readFileSync(trace, 'utf8').match(/^end monitor/gm)?.length ?? 0;
    await expect.poll(runs, { timeout: 20_000 }).toBeGreaterThan(3);
    rmSync(state());
    expect(await resultOf(first.callId, 1)).toMatchObject({ rc: 7 });
    writeFileSync(state(), '');
    expect(await resultOf(first.callId, 2)).toMatchObject({ rc: 0 });
    expect(results.filter((result) => result.callId === first.callId)).toHaveLength(3);
  });

  it('end when cancelled, or when the resource is about to change', async () => {
    await run('start');
    const first = await run('monitor', { intervalMs: 10_000 });
    expect(await client.call('cancel', { resource: 'r', key: first.key })).toMatchObject({
      value: { cancelled: true },
    });
    expect(await resultOf(first.callId, 1)).toMatchObject({ status: 'cancelled' });
    expect(await client.call('cancel', { resource: 'r', key: first.key })).toMatchObject({
      value: { cancelled: false },
    });
    const second = await run('monitor', { intervalMs: 10_000 });
    const stop = await run('stop');
    expect(await resultOf(second.callId, 1)).toMatchObject({ status: 'cancelled' });
    expect(stop.rc).toBe(0);
    await restart();
    expect(attachment.recurring).toEqual([]);
  });

  it('are killed when cancelled while they hang', async () => {
    await run('start');
    const sent = request('monitor', { intervalMs: 50, parameters: { do: 'hang' } });
    await client.call('execute', { request: sent });
    await expect.poll(leftovers).not.toEqual([]);
    expect(await run('stop')).toMatchObject({ rc: 0 });
    expect(await resultOf(sent.callId)).toMatchObject({ status: 'cancelled' });
    expect(leftovers()).toEqual([]);
  });
});

describe('the end of a service process', () => {
  const daemon = { class: 'ocf', provider: 'test', type: 'daemon' };
  const watched = async () => {
    const answer = await client.call('watched', { resource: 'r' });
    return answer.ok ? answer.value.processes : [];
  };
  /** Waits until the daemon itself is watched: on a busy machine others' orphans may be taken for the service's, too. */
  const daemonWatched = async (pidfile: string): Promise<number> => {
    const pid = Number(readFileSync(pidfile, 'utf8'));
    const pids = async () => (await watched()).map((process) => process.pid);
    await expect.poll(pids, { timeout: 20_000 }).toContain(pid);
    return pid;
  };
  /** Of that process, among the alarms. */
  const alarms = (pid: number) =>
    notices
      .flatMap((notice) => (notice.notify === 'process-ended' ? notice.processes : []))
      .filter((process) => process.pid === pid);

  it.each([
    { by: 'its marker', name: 'elsewhere' },
    { by: 'its pid file', name: 'pidfile' },
  ])('is seen by $by and monitored at once', async ({ name }) => {
    const pidfile = join(directory, 'daemon.pid');
    const parameters = { pidfile, [name]: pidfile };
    await run('start', { agent: daemon, parameters });
    const monitor = await run('monitor', { agent: daemon, parameters, intervalMs: 60_000 });
    expect(monitor.rc).toBe(0);
    const pid = await daemonWatched(pidfile);
    process.kill(pid, 'SIGKILL');
    // Long before the monitor would run by itself.
    expect(await resultOf(monitor.callId, 1)).toMatchObject({ rc: 7 });
    expect(alarms(pid)).toMatchObject([{ name: 'sleep' }]);
  });

  it('is no alarm when the service is being stopped', async () => {
    const parameters = { pidfile: join(directory, 'daemon.pid') };
    await run('start', { agent: daemon, parameters });
    await run('monitor', { agent: daemon, parameters, intervalMs: 60_000 });
    const pid = await daemonWatched(parameters.pidfile);
    expect(await run('stop', { agent: daemon, parameters })).toMatchObject({ rc: 0 });
    expect(await watched()).toEqual([]);
    expect(alarms(pid)).toEqual([]);
    expect(leftovers()).toEqual([]);
  });
});

describe('a restart of the executor', () => {
  it('keeps results and goes on with monitors', async () => {
    await run('start');
    const monitor = await run('monitor', { intervalMs: 40 });
    await run('monitor', { resource: 'other' });
    await restart();
    expect(attachment).toMatchObject({ lastCallId: 3, version: 'test', pending: [] });
    expect(attachment.history.map(({ key, rc }) => [key, rc])).toEqual([
      ['r_start_0', 0],
      ['r_monitor_40', 0],
      ['other_monitor_0', 7],
    ]);
    expect(attachment.recurring.map(({ key }) => key)).toEqual(['r_monitor_40']);
    rmSync(join(directory, 'r'));
    expect(await resultOf(monitor.callId)).toMatchObject({ rc: 7 });
  });

  it('forgets what it is told to forget', async () => {
    await run('start');
    await run('monitor', { intervalMs: 10_000 });
    await run('start', { resource: 'other' });
    await client.call('forget', { resource: 'r', key: null });
    await restart();
    expect(attachment.history.map(({ key }) => key)).toEqual(['other_start_0']);
    expect(attachment.recurring).toEqual([]);
  });

  it('does not pretend to know what an interrupted operation has done', async () => {
    await run('start');
    await client.call('execute', { request: request('stop', { parameters: { do: 'hang' } }) });
    await expect.poll(leftovers).not.toEqual([]);
    // As after kill -9: nothing was closed, the file ends in the middle of a line.
    const file = join(directory, 'executor/history.ndjson');
    const written = `${readFileSync(file, 'utf8')}{"result":{"resou`;
    await executor!.close();
    writeFileSync(file, written);
    await start();
    expect(attachment.history).toEqual([]);
    expect(leftovers()).toEqual([]);
  });

  it('drops what another boot has left', async () => {
    await run('start');
    await executor!.close();
    const file = join(directory, 'executor/history.ndjson');
    writeFileSync(file, readFileSync(file, 'utf8').replace(/"boot":"[^"]*"/, '"boot":"before"'));
    await start();
    expect(attachment.history).toEqual([]);
  });

  it('is not disturbed by a second executor for the same directory', async () => {
    await expect(
      startExecutor({ directory: join(directory, 'executor'), version: 'test', root: directory }),
    ).rejects.toThrow(/already serving/);
    expect(await run('start')).toMatchObject({ rc: 0 });
  });
});

describe('other classes', () => {
  function script(path: string, text: string): void {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  }

  it('lsb maps the exit codes of status', async () => {
    script('etc/init.d/thing', 'echo "$@"; [ "$1" = status ] && exit 3; [ "$1" = stop ] && exit 9; exit 0');
    await restart();
    const agent = { class: 'lsb', type: 'thing' };
    expect(await run('monitor', { agent })).toMatchObject({ rc: 7, output: 'status\n' });
    expect(await run('start', { agent })).toMatchObject({ rc: 0, output: 'start\n' });
    expect(await run('stop', { agent })).toMatchObject({ rc: 1 });
    expect(await run('start', { agent: { class: 'service', type: 'thing' } })).toMatchObject({ rc: 0 });
    expect(await client.call('agents', { class: 'lsb' })).toMatchObject({ value: { agents: ['thing'] } });
    expect([0, 1, 2, 3, 4, 150, 151].map((code) => lsbToOcf('status', code))).toEqual([0, 7, 7, 7, 1, 5, 4]);
  });

  it('heartbeat gives positional arguments and reads what status says', async () => {
    script('etc/ha.d/resource.d/IPaddr', 'echo "$@"; [ "$2" = status ] && echo "is running"; exit 0');
    script('etc/ha.d/resource.d/Off', 'echo "stopped"; exit 0');
    await restart();
    const agent = { class: 'heartbeat', type: 'IPaddr' };
    const parameters = { 1: '10.0.0.1/24' };
    expect(await run('start', { agent, parameters })).toMatchObject({ rc: 0, output: '10.0.0.1/24 start\n' });
    expect(await run('monitor', { agent, parameters })).toMatchObject({ rc: 0 });
    expect(await run('monitor', { agent: { class: 'heartbeat', type: 'Off' } })).toMatchObject({ rc: 7 });
  });

  it('nagios runs the plugin with its parameters as options', async () => {
    script('usr/lib/nagios/plugins/check_x', 'echo "$@"; [ "$1" = --version ] && exit 0; exit $2');
    await restart();
    const agent = { class: 'nagios', type: 'check_x' };
    const operation = { agent, parameters: { level: '1' } };
    const bare = (sent: OperationRequest) => ({ ...sent, parameters: { level: '2' } });
    expect(await run('monitor', operation)).toMatchObject({ rc: 7 });
    const critical = bare(request('monitor', { agent, intervalMs: 10_000 }));
    await client.call('execute', { request: critical });
    expect(await resultOf(critical.callId)).toMatchObject({ rc: 1, exitReason: '--level 2' });
    expect(await run('stop', operation)).toMatchObject({ rc: 0 });
  });

  it('stonith devices are monitored through standard input', async () => {
    script(
      'usr/sbin/fence_x',
      'in=$(cat); echo "$in"; case "$in" in *action=metadata*) echo "<resource-agent name=\\"fence_x\\"/>";; *plug=bad*) echo no such plug >&2; exit 1;; esac',
    );
    await restart();
    const agent = { class: 'stonith', type: 'fence_x' };
    const parameters = { pcmk_host_list: 'n1', login: 'root', CRM_meta_x: 'y' };
    expect(await run('monitor', { agent, parameters })).toMatchObject({ rc: 7 });
    const started = await run('start', { agent, parameters });
    expect(started).toMatchObject({ rc: 0 });
    expect(started.output.split('\n').filter((line) => !line.startsWith('state='))).toEqual([
      'action=monitor',
      'login=root',
      '',
    ]);
    expect(await run('monitor', { agent, parameters })).toMatchObject({ rc: 0 });
    expect(await run('stop', { agent, parameters })).toMatchObject({ rc: 0 });
    expect(await run('start', { agent, parameters: { ...parameters, plug: 'bad' } })).toMatchObject({
      rc: 1,
      status: 'error',
      exitReason: 'no such plug',
    });
    const call = {
      agent: 'fence_x',
      action: 'off',
      parameters,
      target: { node: 'n1', parameter: 'port', value: '7' },
    };
    expect(await client.call('fence', { call, timeoutMs: 5000 })).toMatchObject({
      value: { status: 'done', rc: 0, output: 'action=off\nnodename=n1\nport=7\nlogin=root\n' },
    });
    expect(await client.call('metadata', { class: 'stonith', type: 'fence_x' })).toMatchObject({
      value: { xml: expect.stringContaining('<resource-agent') },
    });
  });
});

describe('agents and their meta-data', () => {
  it('are listed by class and provider', async () => {
    expect(await client.call('classes', {})).toMatchObject({
      value: { classes: ['heartbeat', 'lsb', 'nagios', 'ocf', 'service', 'stonith', 'systemd'] },
    });
    const providers = await client.call('providers', { class: 'ocf' });
    expect(providers.ok && providers.value.providers).toContain('test');
    expect(await client.call('providers', { class: 'ocf', type: 'misbehaving' })).toEqual({
      ok: true,
      value: { providers: ['test'] },
    });
    expect(await client.call('agents', { class: 'ocf', provider: 'test' })).toEqual({
      ok: true,
      value: { agents: ['daemon', 'misbehaving', 'no-interpreter', 'recorder'] },
    });
    expect(await client.call('agents', { class: 'upstart' })).toMatchObject({
      ok: false,
      error: { code: 'not-found' },
    });
  });

  it('are read from the agent', async () => {
    const metadata = await client.call('metadata', { class: 'ocf', provider: 'test', type: 'misbehaving' });
    expect(metadata.ok && metadata.value.xml).toContain('<resource-agent name="misbehaving">');
    expect(await client.call('metadata', { class: 'ocf', provider: 'test', type: 'missing' })).toEqual({
      ok: true,
      value: { xml: null },
    });
  });
});

describe('what an agent says of its parameters', () => {
  const document = (version: string, parameters: string, actions: string) =>
    `<resource-agent name="x"><version>${version}</version><parameters>${parameters}</parameters><actions>${actions}</actions></resource-agent>`;
  const PARAMETERS =
    '<parameter name="state" unique="1"/><parameter name="level" reloadable="1"/><parameter name="passwd"/>';

  it.each([
    {
      name: 'OCF 1.1',
      version: '1.1',
      actions: '<action name="reload-agent"/>',
      restarting: ['state', 'passwd'],
    },
    { name: 'OCF 1.1, reload alone', version: '1.1', actions: '<action name="reload"/>', restarting: null },
    { name: 'OCF 1.0', version: '1.0', actions: '<action name="reload"/>', restarting: ['state'] },
    { name: 'no reload', version: '1.0', actions: '<action name="start"/>', restarting: null },
  ])('$name', ({ version, actions, restarting }) => {
    expect(readParameterTraits(document(version, PARAMETERS, actions))).toEqual({
      restarting,
      private: ['passwd'],
    });
  });

  it('counts what is marked private before what looks so', () => {
    const marked = document('1.1', '<parameter name="passwd"/><parameter name="token" private="1"/>', '');
    expect(readParameterTraits(marked)?.private).toEqual(['token']);
    expect(readParameterTraits('no XML')).toBeNull();
  });

  it('comes with every result', async () => {
    expect((await run('start')).parameterTraits).toEqual({ restarting: null, private: [] });
    const missing = await run('start', { agent: { class: 'ocf', provider: 'test', type: 'missing' } });
    expect(missing).not.toHaveProperty('parameterTraits');
  });
});

describe('small things', () => {
  it('the last exit reason counts, at most 128 characters of it', () => {
    expect(exitReason('x\nocf-exit-reason:one\nocf-exit-reason:two\nmore')).toBe('two');
    expect(exitReason('nothing')).toBe('');
    expect(exitReason(`ocf-exit-reason:${'y'.repeat(200)}`)).toHaveLength(128);
  });

  it('LSB headers are read', () => {
    const text =
      '#!/bin/sh\n### BEGIN INIT INFO\n# Provides: x\n# Short-Description: does x\n# Description: long\n#\tand longer\n### END INIT INFO\n# Description: no';
    expect(readLsbHeader(text)).toEqual({
      Provides: 'x',
      'Short-Description': 'does x',
      Description: 'long\nand longer',
    });
  });
});
