import type { Word } from '../../grammar/crm/ast.js';
import { QuotationError, scanWords } from '../../grammar/crm/scan.js';

export type { Word };
export { QuotationError as QuoteError, scanWords as splitWords };

/**
 * The line up to the cursor, split for completion: an unclosed quote is closed, and a word that ends at the cursor is
 * the one being typed (empty where a blank stands before the cursor).
 */
export function splitAtCursor(line: string): { words: string[]; word: string; start: number } {
  let words: Word[];
  try {
    words = scanWords(line);
  } catch (error) {
    if (!(error instanceof QuotationError)) throw error;
    const quote = line[error.offset]!;
    words = scanWords(quote === '\\' ? line.slice(0, -1) : line + quote);
  }
  const last = words.at(-1);
  if (last && last.end >= line.length) {
    return { words: words.slice(0, -1).map((w) => w.text), word: last.text, start: last.start };
  }
  return { words: words.map((w) => w.text), word: '', start: line.length };
}

/**
 * The words of a process's argument vector as one line, joined as crmsh joins them (its option `core.add_quotes`): an
 * argument with a blank is quoted and so stays one word, any other is split and unquoted again like typed text.
 */
export function joinArguments(args: readonly string[]): string {
  return args.map((arg) => (arg === '' || /\s/.test(arg) ? quoteWord(arg) : arg)).join(' ');
}

/** The word as it must be typed to come out of `splitWords` unchanged. */
export function quoteWord(word: string): string {
  if (word !== '' && !/[\s'"\\]/.test(word)) return word;
  if (!word.includes("'")) return word.includes('"') || word.includes('\\') ? `'${word}'` : `"${word}"`;
  return `"${word.replace(/(["\\])/g, '\\$1')}"`;
}
