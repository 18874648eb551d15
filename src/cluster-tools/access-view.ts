import type { Element } from '../cib/element.js';
import type { Surroundings } from '../command-line/tool.js';

/** Shows a CIB with what a user may do with each part of it. */
export function annotate(cib: Element, user: string, form: string, surroundings: Surroundings): number {
  surroundings.err(`${cib.name} ${user} ${form}\n`);
  return 1;
}
