/**
 * Builds the executables: every file `src/tools/NAME.ts` becomes
 *
 * - `dist/lib/NAME.js`, an ES module with splitting: it loads what a command needs with `import()`, so a chunk
 *   (grammar, prompt, SSH, full screen) costs nothing where it is not used;
 * - `dist/lib/NAME-HASH.cjs`, for all but the resident agent, one file without what is heavy, with V8's compiled code
 *   beside it: agents call the tools every few seconds, and compiling is most of a start. `src/tools/NAME.light.ts`
 *   takes the tool's place in it where only some of its commands are for it;
 * - `dist/bin/NAME`, which starts one of the two (src/launcher).
 */
import { execFileSync } from 'node:child_process';
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
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');
const staging = join(root, `dist.${process.pid}`);
const sources = readdirSync(join(root, 'src/tools')).filter((name) => name.endsWith('.ts'));
const entries = sources.filter((name) => !name.endsWith('.light.ts')).map((name) => name.slice(0, -3));
/** The agent starts once and lives for years. */
const bundled = entries.filter((name) => name !== 'quorated');

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

/** What `crm.light.ts` may load with `import()`: the modules of its quick reads. */
const LIGHT = [
  'connection/(file|local|open)',
  'monitor/(main|program)',
  'scheduler/locations',
  'shell/(attribute-command|connect|light|lines|main|node-commands|option-files|pager|resource-commands|resource-status|root-commands|wait)',
  'shell/levels/(configure|configure-copy|configure-view|node|resource|root)',
  'monitor/status-text',
];

/** What no bundle holds: asking on the terminal, SSH, the full screen. */
const HEAVY = [
  'shell/secret-prompt',
  'connection/ssh',
  'monitor/screen/run',
  'monitor/daemon',
  'libxml2-wasm',
];

/** Modules that a bundle has not got; the launcher then starts the whole tool. */
function without(heavy) {
  return {
    name: 'without what is heavy',
    setup(b) {
      b.onResolve({ filter: /.*/ }, async (args) => {
        if (args.kind !== 'dynamic-import' || !heavy(join(args.resolveDir, args.path))) return undefined;
        return { path: args.path, namespace: 'heavy' };
      });
      b.onLoad({ filter: /.*/, namespace: 'heavy' }, ({ path }) => ({
        contents: `throw Object.assign(new Error('not in the bundle: ${path}'), { code: 'NOT_LIGHT' });`,
      }));
    },
  };
}
const namedBy = (paths) => {
  const pattern = new RegExp(`(^|/)(${paths.join('|')})(\\.js)?$`);
  return (path) => pattern.test(path);
};
const isLight = namedBy(LIGHT);
const isHeavy = namedBy(HEAVY);

const version = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version;

/** Runs each bundle once on a sample, which leaves what V8 compiled beside it (src/launcher/code-cache.ts). */
function compileAhead() {
  const env = { ...process.env, CIB_file: join(root, 'scripts/sample-cib.xml'), NODE_OPTIONS: '' };
  const usual = {
    crm: ['configure', 'show'],
    crm_attribute: ['-t', 'crm_config', '-n', 'stonith-enabled', '-G'],
    crm_mon: ['-1'],
    crm_node: ['--version'],
    crm_resource: ['--list'],
    crm_verify: ['-L'],
    cibadmin: ['-Q'],
    crm_simulate: ['-sL'],
  };
  for (const name of bundled) {
    try {
      execFileSync(join(dist, 'bin', name), usual[name] ?? ['--version'], { env, stdio: 'ignore' });
    } catch {
      // Some have nothing to say to a file; what they compiled is kept all the same.
    }
  }
}

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
      ...entries.map((name) => ({ in: `src/tools/${name}.ts`, out: `lib/${name}` })),
      { in: 'src/demo/demo.ts', out: 'demo/demo' },
    ],
    chunkNames: 'lib/[name]-[hash]',
    splitting: true,
  });
  const commonJs = {
    ...common,
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
    minify: true,
    charset: 'ascii',
  };
  const bundles = new Map();
  for (const name of bundled) {
    const light = sources.includes(`${name}.light.ts`);
    const { metafile } = await build({
      ...commonJs,
      entryPoints: [{ in: `src/tools/${name}${light ? '.light' : ''}.ts`, out: name }],
      // Compiled code must never meet another version of its source: each has a name of its own.
      entryNames: 'lib/[name]-[hash]',
      metafile: true,
      banner: { js: "const moduleUrl = require('node:url').pathToFileURL(__filename).href;" },
      define: { ...common.define, 'import.meta.url': 'moduleUrl' },
      plugins: [without(light ? (path) => !isLight(path) : isHeavy), noDevtools],
    });
    bundles.set(name, basename(Object.keys(metafile.outputs)[0]));
  }
  mkdirSync(join(staging, 'bin'), { recursive: true });
  for (const name of entries) {
    const launcher = await build({
      absWorkingDir: root,
      stdin: {
        contents: `import { launch } from './launch.js'; void launch('${name}', ${JSON.stringify(bundles.get(name) ?? null)});`,
        resolveDir: join(root, 'src/launcher'),
      },
      bundle: true,
      format: 'cjs',
      platform: 'node',
      target: 'node20',
      write: false,
    });
    const program = join(staging, 'bin', name);
    writeFileSync(program, `#!/usr/bin/env node\n${launcher.outputFiles[0].text}`);
    chmodSync(program, 0o755);
  }
  writeFileSync(join(staging, 'package.json'), '{"type":"module"}\n');
  writeFileSync(join(staging, 'bin/package.json'), '{"type":"commonjs"}\n');
  if (existsSync(join(root, 'resource-agents'))) {
    cpSync(join(root, 'resource-agents'), join(staging, 'resource-agents'), { recursive: true });
  }
  rmSync(dist, { recursive: true, force: true });
  renameSync(staging, dist);
  compileAhead();
} finally {
  rmSync(staging, { recursive: true, force: true });
}
