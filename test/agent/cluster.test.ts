import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { RealCluster } from './real-cluster.js';

const TOKEN_MS = 1000;
const PRIMITIVE =
  '<primitive id="f" class="ocf" provider="test" type="flag"><operations><op id="f-m" name="monitor" interval="1s"/></operations></primitive>';

/** The steps build on each other, as a day in a cluster's life does. */
describe('three agents on loopback', { timeout: 60_000 }, () => {
  const cluster = new RealCluster(['a', 'b', 'c'], TOKEN_MS);
  const wait = { timeout: 30_000, interval: 50 };

  async function patch(through: string, change: string): Promise<void> {
    const before = await cluster.ask(through, 'cib.read', {});
    await cluster.ask(through, 'cib.patch', {
      patch: `<diff format="2">${change}</diff>`,
      base: before!.version,
      command: 'test',
    });
  }

  const dc = async (through: string) => (await cluster.ask(through, 'cluster.state', {}))?.dc;
  const activeOn = () => {
    const active = new Set<string>();
    for (const { task, node } of cluster.operations()) {
      if (task === 'start') active.add(node);
      else active.delete(node);
    }
    return [...active];
  };

  async function replaceExecutor(name: string): Promise<void> {
    const pidFile = join(cluster.root(name), 'run/quorate/executor/executor.pid');
    const before = readFileSync(pidFile, 'utf8');
    process.kill(Number(before), 'SIGKILL');
    await vi.waitFor(async () => {
      expect(readFileSync(pidFile, 'utf8')).toMatch(/^\d+\n$/);
      expect(readFileSync(pidFile, 'utf8')).not.toBe(before);
      // It answers for the agent.
      await cluster.ask(name, 'agents.metadata', { class: 'ocf', provider: 'test', type: 'flag' });
    }, wait);
    await cluster.ask(name, 'cluster.wait-idle', { timeoutMs: 10_000 });
  }

  beforeAll(async () => {
    await cluster.prepare();
  });

  afterAll(() => cluster.remove());

  // Three processes start at once beside whatever else the machine has to do.
  it('form a quorate view with one DC', async () => {
    // The DC is the first of those that come together with quorum: here it shall be `a`.
    for (const name of ['a', 'b', 'c']) {
      cluster.start(name);
      await vi.waitFor(
        async () => {
          const state = await cluster.ask('a', 'cluster.state', {});
          expect(state!.members.find((member) => member.name === name)!.online).toBe(true);
        },
        { ...wait, timeout: 50_000 },
      );
    }
    for (const name of cluster.names) {
      expect(await cluster.ask(name, 'cluster.state', {})).toMatchObject({ quorate: true, dc: 'a' });
    }
    // Whoever came last has brought a new version of the document with it.
    await cluster.ask('b', 'cluster.wait-idle', { timeoutMs: 10_000 });
  });

  it('replicate a change to every member before it is acknowledged, and act on it', async () => {
    await patch(
      'b',
      '<change operation="create" path="/cib/configuration/crm_config/cluster_property_set[@id=\'cib-bootstrap-options\']" position="4">' +
        '<nvpair id="no-stonith" name="stonith-enabled" value="false"/></change>' +
        `<change operation="create" path="/cib/configuration/resources" position="0">${PRIMITIVE}</change>`,
    );
    for (const name of cluster.names) {
      expect((await cluster.ask(name, 'cib.read', {}))!.cib).toContain('id="f"');
    }
    await cluster.ask('c', 'cluster.wait-idle', { timeoutMs: 10_000 });
    expect(activeOn()).toEqual(['a']);
  });

  it('refuse a change of what has changed meanwhile, and say what it is now', async () => {
    const { version } = (await cluster.ask('c', 'cib.read', {}))!;
    const modify = (value: string) =>
      `<diff format="2"><change operation="modify" path="/cib/configuration/resources/primitive[@id='f']"><change-list><change-attr name="description" operation="set" value="${value}"/></change-list><change-result><primitive id="f" class="ocf" provider="test" type="flag" description="${value}"/></change-result></change></diff>`;
    await cluster.ask('b', 'cib.patch', { patch: modify('one'), base: version, command: 'test' });
    await expect(
      cluster.ask('c', 'cib.patch', { patch: modify('two'), base: version, command: 'test' }),
    ).rejects.toThrow(/conflict.*has changed meanwhile/);
  });

  it('refuse what the schema does not allow, say why, and change nothing', async () => {
    const before = (await cluster.ask('c', 'cib.read', { scope: 'configuration' }))!;
    const create = `<diff format="2"><change operation="create" path="/cib/configuration/resources" position="0"><primitive id="bad" class="ocf" provider="test" type="flag" colour="red"/></change></diff>`;
    await expect(
      cluster.ask('b', 'cib.patch', { patch: create, base: before.version, force: true, command: 'test' }),
    ).rejects.toThrow(/invalid-cib.*colour/);
    const after = (await cluster.ask('a', 'cib.read', { scope: 'configuration' }))!;
    expect(after.cib).not.toContain('"bad"');
    expect(after.version.epoch).toBe(before.version.epoch);
  });

  it('keep private attributes out of the CIB, at every member, and no longer than the run of their node', async () => {
    const update = (through: string, value: string) =>
      cluster.ask(through, 'attribute.update', { node: 'c', name: 'secret', value, private: true });
    await update('b', 'one');
    // It is private from its creation on, whatever is said later.
    await cluster.ask('a', 'attribute.update', { node: 'b', name: 'secret', value: 'two' });
    for (const name of cluster.names) {
      await vi.waitFor(async () => {
        expect(await cluster.ask(name, 'attribute.query', { name: 'secret' })).toEqual({
          attributes: [
            { node: 'b', name: 'secret', value: 'two' },
            { node: 'c', name: 'secret', value: 'one' },
          ],
        });
      }, wait);
      expect((await cluster.ask(name, 'cib.read', {}))!.cib).not.toContain('secret');
    }
    cluster.powerOff('c');
    cluster.start('c');
    await vi.waitFor(async () => {
      expect(await cluster.ask('c', 'attribute.query', { name: 'secret' })).toEqual({
        attributes: [{ node: 'b', name: 'secret', value: 'two' }],
      });
    }, wait);
  });

  it("move a dead node's service in about a token", async () => {
    const killedAtMs = Date.now();
    cluster.powerOff('a');
    await vi.waitFor(() => {
      expect(cluster.operations().at(-1)).toMatchObject({
        task: 'start',
        node: expect.stringMatching(/[bc]/),
      });
    }, wait);
    // 0.4 s beyond the token on a quiet machine; this one may be shared.
    expect(cluster.operations().at(-1)!.atMs - killedAtMs).toBeLessThan(TOKEN_MS + 2000);
    expect(await dc('b')).toBe('b');
  });

  it('take a node back, with its configuration', async () => {
    cluster.start('a');
    await vi.waitFor(async () => {
      expect(await cluster.ask('a', 'cluster.state', {})).toMatchObject({ quorate: true, dc: 'b' });
      expect((await cluster.ask('a', 'cib.read', {}))!.cib).toContain('description="one"');
    }, wait);
    await cluster.ask('b', 'cluster.wait-idle', { timeoutMs: 10_000 });
  });

  it.each([
    ['the executor', false],
    ['an executor that took over from one that had died', true],
  ])('have %s stop everything when its agent alone is killed, before others start it', async (_, another) => {
    const [holder] = activeOn();
    if (another) await replaceExecutor(holder!);
    const before = cluster.operations().length;
    cluster.agent(holder!).kill('SIGKILL');
    await vi.waitFor(() => {
      expect(
        cluster
          .operations()
          .slice(before)
          .map(({ task }) => task),
      ).toEqual(['stop', 'start']);
    }, wait);
    const [stop, start] = cluster.operations().slice(before);
    expect(stop!.node).toBe(holder);
    expect(start!.node).not.toBe(holder);
    cluster.start(holder!);
    await vi.waitFor(async () => {
      expect((await cluster.ask(holder!, 'cluster.state', {}))?.quorate).toBe(true);
    }, wait);
    const survivor = cluster.names.find((name) => name !== holder)!;
    await cluster.ask(survivor, 'cluster.wait-idle', { timeoutMs: 10_000 });
    expect(activeOn()).toHaveLength(1);
  });

  it('refuse a second agent in the same root', async () => {
    const first = cluster.agent('c');
    cluster.start('c');
    const second = cluster.agent('c');
    const code = await new Promise((resolve) => second.once('exit', resolve));
    expect(code).toBe(69);
    expect(cluster.log('c')).toContain('another agent is running');
    expect(first.exitCode).toBeNull();
  });

  it('leave politely: a node that is stopped hands its service over first', async () => {
    const [holder] = activeOn();
    const before = cluster.operations().length;
    await cluster.ask(holder!, 'agent.stop', {});
    await vi.waitFor(() => {
      expect(
        cluster
          .operations()
          .slice(before)
          .map(({ task }) => task),
      ).toEqual(['stop', 'start']);
    }, wait);
    await vi.waitFor(() => expect(cluster.log(holder!)).toMatch(/info: stopped\n$/), wait);
  });

  it('leave what runs alone in maintenance mode: a node that is stopped finds it again', async () => {
    const stopped = cluster.names.filter((name) => /info: stopped\n$/.test(cluster.log(name)));
    for (const name of stopped) cluster.start(name);
    const [holder] = activeOn();
    await vi.waitFor(async () => {
      const state = await cluster.ask(holder!, 'cluster.state', {});
      expect(state?.members.map(({ online }) => online)).toEqual([true, true, true]);
    }, wait);
    await cluster.ask(holder!, 'cluster.wait-idle', { timeoutMs: 10_000 });
    const other = cluster.names.find((name) => name !== holder)!;
    await patch(
      other,
      '<change operation="create" path="/cib/configuration/crm_config" position="1"><cluster_property_set id="m"><nvpair id="m-m" name="maintenance-mode" value="true"/></cluster_property_set></change>',
    );
    await cluster.ask(other, 'cluster.wait-idle', { timeoutMs: 10_000 });
    const before = cluster.operations().length;
    await cluster.ask(holder!, 'agent.stop', {});
    await vi.waitFor(() => expect(cluster.log(holder!)).toMatch(/info: stopped\n$/), wait);
    expect(existsSync(join(cluster.root(holder!), 'flag.f'))).toBe(true);
    expect(existsSync(join(cluster.root(holder!), 'run/quorate/executor/executor.pid'))).toBe(false);
    cluster.start(holder!);
    await vi.waitFor(async () => {
      const state = await cluster.ask(holder!, 'cluster.state', {});
      expect(state?.members.map(({ online }) => online)).toEqual([true, true, true]);
    }, wait);
    await cluster.ask(holder!, 'cluster.wait-idle', { timeoutMs: 10_000 });
    await patch(
      other,
      '<change operation="delete" path="/cib/configuration/crm_config/cluster_property_set[@id=\'m\']"/>',
    );
    await cluster.ask(other, 'cluster.wait-idle', { timeoutMs: 10_000 });
    expect(cluster.operations().slice(before)).toEqual([]);
    expect(activeOn()).toEqual([holder]);
  });

  it('lose nothing that was acknowledged when all are killed at once', async () => {
    const running = [];
    for (const name of cluster.names) if (await cluster.ask(name, 'cluster.state', {})) running.push(name);
    await patch(
      running[0]!,
      '<change operation="create" path="/cib/configuration/crm_config/cluster_property_set[@id=\'cib-bootstrap-options\']" position="5"><nvpair id="last" name="last-words" value="kept"/></change>',
    );
    for (const name of cluster.names) cluster.powerOff(name);
    for (const name of running) cluster.start(name);
    for (const name of running) {
      await vi.waitFor(async () => {
        expect(await cluster.ask(name, 'cluster.state', {})).toMatchObject({ quorate: true });
        expect((await cluster.ask(name, 'cib.read', {}))!.cib).toContain('last-words');
      }, wait);
    }
  });
});
