import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { surroundings } from '../../src/monitor/main.js';
import { crmMon } from '../../src/monitor/program.js';

/**
 * Side by side with an installed crm_mon 2.1.5, on the CIBs of Pacemaker's scheduler cases. A sample;
 * QUORATE_DIFFERENTIAL=all takes every CIB.
 */
const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const folder = join(process.env.QUORATE_CORPUS ?? resolve(root, '../shared/corpus'), 'scheduler/xml');
const real = '/usr/sbin/crm_mon';
const version = existsSync(real) ? spawnSync(real, ['--version'], { encoding: 'utf8' }).stdout : '';
const comparable = version.startsWith('Pacemaker 2.1.5') && existsSync(folder);

const OPTIONS = [
  ['-1rnAfotLc'],
  ['--output-as=xml'],
  ['-1rRbf'],
  ['-1', '--output-as=html', '--include=all'],
  ['-1nbr'],
  ['--output-as=xml', '-n'],
  ['-1R', '--include=all'],
  ['-1s'],
];

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

it('says whether there is a crm_mon to compare with', () => {
  if (!comparable)
    console.log(`no comparison: ${real} 2.1.5 or ${folder} is missing (found ${version.split('\n')[0]})`);
  expect(typeof comparable).toBe('boolean');
});

it.runIf(comparable)(
  'prints what the installed crm_mon prints',
  async () => {
    const zone = process.env.TZ;
    process.env.TZ = 'UTC';
    const step = process.env.QUORATE_DIFFERENTIAL === 'all' ? 1 : 23;
    const files = readdirSync(folder).filter((name, index) => name.endsWith('.xml') && index % step === 0);
    for (const [index, name] of files.entries()) {
      const ids = [
        ...readFileSync(join(folder, name), 'utf8').matchAll(/<(?:primitive|group|clone)[^>]* id="([^"]+)"/g),
      ];
      const id = ids[(index * 7) % Math.max(1, ids.length)]?.[1];
      const filter = id !== undefined && index % 3 === 0 ? [`--resource=${id}`] : [];
      const options = [...OPTIONS[index % OPTIONS.length]!, ...filter];
      const environment = { ...process.env, TZ: 'UTC', LC_ALL: 'C.UTF-8', CIB_file: join(folder, name) };
      const theirs = spawnSync(real, options, { env: environment, encoding: 'utf8' });
      let ours = '';
      const code = await crmMon(options, {
        ...surroundings(environment),
        terminal: false,
        writeOut: (text) => {
          ours += text;
        },
        writeError: () => {},
      });
      expect({ name, options, code, out: normalize(ours) }).toEqual({
        name,
        options,
        code: theirs.status,
        out: normalize(theirs.stdout),
      });
    }
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
  },
  300_000,
);
