import { type Command, type Completer, command, level, many, optional, word } from '../command.js';
import { node } from '../completers.js';

type Work = typeof import('../cluster-commands.js');

function later(choose: (work: Work) => Command['run']): Command['run'] {
  return async (env, args) => choose(await import('../cluster-commands.js'))(env, args);
}

type Services = typeof import('../cluster-services.js');

function service(choose: (work: Services) => Command['run']): Command['run'] {
  return async (env, args) => choose(await import('../cluster-services.js'))(env, args);
}

type Geo = typeof import('../geo-commands.js');

function geo(choose: (work: Geo) => Command['run']): Command['run'] {
  return async (env, args) => choose(await import('../geo-commands.js'))(env, args);
}

const contexts: Completer = async (request) =>
  (await import('../contexts-command.js')).completeContext(request);
const option = optional(many(word('OPTION|HOST')));
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
    command('init', 'Initializes a new HA cluster', {
      args: [option],
      skill: 'administrator',
      help: `
Makes a cluster of the hosts named, or of the one worked on: key and corosync.conf on each, services started, waited for
until all are members. What was written is taken back where it fails. Options: -n NAME of the cluster, -N HOST (one
more host, as crmsh has it), -y (answer questions with yes), -q, -t udpu|knet, --engine agent|pacemaker (Corosync and
Pacemaker, whose packages must be there).

    crm -H n1 cluster init -n shop n1 n2 n3
    cluster init -n shop -N n2 -N n3`,
      run: service((work) => work.init),
    }),
    command('join', 'Join existing cluster', {
      args: [option],
      skill: 'administrator',
      help: 'Makes this host a node of the cluster that HOST is in.\n\n    cluster join -c n1',
      run: service((work) => work.join),
    }),
    command('add', 'Add node(s) to the cluster', {
      args: [many(word('HOST'))],
      skill: 'administrator',
      help: 'Makes hosts nodes of this cluster.\n\n    cluster add n3',
      run: service((work) => work.add),
    }),
    command('import', 'Make a cluster of what another program was configured with', {
      args: [word('heartbeat'), word('DIR'), optional(many(word('OPTION')))],
      skill: 'administrator',
      help: `
Reads Heartbeat's ha.cf, authkeys and haresources in DIR (on a node of it: /etc/ha.d), says what becomes of each line,
makes the cluster on all nodes as "cluster init" does, and gives it the configuration. Mistakes in the files are shown
with their places; nothing is changed then. Heartbeat itself must be stopped first, on all nodes.

    cluster import heartbeat /etc/ha.d --dry-run
    cluster import heartbeat /etc/ha.d

Options: --dry-run (-n) only shows what would be done, with corosync.conf and the configuration; --name NAME of the
cluster (default: hacluster).`,
      run: async (env, args) => (await import('../heartbeat-import.js')).importCluster(env, args),
    }),
    command('remove', 'Remove node(s) from the cluster', {
      aliases: ['delete'],
      args: [many({ ...node, label: 'NODE' })],
      skill: 'administrator',
      help: `
Stops nodes, takes them out of every other node's corosync.conf and out of the configuration. With -F also when a node
cannot be reached.

    cluster remove n3`,
      run: service((work) => work.remove),
    }),
    command('migrate', 'Change the engine of the cluster', {
      args: [word('--to'), word('ENGINE'), option],
      skill: 'expert',
      help: `
Puts Corosync and Pacemaker in the place of the agent, or the agent in theirs, with the same configuration and without
stopping a service: in maintenance mode one engine goes, the other comes and finds by probes what is running. With
--rehearse it only looks and shows the steps.

    cluster migrate --to pacemaker --rehearse
    cluster migrate --to pacemaker
    cluster migrate --to agent`,
      run: service((work) => work.migrate),
    }),
    command('start', 'Start cluster services', {
      args: [nodes],
      skill: 'administrator',
      help: '    cluster start\n    cluster start --all\n    cluster start n2',
      run: service((work) => work.start),
    }),
    command('stop', 'Stop cluster services', {
      args: [nodes],
      skill: 'administrator',
      help: `
Resources move away first, then the node leaves the cluster.

    cluster stop n2`,
      run: service((work) => work.stop),
    }),
    command('restart', 'Restart cluster services', {
      args: [optional(many({ ...node, label: '--rolling|--all|NODE' }))],
      skill: 'administrator',
      help: `
Stops and starts, node after node. With --rolling no service is stopped: one agent after the other is restarted while the
cluster is in maintenance mode, and what runs is compared with what ran before the next one follows. This is how a newer
version, installed on all nodes, comes into force.

    cluster restart n2
    cluster restart --rolling`,
      run: service((work) => work.restart),
    }),
    command('enable', 'Enable cluster services', {
      args: [nodes],
      skill: 'administrator',
      help: 'The services start when the machine does (systemd).',
      run: service((work) => work.enable),
    }),
    command('disable', 'Disable cluster services', {
      args: [nodes],
      skill: 'administrator',
      help: 'The services no longer start with the machine (systemd).',
      run: service((work) => work.disable),
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
    command('rename', 'Rename the cluster', {
      args: [word('NAME')],
      skill: 'administrator',
      help: `
Gives the cluster another name: in corosync.conf on all nodes and in the configuration (cluster-name). It is in force after
the nodes were restarted.

    cluster rename shop`,
      run: async (env, args) => (await import('../corosync-commands.js')).renameCluster(env, args),
    }),
    command('geo_init', 'Configure cluster as geo cluster', {
      aliases: ['geo-init'],
      args: [option],
      skill: 'administrator',
      help: `
Makes this cluster the first of a geo cluster: clusters at several places, between which tickets are granted by booth.
Writes booth's configuration and key on all nodes, and configures booth with its address (group g-booth). The name of each
cluster is its name in corosync.conf. The others then join with geo_join and geo_init_arbitrator.

    cluster geo_init --clusters "paris=192.168.10.10 rome=192.168.20.10" --arbitrator 192.168.30.5 --tickets "web db"`,
      run: geo((work) => work.geoInit),
    }),
    command('geo_join', 'Join existing geo cluster', {
      aliases: ['geo-join'],
      args: [option],
      skill: 'administrator',
      help: `
Makes this cluster one of the geo cluster that HOST is in. The clusters are read from its configuration unless
--clusters names them.

    cluster geo_join -c 192.168.10.10`,
      run: geo((work) => work.geoJoin),
    }),
    command('geo_init_arbitrator', 'Initialize node as geo cluster arbitrator', {
      aliases: ['geo-init-arbitrator'],
      args: [option],
      skill: 'administrator',
      help: `
Makes this host, which is in none of the clusters, the arbitrator of the geo cluster that HOST is in: booth runs on it as
a service.

    cluster geo_init_arbitrator -c 192.168.10.10`,
      run: geo((work) => work.geoInitArbitrator),
    }),
    command('crash_test', 'Cluster crash test tool set', {
      args: [word('--check|--kill|--fence-node'), optional(node)],
      skill: 'administrator',
      help: `
Lets something fail on purpose, waits until the others have dealt with it, and tells in plain words how they did and how
long each step took. Asks first; -F answers yes.

    cluster crash_test --check              what will hurt at the next failure (as cluster health)
    cluster crash_test --kill n2            kills the cluster service of n2 (crmsh: --kill-corosync)
    cluster crash_test --fence-node n2      has n2 fenced`,
      run: async (env, args) => (await import('../crash-test.js')).crashTest(env, args),
    }),
    command('use', 'Work on another cluster', {
      args: [optional({ label: 'NAME|local', complete: contexts }), optional(many(word('[USER@]HOST')))],
      help: `
Names clusters, and switches between them: with hosts NAME is kept (in the user's contexts.json) and used from now on;
with NAME alone it is used; without anything the names are listed. "crm -H NAME ..." takes such a name as well.

    cluster use shop root@shop1 root@shop2
    cluster use shop
    cluster use local`,
      run: async (env, args) => (await import('../contexts-command.js')).useContext(env, args),
    }),
    command('wait_for_startup', 'Wait for cluster to start', {
      args: [optional(word('SECONDS'))],
      help: 'Waits until the node answers and has a DC, 10 seconds unless told otherwise.',
      run: later((work) => work.waitForStartup),
    }),
  ],
});
