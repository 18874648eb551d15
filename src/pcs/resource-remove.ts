import { WrongUsage } from '../../grammar/pcs/mistake.js';
import type { Element } from '../cib/element.js';
import type { Environment } from './environment.js';
import { removeReferences } from './references.js';
import { runningState } from './state.js';
import {
  arrangeFirstSet,
  detach,
  findResource,
  innerResource,
  isClone,
  nvpairValue,
  type Place,
  updateFirstSet,
} from './tree.js';
import { quotedList } from './words.js';

/** `pcs resource delete`, `pcs stonith delete`: a resource is stopped, then it goes with what names it. */

export async function deleteResource(environment: Environment, words: string[]): Promise<void> {
  const [id, more] = words;
  if (id === undefined || more !== undefined) throw new WrongUsage();
  await removeResource(environment, id);
}

export async function removeResource(environment: Environment, id: string): Promise<void> {
  const cib = await environment.cib();
  const named = findResource(cib, id);
  refuseTagged(environment, cib, named, id);
  let resource = id;
  if (named && isClone(named.element)) resource = innerResource(named.element)?.id ?? id;
  const place = findResource(cib, resource);
  switch (place?.element.name) {
    case 'bundle':
      return removeBundle(environment, place.element);
    case 'group':
      return removeGroup(environment, place.element);
    case 'primitive':
      return removePrimitive(environment, resource);
    default:
      environment.fail(`Resource '${resource}' does not exist.`);
  }
}

/** Resources that tags name are not removed; nor are those around or inside of which that holds. */
function refuseTagged(environment: Environment, cib: Element, place: Place | undefined, id: string): void {
  if (!place) return;
  const { element, parents } = place;
  const concerned = new Set<string>();
  for (const each of element.descendants()) {
    if (['primitive', 'group', 'clone', 'master', 'bundle'].includes(each.name)) concerned.add(each.id);
  }
  const [parent, grandparent] = parents;
  if (parent && isClone(parent)) concerned.add(parent.id);
  if (parent?.name === 'group' && parent.elements('primitive').length <= 1) {
    concerned.add(parent.id);
    if (grandparent && isClone(grandparent)) concerned.add(grandparent.id);
  }
  const tags = (cib.at('configuration', 'tags')?.elements('tag') ?? [])
    .filter((tag) => tag.elements('obj_ref').some((reference) => concerned.has(reference.id)))
    .map((tag) => tag.id);
  if (tags.length === 0) return;
  environment.fail(
    `Unable to remove resource '${id}' because it is referenced in ${tags.length > 1 ? 'tags' : 'the tag'}: ${quotedList(tags)}`,
  );
}

async function removeBundle(environment: Environment, bundle: Element): Promise<void> {
  const inside = bundle.first('primitive');
  environment.say(
    inside
      ? `Deleting bundle '${bundle.id}' and its inner resource '${inside.id}'`
      : `Deleting bundle '${bundle.id}'`,
  );
  await stopFirst(environment, bundle.id, `Stopping bundle '${bundle.id}'... `);
  if (inside) await removePrimitive(environment, inside.id);
  const cib = await environment.cib();
  removeReferences(environment, cib, bundle.id);
  const now = findResource(cib, bundle.id, ['bundle']);
  if (now) detach(cib, now.element);
  await environment.push();
}

async function removeGroup(environment: Environment, group: Element): Promise<void> {
  const { id } = group;
  environment.say(`Removing group: ${id} (and all resources within group)`);
  environment.say(`Stopping all resources in group: ${id}...`);
  const cib = await environment.cib();
  const place = findResource(cib, id)!;
  const parent = place.parents[0];
  // What crm_resource does with an attribute of a cloned group.
  const owner = parent && isClone(parent) ? parent : place.element;
  const existing = owner.first('meta_attributes');
  if (existing) updateFirstSet(cib, owner, 'meta_attributes', [['target-role', 'Stopped']]);
  else arrangeFirstSet(cib, owner, 'meta_attributes', new Map([['target-role', 'Stopped']]));
  const members = place.element.elements('primitive').map((member) => member.id);
  await environment.push();
  if (!environment.forced && environment.live) {
    await environment.waitForCluster(0, true);
    const now = await environment.cib();
    if (members.some((member) => runningState(environment, now, member).size > 0)) {
      environment.fail(`Unable to stop group: ${id} before deleting (re-run with --force to force deletion)`);
    }
  }
  for (const member of members) await removePrimitive(environment, member);
}

/** Stops a running resource, on a live cluster and unless `--force` says not to. */
async function stopFirst(environment: Environment, id: string, announcement: string): Promise<void> {
  if (environment.forced || !environment.live) return;
  const cib = await environment.cib();
  if (runningState(environment, cib, id).size === 0) return;
  environment.world.err(announcement);
  const place = findResource(cib, id)!;
  arrangeFirstSet(cib, place.element, 'meta_attributes', new Map([['target-role', 'Stopped']]));
  await environment.push();
  await environment.waitForCluster(0, true);
  if (runningState(environment, await environment.cib(), id).size > 0) {
    environment.fail(`Unable to stop: ${id} before deleting (re-run with --force to force deletion)`);
  }
  environment.say('Stopped');
}

async function removePrimitive(environment: Environment, id: string): Promise<void> {
  await stopFirst(environment, id, `Attempting to stop: ${id}... `);
  const cib = await environment.cib();
  const { element, parents } = findResource(cib, id)!;
  const [parent, grandparent] = parents;
  removeReferences(environment, cib, id, true);
  const guest = nvpairValue(element, 'meta_attributes', 'remote-node');
  if (guest !== undefined) {
    const constraints = cib.at('configuration', 'constraints');
    for (const constraint of constraints?.elements('rsc_location') ?? []) {
      if (constraint.get('node') !== guest) continue;
      environment.say(`Removing Constraint - ${constraint.id}`);
      constraints!.remove(constraint);
    }
  }
  const last = parent?.name === 'group' && parent.elements('primitive').length <= 1;
  if (!last) {
    environment.say(`Deleting Resource - ${id}`);
    detach(cib, parent && isClone(parent) ? parent : element);
  } else {
    const outer = grandparent && isClone(grandparent) ? grandparent : null;
    if (outer) removeReferences(environment, cib, parent.id);
    const what = outer
      ? outer.name === 'master'
        ? 'and group and M/S'
        : 'and group and clone'
      : 'and group';
    removeReferences(environment, cib, (outer ?? parent).id, true);
    environment.say(`Deleting Resource (${what}) - ${id}`);
    detach(cib, outer ?? parent);
  }
  await environment.push();
  if (guest !== undefined && environment.live) {
    environment.warn(
      'This command is not sufficient for removing remote and guest nodes. To complete the removal, remove pacemaker authkey and stop and disable pacemaker_remote on the node(s) manually.',
    );
  }
}
