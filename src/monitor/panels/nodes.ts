import type { ClusterState, MemberState, NodeLoad } from '../../protocol/messages.js';
import type { ClusterNode, ClusterStatus } from '../../status/types.js';
import { nodeHealth, nodeState } from '../node-text.js';
import { type Cell, type Column, cell, type PanelContent, type Row, type Tone } from './table.js';

const columns: readonly Column[] = [
  { title: 'node', min: 10, grow: 3 },
  { title: 'state', min: 10, grow: 2 },
  { title: 'rsc', min: 3, grow: 0, align: 'right' },
];
const loadColumn: Column = { title: 'load', min: 4, grow: 0, align: 'right' };
/** Only an agent tells of votes and links. */
const memberColumns: readonly Column[] = [
  { title: 'v', min: 1, grow: 0, align: 'right' },
  { title: 'links', min: 9, grow: 1 },
];

function mark(node: ClusterNode): { symbol: string; tone: Tone } {
  if (node.unclean) return { symbol: '✖', tone: 'bad' };
  if (node.pending) return { symbol: '◌', tone: 'busy' };
  if (!node.online) return { symbol: '○', tone: 'bad' };
  if (node.standby || node.standbyOnFail || node.maintenance) return { symbol: '◐', tone: 'warning' };
  return { symbol: '●', tone: 'good' };
}

function stateCell(status: ClusterStatus, node: ClusterNode, tone: Tone): Cell {
  const health = nodeHealth(status, node);
  const words = [nodeState(node)];
  if (node.isDc) words.push('DC');
  if (node.shutdown && node.online) words.push('stopping');
  if (health !== 'green') words.push(`health ${health}`);
  return cell(words.join(' '), health === 'red' ? 'bad' : health === 'yellow' ? 'warning' : tone);
}

/** `1.2ms` on each link; `down` where nothing is heard, `here` for the node that is asked. */
function links(member: MemberState | undefined, local: boolean): Cell {
  if (!member || member.linkLatencyMs.length === 0) return cell('');
  if (local) return cell('here', 'faint');
  const lost = member.linkLatencyMs.some((latency) => latency === null);
  const text = member.linkLatencyMs
    .map((latency) =>
      latency === null ? 'down' : `${latency < 10 ? latency.toFixed(1) : Math.round(latency)}ms`,
    )
    .join(' ');
  return cell(text, lost ? (member.online ? 'warning' : 'bad') : 'plain');
}

/** Processes that want to run; a warning where they are more than the processors, bad where twice as many. */
function loadCell(load: NodeLoad | undefined): Cell {
  if (!load) return cell('');
  const share = load.load / load.processors;
  return cell(load.load.toFixed(1), share >= 2 ? 'bad' : share >= 1 ? 'warning' : 'plain');
}

function nodeRow(
  status: ClusterStatus,
  state: ClusterState | undefined,
  loads: readonly NodeLoad[] | undefined,
  node: ClusterNode,
): Row {
  const member = state?.members.find((one) => one.name === node.name);
  const { symbol, tone } = mark(node);
  const kind = node.isGuest ? ' (guest)' : node.isRemote ? ' (remote)' : '';
  return {
    key: `node ${node.id}`,
    subject: { kind: 'node', name: node.name },
    cells: [
      cell(`${symbol} ${node.name}${kind}`, tone),
      stateCell(status, node, tone),
      cell(String(node.running.length)),
      ...(loads ? [loadCell(loads.find((one) => one.node === node.name))] : []),
      ...(state
        ? [cell(member ? String(member.votes) : ''), links(member, state.localNode === node.name)]
        : []),
    ],
  };
}

/** Trouble first when sorted by state, else by name. */
export function nodesPanel(
  status: ClusterStatus,
  state: ClusterState | undefined,
  byState: boolean,
  loads?: readonly NodeLoad[],
): PanelContent {
  const rank = (node: ClusterNode) => ['bad', 'busy', 'warning', 'good'].indexOf(mark(node).tone);
  const nodes = byState ? status.nodes.toSorted((a, b) => rank(a) - rank(b)) : status.nodes;
  const online = status.nodes.filter((node) => node.online).length;
  return {
    title: `Nodes ${online}/${status.nodes.length}`,
    columns: [...columns, ...(loads ? [loadColumn] : []), ...(state ? memberColumns : [])],
    rows: nodes.map((node) => nodeRow(status, state, loads, node)),
    empty: 'No nodes',
  };
}
