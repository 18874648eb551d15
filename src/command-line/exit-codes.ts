/** Exit status of the tools, as Pacemaker 2.1's `crm_exit_t`: code, name, description. */
const TABLE = [
  [0, 'OK', 'OK'],
  [1, 'ERROR', 'Error occurred'],
  [2, 'INVALID_PARAM', 'Invalid parameter'],
  [3, 'UNIMPLEMENT_FEATURE', 'Unimplemented'],
  [4, 'INSUFFICIENT_PRIV', 'Insufficient privileges'],
  [5, 'NOT_INSTALLED', 'Not installed'],
  [6, 'NOT_CONFIGURED', 'Not configured'],
  [7, 'NOT_RUNNING', 'Not running'],
  [8, 'PROMOTED', 'Promoted'],
  [9, 'FAILED_PROMOTED', 'Failed in promoted role'],
  [64, 'USAGE', 'Incorrect usage'],
  [65, 'DATAERR', 'Invalid data given'],
  [66, 'NOINPUT', 'Input file not available'],
  [67, 'NOUSER', 'User does not exist'],
  [68, 'NOHOST', 'Host does not exist'],
  [69, 'UNAVAILABLE', 'Necessary service unavailable'],
  [70, 'SOFTWARE', 'Internal software bug'],
  [71, 'OSERR', 'Operating system error occurred'],
  [72, 'OSFILE', 'System file not available'],
  [73, 'CANTCREAT', 'Cannot create output file'],
  [74, 'IOERR', 'I/O error occurred'],
  [75, 'TEMPFAIL', 'Temporary failure, try again'],
  [76, 'PROTOCOL', 'Protocol violated'],
  [77, 'NOPERM', 'Insufficient privileges'],
  [78, 'CONFIG', 'Invalid configuration'],
  [100, 'FATAL', 'Fatal error occurred, will not respawn'],
  [101, 'PANIC', 'System panic required'],
  [102, 'DISCONNECT', 'Not connected'],
  [103, 'OLD', 'Update was older than existing configuration'],
  [104, 'DIGEST', 'Digest mismatch'],
  [105, 'NOSUCH', 'No such object'],
  [106, 'QUORUM', 'Quorum required'],
  [107, 'UNSAFE', 'Operation not safe'],
  [108, 'EXISTS', 'Requested item already exists'],
  [109, 'MULTIPLE', 'Multiple items match request'],
  [110, 'EXPIRED', 'Requested item has expired'],
  [111, 'NOT_YET_IN_EFFECT', 'Requested item is not yet in effect'],
  [112, 'INDETERMINATE', 'Could not determine status'],
  [113, 'UNSATISFIED', 'Not applicable under current conditions'],
  [124, 'TIMEOUT', 'Timeout occurred'],
  [190, 'DEGRADED', 'Service is active but might fail soon'],
  [191, 'DEGRADED_PROMOTED', 'Service is promoted but might fail soon'],
  [193, 'NONE', 'No exit status available'],
] as const;

export type ExitName = (typeof TABLE)[number][1];

/** Name without `CRM_EX_` → code. */
export const EXIT = Object.fromEntries(TABLE.map(([code, name]) => [name, code])) as Readonly<
  Record<ExitName, number>
>;

export interface ExitStatus {
  readonly code: number;
  /** With the prefix `CRM_EX_`. */
  readonly name: string;
  readonly description: string;
}

/** All that are known, in ascending order. */
export const EXIT_STATUSES: readonly ExitStatus[] = TABLE.map(([code, name, description]) => ({
  code,
  name: `CRM_EX_${name}`,
  description,
}));

const UNKNOWN = { name: 'CRM_EX_UNKNOWN', description: 'Unknown exit status' };

/** Name and description of any code. */
export function exitStatus(code: number): ExitStatus {
  const known = EXIT_STATUSES.find((status) => status.code === code);
  if (known) return known;
  if (code === 255) return { code, name: UNKNOWN.name, description: 'Error occurred' };
  if (code > 128 && code < 255) return { code, name: UNKNOWN.name, description: 'Interrupted by signal' };
  return { code, ...UNKNOWN };
}
