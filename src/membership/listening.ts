/**
 * Whether a node may act on what it believes of the others. While silence has not been judged for half a token (the
 * process did not run, or the machine slept) what has come in meanwhile must be heard first: a view may be over.
 *
 * @param judgedAtMs when silence was judged last, by the same clock; Infinity: the detector has not begun
 */
export function hasListened(nowMs: number, judgedAtMs: number, tokenMs: number): boolean {
  return !(nowMs - judgedAtMs > tokenMs / 2);
}
