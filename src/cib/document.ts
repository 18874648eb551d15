import { Element } from './element.js';
import { FEATURE_SET, LATEST_SCHEMA } from './version.js';

/** Children of `configuration`, in the order in which the schema wants them. */
export const SECTIONS = [
  'crm_config',
  'rsc_defaults',
  'op_defaults',
  'nodes',
  'resources',
  'constraints',
  'acls',
  'tags',
  'alerts',
  'fencing-topology',
] as const;

export type Section = (typeof SECTIONS)[number];

/** Sections that a new CIB has from the start; the others are made when something is put there. */
const INITIAL_SECTIONS: readonly Section[] = ['crm_config', 'nodes', 'resources', 'constraints'];

/**
 * A CIB with nothing in it, as `cibadmin --empty` makes it.
 *
 * @param adminEpoch Pacemaker's own daemon starts at 0, `cibadmin --empty` too
 */
export function emptyCib(adminEpoch = 0): Element {
  return new Element(
    'cib',
    {
      crm_feature_set: FEATURE_SET,
      'validate-with': LATEST_SCHEMA,
      epoch: '1',
      num_updates: '0',
      admin_epoch: String(adminEpoch),
    },
    [
      new Element(
        'configuration',
        {},
        INITIAL_SECTIONS.map((name) => new Element(name)),
      ),
      new Element('status'),
    ],
  );
}

/** A section of the configuration; undefined where the CIB has none. */
export function section(cib: Element, name: Section): Element | undefined {
  return cib.at('configuration', name);
}

/** A section of the configuration, made at its proper place where the CIB has none. */
export function ensureSection(cib: Element, name: Section): Element {
  const configuration = cib.ensure('configuration');
  const existing = configuration.first(name);
  if (existing) return existing;
  const made = new Element(name);
  const rank = SECTIONS.indexOf(name);
  const next = configuration.children.findIndex(
    (child) => child.kind === 'element' && SECTIONS.indexOf(child.name as Section) > rank,
  );
  if (next < 0) configuration.children.push(made);
  else configuration.children.splice(next, 0, made);
  return made;
}

/** The `status` section; undefined where the CIB has none. */
export function statusSection(cib: Element): Element | undefined {
  return cib.first('status');
}
