import type { Flush, FlushReport, OrderedMessage, ViewId } from './types.js';
import { formatViewId } from './view.js';

/** For each old view among the reports: all that any of its survivors received. */
export function flushOf(reports: readonly FlushReport[]): Flush[] {
  const byView = new Map<string, { id: ViewId; upTo: number; messages: Map<number, OrderedMessage> }>();
  for (const report of reports) {
    if (!report.previous) continue;
    const key = formatViewId(report.previous.id);
    const group = byView.get(key) ?? { id: report.previous.id, upTo: 0, messages: new Map() };
    byView.set(key, group);
    group.upTo = Math.max(group.upTo, report.received);
    for (const message of report.messages) group.messages.set(message.sequence, message);
  }
  return [...byView.values()].map(({ id, upTo, messages }) => ({
    view: id,
    upTo,
    messages: [...messages.values()].sort((a, b) => a.sequence - b.sequence),
  }));
}
