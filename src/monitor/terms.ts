/** The words that Pacemaker uses for codes, times and durations in status output. */

import { fromEpoch } from '../cib/civil-time.js';
import { ctime } from '../cib/ctime.js';

/** An OCF exit code in words. */
export { exitStatusName as exitText } from '../cib/agent-exit-status.js';

const EXECUTION: Readonly<Record<number, string>> = {
  [-1]: 'pending',
  0: 'complete',
  1: 'Cancelled',
  2: 'Timed Out',
  3: 'NOT SUPPORTED',
  4: 'Error',
  5: 'Hard error',
  6: 'Fatal error',
  7: 'Not installed',
  8: 'Internal communication failure',
  9: 'Cannot execute now',
  10: 'No fence device',
  11: 'CIB secrets unavailable',
};

/** An operation's `op-status` in words. */
export function executionText(status: number): string {
  return EXECUTION[status] ?? 'UNKNOWN!';
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}

/** Local time as ctime(3) writes it: `Tue Mar  4 10:11:12 2025`. */
export function calendarTime(ms: number): string {
  return ctime(fromEpoch(Math.floor(ms / 1000), -60 * new Date(ms).getTimezoneOffset()));
}

/** Local time with its zone: `2025-03-04 10:11:12Z`, `2025-03-04 11:11:12 +01:00`. */
export function zonedTime(ms: number): string {
  const date = new Date(ms);
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  const offset = -date.getTimezoneOffset();
  if (offset === 0) return `${day} ${clock}Z`;
  const minutes = Math.abs(offset);
  return `${day} ${clock} ${offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

/** `90000` → `1m30s`, `1500` → `1.500s`, `60000` → `60s`: a unit is used only when more than one of it is there. */
export function readableInterval(ms: number): string {
  let rest = ms;
  let text = '';
  for (const [unit, length] of [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['m', 60_000],
  ] as const) {
    if (rest > length) {
      text += `${Math.floor(rest / length)}${unit}`;
      rest %= length;
    }
  }
  if (rest > 1000) {
    const fraction = rest % 1000;
    return `${text}${Math.floor(rest / 1000)}${fraction > 0 ? `.${String(fraction).padStart(3, '0')}` : ''}s`;
  }
  if (rest > 0) return `${text}${rest}ms`;
  return text === '' ? '0s' : text;
}

/** `1 node`, `2 nodes` */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** C's `%-Ns`: padded to a number of bytes in UTF-8. */
export function padBytes(text: string, bytes: number): string {
  let length = 0;
  for (const character of text) {
    const point = character.codePointAt(0)!;
    length += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  }
  return text + ' '.repeat(Math.max(0, bytes - length));
}

/** An integer from an attribute, as Pacemaker scans it; `fallback` where it is absent or no number. */
export function scanNumber(value: string | undefined, fallback: number): number {
  if (value === undefined) return fallback;
  const match = /^\s*[-+]?[0-9]+/.exec(value);
  return match ? Number.parseInt(match[0], 10) : fallback;
}
