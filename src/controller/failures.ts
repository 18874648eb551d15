import { INFINITY, parseScore } from '../cib/score.js';

export interface FailureUpdate {
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
 * @param current value of the fail-count now
 * @param offsets what a failed start or stop makes of the fail-count: `INFINITY`, or anything else for one more
 * @param ignored `on-fail=ignore`: only the time is kept
 * @param unasked no transition asked for the operation: it counts whatever it is
 */
export function failureUpdates(
  failure: { readonly resource: string; readonly task: string; readonly intervalMs: number },
  current: (attribute: string) => string | undefined,
  offsets: { readonly start: string; readonly stop: string },
  ignored: boolean,
  nowMs: number,
  unasked = false,
): FailureUpdate[] {
  const { resource, task, intervalMs } = failure;
  if (!unasked && intervalMs === 0 && !['promote', 'demote', 'start', 'stop'].includes(task)) return [];
  const suffix = `${resource}#${task}_${intervalMs}`;
  const updates: FailureUpdate[] = [];
  if (!ignored) {
    const attribute = `fail-count-${suffix}`;
    const offset = task === 'start' ? offsets.start : task === 'stop' ? offsets.stop : '';
    const before = current(attribute);
    const value =
      parseScore(offset) >= INFINITY || parseScore(before) >= INFINITY
        ? 'INFINITY'
        : String(parseScore(before) + 1);
    updates.push({ attribute, value });
  }
  updates.push({ attribute: `last-failure-${suffix}`, value: String(Math.floor(nowMs / 1000)) });
  return updates;
}
