import type { Element, Node } from '../cib/element.js';

/**
 * Puts children that were there before (by name and id) back into their old order, new ones after them. A document
 * without a feature set is changed by patches of the first format, which know no order; the result is the same here.
 */
export function keepOrder(before: Element, after: Element): void {
  const places = new Map<string, number>();
  for (const [i, child] of before.elements().entries()) places.set(`${child.name} ${child.id}`, i);
  const place = (child: Node) =>
    (child.kind === 'element' ? places.get(`${child.name} ${child.id}`) : undefined) ??
    Number.MAX_SAFE_INTEGER;
  after.children = after.children
    .map((child, i) => ({ child, i }))
    .sort((a, b) => place(a.child) - place(b.child) || a.i - b.i)
    .map(({ child }) => child);
  for (const child of after.elements()) {
    const old = before.elements(child.name).find((one) => one.id === child.id);
    if (old) keepOrder(old, child);
  }
}
