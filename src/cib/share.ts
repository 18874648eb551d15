import { Element } from './element.js';
import { patchFormat } from './patch.js';

const STEP = /\/([^/[]+)(?:\[@id='(.*?)'\])?(?=\/|$)/gy;

function shallow(element: Element): Element {
  return new Element(element.name, element.attributes, [...element.children], element.position);
}

/**
 * A copy that a patch can be applied to without the original changing: what the patch's paths lead through is
 * copied, everything else is shared. Neither document may be edited by hand afterwards.
 */
export function copyForPatch(root: Element, patch: Element): Element {
  if (patchFormat(patch) !== 2) return root.clone();
  const copy = shallow(root);
  const own = new Set<Element>([copy]);
  for (const change of patch.elements('change')) {
    let here = [copy];
    const steps = [...(change.get('path') ?? '').matchAll(STEP)].slice(1);
    for (const [, name, id] of steps) here = here.flatMap((parent) => ownChildren(parent, name!, id, own));
  }
  return copy;
}

/** The children that a step of a path may mean, made copies of where they are shared. */
function ownChildren(parent: Element, name: string, id: string | undefined, own: Set<Element>): Element[] {
  const found: Element[] = [];
  for (const [index, child] of parent.children.entries()) {
    if (child.kind !== 'element' || child.name !== name) continue;
    if (id !== undefined && child.get('id') !== id) continue;
    if (own.has(child)) {
      found.push(child);
      continue;
    }
    const copied = shallow(child);
    own.add(copied);
    parent.children[index] = copied;
    found.push(copied);
  }
  return found;
}
