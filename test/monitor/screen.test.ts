import { describe, expect, it } from 'vitest';
import { parseXml } from '../../src/cib/xml.js';
import type { FeedState } from '../../src/monitor/feed.js';
import { textWidth } from '../../src/monitor/panels/table.js';
import { type Box, frame, type Scene } from '../../src/monitor/screen/frame.js';
import { Album } from '../../src/monitor/screen/picture.js';
import {
  BINDINGS,
  click,
  initialUi,
  press,
  type Surroundings,
  type Ui,
  wheel,
} from '../../src/monitor/screen/ui.js';
import { type Cluster, cibOf, dummy, NOW_MS } from './status-of.js';

const CLUSTER: Cluster = {
  resources: `<group id="web">${dummy('vip')}${dummy('www')}</group>${dummy('db')}`,
  operations: [
    { node: 'alpha', resource: 'vip' },
    { node: 'alpha', resource: 'www' },
    { node: 'bravo', resource: 'db' },
    { node: 'bravo', resource: 'db', task: 'monitor', intervalMs: 10_000, rc: 7, reason: 'process is gone' },
  ],
};
const LIVE: FeedState = { kind: 'live', name: 'alpha' };

/** A screen without a terminal: keys in, frames out. */
class Screen {
  readonly album = new Album();
  ui: Ui = initialUi({ byNode: false, inactive: true });
  feed: FeedState = LIVE;
  size = { columns: 80, rows: 24 };
  nowMs = NOW_MS;
  readonly effects: string[] = [];

  constructor(cluster: Cluster = CLUSTER) {
    this.observe(cluster);
  }

  observe(cluster: Cluster): void {
    this.album.observe(
      {
        cib: parseXml(cibOf(cluster)),
        state: undefined,
        fencing: undefined,
        loads: undefined,
        events: [],
        atMs: this.nowMs,
      },
      this.ui.order,
      this.nowMs,
    );
  }

  get around(): Surroundings {
    return {
      picture: this.album.back(this.ui.back),
      pageSize: 8,
      pastCount: this.album.pastCount,
      readOnly: false,
    };
  }

  press(...keys: string[]): this {
    for (const key of keys)
      this.take(press(this.ui, key, [...key].length === 1 ? key : undefined, this.around));
    return this;
  }

  take(step: ReturnType<typeof press>): void {
    this.ui = step.ui;
    if (step.effect)
      this.effects.push(step.effect.kind === 'run' ? step.effect.action.command.join(' ') : step.effect.kind);
    if (step.effect?.kind === 'arrange') this.album.arrange(this.ui.order, this.nowMs);
  }

  get boxes(): Box[] {
    const scene: Scene = {
      ui: this.ui,
      picture: this.album.back(this.ui.back),
      feed: this.feed,
      nowMs: this.nowMs,
      size: this.size,
      hosts: [],
      pastCount: this.album.pastCount,
    };
    return frame(scene);
  }

  /** The texts of a box; the selected line begins with `>`. */
  lines(name: Box['name']): string[] {
    const box = this.boxes.find((one) => one.name === name);
    return (box?.lines ?? []).map((line) => {
      const text = line
        .map((segment) => segment.text)
        .join('')
        .trimEnd();
      return line.some((segment) => segment.inverse) ? `>${text}` : text;
    });
  }

  title(name: Box['name']): string | undefined {
    return this.boxes.find((one) => one.name === name)?.title;
  }
}

describe('the frame', () => {
  it('leads from the heading to what is wrong', () => {
    const screen = new Screen();
    expect(screen.lines('header')[0]).toMatch(
      /^lbcluster {2}DC alpha {2}quorum {2}no fencing +live alpha, changed 0s ago$/,
    );
    expect(screen.title('trouble')).toBe('Failures 1');
    expect(screen.lines('trouble')[1]).toMatch(/^✖ db monitor 10s +bravo +not ru.*… +60s$/);
    expect(screen.lines('resources').slice(1)).toEqual([
      expect.stringMatching(/^>▾ web +2\/2 running +alpha +group/),
      expect.stringMatching(/^ {2}● vip +Started +alpha +Dummy/),
      expect.stringMatching(/^ {2}● www +Started +alpha +Dummy/),
      expect.stringMatching(/^✖ db +FAILED +bravo +Dummy/),
    ]);
    expect(screen.lines('footer')[0]).toMatch(/^\? help {2}q quit {2}Tab panel/);
  });

  it.each([
    [80, 24],
    [132, 43],
    [40, 12],
    [200, 60],
  ])('fills %dx%d exactly, and no line is wider than its box', (columns, rows) => {
    const screen = new Screen();
    screen.size = { columns, rows };
    for (const boxes of [screen.boxes, screen.press('enter').boxes]) {
      const covered = Array.from({ length: rows }, () => new Array<boolean>(columns).fill(false));
      for (const box of boxes) {
        const room = box.title === undefined ? box.width : box.width - 2;
        for (const line of box.lines) {
          expect(line.reduce((sum, segment) => sum + textWidth(segment.text), 0)).toBeLessThanOrEqual(room);
        }
        expect(box.lines.length).toBeLessThanOrEqual(box.title === undefined ? box.height : box.height - 2);
        for (let y = box.top; y < box.top + box.height; y++)
          covered[y]!.fill(true, box.left, box.left + box.width);
      }
      expect(covered.every((line) => line.every((cell) => cell))).toBe(true);
    }
  });

  it('says when the terminal is too small', () => {
    const screen = new Screen();
    screen.size = { columns: 39, rows: 24 };
    expect(screen.lines('header')[0]).toMatch(/^The terminal is too small: 39x24/);
  });

  it('says how old the picture is and why, when the connection is lost', () => {
    const screen = new Screen();
    screen.nowMs += 65_000;
    screen.feed = { kind: 'lost', message: 'the connection to alpha was lost', sinceMs: NOW_MS };
    expect(screen.lines('header')[0]).toMatch(/LOST 65s ago$/);
    expect(screen.lines('footer')[0]).toBe('the connection to alpha was lost');
  });
});

describe('keys', () => {
  it('move the selection, which stays with its row when the picture changes', () => {
    const screen = new Screen().press('down', 'down', 'down');
    expect(screen.lines('resources')[4]).toMatch(/^>✖ db/);
    screen.observe({ ...CLUSTER, resources: `${dummy('new')}${CLUSTER.resources}` });
    expect(screen.lines('resources').find((line) => line.startsWith('>'))).toMatch(/^>✖ db/);
    expect(screen.press('home').lines('resources')[1]).toMatch(/^>○ new/);
  });

  it('Tab goes around the panels and back', () => {
    const screen = new Screen();
    const seen = [screen.ui.focus];
    for (let i = 0; i < 5; i++) seen.push(screen.press('tab').ui.focus);
    expect(seen).toEqual(['resources', 'activity', 'events', 'nodes', 'trouble', 'resources']);
    expect(screen.press('S-tab').ui.focus).toBe('trouble');
  });

  it('/ filters while typing; Escape ends it', () => {
    const screen = new Screen().press('/', 'v', 'i');
    expect(screen.lines('footer')[0]).toMatch(/^\/vi█/);
    expect(screen.lines('resources').slice(1)).toEqual([expect.stringMatching(/● vip/)]);
    screen.press('backspace', 'z');
    expect(screen.lines('resources')).toEqual([expect.stringMatching(/^nothing matches/)]);
    expect(screen.press('escape').ui.filter).toBe('');
    expect(screen.press('q').effects).toEqual(['quit']);
  });

  it('Enter shows why something is red', () => {
    const details = new Screen().press('end', 'enter').lines('overlay').join(' ').replace(/\s+/g, ' ');
    expect(details).toContain("db 10s-interval monitor on bravo returned 'not running' (process is gone)");
    expect(details).toContain('start ok took 20ms');
  });

  it('n groups by node, r hides the inactive, s sorts, Space folds, z zooms', () => {
    const screen = new Screen({ ...CLUSTER, resources: `${CLUSTER.resources}${dummy('idle')}` });
    expect(screen.press('space').lines('resources')[1]).toMatch(/^>▸ web/);
    expect(screen.lines('resources').length).toBe(4);
    expect(screen.press('r').lines('resources').join()).not.toContain('idle');
    expect(screen.press('n').title('resources')).toContain('by node');
    expect(screen.press('n', 's').lines('resources')[1]).toMatch(/✖ db/);
    expect(screen.press('z').boxes.map((box) => box.name)).toEqual(['header', 'resources', 'footer']);
  });

  it('p holds the picture, [ and ] step through the past, End returns', () => {
    const screen = new Screen();
    screen.nowMs += 1000;
    screen.observe({ ...CLUSTER, offline: ['bravo'] });
    expect(screen.lines('nodes').join()).toContain('OFFLINE');
    screen.press('[');
    expect(screen.lines('nodes').join()).not.toContain('OFFLINE');
    expect(screen.lines('header')[0]).toContain('PAST -1');
    expect(screen.press('[').ui.back).toBe(1);
    expect(screen.press('end').lines('nodes').join()).toContain('OFFLINE');
    expect(screen.lines('events').join('\n')).toMatch(/bravo +online → OFFLINE/);
    expect(screen.press('p').lines('header')[0]).toContain('PAUSED');
  });

  it('t shows the text of crm_mon -1, where its letters switch its options', () => {
    const screen = new Screen().press('t');
    expect(screen.title('overlay')).toMatch(/^crm_mon -1r/);
    const text = () => screen.lines('overlay').join('\n');
    expect(text()).toContain('   * Online: [ alpha bravo ]');
    expect(text()).toContain('     * vip (ocf:heartbeat:Dummy): Started alpha');
    expect(text()).not.toContain('Operations:');
    screen.size = { columns: 120, rows: 50 };
    expect(screen.press('o').lines('overlay').join('\n')).toContain(
      '     * db: migration-threshold=1000000:',
    );
    expect(screen.press('R', 'D').lines('overlay').join('\n')).toContain(
      '* Node alpha (1): online, feature set',
    );
    expect(screen.press('escape').ui.overlay).toBeUndefined();
  });

  it('a action runs only after its command was shown and confirmed', () => {
    const screen = new Screen().press('end', 'a', 'c');
    expect(screen.lines('overlay').join('\n')).toContain('crm resource cleanup db');
    expect(screen.press('n').effects).toEqual([]);
    expect(screen.press('a', 't').title('overlay')).toBe('This may interrupt services');
    expect(screen.press('y').effects).toEqual(['resource stop db']);
    screen.press('tab', 'tab', 'tab', 'a', 's', 'y');
    expect(screen.effects.at(-1)).toBe('node standby alpha');
  });

  it('offers to move only to other nodes that are online', () => {
    const menu = new Screen({ ...CLUSTER, nodes: ['alpha', 'bravo', 'charlie'], offline: ['charlie'] })
      .press('end', 'a')
      .lines('overlay');
    expect(menu.filter((line) => line.includes('move to'))).toEqual([
      expect.stringMatching(/1 +move to alpha/),
    ]);
  });

  it('Ctrl-C quits from everywhere', () => {
    for (const keys of [[], ['/'], ['?'], ['enter'], ['a'], ['a', 't']]) {
      expect(new Screen().press(...keys, 'C-c').effects).toEqual(['quit']);
    }
  });

  it('all are in the help, and no two do different things', () => {
    const keys = BINDINGS.flatMap((binding) => binding.keys);
    expect(new Set(keys).size).toBe(keys.length);
    const screen = new Screen();
    screen.size = { columns: 120, rows: 60 };
    const help = screen.press('?').lines('overlay').join('\n');
    for (const binding of BINDINGS) expect(help).toContain(binding.description);
  });
});

describe('the mouse', () => {
  it('selects, opens details on the second click, and the wheel moves', () => {
    const screen = new Screen();
    const row = () => screen.boxes.find((box) => box.name === 'resources')!.rows[2];
    screen.take(click(screen.ui, 'resources', row()));
    expect(screen.lines('resources')[2]).toMatch(/^> {2}● vip/);
    screen.take(click(screen.ui, 'resources', row()));
    expect(screen.title('overlay')).toMatch(/^vip/);
    screen.press('escape');
    screen.take(wheel(screen.ui, 'nodes', 3, screen.around));
    expect(screen.lines('nodes')[2]).toMatch(/^>● bravo/);
  });
});

describe('pictures', () => {
  it('share what has not changed, and the past is bounded', () => {
    const screen = new Screen();
    const before = screen.album.latest!;
    screen.observe(CLUSTER);
    expect(screen.album.latest!.panels.resources).toBe(before.panels.resources);
    screen.observe({ ...CLUSTER, offline: ['bravo'] });
    expect(screen.album.latest!.panels.resources.rows[1]).toBe(before.panels.resources.rows[1]);
    for (let i = 0; i < 200; i++) screen.observe(CLUSTER);
    expect(screen.album.pastCount).toBe(120);
    expect(screen.album.back(5)!.status).toBeUndefined();
  });
});
