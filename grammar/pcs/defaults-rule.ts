/**
 * Rules of `pcs resource defaults set create ... rule EXPRESSION`, and of `op defaults`:
 *
 *     expression := operand { ("and" | "or") operand }       both bind alike, from the left
 *     operand    := "(" expression ")" | simple
 *     simple     := "date" ("gt" | "lt") DATE
 *                 | "date" "in_range" [ DATE ] "to" ( DATE | "duration" part { part } )
 *                 | "date-spec" part { part }
 *                 | ("defined" | "not_defined") NAME
 *                 | NAME ("eq" | "ne" | "lt" | "gt" | "lte" | "gte") [ TYPE ] VALUE
 *                 | "resource" [ STANDARD ] ":" [ PROVIDER ] ":" [ TYPE ]
 *                 | "op" NAME [ "interval=" NUMBER [ UNIT ] ]
 *     part       := NAME "=" VALUE
 *
 * Keywords are understood in any case. `date gt string x` compares an attribute called `date`.
 */
import { COMPARISONS, type Comparison, type DatePart, type RuleExpression, VALUE_TYPES } from './rule-ast.js';

export type RuleOutcome =
  | { readonly ok: true; readonly rule: RuleExpression & { kind: 'and' | 'or' } }
  /** `column` counts from 1. */
  | { readonly ok: false; readonly column: number };

interface Token {
  readonly text: string;
  readonly at: number;
}

class Stuck extends Error {
  readonly at: number;
  constructor(at: number) {
    super('no such rule');
    this.at = at;
  }
}

export function parseDefaultsRule(text: string): RuleOutcome {
  const reader = new RuleReader(text);
  try {
    const rule = reader.expression();
    reader.end();
    const whole =
      rule.kind === 'and' || rule.kind === 'or' ? rule : { kind: 'and' as const, children: [rule] };
    return { ok: true, rule: whole };
  } catch (error) {
    if (!(error instanceof Stuck)) throw error;
    return { ok: false, column: error.at + 1 };
  }
}

class RuleReader {
  readonly #tokens: readonly Token[];
  readonly #length: number;
  #next = 0;

  constructor(text: string) {
    this.#tokens = [...text.matchAll(/[()]|[^\s()]+/g)].map((match) => ({
      text: match[0],
      at: match.index,
    }));
    this.#length = text.length;
  }

  end(): void {
    const token = this.#tokens[this.#next];
    if (token) throw new Stuck(token.at);
  }

  expression(): RuleExpression {
    let left = this.#operand();
    let operator: 'and' | 'or' | null = null;
    let run: RuleExpression[] = [];
    for (;;) {
      const word = this.#peek()?.toLowerCase();
      if (word !== 'and' && word !== 'or') break;
      this.#next += 1;
      const right = this.#operand();
      if (operator !== null && operator !== word) {
        left = { kind: operator, children: [left, ...run] };
        run = [];
      }
      operator = word;
      run.push(right);
    }
    return operator === null ? left : { kind: operator, children: [left, ...run] };
  }

  #operand(): RuleExpression {
    if (this.#peek() !== '(') return this.#simple();
    this.#next += 1;
    const inside = this.expression();
    if (this.#peek() !== ')') throw new Stuck(this.#at());
    this.#next += 1;
    return inside;
  }

  #simple(): RuleExpression {
    const word = this.#peek()?.toLowerCase();
    const second = this.#peek(1)?.toLowerCase();
    const comparison = COMPARISONS.find((operation) => operation === second);
    const typed =
      comparison !== undefined && VALUE_TYPES.some((type) => type === this.#peek(2)?.toLowerCase());
    if (word === 'date' && (second === 'gt' || second === 'lt') && !(typed && this.#isWord(3))) {
      this.#next += 2;
      return { kind: 'date', operation: second, date: this.#word() };
    }
    if (word === 'date' && second === 'in_range') return this.#inRange();
    if (comparison !== undefined && this.#isWord(2)) return this.#attribute(comparison, typed);
    if (word === 'date-spec') {
      this.#next += 1;
      return { kind: 'date-spec', parts: this.#parts() };
    }
    if (word === 'defined' || word === 'not_defined') {
      this.#next += 1;
      return { kind: 'defined', operation: word, attribute: this.#word() };
    }
    if (word === 'resource') return this.#resource();
    if (word === 'op') {
      this.#next += 1;
      const name = this.#word();
      const interval = /^interval=(\d+[a-z]*)$/i.exec(this.#peek() ?? '');
      if (interval) this.#next += 1;
      return { kind: 'operation', name, interval: interval?.[1] ?? null };
    }
    this.#word();
    if (comparison !== undefined) this.#next += 1;
    throw new Stuck(this.#at());
  }

  #attribute(operation: Comparison, typed: boolean): RuleExpression {
    const attribute = this.#word();
    this.#next += 1;
    const type =
      typed && this.#isWord(1) ? VALUE_TYPES.find((name) => name === this.#peek()?.toLowerCase()) : undefined;
    if (type) this.#next += 1;
    return { kind: 'attribute', attribute, operation, type: type ?? null, value: this.#word() };
  }

  #inRange(): RuleExpression {
    this.#next += 2;
    let start: string | null = null;
    if (this.#peek(1)?.toLowerCase() === 'to') start = this.#word();
    if (this.#peek()?.toLowerCase() !== 'to') throw new Stuck(this.#at());
    this.#next += 1;
    if (this.#peek()?.toLowerCase() === 'duration' && /^[^=]+=./.test(this.#peek(1) ?? '')) {
      this.#next += 1;
      return { kind: 'in-range', start, end: null, duration: this.#parts() };
    }
    return { kind: 'in-range', start, end: this.#word(), duration: null };
  }

  #resource(): RuleExpression {
    this.#next += 1;
    const match = /^([^:]*):([^:]*):([^:]*)$/.exec(this.#peek() ?? '');
    if (!match) throw new Stuck(this.#at());
    this.#next += 1;
    const [standard, provider, type] = match.slice(1).map((part) => (part === '' ? null : part));
    return { kind: 'resource', standard: standard!, provider: provider!, type: type! };
  }

  #parts(): DatePart[] {
    const parts: DatePart[] = [];
    for (;;) {
      const match = /^([^=]+)=(.+)$/.exec(this.#peek() ?? '');
      if (!match) break;
      parts.push([match[1]!, match[2]!]);
      this.#next += 1;
    }
    if (parts.length === 0) throw new Stuck(this.#at());
    return parts;
  }

  #peek(ahead = 0): string | undefined {
    return this.#tokens[this.#next + ahead]?.text;
  }

  #isWord(ahead: number): boolean {
    const text = this.#peek(ahead);
    return text !== undefined && text !== '(' && text !== ')';
  }

  #word(): string {
    if (!this.#isWord(0)) throw new Stuck(this.#at());
    const text = this.#peek()!;
    this.#next += 1;
    return text;
  }

  #at(): number {
    return this.#tokens[this.#next]?.at ?? this.#length;
  }
}
