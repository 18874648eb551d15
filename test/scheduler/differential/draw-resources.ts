import { Element } from '../../../src/cib/element.js';
import type { Draft, GeneratedPrimitive } from './draft.js';

export function addResources(draft: Draft, resources: Element): void {
  const { dice } = draft;
  if (draft.is('stonith') || draft.is('unfencing')) {
    const fencing = new Element('primitive', { id: 'fencing', class: 'stonith', type: 'fence_virt' });
    const meta = draft.maybe(draft.is('unfencing') ? 0.8 : 0, 'provides', ['unfencing']);
    if (meta.length > 0) fencing.append(draft.attributes('meta_attributes', meta));
    resources.append(fencing);
    draft.resources.push({
      id: 'fencing',
      kind: 'primitive',
      promotable: false,
      primitives: [{ id: 'fencing', xml: fencing, promotable: false, cloned: false, unique: false }],
    });
  }
  if (draft.is('remote') && dice.chance(0.7)) {
    const remote = new Element('primitive', {
      id: 'remote1',
      class: 'ocf',
      provider: 'pacemaker',
      type: 'remote',
    });
    if (dice.chance(0.4)) {
      remote.append(
        draft.attributes('meta_attributes', draft.maybe(1, 'target-role', ['Started', 'Stopped'])),
      );
    }
    const monitor = new Element('op', { id: 'remote1-monitor', name: 'monitor', interval: '60s' });
    remote.append(new Element('operations', [], [monitor]));
    if (dice.chance(0.3)) {
      remote.append(draft.attributes('instance_attributes', [['reconnect_interval', '60s']]));
    }
    resources.append(remote);
    draft.remotes.push('remote1');
    draft.resources.push({
      id: 'remote1',
      kind: 'primitive',
      promotable: false,
      primitives: [{ id: 'remote1', xml: remote, promotable: false, cloned: false, unique: false }],
    });
  }
  const count = dice.pick([1, 2, 3, 3, 4, 5, 7]);
  for (let i = 0; i < count; i++) {
    const kinds = ['primitive', 'primitive'];
    if (draft.is('groups')) kinds.push('group', 'group');
    if (draft.is('clones')) kinds.push('clone', 'clone');
    if (draft.is('promotable')) kinds.push('promotable', 'promotable');
    if (draft.is('bundles')) kinds.push('bundle');
    resources.append(drawResource(draft, dice.pick(kinds)));
  }
}

function drawResource(draft: Draft, kind: string): Element {
  const { dice } = draft;
  switch (kind) {
    case 'group': {
      const id = draft.id('grp');
      const members = drawMembers(draft, dice.between(1, 3), false, false, false);
      draft.resources.push({ id, kind: 'group', promotable: false, primitives: members });
      return new Element('group', { id }, [...meta(draft, 0.3), ...members.map((member) => member.xml)]);
    }
    case 'clone':
    case 'promotable': {
      const id = draft.id('clone');
      const promotable = kind === 'promotable';
      const unique = dice.chance(0.15);
      const inGroup = dice.chance(0.3);
      const members = drawMembers(draft, inGroup ? dice.between(1, 2) : 1, promotable, true, unique);
      draft.resources.push({ id, kind: 'clone', promotable, primitives: members });
      const pairs: [string, string][] = [
        ...(promotable ? ([['promotable', 'true']] as [string, string][]) : []),
        ...(unique ? ([['globally-unique', 'true']] as [string, string][]) : []),
        ...draft.maybe(0.3, 'clone-max', ['0', '1', '2', '3', '4']),
        ...draft.maybe(unique ? 0.4 : 0.05, 'clone-node-max', ['1', '2']),
        ...draft.maybe(0.4, 'interleave', ['true', 'false']),
        ...draft.maybe(0.1, 'ordered', ['true', 'false']),
        ...draft.maybe(draft.is('notify') ? 0.6 : 0, 'notify', ['true']),
        ...draft.maybe(promotable ? 0.3 : 0, 'promoted-max', ['0', '1', '2']),
        ...draft.maybe(0.1, 'clone-min', ['1', '2']),
        ...metaPairs(draft),
      ];
      const child = inGroup
        ? new Element(
            'group',
            { id: draft.id('grp') },
            members.map((member) => member.xml),
          )
        : members[0]!.xml;
      return new Element('clone', { id }, [draft.attributes('meta_attributes', pairs), child]);
    }
    case 'bundle': {
      const id = draft.id('bundle');
      const withChild = dice.chance(0.6);
      const promotable = dice.chance(0.4);
      const members = withChild ? drawMembers(draft, 1, promotable, true, false) : [];
      draft.resources.push({ id, kind: 'bundle', promotable: withChild && promotable, primitives: [] });
      const replicas = dice.between(1, 3);
      const container = new Element(dice.pick(['docker', 'podman']), {
        image: 'img:latest',
        replicas: String(replicas),
      });
      if (promotable && withChild) container.set('promoted-max', String(dice.between(1, replicas)));
      if (dice.chance(0.2)) container.set('replicas-per-host', '2');
      const network = new Element('network', withChild ? { 'control-port': '3121' } : {});
      if (dice.chance(0.4)) network.set('ip-range-start', '192.168.122.131');
      return new Element('bundle', { id }, [
        ...meta(draft, 0.2),
        container,
        ...(withChild || network.get('ip-range-start') ? [network] : []),
        ...members.map((member) => member.xml),
      ]);
    }
    default: {
      const [member] = drawMembers(draft, 1, false, false, false);
      draft.resources.push({ id: member!.id, kind: 'primitive', promotable: false, primitives: [member!] });
      return member!.xml;
    }
  }
}

function meta(draft: Draft, probability: number): Element[] {
  if (!draft.dice.chance(probability)) return [];
  const pairs = metaPairs(draft);
  return pairs.length > 0 ? [draft.attributes('meta_attributes', pairs)] : [];
}

function metaPairs(draft: Draft): [string, string][] {
  const bool = ['true', 'false'];
  return [
    ...draft.maybe(0.15, 'target-role', ['Started', 'Stopped', 'Unpromoted', 'Promoted']),
    ...draft.maybe(0.1, 'is-managed', bool),
    ...draft.maybe(draft.is('maintenance') ? 0.2 : 0, 'maintenance', bool),
    ...draft.maybe(0.2, 'priority', ['1', '5', '10', '-1']),
    ...draft.maybe(0.2, 'resource-stickiness', ['0', '1', '200', 'INFINITY', '-1']),
    ...draft.maybe(0.2, 'migration-threshold', ['1', '2', '3']),
    ...draft.maybe(0.1, 'failure-timeout', ['10s', '2h']),
    ...draft.maybe(0.15, 'multiple-active', ['stop_start', 'stop_only', 'block', 'stop_unexpected']),
    ...draft.maybe(draft.is('stonith') ? 0.2 : 0.02, 'requires', ['nothing', 'quorum', 'fencing']),
    ...draft.maybe(0.1, 'critical', bool),
    ...draft.maybe(draft.is('health') ? 0.2 : 0, 'allow-unhealthy-nodes', bool),
  ];
}

function drawMembers(
  draft: Draft,
  count: number,
  promotable: boolean,
  cloned: boolean,
  unique: boolean,
): GeneratedPrimitive[] {
  const members: GeneratedPrimitive[] = [];
  for (let i = 0; i < count; i++) {
    const id = draft.id('rsc');
    members.push({ id, xml: drawPrimitive(draft, id, promotable), promotable, cloned, unique });
  }
  return members;
}

function drawPrimitive(draft: Draft, id: string, promotable: boolean): Element {
  const { dice } = draft;
  const xml = new Element('primitive', {
    id,
    class: 'ocf',
    provider: 'pacemaker',
    type: promotable ? 'Stateful' : 'Dummy',
  });
  const pairs = dice.chance(0.5) ? metaPairs(draft) : [];
  if (draft.is('migration') && dice.chance(0.6)) pairs.push(['allow-migrate', 'true']);
  if (draft.is('guest') && dice.chance(0.3)) {
    pairs.push(['remote-node', `guest-${id}`]);
    draft.remotes.push(`guest-${id}`);
  }
  if (pairs.length > 0) xml.append(draft.attributes('meta_attributes', pairs));
  if (draft.is('utilization') && dice.chance(0.7)) {
    xml.append(
      draft.attributes('utilization', [
        ['cpu', String(dice.between(1, 4))],
        ...draft.maybe(0.4, 'memory', ['256', '1024']),
      ]),
    );
  }
  if (dice.chance(0.3)) xml.append(draft.attributes('instance_attributes', [['state', `/run/${id}`]]));
  if (dice.chance(0.6)) {
    const operations = new Element('operations');
    const operation = (name: string, interval: string, more: Record<string, string> = {}) => {
      operations.append(new Element('op', { id: `${id}-${name}-${interval}`, name, interval, ...more }));
    };
    const onFail = (choices: readonly string[]): Record<string, string> =>
      dice.chance(0.25) ? { 'on-fail': dice.pick(choices) } : {};
    const fenced = draft.is('stonith') ? ['fence'] : [];
    if (dice.chance(0.8)) {
      operation('monitor', '10s', {
        ...(promotable && dice.chance(0.7) ? { role: 'Promoted' } : {}),
        ...onFail(
          ['ignore', 'block', 'stop', 'restart', 'standby', 'demote', 'restart-container', ...fenced].filter(
            (choice) => (choice !== 'demote' || promotable) && choice !== 'restart-container',
          ),
        ),
      });
    }
    if (promotable && dice.chance(0.6))
      operation('monitor', '11s', dice.chance(0.5) ? { role: 'Unpromoted' } : {});
    if (dice.chance(0.1)) operation('monitor', '30s', { role: 'Stopped' });
    if (dice.chance(0.4))
      operation('start', '0s', { timeout: '60s', ...onFail(['restart', 'ignore', 'block', 'stop']) });
    if (dice.chance(0.4))
      operation('stop', '0s', { timeout: '30s', ...onFail(['block', 'ignore', ...fenced]) });
    if (promotable && dice.chance(0.2))
      operation('promote', '0s', { timeout: '10s', ...onFail(['demote', 'block', 'stop']) });
    xml.append(operations);
  }
  return xml;
}
