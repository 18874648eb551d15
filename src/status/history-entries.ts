import type { Element } from '../cib/element.js';
import { scanInteger } from '../cib/number.js';

/** How an operation ended, as the executor says (`op-status`). */
export const ExecutionStatus = {
  Unknown: -2,
  Pending: -1,
  Done: 0,
  Cancelled: 1,
  Timeout: 2,
  NotSupported: 3,
  Error: 4,
  HardError: 5,
  FatalError: 6,
  NotInstalled: 7,
  NotConnected: 8,
  Invalid: 9,
  NoFenceDevice: 10,
  NoSecrets: 11,
} as const;

/** OCF exit statuses with a meaning of their own. */
export const ExitStatus = {
  Ok: 0,
  InvalidParameter: 2,
  Unimplemented: 3,
  InsufficientPrivileges: 4,
  NotInstalled: 5,
  NotConfigured: 6,
  NotRunning: 7,
  RunningPromoted: 8,
  FailedPromoted: 9,
  Degraded: 190,
  DegradedPromoted: 191,
} as const;

export function integer(element: Element, name: string, fallback: number): number {
  const text = element.get(name);
  if (text === undefined) return fallback;
  // Nearly all are a few plain digits, and a big cluster has tens of thousands of them.
  if (/^\d{1,15}$/.test(text)) return Number(text);
  return Number(scanInteger(text)?.value ?? BigInt(fallback));
}

export function historyKey(operation: Element): string {
  return operation.get('operation_key') ?? operation.id;
}

/** A one-time monitor. */
export function isProbe(operation: Element): boolean {
  return operation.get('operation') === 'monitor' && integer(operation, 'interval', 0) === 0;
}

/** A probe that found no usable agent: the resource just cannot run there. */
export function isMaskedProbeFailure(operation: Element): boolean {
  if (!isProbe(operation)) return false;
  const rc = integer(operation, 'rc-code', 0);
  return (
    rc === ExitStatus.NotInstalled ||
    rc === ExitStatus.InvalidParameter ||
    integer(operation, 'op-status', ExecutionStatus.Unknown) === ExecutionStatus.NotInstalled
  );
}

/**
 * Which of two entries of a history is newer: by call id, by time where those are equal or from different nodes,
 * and by transition where one is pending. Positive where `a` is.
 */
export function compareAge(a: Element, b: Element, sameNodeDefault: boolean): number {
  const nodeA = a.get('on_node');
  const nodeB = b.get('on_node');
  const sameNode =
    nodeA === undefined || nodeB === undefined
      ? sameNodeDefault
      : nodeA.toLowerCase() === nodeB.toLowerCase();
  if (sameNode && a.id === b.id) return 0;
  const callA = integer(a, 'call-id', -1);
  const callB = integer(b, 'call-id', -1);
  if (callA === -1 && callB === -1) return 0;
  if (sameNode && callA >= 0 && callA < callB) return -1;
  if (sameNode && callB >= 0 && callA > callB) return 1;
  if (callA >= 0 && callB >= 0 && (!sameNode || callA === callB)) {
    const timeA = integer(a, 'last-rc-change', -1);
    const timeB = integer(b, 'last-rc-change', -1);
    if (timeA >= 0 && timeA < timeB) return -1;
    return timeB >= 0 && timeA > timeB ? 1 : 0;
  }
  const magicA = decodeMagic(a.get('transition-magic'));
  const magicB = decodeMagic(b.get('transition-magic'));
  if (!magicA || !magicB) return 0;
  if (magicA.uuid !== magicB.uuid || magicA.transition === magicB.transition) {
    if (callB === -1) return -1;
    return callA === -1 ? 1 : 0;
  }
  // Transition -1 is a shutdown, which always comes last.
  if ((magicA.transition >= 0 && magicA.transition < magicB.transition) || magicB.transition === -1)
    return -1;
  if ((magicB.transition >= 0 && magicA.transition > magicB.transition) || magicA.transition === -1) return 1;
  return 0;
}

function decodeMagic(magic: string | undefined): { uuid: string; transition: number } | undefined {
  const match = /^\s*-?\d+:-?\d+;-?\d+:(-?\d+):-?\d+:(\S+)/.exec(magic ?? '');
  return match ? { transition: Number(match[1]), uuid: match[2]! } : undefined;
}

/** The entries of an `lrm_resource`, oldest first. */
export function sortedHistory(entry: Element): Element[] {
  return mergeSorted(entry.elements('lrm_rsc_op').reverse());
}

/**
 * Sorts by merging halves, as GLib's lists do. Ages are no total order where entries without a call id stand among others:
 * then what is compared with what decides, and Pacemaker's answer is had only in Pacemaker's way.
 */
function mergeSorted(operations: readonly Element[]): Element[] {
  if (operations.length < 2) return [...operations];
  const half = Math.floor(operations.length / 2);
  const left = mergeSorted(operations.slice(0, half));
  const right = mergeSorted(operations.slice(half));
  const merged: Element[] = [];
  let l = 0;
  let r = 0;
  while (l < left.length && r < right.length) {
    merged.push(compareAge(left[l]!, right[r]!, true) <= 0 ? left[l++]! : right[r++]!);
  }
  return [...merged, ...left.slice(l), ...right.slice(r)];
}

/** From which entry on, and up to which stop, a history tells of what is active now. */
export interface ActiveRange {
  readonly start: number;
  readonly stop: number;
}

export function activeRange(operations: readonly Element[]): ActiveRange {
  let start = -1;
  let stop = -1;
  let impliedMonitor = -1;
  let impliedRole = -1;
  for (const [index, operation] of operations.entries()) {
    const task = operation.get('operation')?.toLowerCase();
    if (task === 'stop' && operation.get('op-status') === '0') stop = index;
    else if (task === 'start' || task === 'migrate_from') start = index;
    else if (impliedMonitor <= stop && task === 'monitor') {
      const rc = operation.get('rc-code');
      if (rc === '0' || rc === '8') impliedMonitor = index;
    } else if (task === 'promote' || task === 'demote') impliedRole = index;
  }
  if (start === -1) start = impliedRole !== -1 ? impliedRole : impliedMonitor;
  return { start, stop };
}
