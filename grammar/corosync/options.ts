/**
 * What corosync.conf(5) and votequorum(5) of Corosync 3.1 know: one row a setting. The same rows check a file, type
 * the keys of the cmap, and can feed completion and help.
 */

export type ValueType = 'u8' | 'u16' | 'u32' | 'u64' | 'i32' | 'str';

export interface Option {
  /** Path of section names and the key, as `totem.interface.mcastport`; in `ringX_addr` X is a link number. */
  readonly path: string;
  /** Type in the cmap, which for numbers is also the range (exec/coroparse.c, main_config_parser_cb). */
  readonly type: ValueType;
  /** The only values that Corosync takes. */
  readonly values?: readonly string[];
  readonly help: string;
}

const YES_NO = ['yes', 'no'] as const;
const ON_OFF = ['on', 'off'] as const;

const row = (path: string, type: ValueType, help: string, values?: readonly string[]): Option =>
  values ? { path, type, help, values } : { path, type, help };

export const options: readonly Option[] = [
  row('totem.version', 'u32', 'version of the configuration file: 2'),
  row('totem.cluster_name', 'str', 'name of the cluster'),
  row('totem.cluster_uuid', 'str', 'names the cluster for pcs; without effect here'),
  row('totem.config_version', 'u64', 'version of this file; nodes with an older one may not join'),
  row('totem.transport', 'str', 'transport mechanism', ['knet', 'udpu', 'udp']),
  row('totem.ip_version', 'str', 'which addresses to ask the resolver for', [
    'ipv4',
    'ipv6',
    'ipv4-6',
    'ipv6-4',
  ]),
  row('totem.nodeid', 'u32', 'identifier of the local node, where there is no nodelist'),
  row('totem.clear_node_high_bit', 'str', 'make generated node identifiers positive', YES_NO),
  row('totem.crypto_model', 'str', 'cryptographic library'),
  row('totem.crypto_cipher', 'str', 'cipher of all messages (knet)', ['none', 'aes256', 'aes192', 'aes128']),
  row('totem.crypto_hash', 'str', 'authentication of all messages (knet)', [
    'none',
    'md5',
    'sha1',
    'sha256',
    'sha384',
    'sha512',
  ]),
  row('totem.secauth', 'str', 'aes256 and sha256 unless set otherwise (knet)', [...ON_OFF, ...YES_NO]),
  row('totem.keyfile', 'str', 'path of the shared key'),
  row('totem.key', 'str', 'the shared key itself'),
  row('totem.link_mode', 'str', 'use of several links (knet)', ['passive', 'active', 'rr']),
  row('totem.netmtu', 'u32', 'largest packet, bytes'),
  row('totem.threads', 'u32', 'without effect since Corosync 2'),
  row('totem.token', 'u32', 'time without a token until it is declared lost, ms'),
  row('totem.token_warning', 'u32', 'share of the token timeout after which to warn, percent'),
  row('totem.token_coefficient', 'u32', 'added to token for each node above two, ms'),
  row('totem.token_retransmit', 'u32', 'time after which the token is sent again, ms'),
  row('totem.token_retransmits_before_loss_const', 'u32', 'times the token is sent again before it is lost'),
  row('totem.hold', 'u32', 'time the representative holds the token when idle, ms'),
  row('totem.join', 'u32', 'time to wait for join messages, ms'),
  row('totem.send_join', 'u32', 'upper range of the wait before a join message, ms'),
  row('totem.consensus', 'u32', 'time to wait for consensus before a new round, ms'),
  row('totem.merge', 'u32', 'time before looking for a partition when idle, ms'),
  row('totem.downcheck', 'u32', 'time before looking whether an interface is back, ms'),
  row('totem.fail_recv_const', 'u32', 'rotations without any expected message before a new configuration'),
  row('totem.seqno_unchanged_const', 'u32', 'rotations without traffic before the hold timer'),
  row('totem.heartbeat_failures_allowed', 'u32', 'heartbeat failures to tolerate; 0 is off'),
  row('totem.max_network_delay', 'u32', 'approximate delay of the network, ms'),
  row('totem.window_size', 'u32', 'messages in one rotation of the token'),
  row('totem.max_messages', 'u32', 'messages of one node on receipt of the token'),
  row('totem.miss_count_const', 'u32', 'checks of a message before it is asked for again'),
  row('totem.rrp_mode', 'str', 'without effect since Corosync 3', ['none', 'active', 'passive']),
  row('totem.rrp_token_expired_timeout', 'u32', 'without effect since Corosync 3'),
  row('totem.rrp_problem_count_timeout', 'u32', 'without effect since Corosync 3'),
  row('totem.rrp_problem_count_threshold', 'u32', 'without effect since Corosync 3'),
  row('totem.rrp_problem_count_mcast_threshold', 'u32', 'without effect since Corosync 3'),
  row('totem.rrp_autorecovery_check_timeout', 'u32', 'without effect since Corosync 3'),
  row('totem.knet_pmtud_interval', 'u32', 'interval of the search for the network MTU, s'),
  row('totem.knet_mtu', 'u32', 'MTU; 0 finds it'),
  row('totem.knet_compression_model', 'str', 'compression library'),
  row('totem.knet_compression_threshold', 'u32', 'smallest packet to compress, bytes'),
  row('totem.knet_compression_level', 'i32', 'passed to the library'),
  row('totem.block_unlisted_ips', 'str', 'drop packets of addresses not in the nodelist', YES_NO),
  row(
    'totem.cancel_token_hold_on_retransmit',
    'str',
    'never hold the token while there are retransmissions',
    YES_NO,
  ),
  row('totem.interface.linknumber', 'u8', 'number of the link'),
  row('totem.interface.ringnumber', 'u8', "linknumber's name up to Corosync 2"),
  row('totem.interface.bindnetaddr', 'str', 'address or network to bind to (udp)'),
  row('totem.interface.broadcast', 'str', 'use the broadcast address (udp)', YES_NO),
  row('totem.interface.mcastaddr', 'str', 'multicast address (udp)'),
  row('totem.interface.mcastport', 'u16', 'UDP port'),
  row('totem.interface.ttl', 'u8', 'time to live of multicast packets (udp)'),
  row('totem.interface.knet_link_priority', 'u8', 'priority of the link in passive mode'),
  row('totem.interface.knet_ping_interval', 'u32', 'interval of pings, ms'),
  row('totem.interface.knet_ping_timeout', 'u32', 'time without a pong until the link is down, ms'),
  row('totem.interface.knet_ping_precision', 'u32', 'samples of the average latency'),
  row('totem.interface.knet_pong_count', 'u32', 'pongs until the link is up'),
  row('totem.interface.knet_transport', 'str', 'protocol of the link', ['udp', 'sctp']),
  row('totem.interface.member.memberaddr', 'str', 'address of a member, where there is no nodelist'),
  row('quorum.provider', 'str', 'quorum algorithm', ['corosync_votequorum']),
  row('quorum.expected_votes', 'u32', 'votes of all nodes together'),
  row('quorum.votes', 'u32', 'votes of the local node'),
  row('quorum.two_node', 'u8', 'one of two nodes has quorum'),
  row('quorum.wait_for_all', 'u8', 'no quorum before all nodes were seen once'),
  row('quorum.last_man_standing', 'u8', 'recalculate the expected votes after losses'),
  row('quorum.last_man_standing_window', 'u32', 'time before that recalculation, ms'),
  row('quorum.leaving_timeout', 'u32', 'time to wait for a node that is leaving, ms'),
  row('quorum.auto_tie_breaker', 'u8', 'half the nodes can have quorum'),
  row('quorum.auto_tie_breaker_node', 'str', 'lowest, highest or node identifiers'),
  row('quorum.allow_downscale', 'u8', 'recalculate the expected votes when nodes leave'),
  row('quorum.expected_votes_tracking', 'u8', 'remember the highest expected votes'),
  row(
    'quorum.yield_when_isolated',
    'str',
    'quorate: a node all of whose own links are down gives up its resources',
    YES_NO,
  ),
  row('quorum.device.model', 'str', 'model of the quorum device'),
  row('quorum.device.timeout', 'u32', 'time without a word of the device, ms'),
  row('quorum.device.sync_timeout', 'u32', 'the same during synchronisation, ms'),
  row('quorum.device.votes', 'u32', 'votes of the device'),
  row('quorum.device.master_wins', 'u8', 'the partition with the device wins'),
  row('nodelist.node.ringX_addr', 'str', 'address of the node on link X'),
  row('nodelist.node.nodeid', 'u32', 'identifier of the node, from 1'),
  row('nodelist.node.name', 'str', 'name of the node'),
  row('nodelist.node.quorum_votes', 'u32', 'votes of the node'),
  row('nodelist.node.arbiter', 'str', 'quorate: the node votes and holds no resources', YES_NO),
  row('logging.timestamp', 'str', 'time in log lines', [...ON_OFF, 'hires']),
  row('logging.fileline', 'str', 'source file and line in log lines', ON_OFF),
  row('logging.function_name', 'str', 'function in log lines', ON_OFF),
  row('logging.blackbox', 'str', 'flight recorder', ON_OFF),
  row('logging.to_stderr', 'str', 'log to stderr', YES_NO),
  row('logging.to_logfile', 'str', 'log to the file', YES_NO),
  row('logging.to_syslog', 'str', 'log to syslog', YES_NO),
  row('logging.logfile', 'str', 'path of the log file'),
  row('logging.logfile_priority', 'str', 'least priority for the file'),
  row('logging.syslog_facility', 'str', 'syslog facility'),
  row('logging.syslog_priority', 'str', 'least priority for syslog'),
  row('logging.debug', 'str', 'debug messages', [...ON_OFF, 'trace']),
  row('system.qb_ipc_type', 'str', 'type of IPC', ['native', 'shm', 'socket']),
  row('system.sched_rr', 'str', 'realtime scheduling', YES_NO),
  row('system.priority', 'str', 'nice value, min or max'),
  row('system.move_to_root_cgroup', 'str', 'leave the cgroup', [...YES_NO, 'auto']),
  row('system.allow_knet_handle_fallback', 'str', 'start without privileges', YES_NO),
  row('system.state_dir', 'str', 'directory of state files'),
  row('resources.watchdog_device', 'str', 'watchdog device'),
  row('resources.watchdog_timeout', 'u32', 'timeout of the watchdog, s'),
];

/** Sections whose settings Corosync stores without looking at them. */
const OPEN_SECTIONS = [
  'logging.logger_subsys',
  'logging.logging_daemon',
  'quorum.device.net',
  'quorum.device.heuristics',
  'uidgid',
  'nozzle',
  'pload',
  'resources.system',
  'resources.process',
  'aisexec',
  'service',
  'amf',
];

const byPath = new Map(options.map((option) => [option.path, option]));
const sectionPaths = new Set(
  options.flatMap((option) => {
    const names = option.path.split('.').slice(0, -1);
    return names.map((_, index) => names.slice(0, index + 1).join('.'));
  }),
);

/** The row of a setting, or undefined where Corosync has no such setting. */
export function optionOf(path: string): Option | undefined {
  return byPath.get(path.replace(/^nodelist\.node\.ring\d+_addr$/, 'nodelist.node.ringX_addr'));
}

export function isOpenSection(path: string): boolean {
  return OPEN_SECTIONS.some((open) => path === open || path.startsWith(`${open}.`));
}

export function isSection(path: string): boolean {
  return sectionPaths.has(path) || isOpenSection(path);
}

const RANGES: Record<Exclude<ValueType, 'str'>, readonly [bigint, bigint]> = {
  u8: [0n, 255n],
  u16: [0n, 65_535n],
  u32: [0n, 4_294_967_295n],
  u64: [0n, 18_446_744_073_709_551_615n],
  i32: [-2_147_483_648n, 2_147_483_647n],
};

/** What is wrong with a setting's value, or undefined. */
export function valueComplaint(option: Option, key: string, value: string): string | undefined {
  if (option.values && !option.values.includes(value)) {
    return `${key}: '${value}' is none of ${option.values.join(', ')}`;
  }
  if (option.type === 'str') return undefined;
  const [least, most] = RANGES[option.type];
  const number = /^[+-]?\d+$/.test(value) ? BigInt(value.replace(/^\+/, '')) : undefined;
  if (number !== undefined && number >= least && number <= most) return undefined;
  return `${key}: '${value}' is not a whole number from ${least} to ${most}`;
}
