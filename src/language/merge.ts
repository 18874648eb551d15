import type { Element } from '../cib/element.js';

const SET_ELEMENTS: ReadonlySet<string> = new Set(['instance_attributes', 'meta_attributes', 'utilization']);

/** Children of `source` with the same name (and interval) replace the attributes of those in `target`. */
export function mergePairs(target: Element, source: Element, name: string): boolean {
  let changed = false;
  const added: Element[] = [];
  for (const child of source.elements(name)) {
    const existing = target
      .elements(name)
      .find((one) =>
        (name === 'op' ? ['name', 'interval'] : ['name']).every((key) => one.get(key) === child.get(key)),
      );
    if (!existing) {
      added.push(child.clone());
      changed = true;
      continue;
    }
    for (const [key, value] of child.attributes) {
      if (key === 'id' || existing.get(key) === value) continue;
      existing.set(key, value);
      changed = true;
    }
  }
  target.children.push(...added);
  return changed;
}

/** Merges attribute sets and operations: the first set of each kind takes the values. */
export function mergeParts(target: Element, source: Element): boolean {
  let changed = false;
  const added: Element[] = [];
  for (const child of source.elements()) {
    const mergeable = SET_ELEMENTS.has(child.name) || child.name === 'operations';
    const existing = target.first(child.name);
    if (!existing) {
      if (mergeable) {
        added.push(child.clone());
        changed = true;
      }
    } else if (SET_ELEMENTS.has(child.name)) changed = mergePairs(existing, child, 'nvpair') || changed;
    else if (child.name === 'operations') changed = mergePairs(existing, child, 'op') || changed;
  }
  target.children.push(...added);
  return changed;
}

/** Puts a child of a property set into another: a value replaces that of its name, a rule that of its id. */
export function copyInto(target: Element, child: Element): void {
  if (child.name === 'nvpair') {
    const name = child.get('name');
    const value = child.get('value');
    const existing = target.elements().find((one) => one.get('name') === name);
    if (value === undefined || !existing) target.append(child.clone());
    else existing.set('value', value);
    return;
  }
  const same = target.children.findIndex(
    (one) => one.kind === 'element' && one.get('id') === child.get('id'),
  );
  if (same >= 0) target.children.splice(same, 1, child.clone());
  else target.append(child.clone());
}
