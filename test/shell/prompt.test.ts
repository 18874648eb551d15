import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CIB } from './fixture.js';
import { Terminal } from './terminal.js';

let folder: string;
let terminal: Terminal;

const environment = (more: Record<string, string> = {}) => ({
  HOME: folder,
  XDG_CACHE_HOME: join(folder, 'cache'),
  XDG_CONFIG_HOME: join(folder, 'config'),
  CIB_file: join(folder, 'cib.xml'),
  ...more,
});

function open(
  args: string[] = [],
  more: Record<string, string> = {},
  size: { columns?: number; rows?: number } = {},
) {
  terminal = new Terminal(args, { env: environment(more), ...size });
  return terminal;
}

const cib = () => readFileSync(join(folder, 'cib.xml'), 'utf8');

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'crm-prompt-'));
  writeFileSync(join(folder, 'cib.xml'), CIB.trim());
});

afterEach(async () => {
  terminal.kill();
  await terminal.exited;
  rmSync(folder, { recursive: true, force: true });
});

const PROMPT = /crm\(live\/[^)]*\)/.source;

describe('the prompt on a terminal', () => {
  it('runs what is typed, also when it comes in one piece with its return, and leaves with bye', async () => {
    open();
    await terminal.ready();
    terminal.send('node show n2\r');
    await terminal.see(/n2\(2\): member\n\s+rack=7\n/);
    await terminal.ready();
    terminal.send('quit\r');
    expect(await terminal.exited).toBe(0);
    expect((await terminal.lines()).at(-1)).toBe('bye');
  });

  it('puts the cursor behind what was typed, wide characters included', async () => {
    open();
    await terminal.ready();
    terminal.send('日本');
    const lines = await terminal.see('日本');
    const prompt = lines.at(-1)!.indexOf('日');
    expect((await terminal.cursor()).column).toBe(prompt + 4);
  });

  it('completes with Tab, offers a menu, and takes the chosen candidate', async () => {
    open();
    await terminal.ready();
    terminal.send('resou\t');
    await terminal.see(/# resource $|# resource\s*$/);
    terminal.send('sta\t');
    await terminal.see(/start +Start resources\n.*status +Show status/);
    terminal.send('\t');
    await terminal.see(/# resource start\s/);
    terminal.send('\t\r');
    await terminal.see(/# resource status\s*$/);
    terminal.send('vip\r');
    await terminal.see('resource vip is running on: n1');
  });

  it('Tab after type-ahead in one piece', async () => {
    open();
    await terminal.ready();
    terminal.send('node sho\tn1\r');
    await terminal.see('n1(1): member');
  });

  it('keeps history within and between sessions', async () => {
    open();
    await terminal.ready();
    terminal.send('node show n1\r');
    await terminal.see('n1(1): member');
    await terminal.ready();
    terminal.send('\u001b[A');
    await terminal.see(/# node show n1\s*$/);
    terminal.send('\u0003');
    await terminal.ready();
    terminal.send('quit\r');
    await terminal.exited;
    open();
    await terminal.ready();
    terminal.send('\u0012show');
    await terminal.see("(reverse-i-search)`show': node show n1");
    terminal.send('\r');
    await terminal.see('n1(1): member');
  });

  it('suggests from history, and takes it with the right arrow', async () => {
    open();
    await terminal.ready();
    terminal.send('node show n1\r');
    await terminal.see('n1(1): member');
    await terminal.ready();
    terminal.send('nod');
    await terminal.see(/# node show n1\s*$/);
    terminal.send('\u001b[C\r');
    await terminal.see(/n1\(1\): member[\s\S]*n1\(1\): member/);
  });

  it('goes on in the next line after a backslash', async () => {
    open(['configure']);
    await terminal.ready(/configure#\s*$/);
    terminal.send('primitive p1 Dummy \\\r');
    await terminal.see(/\n {3}>\s*$/);
    terminal.send('params state=/x\r');
    await terminal.ready(/configure#\s*$/);
    terminal.send('show p1\r');
    await terminal.see('params state="/x"');
  });

  it('takes a pasted configuration as text, and runs it on Return', async () => {
    open(['configure']);
    await terminal.ready(/configure#\s*$/);
    const pasted = 'primitive a1 Dummy \\\n\tparams state=/a\nprimitive a2 Dummy\ngroup ag a1 a2';
    terminal.send(`\u001b[200~${pasted}\u001b[201~`);
    await terminal.see('> group ag a1 a2');
    terminal.send('\r');
    await terminal.ready(/configure#\s*$/);
    terminal.send('show ag a1\r');
    await terminal.see(/group ag a1 a2[\s\S]*configure#\s*$/);
    expect(cib()).not.toContain('a1');
  });

  it('says below the line what is wrong with it', async () => {
    open();
    await terminal.ready();
    terminal.send('resorce ');
    await terminal.see('no command "resorce" at this level; did you mean resource');
    terminal.send('\u0015');
    await terminal.ready();
    expect((await terminal.lines()).join('\n')).not.toContain('no command');
  });

  it('asks before a guess, and before pending changes are lost', async () => {
    open();
    await terminal.ready();
    terminal.send('nodee show n1\r');
    await terminal.see('No command "nodee" here. Do you mean "node" (y/n)?');
    terminal.send('y\r');
    await terminal.see('n1(1): member');
    await terminal.ready();
    terminal.send('configure\r');
    await terminal.ready(/configure#\s*$/);
    terminal.send('primitive p1 Dummy\r');
    await terminal.ready(/configure#\s*$/);
    terminal.send('quit\r');
    await terminal.see('There are changes pending. Do you want to commit them (y/n)?');
    terminal.send('n\r');
    expect(await terminal.exited).toBe(0);
    expect(cib()).not.toContain('p1');
  });

  it('Ctrl-C drops the line, Ctrl-D on an empty one leaves', async () => {
    open();
    await terminal.ready();
    terminal.send('node show');
    await terminal.see('# node show');
    terminal.send('\u0003');
    await terminal.see(new RegExp(`# node show\\s*\\n${PROMPT}#\\s*$`));
    terminal.send('\u0004');
    expect(await terminal.exited).toBe(0);
  });

  it('undoes with Ctrl-_', async () => {
    open();
    await terminal.ready();
    terminal.send('node show n1');
    await terminal.see('# node show n1');
    terminal.send('\u0017');
    await terminal.see(/# node show\s*$/);
    terminal.send('\u001f');
    await terminal.see(/# node show n1\s*$/);
  });

  it('breaks long lines, and draws them anew when the terminal is resized', async () => {
    open([], {}, { columns: 40, rows: 20 });
    await terminal.ready();
    const long = `node attribute n1 set note ${'x'.repeat(40)}`;
    terminal.send(long);
    const joined = async () => (await terminal.lines()).map((line) => line.trimEnd()).join('');
    await terminal.see('xxxxx');
    await expect.poll(joined, { timeout: 20_000 }).toContain('x'.repeat(40));
    terminal.resize(100, 20);
    await terminal.see(`# ${long}`);
    terminal.resize(50, 20);
    await expect.poll(joined, { timeout: 20_000 }).toContain('x'.repeat(40));
  });

  it('a menu higher than the terminal leaves the line in sight', async () => {
    open([], {}, { columns: 60, rows: 8 });
    await terminal.ready();
    terminal.send('resource \t\t');
    const lines = await terminal.see(/1-\d of \d+/);
    expect(lines.length).toBeLessThanOrEqual(8);
    expect(lines.join('\n')).toMatch(/# resource/);
  });

  it('gives the terminal to $EDITOR and takes it back', async () => {
    const script = join(folder, 'ed.sh');
    writeFileSync(
      script,
      '#!/bin/sh\nprintf "in the editor\\n"\nread answer\nsed -i "s/10.0.0.9/10.0.0.77/" "$1"\n',
      {
        mode: 0o755,
      },
    );
    open(['configure'], { EDITOR: script });
    await terminal.ready(/configure#\s*$/);
    terminal.send('edit vip\r');
    await terminal.see('in the editor');
    terminal.send('done\r');
    await terminal.ready(/configure#\s*$/);
    terminal.send('show vip\r');
    await terminal.see('ip=10.0.0.77');
  });

  it('colours the line, unless NO_COLOR says not to', async () => {
    open();
    await terminal.ready();
    expect(terminal.raw).toContain('\u001b[32m');
    terminal.kill();
    await terminal.exited;
    open([], { NO_COLOR: '1' });
    await terminal.ready();
    terminal.send('node show n1\r');
    await terminal.see('member');
    expect(terminal.raw).not.toMatch(/\u001b\[3[0-9]m/);
  });

  it('finds earlier statements with Ctrl-R, and runs what was found', async () => {
    open();
    await terminal.ready();
    for (const line of ['node show n2', 'options show core.pager']) {
      terminal.send(`${line}\r`);
      await terminal.see(line);
      await terminal.ready();
    }
    terminal.send('\u0012rack');
    await terminal.see("(failed reverse-i-search)`rack'");
    terminal.send('\u007f\u007f\u007f\u007fshow n');
    await terminal.see("(reverse-i-search)`show n': node show n2");
    terminal.send('\r');
    await terminal.see(/rack=7[\s\S]*rack=7/);
  });

  it('has colours of its own where options say so, and only the sixteen that every terminal has', async () => {
    open(['-o', 'color.keyword=magenta'], { TERM: 'screen' });
    await terminal.ready();
    terminal.send('configure\r');
    await terminal.ready(/configure# $/);
    terminal.send('primitive p Dummy');
    await terminal.see('primitive p Dummy');
    await expect.poll(() => terminal.raw, { timeout: 10_000 }).toMatch(/\u001b\[35mprimitive/);
    expect(terminal.raw).not.toMatch(/\u001b\[[0-9;]*[34]8;[25];/);
  });

  it('is plain lines where the terminal is dumb', async () => {
    open([], { TERM: 'dumb' });
    await terminal.ready();
    terminal.send('node show n1\r');
    await terminal.see('n1(1): member');
    terminal.send('quit\r');
    expect(await terminal.exited).toBe(0);
    expect(terminal.raw).not.toContain('\u001b[');
  });

  it('leaves the terminal as it found it', async () => {
    open();
    await terminal.ready();
    terminal.send('quit\r');
    await terminal.exited;
    expect(terminal.raw.lastIndexOf('\u001b[?2004l')).toBeGreaterThan(
      terminal.raw.lastIndexOf('\u001b[?2004h'),
    );
    expect(terminal.raw.lastIndexOf('\u001b[?25h')).toBeGreaterThan(terminal.raw.lastIndexOf('\u001b[?25l'));
  });
});
