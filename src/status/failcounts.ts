import type { Element } from '../cib/element.js';
import { intervalMs } from '../cib/interval.js';
import { scanInteger } from '../cib/number.js';
import { addScores, parseScore } from '../cib/score.js';
import { compareVersions } from '../cib/version.js';
import { operationKey } from './operation-key.js';
import { baseName } from './queries.js';
import { type ClusterNode, type ClusterStatus, isBundled, type Resource } from './types.js';

export interface FailCount {
  readonly count: number;
  /** Seconds since 1970; 0 where not known. */
  readonly lastFailureSec: number;
}

export interface FailCountOptions {
  /** Failures older than `failure-timeout` do not count. */
  readonly effective?: boolean;
  /** Those of what lives in the resource count too. */
  readonly fillers?: boolean;
  /** The failed operation at hand, to see whether on-fail=block holds for it. */
  readonly operation?: Element;
}

/** `fail-count-` and `last-failure-` attributes of a node for one resource, all operations together. */
export function failCount(
  status: ClusterStatus,
  resource: Resource,
  node: ClusterNode,
  options: FailCountOptions = {},
): FailCount {
  let { count, lastFailureSec } = recordedFailures(status, resource, node);
  let last = count > 0 && lastFailureSec > 0 ? lastFailureSec : 0;
  if (count > 0 && resource.failureTimeoutSec && blocksOnFailure(status, resource, node, options.operation)) {
    status.messages.push({
      severity: 'warning',
      text: `Ignoring failure timeout ${resource.failureTimeoutSec} for ${resource.id} because it conflicts with on-fail=block`,
    });
    resource.failureTimeoutSec = 0;
  }
  if (options.effective && count > 0 && lastFailureSec > 0 && resource.failureTimeoutSec) {
    if (status.nowSec > lastFailureSec + resource.failureTimeoutSec) count = 0;
  }
  if (options.fillers && resource.fillers.length > 0 && !isBundled(resource)) {
    for (const filler of resource.fillers) {
      const inside = failCount(status, filler, node, options);
      count += inside.count;
      if (inside.lastFailureSec > last) last = inside.lastFailureSec;
    }
  }
  lastFailureSec = last;
  return { count, lastFailureSec };
}

function recordedFailures(status: ClusterStatus, resource: Resource, node: ClusterNode): FailCount {
  let count = 0;
  let lastFailureSec = 0;
  const id = resource.historyName ?? resource.id;
  const name = resource.unique ? id : baseName(id);
  // Before 3.0.13, fail-counts were not kept by operation.
  const legacy = compareVersions(status.cib.get('crm_feature_set'), '3.0.13') < 0;
  for (const [attribute, value] of failureAttributes(node)) {
    const isCount = attribute.startsWith('fail-count-');
    const rest = attribute.slice(isCount ? 11 : 13);
    if (!rest.startsWith(name)) continue;
    let tail = rest.slice(name.length);
    if (!resource.unique) tail = tail.replace(/^:[0-9]+/, '');
    if (legacy ? tail !== '' : !/^#.+_[0-9]+$/.test(tail)) continue;
    if (isCount) count = addScores(count, parseScore(value, status.options.healthScores));
    else lastFailureSec = Math.max(lastFailureSec, Number(scanInteger(value)?.value ?? 0n));
  }
  return { count, lastFailureSec };
}

function* failureAttributes(node: ClusterNode): Generator<[string, string]> {
  for (const entry of node.attributes) {
    if (entry[0].startsWith('fail-count-') || entry[0].startsWith('last-failure-')) yield entry;
  }
}

/** Whether a failure on the node is of an operation with on-fail=block. */
function blocksOnFailure(
  status: ClusterStatus,
  resource: Resource,
  node: ClusterNode,
  operation: Element | undefined,
): boolean {
  const name = baseName(resource.id);
  const blocking: Element[] = [];
  for (const element of resource.xml.descendants()) {
    if (element.name !== 'primitive' || element.id !== name) continue;
    for (const op of element.descendants()) {
      if (op.name === 'op' && op.get('on-fail') === 'block') blocking.push(op);
    }
  }
  return blocking.some((configured) =>
    operation
      ? isFailureOf(name, configured, operation)
      : recordedOperations(status, node, name, configured).some((op) => isFailureOf(name, configured, op)),
  );
}

function recordedOperations(
  status: ClusterStatus,
  node: ClusterNode,
  resourceId: string,
  configured: Element,
): Element[] {
  const interval = String(intervalMs(configured.get('interval')));
  return historyOf(status, node.name, resourceId).filter(
    (op) => op.get('operation') === configured.get('name') && op.get('interval') === interval,
  );
}

/** The `lrm_rsc_op` entries of a resource in a node's history. */
export function historyOf(status: ClusterStatus, nodeName: string, resourceId: string): Element[] {
  return findHistory(status, nodeName, resourceId)?.elements('lrm_rsc_op') ?? [];
}

/** The `lrm_resource` of a resource in a node's history. */
export function findHistory(
  status: ClusterStatus,
  nodeName: string,
  resourceId: string,
): Element | undefined {
  for (const state of status.cib.first('status')?.elements('node_state') ?? []) {
    if (state.get('uname') !== nodeName) continue;
    const resources = state.at('lrm', 'lrm_resources');
    const found = resources?.elements('lrm_resource').find((entry) => entry.id === resourceId);
    if (found) return found;
  }
  return undefined;
}

function isFailureOf(resourceId: string, configured: Element, operation: Element): boolean {
  const task = configured.get('name') ?? '';
  const interval = intervalMs(configured.get('interval'));
  if (interval !== Number(scanInteger(operation.get('interval') ?? '')?.value ?? 0n)) return false;
  if (task.toLowerCase() !== operation.get('operation')?.toLowerCase()) return false;
  if (operation.id === operationKey(resourceId, 'last_failure', 0)) return true;
  if (operation.id !== operationKey(resourceId, task, interval)) return false;
  return Number(scanInteger(operation.get('rc-code') ?? '')?.value ?? 0n) !== expectedResult(operation);
}

/** The exit status that an operation in the history was expected to have; -1 where it is not recorded. */
export function expectedResult(operation: Element): number {
  const match = /^\s*-?\d+:\s*-?\d+:\s*(-?\d+):\S/.exec(operation.get('transition-key') ?? '');
  return match ? Number(match[1]) : -1;
}
