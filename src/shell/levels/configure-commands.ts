import type { Statement, Word } from '../../../grammar/crm/ast.js';
import { closest } from '../../../grammar/crm/nearest.js';
import { readWords } from '../../../grammar/crm/read.js';
import { scanWords } from '../../../grammar/crm/scan.js';
import { findContradictions } from '../../cib/contradictions.js';
import { buildElement } from '../../language/build.js';
import type { Report } from '../../language/report.js';
import type { Command, CommandStatus, Environment } from '../command.js';
import type { Session } from '../session.js';
import { type ConfigureCopy, openCopy, sayReport } from './configure-copy.js';
import { sayDiagnostics } from './configure-diagnostics.js';

/** The typed statement's words, the first one being the command's full name. */
export function statementWords(env: Environment, args: readonly string[]): Word[] {
  const words = scanWords(env.line);
  const head = words[0] ?? { text: '', start: 0, end: 0 };
  const rest =
    words
      .slice(1)
      .map((word) => word.text)
      .join('\0') === args.join('\0')
      ? words.slice(1)
      : undefined;
  const tail = rest ?? args.map((text) => ({ text, start: head.end, end: head.end }));
  // A tab within quotes becomes four blanks, as crmsh reads lines.
  const blanks = tail.map((word) => ({ ...word, text: word.text.replaceAll('\t', '    ') }));
  return [{ ...head, text: env.command }, ...blanks];
}

/** Runs a statement that was typed as a command. */
export const runStatement: Command['run'] = async (env, args) => {
  const copy = await openCopy(env.session);
  if (!copy) return 'failed';
  const { session, command } = env;
  if (copy.configuration.schema.unsupported.has(command)) {
    session.error(`${command} not supported by the RNG schema`);
    return 'failed';
  }
  const words = statementWords(env, args);
  const named = words[1];
  if (named?.text.startsWith('id=')) words[1] = { ...named, text: named.text.slice(3) };
  const read = readWords(words);
  if (!read.statement) {
    sayDiagnostics(session, read.diagnostics, env.line);
    return 'failed';
  }
  await learn(copy, read.statement);
  const ok = copy.configuration.create(read.statement);
  sayPlaced(session, copy.reports.take(), words, env.line);
  if (ok && CONSTRAINTS.has(read.statement.kind)) sayContradictions(copy, session, words[1]?.text);
  return ok ? 'done' : 'failed';
};

/** Asks for what a statement's meaning depends on: providers of a bare type, the agent's parameter names. */
export async function learn(copy: ConfigureCopy, statement: Statement): Promise<void> {
  if (statement.kind !== 'primitive' && statement.kind !== 'rsc_template') return;
  const { agent } = statement;
  const words = agent?.split(':') ?? [];
  const [first, second] = words;
  if (agent !== undefined && words.length < 3 && (second === undefined || first === 'ocf')) {
    await copy.learnProviders([second ?? first!]);
  }
  const dashed = statement.parts.some(
    (part) =>
      part.type === 'set' && part.keyword === 'params' && part.values.some(({ name }) => name?.includes('-')),
  );
  if (!dashed) return;
  const { configuration } = copy;
  const context = { ...configuration.buildContext(), reports: copy.reports.silent() };
  const built = buildElement({ ...statement, parts: [] }, context);
  await copy.learnAgents([built]);
}

export type { CommandStatus };

/** `ms`: works, and says what to write instead. */
export const runMs: Command['run'] = async (env, args) => {
  const rest = `${args.join(' ')}${args.includes('meta') ? ' ' : ' meta '}promotable=true`;
  env.session.warning(`"ms" is deprecated. Please use "clone ${rest}"`);
  return runStatement(env, args);
};

/** Reports of a typed statement; what is about one word is shown with a caret below it. */
function sayPlaced(session: Session, reports: readonly Report[], words: readonly Word[], line: string): void {
  for (const report of reports) {
    const word = words.find(({ text, start, end }) => text === report.near && end > start);
    if (!word || report.severity !== 'error') sayReport(session, report);
    else {
      const { code, message, expected = [] } = report;
      const suggestion = closest(word.text, expected);
      const place = { start: word.start, end: word.end, ...(suggestion === undefined ? {} : { suggestion }) };
      sayDiagnostics(session, [{ code, message, expected, ...place }], line);
    }
  }
}

const CONSTRAINTS: ReadonlySet<string> = new Set(['location', 'colocation', 'order']);

/** Warns of what a constraint contradicts. */
function sayContradictions(copy: ConfigureCopy, session: Session, id: string | undefined): void {
  for (const { message, ids } of findContradictions(copy.configuration.cib)) {
    if (id !== undefined && ids.includes(id)) session.warning(message);
  }
}
