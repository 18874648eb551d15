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

/** The name of an agent's exit status (`rc-code` of the history), as Pacemaker prints it (`services_ocf_exitcode_str`). */
export function exitStatusName(code: number): string {
  return NAMES[code] ?? 'unknown';
}
