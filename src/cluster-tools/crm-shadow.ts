import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { createPatch } from '../cib/diff.js';
import { emptyCib } from '../cib/document.js';
import type { Element } from '../cib/element.js';
import { parseXml, writeXml } from '../cib/xml.js';
import { EXIT } from '../command-line/exit-codes.js';
import { type GetoptOption, getopt } from '../command-line/getopt.js';
import { exitOf, resultText } from '../command-line/result-codes.js';
import { shadowFile, shadowFolderOf } from '../command-line/shadows.js';
import { type Surroundings, type Tool, versionText } from '../command-line/tool.js';
import { type CibAccess, openCib } from './access.js';
import { Refusal } from './refusal.js';

const OPTIONS: readonly GetoptOption[] = [
  { long: 'help', short: '?' },
  { long: 'version', short: '$' },
  { long: 'verbose', short: 'V' },
  { long: 'which', short: 'w' },
  { long: 'display', short: 'p' },
  { long: 'edit', short: 'E' },
  { long: 'diff', short: 'd' },
  { long: 'file', short: 'F' },
  { long: 'create', short: 'c', value: 'required' },
  { long: 'create-empty', short: 'e', value: 'required' },
  { long: 'commit', short: 'C', value: 'required' },
  { long: 'delete', short: 'D', value: 'required' },
  { long: 'reset', short: 'r', value: 'required' },
  { long: 'switch', short: 's', value: 'required' },
  { long: 'force', short: 'f' },
  { long: 'batch', short: 'b' },
  { long: 'all', short: 'a' },
  { long: 'validate-with', short: 'v', value: 'required' },
];

const HELP = `crm_shadow - try configuration changes on a copy

Works on a shadow copy of the configuration: with CIB_shadow set to its name, cibadmin, crm_resource and all other
tools change the copy instead of the cluster.

Usage: crm_shadow <query>|<command> [options]
Options:
 -?, --help                    This text
 -$, --version                 Version information
 -V, --verbose                 Say more

Queries, about the active copy:
 -w, --which                   Its name
 -p, --display                 Its contents
 -E, --edit                    Edit it with $EDITOR
 -d, --diff                    How it differs from the cluster's configuration
 -F, --file                    Where it is

Commands:
 -c, --create=NAME             Copy the cluster's configuration
 -e, --create-empty=NAME       Make an empty one (--validate-with: of which schema)
 -C, --commit=NAME             Give it to the cluster
 -D, --delete=NAME             Delete it
 -r, --reset=NAME              Copy the cluster's configuration over it
 -s, --switch=NAME             Work on it

Additional options:
 -f, --force                   Do it although it is dangerous
 -b, --batch                   Do not start a shell
 -a, --all                     With --commit: the status, too
 -v, --validate-with=SCHEMA    With --create-empty: the schema
`;

const COMMANDS = [
  'which',
  'display',
  'edit',
  'diff',
  'file',
  'create',
  'create-empty',
  'commit',
  'delete',
  'reset',
];
const FORCE =
  'To prevent accidental destruction of the cluster, the --force flag is required in order to proceed.';

interface Wish {
  readonly command: string;
  readonly shadow: string;
  readonly force: boolean;
  readonly batch: boolean;
  readonly all: boolean;
  readonly schema: string | undefined;
}

/** Works as `crm_shadow` of Pacemaker 2.1.5 does. */
export const crmShadow: Tool = async (surroundings) => {
  const { name, words, env } = surroundings;
  const read = getopt(OPTIONS, words);
  if (!read.ok) {
    surroundings.err(`${name}: ${read.message}\n`);
    surroundings.out(HELP);
    return EXIT.USAGE;
  }
  const has = (option: string) => read.occurrences.some((occurrence) => occurrence.option === option);
  if (has('help') || has('version')) {
    surroundings.out(has('help') ? HELP : versionText());
    return EXIT.OK;
  }
  const last = read.occurrences.findLast(({ option }) => [...COMMANDS, 'switch'].includes(option));
  if (read.operands.length > 0 || !last) {
    if (read.operands.length > 0) surroundings.out(`non-option ARGV-elements: ${read.operands.join(' ')} \n`);
    surroundings.out(HELP);
    return EXIT.USAGE;
  }
  const shadow = last.value ?? env.CIB_shadow;
  try {
    if (shadow === undefined) throw new Refusal(EXIT.NOSUCH, 'No active shadow configuration defined');
    await run(surroundings, {
      command: last.option,
      shadow,
      force: has('force'),
      batch: has('batch'),
      all: has('all'),
      schema: read.occurrences.findLast(({ option }) => option === 'validate-with')?.value,
    });
    return EXIT.OK;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (error.message !== '') surroundings.err(`${error.message}\n`);
    return error.exit;
  }
};

async function run(surroundings: Surroundings, wish: Wish): Promise<void> {
  const { command, shadow, force } = wish;
  const { env, out } = surroundings;
  const file = shadowFile(shadowFolderOf(env), shadow);
  if (command === 'which') return out(`${shadow}\n`);
  const active = env.CIB_shadow;
  const other = active !== undefined && active.toLowerCase() !== shadow.toLowerCase();
  if (command !== 'switch' && command !== 'create' && other && !force) {
    throw new Refusal(
      EXIT.USAGE,
      `The supplied shadow instance (${shadow}) is not the same as the active one (${active}).\n  ${FORCE}`,
    );
  }
  if ((command === 'commit' || command === 'delete') && !force) {
    throw new Refusal(EXIT.USAGE, `The supplied command is considered dangerous.  ${FORCE}`);
  }
  if (command === 'file') return out(`${file}\n`);
  if (command === 'delete') {
    rmSync(file, { force: true });
    return leave(surroundings, shadow);
  }
  const there = existsSync(file);
  if (command === 'create' || command === 'create-empty') {
    if (there && !force) {
      throw new Refusal(EXIT.CANTCREAT, `A shadow instance '${shadow}' already exists.\n  ${FORCE}`);
    }
  } else if (!there) {
    throw new Refusal(EXIT.NOSUCH, `Could not access shadow instance '${shadow}': No such file or directory`);
  }
  await carryOut(surroundings, wish, file);
}

async function carryOut(surroundings: Surroundings, wish: Wish, file: string): Promise<void> {
  const { command, shadow, schema } = wish;
  switch (command) {
    case 'create':
    case 'reset':
      write(file, shadow, await withCluster(surroundings, query), command);
      return enter(surroundings, wish);
    case 'create-empty': {
      const empty = emptyCib();
      empty.set('epoch', '0');
      if (schema !== undefined) empty.set('validate-with', schema);
      surroundings.out(`Created new ${empty.get('validate-with')} configuration\n`);
      write(file, shadow, empty, command);
      return enter(surroundings, wish);
    }
    case 'switch':
      return enter(surroundings, wish);
    case 'display':
      return surroundings.out(writeXml(parseXml(readFileSync(file, 'utf8'))));
    case 'edit':
      return edit(surroundings, file);
    case 'diff': {
      const patch = createPatch(await withCluster(surroundings, query), parseXml(readFileSync(file, 'utf8')));
      if (!patch) return;
      surroundings.out(writeXml(patch));
      throw new Refusal(EXIT.ERROR, '');
    }
    case 'commit':
      await withCluster(surroundings, (access) => commit(access, wish, file));
      return leave(surroundings, shadow);
  }
}

/** Does something with the cluster's own CIB, whichever shadow is active. */
async function withCluster<T>(
  surroundings: Surroundings,
  work: (access: CibAccess) => Promise<T>,
): Promise<T> {
  const { CIB_shadow: _, ...env } = surroundings.env;
  const opened = await openCib({ ...surroundings, env });
  if (!opened.ok) {
    throw new Refusal(exitOf(opened.failure), `Could not connect to CIB: ${resultText(opened.failure)}`);
  }
  try {
    return await work(opened.value);
  } finally {
    await opened.value.close();
  }
}

async function query(access: CibAccess): Promise<Element> {
  const read = await access.read();
  if (read.ok) return read.value.clone();
  throw new Refusal(
    exitOf(read.failure),
    `Could not connect to the CIB manager: ${resultText(read.failure)}`,
  );
}

async function commit(access: CibAccess, { shadow, all }: Wish, file: string): Promise<void> {
  const cib = parseXml(readFileSync(file, 'utf8'));
  const input = all ? cib : cib.ensure('configuration');
  const done = await access.perform({
    operation: 'replace',
    input,
    ...(all ? {} : { scope: 'configuration' }),
  });
  if (done.ok) return;
  throw new Refusal(
    exitOf(done.failure),
    `Could not commit shadow instance '${shadow}' to the CIB: ${resultText(done.failure)}`,
  );
}

function write(file: string, shadow: string, cib: Element, command: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o750 });
    writeFileSync(file, writeXml(cib), { mode: 0o600 });
  } catch (error) {
    const verb = command === 'reset' ? 'reset' : 'create';
    throw new Refusal(
      EXIT.CANTCREAT,
      `Could not ${verb} the shadow instance '${shadow}': ${(error as Error).message}`,
    );
  }
}

function edit(surroundings: Surroundings, file: string): void {
  const editor = surroundings.env.EDITOR;
  if (!editor) throw new Refusal(EXIT.NOT_CONFIGURED, 'No value for EDITOR defined');
  const ran = spawnSync(editor, [file], { stdio: 'inherit' });
  if (ran.error) {
    throw new Refusal(EXIT.OSFILE, `Could not invoke EDITOR (${editor} ${file}): ${ran.error.message}`);
  }
}

const promptOf = (shadow: string) => `shadow[${shadow}] # `;

/** Has the person work on a shadow: in a shell of its own, or told how. */
function enter({ env, out }: Surroundings, { shadow, batch, command }: Wish): void {
  out('Setting up shadow instance\n');
  if (env.PS1 === promptOf(shadow)) return;
  if (!batch && env.SHELL && process.stdin.isTTY) {
    out('Type Ctrl-D to exit the crm_shadow shell\n');
    const plain = env.SHELL.includes('bash') ? ['--norc', '--noprofile'] : [];
    spawnSync(env.SHELL, plain, {
      stdio: 'inherit',
      env: { ...env, PS1: promptOf(shadow), CIB_shadow: shadow },
    });
    return;
  }
  const first =
    command === 'switch'
      ? 'To switch to the named shadow instance, paste the following into your shell:'
      : 'A new shadow instance was created.  To begin using it paste the following into your shell:';
  out(`${first}\n  CIB_shadow=${shadow} ; export CIB_shadow\n`);
}

/** Says how to work on the cluster again. */
function leave({ env, out }: Surroundings, shadow: string): void {
  if (env.PS1 === promptOf(shadow)) out('Now type Ctrl-D to exit the crm_shadow shell\n');
  else
    out(
      'Please remember to unset the CIB_shadow variable by pasting the following into your shell:\n  unset CIB_shadow\n',
    );
}
