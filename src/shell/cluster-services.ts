import { hostname } from 'node:os';
import { type ClusterOutcome, initCluster } from '../bootstrap/cluster.js';
import { joinCluster } from '../bootstrap/join.js';
import { localMachine, type Machine, openMachine, remoteMachine } from '../bootstrap/machine.js';
import { removeFromCluster } from '../bootstrap/remove.js';
import {
  enableService,
  isRunning,
  type ServiceOutcome,
  startService,
  stopService,
} from '../bootstrap/service.js';
import type { Engine } from '../connection/connection.js';
import type { SshOutcome } from '../ssh/errors.js';
import type { SessionOptions } from '../ssh/session.js';
import { chosenNodes } from './cluster-commands.js';
import type { CommandStatus, Environment } from './command.js';
import { deleteNode } from './edits/nodes.js';
import { destinationOf, isHere } from './fan-out.js';
import type { Session } from './session.js';
import { sshPrompt } from './ssh-prompt.js';

function sshOptions(session: Session): SessionOptions {
  const prompt = sshPrompt(session);
  return prompt ? { prompt } : {};
}

async function machineOf(session: Session, node: string): Promise<SshOutcome<Machine>> {
  return isHere(session, node)
    ? { ok: true, value: localMachine() }
    : remoteMachine(destinationOf(session, node), sshOptions(session));
}

/** Does something on each node, one after the other; a node's failure does not keep the others from it. */
async function onMachines(
  env: Environment,
  nodes: readonly string[],
  work: (machine: Machine) => Promise<ServiceOutcome>,
  done: string,
): Promise<CommandStatus> {
  const { session } = env;
  let worst: CommandStatus = 'done';
  for (const node of nodes) {
    const opened = await machineOf(session, node);
    if (!opened.ok) {
      session.error(`[${node}]: ${opened.error.message}`);
      worst = 'failed';
      continue;
    }
    session.world.output.progress(`${node}: ${env.command} ...`);
    const outcome = await work(opened.value);
    session.world.output.progress(null);
    await opened.value.close();
    if (outcome.ok) {
      session.info(`The cluster stack ${outcome.changed ? '' : 'was already '}${done} on ${node}`);
    } else {
      session.error(`[${node}]: ${outcome.message}`);
      worst = 'failed';
    }
  }
  return worst;
}

export async function start(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const nodes = await chosenNodes(env, args);
  return nodes
    ? onMachines(env, nodes, byEngine(env.session, startService, startOfPacemaker), 'started')
    : 'failed';
}

export async function stop(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const nodes = await chosenNodes(env, args);
  return nodes
    ? onMachines(
        env,
        nodes,
        byEngine(env.session, stopService, (service, machine) => service.stopPacemaker(machine)),
        'stopped',
      )
    : 'failed';
}

export async function restart(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  if (args.includes('--rolling'))
    return restartWithoutStopping(
      env,
      args.filter((arg) => arg !== '--rolling'),
    );
  const nodes = await chosenNodes(env, args);
  if (!nodes) return 'failed';
  const restartAgent = async (machine: Machine): Promise<ServiceOutcome> => {
    const stopped = await stopService(machine);
    return stopped.ok ? startService(machine) : stopped;
  };
  const restartService = byEngine(env.session, restartAgent, async (service, machine) => {
    const stopped = await service.stopPacemaker(machine);
    return stopped.ok ? startOfPacemaker(service, machine) : stopped;
  });
  return onMachines(env, nodes, restartService, 'restarted');
}

/** One agent after the other, all of them where none is named, while what they have started runs on. */
async function restartWithoutStopping(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const { session } = env;
  const nodes = await chosenNodes(env, args.length > 0 ? args : ['--all']);
  if (!nodes) return 'failed';
  if (await isPacemaker(session, destinationOf(session, nodes[0]!))) {
    session.error(
      'cluster.restart: --rolling is for the agent; Pacemaker is restarted with "cluster restart"',
    );
    return 'failed';
  }
  const { restartRolling } = await import('../bootstrap/rolling.js');
  const outcome = await restartRolling(nodes, {
    open: (node) => machineOf(session, node),
    restarted: (node) =>
      session.info(`The cluster stack was restarted on ${node}, its resources running on meanwhile`),
    ...sshOptions(session),
  });
  return report(env, outcome);
}

export function enable(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  return setEnabled(env, args, true);
}

export function disable(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  return setEnabled(env, args, false);
}

/** Whether the stack starts with the machine. */
async function setEnabled(
  env: Environment,
  args: readonly string[],
  enabled: boolean,
): Promise<CommandStatus> {
  const nodes = await chosenNodes(env, args);
  if (!nodes) return 'failed';
  const work = byEngine(
    env.session,
    (machine) => enableService(machine, enabled),
    (service, machine) => service.enablePacemaker(machine, enabled),
  );
  return onMachines(env, nodes, work, enabled ? 'enabled' : 'disabled');
}

/** Options with a value, and switches, of `init` and `join`; everything else is a host. */
function readOptions(
  env: Environment,
  args: readonly string[],
  valued: Readonly<Record<string, string>>,
  switches: readonly string[],
): { readonly values: Record<string, string[]>; readonly hosts: string[] } | null {
  const values: Record<string, string[]> = {};
  const hosts: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const arg = args[at]!;
    const name = valued[arg];
    if (name !== undefined) {
      const value = args[++at];
      if (value === undefined) {
        env.session.error(`cluster.${env.command}: ${arg} needs a value`);
        return null;
      }
      values[name] = [...(values[name] ?? []), value];
    } else if (arg.startsWith('-') && !switches.includes(arg)) {
      const known = [...Object.keys(valued), ...switches].join(' ');
      env.session.error(`cluster.${env.command}: no such option: ${arg} (there are: ${known})`);
      return null;
    } else if (!arg.startsWith('-')) hosts.push(arg);
  }
  return { values, hosts };
}

/** The host that the session works on, as SSH reaches it. */
function ownHost(session: Session): string {
  return session.hosts[0] ?? hostname();
}

function report(env: Environment, outcome: ClusterOutcome): CommandStatus {
  if (outcome.ok) return 'done';
  for (const finding of outcome.findings) env.session.error(finding);
  return 'failed';
}

/** What runs on a machine; where nothing does, what the cluster worked on has, or what starts with the machine. */
async function engineOf(session: Session, machine: Machine): Promise<Engine> {
  if (await isRunning(machine)) return 'agent';
  const { runsPacemaker, startsPacemaker } = await import('../bootstrap/pacemaker-service.js');
  if (await runsPacemaker(machine)) return 'pacemaker';
  const wanted = session.world.environment.QUORATE_ENGINE;
  if (wanted === 'agent' || wanted === 'pacemaker') return wanted;
  const opened = await session.connect();
  if (opened.ok && opened.value.target.kind !== 'file')
    return opened.value.target.kind === 'pacemaker' ? 'pacemaker' : 'agent';
  return (await startsPacemaker(machine)) ? 'pacemaker' : 'agent';
}

async function isPacemaker(session: Session, host: string): Promise<boolean> {
  const opened = await openMachine(host, sshOptions(session));
  if (!opened.ok) return false;
  const engine = await engineOf(session, opened.value);
  await opened.value.close();
  return engine === 'pacemaker';
}

/** The same work on the service of either engine. */
function byEngine(
  session: Session,
  agent: (machine: Machine) => Promise<ServiceOutcome>,
  pacemaker: (
    service: typeof import('../bootstrap/pacemaker-service.js'),
    machine: Machine,
  ) => Promise<ServiceOutcome>,
): (machine: Machine) => Promise<ServiceOutcome> {
  return async (machine) =>
    (await engineOf(session, machine)) === 'pacemaker'
      ? pacemaker(await import('../bootstrap/pacemaker-service.js'), machine)
      : agent(machine);
}

const startOfPacemaker = async (
  service: typeof import('../bootstrap/pacemaker-service.js'),
  machine: Machine,
): Promise<ServiceOutcome> => {
  const corosync = await service.startCorosync(machine);
  return corosync.ok ? service.startPacemaker(machine) : corosync;
};

export async function migrate(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const { session } = env;
  const read = readOptions(env, args, { '--to': 'to' }, ['--rehearse', '-y', '--yes']);
  if (!read) return 'usage';
  const to = read.values.to?.at(-1);
  if (to !== 'pacemaker' && to !== 'agent') {
    session.error('cluster.migrate: expected --to pacemaker or --to agent');
    return 'usage';
  }
  const rehearse = args.includes('--rehearse');
  const sure = rehearse || args.includes('-y') || args.includes('--yes');
  if (!sure && !(await session.ask(`Change the engine of the cluster to ${to}: Are you sure`, true)))
    return 'failed';
  const { migrateCluster } = await import('../bootstrap/migrate.js');
  const outcome = await migrateCluster(read.hosts[0] ?? ownHost(session), {
    to,
    rehearse,
    step: (text) => session.info(text),
    ...sshOptions(session),
  });
  return report(env, outcome);
}

export async function init(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const { session } = env;
  const read = readOptions(
    env,
    args,
    {
      '-n': 'name',
      '--name': 'name',
      '-N': 'host',
      '--nodes': 'host',
      '-t': 'transport',
      '--transport': 'transport',
      '--engine': 'engine',
    },
    ['-y', '--yes', '-q', '--quiet'],
  );
  if (!read) return 'usage';
  const more = (read.values.host ?? []).flatMap((list) => list.split(/[\s,]+/)).filter((host) => host !== '');
  const hosts = [...new Set(read.hosts.length > 0 ? [...read.hosts, ...more] : [ownHost(session), ...more])];
  const transport = read.values.transport?.at(-1);
  if (transport !== undefined && transport !== 'udpu' && transport !== 'knet') {
    session.error(`cluster.init: ${transport}: expected udpu or knet`);
    return 'usage';
  }
  const engine = read.values.engine?.at(-1) ?? session.world.environment.QUORATE_ENGINE;
  if (engine !== undefined && engine !== 'agent' && engine !== 'pacemaker') {
    session.error(`cluster.init: ${engine}: expected agent or pacemaker`);
    return 'usage';
  }
  const make =
    engine === 'pacemaker' ? (await import('../bootstrap/pacemaker.js')).initPacemaker : initCluster;
  const outcome = await make(hosts, {
    clusterName: read.values.name?.at(-1) ?? 'hacluster',
    ...(transport === undefined ? {} : { transport }),
    force: session.flags.force,
    progress: (host, text) => session.info(`[${host}]: ${text}`),
    ...sshOptions(session),
  });
  return report(env, outcome);
}

export async function join(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const { session } = env;
  const read = readOptions(env, args, { '-c': 'member', '--cluster-node': 'member', '-i': 'interface' }, [
    '-y',
    '--yes',
    '-q',
    '--quiet',
  ]);
  if (!read) return 'usage';
  const member = read.values.member?.at(-1) ?? read.hosts[0];
  if (member === undefined) {
    session.error('cluster.join: name a node of the cluster to join: cluster join -c HOST');
    return 'usage';
  }
  return addHosts(env, [ownHost(session)], member);
}

export async function add(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  await env.session.connect();
  return addHosts(env, args, destinationOf(env.session, env.session.nodeName));
}

async function addHosts(env: Environment, hosts: readonly string[], member: string): Promise<CommandStatus> {
  const { session } = env;
  const pacemaker = await isPacemaker(session, member);
  const work = pacemaker ? (await import('../bootstrap/pacemaker.js')).joinPacemaker : joinCluster;
  for (const host of hosts) {
    const outcome = await work(host, member, {
      force: session.flags.force,
      progress: (where, text) => session.info(`[${where}]: ${text}`),
      ...sshOptions(session),
    });
    if (!outcome.ok) return report(env, outcome);
  }
  return 'done';
}

export async function remove(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const { session } = env;
  await session.connect();
  const member = session.nodeName;
  const pacemaker = await isPacemaker(session, destinationOf(session, member));
  const work = pacemaker
    ? (await import('../bootstrap/pacemaker.js')).removeFromPacemaker
    : removeFromCluster;
  for (const host of args) {
    if (host === member) {
      session.error(`cluster.remove: ${host} is the node that you work on; do this from another node`);
      return 'failed';
    }
    if (!(await session.ask(`Removing node "${host}" from the cluster: Are you sure`, true))) return 'failed';
    const outcome = await work(host, destinationOf(session, member), {
      force: session.flags.force,
      progress: (where, text) => session.info(`[${where}]: ${text}`),
      ...sshOptions(session),
    });
    if (!outcome.ok) return report(env, outcome);
    await session.changeCib(`crm cluster remove ${host}`, (cib) => {
      deleteNode(cib, host);
      return true;
    });
  }
  return 'done';
}
