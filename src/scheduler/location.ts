import { addScores } from '../cib/score.js';
import { candidateOf } from '../status/scores.js';
import type { Candidate, Discovery, Resource } from '../status/types.js';
import { Role } from '../status/types.js';
import type { Location, Planner } from './planner.js';

export function addLocation(
  planner: Planner,
  id: string,
  resource: Resource,
  discovery: Candidate['discovery'],
  nodes: Location['nodes'],
): Location {
  const location: Location = { id, resource, role: Role.Unknown, discovery, nodes };
  if (discovery === 'exclusive') resource.exclusiveDiscovery = true;
  planner.locations.push(location);
  resource.plan!.locations.push(location);
  return location;
}

/** Applies all location constraints, the newest first. */
export function applyLocations(planner: Planner): void {
  for (let i = planner.locations.length - 1; i >= 0; i--) {
    const location = planner.locations[i]!;
    planner.because(location.id, () =>
      planner.methodsOf(location.resource).applyLocation(planner, location.resource, location),
    );
  }
}

const STRENGTH: Readonly<Record<Discovery, number>> = { always: 0, never: 1, exclusive: 2 };

/** Adds the scores of a location constraint to the resource's own. */
export function applyLocation(_planner: Planner, resource: Resource, location: Location): void {
  if (location.role > Role.Unknown && location.role !== resource.nextRole) return;
  for (const { node, score } of location.nodes) {
    let candidate = resource.allowed.get(node);
    if (candidate) candidate.score = addScores(candidate.score, score);
    else {
      candidate = candidateOf(node);
      candidate.score = score;
      resource.allowed.set(node, candidate);
    }
    if (STRENGTH[candidate.discovery] < STRENGTH[location.discovery]) {
      if (location.discovery === 'exclusive') resource.exclusiveDiscovery = true;
      candidate.discovery = location.discovery;
    }
  }
}
