import { type Check, violate } from './check.js';

/** Documents that nodes believe to be the same are the same. */
export function documentsCheck(): Check {
  const texts = new Map<string, { node: number; text: string }>();
  return {
    name: 'documents',
    document(node, position, text) {
      const known = texts.get(position);
      if (!known) texts.set(position, { node, text });
      else if (known.text !== text) {
        violate(`at ${position} node ${known.node} has\n${known.text}\nnode ${node} has\n${text}`);
      }
    },
  };
}
