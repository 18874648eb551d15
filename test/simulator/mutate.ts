import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build, type Plugin } from 'esbuild';
import type { Outcome } from './life.js';
import { MUTATIONS, type Mutation } from './mutations.js';

/** Plays the life of a seed with a mistake in the product; null where that could not be noticed in it. */
export type Play = (seed: number, where: Mutation['where']) => Outcome | null;

const PLAY =
  '(seed, where) => { const life = draw(seed); return where && !where(life) ? null : play(life); }';

function programOf({ by }: Mutation): string {
  if (by === 'cluster') {
    return `import { drawClusterLife as draw } from './test/simulator/cluster-life.js';
      import { playClusterLife as play } from './test/simulator/cluster-scenario.js';
      export const run = ${PLAY};`;
  }
  return `import { drawMembershipLife, playMembershipLife as play } from './test/simulator/membership-scenario.js';
    const draw = (seed) => drawMembershipLife(seed, '${by}');
    export const run = ${PLAY};`;
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
