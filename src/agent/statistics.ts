import type { Methods } from '../protocol/messages.js';
import type { Agent } from './agent.js';
import { DEVICE_NODE } from './configuration.js';
import type { LinkReport, Traffic } from './link-counts.js';
import { DATAGRAM_TEXT_MAX } from './outbox.js';

type CmapEntry = Methods['cluster.cmap']['result']['entries'][number];

type Observed = Pick<Agent, 'clients' | 'viewCount' | 'dropped' | 'links'>;

/**
 * Corosync's map `stats` (cmap_keys(7)), as far as it has keys for what happens here. Heartbeats are knet's pings; each answers the
 * other's last, so that there are no pongs. What goes over the streams between agents is not counted.
 */
export function statistics(agent: Observed): CmapEntry[] {
  const { active, closed } = agent.clients;
  const entries = [
    entry('stats.ipcs.global.active', 'u64', active),
    entry('stats.ipcs.global.closed', 'u64', closed),
    // So often has a membership been agreed.
    entry('stats.srp.operational_entered', 'u64', agent.viewCount),
  ];
  for (const [reason, count] of Object.entries(agent.dropped)) {
    entries.push(entry(`stats.quorate.dropped.${reason.replace('-', '_')}`, 'u64', count));
  }
  for (const link of agent.links) entries.push(...ofLink(link));
  return entries;
}

function entry(key: string, type: string, value: number): CmapEntry {
  return { key, type, value: String(value) };
}

function ofLink({ node, link, twoWay, latencyMs, counts }: LinkReport): CmapEntry[] {
  const { received, sent, refused, roundTrips, ups, downs } = counts;
  const key = (name: string) => `stats.knet.node${node === DEVICE_NODE ? 0 : node}.link${link}.${name}`;
  const u8 = (name: string, value: number) => entry(key(name), 'u8', value);
  const u32 = (name: string, value: number) => entry(key(name), 'u32', value);
  const u64 = (name: string, value: number) => entry(key(name), 'u64', value);
  const traffic = (name: string, { packets, bytes }: Traffic) => [
    u64(`${name}_bytes`, bytes),
    u64(`${name}_packets`, packets),
  ];
  // knet's times are microseconds.
  const time = (name: string, ms: number | null) => (ms === null ? [] : [u32(name, Math.round(ms * 1000))]);
  return [
    u8('connected', twoWay ? 1 : 0),
    u32('down_count', downs),
    u8('enabled', 1),
    ...time('latency_ave', latencyMs),
    ...time('latency_max', roundTrips.mostMs),
    ...time('latency_min', roundTrips.leastMs),
    u32('latency_samples', roundTrips.count),
    u32('mtu', DATAGRAM_TEXT_MAX),
    ...traffic('rx_data', received.message),
    ...traffic('rx_ping', received.heartbeat),
    ...traffic('rx_total', sum(received.message, received.heartbeat)),
    ...traffic('tx_data', sent.message),
    u32('tx_data_errors', refused.message),
    ...traffic('tx_ping', sent.heartbeat),
    u32('tx_ping_errors', refused.heartbeat),
    ...traffic('tx_total', sum(sent.message, sent.heartbeat)),
    u64('tx_total_errors', refused.message + refused.heartbeat),
    u32('up_count', ups),
  ];
}

function sum(a: Traffic, b: Traffic): Traffic {
  return { packets: a.packets + b.packets, bytes: a.bytes + b.bytes };
}
