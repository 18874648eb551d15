/** Versions of the messages between agents that an agent can speak, both ends included. */
export interface ProtocolRange {
  readonly oldest: number;
  readonly newest: number;
}

/**
 * What this software speaks. A change that an older agent would misunderstand gets a new number, and is used only in
 * views whose `protocol` has reached it; `oldest` rises when support for a number ends. What an older agent can ignore
 * (a further message, a further field) needs no number.
 */
export const PROTOCOL: ProtocolRange = { oldest: 1, newest: 1 };

/** An agent that says nothing about it is of the first version. */
export const FIRST_PROTOCOL: ProtocolRange = { oldest: 1, newest: 1 };

/** The newest version that all speak; null where there is none. */
export function commonProtocol(ranges: readonly ProtocolRange[]): number | null {
  const newest = Math.min(...ranges.map((range) => range.newest));
  return ranges.every((range) => range.oldest <= newest) ? newest : null;
}
