import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Element } from '../../src/cib/element.js';
import { parseXml } from '../../src/cib/xml.js';
import { surroundings } from '../../src/monitor/main.js';
import { crmMon } from '../../src/monitor/program.js';

/**
 * What Pacemaker's crm_mon prints for many CIBs and options (corpus `cli/mon`), compared as the corpus's own
 * compare-cli does. The number of cases that pass may only grow: corpus-ratchet.json keeps it.
 */
const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const corpus = process.env.QUORATE_CORPUS ?? resolve(root, '../shared/corpus');
const folder = join(corpus, 'cli/mon');
const ratchetFile = fileURLToPath(new URL('corpus-ratchet.json', import.meta.url));
const only = process.env.QUORATE_CORPUS_ONLY;

interface Case {
  readonly id: string;
  readonly family: string;
  readonly cmd: string;
  readonly cib?: string;
  readonly cib_env?: boolean;
  readonly rc: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly checks?: readonly string[];
  readonly masks?: readonly (readonly [string, string])[];
  readonly env?: Readonly<Record<string, string>>;
}

const MASKS: readonly (readonly [RegExp, string])[] = [
  [/(Last updated:<\/?(?:b|span)[^>]*>|Last updated:).*/, '$1'],
  [/(<last_update time=")[^"]*"/, '$1"'],
  [/(<crm_mon version=")[^"]*"/, '$1"'],
  [/(request=")\S*?(?=crm_mon)/, '$1'],
];

function mask(text: string, more: Case['masks'] = []): string {
  return text
    .split('\n')
    .map((line) => {
      let masked = line;
      for (const [pattern, replacement] of MASKS) masked = masked.replace(pattern, replacement);
      for (const [pattern, replacement] of more) {
        masked = masked.replace(new RegExp(pattern, 'g'), replacement.replace(/\\(\d)/g, '$$$1'));
      }
      return masked.trimEnd();
    })
    .join('\n')
    .trimEnd();
}

/** Tickets stand in the order of a hash table, which means nothing. */
function sortTickets(text: string): string {
  const lines = text.split('\n');
  const heading = lines.findIndex((line) => ['Tickets:', '<h2>Tickets</h2>'].includes(line.trim()));
  if (heading < 0) return text;
  let end = heading + 1;
  while (end < lines.length && /^(?: {2}\* |<li>|<ul>)/.test(lines[end]!)) end++;
  lines.splice(heading + 1, end - heading - 1, ...lines.slice(heading + 1, end).sort());
  return lines.join('\n');
}

/** Siblings whose order means nothing. */
const UNORDERED = new Set(['nodes', 'tickets']);

function canonical(element: Element): string {
  const children = element.children.map((child) =>
    child.kind === 'element' ? canonical(child) : child.text.trim(),
  );
  if (UNORDERED.has(element.name)) children.sort();
  return JSON.stringify([element.name, [...element.attributes].sort(), children]);
}

function sameOutput(expected: string, got: string): boolean {
  if (sortTickets(expected) === sortTickets(got)) return true;
  if (!expected.startsWith('<pacemaker-result') && !expected.startsWith('<crm_mon')) return false;
  try {
    return canonical(parseXml(expected)) === canonical(parseXml(got));
  } catch {
    return false;
  }
}

/** Pacemaker's libraries log to standard error, too. */
function withoutLog(text: string): string {
  return text
    .split('\n')
    .filter(
      (line) =>
        !/^\s*\(?\w+(?:@[\w.]+:\d+)?\)? ?\t?\s*(?:error|warning|notice|info|debug|trace): /.test(line),
    )
    .join('\n');
}

/** Lines that differ, as `-expected` and `+got`. */
function difference(expected: string, got: string): string {
  const a = expected.split('\n');
  const b = got.split('\n');
  const common = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      common[i]![j] =
        a[i] === b[j] ? common[i + 1]![j + 1]! + 1 : Math.max(common[i + 1]![j]!, common[i]![j + 1]!);
    }
  }
  const lines: string[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      i++;
      j++;
    } else if (j >= b.length || (i < a.length && common[i + 1]![j]! >= common[i]![j + 1]!))
      lines.push(`-${a[i++]}`);
    else lines.push(`+${b[j++]}`);
  }
  return lines.join('\n');
}

/** Words of a plain command line; undefined where it takes a shell. */
function wordsOf(cmd: string): string[] | undefined {
  return /[|;&<>$`'"=]\s|[|;&<>$`'"]/.test(cmd) ? undefined : cmd.split(' ').filter((word) => word !== '');
}

async function run(one: Case, words: readonly string[], scratch: string): Promise<string | undefined> {
  const environment: NodeJS.ProcessEnv = { TZ: 'UTC', ...one.env };
  const cib = join(scratch, 'cib.xml');
  if (one.cib !== undefined) {
    writeFileSync(cib, readFileSync(join(folder, one.cib)));
    if (one.cib_env !== false) environment.CIB_file = cib;
  }
  let out = '';
  let error = '';
  const code = await crmMon(words, {
    ...surroundings(environment),
    terminal: false,
    writeOut: (text) => {
      out += text;
    },
    writeError: (text) => {
      error += text;
    },
  });
  const checks = one.checks ?? ['rc', 'stdout'];
  if (checks.includes('rc') && code !== one.rc) return `exit status ${code}, not ${one.rc}`;
  const clean = (text: string) =>
    mask(text.replaceAll(`${scratch}/`, '').replaceAll(scratch, '.'), one.masks);
  if (checks.includes('stdout') && !sameOutput(clean(one.stdout), clean(out))) {
    return difference(sortTickets(clean(one.stdout)), sortTickets(clean(out)));
  }
  if (checks.includes('stderr')) {
    const [expected, got] = [clean(withoutLog(one.stderr)), clean(withoutLog(error))];
    if (expected !== got) return `standard error:\n${difference(expected, got)}`;
  }
  return undefined;
}

describe.runIf(existsSync(folder))('the corpus of crm_mon', () => {
  const families = new Map<string, Case[]>();
  let scratch = '';
  const zone = process.env.TZ;
  beforeAll(() => {
    process.env.TZ = 'UTC';
    scratch = mkdtempSync(join(tmpdir(), 'quorate-corpus-'));
  });
  afterAll(() => {
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
    rmSync(scratch, { recursive: true, force: true });
  });
  for (const name of existsSync(folder)
    ? readdirSync(folder).filter((file) => file.endsWith('.jsonl'))
    : []) {
    const cases = readFileSync(join(folder, name), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Case)
      .filter((one) => one.cmd.startsWith('crm_mon ') && wordsOf(one.cmd) !== undefined)
      .filter((one) => only === undefined || one.id.includes(only));
    if (cases.length > 0) families.set(name.replace('.jsonl', ''), cases);
  }
  const ratchet = JSON.parse(readFileSync(ratchetFile, 'utf8')) as Record<string, number>;

  it.each([...families.keys()])(
    '%s passes no fewer cases than before',
    async (family) => {
      const failures: string[] = [];
      let passed = 0;
      for (const one of families.get(family)!) {
        const problem = await run(one, wordsOf(one.cmd)!.slice(1), scratch).catch(
          (error: Error) => error.stack!,
        );
        if (problem === undefined) passed++;
        else failures.push(`${one.id}: ${one.cmd} (${one.cib})\n${problem}`);
      }
      if (process.env.QUORATE_CORPUS_DIFFS) {
        for (const failure of failures.slice(0, Number(process.env.QUORATE_CORPUS_DIFFS)))
          console.log(failure);
      }
      console.log(`crm_mon corpus, ${family}: ${passed} of ${families.get(family)!.length}`);
      if (only !== undefined) return;
      expect(passed).toBeGreaterThanOrEqual(ratchet[family] ?? 0);
    },
    120_000,
  );
});

it('says whether the corpus was there', () => {
  if (!existsSync(folder)) console.log(`crm_mon corpus: not at ${folder}; only the unit tests ran`);
  expect(ratchetFile).toMatch(/json$/);
});
