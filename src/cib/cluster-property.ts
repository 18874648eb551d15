import { ensureSection } from './document.js';
import { Element } from './element.js';

/** Id of the set that a cluster begins with. */
const INITIAL_SET = 'cib-bootstrap-options';

/**
 * The `<nvpair>`s of all sets of cluster properties, in the document's order; by whatever rules they hold.
 *
 * @param cib the document, or its configuration section
 */
export function clusterPropertyPairs(cib: Element): Element[] {
  const configuration = cib.name === 'configuration' ? cib : cib.first('configuration');
  const sets = configuration?.first('crm_config')?.elements('cluster_property_set') ?? [];
  return sets.flatMap((set) => set.elements('nvpair'));
}

/** Where a cluster property is set first. */
export function clusterPropertyPair(cib: Element, name: string): Element | undefined {
  return clusterPropertyPairs(cib).find((pair) => pair.get('name') === name);
}

/** A cluster property as it is set; undefined where it is not. */
export function clusterProperty(cib: Element, name: string): string | undefined {
  return clusterPropertyPair(cib, name)?.get('value');
}

/** Sets a cluster property, where it is set already or in the set that every cluster begins with; undefined removes it. */
export function setClusterProperty(cib: Element, name: string, value: string | undefined): void {
  const config = ensureSection(cib, 'crm_config');
  const there = clusterPropertyPair(cib, name);
  if (there && value !== undefined) there.set('value', value);
  else if (there) for (const set of config.elements('cluster_property_set')) set.remove(there);
  else if (value !== undefined) {
    const set =
      config.elements('cluster_property_set').find(({ id }) => id === INITIAL_SET) ??
      config.append(new Element('cluster_property_set', { id: INITIAL_SET }));
    set.append(new Element('nvpair', { id: `${set.id}-${name}`, name, value }));
  }
}
