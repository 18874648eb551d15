import { readFileSync } from 'node:fs';
import { hostname, networkInterfaces } from 'node:os';
import { basename } from 'node:path';
import type { CorosyncFile } from '../../grammar/corosync/ast.js';
import { type CorosyncConfiguration, readConfiguration } from '../../grammar/corosync/configuration.js';
import { timingOf } from '../membership/config.js';
import type { MembershipConfig } from '../membership/types.js';
import type { AgentPlaces } from './places.js';

export interface AgentConfiguration {
  readonly file: CorosyncFile;
  readonly corosync: CorosyncConfiguration;
  readonly membership: MembershipConfig;
  readonly clusterKeys: readonly Buffer[];
  readonly nodeName: string;
  /** Own address and port of each link. */
  readonly links: readonly { readonly address: string; readonly port: number }[];
  readonly peers: readonly { readonly node: number; readonly addresses: readonly string[] }[];
  readonly warnings: readonly string[];
}

/** Something the operator has to put right before the agent can run; the message says what and where. */
export class ConfigurationError extends Error {}

const KEY_BYTES_MIN = 16;

/** Reads corosync.conf and authkey. @param nodeName which node of the list this is; default: found out */
export function readAgentConfiguration(places: AgentPlaces, nodeName?: string): AgentConfiguration {
  const text = read(places.corosyncConf, 'the description of the cluster');
  const { configuration, file, mistakes } = readConfiguration(text);
  const lines = mistakes.map(
    ({ place, message, severity }) =>
      `${places.corosyncConf}:${place.line}:${place.column}: ${severity}: ${message}`,
  );
  if (!configuration) throw new ConfigurationError(lines.join('\n'));
  const self = findSelf(configuration, places, nodeName);
  const clusterKeys = [readKey(places)];
  const usedLinks = self.addresses.map((_, link) => link).filter((link) => self.addresses[link] !== null);
  const addressesOf = (node: (typeof configuration.nodes)[number]) =>
    usedLinks.flatMap((link) => node.addresses[link] ?? []);
  const { totem, quorum } = configuration;
  const membership: MembershipConfig = {
    self: self.nodeId,
    nodes: configuration.nodes.map((node) => ({
      node: node.nodeId,
      name: node.name,
      addresses: addressesOf(node),
      votes: node.votes,
      arbiter: node.arbiter ?? false,
    })),
    timing: timingOf({
      tokenMs: totem.tokenMs,
      consensusMs: totem.consensusMs,
      joinMs: totem.joinMs,
    }),
    quorum: {
      expectedVotes: quorum.expectedVotes,
      twoNode: quorum.twoNode,
      waitForAll: quorum.waitForAll,
      autoTieBreaker: quorum.autoTieBreaker,
      autoTieBreakerNodes: quorum.autoTieBreakerNode,
      lastManStanding: quorum.lastManStanding,
      lastManStandingWindowMs: quorum.lastManStandingWindowMs,
      allowDownscale: quorum.allowDownscale,
    },
  };
  return {
    file,
    corosync: configuration,
    membership,
    clusterKeys,
    nodeName: self.name,
    links: usedLinks.map((link) => ({
      address: self.addresses[link]!,
      port: totem.interfaces.find((one) => one.linkNumber === link)?.mcastPort ?? 5405 + link,
    })),
    peers: configuration.nodes
      .filter((node) => node.nodeId !== self.nodeId)
      .map((node) => ({ node: node.nodeId, addresses: addressesOf(node) })),
    warnings: lines,
  };
}

function read(path: string, what: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigurationError(`${path}: ${what} cannot be read: ${(error as Error).message}`);
  }
}

function readKey(places: AgentPlaces): Buffer {
  let key: Buffer;
  try {
    key = readFileSync(places.authkey);
  } catch (error) {
    throw new ConfigurationError(
      `${places.authkey}: the cluster's key cannot be read: ${(error as Error).message}\nMake one with corosync-keygen and copy it to all nodes.`,
    );
  }
  if (key.length < KEY_BYTES_MIN) {
    throw new ConfigurationError(`${places.authkey}: a key of ${key.length} bytes is too short`);
  }
  return key;
}

/** Which node of the list we are: as told, by the root's name, by our addresses, or by the host's name. */
function findSelf(configuration: CorosyncConfiguration, places: AgentPlaces, nodeName: string | undefined) {
  const { nodes } = configuration;
  const names = nodes.map((node) => node.name).join(', ');
  if (nodeName !== undefined) {
    const named = nodes.find((node) => node.name === nodeName);
    if (named) return named;
    throw new ConfigurationError(
      `${places.corosyncConf}: there is no node '${nodeName}' (there are ${names})`,
    );
  }
  const byRoot = nodes.find((node) => places.root !== '' && node.name === basename(places.root));
  if (byRoot) return byRoot;
  const local = new Set(
    Object.values(networkInterfaces()).flatMap((one) => one?.map((entry) => entry.address) ?? []),
  );
  const byAddress = nodes.filter((node) =>
    node.addresses.some((address) => address !== null && local.has(address)),
  );
  if (byAddress.length === 1) return byAddress[0]!;
  const host = hostname();
  const byHost = nodes.find((node) => node.name === host || node.name === host.split('.')[0]);
  if (byHost) return byHost;
  throw new ConfigurationError(
    `${places.corosyncConf}: none of the nodes (${names}) is this host: no address of the list is configured here, and its name is ${host}`,
  );
}
