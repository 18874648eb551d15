import { expect, test } from 'vitest';
import { NONE_DROPPED } from '../../src/agent/dropped-packets.js';
import { LinkCounters } from '../../src/agent/link-counts.js';
import { statistics } from '../../src/agent/statistics.js';

/** `corosync-cmapctl -m stats` of Corosync 3.1.7 with knet 1.25, of a link to a peer. */
const COROSYNC = `
connected u8, down_count u32, enabled u8, latency_ave u32, latency_max u32, latency_min u32, latency_samples u32, mtu u32,
rx_data_bytes u64, rx_data_packets u64, rx_ping_bytes u64, rx_ping_packets u64, rx_pmtu_bytes u64, rx_pmtu_packets u64,
rx_pong_bytes u64, rx_pong_packets u64, rx_total_bytes u64, rx_total_packets u64, rx_total_retries u64, tx_data_bytes u64,
tx_data_errors u32, tx_data_packets u64, tx_data_retries u32, tx_ping_bytes u64, tx_ping_errors u32, tx_ping_packets u64,
tx_ping_retries u32, tx_pmtu_bytes u64, tx_pmtu_errors u32, tx_pmtu_packets u64, tx_pmtu_retries u32, tx_pong_bytes u64,
tx_pong_errors u32, tx_pong_packets u64, tx_pong_retries u32, tx_total_bytes u64, tx_total_errors u64,
tx_total_packets u64, up_count u32`;

const link = (twoWay: boolean) => ({ node: 2, link: 1, twoWay, latencyMs: twoWay ? 0.25 : null });

function shown(counters: LinkCounters, twoWay: boolean): Map<string, string> {
  const entries = statistics({
    clients: { active: 1, closed: 4 },
    viewCount: 3,
    dropped: { ...NONE_DROPPED, forged: 2 },
    links: counters.report([link(twoWay)]),
  });
  return new Map(entries.map(({ key, type, value }) => [`${key} ${type}`, value]));
}

test('what happens on a link is shown by the names that Corosync has for it', () => {
  const counters = new LinkCounters();
  counters.received(2, 1, 'heartbeat', 300);
  counters.received(2, 1, 'message', 500);
  counters.received(3, 0, 'message', 9999);
  for (const bytes of [310, 320]) counters.sent(2, 1, 'heartbeat', bytes);
  counters.refused(2, 1, 'message');
  for (const ms of [0.4, 0.1, 0.2]) counters.roundTrip(2, 1, ms);
  for (const twoWay of [false, true, true, false, true]) counters.look([link(twoWay)]);

  const map = shown(counters, true);
  const ofLink = [...map].flatMap(([key, value]) => {
    const [, name] = /^stats\.knet\.node2\.link1\.(.*)$/.exec(key) ?? [];
    return name === undefined ? [] : [[name, value] as const];
  });
  const known = COROSYNC.trim().split(/,\s+/);
  expect(ofLink.map(([name]) => name).filter((name) => !known.includes(name))).toEqual([]);
  expect(Object.fromEntries(ofLink.map(([name, value]) => [name.split(' ')[0], value]))).toEqual({
    connected: '1',
    down_count: '1',
    enabled: '1',
    latency_ave: '250',
    latency_max: '400',
    latency_min: '100',
    latency_samples: '3',
    mtu: '1200',
    rx_data_bytes: '500',
    rx_data_packets: '1',
    rx_ping_bytes: '300',
    rx_ping_packets: '1',
    rx_total_bytes: '800',
    rx_total_packets: '2',
    tx_data_bytes: '0',
    tx_data_errors: '1',
    tx_data_packets: '0',
    tx_ping_bytes: '630',
    tx_ping_errors: '0',
    tx_ping_packets: '2',
    tx_total_bytes: '630',
    tx_total_errors: '1',
    tx_total_packets: '2',
    up_count: '2',
  });
  expect(map.get('stats.ipcs.global.active u64')).toBe('1');
  expect(map.get('stats.ipcs.global.closed u64')).toBe('4');
  expect(map.get('stats.srp.operational_entered u64')).toBe('3');
  expect(map.get('stats.quorate.dropped.forged u64')).toBe('2');
});

test('a link that never worked has no latency', () => {
  const counters = new LinkCounters();
  counters.look([link(false)]);
  const map = shown(counters, false);
  expect([...map.keys()].filter((key) => /latency_(ave|max|min)/.test(key))).toEqual([]);
  expect(map.get('stats.knet.node2.link1.up_count u32')).toBe('0');
});
