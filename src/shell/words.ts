/** One word of a line, and where it stands in it (offsets in UTF-16 units, end exclusive). */
export interface Word {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

export class QuoteError extends Error {
  /** Where the quote begins. */
  readonly offset: number;

  constructor(offset: number) {
    super('No closing quotation');
    this.name = 'QuoteError';
    this.offset = offset;
  }
}

/**
 * Splits a line as POSIX shells and crmsh (Python's shlex) do: blanks separate; `'...'` is literal; in `"..."` a
 * backslash escapes `"` and `\`; elsewhere a backslash escapes any character. `#` is an ordinary character.
 *
 * @throws QuoteError for an unclosed quote or a trailing backslash
 */
export function splitWords(line: string): Word[] {
  const words: Word[] = [];
  let at = 0;
  while (at < line.length) {
    if (/\s/.test(line[at]!)) {
      at += 1;
      continue;
    }
    const start = at;
    let text = '';
    while (at < line.length && !/\s/.test(line[at]!)) {
      const c = line[at]!;
      if (c === "'") {
        const close = line.indexOf("'", at + 1);
        if (close < 0) throw new QuoteError(at);
        text += line.slice(at + 1, close);
        at = close + 1;
      } else if (c === '"') {
        const open = at;
        at += 1;
        while (at < line.length && line[at] !== '"') {
          if (line[at] === '\\' && (line[at + 1] === '"' || line[at + 1] === '\\')) at += 1;
          text += line[at] ?? '';
          at += 1;
        }
        if (at >= line.length) throw new QuoteError(open);
        at += 1;
      } else if (c === '\\') {
        if (at + 1 >= line.length) throw new QuoteError(at);
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

/**
 * The line up to the cursor, split for completion: an unclosed quote is closed, and a word that ends at the cursor is
 * the one being typed (empty where a blank stands before the cursor).
 */
export function splitAtCursor(line: string): { words: string[]; word: string; start: number } {
  let words: Word[];
  try {
    words = splitWords(line);
  } catch (error) {
    if (!(error instanceof QuoteError)) throw error;
    const quote = line[error.offset]!;
    words = splitWords(quote === '\\' ? line.slice(0, -1) : line + quote);
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
