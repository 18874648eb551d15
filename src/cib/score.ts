import { scanInteger } from './number.js';

/** A score of this size or more is infinite ("Pacemaker Explained", Scores). */
export const INFINITY = 1_000_000;

/** What the words `red`, `yellow` and `green` stand for (cluster options `node-health-*`). */
export interface HealthScores {
  readonly red: number;
  readonly yellow: number;
  readonly green: number;
}

const NO_HEALTH_SCORES: HealthScores = { red: 0, yellow: 0, green: 0 };

/** Bounds to -INFINITY..INFINITY. */
export function clampScore(score: number): number {
  return score >= INFINITY ? INFINITY : Math.max(score, -INFINITY);
}

/**
 * Reads a score: `INFINITY`, `+INFINITY`, `-INFINITY` (in capitals), `red`, `yellow`, `green` (in any
 * case), or a number, of which what follows the digits is ignored. Anything else, and an absent score, is 0.
 */
export function parseScore(text: string | undefined, health: HealthScores = NO_HEALTH_SCORES): number {
  if (text === undefined) return 0;
  if (text === 'INFINITY' || text === '+INFINITY') return INFINITY;
  if (text === '-INFINITY') return -INFINITY;
  switch (text.toLowerCase()) {
    case 'red':
      return health.red;
    case 'yellow':
      return health.yellow;
    case 'green':
      return health.green;
  }
  const scanned = scanInteger(text);
  if (!scanned || scanned.clipped) return 0;
  return clampScore(Number(scanned.value));
}

/** The sum, bounded; -INFINITY wins over everything, INFINITY over everything finite. */
export function addScores(a: number, b: number): number {
  if (a <= -INFINITY || b <= -INFINITY) return -INFINITY;
  if (a >= INFINITY || b >= INFINITY) return INFINITY;
  return clampScore(a + b);
}

/** `INFINITY`, `-INFINITY` or the number. */
export function formatScore(score: number): string {
  return score >= INFINITY ? 'INFINITY' : score <= -INFINITY ? '-INFINITY' : String(score);
}
