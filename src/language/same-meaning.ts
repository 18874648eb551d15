import type { Element } from '../cib/element.js';

function orderless(element: Element): string {
  const attributes = [...element.attributes].sort(([a], [b]) => (a < b ? -1 : 1));
  const children = element.children.map((child) =>
    child.kind === 'element' ? orderless(child) : `${child.kind}:${child.text.trim()}`,
  );
  if (element.name === 'group') {
    const own = children.filter((_, i) => !isMember(element, i)).sort();
    return JSON.stringify([element.name, attributes, own, children.filter((_, i) => isMember(element, i))]);
  }
  if (element.name !== 'resource_set') children.sort();
  return JSON.stringify([element.name, attributes, children]);
}

function isMember(group: Element, index: number): boolean {
  const child = group.children[index]!;
  return child.kind === 'element' && child.name === 'primitive';
}

/** Equal but for the order of attributes and of siblings whose order means nothing. */
export function sameMeaning(a: Element, b: Element): boolean {
  return orderless(a) === orderless(b);
}

/** Whether an element lies in another. */
export function isInside(element: Element, container: Element): boolean {
  for (const each of container.descendants()) if (each === element) return true;
  return false;
}
