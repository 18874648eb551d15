import { addDays, addMonths, addSeconds, addYears, type CivilTime, fromEpoch } from '../cib/civil-time.js';
import { formatDateTime, parseDateTime, parseDuration } from '../cib/iso8601.js';

/** A word that looks like a lifetime: an ISO 8601 duration (also without `P`, as crmsh takes it) or a time. */
export function looksLikeLifetime(word: string): boolean {
  return /^P?\d+[YMWDHS]|^PT?\d|^\d{4}-?\d\d/i.test(word);
}

/**
 * The end of a lifetime that begins now, as `crm_resource --lifetime` writes it (`2026-11-21 14:01:22Z`), or null
 * where the text is no duration and no time.
 *
 * @param nowMs milliseconds since 1970
 */
export function lifetimeEnd(text: string, nowMs: number): string | null {
  const now = fromEpoch(Math.floor(nowMs / 1000));
  const duration = parseDuration(text.startsWith('P') ? text : `P${text}`);
  if (duration.ok) return formatDateTime(plus(now, duration.value));
  const moment = parseDateTime(text, now);
  return moment.ok ? formatDateTime(moment.value) : null;
}

function plus(time: CivilTime, span: CivilTime): CivilTime {
  return addSeconds(addDays(addMonths(addYears(time, span.years), span.months), span.days), span.seconds);
}
