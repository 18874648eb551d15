/**
 * Compares `crm` with the real crmsh.
 *
 *     npm run compare:crmsh -- [--kind cases] [--runs 100] [--seed 1] [--only 'location*'] [--crm /usr/sbin/crm]
 *
 * `cases` takes cases of the corpus, changes a few words, asks the real crmsh what becomes of them and judges ours by
 * that; `sheets` does so with forty statements at a time, none of them committed, which is much quicker; `sessions`
 * makes up sessions of statements and commands. Prints what differs and ends with 1 where something does. Needs crmsh
 * and Pacemaker's command line tools.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { randomNumbers } from '../../../scripts/random-numbers.mjs';
import { type CrmCase, corpusFolder, crm, judge, prepare, readCases, sessionText } from '../corpus-runner.js';
import { mutated, WordPool } from './mutate.js';
import { BASE, SOME, session } from './session.js';
import { sheet, statementsOf } from './sheet.js';
import { compareSheets, type RunCrm } from './sheets.js';

const { values: options } = parseArgs({
  options: {
    crm: { type: 'string', default: '/usr/sbin/crm' },
    only: { type: 'string', default: '*' },
    runs: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    kind: { type: 'string', default: 'cases' },
  },
});

/** Families whose cases depend on more than words: other levels, terminals, whole files of others. */
const SKIPPED = /^(resource|node-cmd|edit|delete-ask|show-cib|reload-cib|agents)$/;

const folder = corpusFolder();
if (folder === undefined || !existsSync(options.crm)) {
  console.error(`needs the corpus (QUORATE_CORPUS) and ${options.crm} (package crmsh)`);
  process.exit(2);
}

/** What the real crmsh makes of a case. */
function theirs(item: CrmCase): Pick<CrmCase, 'rc' | 'xml' | 'show' | 'crash' | 'errors'> {
  const scratch = mkdtempSync(join(tmpdir(), 'real-crm-'));
  try {
    const env = prepare(item, folder!, scratch);
    const crm = (argv: readonly string[]) => runReal(argv, scratch, env);
    const flags = item.flags ?? ['-F'];
    let ran: { status: number | null; stdout: string; stderr: string } = {
      status: 0,
      stdout: '',
      stderr: '',
    };
    if ((item.mode ?? 'session') === 'session') {
      writeFileSync(join(scratch, 'input.crm'), sessionText(item));
      ran = crm([...flags, '-D', 'plain', '-f', 'input.crm']);
    } else for (const step of item.steps ?? []) ran = crm([...flags, '-D', 'plain', ...step]);
    const shown = crm(['-D', 'plain', 'configure', 'show']);
    const said = plain(`${ran.stdout}${ran.stderr}`).split('\n');
    return {
      rc: ran.status ?? 1,
      crash: ran.stderr.includes('Traceback'),
      xml: readFileSync(env.CIB_file!, 'utf8'),
      show: plain(shown.stdout)
        .split('\n')
        .filter((line) => !/^(ERROR|WARNING|INFO|DEBUG|CRITICAL): /.test(line))
        .join('\n')
        .replaceAll(`${scratch}/`, ''),
      errors: said.filter((line) => line.startsWith('ERROR: ')),
    };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function runReal(argv: readonly string[], cwd: string, env: Readonly<Record<string, string>>) {
  return spawnSync(options.crm, [...argv], { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

function plain(text: string): string {
  // crmsh colours its messages in pipes, too.
  return text.replace(/\u001b\[[0-9;]*m/g, '');
}

const wanted = new RegExp(`^(${options.only.replaceAll('*', '.*').replaceAll(',', '|')})$`);
const cases = readCases(folder).filter(
  (item) =>
    item.mode !== 'tty' &&
    !SKIPPED.test(item.family) &&
    (wanted.test(item.family) || wanted.test(item.id)) &&
    (item.input !== undefined || item.steps !== undefined),
);
const textOf = (item: CrmCase) => item.input ?? (item.steps ?? []).map((step) => step.join(' ')).join('\n');
const pools = new Map<string, WordPool>();
for (const { family } of cases) {
  if (!pools.has(family))
    pools.set(family, new WordPool(cases.filter((each) => each.family === family).map(textOf)));
}

const SURROUNDINGS = {
  PATH: process.env.PATH ?? '/usr/bin:/bin',
  TZ: 'UTC',
  LC_ALL: 'C.UTF-8',
  TERM: 'dumb',
  USER: 'root',
};

/** Real and ours, for sheets: standard output. */
const realCrm: RunCrm = async (argv, cwd, env) =>
  plain(runReal(argv, cwd, { ...SURROUNDINGS, ...env }).stdout)
    .split('\n')
    .filter((line) => !/^(ERROR|WARNING|INFO|DEBUG|CRITICAL): /.test(line))
    .join('\n');
const ourCrm: RunCrm = async (argv, cwd, env) => {
  const before = process.cwd();
  process.chdir(cwd);
  try {
    return (await crm(argv, { ...SURROUNDINGS, ...env })).output;
  } finally {
    process.chdir(before);
  }
};

if (options.kind === 'sheets') {
  const statements = statementsOf(cases.filter((item) => item.input !== undefined).map(textOf));
  let count = 0;
  for (let i = 0; i < Number(options.runs); i++) {
    const seed = Number(options.seed) + i;
    const lines = await compareSheets(realCrm, ourCrm, sheet(statements, seed, 40));
    if (lines.length === 0) continue;
    count += 1;
    console.log(`\n=== sheet ${seed}\n${lines.join('\n')}`);
  }
  console.log(`\n${count} of ${options.runs} sheets differ`);
  process.exit(count > 0 ? 1 : 0);
}

/** A case of the corpus with a few words changed. */
function changedCase(seed: number): CrmCase {
  const original = cases[Math.floor(randomNumbers(seed)() * cases.length)]!;
  const text = mutated(textOf(original), pools.get(original.family)!, seed);
  const { stdout: _stdout, outfiles: _outfiles, checks: _checks, ...rest } = original;
  if (original.input !== undefined) return { ...rest, input: text };
  return { ...rest, steps: text.split('\n').map((line) => line.split(' ').filter((word) => word !== '')) };
}

function sessionCase(seed: number): CrmCase {
  return {
    id: 'session',
    family: 'session',
    input: session(seed, 8).join('\n'),
    base_cib: BASE,
    files: { 'some.crm': SOME },
    rc: 0,
    xml: '',
    show: '',
  };
}

let differences = 0;
for (let i = 0; i < Number(options.runs); i++) {
  const seed = Number(options.seed) + i;
  const changed = options.kind === 'sessions' ? sessionCase(seed) : changedCase(seed);
  const expected = theirs(changed);
  let wrong: Awaited<ReturnType<typeof judge>>;
  try {
    wrong = await judge(
      { ...changed, ...expected, checks: expected.crash ? ['rc', 'xml'] : ['rc', 'xml', 'show', 'errors'] },
      folder,
    );
  } catch (error) {
    wrong = { died: { expected: [], got: [String((error as Error).stack)] } };
  }
  if (Object.keys(wrong).length === 0) continue;
  differences += 1;
  console.log(
    `\n=== seed ${seed}: ${changed.id}${expected.crash ? ' (theirs died)' : ''}, flags ${JSON.stringify(changed.flags ?? ['-F'])}`,
  );
  for (const line of textOf(changed).split('\n')) console.log(`    | ${line}`);
  for (const line of (expected.errors ?? []).slice(0, 6)) console.log(`    theirs: ${line}`);
  for (const [name, { expected: want, got }] of Object.entries(wrong)) {
    console.log(`  ${name}:`);
    for (const line of want.filter((each) => !got.includes(each)).slice(0, 25)) console.log(`    - ${line}`);
    for (const line of got.filter((each) => !want.includes(each)).slice(0, 25)) console.log(`    + ${line}`);
  }
}
console.log(`\n${differences} of ${options.runs} ${options.kind} differ`);
process.exit(differences > 0 ? 1 : 0);
