/** `npm run bench:downtime`: builds test/bench/downtime.ts, which says what it does, and runs it. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const outfile = join(root, 'dist/bench/downtime.mjs');
await build({
  entryPoints: [join(root, 'test/bench/downtime.ts')],
  outfile,
  bundle: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
  logLevel: 'error',
  // The lab's files stand where they are; only its code is in the bundle.
  define: { 'import.meta.dirname': JSON.stringify(join(root, 'test/lab')) },
});
await import(outfile);
