import {
  type Command,
  type CommandStatus,
  command,
  type Environment,
  level,
  many,
  oneOf,
  optional,
  word,
} from '../command.js';
import { attributeOf, node, primitive, promotableResource, resource } from '../completers.js';

type Work = typeof import('../resource-commands.js');

/** A command whose work is loaded when it runs. */
function later(choose: (work: Work) => Command['run']): Command['run'] {
  return async (env: Environment, args: readonly string[]): Promise<CommandStatus> =>
    choose(await import('../resource-commands.js'))(env, args);
}

const lifetime = { ...word('LIFETIME'), optional: true };
const force = optional(oneOf('force'));
const verb = oneOf('set', 'delete', 'show');

export const resourceLevel = level('resource', 'Resource management', {
  help: `
At this level resources are looked at, switched on and off, moved, and cleaned up. Where a command takes resources it
also takes shell patterns (web*) and tags.`,
  commands: [
    command('status', 'Show status of resources', {
      aliases: ['show', 'list'],
      args: [optional(many(resource))],
      help: `
Without arguments all resources as the cluster has them; with resources, on which nodes each runs.

    resource status
    resource status vip web`,
      run: later((work) => work.status),
    }),
    command('locate', 'Show the location of resources', {
      args: [many(resource)],
      help: 'On which nodes each resource runs.',
      run: later((work) => work.status),
    }),
    command('start', 'Start resources', {
      args: [optional(many(resource))],
      waits: true,
      help: `
Sets the meta attribute target-role to Started, where the resource has it or in all its meta sets. For a resource within
a clone the clone is meant; copies in the clone's children are removed. Members of a group that have their own
target-role are asked about (see "options manage-children").

    resource start web
    crm -w resource start web db`,
      run: later((work) => work.start),
    }),
    command('stop', 'Stop resources', {
      args: [optional(many(resource))],
      waits: true,
      help: `
Sets the meta attribute target-role to Stopped; otherwise as "start".

    resource stop web`,
      run: later((work) => work.stop),
    }),
    command('restart', 'Restart resources', {
      args: [many(resource)],
      waits: true,
      help: `
Stops the resources, waits until the cluster has settled, and starts them again.

    resource restart web`,
      run: later((work) => work.restart),
    }),
    command('promote', 'Promote a promotable resource', {
      args: [promotableResource],
      waits: true,
      help: 'Sets target-role to the promoted role of a promotable clone.\n\n    resource promote db-clone',
      run: later((work) => work.promote),
    }),
    command('demote', 'Demote a promotable resource', {
      args: [promotableResource],
      waits: true,
      help: 'Sets target-role to the unpromoted role of a promotable clone.\n\n    resource demote db-clone',
      run: later((work) => work.demote),
    }),
    command('manage', 'Put a resource into managed mode', {
      args: [resource],
      help: 'Sets the meta attribute is-managed to true: the cluster starts and stops the resource again.',
      run: later((work) => work.manage),
    }),
    command('unmanage', 'Put a resource into unmanaged mode', {
      args: [resource],
      help: `
Sets the meta attribute is-managed to false: the cluster neither starts nor stops the resource, but goes on monitoring.`,
      run: later((work) => work.unmanage),
    }),
    command('maintenance', 'Enable/disable per-resource maintenance mode', {
      args: [resource, optional(oneOf('on', 'off', 'true', 'false'))],
      waits: true,
      help: `
In maintenance the cluster neither starts, stops nor monitors the resource. Without on or off: on.

    resource maintenance web on`,
      run: later((work) => work.maintenance),
    }),
    command('move', 'Move a resource to another node', {
      aliases: ['migrate'],
      args: [resource, optional(node), lifetime, force],
      skill: 'administrator',
      waits: true,
      help: `
Makes a constraint (cli-prefer-RSC) that the resource runs on the node; it stays until "clear" or until the lifetime
ends (see "help Lifetime"). Without a node, and with force, the node it runs on is banned.

    resource move web n2
    resource move web n2 PT1H`,
      run: later((work) => work.move),
    }),
    command('ban', 'Ban a resource from a node', {
      args: [resource, optional(node), lifetime, force],
      skill: 'administrator',
      waits: true,
      help: `
Makes a constraint (cli-ban-RSC-on-NODE) that keeps the resource off the node, by default the node it runs on.

    resource ban web n1`,
      run: later((work) => work.ban),
    }),
    command('clear', 'Clear any relocation constraint', {
      aliases: ['unmove', 'unmigrate', 'unban'],
      args: [resource],
      skill: 'administrator',
      waits: true,
      help: 'Removes what "move" and "ban" left behind.\n\n    resource clear web',
      run: later((work) => work.clear),
    }),
    command('cleanup', 'Cleanup resource status', {
      args: [optional(resource), optional(node), force],
      skill: 'administrator',
      waits: true,
      help: `
Forgets the failures of a resource (of all resources without one) and finds out anew how it is, so that the cluster may
try again what failed.

    resource cleanup web
    resource cleanup web n1`,
      run: later((work) => work.cleanup),
    }),
    command('refresh', 'Recheck current resource status and drop failure history', {
      aliases: ['reprobe'],
      args: [optional(resource), optional(node), force],
      help: 'Forgets the whole history of a resource, failed or not, and probes it on every node.',
      run: later((work) => work.refresh),
    }),
    command('operations', 'Show active resource operations', {
      args: [optional(resource), optional(node)],
      waits: true,
      help: 'The operations in the history, of one resource and node where given.',
      run: later((work) => work.operations),
    }),
    command('constraints', 'Show constraints affecting a resource', {
      args: [resource],
      waits: true,
      help: 'Locations and colocations in which the resource takes part.',
      run: later((work) => work.constraints),
    }),
    command('failcount', 'Manage failcounts', {
      args: [
        resource,
        verb,
        node,
        optional(word('VALUE')),
        optional(word('OPERATION')),
        optional(word('INTERVAL')),
      ],
      waits: true,
      help: `
    resource failcount web show n1
    resource failcount web delete n1
    resource failcount web set n1 0 monitor 10`,
      run: later((work) => work.failcount),
    }),
    command('meta', 'Manage a meta attribute', {
      args: [resource, verb, attributeOf('meta_attributes'), optional(word('VALUE'))],
      skill: 'administrator',
      waits: true,
      help: `
    resource meta web show target-role
    resource meta web set priority 10
    resource meta web delete priority`,
      run: later((work) => work.meta),
    }),
    command('param', 'Manage a parameter of a resource', {
      args: [resource, verb, attributeOf('instance_attributes'), optional(word('VALUE'))],
      skill: 'administrator',
      waits: true,
      help: `
    resource param vip show ip
    resource param vip set ip 10.0.0.9`,
      run: later((work) => work.param),
    }),
    command('utilization', 'Manage a utilization attribute', {
      args: [resource, verb, attributeOf('utilization'), optional(word('VALUE'))],
      skill: 'administrator',
      waits: true,
      help: `
    resource utilization db set memory 4096
    resource utilization db show memory`,
      run: later((work) => work.utilization),
    }),
    command('secret', 'Manage sensitive parameters', {
      args: [
        resource,
        oneOf('set', 'stash', 'unstash', 'delete', 'show', 'check'),
        attributeOf('instance_attributes'),
        optional(word('VALUE')),
      ],
      skill: 'administrator',
      help: `
Keeps a parameter's value out of the CIB, in files that only root can read on each node. "stash" moves a value there,
"unstash" back.

    resource secret db set password s3cr3t
    resource secret db show password`,
      run: async (env, args) => (await import('../secret.js')).secret(env, args),
    }),
    command('scores', 'Display resource scores', {
      help: 'The score of every resource on every node, as the scheduler has computed it.',
      run: later((work) => work.scores),
    }),
    command('trace', 'Start RA tracing', {
      args: [primitive, optional(word('OPERATION')), optional(word('INTERVAL')), optional(word('LOG-DIR'))],
      help: `
Lets the agent of a resource write what it does (for one operation, or all) to files on the node.

    resource trace web monitor 10
    resource trace web start /tmp/traces`,
      run: later((work) => work.trace),
    }),
    command('untrace', 'Stop RA tracing', {
      args: [primitive, optional(word('OPERATION')), optional(word('INTERVAL'))],
      help: 'Ends what "trace" began.',
      run: later((work) => work.untrace),
    }),
  ],
});
