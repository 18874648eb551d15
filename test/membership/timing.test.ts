import { describe, expect, it } from 'vitest';
import { readConfiguration } from '../../grammar/corosync/configuration.js';
import { writtenTotem } from '../../src/agent/configuration.js';
import { type TotemTimes, timingOf, timingRemarks } from '../../src/membership/timing.js';

/** A corosync.conf with these settings in totem and in its only interface. */
function read(nodes: number, totem: string, link = '') {
  const list = Array.from({ length: nodes }, (_, i) => {
    const id = i + 1;
    return `node {\nname: n${id}\nnodeid: ${id}\nring0_addr: 10.77.0.${id}\n}`;
  });
  const section = link === '' ? '' : `interface {\nlinknumber: 0\n${link.replaceAll('; ', '\n')}\n}`;
  const text = `totem {\nversion: 2\ncluster_name: lab\ntransport: knet\n${totem.replaceAll('; ', '\n')}\n${section}\n}\nquorum {\nprovider: corosync_votequorum\n}\nnodelist {\n${list.join('\n')}\n}\n`;
  const { configuration, file, mistakes } = readConfiguration(text);
  expect(mistakes).toEqual([]);
  return { totem: configuration!.totem, file };
}

function timesOf(nodes: number, settings: string, link = ''): TotemTimes {
  const { totem, file } = read(nodes, settings, link);
  const { tokenMs, consensusMs, joinMs } = totem;
  return { tokenMs, consensusMs, joinMs, written: writtenTotem(file) };
}

/** What `corosync-cmapctl runtime.config.totem.` of Corosync 3.1.7 shows, started on files with these settings. */
describe('what follows from totem and the number of nodes is what Corosync derives', () => {
  it.each([
    // nodes, totem, interface: token, token_retransmit, hold, consensus, join; ping interval and timeout
    [2, '', '', 3000, 714, 561, 3600, 50, 750, 1500],
    [2, 'token: 1000', '', 1000, 238, 180, 1200, 50, 250, 500],
    [3, 'token: 1000', '', 1650, 392, 303, 1980, 50, 412, 825],
    [5, 'token: 1000; token_coefficient: 0', '', 1000, 238, 180, 1200, 50, 250, 500],
    [4, 'token: 10000; token_coefficient: 1000', '', 12000, 2857, 2275, 14400, 50, 3000, 6000],
    [2, 'token: 300', '', 300, 71, 46, 360, 50, 75, 150],
    [2, 'token: 1000; token_retransmit: 100', '', 1000, 100, 70, 1200, 50, 250, 500],
    [
      2,
      'token: 5000; join: 60; max_messages: 20; token_retransmits_before_loss_const: 10',
      '',
      ...[5000, 490, 382, 6000, 60, 1250, 2500],
    ],
    [2, 'token: 1000; consensus: 2000; hold: 100', '', 1000, 238, 100, 2000, 50, 250, 500],
    [2, 'token: 1000; heartbeat_failures_allowed: 3', '', 1000, 238, 180, 1200, 50, 250, 500],
    [2, 'token: 1000', 'knet_ping_interval: 100', 1000, 238, 180, 1200, 50, 100, 500],
    [2, 'token: 1000', 'knet_ping_timeout: 300', 1000, 238, 180, 1200, 50, 250, 300],
    [2, 'token: 1000', 'knet_pong_count: 5', 1000, 238, 180, 1200, 50, 100, 200],
  ] as const)('%i nodes, %j %j', (nodes, settings, link, ...expected) => {
    const { totem } = read(nodes, settings, link);
    const { tokenMs, tokenRetransmitMs, holdMs, consensusMs, joinMs, interfaces } = totem;
    const { knetPingIntervalMs, knetPingTimeoutMs } = interfaces[0]!;
    const derived = [tokenMs, tokenRetransmitMs, holdMs, consensusMs, joinMs];
    expect([...derived, knetPingIntervalMs, knetPingTimeoutMs]).toEqual(expected);
  });
});

describe('the times of the protocol', () => {
  it.each([
    // nodes, totem, interface: token, consensus, join, heartbeat, retransmit
    [2, '', '', 3000, 3600, 50, 200, 200],
    [2, 'token: 1000', '', 1000, 1200, 50, 100, 100],
    [3, 'token: 1000', '', 1650, 1980, 50, 165, 165],
    [2, 'token: 300; join: 30', '', 300, 360, 30, 30, 30],
    [2, 'token: 1000; consensus: 3000', '', 1000, 3000, 50, 100, 100],
    [2, 'token: 1000; token_retransmit: 50', '', 1000, 1200, 50, 100, 50],
    [2, 'token: 1000; token_retransmits_before_loss_const: 10', '', 1000, 1200, 50, 100, 98],
    // No less than three attempts before a proposal is given up.
    [2, 'token: 1000; token_retransmit: 900', '', 1000, 1200, 50, 100, 400],
    [2, 'token: 1000', 'knet_ping_interval: 20; knet_ping_timeout: 100', 1000, 1200, 50, 20, 100],
    [2, 'token: 1000', 'knet_ping_interval: 900; knet_ping_timeout: 2000', 1000, 1200, 50, 250, 100],
    // 3 x 238 ms + 50 ms: a silent node is lost before the token is over. Consensus stays that of the token.
    [2, 'token: 1000; heartbeat_failures_allowed: 3', '', 764, 1200, 50, 76, 76],
    [2, 'token: 1000; heartbeat_failures_allowed: 1; max_network_delay: 100', '', 338, 1200, 50, 34, 34],
    [2, 'token: 1000; heartbeat_failures_allowed: 4; max_network_delay: 100', '', 1000, 1200, 50, 100, 100],
  ] as const)('%i nodes, %j %j', (nodes, settings, link, ...expected) => {
    const { tokenMs, consensusMs, joinMs, heartbeatMs, retransmitMs } = timingOf(
      timesOf(nodes, settings, link),
    );
    expect([tokenMs, consensusMs, joinMs, heartbeatMs, retransmitMs]).toEqual(expected);
  });
});

describe('an operator who sets what has no effect is told so', () => {
  it.each([
    ['token: 1000; join: 60; consensus: 2000; token_retransmit: 100', '', []],
    ['hold: 500', '', ['hold is without effect: there is no token to be held']],
    [
      'max_messages: 20; window_size: 300',
      '',
      [
        'window_size is without effect: nobody has to wait for a token before sending',
        'max_messages is without effect: nobody has to wait for a token before sending',
      ],
    ],
    [
      'merge: 400; send_join: 80; downcheck: 2000; fail_recv_const: 100; seqno_unchanged_const: 10; miss_count_const: 10',
      '',
      [
        'send_join is without effect: one node proposes a membership, so that there is no flood of join messages',
        'merge is without effect: heartbeats go on all the time, and find a partition that has come back at once',
        'downcheck is without effect: links are listened to all the time',
        'fail_recv_const is without effect: a message that does not arrive is sent again until it does or the token is over',
        'seqno_unchanged_const is without effect: there is no token to be held',
        'miss_count_const is without effect: every receiver confirms what it has, so that nothing is asked for',
      ],
    ],
    [
      'max_network_delay: 20',
      '',
      ['max_network_delay is without effect: heartbeat_failures_allowed is not set'],
    ],
    ['heartbeat_failures_allowed: 3; max_network_delay: 20', '', []],
    [
      'token: 1000; heartbeat_failures_allowed: 5',
      '',
      [
        'heartbeat_failures_allowed is without effect: 1240 ms (failures x token_retransmit + max_network_delay) are not less than the token, 1000 ms',
      ],
    ],
    [
      'token: 1000',
      'knet_ping_interval: 400; knet_pong_count: 5',
      [
        'knet_pong_count is without effect: a link is used as soon as it works in both directions, and later the more often it flaps',
        'knet_ping_interval: 400 ms is too long to tell a node that is lost from a packet that is: 250 ms is used, a quarter of the token',
      ],
    ],
  ])('%j %j', (settings, link, expected) => {
    expect(timingRemarks(timesOf(2, settings, link)).map(({ text }) => text)).toEqual(expected);
  });
});
