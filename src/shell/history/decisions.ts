import type { Element } from '../../cib/element.js';
import { schedule } from '../../scheduler/index.js';
import { summaryLines, transitionChanges } from '../../simulation/transition-summary.js';

/** When a kept scheduler input was judged, in ms since 1970; `fallbackMs` where it does not say. */
export function judgedAt(cib: Element, fallbackMs: number): number {
  const seconds = Number(cib.get('execution-date') ?? Number.NaN);
  return Number.isFinite(seconds) ? seconds * 1000 : fallbackMs;
}

/** What the scheduler decides on a document, as crm_simulate's summary tells it. */
export async function decisionsOf(cib: Element, nowMs: number): Promise<string[]> {
  return summaryLines(transitionChanges(schedule(cib, { nowMs: judgedAt(cib, nowMs) })));
}
