import type { Word } from '../../../grammar/crm/ast.js';
import { type Category, highlightWords } from '../../../grammar/crm/highlight.js';
import { readWords, statementKeywords } from '../../../grammar/crm/read.js';
import { QuotationError, scanWords } from '../../../grammar/crm/scan.js';
import { findContradictions } from '../../cib/contradictions.js';
import type { Highlight, LevelAssist, TypingProblem } from '../command.js';
import type { Session } from '../session.js';
import { fullName } from './configure-assistance.js';
import { ConfigureCopy } from './configure-copy.js';

const STYLE: Readonly<Record<Category, Highlight['style']>> = {
  keyword: 'keyword',
  id: 'id',
  reference: 'reference',
  agent: 'agent',
  name: 'parameter',
  value: 'value',
  score: 'score',
  operator: 'operator',
  bracket: 'operator',
  comment: 'comment',
  error: 'error',
};

/** The statement's words with its keyword in full; undefined where it is another command, or a quote is open. */
function wordsOf(statement: string): Word[] | undefined {
  let words: Word[];
  try {
    words = scanWords(statement);
  } catch (error) {
    if (error instanceof QuotationError) return undefined;
    throw error;
  }
  const [head, ...rest] = words;
  if (!head) return undefined;
  const name = fullName(head.text);
  return statementKeywords().includes(name) ? [{ ...head, text: name }, ...rest] : undefined;
}

/** Statements for which all is made that reading needs: a whole one, and one that is only begun. */
const EXAMPLES = ['location l r rule 0: a eq b and date gt 2020-01-01', 'location'];

/** Colours a statement, and says what is wrong with it, while it is typed. */
export const configureTyping: LevelAssist = {
  prepare: async (session) => {
    for (const example of EXAMPLES) {
      configureTyping.highlight?.(example);
      await configureTyping.check?.(session, example, example.length);
    }
  },
  highlight: (statement) => {
    const words = wordsOf(statement);
    if (!words) return [];
    // What cannot be read yet is no mistake for as long as it is typed; `check` says when it is one.
    return highlightWords(words, statement)
      .filter(({ category }) => category !== 'error')
      .map(({ start, end, category }) => ({ start, end, style: STYLE[category] }));
  },
  check: async (session, statement, cursor) => {
    const words = wordsOf(statement);
    if (!words) return [];
    const { statement: read, diagnostics } = readWords(words);
    const problems = diagnostics
      .filter(({ start, end, code }) => {
        const unfinished = cursor >= 0 && cursor >= start && cursor <= Math.max(end, start);
        return !unfinished && !(cursor >= 0 && code === 'incomplete');
      })
      .map(
        ({ start, end, message, suggestion, expected }): TypingProblem => ({
          start,
          end: Math.max(end, start),
          severity: 'error',
          message: suggestion
            ? `${message}; did you mean ${suggestion}?`
            : expected.length > 0
              ? `${message}; expected ${[...new Set(expected)].slice(0, 4).join(', ')}`
              : message,
        }),
      );
    if (!read) return problems;
    const copy = session.workingCopy;
    if (copy instanceof ConfigureCopy) {
      const { parameterProblems } = await import('./configure-typing-parameters.js');
      problems.push(...(await parameterProblems(copy, read, words, cursor)));
    }
    return [...problems, ...meaningProblems(session, read, words, cursor)];
  },
};

/** In larger configurations a statement is not tried out at every key: that would be felt. */
const TRIED_MAX = 500;

/** What is wrong beyond the words: resources that are not there, contradictions with other constraints. */
function meaningProblems(
  session: Session,
  statement: NonNullable<ReturnType<typeof readWords>['statement']>,
  words: readonly Word[],
  cursor: number,
): TypingProblem[] {
  const copy = session.workingCopy;
  if (!(copy instanceof ConfigureCopy) || !('id' in statement) || statement.id === undefined) return [];
  if (copy.configuration.objects().length > TRIED_MAX) return [];
  const trial = copy.configuration.fork();
  copy.reports.take();
  const problems: TypingProblem[] = [];
  const last = words.at(-1)!;
  if (cursor >= 0 && cursor <= last.end) return [];
  const ok = trial.create(statement);
  for (const report of copy.reports.take()) {
    if (report.severity !== 'error') continue;
    const word = words.find(({ text }) => text === report.near) ?? words[1] ?? last;
    problems.push({ start: word.start, end: word.end, severity: 'error', message: report.message });
  }
  if (!ok) return problems;
  for (const { message, ids } of findContradictions(trial.cib)) {
    if (!ids.includes(statement.id)) continue;
    problems.push({ start: words[0]!.start, end: last.end, severity: 'warning', message });
  }
  return problems;
}
