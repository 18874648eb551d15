import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CommandStatus, Completion, CompletionRequest, Environment } from '../command.js';
import { loadStatements, runFromRoot } from '../load-statements.js';
import type { Session } from '../session.js';
import { type Expanded, expandWizard, shownSteps, type WizardAction } from './expand.js';
import { WIZARDS, type Wizard } from './wizards.js';

const CATEGORIES = ['Basic', 'Database', 'File system', 'NFS', 'SAP', 'Script', 'Server', 'Stonith'] as const;

/** Ours, and those of `--scriptdir`: NAME/main.json or NAME.json, a wizard as JSON (the fields of `Wizard`). */
function allWizards(session: Session): Wizard[] {
  const found = new Map(WIZARDS.map((wizard) => [wizard.name, wizard]));
  for (const folder of session.world.scriptFolders) {
    if (!existsSync(folder)) {
      session.warning(`--scriptdir: there is no ${folder}`);
      continue;
    }
    for (const name of readdirSync(folder)) {
      const path = name.endsWith('.json') ? join(folder, name) : join(folder, name, 'main.json');
      if (!existsSync(path)) continue;
      try {
        const wizard = JSON.parse(readFileSync(path, 'utf8')) as Wizard;
        if (typeof wizard.name !== 'string' || !Array.isArray(wizard.steps))
          throw new Error('no name, or no steps');
        found.set(wizard.name, wizard);
      } catch (error) {
        session.error(`${path}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function find(session: Session, name: string): Wizard | undefined {
  return allWizards(session).find((wizard) => wizard.name === name);
}

function complain(env: Environment, text: string): CommandStatus {
  env.session.error(`${[...env.path, env.command].join('.')}: ${text}`);
  return 'failed';
}

export async function list(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const { session } = env;
  const wrong = args.find((word) => word !== 'all' && word !== 'names');
  if (wrong !== undefined) return complain(env, `${wrong}: expected all or names`);
  const wizards = allWizards(session).filter(({ category }) => args.includes('all') || category !== 'Script');
  if (args.includes('names')) {
    for (const { name } of wizards) session.print(name);
    return 'done';
  }
  for (const category of CATEGORIES) {
    const own = wizards.filter((wizard) => wizard.category === category);
    if (own.length === 0) continue;
    const lines = own.map(({ name, title }) => `${name.padEnd(16)} ${title}`);
    session.print(`${category}:\n\n${lines.join('\n')}\n\n`);
  }
  return 'done';
}

export async function show(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const { session } = env;
  const [name = ''] = args;
  const wizard = find(session, name);
  if (!wizard) return complain(env, `Script not found: ${name}`);
  const lines = [`${wizard.name} (${wizard.category})`, wizard.title, '', wizard.text.trim(), ''];
  for (const step of shownSteps(wizard, (other) => find(session, other))) {
    lines.push(`${step.number} ${step.title}${step.optional ? ' (optional)' : ''}`, '');
    for (const parameter of step.parameters) {
      const marks = [
        parameter.required ? '(required)' : '',
        parameter.unique ? '(unique)' : '',
        parameter.default === undefined ? '' : `(default: '${parameter.default}')`,
      ].filter((mark) => mark !== '');
      const example = parameter.example === undefined ? '' : ` (such as ${parameter.example})`;
      lines.push(`  ${[parameter.given, ...marks].join(' ')}`, `      ${parameter.summary}${example}`);
    }
    if (step.parameters.length > 0) lines.push('');
  }
  session.print(`${lines.join('\n')}\n`);
  return 'done';
}

/** `name=value` words as values, or null after a complaint. */
function readValues(env: Environment, words: readonly string[]): Record<string, string> | null {
  const values: Record<string, string> = {};
  for (const word of words) {
    const equals = word.indexOf('=');
    if (equals < 1) {
      complain(env, `${word}: expected NAME=VALUE`);
      return null;
    }
    values[word.slice(0, equals)] = word.slice(equals + 1);
  }
  return values;
}

function expand(env: Environment, name: string, values: Readonly<Record<string, string>>): Expanded {
  const wizard = find(env.session, name);
  if (!wizard) return { ok: false, problems: [`Script not found: ${name}`] };
  return expandWizard(wizard, values, (other) => find(env.session, other));
}

export async function verify(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const values = readValues(env, args.slice(1));
  if (!values) return 'usage';
  const expanded = expand(env, args[0] ?? '', values);
  if (!expanded.ok) {
    for (const problem of expanded.problems) complain(env, problem);
    return 'failed';
  }
  for (const [index, { title, text }] of expanded.actions.entries()) {
    env.session.print(`${index + 1}. ${title}\n\n${text.replace(/^/gm, '\t')}\n\n`);
  }
  return 'done';
}

/** Parameters of every script: `dry_run=yes` shows what would be done. */
const COMMON = new Set(['dry_run', 'nodes', 'action', 'statefile', 'user', 'sudo', 'port', 'timeout']);

export async function run(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const { session } = env;
  const values = readValues(env, args.slice(1));
  if (!values) return 'usage';
  const own = Object.fromEntries(Object.entries(values).filter(([name]) => !COMMON.has(name)));
  const name = args[0] ?? '';
  const expanded = expand(env, name, own);
  if (!expanded.ok) {
    for (const problem of expanded.problems) complain(env, problem);
    return 'failed';
  }
  session.info(find(session, name)!.title);
  for (const action of expanded.actions) {
    const { title, text } = action;
    if (/^(yes|true|on|1)$/i.test(values.dry_run ?? '')) {
      session.print(`** ${title}\n\n${text}\n`);
      continue;
    }
    const done = await perform(env, action);
    if (done !== 'done') {
      session.error(`${title}: not done${action.kind === 'configure' ? '; nothing was changed' : ''}`);
      return done;
    }
    session.info(title);
  }
  return 'done';
}

/** Takes statements into the configuration, or runs commands until one fails. */
function perform(env: Environment, { kind, text }: WizardAction): Promise<CommandStatus> {
  return kind === 'configure' ? loadStatements(env, text) : runFromRoot(env, text.split('\n'));
}

/** For programs: `["list"]`, `["show", NAME]`, `["verify", NAME, {...}]`, `["run", NAME, {...}]`; one object a line. */
export async function json(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const { session } = env;
  const answer = (value: unknown) => session.print(JSON.stringify(value));
  let request: unknown;
  try {
    request = JSON.parse(args.join(' '));
  } catch (error) {
    answer({ error: `not JSON: ${error instanceof Error ? error.message : String(error)}` });
    return 'failed';
  }
  if (!Array.isArray(request) || typeof request[0] !== 'string') {
    answer({ error: 'expected a list that begins with list, show, verify or run' });
    return 'failed';
  }
  const [verb, name = '', values = {}] = request as [string, string?, Record<string, string>?];
  const described = (wizard: Wizard) => ({
    name: wizard.name,
    category: wizard.category.toLowerCase(),
    shortdesc: wizard.title,
    longdesc: wizard.text.trim(),
  });
  if (verb === 'list') {
    for (const wizard of allWizards(session)) answer(described(wizard));
    return 'done';
  }
  const wizard = find(session, name);
  if (!wizard) {
    answer({ error: `Script not found: ${name}` });
    return 'failed';
  }
  if (verb === 'show') {
    const steps = shownSteps(wizard, (other) => find(session, other)).map(
      ({ title, optional, parameters }) => ({
        shortdesc: title,
        required: !optional,
        parameters: parameters.map(({ given, summary, required, unique, type, default: value, example }) => ({
          name: given,
          shortdesc: summary,
          required: required ?? false,
          unique: unique ?? false,
          type: type ?? 'string',
          ...(value === undefined ? {} : { value }),
          ...(example === undefined ? {} : { example }),
        })),
      }),
    );
    answer({ ...described(wizard), steps });
    return 'done';
  }
  const expanded = expand(env, name, values);
  if (!expanded.ok) {
    answer({ error: expanded.problems.join('; ') });
    return 'failed';
  }
  if (verb === 'verify') {
    for (const { title, text } of expanded.actions)
      answer({ shortdesc: title, longdesc: '', text, nodes: '' });
    return 'done';
  }
  if (verb !== 'run') {
    answer({ error: `${verb}: expected list, show, verify or run` });
    return 'failed';
  }
  for (const action of expanded.actions) {
    const status = await perform(env, action);
    answer({ shortdesc: action.title, rc: status === 'done' ? 'true' : 'false' });
    if (status !== 'done') return status;
  }
  return 'done';
}

export async function completeName({ session }: CompletionRequest): Promise<Completion[]> {
  return allWizards(session).map(({ name, title, text }) => ({
    text: name,
    summary: title,
    documentation: text.trim(),
    kind: 'id',
  }));
}

export async function completeValue({ session, words }: CompletionRequest): Promise<Completion[]> {
  const wizard = find(session, words[0] ?? '');
  if (!wizard) return [];
  const given = new Set(words.slice(1).map((word) => word.replace(/=.*/, '')));
  return shownSteps(wizard, (other) => find(session, other))
    .flatMap(({ parameters }) => parameters)
    .filter((parameter) => !given.has(parameter.given))
    .map((parameter) => ({
      text: `${parameter.given}=`,
      summary: `${parameter.required ? '* ' : ''}${parameter.summary}`,
      kind: 'parameter',
      open: true,
    }));
}
