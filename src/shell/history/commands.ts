import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ClusterEvent } from '../../protocol/messages.js';
import type { CommandStatus, Environment } from '../command.js';
import { findResource, resourcePlaces } from '../edits/resources.js';
import { configurationFolder } from '../option-files.js';
import type { Session } from '../session.js';
import { formatSpan, formatTime, pastTransitions, readTime, timeline } from './timeline.js';

/** Events asked of the cluster at once. */
const EVENTS_MAX = 20_000;
/** How far back the running cluster is looked at unless told otherwise. */
const LIVE_MS = 60 * 60 * 1000;

/** What the level remembers between commands. */
interface View {
  source: string;
  events: readonly ClusterEvent[] | null;
  fromMs: number | null;
  toMs: number | null;
  nodes: readonly string[];
  exclude: RegExp | null;
  detail: boolean;
}

const views = new WeakMap<Session, View>();

function viewOf(session: Session): View {
  const held = views.get(session);
  if (held) return held;
  const made: View = {
    source: 'live',
    events: null,
    fromMs: null,
    toMs: null,
    nodes: [],
    exclude: null,
    detail: false,
  };
  views.set(session, made);
  return made;
}

function complain(env: Environment, text: string): CommandStatus {
  env.session.error(`${[...env.path, env.command].join('.')}: ${text}`);
  return 'failed';
}

/** Events of the chosen source, period and nodes, oldest first; null after a complaint. */
async function chosenEvents({ session }: Environment): Promise<readonly ClusterEvent[] | null> {
  const view = viewOf(session);
  if (view.events === null || view.source === 'live') {
    const connection = await session.connection();
    if (!connection) return null;
    const sinceMs = view.fromMs ?? session.world.now() - LIVE_MS;
    const answer = await connection.call('history.events', { sinceMs, limit: EVENTS_MAX, all: true });
    if (!answer.ok) {
      session.failure(answer.error);
      return null;
    }
    view.events = [...answer.value.events].sort((a, b) => a.atMs - b.atMs);
  }
  return view.events.filter(
    ({ atMs, node, text }) =>
      (view.fromMs === null || atMs >= view.fromMs) &&
      (view.toMs === null || atMs <= view.toMs) &&
      (view.nodes.length === 0 || view.nodes.includes(node)) &&
      !view.exclude?.test(text),
  );
}

async function show(env: Environment, wanted: (event: ClusterEvent) => boolean): Promise<CommandStatus> {
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
  if (name === undefined) session.print(`Current source: ${view.source}`);
  else if (name === 'live') {
    view.source = 'live';
    view.events = null;
  } else {
    const events = readEvents(name);
    if (events === null) return complain(env, `${name}: not a file that "history session save" has written`);
    view.source = name;
    view.events = events;
  }
  return 'done';
}

export async function limit(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const { session } = env;
  const view = viewOf(session);
  const times: (number | null)[] = [];
  for (const word of args) {
    const ms = readTime(word, session.world.now());
    if (ms === null) return complain(env, `${word}: expected a time such as 14:30, "2026-11-20 14:30" or 2h`);
    times.push(ms);
  }
  view.fromMs = times[0] ?? null;
  view.toMs = times[1] ?? null;
  if (view.source === 'live') view.events = null;
  return 'done';
}

export async function setNodes(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  viewOf(env.session).nodes = [...args];
  return 'done';
}

export async function info(env: Environment): Promise<CommandStatus> {
  const { session } = env;
  const events = await chosenEvents(env);
  if (!events) return 'failed';
  const view = viewOf(session);
  const first = events[0];
  const last = events.at(-1);
  const nodes = [...new Set(events.map(({ node }) => node))].sort();
  const resources = new Set(events.flatMap(({ data }) => (data.resource ? [String(data.resource)] : [])));
  session.print(
    [
      `Source: ${view.source}`,
      `Period: ${first && last ? `${formatTime(first.atMs)} - ${formatTime(last.atMs)}` : 'no events'}`,
      `Nodes: ${nodes.join(' ')}`,
      `Resources: ${[...resources].sort().join(' ')}`,
      `Events: ${events.length}`,
      `Transitions: ${pastTransitions(events).length}`,
    ].join('\n'),
  );
  return 'done';
}

export async function latest(env: Environment): Promise<CommandStatus> {
  if (viewOf(env.session).source === 'live' && !(await env.session.waitIdle())) return 'failed';
  return transition(env, []);
}

export async function resource(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const wanted = new Set<string>(args);
  const cib = viewOf(env.session).source === 'live' ? await env.session.readCib() : null;
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
  return show(env, ({ data }) => {
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
  return show(
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
  return show(env, ({ node: recorder }) => args.length === 0 || args.includes(recorder));
}

export async function events(env: Environment): Promise<CommandStatus> {
  const key = new Set([
    'suspected',
    'isolated',
    'lost',
    'joined',
    'view',
    'quorum',
    'dc',
    'fencing',
    'fenced',
    'stopping',
    'started',
  ]);
  return show(env, ({ kind, data }) => key.has(kind) || (kind === 'operation' && isFailed(data)));
}

function isFailed(data: ClusterEvent['data']): boolean {
  const rc = Number(data.rc ?? 0);
  const expected = Number(data.expected ?? (data.operation === 'monitor' ? rc : 0));
  return data.failed === true || (rc !== 0 && rc !== expected);
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

export async function transitions(env: Environment): Promise<CommandStatus> {
  const all = await chosenEvents(env);
  if (!all) return 'failed';
  for (const { id, node: driver, startMs, endMs, events: own } of pastTransitions(all)) {
    const actions = own.filter(({ kind }) => kind === 'operation').length;
    const took = endMs > startMs ? `, ${formatSpan(endMs - startMs)}` : '';
    env.session.print(`${formatTime(startMs)}  ${id.padEnd(6)} ${driver}  ${actions} operations${took}`);
  }
  return 'done';
}

export async function transition(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const all = await chosenEvents(env);
  if (!all) return 'failed';
  const known = pastTransitions(all);
  const [wanted] = args;
  const index = wanted === undefined ? -1 : Number(wanted);
  const chosen =
    known.find(({ id }) => id === wanted) ?? (index <= 0 ? known.at(index === 0 ? -1 : index) : undefined);
  if (!chosen)
    return complain(
      env,
      wanted === undefined ? 'no transition was recorded in that time' : `there is no transition ${wanted}`,
    );
  env.session.print(`${timeline(chosen.events, viewOf(env.session).detail).join('\n')}\n`);
  return 'done';
}

function sessionFolder(session: Session): string {
  return join(configurationFolder(session.world.environment), 'history');
}

function readEvents(path: string): ClusterEvent[] | null {
  try {
    const read: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return Array.isArray(read) ? (read as ClusterEvent[]) : null;
  } catch {
    return null;
  }
}

export async function session(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const [verb, name = ''] = args;
  const folder = sessionFolder(env.session);
  const view = viewOf(env.session);
  if (verb === undefined) {
    env.session.print(`current session: ${view.source === 'live' ? 'none' : view.source}`);
    return 'done';
  }
  if (verb === 'list') {
    let names: string[] = [];
    try {
      names = readdirSync(folder).flatMap((file) => /^(.*)\.json$/.exec(file)?.[1] ?? []);
    } catch {
      names = [];
    }
    if (names.length > 0) env.session.print(names.sort().join('\n'));
    return 'done';
  }
  if (!/^[\w.-]+$/.test(name))
    return complain(env, `${name || verb}: expected a name of letters, digits, - and _`);
  const path = join(folder, `${name}.json`);
  if (verb === 'save') {
    const all = await chosenEvents(env);
    if (!all) return 'failed';
    mkdirSync(folder, { recursive: true });
    writeFileSync(path, JSON.stringify(all), { mode: 0o600 });
    env.session.info(`${all.length} events saved as ${name}`);
    return 'done';
  }
  const saved = readEvents(path);
  if (saved === null) return complain(env, `there is no session ${name}`);
  if (verb === 'delete') rmSync(path);
  else {
    view.source = name;
    view.events = saved;
  }
  return 'done';
}

export async function refresh(env: Environment): Promise<CommandStatus> {
  const view = viewOf(env.session);
  if (view.source === 'live') view.events = null;
  const all = await chosenEvents(env);
  if (!all) return 'failed';
  env.session.info(`${pastTransitions(all).length} transitions, ${all.length} events.`);
  return 'done';
}
