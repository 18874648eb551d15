import { type Command, type CommandStatus, type Level, usage } from './command.js';
import type { Interpreter } from './interpreter.js';
import { lookUp, nameOf, type Row, rowsOf } from './lookup.js';
import type { Session } from './session.js';

/** Width of the name column in lists of commands. */
const NAME_COLUMNS = 16;

/**
 * Prints help for what the words lead to from the root level: a topic, a level, a command.
 *
 * @param bare nothing was asked about: at the root that is the overview
 */
export async function helpFor(
  session: Session,
  interpreter: Interpreter,
  words: readonly string[],
  bare = false,
): Promise<CommandStatus> {
  const { everywhere } = interpreter;
  const root = session.levels[0]!;
  const asked = words.at(-1) ?? '';
  if (words.length === 0 || /^overview$/i.test(asked)) {
    await page(session, await overview(root, everywhere));
    return 'done';
  }
  if (!bare) {
    const { TOPICS, topicList } = await import('./topics.js');
    if (/^topics$/i.test(asked)) {
      await page(session, topicList());
      return 'done';
    }
    const topic = TOPICS.find(({ name }) => name.toLowerCase() === asked.toLowerCase());
    if (topic && /^[A-Z]/.test(topic.name)) {
      await page(session, `${topic.title}\n\n${topic.text.trim()}\n`);
      return 'done';
    }
  }
  const text =
    (await describe(root, words, everywhere)) ??
    (await describe(root, words.slice(session.levels.length - 1), everywhere));
  if (text === null) {
    session.error(`help: No help found for '${asked}'! 'overview' lists all help entries`);
    const found = lookUp(rowsOf(interpreter.level, everywhere), asked);
    if (found.kind === 'unknown' && found.guesses.length > 0) {
      session.info(`did you mean ${found.guesses.map((name) => `"${name}"`).join(' or ')}?`);
    }
    return 'failed';
  }
  await page(session, text);
  return 'done';
}

/**
 * The help text of the level or command that the words lead to, or null where they lead nowhere.
 *
 * @param everywhere the commands of every level
 */
export async function describe(
  root: Level,
  words: readonly string[],
  everywhere: readonly Command[],
): Promise<string | null> {
  let here = root;
  for (const [index, word] of words.entries()) {
    const found = lookUp(rowsOf(here, everywhere), word);
    if (found.kind !== 'found') return index === 0 ? describeAnywhere(root, words, everywhere) : null;
    if (found.row.kind === 'command') {
      return index === words.length - 1 ? commandHelp(found.row.command, words.slice(0, index)) : null;
    }
    here = await found.row.reference.load();
  }
  return levelHelp(here, everywhere);
}

/** `help primitive` at the root: a command of exactly one level need not be called by its path. */
async function describeAnywhere(
  root: Level,
  words: readonly string[],
  everywhere: readonly Command[],
): Promise<string | null> {
  if (words.length !== 1) return null;
  for (const reference of root.levels) {
    const level = await reference.load();
    const row = [...level.commands].find(({ name, hidden }) => name === words[0] && !hidden);
    if (row) return commandHelp(row, [level.name]);
    const below = level.levels.find(({ name }) => name === words[0]);
    if (below) return levelHelp(await below.load(), everywhere);
  }
  return null;
}

async function commandHelp(row: Command, path: readonly string[]): Promise<string> {
  const lines = [row.summary, ''];
  if (row.help !== '') lines.push(row.help.trim(), '');
  const written = row.usage ? await row.usage() : [usage(row)];
  lines.push('Usage:', '', ...written.map((line) => `    ${line}`));
  if (row.aliases.length > 0) lines.push('', `Also answers to: ${row.aliases.join(', ')}`);
  const notes: string[] = [];
  if (row.skill !== 'operator') notes.push(`needs skill level ${row.skill}`);
  if (row.waits) notes.push('with -w waits until the cluster has settled');
  if (notes.length > 0) lines.push('', `Note: ${notes.join('; ')}.`);
  if (path.length > 0) lines.push('', `Level: ${path.join(' ')}`);
  return `${lines.join('\n')}\n`;
}

export function levelHelp(level: Level, everywhere: readonly Command[]): string {
  const lines = [level.summary, ''];
  if (level.help !== '') lines.push(level.help.trim(), '');
  lines.push(
    'Commands:',
    ...listRows(rowsOf(level, []), '\t'),
    '',
    ...listRows(rowsOf(level, everywhere).slice(-everywhere.length), '\t'),
  );
  return `${lines.join('\n')}\n`;
}

function listRows(rows: readonly Row[], indent: string): string[] {
  return rows
    .filter((row) => row.kind === 'level' || !row.command.hidden)
    .sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
    .map((row) => {
      const name = row.kind === 'level' ? `${row.reference.name}/` : row.command.name;
      const summary = row.kind === 'level' ? row.reference.summary : row.command.summary;
      return `${indent}${name.padEnd(NAME_COLUMNS)} ${summary}`;
    });
}

async function overview(root: Level, everywhere: readonly Command[]): Promise<string> {
  const { TOPICS } = await import('./topics.js');
  const lines = ['Help overview for crm', '', '', 'Available topics:', ''];
  for (const { name, title } of TOPICS) lines.push(`\t${name.padEnd(23)} ${title}`);
  lines.push('', 'Available commands:', '');
  lines.push(
    ...listRows(
      rowsOf(root, everywhere).filter(({ kind }) => kind === 'command'),
      '\t',
    ),
  );
  const seen = new Set<string>();
  const levels = [...root.levels].sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const reference of levels) {
    if (seen.has(reference.name)) continue;
    seen.add(reference.name);
    const level = await reference.load();
    lines.push('', `\t${`${reference.name}/`.padEnd(NAME_COLUMNS)} ${reference.summary}`);
    lines.push(...listRows(rowsOf(level, []), '\t\t'));
  }
  return `${lines.join('\n')}\n`;
}

/** Through the pager where the text is longer than the terminal and a person reads it. */
async function page(session: Session, text: string): Promise<void> {
  const { showPaged } = await import('./pager.js');
  await showPaged(session, text);
}
