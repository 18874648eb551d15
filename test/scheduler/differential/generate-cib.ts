import { operationDigest } from '../../../src/cib/digest.js';
import { Element } from '../../../src/cib/element.js';

/** Chance from a seed: the same numbers every time. */
export class Dice {
  private state: number;

  constructor(seed: number) {
    this.state = seed | 0;
  }

  /** 0 to 1, without 1. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  /** A whole number from `low` to `high`. */
  between(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.next() * from.length)]!;
  }

  /** Some of them, in their order. */
  some<T>(from: readonly T[], probability = 0.5): T[] {
    return from.filter(() => this.chance(probability));
  }
}

const NOW = 1_700_000_000;
const SCORES = [
  '0',
  '1',
  '10',
  '100',
  '500',
  '-1',
  '-10',
  '-500',
  'INFINITY',
  '-INFINITY',
  'INFINITY',
  '-INFINITY',
];

interface Generated {
  readonly id: string;
  readonly kind: 'primitive' | 'group' | 'clone' | 'bundle';
  readonly promotable: boolean;
  /** Primitives as histories name them, with how many instances there can be. */
  readonly primitives: readonly GeneratedPrimitive[];
}

interface GeneratedPrimitive {
  readonly id: string;
  readonly xml: Element;
  readonly promotable: boolean;
  readonly cloned: boolean;
  readonly unique: boolean;
}

/** A cluster made up from a seed: a valid CIB with all that the scheduler looks at. */
export function generateCib(seed: number): Element {
  return new Generator(new Dice(seed)).cib();
}

class Generator {
  private readonly dice: Dice;
  private readonly nodes: string[] = [];
  private readonly remotes: string[] = [];
  private readonly resources: Generated[] = [];
  private readonly flavour: ReadonlySet<string>;
  private counter = 0;

  constructor(dice: Dice) {
    this.dice = dice;
    const all = [
      'utilization',
      'health',
      'tickets',
      'clones',
      'promotable',
      'groups',
      'bundles',
      'stonith',
      'remote',
      'guest',
      'migration',
      'failures',
      'pending',
      'notify',
      'sets',
      'rules',
      'maintenance',
      'probes',
      'shutdown',
      'templates',
      'unfencing',
      'reload',
      'orphans',
    ];
    this.flavour = new Set(dice.some(all, dice.pick([0.15, 0.3, 0.5])));
  }

  private is(flavour: string): boolean {
    return this.flavour.has(flavour);
  }

  private id(prefix: string): string {
    return `${prefix}${++this.counter}`;
  }

  cib(): Element {
    const { dice } = this;
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
    this.addOptions(options);
    this.addNodes(nodes);
    this.addResources(resources);
    this.addConstraints(constraints);
    if (dice.chance(0.3)) {
      const defaults = configuration.append(new Element('rsc_defaults'));
      defaults.append(
        this.attributes('meta_attributes', [
          ...this.maybe(0.5, 'resource-stickiness', ['0', '1', '100', 'INFINITY']),
          ...this.maybe(0.3, 'migration-threshold', ['1', '3']),
          ...this.maybe(0.2, 'failure-timeout', ['10s', '1h']),
        ]),
      );
    }
    if (dice.chance(0.15)) {
      const defaults = configuration.append(new Element('op_defaults'));
      defaults.append(
        this.attributes('meta_attributes', [
          ['timeout', '45s'],
          ...this.maybe(0.3, 'on-fail', ['block', 'restart']),
        ]),
      );
    }
    this.addStatus(status);
    return cib;
  }

  private maybe(probability: number, name: string, values: readonly string[]): [string, string][] {
    return this.dice.chance(probability) ? [[name, this.dice.pick(values)]] : [];
  }

  private attributes(kind: string, pairs: readonly (readonly [string, string])[]): Element {
    const id = this.id('set');
    const set = new Element(kind, { id });
    for (const [name, value] of pairs)
      set.append(new Element('nvpair', { id: `${id}-${name.replace(/[^a-z0-9-]/gi, '_')}`, name, value }));
    return set;
  }

  private addOptions(options: Element): void {
    const bool = ['true', 'false'];
    const stonith = this.is('stonith') || this.is('unfencing');
    const pairs: [string, string][] = [
      ['stonith-enabled', stonith ? 'true' : 'false'],
      ...this.maybe(0.2, 'symmetric-cluster', bool),
      ...this.maybe(0.3, 'no-quorum-policy', ['stop', 'freeze', 'ignore', 'demote', 'suicide']),
      ...this.maybe(0.1, 'stop-orphan-resources', bool),
      ...this.maybe(0.1, 'stop-orphan-actions', bool),
      ...this.maybe(0.05, 'stop-all-resources', bool),
      ...this.maybe(this.is('maintenance') ? 0.3 : 0, 'maintenance-mode', bool),
      ...this.maybe(0.1, 'enable-startup-probes', bool),
      ...this.maybe(0.2, 'start-failure-is-fatal', bool),
      ...this.maybe(0.1, 'batch-limit', ['0', '3']),
      ...this.maybe(0.1, 'migration-limit', ['1', '2']),
      ...this.maybe(0.2, 'concurrent-fencing', bool),
      ...this.maybe(0.1, 'startup-fencing', bool),
      ...this.maybe(0.1, 'stonith-action', ['reboot', 'off']),
      ...this.maybe(0.1, 'have-watchdog', bool),
      ...this.maybe(0.1, 'priority-fencing-delay', ['15s', '0']),
      ...this.maybe(this.is('shutdown') ? 0.4 : 0, 'shutdown-lock', bool),
      ...this.maybe(this.is('shutdown') ? 0.2 : 0, 'shutdown-lock-limit', ['0', '1h']),
      ...this.maybe(0.05, 'remove-after-stop', bool),
    ];
    if (this.is('utilization')) {
      pairs.push(['placement-strategy', this.dice.pick(['utilization', 'minimal', 'balanced', 'default'])]);
    }
    if (this.is('health')) {
      pairs.push([
        'node-health-strategy',
        this.dice.pick(['none', 'migrate-on-red', 'only-green', 'progressive', 'custom']),
      ]);
      pairs.push(...this.maybe(0.3, 'node-health-base', ['0', '10', '-10']));
      pairs.push(...this.maybe(0.3, 'node-health-yellow', ['-5', '5']));
    }
    options.append(this.attributes('cluster_property_set', pairs));
  }

  private addNodes(nodes: Element): void {
    const { dice } = this;
    const count = dice.pick([1, 2, 2, 3, 3, 4, 5]);
    for (let i = 1; i <= count; i++) {
      const name = `node${i}`;
      this.nodes.push(name);
      const node = nodes.append(new Element('node', { id: String(i), uname: name }));
      const attributes: [string, string][] = [
        ...this.maybe(0.1, 'standby', ['on', 'off', 'true']),
        ...this.maybe(this.is('maintenance') ? 0.2 : 0, 'maintenance', ['true', 'false']),
        ...this.maybe(0.3, 'site', ['a', 'b']),
        ...this.maybe(this.is('health') ? 0.4 : 0, '#health-x', ['red', 'yellow', 'green', '5']),
      ];
      if (attributes.length > 0) node.append(this.attributes('instance_attributes', attributes));
      if (this.is('utilization') && dice.chance(0.8)) {
        node.append(
          this.attributes('utilization', [
            ['cpu', String(dice.between(1, 6))],
            ...this.maybe(0.6, 'memory', ['512', '1024', '2048']),
          ]),
        );
      }
    }
  }

  private addResources(resources: Element): void {
    const { dice } = this;
    if (this.is('stonith') || this.is('unfencing')) {
      const fencing = new Element('primitive', { id: 'fencing', class: 'stonith', type: 'fence_virt' });
      const meta = this.maybe(this.is('unfencing') ? 0.8 : 0, 'provides', ['unfencing']);
      if (meta.length > 0) fencing.append(this.attributes('meta_attributes', meta));
      resources.append(fencing);
      this.resources.push({
        id: 'fencing',
        kind: 'primitive',
        promotable: false,
        primitives: [{ id: 'fencing', xml: fencing, promotable: false, cloned: false, unique: false }],
      });
    }
    if (this.is('remote') && dice.chance(0.7)) {
      const remote = new Element('primitive', {
        id: 'remote1',
        class: 'ocf',
        provider: 'pacemaker',
        type: 'remote',
      });
      if (dice.chance(0.4)) {
        remote.append(
          this.attributes('meta_attributes', this.maybe(1, 'target-role', ['Started', 'Stopped'])),
        );
      }
      const monitor = new Element('op', { id: 'remote1-monitor', name: 'monitor', interval: '60s' });
      remote.append(new Element('operations', [], [monitor]));
      if (dice.chance(0.3)) {
        remote.append(this.attributes('instance_attributes', [['reconnect_interval', '60s']]));
      }
      resources.append(remote);
      this.remotes.push('remote1');
      this.resources.push({
        id: 'remote1',
        kind: 'primitive',
        promotable: false,
        primitives: [{ id: 'remote1', xml: remote, promotable: false, cloned: false, unique: false }],
      });
    }
    const count = dice.pick([1, 2, 3, 3, 4, 5, 7]);
    for (let i = 0; i < count; i++) {
      const kinds = ['primitive', 'primitive'];
      if (this.is('groups')) kinds.push('group', 'group');
      if (this.is('clones')) kinds.push('clone', 'clone');
      if (this.is('promotable')) kinds.push('promotable', 'promotable');
      if (this.is('bundles')) kinds.push('bundle');
      resources.append(this.resource(dice.pick(kinds)));
    }
  }

  private resource(kind: string): Element {
    const { dice } = this;
    switch (kind) {
      case 'group': {
        const id = this.id('grp');
        const members = this.members(dice.between(1, 3), false, false, false);
        this.resources.push({ id, kind: 'group', promotable: false, primitives: members });
        return new Element('group', { id }, [...this.meta(0.3), ...members.map((member) => member.xml)]);
      }
      case 'clone':
      case 'promotable': {
        const id = this.id('clone');
        const promotable = kind === 'promotable';
        const unique = dice.chance(0.15);
        const inGroup = dice.chance(0.3);
        const members = this.members(inGroup ? dice.between(1, 2) : 1, promotable, true, unique);
        this.resources.push({ id, kind: 'clone', promotable, primitives: members });
        const pairs: [string, string][] = [
          ...(promotable ? ([['promotable', 'true']] as [string, string][]) : []),
          ...(unique ? ([['globally-unique', 'true']] as [string, string][]) : []),
          ...this.maybe(0.3, 'clone-max', ['0', '1', '2', '3', '4']),
          ...this.maybe(unique ? 0.4 : 0.05, 'clone-node-max', ['1', '2']),
          ...this.maybe(0.4, 'interleave', ['true', 'false']),
          ...this.maybe(0.1, 'ordered', ['true', 'false']),
          ...this.maybe(this.is('notify') ? 0.6 : 0, 'notify', ['true']),
          ...this.maybe(promotable ? 0.3 : 0, 'promoted-max', ['0', '1', '2']),
          ...this.maybe(0.1, 'clone-min', ['1', '2']),
          ...this.metaPairs(),
        ];
        const child = inGroup
          ? new Element(
              'group',
              { id: this.id('grp') },
              members.map((member) => member.xml),
            )
          : members[0]!.xml;
        return new Element('clone', { id }, [this.attributes('meta_attributes', pairs), child]);
      }
      case 'bundle': {
        const id = this.id('bundle');
        const withChild = dice.chance(0.6);
        const promotable = dice.chance(0.4);
        const members = withChild ? this.members(1, promotable, true, false) : [];
        this.resources.push({ id, kind: 'bundle', promotable: withChild && promotable, primitives: [] });
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
          ...this.meta(0.2),
          container,
          ...(withChild || network.get('ip-range-start') ? [network] : []),
          ...members.map((member) => member.xml),
        ]);
      }
      default: {
        const [member] = this.members(1, false, false, false);
        this.resources.push({ id: member!.id, kind: 'primitive', promotable: false, primitives: [member!] });
        return member!.xml;
      }
    }
  }

  private meta(probability: number): Element[] {
    if (!this.dice.chance(probability)) return [];
    const pairs = this.metaPairs();
    return pairs.length > 0 ? [this.attributes('meta_attributes', pairs)] : [];
  }

  private metaPairs(): [string, string][] {
    const bool = ['true', 'false'];
    return [
      ...this.maybe(0.15, 'target-role', ['Started', 'Stopped', 'Unpromoted', 'Promoted']),
      ...this.maybe(0.1, 'is-managed', bool),
      ...this.maybe(this.is('maintenance') ? 0.2 : 0, 'maintenance', bool),
      ...this.maybe(0.2, 'priority', ['1', '5', '10', '-1']),
      ...this.maybe(0.2, 'resource-stickiness', ['0', '1', '200', 'INFINITY', '-1']),
      ...this.maybe(0.2, 'migration-threshold', ['1', '2', '3']),
      ...this.maybe(0.1, 'failure-timeout', ['10s', '2h']),
      ...this.maybe(0.15, 'multiple-active', ['stop_start', 'stop_only', 'block', 'stop_unexpected']),
      ...this.maybe(this.is('stonith') ? 0.2 : 0.02, 'requires', ['nothing', 'quorum', 'fencing']),
      ...this.maybe(0.1, 'critical', bool),
      ...this.maybe(this.is('health') ? 0.2 : 0, 'allow-unhealthy-nodes', bool),
    ];
  }

  private members(
    count: number,
    promotable: boolean,
    cloned: boolean,
    unique: boolean,
  ): GeneratedPrimitive[] {
    const members: GeneratedPrimitive[] = [];
    for (let i = 0; i < count; i++) {
      const id = this.id('rsc');
      members.push({ id, xml: this.primitive(id, promotable), promotable, cloned, unique });
    }
    return members;
  }

  private primitive(id: string, promotable: boolean): Element {
    const { dice } = this;
    const xml = new Element('primitive', {
      id,
      class: 'ocf',
      provider: 'pacemaker',
      type: promotable ? 'Stateful' : 'Dummy',
    });
    const pairs = dice.chance(0.5) ? this.metaPairs() : [];
    if (this.is('migration') && dice.chance(0.6)) pairs.push(['allow-migrate', 'true']);
    if (this.is('guest') && dice.chance(0.3)) {
      pairs.push(['remote-node', `guest-${id}`]);
      this.remotes.push(`guest-${id}`);
    }
    if (pairs.length > 0) xml.append(this.attributes('meta_attributes', pairs));
    if (this.is('utilization') && dice.chance(0.7)) {
      xml.append(
        this.attributes('utilization', [
          ['cpu', String(dice.between(1, 4))],
          ...this.maybe(0.4, 'memory', ['256', '1024']),
        ]),
      );
    }
    if (dice.chance(0.3)) xml.append(this.attributes('instance_attributes', [['state', `/run/${id}`]]));
    if (dice.chance(0.6)) {
      const operations = new Element('operations');
      const operation = (name: string, interval: string, more: Record<string, string> = {}) => {
        operations.append(new Element('op', { id: `${id}-${name}-${interval}`, name, interval, ...more }));
      };
      const onFail = (choices: readonly string[]): Record<string, string> =>
        dice.chance(0.25) ? { 'on-fail': dice.pick(choices) } : {};
      const fenced = this.is('stonith') ? ['fence'] : [];
      if (dice.chance(0.8)) {
        operation('monitor', '10s', {
          ...(promotable && dice.chance(0.7) ? { role: 'Promoted' } : {}),
          ...onFail(
            [
              'ignore',
              'block',
              'stop',
              'restart',
              'standby',
              'demote',
              'restart-container',
              ...fenced,
            ].filter((choice) => (choice !== 'demote' || promotable) && choice !== 'restart-container'),
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

  private addConstraints(constraints: Element): void {
    const { dice, resources } = this;
    const anyNode = () => dice.pick([...this.nodes, ...this.remotes]);
    const topLevel = () => dice.pick(resources);
    const roleOf = (resource: Generated) =>
      resource.promotable && dice.chance(0.4) ? dice.pick(['Promoted', 'Unpromoted', 'Started']) : undefined;
    for (let i = dice.between(0, 3); i > 0; i--) {
      const resource = topLevel();
      const id = this.id('loc');
      const location = new Element('rsc_location', { id, rsc: resource.id });
      if (this.is('rules') && dice.chance(0.6)) {
        location.append(this.rule(`${id}-rule`, resource));
      } else {
        location.set('node', anyNode());
        location.set('score', dice.pick(SCORES));
        const role = roleOf(resource);
        if (role) location.set('role', role);
      }
      if (this.is('probes') && dice.chance(0.5))
        location.set('resource-discovery', dice.pick(['never', 'always', 'exclusive']));
      constraints.append(location);
    }
    if (resources.length > 1) {
      for (let i = dice.between(0, 2); i > 0; i--) {
        const id = this.id('col');
        const score = dice.pick(SCORES);
        if (this.is('sets') && dice.chance(0.5)) {
          constraints.append(
            new Element('rsc_colocation', { id, score }, this.sets(id, ['sequential', 'role'])),
          );
          continue;
        }
        const a = topLevel();
        const b = topLevel();
        if (a === b) continue;
        const colocation = new Element('rsc_colocation', { id, score, rsc: a.id, 'with-rsc': b.id });
        const role = roleOf(a);
        if (role) colocation.set('rsc-role', role);
        const withRole = roleOf(b);
        if (withRole) colocation.set('with-rsc-role', withRole);
        if (dice.chance(0.1)) colocation.set('node-attribute', 'site');
        if (dice.chance(0.1)) colocation.set('influence', dice.pick(['true', 'false']));
        constraints.append(colocation);
      }
      for (let i = dice.between(0, 3); i > 0; i--) {
        const id = this.id('ord');
        const kind = dice.pick(['Mandatory', 'Mandatory', 'Optional', 'Serialize']);
        if (this.is('sets') && dice.chance(0.5)) {
          constraints.append(
            new Element('rsc_order', { id, kind }, this.sets(id, ['sequential', 'require-all', 'action'])),
          );
          continue;
        }
        const a = topLevel();
        const b = topLevel();
        if (a === b) continue;
        const order = new Element('rsc_order', [
          ['id', id],
          ['first', a.id],
          ['then', b.id],
        ]);
        if (dice.chance(0.6)) order.set('kind', kind);
        if (dice.chance(0.2)) order.set('symmetrical', dice.pick(['true', 'false']));
        if (dice.chance(0.3)) {
          order.set(
            'first-action',
            a.promotable ? dice.pick(['start', 'promote', 'demote', 'stop']) : dice.pick(['start', 'stop']),
          );
        }
        if (dice.chance(0.3)) {
          order.set(
            'then-action',
            b.promotable ? dice.pick(['start', 'promote', 'demote', 'stop']) : dice.pick(['start', 'stop']),
          );
        }
        if (a.kind === 'clone' && dice.chance(0.15)) order.set('require-all', 'false');
        constraints.append(order);
      }
    }
    if (this.is('tickets')) {
      for (let i = dice.between(1, 2); i > 0; i--) {
        const resource = topLevel();
        const ticket = new Element('rsc_ticket', {
          id: this.id('tkt'),
          rsc: resource.id,
          ticket: dice.pick(['ticketA', 'ticketB']),
        });
        const role = roleOf(resource);
        if (role) ticket.set('rsc-role', role);
        if (dice.chance(0.7))
          ticket.set(
            'loss-policy',
            dice.pick(['stop', 'demote', 'freeze', ...(this.is('stonith') ? ['fence'] : [])]),
          );
        constraints.append(ticket);
      }
    }
  }

  private rule(id: string, resource: Generated): Element {
    const { dice } = this;
    const rule = new Element('rule', { id });
    if (dice.chance(0.8)) rule.set('score', dice.pick(SCORES));
    else rule.set('score-attribute', 'weight');
    if (resource.promotable && dice.chance(0.3)) rule.set('role', dice.pick(['Promoted', 'Started']));
    const count = dice.between(1, 2);
    if (count > 1) rule.set('boolean-op', dice.pick(['and', 'or']));
    for (let i = 0; i < count; i++) {
      const operation = dice.pick(['eq', 'ne', 'lt', 'gte', 'defined', 'not_defined']);
      const attribute = dice.pick(['#uname', 'site', 'weight', '#kind', 'pingd']);
      const expression = new Element('expression', { id: `${id}-${i}`, attribute, operation });
      if (!operation.endsWith('defined')) {
        expression.set('value', dice.pick(['a', 'b', '5', 'node1', 'cluster']));
        if (dice.chance(0.3)) expression.set('type', dice.pick(['string', 'number', 'integer']));
      }
      rule.append(expression);
    }
    return rule;
  }

  private sets(id: string, allowed: readonly string[]): Element[] {
    const { dice } = this;
    const pool = this.resources.slice();
    const sets: Element[] = [];
    for (let i = 0; i < 2; i++) {
      const set = new Element('resource_set', { id: `${id}-${i}` });
      for (let n = dice.between(1, 3); n > 0 && pool.length > 0; n--) {
        const [resource] = pool.splice(dice.between(0, pool.length - 1), 1);
        set.append(new Element('resource_ref', { id: resource!.id }));
      }
      if (set.children.length === 0) break;
      if (allowed.includes('sequential') && dice.chance(0.4))
        set.set('sequential', dice.pick(['true', 'false']));
      if (allowed.includes('require-all') && dice.chance(0.3)) set.set('require-all', 'false');
      if (allowed.includes('role') && dice.chance(0.2)) set.set('role', dice.pick(['Started', 'Promoted']));
      if (allowed.includes('action') && dice.chance(0.2))
        set.set('action', dice.pick(['start', 'stop', 'promote']));
      sets.push(set);
    }
    return sets;
  }

  private addStatus(status: Element): void {
    const { dice } = this;
    for (const [index, name] of this.nodes.entries()) {
      const up = dice.chance(0.85);
      if (!up && dice.chance(0.2)) continue;
      const state = new Element('node_state', { id: String(index + 1), uname: name });
      const member = up ? 'true' : dice.pick(['false', 'false', 'true']);
      state.set('in_ccm', member);
      state.set('crmd', up ? 'online' : dice.pick(['offline', 'offline', 'online']));
      state.set(
        'join',
        up
          ? dice.pick(['member', 'member', 'member', 'member', 'down', 'pending'])
          : dice.pick(['down', 'member']),
      );
      state.set('expected', up || dice.chance(0.4) ? 'member' : 'down');
      this.addHistory(state, index);
      this.addTransient(state, index, up);
      status.append(state);
    }
    for (const name of this.remotes) {
      if (!dice.chance(0.6)) continue;
      const state = new Element('node_state', { id: name, uname: name, remote_node: 'true' });
      if (dice.chance(0.2)) state.set('node_fenced', '1');
      this.addHistory(state, -1);
      status.append(state);
    }
    if (this.is('tickets')) {
      const tickets = new Element('tickets');
      for (const id of dice.some(['ticketA', 'ticketB'])) {
        tickets.append(
          new Element('ticket_state', {
            id,
            granted: dice.pick(['true', 'false']),
            ...(dice.chance(0.2) ? { standby: 'true' } : {}),
          }),
        );
      }
      status.append(tickets);
    }
  }

  private addTransient(state: Element, index: number, up: boolean): void {
    const { dice } = this;
    const pairs: [string, string][] = [];
    for (const resource of this.resources) {
      for (const primitive of resource.primitives) {
        if (primitive.promotable && dice.chance(0.7)) {
          pairs.push([`master-${primitive.id}`, dice.pick(['1', '5', '10', '100', '-1', 'INFINITY'])]);
        }
        if (this.is('failures') && dice.chance(0.15)) {
          const operation = dice.pick(['monitor_10000', 'start_0', 'stop_0']);
          pairs.push([`fail-count-${primitive.id}#${operation}`, dice.pick(['1', '2', '3', 'INFINITY'])]);
          pairs.push([`last-failure-${primitive.id}#${operation}`, String(NOW - dice.pick([5, 100, 9000]))]);
        }
      }
    }
    if (dice.chance(0.2)) pairs.push(['pingd', dice.pick(['0', '5', '1000'])]);
    if (dice.chance(0.2)) pairs.push(['weight', dice.pick(['5', '-5', 'INFINITY'])]);
    if (this.is('shutdown') && up && dice.chance(0.3)) pairs.push(['shutdown', String(NOW - 60)]);
    if (this.is('stonith') && dice.chance(0.05)) pairs.push(['terminate', 'true']);
    if (this.is('probes') && dice.chance(0.5)) pairs.push(['probe_complete', 'true']);
    if (pairs.length === 0) return;
    const attributes = new Element('transient_attributes', { id: state.id });
    const set = attributes.append(new Element('instance_attributes', { id: `status-${index}` }));
    for (const [i, [name, value]] of pairs.entries()) {
      set.append(new Element('nvpair', { id: `status-${index}-${i}`, name, value }));
    }
    state.append(attributes);
  }

  private addHistory(state: Element, index: number): void {
    const { dice } = this;
    const entries: Element[] = [];
    let call = 0;
    for (const resource of this.resources) {
      for (const primitive of resource.primitives) {
        if (dice.chance(0.25)) continue;
        const instances = primitive.unique ? dice.between(1, 2) : 1;
        for (let instance = 0; instance < instances; instance++) {
          const name =
            primitive.cloned && (primitive.unique || dice.chance(0.2))
              ? `${primitive.id}:${primitive.unique ? dice.between(0, 2) : 0}`
              : primitive.id;
          const provider = primitive.xml.get('provider');
          const entry = new Element('lrm_resource', {
            id: name,
            type: primitive.xml.get('type')!,
            class: primitive.xml.get('class')!,
            ...(provider ? { provider } : {}),
          });
          if (entries.some((other) => other.id === name)) continue;
          this.addOperations(entry, name, primitive, state.get('uname')!, index, () => ++call);
          if (entry.children.length > 0) entries.push(entry);
        }
      }
    }
    if (this.is('orphans') && dice.chance(0.4)) {
      const entry = new Element('lrm_resource', {
        id: 'orphan',
        type: 'Dummy',
        class: 'ocf',
        provider: 'pacemaker',
      });
      entry.append(
        this.operation('orphan', 'orphan_last_0', 'start', 0, 0, ++call, state.get('uname')!, undefined),
      );
      entries.push(entry);
    }
    state.append(new Element('lrm', { id: state.id }, [new Element('lrm_resources', [], entries)]));
  }

  private addOperations(
    entry: Element,
    name: string,
    primitive: GeneratedPrimitive,
    node: string,
    index: number,
    call: () => number,
  ): void {
    const { dice } = this;
    const add = (historyId: string, task: string, interval: number, rc: number, status = 0) =>
      entry.append(
        this.operation(name, `${name}_${historyId}`, task, interval, rc, call(), node, primitive.xml, status),
      );
    const active = dice.chance(primitive.cloned ? 0.7 : index === 0 ? 0.5 : 0.25);
    if (!active) {
      if (this.is('pending') && dice.chance(0.15))
        add('last_0', dice.pick(['start', 'monitor', 'stop']), 0, 193, -1);
      else if (this.is('failures') && dice.chance(0.2))
        add('last_0', dice.pick(['start', 'stop']), 0, dice.pick([1, 5, 6, 4]));
      else if (dice.chance(0.7)) add('last_0', 'monitor', 0, dice.chance(0.95) ? 7 : 5);
      else add('last_0', 'stop', 0, 0);
      return;
    }
    const choice = dice.next();
    if (this.is('migration') && choice < 0.2) {
      const other = dice.pick(this.nodes);
      const operation = add('last_0', dice.pick(['migrate_to', 'migrate_from']), 0, dice.pick([0, 0, 1]));
      operation.set('migrate_source', operation.get('operation') === 'migrate_to' ? node : other);
      operation.set('migrate_target', operation.get('operation') === 'migrate_to' ? other : node);
    } else if (choice < 0.35) add('last_0', 'monitor', 0, primitive.promotable && dice.chance(0.4) ? 8 : 0);
    else if (primitive.promotable && choice < 0.7)
      add('last_0', dice.pick(['promote', 'promote', 'demote']), 0, 0);
    else add('last_0', 'start', 0, 0);
    if (dice.chance(0.5)) {
      const bad = this.is('failures') && dice.chance(0.3);
      const interval = primitive.promotable && dice.chance(0.4) ? 11000 : 10000;
      add(
        `monitor_${interval}`,
        'monitor',
        interval,
        bad
          ? dice.pick([1, 7, 9])
          : entry
                .elements('lrm_rsc_op')
                .some((op) => op.get('operation') === 'promote' || op.get('rc-code') === '8')
            ? 8
            : 0,
      );
    }
    if (this.is('failures') && dice.chance(0.15))
      add('last_failure_0', dice.pick(['monitor', 'start', 'promote', 'stop']), 0, dice.pick([1, 7, 5, 2]));
  }

  private operation(
    name: string,
    id: string,
    task: string,
    interval: number,
    rc: number,
    call: number,
    node: string,
    xml: Element | undefined,
    status = 0,
  ): Element {
    const { dice } = this;
    const expected = task === 'monitor' && interval === 0 ? 7 : task === 'monitor' && rc === 8 ? 8 : 0;
    const execution =
      status !== 0 ? status : rc === expected || [0, 7, 8].includes(rc) ? 0 : dice.pick([0, 0, 4, 2]);
    const operation = new Element('lrm_rsc_op', {
      id,
      operation_key: `${name}_${task}_${interval}`,
      operation: task,
      'crm-debug-origin': 'test',
      crm_feature_set: '3.16.1',
      'transition-key': `${call}:1:${expected}:11111111-2222-3333-4444-555555555555`,
      'transition-magic': `${execution}:${rc};${call}:1:${expected}:11111111-2222-3333-4444-555555555555`,
      'call-id': String(call),
      'rc-code': String(rc),
      'op-status': String(execution),
      interval: String(interval),
      on_node: node,
      'last-rc-change': String(NOW - dice.pick([10, 500, 10_000])),
    });
    if (xml && dice.chance(0.7)) {
      // What ran: the parameters as configured, or others.
      const parameters = new Map<string, string>();
      for (const pair of xml.first('instance_attributes')?.elements('nvpair') ?? [])
        parameters.set(pair.get('name')!, pair.get('value')!);
      if (interval > 0) {
        const configured = xml
          .first('operations')
          ?.elements('op')
          .find((op) => op.get('name') === 'monitor' && op.get('interval') === `${interval / 1000}s`);
        parameters.set('CRM_meta_timeout', configured?.get('timeout') ? '60000' : '20000');
      }
      if (dice.chance(0.05)) parameters.set('state', '/elsewhere');
      operation.set('op-digest', operationDigest(new Element('parameters', parameters)));
      if (this.is('reload') && dice.chance(0.5)) {
        operation.set('op-force-restart', ' other ');
        operation.set('op-restart-digest', operationDigest(new Element('parameters', [])));
      }
    }
    return operation;
  }
}
