import type { Surroundings, Tool } from '../../command-line/tool.js';
import type { Connection } from '../../connection/connection.js';
import { calendarTime } from '../../monitor/terms.js';
import type { ClusterState, MemberState } from '../../protocol/messages.js';
import { type CmapEntry, openLocalAgent, readCmap } from './cmapctl.js';
import { followState } from './follow-state.js';
import { parseShortOptions } from './short-options.js';

const USAGE = `usage: 
corosync-quorumtool <options>

  options:

  -s             show quorum status
  -m             constantly monitor quorum status
  -l             list nodes
  -a             show all names or addresses for each node
  -p             when used with -s or -l, generates machine parsable output
  -H             show nodeids in hexadecimal rather than decimal
  -i             show node IP addresses instead of the resolved name
  -o <a|n|i>     order by [a] IP address (default), [n] name, [i] nodeid
  -h             show this help text
  -V             show version and exit

`;

/** EXIT_NOT_QUORATE of corosync-quorumtool. */
const NOT_QUORATE = 2;

interface View {
  readonly state: ClusterState;
  readonly cmap: ReadonlyMap<string, CmapEntry>;
}

/** `corosync-quorumtool`: quorum and votes as the local node sees them; exit code 2 where there is no quorum. */
export const corosyncQuorumtool: Tool = async (surroundings) => {
  const { words, out, err } = surroundings;
  const parsed = parseShortOptions({ letters: 'VHaslpmfe:v:hin:o:' }, words);
  if (!parsed.ok || parsed.given.has('h')) {
    if (!parsed.ok) err(`corosync-quorumtool: ${parsed.message}\n`);
    out(USAGE);
    return parsed.ok ? 0 : 1;
  }
  const { given } = parsed;
  if (given.has('V')) {
    out('corosync-quorumtool version: 3.1.7\n');
    return 0;
  }
  if (given.has('e') || given.has('v') || given.has('f')) {
    err('Votes are changed in corosync.conf (nodelist, quorum_votes), then with corosync-cfgtool -R\n');
    return 1;
  }
  const order = given.get('o') ?? 'a';
  if (!'ani'.includes(order) || order === '') {
    err(`Invalid ordering option. valid orders are a(address), i(node ID) or n(name)\n`);
    return 1;
  }
  const connection = await openLocalAgent(surroundings, 'Cannot initialize CMAP service');
  if (!connection) return 1;
  try {
    if (given.has('m')) return await monitor(connection, given, surroundings);
    const view = await look(connection);
    if (typeof view === 'string') {
      err(`${view}\n`);
      return 1;
    }
    out(given.has('l') ? membershipText(view, given) : statusText(view, given, surroundings.nowMs));
    return given.has('l') || view.state.quorate ? 0 : NOT_QUORATE;
  } finally {
    await connection.close();
  }
};

async function look(connection: Connection): Promise<View | string> {
  const state = await connection.state();
  if (!state.ok) return state.error.message;
  const entries = await readCmap(connection);
  const list = typeof entries === 'string' ? [] : entries;
  return { state: state.value, cmap: new Map(list.map((entry) => [entry.key, entry])) };
}

async function monitor(
  connection: Connection,
  given: ReadonlyMap<string, string>,
  { out, err }: Surroundings,
): Promise<number> {
  const show = async (): Promise<void> => {
    const view = await look(connection);
    if (typeof view !== 'string') out(`${statusText(view, given, Date.now())}\n`);
  };
  return followState(connection, show, err, show());
}

const padded = (text: string): string => `${text.padStart(10)} `;

function nodeId(id: number, given: ReadonlyMap<string, string>): string {
  return given.has('H') ? `0x${id.toString(16).padStart(8, '0')}` : String(id);
}

function nameOf(member: MemberState, given: ReadonlyMap<string, string>): string {
  const names = given.has('i') ? [...member.addresses] : [member.name, ...member.addresses.slice(1)];
  return (given.has('a') ? names : names.slice(0, 1)).join(', ');
}

function membershipText({ state }: View, given: ReadonlyMap<string, string>): string {
  const members = state.members.filter((member) => member.online);
  const order = given.get('o') ?? 'a';
  if (order === 'n') members.sort((a, b) => (a.name < b.name ? -1 : 1));
  else members.sort((a, b) => a.nodeId - b.nodeId);
  const device = state.device ?? null;
  const column = device !== null || given.has('p');
  // Alive, casting its vote or not, master does not win; not registered.
  const flags = device ? (device.votesHere ? 'A,V,NMW' : 'A,NV,NMW') : 'NR';
  const head = `${padded('Nodeid')}${padded('Votes')}${column ? padded('Qdevice') : ''}Name\n`;
  const id = (number: number): string =>
    given.has('H') ? `${nodeId(number, given)} ` : padded(nodeId(number, given));
  const rows = members.map((member) => {
    const local = member.name === state.localNode ? ' (local)' : '';
    const votes = padded(String(member.votes));
    return `${id(member.nodeId)}${votes}${column ? padded(flags) : ''}${nameOf(member, given)}${local}\n`;
  });
  if (device) {
    const votes = device.votesHere ? device.votes : 0;
    const kept = device.votesHere ? '' : ` (votes ${device.votes})`;
    rows.push(`${id(0)}${padded(String(votes))}${padded('')}Qdevice${kept}\n`);
  }
  return `\nMembership information\n----------------------\n${head}${rows.join('')}`;
}

function statusText(view: View, given: ReadonlyMap<string, string>, nowMs: number): string {
  const { state, cmap } = view;
  const online = state.members.filter((member) => member.online);
  const local = state.members.find((member) => member.name === state.localNode);
  const lowest = Math.min(...online.map((member) => member.nodeId));
  const on = (key: string): boolean => Number(cmap.get(key)?.value ?? 0) !== 0;
  const flags = [
    on('runtime.votequorum.two_node') || (on('quorum.two_node') && state.votes.expected === 2)
      ? '2Node '
      : '',
    state.quorate ? 'Quorate ' : '',
    cmap.has('runtime.votequorum.wait_for_all_status') ||
    on('quorum.wait_for_all') ||
    (on('quorum.two_node') && !cmap.has('quorum.wait_for_all'))
      ? 'WaitForAll '
      : '',
    on('quorum.last_man_standing') ? 'LastManStanding ' : '',
    on('quorum.auto_tie_breaker') ? 'AutoTieBreaker ' : '',
    on('quorum.allow_downscale') ? 'AllowDownscale ' : '',
    state.device ? 'Qdevice ' : '',
  ];
  return [
    'Quorum information\n------------------\n',
    `Date:             ${calendarTime(nowMs)}\n`,
    `Quorum provider:  ${cmap.get('quorum.provider')?.value ?? 'corosync_votequorum'}\n`,
    `Nodes:            ${online.length}\n`,
    `Node ID:          ${nodeId(local?.nodeId ?? 0, given)}\n`,
    `Ring ID:          ${(Number.isFinite(lowest) ? lowest : 0).toString(16)}.${state.viewId.toString(16)}\n`,
    `Quorate:          ${state.quorate ? 'Yes' : 'No'}\n`,
    '\nVotequorum information\n----------------------\n',
    `Expected votes:   ${state.votes.expected}\n`,
    `Highest expected: ${state.votes.expected}\n`,
    `Total votes:      ${state.votes.total}\n`,
    `Quorum:           ${state.votes.quorum} ${state.quorate ? ' ' : 'Activity blocked'}\n`,
    `Flags:            ${flags.join('')}\n`,
    membershipText(view, given),
  ].join('');
}
