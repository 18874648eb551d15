/**
 * Whether a node may act on what it believes of the others. Where silence was not judged lately (the process did not run,
 * or the machine slept) what has come in meanwhile must be heard first: a view may be over.
 *
 * With a heartbeat for `withinMs` nothing is begun when others may have given the view up: who acts on a view has stopped a
 * heartbeat before.
 *
 * @param judgedAtMs when silence was judged last, by the same clock; Infinity: the detector has not begun
 */
export function hasListened(nowMs: number, judgedAtMs: number, withinMs: number): boolean {
  return !(nowMs - judgedAtMs > withinMs);
}
