import type { ClusterEvent, SchedulerInput } from '../../protocol/messages.js';

/** One transition: what was decided when, and what came of it. */
export interface PastTransition {
  /** The DC's number; it begins anew with every start of an agent. */
  readonly id: string;
  /** The DC. */
  readonly node: string;
  readonly startMs: number;
  /** Null while it runs, or where its end was not recorded. */
  readonly endMs: number | null;
  /** `begun` (not ended), `complete`, `stopped` (by something new). */
  readonly state: string;
  /** Actions to do, done, failed; null where it was not recorded. */
  readonly actions: number | null;
  readonly failed: number;
  readonly reason: string;
  /** What the scheduler was given, where it is still kept. */
  readonly input: SchedulerInput | null;
  /** Its beginning, operations and fencing of all nodes meanwhile, its end. */
  readonly events: readonly ClusterEvent[];
}

/** A kept input belongs to the transition of that name that began so long before it was written, at most. */
const INPUT_LATE_MS = 60_000;

const DONE_MEANWHILE: ReadonlySet<string> = new Set(['operation', 'fencing', 'fenced']);

interface Growing {
  id: string;
  node: string;
  startMs: number;
  endMs: number | null;
  state: string;
  actions: number | null;
  failed: number;
  reason: string;
  inputName: string;
  input: SchedulerInput | null;
  events: ClusterEvent[];
}

/** Transitions found in events (oldest first), with the inputs that are kept; the oldest first. */
export function pastTransitions(
  events: readonly ClusterEvent[],
  inputs: readonly SchedulerInput[] = [],
): PastTransition[] {
  const found: Growing[] = [];
  let open: Growing[] = [];
  for (const event of events) {
    const { kind, data, node, atMs } = event;
    if (kind !== 'transition') {
      if (DONE_MEANWHILE.has(kind)) for (const transition of open) transition.events.push(event);
      continue;
    }
    const id = String(data.transition ?? data.id ?? '');
    const running = open.find((one) => one.node === node && one.id === id);
    if (running && data.state !== 'begun') {
      running.endMs = atMs;
      running.state = String(data.state ?? 'complete');
      running.failed = Number(data.failed ?? 0);
      running.events.push(event);
      open = open.filter((one) => one !== running);
    } else {
      // A DC runs one at a time: what it has not ended when the next begins, it never will.
      open = open.filter((one) => one.node !== node);
      const begun: Growing = {
        id,
        node,
        startMs: atMs,
        endMs: null,
        state: 'begun',
        actions: typeof data.actions === 'number' ? data.actions : null,
        failed: 0,
        reason: String(data.reason ?? ''),
        inputName: String(data.input ?? ''),
        input: null,
        events: [event],
      };
      found.push(begun);
      if (data.state !== 'failed') open.push(begun);
    }
  }
  for (const input of inputs) {
    const own = found.find(
      ({ inputName, node, startMs }) =>
        inputName === input.name &&
        node === input.node &&
        input.atMs >= startMs - 1000 &&
        input.atMs - startMs < INPUT_LATE_MS,
    );
    if (own) own.input = input;
    else {
      found.push({
        id: '',
        node: input.node,
        startMs: input.atMs,
        endMs: null,
        state: 'not recorded',
        actions: null,
        failed: 0,
        reason: '',
        inputName: input.name,
        input,
        events: [],
      });
    }
  }
  return found.sort((a, b) => a.startMs - b.startMs);
}

/** `pe-input-12`, else the DC's own number for it. */
export function transitionName({ input, id }: PastTransition): string {
  return input?.name ?? `transition-${id}`;
}

export type Picked =
  | { readonly ok: true; readonly transition: PastTransition }
  | { readonly ok: false; readonly why: string };

/**
 * The transition that an operator's word names: a number of a kept input (`12`), an index from the last (`0`, `-1`), a
 * name or a part of it (`pe-input-12`), or nothing for the last.
 */
export function pickTransition(known: readonly PastTransition[], word: string | undefined): Picked {
  const one = (found: readonly PastTransition[], what: string): Picked => {
    if (found.length === 1) return { ok: true, transition: found[0]! };
    return { ok: false, why: found.length === 0 ? `${what} not found` : `${what} ambiguous` };
  };
  const index = word === undefined ? 0 : Number(word);
  if (word !== undefined && /^-?\d+$/.test(word) && index > 0) {
    const numbered = known.filter(({ input }) => input?.name.endsWith(`-${index}`));
    return one(numbered.length > 0 ? numbered : known.filter(({ id }) => id === word), `PE file ${index}`);
  }
  if (word === undefined || /^-?\d+$/.test(word)) {
    const found = known.at(index - 1);
    if (found) return { ok: true, transition: found };
    const why =
      index === 0 ? 'no transitions found in the source' : `PE input file for index ${index} not found`;
    return { ok: false, why };
  }
  const exact = known.filter(
    (transition) => transitionName(transition) === word.replace(/\.(gz|bz2|xml)$/, ''),
  );
  return one(
    exact.length > 0 ? exact : known.filter((transition) => transitionName(transition).includes(word)),
    `${word}: path`,
  );
}

/** Words that tell transitions apart at a glance: resources acted on, nodes fenced, `error` where something failed. */
export function transitionTags({ events, failed }: PastTransition): string[] {
  const tags = new Set<string>();
  for (const { kind, data } of events) {
    if (kind === 'operation' && data.operation !== 'monitor') tags.add(String(data.resource ?? ''));
    if (kind === 'fencing' || kind === 'fenced') tags.add('fence').add(String(data.target ?? ''));
  }
  if (failed > 0 || events.some(isFailure)) tags.add('error');
  tags.delete('');
  return [...tags].sort();
}

/** An operation that did not come out as it should; a probe that finds nothing running is no failure. */
export function isFailure({ kind, data }: ClusterEvent): boolean {
  if (kind !== 'operation') return false;
  if (data.failed === true) return true;
  if (data.status !== undefined && data.status !== 'done') return data.status !== 'cancelled';
  const rc = Number(data.rc ?? 0);
  if (data.expected !== undefined) return rc !== Number(data.expected);
  const good = data.operation === 'monitor' ? (Number(data.intervalMs ?? 0) > 0 ? [0, 8] : [0, 7, 8]) : [0];
  return !good.includes(rc);
}
