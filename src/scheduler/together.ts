import { INFINITY } from '../cib/score.js';
import type { Resource } from '../status/types.js';
import { colocationEffect } from './colocation.js';
import type { Planner } from './planner.js';

/** Adds a resource and all that must be on one node with it, in either direction. */
export function collectColocated(
  planner: Planner,
  resource: Resource,
  origin: Resource,
  found: Set<Resource>,
): void {
  if (found.has(resource)) return;
  found.add(resource);
  const { thisWith, withThis } = resource.plan!;
  for (const colocation of thisWith) {
    const { primary, score } = colocation;
    if (primary === origin || score !== INFINITY) continue;
    if (colocationEffect(resource, primary, colocation, true) !== 'location') continue;
    planner.methodsOf(primary).collectColocated(planner, primary, origin, found);
  }
  for (const colocation of withThis) {
    const { dependent, score } = colocation;
    if (dependent === origin || score !== INFINITY) continue;
    // What is with a clone may be with any of its instances.
    if (resource.kind === 'clone' && dependent.kind !== 'clone') continue;
    if (colocationEffect(dependent, resource, colocation, true) !== 'location') continue;
    planner.methodsOf(dependent).collectColocated(planner, dependent, origin, found);
  }
}
