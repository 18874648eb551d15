import { Element } from '../cib/element.js';
import type { Configuration } from './configuration.js';
import { type CibObject, SECTION_OF_STATEMENT } from './objects.js';

/** Sections that every configuration has. */
const SECTIONS = ['crm_config', 'nodes', 'resources', 'constraints'];

/** A CIB document, without status, that holds these objects; an object within a container brings the container. */
export function documentOf(configuration: Configuration, objects: Iterable<CibObject>): Element {
  const { cib } = configuration;
  const root = new Element(
    'configuration',
    [],
    SECTIONS.map((name) => new Element(name)),
  );
  const taken = new Set<Element>();
  for (const object of objects) {
    let top = object;
    while (top.container) top = top.container;
    if (taken.has(top.element)) continue;
    taken.add(top.element);
    const section = SECTION_OF_STATEMENT[top.type]!;
    (section === 'configuration' ? root : root.ensure(section)).append(top.element.clone());
  }
  return new Element('cib', cib.attributes, [root]);
}
