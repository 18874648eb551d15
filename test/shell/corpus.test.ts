/** crmsh's golden cases of the levels beside configure: what `resource` and `node` do to a CIB, and print. */
import { expect, it } from 'vitest';
import { corpusFolder, judge, readCases } from '../language/corpus-runner.js';

/** Cases that pass; a family may only grow. Three of `node` differ on purpose (docs/differences-from-crmsh.md). */
const PASSES: Readonly<Record<string, number>> = { resource: 44, 'node-cmd': 15 };

it.each(Object.entries(PASSES))(
  '%s passes at least as often as before',
  { timeout: 120_000 },
  async (family, passes) => {
    const folder = corpusFolder();
    if (folder === undefined) {
      console.info('no corpus: set QUORATE_CORPUS to its folder; the tests beside this one remain');
      return;
    }
    const failed: string[] = [];
    let passed = 0;
    for (const item of readCases(folder).filter((each) => each.family === family)) {
      const wrong = await judge(item, folder);
      if (Object.keys(wrong).length === 0) passed++;
      else
        failed.push(
          `${item.id}: ${JSON.stringify(item.steps ?? item.input)} ${JSON.stringify(wrong).slice(0, 600)}`,
        );
    }
    expect(passed, failed.join('\n')).toBeGreaterThanOrEqual(passes);
  },
);
