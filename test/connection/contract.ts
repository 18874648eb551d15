/** What every kind of connection promises, whoever is at its other end. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ensureSection } from '../../src/cib/document.js';
import { Element } from '../../src/cib/element.js';
import { readVersion } from '../../src/cib/version.js';
import { parseXml, writeXml } from '../../src/cib/xml.js';
import type { Connection } from '../../src/connection/connection.js';
import type { ClusterState, Notification } from '../../src/protocol/messages.js';

export const dummy = (id: string) =>
  new Element('primitive', { id, class: 'ocf', provider: 'pacemaker', type: 'Dummy' });

/** A cluster, or a file, with a CIB that has no resources yet. */
export interface Place {
  readonly open: () => Promise<Connection>;
  /** The CIB, not seen through the connection. */
  readonly cib: () => Element | Promise<Element>;
  /** Changes the CIB behind the connection's back. */
  readonly change: (edit: (cib: Element) => void) => void | Promise<void>;
  readonly close: () => void | Promise<void>;
  /** Whether it has members, and tells of changes. */
  readonly cluster: boolean;
}

export function contract(start: () => Promise<Place>): void {
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
    expect(configurationOf(await read())).toBe(configurationOf(await place.cib()));
  });

  test('a change arrives, and raises the epoch', async () => {
    const before = await read();
    const { adminEpoch, epoch } = readVersion(before);
    const after = before.clone();
    ensureSection(after, 'resources').append(dummy('d1'));
    const committed = await connection.commit(before, after);
    if (!committed.ok) throw new Error(committed.error.message);
    expect(committed.value.adminEpoch).toBe(adminEpoch);
    expect(committed.value.epoch).toBeGreaterThan(epoch);
    expect((await place.cib()).at('configuration', 'resources', 'primitive')?.id).toBe('d1');
    expect(readVersion(await place.cib())).toMatchObject({ adminEpoch, epoch: committed.value.epoch });
  });

  test('without a difference nothing is sent', async () => {
    const cib = await read();
    const { epoch } = readVersion(cib);
    expect(await connection.commit(cib, cib.clone())).toMatchObject({ ok: true, value: { epoch } });
    expect(readVersion(await place.cib()).epoch).toBe(epoch);
  });

  test('a change made from an older version is merged where it touches nothing that has changed', async () => {
    const before = await read();
    await place.change((cib) => ensureSection(cib, 'resources').append(dummy('other')));
    const after = before.clone();
    ensureSection(after, 'crm_config').append(new Element('cluster_property_set', { id: 'o' }));
    expect(await connection.commit(before, after)).toMatchObject({ ok: true });
    expect(readVersion(await place.cib()).epoch).toBeGreaterThanOrEqual(readVersion(before).epoch + 2);
    const now = await place.cib();
    expect(now.at('configuration', 'resources', 'primitive')?.id).toBe('other');
    expect(now.at('configuration', 'crm_config', 'cluster_property_set')?.id).toBe('o');
  });

  test('a change of what is no longer there is refused as a conflict, and changes nothing', async () => {
    await place.change((cib) => ensureSection(cib, 'resources').append(dummy('d1')));
    const before = await read();
    await place.change((cib) => {
      cib.at('configuration', 'resources')!.children = [];
    });
    const untouched = configurationOf(await place.cib());
    const after = before.clone();
    after.at('configuration', 'resources', 'primitive')!.set('type', 'Stateful');
    const outcome = await connection.commit(before, after);
    expect(outcome).toMatchObject({ ok: false, error: { kind: 'refused', answer: { code: 'conflict' } } });
    expect(configurationOf(await place.cib())).toBe(untouched);
  });

  test('a change of what somebody else has changed meanwhile is a conflict, though it would fit; force overrides', async () => {
    await place.change((cib) => ensureSection(cib, 'resources').append(dummy('d1')));
    const before = await read();
    const primitive = (cib: Element) => cib.at('configuration', 'resources', 'primitive')!;
    await place.change((cib) => primitive(cib).set('type', 'Stateful'));
    const after = before.clone();
    primitive(after).set('type', 'HealthCPU');
    const outcome = await connection.commit(before, after);
    expect(outcome).toMatchObject({ ok: false, error: { kind: 'refused', answer: { code: 'conflict' } } });
    expect(primitive(await place.cib()).get('type')).toBe('Stateful');
    expect(await connection.commit(before, after, { force: true })).toMatchObject({ ok: true });
    expect(primitive(await place.cib()).get('type')).toBe('HealthCPU');
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
    const ids = (await place.cib())
      .at('configuration', 'resources')!
      .elements()
      .map((element) => element.id);
    expect(ids.toSorted()).toEqual(['d1', 'd2']);
  });

  test('a method that the target does not have is unsupported, not an exception', async () => {
    const method = place.cluster ? 'agent.stop' : 'cluster.state';
    expect(await connection.call(method, {})).toMatchObject({ ok: false, error: { kind: 'unsupported' } });
  });

  test('a scope gives that section alone, with the version of the whole', async () => {
    const answer = await connection.call('cib.read', { scope: 'configuration' });
    if (!answer.ok) throw new Error(answer.error.message);
    const cib = parseXml(answer.value.cib);
    expect(cib.elements().map((element) => element.name)).toEqual(['configuration']);
    expect(answer.value.version.epoch).toBe(readVersion(await place.cib()).epoch);
  });

  test('a configuration is replaced, unless it was made from an older one', async () => {
    const before = await read();
    const base = readVersion(before);
    const wanted = before.first('configuration')!.clone();
    wanted.first('resources')!.append(dummy('d1'));
    const cib = writeXml(wanted);
    expect(await connection.call('cib.replace', { cib, base })).toMatchObject({ ok: true });
    expect((await place.cib()).at('configuration', 'resources', 'primitive')?.id).toBe('d1');
    expect(await connection.call('cib.replace', { cib, base })).toMatchObject({
      ok: false,
      error: { kind: 'refused', answer: { code: 'conflict' } },
    });
  });

  test('who subscribes to a cluster hears of a change; a file is asked instead', async () => {
    let wake = (): void => {};
    const told = new Promise<void>((resolve) => {
      wake = resolve;
    });
    const seen: Notification[] = [];
    const subscribed = await connection.subscribe(['cib'], (notification) => {
      seen.push(notification);
      wake();
    });
    if (!place.cluster) {
      expect(subscribed).toMatchObject({ ok: false, error: { kind: 'unsupported' } });
      return;
    }
    await place.change((cib) => ensureSection(cib, 'resources').append(dummy('d1')));
    await told;
    expect(seen[0]).toMatchObject({ notify: 'cib' });
    if (subscribed.ok) subscribed.value();
  });

  test('a cluster tells who is in it', async () => {
    const state = await connection.state();
    if (place.cluster) expect(state).toMatchObject({ ok: true, value: expect.objectContaining(members) });
    else expect(state).toMatchObject({ ok: false, error: { kind: 'unsupported' } });
  });
}

const members: Partial<ClusterState> = {
  localNode: expect.any(String),
  quorate: true,
  members: expect.arrayContaining([expect.objectContaining({ name: 'primary', online: true })]),
};

/** Without what changes by itself. */
function configurationOf(cib: Element): string {
  return writeXml(cib.first('configuration')!);
}
