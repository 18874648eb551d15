import type { Command, Completion, Level } from './command.js';
import { lookUp, rowsOf } from './lookup.js';
import { everywhere } from './navigation.js';
import type { Session } from './session.js';
import { splitAtCursor } from './words.js';

/** What may stand at the cursor, and the stretch of the line that it replaces. */
export interface Candidates {
  readonly from: number;
  readonly to: number;
  readonly items: readonly Completion[];
}

/** The offset at which the statement around the cursor begins: after the last line end without a backslash. */
export function statementStart(text: string, cursor: number): number {
  let start = 0;
  for (let at = text.indexOf('\n'); at >= 0 && at < cursor; at = text.indexOf('\n', at + 1)) {
    if (!/\\[ \t]*$/.test(text.slice(start, at))) start = at + 1;
  }
  return start;
}

/** Continuations as blanks, so that offsets stay what they are. */
export function flatten(text: string): string {
  return text.replace(/\\[ \t]*\n|\n/g, (found) => ' '.repeat(found.length));
}

/** Where the words of a line lead: the level they end in, and the command with its words so far. */
export interface Walked {
  readonly level: Level;
  /** Depth of the first word that is not a level name. */
  readonly index: number;
  readonly row: Command | null;
}

/** Follows level names and finds the command, without saying or loading more than the tables. */
export async function walk(start: Level, words: readonly string[]): Promise<Walked | null> {
  let level = start;
  for (const [index, word] of words.entries()) {
    const found = lookUp(rowsOf(level, everywhere), word);
    if (found.kind !== 'found') return null;
    if (found.row.kind === 'command') return { level, index, row: found.row.command };
    level = await found.row.reference.load();
  }
  return { level, index: words.length, row: null };
}

/** Candidates for the word at the cursor. */
export async function completeAt(session: Session, text: string, cursor: number): Promise<Candidates> {
  const begin = statementStart(text, cursor);
  const line = flatten(text.slice(begin, cursor));
  const { words, word, start } = splitAtCursor(line);
  const nothing: Candidates = { from: begin + start, to: cursor, items: [] };
  const walked = await walk(session.levels.at(-1)!, words);
  if (!walked) return nothing;
  const { level, index, row } = walked;
  const items = row
    ? await completeArguments(session, row, words.slice(index + 1), word, line)
    : completeNames(level, session.levels.length > 1 || words.length > 0);
  const fitting = matching(items, word);
  // Quotes that were typed are kept: what completes then is the part behind them.
  const from = line.slice(start).startsWith('"') || line.slice(start).startsWith("'") ? start + 1 : start;
  return { from: begin + from, to: cursor, items: fitting };
}

function matching(items: readonly Completion[], word: string): Completion[] {
  const seen = new Set<string>();
  return items.filter(({ text }) => {
    if (!text.startsWith(word) || seen.has(text) || text === '') return false;
    seen.add(text);
    return true;
  });
}

/** Levels and commands by name; aliases are answered to but not offered. */
export function completeNames(level: Level, below: boolean): Completion[] {
  return rowsOf(level, everywhere)
    .filter((row) => row.kind === 'level' || (!row.command.hidden && (below || row.command.name !== 'up')))
    .map(
      (row): Completion =>
        row.kind === 'level'
          ? { text: row.reference.name, summary: row.reference.summary, kind: 'level' }
          : {
              text: row.command.name,
              summary: row.command.summary,
              kind: 'command',
              ...(row.command.help === '' ? {} : { documentation: row.command.help.trim() }),
            },
    )
    .sort((a, b) => (a.text < b.text ? -1 : 1));
}

export async function completeArguments(
  session: Session,
  row: Command,
  words: readonly string[],
  word: string,
  line: string,
): Promise<readonly Completion[]> {
  const request = { session, words, word, line };
  if (row.complete) return row.complete(request);
  if (row.name === 'help' && everywhere.includes(row)) return completeHelp(session, words);
  const last = row.args.at(-1);
  const argument = row.args[words.length] ?? (last?.repeated ? last : undefined);
  if (!argument?.complete) return [];
  const items = await argument.complete(request);
  return argument.repeated ? items.filter(({ text }) => !words.includes(text)) : items;
}

async function completeHelp(session: Session, words: readonly string[]): Promise<Completion[]> {
  const walked = await walk(session.levels.at(-1)!, words);
  if (!walked || walked.row) return [];
  const names = completeNames(walked.level, true);
  if (words.length > 0) return names;
  const { TOPICS } = await import('./topics.js');
  return [
    ...names,
    ...TOPICS.map(({ name, title }) => ({ text: name, summary: title, kind: 'keyword' as const })),
  ];
}
