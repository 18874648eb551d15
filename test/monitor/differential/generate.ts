/** Clusters and command lines made up from a seed, with what crm_mon alone looks at. */
import { Element } from '../../../src/cib/element.js';
import { Dice, generateCib } from '../../scheduler/differential/generate-cib.js';

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
  decorateStatus(cib, dice);
  return cib;
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
    if (dice.chance(0.15)) resource.set('description', dice.pick(['a description', 'with "quotes" & more']));
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

function decorateStatus(cib: Element, dice: Dice): void {
  const status = cib.first('status')!;
  for (const state of status.elements('node_state')) {
    if (dice.chance(0.03)) state.set('uname', state.get('uname')!.toUpperCase());
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
  const letters = dice.some([...'rnRAfotcDbjL'], 0.3);
  if (letters.length > 0) options.push(`-${letters.join('')}`);
  if (dice.chance(0.1)) options.push(`-m${dice.between(0, 3)}`);
  for (const kind of ['--include', '--exclude']) {
    if (dice.chance(0.25))
      options.push(`${kind}=${dice.some(SECTIONS, 0.12).join(',') || dice.pick(SECTIONS)}`);
  }
  const { configuration } = { configuration: cib.first('configuration')! };
  if (dice.chance(0.2)) {
    const nodes = configuration
      .first('nodes')!
      .elements('node')
      .map((node) => node.get('uname')!);
    options.push(`--node=${dice.pick([...nodes, 'nowhere', 'some-nodes', '1', 'remote1'])}`);
  }
  if (dice.chance(0.2)) {
    const ids = [...configuration.first('resources')!.descendants()]
      .filter((element) => ['primitive', 'group', 'clone', 'bundle'].includes(element.name))
      .map((element) => element.id);
    const id = dice.pick([...ids, 'nothing', 'some-resources']);
    options.push(`--resource=${id}${dice.chance(0.2) ? `:${dice.between(0, 2)}` : ''}`);
  }
  if (dice.chance(0.05)) options.push('--text-fancy');
  if (format === 'html' && dice.chance(0.2)) options.push('--html-title=A page');
  if (dice.chance(0.03)) options.push('-Q');
  return options;
}
