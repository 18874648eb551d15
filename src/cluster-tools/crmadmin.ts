import type { Element } from '../cib/element.js';
import { EXIT } from '../command-line/exit-codes.js';
import { helpText, type OptionTable } from '../command-line/options.js';
import { element } from '../command-line/output.js';
import { exitOf, resultText } from '../command-line/result-codes.js';
import { type Report, type Surroundings, ToolFailure, toolWith } from '../command-line/tool.js';
import type { ClusterState } from '../protocol/messages.js';
import { type CibAccess, openCib, worksOnFile } from './access.js';

const table: OptionTable = {
  name: 'crmadmin',
  summary: "crmadmin - ask about the cluster's controllers and nodes",
  formats: ['xml'],
  groups: [
    {
      name: 'command',
      title: 'Commands:',
      help: 'Show command options',
      options: [
        { long: 'status', short: 'S', value: 'NODE', help: "State of a node's controller" },
        { long: 'pacemakerd', short: 'P', help: 'State of the cluster software on this node' },
        { long: 'dc_lookup', short: 'D', help: 'Name of the node that coordinates the cluster' },
        {
          long: 'nodes',
          short: 'N',
          value: 'TYPE',
          optional: true,
          help: 'All nodes, or those of these types: all, cluster, guest, remote (comma-separated)',
        },
      ],
    },
    {
      name: 'additional',
      title: 'Additional Options:',
      help: 'Show additional options',
      options: [
        {
          long: 'timeout',
          short: 't',
          value: 'TIMESPEC',
          help: 'How long to wait for an answer',
          check: timeSpecification,
        },
        { long: 'bash-export', short: 'B', help: 'Show nodes as "export NAME=ID" (with -N)' },
        { long: 'ipc-name', short: 'i', value: 'NAME', help: 'Name to be known by (with -P)' },
        { long: 'health', short: 'H', hidden: true, help: '' },
      ],
    },
  ],
  options: [{ long: 'quiet', short: 'q', help: 'Show only what was asked for' }],
};

const TIME = /^\s*(\d+\s*(ms|msec|us|usec|s|sec|m|min|h|hr)?|P.+)\s*$/i;

function timeSpecification(value: string, option: string): string | undefined {
  return TIME.test(value) ? undefined : `Error parsing option ${option}`;
}

const COMMANDS: readonly string[] = ['status', 'pacemakerd', 'dc_lookup', 'nodes'];

/** Works as `crmadmin` of Pacemaker 2.1.5 does. */
export const crmadmin = toolWith(table, async (given, report, surroundings) => {
  const command = given.occurrences.findLast(({ option }) => COMMANDS.includes(option))?.option;
  if (!command || (given.has('bash-export') && command !== 'nodes')) {
    const health = given.has('health') ? 'Cluster-wide health option not supported\n' : '';
    const why = command ? '--bash-export needs --nodes' : 'Must specify a command option';
    throw new ToolFailure(EXIT.USAGE, `${health}error: ${why}\n${helpText(table, [])}`.trimEnd(), false);
  }
  const refused = (what: string, failure: Parameters<typeof exitOf>[0], message: string | undefined) => {
    const why = message ?? resultText(failure);
    return new ToolFailure(
      exitOf(failure),
      `error: Could not connect to ${what}: ${why}\nerror: Command failed: ${resultText(failure)}`,
      false,
    );
  };
  if (command !== 'nodes' && worksOnFile(surroundings)) {
    throw refused(command === 'pacemakerd' ? 'launcher' : 'controller', 'ECONNREFUSED', undefined);
  }
  const opened = await openCib(surroundings);
  if (!opened.ok) throw refused('controller', opened.failure, opened.message);
  const access = opened.value;
  try {
    if (command === 'nodes') await listNodes(access, given.value('nodes'), given.has('bash-export'), report);
    else {
      const state = await access.call('cluster.state', {});
      if (!state.ok) throw refused('controller', state.failure, state.message);
      showState(command, state.value, given.value('status'), report, surroundings);
    }
  } finally {
    await access.close();
  }
  return EXIT.OK;
});

interface ListedNode {
  readonly type: 'cluster' | 'guest' | 'remote';
  readonly name: string;
  readonly id: string;
}

/** Cluster nodes, then guests, then remote ones. */
function nodesOf(cib: Element): ListedNode[] {
  const listed: ListedNode[] = [];
  for (const node of cib.at('configuration', 'nodes')?.elements('node') ?? []) {
    if (node.get('type') === 'remote') continue;
    listed.push({ type: 'cluster', name: node.get('uname') ?? node.id, id: node.id });
  }
  const remotes: ListedNode[] = [];
  for (const primitive of cib.at('configuration', 'resources')?.descendants() ?? []) {
    if (primitive.name !== 'primitive') continue;
    if (primitive.get('provider') === 'pacemaker' && primitive.get('type') === 'remote') {
      remotes.push({ type: 'remote', name: primitive.id, id: primitive.id });
    }
    for (const set of primitive.elements('meta_attributes')) {
      for (const pair of set.elements('nvpair')) {
        const name = pair.get('name') === 'remote-node' ? pair.get('value') : undefined;
        if (name !== undefined) listed.push({ type: 'guest', name, id: name });
      }
    }
  }
  return [...listed, ...remotes];
}

async function listNodes(
  access: CibAccess,
  types: string | undefined,
  asExports: boolean,
  report: Report,
): Promise<void> {
  const read = await access.read();
  if (!read.ok) {
    throw new ToolFailure(exitOf(read.failure), `error: Command failed: ${resultText(read.failure)}`, false);
  }
  const wanted = types?.toLowerCase().split(',') ?? ['all'];
  const nodes = nodesOf(read.value).filter(({ type }) => wanted.includes('all') || wanted.includes(type));
  if (nodes.length === 0) {
    report.info('No nodes configured');
    report.xml(element('nodes', {}));
    return;
  }
  for (const { type, name, id } of nodes) {
    if (report.quiet) report.line(name);
    else report.line(asExports ? `export ${name}=${id}` : `${type} node: ${name} (${id})`);
  }
  report.xml(
    element(
      'nodes',
      {},
      nodes.map(({ type, name, id }) => element('node', { type, name, id })),
    ),
  );
}

function showState(
  command: string,
  state: ClusterState,
  node: string | undefined,
  report: Report,
  surroundings: Surroundings,
): void {
  if (command === 'dc_lookup') {
    const dc = state.dc ?? '';
    if (report.quiet) report.line(dc);
    else report.line(`Designated Controller is: ${state.dc ?? 'not yet elected'}`);
    report.xml(element('dc', { node_name: dc }));
    return;
  }
  if (command === 'pacemakerd') {
    const updated = new Date(surroundings.nowMs + surroundings.zoneOffset * 1000);
    const when = `${updated.toISOString().slice(0, 10)} ${updated.toISOString().slice(11, 19)}`;
    if (report.quiet) report.line('running');
    else report.line(`Status of pacemakerd: 'Pacemaker is running' (last updated ${when})`);
    report.xml(
      element('pacemakerd', {
        sys_from: 'pacemakerd',
        state: 'running',
        last_updated: String(Math.floor(surroundings.nowMs / 1000)),
      }),
    );
    return;
  }
  const member = state.members.find(({ name }) => name.toLowerCase() === node!.toLowerCase());
  if (!member?.online) {
    throw new ToolFailure(exitOf('ENXIO'), `error: Command failed: ${resultText('ENXIO')}`, false);
  }
  let phase = 'S_NOT_DC';
  if (state.dc === member.name) phase = state.transition ? 'S_TRANSITION_ENGINE' : 'S_IDLE';
  else if (state.dc === null) phase = 'S_PENDING';
  if (report.quiet) report.line(phase);
  else report.line(`Controller on ${member.name} in state ${phase}: ok`);
  report.xml(element('crmd', { node_name: member.name, state: phase, result: 'ok' }));
}
