import type { FencingHistoryEntry } from '../protocol/messages.js';
import { type Block, type Entry, item, list, section } from './outline.js';
import { FENCING_SECTIONS } from './sections.js';
import { zonedTime } from './terms.js';
import { nodeMatches, type View } from './view.js';

/** The fencer's history, newest first, or why there is none. */
export type FencingHistory =
  | { readonly entries: readonly FencingHistoryEntry[] }
  | { readonly unavailable: string };

const STATES = { success: 'successful', failed: 'failed', pending: 'pending' } as const;

function actionName(action: string): string {
  return action === 'on' ? 'unfencing' : action === 'off' ? 'turning off' : action;
}

/** The node from which a later attempt of the same kind succeeded: the same delegate's where there is one. */
export function laterSuccess(
  entry: FencingHistoryEntry,
  entries: readonly FencingHistoryEntry[],
): string | undefined {
  if (entry.state !== 'failed') return undefined;
  const later = entries
    .slice(0, entries.indexOf(entry))
    .filter(
      (other) =>
        other.state === 'success' &&
        other.target.toLowerCase() === entry.target.toLowerCase() &&
        other.action === entry.action &&
        (other.completedAtMs ?? 0) > (entry.completedAtMs ?? 0),
    );
  const same = later.find((other) => entry.delegate === null || other.delegate === entry.delegate);
  const found = same ?? later[0];
  return found && (found.delegate ?? 'some node');
}

export function describeFencing(
  entry: FencingHistoryEntry,
  entries: readonly FencingHistoryEntry[],
  view: View,
): string {
  const full = FENCING_SECTIONS.every((name) => view.sections.has(name));
  const completed = entry.state === 'pending' ? undefined : zonedTime(entry.completedAtMs ?? 0);
  const delegate = completed === undefined ? null : entry.delegate;
  const reason = entry.state === 'failed' && entry.reason !== null ? ` (${entry.reason})` : '';
  const later = laterSuccess(entry, entries);
  const remark = later === undefined ? '' : ` (a later attempt from ${later} succeeded)`;
  const subject = `${actionName(entry.action)} of ${entry.target}`;
  if (view.detail) {
    const when = full ? 'completed' : entry.state === 'failed' ? 'last-failed' : 'last-successful';
    return (
      `${subject} ${STATES[entry.state]}${reason}: ${delegate === null ? '' : `delegate=${delegate}, `}` +
      `client=${entry.client}, origin=${entry.origin}` +
      `${completed === undefined ? '' : `, ${when}='${completed}'`}${remark}`
    );
  }
  return (
    `${subject}${delegate === null ? '' : ` by ${delegate}`} for ${entry.client}@${entry.origin}` +
    `${full ? '' : ' last'} ${STATES[entry.state]}${reason}` +
    `${completed === undefined ? '' : ` at ${completed}`}${remark}`
  );
}

function entryFor(entry: FencingHistoryEntry, all: readonly FencingHistoryEntry[], view: View): Entry {
  const className = `${entry.state === 'success' ? 'successful' : entry.state}-stonith-event`;
  return item(describeFencing(entry, all, view), { className });
}

/** Failed fencing (before tickets and bans). */
export function failedFencingBlock(history: FencingHistory, view: View): Block | undefined {
  if (!view.sections.has('fencing-failed')) return undefined;
  if ('unavailable' in history) {
    const complaint = item(`Failed to get fencing history: ${history.unavailable}`);
    return { outline: list('Failed Fencing Actions', [complaint]), separates: false };
  }
  return section(
    'Failed Fencing Actions',
    history.entries
      .filter((entry) => entry.state === 'failed' && nodeMatches(view, entry.target))
      .map((entry) => entryFor(entry, history.entries, view)),
  );
}

/** Fencing that worked or is under way (after tickets and bans). */
export function fencingBlock(history: FencingHistory, view: View): Block | undefined {
  if ('unavailable' in history) return undefined;
  const worked = view.sections.has('fencing-succeeded');
  if (!worked && !view.sections.has('fencing-pending')) return undefined;
  return section(
    worked ? 'Fencing History' : 'Pending Fencing Actions',
    history.entries
      .filter((entry) => (worked ? entry.state !== 'failed' : entry.state === 'pending'))
      .filter((entry) => nodeMatches(view, entry.target))
      .map((entry) => entryFor(entry, history.entries, view)),
  );
}

/** Leaves the newest of each kind (target, action, state; failures also by delegate and client), pending ones all. */
export function reduceHistory(entries: readonly FencingHistoryEntry[]): FencingHistoryEntry[] {
  const seen = new Set<string>();
  return entries.filter((entry) => {
    if (entry.state === 'pending') return true;
    const key = JSON.stringify([
      entry.target,
      entry.action,
      entry.state,
      entry.state === 'failed' ? entry.delegate : null,
    ]);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
