/** An expression that is no XPath, or uses a part of XPath that is not supported. */
export class XPathError extends Error {
  /** Where in the expression, from 0. */
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.name = 'XPathError';
    this.offset = offset;
  }
}

const AXES = [
  'child',
  'descendant',
  'descendant-or-self',
  'attribute',
  'self',
  'parent',
  'ancestor',
  'ancestor-or-self',
  'following-sibling',
  'preceding-sibling',
] as const;

export type Axis = (typeof AXES)[number];

export type NodeTest =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'node' | 'text' | 'comment' };

export interface Step {
  readonly axis: Axis;
  readonly test: NodeTest;
  readonly predicates: readonly Expression[];
}

export interface Path {
  readonly kind: 'path';
  readonly absolute: boolean;
  readonly steps: readonly Step[];
}

export type Expression =
  | Path
  | { readonly kind: 'literal'; readonly value: string | number }
  | { readonly kind: 'negative'; readonly operand: Expression }
  | { readonly kind: 'call'; readonly name: string; readonly arguments: readonly Expression[] }
  | {
      readonly kind: 'binary';
      readonly operator: string;
      readonly left: Expression;
      readonly right: Expression;
    };

/** Function → least and greatest number of arguments. */
const FUNCTIONS: Readonly<Record<string, readonly [number, number]>> = {
  position: [0, 0],
  last: [0, 0],
  count: [1, 1],
  name: [0, 1],
  'local-name': [0, 1],
  not: [1, 1],
  true: [0, 0],
  false: [0, 0],
  boolean: [1, 1],
  contains: [2, 2],
  'starts-with': [2, 2],
  concat: [2, 99],
  string: [0, 1],
  'string-length': [0, 1],
  'normalize-space': [0, 1],
  'substring-before': [2, 2],
  'substring-after': [2, 2],
  number: [0, 1],
  translate: [3, 3],
};

/** Operators from the weakest to the strongest. */
const LEVELS: readonly (readonly string[])[] = [
  ['or'],
  ['and'],
  ['=', '!='],
  ['<', '<=', '>', '>='],
  ['+', '-'],
  ['*', 'div', 'mod'],
];

interface Token {
  readonly kind: 'symbol' | 'name' | 'literal' | 'number' | 'end';
  readonly text: string;
  readonly offset: number;
}

const TOKEN =
  /\s*(?:("[^"]*"|'[^']*')|([0-9]+(?:\.[0-9]*)?|\.[0-9]+)|(\/\/|::|\.\.|!=|<=|>=|[/()[\].@,|+\-=<>*$])|([\p{L}_][\p{L}\p{N}_.-]*(?::(?!:)[\p{L}_][\p{L}\p{N}_.-]*)?))/uy;

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    if (/^\s*$/.test(text.slice(at))) break;
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (!match) throw new XPathError(`unexpected '${text.slice(at).trimStart()[0]}'`, at);
    const offset = at + match[0].length - match[0].trimStart().length;
    at += match[0].length;
    if (match[1] !== undefined) tokens.push({ kind: 'literal', text: match[1].slice(1, -1), offset });
    else if (match[2] !== undefined) tokens.push({ kind: 'number', text: match[2], offset });
    else if (match[3] !== undefined) tokens.push({ kind: 'symbol', text: match[3], offset });
    else tokens.push({ kind: 'name', text: match[4]!, offset });
  }
  tokens.push({ kind: 'end', text: 'the end', offset: text.length });
  return tokens;
}

/**
 * Reads an expression of XPath 1.0. Variables, namespaces and a few functions are not supported.
 *
 * @throws XPathError
 */
export function parseXPath(text: string): Expression {
  const tokens = tokenize(text);
  let at = 0;
  const peek = (ahead = 0): Token => tokens[Math.min(at + ahead, tokens.length - 1)]!;
  const is = (symbol: string, ahead = 0) => {
    const token = peek(ahead);
    return token.kind === 'symbol' && token.text === symbol;
  };
  const take = (symbol: string): boolean => {
    if (!is(symbol)) return false;
    at++;
    return true;
  };
  const fail = (message: string): never => {
    throw new XPathError(message, peek().offset);
  };
  const expect = (symbol: string) => {
    if (!take(symbol)) fail(`expected '${symbol}' before '${peek().text}'`);
  };

  function operatorAt(level: number): string | undefined {
    const token = peek();
    const word = /^[a-z]/.test(token.text) ? 'name' : 'symbol';
    return token.kind === word && LEVELS[level]!.includes(token.text) ? token.text : undefined;
  }

  function binary(level: number): Expression {
    if (level === LEVELS.length) return unary();
    let left = binary(level + 1);
    for (let operator = operatorAt(level); operator; operator = operatorAt(level)) {
      at++;
      left = { kind: 'binary', operator, left, right: binary(level + 1) };
    }
    return left;
  }

  function unary(): Expression {
    if (take('-')) return { kind: 'negative', operand: unary() };
    let left = primary();
    while (take('|')) left = { kind: 'binary', operator: '|', left, right: primary() };
    return left;
  }

  function primary(): Expression {
    const token = peek();
    if (token.kind === 'literal' || token.kind === 'number') {
      at++;
      return { kind: 'literal', value: token.kind === 'number' ? Number(token.text) : token.text };
    }
    if (take('(')) {
      const inner = binary(0);
      expect(')');
      if (is('[') || is('/') || is('//')) fail('a path behind parentheses is not supported');
      return inner;
    }
    if (is('$')) fail('variables are not supported');
    const isTest = token.text === 'text' || token.text === 'node' || token.text === 'comment';
    if (token.kind === 'name' && is('(', 1) && !isTest) return call();
    return path();
  }

  function call(): Expression {
    const { text: name } = peek();
    const arity = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
    if (!arity) return fail(`the function ${name}() is not supported`);
    at += 2;
    const operands: Expression[] = [];
    if (!take(')')) {
      do operands.push(binary(0));
      while (take(','));
      expect(')');
    }
    if (operands.length < arity[0] || operands.length > arity[1]) {
      fail(`${name}() does not take ${operands.length} arguments`);
    }
    return { kind: 'call', name, arguments: operands };
  }

  const anyDescendant: Step = { axis: 'descendant-or-self', test: { kind: 'node' }, predicates: [] };

  function startsStep(): boolean {
    const token = peek();
    return token.kind === 'name' || ['*', '@', '.', '..'].some((symbol) => is(symbol));
  }

  function path(): Path {
    const steps: Step[] = [];
    const absolute = is('/') || is('//');
    if (absolute) {
      if (take('//')) steps.push(anyDescendant);
      else at++;
      if (!startsStep()) {
        if (steps.length > 0) fail(`expected a name before '${peek().text}'`);
        return { kind: 'path', absolute, steps };
      }
    }
    for (;;) {
      steps.push(step());
      if (take('//')) steps.push(anyDescendant);
      else if (!take('/')) return { kind: 'path', absolute, steps };
    }
  }

  function step(): Step {
    if (take('..')) return { axis: 'parent', test: { kind: 'node' }, predicates: predicates() };
    if (take('.')) return { axis: 'self', test: { kind: 'node' }, predicates: predicates() };
    let axis: Axis = 'child';
    if (take('@')) axis = 'attribute';
    else if (is('::', 1)) {
      const name = peek().text;
      const known = AXES.find((candidate) => candidate === name);
      if (!known) return fail(`the axis ${name} is not supported`);
      axis = known;
      at += 2;
    }
    if (take('*')) return { axis, test: { kind: 'name', name: '*' }, predicates: predicates() };
    const token = peek();
    if (token.kind !== 'name') return fail(`expected a name before '${token.text}'`);
    at++;
    if (take('(')) {
      expect(')');
      return { axis, test: { kind: token.text as 'node' | 'text' | 'comment' }, predicates: predicates() };
    }
    return { axis, test: { kind: 'name', name: token.text }, predicates: predicates() };
  }

  function predicates(): Expression[] {
    const found: Expression[] = [];
    while (take('[')) {
      found.push(binary(0));
      expect(']');
    }
    return found;
  }

  const expression = binary(0);
  if (peek().kind !== 'end') fail(`unexpected '${peek().text}'`);
  return expression;
}
