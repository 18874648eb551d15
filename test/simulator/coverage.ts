import type { NodeId, View } from '../../src/membership/types.js';
import { sameMembers } from '../../src/membership/view.js';
import { type Check, viewNumber } from './checks/check.js';
import type { Kind } from './life.js';

const LONG: readonly Kind[] = ['cluster', 'rare', 'membership', 'agreement', 'electorate'];
const ALL: readonly Kind[] = [...LONG, 'wire'];
const CLUSTERS: readonly Kind[] = ['cluster', 'rare'];
const PARTED: readonly Kind[] = ['cluster', 'rare', 'membership', 'agreement'];

/**
 * What must happen now and then for a campaign to mean anything, and in which kinds of lives: a fault that never strikes, or
 * a case that never arises, is not tried. Noted is what came about, not what was drawn.
 */
const SOMETIMES = {
  'a view changed': ALL,
  'a quorum was lost': ALL,
  'a coordinator was lost': ALL,
  'a proposal came to nothing': ALL,
  'a message was delivered at the end of its view': PARTED,
  'a tie was broken': ['rare', 'membership', 'agreement', 'electorate'],
  'votes enough still waited for all': PARTED,
  'expected votes changed': ['rare', 'membership', 'agreement', 'electorate'],
  'a part had agreed on expected votes alone': ['electorate'],
  'a power failure': ALL,
  'a power failure during a write': LONG,
  'a torn file': LONG,
  'an old name that came back': LONG,
  'a disk without room': PARTED,
  'a node that stood still': PARTED,
  'a node that stood still for more than a token': PARTED,
  'a node that left': ALL,
  'a lost packet': ALL,
  'a packet that came twice': ALL,
  'a packet that overtook another': ALL,
  'a way that was cut in one direction': PARTED,
  'one cut link of two': PARTED,
  'a slow link': PARTED,
  'clocks of unequal speed': PARTED,
  'an arbiter': ['cluster', 'membership', 'agreement'],
  'a failure detector that was wrong': ['agreement'],
  'a DC that stood still': CLUSTERS,
  'a clock that was set': CLUSTERS,
  'an agent that ended beside its executor': CLUSTERS,
  'a running node that was fenced': CLUSTERS,
  'a fence device that failed': CLUSTERS,
  'a service that moved': CLUSTERS,
  'a service that failed': CLUSTERS,
  'an operation that failed': CLUSTERS,
  'an operation that hung': CLUSTERS,
  'an operation of more than a second': CLUSTERS,
  'an acknowledged write': CLUSTERS,
  'a refused write': CLUSTERS,
  'a write of unknown fate': CLUSTERS,
  'a document in conflict': CLUSTERS,
  'a damaged document': ['rare'],
  'a changed key': ['wire'],
  'a recorded packet that was new to its addressee': ['wire'],
  "a replay of a sender's earlier run": ['wire'],
  "a replay from a receiver's earlier run": ['wire'],
  'a dead node that was not brought to life': ['wire'],
  'a blackout': CLUSTERS,
} as const satisfies Record<string, readonly Kind[]>;

export type Sometimes = keyof typeof SOMETIMES;

/** What one life has met. */
export class Coverage {
  readonly #met = new Set<Sometimes>();

  meet(what: Sometimes): void {
    this.#met.add(what);
  }

  get met(): readonly Sometimes[] {
    return [...this.#met];
  }
}

/** In how many lives each thing was met. */
export type Counts = Partial<Record<Sometimes, number>>;

function expectedIn(kind: Kind): Sometimes[] {
  const names = Object.keys(SOMETIMES) as Sometimes[];
  return names.filter((name) => (SOMETIMES[name] as readonly Kind[]).includes(kind));
}

function livesWith(what: Sometimes, counts: readonly Counts[]): number {
  return counts.reduce((sum, one) => sum + (one[what] ?? 0), 0);
}

/** What lives of that kind are to meet now and then, and have not. */
export function neverMet(kind: Kind, counts: readonly Counts[]): Sometimes[] {
  return expectedIn(kind).filter((what) => livesWith(what, counts) === 0);
}

/** How many of the lives have met what: a table, or one line of what was met least. */
export function coverageLines(
  kind: Kind,
  counts: readonly Counts[],
  lives: number,
  asTable: boolean,
): string[] {
  const found = expectedIn(kind)
    .map((what) => ({ what, times: livesWith(what, counts) }))
    .sort((a, b) => b.times - a.times);
  const part = (times: number) => `${((times / lives) * 100).toFixed(1)} %`;
  const never = found.filter(({ times }) => times === 0).map(({ what }) => what);
  const missing = never.length > 0 ? [`never met: ${never.join(', ')}`] : [];
  if (asTable) {
    const rows = found.map(
      ({ what, times }) => `${String(times).padStart(8)} ${part(times).padStart(7)}  ${what}`,
    );
    return ['lives that have met', ...rows, ...missing];
  }
  const met = found.filter(({ times }) => times > 0);
  return [`met: ${met.map(({ what, times }) => `${what} ${part(times)}`).join(', ')}`, ...missing];
}

/** Notes what can be told from what the checks are told. */
export function coverageCheck(coverage: Coverage): Check {
  const installed = new Set<number>();
  const proposedBy = new Map<NodeId, number>();
  const lastOn = new Map<string, NodeId>();
  const noteView = (view: View, previous: View | null): void => {
    const { quorate, waitingForAll, totalVotes, expectedVotes, quorum, electorate } = view.quorum;
    if (quorate && totalVotes * 2 === expectedVotes) coverage.meet('a tie was broken');
    if (waitingForAll && totalVotes >= quorum) coverage.meet('votes enough still waited for all');
    if (electorate) coverage.meet('expected votes changed');
    if (!previous) return;
    if (!sameMembers(view.members, previous.members)) coverage.meet('a view changed');
    if (previous.quorum.quorate && !quorate) coverage.meet('a quorum was lost');
    if (!view.members.some(({ node }) => node === previous.id.coordinator))
      coverage.meet('a coordinator was lost');
  };
  return {
    name: 'coverage',
    proposing(node, id) {
      const before = proposedBy.get(node);
      if (before !== undefined && !installed.has(before)) coverage.meet('a proposal came to nothing');
      proposedBy.set(node, viewNumber(id));
    },
    view(_node, view, previous) {
      installed.add(viewNumber(view.id));
      noteView(view, previous);
    },
    ordered(_node, _view, _message, transitional) {
      if (transitional) coverage.meet('a message was delivered at the end of its view');
    },
    starting(node, resource) {
      const before = lastOn.get(resource);
      if (before !== undefined && before !== node) coverage.meet('a service that moved');
      lastOn.set(resource, node);
    },
    stopped(_node, _resource, how) {
      if (how === 'failure') coverage.meet('a service that failed');
    },
  };
}
