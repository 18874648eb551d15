/**
 * `npm run differential:monitor -- FROM COUNT [FOLDER]`: many seeds against the installed crm_mon 2.1.5, on made-up clusters or
 * on the CIBs of a folder; prints what differs.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseXml, writeXml } from '../../../src/cib/xml.js';
import { compareText } from './compare.js';
import { generateCluster, generateOptions } from './generate.js';

process.env.TZ = 'UTC';
const [from = '1', count = '100', folder] = process.argv.slice(2);
const scratch = mkdtempSync(join(tmpdir(), 'crm-mon-'));
const names = folder === undefined ? [] : readdirSync(folder).filter((name) => name.endsWith('.xml'));
const tally = { same: 0, refused: 0, different: 0 };
for (let seed = Number(from); seed < Number(from) + Number(count); seed++) {
  const name = names.length > 0 ? names[seed % names.length]! : undefined;
  const cib =
    name === undefined ? generateCluster(seed) : parseXml(readFileSync(join(folder!, name), 'utf8'));
  const options = generateOptions(seed * 1000, cib);
  const difference = await compareText(writeXml(cib), join(scratch, 'cib.xml'), options);
  if (difference === undefined) tally.same++;
  else if (difference === 'refused') tally.refused++;
  else {
    tally.different++;
    console.log(`${seed} ${name ?? ''} ${options.join(' ')}`);
    for (const line of difference.lines.slice(0, 12)) console.log(`    ${line}`);
  }
}
console.log(JSON.stringify(tally));
rmSync(scratch, { recursive: true });
