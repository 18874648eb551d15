import type { Element } from '../cib/element.js';
import type { Environment } from './environment.js';
import { parentOf } from './tree.js';

/** What names a resource elsewhere in the configuration: constraints, tags, fencing levels, permissions. */

const REFERRING = ['rsc', 'first', 'then', 'with-rsc'];
const KINDS = ['rsc_colocation', 'rsc_location', 'rsc_order', 'rsc_ticket'];

export interface ConstraintReferences {
  /** Ids of constraints that name the resource itself. */
  readonly plain: readonly string[];
  /** Ids of constraints that name it in a set. */
  readonly inSets: readonly string[];
}

/** Constraints that name a resource; of a cloned primitive also those that name its clone. */
export function constraintsWith(cib: Element, id: string): ConstraintReferences {
  const plain: string[] = [];
  const inSets = new Set<string>();
  const primitive = [...cib.descendants()].find(
    (element) => element.name === 'primitive' && element.id === id,
  );
  const parent = primitive ? parentOf(cib, primitive) : undefined;
  if (parent && (parent.name === 'clone' || parent.name === 'master')) {
    const outer = constraintsWith(cib, parent.id);
    plain.push(...outer.plain);
  }
  const constraints = cib.at('configuration', 'constraints');
  if (!constraints) return { plain: [], inSets: [] };
  for (const kind of KINDS) {
    for (const constraint of constraints.elements(kind)) {
      if (REFERRING.some((attribute) => constraint.get(attribute) === id)) plain.push(constraint.id);
    }
  }
  for (const constraint of constraints.elements()) {
    for (const set of constraint.elements('resource_set')) {
      if (set.elements('resource_ref').some((reference) => reference.id === id)) inSets.add(constraint.id);
    }
  }
  return { plain, inSets: [...inSets] };
}

/** Removes a constraint; false where there is none of that id. */
export function removeConstraint(cib: Element, id: string): boolean {
  const constraints = cib.at('configuration', 'constraints');
  if (!constraints) return false;
  const found = constraints.elements().filter((constraint) => constraint.id === id);
  for (const constraint of found) constraints.remove(constraint);
  if (found.length > 0) return true;
  let removed = false;
  for (const constraint of constraints.elements()) {
    for (const rule of [...constraint.descendants()]) {
      if (rule.name !== 'rule' || rule.id !== id) continue;
      const parent = parentOf(constraint, rule) ?? constraint;
      parent.remove(rule);
      removed = true;
      if (![...parent.descendants()].some((element) => element !== parent && element.name === 'rule')) {
        (parentOf(constraints, parent) ?? constraints).remove(parent);
      }
    }
  }
  return removed;
}

/** Removes the constraints that name a resource, and takes it out of sets. */
export function removeConstraintsWith(
  environment: Environment,
  cib: Element,
  id: string,
  tell: boolean,
): void {
  const { plain, inSets } = constraintsWith(cib, id);
  for (const constraint of plain) {
    if (tell) environment.say(`Removing Constraint - ${constraint}`);
    removeConstraint(cib, constraint);
  }
  if (inSets.length === 0) return;
  const constraints = cib.at('configuration', 'constraints')!;
  for (const constraint of constraints.elements()) {
    for (const set of constraint.elements('resource_set')) {
      for (const reference of set.elements('resource_ref')) {
        if (reference.id !== id) continue;
        set.remove(reference);
        if (tell) environment.say(`Removing ${id} from set ${set.id}`);
        if (set.elements('resource_ref').length > 0) continue;
        environment.say(`Removing set ${set.id}`);
        constraint.remove(set);
        if (constraint.elements('resource_set').length > 0) continue;
        constraints.remove(constraint);
        environment.say(`Removing constraint ${constraint.id}`);
      }
    }
  }
}

/** A device out of all fencing levels; levels without devices go. */
export function removeFromLevels(cib: Element, id: string): void {
  const configuration = cib.first('configuration');
  const topology = configuration?.first('fencing-topology');
  if (!configuration || !topology) return;
  for (const level of topology.elements('fencing-level')) {
    const devices = (level.get('devices') ?? '').split(',');
    if (!devices.includes(id)) continue;
    const rest = devices.filter((device) => device !== id);
    if (rest.length > 0) level.set('devices', rest.join(','));
    else topology.remove(level);
  }
  if (topology.elements('fencing-level').length === 0) configuration.remove(topology);
}

/** Everything that names the resource goes. */
export function removeReferences(environment: Environment, cib: Element, id: string, tell = false): void {
  const tags = cib.at('configuration', 'tags');
  for (const tag of tags?.elements('tag') ?? []) {
    const references = tag.elements('obj_ref').filter((reference) => reference.id === id);
    if (references.length === 0) continue;
    for (const reference of references) tag.remove(reference);
    if (tag.elements('obj_ref').length > 0) continue;
    removeReferences(environment, cib, tag.id, tell);
    tags!.remove(tag);
  }
  removeConstraintsWith(environment, cib, id, tell);
  removeFromLevels(cib, id);
  for (const role of cib.at('configuration', 'acls')?.elements('acl_role') ?? []) {
    for (const permission of role.elements('acl_permission')) {
      if (permission.get('reference') === id) role.remove(permission);
    }
  }
}
