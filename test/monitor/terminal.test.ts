import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { parseXml } from '../../src/cib/xml.js';
import { startAgentDouble } from '../connection/agent-double.js';
import { type Cluster, cibOf, dummy } from './status-of.js';
import { type Built, buildCrmMon, Terminal } from './terminal.js';

/** The full screen in a pseudo-terminal, cell by cell. */
let built: Built;
let folder = '';

beforeAll(async () => {
  built = await buildCrmMon();
  folder = mkdtempSync(join(tmpdir(), 'quorate-terminal-'));
}, 60_000);

afterAll(() => {
  built.remove();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

const CLUSTER: Cluster = {
  resources: `<group id="web">${dummy('vip')}${dummy('www')}</group>${dummy('db')}`,
  operations: [
    { node: 'alpha', resource: 'vip' },
    { node: 'alpha', resource: 'www' },
    { node: 'bravo', resource: 'db' },
  ],
};

const open: Terminal[] = [];
function start(cluster: Cluster | string = CLUSTER, options: ConstructorParameters<typeof Terminal>[1] = {}) {
  let file: string;
  if (typeof cluster === 'string') file = cluster;
  else {
    file = join(folder, `cib-${open.length}-${Date.now()}.xml`);
    writeFileSync(file, cibOf(cluster));
  }
  const terminal = new Terminal(built.program, { ...options, env: { CIB_file: file, ...options.env } });
  open.push(terminal);
  return { terminal, file };
}

afterEach(async () => {
  for (const terminal of open.splice(0)) {
    terminal.pty.kill('SIGKILL');
    await terminal.exited;
  }
});

/** The escape sequences that must be undone at the end. */
function isRestored(output: string): boolean {
  const last = (on: string, off: string) => output.lastIndexOf(off) > output.lastIndexOf(on);
  return (
    last('\x1b[?1049h', '\x1b[?1049l') &&
    (!output.includes('\x1b[?25l') || last('\x1b[?25l', '\x1b[?25h')) &&
    (!output.includes('\x1b[?1000h') || last('\x1b[?1000h', '\x1b[?1000l'))
  );
}

describe('crm_mon on a terminal', () => {
  it('draws the whole picture in 80x24, boxes closed at every corner', async () => {
    const { terminal } = start();
    await terminal.shows('● vip');
    const { lines } = terminal;
    expect(lines[0]).toMatch(/^lbcluster {2}DC alpha {2}quorum {2}no fencing +every 0\.3s, changed \ds ago$/);
    expect(lines[1]).toMatch(/^┌─ Nodes 2\/2 ─+┐┌─ Failures 0 ─+┐$/);
    expect(lines[2]).toMatch(/^│node +state +rsc││✔ nothing has failed +│$/);
    expect(lines[3]).toMatch(/^│● alpha +online DC +2││ +│$/);
    expect(lines.find((line) => line.includes('● vip'))).toMatch(
      /^│ {2}● vip +Started +alpha +Dummy ocf:heartbeat *│$/,
    );
    expect(lines[22]).toMatch(/^└─+┘└─+┘$/);
    expect(lines[23]).toMatch(/^\? help {2}q quit/);
    const corner = terminal.screen.buffer.active.getLine(1)!.getCell(0)!;
    expect(corner.getChars()).toBe('┌');
  });

  it.each(['q', '\x03'])('ends on %j and gives the terminal back', async (key) => {
    const { terminal } = start();
    await terminal.shows('● vip');
    terminal.pty.write(key);
    expect(await terminal.exited).toBe(0);
    expect(isRestored(terminal.output)).toBe(true);
  });

  it('gives the terminal back when it is told to end', async () => {
    const { terminal } = start();
    await terminal.shows('● vip');
    process.kill(terminal.pty.pid, 'SIGTERM');
    expect(await terminal.exited).toBe(0);
    expect(isRestored(terminal.output)).toBe(true);
  });

  it('gives the terminal back when it breaks, and then says why', async () => {
    const preload = join(folder, 'broken.cjs');
    writeFileSync(preload, "process.on('SIGUSR2', () => { throw new Error('broken on purpose'); });\n");
    const { terminal } = start(CLUSTER, { env: { NODE_OPTIONS: `--require=${preload}` } });
    await terminal.shows('● vip');
    process.kill(terminal.pty.pid, 'SIGUSR2');
    expect(await terminal.exited).toBe(70);
    expect(isRestored(terminal.output)).toBe(true);
    const last = terminal.output.lastIndexOf('\x1b[?1049l');
    expect(terminal.output.slice(last)).toContain('crm_mon: Error: broken on purpose');
  });

  it('shows a change of the file, and what happened', async () => {
    const { terminal, file } = start();
    await terminal.shows('● vip');
    writeFileSync(
      file,
      cibOf({ ...CLUSTER, offline: ['bravo'], operations: CLUSTER.operations!.slice(0, 2) }),
    );
    const text = await terminal.shows('○ bravo');
    expect(text).toMatch(/online → OFFLINE/);
    expect(text).toMatch(/○ db +Stopped/);
  });

  it('keeps the picture while the file is gone, and says so', async () => {
    const { terminal, file } = start();
    await terminal.shows('● vip');
    rmSync(file);
    const text = await terminal.shows('LOST');
    expect(text).toContain('● vip');
    writeFileSync(file, cibOf({ ...CLUSTER, standby: ['bravo'] }));
    await terminal.shows('◐ bravo');
  });

  it('understands keys: details, filter, help, menu', async () => {
    const { terminal } = start();
    await terminal.shows('● vip');
    await terminal.type('\x1b[F\r', '─ db · Esc closes');
    await terminal.type('\x1b', '│● db');
    await terminal.type('/vip', '/vip█');
    await terminal.until((text) => !text.includes('● db'), 'filtered');
    await terminal.type('\x1b', '● db');
    await terminal.type('?', 'previous panel');
    terminal.pty.write('\x1b');
    await terminal.until((text) => !text.includes('Help'), 'closed the help');
    await terminal.type('a', 'what is to be done?');
    await terminal.type('t', 'y runs it, n does not');
    terminal.pty.write('n');
    await terminal.until((text) => !text.includes('y runs it'), 'closed the question');
  });

  it('runs an action as the crm command that it showed, and shows what came of it', async () => {
    const { terminal } = start();
    await terminal.shows('● vip');
    await terminal.type('\x1b[F', '● db');
    await terminal.type('a', 'db: what is to be done?');
    await terminal.type('c', 'crm resource cleanup db');
    await terminal.type('y', 'told to resource cleanup db');
    await terminal.shows('Done.');
  });

  it('takes a click and the wheel', async () => {
    const { terminal } = start();
    const text = await terminal.shows('● www');
    const row = text.split('\n').findIndex((line) => line.includes('● www')) + 1;
    const press = `\x1b[<0;10;${row}M\x1b[<0;10;${row}m`;
    terminal.pty.write(press);
    const inverse = () => {
      const cell = terminal.screen.buffer.active.getLine(row - 1)!.getCell(5)!;
      return cell.isInverse() !== 0;
    };
    await terminal.until(inverse, 'selected www');
    await terminal.type(press, '─ www · Esc closes');
  });

  it('follows the size of the window', async () => {
    const { terminal } = start();
    await terminal.shows('● vip');
    terminal.screen.resize(120, 40);
    terminal.pty.resize(120, 40);
    await terminal.until((text) => /^\? help.*zoom/m.test(text.split('\n')[39] ?? ''), 'used 120x40');
    expect(terminal.lines[38]).toMatch(/^└─+┘└─+┘$/);
    terminal.screen.resize(39, 10);
    terminal.pty.resize(39, 10);
    await terminal.shows('The terminal is too small');
    terminal.screen.resize(80, 24);
    terminal.pty.resize(80, 24);
    await terminal.until((text) => text.split('\n')[23]?.startsWith('? help') ?? false, 'came back to 80x24');
    expect(terminal.lines.filter((line) => line.includes('● vip'))).toHaveLength(1);
  });

  it('says it all without colours, too', async () => {
    const { terminal } = start(CLUSTER, { env: { NO_COLOR: '1' } });
    await terminal.shows('● vip');
    expect(terminal.output).not.toMatch(/\x1b\[(?:[0-9]+;)*3[1-7]m/);
    expect(terminal.lines[3]).toContain('● alpha');
  });

  it('uses only ASCII where the locale has nothing else', async () => {
    const { terminal } = start(CLUSTER, { env: { LANG: 'C' } });
    const text = await terminal.shows('* vip');
    expect(text).toMatch(/^[\x20-\x7e\n]+$/);
    expect(terminal.lines[1]).toMatch(/^\+- Nodes 2\/2 -+\+\+- Failures 0 -+\+$/);
  });

  it('keeps its columns with wide characters', async () => {
    const cluster = {
      ...CLUSTER,
      nodes: ['主節點一', 'bravo'],
      operations: [{ node: '主節點一', resource: 'vip' }],
    };
    const { terminal } = start(cluster);
    await terminal.shows('● 主節點一');
    const line = terminal.screen.buffer.active.getLine(3)!;
    expect(line.getCell(39)!.getChars()).toBe('│');
    expect(line.getCell(40)!.getChars()).toBe('│');
  });

  it.each(['tmux-256color', 'xterm-kitty', 'screen', 'vt220', 'linux'])(
    'runs on TERM=%s without a word too many',
    async (name) => {
      const { terminal } = start(CLUSTER, { env: { TERM: name } });
      await terminal.shows('● vip');
      expect(terminal.lines[0]).toMatch(/^lbcluster/);
      expect(terminal.output).not.toMatch(/rror|Deprecat|not found/);
    },
  );

  it('writes only the cells that change', async () => {
    const { terminal, file } = start();
    await terminal.shows('● vip');
    await terminal.shows('changed 1s ago');
    const before = terminal.output.length;
    writeFileSync(file, cibOf({ ...CLUSTER, standby: ['bravo'] }));
    await terminal.shows('◐ bravo');
    expect(terminal.output.length - before).toBeLessThan(1500);
  });

  it('shows 5,000 resources without lag', async () => {
    const count = 5000;
    const nodes = ['n1', 'n2', 'n3', 'n4'];
    const resources = Array.from({ length: count }, (_, i) => dummy(`r${i}`)).join('');
    const operations = Array.from({ length: count }, (_, i) => ({ node: nodes[i % 4]!, resource: `r${i}` }));
    const { terminal } = start({ nodes, resources, operations });
    await terminal.shows('Resources 5000');
    const started = performance.now();
    await terminal.type('\x1b[F', '● r4999');
    expect(performance.now() - started).toBeLessThan(500);
    await terminal.type('/r1234\r', '● r1234');
  }, 60_000);

  it('is live on an agent: nothing is asked twice, a change is there at once, and a loss is said', async () => {
    const cib = (cluster: Cluster) => parseXml(cibOf(cluster));
    const agent = await startAgentDouble(cib(CLUSTER));
    const { root: agentRoot } = agent;
    try {
      const started = performance.now();
      const { terminal } = start('', { env: { QUORATE_ROOT: agentRoot } });
      await terminal.shows('● vip');
      const painted = performance.now() - started;
      expect(terminal.lines[0]).toMatch(/^lbcluster {2}DC primary {2}quorum 2\/2 votes/);
      expect(terminal.lines[0]).toMatch(/live primary, changed \ds ago$/);
      const changed = performance.now();
      agent.change((document) => {
        for (const element of document.descendants()) {
          if (element.name === 'node_state' && element.get('uname') === 'bravo') {
            element.set('in_ccm', 'false').set('crmd', 'offline').set('join', 'down').set('expected', 'down');
          }
        }
      });
      await terminal.shows('○ bravo');
      const latency = performance.now() - changed;
      console.log(
        `full screen: first paint ${Math.round(painted)} ms, a change after ${Math.round(latency)} ms`,
      );
      expect(painted).toBeLessThan(5000);
      expect(latency).toBeLessThan(1000);
      await agent.close();
      await terminal.shows('LOST');
      expect(terminal.lines.join('\n')).toContain('● vip');
    } finally {
      await agent.close().catch(() => undefined);
    }
  });

  it('prints once where there is no terminal', async () => {
    const { spawnSync } = await import('node:child_process');
    const file = join(folder, 'plain.xml');
    writeFileSync(file, cibOf(CLUSTER));
    const plain = spawnSync(process.execPath, [built.program], {
      env: { PATH: process.env.PATH, TZ: 'UTC', CIB_file: file },
      encoding: 'utf8',
    });
    expect(plain.status).toBe(0);
    expect(plain.stdout).toMatch(/^Cluster Summary:\n {2}\* Stack/);
    expect(readFileSync(file, 'utf8')).toBe(cibOf(CLUSTER));
  });
});
