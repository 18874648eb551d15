/**
 * What the text and HTML formats print: nested lists, as Pacemaker's output of crm_mon is built.
 * Sections make these; text.ts and html.ts write them.
 */
export interface Outline {
  readonly kind: 'list';
  /** Without the colon that text puts after it; undefined: a list without heading. */
  readonly title: string | undefined;
  readonly entries: readonly Entry[];
}

export interface Item {
  readonly kind: 'item';
  /** Text writes `label: ` before the item. */
  readonly label?: string;
  readonly text: string;
  /** HTML writes these in place of the text. */
  readonly spans?: readonly Span[];
  /** Class of HTML's list item. */
  readonly className?: string;
  /** Lists within HTML's list item, after the spans. */
  readonly nested?: readonly Outline[];
}

export interface Span {
  readonly text: string;
  readonly className?: string;
}

export type Entry = Outline | Item;

/** One section of the output. */
export type Block =
  | {
      readonly outline: Outline;
      /** Whether text puts a blank line before the section after this one. */
      readonly separates: boolean;
    }
  /** Lines that text prints as they are. */
  | { readonly lines: readonly string[] };

export function item(text: string, more: Omit<Item, 'kind' | 'text'> = {}): Item {
  return { kind: 'item', text, ...more };
}

/** An item that only HTML shows, in several spans. */
export function spanItem(...spans: Span[]): Item {
  return { kind: 'item', text: spans.map((span) => span.text).join(''), spans };
}

export function list(title: string | undefined, entries: readonly Entry[]): Outline {
  return { kind: 'list', title, entries };
}

/** A section, or none where there is nothing to list. */
export function section(title: string, entries: readonly Entry[]): Block | undefined {
  return entries.length === 0 ? undefined : { outline: list(title, entries), separates: true };
}
