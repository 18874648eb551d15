import { isTrue } from '../boolean.js';
import { clusterProperty, clusterPropertyPair } from '../cluster-property.js';
import type { Element } from '../element.js';
import type { Findings } from './finding.js';

/** What is dangerous about the cluster as a whole. */
export function adviseOnOptions(configuration: Element, findings: Findings): void {
  const nodes = (configuration.first('nodes')?.elements('node') ?? []).filter(
    (node) => (node.get('type') ?? 'member') === 'member',
  );
  const fencing = isTrue(clusterProperty(configuration, 'stonith-enabled') ?? 'true');
  const ignores = clusterProperty(configuration, 'no-quorum-policy') === 'ignore';
  const devices = [...(configuration.first('resources')?.descendants() ?? [])].some(
    (element) => element.get('class') === 'stonith',
  );
  const runs = [...(configuration.first('resources')?.descendants() ?? [])].some(
    ({ name, attributes }) => name === 'primitive' && attributes.get('class') !== 'stonith',
  );
  const quorum = clusterPropertyPair(configuration, 'no-quorum-policy');
  const enabled = clusterPropertyPair(configuration, 'stonith-enabled');
  if (!fencing && ignores && nodes.length === 2) {
    findings.add(
      'error',
      'split-brain',
      quorum,
      'Two nodes without fencing that ignore quorum: when the network between them breaks, each takes the other for ' +
        'dead and both run everything; data that both write to is lost. Enable fencing (stonith-enabled=true and a ' +
        'fence device), or add a quorum device and leave no-quorum-policy at stop',
    );
  } else {
    if (!fencing && runs) {
      findings.add(
        'warning',
        'no-fencing',
        enabled,
        'Fencing is disabled: when a node stops answering, the cluster cannot know that its resources are stopped',
      );
    }
    if (ignores && nodes.length > 2) {
      findings.add(
        'warning',
        'quorum-ignored',
        quorum,
        'no-quorum-policy=ignore: after a split every part of the cluster runs all resources',
      );
    }
  }
  if (fencing && !devices && runs) {
    findings.add(
      'error',
      'no-fence-device',
      enabled,
      'Fencing is enabled but there is no fence device: no resource will be started',
    );
  }
}
