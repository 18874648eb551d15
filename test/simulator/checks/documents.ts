import { type Check, violate } from './check.js';

/** Of so many changes one is looked at, the same at every node: a difference stays until the document is replaced. */
const LOOK_AT_ONE_OF = 4;

/** Documents that nodes believe to be the same are the same. */
export function documentsCheck(
  current: () => Iterable<{ node: number; position: string; text: string }>,
): Check {
  const texts = new Map<string, { node: number; text: string }>();
  const compare = (node: number, position: string, text: string): void => {
    const known = texts.get(position);
    if (!known) texts.set(position, { node, text });
    else if (known.text !== text) {
      violate(`at ${position} node ${known.node} has\n${known.text}\nnode ${node} has\n${text}`);
    }
  };
  return {
    name: 'documents',
    document(node, position, text) {
      if (Number(/\d+$/.exec(position)?.[0] ?? 0) % LOOK_AT_ONE_OF === 0) compare(node, position, text());
    },
    settled() {
      for (const { node, position, text } of current()) compare(node, position, text);
    },
  };
}
