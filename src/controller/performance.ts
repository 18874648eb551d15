import type { GraphAction } from '../scheduler/graph.js';
import { formatTransitionKey } from './transition-key.js';
import type { Performance } from './types.js';

const META = 'CRM_meta_';

/** What a node is told of an action in the graph. Times in the graph are in ms. */
export function performanceOf(action: GraphAction, transitionKey: string): Performance {
  const parameters: Record<string, string> = {};
  const meta: Record<string, string> = {};
  for (const [name, value] of Object.entries(action.attributes)) {
    if (name.startsWith(META)) meta[name.slice(META.length)] = value;
    else if (name !== 'crm_feature_set') parameters[name] = value;
  }
  // Names that begin with a digit (class heartbeat: `1`, `2`) stand beside the others in a graph.
  for (const [name, value] of action.parameters ?? []) parameters[name] = value;
  const resource = action.resource ?? {
    id: action.operationKey.replace(/_[^_]+_\d+$/, ''),
    class: '',
    type: '',
  };
  const { id, type, provider } = resource;
  return {
    transitionKey,
    task: action.operation,
    operationKey: action.operationKey,
    intervalMs: Number(meta.interval ?? 0),
    timeoutMs: Number(meta.timeout ?? 20_000),
    startDelayMs: Number(meta.start_delay ?? 0),
    resource: { id, type, class: resource.class, ...(provider === undefined ? {} : { provider }) },
    parameters,
    meta,
  };
}

/**
 * An order that belongs to no transition.
 *
 * @param task what the node is to do
 * @param named what it is called in the order's key
 * @param uuid of the controller that orders it
 */
export function orderOutsideTransitions(
  resource: Performance['resource'],
  task: string,
  named: string,
  uuid: string,
): Performance {
  return {
    transitionKey: formatTransitionKey({ action: 0, transition: -1, targetRc: 0, uuid }),
    task,
    operationKey: `${resource.id}_${named}_0`,
    intervalMs: 0,
    timeoutMs: 60_000,
    startDelayMs: 0,
    resource,
    parameters: {},
    meta: {},
  };
}
