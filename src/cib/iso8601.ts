import {
  add,
  addDays,
  type CivilTime,
  civilTime,
  DAY_SECONDS,
  daysInMonth,
  daysInYear,
  gregorianDate,
  HOUR_SECONDS,
  isDefined,
  isSensible,
  january1Weekday,
  ordinalDay,
  secondsSinceEpoch,
  splitSeconds,
  subtract,
  totalSeconds,
  toUtc,
  weekDate,
  weeksInYear,
} from './civil-time.js';

/** What was read, or why it could not be. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: string };

function refused(reason: string): { ok: false; reason: string } {
  return { ok: false, reason };
}

/**
 * Reads whole numbers at the start of a text, with literal characters between them, as C's `scanf` does with
 * `%d`: blanks before a number are skipped, a sign counts as part of it, reading stops at the first thing that
 * does not fit.
 *
 * @param pattern numbers as `[width]` (null: any width) and the literals between them
 * @returns the numbers read; undefined where the text ended before anything could be decided
 */
function scan(text: string, pattern: readonly (string | number | null)[]): number[] | undefined {
  const found: number[] = [];
  let at = 0;
  for (const part of pattern) {
    if (typeof part === 'string') {
      if (text[at] !== part) return found;
      at++;
      continue;
    }
    while (at < text.length && /\s/.test(text[at]!)) at++;
    if (at >= text.length) return found.length === 0 ? undefined : found;
    const match = /^[+-]?[0-9]+/.exec(text.slice(at, part === null ? undefined : at + part));
    if (!match) return found;
    found.push(Number(match[0]));
    at += match[0].length;
  }
  return found;
}

/** Seconds of the day; may be a whole day (24:00:00). */
function parseTimeOfDay(text: string): Parsed<number> {
  let numbers = scan(text, [null, ':', null, ':', null]);
  if (numbers?.length === 1) numbers = scan(text, [2, 2, 2]);
  if (numbers?.length === 0) return refused(`${text} is not a valid ISO 8601 time specification`);
  const [hours = 0, minutes = 0, seconds = 0] = numbers ?? [];
  const because = (value: number, what: string) =>
    refused(`${text} is not a valid ISO 8601 time specification because ${value} is not a valid ${what}`);
  const wholeDay = hours === 24 && minutes === 0 && seconds === 0;
  if (!wholeDay && (hours < 0 || hours >= 24)) return because(hours, 'hour');
  if (minutes < 0 || minutes >= 60) return because(minutes, 'minute');
  if (seconds < 0 || seconds >= 60) return because(seconds, 'second');
  return { ok: true, value: hours * HOUR_SECONDS + minutes * 60 + seconds };
}

function parseOffset(text: string | undefined, now: CivilTime): Parsed<number> {
  if (text === undefined) return { ok: true, value: now.offset };
  if (!/^[+\-0-9]/.test(text)) return { ok: true, value: 0 };
  const negative = text.startsWith('-');
  const seconds = parseTimeOfDay(text.replace(/^[+-]/, ''));
  return seconds.ok && negative ? { ok: true, value: 0 - seconds.value } : seconds;
}

function withTime(text: string, date: CivilTime, now: CivilTime): Parsed<CivilTime> {
  const seconds = parseTimeOfDay(text);
  if (!seconds.ok) return seconds;
  const zulu = text.indexOf('Z');
  const blank = text.indexOf(' ');
  const zone = zulu >= 0 ? text.slice(zulu) : blank >= 0 ? text.slice(blank).trimStart() : undefined;
  const offset = parseOffset(zone, now);
  if (!offset.ok) return offset;
  const time = { ...date, seconds: seconds.value, offset: offset.value };
  return {
    ok: true,
    value: time.seconds === DAY_SECONDS ? addDays({ ...time, seconds: 0 }, 1) : time,
  };
}

function parseDay(text: string): Parsed<CivilTime> {
  const because = (value: number, what: string) =>
    refused(
      `'${text}' is not a valid ISO 8601 date/time specification because '${value}' is not a valid ${what}`,
    );
  let numbers = scan(text, [null, '-', null, '-', null]);
  const first = numbers;
  if (numbers?.length === 1) numbers = scan(text, [4, 2, 2]);
  if (numbers?.length === 3) {
    const [year, month, day] = numbers as [number, number, number];
    if (month > 12) return because(month, 'month');
    if (day > daysInMonth(month, year)) return because(day, 'day of the month');
    return { ok: true, value: civilTime({ years: year, days: ordinalDay(year, month, day) }) };
  }
  if (first !== undefined && first.length >= 2) {
    const [year, day] = first as [number, number];
    if (day > daysInYear(year)) return because(day, `day of the year (max ${daysInYear(year)})`);
    return { ok: true, value: civilTime({ years: year, days: day }) };
  }
  const week = scan(text, [null, '-', 'W', null, '-', null]);
  if (week?.length === 3) {
    const [year, number, weekday] = week as [number, number, number];
    if (number > weeksInYear(year)) return because(number, `week of the year (max ${weeksInYear(year)})`);
    if (weekday < 1 || weekday > 7) return because(weekday, 'day of the week');
    const jan1 = january1Weekday(year);
    let date = civilTime({ years: year });
    date = addDays(date, (number - 1) * 7);
    date = addDays(date, jan1 <= 4 ? 1 - jan1 : 8 - jan1);
    return { ok: true, value: addDays(date, weekday) };
  }
  return refused(`'${text}' is not a valid ISO 8601 date/time specification`);
}

/**
 * Reads a date with an optional time of day and time zone, as Pacemaker 2.1.5 does: `YYYY-MM-DD`, `YYYYMMDD`,
 * `YYYY-DDD`, `YYYY-Www-D` or `epoch`; then a blank or `T`, `HH:MM:SS` or `HHMMSS` (minutes and seconds are
 * optional), `Z` or, behind a blank, an offset. A time alone is a time today. A time without zone is local.
 *
 * @param now the present, in the local time zone: gives the day of a time alone, and the local offset
 */
export function parseDateTime(text: string, now: CivilTime): Parsed<CivilTime> {
  if (text === '') return refused('No ISO 8601 date/time specification given');
  let date: CivilTime;
  let time: string | undefined;
  if (text.startsWith('T') || text[2] === ':') {
    date = now;
    time = text.startsWith('T') ? text.slice(1) : text;
  } else {
    if (/^epoch(?:$|[/\s])/i.test(text)) return { ok: true, value: civilTime({ years: 1970, days: 1 }) };
    const day = parseDay(text);
    if (!day.ok) return day;
    date = day.value;
    const rest = text.replace(/^[-0-9W]*/, '');
    if (/^[ T]/.test(rest)) time = rest.slice(1);
  }
  const result = time === undefined ? { ok: true as const, value: date } : withTime(time, date, now);
  if (!result.ok) return result;
  return isSensible(result.value)
    ? result
    : refused(`'${text}' is not a valid ISO 8601 date/time specification`);
}

/**
 * Reads one number of a duration.
 *
 * @returns its value and how many characters it took; 0 characters where there is none
 */
function durationNumber(text: string): { value: number; length: number } {
  const fraction = /^[.,]([0-9]+)/.exec(text);
  if (fraction) return { value: 0, length: fraction[0].length };
  const match = /^([-+:]?)([0-9]{1,10})/.exec(text);
  if (!match) return { value: 0, length: 0 };
  let value = 0;
  for (const digit of match[2]!) value = (value * 10 + Number(digit)) | 0;
  return { value: match[1] === '-' ? 0 - value : value, length: match[0].length };
}

/**
 * Reads a duration such as `P1Y2M3DT4H5M6S` or `P2W`. What follows a blank or `/` is not looked at. Units may
 * come in any order; fractions count nothing.
 */
export function parseDuration(text: string): Parsed<CivilTime> {
  if (text === '') return refused('No ISO 8601 time duration given');
  const because = (why: string) => refused(`'${text}' is not a valid ISO 8601 time duration because ${why}`);
  if (!text.startsWith('P')) return because("it does not start with a 'P'");
  if (text.length === 1 || /\s/.test(text[1]!)) return because("nothing follows 'P'");
  let [years, months, days, seconds] = [0, 0, 0, 0];
  let inTime = false;
  for (let at = 1; at < text.length && !/[/\s]/.test(text[at]!); at++) {
    if (text[at] === 'T') {
      inTime = true;
      continue;
    }
    const number = durationNumber(text.slice(at));
    if (number.length === 0) return because(`no integer at '${text.slice(at)}'`);
    at += number.length;
    const unit = text[at];
    if (unit === 'Y') years = number.value;
    else if (unit === 'M' && inTime) seconds += number.value * 60;
    else if (unit === 'M') months = number.value;
    else if (unit === 'W') days += number.value * 7;
    else if (unit === 'D') days += number.value;
    else if (unit === 'H') seconds += number.value * HOUR_SECONDS;
    else if (unit === 'S') seconds += number.value;
    else if (unit === undefined) return because(`no units after ${number.value}`);
    else return because(`'${unit}' is not a valid time unit`);
  }
  return { ok: true, value: civilTime({ years, months, days, seconds, duration: true }) };
}

export interface Period {
  readonly start: CivilTime;
  readonly end: CivilTime;
}

/**
 * Reads `start/end`, `start/duration`, `duration/end`, or a duration alone, which starts now.
 *
 * @param now the present, in the local time zone
 */
export function parsePeriod(text: string, now: CivilTime): Parsed<Period> {
  if (text === '') return refused('No ISO 8601 time period given');
  const slash = text.indexOf('/');
  const second = slash < 0 ? undefined : text.slice(slash + 1);
  let span: CivilTime | undefined;
  let start: CivilTime | undefined;
  let end: CivilTime | undefined;
  if (text.startsWith('P')) {
    const duration = parseDuration(text);
    if (!duration.ok) return duration;
    span = duration.value;
  } else {
    const date = parseDateTime(text, now);
    if (!date.ok) return date;
    start = date.value;
  }
  const because = (why: string) => refused(`'${text}' is not a valid ISO 8601 time period because ${why}`);
  if (second?.startsWith('P')) {
    if (span) return because('it has two durations');
    const duration = parseDuration(second);
    if (!duration.ok) return duration;
    span = duration.value;
  } else if (second !== undefined) {
    const date = parseDateTime(second, now);
    if (!date.ok) return date;
    end = date.value;
  } else if (span) {
    start = now;
  } else {
    return because('it has no duration or ending time');
  }
  start ??= subtract(end!, span!);
  end ??= add(start, span!);
  if (!isSensible(start)) return because('the start is invalid');
  if (!isSensible(end)) return because('the end is invalid');
  return { ok: true, value: { start, end } };
}

export interface TimeFormat {
  readonly date?: boolean;
  readonly timeOfDay?: boolean;
  /** Keep the time's own zone; otherwise it is shown in UTC. */
  readonly zone?: boolean;
  /** How the day is written. Default `gregorian`. */
  readonly day?: 'gregorian' | 'ordinal' | 'week';
}

/** Years before 1 come out as Pacemaker's unsigned numbers do. */
function pad(value: number, digits: number): string {
  return String(value >>> 0).padStart(digits, '0');
}

/** `YYYY-MM-DD HH:MM:SSZ`, or as `format` says. */
export function formatDateTime(
  time: CivilTime,
  format: TimeFormat = { date: true, timeOfDay: true },
): string {
  const shown = time.offset !== 0 && !format.zone ? toUtc(time) : time;
  if (!isDefined(shown)) return '<undefined time>';
  const words: string[] = [];
  if (format.date) {
    if (format.day === 'week') {
      const week = weekDate(shown);
      if (week) words.push(`${week.year >>> 0}-W${pad(week.week, 2)}-${week.weekday}`);
    } else if (format.day === 'ordinal') {
      words.push(`${shown.years >>> 0}-${pad(shown.days, 3)}`);
    } else {
      const { year, month, day } = gregorianDate(shown);
      words.push(`${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`);
    }
  }
  if (format.timeOfDay) {
    const { hours, minutes, seconds } = splitSeconds(shown.seconds);
    const clock = `${pad(hours, 2)}:${pad(minutes, 2)}:${pad(seconds, 2)}`;
    if (format.zone && shown.offset !== 0) {
      const zone = splitSeconds(shown.offset);
      words.push(clock, `${shown.offset < 0 ? '-' : '+'}${pad(zone.hours, 2)}:${pad(zone.minutes, 2)}`);
    } else {
      words.push(`${clock}Z`);
    }
  }
  return words.join(' ');
}

/** As `formatDateTime`, but a number of seconds since the beginning of the calendar, or since 1970. */
export function formatSeconds(time: CivilTime, since: 'beginning' | 'epoch'): string {
  if (!isDefined(time)) return '<undefined time>';
  return String(since === 'epoch' ? secondsSinceEpoch(time) : totalSeconds(time));
}

/** A duration in words, as `iso8601 -D` prints it. */
export function formatDuration(time: CivilTime): string {
  if (!isDefined(time)) return '<undefined time>';
  const counted = (amount: number, unit: string) => `${amount} ${unit}${amount === 1 ? '' : 's'}`;
  let text = '';
  if (time.years) text += `${counted(time.years, 'year').padStart(width(time.years, 'year', 4))} `;
  if (time.months) text += `${counted(time.months, 'month').padStart(width(time.months, 'month', 2))} `;
  if (time.days) text += `${counted(time.days, 'day').padStart(width(time.days, 'day', 2))} `;
  const { seconds } = time;
  if ((text === '' || seconds !== 0) && Math.abs(seconds) < 60) return text + counted(seconds, 'second');
  if (seconds === 0) return text;
  const split = splitSeconds(seconds);
  const parts: string[] = [];
  if (split.hours) parts.push(counted(split.hours, 'hour'));
  if (split.minutes) parts.push(counted(split.minutes, 'minute'));
  if (split.seconds) parts.push(counted(split.seconds, 'second'));
  return `${text}${seconds} seconds (${parts.join(' ')})`;
}

/** Length of a counted unit whose number takes at least `digits` places. */
function width(amount: number, unit: string, digits: number): number {
  return Math.max(String(amount).length, digits) + 1 + unit.length + (amount === 1 ? 0 : 1);
}
