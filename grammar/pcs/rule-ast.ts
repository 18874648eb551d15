/** A rule, as typed; free of the parsers that make it. */
export type RuleExpression =
  | { readonly kind: 'and' | 'or'; readonly children: readonly RuleExpression[] }
  | {
      readonly kind: 'attribute';
      readonly attribute: string;
      readonly operation: 'eq' | 'ne' | 'lt' | 'gt' | 'lte' | 'gte';
      readonly type: 'string' | 'integer' | 'number' | 'version' | null;
      readonly value: string;
    }
  | { readonly kind: 'defined'; readonly attribute: string; readonly operation: 'defined' | 'not_defined' }
  | { readonly kind: 'date'; readonly operation: 'gt' | 'lt'; readonly date: string }
  | {
      readonly kind: 'in-range';
      readonly start: string | null;
      readonly end: string | null;
      readonly duration: readonly DatePart[] | null;
    }
  | { readonly kind: 'date-spec'; readonly parts: readonly DatePart[] }
  | { readonly kind: 'operation'; readonly name: string; readonly interval: string | null }
  | {
      readonly kind: 'resource';
      readonly standard: string | null;
      readonly provider: string | null;
      readonly type: string | null;
    };

/** `hours=9-16` */
export type DatePart = readonly [name: string, value: string];

export type Comparison = Extract<RuleExpression, { kind: 'attribute' }>['operation'];
export type ValueType = NonNullable<Extract<RuleExpression, { kind: 'attribute' }>['type']>;

export const COMPARISONS: readonly Comparison[] = ['eq', 'ne', 'lt', 'gt', 'lte', 'gte'];
export const VALUE_TYPES: readonly ValueType[] = ['string', 'integer', 'number', 'version'];
