import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addMonths,
  addSeconds,
  civilTime,
  compareTimes,
  fromEpoch,
  gregorianDate,
  secondsSinceEpoch,
  weekDate,
} from '../../src/cib/civil-time.js';
import { ctime } from '../../src/cib/ctime.js';
import { formatInterval, intervalMs, parseInterval } from '../../src/cib/interval.js';
import {
  formatDateTime,
  formatDuration,
  parseDateTime,
  parseDuration,
  parsePeriod,
} from '../../src/cib/iso8601.js';

const NOW = fromEpoch(Date.UTC(2024, 1, 29, 12, 30) / 1000);
/** Seconds since 1970, in years that both calendars know. */
const moment = fc.integer({ min: 0, max: 4_102_444_800 });

describe('civil time', () => {
  it('agrees with the platform’s calendar', () => {
    fc.assert(
      fc.property(moment, (seconds) => {
        const time = fromEpoch(seconds);
        const date = new Date(seconds * 1000);
        expect(gregorianDate(time)).toEqual({
          year: date.getUTCFullYear(),
          month: date.getUTCMonth() + 1,
          day: date.getUTCDate(),
        });
        expect(secondsSinceEpoch(time)).toBe(seconds);
        expect(weekDate(time)?.weekday).toBe(date.getUTCDay() || 7);
      }),
    );
  });

  it('is written as ctime(3) writes it, in its own zone', () => {
    fc.assert(
      fc.property(moment, (seconds) => {
        const [weekday, day, month, year, clock] = new Date(seconds * 1000).toUTCString().split(/,? /);
        const written = `${weekday} ${month} ${String(Number(day)).padStart(2)} ${clock} ${year}`;
        expect(ctime(fromEpoch(seconds))).toBe(written);
        expect(ctime(fromEpoch(seconds - 5400, 5400))).toBe(written);
      }),
    );
  });

  it('adds seconds as numbers are added, and compares by what is later', () => {
    fc.assert(
      fc.property(moment, fc.integer({ min: -1e8, max: 1e8 }), (seconds, extra) => {
        fc.pre(seconds + extra > 0);
        const later = addSeconds(fromEpoch(seconds), extra);
        expect(secondsSinceEpoch(later)).toBe(seconds + extra);
        expect(Math.sign(compareTimes(later, fromEpoch(seconds)))).toBe(Math.sign(extra));
      }),
    );
  });

  it('keeps to the end of shorter months', () => {
    const january31 = civilTime({ years: 2023, days: 31 });
    expect(gregorianDate(addMonths(january31, 1))).toEqual({ year: 2023, month: 2, day: 28 });
  });
});

describe('dates', () => {
  it.each([
    ['2024-02-29', '2024-02-29 00:00:00Z'],
    ['20240229', '2024-02-29 00:00:00Z'],
    ['2024-060', '2024-02-29 00:00:00Z'],
    ['2024-W09-4', '2024-02-29 00:00:00Z'],
    ['2024-02-29 23:15', '2024-02-29 23:15:00Z'],
    ['2024-02-29T23:15:07Z', '2024-02-29 23:15:07Z'],
    ['2024-02-29 12:00:00 +02:00', '2024-02-29 12:00:00 +02:00'],
    ['2024-02-29 24:00:00', '2024-03-01 00:00:00Z'],
    ['T08:00', '2024-02-29 08:00:00Z'],
    ['epoch', '1970-01-01 00:00:00Z'],
  ])('%s is read', (text, expected) => {
    const read = parseDateTime(text, NOW);
    expect(
      read.ok ? formatDateTime(read.value, { date: true, timeOfDay: true, zone: true }) : read.reason,
    ).toBe(expected);
  });

  it.each([
    ['2023-02-29', "'29' is not a valid day of the month"],
    ['2024-13-01', "'13' is not a valid month"],
    ['2023-366', "'366' is not a valid day of the year"],
    ['2023-W53-1', "'53' is not a valid week"],
    ['yesterday', "'yesterday' is not a valid ISO 8601 date/time specification"],
    ['', 'No ISO 8601'],
  ])('%j is refused, with the reason', (text, reason) => {
    const read = parseDateTime(text, NOW);
    expect(read.ok ? 'read' : read.reason).toContain(reason);
  });

  it('never crash the reader', () => {
    const piece = fc.constantFrom(
      '2024',
      '-',
      'W',
      'T',
      ':',
      ' ',
      'Z',
      '+',
      'P',
      'Y',
      'M',
      '/',
      '00',
      '9',
      'x',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
        const text = pieces.join('');
        parseDateTime(text, NOW);
        parseDuration(text);
        parsePeriod(text, NOW);
      }),
    );
  });
});

describe('durations and intervals', () => {
  it.each([
    ['P1Y2M3DT4H5M6S', '1 year 2 months 3 days 14706 seconds (4 hours 5 minutes 6 seconds)'],
    ['P2W', '14 days'],
    ['PT90S', '90 seconds (1 minute 30 seconds)'],
  ])('%s', (text, expected) => {
    const read = parseDuration(text);
    expect(read.ok ? formatDuration(read.value).replace(/ +/g, ' ').trim() : read.reason).toBe(expected);
  });

  it.each<[string, number | undefined]>([
    ['10', 10_000],
    ['10s', 10_000],
    [' 10 sec', 10_000],
    ['500ms', 500],
    ['2min', 120_000],
    ['1h', 3_600_000],
    ['PT30S', 30_000],
    // Pacemaker 2.1.5 counts the days of a duration from 1.
    ['P1D', 0],
    ['P2D', 86_400_000],
    ['1week', undefined],
    ['-5s', undefined],
    ['', undefined],
    ['99999999h', 4_294_967_295],
  ])('%j is %j milliseconds', (text, expected) => {
    expect(parseInterval(text)).toBe(expected);
    expect(intervalMs(text)).toBe(expected ?? 0);
  });

  it.each([
    [0, '0s'],
    [10_000, '10s'],
    [1500, '1.500s'],
    [60_000, '60s'],
    [150_000, '2m30s'],
    [93_600_000, '1d2h'],
  ])('%d is shown as %s', (milliseconds, text) => {
    expect(formatInterval(milliseconds)).toBe(text);
  });
});
