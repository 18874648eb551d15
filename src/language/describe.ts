import type {
  AclRule,
  AlertPart,
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
} from '../../grammar/crm/ast.js';
import type { Element } from '../cib/element.js';
import { findAclShortcut } from './acl.js';
import { type CibObject, isChildResource } from './objects.js';

/** What the text of an object depends on beside the object. */
export interface DescribeContext {
  /** Some other element refers to this element by its id, so the text must name it. */
  readonly referenced: (element: Element) => boolean;
  /** Sets, values and rules are named by their ids, referenced or not. */
  readonly named?: boolean;
  /** How many nodes there are: a topology that is the same for all of them is written once. */
  readonly nodeCount: number;
  /** Whether a bare type is read as ocf:heartbeat:TYPE; always where absent. */
  readonly bareMeansHeartbeat?: (type: string) => boolean;
  /** The value that is shown for an attribute (secrets are masked); the value itself where absent. */
  readonly shown?: (name: string | undefined, value: string) => string;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function compact<T extends object>(value: { [K in keyof T]: T[K] | undefined }): T {
  for (const key of Object.keys(value) as (keyof T)[]) if (value[key] === undefined) delete value[key];
  return value as T;
}

function nvpair(element: Element, context: DescribeContext): NameValue {
  const name = element.get('name');
  const value = element.get('value');
  return compact<NameValue>({
    name,
    value: value === undefined || !context.shown ? value : context.shown(name, value),
    idRef: element.get('id-ref'),
    id: context.named && name !== undefined ? element.get('id') : undefined,
  });
}

/** An element's score as it is written, with the short infinity. */
function scoreWord(element: Element): string | undefined {
  const score = element.get('score') || undefined;
  return score?.replaceAll('INFINITY', 'inf') ?? (element.get('score-attribute') || undefined);
}

function attributesAsValues(element: Element, skip: readonly string[] = []): NameValue[] {
  return [...element.attributes]
    .filter(([name]) => !skip.includes(name))
    .map(([name, value]) => ({ name, value }));
}

function expression(element: Element): Expression {
  if (element.name === 'expression') {
    const source = element.get('value-source');
    return compact<Expression>({
      type: 'attribute',
      attribute: element.get('attribute') ?? '',
      operation: element.get('operation') ?? '',
      valueType: element.get('type') || undefined,
      value: element.get('value') || undefined,
      source: source === 'literal' || source === '' ? undefined : source,
    } as Expression);
  }
  if (element.name === 'rsc_expression' || element.name === 'op_expression') {
    const type = element.name === 'rsc_expression' ? 'resource' : 'operation';
    return { type, values: attributesAsValues(element, ['id']) };
  }
  if (element.name === 'rule') return { type: 'rule', rule: nestedRule(element) };
  const operation = element.get('operation') ?? '';
  if (operation === 'lt' || operation === 'gt') {
    return compact<Expression>({
      type: 'date',
      operation,
      value: element.get(operation === 'lt' ? 'end' : 'start') ?? '',
      values: [],
    } as Expression);
  }
  const values: NameValue[] = [];
  if (operation === 'in_range') {
    for (const name of ['start', 'end']) {
      const value = element.get(name);
      if (value !== undefined) values.push({ name, value });
    }
  }
  for (const child of element.elements()) {
    if (child.name === 'duration' || child.name === 'date_spec')
      values.push(...attributesAsValues(child, ['id']));
  }
  return { type: 'date', operation, values };
}

const EXPRESSIONS: ReadonlySet<string> = new Set([
  'expression',
  'date_expression',
  'rsc_expression',
  'op_expression',
  'rule',
]);

/** A rule within a rule: its id and role have no say. */
function nestedRule(element: Element): Rule {
  const expressions = element
    .elements()
    .filter((child) => EXPRESSIONS.has(child.name))
    .map(expression);
  return compact<Rule>({
    score: scoreWord(element),
    operator: element.get('boolean-op') || (expressions.length > 1 ? 'and' : undefined),
    expressions,
  } as Rule);
}

function rule(element: Element, context: DescribeContext): Rule {
  const referenced = context.referenced(element) || isNamed(element, context);
  const idRef = referenced ? undefined : element.get('id-ref');
  if (idRef) return { idRef, expressions: [] };
  const score = element.get('score') === 'INFINITY' ? undefined : scoreWord(element);
  const expressions = element
    .elements()
    .filter((child) => EXPRESSIONS.has(child.name))
    .map(expression);
  return compact<Rule>({
    id: referenced ? element.id : undefined,
    role: element.get('role') || undefined,
    score,
    operator: element.get('boolean-op') || (expressions.length > 1 ? 'and' : undefined),
    expressions,
  } as Rule);
}

/** Whether the element's own id is asked for and can be said. */
function isNamed(element: Element, context: DescribeContext): boolean {
  return context.named === true && element.id !== '' && element.get('id-ref') === undefined;
}

function set(element: Element, keyword: SetKeyword, context: DescribeContext): AttributeSet {
  const referenced = context.referenced(element) || isNamed(element, context);
  return compact<AttributeSet>({
    type: 'set',
    keyword,
    id: referenced ? element.id : undefined,
    idRef: referenced ? undefined : element.get('id-ref'),
    score: element.get('score') || undefined,
    rules: element.elements('rule').map((one) => rule(one, context)),
    values: element.elements('nvpair').map((one) => nvpair(one, context)),
  } as AttributeSet);
}

type SetNames = Readonly<Record<string, SetKeyword>>;

const RESOURCE_SETS: SetNames = {
  instance_attributes: 'params',
  meta_attributes: 'meta',
  utilization: 'utilization',
};
const CONTAINER_SETS: SetNames = { instance_attributes: 'params', meta_attributes: 'meta' };
const NODE_SETS: SetNames = { instance_attributes: 'attributes', utilization: 'utilization' };
const ALERT_SETS: SetNames = { instance_attributes: 'attributes', meta_attributes: 'meta' };
const OPERATION_SETS: SetNames = { instance_attributes: 'op_params', meta_attributes: 'op_meta' };

function sets(element: Element, names: SetNames, context: DescribeContext): AttributeSet[] {
  return element
    .elements()
    .flatMap((child) => (names[child.name] ? [set(child, names[child.name]!, context)] : []));
}

function operations(element: Element, context: DescribeContext): Operations {
  const list: Operation[] = element.elements('op').map((op) => ({
    name: op.get('name') ?? '',
    values: attributesAsValues(op, ['id', 'name']),
    sets: sets(op, OPERATION_SETS, context),
  }));
  return compact<Operations>({
    type: 'operations',
    id: element.get('id') || undefined,
    idRef: element.get('id-ref') || undefined,
    operations: list,
  } as Operations);
}

/** The agent as it is written: `Dummy` for ocf:heartbeat:Dummy where that is read so, else in full. */
export function agentSpec(
  element: Element,
  context: Pick<DescribeContext, 'bareMeansHeartbeat'> = {},
): string {
  const [className, provider, type] = ['class', 'provider', 'type'].map((name) => element.get(name));
  const bare = className === 'ocf' && provider === 'heartbeat' && type;
  if (bare && (context.bareMeansHeartbeat?.(type) ?? true)) return type;
  return [className, provider, type].filter((word) => word).join(':');
}

function isFalse(value: string | undefined): boolean {
  return value !== undefined && value !== '' && !isTrue(value);
}

function isTrue(value: string): boolean {
  return /^(y|yes|true|on|1)$/i.test(value);
}

/** Members of a constraint's resource sets. */
function setItems(element: Element, type: string): SetItem[] {
  const items: SetItem[] = [];
  let count = 0;
  let plain = true;
  for (const one of element.elements('resource_set')) {
    const sequential = !isFalse(one.get('sequential'));
    const optional = isFalse(one.get('require-all'));
    plain = sequential && !optional;
    if (optional) items.push({ type: 'open', bracket: '[' });
    else if (!sequential) items.push({ type: 'open', bracket: '(' });
    const qualifier = (type === 'order' && one.get('action')) || one.get('role') || undefined;
    for (const member of one.elements('resource_ref')) {
      items.push({ type: 'member', id: member.id, ...(qualifier === undefined ? {} : { qualifier }) });
      count += 1;
    }
    if (optional) {
      if (sequential) items.push({ type: 'attribute', name: 'sequential', value: 'true' });
      items.push({ type: 'close', bracket: ']' });
    } else if (!sequential) items.push({ type: 'close', bracket: ')' });
  }
  const ticket = type === 'rsc_ticket';
  if (type !== 'location' && ((plain && !ticket && count <= 2) || (ticket && count <= 1))) {
    items.unshift({ type: 'marker' });
  }
  return items;
}

function sideMember(element: Element, attribute: string, name: 'role' | 'action'): SetItem[] {
  const id = element.get(attribute);
  const qualifier = element.get(`${attribute}-${name}`) || element.get(`${attribute}-instance`) || undefined;
  return [{ type: 'member', id: id ?? '', ...(qualifier === undefined ? {} : { qualifier }) }];
}

function constraintMembers(
  element: Element,
  type: string,
  sides: readonly string[],
  name: 'role' | 'action',
): SetItem[] {
  if (element.first('resource_set')) return setItems(element, type);
  return sides.flatMap((attribute) => sideMember(element, attribute, name));
}

function bundleParts(
  element: Element,
  context: DescribeContext,
): (BundlePart | BundlePrimitive | AttributeSet)[] {
  return element.elements().flatMap((child): (BundlePart | BundlePrimitive | AttributeSet)[] => {
    switch (child.name) {
      case 'docker':
      case 'podman':
      case 'rkt':
      case 'network':
      case 'storage':
        return [
          {
            type: child.name,
            values: child.name === 'storage' ? [] : attributesAsValues(child),
            mappings: child
              .elements()
              .filter(({ name }) => name === 'port-mapping' || name === 'storage-mapping')
              .map((mapping) => ({ name: mapping.name, values: attributesAsValues(mapping) })),
          },
        ];
      case 'primitive':
        return [{ type: 'primitive', id: child.id }];
      case 'meta_attributes':
        return [set(child, 'meta', context)];
      case 'instance_attributes':
        return [set(child, 'params', context)];
      default:
        return [];
    }
  });
}

function fencingLevels(element: Element, context: DescribeContext): FencingLevel[] {
  const targets = new Map<string, { target: Omit<FencingLevel, 'devices'>; devices: Map<number, string> }>();
  for (const level of element.elements('fencing-level')) {
    const pattern = level.get('target-pattern');
    const name = level.get('target-attribute');
    const value = level.get('target-value') ?? '';
    let target: Omit<FencingLevel, 'devices'> = { target: level.get('target') ?? '' };
    if (pattern !== undefined) target = { pattern };
    else if (name !== undefined) target = { attribute: { name, value } };
    const key = JSON.stringify(target);
    const entry = targets.get(key) ?? { target, devices: new Map<number, string>() };
    entry.devices.set(Number(level.get('index')), level.get('devices') ?? '');
    targets.set(key, entry);
  }
  const perTarget = [...targets.values()].map(({ target, devices }) => ({
    target,
    devices: [...devices].sort(([a], [b]) => a - b).map(([, list]) => list),
  }));
  const alike = new Set(perTarget.map(({ devices }) => devices.join(' ')));
  if (alike.size === 1 && perTarget.length === context.nodeCount) {
    return perTarget[0]!.devices.map((devices) => ({ devices }));
  }
  return perTarget.flatMap(({ target, devices }) => devices.map((list) => ({ ...target, devices: list })));
}

function permission(element: Element): AclRule {
  const specs: string[] = [];
  const xpath = element.get('xpath');
  if (xpath !== undefined) specs.push(findAclShortcut(xpath) ?? `xpath:${xpath}`);
  for (const [attribute, word] of [
    ['reference', 'ref'],
    ['attribute', 'attr'],
    ['object-type', 'type'],
  ] as const) {
    const value = element.get(attribute);
    if (value !== undefined) specs.push(`${word}:${value}`);
  }
  return compact<AclRule>({
    right: element.get('kind') ?? '',
    description: element.get('description') || undefined,
    id: undefined,
    specs,
  });
}

/** A rule of an ACL as before pacemaker-2.0. */
function oldAclRule(element: Element): AclRule {
  const specs = ['xpath', 'ref', 'tag', 'attribute'].flatMap((name) => {
    const value = element.get(name);
    if (!value) return [];
    return [(name === 'xpath' && findAclShortcut(value)) || `${name}:${value}`];
  });
  return { right: element.name, specs };
}

function alertParts(element: Element, context: DescribeContext): AlertPart[] {
  const names = element.elements().map((child) => child.name);
  const after = names.slice(names.indexOf('recipient') + 1);
  const braces = after.includes('instance_attributes') || after.includes('meta_attributes');
  return element.elements().flatMap((child): AlertPart[] => {
    if (ALERT_SETS[child.name]) return [set(child, ALERT_SETS[child.name]!, context)];
    if (child.name === 'select') {
      const selectors = child
        .elements()
        .filter(({ name }) => name.startsWith('select_'))
        .map((one) => ({
          name: one.name.slice('select_'.length),
          ...(one.name === 'select_attributes'
            ? { attributes: one.elements('attribute').map((attribute) => attribute.get('name') ?? '') }
            : {}),
        }));
      return [{ type: 'select', selectors }];
    }
    if (child.name !== 'recipient') return [];
    return [
      compact<AlertPart>({
        type: 'recipient',
        value: child.get('value') ?? '',
        sets: sets(child, ALERT_SETS, context),
        braces: braces || undefined,
      } as AlertPart),
    ];
  });
}

/** Comment lines as they are written: each begins with `#`. */
export function commentLines(element: Element): string[] {
  return element.children.flatMap((child) => {
    if (child.kind !== 'comment') return [];
    const text = child.text.trim();
    return [text.startsWith('#') ? text : `# ${text}`];
  });
}

/** The statement that writes an object; what it cannot say is left out. */
export function describe(object: CibObject, context: DescribeContext): Statement | undefined {
  const statement = describeElement(object, context) as Mutable<Statement> | undefined;
  if (!statement) return undefined;
  const comments = commentLines(object.element);
  if (comments.length > 0) statement.comments = comments;
  return statement;
}

function describeElement(object: CibObject, context: DescribeContext): Statement | undefined {
  const { element, id } = object;
  const description = element.get('description') || undefined;
  switch (object.type) {
    case 'node': {
      const uname = element.get('uname') ?? '';
      const type = element.get('type');
      return compact<Statement>({
        kind: 'node',
        id: id === uname ? undefined : id,
        uname,
        type: type === undefined || type === '' || type === 'normal' ? undefined : type,
        description,
        sets: sets(element, NODE_SETS, context),
      } as Statement);
    }
    case 'primitive':
    case 'rsc_template': {
      const template = (object.type === 'primitive' && element.get('template')) || undefined;
      const parts = element.elements().flatMap((child): (AttributeSet | Operations)[] => {
        const keyword = RESOURCE_SETS[child.name];
        if (keyword) return [set(child, keyword, context)];
        return child.name === 'operations' ? [operations(child, context)] : [];
      });
      return compact<Statement>({
        kind: object.type,
        id,
        template,
        agent: template === undefined ? agentSpec(element, context) : undefined,
        description,
        parts,
      } as Statement);
    }
    case 'group':
    case 'clone':
    case 'ms':
      return compact<Statement>({
        kind: object.type,
        id,
        children: element
          .elements()
          .filter(isChildResource)
          .map((child) => child.id),
        description,
        sets: sets(element, CONTAINER_SETS, context),
      } as Statement);
    case 'bundle':
      return compact<Statement>({
        kind: 'bundle',
        id,
        description,
        parts: bundleParts(element, context),
      } as Statement);
    case 'location': {
      const rsc = element.get('rsc');
      const pattern = rsc === undefined ? element.get('rsc-pattern') : undefined;
      const inSets = rsc === undefined && pattern === undefined;
      if (inSets && !element.first('resource_set')) return undefined;
      const node = element.get('node');
      const attributes = ['role', 'resource-discovery'].flatMap((name) => {
        const value = element.get(name);
        return value === undefined ? [] : [{ name, value }];
      });
      return compact<Statement>({
        kind: 'location',
        id,
        resource: rsc,
        pattern,
        members: inSets ? setItems(element, 'location') : undefined,
        attributes,
        score: node === undefined ? undefined : (scoreWord(element) ?? ''),
        node,
        rules: element.elements('rule').map((one) => rule(one, context)),
      } as unknown as Statement);
    }
    case 'colocation':
      return compact<Statement>({
        kind: 'colocation',
        id,
        score: scoreWord(element) ?? (element.get('kind') || undefined),
        members: constraintMembers(element, 'colocation', ['rsc', 'with-rsc'], 'role'),
        nodeAttribute: element.get('node-attribute') || undefined,
        influence: element.get('influence') || undefined,
      } as Statement);
    case 'order':
      return compact<Statement>({
        kind: 'order',
        id,
        score: scoreWord(element) ?? (element.get('kind') || undefined),
        members: constraintMembers(element, 'order', ['first', 'then'], 'action'),
        symmetrical: element.get('symmetrical') || undefined,
      } as Statement);
    case 'rsc_ticket':
      return compact<Statement>({
        kind: 'rsc_ticket',
        id,
        ticket: element.get('ticket') ?? '',
        members: constraintMembers(element, 'rsc_ticket', ['rsc'], 'role'),
        lossPolicy: element.get('loss-policy') || undefined,
      } as Statement);
    case 'property':
    case 'rsc_defaults':
    case 'op_defaults':
      return compact<Statement>({
        kind: object.type,
        id,
        score: scoreWord(element),
        rules: element.elements('rule').map((one) => rule(one, context)),
        values: element.elements('nvpair').map((one) => nvpair(one, context)),
      } as Statement);
    case 'fencing_topology':
      return { kind: 'fencing_topology', levels: fencingLevels(element, context) };
    case 'tag':
      return { kind: 'tag', id, members: element.elements().map((child) => child.id) };
    case 'role':
    case 'user':
      return compact<Statement>({
        kind: object.type,
        id,
        description,
        roles: element.elements('role_ref').map((child) => child.id),
        rules: element.elements().flatMap((child) => {
          if (child.name === 'acl_permission') return [permission(child)];
          return ['read', 'write', 'deny'].includes(child.name) ? [oldAclRule(child)] : [];
        }),
      } as Statement);
    case 'acl_target':
    case 'acl_group':
      return { kind: object.type, id, roles: element.elements('role').map((child) => child.id) };
    case 'alert':
      return compact<Statement>({
        kind: 'alert',
        id,
        path: element.get('path') ?? '',
        description,
        parts: alertParts(element, context),
      } as Statement);
    default:
      return undefined;
  }
}
