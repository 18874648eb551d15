/** `crm history` on what the nodes of a small cluster recorded when one of them died. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { ClusterEvent, SchedulerInput } from '../../src/protocol/messages.js';
import { findFailovers } from '../../src/shell/history/failover.js';
import { pastTransitions, pickTransition } from '../../src/shell/history/transitions.js';
import { wordDiff } from '../../src/shell/history/word-diff.js';
import { CIB, NOW_MS, openShell } from './fixture.js';

const folder = mkdtempSync(join(tmpdir(), 'crm-history-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const T = NOW_MS - 10 * 60_000;

function event(
  afterMs: number,
  node: string,
  kind: ClusterEvent['kind'],
  text: string,
  data: ClusterEvent['data'] = {},
): ClusterEvent {
  return { atMs: T + afterMs, node, kind, text, data };
}

const begun = (afterMs: number, node: string, id: number, input: string, reason: string) =>
  event(afterMs, node, 'transition', `transition ${id} of 3 actions: ${reason}`, {
    id,
    actions: 3,
    state: 'begun',
    reason,
    input,
  });
const ended = (afterMs: number, node: string, id: number) =>
  event(afterMs, node, 'transition', `transition ${id} complete: 3 of 3 actions`, {
    id,
    actions: 3,
    completed: 3,
    failed: 0,
    state: 'complete',
  });
const operation = (afterMs: number, node: string, resource: string, name: string, rc = 0) =>
  event(afterMs, node, 'operation', `${name} of ${resource} on ${node}: rc=${rc}`, {
    resource,
    operation: name,
    intervalMs: name === 'monitor' ? 10_000 : 0,
    rc,
    status: 'done',
    execTimeMs: 40,
  });

/** n1 was the DC and died; n2 and n3 went on. */
const EVENTS: ClusterEvent[] = [
  begun(-60_000, 'n1', 4, 'pe-input-4', 'the configuration has changed'),
  operation(-59_900, 'n1', 'vip', 'start'),
  ended(-59_800, 'n1', 4),
  event(1010, 'n2', 'suspected', 'n1 has not been heard for 1010 ms', { node: 'n1', silentMs: 1010 }),
  event(1012, 'n3', 'suspected', 'n1 has not been heard for 1010 ms', { node: 'n1', silentMs: 1010 }),
  event(1150, 'n2', 'view', 'view 7: n2, n3', { view: 7 }),
  event(1150, 'n2', 'lost', 'n1 is lost', { node: 'n1', view: 7 }),
  event(1151, 'n3', 'lost', 'n1 is lost', { node: 'n1', view: 7 }),
  event(1152, 'n2', 'dc', 'n2 is the DC', { dc: 'n2' }),
  event(1160, 'n2', 'fencing', 'fencing n1 (reboot): peer lost', { target: 'n1', action: 'reboot' }),
  begun(1165, 'n2', 1, 'pe-warn-0', 'n1 is lost'),
  event(1500, 'n2', 'fenced', 'n1 was fenced', { target: 'n1', ok: true }),
  operation(1560, 'n3', 'vip', 'start'),
  operation(1570, 'n3', 'vip', 'monitor'),
  ended(1580, 'n2', 1),
  operation(200_000, 'n2', 'db', 'monitor', 7),
];

const input = (node: string, name: string, afterMs: number): SchedulerInput => ({
  node,
  name,
  atMs: T + afterMs,
  bytes: 100,
});
const INPUTS = [input('n1', 'pe-input-4', -59_600), input('n2', 'pe-warn-0', 1400)];
/** As an agent keeps it: with the time of the decision. */
const kept = (afterMs: number, xml: string): string =>
  xml.replace('<cib ', `<cib execution-date="${Math.floor((T + afterMs) / 1000)}" `);
const BEFORE = kept(-60_000, CIB);
const CHANGED = kept(1165, CIB.replace('value="10.0.0.9"', 'value="10.0.0.10"'));
const answers = {
  'history.events': () => ({ events: EVENTS }),
  'history.inputs': () => ({ inputs: INPUTS }),
  'history.input': ({ name }: { name: string }) => ({ cib: name === 'pe-warn-0' ? CHANGED : BEFORE }),
};
const open = (more: Parameters<typeof openShell>[0] = {}) => openShell({ answers, ...more });

async function shown(line: string): Promise<string> {
  const shell = open();
  const status = await shell.run(line);
  return `${shell.out}${shell.messages.join('\n')}${status === 'done' ? '' : `[${status}]`}`;
}

describe('events', () => {
  it('log shows everything once, with its witnesses and the time between', async () => {
    const lines = (await shown('history log')).trimEnd().split('\n');
    const bare = lines.map((line) => line.replace(/^\S+ \S+ \S+ /, ''));
    expect(bare).toContain('n2,n3 n1 has not been heard for 1010 ms');
    expect(bare).toContain('n2,n3 n1 is lost (+0.00 s)');
    expect(bare).toContain('n2    transition 1 complete: 3 of 3 actions (+0.01 s)');
  });

  it.each([
    ['history resource vip', ['start of vip on n3'], ['lost']],
    ['history events', ['n1 is lost', 'monitor of db on n2: rc=7'], ['start of vip']],
    ['history node n1', ['n1 is lost', 'fencing n1'], ['monitor of db']],
    ['history log n3', ['n1 is lost'], ['n2 is the DC']],
    ['history info', ['Transitions: 2', 'Failovers: 2', 'Resources: db vip'], []],
  ])('%s', async (line, there, absent) => {
    const text = await shown(line);
    for (const part of there) expect(text).toContain(part);
    for (const part of absent) expect(text).not.toContain(part);
  });

  it('limit, setnodes, exclude and detail hold for what follows', async () => {
    const shell = open();
    await shell.run('history');
    for (const line of ['exclude transition', 'setnodes n3', 'detail 1', 'log']) await shell.run(line);
    expect(shell.out).not.toContain('transition');
    expect(shell.out).not.toContain('n2 is the DC');
    expect(shell.out).toContain('silentMs=1010');
    expect(await shell.run('limit sometime')).toBe('failed');
    expect(await shell.run('limit 1h 2h')).toBe('failed');
    shell.out = '';
    for (const line of ['setnodes n1 n2 n3', 'exclude clear', 'limit 2h 605s', 'log']) await shell.run(line);
    expect(shell.out).toContain('transition 4');
    expect(shell.out).not.toContain('suspected');
  });
});

describe('a failover', () => {
  it('is told in plain words, with what was decided and how long each phase took', async () => {
    const text = await shown('history failover 1');
    expect(text.replace(/Nov \d+ [\d:.]+/, 'DATE')).toMatchInlineSnapshot(`
      "n1 was lost at DATE

           +0.00 s           n1     n1 was heard for the last time
           +1.01 s  seen     n2,n3  n1 has not been heard for 1010 ms
           +1.15 s  agreed   n2     view 7: n2, n3
           +1.15 s  agreed   n2,n3  n1 is lost
           +1.15 s  agreed   n2     n2 is the DC
           +1.16 s  done     n2     fencing n1 (reboot): peer lost
           +1.16 s  decided  n2     transition 1 of 3 actions: n1 is lost
                                      Restart    vip     (    n1 )  due to resource definition change
                                      Start      web     (    n2 )
                                      Start      ca:0    (    n1 )
                                      Start      ca:1    (    n2 )
                                      Start      db:0    (    n1 )
                                      Start      db:1    (    n2 )
                                      (input: pe-warn-0)
           +1.50 s  done     n2     n1 was fenced
           +1.56 s  done     n3     Resource vip started on n3 (rc=0), took 0.04 s
           +1.58 s  done     n2     transition 1 complete: 3 of 3 actions

        until it was noticed               1.01 s
        until the others agreed            0.14 s
        until it was decided what to do    0.01 s
        until it was done                  0.41 s
        of it, fencing n1                  0.34 s
        altogether                         1.58 s
        vip runs again on n3 after 1.56 s
      "
    `);
  });

  it('is listed, also one that began with a failed operation', async () => {
    const lines = (await shown('history failover list')).trimEnd().split('\n');
    expect(lines.map((line) => line.replace(/\s+Nov \d+ [\d:.]+\s+/, ' '))).toEqual([
      '1 n1 was lost',
      '2 monitor of db failed on n2',
    ]);
    expect(await shown('history failover 9')).toContain('there is no failover 9');
  });

  it('of a node that was told to stop is called that', () => {
    const [only] = findFailovers([
      event(0, 'n1', 'stopping', 'n1 is to stop: its resources move first'),
      event(900, 'n2', 'lost', 'n1 is lost', { node: 'n1' }),
    ]);
    expect(only?.what).toBe('n1 was stopped in order');
  });
});

describe('transitions', () => {
  const known = pastTransitions(EVENTS, INPUTS);

  it('are found with their inputs, also where two DCs gave them the same number', () => {
    expect(known.map(({ node, input: own, endMs }) => [node, own?.name, endMs! - T])).toEqual([
      ['n1', 'pe-input-4', -59_800],
      ['n2', 'pe-warn-0', 1580],
    ]);
    const twice = pastTransitions([begun(0, 'n1', 1, '', ''), begun(5, 'n2', 1, '', ''), ended(9, 'n2', 1)]);
    expect(twice.map(({ node, endMs }) => [node, endMs])).toEqual([
      ['n1', null],
      ['n2', T + 9],
    ]);
  });

  it('an input whose name was given again does not belong to the older transition', () => {
    const [older] = pastTransitions(
      [begun(0, 'n1', 1, 'pe-input-0', '')],
      [input('n1', 'pe-input-0', 3_600_000)],
    );
    expect(older?.input).toBeNull();
  });

  it.each([
    ['4', 'pe-input-4'],
    ['0', 'pe-warn-0'],
    ['-1', 'pe-input-4'],
    ['pe-warn', 'pe-warn-0'],
    ['pe-input-4.bz2', 'pe-input-4'],
    [undefined, 'pe-warn-0'],
    ['99', 'PE file 99 not found'],
    ['-7', 'PE input file for index -7 not found'],
    ['pe-', 'pe-: path ambiguous'],
  ])('%s names one', (word, name) => {
    const picked = pickTransition(known, word);
    expect(picked.ok ? picked.transition.input?.name : picked.why).toBe(name);
  });

  it.each([
    ['history peinputs', /^n1\/pe-input-4\nn2\/pe-warn-0\n$/],
    ['history peinputs 3:5 v', /^\d{4}-\d\d-\d\d [\d:]+ n1 pe-input-4\n$/],
    ['history peinputs 5:3', /invalid peinputs range/],
    [
      'history transitions',
      /^Time {28}Name {12}Node {12}Tags\n.*: pe-input-4 {6}n1 {14}vip\n.*: pe-warn-0 {7}n2 {14}fence n1 vip\n$/,
    ],
    ['history transition tags 0', /^fence n1 vip\n$/],
    ['history transition log 4', /start of vip on n1/],
    [
      'history transition 4',
      /pe-input-4 on n1, .*: the configuration has changed\n\nTransition Summary:\n {2}\* Restart[\s\S]*complete after 0\.20 s: 3 actions, 0 failed/,
    ],
    ['history transition 4 scores', /allocation score/],
    ['history transition graph 4', /^ ?digraph "g" \{/],
    ['history transition log 4 5', /bad syntax/],
    ['history show 4', /primitive vip IPaddr2 \\\n\tparams ip=10\.0\.0\.9/],
    ['history show 0 status', /Full List of Resources:[\s\S]*vip/],
    ['history graph 4', /digraph/],
    ['history diff 4 0', /-\tparams ip=10\.0\.0\.9[\s\S]*\+\tparams ip=10\.0\.0\.10/],
    ['history diff 4 live', /do not differ/],
    ['history diff 4 0 html', /<tr class="added"><td><pre>\+\tparams ip=10\.0\.0\.10/],
    ['history wdiff 4 0', /params \[-ip=10\.0\.0\.9-\] ?\{\+ip=10\.0\.0\.10\+\}/],
    ['history wdiff 4 0 html', /bad syntax: html/],
    ['history show 99', /PE file 99 not found/],
  ])('%s', async (line, expected) => {
    expect(await shown(line)).toMatch(expected);
  });

  it('save makes a shadow of one', async () => {
    const shell = open({ environment: { CIB_shadow_dir: folder } });
    expect(await shell.run('history transition save 0 before')).toBe('done');
    expect(shell.messages).toContain('INFO: transition pe-warn-0 saved to shadow before');
    expect(readFileSync(join(folder, 'shadow.before'), 'utf8')).toContain('10.0.0.10');
  });
});

describe('sessions', () => {
  it('keep events and inputs, apart from the cluster', async () => {
    const environment = { XDG_CONFIG_HOME: folder, HOME: folder };
    const first = open({ environment });
    await first.run('history limit 2h');
    expect(await first.run('history session save outage')).toBe('done');
    expect(first.messages).toContain('INFO: 16 events and 2 scheduler inputs saved as outage');
    const later = openShell({ environment });
    await later.run('history');
    for (const line of ['session list', 'session load outage', 'session', 'transitions', 'diff 4 0'])
      expect(await later.run(line), line).toBe('done');
    expect(later.out).toContain('outage\ncurrent session: outage');
    expect(later.out).toContain('pe-warn-0');
    expect(later.out).toContain('10.0.0.10');
    expect(later.cluster.calls).toEqual([]);
    expect(await later.run('session delete outage')).toBe('done');
    expect(later.messages.at(-1)).toBe('INFO: current history session deleted, setting source to live');
    expect(await later.run('session load outage')).toBe('failed');
    expect(await later.run('session bogus x')).toBe('failed');
    expect(await later.run('session update')).toBe('failed');
  });

  it('a report is a source, too, without secrets', async () => {
    const secret = (text: string) => text.replaceAll('name="ip"', 'name="password"');
    const shell = openShell({
      cib: secret(CIB),
      answers: { ...answers, 'history.input': () => ({ cib: secret(BEFORE) }) },
    });
    const target = join(folder, 'bundle');
    expect(await shell.run(`report -S -Q ${target}`)).toBe('done');
    const reader = openShell();
    await reader.run('history');
    expect(await reader.run(`source ${target}.tar.gz`)).toBe('done');
    for (const line of ['failover list', 'show 4']) expect(await reader.run(line), line).toBe('done');
    expect(reader.out).toContain('n1 was lost');
    expect(reader.out).toContain('******');
    expect(reader.out).not.toContain('10.0.0.9');
    expect(await reader.run('source /nonexistent')).toBe('failed');
  });
});

it.each([
  ['a b c', 'a x c', 'a [-b-] {+x+} c'],
  ['a b', 'a b', 'a b'],
  ['a', 'a b', 'a {+b+}'],
  ['x a b y', 'x b c y', 'x [-a-] b {+c+} y'],
])('word by word: %s, %s', (before, after, text) => {
  expect(wordDiff(before, after).replace(/ +/g, ' ')).toBe(text);
});
