import { isTrue } from '../../cib/boolean.js';
import { parseRole } from '../../cib/role.js';
import { addScores, parseScore } from '../../cib/score.js';
import { element, type OutputElement } from '../../command-line/output.js';
import type { ResultName } from '../../command-line/result-codes.js';
import type { Report } from '../../command-line/tool.js';
import { currentNodes } from '../../status/queries.js';
import type { ClusterNode, ClusterStatus, Resource } from '../../status/types.js';
import { outermost } from './find.js';

interface Reason {
  readonly text: string;
  readonly attribute: readonly [string, string];
}

/** Why the configuration keeps a resource from running, in general or on one node. */
function reasonsFor(status: ClusterStatus, resource: Resource, node: ClusterNode | undefined): Reason[] {
  const top = outermost(resource);
  const found: Reason[] = [];
  const role = parseRole(resource.meta.get('target-role'));
  if (role === 'Stopped') {
    found.push({
      text: `Configuration specifies '${top.id}' should remain stopped`,
      attribute: ['remain_stopped', 'true'],
    });
  } else if (role === 'Unpromoted' && top.promotable) {
    found.push({
      text: `Configuration specifies '${top.id}' should not be promoted`,
      attribute: ['promotable', 'false'],
    });
  }
  const managed = resource.meta.get('is-managed');
  if (managed !== undefined && !isTrue(managed)) {
    found.push({
      text: `Configuration prevents cluster from stopping or starting unmanaged '${top.id}'`,
      attribute: ['unmanaged', 'true'],
    });
  }
  if (resource.lockNode) {
    found.push({
      text: `'${top.id}' is locked to node ${resource.lockNode.name} due to shutdown`,
      attribute: ['locked-to', resource.lockNode.name],
    });
  }
  const nodes = node ? [node] : [...resource.allowed.keys()];
  if (nodes.length > 0 && nodes.every((candidate) => isUnhealthy(status, candidate))) {
    found.push({
      text: `'${top.id}' cannot run on unhealthy nodes due to node-health-strategy='${status.options.nodeHealthStrategy}'`,
      attribute: ['unhealthy', 'true'],
    });
  }
  return found;
}

function isUnhealthy(status: ClusterStatus, node: ClusterNode): boolean {
  if (status.options.nodeHealthStrategy === 'none') return false;
  let health = status.options.nodeHealthBase;
  for (const [name, value] of node.attributes) {
    if (name.startsWith('#health')) {
      health = addScores(health, parseScore(value, status.options.healthScores));
    }
  }
  return health < 0;
}

/** Says why resources are running or not (`--why`). */
export function showReasons(
  report: Report,
  status: ClusterStatus,
  resource: Resource | undefined,
  node: ClusterNode | undefined,
): ResultName {
  const check = (one: Resource): OutputElement => {
    const reasons = reasonsFor(status, one, node);
    for (const { text } of reasons) report.line(text);
    return element('check', {
      id: outermost(one).id,
      ...Object.fromEntries(reasons.map(({ attribute }) => attribute)),
    });
  };
  const isRunning = (one: Resource) => currentNodes(one).length > 0;
  if (resource && node) {
    const running = currentNodes(resource).includes(node);
    report.line(`Resource ${resource.id} is ${running ? '' : 'not '}running on host ${node.name}`);
    report.xml(element('reason', { running_on: running ? node.name : undefined }, [check(resource)]));
    return 'ok';
  }
  if (resource) {
    const running = isRunning(resource);
    report.line(`Resource ${resource.id} is ${running ? '' : 'not '}running`);
    report.xml(element('reason', { running }, [check(resource)]));
    return 'ok';
  }
  const listed = node ? node.running : status.resources;
  const entries = listed.map((one) => {
    const running = node !== undefined || isRunning(one);
    report.line(
      node
        ? `Resource ${one.id} is running on host ${node.name}`
        : `Resource ${one.id} is ${running ? '' : 'not '}running`,
    );
    return element('resource', { id: one.id, running, host: node?.name }, [check(one)]);
  });
  report.xml(element('reason', {}, [element('resources', {}, entries)]));
  return 'ok';
}
