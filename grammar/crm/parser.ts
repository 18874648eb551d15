import { EmbeddedActionsParser, type IParserConfig, type IToken, type TokenType } from 'chevrotain';
import type {
  AclRule,
  AlertPart,
  AlertSelector,
  AttributeSet,
  BundlePart,
  BundlePrimitive,
  Expression,
  FencingLevel,
  NameValue,
  Operation,
  Operations,
  Rule,
  SetItem,
  SetKeyword,
  Statement,
} from './ast.js';
import * as t from './tokens.js';

/*
 * The language. `nv` is name=value, name=, name, $id:name=value, @id or @id:name; keywords are case-insensitive.
 *
 *   statement  := node | primitive | group | clone | bundle | location | colocation | order | rsc_ticket
 *               | property | fencing_topology | tag | role | acl_target | alert | monitor | xml
 *   node       := "node" [$id=ID | ID:] UNAME[:TYPE] [description=] [set] {("attributes" | "utilization") set}
 *   primitive  := ("primitive" | "rsc_template") ID (AGENT | @TEMPLATE) [description=] [set]
 *                 {("params" | "meta" | "utilization") set | "operations" $id= | op}
 *   op         := "op" NAME {nv} [set] {("op_params" | "op_meta") set}
 *   group      := "group" ID {RSC} [description=] [set] {("params" | "meta") set}
 *   clone      := ("clone" | "ms") ID RSC [description=] [set] {("params" | "meta") set}
 *   bundle     := "bundle" ID [description=] {("docker" | "rkt" | "podman") {nv} | "network" {nv} {"port-mapping" {nv}}
 *               | "storage" {"storage-mapping" {nv}} | "primitive" RSC | "meta" set}
 *   location   := "location" ID (/REGEX/ | "{" members "}" | RSC) {NAME=VALUE} (SCORE: NODE [role=] | rule {rule})
 *   colocation := "colocation" ID SCORE: members [node-attribute=] [influence=]
 *   order      := "order" ID [KIND: | SCORE:] members [symmetrical=]
 *   rsc_ticket := "rsc_ticket" ID TICKET: members [loss-policy=]
 *   members    := {RSC[:ROLE] | sequential= | require-all= | "(" members ")" | "[" members "]"}
 *   property   := ("property" | "rsc_defaults" | "op_defaults") [ID: | $id= | $id-ref=] [SCORE:] {rule} {nv}
 *   fencing    := "fencing_topology" {NODE: | attr:NAME=VALUE | pattern:REGEX | DEVICES}
 *   tag        := "tag" NAME[:] ID {ID}
 *   role       := ("role" | "user") ID [description=] {("read" | "write" | "deny") [ID:] [description=] spec {spec}}
 *   acl_target := ("acl_target" | "acl_group") ID {ROLE}
 *   alert      := "alert" ID PATH [description=] {("attributes" | "meta") set | select | recipient}
 *   select     := "select" {"nodes" | "fencing" | "resources" | "attributes" "{" {NAME} "}"}
 *   recipient  := "to" ["{"] VALUE [description=] {("attributes" | "meta") set} ["}"]
 *   monitor    := "monitor" RSC[:ROLE] INTERVAL[:TIMEOUT]
 *   set        := $id-ref= | [$id=] [SCORE:] {rule} {nv}
 *   rule       := "rule" [$id= | $id-ref=] [role=] [SCORE:] expression {("and" | "or") expression}
 *   expression := "date" ("lt" | "gt") DATE | "date" ("in" | "spec") {NAME=VALUE}
 *               | ("defined" | "not_defined") ATTRIBUTE | ATTRIBUTE [TYPE:]OPERATOR VALUE
 *               | ("resource" | "operation") {NAME=VALUE} | "(" [$id=] [SCORE:] expression {("and" | "or") expression} ")"
 *
 * An ambiguity is resolved by order: what a place has a special meaning for comes before what any word may be.
 */

/** Words at which a list of name-value pairs ends, unless the statement has its own. */
const SET_ENDS: ReadonlySet<TokenType> = new Set([
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
const BUNDLE_ENDS: ReadonlySet<TokenType> = new Set([t.Network, t.Storage, t.Meta, t.Primitive]);
const BUNDLE_META_ENDS: ReadonlySet<TokenType> = new Set([...BUNDLE_ENDS, t.Docker, t.Podman, t.Rkt]);
const ALERT_ENDS: ReadonlySet<TokenType> = new Set([t.Attributes, t.Meta, t.To, t.Select]);
const RECIPIENT_ENDS: ReadonlySet<TokenType> = new Set([t.Attributes, t.Meta, t.To]);
const BRACED_ENDS: ReadonlySet<TokenType> = new Set([...RECIPIENT_ENDS, t.CloseBrace]);

const BRACKETS: ReadonlySet<TokenType> = new Set([t.OpenParen, t.CloseParen, t.OpenBracket, t.CloseBracket]);

const DATE_SPEC = 'hours|monthdays|weekdays|yearsdays|months|weeks|years|weekyears|moon';
const DATE_RANGE_KEY = new RegExp(`^(start|end|${DATE_SPEC})(=.+)?$`);
const DATE_SPEC_KEY = new RegExp(`^(${DATE_SPEC})(=.+)?$`);
const RESOURCE_KEY = /^(class|provider|type)=.+$/;
const OPERATION_KEY = /^(name|interval)=.+$/;
const COMPARISON = /^(?:(string|integer|number|version):)?(lt|gt|lte|gte|eq|ne)$/i;

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

/** What a rule says after its id and role. */
type RuleBody = Pick<Rule, 'score' | 'operator' | 'expressions'>;

/** A mistake that the grammar's shape does not catch; reading goes on after it. */
export interface Complaint {
  readonly code: string;
  readonly message: string;
  readonly token: IToken;
  readonly expected: readonly string[];
}

/** An object without the properties that are undefined, which `exactOptionalPropertyTypes` wants absent. */
function compact<T extends object>(value: { [K in keyof T]: T[K] | undefined }): T {
  for (const key of Object.keys(value) as (keyof T)[]) if (value[key] === undefined) delete value[key];
  return value as T;
}

interface Header {
  id?: string;
  idRef?: string;
}

/** The set's id or reference from `$id=x`, `$id-ref=x`. */
function idSpec(token: IToken | undefined): Header {
  if (!token) return {};
  const at = token.image.indexOf('=');
  const value = token.image.slice(at + 1);
  return token.image.slice(0, at).toLowerCase() === '$id' ? { id: value } : { idRef: value };
}

function scoreText(token: IToken | undefined): string | undefined {
  return token?.image.slice(0, -1);
}

function afterEquals(token: IToken | undefined): string | undefined {
  return token?.image.slice(token.image.indexOf('=') + 1);
}

function nameValue(token: IToken): NameValue {
  const text = token.image;
  const withId = /^\$([^:=]+)(?::(.+))?=(.*)$/s.exec(text);
  if (text.startsWith('@')) {
    const ref = /^@([^:]+)(?::(.+))?$/s.exec(text)!;
    return compact<NameValue>({ idRef: ref[1], name: ref[2] });
  }
  if (withId) return { id: withId[1]!, name: withId[2] ?? withId[1]!, value: withId[3]! };
  const at = text.indexOf('=');
  return at < 0 ? { name: text } : { name: text.slice(0, at), value: text.slice(at + 1) };
}

/** The value that a keyword stands for. */
function as<const T>(_keyword: IToken, value: T): T {
  return value;
}

function member(token: IToken): SetItem {
  const at = token.image.indexOf(':');
  if (at < 0) return { type: 'member', id: token.image };
  return { type: 'member', id: token.image.slice(0, at), qualifier: token.image.slice(at + 1) };
}

/** A token and what the grammar took it for. */
export interface Consumed {
  readonly token: IToken;
  readonly as: TokenType;
}

/** Chevrotain's method behind every `CONSUME`, which its types do not show. */
type ConsumeInternal = (type: TokenType, index: number, options: unknown) => IToken;

/** Parser of one statement; `input` is set to its tokens. */
export class CrmParser extends EmbeddedActionsParser {
  /** Mistakes found by actions, in order. */
  complaints: Complaint[] = [];
  /** The tokens read so far, each with the terminal that consumed it. */
  consumed: Consumed[] = [];

  constructor(config: IParserConfig = {}) {
    super(t.vocabulary, { maxLookahead: 1, recoveryEnabled: false, skipValidations: true, ...config });
    this.performSelfAnalysis();
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

  private complain(code: string, message: string, token: IToken, expected: readonly string[] = []): void {
    this.complaints.push({ code, message, token, expected });
  }

  private identifier(token: IToken): string {
    if (!/^[a-z0-9_#$-][^=]*$/i.test(token.image)) {
      this.complain('identifier', `${token.image} is no identifier`, token, ['an id']);
    }
    return token.image;
  }

  private resource(token: IToken): string {
    if (!/^[a-z_#$][^=]*$/i.test(token.image)) {
      this.complain('resource', `${token.image} is no resource name`, token, ['a resource']);
    }
    return token.image;
  }

  private next(): TokenType {
    return this.LA(1).tokenType;
  }

  statement = this.RULE('statement', (): Statement => {
    return this.OR<Statement>([
      { ALT: () => this.SUBRULE(this.node) },
      { ALT: () => this.SUBRULE(this.primitive) },
      { ALT: () => this.SUBRULE(this.group) },
      { ALT: () => this.SUBRULE(this.clone) },
      { ALT: () => this.SUBRULE(this.bundle) },
      { ALT: () => this.SUBRULE(this.location) },
      { ALT: () => this.SUBRULE(this.colocation) },
      { ALT: () => this.SUBRULE(this.order) },
      { ALT: () => this.SUBRULE(this.ticket) },
      { ALT: () => this.SUBRULE(this.property) },
      { ALT: () => this.SUBRULE(this.fencing) },
      { ALT: () => this.SUBRULE(this.tag) },
      { ALT: () => this.SUBRULE(this.role) },
      { ALT: () => this.SUBRULE(this.aclTarget) },
      { ALT: () => this.SUBRULE(this.alert) },
      { ALT: () => this.SUBRULE(this.monitor) },
      { ALT: () => this.SUBRULE(this.xml) },
    ]);
  });

  /** A cluster node. @crm node 1: n1 attributes rack=2 utilization cpu=8 */
  private node = this.RULE('node', (): Statement => {
    this.CONSUME(t.Node);
    let id: string | undefined;
    this.OPTION(() => {
      id = this.OR<string | undefined>([
        { ALT: () => idSpec(this.CONSUME(t.IdSpec)).id },
        { ALT: () => scoreText(this.CONSUME(t.Score)) },
      ]);
    });
    const name = this.CONSUME(t.NodeName);
    const description = this.SUBRULE(this.description);
    const sets: AttributeSet[] = [];
    this.SUBRULE(this.firstSet, { ARGS: ['attributes', sets] });
    this.MANY(() => {
      const keyword = this.OR1<SetKeyword>([
        { ALT: () => as(this.CONSUME(t.Attributes), 'attributes') },
        { ALT: () => as(this.CONSUME(t.Utilization), 'utilization') },
      ]);
      sets.push(this.SUBRULE(this.set, { ARGS: [keyword, SET_ENDS] }));
    });
    return this.ACTION(() => {
      const parts = /^([^:]+)(?::(normal|member|ping|remote))?$/i.exec(name.image);
      if (!parts) {
        this.complain('node-type', `${name.image} is no node name with a known type`, name, [
          'NAME',
          'NAME:remote',
          'NAME:member',
        ]);
      }
      return compact<Statement>({
        kind: 'node',
        id,
        uname: parts?.[1] ?? name.image,
        type: parts?.[2],
        description,
        sets,
      } as Statement);
    });
  });

  /** A resource that an agent runs. @crm primitive ip IPaddr2 params ip=10.0.0.9 op monitor interval=10s */
  private primitive = this.RULE('primitive', (): Statement => {
    const kind = this.OR<'primitive' | 'rsc_template'>([
      { ALT: () => as(this.CONSUME(t.Primitive), 'primitive') },
      { ALT: () => as(this.CONSUME(t.Template), 'rsc_template') },
    ]);
    const id = this.CONSUME(t.NewId);
    const agent = this.CONSUME(t.AgentSpec);
    const description = this.SUBRULE(this.description);
    const parts: (AttributeSet | Operations)[] = [];
    const sets: AttributeSet[] = [];
    this.SUBRULE(this.firstSet, { ARGS: ['params', sets] });
    this.MANY(() => {
      this.OR1([
        { ALT: () => parts.push(this.SUBRULE(this.resourceSet)) },
        { ALT: () => parts.push(this.SUBRULE(this.operations)) },
      ]);
    });
    return this.ACTION(() => {
      const template = kind === 'primitive' && agent.image.length > 1 && agent.image.startsWith('@');
      return compact<Statement>({
        kind,
        id: this.identifier(id),
        agent: template ? undefined : agent.image,
        template: template ? agent.image.slice(1) : undefined,
        description,
        parts: [...sets, ...parts],
      } as Statement);
    });
  });

  private resourceSet = this.RULE('resourceSet', (): AttributeSet => {
    const keyword = this.OR<SetKeyword>([
      { ALT: () => as(this.CONSUME(t.Params), 'params') },
      { ALT: () => as(this.CONSUME(t.Meta), 'meta') },
      { ALT: () => as(this.CONSUME(t.Utilization), 'utilization') },
    ]);
    return this.SUBRULE(this.set, { ARGS: [keyword, SET_ENDS] });
  });

  private operations = this.RULE('operations', (): Operations => {
    const operations: Operation[] = [];
    let header: Header = {};
    this.OR([
      {
        ALT: () => {
          this.CONSUME(t.Operations);
          header = idSpec(this.CONSUME(t.IdSpec));
          this.MANY(() => operations.push(this.SUBRULE(this.operation)));
        },
      },
      { ALT: () => this.AT_LEAST_ONE(() => operations.push(this.SUBRULE1(this.operation))) },
    ]);
    return { type: 'operations', ...header, operations };
  });

  /** An action of the resource's agent, and when it runs. @crm op monitor interval=10s timeout=20s */
  private operation = this.RULE('operation', (): Operation => {
    this.CONSUME(t.Op);
    const name = this.CONSUME(t.OperationName);
    const values = this.SUBRULE(this.values, { ARGS: [SET_ENDS] });
    const sets: AttributeSet[] = [];
    this.SUBRULE(this.firstSet, { ARGS: ['op_params', sets] });
    this.MANY(() => {
      const keyword = this.OR<SetKeyword>([
        { ALT: () => as(this.CONSUME(t.OpParams), 'op_params') },
        { ALT: () => as(this.CONSUME(t.OpMeta), 'op_meta') },
      ]);
      sets.push(this.SUBRULE(this.set, { ARGS: [keyword, SET_ENDS] }));
    });
    return this.ACTION(() => ({ name: this.identifier(name), values, sets }));
  });

  /** Resources that run together, in order. @crm group g ip web */
  private group = this.RULE('group', (): Statement => {
    this.CONSUME(t.Group);
    const id = this.CONSUME(t.NewId);
    const children: IToken[] = [];
    this.MANY({
      GATE: () => this.next() !== t.Params && this.next() !== t.Meta,
      DEF: () => children.push(this.CONSUME(t.Member)),
    });
    const description = this.SUBRULE(this.description);
    const sets = this.SUBRULE(this.containerSets);
    return this.ACTION(() => {
      this.notEmpty(children.length + sets.length + (description?.length ?? 0), 'group', 'a resource');
      const seen = new Set<string>();
      for (const child of children) {
        if (seen.has(child.image)) {
          this.complain(
            'duplicate',
            `child ${child.image} listed more than once in group ${id.image}`,
            child,
          );
        }
        seen.add(child.image);
      }
      return compact<Statement>({
        kind: 'group',
        id: this.identifier(id),
        children: [...seen],
        description,
        sets,
      } as Statement);
    });
  });

  /** A resource that runs on several nodes. @crm clone c web meta clone-max=2 */
  private clone = this.RULE('clone', (): Statement => {
    const kind = this.OR<'clone' | 'ms'>([
      { ALT: () => as(this.CONSUME(t.Clone), 'clone') },
      { ALT: () => as(this.CONSUME(t.Ms), 'ms') },
    ]);
    const id = this.CONSUME(t.NewId);
    const child = this.CONSUME(t.ResourceRef);
    const description = this.SUBRULE(this.description);
    const sets = this.SUBRULE(this.containerSets);
    return this.ACTION(() =>
      compact<Statement>({
        kind,
        id: this.identifier(id),
        children: [this.resource(child)],
        description,
        sets,
      } as Statement),
    );
  });

  private containerSets = this.RULE('containerSets', (): AttributeSet[] => {
    const sets: AttributeSet[] = [];
    this.SUBRULE(this.firstSet, { ARGS: ['params', sets] });
    this.MANY(() => {
      const keyword = this.OR<SetKeyword>([
        { ALT: () => as(this.CONSUME(t.Params), 'params') },
        { ALT: () => as(this.CONSUME(t.Meta), 'meta') },
      ]);
      sets.push(this.SUBRULE(this.set, { ARGS: [keyword, SET_ENDS] }));
    });
    return sets;
  });

  /** A resource in containers. @crm bundle b docker image=web replicas=2 network ip-range-start=10.0.0.8 */
  private bundle = this.RULE('bundle', (): Statement => {
    this.CONSUME(t.Bundle);
    const id = this.CONSUME(t.NewId);
    const description = this.SUBRULE(this.description);
    const parts: (BundlePart | BundlePrimitive | AttributeSet)[] = [];
    this.MANY(() => {
      this.OR([
        { ALT: () => parts.push(this.SUBRULE(this.bundlePart)) },
        {
          ALT: () => {
            this.CONSUME(t.Primitive);
            const primitive = this.CONSUME(t.ResourceRef);
            parts.push({ type: 'primitive', id: primitive.image });
          },
        },
        {
          ALT: () => {
            this.CONSUME(t.Meta);
            parts.push(this.SUBRULE(this.set, { ARGS: ['meta', BUNDLE_META_ENDS] }));
          },
        },
      ]);
    });
    return this.ACTION(() => {
      this.notEmpty(parts.length + (description?.length ?? 0), 'bundle', 'docker');
      return compact<Statement>({ kind: 'bundle', id: this.identifier(id), description, parts } as Statement);
    });
  });

  private bundlePart = this.RULE('bundlePart', (): BundlePart => {
    const type = this.OR<BundlePart['type']>([
      { ALT: () => as(this.CONSUME(t.Docker), 'docker') },
      { ALT: () => as(this.CONSUME(t.Podman), 'podman') },
      { ALT: () => as(this.CONSUME(t.Rkt), 'rkt') },
      { ALT: () => as(this.CONSUME(t.Network), 'network') },
      { ALT: () => as(this.CONSUME(t.Storage), 'storage') },
    ]);
    const values: NameValue[] = [];
    const mappings: { name: string; values: NameValue[] }[] = [];
    this.MANY({
      GATE: () => !BUNDLE_ENDS.has(this.next()),
      DEF: () => {
        this.OR1({
          // A mapping's keyword would also do as an attribute's bare name.
          IGNORE_AMBIGUITIES: true,
          DEF: [
            {
              ALT: () => {
                this.CONSUME(t.PortMapping);
                mappings.push({ name: 'port-mapping', values: [] });
              },
            },
            {
              ALT: () => {
                this.CONSUME(t.StorageMapping);
                mappings.push({ name: 'storage-mapping', values: [] });
              },
            },
            {
              ALT: () => {
                const pair = this.SUBRULE(this.pair);
                (mappings.at(-1)?.values ?? values).push(pair);
              },
            },
          ],
        });
      },
    });
    return { type, values, mappings };
  });

  /** Where a resource may run. @crm location l web 100: n1 */
  private location = this.RULE('location', (): Statement => {
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
  private colocation = this.RULE('colocation', (): Statement => {
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
  private order = this.RULE('order', (): Statement => {
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
  private ticket = this.RULE('ticket', (): Statement => {
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

  /** Complains of a statement that ends right after its id. */
  private notEmpty(count: number, keyword: string, expected: string): void {
    if (count === 0) this.complain('incomplete', `${keyword} is not complete`, this.LA(1), [expected]);
  }

  private someMembers(members: readonly SetItem[], count: number, what: string): void {
    const named = members.filter((item) => item.type === 'member').length;
    const marked = members[0]?.type === 'marker' && members.length === count;
    if (named > 0 && !marked) return;
    const one = `<rsc>[:<${what}>]`;
    this.complain('members', `Expected ${Array(count).fill(one).join(' ')} | resource_sets`, this.LA(1), [
      'a resource',
    ]);
  }

  private members = this.RULE('members', (_what?: string): SetItem[] => {
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

  private bracketSet = this.RULE('bracketSet', (items: SetItem[]): void => {
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

  private setAttribute = this.RULE('setAttribute', (items: SetItem[]): void => {
    const attribute = this.CONSUME(t.SetAttribute);
    this.ACTION(() => {
      const value = afterEquals(attribute)!;
      if (!/^(y|yes|true|on|1|n|no|false|off|0)$/i.test(value)) {
        this.complain('boolean', `Not a boolean: ${value}`, attribute, ['true', 'false']);
      }
      items.push({ type: 'attribute', name: attribute.image.slice(0, -value.length - 1), value });
    });
  });

  private setMember = this.RULE('setMember', (items: SetItem[]): void => {
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

  /** Options of the cluster, and defaults of resources and operations. @crm property stonith-enabled=true */
  private property = this.RULE('property', (): Statement => {
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
  private fencing = this.RULE('fencing', (): Statement => {
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
  private tag = this.RULE('tag', (): Statement => {
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
  private role = this.RULE('role', (): Statement => {
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
                else {
                  this.complain('acl-right', `Expected read, write or deny`, token, [
                    'read',
                    'write',
                    'deny',
                  ]);
                }
              });
            },
          },
        ],
      });
    });
    return this.ACTION(() => {
      this.notEmpty(rules.length + roles.length + (description?.length ?? 0), kind, 'read');
      return compact<Statement>({ kind, id: this.identifier(id), description, rules, roles } as Statement);
    });
  });

  private aclRule = this.RULE('aclRule', (): AclRule => {
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
  private aclTarget = this.RULE('aclTarget', (): Statement => {
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
  private alert = this.RULE('alert', (): Statement => {
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

  private alertSet = this.RULE('alertSet', (ends: ReadonlySet<TokenType>): AttributeSet => {
    const keyword = this.OR<SetKeyword>([
      { ALT: () => as(this.CONSUME(t.Attributes), 'attributes') },
      { ALT: () => as(this.CONSUME(t.Meta), 'meta') },
    ]);
    return this.SUBRULE(this.set, { ARGS: [keyword, ends] });
  });

  private select = this.RULE('select', (): AlertPart => {
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

  private recipient = this.RULE('recipient', (): AlertPart => {
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

  /** Adds a recurring monitor to a resource. @crm monitor web:Started 10s:20s */
  private monitor = this.RULE('monitor', (): Statement => {
    this.CONSUME(t.Monitor);
    const resource = this.CONSUME(t.Member);
    const interval = this.CONSUME(t.Interval);
    return this.ACTION(() => {
      const [id, role, ...rest] = resource.image.split(':');
      const [time, timeout, ...more] = interval.image.split(':');
      if (rest.length > 0) this.complain('member', 'Expected value[:value]', resource, ['RSC', 'RSC:ROLE']);
      if (more.length > 0)
        this.complain('interval', 'Expected value[:value]', interval, ['INTERVAL:TIMEOUT']);
      return compact<Statement>({
        kind: 'monitor',
        resource: id,
        role: role === '' ? undefined : role,
        interval: time,
        timeout: timeout === '' ? undefined : timeout,
      } as Statement);
    });
  });

  /** An element as XML. @crm xml '<primitive id="p" class="ocf" provider="heartbeat" type="Dummy"/>' */
  private xml = this.RULE('xml', (): Statement => {
    this.CONSUME(t.Xml);
    const text = this.CONSUME(t.XmlText);
    return { kind: 'xml', text: text.image };
  });

  private description = this.RULE('description', (): string | undefined => {
    let description: string | undefined;
    this.OPTION(() => {
      description = afterEquals(this.CONSUME(t.Description));
    });
    return description;
  });

  /** The set right after a statement's head, whose keyword may be left out. */
  private firstSet = this.RULE('firstSet', (keyword: SetKeyword, sets: AttributeSet[]): void => {
    const set = this.SUBRULE(this.set, { ARGS: [keyword, SET_ENDS] });
    this.ACTION(() => {
      const empty = set.id === undefined && set.idRef === undefined && set.score === undefined;
      if (!empty || set.rules.length > 0 || set.values.length > 0) sets.push(set);
    });
  });

  private set = this.RULE('set', (keyword: SetKeyword, ends: ReadonlySet<TokenType>): AttributeSet => {
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

  private values = this.RULE('values', (ends: ReadonlySet<TokenType>): NameValue[] => {
    const values: NameValue[] = [];
    this.MANY({
      GATE: () => !ends.has(this.next()),
      DEF: () => values.push(this.SUBRULE(this.pair)),
    });
    return values;
  });

  private pair = this.RULE('pair', (): NameValue => {
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

  /** `name=value` or `$name=value` where the name becomes an attribute of the statement's own element. */
  private plainPair = this.RULE('plainPair', (): NameValue => {
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

  /** When a set or constraint holds. @crm rule -inf: not_defined pingd or pingd lte 0 */
  private rule = this.RULE('rule', (): Rule => {
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

  private ruleBody = this.RULE('ruleBody', (): RuleBody => {
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
  private nestedRule = this.RULE('nestedRule', (): Expression => {
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
  private isKindExpression(): boolean {
    const type = this.LA(1).tokenType;
    if (type !== t.ResourceWord && type !== t.OperationWord) return false;
    const following = this.LA(2);
    return following.image?.includes('=') ?? false;
  }

  private kindExpression = this.RULE('kindExpression', (): Expression => {
    const type = this.OR<'resource' | 'operation'>([
      { ALT: () => as(this.CONSUME(t.ResourceWord), 'resource') },
      { ALT: () => as(this.CONSUME(t.OperationWord), 'operation') },
    ]);
    const keys = type === 'resource' ? RESOURCE_KEY : OPERATION_KEY;
    const values = this.SUBRULE(this.dateValues, { ARGS: [keys] });
    return { type, values };
  });

  private expression = this.RULE('expression', (): Expression => {
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

  private comparison(attribute: IToken, operator: IToken, value: IToken): Expression {
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

  private dateExpression = this.RULE('dateExpression', (): Expression => {
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

  private dateValues = this.RULE('dateValues', (keys: RegExp): NameValue[] => {
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
