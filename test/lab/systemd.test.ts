/** Class `systemd` over a real bus, with a stand-in for systemd itself on it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ExecutorClient } from '../../src/executor/client.js';
import { type Executor, startExecutor } from '../../src/executor/process.js';
import type { OperationResult } from '../../src/executor/types.js';

const manager = join(import.meta.dirname, '../fixtures/systemd/manager.py');
let directory: string;
let bus: ChildProcess;
let standIn: ChildProcess;
let executor: Executor;
let client: ExecutorClient;
let callId = 0;
const waiting = new Map<number, (result: OperationResult) => void>();

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'quorate-systemd-'));
  const address = `unix:path=${join(directory, 'bus')}`;
  bus = spawn('dbus-daemon', ['--session', '--nofork', `--address=${address}`, '--print-address'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await firstOutput(bus);
  process.env.DBUS_SYSTEM_BUS_ADDRESS = address;
  const units = [
    'web.service=plain',
    'slow.service=slow',
    'broken.service=broken',
    'stuck.service=stuck',
    'unending.service=unending',
    'in.socket=plain',
    'x@1.service=plain',
  ];
  standIn = spawn(manager, [join(directory, 'log'), ...units], { stdio: ['ignore', 'pipe', 'inherit'] });
  await firstOutput(standIn);
  const options = { directory: join(directory, 'executor'), root: directory, version: 'test' };
  executor = await startExecutor(options);
  client = await ExecutorClient.connect({
    ...options,
    program: '/nowhere',
    onResult: (result) => waiting.get(result.callId)?.(result),
  });
});

afterAll(async () => {
  delete process.env.DBUS_SYSTEM_BUS_ADDRESS;
  await client?.detach();
  await executor?.close();
  for (const child of [standIn, bus]) {
    const ended = new Promise((resolve) => child.once('close', resolve));
    child.kill();
    await ended;
  }
  rmSync(directory, { recursive: true, force: true });
});

function firstOutput(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.stdout!.once('data', () => resolve());
    child.once('error', reject);
    child.once('close', (code) => reject(new Error(`${child.spawnfile} has ended: ${code}`)));
  });
}

function run(type: string, operation: string, timeoutMs = 20_000): Promise<OperationResult> {
  const id = ++callId;
  const result = new Promise<OperationResult>((resolve) => waiting.set(id, resolve));
  client.execute({
    callId: id,
    key: `${type}_${operation}_0`,
    resource: type,
    agent: { class: 'systemd', type },
    operation,
    intervalMs: 0,
    timeoutMs,
    startDelayMs: 0,
    parameters: {},
    meta: {},
    userData: '',
  });
  return result;
}

const log = () => readFileSync(join(directory, 'log'), 'utf8').trim().split('\n');
const override = (unit: string) => join(directory, 'run/systemd/system', `${unit}.d`, '50-quorate.conf');

test('a unit is started, watched and stopped; while it is started it is ordered before the agent', async () => {
  expect(await run('web', 'monitor')).toMatchObject({ status: 'done', rc: 7, exitReason: 'inactive' });
  expect(await run('web', 'start')).toMatchObject({ status: 'done', rc: 0, exitReason: '' });
  expect(readFileSync(override('web.service'), 'utf8')).toBe(
    '[Unit]\nDescription=Cluster Controlled web\nBefore=quorated.service pacemaker.service pacemaker_remote.service\n\n[Service]\nRestart=no\n',
  );
  expect(await run('web', 'monitor')).toMatchObject({ status: 'done', rc: 0 });
  expect(await run('web', 'stop')).toMatchObject({ status: 'done', rc: 0 });
  expect(existsSync(override('web.service'))).toBe(false);
  expect(await run('web', 'monitor')).toMatchObject({ status: 'done', rc: 7 });
  expect(log()).toEqual([
    'reload',
    'start web.service',
    'start of web.service is over',
    'reload',
    'stop web.service',
    'stop of web.service is over',
  ]);
});

test('a start or stop is over when its job is, and the unit neither comes up nor goes down any more', async () => {
  const started = await run('slow', 'start');
  expect(started).toMatchObject({ status: 'done', rc: 0 });
  expect(started.execTimeMs).toBeGreaterThanOrEqual(900);
  expect(await run('slow', 'stop')).toMatchObject({ status: 'done', rc: 0 });
});

test('what does not come up, go down or come to an end has failed, with the reason', async () => {
  expect(await run('broken', 'start')).toMatchObject({ status: 'done', rc: 1, exitReason: 'failed' });
  expect(await run('unending', 'start')).toMatchObject({ rc: 0 });
  expect(await run('unending', 'stop')).toMatchObject({
    rc: 1,
    exitReason: 'unending.service is still active',
  });
  expect(await run('stuck', 'start', 1000)).toMatchObject({
    status: 'timeout',
    exitReason: 'Resource agent did not complete within 1000ms',
  });
});

test('a unit that does not exist is stopped, and cannot be started', async () => {
  expect(await run('no-such', 'monitor')).toMatchObject({ status: 'done', rc: 7, exitReason: 'inactive' });
  expect(await run('no-such', 'stop')).toMatchObject({ status: 'done', rc: 0 });
  expect(await run('no-such', 'start')).toMatchObject({
    status: 'not-installed',
    rc: 5,
    exitReason: 'systemd unit no-such.service not found',
  });
});

test('units are listed and described as Pacemaker does', async () => {
  expect(await client.agents('systemd')).toEqual([
    'broken',
    'in.socket',
    'slow',
    'stuck',
    'unending',
    'web',
    'x@1',
  ]);
  const xml = await client.metadata('systemd', undefined, 'web');
  expect(xml).toContain('The unit &lt;web.service&gt;');
  expect(xml).toContain('<shortdesc lang="en">systemd unit file for web</shortdesc>');
  expect(await client.metadata('systemd', undefined, 'no-such')).toBeNull();
  expect(await run('in.socket', 'start')).toMatchObject({ status: 'done', rc: 0 });
  expect(readFileSync(override('in.socket'), 'utf8')).not.toContain('[Service]');
});
