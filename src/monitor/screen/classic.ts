import type { ClusterStatus } from '../../status/types.js';
import type { FencingHistory } from '../fencing.js';
import { reportBlocks } from '../report.js';
import { defaultSections, FENCING_SECTIONS, type Section } from '../sections.js';
import { writeText } from '../text.js';
import { EVERYTHING, type View } from '../view.js';

/** The keys of Pacemaker's interactive crm_mon: each switches what the option of that letter does. */
export const CLASSIC_KEYS: Readonly<Record<string, string>> = {
  r: 'inactive resources',
  n: 'by node',
  b: 'brief',
  R: 'details',
  o: 'operations',
  t: 'timing',
  f: 'fail-counts',
  A: 'attributes',
  c: 'tickets',
  m: 'fencing',
  D: 'no headers',
};

/** What is shown with these options switched on. */
function viewOf(options: ReadonlySet<string>): View {
  const sections = new Set<Section>([...defaultSections('text'), 'fencing-failed', 'fencing-pending']);
  const add = (key: string, ...names: readonly Section[]) => {
    if (options.has(key)) for (const name of names) sections.add(name);
  };
  add('o', 'operations', 'failcounts');
  add('t', 'operations');
  add('f', 'failcounts');
  add('A', 'attributes');
  add('c', 'tickets');
  add('m', ...FENCING_SECTIONS);
  if (options.has('D'))
    for (const name of ['stack', 'dc', 'times', 'counts', 'maint-mode'] as const) sections.delete(name);
  return {
    ...EVERYTHING,
    sections,
    byNode: options.has('n'),
    inactive: options.has('r'),
    brief: options.has('b'),
    timing: options.has('t'),
    detail: options.has('R'),
  };
}

let remembered:
  | { readonly key: string; readonly status: ClusterStatus; readonly lines: readonly string[] }
  | undefined;

/** The text of `crm_mon -1` with these options. */
export function classicLines(
  status: ClusterStatus,
  fencing: FencingHistory | undefined,
  options: ReadonlySet<string>,
): readonly string[] {
  const key = [...options].sort().join('');
  if (remembered?.status === status && remembered.key === key) return remembered.lines;
  const text = writeText(reportBlocks({ status, view: viewOf(options), fencing, locations: [] }, 'text'));
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/\t ?/g, ' '));
  remembered = { key, status, lines };
  return lines;
}
