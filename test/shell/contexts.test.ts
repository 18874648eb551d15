import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resolveContext } from '../../src/shell/contexts.js';
import { openShell } from './fixture.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'crm-contexts-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('named clusters', () => {
  it('are kept, used, listed, and stand for their hosts in -H', async () => {
    const environment = { XDG_CONFIG_HOME: folder };
    const shell = openShell({ environment });
    expect(await shell.run('cluster use shop root@a root@b')).toBe('done');
    expect(shell.session.hosts).toEqual(['root@a', 'root@b']);
    expect(shell.connections.at(-1)).toEqual(['root@a', 'root@b']);
    expect(JSON.parse(readFileSync(join(folder, 'crm/contexts.json'), 'utf8'))).toEqual({
      shop: ['root@a', 'root@b'],
    });
    await shell.run('cluster use');
    expect(shell.out).toBe('* shop             root@a root@b\n');
    expect(await shell.run('cluster use local')).toBe('done');
    expect(shell.session.hosts).toEqual([]);
    expect(await shell.run('cluster use other')).toBe('failed');
    expect(shell.messages.at(-1)).toContain('there is no cluster other');
    expect(resolveContext(['shop'], environment)).toEqual(['root@a', 'root@b']);
    expect(resolveContext(['elsewhere'], environment)).toEqual(['elsewhere']);
  });

  it('are not switched to over pending changes without a question', async () => {
    const shell = openShell({ environment: { XDG_CONFIG_HOME: folder }, replies: ['n'] });
    await shell.run('configure');
    await shell.run('primitive p Dummy');
    shell.session.levels.splice(1);
    expect(await shell.run('cluster use shop')).toBe('failed');
    expect(shell.questions).toEqual(['All changes will be dropped. Do you want to proceed (y/n)? ']);
    expect(shell.session.workingCopy?.changed).toBe(true);
  });
});
