import { eastAsianWidth } from 'get-east-asian-width';

/** What a text means; the screen gives it a colour where there are colours. Symbols and words say the same. */
export type Tone = 'plain' | 'good' | 'bad' | 'warning' | 'busy' | 'faint' | 'strong';

export interface Cell {
  readonly text: string;
  readonly tone: Tone;
}

/** What a row stands for, and so what can be done with it. */
export type Subject =
  | { readonly kind: 'node'; readonly name: string }
  | { readonly kind: 'resource'; readonly id: string; readonly node: string | undefined }
  | { readonly kind: 'event'; readonly text: string };

export interface Row {
  /** The same thing has the same key from one picture to the next. */
  readonly key: string;
  readonly cells: readonly Cell[];
  readonly subject: Subject | undefined;
}

export interface Column {
  readonly title: string;
  /** Cells a column gets before any gets more. */
  readonly min: number;
  /** Share of the space that is left; 0: none. */
  readonly grow: number;
  readonly align?: 'right';
}

export interface PanelContent {
  readonly title: string;
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  /** Instead of rows, where there are none. */
  readonly empty: string;
}

export function cell(text: string, tone: Tone = 'plain'): Cell {
  return { text, tone };
}

/** Cells of a terminal that a text takes: wide characters two, marks that combine none. */
export function textWidth(text: string): number {
  let width = 0;
  for (const character of text) {
    const point = character.codePointAt(0)!;
    if (point < 0x20 || (point >= 0x300 && point <= 0x36f) || point === 0x200d) continue;
    if (point >= 0xfe00 && point <= 0xfe0f) continue;
    width += point < 0x80 ? 1 : eastAsianWidth(point);
  }
  return width;
}

/** Cut to a width, the last cell then an ellipsis; characters the screen cannot place become `?`. */
export function fitText(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  if (width <= 0) return '';
  const clean = printable(text);
  const length = textWidth(clean);
  if (length <= width) {
    const pad = ' '.repeat(width - length);
    return align === 'right' ? pad + clean : clean + pad;
  }
  let kept = '';
  let used = 0;
  for (const character of clean) {
    const more = textWidth(character);
    if (used + more > width - 1) break;
    kept += character;
    used += more;
  }
  return `${kept}…${' '.repeat(Math.max(0, width - used - 1))}`;
}

/** Without control characters, which would move the cursor, and without what lies beyond the basic plane. */
export function printable(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cf}]/gu, ' ')
    .replace(/[\p{Mn}\p{Me}]/gu, '')
    .replace(/[\u{10000}-\u{10ffff}]/gu, '?');
}

/** What the widest text of each column takes, titles included. */
export function naturalWidths(columns: readonly Column[], rows: readonly Row[]): number[] {
  return columns.map((column, index) =>
    rows.reduce(
      (widest, row) => Math.max(widest, textWidth(row.cells[index]!.text)),
      textWidth(column.title),
    ),
  );
}

/**
 * Widths of columns for a line: the least each, then what their texts need, then the rest in shares. Columns that find
 * no room get 0.
 *
 * @param natural what each would fill; undefined: not known
 */
export function columnWidths(
  columns: readonly Column[],
  width: number,
  natural?: readonly number[],
): number[] {
  const widths = columns.map(() => 0);
  let left = width;
  for (const [index, column] of columns.entries()) {
    const gap = index > 0 ? 1 : 0;
    if (left < gap + Math.min(column.min, 4)) break;
    widths[index] = Math.min(column.min, natural?.[index] ?? column.min, left - gap);
    left -= widths[index]! + gap;
  }
  const share = (wants: (index: number) => number): void => {
    const spare = left;
    const growing = columns.map((column, index) =>
      widths[index]! > 0 && wants(index) > 0 ? column.grow : 0,
    );
    const shares = growing.reduce((sum, grow) => sum + grow, 0);
    if (shares === 0 || spare <= 0) return;
    for (const [index, grow] of growing.entries()) {
      const more = Math.min(left, wants(index), Math.floor((spare * grow) / shares));
      widths[index]! += more;
      left -= more;
    }
  };
  if (natural) {
    // What one column does not need, another may.
    for (let before = -1; before !== left; ) {
      before = left;
      share((index) => natural[index]! - widths[index]!);
    }
  }
  share(() => Number.POSITIVE_INFINITY);
  const growing = columns.findIndex((column, index) => column.grow > 0 && widths[index]! > 0);
  if (growing >= 0 && left > 0) widths[growing]! += left;
  return widths;
}

/** The same texts and tones in the same order. */
export function sameRow(a: Row, b: Row): boolean {
  return (
    a.key === b.key &&
    a.cells.length === b.cells.length &&
    a.cells.every((one, index) => one.text === b.cells[index]!.text && one.tone === b.cells[index]!.tone)
  );
}

/** Rows that contain the text in any cell, in any case; an empty text lets all through. */
export function filterRows(rows: readonly Row[], text: string): readonly Row[] {
  if (text === '') return rows;
  const wanted = text.toLowerCase();
  return rows.filter((row) => row.cells.some((one) => one.text.toLowerCase().includes(wanted)));
}
