import { parseXml } from '../cib/xml.js';
import type { GraphAction } from '../scheduler/graph.js';
import { effectiveRc, type Failure } from './failures.js';
import type { Transition } from './transition.js';
import { parseTransitionKey } from './transition-key.js';
import type { OperationRecord } from './types.js';

/** What a result means for the running transition and for fail-counts. */
export interface Meaning {
  /** The action of the transition that is over with it. */
  readonly ends?: { readonly action: number; readonly ok: boolean };
  readonly failure?: Failure;
  /** Why the state is to be judged anew. */
  readonly plan?: string;
}

/**
 * What a DC makes of a result (process_graph_event of controld).
 *
 * @param node name of the node that it is from
 * @param uuid of this DC's controller
 */
export function meaningOf(
  record: OperationRecord,
  node: string,
  uuid: string,
  transition: Transition | null,
): Meaning {
  if (record.status === -1) return {};
  const key = parseTransitionKey(record.transitionKey);
  const current = key?.uuid === uuid && key.transition === transition?.id;
  if (record.forgotten) {
    if (current) return { ends: { action: key.action, ok: true } };
    return { plan: `history of ${record.resource.id} on ${node} was removed` };
  }
  if (!key) return { plan: 'a result came without a transition' };
  if (record.status === 1) return current ? { ends: { action: key.action, ok: true } } : {};
  const failed = effectiveRc(record.rc) !== key.targetRc;
  const what = `${record.operationKey} on ${node}`;
  const { task, intervalMs } = record;
  const failure = { resource: record.resource.id, task, intervalMs, ignored: false, unasked: false };
  const state = current ? transition?.stateOf(key.action) : undefined;
  if (state === 'in-flight') {
    const ignored = transition?.action(key.action)?.attributes.CRM_meta_on_fail === 'ignore';
    return {
      ...(failed ? { failure: { ...failure, ignored } } : {}),
      ends: { action: key.action, ok: !failed || ignored },
      ...(failed && !ignored ? { plan: `${what} has failed` } : {}),
    };
  }
  if (state !== undefined && intervalMs === 0) return {};
  if (!failed) return { plan: `${what} has changed` };
  return { failure: { ...failure, unasked: task === 'asyncmon' }, plan: `${what} has failed` };
}

/** The result that an action of the graph is expected to have. */
export function targetRc(action: GraphAction): number {
  return Number(action.attributes.CRM_meta_op_target_rc ?? 0);
}

/** The finished result that an `<lrm>` holds for a transition key, if any. */
export function resultIn(lrm: string, key: string): { rc: number } | null {
  if (!lrm.includes(key)) return null;
  for (const entry of parseXml(lrm).descendants()) {
    if (entry.get('transition-key') !== key || entry.get('op-status') === '-1') continue;
    return { rc: effectiveRc(Number(entry.get('rc-code'))) };
  }
  return null;
}
