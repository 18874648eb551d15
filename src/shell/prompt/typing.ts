import type { Highlight, Level, LevelAssist, TypingProblem } from '../command.js';
import { flatten } from '../completion.js';
import { lookUp, rowsOf } from '../lookup.js';
import { everywhere } from '../navigation.js';
import type { Session } from '../session.js';
import { QuoteError, splitWords, type Word } from '../words.js';
import type { Styled } from './layout.js';

/** What is to be shown of the text while it is typed. */
export interface Typing {
  readonly styles: readonly Styled[];
  readonly problems: readonly TypingProblem[];
}

export const NOTHING: Typing = { styles: [], problems: [] };

/** Statements of a text with the offsets at which they begin. */
export function statements(text: string): { readonly start: number; readonly text: string }[] {
  const found: { start: number; text: string }[] = [];
  let start = 0;
  for (let at = text.indexOf('\n'); ; at = text.indexOf('\n', at + 1)) {
    const end = at < 0 ? text.length : at;
    if (at < 0 || !/\\[ \t]*$/.test(text.slice(start, end))) {
      found.push({ start, text: text.slice(start, end) });
      start = end + 1;
    }
    if (at < 0) return found;
  }
}

const assists = new WeakMap<Level, Promise<LevelAssist>>();

function assistOf(level: Level): Promise<LevelAssist> | undefined {
  const holding = assists.get(level) ?? level.assist?.();
  if (holding) assists.set(level, holding);
  return holding;
}

const prepared = new WeakSet<Level>();

/** Whether the first look at a statement of the present level would take long. */
export function isPrepared(session: Session): boolean {
  return prepared.has(session.levels.at(-1)!);
}

/**
 * Makes what looking at statements needs (a grammar), while the person has not begun to type: for the present level, at the
 * root for `configure`.
 */
export async function prepareTyping(session: Session): Promise<void> {
  const here = session.levels.at(-1)!;
  prepared.add(here);
  const next = session.levels.length === 1 ? here.levels.find(({ name }) => name === 'configure') : undefined;
  const level = next ? await next.load() : here;
  const assist = await assistOf(level);
  await assist?.prepare?.(session);
}

/** Beyond this many statements (a big paste) only the one at the cursor is checked. */
const CHECKED_MAX = 40;

/** Colours the text and finds what is wrong with it. `cursor` is where the person types. */
export async function lookAtTyping(session: Session, text: string, cursor: number): Promise<Typing> {
  const styles: Styled[] = [];
  const problems: TypingProblem[] = [];
  const all = statements(text);
  const big = all.length > CHECKED_MAX;
  for (const { start, text: statement } of all) {
    const here = cursor >= start && cursor <= start + statement.length;
    if (big && !here) continue;
    const one = await lookAtStatement(session, flatten(statement), here ? cursor - start : -1);
    for (const style of one.styles) {
      styles.push({ start: start + style.start, end: start + style.end, style: style.style });
    }
    for (const problem of one.problems) {
      problems.push({ ...problem, start: start + problem.start, end: start + problem.end });
    }
  }
  return { styles: underlined(styles, problems), problems };
}

async function lookAtStatement(session: Session, statement: string, cursor: number): Promise<Typing> {
  if (statement.trimStart().startsWith('#')) {
    return { styles: [{ start: 0, end: statement.length, style: 'comment' }], problems: [] };
  }
  let words: Word[];
  try {
    words = splitWords(statement);
  } catch (error) {
    if (!(error instanceof QuoteError)) throw error;
    const typing = cursor >= error.offset;
    const problem: TypingProblem = {
      start: error.offset,
      end: error.offset + 1,
      severity: 'error',
      message: 'this quote is never closed',
    };
    return { styles: [], problems: typing ? [] : [problem] };
  }
  if (words.length === 0) return NOTHING;
  const styles: Highlight[] = [];
  let level = session.levels.at(-1)!;
  for (const [index, word] of words.entries()) {
    const found = lookUp(rowsOf(level, everywhere), word.text);
    const typing = cursor === word.end && index === words.length - 1;
    if (found.kind !== 'found') {
      if (typing && (found.kind === 'ambiguous' || isBeginning(level, word.text)))
        return { styles, problems: [] };
      const guess =
        found.kind === 'ambiguous'
          ? `; short for several: ${found.names.join(', ')}`
          : found.guesses.length > 0
            ? `; did you mean ${found.guesses.join(' or ')}?`
            : '';
      const problem: TypingProblem = {
        start: word.start,
        end: word.end,
        severity: 'error',
        message: `no command "${word.text}" at this level${guess}`,
      };
      return { styles, problems: typing ? [] : [problem] };
    }
    if (found.row.kind === 'level') {
      styles.push({ start: word.start, end: word.end, style: 'level' });
      level = await found.row.reference.load();
      continue;
    }
    const holding = assistOf(level);
    if (!holding || everywhere.includes(found.row.command)) {
      styles.push({ start: word.start, end: word.end, style: 'command' });
      for (const rest of words.slice(index + 1)) {
        if (/^[^=]+=/.test(rest.text)) styles.push({ start: rest.start, end: rest.end, style: 'parameter' });
      }
      return { styles, problems: [] };
    }
    const assist = await holding;
    const shift = word.start;
    const rest = statement.slice(shift);
    for (const style of assist.highlight?.(rest) ?? []) {
      styles.push({ ...style, start: style.start + shift, end: style.end + shift });
    }
    const found2 = (await assist.check?.(session, rest, cursor < 0 ? -1 : cursor - shift)) ?? [];
    const problems = found2.map((problem) => ({
      ...problem,
      start: problem.start + shift,
      end: problem.end + shift,
    }));
    if (styles.length === 0) styles.push({ start: word.start, end: word.end, style: 'command' });
    return { styles, problems };
  }
  return { styles, problems: [] };
}

function isBeginning(level: Parameters<typeof rowsOf>[0], typed: string): boolean {
  return rowsOf(level, everywhere).some((row) =>
    (row.kind === 'level' ? row.reference.name : row.command.name).startsWith(typed.toLowerCase()),
  );
}

/** The styles with what is wrong cut out and marked. */
function underlined(styles: readonly Styled[], problems: readonly TypingProblem[]): Styled[] {
  let rest = [...styles].sort((a, b) => a.start - b.start);
  for (const { start, end, severity } of problems) {
    const cut: Styled[] = [];
    for (const style of rest) {
      if (style.end <= start || style.start >= end) cut.push(style);
      else {
        if (style.start < start) cut.push({ ...style, end: start });
        if (style.end > end) cut.push({ ...style, start: end });
      }
    }
    cut.push({ start, end: Math.max(end, start + 1), style: severity });
    rest = cut.sort((a, b) => a.start - b.start);
  }
  return rest;
}
