/** What was fenced, by whom, and what became of it. */
import type { FencingHistoryEntry } from '../protocol/messages.js';

/** As Pacemaker's: when it grows beyond, the older half goes. */
const ENTRIES_MAX = 500;

export function addEntry(
  entries: readonly FencingHistoryEntry[],
  entry: FencingHistoryEntry,
): FencingHistoryEntry[] {
  const next = [...entries, entry];
  return next.length > ENTRIES_MAX ? next.slice(-ENTRIES_MAX / 2) : next;
}

/** One history of what several nodes have seen, newest first; what is under way comes before everything else. */
export function mergeHistories(
  histories: readonly (readonly FencingHistoryEntry[])[],
): FencingHistoryEntry[] {
  const merged = new Map<string, FencingHistoryEntry>();
  for (const entry of histories.flat()) {
    merged.set(
      `${entry.target} ${entry.action} ${entry.origin} ${entry.client} ${entry.completedAtMs}`,
      entry,
    );
  }
  return [...merged.values()].sort(
    (a, b) =>
      (b.completedAtMs ?? Number.POSITIVE_INFINITY) - (a.completedAtMs ?? Number.POSITIVE_INFINITY) ||
      a.target.localeCompare(b.target),
  );
}
