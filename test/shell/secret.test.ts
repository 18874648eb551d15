import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { resolveSecrets } from '../../src/executor/secrets.js';
import { CIB, openShell, type Shell } from './fixture.js';

let root: string;
let shell: Shell;
const folder = () => join(root, 'var/lib/pacemaker/lrm/secrets');
const inCib = () => /name="password"[^>]*/.exec(shell.xml('vip-instance_attributes'))?.[0] ?? null;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'quorate-secret-'));
  // The one node is here: nothing goes over SSH.
  const cib = CIB.replace(/<node id="2"[\s\S]*?<\/node>/, '').replace(/<node_state id="2".*?\/>/, '');
  shell = openShell({ cib, environment: { QUORATE_ROOT: root } });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** What a command has come to: its status, what it printed and its last message. */
async function run(line: string): Promise<string> {
  shell.out = '';
  shell.messages = [];
  const status = await shell.run(`resource secret ${line}`);
  return [status, shell.out.trim(), shell.messages.at(-1) ?? ''].join('|');
}

test('a secret is set, shown, checked, put back and hidden again; agents get what was set', async () => {
  expect(await run('vip set password s3cr3t')).toBe('done||');
  expect(inCib()).toBe('name="password" value="lrm://"/');
  expect(resolveSecrets(folder(), 'vip', { password: 'lrm://' })).toEqual({ password: 's3cr3t' });
  expect(await run('vip show password')).toBe('done|s3cr3t|');
  expect(await run('vip check password')).toBe('done||');
  expect(await run('vip stash password')).toBe(
    'failed||ERROR: resource.secret: password of vip is a secret already',
  );
  expect(await run('vip unstash password')).toBe('done||');
  expect(inCib()).toBe('name="password" value="s3cr3t"/');
  expect(await run('vip stash password')).toBe('done||');
  expect(readFileSync(join(folder(), 'vip/password'), 'utf8')).toBe('s3cr3t\n');
  expect(await run('vip delete password')).toBe('done||');
  expect(inCib()).toBeNull();
});

test('a value that is not the one of its MD5 is neither shown nor taken for good', async () => {
  await run('vip set password s3cr3t');
  writeFileSync(join(folder(), 'vip/password'), 'changed\n');
  expect(await run('vip show password')).toBe(
    'failed||ERROR: resource.secret: the value of password of vip on n1 is not the one whose MD5 is there',
  );
  expect(await run('vip check password')).toBe(
    'failed||ERROR: resource.secret: not the value whose MD5 is there on n1',
  );
});

test('what cannot be the name of a file is refused', async () => {
  expect(await run('vip set ../x y')).toMatch(/^usage\|\|ERROR: Bad usage: '\.\.\/x' is no name/);
});
