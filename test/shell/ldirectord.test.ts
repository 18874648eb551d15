import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseXml } from '../../src/cib/xml.js';
import { completeSetting, ldirectordFile } from '../../src/shell/levels/configure-ldirectord.js';
import { openShell } from './fixture.js';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ldirectord-'));
  file = join(folder, 'ldirectord.cf');
});
afterEach(() => rmSync(folder, { recursive: true }));

test.each([
  ['<primitive id="l" class="ocf" provider="heartbeat" type="ldirectord"/>', '/etc/ha.d/ldirectord.cf'],
  [
    '<primitive id="l" class="ocf" provider="heartbeat" type="ldirectord"><instance_attributes id="a"><nvpair id="b" name="configfile" value="/x.cf"/></instance_attributes></primitive>',
    '/x.cf',
  ],
  [
    '<primitive id="l" class="heartbeat" type="ldirectord"><instance_attributes id="a"><nvpair id="b" name="1" value="/y.cf"/></instance_attributes></primitive>',
    '/y.cf',
  ],
  ['<primitive id="l" class="ocf" provider="heartbeat" type="Dummy"/>', null],
])('the file of %s', (xml, expected) => {
  expect(ldirectordFile(parseXml(xml))).toBe(expected);
});

test('a file with mistakes: all of them, with their places', async () => {
  writeFileSync(file, 'virtual=10.0.0.1:80\n    scheduler=rrr\n');
  const shell = openShell();
  expect(await shell.run(`configure ldirectord ${file}`)).toBe('failed');
  expect(shell.messages).toEqual([
    `ERROR: ${file}:1:1: the virtual service 10.0.0.1:80 has no real servers`,
    'ERROR:   virtual=10.0.0.1:80',
    'ERROR:   ^^^^^^^',
    "ERROR:   add '    real=ADDRESS:PORT gate' below it, for each server",
    `ERROR: ${file}:2:15: unknown scheduler 'rrr'`,
    'ERROR:       scheduler=rrr',
    'ERROR:                 ^^^',
    'ERROR:   did you mean rr?',
  ]);
});

test('a service is added, extended, and refused where it would be wrong', async () => {
  const shell = openShell();
  const add = `configure ldirectord ${file} virtual=10.0.0.1:80`;
  expect(await shell.run(`${add} "real=10.0.0.2:80 gate" request=/ receive=Welcome scheduler=rr`)).toBe(
    'done',
  );
  expect(await shell.run(`${add} "real=10.0.0.3:80 gate 2" scheduler=wlc`)).toBe('done');
  expect(await shell.run(`configure ldirectord ${file} checkinterval=5`)).toBe('done');
  const text = `checkinterval=5
virtual=10.0.0.1:80
    real=10.0.0.2:80 gate
    request="/"
    receive="Welcome"
    scheduler=wlc
    real=10.0.0.3:80 gate 2
`;
  expect(readFileSync(file, 'utf8')).toBe(text);
  expect(await shell.run(`${add} scheduler=fastest`)).toBe('failed');
  expect(shell.messages.join('\n')).toMatch(/unknown scheduler 'fastest'[\s\S]*was not changed/);
  expect(readFileSync(file, 'utf8')).toBe(text);
  shell.out = '';
  expect(await shell.run(`configure ldirectord ${file}`)).toBe('done');
  expect(shell.out).toBe(
    `${file}: 1 virtual service\n  10.0.0.1:80 wlc\n    10.0.0.2:80 gate\n    10.0.0.3:80 gate 2\n`,
  );
});

test.each([
  [['/f'], 'autor', ['autoreload=']],
  [['/f', 'virtual=1'], 'sched', ['scheduler=', 'schedflags=']],
  [['/f', 'virtual=1'], 'scheduler=r', ['scheduler=rr']],
  [['/f', 'virtual=1'], 'real=10.0.0.2:80 m', ['real=10.0.0.2:80 masq']],
])('completion after %j of %j', async (words, word, expected) => {
  const { session } = openShell();
  const found = await completeSetting({ session, words, word, line: '' });
  expect(found.map(({ text }) => text).sort()).toEqual([...expected].sort());
});
