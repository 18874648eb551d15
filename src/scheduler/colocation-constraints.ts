import { isTrue, parseBoolean } from '../cib/boolean.js';
import type { Element } from '../cib/element.js';
import { parseScore } from '../cib/score.js';
import { referred } from '../status/remarks.js';
import { isClone, parseRole, type Resource, Role } from '../status/types.js';
import { addColocation } from './colocation.js';
import type { Planner } from './planner.js';
import {
  type ConstraintSide,
  expandTags,
  findConstrained,
  findInstance,
  resourcesOfSet,
  warnOfInstance,
} from './references.js';

const SIDES: readonly ConstraintSide[] = [
  { names: 'rsc', detail: 'rsc-role', detailInSet: 'role' },
  { names: 'with-rsc', detail: 'with-rsc-role', detailInSet: 'role' },
];

/** Reads an `rsc_colocation`. */
export function unpackColocation(planner: Planner, xml: Element): void {
  const expanded = expandTags(planner, xml, SIDES, 'two templates or tags cannot be colocated');
  if (!expanded) return;
  const score = parseScore(xml.get('score'));
  let last: Element | undefined;
  for (const given of expanded.elements('resource_set')) {
    const set = referred(planner.status, given);
    if (!set) return;
    colocateWithinSet(planner, xml, set, score);
    if (last) colocateSets(planner, xml, last, set, score);
    last = set;
  }
  if (!last) unpackSimple(planner, xml, score);
}

/** `influence`: by default, resources that are critical have it. */
function influenceOf(planner: Planner, xml: Element, dependent: Resource): boolean {
  const text = xml.get('influence');
  const value = parseBoolean(text);
  if (text !== undefined && value === undefined) {
    planner.error(`Constraint '${xml.id}' has invalid value for influence (using default)`);
  }
  return value ?? dependent.critical;
}

/** The role that a colocation is about; started is no limit. */
function roleOf(text: string | undefined): Role {
  const role = parseRole(text);
  return role === Role.Started ? Role.Unknown : role;
}

function colocate(
  planner: Planner,
  xml: Element,
  id: string,
  dependent: Resource,
  primary: Resource,
  score: number,
  dependentRole: string | undefined,
  primaryRole: string | undefined,
  influence = influenceOf(planner, xml, dependent),
  nodeAttribute?: string,
): void {
  addColocation(planner, {
    id,
    dependent,
    primary,
    dependentRole: roleOf(dependentRole),
    primaryRole: roleOf(primaryRole),
    score,
    nodeAttribute,
    influence,
  });
}

function colocateWithinSet(planner: Planner, xml: Element, set: Element, given: number): void {
  const ownScore = set.get('score');
  const score = ownScore === undefined ? given : parseScore(ownScore);
  if (score === 0 || parseBoolean(set.get('sequential')) === false) return;
  const role = set.get('role');
  const members = resourcesUpToMissing(planner, set);
  const asGroup = (set.get('ordering')?.toLowerCase() ?? 'group') === 'group';
  if (score > 0) {
    for (const [index, member] of members.entries()) {
      const previous = members[index - 1];
      if (!previous) continue;
      if (asGroup) colocate(planner, xml, set.id, member, previous, score, role, role);
      else colocate(planner, xml, set.id, previous, member, score, role, role);
    }
    return;
  }
  // No two of them together.
  for (const [index, member] of members.entries()) {
    const influence = influenceOf(planner, xml, member);
    for (const other of members.slice(0, index)) {
      colocate(planner, xml, set.id, member, other, score, role, role, influence);
    }
  }
}

/** The resources of a set, up to one that does not exist. */
function resourcesUpToMissing(planner: Planner, set: Element): Resource[] {
  const found: Resource[] = [];
  for (const reference of set.elements('resource_ref')) {
    const resource = findConstrained(planner, reference.id);
    if (!resource) {
      planner.error(`${set.id}: No resource found for ${reference.id}`);
      break;
    }
    found.push(resource);
  }
  return found;
}

function colocateSets(planner: Planner, xml: Element, set1: Element, set2: Element, score: number): void {
  if (score === 0) return;
  const dependents = resourcesOfSet(planner, set1, xml.id);
  const primaries = resourcesOfSet(planner, set2, xml.id);
  if (!dependents || !primaries) return;
  const role1 = set1.get('role');
  const role2 = set2.get('role');
  const sequential = (set: Element) => parseBoolean(set.get('sequential')) !== false;
  const from = sequential(set1) ? dependents.slice(0, 1) : dependents;
  const to = sequential(set2) ? primaries.slice(-1) : primaries;
  for (const dependent of from) {
    const influence = influenceOf(planner, xml, dependent);
    for (const primary of to) {
      colocate(planner, xml, xml.id, dependent, primary, score, role1, role2, influence);
    }
  }
}

function unpackSimple(planner: Planner, xml: Element, score: number): void {
  const find = (attribute: string, instanceAttribute: string): Resource | undefined => {
    const id = xml.get(attribute);
    const instance = xml.get(instanceAttribute);
    if (instance !== undefined) warnOfInstance(planner, instanceAttribute);
    const resource = findConstrained(planner, id);
    const ignore = (why: string) => {
      planner.error(`Ignoring constraint '${xml.id}' because resource '${id}' ${why}`);
      return undefined;
    };
    if (!resource) return ignore('does not exist');
    if (instance === undefined) return resource;
    if (!isClone(resource)) return ignore(`is not a clone but instance '${instance}' was requested`);
    return findInstance(resource, instance) ?? ignore(`does not have an instance '${instance}'`);
  };
  const dependent = find('rsc', 'rsc-instance');
  if (!dependent) return;
  const primary = find('with-rsc', 'with-rsc-instance');
  if (!primary) return;
  if (isTrue(xml.get('symmetrical'))) {
    planner.warn("The colocation constraint 'symmetrical' attribute has been removed");
  }
  colocate(
    planner,
    xml,
    xml.id,
    dependent,
    primary,
    score,
    xml.get('rsc-role'),
    xml.get('with-rsc-role'),
    undefined,
    xml.get('node-attribute'),
  );
}
