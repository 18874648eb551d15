/** What crm_mon prints: the sections of `--include` and `--exclude`, in Pacemaker's names (crm_mon(8)). */
export const SECTIONS = [
  'stack',
  'dc',
  'times',
  'counts',
  'options',
  'nodes',
  'resources',
  'attributes',
  'failcounts',
  'operations',
  'fencing-failed',
  'fencing-pending',
  'fencing-succeeded',
  'tickets',
  'bans',
  'failures',
  'maint-mode',
] as const;

export type Section = (typeof SECTIONS)[number];

export const FENCING_SECTIONS: readonly Section[] = [
  'fencing-failed',
  'fencing-pending',
  'fencing-succeeded',
];

const SUMMARY_SECTIONS: readonly Section[] = ['stack', 'dc', 'times', 'counts', 'maint-mode'];

/** How the status is written. `console` is the full screen, `legacy-xml` the deprecated `--as-xml`. */
export type Format =
  | 'console'
  | 'text'
  | 'simple'
  | 'html'
  | 'cgi'
  | 'xml'
  | 'legacy-xml'
  | 'json'
  | 'prometheus';

/** Formats that people read leave the cluster options out of "all". */
function isText(format: Format): boolean {
  return format === 'console' || format === 'text' || format === 'simple';
}

export function allSections(format: Format): Set<Section> {
  return new Set(isText(format) ? SECTIONS.filter((section) => section !== 'options') : SECTIONS);
}

export function defaultSections(format: Format): Set<Section> {
  if (isText(format) || format === 'html' || format === 'cgi') {
    return new Set<Section>([...SUMMARY_SECTIONS, 'nodes', 'resources', 'failures']);
  }
  return allSections(format);
}

function membersOf(name: string): readonly Section[] | undefined {
  const lower = name.toLowerCase();
  if (lower === 'fencing') return FENCING_SECTIONS;
  if (lower === 'summary') return SUMMARY_SECTIONS;
  return SECTIONS.find((section) => section === lower) ? [lower as Section] : undefined;
}

/** One `--include=` or `--exclude=`, in the order of the command line. */
export interface SectionChange {
  readonly kind: 'include' | 'exclude';
  /** Names separated by commas. */
  readonly names: string;
}

export interface SectionChoice {
  readonly sections: Set<Section>;
  /** Only bans whose id begins so; from `bans:PREFIX`. */
  readonly banPrefix: string | undefined;
  /** The first name that is no section, as crm_mon complains about it. */
  readonly error: string | undefined;
}

const INCLUDE_USAGE =
  '--include options: all, attributes, bans[:PREFIX], counts, dc, default, failcounts, failures, fencing, ' +
  'fencing-failed, fencing-pending, fencing-succeeded, maint-mode, nodes, none, operations, options, resources, ' +
  'stack, summary, tickets, times';
const EXCLUDE_USAGE =
  '--exclude options: all, attributes, bans, counts, dc, failcounts, failures, fencing, fencing-failed, ' +
  'fencing-pending, fencing-succeeded, maint-mode, nodes, none, operations, options, resources, stack, summary, ' +
  'tickets, times';

/** Applies changes from left to right; stops at the first name that is no section. */
export function chooseSections(
  start: ReadonlySet<Section>,
  changes: readonly SectionChange[],
  format: Format,
): SectionChoice {
  let sections = new Set(start);
  let banPrefix: string | undefined;
  for (const change of changes) {
    for (const name of change.names === '' ? [] : change.names.split(',')) {
      const members = membersOf(name);
      if (change.kind === 'exclude') {
        if (name === 'all') sections = new Set();
        else if (name === 'none') sections = allSections(format);
        else if (members) for (const member of members) sections.delete(member);
        else return { sections, banPrefix, error: EXCLUDE_USAGE };
      } else if (name === 'all') sections = allSections(format);
      else if (name.startsWith('bans')) {
        sections.add('bans');
        banPrefix = name.length > 4 && name[4] === ':' ? name.slice(5) : undefined;
      } else if (name === 'default' || name === 'defaults') {
        for (const member of defaultSections(format)) sections.add(member);
      } else if (name === 'none') sections = new Set();
      else if (members) for (const member of members) sections.add(member);
      else return { sections, banPrefix, error: INCLUDE_USAGE };
    }
  }
  return { sections, banPrefix, error: undefined };
}
