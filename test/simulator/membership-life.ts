import type { NodeId, QuorumOptions } from '../../src/membership/types.js';
import type { Fault, MembershipLife, Step } from './life.js';
import { CALM } from './network.js';
import { Random } from './random.js';

const TIE_BREAKER: Partial<QuorumOptions> = { autoTieBreaker: true };
const QUORUM_OPTIONS: readonly Partial<QuorumOptions>[] = [
  {},
  {},
  {},
  TIE_BREAKER,
  { waitForAll: true },
  { lastManStanding: true, lastManStandingWindowMs: 100 },
  { lastManStanding: true, lastManStandingWindowMs: 300, autoTieBreaker: true },
  { allowDownscale: true, expectedVotes: 1 },
  { arbiter: { algorithm: 'ffsplit', tieBreaker: 'lowest', keepActivePartition: false } },
  { arbiter: { algorithm: 'lms', tieBreaker: 'highest', keepActivePartition: true } },
];

/** Most mistakes need few nodes, and those cost little. */
const NODE_COUNTS = [2, 2, 3, 3, 3, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 6, 7, 9];

/** Whose votes are expected changes while the nodes run. */
export function changesElectorate(quorum: Partial<QuorumOptions>): boolean {
  const { lastManStanding, allowDownscale, autoTieBreaker, waitForAll } = quorum;
  return Boolean(lastManStanding || allowDownscale || (autoTieBreaker && waitForAll));
}

/**
 * Nodes go in groups, so slowly that those who are left agree on whose votes are expected, or just when they do; then
 * the last go as well and the others come back without them, who must not be quorate. Of its own chance, so that lives
 * without it are what they were.
 */
function drawAttrition(
  seed: number,
  ids: readonly NodeId[],
  tokenMs: number,
  quorum: Partial<QuorumOptions>,
): Step[] | null {
  const random = new Random(seed * 104_729 + 11);
  if (!changesElectorate(quorum) || !random.chance(0.5)) return null;
  const settledMs = tokenMs * 2 + (quorum.lastManStandingWindowMs ?? 0) * 2 + 300;
  const pause = () => (random.chance(0.6) ? settledMs : random.integer(0, settledMs));
  const steps: Step[] = [{ afterMs: tokenMs * 2 + 500, kind: 'mend' }];
  let left = [...ids].sort(() => random.fraction() - 0.5);
  const gone: NodeId[] = [];
  while (left.length > 2) {
    const group = left.splice(0, random.integer(1, Math.floor((left.length - 1) / 2)));
    let afterMs = pause();
    for (const node of group) {
      steps.push({ afterMs, kind: quorum.allowDownscale ? 'leave' : 'crash', node });
      afterMs = random.pick([0, 0, tokenMs]);
    }
    gone.push(...group);
  }
  left = left.sort((a, b) => a - b);
  if (random.chance(0.5)) steps.push({ afterMs: pause(), kind: 'partition', left });
  else {
    for (const [at, node] of left.entries())
      steps.push({ afterMs: at === 0 ? pause() : 0, kind: 'crash', node });
  }
  for (const node of gone) steps.push({ afterMs: 0, kind: 'start', node });
  steps.push({ afterMs: settledMs, kind: 'mend' });
  return steps;
}

/** Draws a life of bare memberships. Each knows only some of the faults: more of few finds more than a little of all. */
export function drawMembershipLife(seed: number, kind: 'membership' | 'agreement'): MembershipLife {
  const random = new Random(seed * 104_729 + (kind === 'agreement' ? 7 : 3));
  const nodes = random.pick(NODE_COUNTS);
  const ids = Array.from({ length: nodes }, (_, i) => i + 1);
  const tokenMs = random.pick([300, 1000, 1000, 3000]);
  const links = random.pick([1, 1, 2]);
  const weights: (readonly [number, () => Fault])[] = [];
  const possible = (probability: number, weight: number, make: () => Fault): void => {
    if (random.chance(probability)) weights.push([weight, make]);
  };
  const node = () => random.pick(ids);
  const another = (than: NodeId) => random.pick(ids.filter((id) => id !== than));
  const pace = random.pick([5, 30, 200, 1000]);
  possible(0.6, 1, () => ({ kind: 'crash', node: node() }));
  weights.push([1, () => ({ kind: 'start', node: node() })]);
  possible(0.2, 1, () => ({ kind: 'leave', node: node() }));
  possible(0.4, 1, () => ({ kind: 'pause', node: node(), forMs: random.integer(10, tokenMs * 3) }));
  possible(0.6, 1, () => {
    const from = node();
    const link = links > 1 && random.chance(0.5) ? random.integer(0, links - 1) : null;
    return { kind: 'cut', from, to: another(from), link };
  });
  possible(0.2, 1, () => {
    const from = node();
    return { kind: 'slow', from, to: another(from), byMs: random.integer(10, tokenMs) };
  });
  possible(0.6, 1, () => ({ kind: 'partition', left: random.some(ids) }));
  possible(0.8, 1, () => ({ kind: 'mend' }));
  possible(0.1, 1, () => ({ kind: 'disk-full', node: node(), forMs: random.integer(10, 3000) }));
  possible(0.9, 3, () => ({
    kind: 'talk',
    times: random.integer(1, 12),
    everyMs: random.pick([0, 1, 5, 20]),
  }));
  if (kind === 'agreement') {
    possible(0.7, 3, () => {
      const of = node();
      const suspectedOnly = random.chance(0.3);
      return { kind: 'doubt', of, about: another(of), suspectedOnly, forMs: random.integer(5, tokenMs * 2) };
    });
  }
  const steps: Step[] = [];
  const count = random.integer(4, 30);
  for (let i = 0; i < count; i++) {
    const make = random.weighted(weights);
    const afterMs = i === 0 ? random.integer(0, tokenMs * 2) : random.integer(0, pace);
    steps.push({ afterMs, ...make() });
  }
  const votes = random.chance(0.2) ? Object.fromEntries(ids.map((id) => [id, random.integer(0, 3)])) : {};
  const drawn = random.pick(QUORUM_OPTIONS);
  const sum = ids.reduce((all, id) => all + (votes[id] ?? 1), 0);
  // Of an odd number of votes it breaks ties only where whoever loses quorum waits for all.
  const quorum = drawn === TIE_BREAKER && sum % 2 === 1 ? { ...drawn, waitForAll: true } : drawn;
  return {
    kind,
    seed,
    nodes,
    links,
    tokenMs,
    votes,
    quorum,
    network: random.chance(0.4)
      ? CALM
      : {
          loss: random.pick([0, 0, 0.02, 0.15, 0.4]),
          duplication: random.pick([0, 0.05, 0.3]),
          delayMinMs: 0.1,
          delayMaxMs: random.pick([1, 30, 150, 600]),
        },
    slowestDiskMs: random.pick([4, 4, 50, 500]),
    crashOnWrite: random.pick([0, 0, 0, 0.05, 0.3]),
    drift: random.pick([0, 0, 0.02]),
    copies: random.chance(0.1),
    chatterMs: random.pick([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 25]),
    steps: drawAttrition(seed, ids, tokenMs, quorum) ?? steps,
  };
}

/** Lives that are calmer, or of fewer nodes, in one point each. */
export function* simplerMembershipLives(life: MembershipLife): Iterable<MembershipLife> {
  if (life.nodes > 2) {
    const nodes = life.nodes - 1;
    const isThere = (step: Step) =>
      Object.entries(step).every(
        ([name, value]) => !['node', 'from', 'to', 'of', 'about'].includes(name) || value !== life.nodes,
      );
    yield { ...life, nodes, steps: life.steps.filter(isThere) };
  }
  if (life.network !== CALM) {
    yield { ...life, network: CALM };
    if (life.network.loss > 0) yield { ...life, network: { ...life.network, loss: 0 } };
    if (life.network.duplication > 0) yield { ...life, network: { ...life.network, duplication: 0 } };
  }
  if (life.crashOnWrite > 0) yield { ...life, crashOnWrite: 0 };
  if (life.slowestDiskMs > 4) yield { ...life, slowestDiskMs: 4 };
  if (life.chatterMs > 0) yield { ...life, chatterMs: 0 };
  if (life.drift > 0) yield { ...life, drift: 0 };
  if (life.links > 1) yield { ...life, links: 1 };
  if (Object.keys(life.votes).length > 0) yield { ...life, votes: {} };
  if (Object.keys(life.quorum).length > 0) yield { ...life, quorum: {} };
}
