/**
 * Builds the executables: every file `src/tools/NAME.ts` becomes
 *
 * - `dist/lib/NAME.js`, an ES module with splitting: it loads what a command needs with `import()`, so a chunk
 *   (grammar, prompt, SSH, full screen) costs nothing where it is not used;
 * - `dist/lib/NAME-HASH.cjs`, for all but the resident agent, one file without what is heavy, with V8's compiled code
 *   beside it: agents call the tools every few seconds, and compiling is most of a start; for crm_mon a second one with
 *   the full screen, for crm one with the prompt and all else;
 * - `dist/bin/NAME`, which starts one of them (src/launcher).
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { builtins } from './commonjs-builtins.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');
const staging = join(root, `dist.${process.pid}`);
const entries = readdirSync(join(root, 'src/tools')).flatMap((name) => /^(.+)\.ts$/.exec(name)?.[1] ?? []);
/** The agent starts once and lives for years. */
const bundled = entries.filter((name) => name !== 'quorated');

/** Ink asks for React's developer tools only in development; the package is not ours to ship. */
const noDevtools = {
  name: 'no react-devtools',
  setup(b) {
    b.onResolve({ filter: /^react-devtools-core$/ }, () => ({ path: 'devtools', namespace: 'empty' }));
    b.onLoad({ filter: /.*/, namespace: 'empty' }, () => ({ contents: 'export default {};' }));
  },
};

/** blessed requires its widgets by names that it puts together, without extension: no bundle would find them. */
const widgets = {
  name: 'widgets of blessed',
  setup(b) {
    b.onLoad({ filter: /blessed[/\\]lib[/\\]widget\.js$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replace("'./widgets/' + file", "'./widgets/' + file + '.js'"),
    }));
  },
};

/** Changes one place of a module's text; a place that is not there any more ends the build. */
function altered(path, from, to) {
  const text = readFileSync(path, 'utf8');
  const contents = text.replace(from, to);
  if (contents === text) throw new Error(`${path}: expected ${from}`);
  return { contents };
}

const EMBEDDED = /(?<=base64,)[A-Za-z0-9+/=]{1000,}/;

/**
 * Ink's layout engine is WebAssembly in a text. As it comes, it is fetched, for which Node loads its whole HTTP client, and
 * awaited at the top of a module, which CommonJS cannot. Here it is compiled on the spot.
 */
const layoutAtOnce = {
  name: 'layout engine at once',
  setup(b) {
    const binary = 'yoga-wasm-base64-esm.js';
    b.onLoad({ filter: /yoga-layout[/\\]dist[/\\]src[/\\]index\.js$/ }, ({ path }) => ({
      contents: `
        import load from '../binaries/${binary}';
        import wrapAssembly from './wrapAssembly.js';
        const code = Buffer.from('${EMBEDDED.exec(readFileSync(join(dirname(path), '../binaries', binary), 'utf8'))[0]}', 'base64');
        const engine = {
          instantiateWasm(imports, receive) {
            const instance = new WebAssembly.Instance(new WebAssembly.Module(code), imports);
            receive(instance);
            return instance.exports;
          },
        };
        load(engine);
        export default wrapAssembly(engine);
        export * from './generated/YGEnums.js';`,
      resolveDir: dirname(path),
    }));
    b.onLoad({ filter: /yoga-wasm-base64-esm\.js$/ }, ({ path }) => altered(path, EMBEDDED, ''));
    // What Ink awaits there is for React's developer tools.
    b.onLoad({ filter: /ink[/\\]build[/\\]reconciler\.js$/ }, ({ path }) =>
      altered(path, /await (?=import\('\.\/devtools|loadPackageJson\(\))/g, ''),
    );
  },
};

/** The full screen, which crm_mon has a bundle of its own for. */
const SCREEN = 'monitor/screen/run';

/** What no other bundle holds: SSH, the prompt, the full screen. */
const HEAVY = [
  'connection/ssh',
  'ssh/(fan-out|session)',
  'shell/levels/cluster',
  'pcs/groups/(cluster|config|host|quorum)',
  'pcs/machines',
  'shell/prompt/run-prompt',
  SCREEN,
];

/** Modules that a bundle has not got; the launcher then starts the whole tool. */
const without = (modules) => ({
  name: 'without what is heavy',
  setup(b) {
    const heavy = new RegExp(`(^|/)(${modules.join('|')})\\.js$`);
    b.onResolve({ filter: /.*/ }, async (args) => {
      if (args.kind !== 'dynamic-import' || !heavy.test(join(args.resolveDir, args.path))) return undefined;
      return { path: args.path, namespace: 'heavy' };
    });
    b.onLoad({ filter: /.*/, namespace: 'heavy' }, ({ path }) => ({
      contents: `throw Object.assign(new Error('not in the bundle: ${path}'), { code: 'NOT_LIGHT' });`,
    }));
  },
});

/** Of names and contents of all files but what V8 compiled, which no two builds share. */
function digestOf(folder) {
  const hash = createHash('sha256');
  for (const name of readdirSync(folder, { recursive: true }).sort()) {
    const path = join(folder, name);
    if (statSync(path).isFile() && !name.endsWith('.cache'))
      hash.update(`${name}\0`).update(readFileSync(path));
  }
  return hash.digest('hex').slice(0, 16);
}

const version = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version;

/** What each bundle does, so that its compiled code is beside it before its first use. */
const USUAL = {
  crm: [
    ['configure', 'show'],
    ['status'],
    ['resource', 'status'],
    ['configure', 'property', 'batch-limit=5'],
  ],
  crm_attribute: [['-t', 'crm_config', '-n', 'stonith-enabled', '-G']],
  crm_mon: [['-1']],
  crm_resource: [['--list'], ['--locate', '-r', 'vip']],
  crm_simulate: [['-sL']],
  crm_verify: [['-L']],
  cibadmin: [['-Q']],
};

/** Has the full screen on a pipe for a terminal, until all of it has been drawn. */
const ON_SCREEN = `
  process.stdout.isTTY = process.stdin.isTTY = true;
  Object.assign(process.stdout, { columns: 120, rows: 40 });
  process.stdin.setRawMode = () => process.stdin;
  const write = process.stdout.write;
  process.stdout.write = (text, ...more) => {
    if (String(text).includes('quit')) setTimeout(() => process.kill(process.pid, 'SIGTERM'), 500);
    return write.call(process.stdout, text, ...more);
  };`;

/** Has the prompt on a pipe for a terminal, with a statement typed key by key. */
const AT_PROMPT = `
  const { PassThrough } = require('node:stream');
  const terminal = Object.assign(new PassThrough(), { isTTY: true });
  terminal.setRawMode = terminal.ref = terminal.unref = () => terminal;
  Object.defineProperty(process, 'stdin', { value: terminal });
  Object.assign(process.stdout, { isTTY: true, columns: 100, rows: 30 });
  const keys = [...'configure\\rprimitive p1 IPaddr2 params ip=10.0.0.9\\x03\\x04'];
  const type = () => {
    if (keys.length > 0) terminal.write(keys.shift());
    setTimeout(type, keys.length > 44 ? 60 : 15).unref();
  };
  setTimeout(type, 400);`;

/** Runs a bundle as its launcher does, command after command in one process (src/launcher/code-cache.ts). */
async function compileAhead(name, bundle, commands, prelude = '') {
  const sample = join(staging, 'sample.xml');
  cpSync(join(root, 'scripts/sample-cib.xml'), sample);
  const program = `${prelude}
    const { run } = require('${join(staging, 'lib/code-cache.cjs')}').loadBundle('${join(staging, 'lib', bundle)}');
    (async () => {
      for (const words of ${JSON.stringify(commands)}) {
        process.argv = [process.execPath, '${name}', ...words];
        await run();
      }
      process.exit(0);
    })();`;
  const env = { PATH: process.env.PATH, HOME: staging, CIB_file: sample, LANG: 'C.UTF-8' };
  await promisify(execFile)(process.execPath, ['-e', program], { env });
  rmSync(sample);
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
    plugins: [builtins, noDevtools, layoutAtOnce],
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
    // Node's own modules are required, too: code from the cache has no loader for import().
    supported: { 'dynamic-import': false },
  };
  const bundles = new Map();
  await build({
    ...commonJs,
    entryPoints: [{ in: 'src/launcher/code-cache.ts', out: 'lib/code-cache' }],
    define: {},
  });
  const bundle = async (name, out, more) => {
    const { metafile } = await build({
      ...commonJs,
      entryPoints: [{ in: `src/tools/${name}.ts`, out }],
      // Compiled code must never meet another version of its source: each has a name of its own.
      entryNames: 'lib/[name]-[hash]',
      metafile: true,
      banner: { js: "const moduleUrl = require('node:url').pathToFileURL(__filename).href;" },
      define: { ...common.define, 'import.meta.url': 'moduleUrl' },
      ...more,
    });
    return basename(Object.keys(metafile.outputs)[0]);
  };
  for (const name of bundled) {
    bundles.set(name, await bundle(name, name, { plugins: [without(HEAVY), noDevtools] }));
  }
  for (const [name, file] of bundles) await compileAhead(name, file, USUAL[name] ?? [['--version']]);
  const screen = await bundle('crm_mon', 'crm_mon-screen', {
    plugins: [without(HEAVY.filter((module) => module !== SCREEN)), noDevtools, widgets],
    external: ['term.js', 'pty.js', ...common.external.filter((name) => !name.startsWith('blessed'))],
    // blessed looks for its descriptions of terminals beside itself.
    define: { ...common.define, __dirname: 'bundleFolder', 'import.meta.url': 'moduleUrl' },
    banner: {
      js:
        "const bundleFolder = require('node:path').dirname(__filename);" +
        "const moduleUrl = require('node:url').pathToFileURL(__filename).href;",
    },
  });
  mkdirSync(join(staging, 'usr'));
  cpSync(join(root, 'node_modules/blessed/usr/xterm-256color'), join(staging, 'usr/xterm-256color'));
  await compileAhead('crm_mon', screen, [[]], ON_SCREEN);
  const prompt = await bundle('crm', 'crm-prompt', {
    plugins: [without([SCREEN]), noDevtools, layoutAtOnce],
  });
  await compileAhead('crm', prompt, [[]], AT_PROMPT);
  const terminals = { crm: prompt, crm_mon: screen };
  rmSync(join(staging, 'lib/code-cache.cjs'));
  mkdirSync(join(staging, 'bin'), { recursive: true });
  for (const name of entries) {
    const launcher = await build({
      absWorkingDir: root,
      stdin: {
        contents: `import { launch } from './launch.js'; void launch(${[
          name,
          bundles.get(name) ?? null,
          ...(terminals[name] ? [terminals[name]] : []),
        ]
          .map((word) => JSON.stringify(word))
          .join(', ')});`,
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
  writeFileSync(join(staging, 'bin/package.json'), '{"type":"commonjs"}\n');
  mkdirSync(join(staging, 'systemd'), { recursive: true });
  cpSync(join(root, 'src/agent/quorated.service'), join(staging, 'systemd/quorated.service'));
  if (existsSync(join(root, 'resource-agents'))) {
    cpSync(join(root, 'resource-agents'), join(staging, 'resource-agents'), { recursive: true });
  }
  // Tells builds apart: `crm cluster init` installs where a host has another.
  const stamp = { type: 'module', version, build: digestOf(staging) };
  writeFileSync(join(staging, 'package.json'), `${JSON.stringify(stamp)}\n`);
  rmSync(dist, { recursive: true, force: true });
  renameSync(staging, dist);
} finally {
  rmSync(staging, { recursive: true, force: true });
}
