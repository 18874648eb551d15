import { hostname } from 'node:os';
import { type ClusterOutcome, initCluster } from '../bootstrap/cluster.js';
import { joinCluster } from '../bootstrap/join.js';
import { localMachine, type Machine, remoteMachine } from '../bootstrap/machine.js';
import { removeFromCluster } from '../bootstrap/remove.js';
import { enableService, type ServiceOutcome, startService, stopService } from '../bootstrap/service.js';
import type { Prompt } from '../ssh/prompt.js';
import type { SessionOptions } from '../ssh/session.js';
import { chosenNodes } from './cluster-commands.js';
import type { CommandStatus, Environment } from './command.js';
import { deleteNode } from './edits/nodes.js';
import { destinationOf, isHere } from './fan-out.js';
import type { Session } from './session.js';

/** How SSH asks for passphrases: on the terminal, nobody in a batch. */
function sshOptions(session: Session): SessionOptions {
  // What is asked for is a passphrase or a password: it must not be shown as it is typed.
  const prompt: Prompt = async (question) => (await import('./secret-prompt.js')).askSecret(question);
  return session.world.interactive ? { prompt } : {};
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
    const opened = isHere(session, node)
      ? ({ ok: true, value: localMachine() } as const)
      : await remoteMachine(destinationOf(session, node), sshOptions(session));
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
  return nodes ? onMachines(env, nodes, (machine) => startService(machine), 'started') : 'failed';
}

export async function stop(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const nodes = await chosenNodes(env, args);
  return nodes ? onMachines(env, nodes, (machine) => stopService(machine), 'stopped') : 'failed';
}

export async function restart(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const nodes = await chosenNodes(env, args);
  if (!nodes) return 'failed';
  const restartService = async (machine: Machine): Promise<ServiceOutcome> => {
    const stopped = await stopService(machine);
    return stopped.ok ? startService(machine) : stopped;
  };
  return onMachines(env, nodes, restartService, 'restarted');
}

export async function enable(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const nodes = await chosenNodes(env, args);
  return nodes ? onMachines(env, nodes, (machine) => enableService(machine, true), 'enabled') : 'failed';
}

export async function disable(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const nodes = await chosenNodes(env, args);
  return nodes ? onMachines(env, nodes, (machine) => enableService(machine, false), 'disabled') : 'failed';
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
  const outcome = await initCluster(hosts, {
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
  for (const host of hosts) {
    const outcome = await joinCluster(host, member, {
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
  for (const host of args) {
    if (host === member) {
      session.error(`cluster.remove: ${host} is the node that you work on; do this from another node`);
      return 'failed';
    }
    if (!(await session.ask(`Removing node "${host}" from the cluster: Are you sure`, true))) return 'failed';
    const outcome = await removeFromCluster(host, destinationOf(session, member), {
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
