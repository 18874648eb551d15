import type { ClusterEvent } from '../../protocol/messages.js';
import { plainWords } from '../../protocol/plain-words.js';
import { formatSpan, formatTime, mergeWitnesses } from './timeline.js';
import { isFailure, type PastTransition, transitionName } from './transitions.js';

/** Something went away, and what the cluster did about it until it was quiet again. */
export interface Failover {
  /** When the lost node was last heard, or the failure was seen. */
  readonly startMs: number;
  readonly endMs: number;
  /** `n1 was lost`, `monitor of db failed on n2`, `n1 was stopped in order`. */
  readonly what: string;
  readonly node: string;
  /** When the others had agreed that the node is gone, or the failure was recorded. */
  readonly agreedMs: number;
  /** When somebody first suspected; null where nobody did. */
  readonly seenMs: number | null;
  readonly events: readonly ClusterEvent[];
  readonly transitions: readonly PastTransition[];
}

/** Losses of one node within this time are what its peers say of the same one. */
const SAME_LOSS_MS = 10_000;
/** A suspicion belongs to a loss that follows within this time. */
const SUSPECTED_BEFORE_MS = 60_000;
/** A transition that begins so soon after the one before still belongs to the same failover. */
const CALM_MS = 3000;

interface Cause {
  readonly startMs: number;
  readonly seenMs: number | null;
  readonly agreedMs: number;
  readonly what: string;
  readonly node: string;
}

/** Failovers in events (oldest first): nodes that were lost or stopped, operations that failed. The oldest first. */
export function findFailovers(
  events: readonly ClusterEvent[],
  transitions: readonly PastTransition[] = [],
): Failover[] {
  const causes = [...losses(events), ...failures(events)].sort((a, b) => a.agreedMs - b.agreedMs);
  const found: Failover[] = [];
  for (const [index, cause] of causes.entries()) {
    const before = found.at(-1);
    // What fails while the cluster is still busy with something is a part of that.
    if (before && cause.agreedMs <= before.endMs) continue;
    const nextMs = causes[index + 1]?.startMs ?? Number.POSITIVE_INFINITY;
    let endMs = cause.agreedMs;
    const own: PastTransition[] = [];
    for (const transition of transitions) {
      if (transition.startMs < cause.agreedMs - SAME_CLOCK_MS) continue;
      const late = transition.startMs - endMs > CALM_MS;
      if (late && (own.length > 0 || transition.startMs >= nextMs)) break;
      if (own.length === 0 && transition.startMs - endMs > SUSPECTED_BEFORE_MS) break;
      own.push(transition);
      endMs = Math.max(endMs, transition.endMs ?? transition.events.at(-1)?.atMs ?? transition.startMs);
    }
    found.push({
      ...cause,
      endMs,
      transitions: own,
      events: events.filter(({ atMs }) => atMs >= (cause.seenMs ?? cause.startMs) && atMs <= endMs),
    });
  }
  return found;
}

/** Clocks of nodes are taken to agree this well. */
const SAME_CLOCK_MS = 500;

function losses(events: readonly ClusterEvent[]): Cause[] {
  const found: Cause[] = [];
  const lastLoss = new Map<string, number>();
  for (const { kind, data, atMs } of events) {
    if (kind !== 'lost') continue;
    const node = String(data.node);
    if (atMs - (lastLoss.get(node) ?? Number.NEGATIVE_INFINITY) < SAME_LOSS_MS) continue;
    lastLoss.set(node, atMs);
    const earlier = events.filter((event) => event.atMs <= atMs && atMs - event.atMs < SUSPECTED_BEFORE_MS);
    // Every peer suspects for itself; the last time that anybody heard it is what counts.
    const suspicions = earlier.filter((event) => event.kind === 'suspected' && event.data.node === node);
    const stopped = earlier.some((event) => event.kind === 'stopping' && event.node === node);
    const heardMs = Math.max(
      ...suspicions.map((event) => event.atMs - Number(event.data.silentMs ?? 0)),
      Number.NEGATIVE_INFINITY,
    );
    found.push({
      startMs: Number.isFinite(heardMs) ? heardMs : atMs,
      seenMs: suspicions[0]?.atMs ?? null,
      agreedMs: atMs,
      what: stopped ? `${node} was stopped in order` : `${node} was lost`,
      node,
    });
  }
  return found;
}

function failures(events: readonly ClusterEvent[]): Cause[] {
  return events.filter(isFailure).map(({ atMs, node, data }) => ({
    startMs: atMs,
    seenMs: null,
    agreedMs: atMs,
    what: `${data.operation} of ${data.resource} failed on ${node}`,
    node,
  }));
}

type Phase = 'seen' | 'agreed' | 'decided' | 'done';

const PHASE: Partial<Record<ClusterEvent['kind'], Phase>> = {
  suspected: 'seen',
  stopping: 'seen',
  view: 'agreed',
  lost: 'agreed',
  quorum: 'agreed',
  dc: 'agreed',
  transition: 'decided',
  fencing: 'done',
  fenced: 'done',
  operation: 'done',
};

/**
 * A failover in plain words: what was seen, agreed, decided and done, when, by whom and how long it took.
 *
 * @param decided lines of what a transition decided, by `NODE NAME` of its input
 */
export function failoverLines(failover: Failover, decided: ReadonlyMap<string, readonly string[]>): string[] {
  const { startMs, what, seenMs } = failover;
  const lines = [`${what} at ${formatTime(startMs)}`, ''];
  const shown = mergeWitnesses(failover.events).filter(
    (event) => PHASE[event.kind] !== undefined && !isQuietMonitor(event),
  );
  const width = Math.max(4, ...shown.map(({ node }) => node.length));
  const line = (atMs: number, phase: string, node: string, text: string): string =>
    `  ${`+${formatSpan(Math.max(0, atMs - startMs))}`.padStart(10)}  ${phase.padEnd(7)}  ${node.padEnd(width)}  ${text}`;
  if (seenMs !== null)
    lines.push(line(startMs, '', failover.node, `${failover.node} was heard for the last time`));
  for (const event of shown) {
    const ended = event.kind === 'transition' && event.data.state !== 'begun';
    lines.push(line(event.atMs, ended ? 'done' : PHASE[event.kind]!, event.node, sentence(event)));
    if (event.kind !== 'transition' || ended) continue;
    const own = failover.transitions.find(
      ({ node, startMs: begun }) => node === event.node && begun === event.atMs,
    );
    const decisions = own?.input && decided.get(`${own.input.node} ${own.input.name}`);
    for (const decision of decisions ?? []) lines.push(`${' '.repeat(27 + width)}${decision}`);
    if (own?.input) lines.push(`${' '.repeat(27 + width)}(input: ${transitionName(own)})`);
  }
  return [...lines, '', ...summary(failover)];
}

/** A recurring monitor that finds what it should. */
function isQuietMonitor(event: ClusterEvent): boolean {
  return event.kind === 'operation' && event.data.operation === 'monitor' && !isFailure(event);
}

function sentence(event: ClusterEvent): string {
  const { kind, text, data } = event;
  if (kind !== 'operation') return text;
  const took = typeof data.execTimeMs === 'number' ? `, took ${formatSpan(data.execTimeMs)}` : '';
  return `${plainWords(event)?.text ?? text}${took}`;
}

/** The phases with their lengths, and what serves again where. */
function summary({ startMs, seenMs, agreedMs, endMs, transitions, events, node }: Failover): string[] {
  const lines: string[] = [];
  const phase = (text: string, fromMs: number, toMs: number): void => {
    lines.push(`  ${text.padEnd(34)} ${formatSpan(Math.max(0, toMs - fromMs))}`);
  };
  if (seenMs !== null) phase('until it was noticed', startMs, seenMs);
  if (seenMs !== null) phase('until the others agreed', seenMs, agreedMs);
  const fencing = events.find(({ kind }) => kind === 'fencing');
  const fenced = events.find(({ kind, data }) => kind === 'fenced' && data.target === fencing?.data.target);
  const first = transitions[0];
  if (first) phase('until it was decided what to do', agreedMs, first.startMs);
  if (first) phase('until it was done', first.startMs, endMs);
  if (fencing && fenced) phase(`of it, fencing ${fencing.data.target}`, fencing.atMs, fenced.atMs);
  phase('altogether', startMs, endMs);
  const back = new Map<string, ClusterEvent>();
  for (const event of events) {
    const { kind, data } = event;
    if (kind !== 'operation' || isFailure(event)) continue;
    const resource = String(data.resource);
    if (['start', 'promote', 'migrate_from'].includes(String(data.operation))) back.set(resource, event);
    else if (['stop', 'demote'].includes(String(data.operation)) && event.node !== node)
      back.delete(resource);
  }
  for (const [resource, event] of back) {
    const how = event.data.operation === 'promote' ? 'is promoted' : 'runs again';
    lines.push(
      `  ${resource} ${how} on ${event.node} after ${formatSpan(Math.max(0, event.atMs - startMs))}`,
    );
  }
  return lines;
}
