import type {
  AclRule,
  AlertPart,
  AttributeSet,
  BundlePart,
  BundlePrimitive,
  Expression,
  FencingLevel,
  NameValue,
  Operations,
  Rule,
  SetItem,
  Statement,
} from './ast.js';

/** Words that need no quotes. */
export function isPlain(word: string): boolean {
  return /^[\w.-]+$/.test(word);
}

/** The word as `show` writes a value: bare where it can be, else in double quotes. */
export function quoted(word: string): string {
  return isPlain(word) ? word : `"${word.replaceAll('"', '\\"')}"`;
}

function pair(name: string, value: string | undefined): string {
  return value === undefined ? name : `${name}=${quoted(value)}`;
}

function nameValue({ name, value, id, idRef }: NameValue): string {
  if (idRef !== undefined) return name === undefined ? `@${idRef}` : `@${idRef}:${name}`;
  const text = pair(name ?? '', value);
  return id === undefined ? text : `$${id}:${text}`;
}

/** `cib-bootstrap-options:`, or `$id="odd id"`. */
function headId(id: string): string {
  return isPlain(id) ? `${id}:` : `$id="${id}"`;
}

function expression(source: Expression): string {
  if (source.type === 'attribute') {
    const { attribute, operation, valueType, value, source: from } = source;
    const operator = valueType === undefined ? operation : `${valueType}:${operation}`;
    if (value === undefined) return `${operator} ${attribute}`;
    return `${attribute} ${operator} ${from === undefined ? value : `${from}{${value}}`}`;
  }
  if (source.type === 'rule') return nestedRule(source.rule);
  if (source.type === 'resource' || source.type === 'operation') {
    return [source.type, ...source.values.map(nameValue)].join(' ');
  }
  const words: Record<string, string> = { in_range: 'in', date_spec: 'spec' };
  const values = source.value === undefined ? source.values.map(nameValue) : [quoted(source.value)];
  return ['date', words[source.operation] ?? source.operation, ...values].join(' ');
}

function nestedRule({ id, score, operator, expressions }: Rule): string {
  const words = ['('];
  if (id !== undefined) words.push(pair('$id', id));
  if (score !== undefined) words.push(`${score}:`);
  words.push(expressions.map(expression).join(` ${operator ?? 'and'} `), ')');
  return words.join(' ');
}

function rule({ id, idRef, role, score, operator, expressions }: Rule): string {
  if (idRef !== undefined) return `rule ${pair('$id-ref', idRef)}`;
  const words = ['rule'];
  if (id !== undefined) words.push(pair('$id', id));
  if (role !== undefined) words.push(pair('$role', role));
  if (score !== undefined) words.push(`${score}:`);
  words.push(expressions.map(expression).join(` ${operator ?? 'and'} `));
  return words.join(' ');
}

function set({ keyword, id, idRef, score, rules, values }: AttributeSet): string {
  const words: string[] = [keyword];
  if (id !== undefined) words.push(pair('$id', id));
  if (idRef !== undefined) words.push(pair('$id-ref', idRef));
  if (score !== undefined) words.push(`${score}:`);
  return [...words, ...rules.map(rule), ...values.map(nameValue)].join(' ');
}

function operations({ id, idRef, operations: list }: Operations): string[] {
  const lines: string[] = [];
  if (id !== undefined || idRef !== undefined) {
    const own = id === undefined ? '' : pair('$id', id);
    lines.push(`operations ${idRef === undefined ? own : `${own} ${pair('$id-ref', idRef)}`}`);
  }
  for (const { name, values, sets } of list) {
    lines.push(['op', name, ...values.map(nameValue)].join(' '));
    // crmsh says an operation's description twice; texts that are compared with its output want it.
    lines.push(...values.filter((one) => one.name === 'description').map(nameValue), ...sets.map(set));
  }
  return lines;
}

function bundlePart(part: BundlePart | BundlePrimitive | AttributeSet): string {
  if (part.type === 'set') return set(part);
  if (part.type === 'primitive') return `primitive ${part.id}`;
  const words = [part.type as string, ...part.values.map(nameValue)];
  for (const { name, values } of part.mappings) words.push(name, ...values.map(nameValue));
  return words.join(' ');
}

function members(items: readonly SetItem[]): string[] {
  return items.map((item) => {
    if (item.type === 'member')
      return item.qualifier === undefined ? item.id : `${item.id}:${item.qualifier}`;
    if (item.type === 'attribute') return `${item.name}=${item.value}`;
    return item.type === 'marker' ? '_rsc_set_' : item.bracket;
  });
}

function aclRule({ right, description, specs }: AclRule): string {
  const words = [right];
  if (description !== undefined) words.push(pair('description', description));
  return [...words, ...specs.map(aclSpec)].join(' ');
}

function aclSpec(spec: string): string {
  return spec.startsWith('xpath:') ? `xpath:${quoted(spec.slice(6))}` : spec;
}

function alertPart(part: AlertPart): string {
  if (part.type === 'set') return set(part);
  if (part.type === 'select') {
    const words = part.selectors.flatMap(({ name, attributes }) =>
      attributes === undefined ? [name] : [name, '{', ...attributes, '}'],
    );
    return ['select', ...words].join(' ');
  }
  const words = [quoted(part.value), ...part.sets.map(set)];
  return ['to', ...(part.braces ? ['{', ...words, '}'] : words)].join(' ');
}

function fencing(levels: readonly FencingLevel[]): string[] {
  const parts: { head: string; devices: string[] }[] = [];
  for (const { target, attribute, pattern, devices } of levels) {
    let head = '';
    if (target !== undefined) head = `${target}:`;
    else if (attribute !== undefined) head = `attr:${attribute.name}=${attribute.value}`;
    else if (pattern !== undefined) head = `pattern:${pattern}`;
    const existing = parts.find((part) => part.head === head);
    if (existing) existing.devices.push(devices);
    else parts.push({ head, devices: [devices] });
  }
  if (parts.length === 1 && parts[0]!.head === '')
    return [['fencing_topology', ...parts[0]!.devices].join(' ')];
  return ['fencing_topology', ...parts.map(({ head, devices }) => [head, ...devices].join(' '))];
}

/** Head and parts of a statement; `show` puts each part on a line of its own. */
function lines(source: Statement): string[] {
  switch (source.kind) {
    case 'node': {
      const id = source.id === undefined ? '' : `${headId(source.id)} `;
      const type = source.type === undefined ? '' : `:${source.type}`;
      return [`node ${id}${source.uname}${type}`, ...description(source), ...source.sets.map(set)];
    }
    case 'primitive':
    case 'rsc_template': {
      const agent = source.template === undefined ? source.agent : `@${source.template}`;
      const parts = source.parts.flatMap((part) => (part.type === 'set' ? [set(part)] : operations(part)));
      return [`${source.kind} ${source.id} ${agent}`, ...description(source), ...parts];
    }
    case 'group':
    case 'clone':
    case 'ms':
      return [
        `${source.kind} ${source.id} ${source.children.join(' ')}`,
        ...description(source),
        ...source.sets.map(set),
      ];
    case 'bundle':
      return [`bundle ${source.id}`, ...description(source), ...source.parts.map(bundlePart)];
    case 'location': {
      const words = ['location', source.id];
      if (source.members) words.push('{', ...members(source.members), '}');
      else words.push(source.resource ?? `/${source.pattern}/`);
      words.push(...source.attributes.map(({ name, value }) => `${name}=${value}`));
      if (source.node !== undefined) words.push(`${source.score ?? ''}:`, source.node);
      return [words.join(' '), ...source.rules.map(rule)];
    }
    case 'colocation':
    case 'order': {
      const words: string[] = [source.kind, source.id];
      if (source.score !== undefined) words.push(`${source.score}:`);
      words.push(...members(source.members));
      if (source.kind === 'order' && source.symmetrical !== undefined) {
        words.push(`symmetrical=${source.symmetrical}`);
      }
      if (source.kind === 'colocation' && source.nodeAttribute !== undefined) {
        words.push(`node-attribute=${source.nodeAttribute}`);
      }
      if (source.kind === 'colocation' && source.influence !== undefined) {
        words.push(`influence=${source.influence}`);
      }
      return [words.join(' ')];
    }
    case 'rsc_ticket': {
      const words = ['rsc_ticket', source.id, `${source.ticket}:`, ...members(source.members)];
      if (source.lossPolicy !== undefined) words.push(`loss-policy=${source.lossPolicy}`);
      return [words.join(' ')];
    }
    case 'property':
    case 'rsc_defaults':
    case 'op_defaults': {
      const id = source.id === undefined ? source.kind : `${source.kind} ${headId(source.id)}`;
      const head = source.score === undefined ? id : `${id} ${source.score}:`;
      return [head, ...source.rules.map(rule), ...source.values.map(nameValue)];
    }
    case 'fencing_topology':
      return fencing(source.levels);
    case 'tag':
      return [['tag', source.id, ...source.members].join(' ')];
    case 'role':
    case 'user':
      return [
        `${source.kind} ${source.id}`,
        ...description(source),
        ...source.roles.map((id) => `role:${id}`),
        ...source.rules.map(aclRule),
      ];
    case 'acl_target':
    case 'acl_group':
      return [`${source.kind} ${source.id}`, ...source.roles];
    case 'alert':
      return [
        `alert ${source.id} ${quoted(source.path)}`,
        ...description(source),
        ...source.parts.map(alertPart),
      ];
    case 'monitor': {
      const role = source.role === undefined ? '' : `:${source.role}`;
      const timeout = source.timeout === undefined ? '' : `:${source.timeout}`;
      return [`monitor ${source.resource}${role} ${source.interval}${timeout}`];
    }
    case 'xml':
      return [`xml ${source.text}`];
  }
}

function description(source: { readonly description?: string }): string[] {
  return source.description === undefined ? [] : [pair('description', source.description)];
}

export type Layout =
  /** Head and parts on lines of their own, joined by backslashes; comments before. */
  | 'lines'
  /** All on one line, without comments. */
  | 'line';

/** A statement as text. */
export function printStatement(source: Statement, layout: Layout = 'lines'): string {
  const parts = lines(source);
  if (layout === 'line') return parts.join(' ');
  return [...(source.comments ?? []), parts.join(' \\\n\t')].join('\n');
}
