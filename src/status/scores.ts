import { addScores, INFINITY } from '../cib/score.js';
import type { Candidate, ClusterNode, ClusterStatus, Resource } from './types.js';

/** A node as a candidate with its own score. */
export function candidateOf(node: ClusterNode): Candidate {
  return { node, score: node.score, discovery: node.discovery, count: 0 };
}

/** The candidates of all nodes, with the nodes' own scores. */
export function allCandidates(status: ClusterStatus): Map<ClusterNode, Candidate> {
  return new Map(status.nodes.map((node) => [node, candidateOf(node)]));
}

/** Adds a score for one node to a resource and all its members. */
export function addNodeScore(resource: Resource, node: ClusterNode, score: number): void {
  for (const child of resource.children) addNodeScore(child, node, score);
  let candidate = resource.allowed.get(node);
  if (!candidate) {
    candidate = candidateOf(node);
    resource.allowed.set(node, candidate);
  }
  candidate.score = addScores(candidate.score, score);
}

/** Makes every node a candidate, but those where the resource is not even looked for (symmetric clusters). */
export function allowEverywhere(status: ClusterStatus, resource: Resource): void {
  for (const node of status.nodes) allowOn(resource, node);
}

function allowOn(resource: Resource, node: ClusterNode): void {
  if (resource.exclusiveDiscovery || node.discovery === 'never') return;
  for (const child of resource.children) allowOn(child, node);
  if (!resource.allowed.has(node)) resource.allowed.set(node, candidateOf(node));
}

/** Makes every node a candidate, connections to guests included. */
export function addScoreEverywhere(status: ClusterStatus, resource: Resource, score: number): void {
  for (const node of status.nodes) addNodeScore(resource, node, score);
}

/** Starts the candidates anew, with no node allowed. */
export function banEverywhere(status: ClusterStatus, resource: Resource): void {
  resource.allowed = allCandidates(status);
  for (const candidate of resource.allowed.values()) candidate.score = -INFINITY;
}
