/**
 * The directives of ha.cf(5): what may follow each. One table for reading, for completion, and for the import's own
 * list of what becomes of them (`src/convert/heartbeat-directives.ts` has a row for each).
 */

export type Argument =
  /** Seconds, `1.7`, or `1500ms`. */
  | 'time'
  | 'port'
  | 'integer'
  | 'boolean'
  | 'word'
  | 'device'
  | 'address'
  | 'host'
  | 'path'
  | 'facility'
  /** One of the words of the row's `choices`. */
  | 'choice';

export interface DirectiveRow {
  readonly name: string;
  /** By position; `many` repeats the last one, at least once. */
  readonly args: readonly Argument[];
  readonly many?: boolean;
  /** So many of `args` must be there; default all. */
  readonly least?: number;
  readonly choices?: readonly string[];
  /** What stands behind the name in messages: `ucast eth0 10.0.0.2`. */
  readonly example: string;
  /** May stand in the file more than once. */
  readonly repeats?: boolean;
  /** Everything to the end of the line belongs to it, whatever it is. */
  readonly open?: boolean;
}

const one = (name: string, arg: Argument, example: string): DirectiveRow => ({ name, args: [arg], example });

const choice = (name: string, choices: readonly string[], example: string): DirectiveRow => ({
  name,
  args: ['choice'],
  choices,
  example,
});

export const FACILITIES = [
  'auth',
  'authpriv',
  'cron',
  'daemon',
  'ftp',
  'kern',
  'lpr',
  'mail',
  'news',
  'syslog',
  'user',
  'uucp',
  ...Array.from({ length: 8 }, (_, number) => `local${number}`),
  'none',
] as const;

/** Case does not matter (`cl_str_to_boolean` of cluster-glue, ha.cf's own comment). */
export const TRUE_WORDS: readonly string[] = ['true', 'on', 'yes', 'y', '1'];
export const FALSE_WORDS: readonly string[] = ['false', 'off', 'no', 'n', '0'];

const ROWS: readonly DirectiveRow[] = [
  // Who
  { name: 'node', args: ['word'], many: true, example: 'node alice bob', repeats: true },
  choice('autojoin', ['none', 'other', 'any'], 'autojoin none'),
  // When
  one('keepalive', 'time', 'keepalive 2'),
  one('deadtime', 'time', 'deadtime 30'),
  one('warntime', 'time', 'warntime 10'),
  one('initdead', 'time', 'initdead 120'),
  one('deadping', 'time', 'deadping 30'),
  // Over what
  { ...one('udpport', 'port', 'udpport 694'), repeats: true },
  { ...one('baud', 'integer', 'baud 19200'), repeats: true },
  { name: 'serial', args: ['path'], many: true, example: 'serial /dev/ttyS0', repeats: true },
  { name: 'bcast', args: ['device'], many: true, example: 'bcast eth0', repeats: true },
  { name: 'ucast', args: ['device', 'address'], example: 'ucast eth0 10.0.0.2', repeats: true },
  { name: 'ucast6', args: ['device', 'address'], example: 'ucast6 eth0 fe80::2', repeats: true },
  {
    name: 'mcast',
    args: ['device', 'address', 'port', 'integer', 'integer'],
    example: 'mcast eth0 239.0.0.1 694 1 0',
    repeats: true,
  },
  {
    name: 'mcast6',
    args: ['device', 'address', 'port', 'integer', 'integer'],
    example: 'mcast6 eth0 ff12::1:2:3:4 694 1 0',
    repeats: true,
  },
  choice('msgfmt', ['classic', 'netstring'], 'msgfmt classic'),
  one('hopfudge', 'integer', 'hopfudge 1'),
  choice('compression', ['zlib', 'bz2'], 'compression bz2'),
  one('compression_threshold', 'integer', 'compression_threshold 2'),
  one('traditional_compression', 'boolean', 'traditional_compression off'),
  // What for
  {
    name: 'auto_failback',
    args: ['choice'],
    choices: [...TRUE_WORDS, ...FALSE_WORDS, 'legacy'],
    example: 'auto_failback on',
  },
  // Its name before release 1.1.3, with the opposite meaning.
  one('nice_failback', 'boolean', 'nice_failback on'),
  { name: 'ping', args: ['host'], many: true, example: 'ping 10.0.0.1', repeats: true },
  {
    name: 'ping_group',
    args: ['word', 'host'],
    many: true,
    example: 'ping_group routers 10.0.0.1 10.0.0.2',
    repeats: true,
  },
  { name: 'hbaping', args: ['word'], many: true, example: 'hbaping FC-CARD', repeats: true, open: true },
  {
    name: 'respawn',
    args: ['word', 'path'],
    example: 'respawn hacluster /usr/lib/heartbeat/ipfail',
    repeats: true,
    open: true,
  },
  {
    name: 'crm',
    args: ['choice'],
    choices: [...TRUE_WORDS, ...FALSE_WORDS, 'respawn', 'manual'],
    example: 'crm no',
  },
  {
    name: 'pacemaker',
    args: ['choice'],
    choices: [...TRUE_WORDS, ...FALSE_WORDS, 'respawn', 'manual'],
    example: 'pacemaker respawn',
  },
  {
    name: 'stonith',
    args: ['word', 'word'],
    example: 'stonith baytech /etc/ha.d/conf/stonith',
    open: true,
    least: 1,
  },
  {
    name: 'stonith_host',
    args: ['word', 'word'],
    example: 'stonith_host * baytech 10.0.0.3 login secret',
    repeats: true,
    open: true,
  },
  one('watchdog', 'path', 'watchdog /dev/watchdog'),
  // Words in logs
  one('debug', 'integer', 'debug 1'),
  one('debugfile', 'path', 'debugfile /var/log/ha-debug'),
  one('logfile', 'path', 'logfile /var/log/ha-log'),
  { ...one('logfacility', 'facility', 'logfacility local0') },
  one('use_logd', 'boolean', 'use_logd yes'),
  one('conn_logd_time', 'time', 'conn_logd_time 60'),
  one('log_badpack', 'boolean', 'log_badpack yes'),
  one('syslogmsgfmt', 'boolean', 'syslogmsgfmt yes'),
  // The daemon itself
  {
    name: 'apiauth',
    args: ['word', 'word'],
    example: 'apiauth ipfail uid=hacluster',
    repeats: true,
    open: true,
  },
  one('realtime', 'boolean', 'realtime on'),
  one('rtprio', 'integer', 'rtprio 5'),
  one('coredumps', 'boolean', 'coredumps false'),
  choice('hbgenmethod', ['file', 'time'], 'hbgenmethod file'),
  choice('uuidfrom', ['file', 'nodename'], 'uuidfrom file'),
  one('hbversion', 'word', 'hbversion 2'),
  one('crm_daemon_dir', 'path', 'crm_daemon_dir /usr/libexec/pacemaker'),
  one('crmd_spawns_pengine', 'boolean', 'crmd_spawns_pengine off'),
  one('memreserve', 'integer', 'memreserve 6500'),
  { name: 'quorum_server', args: ['word'], example: 'quorum_server HOST', open: true },
  { name: 'cluster', args: ['word'], example: 'cluster NAME' },
  { name: 'env', args: ['word'], many: true, example: 'env HA_debug=1', repeats: true, open: true },
];

export const DIRECTIVES: ReadonlyMap<string, DirectiveRow> = new Map(ROWS.map((row) => [row.name, row]));
