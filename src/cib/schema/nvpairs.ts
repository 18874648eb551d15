import { DATE_UNITS } from '../date-units.js';
import {
  type Attributes,
  atMostOne,
  type ElementRule,
  many,
  oneOrMore,
  optional,
  required,
  type ValueRule,
  type Variant,
  words,
} from './rules.js';

/** How far the description of rules has come; each level takes in the ones before. */
export type RuleLevel =
  | 'first'
  /** Since 2.9: `value-source`. */
  | '2.9'
  /** Since 3.4: `rsc_expression`, `op_expression`. */
  | '3.4'
  /** Since 3.5: the type `integer`. */
  | '3.5'
  /** Since 3.9: a score is optional, durations and date specifications have their own units. */
  | '3.9';

const LEVELS: readonly RuleLevel[] = ['first', '2.9', '3.4', '3.5', '3.9'];

function reached(level: RuleLevel, other: RuleLevel): boolean {
  return LEVELS.indexOf(level) >= LEVELS.indexOf(other);
}

function optionalTexts(...names: readonly string[]): Attributes {
  return Object.fromEntries(names.map((name) => [name, optional()]));
}

const SCORE_OR_ATTRIBUTE: readonly Variant[] = [
  { attributes: { score: required('score') } },
  { attributes: { 'score-attribute': required() } },
];

const OLD_DATE_UNITS = optionalTexts(...DATE_UNITS);

const DURATION: ElementRule = {
  attributes: {
    id: required('id'),
    ...optionalTexts('years', 'months', 'weeks', 'days', 'hours', 'minutes', 'seconds'),
    ...optionalTexts('monthdays', 'weekdays', 'yearsdays', 'weekyears', 'moon'),
  },
};

const DATE_SPECIFICATION: ElementRule = {
  attributes: {
    id: required('id'),
    ...optionalTexts('years', 'months', 'monthdays', 'hours', 'minutes', 'seconds', 'yeardays'),
    ...optionalTexts('weekyears', 'weeks', 'weekdays', 'moon', 'yearsdays'),
  },
};

function dateExpression(level: RuleLevel): ElementRule {
  const recent = reached(level, '3.9');
  const old: ElementRule = { attributes: { id: required('id'), ...OLD_DATE_UNITS } };
  const duration = recent ? DURATION : old;
  const specification = recent ? DATE_SPECIFICATION : old;
  const operation = (name: string) => ({ operation: required(words(name)) });
  const inRange: readonly Variant[] = recent
    ? [
        {
          attributes: { ...operation('in_range'), start: required(), end: optional() },
          children: [atMostOne({ duration })],
        },
        {
          attributes: { ...operation('in_range'), end: required() },
          children: [atMostOne({ duration })],
        },
      ]
    : [
        { attributes: { ...operation('in_range'), start: optional(), end: required() } },
        {
          attributes: { ...operation('in_range'), start: required() },
          children: [{ elements: { duration }, min: 1, max: 1 }],
        },
      ];
  return {
    attributes: { id: required('id') },
    choices: [
      [
        ...inRange,
        { attributes: { ...operation('gt'), start: required() } },
        { attributes: { ...operation('lt'), end: required() } },
        {
          attributes: operation('date_spec'),
          children: [{ elements: { date_spec: specification }, min: 1, max: 1 }],
        },
      ],
    ],
  };
}

const RESOURCE_EXPRESSION: ElementRule = {
  attributes: { id: required('id'), ...optionalTexts('class', 'provider', 'type') },
};

const OPERATION_EXPRESSION: ElementRule = {
  attributes: { id: required('id'), name: required(), interval: optional() },
};

const cachedRules = new Map<RuleLevel, ElementRule>();

/** A `rule`, wherever it stands. */
export function ruleElement(level: RuleLevel): ElementRule {
  const cached = cachedRules.get(level);
  if (cached) return cached;
  const types = ['string', ...(reached(level, '3.5') ? ['integer'] : []), 'number', 'version'];
  const expression: ElementRule = {
    attributes: {
      id: required('id'),
      attribute: required(),
      operation: required(words('lt', 'gt', 'lte', 'gte', 'eq', 'ne', 'defined', 'not_defined')),
      value: optional(),
      type: optional(words(...types)),
      ...(reached(level, '2.9') ? { 'value-source': optional(words('literal', 'param', 'meta')) } : {}),
    },
  };
  const elements: Record<string, ElementRule> = { expression, date_expression: dateExpression(level) };
  if (reached(level, '3.4')) {
    elements.rsc_expression = RESOURCE_EXPRESSION;
    elements.op_expression = OPERATION_EXPRESSION;
  }
  const own: Attributes = {
    id: required('id'),
    'boolean-op': optional(words('or', 'and')),
    role: optional(),
  };
  const children = [oneOrMore(elements)];
  const whole: Variant[] = SCORE_OR_ATTRIBUTE.map(({ attributes }) => ({
    attributes: { ...own, ...attributes! },
    children,
  }));
  if (reached(level, '3.9')) whole.unshift({ attributes: own, children });
  const rule: ElementRule = {
    choices: [[...whole, { attributes: { 'id-ref': required('reference') } }]],
  };
  elements.rule = rule;
  cachedRules.set(level, rule);
  return rule;
}

/** What sets of names and values are made of, which differs from place to place. */
export interface NvpairPlace {
  readonly rules: RuleLevel;
  /** Since 1.3 (for cluster options since 3.0): an nvpair can refer to another one. */
  readonly references: boolean;
  /** Names that are not allowed any more. */
  readonly obsolete?: readonly string[];
  /** Names whose value is restricted too. */
  readonly restricted?: Readonly<Record<string, ValueRule>>;
}

/** A set of names and values: `meta_attributes`, `instance_attributes`, `utilization`, ... */
export function nvpairSet(place: NvpairPlace): ElementRule {
  const { obsolete = [], restricted = {} } = place;
  const special = Object.keys(restricted);
  const excluded = [...special, ...obsolete];
  const variants: Variant[] = [
    {
      attributes: {
        id: required('id'),
        name: required(excluded.length > 0 ? { except: excluded } : 'text'),
        value: optional(),
      },
    },
    ...special.map((name) => ({
      attributes: { id: required('id'), name: required(words(name)), value: required(restricted[name]!) },
    })),
  ];
  if (place.references) {
    variants.push({ attributes: { 'id-ref': required('reference'), name: optional() } });
  }
  return {
    choices: [
      [
        {
          attributes: { id: required('id'), score: optional('score') },
          children: [
            atMostOne({ rule: ruleElement(place.rules) }),
            many({ nvpair: { choices: [variants] } }),
          ],
        },
        { attributes: { 'id-ref': required('reference') } },
      ],
    ],
  };
}
