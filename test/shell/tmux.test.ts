/** The prompt as people have it: within tmux, whose terminal is called screen and waits for no answers. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CIB } from './fixture.js';
import { CRM } from './terminal.js';

const folder = mkdtempSync(join(tmpdir(), 'crm-tmux-'));

function tmux(...args: string[]): string {
  const ran = spawnSync('tmux', ['-S', join(folder, 'socket'), '-f', '/dev/null', ...args], {
    encoding: 'utf8',
    env: { ...process.env, TERM: 'xterm-256color', LANG: 'C.UTF-8' },
  });
  if (ran.error) throw new Error(`this test needs tmux (apt-get install tmux): ${ran.error.message}`);
  return ran.stdout;
}

const screen = () => tmux('capture-pane', '-p').trimEnd();
const type = (...keys: string[]) => tmux('send-keys', ...keys);
const see = (wanted: RegExp) => expect.poll(screen, { timeout: 20_000 }).toMatch(wanted);

beforeAll(() => {
  writeFileSync(join(folder, 'cib.xml'), CIB.trim());
  const crm = `env HOME=${folder} CIB_file=${folder}/cib.xml ${process.execPath} ${CRM}`;
  tmux('new-session', '-d', '-x', '90', '-y', '24', crm);
});
afterAll(() => {
  tmux('kill-server');
  rmSync(folder, { recursive: true, force: true });
});

it('shows the prompt, completes, complains, survives a resize and leaves a clean screen', async () => {
  await see(/^crm\(live\/[^)]*\)#$/);
  type('configure', 'Enter');
  await see(/configure#$/);
  type('location l vip 100', 'Space', 'n1');
  await see(/location l vip 100 n1\n\s*\^ 100 /);
  type('C-u', 'resource', 'Tab');
  await see(/configure# [^\n]*resource/);
  type('C-c');
  await see(/configure#$/);
  type('-l', `node n2 description=${'x'.repeat(80)}`);
  await see(/x\n[^\n]*x$/);
  tmux('resize-window', '-x', '60', '-y', '12');
  await see(/xxx$/);
  type('C-u', 'show type:group', 'Enter');
  await see(/group g ga gb\n[^\n]*configure#$/);
  type('bye', 'Enter');
  await expect.poll(() => tmux('list-sessions'), { timeout: 20_000 }).toBe('');
});
