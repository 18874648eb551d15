/**
 * The syntax tree of a corosync.conf: sections, settings, comments and blank lines in the order of the file, so that
 * printing it gives the file back. Plain data, free of the parser.
 */
import type { Place } from '../place.js';

export type { Place } from '../place.js';

export type Item = Section | Setting | Comment | Blank;

/** `name { ... }`. */
export interface Section {
  readonly kind: 'section';
  name: string;
  items: Item[];
  /** Of the name; absent on what was not read from text. */
  readonly place?: Place;
}

/** `key: value`. */
export interface Setting {
  readonly kind: 'setting';
  key: string;
  value: string;
  readonly place?: Place;
  /** Of the value; where it is empty, of the colon. */
  readonly valuePlace?: Place;
}

/** A whole line that starts with `#`; the text is what follows the sign. */
export interface Comment {
  readonly kind: 'comment';
  text: string;
}

export interface Blank {
  readonly kind: 'blank';
}

export interface CorosyncFile {
  items: Item[];
}

/** One mistake of the operator. An `error` makes the file unusable, a `warning` does not. */
export interface Mistake {
  readonly severity: 'error' | 'warning';
  readonly code: MistakeCode;
  readonly message: string;
  readonly place: Place;
}

export type MistakeCode =
  | 'line-too-long'
  | 'missing-section-name'
  | 'missing-key'
  | 'extra-characters-after-opening-brace'
  | 'extra-characters-around-closing-brace'
  | 'brace-in-value'
  | 'unexpected-closing-brace'
  | 'missing-closing-brace'
  | 'line-not-understood'
  | 'invalid-value'
  | 'missing-setting'
  | 'duplicate'
  | 'contradiction'
  | 'unknown-setting'
  | 'unknown-section';

/** `FILE:LINE:COLUMN: MESSAGE`, the way compilers say it. */
export function mistakeText(file: string, mistake: Mistake): string {
  return `${file}:${mistake.place.line}:${mistake.place.column}: ${mistake.message}`;
}

/** The sections of that name directly among `items`, in order. */
export function sections(items: readonly Item[], name: string): Section[] {
  return items.filter((item): item is Section => item.kind === 'section' && item.name === name);
}

/** The setting that counts: Corosync lets the last of several win. */
export function setting(items: readonly Item[], key: string): Setting | undefined {
  return items.findLast((item): item is Setting => item.kind === 'setting' && item.key === key);
}
