import type { Element } from '../cib/element.js';
import type { AgentMetadata } from './agent-metadata.js';
import type { Configuration } from './configuration.js';
import { constrainedResources } from './constraints.js';
import type { CibObject } from './objects.js';
import { intervalMs } from './operations.js';

/** Where the checks get what the CIB does not say, and how strict they are. */
export interface SemanticContext {
  /** Meta-data of a primitive's agent; null where there is no such agent, undefined where it is not known. */
  readonly metadata: (primitive: Element) => AgentMetadata | null | undefined;
  /** Option `core.check_mode`: a missing agent or wrong parameter is an error, else a warning. */
  readonly strict: boolean;
  /** Names of cluster options; unknown ones are warned about. */
  readonly clusterOptions?: ReadonlySet<string>;
}

const RESOURCE_META = [
  'allow-migrate',
  'maintenance',
  'is-managed',
  'interval-origin',
  'migration-threshold',
  'priority',
  'multiple-active',
  'failure-timeout',
  'resource-stickiness',
  'target-role',
  'restart-type',
  'description',
  'remote-node',
  'requires',
  'provides',
  'remote-port',
  'remote-addr',
  'remote-connect-timeout',
];
const CLONE_META = [
  'ordered',
  'notify',
  'interleave',
  'globally-unique',
  'clone-max',
  'clone-node-max',
  'clone-state',
  'clone-min',
  'promotable',
  'promoted-max',
  'promoted-node-max',
];
const KNOWN_META: Readonly<Record<string, ReadonlySet<string>>> = {
  primitive: new Set(RESOURCE_META),
  rsc_template: new Set(RESOURCE_META),
  group: new Set([...RESOURCE_META, 'container']),
  clone: new Set([...RESOURCE_META, ...CLONE_META]),
  ms: new Set([...RESOURCE_META, ...CLONE_META, 'master-max', 'master-node-max']),
};

/** Meta attributes that a kind of object knows; empty where any name will do. */
export function knownMetaAttributes(type: string): readonly string[] {
  return [...(KNOWN_META[type] ?? [])];
}

/**
 * Judges one object: does what it names exist, does the agent know its parameters and operations. Complaints go to the
 * configuration's reports.
 *
 * @returns false where the object must not be committed
 */
export function checkObject(
  object: CibObject,
  configuration: Configuration,
  context: SemanticContext,
): boolean {
  switch (object.type) {
    case 'primitive':
    case 'rsc_template':
      return checkPrimitive(object, configuration, context);
    case 'group':
    case 'clone':
    case 'ms':
      checkMeta(object, configuration);
      return true;
    case 'location':
      checkLocation(object, configuration);
      return true;
    case 'colocation':
    case 'order':
    case 'rsc_ticket':
      checkMembers(object, configuration);
      return true;
    case 'property':
      checkOptions(object, configuration, context);
      return true;
    case 'rsc_defaults':
      for (const name of names(object.element)) {
        if (!RESOURCE_META.includes(name)) warnUnknown(configuration, object.id, name);
      }
      return true;
    case 'fencing_topology':
      checkFencing(object, configuration);
      return true;
    default:
      return true;
  }
}

function warnUnknown(configuration: Configuration, id: string, name: string): void {
  configuration.reports.warning('unknown-attribute', `${id}: unknown attribute '${name}'`);
}

function names(set: Element): string[] {
  return set.elements('nvpair').flatMap((pair) => pair.get('name') ?? []);
}

function checkMeta(object: CibObject, configuration: Configuration): void {
  const known = KNOWN_META[object.type];
  for (const set of object.element.elements('meta_attributes')) {
    for (const name of names(set)) if (!known?.has(name)) warnUnknown(configuration, object.id, name);
  }
}

function checkOptions(object: CibObject, configuration: Configuration, context: SemanticContext): void {
  if (object.id !== 'cib-bootstrap-options' || !context.clusterOptions) return;
  for (const name of names(object.element)) {
    if (!context.clusterOptions.has(name)) warnUnknown(configuration, object.id, name);
  }
}

/** The agent's name as it is written in messages. */
export function agentName(element: Element): string {
  return ['class', 'provider', 'type'].flatMap((key) => element.get(key) || []).join(':');
}

function checkPrimitive(object: CibObject, configuration: Configuration, context: SemanticContext): boolean {
  const { reports } = configuration;
  checkMeta(object, configuration);
  const whole = configuration.withTemplate(object.element);
  const { id } = object;
  if (!whole) {
    reports.error('no-template', `${object.element.get('template')}: no such resource template`);
    return !context.strict;
  }
  const agent = context.metadata(whole);
  if (agent === undefined) return true;
  if (agent === null) {
    if (isAsymmetric(configuration)) return true;
    if (whole.get('class') === 'stonith') {
      // Fencing agents may be plugins that only the cluster's nodes have.
      reports.warning('no-agent', `${id}: there is no fencing agent ${agentName(whole)} here`);
      return true;
    }
    reports.error('no-agent', `${agentName(whole)}: no such resource agent`);
    return !context.strict;
  }
  const ok = checkParameters(object, whole, agent, configuration);
  checkOperations(id, whole, agent, configuration);
  return ok || !context.strict;
}

function isAsymmetric(configuration: Configuration): boolean {
  const value = configuration.property('symmetric-cluster');
  return value !== undefined && value !== '' && value !== 'true';
}

/** Parameters that fencing supplies by itself, whatever the agent says. */
const SUPPLIED = new Set(['action', 'port', 'plug']);

function checkParameters(
  object: CibObject,
  whole: Element,
  agent: AgentMetadata,
  configuration: Configuration,
): boolean {
  const { reports } = configuration;
  const given = new Set(whole.elements('instance_attributes').flatMap(names));
  const fencing = whole.get('class') === 'stonith';
  const byReference = whole
    .elements('instance_attributes')
    .some(
      (set) => set.get('id-ref') !== undefined || set.elements('nvpair').some((pair) => pair.get('id-ref')),
    );
  let ok = true;
  if (object.type === 'primitive' && !byReference) {
    for (const { name, required } of agent.parameters) {
      if (!required || given.has(name) || (fencing && SUPPLIED.has(name))) continue;
      ok = reports.error('required-parameter', `${object.id}: required parameter "${name}" not defined`);
    }
  }
  const known = new Set(agent.parameters.map(({ name }) => name));
  for (const name of given) {
    if (known.has(name) || name.startsWith('$') || (fencing && name.startsWith('pcmk_'))) continue;
    if (fencing && ['priority', 'provides', 'stonith-timeout', 'plug'].includes(name)) continue;
    ok = reports.error('unknown-parameter', `${object.id}: parameter "${name}" is not known`);
  }
  return ok;
}

const NO_INTERVAL = new Set(['start', 'stop', 'promote', 'demote']);

function checkOperations(
  id: string,
  whole: Element,
  agent: AgentMetadata,
  configuration: Configuration,
): void {
  const { reports } = configuration;
  const advisedFor = (name: string, role: string | undefined) => {
    const actions = agent.actions.filter((action) => action.name === name);
    return (role !== undefined && actions.find(({ attributes }) => attributes.role === role)) || actions[0];
  };
  const standard = configuration.property('timeout', 'op_defaults');
  for (const op of whole.elements('operations').flatMap((operations) => operations.elements('op'))) {
    const name = op.get('name') ?? '';
    if (whole.get('class') === 'stonith' && (name === 'start' || name === 'stop')) continue;
    const advised = advisedFor(name, op.get('role'));
    if (!advised) {
      reports.warning('unknown-operation', `${id}: action '${name}' not found in Resource Agent meta-data`);
      continue;
    }
    const interval = intervalMs(op.get('interval'));
    if (name === 'monitor' && interval === 0) {
      reports.warning(
        'monitor-interval',
        `${id}: interval in monitor should be larger than 0, advised is ${advised.attributes.interval ?? 'none'}`,
      );
    }
    if (NO_INTERVAL.has(name) && interval > 0) {
      reports.warning(
        'operation-interval',
        `${id}: Specified interval for ${name} is ${op.get('interval')}, it must be 0`,
      );
    }
    const own = op.get('timeout');
    const timeout = own ?? standard;
    const least = advised.attributes.timeout;
    if (timeout !== undefined && least !== undefined && intervalMs(least) > intervalMs(timeout)) {
      const which = own === undefined ? 'default timeout' : 'specified timeout';
      reports.warning(
        'short-timeout',
        `${id}: ${which} ${timeout} for ${name} is smaller than the advised ${least}`,
      );
    }
  }
}

function checkMembers(object: CibObject, configuration: Configuration): void {
  const { reports } = configuration;
  for (const id of new Set(constrainedResources(object.element))) {
    const target = configuration.find(id);
    if (!target) reports.warning('no-resource', `${object.id}: resource ${id} does not exist`);
    else if (target.container?.type === 'group') {
      if (object.type === 'colocation') {
        reports.warning(
          'grouped',
          `${object.id}: resource ${id} is grouped, constraints should apply to the group`,
        );
      }
    } else if (target.container) {
      reports.warning('contained', `${object.id}: resource ${id} ambiguous, apply constraints to container`);
    }
  }
}

function checkLocation(object: CibObject, configuration: Configuration): void {
  const { reports } = configuration;
  const known = new Set(configuration.nodeNames().map((name) => name.toLowerCase()));
  const expressions = object.element
    .elements('rule')
    .flatMap((rule) => rule.elements('expression'))
    .filter((expression) => expression.get('attribute') === '#uname');
  const nodes = [object.element.get('node'), ...expressions.map((expression) => expression.get('value'))];
  for (const node of nodes) {
    if (node && !known.has(node.toLowerCase())) {
      reports.warning('no-node', `${object.id}: referenced node ${node} does not exist`);
    }
  }
  checkMembers(object, configuration);
}

function checkFencing(object: CibObject, configuration: Configuration): void {
  const { reports } = configuration;
  const known = new Set(configuration.nodeNames().map((name) => name.toLowerCase()));
  for (const level of object.element.elements('fencing-level')) {
    const target = level.get('target');
    if (target !== undefined && !known.has(target.toLowerCase())) {
      reports.warning('no-node', `${object.id}: target ${target} not a node`);
    }
    for (const id of (level.get('devices') ?? '').split(',')) {
      const device = configuration.find(id);
      const whole = device && configuration.withTemplate(device.element);
      if (!device) reports.warning('no-resource', `${object.id}: resource ${id} does not exist`);
      else if (whole?.get('class') !== 'stonith') {
        reports.warning('no-device', `${object.id}: ${id} not a stonith resource`);
      }
    }
  }
}

/** Parameters that must differ between resources of one agent, and do not; only where a changed object is involved. */
export function checkUniqueness(
  configuration: Configuration,
  changed: ReadonlySet<string>,
  context: SemanticContext,
): void {
  const users = new Map<string, { ids: string[]; name: string; value: string }>();
  for (const object of configuration.objects()) {
    if (object.type !== 'primitive') continue;
    const whole = configuration.withTemplate(object.element);
    const agent = whole && context.metadata(whole);
    if (!whole || !agent) continue;
    const unique = new Set(agent.parameters.filter((one) => one.unique).map((one) => one.name));
    for (const pair of whole.elements('instance_attributes').flatMap((set) => set.elements('nvpair'))) {
      const name = pair.get('name') ?? '';
      const value = pair.get('value');
      if (value === undefined || !unique.has(name)) continue;
      const key = JSON.stringify([agentName(whole), name, value]);
      const entry = users.get(key) ?? { ids: [], name, value };
      entry.ids.push(object.id);
      users.set(key, entry);
    }
  }
  for (const { ids, name, value } of users.values()) {
    if (ids.length < 2 || !ids.some((id) => changed.has(id))) continue;
    configuration.reports.warning(
      'not-unique',
      `Resources ${[...ids].sort().join(',')} violate uniqueness for parameter "${name}": "${value}"`,
    );
  }
}
