import type { Element } from '../cib/element.js';
import { roleOfToday } from './tree.js';
import { byCodePoint, quoteWhere, sortedPairs } from './words.js';

/** Rules of the configuration as text. */

/** Attributes but the id, sorted; the role by its name of today. */
function attributePairs(element: Element): string[] {
  return [...element.attributes]
    .filter(([name]) => name !== 'id')
    .sort(([a], [b]) => byCodePoint(a, b))
    .map(([name, value]) => `${name}=${name === 'role' ? roleOfToday(value) : value}`);
}

/** A rule of a location constraint, over several lines. */
export function ruleLines(rule: Element, expired: boolean, full: boolean): string[] {
  const id = (element: Element) => (full ? [`(id:${element.id})`] : []);
  const lines = [`Rule${expired ? ' (expired)' : ''}: ${[...attributePairs(rule), ...id(rule)].join(' ')}`];
  for (const child of rule.elements()) {
    let inner: string[] = [];
    if (child.name === 'expression')
      inner = [`Expression: ${[attributeExpression(child, false), ...id(child)].join(' ')}`];
    else if (child.name === 'date_expression') inner = dateLines(child, full);
    else if (child.name === 'rule') inner = ruleLines(child, expired, full);
    lines.push(...inner.map((line) => `  ${line}`));
  }
  return lines;
}

function attributeExpression(element: Element, quoted: boolean): string {
  const { attribute = '', operation = '', type, value } = Object.fromEntries(element.attributes);
  if (value === undefined) return `${operation} ${attribute}`;
  const shown = quoted ? quoteWhere(value, ' ') : value;
  return [attribute, operation, ...(type === undefined ? [] : [type]), shown].join(' ');
}

function dateLines(element: Element, full: boolean): string[] {
  const id = (each: Element) => (full ? [`(id:${each.id})`] : []);
  const operation = element.get('operation') ?? '';
  const start = element.get('start');
  const end = element.get('end');
  if (operation === 'date_spec') {
    const specification = element.first('date_spec');
    const parts = specification ? [...attributePairs(specification), ...id(specification)] : [];
    return [['Expression:', ...id(element)].join(' '), `  Date Spec: ${parts.join(' ')}`];
  }
  if (operation === 'in_range') {
    const duration = element.first('duration');
    const words = [
      'date',
      'in_range',
      ...(start === undefined ? [] : [start, 'to']),
      ...(end === undefined ? [] : [end]),
      ...(duration ? ['duration'] : []),
      ...id(element),
    ];
    const lines = [`Expression: ${words.join(' ')}`];
    if (duration) lines.push(`  Duration: ${[...attributePairs(duration), ...id(duration)].join(' ')}`);
    return lines;
  }
  const words = ['date', operation, ...[start, end].filter((date) => date !== undefined), ...id(element)];
  return [`Expression: ${words.join(' ')}`];
}

/** A rule as one expression, its parts sorted: two rules that say the same read the same. */
export function normalizedRule(rule: Element): string {
  const parts: string[] = [];
  for (const child of rule.elements()) {
    if (child.name === 'rule') parts.push(`(${normalizedRule(child)})`);
    else if (child.name === 'date_expression') parts.push(dateExpression(child, false));
    else if (child.name === 'expression') {
      const value = child.get('value');
      const type = child.get('type') ?? 'string';
      parts.push(
        value === undefined
          ? `${child.get('operation')} ${child.get('attribute')}`
          : `${child.get('attribute')} ${child.get('operation')} ${type} ${value.includes(' ') ? `"${value}"` : value}`,
      );
    }
  }
  return parts.sort(byCodePoint).join(` ${rule.get('boolean-op') || 'or'} `);
}

function dateExpression(element: Element, quoted: boolean): string {
  const operation = element.get('operation') ?? '';
  const start = element.get('start');
  const end = element.get('end');
  const pairs = (each: Element | undefined) =>
    each
      ? quoted
        ? sortedPairs([...each.attributes].filter(([name]) => name !== 'id'))
        : attributePairs(each)
      : [];
  if (operation === 'date_spec') return ['date-spec', ...pairs(element.first('date_spec'))].join(' ');
  if (operation === 'in_range') {
    const duration = element.first('duration');
    return [
      'date',
      'in_range',
      ...(start === undefined ? [] : [start]),
      ...(start === undefined && !quoted ? [] : ['to']),
      ...(end === undefined ? [] : [end]),
      ...(duration ? ['duration', ...pairs(duration)] : []),
    ].join(' ');
  }
  return ['date', operation, ...[start, end].filter((date) => date !== undefined)].join(' ');
}

/** A rule of a set of options as the expression that makes it. */
export function ruleExpression(element: Element): string {
  switch (element.name) {
    case 'rule': {
      const parts = element
        .elements()
        .filter(({ name }) =>
          ['rule', 'expression', 'date_expression', 'op_expression', 'rsc_expression'].includes(name),
        )
        .map((child) => (child.name === 'rule' ? `(${ruleExpression(child)})` : ruleExpression(child)));
      return parts.join(` ${element.get('boolean-op') ?? 'and'} `);
    }
    case 'expression':
      return attributeExpression(element, true);
    case 'date_expression':
      return dateExpression(element, true);
    case 'op_expression': {
      const interval = element.get('interval');
      return [
        'op',
        element.get('name') ?? '',
        ...(interval === undefined ? [] : [`interval=${interval}`]),
      ].join(' ');
    }
    case 'rsc_expression':
      return `resource ${['class', 'provider', 'type'].map((name) => element.get(name) ?? '').join(':')}`;
    default:
      return '';
  }
}

/** A rule of a set of options, over several lines. */
export function setRuleLines(element: Element, full: boolean, label: string | null): string[] {
  const id = (each: Element) => (full ? [`(id:${each.id})`] : []);
  const pairs = (each: Element) => sortedPairs([...each.attributes].filter(([name]) => name !== 'id'));
  if (element.name === 'rule') {
    const lines = [
      [`Rule${label === null ? '' : ` (${label})`}:`, ...pairs(element), ...id(element)].join(' '),
    ];
    for (const child of element.elements()) {
      lines.push(
        ...setRuleLines(child, full, child.name === 'rule' ? label : null).map((line) => `  ${line}`),
      );
    }
    return lines;
  }
  const operation = element.get('operation');
  const specification = element.first('date_spec');
  const duration = element.first('duration');
  if (element.name === 'date_expression' && operation === 'date_spec') {
    return [
      ['Expression:', ...id(element)].join(' '),
      `  ${['Date Spec:', ...(specification ? [...pairs(specification), ...id(specification)] : [])].join(' ')}`,
    ];
  }
  if (element.name === 'date_expression' && operation === 'in_range' && duration) {
    const start = element.get('start');
    return [
      [
        'Expression:',
        'date',
        'in_range',
        ...(start === undefined ? [] : [start]),
        'to',
        'duration',
        ...id(element),
      ].join(' '),
      `  ${['Duration:', ...pairs(duration), ...id(duration)].join(' ')}`,
    ];
  }
  return [['Expression:', ruleExpression(element), ...id(element)].join(' ')];
}
