import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { attrdUpdater } from '../../src/cluster-tools/attrd-updater.js';
import { cibadmin } from '../../src/cluster-tools/cibadmin.js';
import { crmAttribute } from '../../src/cluster-tools/crm-attribute.js';
import { crmError } from '../../src/cluster-tools/crm-error.js';
import { crmFailcount } from '../../src/cluster-tools/crm-failcount.js';
import { crmResource } from '../../src/cluster-tools/crm-resource.js';
import { crmRule } from '../../src/cluster-tools/crm-rule.js';
import { crmSimulate } from '../../src/cluster-tools/crm-simulate.js';
import { crmStandby } from '../../src/cluster-tools/crm-standby.js';
import { crmTicket } from '../../src/cluster-tools/crm-ticket.js';
import { crmVerify } from '../../src/cluster-tools/crm-verify.js';
import { crmadmin } from '../../src/cluster-tools/crmadmin.js';
import { iso8601 } from '../../src/cluster-tools/iso8601.js';
import type { Tool } from '../../src/command-line/tool.js';
import { runTool } from './run-tool.js';

/**
 * What Pacemaker's tools do with files (corpus `cli`): exit status and output of every case that is one plain
 * command. The number of cases that pass may only grow: corpus-ratchet.json keeps it. compare-cli judges the rest.
 */
const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const corpus = process.env.QUORATE_CORPUS ?? resolve(root, '../shared/corpus');
const ratchetFile = fileURLToPath(new URL('corpus-ratchet.json', import.meta.url));
const SUITES = ['acl', 'dates', 'rule', 'tools', 'validity', 'verify'] as const;

const TOOLS: Readonly<Record<string, Tool>> = {
  attrd_updater: attrdUpdater,
  cibadmin,
  crm_attribute: crmAttribute,
  crm_error: crmError,
  crm_failcount: crmFailcount,
  crm_resource: crmResource,
  crm_rule: crmRule,
  crm_simulate: crmSimulate,
  crm_standby: crmStandby,
  crm_ticket: crmTicket,
  crm_verify: crmVerify,
  crmadmin,
  iso8601,
};

interface Case {
  readonly id: string;
  readonly cmd: string;
  readonly cib?: string;
  readonly cib_env?: boolean;
  readonly cib_edit?: readonly (readonly [string, string])[];
  readonly files?: Readonly<Record<string, string>>;
  readonly file_refs?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  readonly rc: number;
  readonly stdout: string;
  readonly checks?: readonly string[];
}

/** The words of a plain command; undefined where the shell would have to do more than take off quotes. */
function wordsOf(command: string): string[] | undefined {
  const words: string[] = [];
  const pattern = /\s*((?:'[^']*'|"[^"$`\\]*"|[^\s'"|<>&;$`\\*?()])+)/y;
  let at = 0;
  const text = command.trim();
  while (at < text.length) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (!match) return undefined;
    words.push(match[1]!.replace(/'([^']*)'|"([^"]*)"/g, (_, single, double) => single ?? double));
    at = pattern.lastIndex;
  }
  return words;
}

const scratch = mkdtempSync(join(tmpdir(), 'cluster-tools-corpus-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

function prepare(folder: string, one: Case, env: Record<string, string>): string {
  const place = mkdtempSync(join(scratch, 'case-'));
  for (const [name, text] of Object.entries(one.files ?? {})) writeFileSync(join(place, name), text);
  for (const [name, from] of Object.entries(one.file_refs ?? {})) {
    copyFileSync(join(folder, from), join(place, name));
  }
  if (one.cib !== undefined) {
    let text = readFileSync(join(folder, one.cib), 'utf8');
    for (const [from, to] of one.cib_edit ?? []) text = text.replaceAll(from, to);
    writeFileSync(join(place, 'cib.xml'), text);
    if (one.cib_env ?? true) env.CIB_file = join(place, 'cib.xml');
  }
  for (const [name, value] of Object.entries(one.env ?? {})) env[name] = value.replaceAll('@CWD@', place);
  return place;
}

function rstrip(text: string): string {
  return text.replace(/[ \t]+$/gm, '').trimEnd();
}

/** Whether a case passes; undefined: it is no plain command. */
async function passes(folder: string, one: Case): Promise<boolean | undefined> {
  const words = wordsOf(one.cmd);
  const tool = words && TOOLS[words[0]!];
  if (!tool) return undefined;
  const env: Record<string, string> = { TZ: 'UTC' };
  const place = prepare(folder, one, env);
  try {
    const surroundings = { env, folder: place, input: one.stdin ?? '' };
    const { exit, out } = await runTool(tool, words[0]!, words.slice(1), surroundings);
    const checks = one.checks ?? ['rc', 'stdout'];
    if (checks.includes('rc') && exit !== one.rc) return false;
    return !checks.includes('stdout') || rstrip(out) === rstrip(one.stdout);
  } catch {
    return false;
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

describe.skipIf(!existsSync(join(corpus, 'cli')))('tools on files', () => {
  const ratchet: Record<string, number> = existsSync(ratchetFile)
    ? JSON.parse(readFileSync(ratchetFile, 'utf8'))
    : {};

  test.each(SUITES)('%s', { timeout: 600_000 }, async (suite) => {
    const folder = join(corpus, 'cli', suite);
    let passed = 0;
    const failed: string[] = [];
    for (const file of readdirSync(folder).filter((name) => name.endsWith('.jsonl'))) {
      for (const line of readFileSync(join(folder, file), 'utf8').split('\n')) {
        if (line === '') continue;
        const one = JSON.parse(line) as Case;
        const result = await passes(folder, one);
        if (result) passed++;
        else if (result === false) failed.push(one.id);
      }
    }
    if (process.env.QUORATE_UPDATE_RATCHETS) {
      ratchet[suite] = Math.max(passed, ratchet[suite] ?? 0);
      writeFileSync(ratchetFile, `${JSON.stringify(ratchet, undefined, 2)}\n`);
    }
    expect(passed, `failed: ${failed.join(' ')}`).toBeGreaterThanOrEqual(ratchet[suite] ?? 0);
  });
});
