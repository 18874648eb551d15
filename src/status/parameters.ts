import type { Element } from '../cib/element.js';
import { surroundings, unpackNvpairs } from './nvpairs.js';
import type { ClusterNode, ClusterStatus, Resource } from './types.js';

/**
 * Instance parameters of a resource on a node, with those of its parents and of `rsc_defaults`. Kept: the same map
 * is given out again, and nobody but the bundle's connection changes it.
 */
export function resourceParameters(
  status: ClusterStatus,
  resource: Resource,
  node: ClusterNode | undefined,
): Map<string, string> {
  const key = node === undefined || !dependOnNode(status, resource) ? '' : node.name;
  const cached = resource.parameterCache.get(key);
  if (cached) return cached;
  const parameters = new Map<string, string>();
  const context = surroundings(status, { node: key === '' ? undefined : node!.attributes });
  let top: Resource | undefined = resource;
  for (; top; top = top.parent) {
    unpackNvpairs(status, top.xml, 'instance_attributes', context, parameters);
  }
  unpackNvpairs(status, status.resourceDefaults, 'instance_attributes', context, parameters);
  resource.parameterCache.set(key, parameters);
  return parameters;
}

/** Whether any set of instance attributes has a rule; without, parameters are the same everywhere. */
function hasRules(element: Element): boolean {
  for (const set of element.children) {
    if (set.kind !== 'element' || set.name !== 'instance_attributes') continue;
    if (set.get('id-ref') !== undefined || set.first('rule') !== undefined) return true;
  }
  return false;
}

function dependOnNode(status: ClusterStatus, resource: Resource): boolean {
  for (let top: Resource | undefined = resource; top; top = top.parent) if (hasRules(top.xml)) return true;
  return status.resourceDefaults !== undefined && hasRules(status.resourceDefaults);
}
