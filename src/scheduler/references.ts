import { Element } from '../cib/element.js';
import { referred } from '../status/remarks.js';
import { type Resource, type Tag, topmost } from '../status/types.js';
import type { Planner } from './planner.js';

/**
 * The resource that a constraint names. The name of something inside a clone means the clone.
 */
export function findConstrained(planner: Planner, id: string | undefined): Resource | undefined {
  if (id === undefined) return undefined;
  const exact = planner.status.resourcesById.get(id);
  if (exact) return exact;
  const renamed = findByHistoryName(planner.status.resources, id);
  return renamed && topmost(renamed);
}

/** The resources in a constraint's sets, in order; ends, after a complaint, at one that does not exist. */
export function* resourcesInSets(
  planner: Planner,
  sets: readonly Element[],
): Generator<{ readonly set: Element; readonly resource: Resource }> {
  for (const given of sets) {
    const set = referred(planner.status, given);
    if (!set) return;
    for (const reference of set.elements('resource_ref')) {
      const resource = findConstrained(planner, reference.id);
      if (!resource) {
        planner.error(`${set.id}: No resource found for ${reference.id}`);
        return;
      }
      yield { set, resource };
    }
  }
}

export function findByHistoryName(resources: readonly Resource[], id: string): Resource | undefined {
  for (const resource of resources) {
    if (resource.historyName === id) return resource;
    const found = findByHistoryName(resource.children, id);
    if (found) return found;
  }
  return undefined;
}

/** The tag, or the template, that a constraint names; both stand for what they refer to. */
function findTag(planner: Planner, id: string): Tag | undefined {
  const { templates, tags } = planner.status;
  const template = templates.get(id);
  if (template) {
    if (template.references.length > 0) return template;
    planner.remark('warning', `No resource is derived from template '${id}'`);
    return undefined;
  }
  const tag = tags.get(id);
  if (!tag) planner.remark('warning', `No template or tag named '${id}'`);
  return tag;
}

type Reference = { kind: 'resource'; resource: Resource } | { kind: 'tag'; tag: Tag };

function findReference(planner: Planner, id: string): Reference | undefined {
  const resource = findConstrained(planner, id);
  if (resource) return { kind: 'resource', resource };
  const tag = findTag(planner, id);
  return tag && { kind: 'tag', tag };
}

/** Complains about a name that is neither of a resource nor of a tag. */
function complainOfReference(planner: Planner, xml: Element, id: string | undefined): undefined {
  planner.error(`Ignoring constraint '${xml.id}' because '${id}' is not a valid resource or tag`);
  return undefined;
}

/**
 * A constraint whose sets name tags, with the tags' members in their place.
 *
 * @returns the constraint itself where there is nothing to replace; undefined where a name means nothing
 */
function expandTagsInSets(planner: Planner, xml: Element): Element | undefined {
  if (!xml.first('resource_set')) return xml;
  let any = false;
  const expanded = xml.clone();
  for (const set of expanded.elements('resource_set')) {
    const children: Element['children'] = [];
    for (const child of set.children) {
      if (child.kind !== 'element' || child.name !== 'resource_ref') {
        children.push(child);
        continue;
      }
      const reference = findReference(planner, child.id);
      if (!reference) {
        planner.error(
          `Ignoring resource sets for constraint '${xml.id}' because '${child.id}' is not a valid resource or tag`,
        );
        return undefined;
      }
      if (reference.kind === 'resource') {
        children.push(child);
        continue;
      }
      any = true;
      for (const id of reference.tag.references) children.push(new Element('resource_ref', { id }));
    }
    set.children = children;
  }
  return any ? expanded : xml;
}

/**
 * Replaces the attribute of a constraint that names a tag or a resource by a set of the tag's members, or of it alone.
 *
 * @returns the set, where one was made
 */
function tagToSet(planner: Planner, xml: Element, attribute: string): Element | undefined {
  const id = xml.get(attribute);
  const reference = id === undefined ? undefined : findReference(planner, id);
  if (id === undefined || !reference) return undefined;
  const ids = reference.kind === 'tag' ? reference.tag.references : [id];
  const set = new Element(
    'resource_set',
    { id },
    ids.map((member) => new Element('resource_ref', { id: member })),
  );
  if (reference.kind === 'tag') set.set('sequential', 'false');
  xml.append(set);
  xml.set(attribute, undefined);
  return set;
}

/** Warns of the first attribute of a colocation or ticket constraint that names a clone's instance. */
export function warnOfInstance(planner: Planner, attribute: string): void {
  const text = (name: string) => `Support for ${name} is deprecated and will be removed in a future release.`;
  const said = ['rsc-instance', 'with-rsc-instance'].map(text);
  if (!planner.status.messages.some((message) => said.includes(message.text))) planner.warn(text(attribute));
}

/** The instance of a clone with that number. */
export function findInstance(clone: Resource, instance: string): Resource | undefined {
  const id = `${clone.clone!.childXml.id}:${instance}`;
  return clone.children.find((child) => child.id === id);
}

/** The resources of a set; undefined, with a complaint, where one is missing. */
export function resourcesOfSet(
  planner: Planner,
  set: Element,
  complainAs: string = set.id,
): Resource[] | undefined {
  const resources: Resource[] = [];
  for (const reference of set.elements('resource_ref')) {
    const resource = findConstrained(planner, reference.id);
    if (!resource) {
      planner.error(`${complainAs}: No resource found for ${reference.id}`);
      return undefined;
    }
    resources.push(resource);
  }
  return resources;
}

/** A side of a constraint: the attribute that names a resource, and the one that goes to the set made of a tag. */
export interface ConstraintSide {
  readonly names: 'rsc' | 'with-rsc' | 'first' | 'then';
  readonly detail: string;
  readonly detailInSet: 'role' | 'action';
}

/**
 * A constraint on resources, or on sets of them, with tags replaced by sets of their members. A set takes over the role or
 * action that the constraint has for its side. Where one of two sides is a tag, the other becomes a set of one.
 *
 * @param betweenTags what is wrong with a constraint whose two sides are tags; by default nothing
 * @returns the constraint itself where it has no tag; undefined, with a complaint, where it refers to nothing
 */
export function expandTags(
  planner: Planner,
  xml: Element,
  sides: readonly ConstraintSide[],
  betweenTags?: string,
): Element | undefined {
  const inSets = expandTagsInSets(planner, xml);
  if (!inSets) return xml;
  if (inSets !== xml) return inSets;
  const ids = sides.map((side) => xml.get(side.names));
  const kinds: Reference['kind'][] = [];
  for (const id of ids) {
    if (id === undefined || ids.includes(undefined)) return xml;
    const reference = findReference(planner, id);
    if (!reference) return complainOfReference(planner, xml, id);
    kinds.push(reference.kind);
  }
  if (!kinds.includes('tag')) return xml;
  if (betweenTags !== undefined && !kinds.includes('resource')) {
    planner.error(`Ignoring constraint '${xml.id}' because ${betweenTags}`);
    return undefined;
  }
  const expanded = xml.clone();
  for (const { names, detail, detailInSet } of sides) {
    const set = tagToSet(planner, expanded, names);
    const value = xml.get(detail);
    if (set && value !== undefined) {
      set.set(detailInSet, value);
      expanded.set(detail, undefined);
    }
  }
  return expanded;
}
