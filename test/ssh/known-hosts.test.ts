import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import {
  fingerprint,
  globMatches,
  hashName,
  hostMatches,
  judgeHostKey,
  knownHostLine,
  knownHostName,
  knownKeyTypes,
  parseKnownHosts,
} from '../../src/ssh/known-hosts.js';

const directory = mkdtempSync(join(tmpdir(), 'known-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** An SSH public key blob of that type with made-up content. */
function blob(type: string, content: string): Buffer {
  const part = (data: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(data.length);
    return Buffer.concat([length, data]);
  };
  return Buffer.concat([part(Buffer.from(type)), part(Buffer.from(content.padEnd(32, '.')))]);
}
const A = blob('ssh-ed25519', 'a');
const B = blob('ssh-ed25519', 'b');
const R = blob('ssh-rsa', 'r');
const line = (hosts: string, key: Buffer, marker = '') =>
  `${marker}${hosts} ${key.toString('latin1', 4, 4 + key.readUInt32BE(0))} ${key.toString('base64')} comment`;

test.each([
  ['host', 'host', true],
  ['host', 'hosts', false],
  ['*.example.org', 'a.example.org', true],
  ['*.example.org', 'example.org', false],
  ['h?st', 'host', true],
  ['h?st', 'hst', false],
  ['*', '', true],
  ['a*b*c', 'a-b-b-c', true],
  ['a*b*c', 'a-b-b', false],
  ['[h*]:22', '[host]:22', true],
])('the pattern %s against %s: %s', (pattern, text, expected) => {
  expect(globMatches(pattern, text)).toBe(expected);
});

test.each([
  ['primary,10.77.0.1', 'primary', true],
  ['primary,10.77.0.1', '10.77.0.1', true],
  ['PRIMARY', 'primary', true],
  ['*.org,!bad.org', 'good.org', true],
  ['*.org,!bad.org', 'bad.org', false],
  ['!bad.org,*.org', 'bad.org', false],
  ['[primary]:2222', knownHostName('Primary', 2222), true],
  ['primary', knownHostName('primary', 2222), false],
  ['[primary]:22', knownHostName('primary', 22), false],
])('the names %s against %s: %s', (hosts, name, expected) => {
  expect(hostMatches(hosts, name)).toBe(expected);
});

describe('verdicts', () => {
  const text = [
    '# comment',
    '',
    line('known', A),
    line('known', R),
    line('other', B),
    line('evil', A, '@revoked '),
    line('evil', A),
    line('*.ca', B, '@cert-authority '),
    line('x', A, '@unheard '),
    'broken line',
    `mismatch ssh-rsa ${A.toString('base64')}`,
    line(hashName('secret'), A),
  ].join('\n');
  const entries = parseKnownHosts(text, 'known_hosts');

  test.each([
    ['known', A, { kind: 'known' }],
    ['known', R, { kind: 'known' }],
    ['known', B, { kind: 'changed', lines: [{ line: 3 }, { line: 4 }] }],
    ['other', A, { kind: 'changed', lines: [{ line: 5, file: 'known_hosts' }] }],
    ['evil', A, { kind: 'revoked', line: { line: 6 } }],
    ['a.ca', B, { kind: 'unknown', authority: true }],
    ['x', A, { kind: 'unknown', authority: false }],
    ['mismatch', A, { kind: 'unknown', authority: false }],
    ['secret', A, { kind: 'known' }],
    ['secret', B, { kind: 'changed' }],
  ])('%s', (name, key, expected) => {
    expect(judgeHostKey(entries, name, key)).toMatchObject(expected);
  });

  test('the key types known of a host', () => {
    expect(knownKeyTypes(entries, 'known')).toEqual(['ssh-ed25519', 'ssh-rsa']);
    expect(knownKeyTypes(entries, 'nobody')).toEqual([]);
  });
});

test('OpenSSH agrees: hashed names both ways, and the fingerprint', () => {
  const file = join(directory, 'known_hosts');
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(directory, 'key')]);
  const [type, key] = readFileSync(join(directory, 'key.pub'), 'utf8').split(' ');
  const real = Buffer.from(key!, 'base64');
  writeFileSync(file, `[primary]:2222,10.77.0.1 ${type} ${key}\n`);
  execFileSync('ssh-keygen', ['-H', '-f', file], { stdio: 'ignore' });
  const hashed = parseKnownHosts(readFileSync(file, 'utf8'), file);
  expect(judgeHostKey(hashed, '[primary]:2222', real).kind).toBe('known');
  expect(judgeHostKey(hashed, '10.77.0.1', real).kind).toBe('known');
  expect(judgeHostKey(hashed, 'primary', real).kind).toBe('unknown');

  writeFileSync(file, knownHostLine('secondary', real, true));
  expect(execFileSync('ssh-keygen', ['-F', 'secondary', '-f', file], { encoding: 'utf8' })).toContain(
    'found',
  );
  expect(execFileSync('ssh-keygen', ['-lf', join(directory, 'key')], { encoding: 'utf8' })).toContain(
    fingerprint(real),
  );
});
