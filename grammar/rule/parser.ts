import { EmbeddedActionsParser, type IParserConfig, type IToken, type TokenType } from 'chevrotain';
import {
  afterEquals,
  as,
  compact,
  type Header,
  idSpec,
  nameValue,
  scoreText,
} from '../crm/statement-words.js';
import * as t from '../crm/tokens.js';
import type { Expression, NameValue, Rule } from './ast.js';

/*
 * Rules, as they stand in attribute sets, properties and location constraints of the crm language.
 *
 *   rule       := "rule" [$id= | $id-ref=] [role=] [SCORE:] expression {("and" | "or") expression}
 *   expression := "date" ("lt" | "gt") DATE | "date" ("in" | "spec") {NAME=VALUE}
 *               | ("defined" | "not_defined") ATTRIBUTE | ATTRIBUTE [TYPE:]OPERATOR VALUE
 *               | ("resource" | "operation") {NAME=VALUE} | "(" [$id=] [SCORE:] expression {("and" | "or") expression} ")"
 */

const DATE_SPEC = 'hours|monthdays|weekdays|yearsdays|months|weeks|years|weekyears|moon';
const DATE_RANGE_KEY = new RegExp(`^(start|end|${DATE_SPEC})(=.+)?$`);
const DATE_SPEC_KEY = new RegExp(`^(${DATE_SPEC})(=.+)?$`);
const RESOURCE_KEY = /^(class|provider|type)=.+$/;
const OPERATION_KEY = /^(name|interval)=.+$/;
const COMPARISON = /^(?:(string|integer|number|version):)?(lt|gt|lte|gte|eq|ne)$/i;

/** What a rule says after its id and role. */
type RuleBody = Pick<Rule, 'score' | 'operator' | 'expressions'>;

/** A mistake that the grammar's shape does not catch; reading goes on after it. */
export interface Complaint {
  readonly code: string;
  readonly message: string;
  readonly token: IToken;
  readonly expected: readonly string[];
}

/** A token and what the grammar took it for. */
export interface Consumed {
  readonly token: IToken;
  readonly as: TokenType;
}

/** Chevrotain's method behind every `CONSUME`, which its types do not show. */
type ConsumeInternal = (type: TokenType, index: number, options: unknown) => IToken;

/** Reads rules, and is what all parsers of the crm language are built on; `input` is set to the tokens. */
export abstract class RuleParser extends EmbeddedActionsParser {
  /** Mistakes found by actions, in order. */
  complaints: Complaint[] = [];
  /** The tokens read so far, each with the terminal that consumed it. */
  consumed: Consumed[] = [];

  constructor(config: IParserConfig) {
    super(t.vocabulary, { maxLookahead: 1, recoveryEnabled: false, skipValidations: true, ...config });
  }

  override reset(): void {
    super.reset();
    this.complaints = [];
    this.consumed = [];
  }

  /** Called by Chevrotain for every terminal; notes what each token was taken for. */
  consumeInternal(type: TokenType, index: number, options: unknown): IToken {
    const inherited = EmbeddedActionsParser.prototype as unknown as { consumeInternal: ConsumeInternal };
    const token = inherited.consumeInternal.call(this, type, index, options);
    if (!this.RECORDING_PHASE) this.consumed.push({ token, as: type });
    return token;
  }

  /** Makes tokens match by their own type only, for tokens that are typed by what they were consumed as. */
  matchExactly(): this {
    const open = this as unknown as { tokenMatcher: (token: IToken, type: TokenType) => boolean };
    open.tokenMatcher = (token, type) => token.tokenTypeIdx === type.tokenTypeIdx;
    return this;
  }

  protected complain(code: string, message: string, token: IToken, expected: readonly string[] = []): void {
    this.complaints.push({ code, message, token, expected });
  }

  protected identifier(token: IToken): string {
    if (!/^[a-z0-9_#$-][^=]*$/i.test(token.image)) {
      this.complain('identifier', `${token.image} is no identifier`, token, ['an id']);
    }
    return token.image;
  }

  protected resource(token: IToken): string {
    if (!/^[a-z_#$][^=]*$/i.test(token.image)) {
      this.complain('resource', `${token.image} is no resource name`, token, ['a resource']);
    }
    return token.image;
  }

  protected next(): TokenType {
    return this.LA(1).tokenType;
  }

  protected pair = this.RULE('pair', (): NameValue => {
    const token = this.OR<IToken>({
      // `@id` would also do as an attribute's bare name.
      IGNORE_AMBIGUITIES: true,
      DEF: [
        { ALT: () => this.CONSUME(t.NameValue) },
        { ALT: () => this.CONSUME(t.NameValueWithId) },
        { ALT: () => this.CONSUME(t.NameValueRef) },
        { ALT: () => this.CONSUME(t.Key) },
      ],
    });
    return this.ACTION(() => nameValue(token));
  });

  /** When a set or constraint holds. @crm rule -inf: not_defined pingd or pingd lte 0 */
  protected rule = this.RULE('rule', (): Rule => {
    this.CONSUME(t.RuleWord);
    let header: Header = {};
    this.OPTION(() => {
      header = idSpec(this.CONSUME(t.IdSpec));
    });
    let role: string | undefined;
    this.OPTION1(() => {
      role = afterEquals(this.CONSUME(t.RoleSpec));
    });
    let body: RuleBody = { expressions: [] };
    this.OPTION2({
      GATE: () => header.idRef === undefined,
      DEF: () => {
        body = this.SUBRULE(this.ruleBody);
      },
    });
    return this.ACTION(() => {
      if (header.idRef === undefined && body.expressions.length === 0) {
        this.complain('expression', 'Expected an expression', this.LA(1), [
          'date',
          'defined',
          'an attribute',
        ]);
      }
      return compact<Rule>({ ...header, role, ...body } as Rule);
    });
  });

  protected ruleBody = this.RULE('ruleBody', (): RuleBody => {
    let score: IToken | undefined;
    const expressions: Expression[] = [];
    let operator: string | undefined;
    this.OPTION(() => {
      score = this.CONSUME(t.Score);
    });
    expressions.push(this.SUBRULE(this.expression));
    this.MANY(() => {
      const token = this.OR<IToken>([{ ALT: () => this.CONSUME(t.And) }, { ALT: () => this.CONSUME(t.Or) }]);
      this.ACTION(() => {
        if (operator !== undefined && token.image !== operator) {
          this.complain(
            'mixed-operators',
            `Mixing bool ops not allowed: ${operator} != ${token.image}`,
            token,
            [operator],
          );
        }
        operator = token.image;
      });
      expressions.push(this.SUBRULE1(this.expression));
    });
    return this.ACTION(() => compact<RuleBody>({ score: scoreText(score), operator, expressions }));
  });

  /** A rule within a rule, in parentheses. */
  protected nestedRule = this.RULE('nestedRule', (): Expression => {
    this.CONSUME(t.OpenParen);
    let header: Header = {};
    this.OPTION(() => {
      header = idSpec(this.CONSUME(t.IdSpec));
    });
    const body = this.SUBRULE(this.ruleBody);
    this.CONSUME(t.CloseParen);
    return { type: 'rule', rule: { ...header, ...body } };
  });

  /** `resource` and `operation` are attribute names as well; what follows tells. */
  protected isKindExpression(): boolean {
    const type = this.LA(1).tokenType;
    if (type !== t.ResourceWord && type !== t.OperationWord) return false;
    const following = this.LA(2);
    return following.image?.includes('=') ?? false;
  }

  protected kindExpression = this.RULE('kindExpression', (): Expression => {
    const type = this.OR<'resource' | 'operation'>([
      { ALT: () => as(this.CONSUME(t.ResourceWord), 'resource') },
      { ALT: () => as(this.CONSUME(t.OperationWord), 'operation') },
    ]);
    const keys = type === 'resource' ? RESOURCE_KEY : OPERATION_KEY;
    const values = this.SUBRULE(this.dateValues, { ARGS: [keys] });
    return { type, values };
  });

  protected expression = this.RULE('expression', (): Expression => {
    return this.OR<Expression>({
      // `date` and `defined` would also do as attribute names.
      IGNORE_AMBIGUITIES: true,
      DEF: [
        { ALT: () => this.SUBRULE(this.dateExpression) },
        { ALT: () => this.SUBRULE(this.nestedRule) },
        { GATE: () => this.isKindExpression(), ALT: () => this.SUBRULE(this.kindExpression) },
        {
          ALT: () => {
            const operation = this.OR1<IToken>([
              { ALT: () => this.CONSUME(t.Defined) },
              { ALT: () => this.CONSUME(t.NotDefined) },
            ]);
            const attribute = this.CONSUME1(t.AttributeName);
            return this.ACTION(() => ({
              type: 'attribute',
              attribute: this.identifier(attribute),
              operation: operation.image,
            }));
          },
        },
        {
          ALT: () => {
            const attribute = this.CONSUME2(t.AttributeName);
            const operator = this.CONSUME(t.Operator);
            const value = this.CONSUME(t.Value);
            return this.ACTION(() => this.comparison(attribute, operator, value));
          },
        },
      ],
    });
  });

  protected comparison(attribute: IToken, operator: IToken, value: IToken): Expression {
    const parts = COMPARISON.exec(operator.image);
    if (!parts) {
      this.complain('operator', `${operator.image} is no comparison`, operator, [
        'lt',
        'gt',
        'lte',
        'gte',
        'eq',
        'ne',
      ]);
    }
    const source = /^([^\s{}]+)(?:\{(\S+)\})?$/.exec(value.image);
    if (!source) {
      this.complain('value', `a value in a rule has no blanks or braces: ${value.image}`, value, ['a value']);
    }
    return compact<Expression>({
      type: 'attribute',
      attribute: this.identifier(attribute),
      operation: parts?.[2] ?? operator.image,
      valueType: parts?.[1],
      value: source?.[2] ?? value.image,
      source: source?.[2] === undefined ? undefined : source[1],
    } as Expression);
  }

  protected dateExpression = this.RULE('dateExpression', (): Expression => {
    this.CONSUME(t.DateWord);
    return this.OR<Expression>([
      {
        ALT: () => {
          this.CONSUME(t.Lt);
          return { type: 'date', operation: 'lt', value: this.CONSUME(t.DateValue).image, values: [] };
        },
      },
      {
        ALT: () => {
          this.CONSUME(t.Gt);
          return { type: 'date', operation: 'gt', value: this.CONSUME1(t.DateValue).image, values: [] };
        },
      },
      {
        ALT: () => {
          const word = this.CONSUME(t.In);
          const values = this.SUBRULE(this.dateValues, { ARGS: [DATE_RANGE_KEY] });
          this.ACTION(() => {
            if (values.length < 2) {
              this.complain('date', 'Expected at least 2 name-value pairs', word, ['start=', 'end=']);
            }
          });
          return { type: 'date', operation: 'in_range', values };
        },
      },
      {
        ALT: () => {
          const word = this.CONSUME(t.Spec);
          const values = this.SUBRULE1(this.dateValues, { ARGS: [DATE_SPEC_KEY] });
          this.ACTION(() => {
            if (values.length < 1) {
              this.complain('date', 'Expected at least one name-value pair', word, ['hours=', 'weekdays=']);
            }
          });
          return { type: 'date', operation: 'date_spec', values };
        },
      },
    ]);
  });

  protected dateValues = this.RULE('dateValues', (keys: RegExp): NameValue[] => {
    const values: NameValue[] = [];
    this.MANY({
      GATE: () => keys.test(this.LA(1).image),
      DEF: () => {
        const pair = this.SUBRULE(this.pair);
        this.ACTION(() => values.push({ name: pair.name ?? '', value: pair.value ?? '' }));
      },
    });
    return values;
  });
}
