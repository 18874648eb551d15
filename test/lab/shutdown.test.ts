/** Nodes that are shut down in good order, and a watchdog, on agents as real processes without privileges. */
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RealCluster } from '../agent/real-cluster.js';
import { eventually } from './lab.js';

const bin = join(import.meta.dirname, '../../dist/bin');
const cluster = new RealCluster(['a', 'b', 'c'], 2000);
const run = promisify(execFile);

async function tool(node: string, program: string, ...words: string[]): Promise<string> {
  const env = { ...process.env, QUORATE_ROOT: cluster.root(node) };
  return (await run(join(bin, program), words, { env })).stdout;
}

const status = (node: string) => tool(node, 'crm_mon', '-1', '-r').catch((error: Error) => error.message);

async function stop(name: string): Promise<void> {
  const ended = new Promise((resolve) => cluster.agent(name).once('exit', resolve));
  cluster.agent(name).kill('SIGTERM');
  await ended;
}

const watchdog = (name: string) => join(cluster.root(name), 'watchdog');

beforeAll(async () => {
  await cluster.prepare();
  for (const name of cluster.names) {
    const etc = join(cluster.root(name), 'etc/default');
    mkdirSync(etc, { recursive: true });
    writeFileSync(watchdog(name), '');
    writeFileSync(join(etc, 'sbd'), `SBD_WATCHDOG_DEV=${watchdog(name)}\nSBD_WATCHDOG_TIMEOUT=2\n`);
    cluster.start(name);
  }
  await eventually(
    'all are online',
    () => status('a'),
    (text) => text.includes('Online: [ a b c ]'),
    60_000,
  );
  const configuration = join(cluster.directory, 'configuration.crm');
  writeFileSync(
    configuration,
    `property stonith-enabled=false shutdown-lock=true
primitive locked ocf:test:flag op monitor interval=10s
location on-b locked 100: b
`,
  );
  await tool('a', 'crm', 'configure', 'load', 'update', configuration);
  await eventually(
    'it runs',
    () => status('a'),
    (text) => /locked\s.*Started b/.test(text),
  );
}, 120_000);
afterAll(() => cluster.remove());

test('with shutdown-lock a resource waits for its node, and is started there again', async () => {
  await stop('b');
  const waiting = await eventually(
    'b is offline',
    () => status('a'),
    (text) => text.includes('OFFLINE: [ b ]'),
  );
  expect(waiting).toMatch(/locked\s.*Stopped.*\(LOCKED\)/);
  expect(
    await tool('a', 'cibadmin', '-Q', '--xpath', "//lrm_resource[@id='locked' and @shutdown-lock]"),
  ).toMatch(/shutdown-lock="\d{10}"/);
  expect(cluster.operations().map(({ task, node }) => `${task} ${node}`)).toEqual(['start b', 'stop b']);
  cluster.start('b');
  await eventually(
    'it runs on b again',
    () => status('a'),
    (text) => /locked\s.*Started b/.test(text),
    60_000,
  );
  expect(cluster.operations().map(({ task, node }) => `${task} ${node}`)).toEqual([
    'start b',
    'stop b',
    'start b',
  ]);
});

test('after shutdown-lock-limit it is started elsewhere', async () => {
  await tool('a', 'crm', 'configure', 'property', 'shutdown-lock-limit=3s');
  await stop('b');
  await eventually(
    'it runs elsewhere',
    () => status('a'),
    (text) => /locked\s.*Started [ac]/.test(text),
    60_000,
  );
  cluster.start('b');
  await eventually(
    'it is back',
    () => status('a'),
    (text) => /locked\s.*Started b/.test(text),
    60_000,
  );
});

test('without it, a node that is shut down hands over what it runs before it leaves', async () => {
  await tool('a', 'crm', 'configure', 'property', 'shutdown-lock=false');
  const before = cluster.operations().length;
  await stop('b');
  expect(
    cluster
      .operations()
      .slice(before)
      .map(({ task, node }) => `${task} ${node}`),
  ).toEqual(['stop b', expect.stringMatching(/^start [ac]$/)]);
  cluster.start('b');
  await eventually(
    'it is back',
    () => status('a'),
    (text) => /locked\s.*Started b/.test(text),
    60_000,
  );
});

const written = (name: string) => readFileSync(watchdog(name), 'latin1');

test('watchdogs are fed and known; one of a node that was stopped is disarmed', async () => {
  expect(await tool('a', 'crm_attribute', '-G', '-n', 'have-watchdog', '-q')).toBe('true\n');
  expect(written('b')).toMatch(/\0+V\0+$/);
  await tool('a', 'crm', 'configure', 'property', 'stonith-watchdog-timeout=6s', 'stonith-enabled=true');
  expect(await tool('a', 'stonith_admin', '--list-registered')).toContain('watchdog');
});

test('a node that loses quorum is left to its watchdog; its services start once it must have reset itself', async () => {
  // Not the power but the life of it: nobody feeds the watchdog any more, and nobody else hears of the node.
  cluster.agent('b').kill('SIGSTOP');
  const fed = written('b').length;
  await eventually(
    'it runs elsewhere',
    () => status('a'),
    (text) => /locked\s.*Started [ac]/.test(text),
    60_000,
  );
  expect(written('b').length).toBe(fed);
  const history = await tool('a', 'stonith_admin', '--history', 'b');
  expect(history).toMatch(/^reboot of b by b for controller@[ac] last successful at /);
  cluster.powerOff('b');
});

test('the last one, which lost quorum, does not feed its watchdog any more', async () => {
  cluster.powerOff('c');
  await eventually(
    'it says so',
    async () => readFileSync(join(cluster.root('a'), 'var/log/quorate/quorated.log'), 'utf8'),
    (text) => /watchdog: quorum is lost, and others count on stonith-watchdog-timeout/.test(text),
  );
});
