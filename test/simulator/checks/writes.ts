import { type Check, violate } from './check.js';

export interface WritesCheck extends Check {
  acknowledged(name: string): void;
}

/** Every acknowledged change is in the document in the end. */
export function writesCheck(document: () => string): WritesCheck {
  const acknowledged: string[] = [];
  return {
    name: 'writes',
    acknowledged(name) {
      acknowledged.push(name);
    },
    settled() {
      const text = document();
      const lost = acknowledged.filter((name) => !text.includes(`name="${name}"`));
      if (lost.length > 0) violate(`acknowledged and lost: ${lost.join(', ')} (of ${acknowledged.length})`);
    },
  };
}
