import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const unitFile = join(import.meta.dirname, '../../src/agent/quorated.service');
const settings = new Map(
  readFileSync(unitFile, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const match = /^(\w+)=(.*)$/.exec(line);
      return match ? [[match[1]!, match[2]!] as const] : [];
    }),
);

describe('the systemd unit of the agent', () => {
  it('stops before what resources need', () => {
    expect(settings.get('After')?.split(' ')).toEqual(
      expect.arrayContaining(['network-online.target', 'dbus.service', 'resource-agents-deps.target']),
    );
  });

  it('leaves services alone when the agent ends, and lets it take its time to stop them', () => {
    expect(settings.get('KillMode')).toBe('process');
    expect(settings.get('SendSIGKILL')).toBe('no');
    expect(settings.get('TimeoutStopSec')).toBe('30min');
  });

  it('is what systemd takes without complaint', () => {
    const folder = mkdtempSync(join(tmpdir(), 'quorate-unit-'));
    try {
      const copy = join(folder, 'quorated.service');
      copyFileSync(unitFile, copy);
      // The program need not be installed here.
      const text = readFileSync(copy, 'utf8').replace(/^ExecStart=.*/m, `ExecStart=${process.execPath}`);
      writeFileSync(copy, text);
      const verify = spawnSync('systemd-analyze', ['verify', '--man=no', copy], { encoding: 'utf8' });
      const absent = (verify.error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT';
      const complaints = absent ? '' : verify.stderr.split('\n').filter((line) => line.includes(copy));
      expect(absent ? [] : complaints).toEqual([]);
      expect(absent || existsSync(copy)).toBe(true);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
