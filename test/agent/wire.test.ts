/** What an agent takes from the network, tried on real agents by somebody who is on it, with and without the cluster's key. */
import { randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { connect as connectPlain } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { addressTo } from '../../src/agent/addressed.js';
import type { DropReason } from '../../src/agent/dropped-packets.js';
import { deriveKey, keyId, Seal } from '../../src/agent/seal.js';
import { Detector, type Heartbeat } from '../../src/membership/detector.js';
import { timingOf } from '../../src/membership/timing.js';
import { RealCluster } from './real-cluster.js';

const PORT = 5405;
const TOKEN_MS = 1000;
const HEARTBEAT = 1;
const SELF = 3;
const wait = { timeout: 30_000, interval: 50 };

/** The third node of the configuration: it answers heartbeats, says that it is leaving, and keeps what it has sent. */
class Stranger {
  readonly boot = randomBytes(16).toString('hex');
  readonly sent: { readonly to: number; readonly packet: Buffer }[] = [];
  readonly #cluster: RealCluster;
  readonly #socket: Socket = createSocket('udp4');
  readonly #detector = new Detector({
    self: SELF,
    boot: this.boot,
    peers: [1, 2].map((node) => ({ node, links: 1 })),
    timing: timingOf({ tokenMs: TOKEN_MS }),
  });
  #timer: NodeJS.Timeout | undefined;
  #seal!: Seal;
  key!: Buffer;

  constructor(cluster: RealCluster) {
    this.#cluster = cluster;
    this.#detector.setSummary({ view: null, viewSize: 0, quorate: false, leaving: true });
  }

  async begin(): Promise<void> {
    this.key = readFileSync(join(this.#cluster.root('a'), 'etc/corosync/authkey'));
    this.#seal = new Seal([this.key], SELF, this.boot);
    this.#socket.on('message', (packet) => {
      const opened = this.#seal.open(packet);
      if (typeof opened === 'string' || opened.payload[0] !== HEARTBEAT) return;
      const heartbeat = JSON.parse(opened.payload.toString('utf8', 1)) as Heartbeat;
      this.#detector.heard(performance.now(), opened.sender, opened.boot, 0, heartbeat);
    });
    await new Promise<void>((resolve) => this.#socket.bind(PORT, this.#cluster.address(2), resolve));
    this.#timer = setInterval(() => {
      for (const { to, heartbeat } of this.#detector.tick(performance.now()).send) {
        const packet = this.sealed(to, JSON.stringify(heartbeat));
        this.sent.push({ to, packet });
        this.send(to, packet);
      }
    }, 20);
  }

  sealed(to: number, json: string, seal = this.#seal): Buffer {
    return seal.seal(Buffer.concat([Buffer.from([HEARTBEAT]), Buffer.from(addressTo(to, json))]));
  }

  send(to: number, packet: Buffer): void {
    this.#socket.send(packet, PORT, this.#cluster.address(to - 1));
  }

  /** Heartbeats end; the socket stays. */
  fallSilent(): void {
    clearInterval(this.#timer);
  }

  end(): void {
    this.fallSilent();
    this.#socket.close();
  }
}

describe('a packet from the network', { timeout: 90_000 }, () => {
  const cluster = new RealCluster(['a', 'b', 'c'], TOKEN_MS);
  const stranger = new Stranger(cluster);
  let view: number;

  const value = async (key: string): Promise<string | undefined> =>
    (await cluster.ask('a', 'cluster.cmap', { prefix: key }))?.entries.find((entry) => entry.key === key)
      ?.value;
  const dropped = (reason: DropReason) => value(`stats.quorate.dropped.${reason.replace('-', '_')}`);
  const linkIs = (state: string) =>
    vi.waitFor(async () => expect(await value('stats.knet.node3.link0.connected')).toBe(state), wait);
  const linesAbout = (words: string) =>
    cluster
      .log('a')
      .split('\n')
      .filter((line) => line.includes('dropping what comes from') && line.includes(words));

  async function together(): Promise<number> {
    await vi.waitFor(async () => {
      const state = await cluster.ask('a', 'cluster.state', {});
      expect(state?.members.map(({ online }) => online)).toEqual([true, true, false]);
    }, wait);
    return (await cluster.ask('a', 'cluster.state', {}))!.viewId;
  }

  beforeAll(async () => {
    await cluster.prepare();
    cluster.start('a');
    cluster.start('b');
    await stranger.begin();
    view = await together();
    await linkIs('1');
  }, 60_000);
  afterAll(() => {
    stranger.end();
    cluster.remove();
  });

  const otherKey = () => new Seal([randomBytes(128)], SELF, stranger.boot);
  const flipped = (packet: Buffer) => {
    const copy = Buffer.from(packet);
    copy[copy.length - 20]! ^= 1;
    return copy;
  };
  const attacks: readonly (readonly [string, DropReason, string, () => Buffer])[] = [
    ['seen before', 'replayed', 'taken before', () => stranger.sent.findLast(({ to }) => to === 1)!.packet],
    ['changed on its way', 'forged', 'forged', () => flipped(stranger.sealed(1, '{}'))],
    ['of another key', 'unknown-key', 'another key', () => stranger.sealed(1, '{}', otherKey())],
    ['cut short', 'not-ours', 'none of a cluster of ours', () => stranger.sealed(1, '{}').subarray(0, 40)],
    ['of noise as long as can be', 'not-ours', 'none of a cluster of ours', () => randomBytes(65_507)],
    ['of nothing', 'not-ours', 'none of a cluster of ours', () => Buffer.alloc(0)],
    ['meant for another node', 'misdirected', 'another node', () => stranger.sealed(2, '{"sentAtMs":0}')],
    [
      'authentic and no heartbeat',
      'malformed',
      'cannot be understood',
      () => stranger.sealed(1, '{"sentAtMs":0}'),
    ],
    ['authentic and no JSON', 'malformed', 'cannot be understood', () => stranger.sealed(1, '{"')],
  ];
  it.each(attacks)('%s is dropped, counted, and said once', async (_name, reason, words, make) => {
    const before = Number(await dropped(reason));
    // A socket that is full loses packets without a word.
    await vi.waitFor(async () => {
      stranger.send(1, make());
      expect(Number(await dropped(reason))).toBeGreaterThanOrEqual(before + 3);
    }, wait);
    expect(linesAbout(words)).toHaveLength(1);
    expect((await cluster.ask('a', 'cluster.state', {}))!.viewId).toBe(view);
    expect(await value('stats.knet.node3.link0.connected')).toBe('1');
  });

  it('a stream with another key, and one without TLS, are refused', async () => {
    const to = { host: cluster.address(0), port: PORT };
    const tls = (key: Buffer) => {
      const socket = connectTls({
        ...to,
        ciphers: 'TLS_AES_128_GCM_SHA256',
        minVersion: 'TLSv1.3',
        pskCallback: () => ({
          psk: deriveKey(key, 'streams'),
          identity: `quorate ${keyId(stranger.key).toString('hex')}`,
        }),
        checkServerIdentity: () => undefined,
      });
      return new Promise<string>((resolve) => {
        socket.on('secureConnect', () => resolve('taken'));
        socket.on('error', () => resolve('refused'));
      }).finally(() => socket.destroy());
    };
    expect(await tls(stranger.key)).toBe('taken');
    expect(await tls(randomBytes(128))).toBe('refused');
    const plain = connectPlain(to);
    plain.end('{"node":3,"boot":"x"}');
    await new Promise((resolve) => plain.on('error', resolve).on('close', resolve));
    await vi.waitFor(async () => expect(await dropped('stream')).toBe('2'), wait);
    expect(linesAbout('the cluster key was not proven')).toHaveLength(1);
  });

  it('that was recorded brings nobody to life, nor after a restart of who receives it', async () => {
    stranger.fallSilent();
    await linkIs('0');
    // As many as the receiver's socket holds.
    const recorded = stranger.sent
      .filter(({ to }) => to === 1)
      .map(({ packet }) => packet)
      .slice(-50);
    const ended = new Promise((resolve) => cluster.agent('a').once('exit', resolve));
    cluster.agent('a').kill('SIGKILL');
    await ended;
    cluster.start('a');
    await together();
    for (const packet of recorded) stranger.send(1, packet);
    // A link is judged when something is heard on it; the noise comes after all that.
    await vi.waitFor(async () => {
      stranger.send(1, randomBytes(100));
      expect(Number(await dropped('not-ours'))).toBeGreaterThan(0);
    }, wait);
    expect(await value('stats.knet.node3.link0.connected')).toBe('0');
    expect(cluster.log('a')).not.toMatch(/c is heard(?![\s\S]*quorated .* is up as a)/);
  });
});
