import type { Outcome } from './life.js';

interface AnyLife {
  readonly seed: number;
  readonly steps: readonly { readonly afterMs: number }[];
}

/** How a life can be made smaller, each to be tried by itself; only those that make a difference. */
export type Simplifications<L> = (life: L) => Iterable<L>;

/**
 * Seeds that a smaller life is tried with beside its own: without a step all that is left to chance comes out otherwise, and
 * what made the step superfluous may need other luck.
 */
const OTHER_CHANCES = 5;

/**
 * The smallest life found that fails in the same way (safety, liveness or crash): steps are taken out in ever smaller
 * blocks, then everything else is made as calm as it can be while it still fails.
 *
 * @param play must give the same outcome for the same life every time
 * @param runsMax how often it may be called
 */
export function minimise<L extends AnyLife>(
  life: L,
  outcome: Outcome,
  play: (life: L) => Outcome,
  simplifications: Simplifications<L>,
  runsMax = 1500,
): L {
  let best = life;
  let runs = 0;
  const failsSo = (candidate: L): boolean => {
    if (runs >= runsMax) return false;
    runs++;
    const { kind, text } = play(candidate);
    if (kind !== outcome.kind || shapeOf(text) !== shapeOf(outcome.text)) return false;
    best = candidate;
    return true;
  };
  const fails = (candidate: L): boolean => {
    for (let chance = 0; chance <= OTHER_CHANCES; chance++) {
      if (failsSo({ ...candidate, seed: candidate.seed + chance })) return true;
    }
    return false;
  };
  const dropSteps = (): void => {
    for (
      let size = Math.ceil(best.steps.length / 2);
      size >= 1;
      size = size === 1 ? 0 : Math.ceil(size / 2)
    ) {
      for (let at = best.steps.length - size; at >= 0; at -= size) {
        if (!fails({ ...best, steps: without(best.steps, at, size) })) {
          fails({ ...best, steps: [...best.steps.slice(0, at), ...best.steps.slice(at + size)] });
        }
      }
    }
  };
  dropSteps();
  for (let before: L | null = null; before !== best && runs < runsMax; ) {
    before = best;
    for (const candidate of simplifications(best)) if (fails(candidate)) break;
  }
  dropSteps();
  return best;
}

/** The steps that are left happen when they did. */
function without(steps: AnyLife['steps'], at: number, size: number): AnyLife['steps'] {
  const [next, ...rest] = steps.slice(at + size);
  const waitedMs = steps.slice(at, at + size).reduce((sum, step) => sum + step.afterMs, 0);
  const later = next ? [{ ...next, afterMs: next.afterMs + waitedMs }] : [];
  return [...steps.slice(0, at), ...later, ...rest];
}

/** What is said without the numbers, and without details that follow. */
function shapeOf(text: string): string {
  return text
    .split('\n')[0]!
    .replace(/\([\d ]*\)|\d+/g, '#')
    .slice(0, 60);
}
