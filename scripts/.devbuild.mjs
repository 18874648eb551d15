/**
 * Builds the executables: every file `src/tools/NAME.ts` becomes `dist/bin/NAME`.
 *
 * ES modules with splitting: an executable's entry is small and loads what a command needs with `import()`,
 * so a chunk (grammar, prompt, SSH, full screen) costs nothing where it is not used.
 */
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = '/work/wt/shell';
const dist = join(root, 'dist');
const staging = join(root, `dist.${process.pid}`);
const entries = readdirSync(join(root, 'src/tools')).filter((name) => name.endsWith('.ts'));

/** CommonJS packages `require` Node's own modules, which an ES module bundle has no function for. */
const builtins = {
  name: 'builtins of CommonJS packages',
  setup(b) {
    const names = new Set(builtinModules.flatMap((name) => [name, `node:${name}`]));
    b.onResolve({ filter: /.*/ }, (args) =>
      args.kind === 'require-call' && names.has(args.path)
        ? { path: args.path, namespace: 'builtin' }
        : undefined,
    );
    b.onLoad({ filter: /.*/, namespace: 'builtin' }, (args) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(args.path)});`,
    }));
  },
};

/** Ink asks for React's developer tools only in development; the package is not ours to ship. */
const noDevtools = {
  name: 'no react-devtools',
  setup(b) {
    b.onResolve({ filter: /^react-devtools-core$/ }, () => ({ path: 'devtools', namespace: 'empty' }));
    b.onLoad({ filter: /.*/, namespace: 'empty' }, () => ({ contents: 'export default {};' }));
  },
};

import { existsSync as ex } from 'node:fs';
const missing = { name: 'missing', setup(b) { b.onResolve({ filter: /^\.\.?\/.*\.js$/ }, (a) => { const p = join(a.resolveDir, a.path); if (!ex(p) && !ex(p.replace(/js$/, 'ts')) && !ex(p.replace(/js$/, 'tsx'))) return { path: a.path, external: true }; }); } };
const version = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version;

rmSync(staging, { recursive: true, force: true });
try {
  await build({
    absWorkingDir: root,
    entryPoints: [
      ...entries.map((name) => ({ in: `src/tools/${name}`, out: `bin/${name.slice(0, -3)}` })),
      { in: 'src/demo/demo.ts', out: 'demo/demo' },
    ],
    outdir: staging,
    chunkNames: 'lib/[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    jsx: 'automatic',
    minifySyntax: true,
    sourcemap: false,
    legalComments: 'none',
    logLevel: 'warning',
    // ssh2 names a file beside itself that only Windows has.
    define: {
      __dirname: '"/"',
      'process.env.NODE_ENV': '"production"',
      __QUORATE_VERSION__: JSON.stringify(version),
    },
    external: ['blessed', 'blessed-contrib', 'blessed-contrib/*', 'cpu-features', '*.node', 'libxml2-wasm'],
    plugins: [missing, builtins, noDevtools],
  });
  for (const name of entries) {
    const program = join(staging, 'bin', name.slice(0, -3));
    const text = readFileSync(`${program}.js`, 'utf8');
    writeFileSync(program, text.startsWith('#!') ? text : `#!/usr/bin/env node\n${text}`);
    rmSync(`${program}.js`);
    chmodSync(program, 0o755);
  }
  mkdirSync(join(staging, 'bin'), { recursive: true });
  writeFileSync(join(staging, 'package.json'), '{"type":"module"}\n');
  if (existsSync(join(root, 'resource-agents'))) {
    cpSync(join(root, 'resource-agents'), join(staging, 'resource-agents'), { recursive: true });
  }
  rmSync(dist, { recursive: true, force: true });
  renameSync(staging, dist);
} finally {
  rmSync(staging, { recursive: true, force: true });
}
