/**
 * Whether a node may act on what it believes of the others. Where silence was not judged lately (the process did not run,
 * or the machine slept) what has come in meanwhile must be heard first: a view may be over.
 *
 * A node is suspected before its token is over, so that who acts on a view may be as much behind in noticing. With a
 * heartbeat for `withinMs` nothing is begun when the others may have given the view up.
 *
 * @param judgedAtMs when silence was judged last, by the same clock; Infinity: the detector has not begun
 */
export function hasListened(nowMs: number, judgedAtMs: number, withinMs: number): boolean {
  return !(nowMs - judgedAtMs > withinMs);
}
