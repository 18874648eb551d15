import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cibsecret } from '../../src/cluster-tools/cibsecret.js';
import { resolveSecrets } from '../../src/executor/secrets.js';
import { runTool } from './run-tool.js';

let root: string;
const folder = () => join(root, 'var/lib/pacemaker/lrm/secrets');

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'quorate-secret-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** What it prints and its exit status, on a node without a cluster. */
async function run(command: string, input = ''): Promise<string> {
  const env = { QUORATE_ROOT: root, PATH: '/usr/bin:/bin' };
  let said = '';
  const say = (text: string): void => {
    said += text;
  };
  const surroundings = { env, folder: root, input, out: say, err: say };
  const { exit } = await runTool(cibsecret, 'cibsecret', command.split(' '), surroundings);
  // Without a cluster there are no other nodes to copy to, and it says so.
  return `${said.replace(/^WARNING: couldn't determine cluster nodes.*\n/gm, '')}${exit}`;
}

test('what was set is what agents get, is shown and checked, and is for root only', async () => {
  expect(await run('-C set db password s3cr3t')).toBe('0');
  expect(await run('-C get db password')).toBe('s3cr3t\n0');
  expect(resolveSecrets(folder(), 'db', { password: 'lrm://', user: 'me' })).toEqual({
    password: 's3cr3t',
    user: 'me',
  });
  expect(statSync(join(folder(), 'db/password')).mode & 0o777).toBe(0o600);
  expect(statSync(folder()).mode & 0o077).toBe(0);
  expect(await run('-C set db other', 'from the terminal\n')).toBe('0');
  expect(await run('-C get db other')).toBe('from the terminal\n0');
  expect(await run('-C delete db password')).toBe('0');
  expect(readdirSync(join(folder(), 'db')).sort()).toEqual(['other', 'other.sign']);
});

test('a value that is not the one of its MD5 is refused by it and by the executor', async () => {
  await run('-C set db password s3cr3t');
  writeFileSync(join(folder(), 'db/password'), 'changed\n');
  expect(await run('-C check db password')).toBe(
    'ERROR: MD5 hash mismatch for resource db parameter password\n104',
  );
  expect(resolveSecrets(folder(), 'db', { password: 'lrm://' })).toBeNull();
  rmSync(join(folder(), 'db/password.sign'));
  expect(await run('-C check db password')).toBe('ERROR: no MD5 hash for resource db parameter password\n72');
  expect(readFileSync(join(folder(), 'db/password'), 'utf8')).toBe('changed\n');
});

test.each([
  ['get db', /^cibsecret - [\s\S]*\n1$/],
  ['frobnicate', /^cibsecret - [\s\S]*\n64$/],
  ['--help', /^cibsecret - [\s\S]*\n0$/],
  ['-C stash db password', /^ERROR: no access to Pacemaker, stash not supported\n64$/],
  ['-C get ../etc passwd', /^ERROR: \.\.\/etc is no name\n64$/],
])('cibsecret %s', async (command, expected) => {
  expect(await run(command)).toMatch(expected);
});
