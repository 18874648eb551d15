import type { Element } from '../../cib/element.js';
import { collectNvpairs } from '../../cib/rule.js';
import { baseName } from '../../status/queries.js';
import type { ClusterNode, ClusterStatus, Resource } from '../../status/types.js';

/**
 * The resource of that name: its id, the id of any of its instances, or the id that its instances share.
 *
 * @param anyInstance the shared id also names the first instance of a globally unique clone
 */
export function findResource(
  resources: readonly Resource[],
  name: string,
  anyInstance = false,
): Resource | undefined {
  for (const resource of resources) {
    const shared = (anyInstance || !resource.unique) && baseName(resource.id) === name;
    if (shared || resource.id === name || resource.historyName === name) return resource;
    const found = findResource(resource.children, name, anyInstance);
    if (found) return found;
  }
  return undefined;
}

/** The outermost resource that a resource belongs to. */
export function outermost(resource: Resource): Resource {
  let top = resource;
  while (top.parent && top.parent.kind !== 'bundle') top = top.parent;
  return top;
}

/** The meta-attributes of a resource as they hold on a node: its own, its parents', then the defaults. */
export function metaAttributes(
  status: ClusterStatus,
  resource: Resource,
  node: ClusterNode | undefined,
): Map<string, string> {
  const { xml } = resource;
  const agentClass = xml.get('class');
  const surroundings = {
    now: status.now,
    node: node?.attributes,
    ...(agentClass === undefined
      ? {}
      : { resource: { class: agentClass, provider: xml.get('provider'), type: xml.get('type') ?? '' } }),
  };
  const found = new Map<string, string>(xml.attributes);
  const collect = (element: Element) =>
    collectNvpairs(element, 'meta_attributes', status.cib, surroundings, found);
  for (let here: Resource | undefined = resource; here; here = here.parent) collect(here.xml);
  if (status.resourceDefaults) collect(status.resourceDefaults);
  for (const [name, value] of resource.parent?.meta ?? []) if (!found.has(name)) found.set(name, value);
  return found;
}
