import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openShell } from './fixture.js';

let folder: string;
const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ha.d-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('mistakes of all three files at once, each with its place; nothing is changed', async () => {
  write('ha.cf', 'node a b\nbcast eth0\nauto_failback on\ndeadtim 30\n');
  write('authkeys', 'auth1\n1 sha1 longsecretword\n');
  write('haresources', 'c 10.0.0.9\n10.0.0.8 httpd\n');
  const shell = openShell();
  expect(await shell.run(`cluster import heartbeat ${folder}`)).toBe('failed');
  expect(shell.messages.filter((line) => /^ERROR: \S/.test(line))).toEqual([
    `ERROR: ${folder}/ha.cf:4:1: unknown directive 'deadtim'`,
    `ERROR: ${folder}/authkeys:1:1: unknown word 'auth1': between 'auth' and the number belongs a blank`,
    `ERROR: ${folder}/haresources:1:1: 'c' is no node of ha.cf`,
    `ERROR: ${folder}/haresources:2:1: the line begins with a resource ('10.0.0.8'): the preferred node is missing`,
    'ERROR: nothing was changed',
  ]);
  expect(shell.cluster.commits).toEqual([]);
});

test('files that are not there are named, all of them', async () => {
  const shell = openShell();
  expect(await shell.run(`cluster import heartbeat ${folder}`)).toBe('failed');
  expect(shell.messages.join('\n')).toMatch(
    /ha\.cf: ENOENT[\s\S]*authkeys: ENOENT[\s\S]*haresources: ENOENT/,
  );
});

test.each([
  ['cluster import pacemaker /x', /expected heartbeat/],
  ['cluster import heartbeat /x --fast', /--fast: expected --dry-run or --name NAME/],
  ['cluster import heartbeat /x --name', /--name needs a value/],
])('%s', async (line, message) => {
  const shell = openShell();
  expect(await shell.run(line)).not.toBe('done');
  expect(shell.messages.join('\n')).toMatch(message);
});
