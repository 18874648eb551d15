import type {
  AlertPart,
  AttributeSet,
  BundlePart,
  Expression,
  NameValue,
  Operation,
  Operations,
  Rule,
  SetItem,
  SetKeyword,
  Statement,
} from '../../grammar/crm/ast.js';
import { Element, type Node } from '../cib/element.js';
import { parseXml, XmlError } from '../cib/xml.js';
import { expandAclShortcut, isAclShortcut } from './acl.js';
import { ELEMENT_OF_STATEMENT, STATEMENT_OF_ELEMENT } from './objects.js';
import type { Reports } from './report.js';
import type { SchemaFacts } from './schema-facts.js';

/** What a statement's meaning depends on beside its words. */
export interface BuildContext {
  readonly schema: SchemaFacts;
  /** Providers that offer an OCF agent of this type, as installed; empty where none or unknown. */
  readonly providers: (type: string) => readonly string[];
  /** Names of all nodes, sorted. */
  readonly nodes: () => readonly string[];
  readonly reports: Reports;
  /** Empty values are refused: a property statement that was typed. */
  readonly refuseEmpty?: boolean;
  /** Master and Slave become Promoted and Unpromoted where the schema has them (option `core.OCF_1_1_SUPPORT`). */
  readonly upgradeRoles?: boolean;
}

/** Child of a built container that stands for the resource with that id. */
export const CHILD_REFERENCE = 'child-reference';

const SET_ELEMENT: Record<SetKeyword, string> = {
  params: 'instance_attributes',
  attributes: 'instance_attributes',
  op_params: 'instance_attributes',
  meta: 'meta_attributes',
  op_meta: 'meta_attributes',
  utilization: 'utilization',
};

type Attributes = Record<string, string | undefined>;

function make(name: string, attributes: Attributes = {}, children: Node[] = []): Element {
  const element = new Element(name, [], children);
  for (const [key, value] of Object.entries(attributes)) if (value !== undefined) element.set(key, value);
  return element;
}

const OLD_ROLE: Record<string, string> = { Promoted: 'Master', Unpromoted: 'Slave' };
const NEW_ROLE: Record<string, string> = { Master: 'Promoted', Slave: 'Unpromoted' };

/** The role's name as the schema (and the option) wants it. */
function role<T extends string | undefined>(value: T, context: BuildContext): T | string {
  if (value === undefined) return value;
  const old = OLD_ROLE[value];
  if (old !== undefined && !context.schema.promotedRoles) {
    context.reports.warning(
      'role-downgraded',
      `Convert "${value}" to "${old}" since the current schema version is old and not upgraded yet. Please consider "crm configure upgrade force"`,
    );
    return old;
  }
  const renamed = NEW_ROLE[value];
  if (renamed !== undefined && context.schema.promotedRoles && context.upgradeRoles) {
    context.reports.info('role-upgraded', `Convert deprecated "${value}" to "${renamed}"`);
    return renamed;
  }
  return value;
}

/** `value` as the list spells it, whatever the case it was written in. */
function canonical(value: string, list: readonly string[]): string | undefined {
  return list.find((word) => word.toLowerCase() === value.toLowerCase());
}

/** The XML spelling of a score, or undefined where the word is no score. */
function score(text: string): string | undefined {
  const word = text.toLowerCase();
  if (word === 'mandatory') return 'INFINITY';
  if (word === 'advisory') return '0';
  if (!/^[+-]?(inf(inity)?|INF(INITY)?|[0-9]+)$/.test(text)) return undefined;
  return text.replace(/inf(inity)?|INF(INITY)?/, 'INFINITY');
}

/** `score="..."`, or `score-attribute="..."` for the name of a node attribute. */
function scoreAttribute(text: string): Attributes {
  const value = score(text);
  return value === undefined ? { 'score-attribute': text } : { score: value };
}

function nvpair(pair: NameValue, context: BuildContext): Element {
  if (pair.idRef !== undefined) return make('nvpair', { 'id-ref': pair.idRef, name: pair.name });
  const { id, name, value } = pair;
  if (id !== undefined) return make('nvpair', { id, name, value });
  return make('nvpair', {
    name,
    value: name === 'role' || name === 'target-role' ? role(value, context) : value,
  });
}

function expression(source: Expression): Element {
  if (source.type === 'attribute') {
    return make('expression', {
      operation: source.operation,
      attribute: source.attribute,
      type: source.valueType,
      value: source.value,
      'value-source': source.source,
    });
  }
  if (source.type === 'rule') return nestedRule(source.rule);
  if (source.type === 'resource' || source.type === 'operation') {
    return make(
      source.type === 'resource' ? 'rsc_expression' : 'op_expression',
      Object.fromEntries(source.values.map(({ name, value }) => [name!, value])),
    );
  }
  const { operation, values } = source;
  const element = make('date_expression', { operation });
  if (source.value !== undefined) return element.set(operation === 'lt' ? 'end' : 'start', source.value);
  const names = new Set(values.map((pair) => pair.name));
  const range = names.size === 2 && names.has('start') && names.has('end');
  const inner = make(operation === 'in_range' ? 'duration' : 'date_spec');
  for (const { name, value } of values) {
    (name === 'start' || name === 'end' ? element : inner).set(name!, value ?? '');
  }
  if (!range) element.append(inner);
  return element;
}

function nestedRule(source: Rule): Element {
  const element = make('rule', {
    id: source.id,
    ...(source.score === undefined ? {} : scoreAttribute(source.score)),
    'boolean-op': source.operator?.toLowerCase() === 'or' ? source.operator : undefined,
  });
  element.children.push(...source.expressions.map(expression));
  return element;
}

function rule(source: Rule, context: BuildContext): Element {
  const element = make('rule', { id: source.id, 'id-ref': source.idRef, role: role(source.role, context) });
  if (source.idRef !== undefined) return element;
  const attributes = source.score === undefined ? { score: 'INFINITY' } : scoreAttribute(source.score);
  for (const [name, value] of Object.entries(attributes)) element.set(name, value);
  if (source.operator !== undefined && source.operator.toLowerCase() !== 'and') {
    element.set('boolean-op', source.operator);
  }
  element.children.push(...source.expressions.map(expression));
  return element;
}

function set(source: AttributeSet, context: BuildContext): Element {
  const name = SET_ELEMENT[source.keyword];
  if (source.idRef !== undefined) return make(name, { 'id-ref': source.idRef });
  return make(
    name,
    { id: source.id === '' ? undefined : source.id, score: source.score === '' ? undefined : source.score },
    [...source.rules.map((one) => rule(one, context)), ...source.values.map((pair) => nvpair(pair, context))],
  );
}

function operation(source: Operation, context: BuildContext): Element {
  const element = make('op', { name: source.name });
  const values = [...source.values];
  if (!values.some((pair) => pair.name === 'interval')) values.push({ name: 'interval', value: '0' });
  let parameters: Element | undefined;
  for (const pair of values) {
    const { name } = pair;
    if (name !== undefined && context.schema.operationAttributes.has(name)) {
      if (parameters) {
        context.reports.error(
          'attribute-order',
          `Attribute order error: ${name} must appear before any instance attribute`,
          `${name}=${pair.value ?? ''}`,
        );
      }
      if (pair.value === undefined) {
        context.reports.error('operation-value', `${name} of the operation ${source.name} has no value`);
      }
      element.set(name, name === 'role' ? role(pair.value ?? '', context) : (pair.value ?? ''));
    } else {
      parameters ??= element.append(make('instance_attributes'));
      parameters.append(nvpair(pair, context));
    }
  }
  for (const one of source.sets) element.append(set(one, context));
  return element;
}

function operations(source: Operations, context: BuildContext): Element {
  return make(
    'operations',
    { id: source.id, 'id-ref': source.idRef },
    source.operations.map((one) => operation(one, context)),
  );
}

/** `[class:[provider:]]type` taken apart; undefined after the reason was reported. */
export function agentParts(
  spec: string,
  context: Pick<BuildContext, 'providers' | 'reports'>,
): { class: string; provider?: string; type: string } | undefined {
  const words = spec.split(':');
  const [first, second, third] = words as [string, string?, string?];
  const type = words.at(-1)!;
  const className = words.length === 1 ? 'ocf' : first;
  let provider = words.length === 3 ? second! : '';
  if (words.length > 3 || type === '') {
    context.reports.error('agent', `bad resource type specification ${spec}`, spec);
    return undefined;
  }
  if (words.length < 3 && className === 'ocf') provider = preferredProvider(context.providers(type));
  if (className === 'ocf' && provider === '') {
    context.reports.error('agent', `provider could not be determined for ${spec}`, spec);
    return undefined;
  }
  if (className !== 'ocf' && provider !== '') {
    context.reports.warning('agent', `ra class ${className} does not support providers`);
  }
  void third;
  return provider === '' ? { class: className, type } : { class: className, provider, type };
}

/** The provider meant by a bare type: `heartbeat` if it offers it or nobody does, then `pacemaker`, then the first. */
export function preferredProvider(providers: readonly string[]): string {
  if (providers.length === 0 || providers.includes('heartbeat')) return 'heartbeat';
  return providers.includes('pacemaker') ? 'pacemaker' : providers[0]!;
}

function isTrue(value: string): boolean {
  return /^(y|yes|true|on|1)$/i.test(value);
}

/** Resource sets of a constraint; a change of role or action begins a new one. */
function resourceSets(
  items: readonly SetItem[],
  qualifierName: 'role' | 'action',
  context: BuildContext,
): Element[] {
  const sets: Element[] = [];
  let members: Element[] = [];
  let qualifier = '';
  let sequential = true;
  let requireAll = true;
  const save = () => {
    if (members.length > 0) {
      sets.push(
        make(
          'resource_set',
          {
            'require-all': requireAll ? undefined : 'false',
            sequential: sequential ? undefined : 'false',
            [qualifierName]: qualifier === '' ? undefined : qualifier,
          },
          members,
        ),
      );
    }
    members = [];
    qualifier = '';
  };
  for (const item of items) {
    if (item.type === 'open') {
      save();
      sequential = false;
      if (item.bracket === '[') requireAll = false;
    } else if (item.type === 'close') {
      save();
      sequential = true;
      requireAll = true;
    } else if (item.type === 'attribute') {
      if (item.name === 'sequential') sequential = isTrue(item.value);
      else requireAll = isTrue(item.value);
    } else if (item.type === 'member') {
      const wanted =
        item.qualifier === undefined ? '' : setQualifier(item.id, item.qualifier, qualifierName, context);
      if (wanted !== qualifier) {
        save();
        qualifier = wanted;
      }
      members.push(make('resource_ref', { id: item.id }));
    }
  }
  save();
  return sets;
}

function setQualifier(id: string, word: string, name: 'role' | 'action', context: BuildContext): string {
  const { roles, actions } = context.schema;
  const known = name === 'action' ? canonical(word, actions) : canonical(role(word, context), roles);
  if (known === undefined) {
    context.reports.error(
      name,
      `Invalid ${name} for ${id}:${word}`,
      `${id}:${word}`,
      qualified(id, name === 'action' ? actions : roles),
    );
  }
  return known ?? word;
}

/** Attributes of one side of a simple constraint: `rsc`, `rsc-role` or `rsc-instance`. */
function side(
  item: SetItem & { type: 'member' },
  attribute: string,
  name: 'role' | 'action',
  context: BuildContext,
): Attributes {
  const word = item.qualifier;
  if (word === undefined || word === '') return { [attribute]: item.id };
  const { roles, actions } = context.schema;
  const known = name === 'action' ? canonical(word, actions) : canonical(role(word, context), roles);
  if (known !== undefined) return { [attribute]: item.id, [`${attribute}-${name}`]: known };
  if (/^\d+$/.test(word)) return { [attribute]: item.id, [`${attribute}-instance`]: word };
  context.reports.error(
    name,
    `Invalid ${name} '${word}' for '${item.id}'`,
    `${item.id}:${word}`,
    qualified(item.id, name === 'action' ? actions : roles),
  );
  return {};
}

/** The words that may stand where a resource was given a role or action that is none. */
function qualified(id: string, words: readonly string[]): string[] {
  return words.map((word) => `${id}:${word}`);
}

/** Fills in the resources of a constraint: simple with exactly as many plain members as it has sides, else sets. */
function fillMembers(
  element: Element,
  items: readonly SetItem[],
  sides: readonly string[],
  name: 'role' | 'action',
  context: BuildContext,
): void {
  const members = items.filter((item) => item.type === 'member');
  if (members.length === sides.length && items.length === members.length) {
    for (const [i, attribute] of sides.entries()) {
      for (const [key, value] of Object.entries(side(members[i]!, attribute, name, context))) {
        element.set(key, value);
      }
    }
  } else element.children.push(...resourceSets(items, name, context));
}

function bundle(source: Statement & { kind: 'bundle' }, context: BuildContext): Element {
  const element = make('bundle', { id: source.id, description: source.description });
  for (const part of source.parts) {
    if (part.type === 'set') element.append(set(part, context));
    else if (part.type === 'primitive') element.append(make(CHILD_REFERENCE, { id: part.id }));
    else bundlePart(element, part);
  }
  return element;
}

function bundlePart(element: Element, part: BundlePart): void {
  const existing = element.first(part.type);
  if (existing) element.remove(existing);
  const container = existing ?? make(part.type);
  for (const { name, value } of part.values) if (name !== undefined) container.set(name, value ?? '');
  for (const mapping of part.mappings) {
    const child = container.append(make(mapping.name));
    for (const { name, value } of mapping.values) if (name !== undefined) child.set(name, value ?? '');
  }
  element.append(container);
}

function alertPart(
  part: AlertPart,
  alert: string,
  recipients: { count: number },
  context: BuildContext,
): Element[] {
  if (part.type === 'set') return [set(part, context)];
  if (part.type === 'select') {
    if (part.selectors.length === 0) return [];
    const children = part.selectors.map(({ name, attributes = [] }) =>
      make(
        `select_${name}`,
        {},
        attributes.map((attribute) => make('attribute', { name: attribute })),
      ),
    );
    return [make('select', {}, children)];
  }
  recipients.count += 1;
  return [
    make(
      'recipient',
      { id: `${alert}-recipient-${recipients.count}`, value: part.value, description: part.description },
      part.sets.map((one) => set(one, context)),
    ),
  ];
}

function fencingTopology(source: Statement & { kind: 'fencing_topology' }, context: BuildContext): Element {
  const element = make('fencing-topology');
  const first = source.levels[0];
  const everyNode =
    first !== undefined &&
    first.target === undefined &&
    first.attribute === undefined &&
    first.pattern === undefined;
  const levels = everyNode
    ? context.nodes().flatMap((target) => source.levels.map(({ devices }) => ({ target, devices })))
    : source.levels;
  const counts = new Map<string, number>();
  for (const level of levels) {
    const { target, attribute, pattern } = level as (typeof source.levels)[number];
    const key = target ?? attribute?.name ?? pattern ?? '';
    const index = (counts.get(key) ?? 0) + 1;
    counts.set(key, index);
    element.append(
      make('fencing-level', {
        target,
        index: String(index),
        devices: level.devices,
        'target-pattern': pattern,
        'target-attribute': attribute?.name,
        'target-value': attribute?.value,
      }),
    );
  }
  return element;
}

const ACL_SPEC: Record<string, string> = {
  xpath: 'xpath',
  ref: 'reference',
  reference: 'reference',
  tag: 'object-type',
  type: 'object-type',
  attr: 'attribute',
  attribute: 'attribute',
};

function aclRole(source: Statement & { kind: 'role' | 'user' }, context: BuildContext): Element {
  const old = !context.schema.aclPermissions || source.kind === 'user';
  const element = make(source.kind === 'user' ? 'acl_user' : 'acl_role', {
    id: source.id,
    description: source.description,
  });
  for (const id of source.roles) element.append(make('role_ref', { id }));
  for (const one of source.rules) {
    if (old) {
      const attributes: Attributes = {};
      for (const spec of one.specs) {
        const [name, value] = expandSpec(spec, context);
        attributes[name === 'reference' ? 'ref' : name === 'object-type' ? 'tag' : name] = value;
      }
      element.append(make(one.right, { id: one.id, ...attributes }));
      continue;
    }
    const specs: Attributes = {};
    for (const spec of one.specs) {
      const [name, value] = expandSpec(spec, context);
      specs[ACL_SPEC[name] ?? name] = value;
    }
    const permission = (attributes: Attributes) =>
      element.append(
        make('acl_permission', { kind: one.right, id: one.id, description: one.description, ...attributes }),
      );
    if (specs.xpath !== undefined) permission({ xpath: specs.xpath });
    if (specs.reference !== undefined) permission({ reference: specs.reference });
    const type = specs['object-type'];
    if (type !== undefined) permission({ 'object-type': type, attribute: specs.attribute });
    else if (specs.attribute !== undefined) {
      context.reports.error('acl-attribute', 'attribute is only valid in combination with tag/object-type');
    }
  }
  return element;
}

function expandSpec(spec: string, context: BuildContext): [string, string] {
  const at = spec.indexOf(':');
  const name = at < 0 ? spec : spec.slice(0, at);
  const value = at < 0 ? undefined : spec.slice(at + 1);
  if (isAclShortcut(name)) {
    const xpath = expandAclShortcut(name, value);
    if (xpath === undefined)
      context.reports.error('acl-shortcut', `Missing argument to ACL shortcut ${name}`);
    return ['xpath', xpath ?? ''];
  }
  if (value === undefined || value === '')
    context.reports.error('acl-spec', `Expected <type>:<spec>, found ${spec}`, spec);
  return [name, value ?? ''];
}

/**
 * The element that a statement stands for, without made-up ids and with references unresolved: containers hold
 * `child-reference` elements. Complaints go to the context's reports; then the element is not to be used.
 */
export function buildElement(source: Statement, context: BuildContext): Element {
  const element = build(source, context);
  if (source.comments && source.comments.length > 0) {
    const target =
      source.kind === 'rsc_defaults' || source.kind === 'op_defaults' ? element.elements()[0]! : element;
    target.children.unshift(...source.comments.map((text) => ({ kind: 'comment' as const, text })));
  }
  return element;
}

function build(source: Statement, context: BuildContext): Element {
  switch (source.kind) {
    case 'node':
      return make(
        'node',
        { id: source.id, uname: source.uname, type: source.type, description: source.description },
        source.sets.map((one) => set(one, context)),
      );
    case 'primitive':
    case 'rsc_template': {
      const name = source.kind === 'primitive' ? 'primitive' : 'template';
      const agent = source.agent === undefined ? undefined : agentParts(source.agent, context);
      const { id, template, description } = source;
      const children = source.parts.map((part) =>
        part.type === 'set' ? set(part, context) : operations(part, context),
      );
      return make(name, { id, template, ...agent, description }, children);
    }
    case 'group':
    case 'clone':
    case 'ms':
      return make(ELEMENT_OF_STATEMENT[source.kind]!, { id: source.id, description: source.description }, [
        ...source.sets.map((one) => set(one, context)),
        ...source.children.map((id) => make(CHILD_REFERENCE, { id })),
      ]);
    case 'bundle':
      return bundle(source, context);
    case 'location': {
      const element = make('rsc_location', {
        id: source.id,
        rsc: source.resource,
        'rsc-pattern': source.pattern,
      });
      if (source.members) element.children.push(...resourceSets(source.members, 'role', context));
      for (const { name, value } of source.attributes) {
        element.set(name!, name === 'role' || name === 'target-role' ? role(value!, context) : value!);
      }
      if (source.score !== undefined) {
        for (const [name, value] of Object.entries(scoreAttribute(source.score))) element.set(name, value);
        element.set('node', source.node);
      }
      element.children.push(...source.rules.map((one) => rule(one, context)));
      return element;
    }
    case 'colocation': {
      const element = make('rsc_colocation', {
        id: source.id,
        ...(source.score === undefined ? {} : scoreAttribute(source.score)),
        'node-attribute': source.nodeAttribute,
        influence: source.influence,
      });
      fillMembers(element, source.members, ['rsc', 'with-rsc'], 'role', context);
      return element;
    }
    case 'order': {
      const element = make('rsc_order', { id: source.id, kind: orderKind(source.score, context) });
      if (source.symmetrical !== undefined) {
        element.set('symmetrical', isTrue(source.symmetrical) ? 'true' : 'false');
      }
      fillMembers(element, source.members, ['first', 'then'], 'action', context);
      return element;
    }
    case 'rsc_ticket': {
      const element = make('rsc_ticket', {
        id: source.id,
        ticket: source.ticket,
        'loss-policy': source.lossPolicy,
      });
      fillMembers(element, source.members, ['rsc'], 'role', context);
      return element;
    }
    case 'property':
    case 'rsc_defaults':
    case 'op_defaults': {
      if (context.refuseEmpty) {
        for (const { name, value } of source.values) {
          if (value === undefined || value === '') {
            context.reports.error('empty-value', `Empty value for ${name} is not allowed`);
          }
        }
      }
      const attributes = {
        id: source.id,
        'id-ref': source.idRef,
        score: source.score === undefined ? undefined : (score(source.score) ?? source.score),
      };
      const children = [
        ...source.rules.map((one) => rule(one, context)),
        ...source.values.map((pair) => nvpair(pair, context)),
      ];
      if (source.kind === 'property') return make('cluster_property_set', attributes, children);
      return make(source.kind, {}, [make('meta_attributes', attributes, children)]);
    }
    case 'fencing_topology':
      return fencingTopology(source, context);
    case 'tag':
      return make(
        'tag',
        { id: source.id },
        source.members.map((id) => make('obj_ref', { id })),
      );
    case 'role':
    case 'user':
      return aclRole(source, context);
    case 'acl_target':
    case 'acl_group':
      return make(
        source.kind,
        { id: source.id },
        source.roles.map((id) => make('role', { id })),
      );
    case 'alert': {
      const recipients = { count: 0 };
      return make(
        'alert',
        { id: source.id, path: source.path, description: source.description },
        source.parts.flatMap((part) => alertPart(part, source.id, recipients, context)),
      );
    }
    case 'monitor': {
      const known = source.role === undefined ? undefined : canonical(source.role, context.schema.roles);
      if (source.role !== undefined && known === undefined && !/^\d+$/.test(source.role)) {
        context.reports.error('role', `Invalid role '${source.role}' for resource '${source.resource}'`);
      }
      return make('op', {
        name: 'monitor',
        role: known,
        rsc: source.resource,
        interval: source.interval === '' ? undefined : source.interval,
        timeout: source.timeout,
      });
    }
    case 'xml':
      return xmlElement(source.text, context);
  }
}

function orderKind(text: string | undefined, context: BuildContext): string | undefined {
  if (text === undefined) return undefined;
  const kind = canonical(text, context.schema.orderKinds);
  if (kind !== undefined) return kind;
  const value = /^(mandatory|advisory)$/i.test(text) ? undefined : score(text);
  if (value === undefined) {
    const kinds = context.schema.orderKinds.map((known) => `${known}:`);
    context.reports.error('kind', `Invalid kind: ${text}`, `${text}:`, kinds);
    return undefined;
  }
  return value === '0' ? 'Optional' : 'Mandatory';
}

function xmlElement(text: string, context: BuildContext): Element {
  try {
    const element = parseXml(text);
    for (const each of element.descendants()) if (each.name === 'crmsh-ref') each.name = CHILD_REFERENCE;
    if (STATEMENT_OF_ELEMENT[element.name] === undefined) {
      context.reports.error('xml-element', `Element ${element.name} not recognized`);
    }
    return element;
  } catch (error) {
    if (!(error instanceof XmlError)) throw error;
    const { line, column } = error.position;
    context.reports.error('xml', `Cannot parse XML data: ${error.message} (line ${line}, column ${column})`);
    return make('xml');
  }
}
