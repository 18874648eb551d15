import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Random } from '../../simulator/random.js';
import { combine } from './combine.js';

/** One command in surroundings of its own. */
export interface CrossedCase {
  /** Path of the CIB; empty: none. */
  readonly cib: string;
  readonly command: string;
  readonly env: Readonly<Record<string, string>>;
}

interface CorpusCase {
  readonly cmd: string;
  readonly cib?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly files?: object;
}

function casesOf(folder: string): CorpusCase[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.jsonl'))
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'))
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as CorpusCase);
}

const COMMANDS_ON_OTHERS: readonly string[] = [
  ...combine(
    ['cibadmin -M', 'cibadmin -C', 'cibadmin -R', 'cibadmin -D', 'cibadmin -d', 'cibadmin -M -c'],
    ['-o resources', '-o constraints', ''],
    [
      `-X '<primitive id="web" description="x"/>'`,
      `-X '<meta_attributes id="web-ma"/>'`,
      `-X '<rsc_location id="l-web" rsc="web" node="bravo" score="7"/>'`,
      `-X '<nvpair id="web-ia-pw" name="password" value="changed"/>'`,
    ],
  ),
  ...combine(
    ['cibadmin -Q', 'cibadmin -D', 'cibadmin -Q --node-path', 'cibadmin -Q -n', 'cibadmin -D --force'],
    [
      '--xpath //nvpair',
      `--xpath "//primitive[@id='web']/instance_attributes"`,
      '--xpath //acls',
      '--xpath //op',
      `--xpath "//nvpair[@name='password']"`,
      '--xpath //node_state',
    ],
  ),
  ...combine(
    ['crm_resource -r web'],
    ['-W', '-q', '-D -t primitive', '-M', '-U', '-p password -v y', '-g password', '-d port'],
  ),
  ...combine(
    ['crm_attribute'],
    [
      '-N alpha -n standby -G',
      '-N alpha -n x -v 1 -l reboot',
      '-t rsc_defaults -n a -v b',
      '-n stonith-enabled -v 1',
    ],
  ),
  'crm_resource -L',
  'crm_resource -l',
  'crm_ticket -L',
  'crm_ticket -t t1 -g --force',
  'crm_standby -N alpha -v on',
  'crm_failcount -r web -N alpha -G',
  'cibadmin -B',
  'cibadmin -u --force',
  'cibadmin -E',
];

/** Commands of the ACL corpus, and others, by each of its users on each of its CIBs. */
function accessCases(folder: string): CrossedCase[] {
  const known = casesOf(folder).filter(
    ({ cmd, files }) => files === undefined && !/[|<>&;]\s|xml-file/.test(cmd),
  );
  const users = [...new Set(known.flatMap(({ env }) => env?.CIB_user ?? []))];
  const cibs = [...new Set(known.flatMap(({ cib }) => cib ?? []))];
  const commands = [...new Set(known.map(({ cmd }) => cmd)), ...COMMANDS_ON_OTHERS];
  return cibs.flatMap((cib) =>
    users.flatMap((user) =>
      commands.map((command) => ({ cib: join(folder, cib), command, env: { CIB_user: user } })),
    ),
  );
}

/** Each date, duration and period of the dates corpus with each way to ask and to print. */
function dateCases(folder: string): CrossedCase[] {
  const known = casesOf(folder);
  const words = (option: string) => [
    ...new Set(known.flatMap(({ cmd }) => new RegExp(`${option} '([^']*)'`).exec(cmd)?.[1] ?? [])),
  ];
  const forms = ['', '-S', '-s', '-O', '-W', '-L', '-S -L', '-O -L', '-W -L', '-O -S', '-W -S -L', '-s -L'];
  const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Pacific/Auckland'];
  const dates = words('-d').map((date) => `-d '${date}'`);
  const durations = words('-D').map((duration) => `-D '${duration}'`);
  const asked = [
    ...dates,
    ...durations,
    ...words('-p').map((period) => `-p '${period}'`),
    ...combine(dates, durations),
  ];
  return asked.flatMap((question) =>
    forms.flatMap((form) =>
      zones.map((zone) => ({ cib: '', command: `iso8601 ${question} ${form}`.trim(), env: { TZ: zone } })),
    ),
  );
}

/** Each rule of the rule corpus at each of its times. */
function ruleCases(folder: string): CrossedCase[] {
  const known = casesOf(folder).filter(({ cmd }) => cmd.startsWith('crm_rule'));
  const dates = [...new Set(known.flatMap(({ cmd }) => /-d '([^']*)'/.exec(cmd)?.[1] ?? []))];
  const cibs = [...new Set(known.flatMap(({ cib }) => cib ?? []))].map((cib) => join(folder, cib));
  return cibs.flatMap((cib) => {
    const rules = [...readFileSync(cib, 'utf8').matchAll(/<rule [^>]*id="([^"]*)"/g)].map(
      (match) => match[1]!,
    );
    return combine(
      ['crm_rule -c', 'crm_rule --check'],
      rules.map((rule) => `-r ${rule}`),
      ['', ...dates.map((date) => `-d '${date}'`)],
      ['', '--output-as=xml', '-Q'],
    ).map((command) => ({ cib, command, env: {} }));
  });
}

const FAMILIES: Readonly<Record<string, (folder: string) => CrossedCase[]>> = {
  acl: accessCases,
  dates: dateCases,
  rule: ruleCases,
};

/** Whether `name` is a family that `crossedCases` knows. */
export function isCrossed(name: string | undefined): name is string {
  return name !== undefined && Object.hasOwn(FAMILIES, name);
}

/** Some of what comes of crossing the inputs of a family of the corpus with each other. */
export function crossedCases(corpus: string, family: string, count: number, random: Random): CrossedCase[] {
  const folder = join(corpus, 'cli', family);
  if (!existsSync(folder)) return [];
  const all = FAMILIES[family]!(folder);
  return Array.from({ length: Math.min(count, all.length) }, () => random.pick(all));
}
