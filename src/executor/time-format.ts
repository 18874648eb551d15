/** `timestamp-format` of alerts: strftime(3) in the C locale and local time, and `%N` for parts of a second as date(1) has it. */

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

/** `nowMs` is milliseconds since 1970. A conversion that is not known stays as it stands. */
export function formatTime(format: string, nowMs: number): string {
  const time = new Date(nowMs);
  return format.replace(/%([0-9]*)([A-Za-z%])/g, (whole, width: string, conversion: string) => {
    if (conversion === 'N') {
      const nanoseconds = String((nowMs % 1000) * 1_000_000).padStart(9, '0');
      const digits = width === '' ? 9 : Math.min(9, Math.max(1, Number(width)));
      return nanoseconds.slice(0, digits);
    }
    return convert(conversion, time) ?? whole;
  });
}

function convert(conversion: string, time: Date): string | undefined {
  const two = (value: number, fill = '0'): string => String(value).padStart(2, fill);
  const hour12 = time.getHours() % 12 || 12;
  switch (conversion) {
    case 'a':
      return DAYS[time.getDay()]!.slice(0, 3);
    case 'A':
      return DAYS[time.getDay()];
    case 'b':
    case 'h':
      return MONTHS[time.getMonth()]!.slice(0, 3);
    case 'B':
      return MONTHS[time.getMonth()];
    case 'c':
      return formatTime('%a %b %e %H:%M:%S %Y', time.getTime());
    case 'C':
      return two(Math.floor(time.getFullYear() / 100));
    case 'd':
      return two(time.getDate());
    case 'D':
    case 'x':
      return formatTime('%m/%d/%y', time.getTime());
    case 'e':
      return two(time.getDate(), ' ');
    case 'F':
      return formatTime('%Y-%m-%d', time.getTime());
    case 'H':
      return two(time.getHours());
    case 'I':
      return two(hour12);
    case 'j':
      return String(dayOfYear(time)).padStart(3, '0');
    case 'k':
      return two(time.getHours(), ' ');
    case 'l':
      return two(hour12, ' ');
    case 'm':
      return two(time.getMonth() + 1);
    case 'M':
      return two(time.getMinutes());
    case 'n':
      return '\n';
    case 'p':
      return time.getHours() < 12 ? 'AM' : 'PM';
    case 'r':
      return formatTime('%I:%M:%S %p', time.getTime());
    case 'R':
      return formatTime('%H:%M', time.getTime());
    case 's':
      return String(Math.floor(time.getTime() / 1000));
    case 'S':
      return two(time.getSeconds());
    case 't':
      return '\t';
    case 'T':
    case 'X':
      return formatTime('%H:%M:%S', time.getTime());
    case 'u':
      return String(time.getDay() || 7);
    case 'w':
      return String(time.getDay());
    case 'y':
      return two(time.getFullYear() % 100);
    case 'Y':
      return String(time.getFullYear());
    case 'z':
      return zone(time);
    case '%':
      return '%';
    default:
      return undefined;
  }
}

function dayOfYear(time: Date): number {
  const start = Date.UTC(time.getFullYear(), 0, 1);
  return 1 + (Date.UTC(time.getFullYear(), time.getMonth(), time.getDate()) - start) / 86_400_000;
}

/** `+0200`. */
function zone(time: Date): string {
  const minutes = -time.getTimezoneOffset();
  const hours = Math.floor(Math.abs(minutes) / 60);
  return `${minutes < 0 ? '-' : '+'}${String(hours * 100 + (Math.abs(minutes) % 60)).padStart(4, '0')}`;
}
