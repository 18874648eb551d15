import type { Element, Node } from '../cib/element.js';

/** Feature set from which on patches say where a child goes. */
const ORDERED_FROM = [3, 0, 9];

/** Whether the document is one that is changed by patches of the second format, which know order. */
export function patchesKnowOrder(cib: Element): boolean {
  const words = (cib.get('crm_feature_set') ?? '0').split('.').map(Number);
  for (const [i, wanted] of ORDERED_FROM.entries()) {
    const have = words[i] ?? 0;
    if (have !== wanted) return have > wanted;
  }
  return true;
}

/**
 * Puts children that were there before (by name and id) back into their old order, new ones after them. A document
 * with an old feature set is changed by patches of the first format, which know no order; the result is the same here.
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
