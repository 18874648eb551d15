import { isIP } from 'node:net';
import type { CorosyncFile, Item, Section } from '../../grammar/corosync/ast.js';
import { byKeyword, byName, readPairs, readRepeatablePairs, wordsOf } from '../../grammar/pcs/arguments.js';
import { WrongUsage } from '../../grammar/pcs/mistake.js';
import { invalidValue, namesIn, valueIsNonnegative, valueIsPort } from './checks.js';
import { ensureSection, setValue } from './corosync-conf.js';
import type { Environment } from './environment.js';
import { adjustTwoNode, checkQuorumOptions } from './quorum.js';
import { error, type Finding, forceable, info } from './refusal.js';
import { byCodePoint, quotedList } from './words.js';

/** What `cluster setup` was asked for, in both of its forms. */
export interface ClusterPlan {
  readonly name: string;
  readonly nodes: readonly PlannedNode[];
  readonly transport: string;
  readonly transportOptions: Map<string, string>;
  readonly links: readonly Map<string, string>[];
  readonly compression: Map<string, string>;
  readonly crypto: Map<string, string>;
  readonly totem: Map<string, string>;
  readonly quorum: Map<string, string>;
}

export interface PlannedNode {
  readonly name: string;
  readonly addresses: readonly string[];
}

export const TOTEM_OPTIONS =
  'block_unlisted_ips consensus downcheck fail_recv_const heartbeat_failures_allowed hold join max_messages max_network_delay merge miss_count_const send_join seqno_unchanged_const token token_coefficient token_retransmit token_retransmits_before_loss_const window_size'.split(
    ' ',
  );
export const KNET_OPTIONS = ['ip_version', 'knet_pmtud_interval', 'link_mode'];
export const UDP_OPTIONS = ['ip_version', 'netmtu'];
export const COMPRESSION_OPTIONS = ['level', 'model', 'threshold'];
export const CRYPTO_OPTIONS = ['cipher', 'hash', 'model'];
export const KNET_LINK_OPTIONS =
  'link_priority linknumber mcastport ping_interval ping_precision ping_timeout pong_count transport'.split(
    ' ',
  );
export const UDP_LINK_OPTIONS = ['bindnetaddr', 'broadcast', 'mcastaddr', 'mcastport', 'ttl'];
/** Those that corosync.conf writes with `knet_` before them. */
const KNET_PREFIXED = [
  'link_priority',
  'ping_interval',
  'ping_precision',
  'ping_timeout',
  'pong_count',
  'transport',
];
const CIPHERS = ['aes128', 'aes192', 'aes256', 'none'];
const HASHES = ['md5', 'none', 'sha1', 'sha256', 'sha384', 'sha512'];

/** `setup NAME NODE [addr=A]... [transport T ...] [totem ...] [quorum ...]` */
export function readSetup(words: readonly string[]): ClusterPlan {
  const [name, ...rest] = words;
  if (name === undefined || rest.length === 0) throw new WrongUsage();
  const groups = byKeyword(rest, ['transport', 'totem', 'quorum'], { first: 'nodes', once: true });
  const inTransport = byKeyword(wordsOf(groups, 'transport'), ['link', 'compression', 'crypto'], {
    first: 'options',
    repeated: ['link'],
  });
  const options = wordsOf(inTransport, 'options');
  if (groups.has('transport') && (options.length === 0 || options[0]!.includes('='))) {
    throw new WrongUsage('Transport type not defined');
  }
  const nodes = [...byName(wordsOf(groups, 'nodes'), 'node name')].map(([node, given]): PlannedNode => {
    const { single, repeated } = readRepeatablePairs(given, ['addr']);
    const unknown = [...single.keys()].sort(byCodePoint);
    if (unknown.length > 0) {
      throw new WrongUsage(`Unknown options ${quotedList(unknown)} for node '${node}'`);
    }
    return { name: node, addresses: repeated.get('addr') ?? [] };
  });
  return {
    name,
    nodes,
    transport: options[0] ?? 'knet',
    transportOptions: readPairs(options.slice(1)),
    links: (inTransport.get('link') ?? []).map((link) => readPairs(link)),
    compression: readPairs(wordsOf(inTransport, 'compression')),
    crypto: readPairs(wordsOf(inTransport, 'crypto')),
    totem: readPairs(wordsOf(groups, 'totem')),
    quorum: readPairs(wordsOf(groups, 'quorum')),
  };
}

/** `setup --name NAME NODE[,ALTERNATIVE]... [--transport T] ...` of pcs 0.9. */
export function readOldSetup(environment: Environment, words: readonly string[]): ClusterPlan {
  const name = environment.value('--name') ?? '';
  if (words.length === 0) throw new WrongUsage();
  const nodes = words.map((word): PlannedNode => {
    const [first = '', ...others] = word.split(',');
    return { name: first, addresses: others.length > 0 ? [first, ...others] : [] };
  });
  const picked = (names: readonly string[]) => {
    const options = new Map<string, string>();
    for (const each of names) {
      const value = environment.value(`--${each}`);
      if (value !== undefined) options.set(each, value);
    }
    return options;
  };
  const transport = environment.value('--transport') ?? 'knet';
  const encrypted = environment.value('--encryption');
  const transportOptions = new Map<string, string>();
  if (environment.has('--ipv6')) transportOptions.set('ip_version', 'ipv6');
  const mode = environment.value('--rrpmode');
  if (mode !== undefined && transport === 'knet') transportOptions.set('link_mode', mode);
  const mtu = environment.value('--netmtu');
  if (mtu !== undefined && transport !== 'knet') transportOptions.set('netmtu', mtu);
  const links = [0, 1].flatMap((link) => {
    const options = new Map<string, string>();
    const put = (option: string, key: string) => {
      const value = environment.options.get(`--${option}${link}`);
      if (value !== undefined) options.set(key, value === true ? '1' : value);
    };
    put('mcastport', 'mcastport');
    if (transport !== 'knet') {
      put('addr', 'bindnetaddr');
      put('mcast', 'mcastaddr');
      put('ttl', 'ttl');
      put('broadcast', 'broadcast');
    }
    return options.size === 0
      ? []
      : [transport === 'knet' ? options.set('linknumber', String(link)) : options];
  });
  return {
    name,
    nodes,
    transport,
    transportOptions,
    links,
    compression: new Map(),
    crypto:
      encrypted === '0' && transport === 'knet'
        ? new Map([
            ['cipher', 'none'],
            ['hash', 'none'],
          ])
        : new Map(),
    totem: picked(['token', 'token_coefficient', 'join', 'consensus', 'miss_count_const', 'fail_recv_const']),
    quorum: picked(['wait_for_all', 'auto_tie_breaker', 'last_man_standing', 'last_man_standing_window']),
  };
}

/** Gives nodes without an address the one that is known of them. */
export function withAddresses(
  plan: ClusterPlan,
  known: ReadonlyMap<string, string>,
  say: (...findings: Finding[]) => void,
): ClusterPlan {
  const nodes = plan.nodes.map((node) => {
    if (node.addresses.length > 0) return node;
    const address = known.get(node.name) ?? node.name;
    say(info(`No addresses specified for host '${node.name}', using '${address}'`));
    return { ...node, addresses: [address] };
  });
  return { ...plan, nodes };
}

const plural = (count: number) => `${count} address${count === 1 ? '' : 'es'}`;

/** What speaks against a plan; `resolves` says whether a name has an address. */
export function checkPlan(
  plan: ClusterPlan,
  resolves: (address: string) => boolean,
  forced: boolean,
): Finding[] {
  const findings: Finding[] = [];
  if (plan.name === '') findings.push(error('cluster name cannot be empty'));
  const knownTransport = ['knet', 'udp', 'udpu'].includes(plan.transport);
  if (!knownTransport)
    findings.push(error(invalidValue('transport', plan.transport, ['knet', 'udp', 'udpu'])));
  findings.push(...checkAddresses(plan, resolves, forced));
  if (knownTransport) {
    findings.push(...checkTransport(plan, { update: false }));
    findings.push(...checkLinks(plan));
  }
  findings.push(...checkTotem(plan.totem, false), ...checkQuorumOptions(plan.quorum, false));
  return findings;
}

function checkAddresses(
  plan: ClusterPlan,
  resolves: (address: string) => boolean,
  forced: boolean,
): Finding[] {
  const findings: Finding[] = [];
  const most = plan.transport === 'knet' ? 8 : 1;
  for (const node of plan.nodes) {
    if (!['knet', 'udp', 'udpu'].includes(plan.transport)) break;
    const count = node.addresses.length;
    if (count <= most) continue;
    findings.push(
      error(
        most === 1
          ? `1 address must be specified for a node, ${plural(count)} specified for node '${node.name}'`
          : `At least 1 and at most ${most} addresses must be specified for a node, ${plural(count)} specified for node '${node.name}'`,
      ),
    );
  }
  const all = plan.nodes.flatMap((node) => node.addresses);
  const unresolved = [...new Set(all.filter((address) => !resolves(address)))].sort(byCodePoint);
  if (unresolved.length > 0)
    findings.push(forceable(`Unable to resolve addresses: ${quotedList(unresolved)}`, forced));
  const twice = [...new Set(all.filter((address, at) => all.indexOf(address) !== at))];
  if (twice.length > 0)
    findings.push(error(`Node addresses must be unique, duplicate addresses: ${quotedList(twice)}`));
  const perNode = new Set(plan.nodes.map((node) => node.addresses.length));
  // Of UDP it has been said that there is one address only.
  if (!plan.transport.startsWith('udp') && perNode.size > 1) {
    const counts = plan.nodes.map((node) => `node '${node.name}' has ${plural(node.addresses.length)}`);
    findings.push(error(`All nodes must have the same number of addresses; ${counts.join('; ')}`));
  }
  const names = plan.nodes.map((node) => node.name);
  const twiceNamed = names.filter((name, at) => names.indexOf(name) !== at);
  if (twiceNamed.length > 0)
    findings.push(
      error(`Node names must be unique, duplicate names: ${quotedList([...new Set(twiceNamed)])}`),
    );
  return findings;
}

/** Transport, compression and crypto options. */
export function checkTransport(
  plan: Pick<ClusterPlan, 'transport' | 'transportOptions' | 'compression' | 'crypto'>,
  how: { readonly update: boolean; readonly present?: ReadonlyMap<string, string> },
): Finding[] {
  const findings: Finding[] = [];
  const fits = { emptyIsFine: how.update };
  if (plan.transport !== 'knet') {
    for (const [kind, options] of [
      ['compression', plan.compression],
      ['crypto', plan.crypto],
    ] as const) {
      if (options.size === 0) continue;
      findings.push(error(`The udp/udpu transport does not support '${kind}' options, use 'knet' transport`));
    }
    findings.push(...namesIn(plan.transportOptions, UDP_OPTIONS, { of: 'udp/udpu transport' }));
  } else findings.push(...namesIn(plan.transportOptions, KNET_OPTIONS, { of: 'knet transport' }));
  const oneOf = (options: ReadonlyMap<string, string>, name: string, values: readonly string[]) => {
    const value = options.get(name);
    if (value === undefined || (how.update && value === '') || values.includes(value)) return;
    findings.push(error(invalidValue(name, value, values)));
  };
  oneOf(
    plan.transportOptions,
    'ip_version',
    plan.transport === 'udp' ? ['ipv4', 'ipv6'] : ['ipv4', 'ipv4-6', 'ipv6', 'ipv6-4'],
  );
  if (plan.transport !== 'knet') {
    const mtu = plan.transportOptions.get('netmtu');
    if (mtu !== undefined && !(how.update && mtu === '') && !/^0*[1-9]\d*$/.test(mtu)) {
      findings.push(error(invalidValue('netmtu', mtu, 'a positive integer')));
    }
    return findings;
  }
  findings.push(...valueIsNonnegative(plan.transportOptions, 'knet_pmtud_interval', fits));
  oneOf(plan.transportOptions, 'link_mode', ['active', 'passive', 'rr']);
  findings.push(...namesIn(plan.compression, COMPRESSION_OPTIONS, { of: 'compression' }));
  for (const name of ['level', 'threshold'])
    findings.push(...valueIsNonnegative(plan.compression, name, fits));
  findings.push(...namesIn(plan.crypto, CRYPTO_OPTIONS, { of: 'crypto' }));
  oneOf(plan.crypto, 'cipher', CIPHERS);
  oneOf(plan.crypto, 'hash', HASHES);
  oneOf(plan.crypto, 'model', ['nss', 'openssl']);
  const merged = new Map([...(how.present ?? []), ...plan.crypto]);
  const on = (value: string | undefined) => value !== undefined && value !== '' && value !== 'none';
  if (plan.crypto.size > 0 && on(merged.get('cipher')) && !on(merged.get('hash'))) {
    findings.push(
      error("If crypto option 'cipher' is enabled, crypto option 'hash' must be enabled as well"),
    );
  }
  return findings;
}

function checkLinks(plan: ClusterPlan): Finding[] {
  const findings: Finding[] = [];
  const knet = plan.transport === 'knet';
  const numbers = new Set<string>();
  const links = Math.max(0, ...plan.nodes.map((node) => node.addresses.length));
  for (const link of plan.links) {
    findings.push(...checkLink(link, knet, false));
    const number = link.get('linknumber');
    if (number === undefined) continue;
    if (numbers.has(number))
      findings.push(error(`Link numbers must be unique, duplicate link numbers: '${number}'`));
    numbers.add(number);
  }
  if (plan.links.length > links) {
    findings.push(
      error(
        `Cannot specify options for more links (${plan.links.length}) than how many is defined by number of addresses per node (${links})`,
      ),
    );
  } else {
    for (const number of numbers) {
      if (Number(number) < links) continue;
      findings.push(
        error(
          `Cannot set options for non-existent link '${number}', existing links: ${quotedList(Array.from({ length: links }, (_, at) => String(at)))}`,
        ),
      );
    }
  }
  return findings;
}

/** Options of one link. */
export function checkLink(link: ReadonlyMap<string, string>, knet: boolean, update: boolean): Finding[] {
  const fits = { emptyIsFine: update };
  const findings = namesIn(link, knet ? KNET_LINK_OPTIONS : UDP_LINK_OPTIONS, { of: 'link' });
  for (const name of [
    'link_priority',
    'linknumber',
    'ping_interval',
    'ping_precision',
    'ping_timeout',
    'pong_count',
  ]) {
    if (knet) findings.push(...valueIsNonnegative(link, name, fits));
  }
  findings.push(...valueIsPort(link, 'mcastport', fits));
  const protocol = link.get('transport');
  if (knet && protocol !== undefined && !(update && protocol === '') && !['sctp', 'udp'].includes(protocol)) {
    findings.push(error(invalidValue('transport', protocol, ['sctp', 'udp'])));
  }
  for (const [one, other] of [
    ['ping_interval', 'ping_timeout'],
    ['ping_timeout', 'ping_interval'],
  ] as const) {
    if (!knet || !link.has(one) || link.has(other)) continue;
    findings.push(
      error(`If link option '${one}' is specified, link option '${other}' must be specified as well`),
    );
  }
  if (!knet) {
    const broadcast = link.get('broadcast');
    if (broadcast !== undefined && !['0', '1'].includes(broadcast)) {
      findings.push(error(invalidValue('broadcast', broadcast, ['0', '1'])));
    }
    for (const name of ['bindnetaddr', 'mcastaddr']) {
      const value = link.get(name);
      if (value === undefined || (update && value === '') || isIP(value) !== 0) continue;
      findings.push(error(invalidValue(name, value, 'an IP address')));
    }
  }
  return findings;
}

/** Totem options. */
export function checkTotem(totem: ReadonlyMap<string, string>, update: boolean): Finding[] {
  const findings = namesIn(totem, TOTEM_OPTIONS, { of: 'totem' });
  for (const name of TOTEM_OPTIONS) {
    const value = totem.get(name);
    if (value === undefined || (update && value === '')) continue;
    if (name === 'block_unlisted_ips') {
      if (!['no', 'yes'].includes(value)) findings.push(error(invalidValue(name, value, ['no', 'yes'])));
    } else findings.push(...valueIsNonnegative(totem, name, { emptyIsFine: update }));
  }
  return findings;
}

const set = (key: string, value: string): Item => ({ kind: 'setting', key, value });

function sortedSettings(
  options: ReadonlyMap<string, string>,
  name: (key: string) => string = (key) => key,
): Item[] {
  return [...options]
    .filter(([, value]) => value !== '')
    .sort(([a], [b]) => byCodePoint(a, b))
    .map(([key, value]) => set(name(key), value));
}

export function linkItems(link: ReadonlyMap<string, string>): Item[] {
  const written = new Map(
    [...link].map(([key, value]) => [KNET_PREFIXED.includes(key) ? `knet_${key}` : key, value]),
  );
  if (written.has('broadcast')) written.set('broadcast', written.get('broadcast') === '1' ? 'yes' : 'no');
  return sortedSettings(written);
}

/** The corosync.conf of a plan, in the order in which pcs writes it. */
export function planFile(plan: ClusterPlan, uuid: string | null): CorosyncFile {
  const knet = plan.transport === 'knet';
  const crypto = new Map(plan.crypto);
  if (knet && crypto.size === 0) crypto.set('cipher', 'aes256').set('hash', 'sha256');
  const items: Item[] = [
    set('version', '2'),
    set('cluster_name', plan.name),
    set('transport', plan.transport),
    ...sortedSettings(plan.totem),
    ...sortedSettings(plan.transportOptions),
    ...sortedSettings(plan.compression, (key) => `knet_compression_${key}`),
    ...(knet ? sortedSettings(crypto, (key) => `crypto_${key}`) : []),
    ...(uuid === null ? [] : [set('cluster_uuid', uuid)]),
  ];
  const file: CorosyncFile = { items: [{ kind: 'section', name: 'totem', items }] };
  for (const [link, options] of numberedLinks(plan)) {
    items.push({
      kind: 'section',
      name: 'interface',
      items: linkItems(new Map(options).set('linknumber', link)),
    });
  }
  const nodes = plan.nodes.map((node, at): Section => nodeSection(node, at + 1));
  file.items.push({ kind: 'section', name: 'nodelist', items: nodes });
  const quorum = ensureSection(file, 'quorum');
  setValue(quorum, 'provider', 'corosync_votequorum');
  adjustTwoNode(file);
  for (const [key, value] of [...plan.quorum].sort(([a], [b]) => byCodePoint(a, b)))
    setValue(quorum, key, value);
  adjustTwoNode(file);
  file.items.push({
    kind: 'section',
    name: 'logging',
    items: [
      set('to_logfile', 'yes'),
      set('logfile', '/var/log/corosync/corosync.log'),
      set('to_syslog', 'yes'),
      set('timestamp', 'on'),
    ],
  });
  return file;
}

export function nodeSection(node: PlannedNode, id: number): Section {
  return {
    kind: 'section',
    name: 'node',
    items: [
      ...node.addresses.map((address, link) => set(`ring${link}_addr`, address)),
      set('name', node.name),
      set('nodeid', String(id)),
    ],
  };
}

/** Links by number: those that name theirs first, the others fill up from zero. */
function numberedLinks(plan: ClusterPlan): [string, ReadonlyMap<string, string>][] {
  const taken = new Set(plan.links.flatMap((link) => link.get('linknumber') ?? []));
  let next = 0;
  return plan.links
    .map((link): [string, ReadonlyMap<string, string>] => {
      const named = link.get('linknumber');
      if (named !== undefined) return [named, link];
      while (taken.has(String(next))) next++;
      taken.add(String(next));
      return [String(next), link];
    })
    .sort(([a], [b]) => Number(a) - Number(b));
}
