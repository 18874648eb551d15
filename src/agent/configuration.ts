import { existsSync, readFileSync } from 'node:fs';
import { hostname, networkInterfaces } from 'node:os';
import { basename } from 'node:path';
import { type CorosyncFile, type Setting, sections } from '../../grammar/corosync/ast.js';
import {
  type CorosyncConfiguration,
  type Quorum,
  readConfiguration,
} from '../../grammar/corosync/configuration.js';
import { timingOf, timingRemarks } from '../membership/timing.js';
import type { MembershipConfig, QuorumOptions } from '../membership/types.js';
import type { ConfigurationRemark } from '../protocol/messages.js';
import type { AgentPlaces } from './places.js';

export interface AgentConfiguration {
  /** Of corosync.conf. */
  readonly path: string;
  readonly file: CorosyncFile;
  readonly corosync: CorosyncConfiguration;
  readonly membership: MembershipConfig;
  readonly clusterKeys: readonly Buffer[];
  readonly nodeName: string;
  /** This agent votes and holds no resources. */
  readonly isArbiter: boolean;
  /** Own address and port of each link. */
  readonly links: readonly Endpoint[];
  readonly peers: readonly Peer[];
  /** What is wrong with corosync.conf, or without effect here. */
  readonly remarks: readonly ConfigurationRemark[];
}

export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** Another node, with its end of each link that this one has. */
export interface Peer {
  readonly node: number;
  readonly links: readonly Endpoint[];
}

/** The arbiter of `quorum.device` has no id there; this one it has among the members. Tools show Corosync's: 0. */
export const DEVICE_NODE = 0xffffffff;

export interface ReadOptions {
  /** Which node of the list this is; default: found out. */
  readonly nodeName?: string;
  /** This is the host of `quorum.device`, or a node that the list calls an arbiter. */
  readonly arbiter?: boolean;
}

/** Something the operator has to put right before the agent can run; the message says what and where. */
export class ConfigurationError extends Error {}

const KEY_BYTES_MIN = 16;

/** A node of the list, or the arbiter of `quorum.device`. */
interface Participant {
  readonly nodeId: number;
  readonly name: string;
  readonly links: readonly Endpoint[];
  readonly votes: number;
  readonly arbiter: boolean;
}

/** Reads corosync.conf and authkey. */
export function readAgentConfiguration(places: AgentPlaces, options: ReadOptions = {}): AgentConfiguration {
  const text = read(places.corosyncConf, 'the description of the cluster');
  const { configuration, file, mistakes } = readConfiguration(text);
  if (!configuration) {
    const lines = mistakes.map(
      ({ place, message, severity }) =>
        `${places.corosyncConf}:${place.line}:${place.column}: ${severity}: ${message}`,
    );
    throw new ConfigurationError(lines.join('\n'));
  }
  const { totem, quorum } = configuration;
  const participants = participantsOf(configuration);
  const self = findSelf(configuration, participants, places, options);
  const clusterKeys = readKeys(places);
  const { tokenMs, consensusMs, joinMs } = totem;
  const times = { tokenMs, consensusMs, joinMs, written: writtenTotem(file) };
  const membership: MembershipConfig = {
    self: self.nodeId,
    nodes: participants.map((node) => ({
      node: node.nodeId,
      name: node.name,
      addresses: node.links.map((link) => link.address),
      votes: node.votes,
      arbiter: node.arbiter,
    })),
    timing: timingOf(times),
    quorum: quorumOptionsOf(quorum),
  };
  return {
    path: places.corosyncConf,
    file,
    corosync: configuration,
    membership,
    clusterKeys,
    nodeName: self.name,
    isArbiter: self.arbiter,
    links: self.links,
    peers: participants
      .filter((node) => node.nodeId !== self.nodeId)
      .map((node) => ({ node: node.nodeId, links: node.links.slice(0, self.links.length) })),
    remarks: [
      ...mistakes.map(({ place: { line, column }, message }) => ({ line, column, message })),
      ...timingRemarks(times).map(({ setting, text }) => ({ ...placeIn(file, setting), message: text })),
    ],
  };
}

export function quorumOptionsOf(quorum: Quorum): QuorumOptions {
  return {
    expectedVotes: quorum.expectedVotes,
    twoNode: quorum.twoNode,
    waitForAll: quorum.waitForAll,
    autoTieBreaker: quorum.autoTieBreaker,
    autoTieBreakerNodes: quorum.autoTieBreakerNode,
    lastManStanding: quorum.lastManStanding,
    lastManStandingWindowMs: quorum.lastManStandingWindowMs,
    allowDownscale: quorum.allowDownscale,
    ...(quorum.device?.net ? { arbiter: quorum.device.net } : {}),
  };
}

/** The settings of the totem section, and behind them those of its interfaces. */
function totemSettings(file: CorosyncFile): Setting[] {
  const totem = sections(file.items, 'totem').flatMap((section) => section.items);
  const all = [...totem, ...sections(totem, 'interface').flatMap((section) => section.items)];
  return all.filter((item) => item.kind === 'setting');
}

/** The numbers that they set, by name; of several interfaces the least, as all are used. */
export function writtenTotem(file: CorosyncFile): ReadonlyMap<string, number> {
  const written = new Map<string, number>();
  for (const { key, value: text } of totemSettings(file)) {
    const value = Number(text);
    const others = written.get(key);
    if (!Number.isNaN(value)) written.set(key, others === undefined ? value : Math.min(others, value));
  }
  return written;
}

function placeIn(file: CorosyncFile, key: string): { line: number; column: number } {
  const { line, column } = totemSettings(file).find((one) => one.key === key)!.place!;
  return { line, column };
}

/**
 * Reads both files anew for a node that runs: what it is to go by from now on, or what is wrong, and then everything stays
 * as it was.
 */
export function rereadConfiguration(
  places: AgentPlaces,
  before: AgentConfiguration,
): AgentConfiguration | string {
  let next: AgentConfiguration;
  try {
    next = readAgentConfiguration(places, { nodeName: before.nodeName, arbiter: before.isArbiter });
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return error.message;
  }
  const moved =
    next.membership.self !== before.membership.self ||
    JSON.stringify(next.links) !== JSON.stringify(before.links);
  if (!moved) return next;
  return `${places.corosyncConf}: the id or an address of ${before.nodeName} itself has changed: restart its agent`;
}

/** The nodes of the list and, behind them, the arbiter of `quorum.device`. */
function participantsOf(configuration: CorosyncConfiguration): Participant[] {
  const { nodes, quorum, totem } = configuration;
  // All nodes have the same links (a mistake otherwise), though not always the first ones.
  const used = (nodes[0]?.addresses ?? []).flatMap((address, link) => (address === null ? [] : [link]));
  const portOf = (link: number) =>
    totem.interfaces.find((one) => one.linkNumber === link)?.mcastPort ?? 5405 + link;
  const participants: Participant[] = nodes.map((node) => ({
    nodeId: node.nodeId,
    name: node.name,
    links: used.map((link) => ({ address: node.addresses[link] ?? '', port: portOf(link) })),
    votes: node.votes,
    arbiter: node.arbiter ?? false,
  }));
  const { device } = quorum;
  if (device?.net) {
    const { host, port } = device.net;
    const link = { address: host, port };
    participants.push({
      nodeId: DEVICE_NODE,
      name: host,
      links: [link],
      votes: device.votes,
      arbiter: true,
    });
  }
  return participants;
}

function read(path: string, what: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigurationError(`${path}: ${what} cannot be read: ${(error as Error).message}`);
  }
}

/** The key in force first, then those that are understood besides (docs/cluster-key.md). */
function readKeys(places: AgentPlaces): Buffer[] {
  const others = [places.nextAuthkey, places.formerAuthkey].filter((path) => existsSync(path));
  return [places.authkey, ...others].map(readKey);
}

function readKey(path: string): Buffer {
  let key: Buffer;
  try {
    key = readFileSync(path);
  } catch (error) {
    throw new ConfigurationError(
      `${path}: the cluster's key cannot be read: ${(error as Error).message}\nMake one with corosync-keygen and copy it to all nodes.`,
    );
  }
  if (key.length < KEY_BYTES_MIN) {
    throw new ConfigurationError(`${path}: a key of ${key.length} bytes is too short`);
  }
  return key;
}

/** Which of them we are: as told, by the root's name, by our addresses, or by the host's name. */
function findSelf(
  configuration: CorosyncConfiguration,
  participants: readonly Participant[],
  places: AgentPlaces,
  { nodeName, arbiter }: ReadOptions,
): Participant {
  const at = places.corosyncConf;
  const device = participants.find((one) => one.nodeId === DEVICE_NODE);
  const listed = participants.filter((one) => one !== device && (!arbiter || one.arbiter));
  if (arbiter && !device && listed.length === 0) {
    throw new ConfigurationError(
      `${at}: there is no arbiter: neither 'quorum { device { model: net  net { host: ADDRESS } } }' nor a node with 'arbiter: yes'`,
    );
  }
  const names = listed.map((one) => one.name).join(', ');
  if (nodeName !== undefined) {
    const named = participants.find((one) => one.name === nodeName && (one !== device || arbiter));
    if (named) return named;
    throw new ConfigurationError(`${at}: there is no node '${nodeName}' (there are ${names})`);
  }
  const byRoot = listed.find((one) => places.root !== '' && one.name === basename(places.root));
  if (byRoot) return byRoot;
  const local = new Set(
    Object.values(networkInterfaces()).flatMap((one) => one?.map((entry) => entry.address) ?? []),
  );
  const isHere = (one: Participant) => one.links.some(({ address }) => local.has(address));
  const byAddress = listed.filter(isHere);
  if (byAddress.length === 1) return byAddress[0]!;
  const host = hostname();
  const byHost = listed.find((one) => one.name === host || one.name === host.split('.')[0]);
  if (byHost) return byHost;
  if (device && arbiter) return device;
  if (device && (isHere(device) || device.name === host)) {
    throw new ConfigurationError(
      `${at}: this host is the cluster's quorum device (${configuration.quorum.device?.net?.host}): start it with 'quorated --arbiter'`,
    );
  }
  throw new ConfigurationError(
    `${at}: none of the nodes (${names}) is this host: no address of the list is configured here, and its name is ${host}`,
  );
}
