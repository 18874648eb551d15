import { operationDigest } from '../cib/digest.js';
import { Element } from '../cib/element.js';
import { scanInteger } from '../cib/number.js';
import { FEATURE_SET } from '../cib/version.js';
import { agentCapabilities } from '../status/agents.js';
import { withoutClusterAttributes } from '../status/digests.js';
import { notifyKey, operationKey } from '../status/operation-key.js';

/** The id that results without a transition engine carry. */
const FAKE_ENGINE = 'xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx';

/** An operation that has ended, as it is to stand in a history. */
export interface OperationResult {
  readonly resourceId: string;
  readonly task: string;
  readonly intervalMs: number;
  readonly rc: number;
  readonly expectedRc: number;
  readonly exitReason: string;
  readonly callId: number;
  /** Seconds since 1970. */
  readonly atSec: number;
  /** Parameters that it ran with, with `CRM_meta_*`; absent: no digest is recorded. */
  readonly parameters?: Readonly<Record<string, string>>;
}

/** Writes a result into a resource's history, as the controller would. */
export function recordResult(entry: Element, result: OperationResult): void {
  const { resourceId, intervalMs, rc, expectedRc, callId } = result;
  const reload = result.task === 'reload' || result.task === 'reload-agent';
  const task = reload ? 'start' : result.task;
  const key = operationKey(resourceId, task, intervalMs);
  const ids: string[] = [];
  let reason = '';
  let exit = rc;
  if (task === 'notify') {
    const type = result.parameters?.CRM_meta_notify_type ?? '';
    ids.push(notifyKey(resourceId, type, result.parameters?.CRM_meta_notify_operation ?? ''));
    exit = 0;
  } else if (result.task === 'migrate_to' || result.task === 'migrate_from') ids.push(key);
  else if (rc !== expectedRc) {
    ids.push(operationKey(resourceId, 'last_failure', 0));
    if (intervalMs === 0) ids.push(operationKey(resourceId, 'last', 0));
    reason = result.exitReason;
  } else ids.push(intervalMs > 0 ? key : operationKey(resourceId, 'last', 0));
  const transitionKey = `${callId}:-1:${expectedRc}:${FAKE_ENGINE}`;
  const migrates = result.task === 'migrate_to' || result.task === 'migrate_from';
  const attributes: [string, string | undefined][] = [
    ['operation_key', key],
    ['operation', task],
    ['crm-debug-origin', 'crm_simulate'],
    ['crm_feature_set', FEATURE_SET],
    ['transition-key', transitionKey],
    ['transition-magic', `0:${exit};${transitionKey}`],
    ['exit-reason', reason],
    ['call-id', String(callId)],
    ['rc-code', String(exit)],
    ['op-status', '0'],
    ['interval', String(intervalMs)],
    ['last-rc-change', String(result.atSec)],
    ['exec-time', '0'],
    ['queue-time', '0'],
    ['migrate_source', migrates ? result.parameters?.CRM_meta_migrate_source : undefined],
    ['migrate_target', migrates ? result.parameters?.CRM_meta_migrate_target : undefined],
    ['op-digest', result.parameters && parametersDigest(result.parameters)],
  ];
  for (const id of ids) {
    let operation = entry.elements('lrm_rsc_op').find((candidate) => candidate.id === id);
    operation ??= entry.append(new Element('lrm_rsc_op', { id }));
    for (const [name, value] of attributes) if (value !== undefined) operation.set(name, value);
  }
}

function parametersDigest(parameters: Readonly<Record<string, string>>): string {
  const kept = withoutClusterAttributes(new Map(Object.entries(parameters)));
  return operationDigest(new Element('parameters', kept));
}

/** The number that the next operation of a resource on a node gets. */
export function nextCallId(entry: Element): number {
  let last = 0;
  for (const operation of entry.elements()) {
    last = Math.max(last, Number(scanInteger(operation.get('call-id') ?? '')?.value ?? 0n));
  }
  return last + 1;
}

export interface Agent {
  readonly class: string | undefined;
  readonly provider: string | undefined;
  readonly type: string | undefined;
}

const CLASSES = new Set(['ocf', 'stonith', 'service', 'upstart', 'systemd', 'lsb']);

/**
 * The history of a resource on a node, made where there is none.
 *
 * @param historyId the id that a new one gets
 * @returns a complaint where the agent is not known well enough
 */
export function ensureHistory(
  state: Element,
  resourceId: string,
  historyId: string,
  agent: Agent,
): Element | { readonly complaint: string } {
  const all = state.at('lrm', 'lrm_resources')?.elements('lrm_resource') ?? [];
  const known = all.find(({ id }) => id === resourceId) ?? all.find(({ id }) => id === historyId);
  if (known) return known;
  if (agent.class === undefined || agent.type === undefined) {
    return {
      complaint: `Resource ${resourceId} not found in the status section of ${state.id}. Please supply the class and type to continue`,
    };
  }
  if (!CLASSES.has(agent.class.toLowerCase())) {
    return { complaint: `Invalid class for ${resourceId}: ${agent.class}` };
  }
  if (agentCapabilities(agent.class).provider && agent.provider === undefined) {
    return { complaint: `Please specify the provider for resource ${resourceId}` };
  }
  let lrm = state.first('lrm');
  lrm ??= state.append(new Element('lrm', { id: state.id }));
  const resources = lrm.ensure('lrm_resources');
  const entry = resources.append(new Element('lrm_resource', { id: historyId, class: agent.class }));
  entry.set('provider', agent.provider);
  entry.set('type', agent.type);
  return entry;
}

/** The `node_state` of a node, made where there is none. */
export function ensureNodeState(cib: Element, name: string, id: string): Element {
  const status = cib.ensure('status');
  const known = status.elements('node_state').find((state) => state.get('uname') === name);
  return known ?? status.append(new Element('node_state', { id, uname: name }));
}

/** Sets what a node's state says of its membership. */
export function setMembership(state: Element, up: boolean): void {
  state.set('in_ccm', up ? 'true' : 'false');
  state.set('crmd', up ? 'online' : 'offline');
  state.set('join', up ? 'member' : 'down');
  state.set('expected', up ? 'member' : 'down');
  state.set('crm-debug-origin', 'crm_simulate');
}
