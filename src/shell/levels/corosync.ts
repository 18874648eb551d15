import { type Command, type Completer, command, level, many, oneOf, optional, word } from '../command.js';

type Work = typeof import('../corosync-commands.js');

function later(choose: (work: Work) => Command['run']): Command['run'] {
  return async (env, args) => choose(await import('../corosync-commands.js'))(env, args);
}

const paths: Completer = async (request) => (await import('../corosync-commands.js')).completePath(request);
const host = word('NODE');

export const corosyncLevel = level('corosync', 'Corosync management', {
  help: 'The membership: corosync.conf, rings, quorum.',
  commands: [
    command('status', 'Display the corosync status', {
      args: [optional(oneOf('ring', 'quorum', 'qdevice', 'qnetd', 'cpg'))],
      help: 'Links and their state (ring, the default), votes and quorum, ...\n\n    corosync status quorum',
      run: later((work) => work.status),
    }),
    command('show', 'Display the corosync configuration', {
      help: 'Prints corosync.conf.',
      run: later((work) => work.show),
    }),
    command('edit', 'Edit the corosync configuration', {
      skill: 'administrator',
      help: 'Opens corosync.conf in $EDITOR. What comes back is checked before it is kept.',
      run: later((work) => work.edit),
    }),
    command('get', 'Get a corosync configuration value', {
      args: [{ label: 'PATH', complete: paths }],
      skill: 'administrator',
      help: '    corosync get totem.cluster_name\n    corosync get nodelist.node.ring0_addr',
      run: later((work) => work.get),
    }),
    command('set', 'Set a corosync configuration value', {
      args: [{ label: 'PATH', complete: paths }, word('VALUE'), optional(word('INDEX'))],
      skill: 'administrator',
      help: '    corosync set quorum.expected_votes 2\n    corosync set totem.token 3000',
      run: later((work) => work.set),
    }),
    command('diff', 'Diff the corosync configuration', {
      args: [optional(many(word('--checksum|NODE')))],
      skill: 'administrator',
      help: 'Compares corosync.conf here with that of other nodes.',
      run: later((work) => work.diff),
    }),
    command('push', 'Push the corosync configuration', {
      args: [optional(many(host))],
      skill: 'administrator',
      help: 'Copies corosync.conf from here to other nodes (all of the node list without names).',
      run: later((work) => work.push),
    }),
    command('pull', 'Pull the corosync configuration', {
      args: [host],
      skill: 'administrator',
      help: 'Takes corosync.conf from another node.',
      run: later((work) => work.pull),
    }),
    command('reload', 'Reload the corosync configuration', {
      skill: 'administrator',
      help: 'Makes the running nodes read corosync.conf again.',
      run: later((work) => work.reload),
    }),
    command('log', 'Display the corosync logfile', {
      help: 'Shows the file that logging.logfile names.',
      run: later((work) => work.log),
    }),
    command('add-node', 'Add a corosync node', {
      aliases: ['add_node'],
      args: [word('ADDRESS'), optional(word('NAME'))],
      skill: 'administrator',
      help: '    corosync add-node 10.0.0.13 n3',
      run: later((work) => work.addNode),
    }),
    command('del-node', 'Remove a corosync node', {
      aliases: ['del_node'],
      args: [word('ADDRESS')],
      skill: 'administrator',
      help: '    corosync del-node 10.0.0.13',
      run: later((work) => work.deleteNode),
    }),
  ],
});
