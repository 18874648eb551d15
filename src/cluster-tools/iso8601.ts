import { add, type CivilTime, fromEpoch } from '../cib/civil-time.js';
import {
  formatDateTime,
  formatDuration,
  formatSeconds,
  parseDateTime,
  parseDuration,
  parsePeriod,
} from '../cib/iso8601.js';
import { EXIT } from '../command-line/exit-codes.js';
import type { OptionTable } from '../command-line/options.js';
import { ToolFailure, toolWith } from '../command-line/tool.js';

const table: OptionTable = {
  name: 'iso8601',
  summary: 'Read, calculate with and show dates and times of ISO 8601',
  groups: [
    {
      name: 'commands',
      title: 'Commands:',
      help: 'Show command options',
      options: [
        { long: 'now', short: 'n', help: 'Show the present date and time' },
        {
          long: 'date',
          short: 'd',
          value: 'DATE',
          help: "Read a date ('2019-09-24 00:30:00 +01:00', '2019-040')",
        },
        { long: 'period', short: 'p', value: 'PERIOD', help: "Read a period ('2005-040/2005-043')" },
        { long: 'duration', short: 'D', value: 'DURATION', help: "Read a duration ('P1M'); with -d, add it" },
        {
          long: 'expected',
          short: 'E',
          value: 'TEXT',
          help: 'Exit with 1 where the date is not this text (needs -n or -d)',
        },
      ],
    },
    {
      name: 'modifiers',
      title: 'Output modifiers:',
      help: 'Show output modifiers',
      options: [
        { long: 'seconds', short: 's', help: 'As seconds since the year 0' },
        { long: 'epoch', short: 'S', help: 'As seconds since 1970' },
        { long: 'local', short: 'L', help: "In the date's own time zone" },
        { long: 'ordinal', short: 'O', help: 'With the day of the year' },
        { long: 'week', short: 'W', help: 'With week and weekday' },
      ],
    },
  ],
  description: 'Dates without time zone are local ones.',
};

export const iso8601 = toolWith(table, (given, report, { nowMs, zoneOffset }) => {
  const now = fromEpoch(Math.floor(nowMs / 1000), zoneOffset);
  const show = (time: CivilTime, zone: boolean): string => {
    if (given.has('seconds')) return formatSeconds(time, 'beginning');
    if (given.has('epoch')) return formatSeconds(time, 'epoch');
    const day = given.has('week') ? 'week' : given.has('ordinal') ? 'ordinal' : 'gregorian';
    return formatDateTime(time, { date: true, timeOfDay: true, zone: zone || given.has('local'), day });
  };
  const choice = given.occurrences.findLast(({ option }) => option === 'now' || option === 'date');
  const dateText = choice?.option === 'now' ? 'now' : choice?.value;
  let date: CivilTime | undefined;
  if (dateText?.toLowerCase() === 'now') {
    date = now;
    report.line(`Current date/time: ${show(date, false)}`);
  } else if (dateText !== undefined) {
    const parsed = parseDateTime(dateText, now);
    if (!parsed.ok) throw new ToolFailure(EXIT.INVALID_PARAM, `Invalid date/time specified: ${dateText}`);
    date = parsed.value;
    report.line(`Date: ${show(date, false)}`);
  }
  const durationText = given.value('duration');
  let duration: CivilTime | undefined;
  if (durationText !== undefined) {
    const parsed = parseDuration(durationText);
    if (!parsed.ok) throw new ToolFailure(EXIT.INVALID_PARAM, `Invalid duration specified: ${durationText}`);
    duration = parsed.value;
    report.line(`Duration: ${formatDuration(duration)}`);
  }
  const periodText = given.value('period');
  if (periodText !== undefined) {
    const parsed = parsePeriod(periodText, now);
    if (!parsed.ok) throw new ToolFailure(EXIT.INVALID_PARAM, `Invalid interval specified: ${periodText}`);
    report.line(`Period: ${show(parsed.value.start, false)} to ${show(parsed.value.end, false)}`);
  }
  let result = date;
  if (date && duration) {
    result = add(date, duration);
    report.line(`Duration ends at: ${show(result, true)}`);
  }
  const expected = given.value('expected');
  const differs =
    result && expected !== undefined && show(result, false).toLowerCase() !== expected.toLowerCase();
  return differs ? EXIT.ERROR : EXIT.OK;
});
