import type { Element } from '../cib/element.js';
import { dereference } from '../cib/ids.js';
import { parseInterval } from '../cib/interval.js';
import { parseDuration } from '../cib/iso8601.js';
import { scanInteger } from '../cib/number.js';
import type { ClusterStatus } from './types.js';

/*
 * What Pacemaker says of values that it cannot read but gets by without: none of it makes a configuration invalid.
 * Each thing is said once, however often the value is read.
 */

export function remark(status: ClusterStatus, severity: 'error' | 'warning', text: string): void {
  if (status.messages.some((message) => message.text === text)) return;
  status.messages.push({ severity, text, remark: true });
}

/** A warning that counts, said once however often there is a cause for it. */
export function warnOnce(status: ClusterStatus, text: string): void {
  if (status.messages.some((message) => message.text === text)) return;
  status.messages.push({ severity: 'warning', text });
}

/** Remarks on a text that should be an interval (`10s`, `PT10S`) and is taken for 0. */
export function remarkOnInterval(status: ClusterStatus, text: string | undefined): void {
  if (text === undefined || parseInterval(text) !== undefined) return;
  if (text.startsWith('P')) {
    const duration = parseDuration(text);
    if (!duration.ok) remark(status, 'error', duration.reason);
  }
  remark(status, 'warning', `Using 0 instead of '${text}'`);
}

/** Remarks on a text that should be a whole number. */
export function remarkOnInteger(status: ClusterStatus, text: string | undefined, fallback = 0): void {
  if (text === undefined) return;
  const scanned = scanInteger(text);
  if (!scanned) {
    remark(
      status,
      'warning',
      `Could not parse integer from '${text}' (using ${fallback} instead): No digits found`,
    );
  } else if (scanned.clipped) {
    remark(status, 'warning', `Integer parsed from '${text}' was clipped to ${scanned.value}`);
  }
  const rest = scanned ? scanned.rest : text;
  if (rest !== '') remark(status, 'warning', `Characters left over after parsing '${text}': '${rest}'`);
}

/** Remarks on a text that should be a whole number of at least `minimum`. */
export function remarkOnCount(status: ClusterStatus, text: string | undefined, minimum: number): void {
  if (text === undefined) return;
  remarkOnInteger(status, text, minimum);
  const value = scanInteger(text)?.value;
  if (value === undefined) return;
  if (value < BigInt(minimum)) {
    remark(status, 'warning', `Clipped '${text}' to minimum acceptable value ${minimum}`);
  } else if (value > 2_147_483_647n) {
    remark(status, 'warning', `Clipped '${text}' to maximum integer 2147483647`);
  }
}

/** Remarks on a text that should be a score; words that mean scores are fine. */
export function remarkOnScore(status: ClusterStatus, text: string | undefined): void {
  if (text === undefined || /^(?:[+-]?INFINITY|(?:red|yellow|green))$/.test(text)) return;
  remarkOnInteger(status, text);
}

/** What an element's `id-ref` refers to, or itself; a reference to nothing is remarked on. */
export function referred(status: ClusterStatus, element: Element): Element | undefined {
  const found = dereference(element, status.cib);
  if (!found) remarkOnReference(status, element);
  return found;
}

export function remarkOnReference(status: ClusterStatus, element: Element): void {
  const path = `//${element.name}[@id='${element.get('id-ref')}']`;
  remark(status, 'error', `No match for ${path} in /cib`);
  remark(status, 'error', `No match for ${path} found in /cib: Invalid configuration`);
}
