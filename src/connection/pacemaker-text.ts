/** What Pacemaker's and Corosync's own tools print, read. */
import { parseXml } from '../cib/xml.js';
import type { ClusterState, FencingHistoryEntry, MemberState, Methods } from '../protocol/messages.js';

/** `stonith_admin --history --output-as=xml`. */
export function readFencing(text: string): FencingHistoryEntry[] {
  return [...parseXml(text).descendants()]
    .filter((element) => element.name === 'fence_event')
    .map((event) => {
      const completed = Date.parse(event.get('completed') ?? '');
      const state = event.get('status');
      return {
        target: event.get('target') ?? '',
        action: event.get('action') ?? '',
        origin: event.get('origin') ?? '',
        delegate: event.get('delegate') ?? null,
        client: event.get('client') ?? '',
        state: state === 'success' || state === 'pending' ? state : 'failed',
        completedAtMs: Number.isNaN(completed) ? null : completed,
        reason: event.get('exit-reason') ?? null,
      };
    });
}

/** `attrd_updater -Q`: a line for each node that has the attribute. */
export function readAttributes(text: string): Methods['attribute.query']['result']['attributes'] {
  return [...text.matchAll(/^name="(.*)" host="(.*)" value="(.*)"$/gm)].map((match) => ({
    name: match[1]!,
    node: match[2]!,
    value: match[3]!,
  }));
}

export function readCmap(text: string): Methods['cluster.cmap']['result']['entries'] {
  return [...text.matchAll(/^(\S+) \((\w+)\) = (.*)$/gm)].map((match) => ({
    key: match[1]!,
    type: match[2]!,
    value: match[3]!,
  }));
}

export function readCleaned(text: string): { resource: string; node: string }[] {
  return [...text.matchAll(/^Cleaned up (\S+) on (\S+)$/gm)].map((match) => ({
    resource: match[1]!,
    node: match[2]!,
  }));
}

/** crm_mon's XML, corosync-quorumtool's text and the cmap, in this order, with `--` between. */
export function readState(text: string, localNode: string): ClusterState {
  const [monitor = '', quorum = '', map = ''] = text.split('\n--\n');
  const report = parseXml(monitor.slice(monitor.indexOf('<')));
  const cmap = new Map(readCmap(map).map((entry) => [entry.key, entry.value]));
  const number = (label: string): number =>
    Number(new RegExp(`^${label}:\\s+(\\d+)`, 'm').exec(quorum)?.[1] ?? 0);
  const addresses = new Map<string, string[]>();
  for (const [key, value] of cmap) {
    const found = /^nodelist\.node\.(\d+)\.ring(\d+)_addr$/.exec(key);
    const id = found && cmap.get(`nodelist.node.${found[1]}.nodeid`);
    if (!found || id === undefined || id === null) continue;
    const list = addresses.get(id) ?? [];
    list[Number(found[2])] = value;
    addresses.set(id, list);
  }
  const dc = report.at('summary', 'current_dc');
  const members = (report.first('nodes')?.elements('node') ?? [])
    .filter((node) => node.get('type') !== 'remote')
    .map((node): MemberState => {
      const list = addresses.get(node.id) ?? [];
      return {
        nodeId: Number(node.id),
        name: node.get('name') ?? node.id,
        online: node.get('online') === 'true',
        votes: 1,
        addresses: list,
        linkLatencyMs: list.map(() => null),
        version: null,
      };
    });
  const online = members.filter((member) => member.online).length;
  const expected = number('Expected votes') || members.length;
  return {
    clusterName: cmap.get('totem.cluster_name') ?? '',
    localNode,
    dc: dc?.get('present') === 'true' ? (dc.get('name') ?? null) : null,
    quorate: dc?.get('with_quorum') === 'true' || /^Quorate:\s+Yes/m.test(quorum),
    viewId: Number.parseInt(/^Ring ID:\s+[0-9a-f]+\.([0-9a-f]+)/m.exec(quorum)?.[1] ?? '0', 16),
    votes: {
      expected,
      total: number('Total votes') || online,
      quorum: number('Quorum') || Math.floor(expected / 2) + 1,
    },
    members,
    transition: null,
  };
}
