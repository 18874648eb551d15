import { describe, expect, test } from 'vitest';
import { PlainLog } from '../../src/agent/plain-log.js';
import type { ClusterEvent } from '../../src/protocol/messages.js';

let atMs = 0;
const event = (kind: ClusterEvent['kind'], text: string, data: ClusterEvent['data'] = {}): ClusterEvent => {
  atMs += 250;
  return { atMs, node: 'n1', kind, text, data };
};
const operation = (name: string, rc: number, more: ClusterEvent['data'] = {}, reason = ''): ClusterEvent =>
  event('operation', `${name} of vip on n1: rc=${rc}${reason}`, {
    resource: 'vip',
    operation: name,
    intervalMs: 0,
    rc,
    status: 'done',
    ...more,
  });
const begun = (reason: string): ClusterEvent => event('transition', '', { state: 'begun', reason });
const ended = (state = 'complete', failed = 0): ClusterEvent => event('transition', '', { state, failed });

function said(...events: ClusterEvent[]): string[] {
  const log = new PlainLog();
  return events.flatMap((each) => log.lines(each)).map(({ level, text }) => `${level}: ${text}`);
}

describe('a line for each thing that matters', () => {
  test.each<[ClusterEvent, string[]]>([
    [operation('start', 0), ['info: Resource vip started on n1 (rc=0).']],
    [operation('stop', 0), ['info: Resource vip stopped on n1 (rc=0).']],
    [operation('promote', 0), ['info: Resource vip was promoted on n1 (rc=0).']],
    [
      operation('start', 1, {}, ' (no such device)'),
      ['error: Resource vip failed to start on n1 (rc=1, no such device).'],
    ],
    [operation('stop', 5), ['error: Resource vip failed to stop on n1 (rc=5, not installed).']],
    [operation('start', 1, { status: 'timeout' }), ['error: Resource vip failed to start on n1 (timeout).']],
    [
      operation('monitor', 7, { intervalMs: 10_000 }),
      ['error: Resource vip does not work on n1 (rc=7, not running).'],
    ],
    [operation('monitor', 0, { intervalMs: 10_000 }), []],
    [operation('monitor', 7), []],
    [operation('monitor', 8, { intervalMs: 10_000 }), []],
    [operation('notify', 0), []],
    [event('lost', 'n2 is lost, and not fenced', { node: 'n2' }), ['warning: Node n2 is lost.']],
    [event('joined', 'n2 is a member', { node: 'n2' }), ['info: Node n2 is a member.']],
    [event('attribute', 'pingd_score on n1 is 0'), ['info: Attribute pingd_score on n1 is 0.']],
    [event('quorum', 'no quorum: 1 of 3 votes'), ['error: No quorum: 1 of 3 votes.']],
    [
      event('fencing', 'fencing n2 (reboot): it is lost'),
      ['warning: Start fencing n2 (reboot): it is lost.'],
    ],
    [event('view', 'view 2: n1'), []],
  ])('%o', (given, lines) => {
    expect(said(given)).toEqual(lines);
  });
});

describe('fail-over', () => {
  test('a node is lost: from its loss to the end of the transition', () => {
    expect(
      said(
        event('lost', '', { node: 'n2' }),
        begun('membership has changed'),
        operation('start', 0),
        ended(),
      ),
    ).toEqual([
      'warning: Node n2 is lost.',
      'error: Start to fail-over: node n2 is lost.',
      'info: Resource vip started on n1 (rc=0).',
      'info: Fail-over succeeded after 0.50 s.',
    ]);
  });

  test('a transition that is broken off is not its end', () => {
    expect(
      said(
        begun('vip_monitor_10000 on n1 has failed'),
        ended('stopped'),
        begun('attribute x has changed'),
        ended(),
      ),
    ).toEqual([
      'error: Start to fail-over: resource vip failed on n1.',
      'info: Fail-over succeeded after 0.75 s.',
    ]);
  });

  test('what failed is said to have failed', () => {
    expect(said(begun('vip_start_0 on n1 has failed'), ended('complete', 1))).toEqual([
      'error: Start to fail-over: resource vip failed on n1.',
      'error: Fail-over failed after 0.25 s.',
    ]);
  });

  test('a change of the configuration is none', () => {
    expect(said(begun('the configuration has changed'), ended())).toEqual([]);
  });
});
