import { Element } from '../../../src/cib/element.js';
import { Dice } from './dice.js';

/** Values that a cluster option, a meta-attribute or an attribute of a node may have. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  'allow-migrate': ['true', 'false'],
  'clone-max': ['0', '1', '2', '3', '5'],
  'clone-min': ['0', '1', '2'],
  'clone-node-max': ['1', '2', '3'],
  'concurrent-fencing': ['true', 'false'],
  critical: ['true', 'false'],
  'enable-startup-probes': ['true', 'false'],
  'failure-timeout': ['1s', '10m', '99999999s'],
  'globally-unique': ['true', 'false'],
  interleave: ['true', 'false'],
  'is-managed': ['true', 'false'],
  'is-managed-default': ['true', 'false'],
  maintenance: ['true', 'false'],
  'maintenance-mode': ['true', 'false'],
  'migration-threshold': ['0', '1', '2', 'INFINITY'],
  'multiple-active': ['block', 'stop_only', 'stop_start', 'stop_unexpected'],
  'no-quorum-policy': ['ignore', 'stop', 'freeze', 'suicide', 'demote'],
  'node-health-strategy': ['none', 'migrate-on-red', 'only-green', 'progressive', 'custom'],
  notify: ['true', 'false'],
  ordered: ['true', 'false'],
  'placement-strategy': ['default', 'utilization', 'minimal', 'balanced'],
  priority: ['0', '1', '10', '100'],
  'priority-fencing-delay': ['0', '15s'],
  promotable: ['true', 'false'],
  'promoted-max': ['0', '1', '2', '3'],
  'promoted-node-max': ['1', '2'],
  provides: ['unfencing'],
  'remove-after-stop': ['true', 'false'],
  requires: ['nothing', 'quorum', 'fencing', 'unfencing'],
  'resource-stickiness': ['0', '1', '100', 'INFINITY', '-1', '-INFINITY'],
  'shutdown-lock': ['true', 'false'],
  'shutdown-lock-limit': ['0', '5min'],
  standby: ['true', 'false'],
  'start-failure-is-fatal': ['true', 'false'],
  'startup-fencing': ['true', 'false'],
  'stonith-action': ['reboot', 'off'],
  'stonith-enabled': ['true', 'false'],
  'stop-all-resources': ['true', 'false'],
  'stop-orphan-actions': ['true', 'false'],
  'stop-orphan-resources': ['true', 'false'],
  'symmetric-cluster': ['true', 'false'],
  'target-role': ['Started', 'Stopped', 'Master', 'Slave', 'Promoted', 'Unpromoted'],
};

const OF_CLUSTER = [
  'concurrent-fencing',
  'enable-startup-probes',
  'maintenance-mode',
  'no-quorum-policy',
  'node-health-strategy',
  'placement-strategy',
  'priority-fencing-delay',
  'remove-after-stop',
  'shutdown-lock',
  'shutdown-lock-limit',
  'start-failure-is-fatal',
  'startup-fencing',
  'stonith-action',
  'stonith-enabled',
  'stop-all-resources',
  'stop-orphan-actions',
  'stop-orphan-resources',
  'symmetric-cluster',
];

const OF_RESOURCES = [
  'allow-migrate',
  'clone-max',
  'clone-min',
  'clone-node-max',
  'critical',
  'failure-timeout',
  'globally-unique',
  'interleave',
  'is-managed',
  'maintenance',
  'migration-threshold',
  'multiple-active',
  'notify',
  'ordered',
  'priority',
  'promoted-max',
  'promoted-node-max',
  'requires',
  'resource-stickiness',
  'target-role',
];

/** What else may stand in an attribute of a constraint, an operation or a set. */
const ATTRIBUTES: Readonly<Record<string, readonly string[]>> = {
  score: ['0', '1', '100', '-100', 'INFINITY', '-INFINITY'],
  kind: ['Optional', 'Mandatory', 'Serialize'],
  symmetrical: ['true', 'false'],
  sequential: ['true', 'false'],
  'require-all': ['true', 'false'],
  influence: ['true', 'false'],
  role: ['Started', 'Stopped', 'Master', 'Slave'],
  'rsc-role': ['Started', 'Master', 'Slave'],
  'with-rsc-role': ['Started', 'Master', 'Slave'],
  action: ['start', 'stop', 'promote', 'demote'],
  'first-action': ['start', 'stop', 'promote', 'demote'],
  'then-action': ['start', 'stop', 'promote', 'demote'],
  'on-fail': ['ignore', 'block', 'stop', 'restart', 'standby', 'fence', 'restart-container', 'demote'],
  'loss-policy': ['fence', 'stop', 'freeze', 'demote'],
  'resource-discovery': ['always', 'never', 'exclusive'],
  in_ccm: ['true', 'false'],
  crmd: ['online', 'offline'],
  join: ['member', 'down', 'pending', 'banned'],
  expected: ['member', 'down'],
  'have-quorum': ['1', '0'],
};

const RESOURCES = ['primitive', 'group', 'clone', 'master', 'bundle'];
const MEMBERS_OF_A_SECTION = ['rsc_location', 'rsc_colocation', 'rsc_order', 'rsc_ticket', ...RESOURCES];
const STATUS_CODES = ['0', '1', '2', '4', '5', '6', '7', '8', '9', '190', '191', '193'];

/** A CIB like the given one, with a few things in it changed as a seed says. The given one is left as it is. */
export function mutateCib(cib: Element, seed: number): Element {
  const dice = new Dice(seed);
  const mutated = cib.clone();
  const changes = dice.between(1, dice.chance(0.2) ? 15 : 6);
  for (let done = 0, tries = 0; done < changes && tries < 60; tries++) {
    if (dice.pick(CHANGES)(mutated, dice, tries)) done++;
  }
  return mutated;
}

/** Changes a CIB in place; false where it has nothing of the kind. */
type Change = (cib: Element, dice: Dice, serial: number) => boolean;

function all(root: Element, fits: (element: Element) => boolean): Element[] {
  return root.elements().flatMap((child) => [...(fits(child) ? [child] : []), ...all(child, fits)]);
}

function one(root: Element | undefined, dice: Dice, ...names: string[]): Element | undefined {
  const found = root ? all(root, (element) => names.includes(element.name)) : [];
  return found.length > 0 ? dice.pick(found) : undefined;
}

function put(set: Element, name: string, value: string, serial: number): void {
  const present = set.elements('nvpair').find((pair) => pair.get('name') === name);
  if (present) present.set('value', value);
  else set.append(new Element('nvpair', { id: `mutated-${serial}-${name}`, name, value }));
}

const changeKnownPair: Change = (cib, dice) => {
  const pairs = all(cib, (pair) => pair.name === 'nvpair' && Object.hasOwn(VALUES, pair.get('name') ?? ''));
  if (pairs.length === 0) return false;
  const pair = dice.pick(pairs);
  pair.set('value', dice.pick(VALUES[pair.get('name')!]!));
  return true;
};

const setClusterOption: Change = (cib, dice, serial) => {
  const name = dice.pick(OF_CLUSTER);
  const options = cib.at('configuration')?.ensure('crm_config');
  if (!options) return false;
  let set = options.first('cluster_property_set');
  if (!set) set = options.append(new Element('cluster_property_set', { id: 'cib-bootstrap-options' }));
  put(set, name, dice.pick(VALUES[name]!), serial);
  return true;
};

const setMetaAttribute: Change = (cib, dice, serial) => {
  const resource = one(cib.at('configuration', 'resources'), dice, ...RESOURCES);
  if (!resource) return false;
  const name = dice.pick(OF_RESOURCES);
  let set = resource.first('meta_attributes');
  if (!set) {
    set = new Element('meta_attributes', { id: `${resource.id}-mutated-${serial}` });
    // A collection's own sets come before its members, a primitive's before its operations.
    resource.children.unshift(set);
  }
  put(set, name, dice.pick(VALUES[name]!), serial);
  return true;
};

const changeAttribute: Change = (cib, dice) => {
  const found = all(cib, (element) =>
    [...element.attributes.keys()].some((name) => Object.hasOwn(ATTRIBUTES, name)),
  );
  if (found.length === 0) return false;
  const element = dice.pick(found);
  const name = dice.pick([...element.attributes.keys()].filter((key) => Object.hasOwn(ATTRIBUTES, key)));
  if (name === 'role' && element.name === 'op' && dice.chance(0.5)) return false;
  element.set(name, dice.pick(ATTRIBUTES[name]!));
  return true;
};

const setConstraintAttribute: Change = (cib, dice) => {
  const constraint = one(
    cib.at('configuration', 'constraints'),
    dice,
    'rsc_colocation',
    'rsc_order',
    'rsc_location',
  );
  if (!constraint || constraint.first('resource_set')) return false;
  const fitting = {
    rsc_colocation: ['rsc-role', 'with-rsc-role', 'influence', 'score'],
    rsc_order: ['kind', 'symmetrical', 'first-action', 'then-action'],
    rsc_location: ['resource-discovery'],
  }[constraint.name] as string[];
  const name = dice.pick(fitting);
  constraint.set(name, dice.pick(ATTRIBUTES[name]!));
  if (name === 'kind') constraint.set('score', undefined);
  return true;
};

const takeAway: Change = (cib, dice) => {
  const found = all(
    cib,
    (element) =>
      MEMBERS_OF_A_SECTION.includes(element.name) ||
      [
        'lrm_rsc_op',
        'lrm_resource',
        'node_state',
        'op',
        'transient_attributes',
        'node',
        'resource_ref',
      ].includes(element.name),
  );
  if (found.length === 0) return false;
  const victim = dice.pick(found);
  const parent = all(cib, (element) => element.children.includes(victim))[0];
  if (!parent || (parent.name !== 'constraints' && parent.elements(victim.name).length < 2)) return false;
  return parent.remove(victim);
};

const swapConstraint: Change = (cib, dice) => {
  const constraint = one(cib.at('configuration', 'constraints'), dice, 'rsc_colocation', 'rsc_order');
  if (!constraint) return false;
  const [left, right] = constraint.name === 'rsc_order' ? ['first', 'then'] : ['rsc', 'with-rsc'];
  const was = constraint.get(left!);
  constraint.set(left!, constraint.get(right!));
  constraint.set(right!, was);
  return was !== undefined;
};

const addConstraint: Change = (cib, dice, serial) => {
  const ids = all(cib.at('configuration', 'resources') ?? cib, ({ name }) => RESOURCES.includes(name)).map(
    (resource) => resource.id,
  );
  const nodes = (cib.at('configuration', 'nodes')?.elements('node') ?? []).map((node) => node.get('uname')!);
  const constraints = cib.at('configuration')?.ensure('constraints');
  if (ids.length < 2 || nodes.length === 0 || !constraints) return false;
  const id = `mutated-constraint-${serial}`;
  const score = dice.pick(ATTRIBUTES.score!);
  const [a, b] = [dice.pick(ids), dice.pick(ids)];
  const made = dice.pick([
    new Element('rsc_location', { id, rsc: a, node: dice.pick(nodes), score }),
    new Element('rsc_colocation', { id, rsc: a, 'with-rsc': b, score }),
    new Element('rsc_order', { id, first: a, kind: dice.pick(ATTRIBUTES.kind!) }).set('then', b),
  ]);
  constraints.append(made);
  return a !== b;
};

const changeResult: Change = (cib, dice) => {
  const operation = one(cib.at('status'), dice, 'lrm_rsc_op');
  const magic = operation?.get('transition-magic');
  if (!operation || magic === undefined) return false;
  const code = dice.pick(STATUS_CODES);
  const status = code === '193' ? '-1' : dice.pick(['0', '0', '0', '4', '2', '1', '14']);
  operation.set('rc-code', code).set('op-status', status);
  operation.set('transition-magic', magic.replace(/^-?\d+:-?\d+;/, `${status}:${code};`));
  return true;
};

const reorderHistory: Change = (cib, dice) => {
  const operation = one(cib.at('status'), dice, 'lrm_rsc_op');
  if (!operation) return false;
  operation.set('call-id', dice.pick(['-1', '1', '50', '200']));
  return true;
};

const copyHistory: Change = (cib, dice) => {
  const resource = one(cib.at('status'), dice, 'lrm_resource');
  const target = one(cib.at('status'), dice, 'lrm_resources');
  if (!resource || !target || target.elements().some((other) => other.id === resource.id)) return false;
  target.append(resource.clone());
  return true;
};

const setTransientAttribute: Change = (cib, dice, serial) => {
  const state = one(cib.at('status'), dice, 'node_state');
  if (!state) return false;
  const resource = one(cib.at('configuration', 'resources'), dice, 'primitive')?.id ?? 'none';
  const [name, value] = dice.pick([
    ['shutdown', '1'],
    ['standby', 'on'],
    ['maintenance', 'true'],
    ['terminate', 'true'],
    ['#health-disk', dice.pick(['red', 'yellow', 'green'])],
    [`fail-count-${resource}#monitor_10000`, dice.pick(['1', '3', 'INFINITY'])],
    [`last-failure-${resource}#monitor_10000`, '1300000000'],
    [`master-${resource}`, dice.pick(['5', '100', '-1', 'INFINITY'])],
  ] as const);
  const attributes = state.ensure('transient_attributes');
  if (attributes.get('id') === undefined) attributes.set('id', state.id);
  let set = attributes.first('instance_attributes');
  if (!set) set = attributes.append(new Element('instance_attributes', { id: `status-${state.id}-mutated` }));
  put(set, name, value, serial);
  return true;
};

const CHANGES: readonly Change[] = [
  changeKnownPair,
  setClusterOption,
  setMetaAttribute,
  setMetaAttribute,
  changeAttribute,
  changeAttribute,
  setConstraintAttribute,
  takeAway,
  swapConstraint,
  addConstraint,
  changeResult,
  changeResult,
  reorderHistory,
  copyHistory,
  setTransientAttribute,
];
