import { scanInteger } from '../cib/number.js';

/** A whole number of at least `minimum`; what cannot be read is the minimum. */
export function atLeast(text: string | undefined, minimum: number): number {
  const value = Number(scanInteger(text ?? '')?.value ?? minimum);
  return Math.min(Math.max(value, minimum), 2_147_483_647);
}
