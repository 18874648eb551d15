/**
 * The syntax tree of the crm configuration language: plain data, free of the parser.
 * It says what was written, not what it means: ids are not made up, references are not resolved.
 */

import type { NameValue, Rule } from '../rule/ast.js';

export type {
  AttributeExpression,
  DateExpression,
  Expression,
  KindExpression,
  NameValue,
  NestedRule,
  Rule,
} from '../rule/ast.js';

/** A stretch of the text a statement was read from; offsets in UTF-16 units, end exclusive. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** One word of a statement, quotes and escapes resolved. */
export interface Word extends Range {
  readonly text: string;
}

export type SetKeyword = 'params' | 'meta' | 'utilization' | 'attributes' | 'op_params' | 'op_meta';

/** `params $id=x 2: rule #uname eq n1 ip=10.0.0.1`. */
export interface AttributeSet {
  readonly type: 'set';
  readonly keyword: SetKeyword;
  readonly id?: string;
  readonly idRef?: string;
  readonly score?: string;
  readonly rules: readonly Rule[];
  readonly values: readonly NameValue[];
}

/** `op monitor interval=10s op_params x=1`. */
export interface Operation {
  readonly name: string;
  readonly values: readonly NameValue[];
  readonly sets: readonly AttributeSet[];
}

/** Consecutive operations; `operations $id=x` starts a list with an id. */
export interface Operations {
  readonly type: 'operations';
  readonly id?: string;
  readonly idRef?: string;
  readonly operations: readonly Operation[];
}

/** Where a statement stood, and the comments before it. */
interface Placed {
  /** Lines that begin with `#`, as written. */
  readonly comments?: readonly string[];
}

export interface NodeStatement extends Placed {
  readonly kind: 'node';
  readonly id?: string;
  readonly uname: string;
  readonly type?: string;
  readonly description?: string;
  readonly sets: readonly AttributeSet[];
}

export interface PrimitiveStatement extends Placed {
  readonly kind: 'primitive' | 'rsc_template';
  readonly id: string;
  /** `class:provider:type`, or a part of it. */
  readonly agent?: string;
  readonly template?: string;
  readonly description?: string;
  readonly parts: readonly (AttributeSet | Operations)[];
}

export interface ContainerStatement extends Placed {
  readonly kind: 'group' | 'clone' | 'ms';
  readonly id: string;
  readonly children: readonly string[];
  readonly description?: string;
  readonly sets: readonly AttributeSet[];
}

export interface BundlePart {
  readonly type: 'docker' | 'rkt' | 'podman' | 'network' | 'storage';
  readonly values: readonly NameValue[];
  /** `port-mapping` or `storage-mapping` entries. */
  readonly mappings: readonly { readonly name: string; readonly values: readonly NameValue[] }[];
}

export interface BundlePrimitive {
  readonly type: 'primitive';
  readonly id: string;
}

export interface BundleStatement extends Placed {
  readonly kind: 'bundle';
  readonly id: string;
  readonly description?: string;
  readonly parts: readonly (BundlePart | BundlePrimitive | AttributeSet)[];
}

/** A word of a resource set: a member, a bracket, or an attribute of the set. */
export type SetItem =
  | { readonly type: 'member'; readonly id: string; readonly qualifier?: string }
  | { readonly type: 'open' | 'close'; readonly bracket: string }
  | { readonly type: 'attribute'; readonly name: string; readonly value: string }
  /** `_rsc_set_`: the members form a set although two of them would read as a simple constraint. */
  | { readonly type: 'marker' };

export interface LocationStatement extends Placed {
  readonly kind: 'location';
  readonly id: string;
  readonly resource?: string;
  /** Regular expression, without the slashes. */
  readonly pattern?: string;
  readonly members?: readonly SetItem[];
  /** `role=`, `resource-discovery=` and any other before the score. */
  readonly attributes: readonly NameValue[];
  readonly score?: string;
  readonly node?: string;
  readonly rules: readonly Rule[];
}

export interface ColocationStatement extends Placed {
  readonly kind: 'colocation';
  readonly id: string;
  readonly score?: string;
  readonly members: readonly SetItem[];
  readonly nodeAttribute?: string;
  /** Whether the dependent resource's place counts for the other. Not in crmsh. */
  readonly influence?: string;
}

export interface OrderStatement extends Placed {
  readonly kind: 'order';
  readonly id: string;
  /** The word before the colon: a kind or a score. */
  readonly score?: string;
  readonly members: readonly SetItem[];
  readonly symmetrical?: string;
}

export interface TicketStatement extends Placed {
  readonly kind: 'rsc_ticket';
  readonly id: string;
  readonly ticket: string;
  readonly members: readonly SetItem[];
  readonly lossPolicy?: string;
}

export interface PropertyStatement extends Placed {
  readonly kind: 'property' | 'rsc_defaults' | 'op_defaults';
  readonly id?: string;
  readonly idRef?: string;
  /** Which of several sets counts first. Not in crmsh. */
  readonly score?: string;
  readonly rules: readonly Rule[];
  readonly values: readonly NameValue[];
}

export interface FencingLevel {
  /** Absent: every node. */
  readonly target?: string;
  readonly attribute?: { readonly name: string; readonly value: string };
  readonly pattern?: string;
  /** Comma-separated devices, all of which are needed. */
  readonly devices: string;
}

export interface FencingStatement extends Placed {
  readonly kind: 'fencing_topology';
  readonly levels: readonly FencingLevel[];
}

export interface TagStatement extends Placed {
  readonly kind: 'tag';
  readonly id: string;
  readonly members: readonly string[];
}

export interface AclRule {
  readonly right: string;
  readonly id?: string;
  readonly description?: string;
  /** `xpath:...`, `ref:...`, `meta:rsc:attr`, `property`, as written. */
  readonly specs: readonly string[];
}

export interface RoleStatement extends Placed {
  readonly kind: 'role' | 'user';
  readonly id: string;
  readonly description?: string;
  readonly rules: readonly AclRule[];
  /** `role:ID` references of a `user`, with their place among the rules. */
  readonly roles: readonly string[];
}

export interface AclTargetStatement extends Placed {
  readonly kind: 'acl_target' | 'acl_group';
  readonly id: string;
  readonly roles: readonly string[];
}

export interface AlertSelector {
  readonly name: string;
  readonly attributes?: readonly string[];
}

export type AlertPart =
  | AttributeSet
  | { readonly type: 'select'; readonly selectors: readonly AlertSelector[] }
  | {
      readonly type: 'recipient';
      readonly value: string;
      readonly description?: string;
      readonly sets: readonly AttributeSet[];
      readonly braces?: boolean;
    };

export interface AlertStatement extends Placed {
  readonly kind: 'alert';
  readonly id: string;
  readonly path: string;
  readonly description?: string;
  readonly parts: readonly AlertPart[];
}

export interface MonitorStatement extends Placed {
  readonly kind: 'monitor';
  readonly resource: string;
  readonly role?: string;
  readonly interval: string;
  readonly timeout?: string;
}

export interface XmlStatement extends Placed {
  readonly kind: 'xml';
  /** The element's text, on one line. */
  readonly text: string;
}

export type Statement =
  | NodeStatement
  | PrimitiveStatement
  | ContainerStatement
  | BundleStatement
  | LocationStatement
  | ColocationStatement
  | OrderStatement
  | TicketStatement
  | PropertyStatement
  | FencingStatement
  | TagStatement
  | RoleStatement
  | AclTargetStatement
  | AlertStatement
  | MonitorStatement
  | XmlStatement;

/** What a reader of text says about a mistake, with its place. */
export interface Diagnostic extends Range {
  readonly code: string;
  readonly message: string;
  /** What would have been right there, in words for people. */
  readonly expected: readonly string[];
  /** A known word close to the one found. */
  readonly suggestion?: string;
}
