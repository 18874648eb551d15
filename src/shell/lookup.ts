import { editDistance } from '../../grammar/crm/nearest.js';
import type { Command, Level, LevelReference } from './command.js';

export type Row =
  | { readonly kind: 'command'; readonly command: Command }
  | { readonly kind: 'level'; readonly reference: LevelReference };

export type Found =
  /** `accepted` where what was typed is not the row's own name; `deprecated` where it is an old name of it. */
  | {
      readonly kind: 'found';
      readonly row: Row;
      readonly name: string;
      readonly accepted: boolean;
      readonly deprecated: boolean;
    }
  /** No such name; `guesses` are what may have been meant, nearest first. Nothing is run by a guess. */
  | { readonly kind: 'unknown'; readonly guesses: readonly string[] }
  /** Several names begin so. */
  | { readonly kind: 'ambiguous'; readonly names: readonly string[] };

/** The level's rows, commands that every level has included. */
export function rowsOf(level: Level, everywhere: readonly Command[]): Row[] {
  return [
    ...level.levels.map((reference): Row => ({ kind: 'level', reference })),
    ...[...level.commands, ...everywhere].map((command): Row => ({ kind: 'command', command })),
  ];
}

export function nameOf(row: Row): string {
  return row.kind === 'level' ? row.reference.name : row.command.name;
}

/**
 * What a word means at a level: its own name, an old name, or the beginning of one name, whatever the case.
 * crmsh goes on to letters in the right order (`foo` runs `fencing_topology`); here that is at most a guess to offer.
 */
export function lookUp(rows: readonly Row[], typed: string): Found {
  const wanted = typed.toLowerCase();
  const found = (row: Row, deprecated: boolean, synonym: boolean): Found => ({
    kind: 'found',
    row,
    name: nameOf(row),
    accepted: !synonym && typed !== nameOf(row),
    deprecated,
  });
  for (const row of rows) if (nameOf(row).toLowerCase() === wanted) return found(row, false, false);
  for (const row of rows) {
    if (row.kind === 'command' && row.command.synonyms.includes(wanted)) return found(row, false, true);
    const aliases = row.kind === 'level' ? row.reference.aliases : row.command.aliases;
    if (aliases.includes(wanted)) return found(row, row.kind === 'command', false);
  }
  if (wanted === '') return { kind: 'unknown', guesses: [] };
  const beginning = rows.filter(
    (row) => isShown(row) && namesOf(row).some((name) => name.startsWith(wanted)),
  );
  if (beginning.length === 1) return found(beginning[0]!, false, false);
  if (beginning.length > 1) return { kind: 'ambiguous', names: beginning.map(nameOf).sort() };
  return { kind: 'unknown', guesses: guesses(rows.filter(isShown), wanted) };
}

function isShown(row: Row): boolean {
  return row.kind === 'level' || !row.command.hidden;
}

function namesOf(row: Row): readonly string[] {
  return row.kind === 'level'
    ? [row.reference.name, ...row.reference.aliases]
    : [row.command.name, ...row.command.aliases];
}

/** Names a slip away, or whose letters come in the typed order; at most three. */
function guesses(rows: readonly Row[], wanted: string): string[] {
  const scored: { name: string; distance: number }[] = [];
  for (const row of rows) {
    const distance = Math.min(...namesOf(row).map((name) => likeness(wanted, name)));
    if (Number.isFinite(distance)) scored.push({ name: nameOf(row), distance });
  }
  scored.sort((a, b) => a.distance - b.distance);
  return [...new Set(scored.map(({ name }) => name))].slice(0, 3);
}

function likeness(typed: string, name: string): number {
  const distance = editDistance(typed, name);
  if (distance <= (typed.length <= 4 ? 1 : 2)) return distance;
  // The name of the XML element: `acl_role` for `role`, `rsc_order` for `order`.
  if (typed.endsWith(`_${name}`)) return 1;
  return isAnchoredSubsequence(typed, name) ? 3 + name.length - typed.length : Number.POSITIVE_INFINITY;
}

function isAnchoredSubsequence(typed: string, name: string): boolean {
  if (typed.length < 2 || typed[0] !== name[0]) return false;
  let at = 0;
  for (const c of name) if (c === typed[at]) at += 1;
  return at === typed.length;
}
