import type { IToken, TokenType } from 'chevrotain';
import type { Word } from './ast.js';
import { type Consumed, CrmParser } from './parser.js';
import { crmParser } from './shared-parser.js';
import { KEYWORDS, tokenize } from './tokens.js';

let exact: CrmParser | undefined;

/** Terminals that stand for a word of their own. */
const KEYWORD_OF = new Map<TokenType, string>();
for (const [word, type] of KEYWORDS) if (!KEYWORD_OF.has(type)) KEYWORD_OF.set(type, word);

/** Something that the grammar allows at a place. */
export interface Expectation {
  readonly type: TokenType;
  /** The terminal's name in the grammar: `ResourceRef`, `Score`, `Params`. */
  readonly terminal: string;
  /** The word itself, for keywords. */
  readonly keyword: string | undefined;
  /** The rule it stands in: `group`, `set`, `rule`. */
  readonly rule: string;
}

/** What words before a place were read as, and what may follow. */
export interface Assistance {
  /** The words' texts with the terminals that took them. */
  readonly before: readonly { readonly text: string; readonly terminal: string }[];
  readonly expected: readonly Expectation[];
}

/** Reads tokens as far as they make sense, and says what each was taken for. */
export function consume(tokens: readonly IToken[]): readonly Consumed[] {
  const parser = crmParser();
  parser.input = [...tokens];
  parser.statement();
  return parser.consumed;
}

/** What may follow these tokens; nothing where they make no sense themselves. */
export function expectedAfter(tokens: readonly IToken[]): Expectation[] {
  return expectedAfterConsumed(consume(tokens), tokens.length);
}

function expectedAfterConsumed(consumed: readonly Consumed[], count: number): Expectation[] {
  if (consumed.length < count) return [];
  // Every token is typed by what it was taken for, so that only the one way of reading them is followed.
  const typed = consumed
    .slice(0, count)
    .map(({ token, as }): IToken => ({ ...token, tokenType: as, tokenTypeIdx: as.tokenTypeIdx! }));
  exact ??= new CrmParser().matchExactly();
  const found = new Map<string, Expectation>();
  for (const { nextTokenType: type, ruleStack } of exact.computeContentAssist('statement', typed)) {
    // A pair stands in many places; what may be in it depends on the rule around it.
    const rule = ruleStack.findLast((name) => name !== 'pair') ?? 'statement';
    const key = `${type.name} ${rule}`;
    found.set(key, { type, terminal: type.name, keyword: KEYWORD_OF.get(type), rule });
  }
  return [...found.values()];
}

/** What may stand after the words of a statement (the word being typed not among them). */
export function assist(words: readonly Word[]): Assistance {
  const tokens = tokenize(words);
  const consumed = consume(tokens);
  return {
    before: consumed.map(({ token, as }) => ({ text: token.image, terminal: as.name })),
    expected: expectedAfterConsumed(consumed, tokens.length),
  };
}
