import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { RealCluster } from './real-cluster.js';

/** Agents of two versions in one cluster, while it is upgraded node by node. */
describe('a rolling upgrade', () => {
  const cluster = new RealCluster(['a', 'b', 'c'], 1000);
  const wait = { timeout: 15_000, interval: 50 };

  beforeAll(async () => {
    await cluster.prepare();
    await cluster.buildVariant('next', '0.0.1-test', '{ oldest: 1, newest: 2 }');
    await cluster.buildVariant('future', '9.0.0-test', '{ oldest: 3, newest: 4 }');
  }, 60_000);
  afterAll(() => cluster.remove());

  /** All three are members of one view, and it uses this version of the messages. */
  async function together(protocol: number): Promise<void> {
    for (const name of cluster.names) {
      await vi.waitFor(async () => {
        const state = await cluster.ask(name, 'cluster.state', {});
        expect(state?.members.map((member) => member.online)).toEqual([true, true, true]);
        const cmap = await cluster.ask(name, 'cluster.cmap', { prefix: 'runtime.protocol' });
        expect(cmap?.entries).toEqual([{ key: 'runtime.protocol', type: 'u32', value: String(protocol) }]);
      }, wait);
    }
  }

  async function replace(name: string, variant: string): Promise<void> {
    const ended = new Promise((resolve) => cluster.agent(name).once('exit', resolve));
    await cluster.ask(name, 'agent.stop', {});
    await ended;
    cluster.start(name, variant);
  }

  it('goes through views that speak what the oldest member speaks', async () => {
    for (const name of cluster.names) cluster.start(name);
    await together(1);
    await replace('a', 'next');
    await together(1);
    await replace('b', 'next');
    await replace('c', 'next');
    await together(2);
  }, 60_000);

  it('takes nobody in who speaks none of these versions, and says so', async () => {
    await replace('c', 'future');
    await vi.waitFor(() => {
      expect(cluster.log('a')).toMatch(
        /error: c speaks versions 3 to 4 of the messages, this agent 1 to 2: it cannot be taken in/,
      );
      expect(cluster.log('b')).toMatch(/error: c speaks versions 3 to 4 .* this agent 1 to 2/);
      expect(cluster.log('c')).toMatch(/error: a speaks versions 1 to 2 .* this agent 3 to 4/);
    }, wait);
    await vi.waitFor(async () => {
      const state = await cluster.ask('a', 'cluster.state', {});
      expect(state).toMatchObject({ quorate: true, votes: { total: 2 } });
    }, wait);
    expect((await cluster.ask('c', 'cluster.state', {}))?.quorate).toBe(false);
  });
});
