import { ensureSection } from '../cib/document.js';
import { Element } from '../cib/element.js';

/** The value of a cluster property, where it is set; a CIB may have several sets. */
export function property(cib: Element, name: string): Element | undefined {
  return (cib.at('configuration', 'crm_config')?.elements('cluster_property_set') ?? [])
    .flatMap((set) => set.elements('nvpair'))
    .find((pair) => pair.get('name') === name);
}

/** Sets a cluster property; undefined removes it. */
export function setProperty(cib: Element, name: string, value: string | undefined): void {
  const config = ensureSection(cib, 'crm_config');
  const there = property(cib, name);
  if (there && value !== undefined) there.set('value', value);
  else if (there) for (const set of config.elements('cluster_property_set')) set.remove(there);
  else if (value !== undefined) {
    const set =
      config.elements('cluster_property_set')[0] ??
      config.append(new Element('cluster_property_set', { id: 'cib-bootstrap-options' }));
    set.append(new Element('nvpair', { id: `${set.id}-${name}`, name, value }));
  }
}
