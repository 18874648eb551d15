import { Element, type Node } from './element.js';
import { scanInteger } from './number.js';
import { INFINITY, parseScore } from './score.js';

/**
 * Sets an attribute; a value of the form `NAME++` or `NAME+=N` adds to what is there.
 */
export function setOrAdd(target: Element, name: string, value: string): void {
  const old = target.get(name);
  if (old === undefined || !value.startsWith(`${name}+`)) {
    target.set(name, value);
    return;
  }
  const rest = value.slice(name.length + 1);
  if (rest === '+' || rest.startsWith('=')) {
    const sum = parseScore(old) + (rest.startsWith('=') ? parseScore(rest.slice(1)) : 1);
    target.set(name, String(Math.min(sum, INFINITY)));
  } else {
    target.set(name, value);
  }
}

/** Takes a counter one up; an absent one becomes 1. */
export function increment(target: Element, name: string): void {
  const old = target.get(name);
  target.set(name, old === undefined ? '1' : String(Number(scanInteger(old)?.value ?? 0n) + 1));
}

/** Sums that were never expanded, because nothing was there to add to, count from 0. */
export function expandSums(root: Element): void {
  for (const element of root.descendants()) {
    for (const [name, value] of element.attributes) {
      if (!value.startsWith(`${name}+`)) continue;
      const rest = value.slice(name.length + 1);
      if (rest === '+') element.attributes.set(name, '1');
      else if (rest.startsWith('=')) {
        element.attributes.set(name, String(Math.min(parseScore(rest.slice(1)), INFINITY)));
      }
    }
  }
}

/** `value++` and `value+=N` as a node attribute's new value: so much more than the old one, which may be missing. */
export function expandAttributeValue(value: string, old: string | null): string {
  const match = /^value\+(?:\+|=(.*))$/.exec(value);
  if (!match) return value;
  const more = match[1] === undefined ? 1 : parseScore(match[1]);
  return String(Math.min(parseScore(old ?? '0') + more, INFINITY));
}

/** The child that an update speaks of: of the same name and, where it has one, id or id-ref. */
function addressed(parent: Element, update: Element): Element | undefined {
  const key = update.attributes.has('id') ? 'id' : update.attributes.has('id-ref') ? 'id-ref' : undefined;
  return parent
    .elements(update.name)
    .find((child) => key === undefined || child.get(key) === update.get(key));
}

/** Puts what an update holds into an element: attributes are set, children are updated or made. */
export function merge(target: Element, update: Element): void {
  for (const [name, value] of update.attributes) setOrAdd(target, name, value);
  for (const child of update.children) {
    if (child.kind === 'comment') {
      const known = target.children.some((other) => other.kind === 'comment' && other.text === child.text);
      if (!known) target.children.push({ ...child });
    } else if (child.kind === 'element') {
      merge(addressed(target, child) ?? target.append(new Element(child.name)), child);
    }
  }
}

/** Updates the first element at or below `root` that has the update's name and id; false where there is none. */
export function mergeFirst(root: Element, update: Element): boolean {
  if (root.name === update.name && root.get('id') === update.get('id')) {
    merge(root, update);
    return true;
  }
  return root.elements().some((child) => mergeFirst(child, update));
}

/**
 * Adds an element, or its parts where a part of it is there. `__replace` in the addition names children that go
 * first.
 */
export function add(parent: Element, addition: Element): void {
  const target = addressed(parent, addition) ?? parent.append(new Element(addition.name));
  for (const name of (addition.get('__replace') ?? '').split(',')) {
    const old = name === '' ? undefined : target.first(name);
    if (old) target.remove(old);
  }
  for (const [name, value] of addition.attributes) {
    if (name !== '__replace') setOrAdd(target, name, value);
  }
  for (const child of addition.elements()) add(target, child);
}

/** Whether an element of the addition's name and id is among the children. */
export function isPresent(parent: Element, addition: Element): boolean {
  const id = addition.get('id');
  return parent.elements(addition.name).some((child) => id === undefined || child.get('id') === id);
}

/**
 * Finds the first element below `root` that a description speaks of: of the same name, the same id where the
 * description has one, and for `exact` with all its attributes.
 */
export function findDescribed(
  root: Element,
  description: Element,
  exact: boolean,
): { readonly parent: Element; readonly element: Element } | undefined {
  const id = description.get('id');
  for (const child of root.elements()) {
    const fits =
      child.name.toLowerCase() === description.name.toLowerCase() &&
      (id === undefined || child.get('id') === id) &&
      (!exact ||
        [...description.attributes].every(
          ([name, value]) => child.get(name)?.toLowerCase() === value.toLowerCase(),
        ));
    if (fits) return { parent: root, element: child };
    const below = findDescribed(child, description, exact);
    if (below) return below;
  }
  return undefined;
}

/** Puts a copy of a node in the place of another. */
export function replaceChild(parent: Element, old: Node, replacement: Element): void {
  parent.children[parent.children.indexOf(old)] = replacement.clone();
}
