import { Element } from '../../../src/cib/element.js';
import { Dice } from './dice.js';
import { Draft, NOW } from './draft.js';
import { addConstraints } from './draw-constraints.js';
import { addResources } from './draw-resources.js';
import { addStatus } from './draw-status.js';

/** A cluster made up from a seed: a valid CIB with all that the scheduler looks at. */
export function generateCib(seed: number): Element {
  const dice = new Dice(seed);
  const draft = new Draft(dice);
  const cib = new Element('cib', {
    'validate-with': 'pacemaker-3.9',
    epoch: '1',
    num_updates: '0',
    admin_epoch: '0',
    crm_feature_set: '3.16.1',
    'have-quorum': dice.chance(0.85) ? '1' : '0',
    'execution-date': String(NOW),
    'dc-uuid': '1',
  });
  const configuration = cib.append(new Element('configuration'));
  const options = configuration.append(new Element('crm_config'));
  const nodes = configuration.append(new Element('nodes'));
  const resources = configuration.append(new Element('resources'));
  const constraints = configuration.append(new Element('constraints'));
  const status = cib.append(new Element('status'));
  addOptions(draft, options);
  addNodes(draft, nodes);
  addResources(draft, resources);
  addConstraints(draft, constraints);
  if (dice.chance(0.3)) {
    const defaults = configuration.append(new Element('rsc_defaults'));
    defaults.append(
      draft.attributes('meta_attributes', [
        ...draft.maybe(0.5, 'resource-stickiness', ['0', '1', '100', 'INFINITY']),
        ...draft.maybe(0.3, 'migration-threshold', ['1', '3']),
        ...draft.maybe(0.2, 'failure-timeout', ['10s', '1h']),
      ]),
    );
  }
  if (dice.chance(0.15)) {
    const defaults = configuration.append(new Element('op_defaults'));
    defaults.append(
      draft.attributes('meta_attributes', [
        ['timeout', '45s'],
        ...draft.maybe(0.3, 'on-fail', ['block', 'restart']),
      ]),
    );
  }
  addStatus(draft, status);
  return cib;
}

function addOptions(draft: Draft, options: Element): void {
  const bool = ['true', 'false'];
  const stonith = draft.is('stonith') || draft.is('unfencing');
  const pairs: [string, string][] = [
    ['stonith-enabled', stonith ? 'true' : 'false'],
    ...draft.maybe(0.2, 'symmetric-cluster', bool),
    ...draft.maybe(0.3, 'no-quorum-policy', ['stop', 'freeze', 'ignore', 'demote', 'suicide']),
    ...draft.maybe(0.1, 'stop-orphan-resources', bool),
    ...draft.maybe(0.1, 'stop-orphan-actions', bool),
    ...draft.maybe(0.05, 'stop-all-resources', bool),
    ...draft.maybe(draft.is('maintenance') ? 0.3 : 0, 'maintenance-mode', bool),
    ...draft.maybe(0.1, 'enable-startup-probes', bool),
    ...draft.maybe(0.2, 'start-failure-is-fatal', bool),
    ...draft.maybe(0.1, 'batch-limit', ['0', '3']),
    ...draft.maybe(0.1, 'migration-limit', ['1', '2']),
    ...draft.maybe(0.2, 'concurrent-fencing', bool),
    ...draft.maybe(0.1, 'startup-fencing', bool),
    ...draft.maybe(0.1, 'stonith-action', ['reboot', 'off']),
    ...draft.maybe(0.1, 'have-watchdog', bool),
    ...draft.maybe(0.1, 'priority-fencing-delay', ['15s', '0']),
    ...draft.maybe(draft.is('shutdown') ? 0.4 : 0, 'shutdown-lock', bool),
    ...draft.maybe(draft.is('shutdown') ? 0.2 : 0, 'shutdown-lock-limit', ['0', '1h']),
    ...draft.maybe(0.05, 'remove-after-stop', bool),
  ];
  if (draft.is('utilization')) {
    pairs.push(['placement-strategy', draft.dice.pick(['utilization', 'minimal', 'balanced', 'default'])]);
  }
  if (draft.is('health')) {
    pairs.push([
      'node-health-strategy',
      draft.dice.pick(['none', 'migrate-on-red', 'only-green', 'progressive', 'custom']),
    ]);
    pairs.push(...draft.maybe(0.3, 'node-health-base', ['0', '10', '-10']));
    pairs.push(...draft.maybe(0.3, 'node-health-yellow', ['-5', '5']));
  }
  options.append(draft.attributes('cluster_property_set', pairs));
}

function addNodes(draft: Draft, nodes: Element): void {
  const { dice } = draft;
  const count = dice.pick([1, 2, 2, 3, 3, 4, 5]);
  for (let i = 1; i <= count; i++) {
    const name = `node${i}`;
    draft.nodes.push(name);
    const node = nodes.append(new Element('node', { id: String(i), uname: name }));
    const attributes: [string, string][] = [
      ...draft.maybe(0.1, 'standby', ['on', 'off', 'true']),
      ...draft.maybe(draft.is('maintenance') ? 0.2 : 0, 'maintenance', ['true', 'false']),
      ...draft.maybe(0.3, 'site', ['a', 'b']),
      ...draft.maybe(draft.is('health') ? 0.4 : 0, '#health-x', ['red', 'yellow', 'green', '5']),
    ];
    if (attributes.length > 0) node.append(draft.attributes('instance_attributes', attributes));
    if (draft.is('utilization') && dice.chance(0.8)) {
      node.append(
        draft.attributes('utilization', [
          ['cpu', String(dice.between(1, 6))],
          ...draft.maybe(0.6, 'memory', ['512', '1024', '2048']),
        ]),
      );
    }
  }
}
