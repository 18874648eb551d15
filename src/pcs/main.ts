import { readCommandLine } from '../../grammar/pcs/command-line.js';
import { WrongUsage } from '../../grammar/pcs/mistake.js';
import type { Level, Row } from './command.js';
import { Environment, type World } from './environment.js';
import { GROUPS, isGroup } from './groups.js';
import { Refusal } from './refusal.js';

/** The version of pcs whose behaviour this one has. */
export const PCS_VERSION = '0.11.5';

/** Runs `pcs`; answers its exit status. */
export async function runPcs(world: World): Promise<number> {
  const read = readCommandLine(world.argv);
  if (!read.ok) {
    world.err(`Error: ${read.message}\n`);
    if (read.usage) world.err(await usageText([]));
    return 1;
  }
  const { options, negative } = read.value;
  let words = [...read.value.words];
  if (negative.length > 0) {
    world.err(
      `Deprecation Warning: Using '${negative.join("', '")}' without '--' is deprecated, those parameters will be considered position independent options in future pcs versions\n`,
    );
  }
  if (options.has('--version')) {
    world.out(`${PCS_VERSION}\n`);
    return 0;
  }
  if (options.has('-h') || options.has('--help') || options.has('--fullhelp')) {
    if (words.length === 0) {
      world.out(await usageText([]));
      return 0;
    }
    words = [words[0]!, 'help', ...words.slice(1)];
  }
  const timeout = options.get('--request-timeout');
  if (typeof timeout === 'string' && !/^\+?0*[1-9]\d*$/.test(timeout)) {
    world.err(`Error: '${timeout}' is not a valid --request-timeout value, use a positive integer\n`);
    return 1;
  }
  const environment = new Environment(world, options, world.argv.join(' '));
  try {
    return await dispatch(environment, words);
  } catch (failure) {
    if (failure instanceof Refusal) {
      if (failure.text !== null) world.err(`Error: ${failure.text}\n`);
      return 1;
    }
    throw failure;
  } finally {
    await environment.close();
  }
}

async function dispatch(environment: Environment, words: string[]): Promise<number> {
  const { world } = environment;
  const [group, ...rest] = words;
  if (group === 'help') {
    world.out(await usageText([]));
    return 0;
  }
  if (group === undefined || !isGroup(group)) {
    world.err(await usageText([]));
    return 1;
  }
  if (environment.has('--master')) {
    environment.deprecated("Option '--master' is deprecated and has been replaced by option '--promoted' ");
  }
  const top = await GROUPS[group].load();
  if (rest[0] === 'help') {
    world.out(await usageText([group, ...rest.slice(1)]));
    return 0;
  }
  const path = [group];
  try {
    await enter(environment, top, rest, path);
    return 0;
  } catch (failure) {
    if (!(failure instanceof WrongUsage)) throw failure;
    if (!failure.showUsage) world.err(`Error: ${failure.message}\n`);
    if (failure.hint !== null) world.err(`Hint: ${failure.hint}\n`);
    if (failure.showUsage) world.err(await usageText(path));
    return 1;
  }
}

/** Finds the row that the words lead to and runs it; `path` is the way there. */
async function enter(environment: Environment, top: Level, words: string[], path: string[]): Promise<void> {
  let row: Row = top;
  let rest = words;
  while (row.kind === 'level') {
    const [name] = rest;
    const word: string | null = name ?? row.alone;
    if (word === null) throw new WrongUsage();
    const next: Row | undefined = Object.hasOwn(row.rows, word) ? row.rows[word] : undefined;
    if (next === undefined) {
      if (!row.otherwise) throw new WrongUsage();
      row = row.otherwise;
      break;
    }
    path.push(word);
    rest = rest.slice(1);
    row = next;
  }
  if (row.options !== null) environment.allowOptions(row.options);
  if (row.note !== null) environment.deprecated(row.note);
  await row.run(environment, rest);
}

async function usageText(path: readonly string[]): Promise<string> {
  const { usage } = await import('./usage.js');
  return usage(path);
}
