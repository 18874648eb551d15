import {
  addDays,
  addMonths,
  addSeconds,
  addYears,
  type CivilTime,
  compareTimes,
  gregorianDate,
  splitSeconds,
  weekDate,
} from './civil-time.js';
import type { Element } from './element.js';
import { dereference } from './ids.js';
import { parseInterval } from './interval.js';
import { parseDateTime } from './iso8601.js';
import {
  compareIgnoringCase,
  parseIntegerRange,
  sameIgnoringCase,
  scanDouble,
  scanInteger,
} from './number.js';
import { parseRole, ROLE_ORDER, type Role } from './role.js';
import { parseScore } from './score.js';
import { compareVersions } from './version.js';

/** A map of names to values; a `Map` is one. */
export interface Lookup {
  get(name: string): string | undefined;
}

/** What the expressions of a rule are judged against. What is absent makes the expressions that need it false. */
export interface RuleSurroundings {
  /** The present, in the local time zone. */
  readonly now: CivilTime;
  /** The node's attributes, with `#uname`, `#id`, `#kind` and `#site-name` where they are to be known. */
  readonly node?: Lookup | undefined;
  /** The role that a resource has or would have, for `#role`. */
  readonly role?: Role | undefined;
  /** Parts of a location constraint's `rsc-pattern` that matched, for `%0` to `%9` in attribute names. */
  readonly submatches?: readonly (string | undefined)[] | undefined;
  /**
   * The resource's parameters and meta-attributes, for `value-source`. Where the whole is absent (rules that
   * are in no location constraint), `value-source` is not looked at and the value is literal.
   */
  readonly valueSources?:
    | { readonly params?: Lookup | undefined; readonly meta?: Lookup | undefined }
    | undefined;
  /** For `rsc_expression`. */
  readonly resource?:
    | { readonly class: string; readonly provider?: string | undefined; readonly type: string }
    | undefined;
  /** For `op_expression`. */
  readonly operation?: { readonly name: string; readonly intervalMs: number } | undefined;
  /** The document, to follow `id-ref` of rules; without it they are not followed. */
  readonly root?: Element | undefined;
  /** Told what is wrong with a date that cannot be read. */
  readonly onInvalidDate?: ((reason: string) => void) | undefined;
  /** Told of every element whose `id-ref` refers to nothing. */
  readonly onMissing?: ((element: Element) => void) | undefined;
  /** Told of every time at which a date expression's result changes. */
  readonly onChangeAt?: ((time: CivilTime) => void) | undefined;
}

/** How the present lies to a date expression. `undetermined`: it says nothing or cannot be read. */
export type DateVerdict = 'within' | 'before' | 'after' | 'undetermined' | 'satisfied';

/**
 * Whether any of the `rule` children holds; true where there are none (an nvpair set or a lifetime without rules
 * always counts).
 */
export function rulesHold(element: Element, surroundings: RuleSurroundings): boolean {
  const rules = element.elements('rule');
  return rules.length === 0 || rules.some((rule) => ruleHolds(rule, surroundings));
}

/** Whether a rule holds. One without expressions holds, unless its `boolean-op` is `or`. */
export function ruleHolds(rule: Element, surroundings: RuleSurroundings): boolean {
  const referred = surroundings.root ? dereference(rule, surroundings.root) : rule;
  if (!referred) surroundings.onMissing?.(rule);
  const actual = referred ?? rule;
  const expressions = actual.elements();
  const holds = (expression: Element) => expressionHolds(expression, surroundings);
  return sameIgnoringCase(actual.get('boolean-op'), 'or')
    ? expressions.some(holds)
    : expressions.every(holds);
}

/** Whether one part of a rule holds: an expression of any kind, or a nested rule. */
export function expressionHolds(expression: Element, surroundings: RuleSurroundings): boolean {
  switch (expression.name) {
    case 'rule':
      return ruleHolds(expression, surroundings);
    case 'date_expression': {
      const verdict = judgeDate(expression, surroundings);
      return verdict === 'within' || verdict === 'satisfied';
    }
    case 'rsc_expression':
      return resourceMatches(expression, surroundings);
    case 'op_expression':
      return operationMatches(expression, surroundings);
    case 'expression':
      return expression.get('attribute') === '#role'
        ? roleMatches(expression, surroundings)
        : attributeMatches(expression, surroundings);
    default:
      return false;
  }
}

function attributeMatches(expression: Element, surroundings: RuleSurroundings): boolean {
  const { node, valueSources, submatches } = surroundings;
  if (!node) return false;
  const name = expression.get('attribute');
  if (name === undefined) return false;
  let value = expression.get('value');
  if (valueSources) {
    if (value === '') value = undefined;
    const source = expression.get('value-source')?.toLowerCase();
    if (value !== undefined && source === 'param') value = valueSources.params?.get(value);
    else if (value !== undefined && source === 'meta') value = valueSources.meta?.get(value);
  }
  const attribute = submatches ? expandSubmatches(name, submatches) : name;
  return compareValues(node.get(attribute), value, expression.get('type'), expression.get('operation'));
}

/** Puts what `%0` to `%9` matched in their places; a `%` and digit that matched nothing vanish. */
export function expandSubmatches(text: string, submatches: readonly (string | undefined)[]): string {
  return text.replace(/%([0-9])/g, (_, digit: string) => submatches[Number(digit)] ?? '');
}

/**
 * Judges `left operation right`.
 *
 * @param left value of the node attribute, absent where it is not set
 * @param type `string`, `integer`, `number` or `version`; where absent, the order operations compare numbers
 *   and the others strings. Numbers that cannot be read are compared as strings.
 * @param operation `defined`, `not_defined`, `eq`, `ne`, `lt`, `lte`, `gt`, `gte`; anything else is false
 */
export function compareValues(
  left: string | undefined,
  right: string | undefined,
  type: string | undefined,
  operation: string | undefined,
): boolean {
  const op = operation?.toLowerCase();
  if (op === 'defined') return left !== undefined;
  if (op === 'not_defined') return left === undefined;
  const order =
    left === undefined || right === undefined
      ? Number(left !== undefined) - Number(right !== undefined)
      : orderOf(left, right, type?.toLowerCase() ?? defaultType(op, left, right));
  if (op === 'eq') return order === 0;
  if (op === 'ne') return order !== 0;
  if (left === undefined || right === undefined) return false;
  switch (op) {
    case 'lt':
      return order < 0;
    case 'lte':
      return order <= 0;
    case 'gt':
      return order > 0;
    case 'gte':
      return order >= 0;
    default:
      return false;
  }
}

function defaultType(operation: string | undefined, left: string, right: string): string {
  if (operation === undefined || !['lt', 'lte', 'gt', 'gte'].includes(operation)) return 'string';
  return left.includes('.') || right.includes('.') ? 'number' : 'integer';
}

function orderOf(left: string, right: string, type: string): number {
  if (type === 'integer') {
    const a = scanInteger(left);
    const b = scanInteger(right);
    if (a && b && !a.clipped && !b.clipped) return a.value < b.value ? -1 : a.value > b.value ? 1 : 0;
    return compareIgnoringCase(left, right);
  }
  if (type === 'number') {
    const a = scanDouble(left);
    const b = scanDouble(right);
    if (a !== undefined && b !== undefined) return a < b ? -1 : a > b ? 1 : 0;
    return compareIgnoringCase(left, right);
  }
  if (type === 'version') return compareVersions(left, right);
  return type === 'string' ? compareIgnoringCase(left, right) : 0;
}

function roleMatches(expression: Element, { role }: RuleSurroundings): boolean {
  if (role === undefined || role === 'Unknown') return false;
  const promotable = ROLE_ORDER[role] >= ROLE_ORDER.Unpromoted;
  switch (expression.get('operation')?.toLowerCase()) {
    case 'defined':
      return promotable;
    case 'not_defined':
      return !promotable;
    case 'eq':
      return parseRole(expression.get('value')) === role;
    case 'ne':
      return promotable && parseRole(expression.get('value')) !== role;
    default:
      return false;
  }
}

function resourceMatches(expression: Element, { resource }: RuleSurroundings): boolean {
  if (!resource) return false;
  const standard = expression.get('class');
  const type = expression.get('type');
  return (
    (standard === undefined || standard === resource.class) &&
    expression.get('provider') === resource.provider &&
    (type === undefined || type === resource.type)
  );
}

function operationMatches(expression: Element, { operation }: RuleSurroundings): boolean {
  if (!operation) return false;
  const interval = expression.get('interval');
  if (interval !== undefined && parseInterval(interval) !== operation.intervalMs) return false;
  return expression.get('name') === operation.name;
}

/** The end of a `duration` element that starts at `start`. Years are added first, seconds last. */
export function durationEnd(start: CivilTime, duration: Element): CivilTime {
  const amount = (name: string): number => {
    const scanned = scanInteger(duration.get(name) ?? '');
    if (!scanned || scanned.clipped || scanned.value > 2147483647n || scanned.value < -2147483648n) return 0;
    return Number(scanned.value);
  };
  let end = addYears({ ...start, duration: false }, amount('years'));
  if (amount('months') !== 0) end = addMonths(end, amount('months'));
  end = addDays(end, 7 * amount('weeks'));
  end = addDays(end, amount('days'));
  end = addSeconds(end, 3600 * amount('hours'));
  end = addSeconds(end, 60 * amount('minutes'));
  return addSeconds(end, amount('seconds'));
}

/** How the present lies to a `date_expression`. */
export function judgeDate(expression: Element, surroundings: RuleSurroundings): DateVerdict {
  const { now, onChangeAt } = surroundings;
  const time = (name: string): CivilTime | undefined => {
    const text = expression.get(name);
    if (text === undefined) return undefined;
    const parsed = parseDateTime(text, now);
    if (!parsed.ok) surroundings.onInvalidDate?.(parsed.reason);
    return parsed.ok ? parsed.value : undefined;
  };
  const start = time('start');
  let end = time('end');
  const duration = expression.first('duration');
  if (start && !end && duration) end = durationEnd(start, duration);
  switch (expression.get('operation')?.toLowerCase()) {
    case undefined:
    case 'in_range':
      if (!start && !end) return 'undetermined';
      if (start && compareTimes(now, start) < 0) {
        onChangeAt?.(start);
        return 'before';
      }
      if (end && compareTimes(now, end) > 0) return 'after';
      if (end) onChangeAt?.(addSeconds(end, 1));
      return 'within';
    case 'date_spec': {
      const specification = expression.first('date_spec');
      return specification ? judgeDateSpecification(specification, now) : 'satisfied';
    }
    case 'gt':
      if (!start) return 'undetermined';
      if (compareTimes(now, start) > 0) return 'within';
      onChangeAt?.(addSeconds(start, 1));
      return 'before';
    case 'lt':
      if (!end) return 'undetermined';
      if (compareTimes(now, end) >= 0) return 'after';
      onChangeAt?.(end);
      return 'within';
    default:
      return 'undetermined';
  }
}

/**
 * How a time lies to a `date_spec`: the first field that is not met decides; a field that cannot be read counts
 * as met. The time is taken as it is, in its own zone.
 */
export function judgeDateSpecification(specification: Element, now: CivilTime): DateVerdict {
  const date = gregorianDate(now);
  const clock = splitSeconds(now.seconds);
  const week = weekDate(now);
  const fields: readonly (readonly [string, number])[] = [
    ['years', date.year],
    ['months', date.month],
    ['monthdays', date.day],
    ['hours', clock.hours],
    ['minutes', clock.minutes],
    ['seconds', clock.seconds],
    ['yeardays', now.days],
    ['weekyears', week?.year ?? 0],
    ['weeks', week?.week ?? 0],
    ['weekdays', week?.weekday ?? 0],
    ['moon', moonPhase(now)],
  ];
  for (const [name, value] of fields) {
    const text = specification.get(name);
    const range = text === undefined ? undefined : parseIntegerRange(text);
    if (!range) continue;
    if (range.low !== undefined && BigInt(value) < range.low) return 'before';
    if (range.high !== undefined && BigInt(value) > range.high) return 'after';
  }
  return 'satisfied';
}

/** Phase of the moon, 0 (new) to 7, 4 being full; the well-known approximation by the golden number. */
function moonPhase(now: CivilTime): number {
  const golden = (now.years % 19) + 1;
  let epact = (11 * golden + 18) % 30;
  if ((epact === 25 && golden > 11) || epact === 24) epact++;
  return Math.trunc((((now.days + epact) * 6 + 11) % 177) / 22) & 7;
}

export interface NvpairOptions {
  /** This set comes before all others, whatever its score. */
  readonly alwaysFirst?: string;
  /** Later sets replace what earlier ones gave. Default false: the first one wins. */
  readonly overwrite?: boolean;
}

/**
 * The nvpair sets (`meta_attributes`, `instance_attributes`, ...) below an element in the order in which they
 * count: `alwaysFirst`, then by descending score, and of equal scores the last in the document first. A set that
 * is an `id-ref` is replaced by what it refers to, and left out where there is no such set.
 */
export function orderedSets(
  parent: Element,
  setName: string,
  root: Element,
  alwaysFirst?: string,
  onMissing?: (element: Element) => void,
): { readonly element: Element; readonly score: number }[] {
  const sets: { element: Element; score: number }[] = [];
  for (const child of parent.elements(setName)) {
    const element = dereference(child, root);
    if (element) sets.push({ element, score: parseScore(element.get('score')) });
    else onMissing?.(child);
  }
  if (sets.length < 2) return sets;
  const first = (set: { element: Element }) =>
    alwaysFirst !== undefined && sameIgnoringCase(set.element.get('id'), alwaysFirst) ? 1 : 0;
  return sets.reverse().sort((a, b) => first(b) - first(a) || b.score - a.score);
}

/**
 * Collects names and values of all nvpair sets below an element whose rules hold. `#default` as a value removes
 * what an earlier set gave.
 *
 * @param into where they are put; what is there already counts as given by an earlier set
 */
export function collectNvpairs(
  parent: Element,
  setName: string,
  root: Element,
  surroundings: RuleSurroundings,
  into: Map<string, string> = new Map(),
  options: NvpairOptions = {},
): Map<string, string> {
  for (const { element } of orderedSets(parent, setName, root, options.alwaysFirst, surroundings.onMissing)) {
    if (!rulesHold(element, surroundings)) continue;
    const list = element.elements()[0]?.name === 'attributes' ? element.elements()[0]! : element;
    for (const pair of list.elements('nvpair')) {
      const referred = pair.get('id-ref') === undefined ? undefined : dereference(pair, root);
      if (pair.get('id-ref') !== undefined && !referred) surroundings.onMissing?.(pair);
      const name = pair.get('name') ?? referred?.get('name');
      const value = pair.get('value') ?? referred?.get('value');
      if (name === undefined || value === undefined) continue;
      if (value.toLowerCase() === '#default') into.delete(name);
      else if (options.overwrite || !into.has(name)) into.set(name, value);
    }
  }
  return into;
}
