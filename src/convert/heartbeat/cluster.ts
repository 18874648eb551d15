import type { CorosyncFile, Item, Section } from '../../../grammar/corosync/ast.js';
import type { HaCf, Medium } from '../../../grammar/heartbeat/ast.js';
import type { InterfaceAddress, MachineFacts, Note } from './types.js';

const DEFAULT_PORT = 5405;
/** Corosync knows as many links as this. */
const LINKS_MAX = 8;

const set = (key: string, value: string | number): Item => ({ kind: 'setting', key, value: String(value) });
const within = (name: string, ...items: Item[]): Section => ({ kind: 'section', name, items });
const blank: Item = { kind: 'blank' };

export interface ClusterPart {
  readonly corosync: CorosyncFile;
  readonly nodes: readonly { readonly name: string; readonly addresses: readonly string[] }[];
  readonly notes: readonly Note[];
  readonly obstacles: readonly string[];
}

/** The nodes, the links between them, the times and the log: corosync.conf from ha.cf. */
export function convertCluster(
  haCf: HaCf,
  names: readonly string[],
  facts: MachineFacts,
  name: string,
): ClusterPart {
  const { nodes, notes, obstacles } = findLinks(haCf, names, facts);
  const { deadtimeMs } = haCf.timing;
  const port = haCf.udpPort ?? DEFAULT_PORT;
  const interfaces =
    haCf.udpPort === undefined
      ? []
      : (nodes[0]?.addresses ?? []).map((_, link) =>
          within('interface', set('linknumber', link), set('mcastport', port + link)),
        );
  const twoNodes = names.length === 2 ? [set('two_node', 1), set('wait_for_all', 0)] : [];
  return {
    corosync: {
      items: [
        within(
          'totem',
          set('version', 2),
          set('cluster_name', name),
          set('transport', 'knet'),
          set('crypto_cipher', 'aes256'),
          set('crypto_hash', 'sha256'),
          ...(deadtimeMs === undefined ? [] : [set('token', deadtimeMs)]),
          ...interfaces,
        ),
        blank,
        within('quorum', set('provider', 'corosync_votequorum'), ...twoNodes),
        blank,
        within(
          'nodelist',
          ...nodes.map((node, index) =>
            within(
              'node',
              ...node.addresses.map((address, link) => set(`ring${link}_addr`, address)),
              set('name', node.name),
              set('nodeid', index + 1),
            ),
          ),
        ),
        blank,
        within('logging', ...logging(haCf)),
      ],
    },
    nodes,
    notes,
    obstacles,
  };
}

function logging(haCf: HaCf): Item[] {
  const { logFile, logFacility } = haCf;
  const syslog = logFacility === 'none' ? 'no' : 'yes';
  return [
    ...(logFile === undefined
      ? [set('to_logfile', 'no')]
      : [set('to_logfile', 'yes'), set('logfile', logFile)]),
    set('to_syslog', syslog),
    ...(logFacility === undefined || logFacility === 'none' ? [] : [set('syslog_facility', logFacility)]),
    ...(haCf.debugLevel > 0 ? [set('debug', 'on')] : []),
    set('timestamp', 'on'),
  ];
}

/** Whether two IPv4 addresses are in one network of this size. */
export function sameNetwork(a: string, b: string, prefix: number): boolean {
  const bits = (text: string) =>
    text
      .split('.')
      .map((part) => Number(part).toString(2).padStart(8, '0'))
      .join('');
  return /^[\d.]+$/.test(a) && /^[\d.]+$/.test(b) && bits(a).slice(0, prefix) === bits(b).slice(0, prefix);
}

/** The addresses of each node, one for each network that ha.cf has the nodes talk over. */
function findLinks(
  haCf: HaCf,
  names: readonly string[],
  facts: MachineFacts,
): Pick<ClusterPart, 'nodes' | 'notes' | 'obstacles'> {
  const notes: Note[] = [];
  const obstacles: string[] = [];
  const media = haCf.media.filter(
    (medium): medium is Exclude<Medium, { kind: 'serial' }> => medium.kind !== 'serial',
  );
  const devices = [...new Set(media.map((medium) => medium.device))];
  const links: (readonly string[])[] = [];
  for (const device of devices) {
    const listed = media.flatMap((medium) =>
      medium.kind === 'ucast' && medium.device === device ? [medium.address] : [],
    );
    const found = addressesOn(device, listed, names, facts);
    const lost = names.filter((_, index) => found[index] === undefined);
    if (lost.length === 0) links.push(found as string[]);
    else {
      notes.push({
        outcome: 'todo',
        what: `${media.find((medium) => medium.device === device)!.kind} ${device}`,
        text: `the address of ${lost.join(' and ')} on ${device} is not known, so this is no link yet; add ringN_addr to the nodes of corosync.conf`,
      });
    }
  }
  if (links.length === 0) {
    const byName = names.map((name) => facts.resolved.get(name.toLowerCase())?.[0]);
    for (const [index, name] of names.entries()) {
      if (byName[index] === undefined) {
        obstacles.push(
          `the address of node ${name} is not known: put it into /etc/hosts, or write 'ucast DEVICE ADDRESS' into ha.cf`,
        );
      }
    }
    if (obstacles.length === 0) {
      links.push(byName as string[]);
      // The one network is found after all.
      if (devices.length === 1) notes.length = 0;
      notes.push({
        outcome: 'changed',
        what: 'node',
        text: 'the nodes talk over the addresses that their names resolve to',
      });
    }
  }
  for (const extra of links.splice(LINKS_MAX)) {
    notes.push({
      outcome: 'todo',
      what: extra.join(' - '),
      text: `more than ${LINKS_MAX} links are not possible`,
    });
  }
  return {
    nodes: names.map((name, index) => ({ name, addresses: links.map((link) => link[index]!) })),
    notes,
    obstacles,
  };
}

/** A node's address on a device, for each node; undefined where nothing tells it. */
function addressesOn(
  device: string,
  listed: readonly string[],
  names: readonly string[],
  facts: MachineFacts,
): (string | undefined)[] {
  const interfacesOf = (name: string): readonly InterfaceAddress[] =>
    facts.interfaces.get(name.toLowerCase()) ?? [];
  const resolvedOf = (name: string): readonly string[] => facts.resolved.get(name.toLowerCase()) ?? [];
  const found = names.map((name): string | undefined => {
    const own = interfacesOf(name);
    // What the machine says of itself, then what a ucast line and its name agree upon.
    const here = own.filter((each) => each.device === device).map(({ address }) => address);
    return (
      listed.find((address) => own.some((each) => each.address === address)) ??
      here.find((address) => !address.includes(':')) ??
      here[0] ??
      listed.find((address) => resolvedOf(name).includes(address))
    );
  });
  const left = listed.filter((address) => !found.includes(address));
  const unknown = found.flatMap((address, index) => (address === undefined ? [index] : []));
  // On two machines each has the other's address in its file; or both lines are in both.
  if (unknown.length === 1 && left.length === 1) found[unknown[0]!] = left[0];
  const known = names.flatMap((name, index) =>
    interfacesOf(name).filter((each) => each.address === found[index]),
  )[0];
  return found.map((address, index) => {
    if (address !== undefined || !known) return address;
    return resolvedOf(names[index]!).find((other) => sameNetwork(other, known.address, known.prefix));
  });
}
