/** The settings of ldirectord(8): one table for checking and for completing. */

export type ValueKind =
  | 'number'
  | 'boolean'
  | 'word'
  | 'quoted'
  | 'text'
  | 'choice'
  | 'server'
  | 'target'
  | 'path';

export interface SettingRow {
  readonly name: string;
  readonly kind: ValueKind;
  /** Where it may stand. */
  readonly where: 'global' | 'virtual' | 'both';
  readonly choices?: readonly string[];
  readonly help: string;
  /** May be said more than once. */
  readonly repeats?: boolean;
  /** What the manual says to use instead. */
  readonly deprecated?: string;
}

/** ipvsadm(8), `-s`. */
export const SCHEDULERS: readonly string[] = [
  'rr',
  'wrr',
  'lc',
  'wlc',
  'lblc',
  'lblcr',
  'dh',
  'sh',
  'sed',
  'nq',
  'fo',
  'ovf',
  'mh',
  'twos',
];

export const METHODS: readonly string[] = ['gate', 'masq', 'ipip'];

/** A number counts as well: so many connects, then one negotiation. */
export const CHECK_TYPES: readonly string[] = [
  'negotiate',
  'connect',
  'ping',
  'external',
  'external-perl',
  'on',
  'off',
];

/** Services that can be talked to; those of `NEEDS_RECEIVE` are judged by what they answer. */
export const SERVICES: readonly string[] = [
  'dns',
  'ftp',
  'http',
  'https',
  'http_proxy',
  'imap',
  'imaps',
  'ldap',
  'ldaps',
  'mysql',
  'nntp',
  'none',
  'oracle',
  'pgsql',
  'pop',
  'pops',
  'radius',
  'simpletcp',
  'sip',
  'smtp',
  'submission',
];

/** What is spoken on a port where `service` does not say it. */
export const SERVICE_OF_PORT: Readonly<Record<string, string>> = {
  21: 'ftp',
  25: 'smtp',
  53: 'dns',
  80: 'http',
  110: 'pop',
  119: 'nntp',
  143: 'imap',
  389: 'ldap',
  443: 'https',
  587: 'submission',
  636: 'ldaps',
  993: 'imaps',
  995: 'pops',
  1521: 'oracle',
  1812: 'radius',
  3128: 'http_proxy',
  3306: 'mysql',
  5060: 'sip',
  5432: 'pgsql',
};

export const NEEDS_RECEIVE: readonly string[] = ['http', 'https', 'http_proxy', 'dns', 'simpletcp'];
export const NEEDS_DATABASE: readonly string[] = ['mysql', 'oracle', 'pgsql'];

const row = (
  name: string,
  kind: ValueKind,
  where: SettingRow['where'],
  help: string,
  more: Partial<SettingRow> = {},
) => ({
  name,
  kind,
  where,
  help,
  ...more,
});
const yesNo = (name: string, where: SettingRow['where'], help: string) => row(name, 'boolean', where, help);

const ROWS: readonly SettingRow[] = [
  row(
    'virtual',
    'server',
    'global',
    'address and port, or firewall mark, that clients use; its settings follow, indented',
    { repeats: true },
  ),
  row('virtual6', 'server', 'global', 'the same with an IPv6 address, as [fe80::1]:80', { repeats: true }),
  row('checktimeout', 'number', 'both', 'seconds until a connect, external or ping check has failed (5)'),
  row('negotiatetimeout', 'number', 'both', 'seconds until a negotiate check has failed (30)'),
  row('checkinterval', 'number', 'both', 'seconds between checks (10)'),
  row('checkcount', 'number', 'both', 'pings until a ping check has failed (1)', {
    deprecated: 'failurecount',
  }),
  row('failurecount', 'number', 'both', 'failed checks in a row until a server is out (1)'),
  yesNo('autoreload', 'global', 'reads the file again when it has changed'),
  row('callback', 'quoted', 'global', 'program that is run after the file has changed'),
  row('fallback', 'target', 'both', 'server that is used when all real servers are down'),
  row('fallback6', 'target', 'both', 'the same with an IPv6 address'),
  row(
    'fallbackcommand',
    'text',
    'both',
    'program that is run when all real servers are down, and when one is back',
  ),
  row('logfile', 'quoted', 'global', 'file, or syslog facility, for the log'),
  row('execute', 'text', 'global', 'another configuration to start an ldirectord for', { repeats: true }),
  row('emailalert', 'text', 'both', 'who gets mail when a server goes or comes'),
  row('emailalertfrom', 'text', 'global', 'sender of that mail'),
  row('emailalertfreq', 'number', 'both', 'seconds until it is said again; 0: once'),
  row('emailalertstatus', 'text', 'both', 'all, none, or some of starting, running, stopping, reloading'),
  row('smtp', 'word', 'both', 'mail server'),
  yesNo('supervised', 'global', 'stays in the foreground'),
  yesNo('fork', 'global', 'a process for each virtual service'),
  yesNo('quiescent', 'both', 'a server that is down gets weight 0 instead of being removed'),
  yesNo('readdquiescent', 'global', 'such a server is added again where somebody removed it'),
  yesNo('cleanstop', 'both', 'stopping ldirectord removes its services from the kernel'),
  row('maintenancedir', 'path', 'global', 'directory whose file names take servers out'),
  row(
    'real',
    'server',
    'virtual',
    'a server: address:port, gate, masq or ipip, weight, "request", "receive"',
    { repeats: true },
  ),
  row('real6', 'server', 'virtual', 'the same with an IPv6 address', { repeats: true }),
  row('checktype', 'choice', 'virtual', 'how servers are checked', { choices: CHECK_TYPES }),
  row('service', 'choice', 'virtual', 'what is spoken with them', { choices: SERVICES }),
  row('checkcommand', 'text', 'virtual', 'program of an external check'),
  row('checkport', 'number', 'virtual', 'port of the check where it is not that of the service'),
  row('request', 'quoted', 'virtual', 'what is asked for'),
  row('receive', 'quoted', 'virtual', 'regular expression that the answer must hold'),
  row('httpmethod', 'choice', 'virtual', 'GET or HEAD', { choices: ['GET', 'HEAD'] }),
  row('virtualhost', 'text', 'virtual', 'Host header of an HTTP check'),
  row('login', 'quoted', 'virtual', 'user of the check'),
  row('passwd', 'quoted', 'virtual', 'password of the check'),
  row('database', 'quoted', 'virtual', 'database of the check'),
  row('secret', 'quoted', 'virtual', 'secret of a RADIUS check'),
  row('load', 'quoted', 'virtual', 'word for load measurements'),
  row('scheduler', 'choice', 'virtual', 'which server gets the next connection (wrr)', {
    choices: SCHEDULERS,
  }),
  row('persistent', 'number', 'virtual', 'seconds for which a client keeps its server'),
  row('schedflags', 'word', 'virtual', 'flags of the scheduler'),
  row('netmask', 'text', 'virtual', 'which clients count as one'),
  row('protocol', 'choice', 'virtual', 'tcp, udp, or fwm for a firewall mark', {
    choices: ['tcp', 'udp', 'fwm'],
  }),
  yesNo('ops', 'virtual', 'each UDP packet is a connection of its own'),
  row('servicename', 'text', 'virtual', 'its name in mails'),
  row('comment', 'text', 'virtual', 'anything'),
  row('monitorfile', 'text', 'virtual', 'file with what a check does'),
];

export const SETTINGS: ReadonlyMap<string, SettingRow> = new Map(ROWS.map((each) => [each.name, each]));
