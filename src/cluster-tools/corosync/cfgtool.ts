import type { Surroundings, Tool } from '../../command-line/tool.js';
import type { Connection } from '../../connection/connection.js';
import type { ClusterState } from '../../protocol/messages.js';
import { remarkText } from '../../protocol/remarks.js';
import { openLocalAgent, readCmap } from './cmapctl.js';
import { parseShortOptions } from './short-options.js';

const USAGE = `corosync-cfgtool [[-i <interface ip>] [-b] -s] [-R] [-L] [-k nodeid] [-a nodeid] [-h] [-H]

A tool for displaying and configuring active parameters within corosync.
options:
	-i	Finds only information about the specified interface IP address or link id when used with -s..
	-s	Displays the status of the current links on this node.
	-n	Displays the status of the connected nodes and their links.
	-b	Displays the brief status of the current links on this node when used with -s.
	-R	Tell all instances of corosync in this cluster to reload corosync.conf.
	-L	Tell corosync to reopen all logging files.
	-k	Kill a node identified by node id.
	-a	Display the IP address(es) of a node
	-h	Print basic usage.
	-H	Shutdown corosync cleanly on this node.
		--force will shut down corosync regardless of daemon vetos
`;
/** At least one of these says what is to be done; the others only how. */
const ACTIONS = ['s', 'n', 'R', 'L', 'k', 'a', 'H'];

/** Larger messages go over the streams, whatever the network could carry. */
const DATAGRAM_MTU = 1200;

/** `corosync-cfgtool`: the links between the nodes as the local one sees them. */
export const corosyncCfgtool: Tool = async (surroundings) => {
  const { words, out, err } = surroundings;
  const parsed = parseShortOptions({ letters: 'i:snbRLk:a:hHF', long: { force: 'F' } }, words);
  if (!parsed.ok) {
    err(`corosync-cfgtool: ${parsed.message}\n`);
    return 1;
  }
  const { given } = parsed;
  if (given.has('h') || !ACTIONS.some((letter) => given.has(letter))) {
    out(USAGE);
    return 0;
  }
  if (given.has('k')) {
    err("-k has no counterpart in this agent: a node is stopped with 'crm cluster stop', or fenced\n");
    return 1;
  }
  const wanted = given.get('a');
  if (wanted !== undefined && !/^[1-9]\d*$/.test(wanted)) {
    err('The nodeid was not valid, try a positive number\n');
    return 1;
  }
  const connection = await openLocalAgent(
    surroundings,
    'Could not initialize corosync configuration API error 2',
  );
  if (!connection) return 1;
  try {
    if (given.has('H')) {
      out('Shutting down corosync\n');
      const stopped = await connection.call('agent.stop', given.has('F') ? { immediate: true } : {});
      if (!stopped.ok) err(`Could not shutdown: ${stopped.error.message}\n`);
      return stopped.ok ? 0 : 1;
    }
    // Each line of the log is written by the file's name: there is nothing to reopen.
    if (given.has('L')) return 0;
    if (given.has('R')) return await reload(connection, surroundings);
    const answer = await connection.state();
    if (!answer.ok) {
      err(`${answer.error.message}\n`);
      return 1;
    }
    const state = answer.value;
    if (wanted !== undefined) return showAddresses(state, wanted, surroundings);
    const entries = await readCmap(connection, 'totem.transport');
    const transport =
      typeof entries === 'string'
        ? 'knet'
        : (entries.find(({ key }) => key === 'totem.transport')?.value ?? 'knet');
    const local = state.members.find((member) => member.name === state.localNode);
    out(`Local node ID ${local?.nodeId ?? 0}, transport ${transport}\n`);
    out(given.has('n') ? nodesText(state, transport) : linksText(state, transport, given));
    return 0;
  } finally {
    await connection.close();
  }
};

/** Every member of the cluster reads its own corosync.conf and keys. */
async function reload(connection: Connection, { out, err }: Surroundings): Promise<number> {
  out('Reloading corosync.conf...\n');
  const answer = await connection.call('cluster.reload', {});
  if (!answer.ok) {
    err(`Could not reload configuration. Error ${answer.error.message}\n`);
    return 1;
  }
  const { complaints } = answer.value;
  for (const { node, message } of complaints) err(`${node}: ${message}\n`);
  if (complaints.length > 0) return 1;
  out('Done\n');
  const said = await connection.call('cluster.remarks', {});
  if (said.ok)
    for (const remark of said.value.remarks) err(`warning: ${remarkText(said.value.file, remark)}\n`);
  return 0;
}

function showAddresses(state: ClusterState, wanted: string, { out, err }: Surroundings): number {
  const member = state.members.find((each) => String(each.nodeId) === wanted);
  if (!member) {
    err(`Could not get node address for nodeid ${wanted}\n`);
    return 1;
  }
  out(`${member.addresses.join(' ')}\n`);
  return 0;
}

/** Links that the local node has, by number. */
function links(state: ClusterState): number[] {
  const local = state.members.find((member) => member.name === state.localNode);
  return [...(local?.addresses ?? []).keys()];
}

const byId = (state: ClusterState) => state.members.toSorted((a, b) => a.nodeId - b.nodeId);

function linksText(state: ClusterState, transport: string, given: ReadonlyMap<string, string>): string {
  const local = state.members.find((member) => member.name === state.localNode);
  const only = given.get('i');
  let text = '';
  for (const link of links(state)) {
    const address = local!.addresses[link]!;
    if (only !== undefined && only !== address && only !== String(link)) continue;
    text += `LINK ID ${link} ${transport === 'knet' ? 'udp' : ''}\n\taddr\t= ${address}\n`;
    const connected = byId(state).map((member) => ({
      member,
      up: member.online && (member.linkLatencyMs[link] ?? null) !== null,
    }));
    if (given.has('b')) {
      const status = connected.map(({ member, up }) => (member === local ? 'n' : up ? '3' : '1'));
      text += `\tstatus\t= ${status.join('')}\n`;
      continue;
    }
    text += '\tstatus:\n';
    for (const { member, up } of connected) {
      const word = member === local ? 'localhost' : up ? 'connected' : 'disconnected';
      text += `\t\tnodeid: ${String(member.nodeId).padStart(10)}:\t${word}\n`;
    }
  }
  return text;
}

function nodesText(state: ClusterState, transport: string): string {
  const local = state.members.find((member) => member.name === state.localNode);
  let text = '';
  for (const member of byId(state)) {
    if (member === local || !member.online) continue;
    text += `nodeid: ${member.nodeId} reachable\n`;
    for (const link of links(state)) {
      const up = (member.linkLatencyMs[link] ?? null) !== null;
      const arrow = transport === 'knet' ? '->' : '';
      const words = `${up ? ' enabled connected' : ' enabled'}${transport === 'knet' ? ` mtu: ${DATAGRAM_MTU}` : ''}`;
      text += `   LINK: ${link} ${transport === 'knet' ? 'udp' : ''} (${local?.addresses[link] ?? ''}${arrow}${member.addresses[link] ?? ''})${words}\n`;
    }
    text += '\n';
  }
  return text;
}
