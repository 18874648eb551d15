import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { writeXml } from '../../../src/cib/xml.js';
import { REAL, shrink, trySeed } from './differential.js';

/**
 * A few of the made-up clusters of `npm run differential`, with seeds that stay the same.
 * `QUORATE_DIFFERENTIAL=COUNT` compares as many; `0` leaves it out where the real tool is not installed.
 */
const COUNT = Number(process.env.QUORATE_DIFFERENTIAL ?? '200');
const FIRST_SEED = 1;

it.runIf(COUNT > 0)(
  'decides about made-up clusters as the real crm_simulate does',
  { timeout: 900_000 },
  async () => {
    if (!existsSync(REAL)) {
      throw new Error(`${REAL} is missing: install pacemaker-cli-utils, or set QUORATE_DIFFERENTIAL=0`);
    }
    let next = FIRST_SEED;
    let compared = 0;
    const found: string[] = [];
    const work = async () => {
      while (next < FIRST_SEED + COUNT && found.length === 0) {
        const seed = next++;
        const result = await trySeed(seed);
        if (result === 'refused') continue;
        compared++;
        if (!result) continue;
        const { level, lines, cib } = await shrink(result, 30_000);
        found.push(`seed ${seed}, ${level}:\n${lines.slice(0, 20).join('\n')}\n${writeXml(cib)}`);
      }
    };
    await Promise.all([work(), work()]);
    expect(found.join('\n')).toBe('');
    expect(compared).toBeGreaterThan(COUNT * 0.9);
  },
);
