import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseXml, writeXml } from '../../../src/cib/xml.js';
import { surroundings } from '../../../src/monitor/main.js';
import { crmMon } from '../../../src/monitor/program.js';
import { compareText, isComparable, REAL } from './compare.js';
import { generateCluster, generateOptions } from './generate.js';

/**
 * Side by side with an installed crm_mon 2.1.5: on the CIBs of Pacemaker's scheduler cases, and on made-up ones with
 * made-up command lines. A sample; QUORATE_DIFFERENTIAL=all takes every CIB, and a thousand seeds.
 */
const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
const folder = join(process.env.QUORATE_CORPUS ?? resolve(root, '../shared/corpus'), 'scheduler/xml');
const all = process.env.QUORATE_DIFFERENTIAL === 'all';
/** Pacemaker's schemas of what its tools print. */
const API_SCHEMA = '/usr/share/pacemaker/api/api-result.rng';
const comparable = await isComparable();

/** Every format, with what is most likely to differ. */
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

it('says whether there is a crm_mon to compare with', () => {
  if (!comparable) console.log(`no comparison: ${REAL} 2.1.5 is missing`);
  expect(typeof comparable).toBe('boolean');
});

describe.runIf(comparable)('what the installed crm_mon prints', () => {
  const zone = process.env.TZ;
  let scratch = '';
  beforeAll(() => {
    process.env.TZ = 'UTC';
    scratch = mkdtempSync(join(tmpdir(), 'crm-mon-'));
  });
  afterAll(() => {
    rmSync(scratch, { recursive: true });
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
  });
  const file = (lane: number) => join(scratch, `${lane}.xml`);

  it.runIf(existsSync(folder))(
    'on the clusters of the scheduler’s cases',
    async () => {
      const names = readdirSync(folder).filter(
        (name, index) => name.endsWith('.xml') && (all || index % 23 === 0),
      );
      for (const [index, name] of names.entries()) {
        const xml = readFileSync(join(folder, name), 'utf8');
        const fixed = OPTIONS[index % OPTIONS.length]!;
        for (const options of [fixed, generateOptions(index, parseXml(xml))]) {
          expect({ name, difference: await compareText(xml, file(0), options) }).toEqual({ name });
        }
      }
    },
    600_000,
  );

  it('on made-up clusters', async () => {
    const count = all ? 1000 : 25;
    let refused = 0;
    for (let seed = 1; seed <= count; seed++) {
      const cib = generateCluster(seed);
      const xml = writeXml(cib);
      for (const variant of [0, 1]) {
        const options = generateOptions(seed * 1000 + variant, cib);
        const difference = await compareText(xml, file(1), options);
        if (difference === 'refused') refused++;
        else expect({ seed, difference }).toEqual({ seed });
      }
    }
    expect(refused).toBeLessThan(count / 2);
  }, 600_000);
});

const validated = existsSync(API_SCHEMA) && spawnSync('xmllint', ['--version']).status === 0;

it.runIf(validated)('its XML is valid by Pacemaker’s own schema of it', async () => {
  const scratch = mkdtempSync(join(tmpdir(), 'crm-mon-'));
  const outputs: string[] = [];
  for (let seed = 1; seed <= (all ? 300 : 25); seed++) {
    const cib = join(scratch, 'cib.xml');
    const cluster = generateCluster(seed);
    // Every history has them; without, Pacemaker's own output breaks its schema.
    for (const operation of cluster.descendants()) {
      if (operation.name !== 'lrm_rsc_op') continue;
      for (const name of ['exec-time', 'queue-time']) operation.set(name, operation.get(name) ?? '0');
    }
    writeFileSync(cib, writeXml(cluster));
    for (const options of [['-rR'], ['-n', '--include=all'], ['--exclude=all', '--include=nodes,failures']]) {
      let out = '';
      await crmMon(['--output-as=xml', ...options], {
        ...surroundings({ ...process.env, CIB_file: cib }),
        terminal: false,
        writeOut: (text) => {
          out += text;
        },
        writeError: () => {},
      });
      const output = join(scratch, `${seed}${options.join('')}.xml`);
      writeFileSync(output, out);
      outputs.push(output);
    }
  }
  const judged = spawnSync('xmllint', ['--noout', '--relaxng', API_SCHEMA, ...outputs], { encoding: 'utf8' });
  expect(
    judged.stderr
      .split('\n')
      .filter((line) => !line.endsWith(' validates'))
      .join('\n'),
  ).toBe('');
  rmSync(scratch, { recursive: true });
});
