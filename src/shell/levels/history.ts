import { type Argument, type Command, command, level, many, oneOf, optional, word } from '../command.js';
import { node, resource } from '../completers.js';

type Work = typeof import('../history/commands.js');

function later(choose: (work: Work) => Command['run']): Command['run'] {
  return async (env, args) => choose(await import('../history/commands.js'))(env, args);
}

const input: Argument = {
  label: 'PE',
  complete: async (request) => (await import('../history/completion.js')).completeInput(request),
};

export const historyLevel = level('history', 'Cluster history', {
  help: `
What happened in the cluster, from what its nodes have recorded: who was lost when, what was decided, what was done and
how long each step took. Times may be typed as 14:30, "2026-11-20 14:30", 2h (two hours ago), or "yesterday".`,
  commands: [
    command('source', 'Set source to be examined', {
      args: [optional(word('FILE|DIR|live'))],
      skill: 'administrator',
      help: 'The running cluster (live), or what "crm report" or "session pack" has written. Without argument: which it is.',
      run: later((work) => work.source),
    }),
    command('limit', 'Limit timeframe to be examined', {
      aliases: ['timeframe'],
      args: [optional(word('FROM')), optional(word('TO'))],
      skill: 'administrator',
      help: '    history limit 2h\n    history limit "2026-11-20 14:00" "2026-11-20 15:00"\n    history limit',
      run: later((work) => work.limit),
    }),
    command('setnodes', 'Set the list of cluster nodes', {
      args: [many(node)],
      skill: 'administrator',
      help: 'Only what these nodes have recorded is shown.',
      run: later((work) => work.setNodes),
    }),
    command('info', 'Cluster information summary', {
      skill: 'administrator',
      help: 'Source, period, nodes, resources and how many events and transitions there are.',
      run: later((work) => work.info),
    }),
    command('latest', 'Show latest news from the cluster', {
      skill: 'administrator',
      help: 'Waits until the cluster is idle, then shows the events of the last transition.',
      run: later((work) => work.latest),
    }),
    command('resource', 'Resource events', {
      args: [many(resource)],
      skill: 'administrator',
      help: 'Events of these resources; members of groups and clones count. A regular expression is taken as well.',
      run: later((work) => work.resource),
    }),
    command('node', 'Node events', {
      args: [many(node)],
      skill: 'administrator',
      waits: true,
      help: 'Events about these nodes: joined, lost, fenced, standby, ...',
      run: later((work) => work.node),
    }),
    command('log', 'Log content', {
      args: [optional(many(node))],
      skill: 'administrator',
      help: 'Everything that was recorded, of these nodes or all, in order of time.',
      run: later((work) => work.log),
    }),
    command('events', 'Show events in log', {
      skill: 'administrator',
      help: 'The key events: membership, quorum, DC, fencing, failed operations.',
      run: later((work) => work.events),
    }),
    command('exclude', 'Exclude log messages', {
      args: [optional(word('REGEX|clear'))],
      skill: 'administrator',
      help: 'Leaves out what matches; without argument shows what is left out.',
      run: later((work) => work.exclude),
    }),
    command('detail', 'Set the level of detail shown', {
      args: [oneOf('0', '1')],
      skill: 'administrator',
      help: '1 also shows the data of each event.',
      run: later((work) => work.detail),
    }),
    command('failover', 'Failovers in plain words', {
      args: [optional(word('list|NUMBER'))],
      skill: 'administrator',
      help: `
What the last failover was, or the one of that number: what was seen, agreed, decided and done, on which node, when and
how long each took. A failover begins with a node that is lost or stopped, or with an operation that fails.

    history failover
    history failover list
    history failover 2`,
      run: later((work) => work.failover),
    }),
    command('peinputs', 'List or get PE input files', {
      args: [optional(many(word('NUMBER|FROM:TO|v')))],
      skill: 'administrator',
      help: `
What the scheduler was given for each transition, as the nodes keep it (cluster options pe-input-series-max,
pe-warn-series-max, pe-error-series-max); "v" adds the times.

    history peinputs
    history peinputs 12 15:20 v`,
      run: later((work) => work.peinputs),
    }),
    command('transitions', 'List transitions', {
      skill: 'administrator',
      help: 'Each transition with its time, the name of its input, the node that drove it, and what it touched.',
      run: later((work) => work.transitions),
    }),
    command('transition', 'Show transition', {
      args: [
        optional({ ...input, label: 'PE|show|log|tags|save|graph' }),
        optional(many({ ...input, label: 'PE|OPTION' })),
      ],
      skill: 'administrator',
      help: `
Why a transition began, what was decided, what was done with its duration, and how it ended. PE is the number of a kept
input, an index from the last (0, -1, ...), or a name or a part of it; without one it is the last.

    history transition [PE] [scores] [utilization] [v]
    history transition log PE            what was recorded
    history transition tags PE           resources and nodes that it touched
    history transition save PE [NAME]    its input as a shadow CIB
    history transition graph PE          its graph for Graphviz (also: showdot)`,
      run: later((work) => work.transition),
    }),
    command('show', 'Show status or configuration of the PE input file', {
      args: [input, optional(oneOf('status'))],
      skill: 'administrator',
      help: 'The configuration that the scheduler was given, or with "status" the state.\n\n    history show 12\n    history show live status',
      run: later((work) => work.show),
    }),
    command('graph', 'Generate a directed graph from the PE file', {
      args: [input, optional(oneOf('dot')), optional(word('FILE')), optional(word('FORMAT'))],
      skill: 'administrator',
      help: 'As configure graph, of the configuration that the scheduler was given.\n\n    history graph 12 dot cluster.png png',
      run: later((work) => work.graph),
    }),
    command('diff', 'CIB states/transitions diff', {
      args: [input, input, optional(many(oneOf('status', 'html')))],
      skill: 'administrator',
      help: `
How the configuration (or with "status" the state) of two transitions differs; "live" is the cluster's present one.

    history diff 12 live
    history diff -1 0 status`,
      run: later((work) => work.diff),
    }),
    command('wdiff', 'CIB states/transitions diff', {
      args: [input, input, optional(oneOf('status'))],
      skill: 'administrator',
      help: 'As diff, word by word: [-removed-] {+added+}.',
      run: later((work) => work.wdiff),
    }),
    command('session', 'Manage history sessions', {
      args: [optional(oneOf('save', 'load', 'delete', 'pack', 'update', 'list')), optional(word('NAME'))],
      skill: 'administrator',
      help: `
Keeps what is looked at (events and scheduler inputs of the period) under a name; "pack" makes an archive of it that
"history source" reads on any machine, "update" saves it again from the running cluster.

    history session save outage
    history session load outage
    history session pack outage
    history session list`,
      run: later((work) => work.session),
    }),
    command('refresh', 'Refresh live report', {
      args: [optional(oneOf('force'))],
      skill: 'administrator',
      help: 'Asks the nodes again.',
      run: later((work) => work.refresh),
    }),
  ],
});
