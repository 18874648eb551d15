import { totalSeconds } from './civil-time.js';
import { parseDuration } from './iso8601.js';
import { scanInteger } from './number.js';

/** An interval in the CIB's history is an unsigned 32-bit number of milliseconds. */
const INTERVAL_MAX = 4_294_967_295;

/** Unit → milliseconds; the first that the text starts with counts. */
const UNITS: readonly (readonly [string, number])[] = [
  ['ms', 1],
  ['us', 1 / 1000],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
];

/**
 * Milliseconds of a number with a unit (`30`, `30s`, `1 min`, `500ms`, `2h`), seconds where there is no unit.
 * A fraction is read over: `1.5s` is one second. Undefined where the text is no such thing.
 */
export function parseMilliseconds(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const match = /^[ \t\n\r\f]*([0-9.]+)[ \t\n\r\f]*(.*)$/s.exec(text);
  if (!match) return undefined;
  const unit = match[2]!.toLowerCase();
  const factor = unit === '' ? 1000 : UNITS.find(([name]) => unit.startsWith(name))?.[1];
  if (factor === undefined) return undefined;
  const number = scanInteger(match[1]!);
  if (!number) return undefined;
  return Math.trunc(Math.min(Number(number.value) * factor, Number.MAX_SAFE_INTEGER));
}

/**
 * Milliseconds of an interval: a number with a unit, or an ISO 8601 duration (`PT30S`). Undefined where it is
 * neither, or negative; bounded to 32 bits.
 */
export function parseInterval(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  let milliseconds: number | undefined;
  if (text.startsWith('P')) {
    const duration = parseDuration(text);
    if (duration.ok) milliseconds = 1000 * totalSeconds(duration.value);
  } else {
    milliseconds = parseMilliseconds(text);
  }
  if (milliseconds === undefined || milliseconds < 0) return undefined;
  return Math.min(milliseconds, INTERVAL_MAX);
}

/** As `parseInterval`; what is absent or not understood is 0, as Pacemaker takes it. */
export function intervalMs(text: string | undefined): number {
  return parseInterval(text) ?? 0;
}

/** An interval for people: `0s`, `10s`, `1.500s`, `2m30s`, `1d2h`; a whole minute alone is `60s`, as Pacemaker's. */
export function formatInterval(milliseconds: number): string {
  let rest = milliseconds;
  let text = '';
  for (const [unit, size] of [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['m', 60_000],
  ] as const) {
    if (rest > size) {
      text += `${Math.trunc(rest / size)}${unit}`;
      rest %= size;
    }
  }
  if (rest > 1000) {
    const fraction = rest % 1000;
    return `${text}${Math.trunc(rest / 1000)}${fraction > 0 ? `.${String(fraction).padStart(3, '0')}` : ''}s`;
  }
  if (rest > 0) return `${text}${rest}ms`;
  return text === '' ? '0s' : text;
}
