import { describe, expect, it } from 'vitest';
import { activityPanel, bar, elapsed, expectedMs } from '../../src/monitor/panels/activity.js';
import { eventsPanel, seenChanges } from '../../src/monitor/panels/events.js';
import { nodesPanel } from '../../src/monitor/panels/nodes.js';
import { type ResourceOrder, resourcesPanel } from '../../src/monitor/panels/resources.js';
import {
  columnWidths,
  filterRows,
  fitText,
  type PanelContent,
  printable,
  textWidth,
} from '../../src/monitor/panels/table.js';
import { ago, troublePanel } from '../../src/monitor/panels/trouble.js';
import type { ClusterState } from '../../src/protocol/messages.js';
import { dummy, NOW_MS, statusOf } from './status-of.js';

/** Rows as lines, cells divided by bars. */
function lines(content: PanelContent): string[] {
  return content.rows.map((row) => row.cells.map((one) => one.text).join(' | '));
}

function tones(content: PanelContent): string[] {
  return content.rows.map((row) => row.cells[0]!.tone);
}

const ORDER: ResourceOrder = { byNode: false, byState: false, inactive: true, folded: new Set() };

const STATE: ClusterState = {
  clusterName: 'lbcluster',
  localNode: 'alpha',
  dc: 'alpha',
  quorate: true,
  viewId: 7,
  votes: { expected: 2, total: 2, quorum: 2 },
  members: [
    {
      nodeId: 1,
      name: 'alpha',
      online: true,
      votes: 1,
      addresses: ['127.0.1.1'],
      linkLatencyMs: [0.1],
      version: '1',
    },
    {
      nodeId: 2,
      name: 'bravo',
      online: true,
      votes: 1,
      addresses: ['127.0.1.2'],
      linkLatencyMs: [1.25, null],
      version: '1',
    },
  ],
  transition: null,
};

describe('nodes', () => {
  it('show their state in a symbol and in words', () => {
    const status = statusOf({
      nodes: ['alpha', 'bravo', 'charlie'],
      offline: ['bravo'],
      standby: ['charlie'],
    });
    const content = nodesPanel(status, undefined, false);
    expect(content.title).toBe('Nodes 2/3');
    expect(lines(content)).toEqual([
      '● alpha | online DC | 0',
      '○ bravo | OFFLINE | 0',
      '◐ charlie | standby | 0',
    ]);
    expect(tones(content)).toEqual(['good', 'bad', 'warning']);
  });

  it('put trouble first when sorted by state', () => {
    const status = statusOf({
      nodes: ['alpha', 'bravo', 'charlie'],
      offline: ['charlie'],
      standby: ['bravo'],
    });
    expect(lines(nodesPanel(status, undefined, true)).map((line) => line.split(' ')[1])).toEqual([
      'charlie',
      'bravo',
      'alpha',
    ]);
  });

  it('show votes and the latency of each link where an agent tells', () => {
    const content = nodesPanel(statusOf({}), STATE, false);
    expect(lines(content)).toEqual([
      '● alpha | online DC | 0 | 1 | here',
      '● bravo | online | 0 | 1 | 1.3ms down',
    ]);
    expect(content.rows[1]!.cells[4]!.tone).toBe('warning');
  });
});

describe('resources', () => {
  const resources =
    `<group id="web">${dummy('vip')}${dummy('www')}</group>` +
    `<clone id="ping-clone">${dummy('ping')}</clone>${dummy('off', { 'target-role': 'Stopped' })}`;
  const operations = [
    { node: 'alpha', resource: 'vip' },
    { node: 'alpha', resource: 'www' },
    { node: 'alpha', resource: 'www', task: 'monitor', intervalMs: 10_000, rc: 7, reason: 'gone' },
    { node: 'alpha', resource: 'ping' },
    { node: 'bravo', resource: 'ping' },
  ];

  it('are a tree of groups and clones with what runs where', () => {
    expect(lines(resourcesPanel(statusOf({ resources, operations }), ORDER))).toEqual([
      '▾ web | 2/2 running FAILED | alpha | group',
      '  ● vip | Started | alpha | Dummy ocf:heartbeat',
      '  ✖ www | FAILED | alpha | Dummy ocf:heartbeat',
      '▾ ping-clone | 2/2 running | alpha bravo | clone',
      '  ● ping | Started | alpha | Dummy ocf:heartbeat',
      '  ● ping | Started | bravo | Dummy ocf:heartbeat',
      '○ off | Stopped disabled |  | Dummy ocf:heartbeat',
    ]);
  });

  it('are grouped by node, and what runs nowhere comes last', () => {
    expect(lines(resourcesPanel(statusOf({ resources, operations }), { ...ORDER, byNode: true }))).toEqual([
      '▾ alpha (3) |  |  | ',
      '  ● vip | Started | alpha | Dummy ocf:heartbeat',
      '  ✖ www | FAILED | alpha | Dummy ocf:heartbeat',
      '  ● ping | Started | alpha | Dummy ocf:heartbeat',
      '▾ bravo (1) |  |  | ',
      '  ● ping | Started | bravo | Dummy ocf:heartbeat',
      '▾ not running (1) |  |  | ',
      '  ○ off | Stopped disabled |  | Dummy ocf:heartbeat',
    ]);
  });

  it('fold, and hide what is inactive', () => {
    const status = statusOf({ resources, operations });
    const folded = resourcesPanel(status, {
      ...ORDER,
      inactive: false,
      folded: new Set(['web', 'ping-clone']),
    });
    expect(lines(folded)).toEqual([
      '▸ web | 2/2 running FAILED | alpha | group',
      '▸ ping-clone | 2/2 running | alpha bravo | clone',
    ]);
  });

  it('put trouble first when sorted by state', () => {
    const status = statusOf({
      resources: dummy('fine') + dummy('broken'),
      operations: [
        { node: 'alpha', resource: 'fine' },
        { node: 'alpha', resource: 'broken' },
        { node: 'alpha', resource: 'broken', task: 'monitor', intervalMs: 10_000, rc: 1 },
      ],
    });
    expect(lines(resourcesPanel(status, { ...ORDER, byState: true }))[0]).toMatch(/^✖ broken/);
  });
});

describe('trouble', () => {
  it('lists failures, the newest first, with the reason and the age', () => {
    const status = statusOf({
      resources: dummy('a') + dummy('b'),
      operations: [
        { node: 'alpha', resource: 'a' },
        {
          node: 'alpha',
          resource: 'a',
          task: 'monitor',
          intervalMs: 10_000,
          rc: 7,
          secondsAgo: 7300,
          reason: 'no such pid',
        },
        { node: 'bravo', resource: 'b', rc: 1, status: 2, secondsAgo: 90 },
      ],
    });
    const content = troublePanel(status, undefined, NOW_MS);
    expect(content.title).toBe('Failures 2');
    expect(lines(content)).toEqual([
      '✖ b start | bravo | Timed Out | 90s',
      '✖ a monitor 10s | alpha | not running: no such pid | 2h',
    ]);
  });

  it('has fencing under way on top and what is over below', () => {
    const entry = { target: 'bravo', action: 'reboot', origin: 'alpha', client: 'controld', reason: null };
    const content = troublePanel(
      statusOf({}),
      [
        { ...entry, delegate: null, state: 'pending', completedAtMs: null },
        {
          ...entry,
          delegate: 'alpha',
          state: 'failed',
          completedAtMs: NOW_MS - 5000,
          reason: 'No such device',
        },
        { ...entry, delegate: 'alpha', state: 'success', completedAtMs: NOW_MS - 600_000 },
      ],
      NOW_MS,
    );
    expect(content.title).toBe('Failures 0, fencing bravo');
    expect(lines(content)).toEqual([
      '◌ reboot of bravo |  | under way | ',
      '✖ reboot of bravo | alpha | FAILED: No such device | 5s',
      '✔ reboot of bravo | alpha | done by alpha | 10m',
    ]);
  });

  it.each([
    [1, '1s'],
    [119, '119s'],
    [120, '2m'],
    [7200, '2h'],
    [200_000, '2d'],
  ])('%d seconds are %s', (seconds, text) => expect(ago(NOW_MS - seconds * 1000, NOW_MS)).toBe(text));
});

describe('activity', () => {
  const status = statusOf({
    resources: dummy('db'),
    operations: [
      { node: 'bravo', resource: 'db', execMs: 4000, secondsAgo: 500 },
      { node: 'alpha', resource: 'db', status: -1, rc: 193, secondsAgo: 2 },
    ],
  });

  it('shows the transition and its actions with the time that they took before', () => {
    const transition = {
      id: 12,
      total: 4,
      completed: 1,
      failed: 0,
      running: [{ key: 'db_start_0', node: 'alpha', startedAtMs: NOW_MS - 2000 }],
    };
    const content = activityPanel(status, { ...STATE, transition }, NOW_MS);
    expect(content.title).toBe('Transition 12 ▓▓░░░░░░ 1/4');
    expect(lines(content)).toEqual(['◌ start db | alpha | ▓▓▓▓▓░░░░░ | 2.0s/4.0s']);
  });

  it('falls back on pending operations in the CIB', () => {
    expect(lines(activityPanel(status, undefined, NOW_MS))).toEqual([
      '◌ start db | alpha | ▓▓▓▓▓░░░░░ | 2.0s/4.0s',
    ]);
    expect(expectedMs(status, 'db_start_0')).toBe(4000);
  });

  it('is idle when nothing runs', () => {
    expect(activityPanel(statusOf({}), STATE, NOW_MS)).toMatchObject({ title: 'Idle', rows: [] });
    expect(bar(0.5, 4)).toBe('▓▓░░');
    expect(elapsed(190_000)).toBe('3m10s');
  });
});

describe('events', () => {
  it('are told from two pictures where the target tells of none', () => {
    const resources = dummy('vip');
    const before = statusOf({ resources, operations: [{ node: 'bravo', resource: 'vip' }] });
    const after = statusOf({
      resources,
      offline: ['bravo'],
      quorum: false,
      operations: [{ node: 'alpha', resource: 'vip' }],
    });
    expect(
      seenChanges(before, after, NOW_MS).map(({ node, text, tone }) => `${node}: ${text} (${tone})`),
    ).toEqual([
      ': QUORUM LOST (bad)',
      'bravo: online → OFFLINE (bad)',
      'alpha: vip Started (was on bravo) (plain)',
    ]);
    expect(seenChanges(after, after, NOW_MS)).toEqual([]);
  });

  it('stand newest first', () => {
    const event = (text: string, atMs: number) => ({ atMs, node: 'alpha', text, tone: 'plain' as const });
    const content = eventsPanel([event('first', NOW_MS - 1000), event('second', NOW_MS)]);
    expect(content.rows.map((row) => row.cells[2]!.text)).toEqual(['second', 'first']);
  });
});

describe('tables', () => {
  it.each([
    ['plain', 8, 'plain   '],
    ['too long a text', 8, 'too lon…'],
    ['主節點', 8, '主節點  '],
    ['主節點', 4, '主… '],
    ['', 2, '  '],
  ])('fit %s into %d cells', (text, width, fitted) => {
    expect(fitText(text, width)).toBe(fitted);
    expect(textWidth(fitText(text, width))).toBe(width);
  });

  it('let nothing through that would garble the screen', () => {
    expect(printable('a\x1b[31mb\u202ec\u0301😀')).toBe('a [31mb c?');
  });

  it('give columns their least first, the rest in shares, and drop what finds no room', () => {
    const columns = [
      { title: 'a', min: 4, grow: 1 },
      { title: 'b', min: 4, grow: 3 },
      { title: 'c', min: 6, grow: 0 },
    ];
    expect(columnWidths(columns, 24)).toEqual([6, 10, 6]);
    expect(columnWidths(columns, 12)).toEqual([5, 6, 0]);
    // Where the texts are known, none is cut while another column has room to spare.
    expect(columnWidths(columns, 24, [11, 2, 6])).toEqual([12, 4, 6]);
    expect(columnWidths(columns, 24, [2, 13, 6])).toEqual([3, 13, 6]);
  });

  it('filter by any cell, in any case', () => {
    const content = nodesPanel(statusOf({ offline: ['bravo'] }), undefined, false);
    expect(filterRows(content.rows, 'offl').map((row) => row.key)).toEqual(['node 2']);
    expect(filterRows(content.rows, '')).toBe(content.rows);
  });
});
