import type { Element } from '../cib/element.js';
import { isMaskedProbeFailure } from '../status/history-entries.js';
import { parseOperationKey } from '../status/operation-key.js';
import type { ClusterStatus } from '../status/types.js';
import { type Block, type Entry, item, section } from './outline.js';
import { calendarTime, executionText, exitText, readableInterval, scanNumber } from './terms.js';
import { matches, nodeMatches, type View } from './view.js';

export interface ShownFailure {
  readonly xml: Element;
  readonly nodeName: string;
  readonly key: string | undefined;
  readonly code: number;
  /** `op-status`. */
  readonly execution: number;
  readonly exitReason: string | undefined;
  /** Seconds since 1970; undefined: not recorded. */
  readonly lastChange: number | undefined;
}

/** Failed operations that a person should look at: no probe that merely found nothing installed. */
export function shownFailures(status: ClusterStatus, view: View): ShownFailure[] {
  const shown: ShownFailure[] = [];
  for (const { xml, node } of status.failures) {
    if (!nodeMatches(view, node.name) || isMaskedProbeFailure(xml)) continue;
    const key = xml.get('operation_key');
    const parsed = parseOperationKey(key ?? xml.id);
    if (!parsed || !matches(view.resources, parsed.resourceId)) continue;
    const change = xml.get('last-rc-change');
    shown.push({
      xml,
      nodeName: node.name,
      key,
      code: Math.max(0, scanNumber(xml.get('rc-code'), 0)),
      // Nothing that is listed as failed is shown as pending.
      execution: Math.max(0, scanNumber(xml.get('op-status'), 0)),
      exitReason: xml.get('exit-reason'),
      lastChange: change === undefined ? undefined : scanNumber(change, 0),
    });
  }
  return shown;
}

/** In plain words: `vip 10s-interval monitor on alpha returned 'error' at ... after 37ms`. */
export function describeFailure(failure: ShownFailure): string {
  const key = failure.key || failure.xml.id;
  const operation = key === '' ? undefined : parseOperationKey(key);
  const interval = operation?.intervalMs ? `${readableInterval(operation.intervalMs)}-interval ` : '';
  const probe = operation?.intervalMs === 0 && operation.task.toLowerCase() === 'monitor';
  const task = probe ? 'probe' : (operation?.task ?? 'unknown action');
  const reason = failure.exitReason || undefined;
  const result =
    failure.execution === 0
      ? ` returned '${exitText(failure.code)}'${reason === undefined ? '' : ` (${reason})`}`
      : ` could not be executed (${executionText(failure.execution)}${reason === undefined ? '' : `: ${reason}`})`;
  const at = failure.lastChange === undefined ? '' : ` at ${calendarTime(failure.lastChange * 1000)}`;
  const took = scanNumber(failure.xml.get('exec-time'), 0);
  const after = took > 0 ? ` after ${readableInterval(took)}` : '';
  const resource = operation?.resourceId ?? 'unknown resource';
  return `${resource} ${interval}${task} on ${failure.nodeName}${result}${at}${after}`;
}

/** With every detail: `vip_monitor_10000 on alpha 'error' (1): call=7, status='complete', ...`. */
export function detailFailure(failure: ShownFailure): string {
  const { xml } = failure;
  const field = (name: string, value: string | undefined) =>
    value === undefined || value === '' ? '' : `, ${name}=${value}ms`;
  return (
    `${failure.key || xml.id || 'unknown operation'} on ${failure.nodeName} '${exitText(failure.code)}' ` +
    `(${failure.code}): call=${xml.get('call-id') || 'unknown'}, status='${executionText(failure.execution)}'` +
    `${failure.exitReason ? `, exitreason='${failure.exitReason}'` : ''}` +
    `${failure.lastChange === undefined ? '' : `, last-rc-change='${calendarTime(failure.lastChange * 1000)}'`}` +
    `${field('queued', xml.get('queue-time'))}${field('exec', xml.get('exec-time'))}`
  );
}

export function failureBlock(status: ClusterStatus, view: View): Block | undefined {
  const entries: Entry[] = shownFailures(status, view).map((failure) =>
    item(view.detail ? detailFailure(failure) : describeFailure(failure)),
  );
  return section('Failed Resource Actions', entries);
}
