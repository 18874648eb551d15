import type { QuorumOptions } from '../../src/membership/types.js';
import { type ClusterFault, type ClusterLife, drawClusterLife } from './cluster-life.js';
import type { Step } from './life.js';
import { Random } from './random.js';

const DYNAMIC: readonly Partial<QuorumOptions>[] = [
  { lastManStanding: true, lastManStandingWindowMs: 300 },
  { lastManStanding: true, lastManStandingWindowMs: 300, autoTieBreaker: true },
  { allowDownscale: true, expectedVotes: 1 },
  { autoTieBreaker: true },
];

/**
 * Draws a life of a whole cluster in circumstances that are rare in the others: two nodes either of which may go on alone
 * once it has fenced the other, expected votes that change, services that fail by themselves, disks without room, and
 * documents that are damaged in a member's memory.
 */
export function drawRareLife(seed: number): ClusterLife {
  const random = new Random(seed * 7919 + 9);
  const isPair = random.chance(0.4);
  const life: ClusterLife = { ...drawClusterLife(seed, isPair ? 2 : random.integer(3, 5)), kind: 'rare' };
  const ids = Array.from({ length: life.nodes }, (_, i) => i + 1);
  const rare: (() => ClusterFault)[] = [
    () => ({ kind: 'break-service', node: random.pick(ids) }),
    () => ({ kind: 'break-service', node: random.pick(ids) }),
    () => ({ kind: 'disk-full', node: random.pick(ids), forMs: random.integer(100, 3000) }),
    () => ({ kind: 'sever', times: random.integer(1, 3) }),
    () => ({ kind: 'damage', node: random.pick(ids) }),
    () => ({ kind: 'damage', node: random.pick(ids) }),
  ];
  const steps: Step<ClusterFault>[] = [];
  for (const step of life.steps) {
    steps.push(step);
    if (random.chance(0.5)) steps.push({ afterMs: random.integer(0, 1000), ...random.pick(rare)() });
  }
  const common = { ...life, steps, arbiter: false };
  if (!isPair) return { ...common, quorum: random.chance(0.5) ? random.pick(DYNAMIC) : life.quorum };
  return {
    ...common,
    fencing: true,
    fenceFailure: random.pick([0, 0, 0.3]),
    quorum: { twoNode: true, waitForAll: random.chance(0.7) },
  };
}
