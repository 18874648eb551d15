import { WrongUsage } from '../../grammar/pcs/mistake.js';
import { isTrue } from '../cib/boolean.js';
import type { Element } from '../cib/element.js';
import type { Environment } from './environment.js';
import { CHECK_LEVEL } from './operations.js';
import { pythonJson } from './python-json.js';
import { ruleExpression, setRuleLines } from './rule-text.js';
import { innerResource, isStonith, places, resourcesOf, roleOfToday, type SetName } from './tree.js';
import { byCodePoint, indent, pairText, shellWord, sortedPairs } from './words.js';

/** `pcs resource config`, `pcs stonith config`: what is configured, for people, as commands, as JSON. */

type Pairs = [string, string][];

/** The resources to show. */
interface Shown {
  readonly primitives: readonly Element[];
  readonly groups: readonly Element[];
  readonly clones: readonly Element[];
  readonly bundles: readonly Element[];
  /** Ids that were asked for; empty: all. */
  readonly asked: readonly string[];
}

const CONTAINERS = ['docker', 'podman', 'rkt'];

function flag(value: string | undefined): string | undefined {
  return value === undefined ? undefined : isTrue(value) ? '1' : '0';
}

function pairsOf(candidates: readonly (readonly [string, string | undefined])[]): Pairs {
  return candidates.flatMap(
    ([name, value]): Pairs => (value === undefined || value === '' ? [] : [[name, value]]),
  );
}

export function operationPairs(operation: Element): Pairs {
  const get = (name: string) => operation.get(name);
  const delay: [string, string | undefined] = get('start-delay')
    ? ['start-delay', get('start-delay')]
    : ['interval-origin', get('interval-origin')];
  let level: string | undefined;
  for (const set of operation.elements('instance_attributes')) {
    for (const pair of set.elements('nvpair'))
      if (pair.get('name') === CHECK_LEVEL) level ??= pair.get('value');
  }
  const role = get('role');
  return [
    ['interval', get('interval') ?? ''],
    ...pairsOf([
      ['id', operation.id],
      delay,
      ['timeout', get('timeout')],
      ['enabled', flag(get('enabled'))],
      ['record-pending', flag(get('record-pending'))],
      ['role', role === undefined ? undefined : roleOfToday(role)],
      ['on-fail', get('on-fail')],
      [CHECK_LEVEL, level],
    ]),
  ];
}

/** One operation over several lines. */
export function operationLines(name: string, id: string, pairs: Pairs): string[] {
  const shown = pairs.filter(([option]) => option !== 'id').map(([option, value]) => pairText(option, value));
  return [`${name}:${id === '' ? '' : ` ${id}`}`, ...indent(shown)];
}

function setLines(label: string, owner: Element, name: SetName): string[] {
  const set = owner.first(name);
  const pairs = set?.elements('nvpair') ?? [];
  if (!set || pairs.length === 0) return [];
  const options = sortedPairs([...set.attributes].filter(([key]) => key !== 'id'));
  const heading = [`${label}:${set.id === '' ? '' : ` ${set.id}`}`, ...options].join(' ');
  const values = sortedPairs(pairs.map((pair) => [pair.get('name') ?? '', pair.get('value') ?? ''] as const));
  const rule = set.first('rule');
  return [heading, ...indent([...values, ...(rule ? setRuleLines(rule, false, null) : [])])];
}

function describe(owner: Element): string[] {
  const description = owner.get('description');
  return description ? [`Description: ${description}`] : [];
}

function primitiveLines(primitive: Element): string[] {
  const provider = primitive.get('provider');
  const agent = `class=${primitive.get('class')}${provider ? ` provider=${provider}` : ''} type=${primitive.get('type')}`;
  const operations = primitive.elements('operations').flatMap((container) => container.elements('op'));
  const lines = [
    ...describe(primitive),
    ...setLines('Attributes', primitive, 'instance_attributes'),
    ...setLines('Meta Attributes', primitive, 'meta_attributes'),
    ...setLines('Utilization', primitive, 'utilization'),
    ...(operations.length > 0
      ? [
          'Operations:',
          ...indent(
            operations.flatMap((operation) =>
              operationLines(operation.get('name') ?? '', operation.id, operationPairs(operation)),
            ),
          ),
        ]
      : []),
  ];
  return [`Resource: ${primitive.id} (${agent})`, ...indent(lines)];
}

function containerOf(bundle: Element): Element | undefined {
  return bundle.elements().find(({ name }) => CONTAINERS.includes(name));
}

function containerPairs(container: Element): Pairs {
  return [
    ['image', container.get('image') ?? ''],
    ...pairsOf([
      ['replicas', container.get('replicas')],
      ['replicas-per-host', container.get('replicas-per-host')],
      ['promoted-max', container.get('promoted-max') ?? container.get('masters')],
      ['run-command', container.get('run-command')],
      ['network', container.get('network')],
      ['options', container.get('options')],
    ]),
  ];
}

function networkPairs(network: Element | undefined): Pairs {
  if (!network) return [];
  return pairsOf([
    ['ip-range-start', network.get('ip-range-start')],
    ['control-port', network.get('control-port')],
    ['host-interface', network.get('host-interface')],
    ['host-netmask', network.get('host-netmask')],
    ['add-host', flag(network.get('add-host'))],
  ]);
}

const PORTS = ['port', 'internal-port', 'range'];
const STORAGE = ['source-dir', 'source-dir-root', 'target-dir', 'options'];

function attributePairs(element: Element, names: readonly string[]): Pairs {
  return pairsOf(names.map((name) => [name, element.get(name)] as const));
}

function textOf(pairs: Pairs): string[] {
  return pairs.map(([name, value]) => pairText(name, value));
}

function bundleLines(bundle: Element): string[] {
  const container = containerOf(bundle);
  const network = networkPairs(bundle.first('network'));
  const ports = bundle.first('network')?.elements('port-mapping') ?? [];
  const storage = bundle.first('storage')?.elements('storage-mapping') ?? [];
  const inside = bundle.first('primitive');
  const lines = [
    ...describe(bundle),
    ...(container
      ? [
          `${container.name.charAt(0).toUpperCase()}${container.name.slice(1)}: ${textOf(containerPairs(container)).join(' ')}`,
        ]
      : []),
    ...(network.length > 0 ? [`Network: ${textOf(network).join(' ')}`] : []),
    ...(ports.length > 0
      ? [
          'Port Mapping:',
          ...indent(ports.map((port) => [...textOf(attributePairs(port, PORTS)), `(${port.id})`].join(' '))),
        ]
      : []),
    ...(storage.length > 0
      ? [
          'Storage Mapping:',
          ...indent(
            storage.map((each) => [...textOf(attributePairs(each, STORAGE)), `(${each.id})`].join(' ')),
          ),
        ]
      : []),
    ...setLines('Meta Attributes', bundle, 'meta_attributes'),
    ...(inside ? primitiveLines(inside) : []),
  ];
  return [`Bundle: ${bundle.id}`, ...indent(lines)];
}

function groupLines(group: Element): string[] {
  return [
    `Group: ${group.id}`,
    ...indent([
      ...describe(group),
      ...setLines('Attributes', group, 'instance_attributes'),
      ...setLines('Meta Attributes', group, 'meta_attributes'),
      ...group.elements('primitive').flatMap(primitiveLines),
    ]),
  ];
}

function cloneLines(clone: Element): string[] {
  const inside = innerResource(clone);
  const meta = setLines('Meta Attributes', clone, 'meta_attributes');
  // An old <master> is what a promotable clone is today.
  if (clone.name === 'master') {
    if (meta.length === 0) meta.push('Meta Attributes:');
    const values = [...meta.slice(1), '  promotable=true'].sort(byCodePoint);
    meta.splice(1, meta.length, ...values);
  }
  return [
    `Clone: ${clone.id}`,
    ...indent([
      ...describe(clone),
      ...setLines('Attributes', clone, 'instance_attributes'),
      ...meta,
      ...(inside ? (inside.name === 'group' ? groupLines(inside) : primitiveLines(inside)) : []),
    ]),
  ];
}

/** The text of `config`. */
export function configLines(cib: Element, shown: Shown): string[] {
  const section = resourcesOf(cib);
  const visible = (element: Element) =>
    shown.asked.length > 0 ? shown.asked.includes(element.id) : section.children.includes(element);
  return [
    ...shown.primitives.filter((element) => visible(element)).flatMap(primitiveLines),
    ...shown.groups.filter((element) => visible(element)).flatMap(groupLines),
    ...shown.clones.filter((element) => visible(element)).flatMap(cloneLines),
    ...shown.bundles.filter((element) => visible(element)).flatMap(bundleLines),
  ];
}

function commandPairs(pairs: Pairs): string {
  return pairs.map(([name, value]) => shellWord(`${name}=${value}`)).join(' ');
}

function setCommand(label: string | null, owner: Element, name: SetName): string[] {
  const pairs = [...(owner.first(name)?.elements('nvpair') ?? [])]
    .sort((a, b) => byCodePoint(a.id, b.id))
    .map((pair): [string, string] => [pair.get('name') ?? '', pair.get('value') ?? '']);
  if (pairs.length === 0) return [];
  return [`${label === null ? '' : `${label} `}${commandPairs(pairs)}`];
}

function primitiveCommands(primitive: Element, bundle: string | null): string[][] {
  const stonith = isStonith(primitive);
  const agent = stonith
    ? (primitive.get('type') ?? '')
    : [primitive.get('class'), primitive.get('provider'), primitive.get('type')]
        .filter((part) => part)
        .join(':');
  const operations = primitive.elements('operations').flatMap((container) => container.elements('op'));
  const words = [
    'pcs',
    stonith ? 'stonith' : 'resource',
    'create',
    '--no-default-ops',
    '--force',
    '--',
    primitive.id,
    agent,
  ];
  const commands = [
    [
      words.map(shellWord).join(' '),
      ...indent([
        ...setCommand(null, primitive, 'instance_attributes'),
        ...(operations.length > 0
          ? [
              'op',
              ...indent(
                operations.map(
                  (operation) => `${operation.get('name')} ${commandPairs(operationPairs(operation))}`,
                ),
              ),
            ]
          : []),
        ...setCommand('meta', primitive, 'meta_attributes'),
        ...(bundle === null ? [] : [`bundle ${bundle}`]),
      ]),
    ],
  ];
  const utilization = setCommand(null, primitive, 'utilization');
  if (utilization.length > 0) {
    commands.push([`pcs resource utilization ${shellWord(primitive.id)}`, ...indent(utilization)]);
  }
  return commands;
}

function bundleCommand(bundle: Element, container: Element): string[] {
  const network = networkPairs(bundle.first('network'));
  const ports = bundle.first('network')?.elements('port-mapping') ?? [];
  const storage = bundle.first('storage')?.elements('storage-mapping') ?? [];
  return [
    `pcs resource bundle create ${shellWord(bundle.id)}`,
    ...indent([
      `container ${container.name}`,
      ...indent([commandPairs(containerPairs(container))]),
      ...(network.length > 0 ? [`network ${commandPairs(network)}`] : []),
      ...ports.map((port) => `port-map ${commandPairs(attributePairs(port, PORTS))}`),
      ...storage.map((each) => `storage-map ${commandPairs(attributePairs(each, STORAGE))}`),
      ...setCommand('meta', bundle, 'meta_attributes'),
    ]),
  ];
}

function configCommands(environment: Environment, shown: Shown): string[][] {
  const commands: string[][] = [];
  const done = new Set<Element>();
  for (const bundle of shown.bundles) {
    const container = containerOf(bundle);
    if (!container) {
      environment.warn(
        `Bundle resource '${bundle.id}' uses unsupported container type, therefore pcs is unable to create it. The resource will be omitted.`,
      );
      continue;
    }
    commands.push(bundleCommand(bundle, container));
    const inside = bundle.first('primitive');
    if (!inside) continue;
    commands.push(...primitiveCommands(inside, bundle.id));
    done.add(inside);
  }
  for (const primitive of shown.primitives) {
    if (!done.has(primitive)) commands.push(...primitiveCommands(primitive, null));
  }
  for (const group of shown.groups) {
    const members = group.elements('primitive').map(({ id }) => shellWord(id));
    commands.push([`pcs resource group add ${shellWord(group.id)}`, ...indent([members.join(' ')])]);
    const meta = setCommand(null, group, 'meta_attributes');
    if (meta.length > 0) commands.push([`pcs resource meta ${shellWord(group.id)}`, ...indent(meta)]);
  }
  for (const clone of shown.clones) {
    const inside = innerResource(clone);
    commands.push([
      `pcs resource clone ${shellWord(inside?.id ?? '')} ${shellWord(clone.id)}`,
      ...indent(setCommand('meta', clone, 'meta_attributes')),
    ]);
  }
  return commands;
}

function setsJson(owner: Element, name: SetName): object[] {
  return owner.elements(name).map((set) => ({
    id: set.id,
    options: Object.fromEntries([...set.attributes].filter(([key]) => key !== 'id')),
    rule: set.first('rule') ? ruleJson(set.first('rule')!) : null,
    nvpairs: [...set.elements('nvpair')]
      .sort((a, b) => byCodePoint(a.id, b.id))
      .map((pair) => ({ id: pair.id, name: pair.get('name') ?? '', value: pair.get('value') ?? '' })),
  }));
}

const RULE_TYPES: Readonly<Record<string, string>> = {
  rule: 'RULE',
  expression: 'EXPRESSION',
  date_expression: 'DATE_EXPRESSION',
  op_expression: 'OP_EXPRESSION',
  rsc_expression: 'RSC_EXPRESSION',
};

function ruleJson(rule: Element): object {
  const options = (element: Element) =>
    Object.fromEntries([...element.attributes].filter(([key]) => key !== 'id'));
  const part = (element: Element | undefined) =>
    element ? { id: element.id, options: options(element) } : null;
  return {
    id: rule.id,
    type: RULE_TYPES[rule.name] ?? rule.name,
    in_effect: 'UNKNOWN',
    options: options(rule),
    date_spec: part(rule.first('date_spec')),
    duration: part(rule.first('duration')),
    expressions: rule
      .elements()
      .filter(({ name }) => name in RULE_TYPES)
      .map(ruleJson),
    as_string: ruleExpression(rule),
  };
}

function number(value: string | undefined): number | null {
  return value === undefined ? null : Number(value);
}

function truth(value: string | undefined): boolean | null {
  return value === undefined ? null : isTrue(value);
}

function primitiveJson(primitive: Element): object {
  const operations = primitive.elements('operations').flatMap((container) => container.elements('op'));
  return {
    id: primitive.id,
    agent_name: {
      standard: primitive.get('class') ?? '',
      provider: primitive.get('provider') ?? null,
      type: primitive.get('type') ?? '',
    },
    description: primitive.get('description') ?? null,
    operations: operations.map((operation) => {
      const role = operation.get('role');
      return {
        id: operation.id,
        name: operation.get('name') ?? '',
        interval: operation.get('interval') ?? '',
        description: operation.get('description') ?? null,
        start_delay: operation.get('start-delay') ?? null,
        interval_origin: operation.get('interval-origin') ?? null,
        timeout: operation.get('timeout') ?? null,
        enabled: truth(operation.get('enabled')),
        record_pending: truth(operation.get('record-pending')),
        role: role === undefined ? null : roleOfToday(role),
        on_fail: operation.get('on-fail') ?? null,
        meta_attributes: setsJson(operation, 'meta_attributes'),
        instance_attributes: setsJson(operation, 'instance_attributes'),
      };
    }),
    meta_attributes: setsJson(primitive, 'meta_attributes'),
    instance_attributes: setsJson(primitive, 'instance_attributes'),
    utilization: setsJson(primitive, 'utilization'),
  };
}

function cloneJson(clone: Element): object {
  return {
    id: clone.id,
    description: clone.get('description') ?? null,
    member_id: innerResource(clone)?.id ?? '',
    meta_attributes: setsJson(clone, 'meta_attributes'),
    instance_attributes: setsJson(clone, 'instance_attributes'),
  };
}

function groupJson(group: Element): object {
  return {
    id: group.id,
    description: group.get('description') ?? null,
    member_ids: group.elements('primitive').map(({ id }) => id),
    meta_attributes: setsJson(group, 'meta_attributes'),
    instance_attributes: setsJson(group, 'instance_attributes'),
  };
}

function bundleJson(bundle: Element): object {
  const container = containerOf(bundle);
  const network = bundle.first('network');
  const hasOptions = network !== undefined && networkPairs(network).length > 0;
  return {
    id: bundle.id,
    description: bundle.get('description') ?? null,
    member_id: bundle.first('primitive')?.id ?? null,
    container_type: container?.name ?? null,
    container_options: container
      ? {
          image: container.get('image') ?? '',
          replicas: number(container.get('replicas')),
          replicas_per_host: number(container.get('replicas-per-host')),
          promoted_max: number(container.get('promoted-max') ?? container.get('masters')),
          run_command: container.get('run-command') ?? null,
          network: container.get('network') ?? null,
          options: container.get('options') ?? null,
        }
      : null,
    network:
      network && (hasOptions || network)
        ? {
            ip_range_start: network.get('ip-range-start') ?? null,
            control_port: number(network.get('control-port')),
            host_interface: network.get('host-interface') ?? null,
            host_netmask: number(network.get('host-netmask')),
            add_host: truth(network.get('add-host')),
          }
        : null,
    port_mappings: (network?.elements('port-mapping') ?? []).map((port) => ({
      id: port.id,
      port: number(port.get('port')),
      internal_port: number(port.get('internal-port')),
      range: port.get('range') ?? null,
    })),
    storage_mappings: (bundle.first('storage')?.elements('storage-mapping') ?? []).map((each) => ({
      id: each.id,
      source_dir: each.get('source-dir') ?? null,
      source_dir_root: each.get('source-dir-root') ?? null,
      target_dir: each.get('target-dir') ?? '',
      options: each.get('options') ?? null,
    })),
    meta_attributes: setsJson(bundle, 'meta_attributes'),
    instance_attributes: setsJson(bundle, 'instance_attributes'),
  };
}

/** What there is, stonith devices or all but them. */
export function shownResources(cib: Element, stonith: boolean): Shown {
  const all = [...places(resourcesOf(cib))];
  const top = resourcesOf(cib);
  const named = (...names: string[]) =>
    all.map(({ element }) => element).filter(({ name }) => names.includes(name));
  const primitives = all
    .filter(
      ({ element, parents }) =>
        element.name === 'primitive' && (isStonith(element) === stonith || (!stonith && parents[0] !== top)),
    )
    .map(({ element }) => element);
  if (stonith) return { primitives, groups: [], clones: [], bundles: [], asked: [] };
  return {
    primitives,
    groups: named('group'),
    clones: [...named('clone'), ...named('master')],
    bundles: named('bundle'),
    asked: [],
  };
}

/** Only what was asked for, and what is inside of it. */
function narrowed(environment: Environment, shown: Shown, ids: readonly string[], label: string): Shown {
  if (ids.length === 0) return shown;
  const everything = [...shown.primitives, ...shown.groups, ...shown.clones, ...shown.bundles];
  const wanted = new Set<Element>();
  const asked: string[] = [];
  for (const id of new Set(ids)) {
    const found = everything.find((element) => element.id === id);
    if (!found) {
      environment.warn(`Unable to find ${label} '${id}'`);
      continue;
    }
    asked.push(id);
    for (const element of found.descendants()) wanted.add(element);
  }
  if (asked.length === 0) throw new WrongUsage(`No ${label} found`);
  const keep = (list: readonly Element[]) =>
    list.filter((element) => wanted.has(element)).sort((a, b) => byCodePoint(a.id, b.id));
  return {
    primitives: keep(shown.primitives),
    groups: keep(shown.groups),
    clones: keep(shown.clones),
    bundles: keep(shown.bundles),
    asked,
  };
}

export const showConfig = (stonith: boolean) => async (environment: Environment, words: string[]) => {
  const format = environment.outputFormat();
  if (stonith && format !== 'text')
    environment.warn("Only 'text' output format is supported for stonith levels");
  const cib = await environment.cib();
  const label = stonith ? 'stonith device' : 'resource';
  const shown = narrowed(environment, shownResources(cib, stonith), words, label);
  let text: string;
  if (format === 'cmd') {
    text = configCommands(environment, shown)
      .map((lines) => lines.join(' \\\n'))
      .join(';\n');
  } else if (format === 'json') {
    text = pythonJson({
      primitives: shown.primitives.map(primitiveJson),
      clones: shown.clones.map(cloneJson),
      groups: shown.groups.map(groupJson),
      bundles: shown.bundles.map(bundleJson),
    });
  } else text = configLines(cib, shown).join('\n');
  if (text !== '') environment.print(text);
};
