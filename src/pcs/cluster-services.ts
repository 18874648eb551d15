import { WrongUsage } from '../../grammar/pcs/mistake.js';
import { localMachine, type Machine } from '../bootstrap/machine.js';
import { enableService, isRunning, rootOf, startService, stopService } from '../bootstrap/service.js';
import { openConnection } from '../connection/open.js';
import { confirmed } from './confirm.js';
import { confNodes, hasConf, readConf } from './corosync-conf.js';
import { type Environment, timeoutSeconds } from './environment.js';
import { onHosts, ownName } from './machines.js';
import { byCodePoint, plural, quotedList } from './words.js';

/** `pcs cluster start|stop|enable|disable|kill|destroy` */

/** The nodes of corosync.conf. */
export function clusterNodes(environment: Environment): string[] {
  const names = confNodes(readConf(environment)).map(({ name }) => name);
  if (names.length === 0) environment.fail('No nodes defined in corosync.conf');
  return names;
}

/** The nodes that a command is for: all, those named, or null for the one it runs on. */
function chosen(environment: Environment, words: readonly string[]): string[] | null {
  if (environment.has('--all')) {
    if (words.length > 0) throw new WrongUsage(null, 'Cannot specify both --all and a list of nodes.');
    return clusterNodes(environment);
  }
  return words.length > 0 ? [...new Set(words)] : null;
}

/** Says what went wrong on which host, and ends the command. */
function failOn(environment: Environment, what: string, problems: ReadonlyMap<string, string>): void {
  if (problems.size === 0) return;
  const lines = [...problems]
    .sort(([a], [b]) => byCodePoint(a, b))
    .map(([name, problem]) => `${name}: ${problem}`);
  environment.fail(`unable to ${what}\n${lines.join('\n')}`);
}

export async function start(environment: Environment, words: string[]): Promise<void> {
  const nodes = chosen(environment, words);
  const seconds = environment.waitSeconds();
  if (nodes === null) {
    if (!hasConf(environment)) environment.fail('cluster is not currently configured on this node');
    environment.say('Starting Cluster...');
    const started = await startService(localMachine());
    if (!started.ok) environment.fail(started.message);
  } else await startOn(environment, nodes, 'start all nodes');
  if (seconds !== null) await waitStarted(environment, nodes ?? [ownName()]);
}

export async function startOn(
  environment: Environment,
  names: readonly string[],
  what = 'start all nodes',
): Promise<void> {
  const problems = await onHosts(environment, names, async (machine, name) => {
    environment.say(`${name}: Starting Cluster...`);
    const started = await startService(machine);
    return started.ok ? null : started.message;
  });
  failOn(environment, what, problems);
}

const POLL_MS = 200;
const START_DEFAULT_S = 15 * 60;

/** Waits until nodes are members of a cluster that has a coordinator. */
export async function waitStarted(environment: Environment, names: readonly string[]): Promise<void> {
  environment.say(`Waiting for node(s) to start: ${quotedList([...names].sort(byCodePoint))}...`);
  const text = environment.value('--wait');
  const seconds = text === undefined ? START_DEFAULT_S : (timeoutSeconds(text) ?? START_DEFAULT_S);
  const deadline = environment.world.nowMs() + 1000 * seconds;
  const missing = new Set(names);
  while (environment.world.nowMs() < deadline) {
    for (const node of await onlineNodes(environment, names)) missing.delete(node);
    if (missing.size === 0) {
      for (const name of [...names].sort(byCodePoint)) environment.say(`${name}: Cluster started`);
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  environment.say('Error: Node(s) startup timed out');
  environment.fail('Unable to verify all nodes have started');
}

/** Members with a coordinator, as a node of the cluster sees them: this one, else one of those named. */
async function onlineNodes(environment: Environment, names: readonly string[]): Promise<string[]> {
  const here = names.includes(ownName()) || hasConf(environment);
  const opened = await openConnection({
    program: 'pcs',
    environment: environment.world.env as NodeJS.ProcessEnv,
    ...(here ? {} : { hosts: [...names] }),
  });
  if (!opened.ok) return [];
  try {
    const state = await opened.value.state();
    if (!state.ok || !state.value.quorate || state.value.dc === null) return [];
    return state.value.members.filter(({ online }) => online).map(({ name }) => name);
  } finally {
    await opened.value.close();
  }
}

export async function stop(environment: Environment, words: string[]): Promise<void> {
  const nodes = chosen(environment, words);
  const all = hasConf(environment) ? clusterNodes(environment) : [];
  const stopping = nodes ?? [ownName()];
  if (!environment.forced && all.some((name) => !stopping.includes(name))) {
    const text = await quorumLoss(environment, stopping);
    if (text !== null) environment.fail(`${text}, use --force to override`);
  }
  if (nodes === null) {
    environment.say('Stopping Cluster (pacemaker)...');
    const stopped = await stopService(localMachine());
    if (!stopped.ok) environment.fail(stopped.message);
    environment.say('Stopping Cluster (corosync)...');
    return;
  }
  const problems = await onHosts(environment, nodes, async (machine, name) => {
    environment.say(`${name}: Stopping Cluster (pacemaker)...`);
    const stopped = await stopService(machine);
    if (!stopped.ok) return stopped.message;
    environment.say(`${name}: Stopping Cluster (corosync)...`);
    return null;
  });
  failOn(environment, 'stop all nodes', problems);
}

/** Why others would be left without quorum; null where they are not. */
async function quorumLoss(environment: Environment, stopping: readonly string[]): Promise<string | null> {
  if (!(await isRunning(localMachine()))) return null;
  const opened = await openConnection({
    program: 'pcs',
    environment: environment.world.env as NodeJS.ProcessEnv,
  });
  if (!opened.ok) return null;
  const state = await opened.value.state();
  await opened.value.close();
  if (!state.ok || !state.value.quorate) return null;
  const { votes, members } = state.value;
  const lost = members
    .filter(({ name, online }) => online && stopping.includes(name))
    .reduce((sum, member) => sum + member.votes, 0);
  if (lost === 0 || votes.total - lost >= votes.quorum) return null;
  return stopping.length === 1 && stopping[0] === ownName()
    ? 'Stopping the node will cause a loss of the quorum'
    : 'Stopping the node(s) will cause a loss of the quorum';
}

export function enable(on: boolean): (environment: Environment, words: string[]) => Promise<void> {
  return async (environment, words) => {
    const nodes = chosen(environment, words);
    if (nodes !== null) return enableOn(environment, nodes, on);
    const done = await enableService(localMachine(), on);
    if (!done.ok) environment.fail(done.message);
  };
}

export async function enableOn(
  environment: Environment,
  names: readonly string[],
  on: boolean,
): Promise<void> {
  const problems = await onHosts(environment, names, async (machine, name) => {
    const done = await enableService(machine, on);
    if (!done.ok) return done.message;
    environment.say(`${name}: Cluster ${on ? 'Enabled' : 'Disabled'}`);
    return null;
  });
  failOn(environment, `${on ? 'enable' : 'disable'} all nodes`, problems);
}

/** Ends the agent here at once, without moving resources away. */
export async function kill(environment: Environment, words: string[]): Promise<void> {
  if (words.length > 0) throw new WrongUsage();
  const ran = await localMachine().run('exec systemctl kill --signal=KILL quorated.service');
  if (!ran.ok) environment.fail(ran.error.message);
  if (ran.value.code !== 0)
    environment.fail(`unable to kill the cluster service: ${ran.value.stderr.trim()}`);
}

/** What a cluster leaves on a host. */
function remains(root: string): string {
  const paths = ['etc/corosync/corosync.conf', 'etc/corosync/authkey', 'var/lib/quorate'];
  return paths.map((path) => `'${root}/${path}'`).join(' ');
}

/** Stops the agent of a host and removes what makes it a node; a text says what went wrong. */
export async function destroyHere(machine: Machine): Promise<string | null> {
  const stopped = await stopService(machine);
  if (!stopped.ok) return stopped.message;
  const ran = await machine.run(`rm -rf -- ${remains(rootOf(machine, {}))}`);
  if (!ran.ok) return ran.error.message;
  return ran.value.code === 0 ? null : ran.value.stderr.trim();
}

export async function destroy(environment: Environment, words: string[]): Promise<void> {
  if (words.length > 0) throw new WrongUsage();
  const all = environment.has('--all');
  const where = all
    ? 'this will kill all cluster processes on all nodes'
    : 'this will kill all cluster processes on this node';
  if (
    !(await confirmed(
      environment,
      `It is recommended to run 'pcs cluster stop' before destroying the cluster; ${where} and then remove all its configuration files`,
    ))
  )
    return;
  const names = all ? clusterNodes(environment) : [];
  if (!all) {
    environment.say('Shutting down pacemaker/corosync services...');
    const problem = await destroyHere(localMachine());
    if (problem !== null) environment.fail(problem);
    environment.say('Removing all cluster configuration files...');
    return;
  }
  environment.say(`Destroying cluster on ${plural(names, 'host')}: ${quotedList(names)}...`);
  const problems = await onHosts(environment, names, async (machine, name) => {
    const problem = await destroyHere(machine);
    if (problem === null) environment.say(`${name}: Successfully destroyed cluster`);
    return problem;
  });
  failOn(environment, 'destroy the cluster on all nodes', problems);
}
