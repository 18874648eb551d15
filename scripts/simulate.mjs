/**
 * Builds the simulator and runs it; test/simulator/main.ts says how. With `--program NAME` first, another program of
 * that directory.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [option, name, ...others] = process.argv.slice(2);
const [program, given] = option === '--program' ? [name, others] : ['main', process.argv.slice(2)];
// Within the project, so that packages are found.
mkdirSync(join(root, 'dist'), { recursive: true });
const directory = mkdtempSync(join(root, 'dist', 'simulate-'));
try {
  const outfile = join(directory, `${program}.mjs`);
  await build({
    absWorkingDir: root,
    entryPoints: [join('test/simulator', `${program}.ts`)],
    outfile,
    bundle: true,
    external: ['esbuild'],
    format: 'esm',
    platform: 'node',
    target: 'node20',
    sourcemap: 'inline',
    logLevel: 'warning',
  });
  const args = ['--enable-source-maps', outfile, ...given];
  process.exitCode = spawnSync(process.execPath, args, { stdio: 'inherit' }).status ?? 70;
} finally {
  rmSync(directory, { recursive: true, force: true });
}
