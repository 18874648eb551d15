import { sameTree } from '../../../src/cib/diff.js';
import type { Element } from '../../../src/cib/element.js';
import { writeXml } from '../../../src/cib/xml.js';
import { type Check, violate } from './check.js';

/** Of so many changes one is looked at, the same at every node: a difference stays until the document is replaced. */
const LOOK_AT_ONE_OF = 4;

/**
 * Documents that nodes believe to be the same are the same; where some were damaged from outside, in the end.
 */
export function documentsCheck(
  current: () => Iterable<{ node: number; position: string; cib: Element }>,
  wereDamaged: () => boolean,
): Check {
  const known = new Map<string, { node: number; cib: Element }>();
  const compare = (node: number, position: string, cib: Element): void => {
    const first = known.get(position);
    if (!first) known.set(position, { node, cib: cib.clone() });
    else if (!sameTree(first.cib, cib, true)) {
      const [there, here] = [first.cib, cib].map((one) => writeXml(one, { indent: false }));
      violate(`at ${position} node ${first.node} has\n${there}\nnode ${node} has\n${here}`);
    }
  };
  return {
    name: 'documents',
    document(node, position, cib) {
      if (wereDamaged()) return;
      if (Number(/\d+$/.exec(position)?.[0] ?? 0) % LOOK_AT_ONE_OF === 0) compare(node, position, cib);
    },
    settled() {
      for (const { node, position, cib } of current()) compare(node, position, cib);
    },
  };
}
