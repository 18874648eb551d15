import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { crmAttribute } from '../../src/cluster-tools/crm-attribute.js';
import { crmShadow } from '../../src/cluster-tools/crm-shadow.js';
import type { Tool } from '../../src/command-line/tool.js';
import { type Ran, runTool } from './run-tool.js';

const CIB = `<cib crm_feature_set="3.16.1" validate-with="pacemaker-3.9" epoch="4" num_updates="0" admin_epoch="0">
  <configuration><crm_config/><nodes/><resources/><constraints/></configuration><status/></cib>`;

let folder: string;
const folders: string[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'crm-shadow-'));
  folders.push(folder);
  writeFileSync(join(folder, 'cib.xml'), CIB);
});
afterAll(() => {
  for (const each of folders) rmSync(each, { recursive: true, force: true });
});

function run(tool: Tool, name: string, line: string, env: Record<string, string> = {}): Promise<Ran> {
  const surroundings = { CIB_file: join(folder, 'cib.xml'), CIB_shadow_dir: folder, ...env };
  return runTool(tool, name, line.split(' '), { env: surroundings, folder });
}

const shadow = (line: string, env?: Record<string, string>) => run(crmShadow, 'crm_shadow', line, env);

describe('crm_shadow', () => {
  it('copies the configuration, which tools then change instead, shows the difference and commits it', async () => {
    expect(await shadow('-b -c one')).toEqual({
      exit: 0,
      out: 'Setting up shadow instance\nA new shadow instance was created.  To begin using it paste the following into your shell:\n  CIB_shadow=one ; export CIB_shadow\n',
      err: '',
    });
    const active = { CIB_shadow: 'one' };
    expect(await shadow('-d', active)).toEqual({ exit: 0, out: '', err: '' });
    expect((await run(crmAttribute, 'crm_attribute', '-n batch-limit -v 5', active)).exit).toBe(0);
    expect(readFileSync(join(folder, 'cib.xml'), 'utf8')).toBe(CIB);
    const difference = await shadow('-d', active);
    expect(difference.exit).toBe(1);
    expect(difference.out).toContain('batch-limit');
    expect((await shadow('-C one', active)).exit).toBe(64);
    expect(await shadow('-C one --force', active)).toMatchObject({
      exit: 0,
      out: 'Please remember to unset the CIB_shadow variable by pasting the following into your shell:\n  unset CIB_shadow\n',
    });
    expect(readFileSync(join(folder, 'cib.xml'), 'utf8')).toContain('batch-limit');
    expect((await shadow('-D one -f', active)).exit).toBe(0);
    expect(existsSync(join(folder, 'shadow.one'))).toBe(false);
  });

  it('makes empty ones of a schema, and says which is active and where', async () => {
    const { out } = await shadow('-b -e two -v pacemaker-3.0');
    expect(out).toMatch(/^Created new pacemaker-3\.0 configuration\nSetting up/);
    expect(await shadow('-w', { CIB_shadow: 'two' })).toEqual({ exit: 0, out: 'two\n', err: '' });
    expect((await shadow('-F', { CIB_shadow: 'two' })).out).toBe(`${join(folder, 'shadow.two')}\n`);
    expect((await shadow('-p', { CIB_shadow: 'two' })).out).toMatch(
      /^<cib .*validate-with="pacemaker-3\.0" epoch="0"/,
    );
  });

  it.each([
    ['-w', {}, 105, 'No active shadow configuration defined\n'],
    ['-b -s nosuch', {}, 105, "Could not access shadow instance 'nosuch': No such file or directory\n"],
    [
      '-r other -b',
      { CIB_shadow: 'one' },
      64,
      'The supplied shadow instance (other) is not the same as the active one (one).\n  To prevent accidental destruction of the cluster, the --force flag is required in order to proceed.\n',
    ],
    ['-c', {}, 64, "crm_shadow: option requires an argument -- 'c'\n"],
  ] as [string, Record<string, string>, number, string][])(
    '%s %j: exit status %i',
    async (line, env, exit, err) => {
      expect(await shadow(line, env)).toMatchObject({ exit, err });
    },
  );

  it('does not write over one without being forced to', async () => {
    await shadow('-b -c one');
    expect((await shadow('-b -c one')).exit).toBe(73);
    expect((await shadow('-b -c one -f')).exit).toBe(0);
  });
});
