import type { FencingHistoryEntry } from '../../protocol/messages.js';
import { parseOperationKey } from '../../status/operation-key.js';
import type { ClusterStatus } from '../../status/types.js';
import { shownFailures } from '../failures.js';
import { reduceHistory } from '../fencing.js';
import { executionText, exitText, readableInterval } from '../terms.js';
import { EVERYTHING } from '../view.js';
import { type Column, cell, type PanelContent, type Row } from './table.js';

const columns: readonly Column[] = [
  { title: 'what', min: 16, grow: 3 },
  { title: 'where', min: 6, grow: 1 },
  { title: 'why', min: 8, grow: 4 },
  { title: 'ago', min: 4, grow: 0, align: 'right' },
];

/** `12s`, `4m`, `3h`, `9d`; empty where the time is not known. */
export function ago(thenMs: number | undefined, nowMs: number): string {
  if (thenMs === undefined || thenMs <= 0) return '';
  const seconds = Math.max(0, Math.floor((nowMs - thenMs) / 1000));
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}

const FENCING_WORDS = { on: 'unfencing', off: 'power off', reboot: 'reboot' } as const;

function fencingRow(entry: FencingHistoryEntry, nowMs: number): Row {
  const action = FENCING_WORDS[entry.action as keyof typeof FENCING_WORDS] ?? entry.action;
  const result =
    entry.state === 'pending'
      ? cell('under way', 'busy')
      : entry.state === 'failed'
        ? cell(`FAILED${entry.reason === null ? '' : `: ${entry.reason}`}`, 'bad')
        : cell(`done by ${entry.delegate ?? entry.origin}`, 'good');
  const symbol = entry.state === 'pending' ? '◌' : entry.state === 'failed' ? '✖' : '✔';
  return {
    key: `fencing ${entry.target} ${entry.action} ${entry.completedAtMs ?? 'pending'} ${entry.state}`,
    subject: { kind: 'node', name: entry.target },
    cells: [
      cell(`${symbol} ${action} of ${entry.target}`, result.tone),
      cell(entry.delegate ?? ''),
      result,
      cell(ago(entry.completedAtMs ?? undefined, nowMs)),
    ],
  };
}

/** Fencing under way first, then failures (newest first), then fencing that is over. */
export function troublePanel(
  status: ClusterStatus,
  fencing: readonly FencingHistoryEntry[] | undefined,
  nowMs: number,
): PanelContent {
  const failures = shownFailures(status, EVERYTHING)
    .toSorted((a, b) => (b.lastChange ?? 0) - (a.lastChange ?? 0))
    .map((failure): Row => {
      const key = failure.key ?? failure.xml.id;
      const operation = parseOperationKey(key);
      const interval = operation?.intervalMs ? ` ${readableInterval(operation.intervalMs)}` : '';
      const why = failure.execution === 0 ? exitText(failure.code) : executionText(failure.execution);
      return {
        key: `failure ${failure.nodeName} ${key} ${failure.xml.get('call-id') ?? ''}`,
        subject: operation
          ? { kind: 'resource', id: operation.resourceId, node: failure.nodeName }
          : { kind: 'node', name: failure.nodeName },
        cells: [
          cell(`✖ ${operation ? `${operation.resourceId} ${operation.task}${interval}` : key}`, 'bad'),
          cell(failure.nodeName),
          cell(failure.exitReason ? `${why}: ${failure.exitReason}` : why, 'bad'),
          cell(ago(failure.lastChange === undefined ? undefined : failure.lastChange * 1000, nowMs)),
        ],
      };
    });
  const history = reduceHistory(fencing ?? []);
  const pending = history.filter((entry) => entry.state === 'pending');
  const over = history.filter((entry) => entry.state !== 'pending');
  const fencingNow = pending.length > 0 ? `, fencing ${pending.map((entry) => entry.target).join(' ')}` : '';
  return {
    title: `Failures ${failures.length}${fencingNow}`,
    columns,
    rows: [
      ...pending.map((entry) => fencingRow(entry, nowMs)),
      ...failures,
      ...over.map((entry) => fencingRow(entry, nowMs)),
    ],
    empty: '✔ nothing has failed',
  };
}
