import { type Command, command, level, oneOf, optional, word } from '../command.js';
import { resource } from '../completers.js';

type Work = typeof import('../maintenance-commands.js');

function later(choose: (work: Work) => Command['run']): Command['run'] {
  return async (env, args) => choose(await import('../maintenance-commands.js'))(env, args);
}

export const maintenanceLevel = level(
  'maintenance',
  'Commands that should only be executed while in maintenance mode',
  {
    help: 'For work on services by hand while the cluster keeps its hands off.',
    commands: [
      command('on', 'Enable maintenance mode', {
        args: [optional(resource)],
        skill: 'administrator',
        waits: true,
        help: `
For the whole cluster (property maintenance-mode), or one resource: nothing is started, stopped or monitored.

    maintenance on
    maintenance on web`,
        run: later((work) => work.on),
      }),
      command('off', 'Disable maintenance mode', {
        args: [optional(resource)],
        skill: 'administrator',
        waits: true,
        help: '    maintenance off\n    maintenance off web',
        run: later((work) => work.off),
      }),
      command('action', 'Invoke a resource action', {
        args: [
          resource,
          oneOf('start', 'stop', 'monitor', 'promote', 'demote', 'notify', 'validate', 'meta-data'),
          optional(word('ssh')),
        ],
        skill: 'administrator',
        help: `
Runs the agent of a resource directly, on this node, with the configured parameters. Only in maintenance mode, unless
forced with -F.

    maintenance action web monitor`,
        run: later((work) => work.action),
      }),
    ],
  },
);
