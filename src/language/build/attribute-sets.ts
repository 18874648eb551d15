import type { AttributeSet, NameValue, SetKeyword, Statement } from '../../../grammar/crm/ast.js';
import type { Element } from '../../cib/element.js';
import { type BuildContext, make } from './context.js';
import { role } from './roles.js';
import { rule, score } from './rules.js';

const SET_ELEMENT: Record<SetKeyword, string> = {
  params: 'instance_attributes',
  attributes: 'instance_attributes',
  op_params: 'instance_attributes',
  meta: 'meta_attributes',
  op_meta: 'meta_attributes',
  utilization: 'utilization',
};

export function set(source: AttributeSet, context: BuildContext): Element {
  const name = SET_ELEMENT[source.keyword];
  if (source.idRef !== undefined) return make(name, { 'id-ref': source.idRef });
  return make(
    name,
    { id: source.id === '' ? undefined : source.id, score: source.score === '' ? undefined : source.score },
    [...source.rules.map((one) => rule(one, context)), ...source.values.map((pair) => nvpair(pair, context))],
  );
}

export function nvpair(pair: NameValue, context: BuildContext): Element {
  if (pair.idRef !== undefined) return make('nvpair', { 'id-ref': pair.idRef, name: pair.name });
  const { id, name, value } = pair;
  if (id !== undefined) return make('nvpair', { id, name, value });
  return make('nvpair', {
    name,
    value: name === 'role' || name === 'target-role' ? role(value, context) : value,
  });
}

/** Cluster options, or defaults of resources or operations. */
export function propertySet(
  source: Statement & { kind: 'property' | 'rsc_defaults' | 'op_defaults' },
  context: BuildContext,
): Element {
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
