import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { KINDS } from './kinds.js';
import type { Kind, Outcome } from './life.js';
import { MUTATIONS, type Mutation } from './mutations.js';

/** Plays the life of a seed with a mistake in the product; null where that could not be noticed in it. */
export type Play = (seed: number, where: Mutation['where']) => Outcome | null;

/** Where a life of each kind is drawn, by which function, and where it is lived. */
const LIVES: Readonly<
  Record<Kind, readonly [drawnIn: string, draw: string, playedIn: string, play: string]>
> = {
  cluster: ['cluster-life', 'drawClusterLife', 'cluster-scenario', 'playClusterLife'],
  rare: ['rare-life', 'drawRareLife', 'cluster-scenario', 'playClusterLife'],
  membership: ['membership-life', 'drawMembershipLife', 'membership-scenario', 'playMembershipLife'],
  agreement: ['membership-life', 'drawMembershipLife', 'membership-scenario', 'playMembershipLife'],
  wire: ['wire-life', 'drawWireLife', 'membership-scenario', 'playMembershipLife'],
  electorate: ['electorate-life', 'drawElectorateLife', 'membership-scenario', 'playMembershipLife'],
};

/** Only what a kind needs, not `kinds.ts`: it is bundled again for every mutation. */
function programOf({ by }: Mutation): string {
  const [drawnIn, draw, playedIn, play] = LIVES[by];
  return `import { ${draw} as draw } from './test/simulator/${drawnIn}.js';
    import { ${play} as play } from './test/simulator/${playedIn}.js';
    export const run = (seed, where) => {
      const life = draw(seed, '${by}');
      return where && !where(life) ? null : play(life);
    };`;
}

function mistake({ file, find, replace }: Mutation): Plugin {
  const target = resolve(file);
  return {
    name: 'mutation',
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, ({ path }) => {
        if (path !== target) return undefined;
        const text = readFileSync(path, 'utf8');
        if (text.split(find).length !== 2) throw new Error(`${file} has not '${find}' once`);
        return { contents: text.replace(find, () => replace), loader: 'ts' };
      });
    },
  };
}

/** Builds the simulator with a mistake in it, below the working directory's sources. */
export async function mutated(mutation: Mutation, directory: string): Promise<Play> {
  const outfile = join(directory, `${MUTATIONS.indexOf(mutation)}.mjs`);
  await build({
    stdin: { contents: programOf(mutation), resolveDir: process.cwd(), loader: 'js' },
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    logLevel: 'error',
    plugins: [mistake(mutation)],
  });
  return ((await import(outfile)) as { run: Play }).run;
}

/** A life that fails without the mistake says nothing of it, nor does a program that no longer works at all. */
export function isNoticed({ by }: Mutation, outcome: Outcome | null): boolean {
  if (!outcome || outcome.ok || outcome.kind === 'crash') return false;
  return KINDS[by](outcome.seed).outcome.ok;
}
