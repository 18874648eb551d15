/**
 * Builds the executables: every file `src/tools/NAME.ts` becomes `dist/bin/NAME`.
 *
 * ES modules with splitting: an executable's entry is small and loads what a command needs with `import()`,
 * so a chunk (grammar, prompt, SSH, full screen) costs nothing where it is not used.
 *
 * `NAME.light.ts` becomes dist/lib/NAME.light.js, one file without splitting: a tool hands its quick reads to it,
 * because every further module file costs the start about a millisecond.
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

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');
const staging = join(root, `dist.${process.pid}`);
const sources = readdirSync(join(root, 'src/tools')).filter((name) => name.endsWith('.ts'));
const lightEntries = sources.filter((name) => name.endsWith('.light.ts'));
const entries = sources.filter((name) => !name.endsWith('.light.ts'));

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

/** What a light entry may load with `import()`: the modules of its quick reads. The rest is the whole tool's. */
const LIGHT = [
  'connection/(file|local|open)',
  'monitor/(main|program)',
  'scheduler/locations',
  'shell/(attribute-command|connect|light|lines|main|node-commands|option-files|pager|resource-commands|resource-status|root-commands|wait)',
  'shell/levels/(configure|configure-copy|configure-view|node|resource|root)',
  'monitor/status-text',
];

/** Modules that a light entry has not got; the entry then starts the whole tool. */
const onlyLight = {
  name: 'only what is light',
  setup(b) {
    const light = new RegExp(`(^|/)(${LIGHT.join('|')})\\.js$`);
    b.onResolve({ filter: /.*/ }, async (args) => {
      if (args.kind !== 'dynamic-import' || light.test(join(args.resolveDir, args.path))) return undefined;
      return { path: args.path, namespace: 'heavy' };
    });
    b.onLoad({ filter: /.*/, namespace: 'heavy' }, ({ path }) => ({
      contents: `throw Object.assign(new Error('not in the light entry: ${path}'), { code: 'NOT_LIGHT' });`,
    }));
  },
};

const version = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version;

rmSync(staging, { recursive: true, force: true });
try {
  const common = {
    absWorkingDir: root,
    outdir: staging,
    bundle: true,
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
    plugins: [builtins, noDevtools],
  };
  await build({
    ...common,
    entryPoints: [
      ...entries.map((name) => ({
        in: `src/tools/${name}`,
        out: `bin/${name.slice(0, -3)}`,
      })),
      { in: 'src/demo/demo.ts', out: 'demo/demo' },
    ],
    chunkNames: 'lib/[name]-[hash]',
    splitting: true,
  });
  await build({
    ...common,
    entryPoints: lightEntries.map((name) => ({
      in: `src/tools/${name}`,
      out: `lib/${name.slice(0, -'.ts'.length)}`,
    })),
    minify: true,
    plugins: [onlyLight, ...common.plugins],
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
  mkdirSync(join(staging, 'systemd'), { recursive: true });
cpSync(join(root, 'src/agent/quorated.service'), join(staging, 'systemd/quorated.service'));
if (existsSync(join(root, 'resource-agents'))) {
    cpSync(join(root, 'resource-agents'), join(staging, 'resource-agents'), { recursive: true });
  }
  rmSync(dist, { recursive: true, force: true });
  renameSync(staging, dist);
} finally {
  rmSync(staging, { recursive: true, force: true });
}
