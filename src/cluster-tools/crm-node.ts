import { Element } from '../cib/element.js';
import { EXIT } from '../command-line/exit-codes.js';
import { helpText, type OptionTable, wholeNumber } from '../command-line/options.js';
import { exitOf, resultText } from '../command-line/result-codes.js';
import { ToolFailure, toolWith } from '../command-line/tool.js';
import type { CibAccess } from './access.js';
import { openAgent } from './agent-access.js';

const table: OptionTable = {
  name: 'crm_node',
  summary: 'crm_node - show what the cluster calls its nodes',
  groups: [
    {
      name: 'commands',
      title: 'Commands:',
      help: 'Show command help',
      options: [
        { long: 'cluster-id', short: 'i', help: "This node's number" },
        { long: 'list', short: 'l', help: 'All known nodes, past and present' },
        { long: 'name', short: 'n', help: "This node's name" },
        { long: 'partition', short: 'p', help: 'Members of this partition' },
        { long: 'quorum', short: 'q', help: '1 if this partition has quorum, else 0' },
        {
          long: 'name-for-id',
          short: 'N',
          value: 'ID',
          check: wholeNumber,
          help: "A node's name by its number",
        },
        {
          long: 'remove',
          short: 'R',
          value: 'NAME',
          help: '(Advanced) Forget a node that has left the cluster for good (needs --force)',
        },
      ],
    },
    {
      name: 'additional',
      title: 'Additional Options:',
      help: 'Show additional options',
      options: [{ long: 'force', short: 'f', help: 'Do it in spite of the danger' }],
    },
  ],
  options: [{ long: 'quiet', short: 'Q', help: 'Say less' }],
};

const COMMANDS: readonly string[] = [
  'cluster-id',
  'list',
  'name',
  'partition',
  'quorum',
  'name-for-id',
  'remove',
];

/** Works as `crm_node` of Pacemaker 2.1.5 does. */
export const crmNode = toolWith(table, async (given, report, surroundings) => {
  const chosen = given.occurrences.findLast(({ option }) => COMMANDS.includes(option));
  if (!chosen) {
    surroundings.err(helpText(table, []));
    throw new ToolFailure(EXIT.USAGE);
  }
  const { option: command, value } = chosen;
  if (command === 'remove' && !given.has('force')) {
    throw new ToolFailure(
      EXIT.USAGE,
      'The supplied command is considered dangerous.  To prevent accidental destruction of the cluster, ' +
        'the --force flag is required in order to proceed.',
      false,
    );
  }
  const opened = await openAgent(surroundings);
  if (!opened.ok) {
    const why = opened.message ?? resultText(opened.failure);
    throw new ToolFailure(exitOf(opened.failure), `error: Could not connect to controller: ${why}`, false);
  }
  const access = opened.value;
  try {
    const asked = await access.call('cluster.state', {});
    if (!asked.ok) {
      const why = asked.message ?? resultText(asked.failure);
      throw new ToolFailure(exitOf(asked.failure), `error: Could not connect to controller: ${why}`, false);
    }
    const state = asked.value;
    const local = state.members.find(({ name }) => name === state.localNode);
    switch (command) {
      case 'name':
        report.line(state.localNode);
        break;
      case 'cluster-id':
        if (!local) throw new ToolFailure(EXIT.NOSUCH, 'Node is not known to cluster', false);
        report.line(String(local.nodeId));
        break;
      case 'partition':
        report.line(
          state.members
            .filter(({ online }) => online)
            .map(({ name }) => `${name} `)
            .join(''),
        );
        break;
      case 'quorum':
        report.line(state.quorate ? '1' : '0');
        break;
      case 'list':
        for (const { nodeId, name, online } of state.members) {
          report.line(`${nodeId} ${name} ${online ? 'member' : 'lost'}`);
        }
        break;
      case 'name-for-id': {
        const found = state.members.find(({ nodeId }) => nodeId === Number(value));
        if (!found) throw new ToolFailure(EXIT.NOSUCH, 'Node is not known to cluster', false);
        report.line(found.name);
        break;
      }
      default:
        if (state.members.some(({ name, online }) => online && name === value)) {
          throw new ToolFailure(EXIT.UNSAFE, `error: ${value} is an active member of the cluster`, false);
        }
        await forget(access, value!);
    }
  } finally {
    await access.close();
  }
  return EXIT.OK;
});

async function forget(access: CibAccess, name: string): Promise<void> {
  for (const [scope, tag] of [
    ['nodes', 'node'],
    ['status', 'node_state'],
  ] as const) {
    const input = new Element(tag, { uname: name });
    const result = await access.perform({ operation: 'delete', scope, input });
    if (!result.ok && result.failure !== 'ENXIO') {
      const why = resultText(result.failure);
      throw new ToolFailure(
        exitOf(result.failure),
        `error: Could not purge node ${name} from the CIB: ${why}`,
        false,
      );
    }
  }
}
