import { drawClusterLife, simplerClusterLives } from './cluster-life.js';
import { playClusterLife } from './cluster-scenario.js';
import { drawElectorateLife } from './electorate-life.js';
import type { Kind, Outcome } from './life.js';
import { drawMembershipLife, simplerMembershipLives } from './membership-life.js';
import { playMembershipLife } from './membership-scenario.js';
import { minimise, type Simplifications } from './minimise.js';
import { drawRareLife } from './rare-life.js';
import { tell } from './tell.js';
import { drawWireLife } from './wire-life.js';

/**
 * The kinds of lives that are simulated: `cluster` (whole nodes with services, fencing and clients), `rare` (the same in circumstances that are rare there), `membership` (the
 * failure detector, views and ordered messages), `agreement` (views and ordered messages under a failure detector
 * that is wrong whenever chance likes) and `electorate` (memberships whose expected votes change) and `wire` (memberships with sealed packets, and somebody who forges and replays them).
 */
export const KINDS = {
  cluster: (seed: number) => run(drawClusterLife(seed), playClusterLife, simplerClusterLives),
  rare: (seed: number) => run(drawRareLife(seed), playClusterLife, simplerClusterLives),
  membership: (seed: number) =>
    run(drawMembershipLife(seed, 'membership'), playMembershipLife, simplerMembershipLives),
  agreement: (seed: number) =>
    run(drawMembershipLife(seed, 'agreement'), playMembershipLife, simplerMembershipLives),
  electorate: (seed: number) => run(drawElectorateLife(seed), playMembershipLife, simplerMembershipLives),
  wire: (seed: number) => run(drawWireLife(seed), playMembershipLife, simplerMembershipLives),
} as const satisfies Record<Kind, (seed: number) => Run>;

export interface Run {
  readonly outcome: Outcome;
  /** What happens; where it failed, in the smallest life that fails in the same way. For people to read. */
  story(): readonly string[];
}

interface AnyLife {
  readonly seed: number;
  readonly steps: readonly { readonly afterMs: number; readonly kind: string }[];
}

function run<L extends AnyLife>(
  life: L,
  play: (life: L, recording?: boolean) => Outcome,
  simpler: Simplifications<L>,
): Run {
  const outcome = play(life);
  return {
    outcome,
    story: () => {
      const least = outcome.ok ? life : minimise(life, outcome, play, simpler);
      return storyOf(least, life.steps.length, play(least, true));
    },
  };
}

const LINES_MAX = 150;

function storyOf(life: AnyLife, stepsBefore: number, outcome: Outcome): string[] {
  const { steps, ...surroundings } = life;
  const lines = outcome.lines.slice(-LINES_MAX);
  return [
    outcome.ok
      ? 'A life:'
      : `The smallest life found that fails so has ${steps.length} of ${stepsBefore} steps:`,
    ...Object.entries(surroundings).map(([name, value]) => `  ${name}: ${JSON.stringify(value)}`),
    ...steps.map((step) => `  after ${step.afterMs} ms: ${tell(step)}`),
    outcome.lines.length > LINES_MAX ? `The last ${LINES_MAX} lines of what happens:` : 'What happens:',
    ...lines.map((line) => `  ${line}`),
    `${outcome.kind}: ${outcome.text}`,
  ];
}
