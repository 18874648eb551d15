import { type Command, command, level, many, optional, word } from '../command.js';
import { node } from '../completers.js';

type Work = typeof import('../cluster-commands.js');

function later(choose: (work: Work) => Command['run']): Command['run'] {
  return async (env, args) => choose(await import('../cluster-commands.js'))(env, args);
}

const nodes = optional(many({ ...node, label: '--all|NODE' }));
const hosts = optional(many(node));

export const clusterLevel = level('cluster', 'Cluster setup and management', {
  help: `
The cluster as a whole: its services on the nodes, commands and files on all of them. Other nodes are reached over SSH.`,
  commands: [
    command('status', 'Cluster status check', {
      help: 'Name, quorum, members and the links to them, as the node connected to sees them.',
      run: later((work) => work.status),
    }),
    command('health', 'Cluster health check', {
      help: `
Looks for what will hurt at the next failure: nodes that are away, missing quorum reserve, fencing that is off or
missing, failed operations, resources that cannot run, a configuration that does not verify.`,
      run: later((work) => work.health),
    }),
    command('start', 'Start cluster services', {
      args: [nodes],
      skill: 'administrator',
      help: '    cluster start\n    cluster start --all\n    cluster start n2',
      run: later((work) => work.start),
    }),
    command('stop', 'Stop cluster services', {
      args: [nodes],
      skill: 'administrator',
      help: `
Resources move away first, then the node leaves the cluster.

    cluster stop n2`,
      run: later((work) => work.stop),
    }),
    command('restart', 'Restart cluster services', {
      args: [nodes],
      skill: 'administrator',
      help: 'Stops and starts, node after node.\n\n    cluster restart n2',
      run: later((work) => work.restart),
    }),
    command('enable', 'Enable cluster services', {
      args: [nodes],
      skill: 'administrator',
      help: 'The services start when the machine does (systemd).',
      run: later((work) => work.enable),
    }),
    command('disable', 'Disable cluster services', {
      args: [nodes],
      skill: 'administrator',
      help: 'The services no longer start with the machine (systemd).',
      run: later((work) => work.disable),
    }),
    command('run', 'Execute an arbitrary command on all nodes/specific node', {
      args: [word('COMMAND'), hosts],
      skill: 'expert',
      help: `
Runs a command on all nodes at once, or on those named, and shows what each said.

    cluster run "uptime"
    cluster run "df -h /srv" n1 n2`,
      run: later((work) => work.runEverywhere),
    }),
    command('copy', 'Copy file to other cluster nodes', {
      args: [word('FILE'), hosts],
      help: 'Copies a file from here to the same place on the other nodes.\n\n    cluster copy /etc/hosts',
      run: later((work) => work.copy),
    }),
    command('diff', 'Diff file across cluster', {
      args: [word('FILE'), optional(many({ ...node, label: '--checksum|NODE' }))],
      help: `
Shows how a file differs between the nodes; with --checksum only whether it does.

    cluster diff /etc/corosync/corosync.conf
    cluster diff /etc/hosts --checksum`,
      run: later((work) => work.diff),
    }),
    command('wait_for_startup', 'Wait for cluster to start', {
      args: [optional(word('SECONDS'))],
      help: 'Waits until the node answers and has a DC, 10 seconds unless told otherwise.',
      run: later((work) => work.waitForStartup),
    }),
  ],
});
