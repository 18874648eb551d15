import { constraints } from './constraints.js';
import { type NvpairPlace, nvpairSet, type RuleLevel } from './nvpairs.js';
import { resources } from './resources.js';
import {
  type Attributes,
  atMostOne,
  type ElementRule,
  exactlyOne,
  many,
  oneOrMore,
  optional,
  type Part,
  required,
  words,
} from './rules.js';
import { HISTORIC_NAMES, isAtLeast, SCHEMA_VERSIONS, type SchemaVersion, schemaName } from './versions.js';

/** Cluster options that upgrading to 3.0 renames or drops. */
const OBSOLETE_OPTIONS = [
  'cluster_recheck_interval',
  'dc_deadtime',
  'default-action-timeout',
  'default_action_timeout',
  'default-migration-threshold',
  'default_migration_threshold',
  'default-resource-failure-stickiness',
  'default_resource_failure_stickiness',
  'default-resource-stickiness',
  'default_resource_stickiness',
  'election_timeout',
  'expected-quorum-votes',
  'is-managed-default',
  'is_managed_default',
  'no_quorum_policy',
  'notification-agent',
  'notification-recipient',
  'remove_after_stop',
  'shutdown_escalation',
  'startup_fencing',
  'stonith_action',
  'stonith_enabled',
  'stop_orphan_actions',
  'stop_orphan_resources',
  'symmetric_cluster',
  'transition_idle_timeout',
];

/** Cluster layers that Pacemaker 2 knows no more. */
const OLD_INFRASTRUCTURES = [
  'heartbeat',
  'openais',
  'classic openais',
  'classic openais (with plugin)',
  'cman',
];

const cached = new Map<SchemaVersion, ElementRule>();

/** The rule for the root element of a CIB of this schema. */
export function cibRule(version: SchemaVersion): ElementRule {
  let rule = cached.get(version);
  if (!rule) {
    rule = build(version);
    cached.set(version, rule);
  }
  return rule;
}

function build(version: SchemaVersion): ElementRule {
  const since = (other: SchemaVersion) => isAtLeast(version, other);
  const latest = (...steps: readonly (readonly [SchemaVersion, RuleLevel])[]): RuleLevel =>
    steps.findLast(([from]) => since(from))?.[1] ?? 'first';
  const place: NvpairPlace = {
    rules: latest(['2.9', '2.9'], ['3.4', '3.4'], ['3.5', '3.5'], ['3.9', '3.9']),
    references: since('1.3'),
  };
  const slowPlace: NvpairPlace = {
    rules: latest(['2.9', '2.9'], ['3.5', '3.5'], ['3.9', '3.9']),
    references: since('1.3'),
  };
  const sections: Part[] = [
    ...options(since, since('3.0') ? place : { rules: 'first', references: false }),
    exactlyOne({ nodes: nodes(since, place) }),
    exactlyOne({ resources: resources(version, place) }),
    exactlyOne({ constraints: constraints(version, slowPlace.rules) }),
  ];
  if (since('1.2')) {
    sections.push(
      atMostOne({ 'fencing-topology': fencingTopology(since) }),
      atMostOne({ acls: acls(since) }),
    );
  }
  if (since('1.3')) {
    const member: ElementRule = { attributes: { id: required(since('3.3') ? 'text' : 'reference') } };
    const tag: ElementRule = {
      attributes: { id: required('id') },
      children: [oneOrMore({ obj_ref: member })],
    };
    sections.push(atMostOne({ tags: { children: [many({ tag })] } }));
  }
  if (since('2.5')) sections.push(atMostOne({ alerts: alerts(since, slowPlace) }));
  return {
    attributes: rootAttributes(since),
    children: [
      exactlyOne({ configuration: { children: sections } }),
      atMostOne({ status: { anything: true } }),
    ],
    ordered: true,
  };
}

type Since = (other: SchemaVersion) => boolean;

function rootAttributes(since: Since): Attributes {
  const names = [...HISTORIC_NAMES, ...SCHEMA_VERSIONS.map(schemaName)];
  return {
    'validate-with': optional(words(...names)),
    admin_epoch: required('non-negative'),
    epoch: required('non-negative'),
    num_updates: required('non-negative'),
    crm_feature_set: optional(),
    'remote-tls-port': optional('non-negative'),
    'remote-clear-port': optional('non-negative'),
    'have-quorum': optional('boolean'),
    'dc-uuid': optional(),
    'cib-last-written': optional(),
    'no-quorum-panic': optional('boolean'),
    ...(since('1.2')
      ? {
          'update-origin': optional(),
          'update-client': optional(),
          'update-user': optional(),
          'execution-date': optional(),
        }
      : {}),
  };
}

function options(since: Since, place: NvpairPlace): Part[] {
  const properties = since('3.0')
    ? nvpairSet({
        ...place,
        obsolete: OBSOLETE_OPTIONS,
        restricted: { 'cluster-infrastructure': { except: OLD_INFRASTRUCTURES } },
      })
    : nvpairSet(place);
  const defaults: ElementRule = { children: [many({ meta_attributes: nvpairSet(place) })] };
  return [
    exactlyOne({ crm_config: { children: [many({ cluster_property_set: properties })] } }),
    atMostOne({ rsc_defaults: defaults }),
    atMostOne({ op_defaults: defaults }),
  ];
}

function nodes(since: Since, place: NvpairPlace): ElementRule {
  const types = ['member', 'ping'];
  if (since('1.3')) types.push('remote');
  if (!since('3.0')) types.push('normal');
  const set = nvpairSet(place);
  const node: ElementRule = {
    attributes: {
      id: required(),
      uname: required(),
      type: since('1.2') ? optional(words(...types)) : required(words(...types)),
      description: optional(),
      ...(since('1.2') ? { score: optional('score') } : {}),
    },
    children: [many({ instance_attributes: set, ...(since('1.2') ? { utilization: set } : {}) })],
  };
  return { children: [many({ node })] };
}

function fencingTopology(since: Since): ElementRule {
  const level: ElementRule = {
    attributes: {
      id: required('id'),
      index: required('positive'),
      devices: required({
        pattern: /^[a-zA-Z0-9_.-]+(,[a-zA-Z0-9_.-]+)*$/,
        description: 'ids separated by commas',
      }),
    },
    choices: [
      [
        { attributes: { target: required() } },
        { attributes: { 'target-pattern': required() } },
        ...(since('2.4')
          ? [{ attributes: { 'target-attribute': required(), 'target-value': required() } }]
          : []),
      ],
    ],
  };
  return { children: [many({ 'fencing-level': level })] };
}

function acls(since: Since): ElementRule {
  return since('2.0') ? presentAcls(since('3.8')) : oldAcls();
}

function presentAcls(named: boolean): ElementRule {
  const roles = [many({ role: { attributes: { id: required('reference') } } })];
  const name: Attributes = named ? { name: optional() } : {};
  const permission: ElementRule = {
    attributes: {
      id: required('id'),
      kind: required(words('read', 'write', 'deny')),
      description: optional(),
    },
    choices: [
      [
        { attributes: { xpath: required() } },
        { attributes: { reference: required('reference') } },
        { attributes: { 'object-type': required(), attribute: optional() } },
      ],
    ],
  };
  return {
    children: [
      many({
        acl_target: { attributes: { id: required(), ...name }, children: roles },
        acl_group: { attributes: { id: required('id'), ...name }, children: roles },
        acl_role: {
          attributes: { id: required('id'), description: optional() },
          children: [many({ acl_permission: permission })],
        },
      }),
    ],
  };
}

function oldAcls(): ElementRule {
  const permission: ElementRule = {
    attributes: { id: required('id'), attribute: optional() },
    choices: [
      [
        { attributes: { tag: required(), ref: optional('reference') } },
        { attributes: { ref: required('reference') } },
        { attributes: { xpath: required() } },
      ],
    ],
  };
  const permissions = many({ read: permission, write: permission, deny: permission });
  return {
    children: [
      many({
        acl_user: {
          attributes: { id: required('id') },
          choices: [
            [
              { children: [many({ role_ref: { attributes: { id: required('reference') } } })] },
              { children: [permissions] },
            ],
          ],
        },
        acl_role: { attributes: { id: required('id') }, children: [permissions] },
      }),
    ],
  };
}

function alerts(since: Since, place: NvpairPlace): ElementRule {
  const set = nvpairSet(place);
  const extra = many({ meta_attributes: set, instance_attributes: set });
  const recipient: ElementRule = {
    attributes: { id: required('id'), description: optional(), value: required() },
    children: [extra],
  };
  const attribute: ElementRule = { attributes: { id: required('id'), name: required() } };
  const select: ElementRule = {
    children: [
      atMostOne({ select_attributes: { children: [many({ attribute })] } }),
      atMostOne({ select_fencing: {} }),
      atMostOne({ select_nodes: {} }),
      atMostOne({ select_resources: {} }),
    ],
  };
  const alert: ElementRule = {
    attributes: { id: required('id'), description: optional(), path: required() },
    children: since('2.10')
      ? [extra, atMostOne({ select }), many({ recipient })]
      : [extra, many({ recipient })],
    ordered: !since('2.10'),
  };
  return { children: [many({ alert })] };
}
