import type { Expression, Rule } from '../../../grammar/crm/ast.js';
import type { Element } from '../../cib/element.js';
import { type Attributes, type BuildContext, make } from './context.js';
import { role } from './roles.js';

/** The XML spelling of a score, or undefined where the word is no score. */
export function score(text: string): string | undefined {
  const word = text.toLowerCase();
  if (word === 'mandatory') return 'INFINITY';
  if (word === 'advisory') return '0';
  if (!/^[+-]?(inf(inity)?|INF(INITY)?|[0-9]+)$/.test(text)) return undefined;
  return text.replace(/inf(inity)?|INF(INITY)?/, 'INFINITY');
}

/** `score="..."`, or `score-attribute="..."` for the name of a node attribute. */
export function scoreAttribute(text: string): Attributes {
  const value = score(text);
  return value === undefined ? { 'score-attribute': text } : { score: value };
}

export function rule(source: Rule, context: BuildContext): Element {
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

function nestedRule(source: Rule): Element {
  const element = make('rule', {
    id: source.id,
    ...(source.score === undefined ? {} : scoreAttribute(source.score)),
    'boolean-op': source.operator?.toLowerCase() === 'or' ? source.operator : undefined,
  });
  element.children.push(...source.expressions.map(expression));
  return element;
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
