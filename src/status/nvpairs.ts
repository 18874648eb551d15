import { secondsSinceEpoch } from '../cib/civil-time.js';
import type { Element } from '../cib/element.js';
import { collectNvpairs, type NvpairOptions, type RuleSurroundings } from '../cib/rule.js';
import { remark, remarkOnInteger, remarkOnReference } from './remarks.js';
import type { ClusterStatus } from './types.js';

/** Notes that the result changes at a moment (seconds since 1970) yet to come. */
export function noteRecheck(status: ClusterStatus, atSec: number): void {
  if (atSec <= status.nowSec) return;
  if (status.recheckBy === undefined || status.recheckBy > atSec) status.recheckBy = atSec;
}

/** What rules are judged against: the time, and what `more` adds. */
export function surroundings(
  status: ClusterStatus,
  more: Omit<
    RuleSurroundings,
    'now' | 'root' | 'onChangeAt' | 'onInvalidDate' | 'onInteger' | 'onMissing'
  > = {},
): RuleSurroundings {
  return {
    now: status.now,
    root: status.cib,
    onInvalidDate: (reason) => remark(status, 'error', reason),
    onInteger: (text) => remarkOnInteger(status, text),
    onMissing: (element) => remarkOnReference(status, element),
    onChangeAt: (time) => noteRecheck(status, secondsSinceEpoch(time)),
    ...more,
  };
}

/** As `collectNvpairs` of the CIB room; an absent parent has no pairs. */
export function unpackNvpairs(
  status: ClusterStatus,
  parent: Element | undefined,
  setName: string,
  context: RuleSurroundings,
  into: Map<string, string>,
  options?: NvpairOptions,
): void {
  if (parent) collectNvpairs(parent, setName, status.cib, context, into, options);
}

/** Sets what is not set yet; `#default` sets nothing. */
export function setIfAbsent(into: Map<string, string>, name: string, value: string | undefined): void {
  if (value === undefined || into.has(name)) return;
  if (value.startsWith('#') && value.toLowerCase() === '#default') return;
  into.set(name, value);
}
