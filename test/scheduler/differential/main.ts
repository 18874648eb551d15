/**
 * `npm run differential -- [FIRST] [COUNT]`: compares our decisions with the real tool's on made-up clusters;
 * with QUORATE_CASES=FOLDER on the CIBs there (*.xml), changed at random.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { acceptSchema } from '../../../src/cib/validity.js';
import { parseXml, writeXml } from '../../../src/cib/xml.js';
import { shrink, tryMutation, trySeed } from './differential.js';

const first = Number(process.argv[2] ?? '1');
const count = Number(process.argv[3] ?? '500');
const shrinkMs = Number(process.env.SHRINK_MS ?? '60000');
const folder = process.env.QUORATE_CASES;
const cases =
  folder === undefined
    ? []
    : readdirSync(folder)
        .filter((name) => name.endsWith('.xml'))
        .sort();
let next = first;
let refused = 0;
const found: number[] = [];

async function work(): Promise<void> {
  while (next < first + count) {
    const seed = next++;
    const name = cases[seed % cases.length];
    const given =
      name === undefined ? undefined : acceptSchema(parseXml(readFileSync(join(folder!, name), 'utf8'))).cib;
    if (name !== undefined && !given) continue;
    const result = await (given ? tryMutation(given, seed) : trySeed(seed));
    if (result === 'refused') refused++;
    else if (result) {
      found.push(seed);
      const small = shrinkMs > 0 ? await shrink(result, shrinkMs) : result;
      console.log(
        `seed ${seed}${name === undefined ? '' : ` (${name})`}: ${small.level}\n  ${small.lines.slice(0, 12).join('\n  ')}`,
      );
      writeFileSync(`/tmp/differential-${seed}.xml`, writeXml(small.cib));
    }
  }
}

await Promise.all([work(), work()]);
console.log(
  `${count - refused} compared (${refused} of the seeds were refused by the real tool), ${found.length} differ: ${found.join(' ')}`,
);
process.exitCode = found.length > 0 ? 1 : 0;
