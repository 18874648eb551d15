import type { Element } from '../cib/element.js';
import { expandSubmatches, ruleHolds } from '../cib/rule.js';
import { addScores, INFINITY, parseScore } from '../cib/score.js';
import { findNode } from '../status/nodes.js';
import { surroundings } from '../status/nvpairs.js';
import { resourceParameters } from '../status/parameters.js';
import { currentNode } from '../status/queries.js';
import { referred, remarkOnScore } from '../status/remarks.js';
import { type Candidate, type ClusterNode, parseRole, type Resource, Role } from '../status/types.js';
import { addLocation } from './location.js';
import type { Planner } from './planner.js';
import { posixPattern } from './posix-pattern.js';
import { expandTags, findConstrained, resourcesInSets } from './references.js';

type Submatches = readonly (string | undefined)[] | undefined;

/** Reads an `rsc_location`. */
export function unpackLocation(planner: Planner, xml: Element): void {
  const expanded = expandTags(planner, xml, [{ names: 'rsc', detail: 'role', detailInSet: 'role' }]);
  if (!expanded) return;
  const sets = expanded.elements('resource_set');
  if (sets.length === 0) {
    unpackSimple(planner, xml);
    return;
  }
  for (const { set, resource } of resourcesInSets(planner, sets)) {
    unpackFor(planner, expanded, resource, set.get('role'), set.get('score'), undefined);
  }
}

function unpackSimple(planner: Planner, xml: Element): void {
  const id = xml.get('rsc');
  if (id !== undefined) {
    const resource = findConstrained(planner, id);
    if (resource) unpackFor(planner, xml, resource, undefined, undefined, undefined);
    else planner.warn(`Ignoring constraint '${xml.id}' because resource '${id}' does not exist`);
  }
  const given = xml.get('rsc-pattern');
  if (given === undefined) return;
  const invert = given.startsWith('!');
  const pattern = posixPattern(invert ? given.slice(1) : given);
  if (!pattern) {
    planner.error(`Ignoring constraint '${xml.id}' because rsc-pattern has invalid value '${given}'`);
    return;
  }
  for (const resource of planner.status.resources) {
    const match = pattern.exec(resource.id);
    if (match && !invert) unpackFor(planner, xml, resource, undefined, undefined, match);
    else if (!match && invert) unpackFor(planner, xml, resource, undefined, undefined, undefined);
  }
}

function discoveryOf(planner: Planner, xml: Element): Candidate['discovery'] | undefined {
  const text = xml.get('resource-discovery')?.toLowerCase();
  if (text === undefined || text === 'always') return 'always';
  if (text === 'never' || text === 'exclusive') return text;
  planner.error(`Invalid resource-discovery value ${text} in location constraint`);
  return 'always';
}

function unpackFor(
  planner: Planner,
  xml: Element,
  resource: Resource,
  givenRole: string | undefined,
  givenScore: string | undefined,
  submatches: Submatches,
): void {
  const score = givenScore ?? xml.get('score');
  const nodeName = xml.get('node');
  const discovery = discoveryOf(planner, xml)!;
  if (nodeName === undefined || score === undefined) {
    const rules = xml.elements('rule');
    if (rules.length === 0) {
      planner.error(`Ignoring constraint '${xml.id}' because it contains no rules`);
    }
    for (const rule of rules) unpackRule(planner, rule, resource, discovery, submatches);
    return;
  }
  const node = findNode(planner.status, nodeName);
  if (!node) return;
  const healthy = parseScore(score, planner.status.options.healthScores);
  const location = addLocation(planner, xml.id, resource, discovery, [{ node, score: healthy }]);
  const roleText = givenRole ?? xml.get('role');
  if (roleText === undefined) return;
  const role = parseRole(roleText);
  if (role === Role.Unknown) planner.error(`Invalid constraint ${xml.id}: Bad role ${roleText}`);
  else location.role = role === Role.Stopped || role === Role.Promoted ? role : Role.Unknown;
}

/** What a rule gives a node: a score, or the value of the node attribute that it names. */
function scoreFor(
  planner: Planner,
  score: string | undefined,
  isAttribute: boolean,
  node: ClusterNode,
  resource: Resource,
): number {
  const { healthScores } = planner.status.options;
  if (score === undefined) return 0;
  if (!isAttribute) return parseScore(score, healthScores);
  const value = attributeFor(node, score, resource);
  remarkOnScore(planner.status, value);
  return value === undefined ? -INFINITY : parseScore(value, healthScores);
}

/** A node attribute; for a resource that says so, that of the guest node's host. */
export function attributeFor(node: ClusterNode, name: string, resource: Resource): string | undefined {
  if (resource.meta.get('container-attribute-target')?.toLowerCase() !== 'host') {
    return node.attributes.get(name);
  }
  const container = node.remoteResource?.container;
  if (!container) return undefined;
  const host = container.runningOn[0] ?? currentNode(container);
  return host?.attributes.get(name);
}

function unpackRule(
  planner: Planner,
  given: Element,
  resource: Resource,
  discovery: Candidate['discovery'],
  submatches: Submatches,
): void {
  const { status } = planner;
  const rule = referred(status, given);
  if (!rule) return;
  const roleText = rule.get('role');
  const role = parseRole(roleText);
  if (roleText !== undefined && role === Role.Unknown) {
    planner.error(`Bad role specified for ${rule.id}: ${roleText}`);
    return;
  }
  const plain = rule.get('score');
  let score = plain ?? rule.get('score-attribute');
  const isAttribute = plain === undefined && score !== undefined;
  if (isAttribute && submatches) score = expandSubmatches(score!, submatches) || score;
  // With `or`, Pacemaker starts from the node's own score.
  const or = rule.get('boolean-op')?.toLowerCase() === 'or';
  const nodes: { node: ClusterNode; score: number }[] = [];
  const context = surroundings(status);
  for (const node of status.nodes) {
    const holds = ruleHolds(rule, {
      ...context,
      node: node.attributes,
      submatches,
      valueSources: {
        params: { get: (name) => resourceParameters(status, resource, node).get(name) },
        meta: resource.meta,
      },
    });
    if (score === undefined) planner.error(`Rule ${rule.id}: no score specified.  Assuming 0.`);
    const own = scoreFor(planner, score, isAttribute, node, resource);
    if (!holds) continue;
    nodes.push({ node, score: or ? addScores(node.score, own) : own });
  }
  // With `and`, Pacemaker's list is a copy made from the end; crm_mon lists bans in this order.
  if (!or) nodes.reverse();
  const location = addLocation(planner, rule.id, resource, discovery, nodes);
  location.role = role === Role.Unpromoted ? Role.Unknown : role;
}
