/** What every kind of connection promises, whoever is at its other end. */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { emptyCib, ensureSection } from '../../src/cib/document.js';
import { Element } from '../../src/cib/element.js';
import { readVersion } from '../../src/cib/version.js';
import { parseXml, writeXml } from '../../src/cib/xml.js';
import type { Connection } from '../../src/connection/connection.js';
import { openConnection } from '../../src/connection/open.js';
import { openPacemaker } from '../../src/connection/pacemaker.js';
import { RemoteShell } from '../../src/connection/remote-shell.js';
import type { Notification } from '../../src/protocol/messages.js';
import { startSshd, type TestSshd } from '../ssh/sshd.js';
import { startAgentDouble } from './agent-double.js';
import { contract, dummy, type Place } from './contract.js';

async function opened(options: Partial<Parameters<typeof openConnection>[0]>): Promise<Connection> {
  const outcome = await openConnection({ program: 'test', file: null, ...options });
  if (!outcome.ok) throw new Error(outcome.error.message);
  return outcome.value;
}

/** Where distributions put Pacemaker's own. */
const TOOLS = '/usr/sbin';

/** One for all tests by SSH. */
let sshd: TestSshd | undefined;
afterAll(() => sshd?.close());

const places: Record<string, () => Promise<Place>> = {
  async file() {
    const directory = mkdtempSync(join(tmpdir(), 'cib-'));
    const path = join(directory, 'cib.xml');
    writeFileSync(path, writeXml(emptyCib()));
    const read = () => parseXml(readFileSync(path, 'utf8'));
    return {
      open: () => opened({ file: path }),
      cib: read,
      change(edit) {
        const cib = read();
        edit(cib);
        cib.set('epoch', String(readVersion(cib).epoch + 1));
        writeFileSync(path, writeXml(cib));
      },
      cluster: false,
      close() {
        expect(readdirSync(directory)).toEqual(['cib.xml']);
        rmSync(directory, { recursive: true });
      },
    };
  },
  async 'local socket'() {
    const agent = await startAgentDouble(emptyCib());
    return { ...agent, cluster: true, open: () => opened({ socketPath: agent.socketPath }) };
  },
  async SSH() {
    const agent = await startAgentDouble(emptyCib());
    sshd ??= await startSshd();
    const configFile = sshd.config();
    return {
      ...agent,
      cluster: true,
      open: () => opened({ hosts: ['server'], configFile, remoteSocketPath: agent.socketPath }),
    };
  },
  /** Pacemaker's real tools on a CIB in a file; of the cluster around them, what they would say of one. */
  async 'a shell with Pacemaker’s tools'() {
    const directory = mkdtempSync(join(tmpdir(), 'pacemaker-'));
    const path = join(directory, 'cib.xml');
    const cib = emptyCib();
    const node = new Element('node', { id: '1', uname: 'primary' });
    ensureSection(cib, 'nodes').append(node);
    cib.set('have-quorum', '1').set('dc-uuid', '1');
    const state = {
      id: '1',
      uname: 'primary',
      in_ccm: 'true',
      crmd: 'online',
      join: 'member',
      expected: 'member',
    };
    cib.ensure('status').append(new Element('node_state', state));
    writeFileSync(path, writeXml(cib));
    writeFileSync(join(directory, 'crm_node'), '#!/bin/sh\necho primary\n', { mode: 0o755 });
    const query = () => parseXml(execFileSync(`${TOOLS}/cibadmin`, ['-Q'], { env, encoding: 'utf8' }));
    const env = { CIB_file: path, CIB_file_commit: '1', PATH: `${directory}:${TOOLS}:${process.env.PATH}` };
    return {
      cluster: true,
      async open() {
        const child = spawn('/bin/sh', [], { env, stdio: ['pipe', 'pipe', 'ignore'] });
        const shell = new RemoteShell(Duplex.from({ readable: child.stdout, writable: child.stdin }), 'here');
        expect(await shell.start()).toBeNull();
        const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
        const outcome = await openPacemaker((command, stdin) => shell.run(command, stdin), {
          host: null,
          async release() {
            shell.close();
            await ended;
          },
        });
        if (!outcome.ok) throw new Error(outcome.error.message);
        return outcome.value;
      },
      cib: query,
      change(edit) {
        const changed = query();
        edit(changed);
        const input = writeXml(changed.first('configuration')!);
        execFileSync(`${TOOLS}/cibadmin`, ['--replace', '--scope', 'configuration', '--xml-pipe'], {
          env,
          input,
        });
      },
      close: () => rmSync(directory, { recursive: true }),
    };
  },
};
if (!existsSync(`${TOOLS}/cibadmin`)) delete places['a shell with Pacemaker’s tools'];

test('says whether Pacemaker’s tools are there', () => {
  if (!existsSync(`${TOOLS}/cibadmin`)) console.log(`no Pacemaker connection: ${TOOLS}/cibadmin is missing`);
  expect(Object.keys(places).length).toBeGreaterThanOrEqual(3);
});

describe.each(Object.entries(places))('a connection by %s', (_name, start) => contract(start));

test('a subscriber sees each change until it lets go', async () => {
  const agent = await startAgentDouble(emptyCib());
  const connection = await opened({ socketPath: agent.socketPath });
  const seen: Notification[] = [];
  let wake = (): void => {};
  const subscribed = await connection.subscribe(['cib'], (notification) => {
    seen.push(notification);
    wake();
  });
  const next = () =>
    new Promise<void>((resolve) => {
      wake = resolve;
    });
  const arrival = next();
  agent.change((cib) => ensureSection(cib, 'resources').append(dummy('d1')));
  await arrival;
  expect(seen).toMatchObject([{ notify: 'cib', version: { epoch: 2 } }]);
  if (subscribed.ok) subscribed.value();
  agent.change((cib) => ensureSection(cib, 'resources').append(dummy('d2')));
  await connection.readCib();
  expect(seen).toHaveLength(1);
  await connection.close();
  await agent.close();
});

test('an agent that goes away is told once, in one line', async () => {
  const agent = await startAgentDouble(emptyCib());
  const connection = await opened({ socketPath: agent.socketPath });
  await agent.close();
  expect(await connection.closed).toMatchObject({
    kind: 'closed',
    message: expect.stringMatching(/^[^\n]+$/),
  });
  expect(await connection.readCib()).toMatchObject({ ok: false, error: { kind: 'closed' } });
});

describe('what cannot be opened says why, in one line', () => {
  const directory = mkdtempSync(join(tmpdir(), 'open-'));
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  test('no agent', async () => {
    const outcome = await openConnection({
      program: 'test',
      file: null,
      socketPath: join(directory, 'none.sock'),
    });
    expect(outcome).toEqual({
      ok: false,
      error: {
        kind: 'no-agent',
        message: `no agent runs on this host (there is no ${directory}/none.sock): start it with 'crm cluster start', or name a host with -H`,
      },
    });
  });

  test('no file', async () => {
    expect(await openConnection({ program: 'test', file: '/nowhere/cib.xml' })).toEqual({
      ok: false,
      error: { kind: 'unreachable', message: 'there is no file /nowhere/cib.xml' },
    });
  });

  test('a file that is no XML', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'broken-')), 'cib.xml');
    writeFileSync(path, '<cib>\n  <configuration>\n</cib>');
    const outcome = await openConnection({ program: 'test', file: path });
    expect(outcome).toMatchObject({
      ok: false,
      error: {
        kind: 'refused',
        message: expect.stringMatching(/cib\.xml:3:\d+: /),
        answer: { code: 'invalid-cib' },
      },
    });
    rmSync(join(path, '..'), { recursive: true });
  });

  test('CIB_file of the environment is used', async () => {
    const environment = { CIB_file: '/nowhere/other.xml' };
    expect(await openConnection({ program: 'test', environment })).toMatchObject({
      error: { message: 'there is no file /nowhere/other.xml' },
    });
  });
});
