import type { ClusterEvent } from '../../protocol/messages.js';

/** A point in time as typed: `14:30`, `2026-11-20 14:30`, `2h` (ago), `yesterday`, `now`; null where it is none. */
export function readTime(text: string, nowMs: number): number | null {
  const ago = /^-?(\d+(?:\.\d+)?)\s*(s|sec|m|min|h|d|w)\w*(?:\s+ago)?$/i.exec(text);
  if (ago) {
    const unit = { s: 1, sec: 1, m: 60, min: 60, h: 3600, d: 86_400, w: 604_800 }[ago[2]!.toLowerCase()]!;
    return nowMs - Number(ago[1]) * unit * 1000;
  }
  if (/^now$/i.test(text)) return nowMs;
  const midnight = new Date(nowMs);
  midnight.setHours(0, 0, 0, 0);
  if (/^today$/i.test(text)) return midnight.getTime();
  if (/^yesterday$/i.test(text)) return midnight.getTime() - 86_400_000;
  const clock = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(text);
  if (clock) {
    const at = new Date(midnight);
    at.setHours(Number(clock[1]), Number(clock[2]), Number(clock[3] ?? 0));
    return at.getTime();
  }
  const full = /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[ T](\d{1,2}):(\d{2})(?::(\d{2}))?(Z)?)?$/.exec(text);
  if (!full) return null;
  const [year, month, day, hour, minute, second] = full.slice(1, 7).map((part) => Number(part ?? 0));
  return full[7]
    ? Date.UTC(year!, month! - 1, day, hour, minute, second)
    : new Date(year!, month! - 1, day, hour, minute, second).getTime();
}

/** `Nov 21 14:30:05.123` in local time. */
export function formatTime(ms: number): string {
  const date = new Date(ms);
  const [, month, day] = date.toDateString().split(' ');
  const pad = (value: number, digits = 2) => String(value).padStart(digits, '0');
  const clock = `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`;
  return `${month} ${day} ${clock}.${pad(date.getMilliseconds(), 3)}`;
}

/** `0.31 s`, `2 min 5 s`, `1 h 3 min`. */
export function formatSpan(ms: number): string {
  if (ms < 10_000) return `${(ms / 1000).toFixed(2)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** A pause this long starts a new paragraph. */
const PARAGRAPH_MS = 5000;

/**
 * Events as lines: time, node, what happened, and how long after the event before. The same event recorded by
 * several nodes is one line with all their names.
 */
export function timeline(events: readonly ClusterEvent[], detail: boolean): string[] {
  const lines: string[] = [];
  const merged = mergeWitnesses(events);
  const width = Math.max(0, ...merged.map(({ node }) => node.length));
  let before: number | null = null;
  for (const event of merged) {
    const span = before === null ? null : event.atMs - before;
    if (span !== null && span > PARAGRAPH_MS) lines.push('');
    const after = span === null || span > PARAGRAPH_MS ? '' : ` (+${formatSpan(Math.max(0, span))})`;
    lines.push(`${formatTime(event.atMs)} ${event.node.padEnd(width)} ${event.text}${after}`);
    if (detail) {
      const data = Object.entries(event.data).map(([name, value]) => `${name}=${value}`);
      if (data.length > 0) lines.push(`${' '.repeat(20 + width)} ${data.join(' ')}`);
    }
    before = event.atMs;
  }
  return lines;
}

/** Nodes that record the same within this time have seen the same thing. */
const WITNESS_MS = 2000;

/** Events that several nodes recorded become one, at the first one's time, by all of them. */
export function mergeWitnesses(events: readonly ClusterEvent[]): ClusterEvent[] {
  const merged: ClusterEvent[] = [];
  for (const event of events) {
    let known = -1;
    for (let at = merged.length - 1; at >= 0 && event.atMs - merged[at]!.atMs <= WITNESS_MS; at--) {
      const other = merged[at]!;
      if (other.kind !== event.kind || other.text !== event.text) continue;
      if (!other.node.split(',').includes(event.node)) known = at;
      break;
    }
    if (known < 0) merged.push(event);
    else merged[known] = { ...merged[known]!, node: `${merged[known]!.node},${event.node}` };
  }
  return merged;
}
