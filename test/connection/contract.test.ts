/** What every kind of connection promises, whoever is at its other end. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { emptyCib, ensureSection } from '../../src/cib/document.js';
import { Element } from '../../src/cib/element.js';
import { readVersion } from '../../src/cib/version.js';
import { parseXml, writeXml } from '../../src/cib/xml.js';
import type { Connection } from '../../src/connection/connection.js';
import { openConnection } from '../../src/connection/open.js';
import type { Notification } from '../../src/protocol/messages.js';
import { startSshd, type TestSshd } from '../ssh/sshd.js';
import { startAgentDouble } from './agent-double.js';

const dummy = (id: string) =>
  new Element('primitive', { id, class: 'ocf', provider: 'pacemaker', type: 'Dummy' });

interface Place {
  readonly open: () => Promise<Connection>;
  readonly cib: () => Element;
  readonly change: (edit: (cib: Element) => void) => void;
  readonly close: () => Promise<void>;
}

async function opened(options: Partial<Parameters<typeof openConnection>[0]>): Promise<Connection> {
  const outcome = await openConnection({ program: 'test', file: null, ...options });
  if (!outcome.ok) throw new Error(outcome.error.message);
  return outcome.value;
}

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
      async close() {
        expect(readdirSync(directory)).toEqual(['cib.xml']);
        rmSync(directory, { recursive: true });
      },
    };
  },
  async 'local socket'() {
    const agent = await startAgentDouble(emptyCib());
    return { ...agent, open: () => opened({ socketPath: agent.socketPath }) };
  },
  async SSH() {
    const agent = await startAgentDouble(emptyCib());
    sshd ??= await startSshd();
    const configFile = sshd.config();
    return {
      ...agent,
      open: () => opened({ hosts: ['server'], configFile, remoteSocketPath: agent.socketPath }),
    };
  },
};

describe.each(Object.entries(places))('a connection by %s', (_name, start) => {
  let place: Place;
  let connection: Connection;
  beforeEach(async () => {
    place = await start();
    connection = await place.open();
  });
  afterEach(async () => {
    await connection.close();
    expect(await connection.closed).toBeNull();
    await place.close();
  });

  const read = async (): Promise<Element> => {
    const outcome = await connection.readCib();
    if (!outcome.ok) throw new Error(outcome.error.message);
    return outcome.value;
  };

  test('the CIB is the reader’s own', async () => {
    const first = await read();
    first.children = [];
    expect(writeXml(await read())).toBe(writeXml(place.cib()));
  });

  test('a change arrives, and raises the epoch', async () => {
    const before = await read();
    const after = before.clone();
    ensureSection(after, 'resources').append(dummy('d1'));
    expect(await connection.commit(before, after)).toEqual({
      ok: true,
      value: { adminEpoch: 0, epoch: 2, numUpdates: 0 },
    });
    expect(place.cib().at('configuration', 'resources', 'primitive')?.id).toBe('d1');
    expect(readVersion(place.cib())).toEqual({ adminEpoch: 0, epoch: 2, numUpdates: 0 });
  });

  test('without a difference nothing is sent', async () => {
    const cib = await read();
    expect(await connection.commit(cib, cib.clone())).toMatchObject({ ok: true, value: { epoch: 1 } });
    expect(readVersion(place.cib()).epoch).toBe(1);
  });

  test('a change made from an older version is merged where it touches nothing that has changed', async () => {
    const before = await read();
    place.change((cib) => ensureSection(cib, 'resources').append(dummy('other')));
    const after = before.clone();
    ensureSection(after, 'crm_config').append(new Element('cluster_property_set', { id: 'o' }));
    expect(await connection.commit(before, after)).toMatchObject({ ok: true, value: { epoch: 3 } });
    const now = place.cib();
    expect(now.at('configuration', 'resources', 'primitive')?.id).toBe('other');
    expect(now.at('configuration', 'crm_config', 'cluster_property_set')?.id).toBe('o');
  });

  test('a change of what is no longer there is refused as a conflict, and changes nothing', async () => {
    place.change((cib) => ensureSection(cib, 'resources').append(dummy('d1')));
    const before = await read();
    place.change((cib) => {
      cib.at('configuration', 'resources')!.children = [];
    });
    const untouched = writeXml(place.cib());
    const after = before.clone();
    after.at('configuration', 'resources', 'primitive')!.set('type', 'Stateful');
    const outcome = await connection.commit(before, after);
    expect(outcome).toMatchObject({ ok: false, error: { kind: 'refused', answer: { code: 'conflict' } } });
    expect(writeXml(place.cib())).toBe(untouched);
  });

  test('two changes at once both arrive', async () => {
    const before = await read();
    const make = (id: string) => {
      const after = before.clone();
      ensureSection(after, 'resources').append(dummy(id));
      return connection.commit(before, after);
    };
    const outcomes = await Promise.all([make('d1'), make('d2')]);
    expect(outcomes.map((outcome) => outcome.ok)).toEqual([true, true]);
    const ids = place
      .cib()
      .at('configuration', 'resources')!
      .elements()
      .map((element) => element.id);
    expect(ids.toSorted()).toEqual(['d1', 'd2']);
  });

  test('a method that the target does not have is unsupported, not an exception', async () => {
    expect(await connection.call('node.fence', { node: 'n', action: 'off', timeoutMs: 1 })).toMatchObject({
      ok: false,
      error: { kind: 'unsupported' },
    });
  });
});

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
