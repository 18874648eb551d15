import { describe, expect, it } from 'vitest';
import { boothConfiguration, boothStatements, parseSites, sitesOf } from '../../src/bootstrap/booth.js';
import { openShell } from './fixture.js';

describe('a geo cluster', () => {
  const sites = parseSites('paris=192.168.10.10, rome=2001:db8::5')!;

  it.each(['', 'paris', 'paris=', 'paris=somewhere', '=10.0.0.1'])('is not what "%s" describes', (text) => {
    expect(parseSites(text)).toBeUndefined();
  });

  it('is described to booth, and read from there by who joins', () => {
    const text = boothConfiguration({ sites, arbitrator: '192.168.30.5', tickets: ['web'] });
    expect(text.split('\n').slice(1)).toEqual([
      'transport = UDP',
      'port = 9929',
      'authfile = /etc/booth/booth.key',
      'arbitrator = 192.168.30.5',
      '# cluster paris',
      'site = 192.168.10.10',
      '# cluster rome',
      'site = 2001:db8::5',
      'ticket = "web"',
      '    expire = 600',
      '',
    ]);
    expect(sitesOf(text)).toEqual(sites);
  });

  it('has booth in a group of its own, with the address', { timeout: 60_000 }, async () => {
    const shell = openShell({ flags: { force: true } });
    await shell.run('configure');
    for (const statement of boothStatements('192.168.10.10').split('\n')) await shell.run(statement);
    await shell.run('commit force');
    expect(shell.xml('g-booth')).toMatch(/booth-ip[\s\S]*value="192\.168\.10\.10"[\s\S]*id="booth-site"/);
  });

  it.each([
    ['geo_init', 'expected --clusters'],
    ['geo_init --bogus x', '--bogus: unknown option'],
    ['geo_join -c', '-c: needs a value'],
    ['geo_init_arbitrator', 'expected -c HOST'],
  ])('%s says what is wrong: %s', async (line, complaint) => {
    const shell = openShell();
    await shell.run(`cluster ${line}`);
    expect(shell.messages.join('\n')).toContain(complaint);
  });
});
