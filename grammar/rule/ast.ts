/** The syntax tree of a rule: plain data, free of the parser. */

/** `name=value`, `name=`, `name`, `$id:name=value`, `@ref` or `@ref:name`. */
export interface NameValue {
  readonly name?: string;
  /** Absent in `name` and in references; empty in `name=`. */
  readonly value?: string;
  readonly id?: string;
  readonly idRef?: string;
}

/** `hour lt 5`, `defined x`, `#uname eq n1`, `x eq param{y}`. */
export interface AttributeExpression {
  readonly type: 'attribute';
  readonly attribute: string;
  readonly operation: string;
  /** `string`, `integer`, `number` or `version`. */
  readonly valueType?: string;
  readonly value?: string;
  /** `literal`, `param` or `meta`, as in `param{name}`. */
  readonly source?: string;
}

/** `date gt 2020-01-01`, `date in start=... end=...`, `date spec hours=9-16`. */
export interface DateExpression {
  readonly type: 'date';
  /** `lt`, `gt`, `in_range` or `date_spec`. */
  readonly operation: string;
  /** With `lt` and `gt`. */
  readonly value?: string;
  readonly values: readonly NameValue[];
}

/** `resource class=ocf type=Dummy`, `operation name=monitor interval=10s`: for whom a default holds. Not in crmsh. */
export type KindExpression =
  | { readonly type: 'resource'; readonly values: readonly NameValue[] }
  | { readonly type: 'operation'; readonly values: readonly NameValue[] };

/** `( a eq 1 or b eq 2 )`: a rule within a rule. Not in crmsh. */
export interface NestedRule {
  readonly type: 'rule';
  readonly rule: Rule;
}

export type Expression = AttributeExpression | DateExpression | KindExpression | NestedRule;

export interface Rule {
  readonly id?: string;
  readonly idRef?: string;
  readonly role?: string;
  /** As written: a number, an infinity, a word, an attribute's name. Absent: infinity. */
  readonly score?: string;
  /** `and` or `or` as written; absent with fewer than two expressions. */
  readonly operator?: string;
  readonly expressions: readonly Expression[];
}
