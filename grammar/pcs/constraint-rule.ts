/**
 * Rules of location constraints: the same language as those of defaults, but for `op` and `resource`, which have no
 * place here. Each word is an argument of the command; parentheses may touch words. It is read by binding powers:
 *
 *     and or (40)  <  eq ne lt gt lte gte, in_range ... to (50)  <  defined not_defined (60)
 *                  <  string integer number version, date-spec duration (70)
 *
 * Complaints are those of pcs: `unexpected 'x' after 'eq'`.
 */
import {
  COMPARISONS,
  type Comparison,
  type DatePart,
  type RuleExpression,
  VALUE_TYPES,
  type ValueType,
} from './rule-ast.js';

/** What is wrong; null where pcs only says that it is no rule. */
export class RuleMistake extends Error {
  readonly reason: string | null;
  constructor(reason: string | null) {
    super(reason ?? 'not a rule');
    this.name = 'RuleMistake';
    this.reason = reason;
  }
}

const DATE_PARTS = [
  'hours',
  'monthdays',
  'weekdays',
  'yeardays',
  'months',
  'weeks',
  'years',
  'weekyears',
  'moon',
];
const DATE_LIMITS: Readonly<Record<string, readonly [number, number]>> = {
  hours: [0, 23],
  monthdays: [0, 31],
  weekdays: [1, 7],
  yeardays: [1, 366],
  months: [1, 12],
  weeks: [1, 53],
  weekyears: [1, 53],
  moon: [0, 7],
};
const POWERS: Readonly<Record<string, number>> = {
  ...Object.fromEntries(COMPARISONS.map((name) => [name, 50])),
  in_range: 50,
  and: 40,
  or: 40,
};
const PREFIXES = ['defined', 'not_defined'];
const OPERATORS = [...COMPARISONS, 'in_range', ...PREFIXES, 'date-spec'];
const VALUE_FORMS: Readonly<Record<ValueType, RegExp | null>> = {
  string: null,
  integer: /^[-+]?\d+$/,
  number: /^[-+]?(\d+|(\d*\.\d+)|(\d+\.\d*))([eE][+-]?\d+)?/,
  version: /^\d+(\.\d+)*$/,
};

/** What the parser works on: a word, or what became of several. */
type Item =
  | { readonly kind: 'word'; readonly text: string }
  | { readonly kind: 'typed'; readonly type: ValueType; readonly value: string }
  | { readonly kind: 'duration'; readonly parts: readonly DatePart[] }
  | { readonly kind: 'rule'; readonly label: string; readonly rule: RuleExpression };

/**
 * Reads the words of a rule.
 *
 * @param isDate whether a text is an ISO 8601 date
 * @throws RuleMistake
 */
export function parseConstraintRule(
  words: readonly string[],
  isDate: (text: string) => boolean,
): RuleExpression {
  const item = new RuleReader(joinDates(separateParentheses(words)), isDate).read();
  if (item.kind === 'rule') return item.rule;
  throw new RuleMistake(
    `missing one of '${[...COMPARISONS, 'in_range', ...PREFIXES, 'date-spec'].join("', '")}'`,
  );
}

function separateParentheses(words: readonly string[]): string[] {
  return words.flatMap((word) => (/[()]/.test(word) ? (word.match(/[()]|[^()]+/g) ?? []) : [word]));
}

function isDatePart(word: string): boolean {
  return DATE_PARTS.some((name) => word === name || word.startsWith(`${name}=`));
}

/** The parts behind `date-spec` and `duration` are one word to the parser. */
function joinDates(words: readonly string[]): string[] {
  const joined: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    joined.push(word);
    if (word !== 'date-spec' && word !== 'duration') continue;
    const parts: string[] = [];
    while (at + 1 < words.length && isDatePart(words[at + 1]!)) parts.push(words[++at]!);
    if (parts.length > 0) joined.push(parts.join(' '));
  }
  return joined;
}

const SYMBOLS = new Set([...OPERATORS, ...VALUE_TYPES, 'duration', 'and', 'or', 'to', '(', ')']);
const TYPES = new Set<string>([...VALUE_TYPES, 'date-spec', 'duration']);

class RuleReader {
  readonly #words: readonly string[];
  readonly #isDate: (text: string) => boolean;
  #next = 0;

  constructor(words: readonly string[], isDate: (text: string) => boolean) {
    this.#words = words;
    this.#isDate = isDate;
  }

  read(): Item {
    const item = this.#expression(0);
    const left = this.#words[this.#next];
    if (left !== undefined) throw new RuleMistake(`unexpected '${left}'`);
    return item;
  }

  /** A word that stands behind a type is a value, whatever it looks like. */
  #isSymbol(index: number): boolean {
    const word = this.#words[index];
    if (word === undefined || !SYMBOLS.has(word)) return false;
    const before = this.#words[index - 1];
    return !(before !== undefined && TYPES.has(before) && this.#isSymbol(index - 1));
  }

  #power(): number {
    return this.#isSymbol(this.#next) ? (POWERS[this.#words[this.#next]!] ?? 0) : 0;
  }

  #expression(power: number): Item {
    let left = this.#start();
    while (power < this.#power()) left = this.#continue(left);
    return left;
  }

  #start(): Item {
    const word = this.#words[this.#next];
    if (word === undefined) throw new RuleMistake('unexpected end of rule');
    const symbol = this.#isSymbol(this.#next);
    this.#next += 1;
    if (!symbol) return { kind: 'word', text: word };
    if (word === '(') {
      const inside = this.#expression(0);
      const close = this.#words[this.#next];
      if (close !== ')') {
        throw new RuleMistake(close === undefined ? "missing ')'" : `expecting ')', got '${close}'`);
      }
      this.#next += 1;
      return inside;
    }
    if (word === 'defined' || word === 'not_defined') {
      const name = this.#expression(60);
      if (name.kind !== 'word') throw new RuleMistake(`unexpected '${label(name)}' after '${word}'`);
      return {
        kind: 'rule',
        label: word,
        rule: { kind: 'defined', operation: word, attribute: name.text },
      };
    }
    const type = VALUE_TYPES.find((name) => name === word);
    if (type) {
      const value = this.#expression(70);
      if (value.kind !== 'word') throw new RuleMistake(`unexpected '${label(value)}' after '${word}'`);
      const form = VALUE_FORMS[type];
      if (form && !form.test(value.text)) throw new RuleMistake(`invalid ${type} value '${value.text}'`);
      return { kind: 'typed', type, value: value.text };
    }
    if (word === 'date-spec' || word === 'duration') {
      const value = this.#expression(70);
      if (value.kind !== 'word') throw new RuleMistake(`unexpected '${label(value)}' after '${word}'`);
      const parts = readParts(value.text, word);
      if (word === 'duration') return { kind: 'duration', parts };
      return { kind: 'rule', label: word, rule: { kind: 'date-spec', parts } };
    }
    throw new RuleMistake(`unexpected '${word}'`);
  }

  #continue(left: Item): Item {
    const operator = this.#words[this.#next]!;
    this.#next += 1;
    if (operator === 'and' || operator === 'or') return this.#boolean(left, operator);
    if (operator === 'in_range') return this.#inRange(left);
    return this.#comparison(left, operator as Comparison);
  }

  #boolean(left: Item, operator: 'and' | 'or'): Item {
    if (left.kind !== 'rule') throw new RuleMistake(`unexpected '${label(left)}' before '${operator}'`);
    const right = this.#expression(40);
    if (right.kind !== 'rule') throw new RuleMistake(`unexpected '${label(right)}' after '${operator}'`);
    const children = [left.rule, right.rule].flatMap((rule) =>
      rule.kind === operator ? rule.children : [rule],
    );
    return { kind: 'rule', label: operator, rule: { kind: operator, children } };
  }

  #comparison(left: Item, operation: Comparison): Item {
    if (left.kind !== 'word') throw new RuleMistake(`unexpected '${label(left)}' before '${operation}'`);
    const right = this.#expression(50);
    const attribute = left.text;
    if (right.kind === 'word' && attribute === 'date' && (operation === 'gt' || operation === 'lt')) {
      if (!this.#isDate(right.text)) throw new RuleMistake(`'${right.text}' is not an ISO 8601 date`);
      return { kind: 'rule', label: operation, rule: { kind: 'date', operation, date: right.text } };
    }
    if (right.kind !== 'word' && right.kind !== 'typed') {
      throw new RuleMistake(`unexpected '${label(right)}' after '${operation}'`);
    }
    const [type, value] = right.kind === 'word' ? [null, right.text] : [right.type, right.value];
    return { kind: 'rule', label: operation, rule: { kind: 'attribute', attribute, operation, type, value } };
  }

  #inRange(left: Item): Item {
    if (left.kind !== 'word' || left.text !== 'date') {
      throw new RuleMistake(`unexpected '${label(left)}' before 'in_range'`);
    }
    const start = this.#expression(50);
    if (start.kind !== 'word') throw new RuleMistake(`unexpected '${label(start)}' after 'in_range'`);
    const to = this.#words[this.#next];
    if (to !== 'to') {
      throw new RuleMistake(to === undefined ? "missing 'to'" : `expecting 'to', got '${to}'`);
    }
    this.#next += 1;
    const end = this.#expression(50);
    if (end.kind !== 'word' && end.kind !== 'duration') {
      throw new RuleMistake(`unexpected '${label(end)}' after 'in_range ... to'`);
    }
    for (const date of [start, end]) {
      if (date.kind === 'word' && !this.#isDate(date.text)) {
        throw new RuleMistake(`invalid date '${date.text}' in 'in_range ... to'`);
      }
    }
    const rule: RuleExpression =
      end.kind === 'word'
        ? { kind: 'in-range', start: start.text, end: end.text, duration: null }
        : { kind: 'in-range', start: start.text, end: null, duration: end.parts };
    return { kind: 'rule', label: 'in_range', rule };
  }
}

function label(item: Item): string {
  switch (item.kind) {
    case 'word':
      return item.text;
    case 'typed':
      return item.type;
    case 'duration':
      return 'duration';
    case 'rule':
      return item.label;
  }
}

function readParts(text: string, keyword: 'date-spec' | 'duration'): DatePart[] {
  const parts = new Map<string, string>();
  for (const part of text.split(/\s+/).filter((word) => word !== '')) {
    if (!isDatePart(part)) throw new RuleMistake(`unexpected '${part}' in ${keyword}`);
    const equals = part.indexOf('=');
    if (equals < 0) throw new RuleMistake(`missing =value after '${part}' in ${keyword}`);
    if (equals === part.length - 1) throw new RuleMistake(`missing value after '${part}' in ${keyword}`);
    parts.set(part.slice(0, equals), part.slice(equals + 1));
  }
  if (parts.size === 0) {
    throw new RuleMistake(`missing one of '${DATE_PARTS.join("=', '")}=' in ${keyword}`);
  }
  for (const [name, value] of parts) {
    const good = keyword === 'duration' ? /^\d+$/.test(value) : isPeriod(name, value);
    if (!good) throw new RuleMistake(`invalid ${name} '${value}' in '${keyword}'`);
  }
  return [...parts];
}

/** A number, or two that rise, within what the part allows. */
function isPeriod(name: string, value: string): boolean {
  const match = /^(\d+)(?:-(\d+))?$/.exec(value);
  if (!match) return false;
  const [low, high] = DATE_LIMITS[name] ?? [0, Number.MAX_SAFE_INTEGER];
  const since = Number(match[1]);
  if (since < low || since > high) return false;
  return match[2] === undefined || since < Number(match[2]);
}
