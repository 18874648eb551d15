/**
 * `npm run bench [-- NAME...]`: runs test/bench/NAME.ts, all of them by default. Each prints ratios against the real
 * tool measured in the same run, since figures of two runs, let alone of two machines, say nothing together.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const all = readdirSync(join(root, 'test/bench')).flatMap((file) => /^(.+)\.ts$/.exec(file)?.[1] ?? []);
const [first, ...rest] = process.argv.slice(2);
const unknown = first !== undefined && !all.includes(first);
if (unknown) {
  console.error(`no benchmark "${first}": there are ${all.join(', ')}`);
  process.exit(2);
}
// Words after the name are the benchmark's own.
for (const name of first === undefined ? all : [first]) {
  const outfile = join(root, `dist/bench/${name}.mjs`);
  await build({
    entryPoints: [join(root, `test/bench/${name}.ts`)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'error',
  });
  console.log(`-- ${name}`);
  const { status } = spawnSync(process.execPath, [outfile, ...rest], { stdio: 'inherit', cwd: root });
  if (status !== 0) process.exitCode = 1;
}
