import { failCount } from '../status/failcounts.js';
import type { ClusterNode, Resource } from '../status/types.js';
import type { Planner } from './planner.js';

/** Whether a resource has failed `migration-threshold` times on a node. */
export function isThresholdReached(planner: Planner, resource: Resource, node: ClusterNode): boolean {
  if (resource.migrationThreshold === 0 || resource.failureIgnored) return false;
  const { count } = failCount(planner.status, resource, node, { effective: true, fillers: true });
  return count > 0 && resource.migrationThreshold - count <= 0;
}
