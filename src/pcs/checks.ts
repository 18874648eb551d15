import { parseBoolean } from '../cib/boolean.js';
import type { Element } from '../cib/element.js';
import { timeoutSeconds } from './environment.js';
import { type Finding, forceable } from './refusal.js';
import { idExists, idMistakes, isScore } from './tree.js';
import { plural, quotedList } from './words.js';

/** Checks of options and their values, with pcs's words for what is wrong. */

export type Options = ReadonlyMap<string, string>;

export interface CheckOptions {
  /** What the options belong to: `resource`, `resource operation`, ... */
  readonly of?: string;
  /** Undefined: `--force` does not help. */
  readonly forced?: boolean | undefined;
}

function finding(text: string, { forced }: CheckOptions): Finding {
  return forced === undefined ? { severity: 'error', text } : forceable(text, forced);
}

function prefix(of: string | undefined): string {
  return of === undefined || of === '' ? '' : `${of} `;
}

/** Only options with these names. */
export function namesIn(options: Options, allowed: readonly string[], how: CheckOptions = {}): Finding[] {
  const wrong = [...options.keys()].filter((name) => !allowed.includes(name));
  if (wrong.length === 0) return [];
  const those =
    allowed.length === 0
      ? ' there are no options allowed'
      : ` allowed ${allowed.length === 1 ? 'option is' : 'options are:'} ${quotedList(allowed)}`;
  const names = `${plural(wrong, 'option', 'options:')} ${quotedList(wrong)}`;
  return [finding(`invalid ${prefix(how.of)}${names},${those}`, how)];
}

/** All of these are there and not empty. */
export function requiredAll(
  options: Options,
  required: readonly string[],
  how: CheckOptions = {},
): Finding[] {
  const missing = required.filter((name) => (options.get(name) ?? '') === '');
  if (missing.length === 0) return [];
  const text = `required ${prefix(how.of)}${plural(missing, 'option')} ${quotedList(missing)} ${plural(missing, 'is')} missing`;
  return [finding(text, how)];
}

export function invalidValue(name: string, value: string, hint: string | readonly string[] | null): string {
  const use = hint === null ? '' : `, use ${typeof hint === 'string' ? hint : quotedList(hint)}`;
  return `'${value}' is not a valid ${name} value${use}`;
}

export interface ValueCheck extends CheckOptions {
  /** The name that the message uses. */
  readonly as?: string;
  /** An empty value removes the option and is fine. */
  readonly emptyIsFine?: boolean;
}

function valueCheck(
  good: (value: string) => boolean,
  hint: string | readonly string[] | null,
): (options: Options, name: string, how?: ValueCheck) => Finding[] {
  return (options, name, how = {}) => {
    const value = options.get(name);
    if (value === undefined || (value === '' && how.emptyIsFine) || good(value)) return [];
    return [finding(invalidValue(how.as ?? name, value, hint), how)];
  };
}

/** One of a list. */
export function valueIn(
  options: Options,
  name: string,
  allowed: readonly string[],
  how: ValueCheck = {},
): Finding[] {
  return valueCheck((value) => allowed.includes(value), allowed)(options, name, how);
}

const BOOLEANS = ['0', '1', 'false', 'n', 'no', 'off', 'on', 'true', 'y', 'yes'];
export const BOOLEAN_HINT = `a pacemaker boolean value: ${quotedList(BOOLEANS)}`;

export const valueIsBoolean = valueCheck((value) => parseBoolean(value) !== undefined, BOOLEAN_HINT);
export const valueIsPositive = valueCheck((value) => /^\+?0*[1-9]\d*$/.test(value), 'a positive integer');
export const valueIsNonnegative = valueCheck((value) => /^\+?\d+$/.test(value), 'a non-negative integer');
export const valueIsInteger = valueCheck((value) => /^[+-]?\d+$/.test(value), 'an integer');
export const valueIsTime = valueCheck(
  (value) => timeoutSeconds(value) !== null,
  'time interval (e.g. 1, 2s, 3m, 4h, ...)',
);
export const valueIsPort = valueCheck(
  (value) => /^\d+$/.test(value) && Number(value) >= 1 && Number(value) <= 65535,
  'a port number (1..65535)',
);
export const valueIsPortRange = valueCheck(
  (value) =>
    /^\d+-\d+$/.test(value) && value.split('-').every((part) => Number(part) >= 1 && Number(part) <= 65535),
  'port-port',
);
export const valueIsSomeInteger = valueCheck(isScore, 'an integer or INFINITY or -INFINITY');

export function valueInRange(
  options: Options,
  name: string,
  low: number,
  high: number,
  how: ValueCheck = {},
): Finding[] {
  const good = (value: string) => /^\d+$/.test(value) && Number(value) >= low && Number(value) <= high;
  return valueCheck(good, `${low}..${high}`)(options, name, how);
}

/** A value that says something. */
export function valueNotEmpty(options: Options, name: string, hint: string | null, as = name): Finding[] {
  if (options.get(name) !== '') return [];
  return [{ severity: 'error', text: `${as} cannot be empty${hint === null ? '' : `, use ${hint}`}` }];
}

/** A score; there are words of its own for that. */
export function valueIsScore(options: Options, name: string): Finding[] {
  const value = options.get(name);
  if (value === undefined || isScore(value)) return [];
  return [{ severity: 'error', text: invalidScore(value) }];
}

export function invalidScore(score: string): string {
  return `invalid score '${score}', use integer or INFINITY or -INFINITY`;
}

/** A new id: well-formed and free. */
export function newId(cib: Element, id: string, description = 'id'): Finding[] {
  const mistakes = idMistakes(id, description);
  if (mistakes.length > 0) return mistakes.map((text) => ({ severity: 'error', text }));
  return idExists(cib, id) ? [{ severity: 'error', text: `'${id}' already exists` }] : [];
}

/** Not two of them. */
export function exclusive(options: Options, names: readonly string[], of?: string): Finding[] {
  const given = names.filter((name) => options.has(name));
  if (given.length < 2) return [];
  const text = `Only one of ${prefix(of)}options ${quotedList(given, ' and ')} can be used`;
  return [{ severity: 'error', text }];
}
