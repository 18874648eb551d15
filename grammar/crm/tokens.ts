import { createToken, type IToken, type TokenType } from 'chevrotain';
import type { Word } from './ast.js';

/*
 * crm has no reserved words: `primitive params Dummy params meta=1` is legal. So a token's type is decided by the
 * word's shape (`a=b`, `a:`, `$id=a`, `@a`, a bracket, a keyword in any case), and the grammar consumes *categories*:
 * what a word may stand for at that place. Each category is also what completion is asked for there.
 */

function category(name: string, label: string, ...parents: TokenType[]): TokenType {
  return createToken({ name, label, categories: parents, pattern: /NEVER/ });
}

/** A name that the statement gives. */
export const NewId = category('NewId', 'an id');
export const ResourceRef = category('ResourceRef', 'a resource');
/** `rsc`, `rsc:role` or `rsc:action` in a constraint. */
export const Member = category('Member', 'a resource');
export const NodeName = category('NodeName', 'a node');
export const AgentSpec = category('AgentSpec', 'an agent ([class:[provider:]]type)');
export const OperationName = category('OperationName', 'an operation');
export const AttributeName = category('AttributeName', 'an attribute');
export const Operator = category('Operator', 'a comparison (lt, gt, lte, gte, eq, ne)');
export const Value = category('Value', 'a value');
export const DateValue = category('DateValue', 'a date');
export const Interval = category('Interval', 'an interval');
export const Devices = category('Devices', 'a fencing device');
export const AclSpec = category('AclSpec', 'what the right is about (xpath:, ref:, type:, a shortcut)');
export const RoleRef = category('RoleRef', 'a role');
export const Path = category('Path', 'a path');
/** A name without a value in an attribute set. */
export const Key = category('Key', 'name=value');

/** Every category that any word may take, whatever its shape. */
const ANY = [Value, DateValue, Devices, Path, AclSpec, AgentSpec, Interval, Operator];
/** Categories of words without `=`. */
const NAME = [...ANY, NewId, ResourceRef, Member, NodeName, OperationName, AttributeName, RoleRef];

export const IdSpec = category('IdSpec', '$id=');
/** `word:`: a score, a kind, a ticket, a set's or a node's id. */
export const Score = category('Score', 'a score and a colon');
export const NameValue = category('NameValue', 'name=value');
export const NameValueWithId = category('NameValueWithId', '$id:name=value');
export const NameValueRef = category('NameValueRef', '@id');
export const Description = category('Description', 'description=');
export const RoleSpec = category('RoleSpec', 'role=');
export const NodeAttribute = category('NodeAttribute', 'node-attribute=');
export const Symmetrical = category('Symmetrical', 'symmetrical=');
export const LossPolicy = category('LossPolicy', 'loss-policy=');
export const Influence = category('Influence', 'influence=');
export const SetAttribute = category('SetAttribute', 'sequential= or require-all=');

function shape(name: string, ...categories: TokenType[]): TokenType {
  return createToken({ name, categories: [...categories, ...ANY], pattern: /NEVER/ });
}

const IdSpecWord = shape('IdSpecWord', IdSpec);
const PairWord = shape('PairWord', NameValue);
const PairColonWord = shape('PairColonWord', NameValue, Score);
const PairIdWord = shape('PairIdWord', NameValueWithId);
const PairRefWord = shape('PairRefWord', NameValueRef, ...NAME.filter((c) => !ANY.includes(c)));
const DescriptionWord = shape('DescriptionWord', Description, NameValue);
const RoleWord = shape('RoleWord', RoleSpec, NameValue);
const RoleDollarWord = shape('RoleDollarWord', RoleSpec, NameValueWithId);
const NodeAttributeWord = shape('NodeAttributeWord', NodeAttribute, NameValue);
const SymmetricalWord = shape('SymmetricalWord', Symmetrical, NameValue);
const LossPolicyWord = shape('LossPolicyWord', LossPolicy, NameValue);
const InfluenceWord = shape('InfluenceWord', Influence, NameValue);
const SetAttributeWord = shape('SetAttributeWord', SetAttribute, NameValue);
const ScoreWord = createToken({ name: 'ScoreWord', categories: [Score, ...NAME], pattern: /NEVER/ });
/** A word with a colon inside: no attribute's bare name. */
const ColonWord = createToken({ name: 'ColonWord', categories: NAME, pattern: /NEVER/ });
export const BareWord = createToken({ name: 'BareWord', categories: [Key, ...NAME], pattern: /NEVER/ });

function keyword(name: string, ...words: string[]): TokenType {
  const type = createToken({ name, label: words[0]!, categories: [Key, ...NAME], pattern: /NEVER/ });
  for (const word of words) KEYWORDS.set(word, type);
  return type;
}

/** Lower-case word → its token type. */
export const KEYWORDS = new Map<string, TokenType>();

export const Node = keyword('Node', 'node');
export const Primitive = keyword('Primitive', 'primitive');
export const Template = keyword('Template', 'rsc_template');
export const Group = keyword('Group', 'group');
export const Clone = keyword('Clone', 'clone');
export const Ms = keyword('Ms', 'ms', 'master');
export const Bundle = keyword('Bundle', 'bundle');
export const Location = keyword('Location', 'location');
export const Colocation = keyword('Colocation', 'colocation', 'collocation');
export const Order = keyword('Order', 'order');
export const RscTicket = keyword('RscTicket', 'rsc_ticket');
export const Property = keyword('Property', 'property');
export const RscDefaults = keyword('RscDefaults', 'rsc_defaults');
export const OpDefaults = keyword('OpDefaults', 'op_defaults');
export const FencingTopology = keyword('FencingTopology', 'fencing_topology', 'fencing-topology');
export const Tag = keyword('Tag', 'tag');
export const Role = keyword('Role', 'role');
export const User = keyword('User', 'user');
export const AclTarget = keyword('AclTarget', 'acl_target');
export const AclGroup = keyword('AclGroup', 'acl_group');
export const Alert = keyword('Alert', 'alert');
export const Monitor = keyword('Monitor', 'monitor');
export const Xml = keyword('Xml', 'xml');

export const Params = keyword('Params', 'params');
export const Meta = keyword('Meta', 'meta');
export const Utilization = keyword('Utilization', 'utilization');
export const Attributes = keyword('Attributes', 'attributes');
export const Operations = keyword('Operations', 'operations');
export const Op = keyword('Op', 'op');
export const OpParams = keyword('OpParams', 'op_params');
export const OpMeta = keyword('OpMeta', 'op_meta');
export const RuleWord = keyword('Rule', 'rule');
export const DateWord = keyword('Date', 'date');
export const And = keyword('And', 'and');
export const Or = keyword('Or', 'or');
export const Defined = keyword('Defined', 'defined');
export const NotDefined = keyword('NotDefined', 'not_defined');
export const Lt = keyword('Lt', 'lt');
export const Gt = keyword('Gt', 'gt');
export const In = keyword('In', 'in', 'in_range');
export const Spec = keyword('Spec', 'spec', 'date_spec');
export const Docker = keyword('Docker', 'docker');
export const Podman = keyword('Podman', 'podman');
export const Rkt = keyword('Rkt', 'rkt');
export const Network = keyword('Network', 'network');
export const PortMapping = keyword('PortMapping', 'port-mapping');
export const Storage = keyword('Storage', 'storage');
export const StorageMapping = keyword('StorageMapping', 'storage-mapping');
export const To = keyword('To', 'to');
export const Select = keyword('Select', 'select');
export const SelectNodes = keyword('SelectNodes', 'nodes');
export const SelectFencing = keyword('SelectFencing', 'fencing');
export const SelectResources = keyword('SelectResources', 'resources');
export const ResourceWord = keyword('ResourceWord', 'resource');
export const OperationWord = keyword('OperationWord', 'operation');
export const Read = keyword('Read', 'read');
export const Write = keyword('Write', 'write');
export const Deny = keyword('Deny', 'deny');
export const OpenBrace = keyword('OpenBrace', '{');
export const CloseBrace = keyword('CloseBrace', '}');
export const OpenParen = keyword('OpenParen', '(');
export const CloseParen = keyword('CloseParen', ')');
export const OpenBracket = keyword('OpenBracket', '[');
export const CloseBracket = keyword('CloseBracket', ']');
export const SetMarker = keyword('SetMarker', '_rsc_set_');

/** The text after `xml`, one token. */
export const XmlText = createToken({ name: 'XmlText', label: 'an XML element', pattern: /NEVER/ });
/** Ends every statement's tokens; never consumed. */
export const STATEMENTS = [
  Node,
  Primitive,
  Template,
  Group,
  Clone,
  Ms,
  Bundle,
  Location,
  Colocation,
  Order,
  RscTicket,
  Property,
  RscDefaults,
  OpDefaults,
  FencingTopology,
  Tag,
  Role,
  User,
  AclTarget,
  AclGroup,
  Alert,
  Monitor,
  Xml,
] as const;

const BRACKET_STATEMENTS: ReadonlySet<TokenType> = new Set([Colocation, Order, RscTicket]);

export const vocabulary: TokenType[] = [
  ...ANY,
  NewId,
  ResourceRef,
  Member,
  NodeName,
  OperationName,
  AttributeName,
  RoleRef,
  Key,
  IdSpec,
  Score,
  NameValue,
  NameValueWithId,
  NameValueRef,
  Description,
  RoleSpec,
  NodeAttribute,
  Symmetrical,
  LossPolicy,
  Influence,
  SetAttribute,
  IdSpecWord,
  PairWord,
  PairColonWord,
  PairIdWord,
  PairRefWord,
  DescriptionWord,
  RoleWord,
  RoleDollarWord,
  NodeAttributeWord,
  SymmetricalWord,
  LossPolicyWord,
  InfluenceWord,
  SetAttributeWord,
  ScoreWord,
  ColonWord,
  BareWord,
  ...new Set(KEYWORDS.values()),
  XmlText,
];

/** The token type of a word, by its shape alone. */
export function classify(text: string): TokenType {
  const known = KEYWORDS.get(text.toLowerCase());
  if (known) return known;
  if (text.includes('=')) {
    if (/^(\$id-ref|\$id)=/i.test(text)) return IdSpecWord;
    if (/^\$role=./i.test(text)) return RoleDollarWord;
    if (/^\$[^:=]+(:.+)?=/.test(text)) return PairIdWord;
    if (/^[^=@$][^=]*=/.test(text)) {
      if (/^description=./i.test(text)) return DescriptionWord;
      if (/^role=./i.test(text)) return RoleWord;
      if (/^node-attribute=./i.test(text)) return NodeAttributeWord;
      if (/^symmetrical=(true|false|yes|no|on|off)$/i.test(text)) return SymmetricalWord;
      if (/^loss-policy=(stop|demote|fence|freeze)$/i.test(text)) return LossPolicyWord;
      if (/^influence=(true|false|yes|no|on|off)$/i.test(text)) return InfluenceWord;
      if (/^(sequential|require-all)=/.test(text)) return SetAttributeWord;
      return /^[^:]+:$/.test(text) ? PairColonWord : PairWord;
    }
  }
  if (/^@[^:]+(:.+)?$/.test(text)) return PairRefWord;
  if (/^[^:]+:$/.test(text)) return ScoreWord;
  return text.includes(':') || text.includes('=') || text === '' ? ColonWord : BareWord;
}

function token(word: Word, type: TokenType = classify(word.text)): IToken {
  return {
    image: word.text,
    startOffset: word.start,
    endOffset: Math.max(word.start, word.end - 1),
    tokenType: type,
    tokenTypeIdx: type.tokenTypeIdx!,
  };
}

/**
 * The tokens of one statement's words. Inside resource sets a bracket may touch its neighbour: `(a b)` is four tokens.
 * After `xml` everything is one token, joined by single blanks.
 */
export function tokenize(words: readonly Word[]): IToken[] {
  const first = words[0];
  if (!first) return [];
  const tokens = [token(first)];
  const kind = tokens[0]!.tokenType;
  if (kind === Xml) {
    if (words.length > 1) {
      const text = words.slice(1).map((word) => word.text);
      tokens.push(token({ text: text.join(' '), start: words[1]!.start, end: words.at(-1)!.end }, XmlText));
    }
    return tokens;
  }
  let inSet = false;
  for (let i = 1; i < words.length; i++) {
    const word = words[i]!;
    if (kind === Location && (word.text === '{' || word.text === '}')) inSet = word.text === '{';
    if (BRACKET_STATEMENTS.has(kind) && i === 2) inSet = true;
    if (!inSet || word.text.length < 2) tokens.push(token(word));
    else tokens.push(...splitBrackets(word).map((part) => token(part)));
  }
  return tokens;
}

function splitBrackets(word: Word): Word[] {
  const { text } = word;
  const quoted = word.end - word.start !== text.length;
  const open = '(['.includes(text[0]!);
  const close = ')]'.includes(text.at(-1)!);
  if (quoted || (!open && !close)) return [word];
  const parts: Word[] = [];
  const from = open ? 1 : 0;
  const to = close && text.length > from ? text.length - 1 : text.length;
  if (open) parts.push({ text: text[0]!, start: word.start, end: word.start + 1 });
  if (to > from) parts.push({ text: text.slice(from, to), start: word.start + from, end: word.start + to });
  if (to < text.length) parts.push({ text: text.at(-1)!, start: word.end - 1, end: word.end });
  return parts;
}
