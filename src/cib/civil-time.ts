/**
 * A date with time of day, or a duration, in Pacemaker's own calendar arithmetic (`iso8601`, `crm_time_t`).
 *
 * All numbers are whole. A date has no `months`: `days` is its ordinal day in the year.
 */
export interface CivilTime {
  /** Gregorian year of a date, years of a duration. */
  readonly years: number;
  /** Only durations have months. */
  readonly months: number;
  /** Day of the year of a date (from 1), days of a duration. */
  readonly days: number;
  /** Seconds of the day of a date (0 to 86399), seconds of a duration. */
  readonly seconds: number;
  /** Seconds east of UTC; 0 for durations. */
  readonly offset: number;
  readonly duration: boolean;
}

export const HOUR_SECONDS = 3600;
export const DAY_SECONDS = 86_400;

/** Seconds from the calendar's beginning (year 1) to 1970-01-01 00:00:00Z. */
const EPOCH_SECONDS = 62_135_596_800;

export function civilTime(fields: Partial<CivilTime>): CivilTime {
  return { years: 0, months: 0, days: 0, seconds: 0, offset: 0, duration: false, ...fields };
}

/** Whether anything was ever set. */
export function isDefined(time: CivilTime): boolean {
  return (
    time.years !== 0 ||
    time.months !== 0 ||
    time.days !== 0 ||
    time.seconds !== 0 ||
    time.offset !== 0 ||
    time.duration
  );
}

export function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

export function daysInYear(year: number): number {
  return isLeapYear(year) ? 366 : 365;
}

const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** 0 for a month that does not exist. */
export function daysInMonth(month: number, year: number): number {
  return month === 2 && isLeapYear(year) ? 29 : (MONTH_DAYS[month - 1] ?? 0);
}

/** Weekday of 1 January, Monday is 1 (the ISO week date algorithm by Rick McCarty). */
export function january1Weekday(year: number): number {
  const yearOfCentury = (year - 1) % 100;
  const century = year - 1 - yearOfCentury;
  return 1 + ((((century / 100) % 4) * 5 + yearOfCentury + Math.trunc(yearOfCentury / 4)) % 7);
}

export function weeksInYear(year: number): number {
  return january1Weekday(year) === 4 || january1Weekday(year + 1) === 5 ? 53 : 52;
}

/** Day of the year of a day in a month. */
export function ordinalDay(year: number, month: number, day: number): number {
  let days = day;
  for (let m = 1; m < month && m <= 12; m++) days += daysInMonth(m, year);
  return days;
}

export interface GregorianDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/** Year, month and day; a duration without years gives its months and days as they are. */
export function gregorianDate(time: CivilTime): GregorianDate {
  if (time.years === 0) return { year: 0, month: time.months, day: time.days };
  let month = 1;
  let day = time.days;
  while (month <= 12 && day > 0) {
    const length = daysInMonth(month, time.years);
    if (length >= day) break;
    day -= length;
    month++;
  }
  return { year: time.years, month, day };
}

export interface WeekDate {
  /** The year that the week belongs to. */
  readonly year: number;
  readonly week: number;
  /** Monday is 1. */
  readonly weekday: number;
}

/** ISO 8601 week date; undefined where the day of the year is not set. */
export function weekDate(time: CivilTime): WeekDate | undefined {
  if (time.days <= 0) return undefined;
  const first = january1Weekday(time.years);
  const weekday = 1 + ((time.days + first - 2) % 7);
  if (time.days <= 8 - first && first > 4) {
    return { year: time.years - 1, week: weeksInYear(time.years - 1), weekday };
  }
  if (daysInYear(time.years) - time.days < 4 - weekday) return { year: time.years + 1, week: 1, weekday };
  const week = Math.trunc((time.days + (7 - weekday) + (first - 1)) / 7);
  return { year: time.years, week: first > 4 ? week - 1 : week, weekday };
}

export interface TimeOfDay {
  readonly hours: number;
  readonly minutes: number;
  readonly seconds: number;
}

/** Of the number without its sign. */
export function splitSeconds(seconds: number): TimeOfDay {
  const whole = Math.abs(seconds);
  return {
    hours: Math.trunc(whole / HOUR_SECONDS),
    minutes: Math.trunc(whole / 60) % 60,
    seconds: whole % 60,
  };
}

/** The same moment with offset 0. The mark of a duration is dropped. */
export function toUtc(time: CivilTime): CivilTime {
  const utc = { ...time, offset: 0, duration: false };
  return time.offset === 0 ? utc : addSeconds({ ...utc, months: 0 }, -time.offset);
}

export function addSeconds(time: CivilTime, extra: number): CivilTime {
  const total = time.seconds + extra;
  const days = Math.floor(total / DAY_SECONDS);
  return addDays({ ...time, seconds: total - days * DAY_SECONDS }, days);
}

export function addDays(time: CivilTime, extra: number): CivilTime {
  let { years, days } = time;
  days += extra;
  while (days > daysInYear(years)) {
    days -= daysInYear(years);
    years++;
  }
  const lowest = time.duration ? 0 : 1;
  while (days < lowest) {
    years--;
    days += daysInYear(years);
  }
  return { ...time, years, days };
}

/** The day of the month stays, as far as the resulting month has it. */
export function addMonths(time: CivilTime, extra: number): CivilTime {
  const { year, month, day } = gregorianDate(time);
  let newMonth = month;
  let newYear = year;
  for (let i = 0; i < extra; i++) {
    newMonth++;
    if (newMonth === 13) {
      newMonth = 1;
      newYear++;
    }
  }
  for (let i = 0; i < -extra; i++) {
    newMonth--;
    if (newMonth === 0) {
      newMonth = 12;
      newYear--;
    }
  }
  const newDay = Math.min(day, daysInMonth(newMonth, newYear));
  return { ...time, years: newYear, days: ordinalDay(newYear, newMonth, newDay) };
}

/** The day of the year stays: a year after 29 February 2020 is 1 March 2021. */
export function addYears(time: CivilTime, extra: number): CivilTime {
  return { ...time, years: time.years + extra };
}

/** A date and a duration later. Years are added first, then months, days and seconds. */
export function add(time: CivilTime, value: CivilTime): CivilTime {
  const span = toUtc(value);
  let answer: CivilTime = { ...time, duration: false, years: time.years + span.years };
  answer = addMonths(answer, span.months);
  answer = addDays(answer, span.days);
  return addSeconds(answer, span.seconds);
}

function less(time: CivilTime, value: CivilTime): CivilTime {
  const span = toUtc(value);
  let answer: CivilTime = { ...time, years: time.years - span.years };
  if (span.months !== 0) answer = addMonths(answer, -span.months);
  answer = addDays(answer, -span.days);
  return addSeconds(answer, -span.seconds);
}

/** A duration earlier than a date. */
export function subtract(time: CivilTime, value: CivilTime): CivilTime {
  return less({ ...time, duration: false }, value);
}

/** How long it is from `value` to `time`, as a duration. */
export function durationBetween(time: CivilTime, value: CivilTime): CivilTime {
  return less({ ...toUtc(time), duration: true }, value);
}

/** Whether it is a date that exists, with a time of day. */
export function isSensible(time: CivilTime): boolean {
  return (
    time.days > 0 && time.days <= daysInYear(time.years) && time.seconds >= 0 && time.seconds < DAY_SECONDS
  );
}

/** Negative where `a` is earlier. Both are seen in UTC; months of durations do not count. */
export function compareTimes(a: CivilTime, b: CivilTime): number {
  const x = toUtc(a);
  const y = toUtc(b);
  return Math.sign(x.years - y.years || x.days - y.days || x.seconds - y.seconds);
}

/** Seconds since the beginning of the year 1, or of a duration; a month of a duration counts 30 days. */
export function totalSeconds(time: CivilTime): number {
  const utc = toUtc(time);
  let days = 0;
  if (utc.years > 1) {
    const y = utc.years - 1;
    days = y * 365 + Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400);
  }
  if (utc.months > 0) days += 30 * utc.months;
  if (utc.days > 0) days += utc.days - 1;
  return days * DAY_SECONDS + utc.seconds;
}

export function secondsSinceEpoch(time: CivilTime): number {
  return totalSeconds(time) - EPOCH_SECONDS;
}

/**
 * The civil time at an instant.
 *
 * @param epochSeconds whole seconds since 1970
 * @param offset seconds east of UTC of the zone it is seen in
 */
export function fromEpoch(epochSeconds: number, offset = 0): CivilTime {
  const local = epochSeconds + offset;
  const dayNumber = Math.floor(local / DAY_SECONDS);
  let years = 1970 + Math.floor(dayNumber / 366);
  const firstDay = (year: number) => {
    const y = year - 1;
    return y * 365 + Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400) - 719_162;
  };
  while (firstDay(years + 1) <= dayNumber) years++;
  while (firstDay(years) > dayNumber) years--;
  return civilTime({
    years,
    days: dayNumber - firstDay(years) + 1,
    seconds: local - dayNumber * DAY_SECONDS,
    offset,
  });
}
