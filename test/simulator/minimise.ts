import type { Outcome } from './life.js';

/** How a life can be made smaller, each to be tried by itself; only those that make a difference. */
export type Simplifications<L> = (life: L) => Iterable<L>;

/**
 * The smallest life found that fails in the same way (safety, liveness or crash): steps are taken out in ever smaller
 * blocks, then everything else is made as calm as it can be while it still fails.
 *
 * @param play must give the same outcome for the same life every time
 * @param runsMax how often it may be called
 */
export function minimise<L extends { readonly steps: readonly unknown[] }>(
  life: L,
  outcome: Outcome,
  play: (life: L) => Outcome,
  simplifications: Simplifications<L>,
  runsMax = 400,
): L {
  let best = life;
  let runs = 0;
  const fails = (candidate: L): boolean => {
    if (runs >= runsMax) return false;
    runs++;
    const { kind, text } = play(candidate);
    if (kind !== outcome.kind || shapeOf(text) !== shapeOf(outcome.text)) return false;
    best = candidate;
    return true;
  };
  const dropSteps = (): void => {
    for (
      let size = Math.ceil(best.steps.length / 2);
      size >= 1;
      size = size === 1 ? 0 : Math.ceil(size / 2)
    ) {
      for (let at = best.steps.length - size; at >= 0; at -= size) {
        const steps = [...best.steps.slice(0, at), ...best.steps.slice(at + size)];
        fails({ ...best, steps });
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

/** What is said without the numbers, and without details that follow. */
function shapeOf(text: string): string {
  return text
    .split('\n')[0]!
    .replace(/\([\d ]*\)|\d+/g, '#')
    .slice(0, 60);
}
