import type { NodeId, QuorumOptions } from '../../src/membership/types.js';
import type { MembershipLife, Step } from './life.js';
import { CALM } from './network.js';
import { Random } from './random.js';

const QUORUM_OPTIONS: readonly Partial<QuorumOptions>[] = [
  { lastManStanding: true, lastManStandingWindowMs: 100 },
  { lastManStanding: true, lastManStandingWindowMs: 300, autoTieBreaker: true },
  { allowDownscale: true, expectedVotes: 1 },
  { allowDownscale: true, expectedVotes: 1, autoTieBreaker: true },
];
/** A majority of those that are left and one of all that were there share no node from five on, ties apart. */
const NODE_COUNTS = [3, 3, 4, 5, 5, 5, 5, 6, 7];

/**
 * Draws a life that is about whose votes are expected: some nodes go, the others agree to do without them, and at the
 * moment when one alone knows that this is agreed, everything is parted another way and whoever had gone is back.
 */
export function drawElectorateLife(seed: number): MembershipLife {
  const random = new Random(seed * 104_729 + 13);
  const nodes = random.pick(NODE_COUNTS);
  const ids = Array.from({ length: nodes }, (_, i) => i + 1);
  const tokenMs = random.pick([300, 300, 1000]);
  const quorum = random.pick(QUORUM_OPTIONS);
  const slowestDiskMs = random.pick([4, 4, 50]);
  const settledMs = tokenMs * 2 + (quorum.lastManStandingWindowMs ?? 0) * 2 + slowestDiskMs * 10 + 300;
  const steps: Step[] = [];
  const rounds = random.integer(1, 3);
  for (let left = rounds; left > 0; left--) {
    const round = drawRound(random, ids, quorum, tokenMs, slowestDiskMs, settledMs);
    steps.push({ afterMs: settledMs, kind: 'mend' }, ...round);
  }
  return {
    kind: 'electorate',
    seed,
    nodes,
    links: 1,
    tokenMs,
    votes: random.chance(0.2) ? Object.fromEntries(ids.map((id) => [id, random.integer(0, 3)])) : {},
    quorum,
    network: random.chance(0.5)
      ? CALM
      : { loss: random.pick([0, 0.02, 0.1]), duplication: 0.05, delayMinMs: 0.1, delayMaxMs: 30 },
    slowestDiskMs,
    crashOnWrite: random.pick([0, 0, 0, 0.05]),
    drift: 0,
    copies: random.chance(0.1),
    chatterMs: 0,
    steps,
  };
}

function drawRound(
  random: Random,
  ids: readonly NodeId[],
  quorum: Partial<QuorumOptions>,
  tokenMs: number,
  slowestDiskMs: number,
  settledMs: number,
): Step[] {
  const order = [...ids].sort(() => random.fraction() - 0.5);
  const gone = order.slice(0, random.integer(1, Math.max(1, Math.floor((ids.length - 1) / 2))));
  const when = random.pick(['proposed', 'agreed', 'agreed'] as const);
  // What is proposed is promised as soon as it is on disk, and what is agreed known as soon as it gets through.
  const lateMs = when === 'proposed' ? random.integer(0, slowestDiskMs * 2) : random.pick([0, 0, 0, 1, 10]);
  const steps: Step[] = [
    {
      afterMs: 0,
      kind: 'part-at-electorate',
      when,
      left: random.some(ids),
      lateMs,
      crash: random.chance(0.2) ? random.pick(ids) : null,
    },
  ];
  // Those whose votes are given up: who left on purpose, or who stays away.
  const how = quorum.allowDownscale ? 'leave' : random.pick(['crash', 'partition'] as const);
  if (how === 'partition') steps.push({ afterMs: 0, kind: 'partition', left: gone });
  else for (const node of gone) steps.push({ afterMs: 0, kind: how, node });
  steps.push({ afterMs: settledMs + random.integer(0, tokenMs * 2), kind: 'start', node: random.pick(ids) });
  // Who has agreed on something may forget it.
  if (random.chance(0.3)) {
    const node = random.pick(ids);
    steps.push(
      { afterMs: random.integer(0, tokenMs), kind: 'crash', node },
      { afterMs: random.integer(0, tokenMs), kind: 'start', node },
    );
  }
  return steps;
}
