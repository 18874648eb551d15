import { type Command, type Completer, command, level, optional, word } from '../command.js';

type Work = typeof import('../ra-commands.js');

function later(choose: (work: Work) => Command['run']): Command['run'] {
  return async (env, args) => choose(await import('../ra-commands.js'))(env, args);
}

const agent: Completer = async (request) => (await import('../ra-commands.js')).completeAgent(request);
const classes: Completer = async (request) => (await import('../ra-commands.js')).completeClass(request);
const providers: Completer = async (request) => (await import('../ra-commands.js')).completeProvider(request);

export const raLevel = level('ra', 'Resource Agents (RA) lists and documentation', {
  help: 'What can be run in the cluster: agents by class and provider, with their documentation.',
  commands: [
    command('classes', 'List classes and providers', {
      help: 'One class a line; behind ocf its providers.',
      run: later((work) => work.classes),
    }),
    command('providers', 'Show providers for a RA and a class', {
      args: [word('TYPE'), optional({ label: 'CLASS', complete: classes })],
      skill: 'administrator',
      help: '    ra providers Dummy',
      run: later((work) => work.providers),
    }),
    command('list', 'List RA for a class (and provider)', {
      args: [{ label: 'CLASS', complete: classes }, optional({ label: 'PROVIDER', complete: providers })],
      skill: 'administrator',
      help: '    ra list ocf pacemaker\n    ra list stonith',
      run: later((work) => work.list),
    }),
    command('info', 'Show meta data for a RA', {
      aliases: ['meta'],
      args: [
        { label: '[CLASS:[PROVIDER:]]TYPE', complete: agent },
        optional(word('CLASS')),
        optional(word('PROVIDER')),
      ],
      skill: 'administrator',
      help: `
What the agent is for, its parameters with type, default and meaning, and the timeouts that it advises.

    ra info IPaddr2
    ra info stonith:fence_virsh`,
      run: later((work) => work.info),
    }),
    command('validate', 'Validate parameters for RA', {
      args: [
        { label: '[CLASS:[PROVIDER:]]TYPE', complete: agent },
        { label: 'PARAM=VALUE', optional: true, repeated: true },
      ],
      skill: 'administrator',
      help: 'Lets the agent check parameters.\n\n    ra validate IPaddr2 ip=10.0.0.9',
      run: later((work) => work.validate),
    }),
  ],
});
