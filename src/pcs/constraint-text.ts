import { isTrue } from '../cib/boolean.js';
import type { Element } from '../cib/element.js';
import { roleOfToday } from './tree.js';
import { byCodePoint } from './words.js';

/** Constraints as pcs 0.11 lists them. */

const ROLE_ATTRIBUTES: readonly string[] = ['role', 'rsc-role', 'with-rsc-role'];

/** Attributes but for the hidden ones; roles by their names of today, whichever the CIB has. */
function others(element: Element, hidden: readonly string[]): [string, string][] {
  return [...element.attributes]
    .filter(([name]) => !hidden.includes(name))
    .map(([name, value]): [string, string] => [
      name,
      ROLE_ATTRIBUTES.includes(name) ? roleOfToday(value) : value,
    ])
    .sort(([a], [b]) => byCodePoint(a, b));
}

export function colocationText(element: Element, full: boolean): string {
  const get = (name: string) => element.get(name) ?? '';
  const parts = [get('rsc'), 'with', get('with-rsc'), `(score:${get('score')})`];
  for (const [name, value] of others(element, ['rsc', 'with-rsc', 'id', 'score']))
    parts.push(`(${name}:${value})`);
  if (full) parts.push(`(id:${element.id})`);
  return parts.join(' ');
}

export function orderText(element: Element, full: boolean): string {
  const get = (name: string) => element.get(name) ?? '';
  let strength = '(kind:Mandatory)';
  if (get('kind') !== '') strength = `(kind:${get('kind')})`;
  else if (get('score') !== '') strength = `(score:${get('score')})`;
  const symmetrical = element.get('symmetrical');
  const shown = ['first', 'then', 'first-action', 'then-action', 'id', 'score', 'kind', 'symmetrical'];
  const rest = [...element.attributes]
    .filter(([name]) => !shown.includes(name))
    .map(([name, value]) => `${name}=${value}`);
  return [
    get('first-action'),
    get('first'),
    'then',
    get('then-action'),
    get('then'),
    strength,
    symmetrical !== undefined && !isTrue(symmetrical) ? '(non-symmetrical)' : '',
    rest.length > 0 ? `(Options: ${rest.join(' ')})` : '',
    full ? `(id:${element.id})` : '',
  ]
    .filter((part) => part !== '')
    .join(' ');
}

export function ticketText(element: Element, full: boolean): string {
  const role = element.get('rsc-role');
  const options = others(element, ['rsc-role', 'rsc', 'id']).map(([name, value]) => `${name}=${value}`);
  const parts = [element.get('rsc') ?? '', ...options, ...(full ? [`(id:${element.id})`] : [])];
  return `${role ? `${roleOfToday(role)} ` : ''}${parts.join(' ')}`;
}

export function setsText(element: Element, full: boolean): string {
  const parts: string[] = [];
  for (const set of element.elements('resource_set')) {
    parts.push('set', ...set.elements('resource_ref').map(({ id }) => id));
    parts.push(...others(set, ['id']).map(([name, value]) => `${name}=${value}`));
    if (full) parts.push(`(id:${set.id})`);
  }
  const options = others(element, ['id']).map(([name, value]) => `${name}=${value}`);
  if (options.length > 0) parts.push('setoptions', ...options);
  if (full) parts.push(`(id:${element.id})`);
  return parts.join(' ');
}

export type ConstraintKind = 'rsc_colocation' | 'rsc_order' | 'rsc_ticket';

const KINDS = {
  rsc_order: { title: 'Ordering Constraints:', plain: 'first', text: orderText },
  rsc_colocation: { title: 'Colocation Constraints:', plain: 'rsc', text: colocationText },
  rsc_ticket: { title: 'Ticket Constraints:', plain: 'rsc', text: ticketText },
} as const;

/** One constraint, with or without sets. */
export function constraintText(kind: ConstraintKind, element: Element, full: boolean): string {
  return element.first('resource_set') ? setsText(element, full) : KINDS[kind].text(element, full);
}

/** The list of one kind, with its heading. */
export function constraintLines(cib: Element, kind: ConstraintKind, full: boolean): string[] {
  const { title, plain, text } = KINDS[kind];
  const all = cib.at('configuration', 'constraints')?.elements(kind) ?? [];
  const simple = all.filter((element) => element.get(plain) !== undefined);
  const sets = all.filter((element) => element.get(plain) === undefined);
  return [
    title,
    ...simple.map((element) => `  ${text(element, full)}`),
    ...(sets.length > 0
      ? ['  Resource Sets:', ...sets.map((element) => `    ${setsText(element, full)}`)]
      : []),
  ];
}
