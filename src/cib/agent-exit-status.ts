const NAMES: Readonly<Record<number, string>> = {
  0: 'ok',
  1: 'error',
  2: 'invalid parameter',
  3: 'unimplemented feature',
  4: 'insufficient privileges',
  5: 'not installed',
  6: 'not configured',
  7: 'not running',
  8: 'promoted',
  9: 'promoted (failed)',
  190: 'OCF_DEGRADED',
  191: 'promoted (degraded)',
};

/** The name of an agent's exit status (`rc-code` of the history) where OCF has given it a meaning. */
export function knownExitStatus(code: number): string | undefined {
  return NAMES[code];
}

/** The name of an agent's exit status, whatever it is, as Pacemaker prints it (`services_ocf_exitcode_str`). */
export function exitStatusName(code: number): string {
  return knownExitStatus(code) ?? 'unknown';
}

/** The exit status whose name a text begins with, perhaps with a reason in parentheses behind it; undefined where none. */
export function exitStatusNamed(text: string): number | undefined {
  const matching = Object.entries(NAMES).filter(([, name]) => text === name || text.startsWith(`${name} (`));
  // The longest: `promoted (failed)` is not `promoted` for some reason.
  const [best] = matching.sort(([, a], [, b]) => b.length - a.length);
  return best && Number(best[0]);
}
