import { eastAsianWidth } from 'get-east-asian-width';

/**
 * Where one grapheme (what a reader takes for one character) ends, and how many cells it takes. ASCII is answered
 * without the segmenter, which is dear to load.
 */
let segmenter: Intl.Segmenter | undefined;

const ASCII = /^[\u0020-\u007e\n\t]*$/;

/** Offsets (UTF-16) at which graphemes begin, and the end of the text. */
export function boundaries(text: string): number[] {
  if (ASCII.test(text)) return Array.from({ length: text.length + 1 }, (_, index) => index);
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  const offsets = [...segmenter.segment(text)].map(({ index }) => index);
  offsets.push(text.length);
  return offsets;
}

/** The boundary before an offset; 0 at the start. */
export function previousBoundary(text: string, offset: number): number {
  if (offset <= 1) return 0;
  const before = text.slice(0, offset);
  return ASCII.test(before) ? offset - 1 : boundaries(before).at(-2)!;
}

/** The boundary after an offset; the text's length at its end. */
export function nextBoundary(text: string, offset: number): number {
  if (offset >= text.length) return text.length;
  const after = text.slice(offset);
  return offset + (boundaries(after)[1] ?? after.length);
}

/** Cells that one grapheme takes: 0 for marks that stand on another, 2 for wide characters and emoji. */
export function graphemeWidth(grapheme: string): number {
  const code = grapheme.codePointAt(0)!;
  if (code < 0x20 || (code >= 0x7f && code < 0xa0)) return 0;
  if (code < 0x300) return 1;
  if (/^\p{Mark}|^[\u200b-\u200f\u2060\ufeff]/u.test(grapheme)) return 0;
  if (/\ufe0f/.test(grapheme) || /^\p{Emoji_Presentation}/u.test(grapheme)) return 2;
  return eastAsianWidth(code);
}

/** Cells that a text takes on one row. */
export function textWidth(text: string): number {
  if (ASCII.test(text)) return text.length;
  const offsets = boundaries(text);
  let width = 0;
  for (let at = 0; at + 1 < offsets.length; at++) {
    width += graphemeWidth(text.slice(offsets[at], offsets[at + 1]));
  }
  return width;
}
