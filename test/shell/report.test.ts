import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { redactText } from '../../src/shell/report/redact.js';
import { CIB, NOW_MS, openShell } from './fixture.js';

const folder = mkdtempSync(join(tmpdir(), 'crm-report-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('what is sensitive', () => {
  it.each([
    ['password=abc', 'password="******"'],
    ['ip=10.0.0.1 do_token="a b" x=1', 'ip=10.0.0.1 do_token="******" x=1'],
    ['"passwd": "x y", "ip": "1"', '"passwd": "******", "ip": "1"'],
    ['secret: hunter2', 'secret: "******"'],
    ['token_wait 5', 'token_wait 5'],
  ])('%s', (text, shown) => {
    expect(redactText(text, [])).toBe(shown);
  });

  it('is what a pattern says, too', () => {
    expect(redactText('community=public', [/^community$/])).toBe('community="******"');
  });
});

describe('crm report', () => {
  const events = [
    { atMs: NOW_MS - 1000, node: 'n1', kind: 'lost', text: 'n2 is lost', data: {} },
    { atMs: NOW_MS - 24 * 3600_000, node: 'n1', kind: 'lost', text: 'n9 is lost', data: {} },
  ] as never;
  const secret = CIB.replace('name="ip" value="10.0.0.9"', 'name="password" value="hunter2"');
  const open = () => openShell({ cib: secret, answers: { 'history.events': () => ({ events }) } });

  it('packs state, events of the period and node data, without secrets', async () => {
    const shell = open();
    const target = join(folder, 'outage');
    expect(await shell.run(`report -S -Q ${target}`)).toBe('done');
    const unpack = spawnSync('tar', ['-xzf', `${target}.tar.gz`, '-C', folder], { encoding: 'utf8' });
    expect(unpack.stderr).toBe('');
    const read = (name: string) => readFileSync(join(target, name), 'utf8');
    expect(read('cib.xml')).toContain('value="******"');
    expect(read('cib.xml')).not.toContain('hunter2');
    expect(read('events.txt')).toContain('n2 is lost');
    expect(read('events.txt')).not.toContain('n9 is lost');
    expect(read('analysis.txt')).toContain('n2 is lost');
    expect(read('n1/system.txt')).toContain('Linux');
  });

  it('does not overwrite unless told to', async () => {
    const shell = open();
    const target = join(folder, 'twice');
    await shell.run(`report -S -Q -d ${target}`);
    expect(await shell.run(`report -S -Q -d ${target}`)).toBe('failed');
    expect(shell.messages.at(-1)).toContain('is there already; -Z overwrites it');
    expect(await shell.run(`report -S -Q -d -Z ${target}`)).toBe('done');
  });

  it.each([
    ['report -f sometime', 'expected a time such as'],
    ['report -f 1h -t 2h', 'the period is empty'],
    ['report --bogus', 'no such option: --bogus'],
  ])('refuses %s', async (line, complaint) => {
    const shell = open();
    expect(await shell.run(line)).toBe('usage');
    expect(shell.messages[0]).toContain(complaint);
  });
});
