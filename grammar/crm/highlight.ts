import type { IToken } from 'chevrotain';
import { consume } from './assist.js';
import type { Range, Word } from './ast.js';
import { logicalLines, QuotationError, scanWords } from './scan.js';
import { tokenize } from './tokens.js';

/** What a stretch of text is, for its colour. */
export type Category =
  | 'keyword'
  | 'id'
  | 'reference'
  | 'agent'
  | 'name'
  | 'value'
  | 'score'
  | 'operator'
  | 'bracket'
  | 'comment'
  | 'error';

export interface Span extends Range {
  readonly category: Category;
}

const CATEGORY: Readonly<Record<string, Category>> = {
  NewId: 'id',
  ResourceRef: 'reference',
  Member: 'reference',
  NodeName: 'reference',
  Devices: 'reference',
  RoleRef: 'reference',
  NameValueRef: 'reference',
  AgentSpec: 'agent',
  OperationName: 'name',
  AttributeName: 'name',
  Key: 'name',
  Operator: 'operator',
  Score: 'score',
  Value: 'value',
  DateValue: 'value',
  Interval: 'value',
  Path: 'value',
  AclSpec: 'value',
  XmlText: 'value',
  OpenParen: 'bracket',
  CloseParen: 'bracket',
  OpenBracket: 'bracket',
  CloseBracket: 'bracket',
  OpenBrace: 'bracket',
  CloseBrace: 'bracket',
  And: 'operator',
  Or: 'operator',
};

/** Terminals of the form `name=value`, coloured in two. */
const PAIRS: ReadonlySet<string> = new Set([
  'NameValue',
  'NameValueWithId',
  'IdSpec',
  'Description',
  'RoleSpec',
  'NodeAttribute',
  'Symmetrical',
  'LossPolicy',
  'SetAttribute',
]);

/** The spans of one statement's words; `line` is the text that their offsets count in. */
export function highlightWords(words: readonly Word[], line: string): Span[] {
  const tokens = tokenize(words);
  const consumed = consume(tokens);
  const spans: Span[] = [];
  for (const [i, token] of tokens.entries()) {
    const as = consumed[i]?.as.name;
    if (as === undefined) spans.push({ ...rangeOf(token), category: 'error' });
    else if (PAIRS.has(as)) spans.push(...pairSpans(token, line));
    else spans.push({ ...rangeOf(token), category: CATEGORY[as] ?? 'keyword' });
  }
  return spans;
}

function rangeOf(token: IToken): Range {
  return { start: token.startOffset, end: (token.endOffset ?? token.startOffset) + 1 };
}

function pairSpans(token: IToken, line: string): Span[] {
  const { start, end } = rangeOf(token);
  const at = line.indexOf('=', start);
  if (at < 0 || at >= end) return [{ start, end, category: 'name' }];
  const spans: Span[] = [{ start, end: at, category: 'name' }];
  if (at + 1 < end) spans.push({ start: at + 1, end, category: 'value' });
  return spans;
}

/** The spans of a whole text: statements, comments, what cannot be read. */
export function highlightText(text: string): Span[] {
  return logicalLines(text).flatMap((line) => {
    const place = (span: Span): Span => {
      const start = line.toSource(span.start);
      return { ...span, start, end: line.toSource(Math.max(span.start, span.end - 1)) + 1 };
    };
    if (line.text.startsWith('#')) return [place({ start: 0, end: line.text.length, category: 'comment' })];
    try {
      return highlightWords(scanWords(line.text), line.text).map(place);
    } catch (error) {
      if (!(error instanceof QuotationError)) throw error;
      return [place({ start: error.offset, end: line.text.length, category: 'error' })];
    }
  });
}
