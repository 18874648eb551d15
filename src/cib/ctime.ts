import { type CivilTime, gregorianDate, splitSeconds, weekDate } from './civil-time.js';

const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** A date as ctime(3) writes it, without the line's end: `Tue Mar  4 10:11:12 2025`. */
export function ctime(time: CivilTime): string {
  const { year, month, day } = gregorianDate(time);
  const weekday = (weekDate(time)?.weekday ?? 0) % 7;
  const { hours, minutes, seconds } = splitSeconds(time.seconds);
  const clock = [hours, minutes, seconds].map((part) => String(part).padStart(2, '0')).join(':');
  return `${WEEKDAYS[weekday]} ${MONTHS[month - 1]} ${String(day).padStart(2)} ${clock} ${year}`;
}
