import { Element } from '../../../src/cib/element.js';

/** A large cluster: groups and primitives that run, with constraints between neighbours. */
export function largeCluster(nodeCount: number, resourceCount: number): Element {
  const configuration = new Element('configuration');
  const options = configuration
    .append(new Element('crm_config'))
    .append(new Element('cluster_property_set', { id: 'options' }));
  options.append(new Element('nvpair', { id: 'options-stonith', name: 'stonith-enabled', value: 'false' }));
  const nodes = configuration.append(new Element('nodes'));
  const resources = configuration.append(new Element('resources'));
  const constraints = configuration.append(new Element('constraints'));
  const status = new Element('status');
  const histories: Element[] = [];
  for (let i = 1; i <= nodeCount; i++) {
    nodes.append(new Element('node', { id: String(i), uname: `node${i}` }));
    const history = new Element('lrm_resources');
    histories.push(history);
    const state = {
      id: String(i),
      uname: `node${i}`,
      in_ccm: 'true',
      crmd: 'online',
      join: 'member',
      expected: 'member',
    };
    status.append(new Element('node_state', state, [new Element('lrm', { id: String(i) }, [history])]));
  }
  for (let i = 0; i < resourceCount; i++) {
    const id = `rsc${i}`;
    const monitor = new Element('op', { id: `${id}-monitor`, name: 'monitor', interval: '10s' });
    resources.append(
      new Element('primitive', { id, class: 'ocf', provider: 'pacemaker', type: 'Dummy' }, [
        new Element('operations', [], [monitor]),
      ]),
    );
    for (const [at, history] of histories.entries()) {
      const active = at === i % nodeCount;
      const operation = (name: string, task: string, rc: number, interval: number) =>
        new Element('lrm_rsc_op', {
          id: `${id}_${name}`,
          operation_key: `${id}_${task}_${interval}`,
          operation: task,
          crm_feature_set: '3.16.1',
          'transition-key': `1:1:${rc}:11111111-2222-3333-4444-555555555555`,
          'transition-magic': `0:${rc};1:1:${rc}:11111111-2222-3333-4444-555555555555`,
          'call-id': '1',
          'rc-code': String(rc),
          'op-status': '0',
          interval: String(interval),
        });
      const done = active
        ? [operation('last_0', 'start', 0, 0), operation('monitor_10000', 'monitor', 0, 10000)]
        : [operation('last_0', 'monitor', 7, 0)];
      history.append(
        new Element('lrm_resource', { id, class: 'ocf', provider: 'pacemaker', type: 'Dummy' }, done),
      );
    }
    if (i % 10 === 1) {
      constraints.append(
        new Element('rsc_order', [
          ['id', `order${i}`],
          ['first', `rsc${i - 1}`],
          ['then', id],
        ]),
      );
    }
    if (i % 10 === 2) {
      constraints.append(
        new Element('rsc_colocation', { id: `with${i}`, rsc: id, 'with-rsc': `rsc${i - 1}`, score: '100' }),
      );
    }
    if (i % 10 === 3) {
      constraints.append(
        new Element('rsc_location', {
          id: `at${i}`,
          rsc: id,
          node: `node${(i % nodeCount) + 1}`,
          score: '50',
        }),
      );
    }
  }
  const attributes = {
    'validate-with': 'pacemaker-3.9',
    epoch: '1',
    num_updates: '0',
    admin_epoch: '0',
    'have-quorum': '1',
  };
  return new Element('cib', attributes, [configuration, status]);
}
