import type {
  AttributeSet,
  Expression,
  NameValue,
  Operations,
  Rule,
  SetItem,
  Statement,
} from '../../grammar/crm/ast.js';
import { quoted } from '../../grammar/crm/print.js';
import { QuotationError, scanWords } from '../../grammar/crm/scan.js';
import { DATE_UNITS } from '../cib/date-units.js';
import { Element } from '../cib/element.js';
import { type BuildContext, CHILD_REFERENCE } from './build/context.js';
import { buildElement } from './build.js';
import { commentLines } from './describe.js';
import { identify } from './identify.js';
import { type CibObject, isChildResource } from './objects.js';

/*
 * Whether the text of an object means the object. The text is not parsed for it (the grammar is too dear for a `show`):
 * the statement is built again and compared, and its words are checked to come out of the lexer as they went in.
 * A test compares this with the real parser.
 */

/** Bare words that end a list of name-value pairs, so that no attribute without a value can have these names. */
const SET_ENDS = new Set([
  'params',
  'meta',
  'utilization',
  'operations',
  'op',
  'op_params',
  'op_meta',
  'rule',
  'attributes',
]);
const DATE_KEYS: ReadonlySet<string> = new Set(['start', 'end', ...DATE_UNITS]);

const RAW = /^[^\s"'\\\p{C}]+$/u;
const IDENTIFIER = /^[a-z0-9_#$-][^=]*$/i;
const RESOURCE = /^[a-z_#$][^=]*$/i;

/** A word that is written without quotes whatever it holds. */
function raw(word: string): boolean {
  return RAW.test(word);
}

function identifier(word: string): boolean {
  return raw(word) && IDENTIFIER.test(word);
}

/** A value that is quoted where needed. */
function value(text: string): boolean {
  if (!/^[\t\P{Cc}]*$/u.test(text)) return false;
  if (!text.includes('\\')) return true;
  try {
    const words = scanWords(`x=${quoted(text)}`);
    return words.length === 1 && words[0]!.text === `x=${text}`;
  } catch (error) {
    if (error instanceof QuotationError) return false;
    throw error;
  }
}

function pair({ name, value: text, idRef, id }: NameValue, first = false): boolean {
  if (id !== undefined && (!raw(id) || /[:=]/.test(id))) return false;
  if (idRef !== undefined) return raw(idRef) && !idRef.includes(':') && (name === undefined || raw(name));
  if (name === undefined || !raw(name) || !/^[^=@$][^=]*$/.test(name)) return false;
  if (text === undefined) return !name.includes(':') && !SET_ENDS.has(name.toLowerCase());
  if (first && id === undefined && /^[^:]+:$/.test(`${name}=${text}`)) return false;
  return value(text);
}

function expression(source: Expression): boolean {
  if (source.type === 'date') {
    if (source.value !== undefined) return source.value !== '' && value(source.value);
    const minimum = source.operation === 'in_range' ? 2 : 1;
    return (
      ['in_range', 'date_spec'].includes(source.operation) &&
      source.values.length >= minimum &&
      source.values.every((one) => DATE_KEYS.has(one.name ?? '') && one.value !== '' && pair(one))
    );
  }
  if (source.type === 'rule') return rule(source.rule);
  if (source.type !== 'attribute') {
    const known = source.type === 'resource' ? ['class', 'provider', 'type'] : ['name', 'interval'];
    return (
      source.values.length > 0 &&
      source.values.every((one) => known.includes(one.name ?? '') && one.value !== '' && pair(one))
    );
  }
  const { attribute, operation, value: text, valueType, source: from } = source;
  if (!identifier(attribute)) return false;
  if (text === undefined) return ['defined', 'not_defined'].includes(operation) && valueType === undefined;
  if (!/^(lt|gt|lte|gte|eq|ne)$/i.test(operation)) return false;
  if (['date', 'defined', 'not_defined'].includes(attribute.toLowerCase())) return false;
  const written = from === undefined ? text : `${from}{${text}}`;
  return raw(written) && /^[^\s{}]+(\{\S+\})?$/.test(written);
}

function rule({ id, idRef, role, score, expressions, operator }: Rule): boolean {
  if (idRef !== undefined) return value(idRef);
  if (id !== undefined && !value(id)) return false;
  if (role !== undefined && (role === '' || !value(role))) return false;
  if (score !== undefined && (!raw(score) || score.includes(':'))) return false;
  if (operator !== undefined && !(/^(and|or)$/i.test(operator) && expressions.length > 1)) return false;
  const first = expressions[0];
  // Without a score before it, `name:` reads as one.
  if (score === undefined && first?.type === 'attribute' && first.value !== undefined) {
    if (first.attribute.endsWith(':')) return false;
  }
  return expressions.length > 0 && expressions.every(expression);
}

/** Rules, then values; a value must not read as the end of the last rule. */
function rulesAndValues(rules: readonly Rule[], values: readonly NameValue[], scored: boolean): boolean {
  if (!rules.every(rule)) return false;
  const last = rules.at(-1)?.expressions.at(-1);
  const first = values[0];
  if (last && first) {
    if (last.type === 'date' && last.value === undefined && DATE_KEYS.has(first.name ?? '')) return false;
    if (first.value === undefined && /^(and|or)$/i.test(first.name ?? '')) return false;
  }
  return values.every((one, i) => pair(one, i === 0 && rules.length === 0 && !scored));
}

function set({ id, idRef, score, rules, values }: AttributeSet): boolean {
  if (id !== undefined && !value(id)) return false;
  if (idRef !== undefined)
    return value(idRef) && values.length === 0 && rules.length === 0 && score === undefined;
  if (score !== undefined && (!raw(score) || score.includes(':'))) return false;
  return rulesAndValues(rules, values, score !== undefined);
}

function operations({ id, idRef, operations: list }: Operations): boolean {
  if (id !== undefined && idRef !== undefined) return false;
  if (!value(id ?? '') || !value(idRef ?? '')) return false;
  if (id === undefined && idRef === undefined && list.length === 0) return false;
  return list.every(
    (one) => identifier(one.name) && one.values.every((each) => pair(each)) && one.sets.every(set),
  );
}

function members(items: readonly SetItem[], sides: number): boolean {
  if (items.length === 0 || (items[0]!.type === 'marker' && items.length === sides)) return false;
  return items.every((item) => {
    if (item.type !== 'member') return true;
    const word = item.qualifier === undefined ? item.id : `${item.id}:${item.qualifier}`;
    if (!raw(word) || item.id.includes(':') || item.id === '_rsc_set_') return false;
    return !word.includes('=') && !'(['.includes(word[0]!) && !')]'.includes(word.at(-1)!);
  });
}

/** Every word of the statement comes out of lexer and parser as it is in the tree. */
function survives(source: Statement): boolean {
  if ('description' in source && source.description !== undefined && !value(source.description)) return false;
  switch (source.kind) {
    case 'node':
      if (
        source.id !== undefined &&
        !(/^[\w-]+$/.test(source.id) || (/[^\w.-]/.test(source.id) && value(source.id)))
      ) {
        return false;
      }
      if (source.id?.includes('"')) return false;
      return raw(source.uname) && !source.uname.includes(':') && source.sets.every(set);
    case 'primitive':
    case 'rsc_template':
      return (
        identifier(source.id) &&
        raw(source.template ?? source.agent ?? '') &&
        source.parts.every((part) => (part.type === 'set' ? set(part) : operations(part)))
      );
    case 'group':
      return (
        identifier(source.id) &&
        source.children.length > 0 &&
        source.children.every((id) => raw(id) && !id.includes('=') && !/^(params|meta)$/i.test(id)) &&
        source.sets.every(set)
      );
    case 'clone':
    case 'ms':
      return (
        identifier(source.id) &&
        source.children.length === 1 &&
        raw(source.children[0]!) &&
        RESOURCE.test(source.children[0]!) &&
        source.sets.every(set)
      );
    case 'bundle':
      return (
        identifier(source.id) &&
        source.parts.length > 0 &&
        source.parts.every((part, i) => {
          if (part.type === 'set') {
            // crmsh reads `docker` after `meta` as one more attribute.
            const swallowed = source.parts.slice(i).some(({ type }) => type === 'docker' || type === 'rkt');
            return part.keyword === 'meta' && set(part) && !swallowed;
          }
          if (part.type === 'primitive') return raw(part.id) && !/[:=]/.test(part.id);
          return [...part.values, ...part.mappings.flatMap((mapping) => mapping.values)].every((one) =>
            pair(one),
          );
        })
      );
    case 'location': {
      if (!identifier(source.id)) return false;
      if (source.resource !== undefined && !(raw(source.resource) && RESOURCE.test(source.resource)))
        return false;
      if (source.pattern !== undefined && !raw(source.pattern)) return false;
      if (source.members && !members(source.members, 0)) return false;
      if (!source.attributes.every(({ value: text }) => raw(text ?? ''))) return false;
      if (source.node === undefined) return source.rules.length > 0 && source.rules.every(rule);
      return (
        source.rules.length === 0 &&
        identifier(source.node) &&
        source.score !== undefined &&
        raw(source.score) &&
        !source.score.includes(':')
      );
    }
    case 'colocation':
      return (
        identifier(source.id) &&
        source.score !== undefined &&
        raw(source.score) &&
        !source.score.includes(':') &&
        members(source.members, 2) &&
        raw(source.nodeAttribute ?? 'x') &&
        /^(true|false|yes|no|on|off)$/i.test(source.influence ?? 'true')
      );
    case 'order':
      return (
        identifier(source.id) &&
        (source.score === undefined || (raw(source.score) && !source.score.includes(':'))) &&
        members(source.members, 2) &&
        /^(true|false|yes|no|on|off)$/i.test(source.symmetrical ?? 'true')
      );
    case 'rsc_ticket':
      return (
        identifier(source.id) &&
        raw(source.ticket) &&
        !source.ticket.includes(':') &&
        members(source.members, 1) &&
        /^(stop|demote|fence|freeze)$/i.test(source.lossPolicy ?? 'stop')
      );
    case 'property':
    case 'rsc_defaults':
    case 'op_defaults': {
      const id = source.id ?? '';
      const head = /^[\w-]+$/.test(id) || (!/^[\w.-]+$/.test(id) && !id.includes('"') && value(id));
      return head && rulesAndValues(source.rules, source.values, true);
    }
    case 'fencing_topology':
      return source.levels.every(({ target, attribute, pattern, devices }) => {
        if (target !== undefined && (!raw(target) || target.includes(':'))) return false;
        if (attribute && !(/^[\w-]+$/.test(attribute.name) && /^[\w-]+$/.test(attribute.value))) return false;
        if (pattern !== undefined && !raw(pattern)) return false;
        return raw(devices) && !/^[^:]+:$/.test(devices);
      });
    case 'tag':
      return (
        /^[a-zA-Z_][^\s:]*$/.test(source.id) &&
        raw(source.id) &&
        source.members.length > 0 &&
        source.members.every((id) => raw(id) && RESOURCE.test(id))
      );
    case 'role':
    case 'user':
      return (
        identifier(source.id) &&
        source.rules.length + source.roles.length + (source.description ?? '').length > 0 &&
        source.roles.every(raw) &&
        source.rules.every(
          ({ specs, description }) =>
            value(description ?? '') &&
            specs.length > 0 &&
            specs.every((spec) => (spec.startsWith('xpath:') ? value(spec.slice(6)) : raw(spec))),
        )
      );
    case 'acl_target':
    case 'acl_group':
      return identifier(source.id) && source.roles.length > 0 && source.roles.every(identifier);
    case 'alert':
      return (
        identifier(source.id) &&
        source.path !== '' &&
        value(source.path) &&
        source.parts.every((part) => {
          if (part.type === 'set') return set(part);
          if (part.type === 'select') {
            return part.selectors.every(({ attributes = [] }) => attributes.every(identifier));
          }
          return part.value !== '' && part.value !== '{' && value(part.value) && part.sets.every(set);
        })
      );
    case 'monitor':
    case 'xml':
      return false;
  }
}

/** Something in the statement's tree is so. */
function some(value: unknown, is: (value: object) => boolean): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return is(value) || Object.values(value).some((inner) => some(inner, is));
}

/** The statement says something that crmsh has no words for. */
function goesBeyondCrmsh(source: Statement): boolean {
  if (source.kind === 'colocation' && source.influence !== undefined) return true;
  if ((source.kind === 'property' || source.kind.endsWith('_defaults')) && 'score' in source) return true;
  if (/[^\0-\x7f]/.test(JSON.stringify({ ...source, comments: [] }))) return true;
  return some(source, (value) => 'type' in value && (value.type === 'rule' || isKind(value.type)));
}

function isKind(type: unknown): boolean {
  return type === 'resource' || type === 'operation';
}

/** One text for elements that mean the same: attribute order never counts, sibling order only in resource sets. */
function canonical(element: Element): string {
  const attributes = [...element.attributes].sort(([a], [b]) => (a < b ? -1 : 1));
  const children = element.children.map((child) => {
    if (child.kind === 'element') return canonical(child);
    return `${child.kind}:${child.text.trim()}`;
  });
  if (element.name !== 'resource_set') children.sort();
  return JSON.stringify([element.name, attributes, children]);
}

/** The element as the language sees it: comments in front and with `#`, children as references. */
function normalised(object: CibObject, references: boolean): Element {
  const { element } = object;
  const copy = new Element(element.name, element.attributes);
  copy.children.push(...commentLines(element).map((text) => ({ kind: 'comment' as const, text })));
  for (const child of element.children) {
    if (child.kind !== 'element') continue;
    const isReference = references && isChildResource(child);
    copy.children.push(isReference ? new Element(CHILD_REFERENCE, { id: child.id }) : child);
  }
  return copy;
}

/** Rules stand before values in the statement, as they must in the element: parts are shown in the element's order. */
function hasRulesFirst(object: CibObject, statement: Statement): boolean {
  if (!['property', 'rsc_defaults', 'op_defaults'].includes(statement.kind)) return true;
  const names = object.element.elements().map(({ name }) => name);
  const first = names.indexOf('nvpair');
  return first < 0 || !names.slice(first).includes('rule');
}

/**
 * True where the statement, written and read again, makes an element equal to the object's.
 *
 * @param object comments inside it that are not at its top make it unequal
 * @param extended words of our own count, too; otherwise only what crmsh reads as well
 */
export function isRepresentable(
  object: CibObject,
  statement: Statement,
  context: BuildContext,
  extended = false,
): boolean {
  if (!extended && goesBeyondCrmsh(statement)) return false;
  if (!survives(statement) || !hasRulesFirst(object, statement)) return false;
  const built = buildElement(statement, context);
  if (context.reports.take().some((report) => report.severity === 'error')) return false;
  const isDefaults = statement.kind === 'rsc_defaults' || statement.kind === 'op_defaults';
  const element = isDefaults ? built.elements()[0]! : built;
  const original = normalised(object, true);
  identify(element, original, new Set());
  return canonical(element) === canonical(original);
}
