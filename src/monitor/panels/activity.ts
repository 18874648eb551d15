import type { ClusterState } from '../../protocol/messages.js';
import { parseOperationKey } from '../../status/operation-key.js';
import type { ClusterStatus } from '../../status/types.js';
import { scanNumber } from '../terms.js';
import { type Column, cell, type PanelContent, type Row } from './table.js';

const columns: readonly Column[] = [
  { title: 'action', min: 16, grow: 3 },
  { title: 'on', min: 8, grow: 1 },
  { title: 'progress', min: 12, grow: 2 },
  { title: 'time', min: 9, grow: 0, align: 'right' },
];

/** `▓▓▓▓░░░░` */
export function bar(done: number, width: number): string {
  const filled = Math.max(0, Math.min(width, Math.round(done * width)));
  return '▓'.repeat(filled) + '░'.repeat(width - filled);
}

/** `1.4s`, `3m10s` */
export function elapsed(ms: number): string {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 100) return `${seconds.toFixed(seconds < 10 ? 1 : 0)}s`;
  return `${Math.floor(seconds / 60)}m${String(Math.floor(seconds % 60)).padStart(2, '0')}s`;
}

/** Per state: how long the newest run of each `RESOURCE TASK` took. Histories are long, and asked often. */
const durations = new WeakMap<ClusterStatus, ReadonlyMap<string, number>>();

function durationsOf(status: ClusterStatus): ReadonlyMap<string, number> {
  const known = durations.get(status);
  if (known) return known;
  const found = new Map<string, number>();
  const newest = new Map<string, number>();
  for (const state of status.cib.first('status')?.elements('node_state') ?? []) {
    for (const entry of state.at('lrm', 'lrm_resources')?.elements('lrm_resource') ?? []) {
      for (const operation of entry.elements('lrm_rsc_op')) {
        if (scanNumber(operation.get('rc-code'), -1) === PENDING_CODE) continue;
        const key = `${entry.id} ${operation.get('operation')}`;
        const changed = scanNumber(operation.get('last-rc-change'), 0);
        if (changed <= (newest.get(key) ?? -1)) continue;
        newest.set(key, changed);
        found.set(key, scanNumber(operation.get('exec-time'), 0));
      }
    }
  }
  durations.set(status, found);
  return found;
}

/** What an operation that has no result yet has for one. */
const PENDING_CODE = 193;

/**
 * How long an operation took when it last ran on any node, in ms: what the histories say of the same task of the
 * same resource. Undefined where it never ran.
 */
export function expectedMs(status: ClusterStatus, key: string): number | undefined {
  const wanted = parseOperationKey(key);
  return wanted && durationsOf(status).get(`${wanted.resourceId} ${wanted.task}`);
}

interface RunningAction {
  readonly key: string;
  readonly node: string;
  readonly startedAtMs: number | undefined;
}

/** Operations in flight as the CIB records them, for targets that do not tell of transitions. */
function recorded(status: ClusterStatus): RunningAction[] {
  const running: RunningAction[] = [];
  for (const state of status.cib.first('status')?.elements('node_state') ?? []) {
    const node = status.nodesById.get(state.id.toLowerCase());
    for (const entry of state.at('lrm', 'lrm_resources')?.elements('lrm_resource') ?? []) {
      for (const operation of entry.elements('lrm_rsc_op')) {
        if (scanNumber(operation.get('op-status'), 0) !== -1) continue;
        const changed = scanNumber(operation.get('last-rc-change'), 0);
        running.push({
          key: operation.get('operation_key') ?? operation.id,
          node: node?.name ?? state.get('uname') ?? state.id,
          startedAtMs: changed > 0 ? changed * 1000 : undefined,
        });
      }
    }
  }
  return running;
}

function actionRow(status: ClusterStatus, action: RunningAction, nowMs: number): Row {
  const parsed = parseOperationKey(action.key);
  const spent = action.startedAtMs === undefined ? undefined : nowMs - action.startedAtMs;
  const expected = expectedMs(status, action.key);
  const late = spent !== undefined && expected !== undefined && spent > Math.max(1000, expected * 2);
  const progress =
    spent !== undefined && expected !== undefined && expected > 0
      ? bar(Math.min(0.95, spent / expected), 10)
      : '…';
  const time =
    spent === undefined ? '' : `${elapsed(spent)}${expected === undefined ? '' : `/${elapsed(expected)}`}`;
  return {
    key: `action ${action.node} ${action.key}`,
    subject: parsed
      ? { kind: 'resource', id: parsed.resourceId, node: action.node }
      : { kind: 'node', name: action.node },
    cells: [
      cell(parsed ? `◌ ${parsed.task} ${parsed.resourceId}` : `◌ ${action.key}`, late ? 'warning' : 'busy'),
      cell(action.node),
      cell(progress, late ? 'warning' : 'busy'),
      cell(time, late ? 'warning' : 'plain'),
    ],
  };
}

/** What the cluster is doing now: the running transition with its actions. */
export function activityPanel(
  status: ClusterStatus,
  state: ClusterState | undefined,
  nowMs: number,
): PanelContent {
  const transition = state?.transition;
  const running: readonly RunningAction[] = transition ? transition.running : state ? [] : recorded(status);
  const failed = transition && transition.failed > 0 ? `, ${transition.failed} FAILED` : '';
  const title = transition
    ? `Transition ${transition.id} ${bar(transition.total > 0 ? transition.completed / transition.total : 0, 8)} ` +
      `${transition.completed}/${transition.total}${failed}`
    : running.length > 0
      ? `Running ${running.length}`
      : 'Idle';
  return {
    title,
    columns,
    rows: running.map((action) => actionRow(status, action, nowMs)),
    empty: transition ? 'waiting' : 'nothing to do',
  };
}
