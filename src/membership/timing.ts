import type { Timing } from './types.js';

/** What corosync.conf(5) says about times, in ms. */
export interface TotemTimes {
  /** What is in force, with `token_coefficient`. */
  readonly tokenMs: number;
  /** Default: 1.2 x token. */
  readonly consensusMs?: number;
  /** Default: 50. */
  readonly joinMs?: number;
  /** Settings of the totem section and of its interfaces that were written, by name; of several interfaces the least. */
  readonly written?: ReadonlyMap<string, number>;
}

/** Heartbeats within a token: with fewer, single ones that are lost would make a node look dead. */
const HEARTBEATS_PER_TOKEN_MIN = 4;
/** Attempts to reach a node before a proposal is given up. */
const ATTEMPTS_MIN = 3;
const RETRANSMITS_BEFORE_LOSS = 4;
const MAX_NETWORK_DELAY_MS = 50;

/**
 * Derived times. `token`, `consensus` and `join` are Corosync's, with its defaults. Unless they are set, there are ten
 * heartbeats a token, but no more than 50 and no fewer than 5 a second, and what was not answered is said again at the
 * same pace.
 *
 * `knet_ping_interval` is how often a link carries a heartbeat. `token_retransmit`, or what follows from
 * `token_retransmits_before_loss_const`, is how long an answer is waited for. `heartbeat_failures_allowed` ends the wait
 * for a silent node before the token does.
 */
export function timingOf(times: TotemTimes): Timing {
  const { consensusMs, joinMs, written = new Map<string, number>() } = times;
  const tokenMs = Math.min(times.tokenMs, heartbeatTimeoutOf(times) ?? Number.POSITIVE_INFINITY);
  const givenUpMs = consensusMs ?? Math.round(times.tokenMs * 1.2);
  const paceMs = Math.round(tokenMs / 10);
  const pingMs = written.get('knet_ping_interval') || Math.min(200, Math.max(20, paceMs));
  const retransmitIsSet =
    written.has('token_retransmit') || written.has('token_retransmits_before_loss_const');
  return {
    tokenMs,
    consensusMs: givenUpMs,
    joinMs: joinMs ?? 50,
    heartbeatMs: Math.min(pingMs, Math.floor(tokenMs / HEARTBEATS_PER_TOKEN_MIN)),
    retransmitMs: retransmitIsSet
      ? Math.min(tokenRetransmitOf(times), Math.floor(givenUpMs / ATTEMPTS_MIN))
      : Math.min(200, Math.max(30, paceMs)),
  };
}

/** As totemconfig derives it: so that the token is sent again so often before it is lost. */
function tokenRetransmitOf({ tokenMs, written }: TotemTimes): number {
  const attempts = written?.get('token_retransmits_before_loss_const') || RETRANSMITS_BEFORE_LOSS;
  return written?.get('token_retransmit') || Math.trunc(tokenMs / (attempts + 0.2));
}

/** After how long a silent node is lost by `heartbeat_failures_allowed`; null: that is off. */
function heartbeatTimeoutOf(times: TotemTimes): number | null {
  const failures = times.written?.get('heartbeat_failures_allowed') ?? 0;
  if (failures === 0) return null;
  const delayMs = times.written?.get('max_network_delay') || MAX_NETWORK_DELAY_MS;
  return failures * tokenRetransmitOf(times) + delayMs;
}

/** Settings of a ring around which a token goes. Here every node sends when it has something to send. */
const WITHOUT_MEANING: Readonly<Record<string, string>> = {
  hold: 'there is no token to be held',
  send_join: 'one node proposes a membership, so that there is no flood of join messages',
  merge: 'heartbeats go on all the time, and find a partition that has come back at once',
  downcheck: 'links are listened to all the time',
  fail_recv_const: 'a message that does not arrive is sent again until it does or the token is over',
  seqno_unchanged_const: 'there is no token to be held',
  token_warning: 'a node is told of as silent after 40 % of the token',
  window_size: 'nobody has to wait for a token before sending',
  max_messages: 'nobody has to wait for a token before sending',
  miss_count_const: 'every receiver confirms what it has, so that nothing is asked for',
  cancel_token_hold_on_retransmit: 'there is no token to be held',
  knet_ping_timeout: 'all links are used at once, and each counts until the token is over',
  knet_ping_precision: 'the latency shown is a moving average',
  knet_pong_count: 'a link is used as soon as it works in both directions, and later the more often it flaps',
};

/** A setting of the totem section or its interfaces that does not have the effect that its writer may expect, and why. */
export interface TimingRemark {
  readonly setting: string;
  readonly text: string;
}

export function timingRemarks(times: TotemTimes): TimingRemark[] {
  const { written = new Map<string, number>() } = times;
  const remarks: TimingRemark[] = [];
  const remark = (setting: string, what: string) => remarks.push({ setting, text: `${setting}${what}` });
  for (const [setting, why] of Object.entries(WITHOUT_MEANING)) {
    if (written.has(setting)) remark(setting, ` is without effect: ${why}`);
  }
  const timeoutMs = heartbeatTimeoutOf(times);
  if (timeoutMs === null && written.has('max_network_delay')) {
    remark('max_network_delay', ' is without effect: heartbeat_failures_allowed is not set');
  }
  if (timeoutMs !== null && timeoutMs >= times.tokenMs) {
    remark(
      'heartbeat_failures_allowed',
      ` is without effect: ${timeoutMs} ms (failures x token_retransmit + max_network_delay) are not less than the token, ${times.tokenMs} ms`,
    );
  }
  const { heartbeatMs } = timingOf(times);
  const pingMs = written.get('knet_ping_interval') ?? 0;
  if (pingMs > heartbeatMs) {
    remark(
      'knet_ping_interval',
      `: ${pingMs} ms is too long to tell a node that is lost from a packet that is: ${heartbeatMs} ms is used, a quarter of the token`,
    );
  }
  return remarks;
}
