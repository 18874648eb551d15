/** One CIB and one command line, given to an installed crm_mon 2.1.5 and to ours. */
import { execFile } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { surroundings } from '../../../src/monitor/main.js';
import { crmMon } from '../../../src/monitor/program.js';

export const REAL = '/usr/sbin/crm_mon';

export interface Difference {
  readonly options: readonly string[];
  /** Lines only the real one prints with `-`, lines only ours prints with `+`. */
  readonly lines: readonly string[];
}

/** Whether the crm_mon that is installed is the one that ours follows. */
export async function isComparable(): Promise<boolean> {
  if (!existsSync(REAL)) return false;
  return (await run(['--version'], {})).out.startsWith('Pacemaker 2.1.5');
}

function run(
  options: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<{ code: number; out: string; error: string }> {
  return new Promise((resolve) => {
    execFile(
      REAL,
      options,
      { env: { ...process.env, ...environment }, maxBuffer: 64 * 1024 * 1024 },
      (failure, out, error) => {
        const code = typeof failure?.code === 'number' ? failure.code : failure ? -1 : 0;
        resolve({ code, out, error });
      },
    );
  });
}

/** Without the time of the run and the way the program was called; tickets in an order of their own. */
function normalize(text: string): string {
  const lines = text.split('\n').map((line) =>
    line
      .replace(/(Last updated:<\/span><span>|Last updated:|<last_update time=").*/, '$1')
      .replace(/request="[^"]*"/, '')
      .trimEnd(),
  );
  const heading = lines.findIndex((line) =>
    ['Tickets:', '<h2>Tickets</h2>', '<tickets>'].includes(line.trim()),
  );
  if (heading >= 0) {
    let end = heading + 1;
    while (end < lines.length && /^(?: {2}\* |<li>|<ul>| *<ticket )/.test(lines[end]!)) end++;
    lines.splice(heading + 1, end - heading - 1, ...lines.slice(heading + 1, end).sort());
  }
  return lines.join('\n').trimEnd();
}

/**
 * What differs on the CIB in a file; undefined where nothing does. `refused`: the real one does not take the CIB.
 * `TZ` of this process must be UTC.
 */
export async function compareFile(
  file: string,
  options: readonly string[],
): Promise<Difference | 'refused' | undefined> {
  const environment = { TZ: 'UTC', LC_ALL: 'C.UTF-8', CIB_file: file };
  let [out, error] = ['', ''];
  const [theirs, code] = await Promise.all([
    run(options, environment),
    crmMon(options, {
      ...surroundings({ ...process.env, ...environment }),
      terminal: false,
      writeOut: (text) => {
        out += text;
      },
      writeError: (text) => {
        error += text;
      },
    }).catch((failure: Error) => {
      out += `\n${failure.stack}`;
      return -2;
    }),
  ]);
  if (/does not conform to the configured schema/.test(theirs.out + theirs.error)) return 'refused';
  // It crashed.
  if (theirs.code < 0) return 'refused';
  const lines = linesThatDiffer(normalize(theirs.out), normalize(out));
  lines.push(...linesThatDiffer(complaints(theirs.error), complaints(error)));
  if (code !== theirs.code) lines.unshift(`-exit ${theirs.code}`, `+exit ${code}`);
  return lines.length > 0 ? { options, lines } : undefined;
}

/** What the program itself says on standard error: not what Pacemaker's libraries log there, nor the usage. */
function complaints(error: string): string {
  return error
    .split('\n')
    .filter((line) => line.startsWith('crm_mon: '))
    .join('\n');
}

export async function compareText(
  xml: string,
  scratch: string,
  options: readonly string[],
): Promise<Difference | 'refused' | undefined> {
  writeFileSync(scratch, xml);
  return compareFile(scratch, options);
}

/** By position from both ends: enough to see where two outputs part. */
function linesThatDiffer(theirs: string, ours: string): string[] {
  if (theirs === ours) return [];
  const a = theirs.split('\n');
  const b = ours.split('\n');
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  return [
    ...a.slice(start, a.length - end).map((line) => `-${line}`),
    ...b.slice(start, b.length - end).map((line) => `+${line}`),
  ];
}
