import type { Element } from '../cib/element.js';
import { element, type OutputElement, type OutputNode } from '../command-line/output.js';

/** An element tree of the CIB's kind as output. */
export function treeOutput(tree: Element): OutputElement {
  const children = tree.children.flatMap((child): OutputNode[] => {
    if (child.kind === 'comment') return [];
    return child.kind === 'text' ? [child.text] : [treeOutput(child)];
  });
  return element(tree.name, Object.fromEntries(tree.attributes), children);
}
