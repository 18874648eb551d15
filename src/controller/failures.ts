import { INFINITY, parseScore } from '../cib/score.js';

/** A failed operation, as it is counted. */
export interface Failure {
  readonly resource: string;
  readonly task: string;
  readonly intervalMs: number;
  /** `on-fail=ignore`: only the time is kept. */
  readonly ignored: boolean;
  /** No transition asked for the operation: it counts whatever it is. */
  readonly unasked: boolean;
}

interface FailureUpdate {
  readonly attribute: string;
  readonly value: string;
}

/** OCF's degraded results count as what they are a worse kind of (pcmk__effective_rc). */
export function effectiveRc(rc: number): number {
  if (rc === 190) return 0;
  return rc === 191 ? 8 : rc;
}

/**
 * What a failed operation changes in the node's transient attributes: its fail-count and the time of its last
 * failure (update_failcount of controld). Probes change nothing.
 *
 * @param attributes the node's transient attributes now
 * @param offsets what a failed start or stop makes of the fail-count: `INFINITY`, or anything else for one more
 */
export function failureUpdates(
  failure: Failure,
  attributes: Readonly<Record<string, string>>,
  offsets: { readonly start: string; readonly stop: string },
  nowMs: number,
): FailureUpdate[] {
  const { resource, task, intervalMs, ignored, unasked } = failure;
  if (!unasked && intervalMs === 0 && !['promote', 'demote', 'start', 'stop'].includes(task)) return [];
  const suffix = `${resource}#${task}_${intervalMs}`;
  const updates: FailureUpdate[] = [];
  if (!ignored) {
    const attribute = `fail-count-${suffix}`;
    const offset = task === 'start' ? offsets.start : task === 'stop' ? offsets.stop : '';
    const before = attributes[attribute];
    const value =
      parseScore(offset) >= INFINITY || parseScore(before) >= INFINITY
        ? 'INFINITY'
        : String(parseScore(before) + 1);
    updates.push({ attribute, value });
  }
  updates.push({ attribute: `last-failure-${suffix}`, value: String(Math.floor(nowMs / 1000)) });
  return updates;
}

/** Names of the transient attributes that record failures of a resource, or of one operation of it. */
export function failuresOf(
  attributes: Readonly<Record<string, string>>,
  resource: string,
  operation: { readonly task: string; readonly intervalMs: number } | null,
): string[] {
  const suffix = operation && `#${operation.task}_${operation.intervalMs}`;
  return Object.keys(attributes).filter((attribute) => {
    const match = /^(?:fail-count|last-failure)-(.*)(#.*)$/.exec(attribute);
    return match?.[1] === resource && (suffix === null || match[2] === suffix);
  });
}
