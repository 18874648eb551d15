/**
 * The heartbeat thread: its own sockets, sealing and failure detection, so that the pace of heartbeats does not depend
 * on what the main thread does. Where the system allows it, this thread alone gets a real-time policy.
 */
import { spawnSync } from 'node:child_process';
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { readlinkSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { Detector, type DetectorConfig } from '../membership/detector.js';
import { monotonicMs } from './clock.js';
import { DroppedPackets, type DropReason } from './dropped-packets.js';
import type { FromHeartbeat, HeartbeatSetup, HeartbeatStart, ToHeartbeat } from './heartbeat-types.js';
import { Judgement } from './judgement.js';
import { LinkCounters } from './link-counts.js';
import { OwnLinks } from './own-links.js';
import { Packets } from './packets.js';

/** How often the main thread gets the state of the links. */
const LINKS_MS = 1000;
/** A main thread silent for this long is not doing the node's duties: the node counts as lost. */
const STALLED_MS = 15_000;

export async function runHeartbeatThread(): Promise<void> {
  const port = parentPort!;
  const start = workerData as HeartbeatStart;
  let { setup } = start;
  const judgement = new Judgement(start.judgement);
  const tell = (message: FromHeartbeat) => port.postMessage(message);
  const detector = new Detector(detectorConfig(setup));
  const packets = new Packets(keysOf(setup), setup.self, setup.boot, (node, boot) =>
    detector.isCurrent(node, boot),
  );
  const sockets: Socket[] = [];
  const dropped = new DroppedPackets();
  const counters = new LinkCounters();
  let aliveAtMs = monotonicMs();
  let linksToldMs = 0;

  const send = (node: number, link: number, kind: 'heartbeat' | 'message', json: string): void => {
    const end = setup.peers.find((peer) => peer.node === node)?.links[link];
    if (!end) return;
    const packet = packets.make(kind, node, json);
    // A network that is down shows in what is heard; there is nothing to do about it here.
    sockets[link]?.send(packet, end.port, end.address, (error) => {
      if (error) counters.refused(node, link, kind);
      else counters.sent(node, link, kind, packet.length);
    });
  };

  const report = (): void => {
    if (detector.takeChanged()) {
      judgement.found();
      tell({ kind: 'reachability', reachability: detector.reachability(), news: detector.takeNews() });
    }
  };

  const drop = (reason: DropReason, { address }: RemoteInfo): void => {
    const text = dropped.note(reason, address);
    if (text !== null) tell({ kind: 'log', level: 'warning', text });
  };

  const receive = (link: number, packet: Buffer, from: RemoteInfo): void => {
    const received = packets.take(packet);
    if (received === null) return;
    if (typeof received === 'string') {
      drop(received, from);
      return;
    }
    counters.received(received.from, link, received.kind, packet.length);
    if (received.kind === 'message') tell(received);
    else {
      const nowMs = monotonicMs();
      const echo = received.heartbeat.echoes.find((one) => one.boot === setup.boot);
      if (echo) counters.roundTrip(received.from, link, Math.max(0, nowMs - echo.sentAtMs - echo.ageMs));
      detector.heard(nowMs, received.from, received.boot, link, received.heartbeat);
      report();
    }
  };

  const ownLinks = new OwnLinks(
    setup.links.map((link) => link.address),
    setup.timing.tokenMs,
  );
  const watchLinks = (nowMs: number): void => {
    if (!ownLinks.look(nowMs)) return;
    if (ownLinks.isolated) detector.isolated(nowMs);
    tell({ kind: 'isolated', isolated: ownLinks.isolated });
  };

  const tick = (): void => {
    const nowMs = monotonicMs();
    watchLinks(nowMs);
    const stalled = nowMs - aliveAtMs > STALLED_MS;
    const { send: heartbeats, judged } = detector.tick(nowMs);
    if (!stalled) {
      for (const { to, link, heartbeat } of heartbeats)
        send(to, link, 'heartbeat', JSON.stringify(heartbeat));
    }
    report();
    const links = detector.links();
    counters.look(links);
    if (judged && judgement.judged(nowMs)) tell({ kind: 'judged' });
    if (nowMs - linksToldMs >= LINKS_MS) {
      linksToldMs = nowMs;
      tell({ kind: 'links', links: counters.report(links) });
      const counts = dropped.takeChanged();
      if (counts) tell({ kind: 'dropped', counts });
    }
  };

  try {
    for (const [link, { address, port: udpPort }] of setup.links.entries()) {
      sockets.push(await bind(address, udpPort, (packet, from) => receive(link, packet, from)));
    }
  } catch (error) {
    tell({ kind: 'failed', message: (error as Error).message });
    return;
  }
  if (setup.realTime) tell({ kind: 'log', level: 'info', text: takeRealTimePolicy() });
  tell({ kind: 'bound' });
  const startTicking = (): NodeJS.Timeout =>
    setInterval(tick, Math.max(5, Math.floor(setup.timing.heartbeatMs / 2)));
  let timer = startTicking();
  tick();

  port.on('message', (message: ToHeartbeat) => {
    switch (message.kind) {
      case 'summary':
        detector.setSummary(message.summary);
        tick();
        break;
      case 'send':
        if (!detector.isCurrent(message.to, message.boot)) break;
        for (const link of setup.links.keys()) send(message.to, link, 'message', message.text);
        break;
      case 'configure':
        setup = message.setup;
        packets.setKeys(keysOf(setup));
        detector.configure(detectorConfig(setup));
        ownLinks.tokenMs = setup.timing.tokenMs;
        clearInterval(timer);
        timer = startTicking();
        tick();
        break;
      case 'yield':
        ownLinks.enabled = message.whenIsolated;
        break;
      case 'alive':
        aliveAtMs = monotonicMs();
        break;
      case 'stop':
        clearInterval(timer);
        for (const socket of sockets) socket.close();
        port.close();
        break;
    }
  });
}

function keysOf(setup: HeartbeatSetup): Buffer[] {
  return setup.clusterKeys.map((key) => Buffer.from(key));
}

function detectorConfig({ self, boot, peers, timing }: HeartbeatSetup): DetectorConfig {
  return {
    self,
    boot,
    peers: peers.map((peer) => ({ node: peer.node, links: peer.links.length })),
    timing,
  };
}

function bind(
  address: string,
  port: number,
  receive: (packet: Buffer, from: RemoteInfo) => void,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createSocket({ type: isIPv6(address) ? 'udp6' : 'udp4' });
    socket.on('message', receive);
    socket.once('error', (error) => reject(new Error(`${address} port ${port}: ${error.message}`)));
    socket.bind({ port, address, exclusive: true }, () => {
      socket.removeAllListeners('error');
      socket.on('error', () => {});
      resolve(socket);
    });
  });
}

/** Node has no call for it: chrt(1) of util-linux does it from outside, where it may. */
function takeRealTimePolicy(): string {
  try {
    const thread = /(\d+)$/.exec(readlinkSync('/proc/thread-self'))?.[1];
    const done = spawnSync('chrt', ['-r', '-p', '20', String(thread)], { stdio: 'ignore' });
    if (done.status === 0) return 'the heartbeat thread has policy SCHED_RR';
  } catch {
    // Said below.
  }
  return 'the heartbeat thread has no real-time policy (needs CAP_SYS_NICE and chrt)';
}
