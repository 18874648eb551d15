import type { IToken, TokenType } from 'chevrotain';
import type {
  AclRule,
  AlertPart,
  AlertSelector,
  AttributeSet,
  FencingLevel,
  Rule,
  SetKeyword,
  Statement,
} from './ast.js';
import { ConstraintParser } from './constraint-parser.js';
import { SET_ENDS } from './set-parser.js';
import { as, compact, type Header, idSpec, scoreText } from './statement-words.js';
import * as t from './tokens.js';

const ALERT_ENDS: ReadonlySet<TokenType> = new Set([t.Attributes, t.Meta, t.To, t.Select]);
const RECIPIENT_ENDS: ReadonlySet<TokenType> = new Set([t.Attributes, t.Meta, t.To]);
const BRACED_ENDS: ReadonlySet<TokenType> = new Set([...RECIPIENT_ENDS, t.CloseBrace]);

const ACL_PREFIXES = new Set([
  'xpath',
  'ref',
  'reference',
  'tag',
  'type',
  'attr',
  'attribute',
  'meta',
  'params',
  'utilization',
  'location',
  'property',
  'nodeattr',
  'nodeutil',
  'node',
  'status',
  'cib',
]);

/** Options, fencing levels, tags, access rights, alerts. */
export abstract class AdministrationParser extends ConstraintParser {
  /** Options of the cluster, and defaults of resources and operations. @crm property stonith-enabled=true */
  protected property = this.RULE('property', (): Statement => {
    const kind = this.OR<'property' | 'rsc_defaults' | 'op_defaults'>([
      { ALT: () => as(this.CONSUME(t.Property), 'property') },
      { ALT: () => as(this.CONSUME(t.RscDefaults), 'rsc_defaults') },
      { ALT: () => as(this.CONSUME(t.OpDefaults), 'op_defaults') },
    ]);
    let header: Header = {};
    this.OPTION(() => {
      this.OR1([
        {
          ALT: () => {
            header = idSpec(this.CONSUME(t.IdSpec));
          },
        },
        {
          ALT: () => {
            header = { id: scoreText(this.CONSUME(t.Score))! };
          },
        },
      ]);
    });
    let score: IToken | undefined;
    this.OPTION2(() => {
      score = this.CONSUME1(t.Score);
    });
    const rules: Rule[] = [];
    this.MANY(() => rules.push(this.SUBRULE(this.rule)));
    const values = this.SUBRULE(this.values, { ARGS: [SET_ENDS] });
    return this.ACTION(() => {
      if (Object.keys(header).length + rules.length + values.length === 0) {
        this.complain('incomplete', `${kind} is not complete`, this.LA(1), ['name=value']);
      }
      return compact<Statement>({ kind, ...header, score: scoreText(score), rules, values } as Statement);
    });
  });

  /** Which devices fence which node, level by level. @crm fencing_topology n1: ipmi1 power n2: ipmi2 power */
  protected fencing = this.RULE('fencing', (): Statement => {
    this.CONSUME(t.FencingTopology);
    const levels: FencingLevel[] = [];
    let target: Omit<FencingLevel, 'devices'> = {};
    this.MANY(() => {
      this.OR({
        // A target would also do as a list of devices.
        IGNORE_AMBIGUITIES: true,
        DEF: [
          {
            ALT: () => {
              target = { target: scoreText(this.CONSUME(t.Score))! };
            },
          },
          {
            ALT: () => {
              const token = this.CONSUME(t.Devices);
              this.ACTION(() => {
                const attribute = /^attr:([\w-]+)=([\w-]+)$/i.exec(token.image);
                const pattern = /^pattern:(.+)$/i.exec(token.image);
                if (attribute) target = { attribute: { name: attribute[1]!, value: attribute[2]! } };
                else if (pattern) target = { pattern: pattern[1]! };
                else levels.push({ ...target, devices: token.image });
              });
            },
          },
        ],
      });
    });
    return { kind: 'fencing_topology', levels };
  });

  /** A name for several objects. @crm tag web ip nginx */
  protected tag = this.RULE('tag', (): Statement => {
    this.CONSUME(t.Tag);
    const name = this.CONSUME(t.NewId);
    const members: string[] = [];
    this.AT_LEAST_ONE(() => {
      const token = this.CONSUME(t.ResourceRef);
      this.ACTION(() => members.push(this.resource(token)));
    });
    return this.ACTION(() => {
      if (!/^[a-zA-Z_][^\s:]*:?$/.test(name.image)) {
        this.complain('identifier', `${name.image} is no tag name`, name, ['a tag name']);
      }
      return { kind: 'tag', id: name.image.replace(/:$/, ''), members };
    });
  });

  /** What someone with the role may see and change. @crm role ops read xpath:/cib write meta:web:target-role */
  protected role = this.RULE('role', (): Statement => {
    const kind = this.OR<'role' | 'user'>([
      { ALT: () => as(this.CONSUME(t.Role), 'role') },
      { ALT: () => as(this.CONSUME(t.User), 'user') },
    ]);
    const id = this.CONSUME(t.NewId);
    const description = this.SUBRULE(this.description);
    const rules: AclRule[] = [];
    const roles: string[] = [];
    this.MANY(() => {
      this.OR1({
        // A right would also do as a role.
        IGNORE_AMBIGUITIES: true,
        DEF: [
          { ALT: () => rules.push(this.SUBRULE(this.aclRule)) },
          {
            ALT: () => {
              const token = this.CONSUME(t.RoleRef);
              this.ACTION(() => {
                const reference = /^role:(.+)$/i.exec(token.image);
                if (kind === 'user' && reference) roles.push(reference[1]!);
                else this.complainOfRight(token, rules.length > 0);
              });
            },
          },
        ],
      });
    });
    return this.ACTION(() => {
      if (this.complaints.length === 0)
        this.notEmpty(rules.length + roles.length + (description?.length ?? 0), kind, 'read');
      return compact<Statement>({ kind, id: this.identifier(id), description, rules, roles } as Statement);
    });
  });

  /** Of a word that is neither a right nor, after one, what it is about; said once for all that follows. */
  private complainOfRight(token: IToken, afterRight: boolean): void {
    if (this.complaints.some(({ code }) => code === 'acl-right')) return;
    const [prefix, ...rest] = token.image.split(':');
    const about = [...ACL_PREFIXES].map((each) => [each, ...rest].join(':'));
    const rights = ['read', 'write', 'deny'];
    if (afterRight && (rest.length > 0 || !/^[rwd]/i.test(prefix!))) {
      const kinds = [...ACL_PREFIXES].join(', ');
      this.complain(
        'acl-right',
        `${token.image} is nothing that a right can be about: ${kinds}`,
        token,
        about,
      );
    } else this.complain('acl-right', `Expected read, write or deny`, token, rights);
  }

  protected aclRule = this.RULE('aclRule', (): AclRule => {
    const right = this.OR<IToken>([
      { ALT: () => this.CONSUME(t.Read) },
      { ALT: () => this.CONSUME(t.Write) },
      { ALT: () => this.CONSUME(t.Deny) },
    ]);
    let id: string | undefined;
    this.OPTION(() => {
      id = this.OR1<string | undefined>([
        { ALT: () => idSpec(this.CONSUME(t.IdSpec)).id },
        { ALT: () => scoreText(this.CONSUME(t.Score)) },
      ]);
    });
    const description = this.SUBRULE(this.description);
    const specs: string[] = [];
    this.MANY({
      GATE: () => ACL_PREFIXES.has(this.LA(1).image.split(':', 1)[0]!),
      DEF: () => {
        const spec = this.CONSUME(t.AclSpec);
        this.ACTION(() => specs.push(spec.image));
      },
    });
    return this.ACTION(() =>
      compact<AclRule>({ right: right.image.toLowerCase(), id, description, specs } as AclRule),
    );
  });

  /** Which roles a user or group has. @crm acl_target joe ops */
  protected aclTarget = this.RULE('aclTarget', (): Statement => {
    const kind = this.OR<'acl_target' | 'acl_group'>([
      { ALT: () => as(this.CONSUME(t.AclTarget), 'acl_target') },
      { ALT: () => as(this.CONSUME(t.AclGroup), 'acl_group') },
    ]);
    const id = this.CONSUME(t.NewId);
    const roles: string[] = [];
    this.MANY(() => {
      const role = this.CONSUME(t.RoleRef);
      this.ACTION(() => roles.push(this.identifier(role)));
    });
    return this.ACTION(() => {
      this.notEmpty(roles.length, kind, 'a role');
      return { kind, id: this.identifier(id), roles };
    });
  });

  /** A program that is told about events. @crm alert mail "/usr/local/bin/mail.sh" to "ops@example.org" */
  protected alert = this.RULE('alert', (): Statement => {
    this.CONSUME(t.Alert);
    const id = this.CONSUME(t.NewId);
    const path = this.CONSUME(t.Path);
    const description = this.SUBRULE(this.description);
    const parts: AlertPart[] = [];
    this.MANY(() => {
      this.OR([
        { ALT: () => parts.push(this.SUBRULE(this.alertSet, { ARGS: [ALERT_ENDS] })) },
        { ALT: () => parts.push(this.SUBRULE(this.select)) },
        { ALT: () => parts.push(this.SUBRULE(this.recipient)) },
      ]);
    });
    return this.ACTION(() =>
      compact<Statement>({
        kind: 'alert',
        id: this.identifier(id),
        path: path.image,
        description,
        parts,
      } as Statement),
    );
  });

  protected alertSet = this.RULE('alertSet', (ends: ReadonlySet<TokenType>): AttributeSet => {
    const keyword = this.OR<SetKeyword>([
      { ALT: () => as(this.CONSUME(t.Attributes), 'attributes') },
      { ALT: () => as(this.CONSUME(t.Meta), 'meta') },
    ]);
    return this.SUBRULE(this.set, { ARGS: [keyword, ends] });
  });

  protected select = this.RULE('select', (): AlertPart => {
    this.CONSUME(t.Select);
    const selectors: AlertSelector[] = [];
    this.MANY({
      GATE: () => this.next() !== t.Attributes || this.LA(2).tokenType === t.OpenBrace,
      DEF: () => {
        this.OR([
          { ALT: () => selectors.push(as(this.CONSUME(t.SelectNodes), { name: 'nodes' })) },
          { ALT: () => selectors.push(as(this.CONSUME(t.SelectFencing), { name: 'fencing' })) },
          { ALT: () => selectors.push(as(this.CONSUME(t.SelectResources), { name: 'resources' })) },
          {
            ALT: () => {
              this.CONSUME(t.Attributes);
              this.CONSUME(t.OpenBrace);
              const attributes: string[] = [];
              this.MANY1({
                GATE: () => this.next() !== t.CloseBrace,
                DEF: () => attributes.push(this.CONSUME(t.AttributeName).image),
              });
              this.CONSUME(t.CloseBrace);
              selectors.push({ name: 'attributes', attributes });
            },
          },
        ]);
      },
    });
    return { type: 'select', selectors };
  });

  protected recipient = this.RULE('recipient', (): AlertPart => {
    this.CONSUME(t.To);
    let braces = false;
    this.OPTION(() => {
      this.CONSUME(t.OpenBrace);
      braces = true;
    });
    const value = this.CONSUME(t.Value);
    const description = this.SUBRULE(this.description);
    const sets: AttributeSet[] = [];
    this.MANY(() =>
      sets.push(this.SUBRULE(this.alertSet, { ARGS: [braces ? BRACED_ENDS : RECIPIENT_ENDS] })),
    );
    this.OPTION1({ GATE: () => braces, DEF: () => this.CONSUME(t.CloseBrace) });
    return this.ACTION(() =>
      compact<AlertPart>({
        type: 'recipient',
        value: value.image,
        description,
        sets,
        braces: braces || undefined,
      } as AlertPart),
    );
  });
}
