import type { IToken, TokenType } from 'chevrotain';
import type { NameValue, Rule, SetItem, Statement } from './ast.js';
import { ResourceParser } from './resource-parser.js';
import { afterEquals, compact, member, scoreText } from './statement-words.js';
import * as t from './tokens.js';

const BRACKETS: ReadonlySet<TokenType> = new Set([t.OpenParen, t.CloseParen, t.OpenBracket, t.CloseBracket]);

/** Constraints, and the resource sets in them. */
export abstract class ConstraintParser extends ResourceParser {
  /** Where a resource may run. @crm location l web 100: n1 */
  protected location = this.RULE('location', (): Statement => {
    this.CONSUME(t.Location);
    const id = this.CONSUME(t.NewId);
    let target: IToken | undefined;
    let members: SetItem[] | undefined;
    this.OR({
      // A brace would also do as a resource's name.
      IGNORE_AMBIGUITIES: true,
      DEF: [
        {
          ALT: () => {
            const brace = this.CONSUME(t.OpenBrace);
            members = this.SUBRULE(this.members, { ARGS: ['role'] });
            this.ACTION(() => {
              if (members!.length === 0)
                this.complain('empty-set', 'Empty resource set', brace, ['a resource']);
            });
            this.CONSUME(t.CloseBrace);
          },
        },
        {
          ALT: () => {
            target = this.CONSUME(t.Value);
          },
        },
      ],
    });
    const attributes: NameValue[] = [];
    this.MANY(() => attributes.push(this.SUBRULE(this.plainPair)));
    let score: IToken | undefined;
    let node: IToken | undefined;
    const rules: Rule[] = [];
    this.OR1([
      {
        ALT: () => {
          score = this.CONSUME(t.Score);
          node = this.CONSUME(t.NodeName);
          this.OPTION(() => {
            const role = this.CONSUME(t.RoleSpec);
            this.ACTION(() => attributes.push({ name: 'role', value: afterEquals(role)! }));
          });
        },
      },
      { ALT: () => this.AT_LEAST_ONE(() => rules.push(this.SUBRULE(this.rule))) },
    ]);
    return this.ACTION(() => {
      const pattern = target && /^\/(.+)\/$/s.exec(target.image)?.[1];
      return compact<Statement>({
        kind: 'location',
        id: this.identifier(id),
        resource: target && pattern === undefined ? this.resource(target) : undefined,
        pattern,
        members,
        attributes,
        score: scoreText(score),
        node: node && this.identifier(node),
        rules,
      } as Statement);
    });
  });

  /** Resources that run on one node, or never together. @crm colocation c inf: web ip */
  protected colocation = this.RULE('colocation', (): Statement => {
    this.CONSUME(t.Colocation);
    const id = this.CONSUME(t.NewId);
    const score = this.CONSUME(t.Score);
    const members = this.SUBRULE(this.members, { ARGS: ['role'] });
    let nodeAttribute: string | undefined;
    this.OPTION(() => {
      nodeAttribute = afterEquals(this.CONSUME(t.NodeAttribute));
    });
    let influence: string | undefined;
    this.OPTION1(() => {
      influence = afterEquals(this.CONSUME(t.Influence));
    });
    return this.ACTION(() => {
      this.someMembers(members, 2, 'role');
      return compact<Statement>({
        kind: 'colocation',
        id: this.identifier(id),
        score: scoreText(score),
        members,
        nodeAttribute: nodeAttribute?.toLowerCase(),
        influence,
      } as Statement);
    });
  });

  /** Which action comes first. @crm order o Mandatory: ip:start web:start */
  protected order = this.RULE('order', (): Statement => {
    this.CONSUME(t.Order);
    const id = this.CONSUME(t.NewId);
    let score: IToken | undefined;
    this.OPTION({
      // `rsc:` would also do as a member.
      GATE: () => true,
      DEF: () => {
        score = this.CONSUME(t.Score);
      },
    });
    const members = this.SUBRULE(this.members, { ARGS: ['action'] });
    let symmetrical: string | undefined;
    this.OPTION1(() => {
      symmetrical = afterEquals(this.CONSUME(t.Symmetrical));
    });
    return this.ACTION(() => {
      this.someMembers(members, 2, 'action');
      return compact<Statement>({
        kind: 'order',
        id: this.identifier(id),
        score: scoreText(score),
        members,
        symmetrical,
      } as Statement);
    });
  });

  /** Resources that need a ticket. @crm rsc_ticket t ticketA: web loss-policy=fence */
  protected ticket = this.RULE('ticket', (): Statement => {
    this.CONSUME(t.RscTicket);
    const id = this.CONSUME(t.NewId);
    const ticket = this.CONSUME(t.Score);
    const members = this.SUBRULE(this.members, { ARGS: ['role'] });
    let lossPolicy: string | undefined;
    this.OPTION(() => {
      lossPolicy = afterEquals(this.CONSUME(t.LossPolicy));
    });
    return this.ACTION(() => {
      this.someMembers(members, 1, 'role');
      return compact<Statement>({
        kind: 'rsc_ticket',
        id: this.identifier(id),
        ticket: scoreText(ticket),
        members,
        lossPolicy,
      } as Statement);
    });
  });

  protected someMembers(members: readonly SetItem[], count: number, what: string): void {
    const named = members.filter((item) => item.type === 'member').length;
    const marked = members[0]?.type === 'marker' && members.length === count;
    if (named > 0 && !marked) return;
    const one = `<rsc>[:<${what}>]`;
    this.complain('members', `Expected ${Array(count).fill(one).join(' ')} | resource_sets`, this.LA(1), [
      'a resource',
    ]);
  }

  protected members = this.RULE('members', (_what?: string): SetItem[] => {
    const items: SetItem[] = [];
    this.MANY({
      GATE: () => this.next() !== t.CloseBrace,
      DEF: () => {
        this.OR({
          // Brackets and the marker would also do as resource names.
          IGNORE_AMBIGUITIES: true,
          DEF: [
            { ALT: () => this.SUBRULE(this.bracketSet, { ARGS: [items] }) },
            {
              ALT: () => {
                this.CONSUME(t.SetMarker);
                items.push({ type: 'marker' });
              },
            },
            { ALT: () => this.SUBRULE(this.setAttribute, { ARGS: [items] }) },
            { ALT: () => this.SUBRULE(this.setMember, { ARGS: [items] }) },
          ],
        });
      },
    });
    return items;
  });

  protected bracketSet = this.RULE('bracketSet', (items: SetItem[]): void => {
    let close: TokenType = t.CloseParen;
    const open = this.OR<IToken>([
      { ALT: () => this.CONSUME(t.OpenParen) },
      {
        ALT: () => {
          close = t.CloseBracket;
          return this.CONSUME(t.OpenBracket);
        },
      },
    ]);
    this.ACTION(() => items.push({ type: 'open', bracket: open.image }));
    let count = 0;
    this.MANY({
      GATE: () => !BRACKETS.has(this.next()),
      DEF: () => {
        this.OR1({
          IGNORE_AMBIGUITIES: true,
          DEF: [
            { ALT: () => this.SUBRULE(this.setAttribute, { ARGS: [items] }) },
            {
              ALT: () => {
                this.SUBRULE(this.setMember, { ARGS: [items] });
                count += 1;
              },
            },
          ],
        });
      },
    });
    const end = this.OR2<IToken>([
      { GATE: () => close === t.CloseParen, ALT: () => this.CONSUME(t.CloseParen) },
      { GATE: () => close === t.CloseBracket, ALT: () => this.CONSUME(t.CloseBracket) },
    ]);
    this.ACTION(() => {
      if (count === 0) this.complain('empty-set', 'Empty resource set', end, ['a resource']);
      items.push({ type: 'close', bracket: end.image });
    });
  });

  protected setAttribute = this.RULE('setAttribute', (items: SetItem[]): void => {
    const attribute = this.CONSUME(t.SetAttribute);
    this.ACTION(() => {
      const value = afterEquals(attribute)!;
      if (!/^(y|yes|true|on|1|n|no|false|off|0)$/i.test(value)) {
        this.complain('boolean', `Not a boolean: ${value}`, attribute, ['true', 'false']);
      }
      items.push({ type: 'attribute', name: attribute.image.slice(0, -value.length - 1), value });
    });
  });

  protected setMember = this.RULE('setMember', (items: SetItem[]): void => {
    const token = this.CONSUME(t.Member);
    this.ACTION(() => {
      if (token.tokenType === t.CloseParen || token.tokenType === t.CloseBracket) {
        this.complain('bracket', 'Unmatched closing bracket', token);
      } else if (token.image.split(':').length > 2) {
        this.complain('member', 'Expected value[:value]', token, ['RSC', 'RSC:ROLE']);
      }
      items.push(member(token));
    });
  });
}
