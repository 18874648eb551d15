/** Clusters and command lines made up from a seed, with what crm_mon alone looks at. */
import { Element } from '../../../src/cib/element.js';
import { Dice } from '../../scheduler/differential/dice.js';
import { generateCib } from '../../scheduler/differential/generate-cib.js';
import { addBundleStates, addEntry } from './bundle-state.js';

const REASONS = [
  'not reachable',
  'process 4711 is "gone"',
  'a <b> thing',
  "it's gone",
  'tab\there',
  'two\nlines',
  '',
  'Übergabe 計算機',
];

/** A cluster of the scheduler's generator, decorated: descriptions, times, odd attributes, ways a resource fails. */
export function generateCluster(seed: number): Element {
  const cib = generateCib(seed);
  const dice = new Dice(seed ^ 0x5bd1e995);
  if (dice.chance(0.7)) {
    cib.set('cib-last-written', 'Tue Mar  4 10:11:12 2025');
    if (dice.chance(0.8)) cib.set('update-user', 'root');
    if (dice.chance(0.8)) cib.set('update-client', dice.pick(['crm_resource', 'cibadmin', 'crmd']));
    if (dice.chance(0.8)) cib.set('update-origin', 'node1');
  }
  if (dice.chance(0.15)) cib.set('dc-uuid', undefined);
  else if (dice.chance(0.2)) cib.set('dc-uuid', dice.pick(['2', '7']));
  if (dice.chance(0.1)) cib.set('no-quorum-panic', '1');
  const configuration = cib.first('configuration')!;
  const options = configuration.at('crm_config', 'cluster_property_set');
  const option = (name: string, values: readonly string[], probability: number) => {
    if (!options || !dice.chance(probability)) return;
    if (options.elements().some((pair) => pair.get('name') === name)) return;
    options.append(new Element('nvpair', { id: `extra-${name}`, name, value: dice.pick(values) }));
  };
  option('cluster-infrastructure', ['corosync'], 0.6);
  option('dc-version', ['2.1.5-a3f44794f94', '1.1.24'], 0.6);
  option('cluster-name', ['lab'], 0.3);
  option('maintenance-mode', ['true'], 0.08);
  option('stop-all-resources', ['true'], 0.05);
  option('shutdown-lock', ['true'], 0.1);
  decorateNodes(configuration, dice);
  decorateResources(configuration, dice);
  if (dice.chance(0.8)) addBundleStates(cib, dice);
  decorateConstraints(configuration, dice);
  decorateStatus(cib, dice);
  return cib;
}

/** What is banned by command, and for how long; constraints by pattern. */
function decorateConstraints(configuration: Element, dice: Dice): void {
  const constraints = configuration.first('constraints');
  const ids = configuration
    .first('resources')!
    .elements()
    .map((resource) => resource.id);
  if (!constraints || ids.length === 0) return;
  const nodes = configuration
    .first('nodes')!
    .elements('node')
    .map((node) => node.get('uname')!);
  for (let i = dice.pick([0, 0, 0, 1, 2]); i > 0; i--) {
    const rsc = dice.pick(ids);
    const node = dice.pick(nodes);
    const id = `cli-ban-${rsc}-on-${node}-${i}`;
    const location = constraints.append(new Element('rsc_location', { id, rsc }));
    if (dice.chance(0.2)) {
      location.set('rsc', undefined);
      location.set('rsc-pattern', dice.pick(['^rsc', 'clone.*', '!rsc1', 'nothing']));
    }
    if (dice.chance(0.3)) location.set('role', dice.pick(['Promoted', 'Started', 'Unpromoted', 'Master']));
    if (dice.chance(0.5)) {
      location.set('node', node);
      location.set('score', dice.pick(['-INFINITY', '-INFINITY', '-5', '-1000000', '7']));
      continue;
    }
    const rule = location.append(
      new Element('rule', { id: `${id}-rule`, score: '-INFINITY', 'boolean-op': 'and' }),
    );
    if (location.get('role') !== undefined) {
      rule.set('role', location.get('role'));
      location.set('role', undefined);
    }
    rule.append(
      new Element('expression', {
        id: `${id}-expr`,
        attribute: '#uname',
        operation: 'eq',
        value: node,
        type: 'string',
      }),
    );
    rule.append(
      new Element('date_expression', {
        id: `${id}-lifetime`,
        operation: 'lt',
        end: dice.pick(['2020-01-01 00:00:00Z', '2093-01-01 00:00:00Z']),
      }),
    );
  }
}

function decorateNodes(configuration: Element, dice: Dice): void {
  const nodes = configuration.first('nodes')!.elements('node');
  for (const node of nodes) {
    if (dice.chance(0.3)) {
      node.append(
        new Element('instance_attributes', { id: `extra-${node.id}` }, [
          ...pairsOf(`extra-${node.id}`, {
            descr: dice.pick(['plain', 'a "quoted" text', '機械', 'a <b>']),
            ...(dice.chance(0.5) ? { '#hidden': 'x' } : {}),
            ...(dice.chance(0.5) ? { 'master-x': '5', probe_complete: 'true' } : {}),
          }),
        ]),
      );
    }
    if (dice.chance(0.05)) node.set('type', dice.pick(['ping', 'member', 'normal']));
  }
  if (dice.chance(0.2)) {
    const tags = configuration.first('tags') ?? configuration.append(new Element('tags'));
    const ids = nodes.map((node) => node.id);
    const resources = configuration
      .first('resources')!
      .elements()
      .map((resource) => resource.id);
    for (const [tag, members] of [
      ['some-nodes', dice.some(ids)],
      ['some-resources', dice.some(resources)],
    ] as const) {
      if (members.length === 0) continue;
      tags.append(
        new Element(
          'tag',
          { id: tag },
          members.map((id) => new Element('obj_ref', { id })),
        ),
      );
    }
    if (tags.children.length === 0) configuration.children.splice(configuration.children.indexOf(tags), 1);
  }
}

function pairsOf(prefix: string, values: Readonly<Record<string, string>>): Element[] {
  return Object.entries(values).map(
    ([name, value]) =>
      new Element('nvpair', { id: `${prefix}-${name.replace(/[^a-z0-9-]/gi, '_')}`, name, value }),
  );
}

function decorateResources(configuration: Element, dice: Dice): void {
  const resources = configuration.first('resources')!;
  for (const resource of resources.descendants()) {
    if (!['primitive', 'group', 'clone', 'bundle'].includes(resource.name)) continue;
    if (dice.chance(0.15)) resource.set('description', dice.pick(['a description', 'with "quotes" <more>']));
  }
  if (dice.chance(0.1)) {
    resources.append(
      new Element('primitive', { id: 'ping', class: 'ocf', provider: 'pacemaker', type: 'ping' }, [
        new Element('instance_attributes', { id: 'ping-p' }, [
          ...pairsOf('ping-p', {
            host_list: 'a b c',
            multiplier: dice.pick(['1000', '5', '']),
            ...(dice.chance(0.3) ? { name: 'pingd' } : {}),
          }),
        ]),
      ]),
    );
  }
  if (dice.chance(0.1)) {
    resources.append(new Element('primitive', { id: 'unit', class: 'systemd', type: 'nginx' }));
  }
  if (dice.chance(0.05)) {
    resources.append(new Element('primitive', { id: 'Legacy', class: 'lsb', type: 'legacy' }));
  }
}

/** Resources that the nodes know and nobody configured, locks, and one resource in two places. */
function decorateHistories(cib: Element, dice: Dice): void {
  const states = cib.first('status')!.elements('node_state');
  const primitives = [...cib.at('configuration', 'resources')!.descendants()].filter(
    (one) => one.name === 'primitive' && one.get('class') !== undefined,
  );
  for (const state of states) {
    if (dice.chance(0.08)) {
      const orphan = {
        resource: dice.pick(['gone', 'gone:1', 'Old-one']),
        standard: 'ocf',
        provider: 'pacemaker',
      };
      addEntry(state, { ...orphan, type: 'Dummy', task: 'start', rc: 0 }, dice);
      if (dice.chance(0.4))
        addEntry(state, { ...orphan, type: 'Dummy', task: 'monitor', intervalMs: 5000, rc: 1 }, dice);
    }
    if (primitives.length > 0 && dice.chance(0.15)) {
      const xml = dice.pick(primitives);
      const provider = xml.get('provider');
      addEntry(
        state,
        {
          resource: xml.id,
          standard: xml.get('class')!,
          ...(provider === undefined ? {} : { provider }),
          type: xml.get('type')!,
          task: dice.pick([
            'start',
            'promote',
            'demote',
            'stop',
            'notify',
            'reload',
            'migrate_to',
            'monitor',
          ]),
          rc: dice.pick([0, 0, 0, 1, 5, 7, 8, 9, 190, 191, 193]),
          status: dice.pick([0, 0, 0, 4, -1, 1, 2, 6, 8, 12]),
        },
        dice,
      );
    }
    for (const history of state.at('lrm', 'lrm_resources')?.elements('lrm_resource') ?? []) {
      if (dice.chance(0.06)) history.set('shutdown-lock', dice.pick(['1700000000', '1699990000']));
      if (dice.chance(0.03)) history.set('container', 'rsc1');
    }
  }
}

function decorateTickets(status: Element, dice: Dice): void {
  const tickets = status.first('tickets');
  for (const ticket of tickets?.elements('ticket_state') ?? []) {
    if (dice.chance(0.5)) ticket.set('last-granted', dice.pick(['1699990000', '1', '0', 'x']));
    if (dice.chance(0.3)) ticket.set('expires', '1700000100');
    if (dice.chance(0.2)) ticket.set('owner', 'site-a');
  }
}

function decorateStatus(cib: Element, dice: Dice): void {
  const status = cib.first('status')!;
  decorateHistories(cib, dice);
  decorateTickets(status, dice);
  for (const state of status.elements('node_state')) {
    if (dice.chance(0.03)) state.set('uname', state.get('uname')!.toUpperCase());
    if (dice.chance(0.03)) state.set('uname', undefined);
    if (dice.chance(0.05)) state.set('expected', dice.pick(['member', 'down', '']));
    if (dice.chance(0.03)) state.set('node_fenced', dice.pick(['0', '1', '1700000000']));
    if (dice.chance(0.04)) state.set('node_in_maintenance', dice.pick(['true', 'false']));
    if (dice.chance(0.03)) state.set('join', dice.pick(['banned', 'down', 'pending', 'member']));
    const attributes: Record<string, string> = {
      ...(dice.chance(0.3) ? { '#feature-set': dice.pick(['3.16.1', '3.16.1', '3.15.0']) } : {}),
      ...(dice.chance(0.2) ? { pingd: dice.pick(['0', '1', '1000', '3000', 'x']) } : {}),
      ...(dice.chance(0.1) ? { '#health-cpu': dice.pick(['red', 'yellow', 'green']) } : {}),
      ...(dice.chance(0.1) ? { maintenance: 'true' } : {}),
      ...(dice.chance(0.1) ? { standby: 'true' } : {}),
    };
    if (Object.keys(attributes).length > 0) {
      const transient =
        state.first('transient_attributes') ??
        state.append(new Element('transient_attributes', { id: state.id }));
      const set =
        transient.first('instance_attributes') ??
        transient.append(new Element('instance_attributes', { id: `t-${state.id}` }));
      for (const pair of pairsOf(`extra-t-${state.id}`, attributes)) set.append(pair);
    }
    for (const operation of state.descendants()) {
      if (operation.name !== 'lrm_rsc_op') continue;
      if (dice.chance(0.6)) {
        operation.set('exec-time', String(dice.between(0, 90_000)));
        operation.set('queue-time', String(dice.between(0, 3)));
      }
      if (dice.chance(0.2)) operation.set('exit-reason', dice.pick(REASONS));
      if (dice.chance(0.05)) operation.set('last-rc-change', undefined);
      if (dice.chance(0.03)) operation.set('on_node', undefined);
      if (dice.chance(0.03)) operation.set('op-status', dice.pick(['1', '2', '3', '4', '7', '12', '14']));
      if (dice.chance(0.03)) operation.set('rc-code', dice.pick(['190', '189', '3', '6', '255']));
    }
  }
}

const SECTIONS = [
  'attributes',
  'bans',
  'bans:loc',
  'counts',
  'dc',
  'failcounts',
  'maint-mode',
  'fencing-succeeded',
  'fencing-pending',
  'bans:cli-',
  'failures',
  'fencing',
  'fencing-failed',
  'nodes',
  'operations',
  'options',
  'resources',
  'stack',
  'summary',
  'tickets',
  'times',
  'all',
  'default',
  'none',
];

/** One of crm_mon's command lines, names taken from the cluster. */
export function generateOptions(seed: number, cib: Element): string[] {
  const dice = new Dice(seed);
  const options: string[] = ['-1'];
  const format = dice.pick(['text', 'text', 'xml', 'html', 'none', 'simple', 'legacy']);
  if (format === 'simple') options.push('-s');
  else if (format === 'legacy') options.push('-X');
  else if (format !== 'none') options.push(`--output-as=${format}`);
  const letters = dice.some([...'rnRAfotcDbjLQ'], dice.pick([0.1, 0.3, 0.6]));
  if (letters.length > 0) options.push(`-${letters.join('')}`);
  if (dice.chance(0.1)) options.push(`-m${dice.between(0, 3)}`);
  for (const kind of ['--include', '--exclude', '-I', '-U', '--include']) {
    if (!dice.chance(0.15)) continue;
    const words = dice.some(SECTIONS, 0.12).join(',') || dice.pick(SECTIONS);
    options.push(...(kind.length === 2 ? [`${kind}${words}`] : [`${kind}=${words}`]));
  }
  const { configuration } = { configuration: cib.first('configuration')! };
  if (dice.chance(0.2)) {
    const nodes = configuration
      .first('nodes')!
      .elements('node')
      .map((node) => node.get('uname')!);
    const inside = configuration
      .first('resources')!
      .elements('bundle')
      .map((bundle) => `${bundle.id}-0`);
    const odd = ['nowhere', 'some-nodes', 'some-resources', '1', 'remote1', '*', '', ...inside];
    options.push(`--node=${dice.pick([...nodes, ...nodes.map((name) => name.toUpperCase()), ...odd])}`);
  }
  if (dice.chance(0.2)) {
    const ids = [...configuration.first('resources')!.descendants()]
      .filter((element) => ['primitive', 'group', 'clone', 'bundle'].includes(element.name))
      .map((element) => element.id);
    const id = dice.pick([...ids, 'nothing', 'some-resources', 'some-nodes', '*', '']);
    options.push(`--resource=${id}${dice.chance(0.2) ? `:${dice.between(0, 2)}` : ''}`);
  }
  if (dice.chance(0.05)) options.push('--text-fancy');
  if (format === 'html' && dice.chance(0.2)) options.push('--html-title=A page');
  if (dice.chance(0.03)) options.push('-Q');
  return options;
}
