import type { ClusterEvent } from '../../protocol/messages.js';
import type { CommandStatus, Environment } from '../command.js';
import { findResource, resourcePlaces } from '../edits/resources.js';
import { failoverLines, findFailovers } from './failover.js';
import { liveSource, savedSource } from './source.js';
import { formatTime, readTime, timeline } from './timeline.js';
import { isFailure } from './transitions.js';
import { chosenEvents, chosenTransitions, complain, viewOf } from './view.js';

export { session } from './session-commands.js';
export {
  diff,
  graph,
  latest,
  peinputs,
  show,
  transition,
  transitions,
  wdiff,
} from './transition-commands.js';

async function showEvents(
  env: Environment,
  wanted: (event: ClusterEvent) => boolean,
): Promise<CommandStatus> {
  const events = await chosenEvents(env);
  if (!events) return 'failed';
  const { session } = env;
  const lines = timeline(events.filter(wanted), viewOf(session).detail);
  if (lines.length === 0) {
    session.info('nothing was recorded in that time; "history limit" widens it');
    return 'done';
  }
  const { showPaged } = await import('../pager.js');
  await showPaged(session, `${lines.join('\n')}\n`);
  return 'done';
}

export async function source(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const { session } = env;
  const view = viewOf(session);
  const [name] = args;
  if (name === undefined) {
    session.print(`Current source: ${view.source.name}`);
    return 'done';
  }
  const chosen = name === 'live' ? liveSource(session) : savedSource(session, name);
  if (!chosen) return complain(env, `${name}: neither a report nor a saved session`);
  view.source = chosen;
  view.sessionName = null;
  return 'done';
}

export async function limit(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const view = viewOf(env.session);
  const times: number[] = [];
  for (const word of args) {
    const ms = readTime(word, env.session.world.now());
    if (ms === null) return complain(env, `${word}: expected a time such as 14:30, "2026-11-20 14:30" or 2h`);
    times.push(ms);
  }
  const [fromMs = null, toMs = null] = times;
  if (fromMs !== null && toMs !== null && toMs <= fromMs)
    return complain(env, 'the period is empty: it ends before it begins');
  view.fromMs = fromMs;
  view.toMs = toMs;
  return 'done';
}

export async function setNodes(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  viewOf(env.session).nodes = [...args];
  return 'done';
}

export async function info(env: Environment): Promise<CommandStatus> {
  const { session } = env;
  const events = await chosenEvents(env);
  const transitions = events && (await chosenTransitions(env));
  if (!transitions) return 'failed';
  const first = events[0];
  const last = events.at(-1);
  const nodes = [...new Set(events.map(({ node }) => node))].sort();
  const resources = new Set(events.flatMap(({ data }) => (data.resource ? [String(data.resource)] : [])));
  session.print(
    [
      `Source: ${viewOf(session).source.name}`,
      `Period: ${first && last ? `${formatTime(first.atMs)} - ${formatTime(last.atMs)}` : 'no events'}`,
      `Nodes: ${nodes.join(' ')}`,
      `Resources: ${[...resources].sort().join(' ')}`,
      `Events: ${events.length}`,
      `Transitions: ${transitions.length}`,
      `Failovers: ${findFailovers(events).length}`,
    ].join('\n'),
  );
  return 'done';
}

export async function resource(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const wanted = new Set<string>(args);
  const cib = viewOf(env.session).source.name === 'live' ? await env.session.readCib() : null;
  for (const name of args) {
    if (!cib || !findResource(cib, name)) continue;
    for (const { element, parents } of resourcePlaces(cib)) {
      if (parents.some(({ id }) => id === name)) wanted.add(element.id);
    }
  }
  const patterns = args.flatMap((word) => {
    try {
      return [new RegExp(`^(?:${word})$`)];
    } catch {
      return [];
    }
  });
  return showEvents(env, ({ data }) => {
    const id = String(data.resource ?? '').replace(/:\d+$/, '');
    return id !== '' && (wanted.has(id) || patterns.some((pattern) => pattern.test(id)));
  });
}

const NODE_KINDS: ReadonlySet<string> = new Set([
  'suspected',
  'isolated',
  'lost',
  'joined',
  'fencing',
  'fenced',
  'stopping',
  'started',
  'dc',
]);

export async function node(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  return showEvents(
    env,
    ({ kind, data, node: recorder }) =>
      NODE_KINDS.has(kind) &&
      args.some(
        (name) =>
          data.node === name || data.target === name || (data.node === undefined && recorder === name),
      ),
  );
}

export async function log(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  return showEvents(env, ({ node: recorder }) => args.length === 0 || args.includes(recorder));
}

const KEY_KINDS: ReadonlySet<string> = new Set([...NODE_KINDS, 'view', 'quorum']);

export async function events(env: Environment): Promise<CommandStatus> {
  return showEvents(env, (event) => KEY_KINDS.has(event.kind) || isFailure(event));
}

/** What a failover was, in plain words; with `list` one line each, with a number that one, else the last. */
export async function failover(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const { session } = env;
  const [word] = args;
  const all = await chosenEvents(env);
  const transitions = all && (await chosenTransitions(env));
  if (!transitions) return 'failed';
  const found = findFailovers(all, transitions);
  if (found.length === 0) {
    session.info('no node was lost and nothing failed in that time; "history limit" widens it');
    return 'done';
  }
  if (word === 'list') {
    session.print(
      found.map(({ startMs, what }, index) => `${index + 1}  ${formatTime(startMs)}  ${what}`).join('\n'),
    );
    return 'done';
  }
  const chosen = word === undefined ? found.at(-1) : found[Number(word) - 1];
  if (!chosen) return complain(env, `there is no failover ${word}; "history failover list" lists them`);
  const decided = new Map<string, readonly string[]>();
  const { decisionsOf } = await import('./decisions.js');
  for (const { input } of chosen.transitions) {
    if (!input) continue;
    const cib = await viewOf(session).source.input(input);
    if (cib) decided.set(`${input.node} ${input.name}`, await decisionsOf(cib, session.world.now()));
  }
  const { showPaged } = await import('../pager.js');
  await showPaged(session, `${failoverLines(chosen, decided).join('\n')}\n`);
  return 'done';
}

export async function exclude(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const view = viewOf(env.session);
  const [pattern] = args;
  if (pattern === undefined) env.session.print(view.exclude?.source ?? '');
  else if (pattern === 'clear') view.exclude = null;
  else {
    try {
      view.exclude = new RegExp(pattern);
    } catch (error) {
      return complain(env, error instanceof Error ? error.message : String(error));
    }
  }
  return 'done';
}

export async function detail(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  if (args[0] !== '0' && args[0] !== '1') return complain(env, `${args[0]}: expected 0 or 1`);
  viewOf(env.session).detail = args[0] === '1';
  return 'done';
}

export async function refresh(env: Environment): Promise<CommandStatus> {
  const all = await chosenEvents(env);
  const transitions = all && (await chosenTransitions(env));
  if (!transitions) return 'failed';
  env.session.info(`${transitions.length} transitions, ${all.length} events.`);
  return 'done';
}
