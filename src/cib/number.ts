/** What was read from the start of a text, and what was left over. */
export interface Scanned {
  /** Clipped to 64 bits where `clipped` says so. */
  readonly value: bigint;
  readonly clipped: boolean;
  /** The text behind the number. */
  readonly rest: string;
}

const MAX = 2n ** 63n - 1n;
const MIN = -(2n ** 63n);

/**
 * Reads a decimal integer from the start of a text as C's `strtoll` does: leading blanks and a sign are taken,
 * what follows the digits is left over. Undefined where there is no digit.
 */
export function scanInteger(text: string): Scanned | undefined {
  const match = /^[ \t\n\v\f\r]*([+-]?)([0-9]+)/.exec(text);
  if (!match) return undefined;
  const magnitude = BigInt(match[2]!);
  const value = match[1] === '-' ? -magnitude : magnitude;
  const rest = text.slice(match[0].length);
  if (value > MAX) return { value: MAX, clipped: true, rest };
  if (value < MIN) return { value: MIN, clipped: true, rest };
  return { value, clipped: false, rest };
}

/** A range of whole numbers as in a `date_spec`; an absent bound is open. */
export interface IntegerRange {
  readonly low: bigint | undefined;
  readonly high: bigint | undefined;
}

/** Reads `5`, `5-`, `-5` (open at the start) or `1-5`; undefined for anything else. */
export function parseIntegerRange(text: string): IntegerRange | undefined {
  if (text === '' || text === '-') return undefined;
  if (text.startsWith('-')) {
    const high = scanInteger(text.slice(1));
    return high && !high.clipped && high.rest === '' ? { low: undefined, high: high.value } : undefined;
  }
  const low = scanInteger(text);
  if (!low || low.clipped) return undefined;
  if (low.rest === '') return { low: low.value, high: low.value };
  if (low.rest === '-') return { low: low.value, high: undefined };
  if (!low.rest.startsWith('-')) return undefined;
  const high = scanInteger(low.rest.slice(1));
  return high && !high.clipped && high.rest === '' ? { low: low.value, high: high.value } : undefined;
}

/**
 * Reads a floating-point number from the start of a text as C's `strtod` does. Undefined where nothing can be
 * read or the number is out of range.
 */
export function scanDouble(text: string): number | undefined {
  const match =
    /^[ \t\n\v\f\r]*([+-]?)(?:(0x[0-9a-f]+)|((?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?)|(inf(?:inity)?)|(nan))/i.exec(
      text,
    );
  if (!match) return undefined;
  const sign = match[1] === '-' ? -1 : 1;
  if (match[4]) return sign * Number.POSITIVE_INFINITY;
  if (match[5]) return Number.NaN;
  const value = sign * Number(match[2] ?? match[3]);
  return Number.isFinite(value) ? value : undefined;
}

/**
 * Compares without regard to ASCII case, as C's `strcasecmp` in the C locale: negative, 0 or positive.
 */
export function compareIgnoringCase(a: string, b: string): number {
  const left = a.replace(/[A-Z]/g, (c) => c.toLowerCase());
  const right = b.replace(/[A-Z]/g, (c) => c.toLowerCase());
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Whether two words are the same but for ASCII case; an absent word equals only an absent one. */
export function sameIgnoringCase(a: string | undefined, b: string | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && compareIgnoringCase(a, b) === 0);
}
