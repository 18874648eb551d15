/**
 * Compares our small tools with the installed real ones:
 *
 *     npm run differential:tools -- [PATTERN] [DIFFS]        generated command lines on CIBs of our own
 *     npm run differential:tools -- acl|dates|rule N SEED    N crossings of what the corpus has of the family
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { attrdUpdater } from '../../../src/cluster-tools/attrd-updater.js';
import { cibadmin } from '../../../src/cluster-tools/cibadmin.js';
import { crmAttribute } from '../../../src/cluster-tools/crm-attribute.js';
import { crmDiff } from '../../../src/cluster-tools/crm-diff.js';
import { crmError } from '../../../src/cluster-tools/crm-error.js';
import { crmFailcount } from '../../../src/cluster-tools/crm-failcount.js';
import { crmMaster } from '../../../src/cluster-tools/crm-master.js';
import { crmNode } from '../../../src/cluster-tools/crm-node.js';
import { crmResource } from '../../../src/cluster-tools/crm-resource.js';
import { crmRule } from '../../../src/cluster-tools/crm-rule.js';
import { crmSimulate } from '../../../src/cluster-tools/crm-simulate.js';
import { crmStandby } from '../../../src/cluster-tools/crm-standby.js';
import { crmTicket } from '../../../src/cluster-tools/crm-ticket.js';
import { crmadmin } from '../../../src/cluster-tools/crmadmin.js';
import { iso8601 } from '../../../src/cluster-tools/iso8601.js';
import { stonithAdmin } from '../../../src/cluster-tools/stonith-admin.js';
import type { Tool } from '../../../src/command-line/tool.js';
import { Random } from '../../simulator/random.js';
import { runTool } from '../run-tool.js';
import { compare, type Outcome } from './compare.js';
import { type CrossedCase, crossedCases, isCrossed } from './crossed.js';
import { PLAN } from './plan.js';

const TOOLS: Readonly<Record<string, Tool>> = {
  attrd_updater: attrdUpdater,
  cibadmin,
  crm_attribute: crmAttribute,
  crm_diff: crmDiff,
  crm_error: crmError,
  crm_failcount: crmFailcount,
  crm_master: crmMaster,
  crm_node: crmNode,
  crm_resource: crmResource,
  crm_rule: crmRule,
  crm_simulate: crmSimulate,
  crm_standby: crmStandby,
  crm_ticket: crmTicket,
  crmadmin,
  iso8601,
  stonith_admin: stonithAdmin,
};
const REAL = '/usr/sbin';
const [first, second, third] = process.argv.slice(2);
const corpus = process.env.QUORATE_CORPUS ?? join(process.cwd(), '../shared/corpus');
const folder =
  process.env.DIFFERENTIAL_CIBS ?? join(import.meta.dirname, '../../../test/cluster-tools/differential/cibs');

/** The words of a command; single quotes keep blanks together. */
function wordsOf(command: string): string[] {
  return [...command.matchAll(/(?:[^\s'"]|'[^']*'|"[^"]*")+/g)].map(([word]) =>
    word.replace(/'([^']*)'|"([^"]*)"/g, (_, single, double) => single ?? double),
  );
}

async function run(
  cib: string,
  given: Readonly<Record<string, string>>,
  work: (place: string, env: Record<string, string>) => Promise<Omit<Outcome, 'after'>>,
): Promise<Outcome> {
  const place = mkdtempSync(join(tmpdir(), 'tools-'));
  const file = join(place, 'cib.xml');
  const env: Record<string, string> = { TZ: 'UTC', LC_ALL: 'C.UTF-8', TERM: 'dumb', ...given };
  if (cib !== '') {
    copyFileSync(cib, file);
    env.CIB_file = file;
  } else env.QUORATE_ROOT = place;
  try {
    const outcome = await work(place, env);
    const clean = (text: string) => text.replaceAll(`${place}/`, '').replaceAll(place, '.');
    const after = existsSync(file) ? readFileSync(file, 'utf8') : '';
    return { rc: outcome.rc, stdout: clean(outcome.stdout), stderr: clean(outcome.stderr), after };
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

function theirs(words: readonly string[], { cib, env: given }: CrossedCase): Promise<Outcome> {
  return run(cib, given, async (place, env) => {
    const done = spawnSync(join(REAL, words[0]!), words.slice(1), {
      cwd: place,
      env: { ...env, PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: place },
      encoding: 'utf8',
      input: '',
      timeout: 20_000,
    });
    return { rc: done.status ?? -1, stdout: done.stdout, stderr: done.stderr };
  });
}

function ours(words: readonly string[], { cib, env: given }: CrossedCase): Promise<Outcome> {
  return run(cib, given, async (place, env) => {
    try {
      const zoneOffset = -60 * new Date().getTimezoneOffset();
      const surroundings = { env, folder: place, zoneOffset };
      const { exit, out, err } = await runTool(TOOLS[words[0]!]!, words[0]!, words.slice(1), surroundings);
      return { rc: exit, stdout: out, stderr: err };
    } catch (error) {
      return { rc: -1, stdout: '', stderr: String((error as Error).stack) };
    }
  });
}

/** Our own command lines that match a pattern. */
function planned(pattern: RegExp): CrossedCase[] {
  return PLAN.flatMap(({ cib, commands }) =>
    [...new Set(commands)]
      .filter((command) => pattern.test(`${cib}: ${command}`))
      .map((command) => ({ cib: cib === '' ? '' : join(folder, `${cib}.xml`), command, env: {} })),
  );
}

const crossed = isCrossed(first);
const cases = crossed
  ? crossedCases(corpus, first, Number(second ?? '200'), new Random(Number(third ?? '1')))
  : planned(new RegExp(first ?? '.'));
const shown = crossed ? 1000 : Number(second ?? '1000');
let differing = 0;
const perTool = new Map<string, [number, number]>();
for (const one of cases) {
  const words = wordsOf(one.command);
  process.env.TZ = one.env.TZ ?? 'UTC';
  const lines = compare(await theirs(words, one), await ours(words, one));
  const count = perTool.get(words[0]!) ?? [0, 0];
  perTool.set(words[0]!, count);
  count[1]++;
  if (lines.length === 0) continue;
  count[0]++;
  const about = Object.entries(one.env).map(([name, value]) => `${name}=${value} `);
  if (++differing <= shown) {
    console.log(
      `${basename(one.cib, '.xml')}: ${about.join('')}${one.command}\n  ${lines.slice(0, 30).join('\n  ')}`,
    );
  }
}
for (const [tool, [bad, all]] of perTool) console.log(`${tool}: ${bad} of ${all} differ`);
console.log(`${cases.length} compared, ${differing} differ`);
process.exitCode = differing > 0 ? 1 : 0;
