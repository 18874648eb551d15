import type { Word } from './ast.js';

/** One statement's worth of text: physical lines joined by a trailing backslash. */
export interface LogicalLine {
  /** The joined text, blank-stripped. */
  readonly text: string;
  /** Number of the statement in the text, counting joined lines that are not empty from 1. */
  readonly number: number;
  /** Maps an offset in `text` to one in the whole text. */
  readonly toSource: (offset: number) => number;
}

/**
 * Splits a text into statements. Every physical line is stripped; one that ends in a backslash goes on with the next,
 * with nothing put between them. Empty lines are dropped.
 */
export function logicalLines(text: string): LogicalLine[] {
  const lines: LogicalLine[] = [];
  let joined = '';
  let pieces: { at: number; source: number }[] = [];
  let number = 0;
  let open = false;
  const finish = () => {
    const lead = joined.length - joined.trimStart().length;
    const stripped = joined.trim();
    const map = pieces;
    if (stripped !== '') {
      number += 1;
      lines.push({
        text: stripped,
        number,
        toSource: (offset) => {
          const at = offset + lead;
          // The last piece that begins at or before it; there may be many, and it is asked for every word.
          let [low, high] = [0, map.length - 1];
          while (low < high) {
            const middle = Math.ceil((low + high) / 2);
            if (map[middle]!.at > at) high = middle - 1;
            else low = middle;
          }
          const piece = map[low] ?? { at: 0, source: 0 };
          return piece.source + at - piece.at;
        },
      });
    }
    joined = '';
    pieces = [];
  };
  let start = 0;
  while (start <= text.length) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    const physical = text.slice(start, end);
    const lead = physical.length - physical.trimStart().length;
    let content = physical.trim();
    const continued = content.endsWith('\\');
    if (continued) {
      let length = content.length;
      while (content[length - 1] === '\\') length -= 1;
      content = content.slice(0, length);
    }
    pieces.push({ at: joined.length, source: start + lead });
    joined += content;
    open = continued;
    if (!continued) finish();
    if (newline < 0) break;
    start = end + 1;
  }
  if (open) finish();
  return lines;
}

/** A quotation that is not closed, or a backslash at the end. */
export class QuotationError extends Error {
  /** Where the quotation begins. */
  readonly offset: number;

  constructor(offset: number) {
    super('No closing quotation');
    this.name = 'QuotationError';
    this.offset = offset;
  }
}

/**
 * Splits a statement into words as POSIX shells and crmsh do: blanks separate; `'...'` is literal; in `"..."` a
 * backslash escapes `"` and `\`; elsewhere a backslash escapes any character. `#` is an ordinary character.
 *
 * @throws QuotationError
 */
export function scanWords(line: string): Word[] {
  const words: Word[] = [];
  let at = 0;
  while (at < line.length) {
    if (isBlank(line[at]!)) {
      at += 1;
      continue;
    }
    const start = at;
    let text = '';
    while (at < line.length && !isBlank(line[at]!)) {
      const c = line[at]!;
      if (c === "'") {
        const close = line.indexOf("'", at + 1);
        if (close < 0) throw new QuotationError(at);
        text += line.slice(at + 1, close);
        at = close + 1;
      } else if (c === '"') {
        const open = at;
        at += 1;
        let from = at;
        for (;;) {
          if (at >= line.length) throw new QuotationError(open);
          if (line[at] === '"') break;
          if (line[at] === '\\' && (line[at + 1] === '"' || line[at + 1] === '\\')) {
            text += line.slice(from, at);
            from = at + 1;
            at += 1;
          }
          at += 1;
        }
        text += line.slice(from, at);
        at += 1;
      } else if (c === '\\') {
        if (at + 1 >= line.length) throw new QuotationError(at);
        text += line[at + 1];
        at += 2;
      } else {
        text += c;
        at += 1;
      }
    }
    words.push({ text, start, end: at });
  }
  return words;
}

function isBlank(c: string): boolean {
  return c === ' ' || c === '\t' || c === '\n' || c === '\r';
}
