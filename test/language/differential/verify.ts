/**
 * Compares `crm_verify` with the real one on changed configurations of the corpus: exit status and complaints; of what
 * the schema refuses only that it does.
 *
 *     npm run compare:crm_verify -- [--crm-verify /usr/sbin/crm_verify] [--seed 1] [--runs 200]
 *
 * Prints what was changed in every configuration that is judged differently; ends with 1 where there is one.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { randomNumbers } from '../../../scripts/random-numbers.mjs';
import { crmVerify } from '../../../src/cluster-tools/crm-verify.js';
import { runTool } from '../../cluster-tools/run-tool.js';
import { corpusFolder } from '../corpus-runner.js';
import { mutatedCib } from './mutate-cib.js';

const { values: options } = parseArgs({
  options: {
    'crm-verify': { type: 'string', default: '/usr/sbin/crm_verify' },
    runs: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
  },
});
const corpus = corpusFolder();
if (corpus === undefined || !existsSync(options['crm-verify'])) {
  console.error(
    `needs the corpus (QUORATE_CORPUS) and ${options['crm-verify']} (package pacemaker-cli-utils)`,
  );
  process.exit(2);
}

/** Sound configurations to begin with. */
function configurations(folder: string): string[] {
  const verify = join(dirname(folder), 'verify');
  const valid = readFileSync(join(verify, 'valid.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .flatMap((line) => Object.values((JSON.parse(line) as { files?: Record<string, string> }).files ?? {}));
  const scheduler = readdirSync(join(verify, 'cibs')).map((name) =>
    readFileSync(join(verify, 'cibs', name), 'utf8'),
  );
  // The one that holds a bit of everything counts for half.
  return [...Array.from({ length: scheduler.length }, () => valid[0]!), ...scheduler];
}

interface Judgement {
  readonly status: number;
  readonly lines: readonly string[];
}

function judgement(status: number, text: string): Judgement {
  const lines = text.split('\n').flatMap((line) => {
    const said = line.replace(/^\(\w+\) *\t?/, '').trim();
    return said === '' || said.includes('validity error') ? [] : [said];
  });
  const refused = lines.some((line) => line.includes('did not pass schema'));
  const kept = refused ? lines.filter((line) => line.startsWith('crm_verify:')) : lines;
  return { status, lines: [`status ${status}`, ...new Set(kept)].sort() };
}

function theirs(words: readonly string[], folder: string): Judgement | undefined {
  const ran = spawnSync(options['crm-verify'], [...words], {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, HOME: folder, TZ: 'UTC', LC_ALL: 'C.UTF-8', TERM: 'dumb' },
  });
  if (ran.status === null || ran.status >= 128) return undefined;
  return judgement(ran.status, `${ran.stdout}${ran.stderr}`);
}

async function ours(words: readonly string[], folder: string): Promise<Judgement> {
  let said = '';
  const say = (text: string) => {
    said += text;
  };
  try {
    const surroundings = { env: { TZ: 'UTC' }, folder, out: say, err: say };
    const { exit } = await runTool(crmVerify, 'crm_verify', words, surroundings);
    return judgement(exit, said);
  } catch (error) {
    return judgement(-1, String((error as Error).stack));
  }
}

const sound = configurations(corpus);
let differences = 0;
for (let i = 0; i < Number(options.runs); i++) {
  const seed = Number(options.seed) + i;
  const random = randomNumbers(seed);
  const original = sound[Math.floor(random() * sound.length)]!;
  const { text, what } = mutatedCib(original, Math.floor(random() * 1e9));
  const verbosity = ['-V', '-VV'][Math.floor(random() * 2)]!;
  const folder = mkdtempSync(join(tmpdir(), 'compare-verify-'));
  try {
    writeFileSync(join(folder, 'cib.xml'), text);
    const words = ['-x', 'cib.xml', verbosity];
    const [their, own] = [theirs(words, folder), await ours(words, folder)];
    if (their === undefined || their.lines.join('\n') === own.lines.join('\n')) continue;
    differences += 1;
    console.log(`\n=== seed ${seed} ${verbosity}`);
    for (const line of what) console.log(`    | ${line}`);
    for (const line of their.lines) if (!own.lines.includes(line)) console.log(`  - ${line}`);
    for (const line of own.lines) if (!their.lines.includes(line)) console.log(`  + ${line}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
console.log(`\n${differences} of ${options.runs} configurations are judged differently`);
process.exit(differences > 0 ? 1 : 0);
