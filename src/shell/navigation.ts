import { type Command, type CommandStatus, command, type Environment, many, optional } from './command.js';
import type { Interpreter } from './interpreter.js';
import { lookUp, nameOf, rowsOf } from './lookup.js';

/** The interpreter of each session, for the few commands that move through the levels. */
const interpreters = new WeakMap<object, Interpreter>();

export function attach(interpreter: Interpreter): void {
  interpreters.set(interpreter.session, interpreter);
}

/** The interpreter of a session, for commands that run other commands. */
export function interpreterOf(session: Environment['session']): Interpreter {
  const interpreter = interpreters.get(session);
  if (!interpreter) throw new Error('the session has no interpreter');
  return interpreter;
}

/** How a person leaves: where nobody can be asked, pending edits are committed as at the end of input. */
function howToLeave(env: Environment): 'prompt' | 'end' {
  return env.session.world.interactive ? 'prompt' : 'end';
}

async function up(env: Environment): Promise<CommandStatus> {
  const { levels } = env.session;
  if (levels.length === 1) {
    env.session.error(`${env.command}: No such command`);
    return 'failed';
  }
  return interpreterOf(env.session).leaveTo(levels.length - 1, howToLeave(env));
}

async function cd(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const interpreter = interpreterOf(env.session);
  const { session } = env;
  const path = args[0] ?? '..';
  if (path.startsWith('/')) {
    const left = await interpreter.leaveTo(1, howToLeave(env));
    if (left !== 'done') return left;
  }
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') {
      if (session.levels.length === 1) continue;
      const left = await interpreter.leaveTo(session.levels.length - 1, howToLeave(env));
      if (left !== 'done') return left;
      continue;
    }
    const found = lookUp(
      interpreter.level.levels.map((reference) => ({ kind: 'level', reference }) as const),
      part,
    );
    if (found.kind !== 'found' || found.row.kind !== 'level') {
      session.error(`cd: ${part}: no such level here`);
      return 'failed';
    }
    const entered = await interpreter.enter(await found.row.reference.load(), env.line);
    if (entered !== 'done') return entered;
  }
  return 'done';
}

async function ls(env: Environment): Promise<CommandStatus> {
  const { session } = env;
  const names = rowsOf(session.levels.at(-1)!, everywhere)
    .filter((row) => row.kind === 'level' || !row.command.hidden)
    .map(nameOf)
    .filter((name) => name !== 'up' || session.levels.length > 1)
    .sort();
  if (session.levels.length > 1) names.unshift('..');
  const { columns } = await import('./columns.js');
  session.print(session.flags.regression ? names.join('\n') : columns(names, 3));
  return 'done';
}

async function help(env: Environment, args: readonly string[]): Promise<CommandStatus> {
  const { helpFor } = await import('./help.js');
  return helpFor(env.session, interpreterOf(env.session), [...env.path, ...args], args.length === 0);
}

/** The commands of every level. */
export const everywhere: readonly Command[] = [
  command('cd', 'Navigate the level structure', {
    args: [optional({ label: 'PATH', complete: ({ session }) => completeLevels(session.levels.at(-1)!) })],
    help: 'Goes to another level: `cd configure/ra`, `cd ../resource`, `cd /`; without a path one level up.',
    run: cd,
  }),
  command('help', 'Show help', {
    synonyms: ['?', '-h', '--help'],
    args: [optional(many({ label: 'TOPIC' }))],
    help: 'Explains a topic, a level, or a command: `help`, `help resource`, `help resource move`.',
    run: help,
  }),
  command('ls', 'List levels and commands', {
    help: 'Lists what can be typed at this level.',
    run: ls,
  }),
  command('quit', 'Exit the interactive shell', {
    aliases: ['bye', 'exit'],
    help: 'Leaves the shell. Changes that are pending in `configure` are asked about first.',
    run: async () => 'done',
  }),
  command('up', 'Go back to the previous level', {
    aliases: ['end', 'back'],
    help: 'Leaves this level. Changes that are pending in `configure` are asked about first.',
    run: up,
  }),
];

function completeLevels(level: { readonly levels: readonly { readonly name: string; summary: string }[] }) {
  return [
    { text: '../', kind: 'level' as const, summary: 'one level up', open: true },
    ...level.levels.map(({ name, summary }) => ({
      text: `${name}/`,
      kind: 'level' as const,
      summary,
      open: true,
    })),
  ];
}
