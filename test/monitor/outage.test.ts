import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Outage, startOutage } from './outage.js';
import { type Built, buildCrmMon, Terminal } from './terminal.js';

/** An outage as somebody watches it, cell by cell. */
let built: Built;
let outage: Outage;
let terminal: Terminal;

beforeAll(async () => {
  built = await buildCrmMon();
}, 60_000);
afterAll(() => built.remove());
beforeEach(async () => {
  outage = await startOutage();
});
afterEach(async () => {
  terminal.pty.kill('SIGKILL');
  await terminal.exited;
  await outage.agent.close();
});

function watch(options: ConstructorParameters<typeof Terminal>[1] = {}): Terminal {
  const env = { QUORATE_ROOT: outage.agent.root, ...options.env };
  terminal = new Terminal(built.program, { ...options, env });
  return terminal;
}

/** The line with a text, where in it the text begins, and the look of that cell. */
function find(text: string): { line: string; red: boolean; green: boolean; bold: boolean } {
  const y = terminal.lines.findIndex((line) => line.includes(text));
  expect(y, `${text} in\n${terminal.lines.join('\n')}`).toBeGreaterThanOrEqual(0);
  const line = terminal.lines[y]!;
  const cell = terminal.screen.buffer.active.getLine(y)!.getCell(line.indexOf(text))!;
  return {
    line,
    red: cell.isFgPalette() && cell.getFgColor() === 1,
    green: cell.isFgPalette() && cell.getFgColor() === 2,
    bold: cell.isBold() !== 0,
  };
}

/** Numbers of all colours on the screen. */
function colours(): Set<number> {
  const seen = new Set<number>();
  for (let y = 0; y < terminal.screen.rows; y++) {
    const line = terminal.screen.buffer.active.getLine(y)!;
    for (let x = 0; x < terminal.screen.cols; x++) {
      const cell = line.getCell(x)!;
      if (!cell.isFgDefault()) seen.add(cell.isFgRGB() ? 1000 : cell.getFgColor());
      if (!cell.isBgDefault()) seen.add(cell.isBgRGB() ? 1000 : cell.getBgColor());
    }
  }
  return seen;
}

describe('an outage', () => {
  it('leads from what is red to why, in 80x24 and 16 colours', async () => {
    watch();
    await terminal.shows('● db');
    await terminal.shows('3.4');
    expect(terminal.lines[0]).toMatch(
      /^lbcluster {2}DC alpha {2}quorum 2\/2 votes +live primary, changed \ds ago$/,
    );
    expect(find('● bravo')).toMatchObject({
      line: expect.stringMatching(/^│● bravo +online +1 +0\.2 1 1\.5ms *│/),
      green: true,
    });

    outage.dies();
    await terminal.shows('Transition 7');
    await terminal.shows('◌ reboot of bravo');
    await terminal.shows('✖ bravo');
    expect(terminal.lines[0]).toMatch(/^lbcluster {2}DC alpha {2}quorum 1\/2 votes/);
    expect(find('✖ bravo')).toMatchObject({
      line: expect.stringMatching(/^│✖ bravo +UNCLEAN/),
      red: true,
      bold: true,
    });
    const { line: failures } = find('Failures 0');
    expect(failures).toContain('fencing bravo');
    expect(find('◌ reboot of bravo').line).toContain('under way');
    expect(find('✖ db')).toMatchObject({ line: expect.stringMatching(/✖ db +Started +bravo/), red: true });
    expect(find('Transition 7').line).toMatch(/Transition 7 ▓▓░░░░░░ 1\/4/);
    // Two seconds of some four that it took the last time.
    expect(find('◌ start db').line).toMatch(/◌ start db +alpha +▓+░+ +[\d.]+s\/4\.2s/);
    expect(find('bravo is lost').red).toBe(true);
    expect([...colours()].filter((colour) => colour > 15)).toEqual([]);

    outage.recovers();
    await terminal.shows('Idle');
    await terminal.shows('✔ reboot of bravo');
    await terminal.shows('● db');
    expect(find('○ bravo').line).toMatch(/^│○ bravo +OFFLINE/);
    expect(find('✔ reboot of bravo').line).toMatch(/done by/);
    expect(find('✖ www monitor')).toMatchObject({ red: true });
    expect(find('● db')).toMatchObject({ line: expect.stringMatching(/● db +Started +alpha/), green: true });

    // Down to www, and why.
    await terminal.type('/www\r', '/www');
    await terminal.until((text) => !text.includes('● db'), 'filtered');
    await terminal.type('\x1b[B\x1b[B\r', '─ www');
    await terminal.shows('process 4711 is gone');
    expect(find('Failures').bold).toBe(true);
    terminal.pty.write('\x1b[6~\x1b[6~\x1b[6~\x1b[6~');
    await terminal.shows('02:14:40 www: error: process 4711 is gone');
    expect(find('02:14:40 www: error')).toMatchObject({ red: true });
    expect(find('operation times, 12-210 ms').line).toMatch(/│/);
  });

  it('can be held and gone back through', async () => {
    watch({ columns: 120, rows: 40 });
    await terminal.shows('● bravo');
    outage.dies();
    await terminal.shows('Transition 7');
    await terminal.type('p', 'PAUSED');
    outage.recovers();
    await terminal.type('?', 'previous panel');
    terminal.pty.write('\x1b');
    await terminal.until((text) => !text.includes('Help'), 'closed the help');
    expect(find('✖ bravo').line).toMatch(/UNCLEAN/);
    await terminal.type('p', '○ bravo');
    expect(terminal.lines[0]).toContain('live primary');
    for (let back = 1; !terminal.lines.some((line) => line.includes('● bravo')); back++) {
      expect(back).toBeLessThan(20);
      await terminal.type('[', `PAST -${back} `);
    }
    expect(terminal.lines[0]).toContain('quorum 2/2 votes');
    await terminal.type('\x1b[F', '○ bravo');
    expect(terminal.lines[0]).toContain('live primary');
  });

  it('says the same without colours, by node, trouble first', async () => {
    watch({ columns: 200, rows: 50, env: { NO_COLOR: '1' } });
    await terminal.shows('● db');
    outage.dies();
    await terminal.shows('✖ bravo');
    await terminal.shows('Transition 7');
    expect([...colours()]).toEqual([]);
    expect(find('✖ bravo')).toMatchObject({ line: expect.stringMatching(/UNCLEAN \(offline\)/), bold: true });
    await terminal.type('n', '▾ bravo (1)');
    expect(find('▾ bravo (1)').bold).toBe(true);
    await terminal.type('ns', '● vip');
    const order = () =>
      terminal.lines.flatMap((line) => /^│ *[●✖○] (db|vip|www|fencing) /.exec(line)?.[1] ?? []);
    await terminal.until(() => order()[0] === 'db', 'put trouble first');
    expect(order().slice(1)).not.toContain('db');
  });
});
