import type { Element } from '../cib/element.js';

/** What `show` writes in place of a secret. */
export const MASK = '******';

/**
 * Values that `show` had masked mean what they meant: they are taken from the older version.
 *
 * @returns names of the masked values of which no older one is known
 */
export function unmask(element: Element, old: Element | undefined): string[] {
  const values = new Map<string, string>();
  for (const pair of old?.descendants() ?? []) {
    const value = pair.name === 'nvpair' ? pair.get('value') : undefined;
    if (value !== undefined) values.set(pair.id, value);
  }
  const lost: string[] = [];
  for (const pair of element.descendants()) {
    if (pair.name !== 'nvpair' || pair.get('value') !== MASK) continue;
    const value = values.get(pair.id);
    if (value === undefined) lost.push(pair.get('name') ?? pair.id);
    else pair.set('value', value);
  }
  return lost;
}

/** Hides values below an element; `shown` answers what is shown of a named value. */
export function maskValues(
  element: Element,
  shown: (name: string | undefined, value: string) => string,
): void {
  for (const each of element.descendants()) {
    const value = each.name === 'nvpair' ? each.get('value') : undefined;
    if (value !== undefined) each.set('value', shown(each.get('name'), value));
  }
}
