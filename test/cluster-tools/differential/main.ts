/** `npm run differential:tools -- [PATTERN] [DIFFS]`: compares our small tools with the installed real ones. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { attrdUpdater } from '../../../src/cluster-tools/attrd-updater.js';
import { cibadmin } from '../../../src/cluster-tools/cibadmin.js';
import { crmAttribute } from '../../../src/cluster-tools/crm-attribute.js';
import { crmDiff } from '../../../src/cluster-tools/crm-diff.js';
import { crmError } from '../../../src/cluster-tools/crm-error.js';
import { crmFailcount } from '../../../src/cluster-tools/crm-failcount.js';
import { crmMaster } from '../../../src/cluster-tools/crm-master.js';
import { crmNode } from '../../../src/cluster-tools/crm-node.js';
import { crmResource } from '../../../src/cluster-tools/crm-resource.js';
import { crmSimulate } from '../../../src/cluster-tools/crm-simulate.js';
import { crmStandby } from '../../../src/cluster-tools/crm-standby.js';
import { crmTicket } from '../../../src/cluster-tools/crm-ticket.js';
import { crmadmin } from '../../../src/cluster-tools/crmadmin.js';
import { stonithAdmin } from '../../../src/cluster-tools/stonith-admin.js';
import type { Tool } from '../../../src/command-line/tool.js';
import { PLAN } from './commands.js';
import { compare, type Outcome } from './compare.js';

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
  crm_simulate: crmSimulate,
  crm_standby: crmStandby,
  crm_ticket: crmTicket,
  crmadmin,
  stonith_admin: stonithAdmin,
};
const REAL = '/usr/sbin';
const pattern = new RegExp(process.argv[2] ?? '.');
const shown = Number(process.argv[3] ?? '1000');
const folder =
  process.env.DIFFERENTIAL_CIBS ?? join(import.meta.dirname, '../../../test/cluster-tools/differential/cibs');

/** The words of a command; single quotes keep blanks together. */
function wordsOf(command: string): string[] {
  return [...command.matchAll(/(?:[^\s'"]|'[^']*'|"")+/g)].map(([word]) =>
    word.replace(/'([^']*)'/g, '$1').replace('""', ''),
  );
}

async function run(
  cib: string,
  work: (place: string, env: Record<string, string>) => Promise<Omit<Outcome, 'after'>>,
): Promise<Outcome> {
  const place = mkdtempSync(join(tmpdir(), 'tools-'));
  const file = join(place, 'cib.xml');
  const env: Record<string, string> = { TZ: 'UTC', LC_ALL: 'C.UTF-8', TERM: 'dumb' };
  if (cib !== '') {
    copyFileSync(join(folder, `${cib}.xml`), file);
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

function theirs(words: readonly string[], cib: string): Promise<Outcome> {
  return run(cib, async (place, env) => {
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

function ours(words: readonly string[], cib: string): Promise<Outcome> {
  return run(cib, async (place, env) => {
    let stdout = '';
    let stderr = '';
    let rc: number;
    try {
      rc = await TOOLS[words[0]!]!({
        name: words[0]!,
        words: words.slice(1),
        env,
        folder: place,
        nowMs: Date.now(),
        zoneOffset: 0,
        out: (text) => {
          stdout += text;
        },
        err: (text) => {
          stderr += text;
        },
        readInput: () => '',
      });
    } catch (error) {
      rc = -1;
      stderr += (error as Error).stack;
    }
    return { rc, stdout, stderr };
  });
}

let compared = 0;
let differing = 0;
const perTool = new Map<string, [number, number]>();
for (const { cib, commands } of PLAN) {
  for (const command of new Set(commands)) {
    if (!pattern.test(`${cib}: ${command}`)) continue;
    const words = wordsOf(command);
    const lines = compare(await theirs(words, cib), await ours(words, cib));
    compared++;
    const count = perTool.get(words[0]!) ?? [0, 0];
    perTool.set(words[0]!, count);
    count[1]++;
    if (lines.length === 0) continue;
    count[0]++;
    if (++differing <= shown) console.log(`${cib}: ${command}\n  ${lines.slice(0, 30).join('\n  ')}`);
  }
}
for (const [tool, [bad, all]] of perTool) console.log(`${tool}: ${bad} of ${all} differ`);
console.log(`${compared} compared, ${differing} differ`);
process.exitCode = differing > 0 ? 1 : 0;
