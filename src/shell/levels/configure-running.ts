import type { Element } from '../../cib/element.js';
import type { ClusterStatus, Resource } from '../../status/types.js';
import { unpackStatus } from '../../status/unpack.js';

/** Ids of resources that are active somewhere and managed. A group is left out: deleting it stops nothing. */
export function runningResources(cib: Element, nowMs: number): Set<string> {
  const status: ClusterStatus = unpackStatus(cib, {
    nowMs,
    utcOffsetSec: -new Date(nowMs).getTimezoneOffset() * 60,
  });
  const found = new Set<string>();
  const visit = (resource: Resource): boolean => {
    const below = resource.children.map(visit);
    const active = resource.children.length > 0 ? below.includes(true) : resource.runningOn.length > 0;
    if (active && resource.managed && resource.xml.name !== 'group') found.add(resource.xml.id);
    return active;
  };
  for (const resource of status.resources) visit(resource);
  return found;
}
