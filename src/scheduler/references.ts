import { Element } from '../cib/element.js';
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

export type Reference = { kind: 'resource'; resource: Resource } | { kind: 'tag'; tag: Tag };

export function findReference(planner: Planner, id: string): Reference | undefined {
  const resource = findConstrained(planner, id);
  if (resource) return { kind: 'resource', resource };
  const tag = findTag(planner, id);
  return tag && { kind: 'tag', tag };
}

/** Complains about a name that is neither of a resource nor of a tag. */
export function complainOfReference(planner: Planner, xml: Element, id: string | undefined): undefined {
  planner.error(`Ignoring constraint '${xml.id}' because '${id}' is not a valid resource or tag`);
  return undefined;
}

/**
 * A constraint whose sets name tags, with the tags' members in their place.
 *
 * @returns the constraint itself where there is nothing to replace; undefined where a name means nothing
 */
export function expandTagsInSets(planner: Planner, xml: Element): Element | undefined {
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
 * Replaces the attribute of a constraint that names a tag by a set of the tag's members.
 *
 * @param convertResource also make a set of a single resource
 * @returns the set, where one was made
 */
export function tagToSet(
  planner: Planner,
  xml: Element,
  attribute: string,
  convertResource: boolean,
): Element | undefined {
  const id = xml.get(attribute);
  const reference = id === undefined ? undefined : findReference(planner, id);
  if (id === undefined || !reference) return undefined;
  if (reference.kind === 'resource' && !convertResource) return undefined;
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

/**
 * A constraint on one `rsc`, or on sets, with tags replaced by their members; undefined where it refers to nothing.
 * A tag becomes a set, which takes over the role that `roleAttribute` of the constraint names.
 */
export function expandTags(planner: Planner, xml: Element, roleAttribute: string): Element | undefined {
  const inSets = expandTagsInSets(planner, xml);
  if (!inSets) return xml;
  if (inSets !== xml) return inSets;
  const id = xml.get('rsc');
  if (id === undefined) return xml;
  const reference = findReference(planner, id);
  if (!reference) return complainOfReference(planner, xml, id);
  if (reference.kind === 'resource') return xml;
  const expanded = xml.clone();
  const set = tagToSet(planner, expanded, 'rsc', false);
  const role = xml.get(roleAttribute);
  if (set && role !== undefined) {
    set.set('role', role);
    expanded.set(roleAttribute, undefined);
  }
  return expanded;
}
