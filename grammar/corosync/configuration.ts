import {
  type CorosyncFile,
  type Item,
  type Mistake,
  type MistakeCode,
  type Place,
  type Section,
  type Setting,
  sections,
  setting,
} from './ast.js';
import { isOpenSection, isSection, optionOf, valueComplaint } from './options.js';
import { parseCorosync } from './parser.js';

export type Transport = 'knet' | 'udpu' | 'udp';

/** The cluster as a corosync.conf describes it, with Corosync 3.1's defaults and derived values filled in. Times in ms. */
export interface CorosyncConfiguration {
  readonly totem: Totem;
  readonly quorum: Quorum;
  readonly nodes: readonly NodeEntry[];
  readonly logging: Logging;
  readonly system: { readonly stateDirectory: string; readonly schedRoundRobin: boolean };
}

export interface Totem {
  readonly version: number;
  readonly clusterName: string;
  readonly configVersion: number;
  readonly transport: Transport;
  readonly ipVersion: 'ipv4' | 'ipv6' | 'ipv4-6' | 'ipv6-4';
  readonly cryptoCipher: string;
  readonly cryptoHash: string;
  readonly keyFile: string;
  /** The key itself, where the file holds it and names no `keyfile`. */
  readonly key: string | null;
  readonly linkMode: 'passive' | 'active' | 'rr';
  readonly netmtu: number;
  /** What is in force: `token` plus `token_coefficient` for every node above two. */
  readonly tokenMs: number;
  /** As written, or the default of 3000. */
  readonly tokenConfiguredMs: number;
  readonly tokenCoefficientMs: number;
  /** Percent of `tokenMs`; 0 is off. */
  readonly tokenWarning: number;
  readonly tokenRetransmitMs: number;
  readonly tokenRetransmitsBeforeLoss: number;
  readonly holdMs: number;
  readonly joinMs: number;
  readonly sendJoinMs: number;
  readonly consensusMs: number;
  readonly mergeMs: number;
  readonly downcheckMs: number;
  readonly failRecv: number;
  readonly seqnoUnchanged: number;
  readonly heartbeatFailuresAllowed: number;
  readonly maxNetworkDelayMs: number;
  readonly windowSize: number;
  readonly maxMessages: number;
  readonly missCount: number;
  readonly blockUnlistedIps: boolean;
  /** By link number; at least one. */
  readonly interfaces: readonly Interface[];
}

export interface Interface {
  readonly linkNumber: number;
  readonly bindNetAddress: string | null;
  readonly broadcast: boolean;
  readonly mcastAddress: string | null;
  /** UDP port; link N has 5405 + N unless it is set. */
  readonly mcastPort: number;
  readonly ttl: number;
  readonly knetLinkPriority: number;
  readonly knetPingIntervalMs: number;
  readonly knetPingTimeoutMs: number;
  readonly knetPongCount: number;
}

export interface Quorum {
  /** `null`: no quorum is kept, every partition may act. */
  readonly provider: 'corosync_votequorum' | null;
  readonly expectedVotes: number;
  readonly twoNode: boolean;
  readonly waitForAll: boolean;
  readonly autoTieBreaker: boolean;
  readonly autoTieBreakerNode: 'lowest' | 'highest' | readonly number[];
  readonly lastManStanding: boolean;
  readonly lastManStandingWindowMs: number;
  readonly allowDownscale: boolean;
  readonly expectedVotesTracking: boolean;
  readonly device: QuorumDevice | null;
  /** A node all of whose own links are down yields; quorate's own setting. Null: as the cluster's kind asks for. */
  readonly yieldWhenIsolated: boolean | null;
}

/** `quorum.device` of corosync-qdevice(8), which here is an arbiter: `quorated --arbiter` on the host. */
export interface QuorumDevice {
  readonly model: string;
  readonly votes: number;
  /** Null where `net` names no host. */
  readonly net: {
    readonly host: string;
    /** Default 5403. */
    readonly port: number;
    readonly algorithm: 'ffsplit' | 'lms';
    readonly tieBreaker: 'lowest' | 'highest' | number;
    /** In a tie the partition that was quorate before goes on; always so with lms. */
    readonly keepActivePartition: boolean;
  } | null;
}

export interface NodeEntry {
  readonly nodeId: number;
  readonly name: string;
  /** By link number; null where the node has no address on a link below its last. */
  readonly addresses: readonly (string | null)[];
  readonly votes: number;
  /** It votes and holds no resources; quorate's own setting, which Corosync keeps and passes over. */
  readonly arbiter?: boolean;
}

export interface Logging {
  readonly toStderr: boolean;
  readonly toSyslog: boolean;
  readonly toLogfile: boolean;
  readonly logfile: string | null;
  readonly timestamp: 'off' | 'on' | 'hires';
  readonly debug: 'off' | 'on' | 'trace';
}

/** Links of knet (KNET_MAX_LINK); the other transports have one. */
const LINKS_MAX = 8;
/** MINIMUM_TIMEOUT of exec/totemconfig.c: three ticks of 10 ms. */
const TIMEOUT_MIN_MS = 30;
const TICK_MS = 10;
const DEFAULT_PORT = 5405;

export interface ConfigurationResult {
  /** Absent where there is an error. */
  readonly configuration?: CorosyncConfiguration;
  readonly file: CorosyncFile;
  readonly mistakes: readonly Mistake[];
}

/** Reads and checks a corosync.conf in one go. */
export function readConfiguration(text: string): ConfigurationResult {
  const parsed = parseCorosync(text);
  const checked = interpret(parsed.file);
  const mistakes = [...parsed.mistakes, ...checked.mistakes].sort(
    (a, b) => a.place.line - b.place.line || a.place.column - b.place.column,
  );
  if (mistakes.some((mistake) => mistake.severity === 'error')) return { file: parsed.file, mistakes };
  return { configuration: checked.configuration, file: parsed.file, mistakes };
}

const START: Place = { line: 1, column: 1, length: 1 };

class Reader {
  readonly mistakes: Mistake[] = [];

  report(severity: Mistake['severity'], code: MistakeCode, place: Place | undefined, message: string): void {
    this.mistakes.push({ severity, code, message, place: place ?? START });
  }

  /** Every setting against the table; unknown ones are warnings, for Corosync keeps them in the cmap and goes on. */
  check(items: readonly Item[], path: string): void {
    for (const item of items) {
      if (item.kind === 'section') {
        const inner = path === '' ? item.name : `${path}.${item.name}`;
        if (!isSection(inner)) {
          this.report('warning', 'unknown-section', item.place, `there is no section '${inner}'`);
        }
        if (inner === 'uidgid') this.uidgid(item);
        if (inner === 'logging.logger_subsys' && !setting(item.items, 'subsys')) {
          this.report('error', 'missing-setting', item.place, "logger_subsys needs 'subsys: NAME'");
        }
        this.check(item.items, inner);
      } else if (item.kind === 'setting') {
        const key = path === '' ? item.key : `${path}.${item.key}`;
        const option = optionOf(key);
        if (option) {
          const complaint = valueComplaint(option, item.key, item.value);
          if (complaint) this.report('error', 'invalid-value', item.valuePlace, complaint);
        } else if (!isOpenSection(path) && (path === '' || isSection(path))) {
          this.report('warning', 'unknown-setting', item.place, `there is no setting '${key}'`);
        }
      }
    }
  }

  private uidgid(section: Section): void {
    for (const item of section.items) {
      if (item.kind === 'setting' && item.key !== 'uid' && item.key !== 'gid') {
        this.report('error', 'unknown-setting', item.place, 'uidgid takes only uid and gid');
      }
    }
  }
}

/** Several sections of one name count as one, as in the cmap. */
function merged(file: CorosyncFile, name: string): Item[] {
  return sections(file.items, name).flatMap((section) => section.items);
}

function number(items: readonly Item[], key: string, fallback: number): number {
  const value = setting(items, key)?.value;
  const found = value !== undefined && /^[+-]?\d+$/.test(value) ? Number(value) : Number.NaN;
  return Number.isNaN(found) ? fallback : found;
}

const text = (items: readonly Item[], key: string): string | undefined => setting(items, key)?.value;
const flag = (items: readonly Item[], key: string, fallback: boolean): boolean =>
  setting(items, key) ? number(items, key, 0) !== 0 : fallback;
const yes = (items: readonly Item[], key: string, fallback: boolean): boolean => {
  const value = text(items, key);
  return value === undefined ? fallback : value === 'yes' || value === 'on';
};

/** The identifier that Corosync makes of an IPv4 address where no `nodeid` is given (udp and udpu). */
function nodeIdOf(address: string, clearHighBit: boolean): number | undefined {
  const bytes = address.split('.').map(Number);
  if (bytes.length !== 4 || bytes.some((byte) => !(byte >= 0 && byte <= 255))) return undefined;
  const id = (bytes[0]! * 256 + bytes[1]!) * 65_536 + bytes[2]! * 256 + bytes[3]!;
  return clearHighBit ? id % 2_147_483_648 : id;
}

/** Checks a file that has no mistake of syntax, and fills in what it leaves to Corosync. */
export function interpret(file: CorosyncFile): {
  configuration: CorosyncConfiguration;
  mistakes: readonly Mistake[];
} {
  const reader = new Reader();
  reader.check(file.items, '');
  const totemItems = merged(file, 'totem');
  const totemPlace = sections(file.items, 'totem')[0]?.place;
  const version = setting(totemItems, 'version');
  if (!version) {
    reader.report('error', 'missing-setting', totemPlace, "totem needs 'version: 2'");
  } else if (version.value !== '2') {
    reader.report('error', 'invalid-value', version.valuePlace, `version: '${version.value}' is not 2`);
  }
  const transport = transportOf(text(totemItems, 'transport'));
  const nodes = nodesOf(reader, file, transport, yes(totemItems, 'clear_node_high_bit', false));
  const totem = totemOf(reader, totemItems, transport, nodes);
  const configuration: CorosyncConfiguration = {
    totem,
    quorum: quorumOf(reader, file, nodes),
    nodes,
    logging: loggingOf(merged(file, 'logging')),
    system: {
      stateDirectory: text(merged(file, 'system'), 'state_dir') ?? '/var/lib/corosync',
      schedRoundRobin: yes(merged(file, 'system'), 'sched_rr', true),
    },
  };
  return { configuration, mistakes: reader.mistakes };
}

function transportOf(value: string | undefined): Transport {
  return value === 'udp' || value === 'udpu' ? value : 'knet';
}

function nodesOf(
  reader: Reader,
  file: CorosyncFile,
  transport: Transport,
  clearHighBit: boolean,
): NodeEntry[] {
  const nodes: NodeEntry[] = [];
  const ids = new Map<number, string>();
  const names = new Map<string, Setting>();
  const addressesSeen = new Map<string, string>();
  let links: number | undefined;
  for (const section of sections(merged(file, 'nodelist'), 'node')) {
    const addresses: (string | null)[] = [];
    for (const item of section.items) {
      const link = item.kind === 'setting' ? /^ring(\d+)_addr$/.exec(item.key)?.[1] : undefined;
      if (item.kind !== 'setting' || link === undefined) continue;
      const most = transport === 'knet' ? LINKS_MAX : 1;
      if (Number(link) >= most) {
        reader.report(
          'error',
          'invalid-value',
          item.place,
          `${item.key}: ${transport} has ${most} link${most === 1 ? '' : 's'}, numbered from 0`,
        );
        continue;
      }
      const other = addressesSeen.get(item.value);
      if (other !== undefined) {
        const message = `${item.key}: ${item.value} is already the ${other}`;
        reader.report('error', 'duplicate', item.valuePlace, message);
      }
      addressesSeen.set(item.value, `${item.key} of the node at line ${section.place?.line ?? 1}`);
      while (addresses.length < Number(link)) addresses.push(null);
      addresses[Number(link)] = item.value;
    }
    const first = addresses[0];
    if (!first) {
      reader.report('error', 'missing-setting', section.place, "a node needs 'ring0_addr: ADDRESS'");
    }
    const used = addresses.filter((address) => address !== null).length;
    links ??= used;
    if (used !== links) {
      reader.report('error', 'contradiction', section.place, 'all nodes must have the same number of links');
    }
    const idSetting = setting(section.items, 'nodeid');
    let nodeId = number(section.items, 'nodeid', 0);
    if (!idSetting) {
      if (transport === 'knet') {
        reader.report(
          'error',
          'missing-setting',
          section.place,
          "with knet each node needs 'nodeid: NUMBER'",
        );
      } else if (first) {
        const generated = nodeIdOf(first, clearHighBit);
        if (generated === undefined) {
          const message = `nodeid is needed where ring0_addr ('${first}') is not an IPv4 address`;
          reader.report('error', 'missing-setting', section.place, message);
        } else nodeId = generated;
      }
    } else if (nodeId === 0) {
      reader.report('error', 'invalid-value', idSetting.valuePlace, 'nodeid: 0 is reserved');
    }
    const name = setting(section.items, 'name');
    const label = name?.value ?? first ?? `node ${nodeId}`;
    const twin = ids.get(nodeId);
    if (nodeId !== 0 && twin !== undefined) {
      const message = `nodeid: ${nodeId} is already that of '${twin}'`;
      reader.report('error', 'duplicate', idSetting?.valuePlace ?? section.place, message);
    }
    ids.set(nodeId, label);
    if (name && names.has(name.value)) {
      reader.report('error', 'duplicate', name.valuePlace, `name: two nodes are called '${name.value}'`);
    }
    if (name) names.set(name.value, name);
    const arbiter = yes(section.items, 'arbiter', false) ? { arbiter: true } : {};
    nodes.push({
      nodeId,
      name: label,
      addresses,
      votes: number(section.items, 'quorum_votes', 1),
      ...arbiter,
    });
  }
  return nodes;
}

function totemOf(
  reader: Reader,
  items: readonly Item[],
  transport: Transport,
  nodes: readonly NodeEntry[],
): Totem {
  const tokenConfiguredMs = number(items, 'token', 0) || 3000;
  const tokenCoefficientMs = number(items, 'token_coefficient', 650);
  const tokenMs = tokenConfiguredMs + Math.max(0, nodes.length - 2) * tokenCoefficientMs;
  const tokenRetransmitsBeforeLoss = number(items, 'token_retransmits_before_loss_const', 0) || 4;
  const tokenRetransmitMs =
    number(items, 'token_retransmit', 0) || Math.trunc(tokenMs / (tokenRetransmitsBeforeLoss + 0.2));
  const holdMs = number(items, 'hold', 0) || Math.trunc(tokenRetransmitMs * 0.8 - TICK_MS);
  const joinMs = number(items, 'join', 0) || 50;
  const consensusMs = number(items, 'consensus', 0) || Math.trunc(1.2 * tokenMs);
  const least = (key: string, value: number, minimum: number, why = ''): void => {
    if (value >= minimum) return;
    const written = setting(items, key) ?? setting(items, 'token');
    reader.report(
      'error',
      'invalid-value',
      written?.valuePlace,
      `${key}: ${value} ms may not be less than ${why}${minimum} ms`,
    );
  };
  least('token', tokenMs, TIMEOUT_MIN_MS);
  least('token_retransmit', tokenRetransmitMs, TIMEOUT_MIN_MS);
  least('hold', holdMs, Math.trunc(TIMEOUT_MIN_MS * 0.8 - TICK_MS));
  least('join', joinMs, TIMEOUT_MIN_MS);
  least('consensus', consensusMs, TIMEOUT_MIN_MS);
  least('consensus', consensusMs, joinMs, 'join, ');
  const secauth = yes(items, 'secauth', false);
  const cryptoCipher = text(items, 'crypto_cipher') ?? (secauth ? 'aes256' : 'none');
  const cryptoHash = text(items, 'crypto_hash') ?? (secauth ? 'sha256' : 'none');
  const cipherPlace = (setting(items, 'crypto_cipher') ?? setting(items, 'secauth'))?.place;
  if (transport === 'knet' && cryptoCipher !== 'none' && cryptoHash === 'none') {
    reader.report('error', 'contradiction', cipherPlace, 'crypto_cipher needs crypto_hash, too');
  }
  if (transport !== 'knet' && (cryptoCipher !== 'none' || cryptoHash !== 'none')) {
    const message = `Corosync encrypts only with knet: with ${transport} this is without effect`;
    reader.report('warning', 'contradiction', cipherPlace, message);
  }
  const keyFile = text(items, 'keyfile');
  return {
    version: number(items, 'version', 2),
    clusterName: text(items, 'cluster_name') ?? '',
    configVersion: number(items, 'config_version', 0),
    transport,
    ipVersion: (text(items, 'ip_version') ?? (transport === 'udp' ? 'ipv4' : 'ipv6-4')) as Totem['ipVersion'],
    cryptoCipher,
    cryptoHash,
    keyFile: keyFile ?? '/etc/corosync/authkey',
    key: keyFile === undefined ? (text(items, 'key') ?? null) : null,
    linkMode: (text(items, 'link_mode') ?? 'passive') as Totem['linkMode'],
    netmtu: number(items, 'netmtu', 0) || (transport === 'knet' ? 65_536 : 1500),
    tokenMs,
    tokenConfiguredMs,
    tokenCoefficientMs,
    tokenWarning: number(items, 'token_warning', 75),
    tokenRetransmitMs,
    tokenRetransmitsBeforeLoss,
    holdMs,
    joinMs,
    sendJoinMs: number(items, 'send_join', 0),
    consensusMs,
    mergeMs: number(items, 'merge', 0) || 200,
    downcheckMs: number(items, 'downcheck', 0) || 1000,
    failRecv: number(items, 'fail_recv_const', 0) || 2500,
    seqnoUnchanged: number(items, 'seqno_unchanged_const', 0) || 30,
    heartbeatFailuresAllowed: number(items, 'heartbeat_failures_allowed', 0),
    maxNetworkDelayMs: number(items, 'max_network_delay', 0) || 50,
    windowSize: number(items, 'window_size', 0) || 50,
    maxMessages: number(items, 'max_messages', 0) || 17,
    missCount: number(items, 'miss_count_const', 0) || 5,
    blockUnlistedIps: yes(items, 'block_unlisted_ips', true),
    interfaces: interfacesOf(reader, items, transport, nodes, tokenMs),
  };
}

function interfacesOf(
  reader: Reader,
  totem: readonly Item[],
  transport: Transport,
  nodes: readonly NodeEntry[],
  tokenMs: number,
): Interface[] {
  const written = new Map<number, Section>();
  for (const section of sections(totem, 'interface')) {
    const place = (setting(section.items, 'linknumber') ?? setting(section.items, 'ringnumber'))?.valuePlace;
    const link = number(section.items, 'linknumber', number(section.items, 'ringnumber', 0));
    const most = transport === 'knet' ? LINKS_MAX : 1;
    if (link >= most) {
      const message = `${transport} has ${most} link${most === 1 ? '' : 's'}, numbered from 0: there is no ${link}`;
      reader.report('error', 'invalid-value', place ?? section.place, message);
    }
    if (written.has(link)) {
      reader.report(
        'error',
        'duplicate',
        place ?? section.place,
        `there are two interfaces with number ${link}`,
      );
    }
    const broadcast = setting(section.items, 'broadcast');
    if (transport === 'udp' && broadcast?.value === 'yes' && setting(section.items, 'mcastaddr')) {
      reader.report('error', 'contradiction', broadcast.place, 'broadcast and mcastaddr exclude each other');
    }
    written.set(link, section);
  }
  const links = new Set([0, ...written.keys()]);
  for (const node of nodes) node.addresses.forEach((address, link) => void (address && links.add(link)));
  return [...links]
    .sort((a, b) => a - b)
    .map((linkNumber) => {
      const items = written.get(linkNumber)?.items ?? [];
      const pongs = number(items, 'knet_pong_count', 2);
      return {
        linkNumber,
        bindNetAddress: text(items, 'bindnetaddr') ?? null,
        broadcast: yes(items, 'broadcast', false),
        mcastAddress: text(items, 'mcastaddr') ?? null,
        mcastPort: number(items, 'mcastport', DEFAULT_PORT + linkNumber),
        ttl: number(items, 'ttl', 1),
        knetLinkPriority: number(items, 'knet_link_priority', 1),
        knetPingIntervalMs: number(items, 'knet_ping_interval', Math.trunc(tokenMs / (pongs * 2))),
        knetPingTimeoutMs: number(items, 'knet_ping_timeout', Math.trunc(tokenMs / pongs)),
        knetPongCount: pongs,
      };
    });
}

function quorumOf(reader: Reader, file: CorosyncFile, nodes: readonly NodeEntry[]): Quorum {
  const items = merged(file, 'quorum');
  const fromNodes = nodes.reduce((sum, node) => sum + node.votes, 0);
  const device = deviceOf(reader, sections(items, 'device')[0], nodes, fromNodes);
  const deviceVotes = device?.votes ?? 0;
  const provider = text(items, 'provider') === undefined ? null : 'corosync_votequorum';
  const expectedVotes = number(items, 'expected_votes', 0) || fromNodes + deviceVotes;
  if (provider && expectedVotes === 0) {
    const place = sections(file.items, 'quorum')[0]?.place;
    reader.report('error', 'missing-setting', place, 'quorum needs a nodelist or expected_votes');
  }
  if (expectedVotes < fromNodes && !flag(items, 'allow_downscale', false)) {
    const message = `expected_votes: ${expectedVotes} is less than the votes of the nodelist: both halves of a split can have quorum`;
    reader.report('warning', 'contradiction', setting(items, 'expected_votes')?.valuePlace, message);
  }
  const twoNode = setting(items, 'two_node');
  const wantsTwoNode = flag(items, 'two_node', false);
  if (wantsTwoNode && expectedVotes !== 2) {
    const message = `two_node is without effect: ${expectedVotes} votes are expected, not 2`;
    reader.report('warning', 'contradiction', twoNode?.place, message);
  }
  const lastManStanding = setting(items, 'last_man_standing');
  if (lastManStanding && flag(items, 'last_man_standing', false) && nodes.some((node) => node.votes !== 1)) {
    const message = 'last_man_standing needs one vote for each node';
    reader.report('error', 'contradiction', lastManStanding.place, message);
  }
  const tie = setting(items, 'auto_tie_breaker_node');
  let autoTieBreakerNode: Quorum['autoTieBreakerNode'] = 'lowest';
  if (tie?.value === 'highest') autoTieBreakerNode = 'highest';
  else if (tie && tie.value !== 'lowest') {
    const ids = tie.value.split(/\s+/);
    if (ids.every((id) => /^\d+$/.test(id) && nodes.some((node) => node.nodeId === Number(id)))) {
      autoTieBreakerNode = ids.map(Number);
    } else {
      const message = `auto_tie_breaker_node: '${tie.value}' is neither lowest, highest nor a list of node ids`;
      reader.report('error', 'invalid-value', tie.valuePlace, message);
    }
  }
  const autoTieBreaker = flag(items, 'auto_tie_breaker', false);
  if (tie && !autoTieBreaker) {
    const message = 'auto_tie_breaker_node is without effect where auto_tie_breaker is not 1';
    reader.report('warning', 'contradiction', tie.place, message);
  }
  if (wantsTwoNode && autoTieBreaker) {
    const message = 'two_node and auto_tie_breaker exclude each other: two_node is without effect';
    reader.report('warning', 'contradiction', twoNode?.place, message);
  }
  const effective = wantsTwoNode && expectedVotes === 2 && !autoTieBreaker;
  // votequorum_readconfig lets it follow two_node as written, even where that is then found to be without effect.
  const waitForAll = flag(items, 'wait_for_all', wantsTwoNode);
  const oddTieBreaker = autoTieBreaker && fromNodes % 2 === 1 && !waitForAll;
  if (oddTieBreaker && flag(items, 'last_man_standing', false)) {
    const message =
      'auto_tie_breaker and last_man_standing exclude each other where the votes are odd, unless wait_for_all is 1';
    reader.report('error', 'contradiction', lastManStanding?.place, message);
  } else if (oddTieBreaker) {
    const message = 'auto_tie_breaker is without effect where the votes are odd, unless wait_for_all is 1';
    reader.report('warning', 'contradiction', setting(items, 'auto_tie_breaker')?.place, message);
  }
  return {
    provider,
    expectedVotes,
    twoNode: effective,
    waitForAll,
    autoTieBreaker: autoTieBreaker && !oddTieBreaker,
    autoTieBreakerNode,
    lastManStanding: flag(items, 'last_man_standing', false),
    lastManStandingWindowMs: number(items, 'last_man_standing_window', 10_000),
    allowDownscale: flag(items, 'allow_downscale', false),
    expectedVotesTracking: flag(items, 'expected_votes_tracking', flag(items, 'allow_downscale', false)),
    device,
    yieldWhenIsolated: setting(items, 'yield_when_isolated') ? yes(items, 'yield_when_isolated', true) : null,
  };
}

const QNETD_PORT = 5403;

/** corosync-qdevice(8), "CONFIGURATION" and "MODEL NET ALGORITHMS". */
function deviceOf(
  reader: Reader,
  section: Section | undefined,
  nodes: readonly NodeEntry[],
  nodeVotes: number,
): QuorumDevice | null {
  if (!section) return null;
  const model = setting(section.items, 'model');
  if (!model) {
    reader.report('error', 'missing-setting', section.place, "a quorum device needs 'model: net'");
  } else if (model.value !== 'net') {
    reader.report('error', 'invalid-value', model.valuePlace, `model: '${model.value}' is not net`);
  }
  const device = { model: model?.value ?? '', votes: number(section.items, 'votes', nodeVotes - 1) };
  const netSection = sections(section.items, 'net')[0];
  const net = netSection?.items ?? [];
  const host = text(net, 'host');
  if (host === undefined) {
    const message = "a quorum device of model net needs 'net { host: ADDRESS }'";
    reader.report('error', 'missing-setting', netSection?.place ?? section.place, message);
    return { ...device, net: null };
  }
  const algorithm = setting(net, 'algorithm');
  if (algorithm && !['ffsplit', 'lms', '2nodelms', 'test'].includes(algorithm.value)) {
    const message = `algorithm: '${algorithm.value}' is neither ffsplit nor lms`;
    reader.report('error', 'invalid-value', algorithm.valuePlace, message);
  }
  const chosen = algorithm?.value === 'lms' || algorithm?.value === '2nodelms' ? 'lms' : 'ffsplit';
  if (chosen === 'ffsplit' && device.votes !== 1) {
    const message = `with ffsplit the device must have one vote, not ${device.votes}: set 'votes: 1'`;
    const place = (setting(section.items, 'votes') ?? algorithm)?.place ?? section.place;
    reader.report('error', 'contradiction', place, message);
  }
  if (chosen === 'lms' && device.votes !== nodeVotes - 1) {
    const message = `lms needs the default of ${nodeVotes - 1} votes for the device: leave 'votes' out`;
    reader.report('warning', 'contradiction', setting(section.items, 'votes')?.place, message);
  }
  const tie = setting(net, 'tie_breaker');
  let tieBreaker: 'lowest' | 'highest' | number = 'lowest';
  if (tie?.value === 'highest') tieBreaker = 'highest';
  else if (tie && tie.value !== 'lowest') {
    if (nodes.some((node) => String(node.nodeId) === tie.value)) tieBreaker = Number(tie.value);
    else {
      const message = `tie_breaker: '${tie.value}' is neither lowest, highest nor the id of a node`;
      reader.report('error', 'invalid-value', tie.valuePlace, message);
    }
  }
  const heuristics = sections(section.items, 'heuristics')[0];
  if (heuristics && (text(heuristics.items, 'mode') ?? 'off') !== 'off') {
    const message = 'heuristics are without effect here: the arbiter goes by who hears whom';
    reader.report('warning', 'contradiction', heuristics.place, message);
  }
  return {
    ...device,
    net: {
      host,
      port: number(net, 'port', QNETD_PORT),
      algorithm: chosen,
      tieBreaker,
      keepActivePartition: chosen === 'lms' || yes(net, 'keep_active_partition_tie_breaker', true),
    },
  };
}

function loggingOf(items: readonly Item[]): Logging {
  return {
    toStderr: yes(items, 'to_stderr', true),
    toSyslog: yes(items, 'to_syslog', true),
    toLogfile: yes(items, 'to_logfile', false),
    logfile: text(items, 'logfile') ?? null,
    timestamp: (text(items, 'timestamp') ?? 'hires') as Logging['timestamp'],
    debug: (text(items, 'debug') ?? 'off') as Logging['debug'],
  };
}
