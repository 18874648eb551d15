import type { Element } from '../cib/element.js';

/** Milliseconds of an interval (`10`, `10s`, `2min`); -1 where it is none. */
export function intervalMs(text: string | undefined): number {
  const parts = /^\s*(\d+)\s*([a-zA-Z]+)?/.exec(text ?? '');
  if (!parts) return -1;
  const units: Record<string, number> = {
    ms: 1,
    msec: 1,
    us: 0.001,
    usec: 0.001,
    '': 1000,
    s: 1000,
    sec: 1000,
    m: 60_000,
    min: 60_000,
    h: 3_600_000,
    hr: 3_600_000,
  };
  const factor = units[(parts[2] ?? '').toLowerCase()];
  return factor === undefined ? -1 : Math.floor(Number(parts[1]) * factor);
}

/** The operation with this name and an equal interval; without an interval the only one of that name, or that at 0. */
export function findOperation(resource: Element, name: string, interval?: string): Element | undefined {
  const named = resource
    .elements('operations')
    .flatMap((operations) => operations.elements('op').filter((op) => op.get('name') === name));
  if (interval === undefined && named.length === 1) return named[0];
  const wanted = intervalMs(interval || '0');
  return named.find((op) => intervalMs(op.get('interval')) === wanted);
}
