import type { Element } from './element.js';
import type { PatchOutcome } from './patch.js';

/**
 * Applies a patch of the old format: `diff-removed` and `diff-added` each hold the document reduced to what is
 * removed or added; `__crm_diff_marker__` marks the tops of whole subtrees.
 */
export function applyVersion1(root: Element, patch: Element): PatchOutcome {
  const side = (name: string) => patch.first(name)?.elements() ?? [];
  const removed = side('diff-removed');
  const added = side('diff-added');
  if (removed.length > 1 || added.length > 1) {
    return { ok: false, failure: 'mismatch', message: 'a patch can only hold one change set' };
  }
  if (removed[0]) remove(root, removed[0]);
  const missing: string[] = [];
  if (added[0]) addTo(root, added[0], missing);
  for (const element of root.descendants()) element.attributes.delete(MARKER);
  if (missing.length > 0) {
    return { ok: false, failure: 'mismatch', message: `cannot find ${missing.join(', ')}` };
  }
  return { ok: true };
}

const MARKER = '__crm_diff_marker__';

function matching(parent: Element, wanted: Element): Element | undefined {
  return parent.elements(wanted.name).find((child) => child.get('id') === wanted.get('id'));
}

function remove(target: Element, patch: Element): void {
  for (const name of patch.attributes.keys()) {
    if (name !== 'id' && name !== MARKER) target.attributes.delete(name);
  }
  for (const part of patch.elements()) {
    const child = matching(target, part);
    if (!child) continue;
    if (part.get(MARKER) === 'removed:top') target.remove(child);
    else remove(child, part);
  }
}

function addTo(target: Element, patch: Element, missing: string[]): void {
  for (const [name, value] of patch.attributes) {
    target.attributes.delete(name);
    target.attributes.set(name, value);
  }
  for (const part of patch.elements()) {
    const child = matching(target, part);
    if (child) addTo(child, part, missing);
    else if (part.get(MARKER) === 'added:top') target.children.push(part.clone());
    else missing.push(`${part.name} ${part.id}`);
  }
}
