import type { Element } from '../cib/element.js';

/** Attributes and references by which constraints name resources. */
const NAMES = ['rsc', 'with-rsc', 'first', 'then'];
const CONTAINERS = new Set(['group', 'clone', 'master', 'bundle']);

/** Without the number of a clone's instance. */
export function baseId(resource: string): string {
  return resource.replace(/:\d+$/, '');
}

/** The resource and all that hang together with it, by groups, clones, orders or colocations, however many steps away. */
export function relatedTo(cib: Element, resource: string): ReadonlySet<string> {
  const configuration = cib.first('configuration');
  const sets: string[][] = [];
  for (const element of configuration?.first('resources')?.descendants() ?? []) {
    if (!CONTAINERS.has(element.name)) continue;
    const inner = [...element.descendants()].filter(
      ({ name }) => name === 'primitive' || CONTAINERS.has(name),
    );
    sets.push([element, ...inner].map(({ id }) => id ?? ''));
  }
  for (const constraint of configuration?.first('constraints')?.elements() ?? []) {
    if (constraint.name !== 'rsc_order' && constraint.name !== 'rsc_colocation') continue;
    const references = [...constraint.descendants()].filter(({ name }) => name === 'resource_ref');
    const named = NAMES.flatMap((name) => constraint.get(name) ?? []);
    sets.push([...named, ...references.map(({ id }) => id ?? '')]);
  }
  const related = new Set([baseId(resource)]);
  for (let before = 0; before < related.size; ) {
    before = related.size;
    for (const set of sets) if (set.some((id) => related.has(id))) for (const id of set) related.add(id);
  }
  return related;
}
