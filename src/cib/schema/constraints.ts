import { type RuleLevel, ruleElement } from './nvpairs.js';
import {
  type Attributes,
  atMostOne,
  type ElementRule,
  many,
  oneOrMore,
  optional,
  type Part,
  required,
  type Variant,
  words,
} from './rules.js';
import { isAtLeast, type SchemaVersion } from './versions.js';

/** The `constraints` section. */
export function constraints(version: SchemaVersion, rules: RuleLevel): ElementRule {
  const since = (other: SchemaVersion) => isAtLeast(version, other);
  const role = optional(
    words('Stopped', 'Started', ...(since('3.7') ? ['Promoted', 'Unpromoted'] : []), 'Master', 'Slave'),
  );
  const action = optional(words('start', 'promote', 'demote', 'stop'));
  const kind = words('Optional', 'Mandatory', 'Serialize');
  const rule = ruleElement(rules);
  const lifetime = atMostOne({ lifetime: { children: [oneOrMore({ rule })] } });
  const instance = (...names: readonly string[]): Attributes =>
    version === 'next' ? Object.fromEntries(names.map((name) => [name, optional('integer')])) : {};

  const scoreOrKind: readonly Variant[] = [
    { attributes: { score: optional('score') } },
    { attributes: { kind: optional(kind) } },
  ];
  const setAttributes: Attributes = {
    id: required('id'),
    sequential: optional('boolean'),
    action,
    role,
    ...(since('1.2') ? { 'require-all': optional('boolean') } : {}),
    ...(since('2.1') ? { ordering: optional(words('group', 'listed')) } : {}),
  };
  const members = [oneOrMore({ resource_ref: { attributes: { id: required('reference') } } })];
  const resourceSet: ElementRule = {
    choices: [
      [
        ...(since('3.0') ? scoreOrKind : scoreOrKind.slice(0, 1)).map(({ attributes }) => ({
          attributes: { ...setAttributes, ...attributes! },
          children: members,
        })),
        { attributes: { 'id-ref': required('reference') } },
      ],
    ],
  };
  const sets: Part = oneOrMore({ resource_set: resourceSet });

  const withRole: Attributes = since('1.2') ? { role } : {};
  const location: ElementRule = {
    attributes: {
      id: required('id'),
      ...(since('2.2') ? { 'resource-discovery': optional(words('always', 'never', 'exclusive')) } : {}),
    },
    choices: [
      [
        { attributes: { rsc: required('reference'), ...withRole } },
        ...(since('2.6') ? [{ attributes: { 'rsc-pattern': required(), ...withRole } }] : []),
        ...(since('1.2') ? [{ children: [sets] }] : []),
      ],
      [{ attributes: { score: required('score'), node: required() } }, { children: [oneOrMore({ rule })] }],
    ],
    children: [lifetime],
    ordered: true,
  };

  const colocationScore: readonly Variant[] = [
    { attributes: { score: optional('score') } },
    ...(since('3.0')
      ? []
      : [
          { attributes: { 'score-attribute': optional() } },
          { attributes: { 'score-attribute-mangle': optional() } },
        ]),
  ];
  const colocation: ElementRule = {
    attributes: { id: required('id'), ...(since('3.6') ? { influence: optional() } : {}) },
    choices: [
      colocationScore,
      [{ children: [lifetime] }],
      [
        {
          attributes: {
            rsc: required('reference'),
            'with-rsc': required('reference'),
            'node-attribute': optional(),
            'rsc-role': role,
            'with-rsc-role': role,
            ...instance('rsc-instance', 'with-rsc-instance'),
          },
        },
        { children: [sets] },
      ],
    ],
    ordered: true,
  };

  const order: ElementRule = {
    attributes: {
      id: required('id'),
      symmetrical: optional('boolean'),
      ...(since('2.3') ? { 'require-all': optional('boolean') } : {}),
    },
    choices: [
      scoreOrKind,
      [{ children: [lifetime] }],
      [
        {
          attributes: {
            first: required('reference'),
            // biome-ignore lint/suspicious/noThenProperty: the attribute's name in the CIB
            then: required('reference'),
            'first-action': action,
            'then-action': action,
            ...instance('first-instance', 'then-instance'),
          },
        },
        { children: [sets] },
      ],
    ],
    ordered: true,
  };

  const ticket: ElementRule = {
    attributes: {
      id: required('id'),
      ticket: required(),
      'loss-policy': optional(words('stop', 'demote', 'fence', 'freeze')),
    },
    choices: [[{ attributes: { rsc: required('reference'), 'rsc-role': role } }, { children: [sets] }]],
  };
  return {
    children: [
      many({
        rsc_location: location,
        rsc_colocation: colocation,
        rsc_order: order,
        ...(since('1.2') ? { rsc_ticket: ticket } : {}),
      }),
    ],
  };
}
