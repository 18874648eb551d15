import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ClusterState } from '../protocol/messages.js';
import type { CommandStatus, Environment } from './command.js';
import { nodeNames } from './edits/nodes.js';
import { runOnNodes } from './fan-out.js';
import type { Session } from './session.js';

export { health } from './health.js';

function complain(env: Environment, text: string): CommandStatus {
  env.session.error(`${[...env.path, env.command].join('.')}: ${text}`);
  return 'failed';
}

export async function status(env: Environment): Promise<CommandStatus> {
  const { session } = env;
  const connection = await session.connection();
  if (!connection) return 'failed';
  const read = await connection.state();
  if (!read.ok) {
    session.failure(read.error);
    return 'failed';
  }
  session.print(describeState(read.value));
  return 'done';
}

function describeState(state: ClusterState): string {
  const { votes } = state;
  const quorum = state.quorate
    ? 'yes'
    : `NO (${votes.total} of ${votes.expected} votes, ${votes.quorum} are needed)`;
  const lines = [
    `Name:        ${state.clusterName}`,
    `Node:        ${state.localNode}`,
    `DC:          ${state.dc ?? 'none'}`,
    `Quorum:      ${quorum}`,
    `Votes:       ${votes.total} of ${votes.expected}, quorum ${votes.quorum}`,
    `Membership:  view ${state.viewId}`,
    `Transition:  ${describeTransition(state)}`,
    '',
    'Nodes:',
  ];
  const measured = state.members.some(({ linkLatencyMs }) => linkLatencyMs.some((ms) => ms !== null));
  const width = Math.max(4, ...state.members.map(({ name }) => name.length));
  for (const member of state.members) {
    // Only an agent measures.
    const links = (measured ? member.linkLatencyMs : [])
      .map((ms) => (ms === null ? 'silent' : `${ms.toFixed(1)} ms`))
      .join(', ');
    const mark = member.name === state.localNode ? ' (this node)' : '';
    lines.push(
      `  ${member.name.padEnd(width)}  ${member.online ? 'online ' : 'OFFLINE'}  id ${member.nodeId}, votes ${member.votes}` +
        `, ${member.addresses.join(' ')}${links === '' ? '' : ` (${links})`}${mark}`,
    );
  }
  return `${lines.join('\n')}\n`;
}

function describeTransition({ transition }: ClusterState): string {
  if (!transition) return 'none, idle';
  const failed = transition.failed > 0 ? `, ${transition.failed} failed` : '';
  return `${transition.id}: ${transition.completed} of ${transition.total} actions done${failed}`;
}

/** Nodes that words name: `--all`, names, or nothing for the one connected to. Null after a complaint. */
export async function chosenNodes(env: Environment, words: readonly string[]): Promise<string[] | null> {
  if (words.length === 0) {
    // Connected or not: a node whose service is down is still the one meant.
    await env.session.connect();
    return [env.session.nodeName];
  }
  if (!words.includes('--all')) return [...words];
  if (words.length > 1) {
    complain(env, 'Should either use --all or specific node(s)');
    return null;
  }
  return allNodes(env.session);
}

/** Every node of the cluster, by the CIB, else by corosync.conf. */
async function allNodes(session: Session): Promise<string[] | null> {
  const opened = await session.connect();
  if (opened.ok) {
    const cib = await opened.value.readCib();
    if (cib.ok && nodeNames(cib.value).length > 0) return nodeNames(cib.value);
  }
  const { nodeListNames } = await import('./corosync-file.js');
  const names = nodeListNames(session);
  if (names.length > 0) return names;
  if (!opened.ok) session.failure(opened.error);
  else session.error('the cluster names no nodes; name those that are meant');
  return null;
}

export async function runEverywhere(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const { session } = env;
  const [shellCommand = '', ...words] = args;
  const nodes = words.length > 0 ? words : await allNodes(session);
  if (!nodes) return 'failed';
  let worst: CommandStatus = 'done';
  for (const { node, status, stdout, stderr } of await runOnNodes(session, nodes, shellCommand)) {
    if (status === null) {
      session.error(`[${node}]: ${stderr.trim()}`);
      worst = 'failed';
    } else if (status !== 0) {
      session.error(
        `[${node}]: Exited with error code ${status}${stderr === '' ? '' : `: ${stderr.trim()}`}`,
      );
      if (stdout !== '') session.print(stdout);
      worst = 'failed';
    } else {
      session.info(`[${node}]`);
      session.print(stdout);
      if (stderr !== '') session.warning(stderr);
    }
  }
  return worst;
}

export async function copy(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const { session } = env;
  const [path = '', ...words] = args;
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    return complain(env, `${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
  const nodes = (words.length > 0 ? words : ((await allNodes(session)) ?? [])).filter(
    (node) => node !== session.nodeName || session.hosts.length > 0,
  );
  if (nodes.length === 0) return complain(env, 'there is no other node to copy to');
  const target = shellWord(path);
  // Beside it first, then renamed over it, with the mode of what was there.
  const place = `t=${target}.$$ && umask 077 && cat > "$t" && { [ ! -e ${target} ] || chmod --reference=${target} "$t"; } && mv "$t" ${target}`;
  let worst: CommandStatus = 'done';
  for (const { node, status, stderr } of await runOnNodes(session, nodes, place, { stdin: text })) {
    if (status === 0) session.info(`${path} copied to ${node}`);
    else {
      worst = complain(env, `[${node}]: ${stderr.trim()}`);
    }
  }
  return worst;
}

export async function diff(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const { session } = env;
  const words = args.filter((word) => word !== '--checksum');
  const [path = '', ...named] = words;
  const nodes = named.length > 0 ? named : await allNodes(session);
  if (!nodes) return 'failed';
  return diffFile(env, path, nodes, args.includes('--checksum'));
}

/** Shows how a file differs between nodes, against the first of them. */
export async function diffFile(
  env: Environment,
  path: string,
  nodes: readonly string[],
  checksum: boolean,
): Promise<CommandStatus> {
  const { session } = env;
  const runs = await runOnNodes(session, nodes, `cat ${shellWord(path)}`);
  const readable = runs.filter(({ status }) => status === 0);
  for (const { node, status, stderr } of runs) if (status !== 0) complain(env, `[${node}]: ${stderr.trim()}`);
  const [first, ...others] = readable;
  if (!first) return 'failed';
  if (checksum) {
    for (const { node, stdout } of readable) {
      session.print(`${node.padEnd(20)} ${createHash('sha1').update(stdout).digest('hex')}`);
    }
  } else {
    const { unifiedDiff } = await import('./unified-diff.js');
    let same = true;
    for (const other of others) {
      const text = unifiedDiff(`${first.node}:${path}`, first.stdout, `${other.node}:${path}`, other.stdout);
      if (text === '') continue;
      same = false;
      session.print(text);
    }
    if (same) session.info(`No differences found in ${path}`);
  }
  return readable.length === runs.length ? 'done' : 'failed';
}

export async function waitForStartup(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const { session } = env;
  const seconds = Number(args[0] ?? '10');
  if (!(seconds > 0)) return complain(env, `${args[0]}: expected a number of seconds`);
  const end = session.world.now() + seconds * 1000;
  session.world.output.progress('waiting for the cluster to start ...');
  try {
    for (;;) {
      const opened = await session.connect();
      const state = opened.ok ? await opened.value.state() : null;
      if (state?.ok && state.value.dc !== null) return 'done';
      if (session.interrupted.aborted) return 'failed';
      if (session.world.now() >= end) return complain(env, `the cluster did not start within ${seconds} s`);
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  } finally {
    session.world.output.progress(null);
  }
}

function shellWord(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
