import type { IToken, TokenType } from 'chevrotain';
import { RuleParser } from '../rule/parser.js';
import type { AttributeSet, NameValue, Rule, SetKeyword } from './ast.js';
import { afterEquals, compact, type Header, idSpec, scoreText } from './statement-words.js';
import * as t from './tokens.js';

/** Words at which a list of name-value pairs ends, unless the statement has its own. */
export const SET_ENDS: ReadonlySet<TokenType> = new Set([
  t.Params,
  t.Meta,
  t.Utilization,
  t.Operations,
  t.Op,
  t.OpParams,
  t.OpMeta,
  t.RuleWord,
  t.Attributes,
]);

/** Attribute sets, which many statements have. */
export abstract class SetParser extends RuleParser {
  protected description = this.RULE('description', (): string | undefined => {
    let description: string | undefined;
    this.OPTION(() => {
      description = afterEquals(this.CONSUME(t.Description));
    });
    return description;
  });

  /** The set right after a statement's head, whose keyword may be left out. */
  protected firstSet = this.RULE('firstSet', (keyword: SetKeyword, sets: AttributeSet[]): void => {
    const set = this.SUBRULE(this.set, { ARGS: [keyword, SET_ENDS] });
    this.ACTION(() => {
      const empty = set.id === undefined && set.idRef === undefined && set.score === undefined;
      if (!empty || set.rules.length > 0 || set.values.length > 0) sets.push(set);
    });
  });

  protected set = this.RULE('set', (keyword: SetKeyword, ends: ReadonlySet<TokenType>): AttributeSet => {
    let header: Header = {};
    this.OPTION(() => {
      header = idSpec(this.CONSUME(t.IdSpec));
    });
    const whole = () => header.idRef === undefined;
    let score: IToken | undefined;
    this.OPTION1({
      GATE: whole,
      DEF: () => {
        score = this.CONSUME(t.Score);
      },
    });
    const rules: Rule[] = [];
    this.MANY({ GATE: whole, DEF: () => rules.push(this.SUBRULE(this.rule)) });
    const values: NameValue[] = [];
    this.MANY1({
      GATE: () => whole() && !ends.has(this.next()),
      DEF: () => values.push(this.SUBRULE(this.pair)),
    });
    return this.ACTION(() =>
      compact<AttributeSet>({
        type: 'set',
        keyword,
        id: header.id,
        idRef: header.idRef,
        score: scoreText(score),
        rules,
        values,
      } as AttributeSet),
    );
  });

  protected values = this.RULE('values', (ends: ReadonlySet<TokenType>): NameValue[] => {
    const values: NameValue[] = [];
    this.MANY({
      GATE: () => !ends.has(this.next()),
      DEF: () => values.push(this.SUBRULE(this.pair)),
    });
    return values;
  });

  /** `name=value` or `$name=value` where the name becomes an attribute of the statement's own element. */
  protected plainPair = this.RULE('plainPair', (): NameValue => {
    const token = this.OR<IToken>([
      { ALT: () => this.CONSUME(t.NameValue) },
      { ALT: () => this.CONSUME(t.NameValueWithId) },
      { ALT: () => this.CONSUME(t.IdSpec) },
    ]);
    return this.ACTION(() => {
      const at = token.image.indexOf('=');
      return {
        name: token.image.slice(token.image.startsWith('$') ? 1 : 0, at),
        value: token.image.slice(at + 1),
      };
    });
  });
}
