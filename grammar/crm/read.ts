import { EOF, type IRecognitionException, type IToken, type TokenType } from 'chevrotain';
import { expectedAfter } from './assist.js';
import type { Diagnostic, Range, Statement, Word } from './ast.js';
import { closest } from './nearest.js';
import { wordsOfPastedPcs } from './pasted-pcs.js';
import { logicalLines, QuotationError, scanWords } from './scan.js';
import { crmParser } from './shared-parser.js';
import { KEYWORDS, STATEMENTS, tokenize } from './tokens.js';

export interface ReadStatement {
  readonly statement: Statement;
  readonly words: readonly Word[];
  readonly range: Range;
}

export interface Reading {
  /** Statements without a mistake, in order. */
  readonly statements: readonly ReadStatement[];
  /** Every mistake in the text, in order. */
  readonly diagnostics: readonly Diagnostic[];
  /** Comments after the last statement. */
  readonly comments: readonly string[];
}

interface ReadWords {
  readonly statement?: Statement;
  readonly diagnostics: Diagnostic[];
}

/**
 * Reads one statement that is already split into words; mistakes are placed by the words' offsets. What crm has no
 * meaning for may be a constraint as pcs takes it.
 */
export function readWords(words: readonly Word[]): ReadWords {
  const read = readOwnWords(words);
  if (read.statement) return read;
  const pasted = wordsOfPastedPcs(words);
  const second = pasted ? readOwnWords(pasted) : read;
  return second.statement ? second : read;
}

function readOwnWords(words: readonly Word[]): ReadWords {
  const tokens = tokenize(words);
  const parser = crmParser();
  parser.input = tokens;
  const statement = parser.statement() as Statement | undefined;
  const { complaints, errors } = parser;
  const diagnostics = errors.map((error) => explain(error, tokens, words));
  // A broken statement is complained about once: what actions say of half a statement would only distract.
  if (diagnostics.length === 0) {
    for (const { code, message, token, expected } of complaints) {
      const range = rangeOf(token, words);
      const suggestion = closest(token.image, expected);
      diagnostics.push({
        code,
        message,
        expected,
        ...range,
        ...(suggestion === undefined ? {} : { suggestion }),
      });
    }
  }
  if (diagnostics.length > 0 || statement === undefined) return { diagnostics };
  return { statement, diagnostics };
}

/**
 * Reads a whole text: statements, comments (lines that begin with `#`, which belong to the next statement), lines
 * joined by a backslash. Reading goes on after a mistake, so that all of them are found in one go.
 */
export function readText(text: string): Reading {
  const statements: ReadStatement[] = [];
  const diagnostics: Diagnostic[] = [];
  let comments: string[] = [];
  for (const line of logicalLines(text)) {
    const place = <T extends Range>(range: T): T => {
      const start = line.toSource(range.start);
      return {
        ...range,
        start,
        end: Math.max(start, line.toSource(Math.max(range.start, range.end - 1)) + 1),
      };
    };
    if (line.text.startsWith('#')) {
      const dashes = /--|-$/.exec(line.text);
      if (dashes) {
        const range = { start: dashes.index, end: dashes.index + dashes[0].length };
        diagnostics.push({
          code: 'comment',
          message: 'a comment must not contain -- nor end in -',
          expected: [],
          ...place(range),
        });
      } else comments.push(line.text);
      continue;
    }
    let words: Word[];
    try {
      words = /^xml\b/i.test(line.text) ? blankWords(line.text) : scanWords(line.text);
    } catch (error) {
      if (!(error instanceof QuotationError)) throw error;
      const range = { start: error.offset, end: line.text.length };
      diagnostics.push({
        code: 'quotation',
        message: 'No closing quotation',
        expected: [line.text[error.offset]!],
        ...place(range),
      });
      continue;
    }
    const read = readWords(words);
    diagnostics.push(...read.diagnostics.map(place));
    if (!read.statement) continue;
    const range = place({ start: 0, end: line.text.length });
    const statement = comments.length > 0 ? { ...read.statement, comments } : read.statement;
    statements.push({ statement, words: words.map(place), range });
    comments = [];
  }
  return { statements, diagnostics, comments };
}

/** Words of an `xml` statement: quotes are XML's own there. */
function blankWords(text: string): Word[] {
  return [...text.matchAll(/\S+/g)].map((match) => ({
    text: match[0],
    start: match.index,
    end: match.index + match[0].length,
  }));
}

function rangeOf(token: IToken, words: readonly Word[]): Range {
  if (token.tokenType === EOF || Number.isNaN(token.startOffset)) {
    const end = words.at(-1)?.end ?? 0;
    return { start: end, end: end };
  }
  return { start: token.startOffset, end: (token.endOffset ?? token.startOffset) + 1 };
}

function explain(
  error: IRecognitionException,
  tokens: readonly IToken[],
  words: readonly Word[],
): Diagnostic {
  const found = error.token;
  const at = found.tokenType === EOF ? tokens.length : tokens.indexOf(found);
  const before = tokens.slice(0, at < 0 ? tokens.length : at);
  const types = expectedAfter(before).map(({ type }) => type);
  const expected = types.map((type) => type.LABEL ?? type.name);
  const range = rangeOf(found, words);
  const keywords = types.flatMap((type) =>
    [...KEYWORDS].filter(([, known]) => known === type).map(([word]) => word),
  );
  const suggestion = closest(found.image, keywords);
  const keyword = words[0]!.text;
  const base = { expected, ...range, ...(suggestion === undefined ? {} : { suggestion }) };
  if (at === 0) return { code: 'statement', message: `Unknown command ${keyword}`, ...base };
  if (found.tokenType === EOF) {
    return { code: 'incomplete', message: `${keyword} is not complete`, ...base };
  }
  if (error.name === 'NotAllInputParsedException') {
    return { code: 'unknown-argument', message: `Unknown argument ${found.image}`, ...base };
  }
  return { code: 'unexpected', message: `${found.image} has no meaning here`, ...base };
}

/** The words a statement can begin with. */
export function statementKeywords(): string[] {
  const types = new Set<TokenType>(STATEMENTS);
  return [...KEYWORDS].filter(([, type]) => types.has(type)).map(([word]) => word);
}

/**
 * A mistake as lines for a terminal: what is wrong, the line it is in with a caret below, what was expected.
 *
 * @param text the text that was read
 */
export function formatDiagnostic(diagnostic: Diagnostic, text: string, file?: string): string {
  const lineStart = text.lastIndexOf('\n', diagnostic.start - 1) + 1;
  const newline = text.indexOf('\n', lineStart);
  const line = text.slice(lineStart, newline < 0 ? text.length : newline);
  const number = text.slice(0, lineStart).split('\n').length;
  const column = diagnostic.start - lineStart + 1;
  const width = Math.max(1, Math.min(diagnostic.end, lineStart + line.length) - diagnostic.start);
  const place =
    text.includes('\n') || file !== undefined
      ? `${file ?? 'line '}${file ? ':' : ''}${number}:${column}: `
      : '';
  const pad = line.slice(0, column - 1).replace(/[^\t]/g, ' ');
  const lines = [`${place}${diagnostic.message}`, `  ${line}`, `  ${pad}${'^'.repeat(width)}`];
  if (diagnostic.suggestion !== undefined) lines.push(`  did you mean ${diagnostic.suggestion}?`);
  else if (diagnostic.expected.length > 0) lines.push(`  expected ${listed(diagnostic.expected)}`);
  return lines.join('\n');
}

const LISTED_MAX = 8;

function listed(words: readonly string[]): string {
  const unique = [...new Set(words)];
  if (unique.length > LISTED_MAX) return `${unique.slice(0, LISTED_MAX).join(', ')}, ...`;
  return unique.length > 1 ? `${unique.slice(0, -1).join(', ')} or ${unique.at(-1)}` : unique.join('');
}
