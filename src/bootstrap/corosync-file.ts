import { isIP } from 'node:net';
import { type CorosyncFile, type Item, type Section, sections, setting } from '../../grammar/corosync/ast.js';

/** A node as corosync.conf's nodelist has it. */
export interface NewNode {
  readonly name: string;
  /** One address for each link. */
  readonly addresses: readonly string[];
}

export interface NewCluster {
  readonly clusterName: string;
  readonly transport: 'udpu' | 'knet';
  readonly nodes: readonly NewNode[];
  /** UDP port of link 0. */
  readonly port?: number;
}

const DEFAULT_PORT = 5405;

const set = (key: string, value: string | number): Item => ({ kind: 'setting', key, value: String(value) });
const within = (name: string, ...items: Item[]): Section => ({ kind: 'section', name, items });
const blank: Item = { kind: 'blank' };

function nodeSection(node: NewNode, nodeId: number): Section {
  return within(
    'node',
    ...node.addresses.map((address, link) => set(`ring${link}_addr`, address)),
    set('name', node.name),
    set('nodeid', nodeId),
  );
}

/** A corosync.conf for a new cluster. */
export function newCorosyncFile(cluster: NewCluster): CorosyncFile {
  const { nodes, transport } = cluster;
  const port = cluster.port ?? DEFAULT_PORT;
  const crypto = transport === 'knet' ? [set('crypto_cipher', 'aes256'), set('crypto_hash', 'sha256')] : [];
  const interfaces =
    port === DEFAULT_PORT ? [] : [within('interface', set('linknumber', 0), set('mcastport', port))];
  return {
    items: [
      within(
        'totem',
        set('version', 2),
        set('cluster_name', cluster.clusterName),
        set('transport', transport),
        ...crypto,
        ...interfaces,
      ),
      blank,
      within('quorum', set('provider', 'corosync_votequorum'), ...twoNode(nodes.length)),
      blank,
      within('nodelist', ...nodes.map((node, index) => nodeSection(node, index + 1))),
      blank,
      within(
        'logging',
        set('to_logfile', 'yes'),
        set('logfile', '/var/log/corosync/corosync.log'),
        set('to_syslog', 'yes'),
        set('timestamp', 'on'),
      ),
    ],
  };
}

function twoNode(count: number): Item[] {
  return count === 2 ? [set('two_node', 1)] : [];
}

/** Adds a node with the lowest free id, and keeps `two_node` right. Everything else stays as it is. */
export function addNode(file: CorosyncFile, node: NewNode): number {
  let list = sections(file.items, 'nodelist')[0];
  if (!list) {
    list = within('nodelist');
    file.items.push(blank, list);
  }
  const used = new Set(
    sections(list.items, 'node').map((each) => Number(setting(each.items, 'nodeid')?.value)),
  );
  let nodeId = 1;
  while (used.has(nodeId)) nodeId++;
  list.items.push(nodeSection(node, nodeId));
  adjustTwoNode(file);
  return nodeId;
}

/** Removes the node of that name; false where there is none. */
export function removeNode(file: CorosyncFile, name: string): boolean {
  for (const list of sections(file.items, 'nodelist')) {
    const found = sections(list.items, 'node').find((each) => setting(each.items, 'name')?.value === name);
    if (!found) continue;
    list.items.splice(list.items.indexOf(found), 1);
    adjustTwoNode(file);
    return true;
  }
  return false;
}

/** `two_node: 1` for two nodes, and not for any other number. */
function adjustTwoNode(file: CorosyncFile): void {
  const count = sections(file.items, 'nodelist').flatMap((list) => sections(list.items, 'node')).length;
  const quorum = sections(file.items, 'quorum')[0];
  if (!quorum) return;
  const present = setting(quorum.items, 'two_node');
  if (count === 2 && !present) quorum.items.push(set('two_node', 1));
  else if (present) present.value = count === 2 ? '1' : '0';
}

/** The first of a machine's addresses (`ip -o addr` style words) that others can reach it by. */
export function usableAddress(addresses: readonly string[]): string | undefined {
  const plain = addresses.map((address) => address.replace(/\/\d+$/, ''));
  const usable = plain.filter(
    (address) => isIP(address) !== 0 && !/^(127\.|::1$|fe80:|169\.254\.)/i.test(address),
  );
  return usable.find((address) => isIP(address) === 4) ?? usable[0];
}
