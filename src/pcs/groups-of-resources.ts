import { WrongUsage } from '../../grammar/pcs/mistake.js';
import { Element } from '../cib/element.js';
import { checkAdditions } from './additions.js';
import type { Environment } from './environment.js';
import { removeReferences } from './references.js';
import { error, type Finding } from './refusal.js';
import {
  elementsWithId,
  findResource,
  idMistakes,
  isClone,
  isStonith,
  parentOf,
  RESOURCE_TAGS,
  resourcePlaces,
  resourcesOf,
} from './tree.js';
import { kindName, kindNames, plural, quotedList } from './words.js';

/** `pcs resource group ...` */

/** The element of that id that something is to be put beside. */
export function neighbour(environment: Environment, cib: Element, id: string): Element {
  const [element] = elementsWithId(cib, id);
  if (element) return element;
  environment.report(error(`'${id}' does not exist`));
  environment.stopOnErrors();
  throw new Error('unreachable');
}

/** The group of that id (or whatever has it); a new one at the end of the resources where there is none. */
export function groupOrNew(environment: Environment, cib: Element, id: string): Element {
  const [element] = elementsWithId(cib, id);
  if (element) return element;
  environment.report(...idMistakes(id, 'group name').map(error));
  return resourcesOf(cib).append(new Element('group', { id }));
}

/** What keeps resources from being put into a group. */
export function checkGroupMembers(
  cib: Element,
  group: Element,
  members: readonly Element[],
  beside: Element | null,
): Finding[] {
  const findings: Finding[] = [];
  for (const member of members) {
    if (!RESOURCE_TAGS.includes(member.name)) {
      findings.push(error(`'${member.id}' is not ${kindNames(['primitive'], true)}`));
    } else if (member.name !== 'primitive') {
      const kind = kindName(member.name);
      findings.push(
        error(`'${member.id}' is a ${kind} resource, ${kind} resources cannot be put into a group`),
      );
    } else {
      const parent = parentOf(cib, member);
      if (parent && RESOURCE_TAGS.includes(parent.name) && parent.name !== 'group') {
        findings.push(
          error(
            `'${member.id}' cannot be put into a group because its parent '${parent.id}' is a ${kindName(parent.name)} resource`,
          ),
        );
      }
    }
  }
  if (group.name !== 'group') {
    findings.push(error(`'${group.id}' is not a group`));
    return findings;
  }
  findings.push(
    ...checkAdditions({
      container: 'group',
      id: group.id,
      item: 'resource',
      add: members.map(({ id }) => id),
      remove: [],
      present: group.elements('primitive').map(({ id }) => id),
      beside: beside?.id ?? null,
    }),
  );
  return findings;
}

/** Moves primitives into a group; a group that is empty then goes, with the clone around it. */
export function placeInGroup(
  cib: Element,
  group: Element,
  members: readonly Element[],
  beside: Element | null,
  after: boolean,
): void {
  let neighbourNow = beside;
  for (const member of members) {
    const old = parentOf(cib, member);
    old?.remove(member);
    const at = neighbourNow === null ? -1 : group.children.indexOf(neighbourNow);
    if (at < 0) group.append(member);
    else group.children.splice(after ? at + 1 : at, 0, member);
    if (at < 0 || after) neighbourNow = member;
    if (old?.name === 'group' && old.elements('primitive').length === 0) {
      const outer = parentOf(cib, old);
      if (outer && isClone(outer)) parentOf(cib, outer)?.remove(outer);
      else outer?.remove(old);
    }
    if (beside !== null && !after) neighbourNow = beside;
    else if (beside === null) neighbourNow = null;
  }
}

export async function addToGroup(environment: Environment, words: string[]): Promise<void> {
  const [groupId, ...ids] = words;
  if (groupId === undefined || ids.length === 0) throw new WrongUsage();
  const before = environment.value('--before');
  const after = environment.value('--after');
  if (before !== undefined && after !== undefined) {
    throw new WrongUsage('you cannot specify both --before and --after');
  }
  const seconds = environment.waitSeconds();
  const cib = await environment.cib();
  const besideId = after ?? before;
  const beside = besideId === undefined ? null : neighbour(environment, cib, besideId);
  const group = groupOrNew(environment, cib, groupId);
  const members: Element[] = [];
  const missing: string[] = [];
  for (const id of ids) {
    const [element] = elementsWithId(cib, id);
    if (element) members.push(element);
    else missing.push(id);
  }
  environment.report(...missing.map((id) => error(`'${id}' does not exist`)));
  if (members.some(isStonith)) {
    environment.deprecated(
      'Ability of this command to accept stonith resource is deprecated and will be removed in a future release.',
    );
  }
  environment.report(...checkGroupMembers(cib, group, members, beside));
  environment.stopOnErrors();
  const emptied = emptiedGroups(cib, members);
  placeInGroup(cib, group, members, beside, after !== undefined);
  try {
    checkReferences(environment, cib);
    await environment.push();
  } catch (failure) {
    for (const { id, inside } of emptied) {
      environment.report(
        error(
          `Unable to move ${plural(inside, 'resource')} ${quotedList(inside)} as it would leave group '${id}' empty. Please, use the 'pcs resource ungroup ${id}' command first.`,
        ),
      );
    }
    environment.stopOnErrors();
    throw failure;
  }
  await environment.waitForCluster(seconds);
}

function emptiedGroups(cib: Element, members: readonly Element[]): { id: string; inside: string[] }[] {
  const groups = new Set(
    members.flatMap((member) => {
      const parent = parentOf(cib, member);
      return parent?.name === 'group' ? [parent] : [];
    }),
  );
  return [...groups]
    .map((group) => ({ id: group.id, inside: group.elements('primitive').map(({ id }) => id) }))
    .filter(({ inside }) => inside.every((id) => members.some((member) => member.id === id)));
}

/** The schema wants every resource that a constraint names to be there. */
function checkReferences(environment: Environment, cib: Element): void {
  const known = new Set([...resourcePlaces(cib)].map(({ element }) => element.id));
  for (const constraint of cib.at('configuration', 'constraints')?.elements() ?? []) {
    for (const attribute of ['rsc', 'with-rsc', 'first', 'then']) {
      const id = constraint.get(attribute);
      if (id !== undefined && !known.has(id))
        environment.fail(`Unable to update cib: there is no resource '${id}'`);
    }
  }
}

export async function removeFromGroup(environment: Environment, words: string[]): Promise<void> {
  const [groupId, ...ids] = words;
  if (groupId === undefined) throw new WrongUsage();
  const cib = await environment.cib();
  ungroup(environment, cib, groupId, ids);
  const seconds = environment.waitSeconds();
  await environment.push();
  await environment.waitForCluster(seconds, true);
}

/** Takes resources (all where none is named) out of a group; what named the group goes with it. */
export function ungroup(
  environment: Environment,
  cib: Element,
  groupId: string,
  ids: readonly string[],
): void {
  const group = findResource(cib, groupId, ['group'])?.element;
  if (!group) environment.fail(`Group '${groupId}' does not exist`);
  const inside = group.elements('primitive');
  const moving =
    ids.length === 0
      ? inside
      : ids.map((id) => {
          const found = inside.find((element) => element.id === id);
          if (!found) environment.fail(`Resource '${id}' does not exist in group '${groupId}'`);
          return found;
        });
  const parent = parentOf(cib, group)!;
  const cloned = isClone(parent);
  if (cloned && inside.length > 1 && moving.length === inside.length) {
    environment.fail('Cannot remove all resources from a cloned group');
  }
  const target = cloned && inside.length > 1 ? resourcesOf(cib) : parent;
  for (const element of moving) {
    group.remove(element);
    target.append(element);
  }
  if (group.elements('primitive').length > 0) return;
  parent.remove(group);
  removeReferences(environment, cib, groupId, true);
}

export async function listGroups(environment: Environment, words: string[]): Promise<void> {
  if (words.length > 0) throw new WrongUsage();
  const cib = await environment.cib();
  for (const { element } of resourcePlaces(cib)) {
    if (element.name !== 'group') continue;
    environment.print([`${element.id}:`, ...element.elements('primitive').map(({ id }) => id)].join(' '));
  }
}
