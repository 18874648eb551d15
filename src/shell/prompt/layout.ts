import { boundaries, graphemeWidth } from './graphemes.js';

/** A stretch of the text that looks alike. Offsets are UTF-16 units, end exclusive. */
export interface Styled {
  readonly start: number;
  readonly end: number;
  readonly style: string;
}

/** A piece of one row. */
export interface Segment {
  readonly text: string;
  /** Key of the theme; empty for plain. */
  readonly style: string;
}

export interface Layout {
  readonly rows: readonly (readonly Segment[])[];
  readonly cursor: { readonly row: number; readonly column: number };
}

/**
 * Breaks the text into rows of the terminal, the prompt before its first line and the continuation mark before the
 * others, and says where the cursor stands. Wide characters are never split over two rows.
 *
 * @param columns width of the terminal
 * @param styles stretches in order, not overlapping; text between them is plain
 */
export function layOut(options: {
  readonly prompt: string;
  readonly continuation: string;
  readonly text: string;
  readonly cursor: number;
  readonly styles: readonly Styled[];
  readonly columns: number;
}): Layout {
  const { prompt, continuation, text, cursor, styles, columns } = options;
  const rows: Segment[][] = [];
  let row: Segment[] = [];
  let used = 0;
  let place = { row: 0, column: 0 };
  const put = (grapheme: string, style: string, width: number): void => {
    if (used + width > columns) {
      rows.push(row);
      row = [];
      used = 0;
    }
    const last = row.at(-1);
    if (last && last.style === style) row[row.length - 1] = { text: last.text + grapheme, style };
    else row.push({ text: grapheme, style });
    used += width;
  };
  const putAll = (words: string, style: string): void => {
    const offsets = boundaries(words);
    for (let at = 0; at + 1 < offsets.length; at++) {
      const grapheme = words.slice(offsets[at], offsets[at + 1]);
      put(grapheme, style, graphemeWidth(grapheme));
    }
  };
  putAll(prompt, 'prompt');
  const offsets = boundaries(text);
  let next = 0;
  for (let at = 0; at < offsets.length; at++) {
    const offset = offsets[at]!;
    if (offset === cursor) {
      place = used >= columns ? { row: rows.length + 1, column: 0 } : { row: rows.length, column: used };
    }
    if (at + 1 === offsets.length) break;
    const grapheme = text.slice(offset, offsets[at + 1]);
    if (grapheme === '\n') {
      rows.push(row);
      row = [];
      used = 0;
      putAll(continuation, 'continuation');
      continue;
    }
    while (next < styles.length && styles[next]!.end <= offset) next += 1;
    const here = styles[next];
    put(grapheme, here && here.start <= offset ? here.style : '', graphemeWidth(grapheme));
  }
  rows.push(row);
  if (place.row === rows.length) rows.push([]);
  return { rows, cursor: place };
}
