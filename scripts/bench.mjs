/**
 * `npm run bench [-- NAME [ARG...]]`: runs test/bench/NAME.ts; all of them by default, but for what needs root and a lab. Each prints ratios against the real
 * tool measured in the same run, since figures of two runs, let alone of two machines, say nothing together.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** What several benchmarks use. */
const SHARED = 'sides';
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const all = readdirSync(join(root, 'test/bench'))
  .flatMap((file) => /^(.+)\.ts$/.exec(file)?.[1] ?? [])
  .filter((name) => name !== SHARED);
/** Minutes on hosts in namespaces: only where it is named. */
const LAB = ['downtime', 'dummies', 'idle'];
const [first, ...rest] = process.argv.slice(2);
const unknown = first !== undefined && !all.includes(first);
if (unknown) {
  console.error(`no benchmark "${first}": there are ${all.join(', ')}`);
  process.exit(2);
}
// Words after the name are the benchmark's own.
for (const name of first === undefined ? all.filter((name) => !LAB.includes(name)) : [first]) {
  const outfile = join(root, `dist/bench/${name}.mjs`);
  await build({
    entryPoints: [join(root, `test/bench/${name}.ts`)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'error',
    // The lab's files stand where they are; only its code is in the bundle.
    ...(LAB.includes(name)
      ? { define: { 'import.meta.dirname': JSON.stringify(join(root, 'test/lab')) } }
      : {}),
  });
  console.log(`-- ${name}`);
  const { status } = spawnSync(process.execPath, [outfile, ...rest], { stdio: 'inherit', cwd: root });
  if (status !== 0) process.exitCode = 1;
}
