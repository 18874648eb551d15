import { type NvpairPlace, nvpairSet } from './nvpairs.js';
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
  type Variant,
  words,
} from './rules.js';
import { isAtLeast, type SchemaVersion } from './versions.js';

const OLD_CLASSES = ['lsb', 'heartbeat', 'stonith', 'upstart'];
const CLASSES = [...OLD_CLASSES, 'service', 'systemd', 'nagios'];

const ISOLATION = ['isolation', 'isolation-host', 'isolation-instance', 'isolation-wrapper'];

/** Names that only schema 3.0 forbids among parameters, because the upgrade from 2.10 renames them. */
const OLD_FENCING_PARAMETERS = [
  'pcmk_arg_map',
  'pcmk_list_cmd',
  'pcmk_monitor_cmd',
  'pcmk_off_cmd',
  'pcmk_on_cmd',
  'pcmk_reboot_cmd',
  'pcmk_status_cmd',
];
const OPERATION_ATTRIBUTES = [
  'interval-origin',
  'start-delay',
  'enabled',
  'on-fail',
  'record-pending',
  'role',
  'timeout',
  'requires',
];

/** How a resource says which agent it is. */
function agent(classes: readonly string[]): readonly Variant[] {
  return [
    { attributes: { class: required(words('ocf')), provider: required(), type: required() } },
    { attributes: { class: required(words(...classes)), type: required() } },
  ];
}

/** The `resources` section. */
export function resources(version: SchemaVersion, place: NvpairPlace): ElementRule {
  const since = (other: SchemaVersion) => isAtLeast(version, other);
  const plain = nvpairSet(place);
  const inThree = version === '3.0';
  const attributeSets = (meta: readonly string[], instance: readonly string[]): Part =>
    many({
      meta_attributes: since('3.0') ? nvpairSet({ ...place, obsolete: meta }) : plain,
      instance_attributes: inThree ? nvpairSet({ ...place, obsolete: instance }) : plain,
    });
  const extra = many({ meta_attributes: plain, instance_attributes: plain });
  const base: Attributes = { id: required('id'), description: optional() };
  const operations = atMostOne({
    operations: {
      attributes: { id: optional('id'), 'id-ref': optional('reference') },
      children: [many({ op: operation(since, attributeSets(['requires'], OPERATION_ATTRIBUTES)) })],
    },
  });
  const own: Part[] = [attributeSets(ISOLATION, OLD_FENCING_PARAMETERS), operations];
  if (since('1.2')) own.push(many({ utilization: plain }));
  const primitive: ElementRule = {
    attributes: base,
    choices: [
      [
        ...agent(since('1.2') ? CLASSES : OLD_CLASSES),
        ...(since('1.2') ? [{ attributes: { template: required('reference') } }] : []),
      ],
    ],
    children: own,
  };
  const group: ElementRule = { attributes: base, children: [extra, oneOrMore({ primitive })] };
  const clone: ElementRule = { attributes: base, children: [extra, exactlyOne({ primitive, group })] };
  const elements: Record<string, ElementRule> = { primitive, group, clone, master: clone };
  if (since('1.2')) {
    elements.template = {
      attributes: base,
      choices: [agent(since('2.7') ? CLASSES : OLD_CLASSES)],
      children: own,
    };
  }
  if (since('2.8')) elements.bundle = bundle(since, base, extra, primitive);
  return { children: [many(elements)] };
}

function operation(since: (other: SchemaVersion) => boolean, sets: Part): ElementRule {
  const roles = [
    'Stopped',
    'Started',
    'Slave',
    'Master',
    ...(since('3.7') ? ['Promoted', 'Unpromoted'] : []),
  ];
  const reactions = ['ignore', 'block', 'stop', 'restart', 'standby', 'fence'];
  if (since('1.2')) reactions.push('restart-container');
  if (since('3.4')) reactions.push('demote');
  const needs = ['nothing', 'quorum', 'fencing', ...(since('1.3') ? ['unfencing'] : [])];
  return {
    attributes: {
      id: required('id'),
      name: required(),
      interval: required(),
      description: optional(),
      timeout: optional(),
      enabled: optional('boolean'),
      'record-pending': optional('boolean'),
      role: optional(words(...roles)),
      'on-fail': optional(words(...reactions)),
      ...(since('3.0') ? {} : { requires: optional(words(...needs)) }),
    },
    choices: [
      [{ attributes: { 'start-delay': optional() } }, { attributes: { 'interval-origin': optional() } }],
    ],
    children: [sets],
  };
}

function bundle(
  since: (other: SchemaVersion) => boolean,
  base: Attributes,
  extra: Part,
  primitive: ElementRule,
): ElementRule {
  const container: ElementRule = {
    attributes: {
      image: required(),
      replicas: optional('integer'),
      'replicas-per-host': optional('integer'),
      'run-command': optional(),
      network: optional(),
      options: optional(),
    },
    choices: [
      [
        { attributes: { masters: optional('integer') } },
        ...(since('3.0') ? [{ attributes: { 'promoted-max': optional('integer') } }] : []),
      ],
    ],
  };
  const containers: Record<string, ElementRule> = { docker: container };
  if (since('2.10')) containers.rkt = container;
  if (since('3.2')) containers.podman = container;
  const network: ElementRule = {
    attributes: {
      'ip-range-start': optional(),
      'control-port': optional('integer'),
      'host-interface': optional(),
      'host-netmask': optional('integer'),
      ...(since('3.0') ? { 'add-host': optional('boolean') } : {}),
    },
    children: [
      many({
        'port-mapping': {
          attributes: { id: required('id') },
          choices: [
            [
              { attributes: { port: required('integer'), 'internal-port': optional('integer') } },
              {
                attributes: { range: required({ pattern: /^[0-9-]+$/, description: 'a range of ports' }) },
              },
            ],
          ],
        },
      }),
    ],
  };
  const storage: ElementRule = {
    children: [
      many({
        'storage-mapping': {
          attributes: { id: required('id'), 'target-dir': required(), options: optional() },
          choices: [
            [{ attributes: { 'source-dir': required() } }, { attributes: { 'source-dir-root': required() } }],
          ],
        },
      }),
    ],
  };
  return {
    attributes: base,
    children: [
      extra,
      exactlyOne(containers),
      atMostOne({ network }),
      atMostOne({ storage }),
      atMostOne({ primitive }),
    ],
  };
}
