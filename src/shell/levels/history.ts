import { type Command, command, level, many, oneOf, optional, word } from '../command.js';
import { node, resource } from '../completers.js';

type Work = typeof import('../history/commands.js');

function later(choose: (work: Work) => Command['run']): Command['run'] {
  return async (env, args) => choose(await import('../history/commands.js'))(env, args);
}

export const historyLevel = level('history', 'Cluster history', {
  help: `
What happened in the cluster, from what its nodes have recorded: who was lost when, what was decided, what was done and
how long each step took. Times may be typed as 14:30, "2026-11-20 14:30", 2h (two hours ago), or "yesterday".`,
  commands: [
    command('source', 'Set source to be examined', {
      args: [optional(word('FILE|live'))],
      skill: 'administrator',
      help: 'The running cluster (live), or a file that "session save" has written. Without argument: which it is.',
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
    command('transitions', 'List transitions', {
      skill: 'administrator',
      help: 'Each transition with the time it began, the node that drove it, and how long it took.',
      run: later((work) => work.transitions),
    }),
    command('transition', 'Show transition', {
      args: [optional(word('NUMBER'))],
      skill: 'administrator',
      help: 'What one transition did, the last one without a number: each action with its node, result and duration.',
      run: later((work) => work.transition),
    }),
    command('session', 'Manage history sessions', {
      args: [optional(oneOf('save', 'load', 'delete', 'list')), optional(word('NAME'))],
      skill: 'administrator',
      help: '    history session save outage\n    history session load outage\n    history session list',
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
