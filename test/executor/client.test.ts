import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ExecutorClient } from '../../src/executor/client.js';
import { MARKER } from '../../src/executor/marker.js';
import { executorSocket } from '../../src/executor/messages.js';
import { isAlive, listPids, readEnvironment, readProcess } from '../../src/executor/process-table.js';
import type { OperationRequest, OperationResult } from '../../src/executor/types.js';

const fixtures = join(dirname(fileURLToPath(import.meta.url)), '../fixtures');

let programDirectory: string;
let program: string;
let directory: string;
let client: ExecutorClient | undefined;
const results: OperationResult[] = [];

beforeAll(async () => {
  programDirectory = mkdtempSync(join(tmpdir(), 'quorate-executor-program-'));
  program = join(programDirectory, 'program.mjs');
  await build({
    stdin: {
      contents: `import { executorMain } from './src/executor/process.js'; await executorMain(process.argv[3]);`,
      resolveDir: join(fixtures, '../..'),
    },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile: program,
  });
});

afterAll(() => rmSync(programDirectory, { recursive: true, force: true }));

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'quorate-client-'));
  results.length = 0;
});

afterEach(async () => {
  if (client === undefined || client.isClosing) client = await attach();
  await client.quit();
  client = undefined;
  rmSync(directory, { recursive: true, force: true });
});

function attach(version = '1', keepHistory = false): Promise<ExecutorClient> {
  return ExecutorClient.connect({
    directory: join(directory, 'executor'),
    root: directory,
    shippedAgents: fixtures,
    version,
    keepHistory,
    program,
    logPath: join(directory, 'log'),
    onResult: (result) => results.push(result),
  });
}

const pidOfExecutor = () => Number(readFileSync(join(directory, 'executor/executor.pid'), 'utf8'));

function request(callId: number, operation: string, intervalMs = 0): OperationRequest {
  return {
    callId,
    key: `r_${operation}_${intervalMs}`,
    resource: 'r',
    agent: { class: 'ocf', provider: 'test', type: 'misbehaving' },
    operation,
    intervalMs,
    timeoutMs: 5000,
    startDelayMs: 0,
    parameters: { state: join(directory, 'r') },
    meta: {},
    userData: '',
  };
}

const resultOf = (callId: number) =>
  expect.poll(() => results.find((result) => result.callId === callId), { timeout: 10_000, interval: 5 });

describe('the executor as a process', () => {
  it('goes on while no agent is there, and tells the next one what has happened', async () => {
    client = await attach();
    const pid = pidOfExecutor();
    client.execute(request(1, 'start'));
    client.execute(request(2, 'monitor', 50));
    await resultOf(2).toMatchObject({ rc: 0 });
    await client.detach();
    rmSync(join(directory, 'r'));

    await expect
      .poll(() => readFileSync(join(directory, 'executor/history.ndjson'), 'utf8'))
      .toMatch(/"r_monitor_50".*"rc":7/);
    client = await attach();
    expect(pidOfExecutor()).toBe(pid);
    expect(client.attachment).toMatchObject({ pid, lastCallId: 2 });
    expect(client.attachment.history.map(({ key, rc }) => [key, rc])).toEqual([
      ['r_start_0', 0],
      ['r_monitor_50', 7],
    ]);
  });

  it('is replaced by a newer version, and services notice nothing', async () => {
    client = await attach('1');
    const pid = pidOfExecutor();
    client.execute(request(1, 'start'));
    client.execute(request(2, 'monitor', 50));
    await resultOf(2).toMatchObject({ rc: 0 });
    await client.detach();
    client = await attach('2');
    expect(client.attachment.version).toBe('2');
    expect(pidOfExecutor()).not.toBe(pid);
    await expect.poll(() => isAlive(readProcess(pid))).toBe(false);
    expect(client.attachment.recurring.map(({ key }) => key)).toEqual(['r_monitor_50']);
    writeFileSync(join(directory, 'r'), '1');
    await expect.poll(() => results.at(-1)).toMatchObject({ key: 'r_monitor_50', rc: 1 });
  });

  it('is replaced also when the first that was asked died over it and another old one has come in its place', async () => {
    const asked: string[] = [];
    mkdirSync(join(directory, 'executor'), { recursive: true });
    const old = createServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', (chunk: Buffer) => {
        const { id, method } = JSON.parse(String(chunk)) as { id: number; method: string };
        asked.push(method);
        if (asked.length === 1) socket.destroy();
        else if (method === 'attach') socket.write(`${JSON.stringify({ id, result: { version: '0' } })}\n`);
        else old.close(() => socket.destroy());
        if (method === 'quit') socket.end(`${JSON.stringify({ id, result: {} })}\n`);
      });
    });
    await new Promise<void>((resolve) => old.listen(executorSocket(join(directory, 'executor')), resolve));
    client = await attach('1');
    expect(asked).toEqual(['attach', 'attach', 'quit']);
    expect(client.attachment.version).toBe('1');
  });

  it('that was killed under a living agent is noticed, and its successor knows what it knew', async () => {
    client = await attach();
    client.execute(request(1, 'start'));
    client.execute(request(2, 'monitor', 50));
    await resultOf(2).toMatchObject({ rc: 0 });
    process.kill(pidOfExecutor(), 'SIGKILL');
    await client.closed;
    expect(await client.fence({ agent: 'x', action: 'off', parameters: {} }, 100)).toMatchObject({
      status: 'not-connected',
    });
    client = await attach('1', true);
    expect(client.attachment.history.map(({ key }) => key)).toEqual(['r_start_0', 'r_monitor_50']);
  });

  it('that died with its agent has a successor that claims to know nothing, so that all is probed', async () => {
    client = await attach();
    client.execute(request(1, 'start'));
    client.execute(request(2, 'monitor', 50));
    await resultOf(2).toMatchObject({ rc: 0 });
    process.kill(pidOfExecutor(), 'SIGKILL');
    await client.closed;
    results.length = 0;
    client = await attach();
    expect(client.attachment).toMatchObject({ history: [], recurring: [], lastCallId: 2 });
    client.execute(request(3, 'monitor'));
    await resultOf(3).toMatchObject({ rc: 0 });
    expect(results.map(({ callId }) => callId)).toEqual([3]);
  });

  it('that was killed leaves no agent hanging once its successor is there', async () => {
    client = await attach();
    client.execute(request(1, 'start'));
    await resultOf(1).toMatchObject({ rc: 0 });
    const marks = () =>
      listPids().filter((pid) => readEnvironment(pid, MARKER)?.startsWith(join(directory, 'executor|r|')));
    client.execute({
      ...request(2, 'monitor', 1000),
      parameters: { state: join(directory, 'r'), do: 'hang' },
      timeoutMs: 60_000,
    });
    await expect.poll(marks).not.toEqual([]);
    const before = marks();
    process.kill(pidOfExecutor(), 'SIGKILL');
    await client.closed;
    client = await attach('1', true);
    await expect.poll(() => before.filter((pid) => isAlive(readProcess(pid)))).toEqual([]);
  });

  it('stays small, and says why it cannot start', async () => {
    client = await attach();
    const status = readFileSync(`/proc/${pidOfExecutor()}/status`, 'utf8');
    expect(Number(/VmRSS:\s+(\d+)/.exec(status)![1])).toBeLessThan(80 * 1024);
    await expect(
      ExecutorClient.connect({
        directory: join(directory, 'elsewhere'),
        version: '1',
        program: join(directory, 'no-program'),
        onResult: () => {},
      }),
    ).rejects.toThrow(/the executor could not be started.*exit code 1/);
  });

  it('runs alert agents', async () => {
    client = await attach();
    // Alert agents run as an account of their own where there is one.
    chmodSync(directory, 0o755);
    writeFileSync(join(directory, 'alert'), '#!/bin/sh\necho "$CRM_alert_kind"; exit 3\n', { mode: 0o755 });
    expect(await client.alert(join(directory, 'alert'), { CRM_alert_kind: 'node' }, 5000)).toMatchObject({
      status: 'done',
      rc: 3,
      output: 'node\n',
    });
    expect(await client.alert(join(directory, 'absent'), {}, 5000)).toMatchObject({
      status: 'not-installed',
    });
  });
});
