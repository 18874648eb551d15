import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CIB } from './fixture.js';
import { CRM } from './terminal.js';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'crm-start-'));
  writeFileSync(join(folder, 'cib.xml'), CIB.trim());
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Our files that a run of crm has loaded; the bundle is not among them, since its code comes from the cache. */
function loaded(args: readonly string[]): { files: string[]; output: string } {
  const coverage = mkdtempSync(join(folder, 'coverage-'));
  const env = { ...process.env, HOME: folder, CIB_file: join(folder, 'cib.xml'), NODE_V8_COVERAGE: coverage };
  const run = spawnSync(process.execPath, [CRM, ...args], { env, encoding: 'utf8' });
  expect(run.stderr).toBe('');
  const files = new Set<string>();
  for (const name of readdirSync(coverage)) {
    const report = JSON.parse(readFileSync(join(coverage, name), 'utf8')) as { result: { url: string }[] };
    for (const { url } of report.result)
      if (url.includes('/dist/') && !url.endsWith('.cjs')) files.add(fileURLToPath(url));
  }
  return { files: [...files], output: run.stdout };
}

/** Signs of what must not be loaded by a quick read. */
const HEAVY: Readonly<Record<string, RegExp>> = {
  'the prompt (ink, react)': /react-reconciler|createReconciler|ink-root/,
  'SSH (ssh2)': /diffie-hellman-group|curve25519-sha256/,
  'the full screen (blessed)': /blessed/,
};

describe('a quick read', () => {
  it.each([
    [['status'], 'Full List of Resources'],
    [['configure', 'show'], 'primitive vip IPaddr2'],
    [['resource', 'status', 'vip'], 'is running on: n1'],
    [['node', 'show'], 'n1(1): member'],
  ])('%j loads no module', (args, output) => {
    const run = loaded(args);
    expect(run.output).toContain(output);
    expect(run.files.map((file) => basename(file))).toEqual(['crm']);
  });

  it('has nothing heavy in its bundle', () => {
    const library = join(dirname(CRM), '../lib');
    // What is for a terminal has a bundle of its own.
    const bundles = readdirSync(library).filter(
      (name) => name.endsWith('.cjs') && !/^(crm-prompt|crm_mon-screen)-/.test(name),
    );
    expect(bundles.filter((name) => /^crm-\w+\.cjs$/.test(name))).toHaveLength(1);
    for (const bundle of bundles) {
      const text = readFileSync(join(library, bundle), 'utf8');
      for (const [name, sign] of Object.entries(HEAVY))
        expect(sign.test(text), `${bundle} contains ${name}`).toBe(false);
    }
  });

  it('that the bundle is not for is answered by the whole shell', () => {
    const run = loaded(['cluster', 'use']);
    expect(run.files.length).toBeGreaterThan(2);
  });
});

describe('a reader that has had enough', () => {
  it.each([['configure show'], ['help'], ['ra list ocf']])('crm %s | head -1 ends quietly', (command) => {
    const env = { ...process.env, HOME: folder, CIB_file: join(folder, 'many.xml') };
    const many = Array.from(
      { length: 3000 },
      (_, n) => `<primitive id="r${n}" class="ocf" provider="heartbeat" type="Dummy"/>`,
    );
    writeFileSync(join(folder, 'many.xml'), CIB.trim().replace('<resources>', `<resources>${many.join('')}`));
    const script = `set -o pipefail; ${process.execPath} ${CRM} ${command} | head -1`;
    const run = spawnSync('bash', ['-c', script], { env, encoding: 'utf8' });
    expect(run.stderr).toBe('');
    expect(run.status).toBe(0);
    expect(run.stdout.split('\n')).toHaveLength(2);
  });
});

describe('any other one-shot command', () => {
  it.each([
    [['resource', 'stop', 'web']],
    [['options', 'show']],
    [['help', 'resource']],
    [['ra', 'classes']],
  ])('%j loads neither prompt nor SSH nor full screen', (args) => {
    for (const file of loaded(args).files) {
      const text = readFileSync(file, 'utf8');
      for (const [name, sign] of Object.entries(HEAVY))
        expect(sign.test(text), `${file} contains ${name}`).toBe(false);
    }
  });
});
