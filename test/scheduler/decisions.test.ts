import { describe, expect, it } from 'vitest';
import type { Element } from '../../src/cib/element.js';
import { schedule } from '../../src/scheduler/index.js';
import { cluster, decide, NOW_MS, type Parts, primitive } from './clusters.js';

/** What "Pacemaker Explained" promises, rule by rule, in clusters small enough to see why. */
const summaryOf = (parts: Parts) => decide(cluster(parts)).summary;

describe('placement', () => {
  it('spreads resources over the nodes', () => {
    expect(summaryOf({ resources: primitive('a') + primitive('b') })).toEqual([
      'Start a ( alpha )',
      'Start b ( beta )',
    ]);
  });

  it('leaves a running resource where it is, even without stickiness', () => {
    expect(summaryOf({ resources: primitive('a'), history: { beta: ['a start'] } })).toEqual([]);
  });

  it('moves to a preferred node only when the preference beats stickiness', () => {
    const parts = (stickiness: string) => ({
      resources: primitive('a', { 'resource-stickiness': stickiness }),
      constraints: '<rsc_location id="l" rsc="a" node="beta" score="100"/>',
      history: { alpha: ['a start'] },
    });
    expect(summaryOf(parts('200'))).toEqual([]);
    expect(summaryOf(parts('50'))).toEqual(['Move a ( alpha -> beta )']);
  });

  it('starts nowhere what every node is banned for', () => {
    const constraints = ['alpha', 'beta']
      .map((node) => `<rsc_location id="${node}" rsc="a" node="${node}" score="-INFINITY"/>`)
      .join('');
    expect(summaryOf({ resources: primitive('a'), constraints })).toEqual([]);
  });

  it('runs in an opt-in cluster only where it is allowed', () => {
    const parts = { options: { 'symmetric-cluster': 'false' }, resources: primitive('a') + primitive('b') };
    const constraints = '<rsc_location id="l" rsc="a" node="beta" score="0"/>';
    expect(summaryOf({ ...parts, constraints })).toEqual(['Start a ( beta )']);
  });

  it('keeps resources off standby nodes and moves them away', () => {
    const parts = {
      resources: primitive('a'),
      history: { alpha: ['a start'] },
      attributes: { alpha: { standby: 'on' } },
    };
    expect(summaryOf(parts)).toEqual(['Move a ( alpha -> beta )']);
  });

  it('does what target-role says', () => {
    const stopped = primitive('a', { 'target-role': 'Stopped' });
    expect(summaryOf({ resources: stopped, history: { alpha: ['a start'] } })).toEqual([
      'Stop a ( alpha ) due to node availability',
    ]);
  });

  it('touches nothing that is not managed', () => {
    const parts = {
      resources: primitive('a', { 'is-managed': 'false' }),
      history: { alpha: ['a start'] },
      attributes: { alpha: { standby: 'on' } },
    };
    expect(summaryOf(parts)).toEqual([]);
  });

  it('keeps to node capacities', () => {
    const sized = (id: string) =>
      primitive(id).replace(
        '</primitive>',
        `<utilization id="${id}-u"><nvpair id="${id}-cpu" name="cpu" value="2"/></utilization></primitive>`,
      );
    const cib = cluster({
      options: { 'placement-strategy': 'utilization' },
      resources: sized('a') + sized('b') + sized('c'),
    });
    for (const node of cib.at('configuration', 'nodes')!.elements()) {
      const set = node.ensure('utilization');
      set.set('id', `${node.id}-u`);
      const pair = set.ensure('nvpair');
      for (const [name, value] of Object.entries({ id: `${node.id}-cpu`, name: 'cpu', value: '2' }))
        pair.set(name, value);
    }
    expect(decide(cib).summary).toEqual(['Start a ( alpha )', 'Start b ( beta )']);
  });
});

describe('colocation and order', () => {
  const two = primitive('a') + primitive('b');

  it('puts a resource where the other is', () => {
    const constraints = '<rsc_colocation id="c" rsc="b" with-rsc="a" score="INFINITY"/>';
    expect(summaryOf({ resources: two, constraints })).toEqual(['Start a ( alpha )', 'Start b ( alpha )']);
  });

  it('keeps resources apart that must not be together, and stops one where there is no other node', () => {
    const constraints = '<rsc_colocation id="c" rsc="b" with-rsc="a" score="-INFINITY"/>';
    expect(summaryOf({ nodes: ['alpha'], resources: two, constraints })).toEqual(['Start a ( alpha )']);
  });

  it('starts in order and stops in the opposite order', () => {
    const constraints = '<rsc_order id="o" first="a" then="b"/>';
    const up = decide(cluster({ nodes: ['alpha'], resources: two, constraints }));
    expect(up.done).toEqual(['a start on alpha', 'b start on alpha']);
    const history = { alpha: ['a start', 'b start'] };
    const down = decide(
      cluster({
        nodes: ['alpha'],
        options: { 'stop-all-resources': 'true' },
        resources: two,
        constraints,
        history,
      }),
    );
    expect(down.done).toEqual(['b stop on alpha', 'a stop on alpha']);
  });

  it('does not start what depends on something that cannot start', () => {
    const resources = primitive('a', { 'target-role': 'Stopped' }) + primitive('b');
    const constraints = '<rsc_order id="o" first="a" then="b"/>';
    expect(summaryOf({ nodes: ['alpha'], resources, constraints })).toEqual([
      'Start b ( alpha ) due to unrunnable a start (blocked)',
    ]);
  });

  it('reports resources that constraints cannot find', () => {
    const constraints = '<rsc_colocation id="c" rsc="ghost" with-rsc="a" score="INFINITY"/>';
    expect(decide(cluster({ resources: two, constraints })).messages.join('\n')).toContain('ghost');
  });

  it('breaks cycles of orders and comes to an end', () => {
    const constraints = '<rsc_order id="o1" first="a" then="b"/><rsc_order id="o2" first="b" then="a"/>';
    expect(() => decide(cluster({ resources: two, constraints }))).not.toThrow();
  });

  it('takes cycles of colocations as they come', () => {
    const constraints =
      '<rsc_colocation id="c1" rsc="a" with-rsc="b" score="INFINITY"/><rsc_colocation id="c2" rsc="b" with-rsc="a" score="INFINITY"/>';
    expect(() => decide(cluster({ resources: two, constraints }))).not.toThrow();
  });
});

function failedMonitor(cib: Element): { parent: Element; failed: Element } {
  for (const state of cib.at('status')!.elements()) {
    const parent = state.at('lrm', 'lrm_resources', 'lrm_resource');
    const failed = parent?.elements().find((operation) => operation.get('rc-code') === '7');
    if (parent && failed?.get('interval') === '10000') return { parent, failed };
  }
  throw new Error('no failed monitor');
}

describe('failures', () => {
  it('recovers what a monitor found stopped', () => {
    const parts = { resources: primitive('a'), history: { alpha: ['a start', 'a monitor 10000 7'] } };
    expect(summaryOf(parts)).toEqual(['Recover a ( alpha )']);
  });

  it('moves away once migration-threshold is reached', () => {
    const parts = {
      resources: primitive('a', { 'migration-threshold': '2' }),
      history: { alpha: ['a start'] },
      attributes: { alpha: { 'fail-count-a#monitor_10000': '2' } },
    };
    expect(summaryOf(parts)).toEqual(['Move a ( alpha -> beta )']);
  });

  it('starts a monitor anew whose failure has expired, unless its last success is recorded too', () => {
    const monitor = '<operations><op id="a-monitor" name="monitor" interval="10s"/></operations>';
    const resources = primitive('a', { 'failure-timeout': '10s' }, monitor);
    const failure = (entry: string) => {
      const cib = cluster({ resources, history: { alpha: ['a start', 'a monitor 10000 7'] } });
      const { parent, failed } = failedMonitor(cib);
      failed.set('id', 'a_last_failure_0');
      if (entry === 'success too') {
        const success = failed.clone().set('id', 'a_monitor_10000').set('rc-code', '0');
        success.set('transition-magic', failed.get('transition-magic')!.replace('0:7;', '0:0;'));
        parent.children.splice(parent.children.indexOf(failed), 0, success);
        failed.set('last-rc-change', '1699999100');
      }
      return decide(cib).done;
    };
    expect(failure('alone')).toEqual(['a monitor=10000 on alpha']);
    expect(failure('success too')).toEqual([]);
  });

  it('blocks a resource whose stop failed, where nothing can be fenced', () => {
    const { summary, done } = decide(
      cluster({ resources: primitive('a'), history: { alpha: ['a stop 0 1'] } }),
    );
    expect(summary).toEqual([]);
    expect(done).toEqual([]);
  });

  it('fences for a lost ticket, unless there is nothing that it may manage', () => {
    const parts = (maintenance: string) => ({
      options: { 'stonith-enabled': 'true', 'maintenance-mode': maintenance },
      resources: `<primitive id="fence" class="stonith" type="fence_virt"/>${primitive('a')}`,
      constraints: '<rsc_ticket id="t" rsc="a" ticket="T" loss-policy="fence"/>',
      history: { alpha: ['a start'], beta: ['fence start'] },
    });
    expect(summaryOf(parts('false'))[0]).toBe("Fence (reboot) alpha 'deadman ticket was lost'");
    expect(summaryOf(parts('true'))).toEqual([]);
  });

  it('fences a node that is lost, and starts its resources elsewhere only after that', () => {
    const parts = {
      lost: ['alpha'],
      options: { 'stonith-enabled': 'true' },
      resources: `<primitive id="fence" class="stonith" type="fence_virt"/>${primitive('a')}`,
      history: { alpha: ['a start'], beta: ['fence start'] },
    };
    const { summary, done } = decide(cluster(parts));
    expect(summary).toContain("Fence (reboot) alpha 'peer is no longer part of the cluster'");
    expect(done.indexOf('Fencing alpha (reboot)')).toBeLessThan(done.indexOf('a start on beta'));
  });
});

describe('collections', () => {
  it('starts a group on one node, member after member', () => {
    const resources = `<group id="g">${primitive('a')}${primitive('b')}</group>`;
    const { done } = decide(cluster({ resources }));
    expect(done.filter((line) => line.includes(' start on '))).toEqual([
      'a start on alpha',
      'b start on alpha',
    ]);
  });

  it('starts a clone on every node', () => {
    const { summary } = decide(cluster({ resources: `<clone id="c">${primitive('a')}</clone>` }));
    expect(summary).toEqual(['Start a:0 ( alpha )', 'Start a:1 ( beta )']);
  });

  it('promotes the instance with the highest promotion score', () => {
    const meta =
      '<meta_attributes id="c-meta"><nvpair id="c-p" name="promotable" value="true"/></meta_attributes>';
    const resources = `<clone id="c">${meta}${primitive('a')}</clone>`;
    const attributes = { alpha: { 'master-a': '5' }, beta: { 'master-a': '10' } };
    const { summary } = decide(
      cluster({ resources, attributes, history: { alpha: ['a start'], beta: ['a start'] } }),
    );
    expect(summary).toHaveLength(1);
    expect(summary[0]).toMatch(/^Promote a:\d \( Unpromoted -> Promoted beta \)$/);
  });

  it('migrates live what allows it', () => {
    const parts = {
      resources: primitive('a', { 'allow-migrate': 'true' }),
      history: { alpha: ['a start'] },
      attributes: { alpha: { standby: 'on' } },
    };
    const { summary, done } = decide(cluster(parts));
    expect(summary).toEqual(['Migrate a ( alpha -> beta )']);
    expect(done.slice(0, 3)).toEqual(['a migrate_to on alpha', 'a migrate_from on beta', 'a stop on alpha']);
  });
});

describe('the cluster as a whole', () => {
  it('stops everything without quorum', () => {
    const cib = cluster({ resources: primitive('a'), history: { alpha: ['a start'] } });
    cib.set('have-quorum', '0');
    expect(decide(cib).summary).toEqual(['Stop a ( alpha ) due to no quorum']);
  });

  it('carries on without quorum when told to', () => {
    const cib = cluster({ options: { 'no-quorum-policy': 'ignore' }, resources: primitive('a') });
    cib.set('have-quorum', '0');
    expect(decide(cib).summary).toEqual(['Start a ( alpha )']);
  });

  it('does nothing in maintenance mode', () => {
    const parts = {
      options: { 'maintenance-mode': 'true' },
      resources: primitive('a'),
      attributes: { alpha: { standby: 'on' } },
    };
    expect(summaryOf(parts)).toEqual([]);
  });

  it('does not change the CIB it decides about', () => {
    const cib = cluster({ resources: primitive('a') });
    const before = JSON.stringify(cib);
    decide(cib);
    expect(JSON.stringify(cib)).toBe(before);
  });
});

describe('explanations', () => {
  it('tell which constraint, or what else, made a score', () => {
    const cib = cluster({
      resources: primitive('a', { 'resource-stickiness': '100' }) + primitive('b'),
      constraints:
        '<rsc_location id="prefer" rsc="a" node="beta" score="50"/><rsc_colocation id="apart" rsc="b" with-rsc="a" score="-10"/>',
      history: { alpha: ['a start'] },
    });
    const told = schedule(cib, { nowMs: NOW_MS, explain: true }).contributions.map(
      ({ resource, node, cause, from, to }) =>
        `${resource.id} on ${node.name}: ${cause} ${from ?? 0} -> ${to}`,
    );
    expect(told).toContain('a on beta: prefer 0 -> 50');
    expect(told).toContain('a on alpha: resource-stickiness 0 -> 100');
    expect(told).toContain('b on alpha: apart 0 -> -10');
  });
});
