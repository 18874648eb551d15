import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Element } from '../../../src/cib/element.js';
import { checkValidity } from '../../../src/cib/validity.js';
import { writeXml } from '../../../src/cib/xml.js';
import { differences, LEVELS, type Level, ownTexts, type Texts } from '../comparison.js';
import { generateCib } from './generate-cib.js';
import { mutateCib } from './mutate-cib.js';

/** The tool that decides what is right. */
export const REAL = process.env.QUORATE_CRM_SIMULATE ?? '/usr/sbin/crm_simulate';

export interface Disagreement {
  readonly seed: number;
  readonly level: Level | 'crash';
  readonly lines: readonly string[];
  readonly cib: Element;
}

function run(words: readonly string[]): Promise<{ stdout: string; stderr: string; code: number }> {
  return new Promise((resolve) => {
    const env = { PATH: '/usr/sbin:/usr/bin:/bin', TZ: 'UTC', LC_ALL: 'C' };
    execFile(REAL, words, { env, maxBuffer: 1 << 28 }, (error, stdout, stderr) => {
      resolve({ stdout, stderr, code: typeof error?.code === 'number' ? error.code : error ? -1 : 0 });
    });
  });
}

/** What the real tool says; undefined where it refuses the CIB or crashes. */
async function realTexts(cib: Element): Promise<Texts | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'quorate-differential-'));
  try {
    const file = (name: string) => join(folder, name);
    writeFileSync(file('cib.xml'), writeXml(cib));
    const shown = await run(['-x', file('cib.xml'), '-S']);
    const scores = await run(['-x', file('cib.xml'), '-sQ', '-D', file('dot'), '-G', file('graph')]);
    // 134: an assertion of its own failed.
    if (scores.code !== 0 || shown.code < 0 || shown.code === 134) return undefined;
    return {
      summary: shown.stdout,
      complaints: shown.stderr,
      scores: scores.stdout,
      dot: readFileSync(file('dot'), 'utf8'),
      graph: readFileSync(file('graph'), 'utf8'),
    };
  } catch {
    return undefined;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** How the two judge a CIB differently; undefined where they agree, `refused` where the real tool does not judge it. */
export async function disagreement(
  cib: Element,
  seed: number,
  only?: string,
): Promise<Disagreement | undefined | 'refused'> {
  const real = await realTexts(cib);
  if (!real) return 'refused';
  let own: Texts;
  try {
    own = ownTexts(cib, { nowMs: Date.now() });
  } catch (error) {
    if (only !== undefined && only !== 'crash') return undefined;
    return {
      seed,
      level: 'crash',
      lines: String((error as Error).stack)
        .split('\n')
        .slice(0, 6),
      cib,
    };
  }
  for (const level of ['scores', 'graph', 'dot', 'summary'] as const) {
    if (only !== undefined && only !== level) continue;
    const lines = differences(level, real[level], own[level]);
    if (lines.length > 0) return { seed, level, lines, cib };
  }
  return undefined;
}

/** Compares the judgement of one made-up cluster. */
export async function trySeed(seed: number): Promise<Disagreement | undefined | 'refused'> {
  const cib = generateCib(seed);
  if (!checkValidity(cib).valid) return 'refused';
  return disagreement(cib, seed);
}

/** Compares the judgement of a case that exists, changed as a seed says. */
export async function tryMutation(cib: Element, seed: number): Promise<Disagreement | undefined | 'refused'> {
  const mutated = mutateCib(cib, seed);
  if (!checkValidity(mutated).valid) return 'refused';
  return disagreement(mutated, seed);
}

/** Takes away what a disagreement does not need. */
export async function shrink(found: Disagreement, budgetMs = 60_000): Promise<Disagreement> {
  const until = Date.now() + budgetMs;
  let best = found;
  let progress = true;
  const attempt = async (candidate: Element): Promise<boolean> => {
    if (Date.now() > until || !checkValidity(candidate).valid) return false;
    const result = await disagreement(candidate, found.seed, found.level);
    if (!result || result === 'refused') return false;
    best = result;
    return true;
  };
  while (progress && Date.now() < until) {
    progress = false;
    for (let index = 0; ; index++) {
      const all = descendants(best.cib);
      if (index >= all.length) break;
      const candidate = best.cib.clone();
      const target = descendants(candidate)[index]!;
      target.parent.children = target.parent.children.filter((child) => child !== target.element);
      if (await attempt(candidate)) {
        progress = true;
        index--;
      }
    }
    for (let index = 0; index < descendants(best.cib).length; index++) {
      for (const name of [...descendants(best.cib)[index]!.element.attributes.keys()]) {
        if (['id', 'uname', 'name', 'value'].includes(name)) continue;
        const candidate = best.cib.clone();
        descendants(candidate)[index]!.element.attributes.delete(name);
        if (await attempt(candidate)) progress = true;
      }
    }
  }
  return best;
}

interface Descendant {
  readonly element: Element;
  readonly parent: Element;
}

/** All elements below the root, the outer ones first. */
function descendants(root: Element): Descendant[] {
  const found: Descendant[] = root.elements().map((element) => ({ element, parent: root }));
  for (let i = 0; i < found.length; i++) {
    const { element } = found[i]!;
    for (const child of element.elements()) found.push({ element: child, parent: element });
  }
  return found;
}

export { LEVELS };
