/**
 * A node that is cut off, without fencing: it stops what it runs before the same starts elsewhere. In a pair that
 * ignores quorum it sees its own links down; among three it counts the votes.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { configureCluster, eventually, Lab, startAgent } from './lab.js';
import { type Active, activeTimes, installService, longestOverlapMs, serviceTrace } from './service.js';

const TOKEN_MS = 1000;
const forever = Number.POSITIVE_INFINITY;

class Watched {
  readonly lab: Lab;
  readonly nodes: readonly string[];

  constructor(name: string, nodes: readonly string[]) {
    this.lab = new Lab(name);
    this.nodes = nodes;
  }

  async up(properties: string): Promise<void> {
    await this.lab.up(...this.nodes);
    const members = this.nodes.map((name, index) => ({ name, address: `10.77.0.${index + 1}` }));
    await configureCluster(this.lab, members, `  token: ${TOKEN_MS}\n  token_coefficient: 0\n`);
    for (const node of this.nodes) {
      await installService(this.lab, node);
      await startAgent(this.lab, node);
    }
    await this.allOnline();
    await this.lab.ok(
      'n1',
      `crm configure load update - <<'CRM'
property ${properties}
primitive web ocf:lab:service op monitor interval=1s timeout=5s
CRM`,
    );
    await this.lab.ok('n1', 'crm_resource --wait');
  }

  async allOnline(): Promise<void> {
    const line = `Online: [ ${this.nodes.join(' ')} ]`;
    for (const node of this.nodes) {
      await eventually(
        `all are online for ${node}`,
        async () => (await this.lab.exec(node, 'crm_mon -1')).out,
        (text) => text.includes(line),
      );
    }
  }

  async times(): Promise<Active[]> {
    return activeTimes(await serviceTrace(this.lab, this.nodes));
  }

  /** Nothing was ever active twice; the message has the whole story. */
  async neverTwice(): Promise<void> {
    const times = await this.times();
    const overlapMs = longestOverlapMs(times);
    expect(overlapMs, JSON.stringify(times, null, 1)).toBe(0);
  }

  async holder(): Promise<string> {
    const active = (await this.times()).filter((time) => time.untilMs === forever);
    expect(active).toHaveLength(1);
    return active[0]!.node;
  }

  /** Cuts the holder off and waits for a successor; how long before the successor's start the holder had stopped. */
  async takeOver(cut: (holder: string) => Promise<unknown>): Promise<{ marginMs: number; downMs: number }> {
    const holder = await this.holder();
    const cutAtMs = Date.now();
    await cut(holder);
    const times = await eventually(
      'the service has moved',
      () => this.times(),
      (all) =>
        all.at(-1)!.node !== holder &&
        all.some(({ node, untilMs }) => node === holder && untilMs > cutAtMs && untilMs < forever),
    );
    const successor = times.at(-1)!;
    const left = times.findLast((time) => time.node === holder)!;
    return { marginMs: successor.fromMs - left.untilMs, downMs: successor.fromMs - cutAtMs };
  }
}

describe('a pair that ignores quorum', () => {
  const pair = new Watched('pair', ['n1', 'n2']);
  beforeAll(() => pair.up('stonith-enabled=false no-quorum-policy=ignore'));
  afterAll(() => pair.lab.down());

  test.each<[string, (holder: string) => Promise<unknown>, (holder: string) => Promise<unknown>]>([
    [
      'its interface is set down',
      (holder) => pair.lab.lab('ifdown', holder, 'eth0'),
      (holder) => pair.lab.lab('ifup', holder, 'eth0'),
    ],
    [
      'its cable is pulled',
      (holder) => pair.lab.lab('cut', holder),
      (holder) => pair.lab.lab('heal', holder),
    ],
    [
      'its address is taken away',
      (holder) => pair.lab.ok(holder, 'ip addr flush dev eth0'),
      (holder) => pair.lab.ok(holder, `ip addr add 10.77.0.${pair.nodes.indexOf(holder) + 1}/24 dev eth0`),
    ],
  ])('%s: the service is stopped there long before the other starts it', async (what, cut, mend) => {
    const holder = await pair.holder();
    const { marginMs, downMs } = await pair.takeOver(cut);
    console.log(`${what}: stopped ${marginMs} ms before the successor's start, ${downMs} ms after the cut`);
    expect(marginMs).toBeGreaterThan(0);
    expect(await pair.lab.ok(holder, 'crm_mon -1')).toMatch(/WITHOUT quorum/);
    expect(await pair.lab.ok(holder, 'cat /var/log/quorate/quorated.log')).toMatch(
      /isolated: all own links of n\d are down: it yields/,
    );
    await mend(holder);
    await pair.allOnline();
    await pair.lab.ok('n1', 'crm_resource --wait');
    await pair.neverTwice();
  });

  test('links that come back while the other has died meanwhile: the node that yielded serves again', async () => {
    const holder = await pair.holder();
    const other = pair.nodes.find((node) => node !== holder)!;
    await pair.lab.lab('cut', holder);
    await eventually(
      'it has stopped',
      () => pair.times(),
      (times) => times.every((time) => time.node !== holder || time.untilMs < forever),
    );
    await pair.lab.lab('crash', other);
    await pair.lab.lab('heal', holder);
    const text = await eventually(
      'it serves again',
      () => pair.lab.ok(holder, 'crm_mon -1'),
      (shown) => new RegExp(`Started ${holder}`).test(shown) && /partition with quorum/.test(shown),
    );
    expect(text).toMatch(new RegExp(`OFFLINE: \\[ ${other} \\]`));
  });
});

describe('three nodes with quorum', () => {
  const trio = new Watched('trio', ['n1', 'n2', 'n3']);
  const ROUNDS = Number(process.env.QUORATE_ISOLATION_ROUNDS ?? 2);
  beforeAll(() => trio.up('stonith-enabled=false'));
  afterAll(() => trio.lab.down());

  test('the node that is cut off stops before its successor starts, every time', async () => {
    const margins: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const holder = await trio.holder();
      const { marginMs, downMs } = await trio.takeOver((node) =>
        round % 2 === 0
          ? trio.lab.lab('cut', node)
          : trio.lab.lab('partition', node, trio.nodes.filter((other) => other !== node).join(',')),
      );
      margins.push(marginMs);
      console.log(
        `round ${round}: stopped ${marginMs} ms before the successor's start, ${downMs} ms after the cut`,
      );
      await trio.lab.lab('heal-all');
      await trio.allOnline();
      await trio.lab.ok(holder, 'crm_resource --wait');
    }
    expect(Math.min(...margins)).toBeGreaterThan(0);
    await trio.neverTwice();
  });
});
