import { type Check, violate } from './check.js';

export interface WritesCheck extends Check {
  acknowledged(name: string): void;
  refused(name: string): void;
}

/**
 * Every acknowledged change is in the document in the end, and none of which the client was told that it was refused.
 * Where two halves may both act, it may also be in one that was kept aside.
 */
export function writesCheck(document: () => string, keptAside: () => readonly string[]): WritesCheck {
  const acknowledged: string[] = [];
  const refused: string[] = [];
  return {
    name: 'writes',
    acknowledged(name) {
      acknowledged.push(name);
    },
    refused(name) {
      refused.push(name);
    },
    settled() {
      const text = document();
      const isIn = (one: string, name: string) => one.includes(`name="${name}"`);
      const isThere = (name: string) => isIn(text, name);
      const others = keptAside();
      const lost = acknowledged.filter((name) => !isThere(name) && !others.some((one) => isIn(one, name)));
      if (lost.length > 0) violate(`acknowledged and lost: ${lost.join(', ')} (of ${acknowledged.length})`);
      const made = refused.filter(isThere);
      if (made.length > 0) violate(`refused and made: ${made.join(', ')} (of ${refused.length})`);
    },
  };
}
