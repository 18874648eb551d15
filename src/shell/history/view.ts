import type { ClusterEvent } from '../../protocol/messages.js';
import type { CommandStatus, Environment } from '../command.js';
import type { Session } from '../session.js';
import { type HistorySource, liveSource } from './source.js';
import { type PastTransition, pastTransitions, pickTransition } from './transitions.js';

/** How far back the running cluster is looked at unless told otherwise. */
const LIVE_MS = 60 * 60 * 1000;

/** What the level remembers between commands. */
export interface View {
  source: HistorySource;
  /** The saved session that is looked at; null for none. */
  sessionName: string | null;
  fromMs: number | null;
  toMs: number | null;
  nodes: readonly string[];
  exclude: RegExp | null;
  detail: boolean;
}

const views = new WeakMap<Session, View>();

export function viewOf(session: Session): View {
  const held = views.get(session);
  if (held) return held;
  const made: View = {
    source: liveSource(session),
    sessionName: null,
    fromMs: null,
    toMs: null,
    nodes: [],
    exclude: null,
    detail: false,
  };
  views.set(session, made);
  return made;
}

export function complain(env: Environment, text: string): CommandStatus {
  env.session.error(`${[...env.path, env.command].join('.')}: ${text}`);
  return 'failed';
}

function within(view: View, atMs: number, node: string): boolean {
  return (
    (view.fromMs === null || atMs >= view.fromMs) &&
    (view.toMs === null || atMs <= view.toMs) &&
    (view.nodes.length === 0 || view.nodes.includes(node))
  );
}

function sinceOf(view: View, session: Session): number {
  return view.fromMs ?? (view.source.name === 'live' ? session.world.now() - LIVE_MS : 0);
}

/** Events of the chosen source, period and nodes, oldest first; null after a complaint. */
export async function chosenEvents({ session }: Environment): Promise<readonly ClusterEvent[] | null> {
  const view = viewOf(session);
  const events = await view.source.events(sinceOf(view, session));
  return (
    events?.filter(({ atMs, node, text }) => within(view, atMs, node) && !view.exclude?.test(text)) ?? null
  );
}

/** Transitions of the chosen source, period and nodes, oldest first; null after a complaint. */
export async function chosenTransitions({ session }: Environment): Promise<PastTransition[] | null> {
  const view = viewOf(session);
  const sinceMs = sinceOf(view, session);
  const events = await view.source.events(sinceMs);
  if (!events) return null;
  const inputs = (await view.source.inputs()).filter(({ atMs }) => atMs >= sinceMs);
  return pastTransitions(events, inputs).filter(({ startMs, node }) => within(view, startMs, node));
}

/** The transition that a word names; null after a complaint. */
export async function chosenTransition(
  env: Environment,
  word: string | undefined,
): Promise<PastTransition | null> {
  const known = await chosenTransitions(env);
  if (!known) return null;
  const picked = pickTransition(known, word);
  if (picked.ok) return picked.transition;
  complain(env, picked.why);
  return null;
}
