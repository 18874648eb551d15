import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { acceptSchema } from '../../src/cib/validity.js';
import { parseXml } from '../../src/cib/xml.js';
import { differences, LEVELS, type Level, ownTexts } from './comparison.js';

/**
 * Pacemaker's own scheduler cases: what our scheduler makes of each, against what crm_simulate 2.1.5 makes of it.
 * The ratchet keeps how many of a family agree; it only goes up. `QUORATE_RATCHET=update` writes it anew,
 * `QUORATE_CASES=pattern` runs only the cases whose name matches and shows how they differ.
 */
const corpus = join(
  process.env.QUORATE_CORPUS ?? fileURLToPath(new URL('../../../shared/corpus', import.meta.url)),
  'scheduler',
);
const ratchetFile = fileURLToPath(new URL('corpus-ratchet.json', import.meta.url));

interface Case {
  readonly name: string;
  readonly family: string;
  readonly args: readonly string[];
}

type Counts = Record<Level | 'cases', number>;

/** Folder and extension of what is expected. */
const PLACES: Readonly<Record<Level, string>> = {
  summary: 'summary',
  scores: 'scores',
  dot: 'dot',
  graph: 'exp',
};

function compare(one: Case): Record<Level, string[]> {
  const read = (kind: string) => readFileSync(join(corpus, kind, `${one.name}.${kind}`), 'utf8');
  const { cib, warning } = acceptSchema(parseXml(read('xml')));
  const date = one.args[0] === '-t' ? one.args[1] : undefined;
  const own = ownTexts(cib!, { nowMs: Date.now(), ...(date === undefined ? {} : { date }) });
  const found = { summary: [], scores: [], dot: [], graph: [] } as Record<Level, string[]>;
  for (const level of LEVELS) {
    // A summary has what went to stderr first.
    const notice = level !== 'summary' ? '' : (warning === undefined ? '' : `${warning}\n`) + own.complaints;
    found[level] = differences(level, read(PLACES[level]), notice + own[level]);
  }
  return found;
}

const present = existsSync(join(corpus, 'cases.json'));

describe.runIf(present)("Pacemaker's scheduler cases", () => {
  const cases: Case[] = present ? JSON.parse(readFileSync(join(corpus, 'cases.json'), 'utf8')) : [];
  const only = process.env.QUORATE_CASES;
  const ratchet: Record<string, Counts> = existsSync(ratchetFile)
    ? JSON.parse(readFileSync(ratchetFile, 'utf8'))
    : {};
  const families = grouped(cases);
  const counted: Record<string, Counts> = {};

  for (const [family, members] of [...families].sort(([a], [b]) => (a < b ? -1 : 1))) {
    it(`${family}: as many as before agree`, { timeout: 120_000 }, () => {
      const counts: Counts = { cases: 0, summary: 0, scores: 0, dot: 0, graph: 0 };
      const failed: string[] = [];
      for (const one of members) {
        if (only !== undefined && !new RegExp(only).test(one.name)) continue;
        counts.cases++;
        const found = compare(one);
        for (const level of LEVELS) {
          if (found[level].length === 0) counts[level]++;
          else failed.push(`${one.name} ${level}:\n  ${found[level].slice(0, 20).join('\n  ')}`);
        }
      }
      counted[family] = counts;
      if (only !== undefined) expect(failed).toEqual([]);
      else if (process.env.QUORATE_RATCHET === 'update') {
        writeFileSync(ratchetFile, `${JSON.stringify(counted, undefined, 2)}\n`);
      } else {
        const before = ratchet[family];
        for (const level of LEVELS) {
          expect(counts[level], failed.join('\n')).toBeGreaterThanOrEqual(before?.[level] ?? 0);
        }
      }
    });
  }
});

function grouped(cases: readonly Case[]): Map<string, Case[]> {
  const families = new Map<string, Case[]>();
  for (const one of cases) families.set(one.family, [...(families.get(one.family) ?? []), one]);
  return families;
}
