import { type Command, command, level, many, oneOf, optional, word } from '../command.js';
import { attributeOf, node } from '../completers.js';

type Work = typeof import('../node-commands.js');

function later(choose: (work: Work) => Command['run']): Command['run'] {
  return async (env, args) => choose(await import('../node-commands.js'))(env, args);
}

const verb = oneOf('set', 'delete', 'show');

export const nodeLevel = level('node', 'Node management', {
  help: 'At this level nodes are looked at, put into standby or maintenance, fenced, and given attributes.',
  commands: [
    command('show', 'Show node', {
      aliases: ['list'],
      args: [optional(node)],
      help: 'Nodes with their type, state and attributes.\n\n    node show\n    node show n1',
      run: later((work) => work.show),
    }),
    command('status', "Show nodes' status as XML", {
      hidden: true,
      args: [optional(node)],
      help: 'The node_state elements of the CIB, of one node where given.',
      run: later((work) => work.status),
    }),
    command('standby', 'Put node into standby', {
      args: [optional(many({ ...node, label: '--all|NODE|reboot|forever' }))],
      waits: true,
      help: `
Resources leave a node in standby, and none is started there, until "node online". With "reboot" standby ends when the
node restarts. Without a node: this one.

    node standby n1
    crm -w node standby n1
    node standby --all reboot`,
      run: later((work) => work.standby),
    }),
    command('online', 'Set node online', {
      args: [optional(many({ ...node, label: '--all|NODE' }))],
      waits: true,
      help: 'Ends standby of either kind.\n\n    node online n1',
      run: later((work) => work.online),
    }),
    command('maintenance', 'Put node into maintenance mode', {
      args: [optional(node)],
      waits: true,
      help: `
In maintenance the cluster neither starts, stops nor monitors anything on the node. Without a node: this one.

    node maintenance n1`,
      run: later((work) => work.maintenance),
    }),
    command('ready', 'Put node into ready mode', {
      args: [optional(node)],
      waits: true,
      help: 'Ends maintenance of the node.\n\n    node ready n1',
      run: later((work) => work.ready),
    }),
    command('fence', 'Fence node', {
      args: [node],
      waits: true,
      help: `
Has the node fenced (normally rebooted) by its fence device, after asking. Its resources move elsewhere.

    node fence n2`,
      run: later((work) => work.fence),
    }),
    command('clearstate', 'Clear node state', {
      args: [optional(node)],
      waits: true,
      help: `
For a node that is down for certain: tells the cluster so, in place of fencing. Resources that ran there are then started
elsewhere, so saying this of a node that still runs corrupts data. On a node that is up it forgets the resource history.

    node clearstate n2`,
      run: later((work) => work.clearstate),
    }),
    command('delete', 'Delete node', {
      args: [node],
      help: 'Removes a node that is not active from the configuration.\n\n    node delete n3',
      run: later((work) => work.deleteNode),
    }),
    command('attribute', 'Manage attributes', {
      args: [node, verb, attributeOf('instance_attributes'), optional(word('VALUE'))],
      waits: true,
      help: `
Attributes that stay over restarts; rules refer to them.

    node attribute n1 set rack 3
    node attribute n1 show rack
    node attribute n1 delete rack`,
      run: later((work) => work.attribute),
    }),
    command('utilization', 'Manage utilization attributes', {
      args: [node, verb, attributeOf('utilization'), optional(word('VALUE'))],
      waits: true,
      help: 'What the node offers of what resources use up.\n\n    node utilization n1 set memory 16384',
      run: later((work) => work.utilization),
    }),
    command('status-attr', 'Manage status attributes', {
      args: [node, verb, word('ATTR'), optional(word('VALUE'))],
      waits: true,
      help: 'Attributes that last until the node restarts.\n\n    node status-attr n1 show pingd',
      run: later((work) => work.statusAttribute),
    }),
    command('server', 'Show node hostname or server address', {
      args: [optional(many(node))],
      help: 'The address of remote nodes, the name of others.',
      run: later((work) => work.server),
    }),
  ],
});
