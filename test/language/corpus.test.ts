import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { corpusFolder, judge, readCases } from './corpus-runner.js';

/** How many cases of each family pass; a family may only grow. `UPDATE=1` writes what was reached. */
const RATCHET = join(dirname(fileURLToPath(import.meta.url)), 'corpus-passes.json');

/** Families that other rooms answer for: their commands are not those of the configure and cib levels. */
const FOREIGN = new Set(['resource', 'node-cmd']);

describe('crmsh’s golden cases', () => {
  const folder = corpusFolder();
  it('pass at least as often as before', { timeout: 600_000 }, async () => {
    if (folder === undefined) {
      console.info('no corpus: set QUORATE_CORPUS to its folder; the tests beside this one remain');
      return;
    }
    const reached: Record<string, number> = {};
    const failed: string[] = [];
    const agents = existsSync('/usr/lib/ocf/resource.d/heartbeat/Dummy');
    for (const item of readCases(folder)) {
      if (FOREIGN.has(item.family) || (item.needs?.includes('agents') && !agents)) continue;
      reached[item.family] ??= 0;
      let wrong: string[];
      try {
        wrong = Object.keys(await judge(item, folder));
      } catch (error) {
        wrong = [`died: ${(error as Error).message}`];
      }
      if (wrong.length === 0) reached[item.family]! += 1;
      else failed.push(`${item.id} (${wrong.join(', ')})`);
    }
    if (process.env.UPDATE === '1') writeFileSync(RATCHET, `${JSON.stringify(reached, null, 2)}\n`);
    const before = JSON.parse(readFileSync(RATCHET, 'utf8')) as Record<string, number>;
    const worse = Object.entries(before).filter(([family, count]) => (reached[family] ?? 0) < count);
    expect(agents ? worse : [], `failing: ${failed.join(', ')}`).toEqual([]);
  });
});
