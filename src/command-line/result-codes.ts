import { EXIT, type ExitName } from './exit-codes.js';

/** What can become of a function of Pacemaker: its standard return codes (`pcmk_rc_*`). Code, name, description. */
const OWN = [
  [-1033, 'duplicate_id', 'Two or more XML elements have the same ID'],
  [-1032, 'unpack_error', 'Unable to parse CIB XML'],
  [-1031, 'invalid_transition', 'Cluster simulation produced invalid transition'],
  [-1030, 'graph_error', 'Error writing graph file'],
  [-1029, 'dot_error', 'Error writing dot(1) file'],
  [-1028, 'underflow', 'Value too small to be stored in data type'],
  [-1027, 'no_input', 'Input file not available'],
  [-1026, 'no_output', 'Output message produced no output'],
  [-1025, 'after_range', 'Result occurs after given range'],
  [-1024, 'within_range', 'Result occurs within given range'],
  [-1023, 'before_range', 'Result occurs before given range'],
  [-1022, 'undetermined', 'Result undetermined'],
  [-1021, 'op_unsatisfied', 'Not applicable under current conditions'],
  [-1020, 'ipc_pid_only', 'IPC server process is active but not accepting connections'],
  [-1019, 'ipc_unresponsive', 'IPC server is unresponsive'],
  [-1018, 'ipc_unauthorized', 'IPC server is blocked by unauthorized process'],
  [-1017, 'no_quorum', 'Operation requires quorum'],
  [-1016, 'schema_validation', 'Update does not conform to the configured schema'],
  [-1015, 'schema_unchanged', 'Schema is already the latest available'],
  [-1014, 'transform_failed', 'Schema transform failed'],
  [-1013, 'old_data', 'Update was older than existing configuration'],
  [-1012, 'diff_failed', 'Application of update diff failed'],
  [-1011, 'diff_resync', 'Application of update diff failed, requesting full refresh'],
  [-1010, 'cib_modified', 'On-disk configuration was manually modified'],
  [-1009, 'cib_backup', 'Could not archive previous configuration'],
  [-1008, 'cib_save', 'Could not save new configuration to disk'],
  [-1007, 'cib_corrupt', 'Could not parse on-disk configuration'],
  [-1006, 'multiple', 'Resource active on multiple nodes'],
  [-1005, 'node_unknown', 'Node not found'],
  [-1004, 'already', 'Already in requested state'],
  [-1003, 'bad_nvpair', 'Bad name/value pair given'],
  [-1002, 'unknown_format', 'Unknown output format'],
  [-1001, 'error', 'Error'],
] as const;

/** Linux' error numbers, as Pacemaker knows them. */
const SYSTEM = [
  [1, 'EPERM', 'Operation not permitted'],
  [2, 'ENOENT', 'No such file or directory'],
  [3, 'ESRCH', 'No such process'],
  [4, 'EINTR', 'Interrupted system call'],
  [5, 'EIO', 'Input/output error'],
  [6, 'ENXIO', 'No such device or address'],
  [7, 'E2BIG', 'Argument list too long'],
  [8, 'ENOEXEC', 'Exec format error'],
  [9, 'EBADF', 'Bad file descriptor'],
  [10, 'ECHILD', 'No child processes'],
  [11, 'EAGAIN', 'Resource temporarily unavailable'],
  [12, 'ENOMEM', 'Cannot allocate memory'],
  [13, 'EACCES', 'Permission denied'],
  [14, 'EFAULT', 'Bad address'],
  [15, 'ENOTBLK', 'Block device required'],
  [16, 'EBUSY', 'Device or resource busy'],
  [17, 'EEXIST', 'File exists'],
  [18, 'EXDEV', 'Invalid cross-device link'],
  [19, 'ENODEV', 'No such device'],
  [20, 'ENOTDIR', 'Not a directory'],
  [21, 'EISDIR', 'Is a directory'],
  [22, 'EINVAL', 'Invalid argument'],
  [23, 'ENFILE', 'Too many open files in system'],
  [24, 'EMFILE', 'Too many open files'],
  [25, 'ENOTTY', 'Inappropriate ioctl for device'],
  [26, 'ETXTBSY', 'Text file busy'],
  [27, 'EFBIG', 'File too large'],
  [28, 'ENOSPC', 'No space left on device'],
  [29, 'ESPIPE', 'Illegal seek'],
  [30, 'EROFS', 'Read-only file system'],
  [31, 'EMLINK', 'Too many links'],
  [32, 'EPIPE', 'Broken pipe'],
  [33, 'EDOM', 'Numerical argument out of domain'],
  [34, 'ERANGE', 'Numerical result out of range'],
  [35, 'EDEADLOCK', 'Resource deadlock avoided'],
  [36, 'ENAMETOOLONG', 'File name too long'],
  [37, 'ENOLCK', 'No locks available'],
  [38, 'ENOSYS', 'Function not implemented'],
  [39, 'ENOTEMPTY', 'Directory not empty'],
  [40, 'ELOOP', 'Too many levels of symbolic links'],
  [42, 'ENOMSG', 'No message of desired type'],
  [43, 'EIDRM', 'Identifier removed'],
  [44, 'ECHRNG', 'Channel number out of range'],
  [45, 'EL2NSYNC', 'Level 2 not synchronized'],
  [46, 'EL3HLT', 'Level 3 halted'],
  [47, 'EL3RST', 'Level 3 reset'],
  [49, 'EUNATCH', 'Protocol driver not attached'],
  [51, 'EL2HLT', 'Level 2 halted'],
  [52, 'EBADE', 'Invalid exchange'],
  [53, 'EBADR', 'Invalid request descriptor'],
  [54, 'EXFULL', 'Exchange full'],
  [56, 'EBADRQC', 'Invalid request code'],
  [57, 'EBADSLT', 'Invalid slot'],
  [60, 'ENOSTR', 'Device not a stream'],
  [61, 'ENODATA', 'No data available'],
  [62, 'ETIME', 'Timer expired'],
  [63, 'ENOSR', 'Out of streams resources'],
  [64, 'ENONET', 'Machine is not on the network'],
  [65, 'ENOPKG', 'Package not installed'],
  [66, 'EREMOTE', 'Object is remote'],
  [67, 'ENOLINK', 'Link has been severed'],
  [70, 'ECOMM', 'Communication error on send'],
  [71, 'EPROTO', 'Protocol error'],
  [72, 'EMULTIHOP', 'Multihop attempted'],
  [74, 'EBADMSG', 'Bad message'],
  [75, 'EOVERFLOW', 'Value too large for defined data type'],
  [76, 'ENOTUNIQ', 'Name not unique on network'],
  [77, 'EBADFD', 'File descriptor in bad state'],
  [78, 'EREMCHG', 'Remote address changed'],
  [79, 'ELIBACC', 'Can not access a needed shared library'],
  [80, 'ELIBBAD', 'Accessing a corrupted shared library'],
  [81, 'ELIBSCN', '.lib section in a.out corrupted'],
  [82, 'ELIBMAX', 'Attempting to link in too many shared libraries'],
  [83, 'ELIBEXEC', 'Cannot exec a shared library directly'],
  [84, 'EILSEQ', 'Invalid or incomplete multibyte or wide character'],
  [85, 'ERESTART', 'Interrupted system call should be restarted'],
  [86, 'ESTRPIPE', 'Streams pipe error'],
  [87, 'EUSERS', 'Too many users'],
  [88, 'ENOTSOCK', 'Socket operation on non-socket'],
  [89, 'EDESTADDRREQ', 'Destination address required'],
  [90, 'EMSGSIZE', 'Message too long'],
  [91, 'EPROTOTYPE', 'Protocol wrong type for socket'],
  [92, 'ENOPROTOOPT', 'Protocol not available'],
  [93, 'EPROTONOSUPPORT', 'Protocol not supported'],
  [94, 'ESOCKTNOSUPPORT', 'Socket type not supported'],
  [95, 'EOPNOTSUPP', 'Operation not supported'],
  [96, 'EPFNOSUPPORT', 'Protocol family not supported'],
  [97, 'EAFNOSUPPORT', 'Address family not supported by protocol'],
  [98, 'EADDRINUSE', 'Address already in use'],
  [99, 'EADDRNOTAVAIL', 'Cannot assign requested address'],
  [100, 'ENETDOWN', 'Network is down'],
  [101, 'ENETUNREACH', 'Network is unreachable'],
  [102, 'ENETRESET', 'Network dropped connection on reset'],
  [103, 'ECONNABORTED', 'Software caused connection abort'],
  [104, 'ECONNRESET', 'Connection reset by peer'],
  [105, 'ENOBUFS', 'No buffer space available'],
  [106, 'EISCONN', 'Transport endpoint is already connected'],
  [107, 'ENOTCONN', 'Transport endpoint is not connected'],
  [108, 'ESHUTDOWN', 'Cannot send after transport endpoint shutdown'],
  [110, 'ETIMEDOUT', 'Connection timed out'],
  [111, 'ECONNREFUSED', 'Connection refused'],
  [112, 'EHOSTDOWN', 'Host is down'],
  [113, 'EHOSTUNREACH', 'No route to host'],
  [114, 'EALREADY', 'Operation already in progress'],
  [115, 'EINPROGRESS', 'Operation now in progress'],
  [116, 'ESTALE', 'Stale file handle'],
  [117, 'EUCLEAN', 'Structure needs cleaning'],
  [120, 'EISNAM', 'Is a named type file'],
  [121, 'EREMOTEIO', 'Remote I/O error'],
  [122, 'EDQUOT', 'Disk quota exceeded'],
  [123, 'ENOMEDIUM', 'No medium found'],
  [124, 'EMEDIUMTYPE', 'Wrong medium type'],
  [125, 'ECANCELED', 'Operation canceled'],
  [126, 'ENOKEY', 'Required key not available'],
  [127, 'EKEYEXPIRED', 'Key has expired'],
  [128, 'EKEYREVOKED', 'Key has been revoked'],
  [129, 'EKEYREJECTED', 'Key was rejected by service'],
] as const;

type OwnName = (typeof OWN)[number][1];
type SystemName = (typeof SYSTEM)[number][1];

/** `ok`, one of Pacemaker's own (without `pcmk_rc_`), or the name of a system error. */
export type ResultName = 'ok' | OwnName | SystemName;

export interface ResultCode {
  readonly code: number;
  /** As Pacemaker writes it: `pcmk_rc_ok`, `pcmk_rc_error`, ..., `EPERM`, ... */
  readonly name: string;
  readonly description: string;
}

/** All that are known, in ascending order. */
export const RESULT_CODES: readonly ResultCode[] = [
  ...OWN.map(([code, name, description]) => ({ code, name: `pcmk_rc_${name}`, description })),
  { code: 0, name: 'pcmk_rc_ok', description: 'OK' },
  ...SYSTEM.map(([code, name, description]) => ({ code, name, description })),
];

/** The old numbering of Pacemaker's own errors (`pcmk_err_*`) → the present one. */
const LEGACY: Readonly<Record<number, readonly [string, OwnName]>> = {
  201: ['generic', 'error'],
  202: ['no_quorum', 'no_quorum'],
  203: ['schema_validation', 'schema_validation'],
  204: ['transform_failed', 'transform_failed'],
  205: ['old_data', 'old_data'],
  206: ['diff_failed', 'diff_failed'],
  207: ['diff_resync', 'diff_resync'],
  208: ['cib_modified', 'cib_modified'],
  209: ['cib_backup', 'cib_backup'],
  210: ['cib_save', 'cib_save'],
  211: ['schema_unchanged', 'schema_unchanged'],
  212: ['cib_corrupt', 'cib_corrupt'],
  213: ['multiple', 'multiple'],
  214: ['node_unknown', 'node_unknown'],
  215: ['already', 'already'],
  216: ['bad_nvpair', 'bad_nvpair'],
  217: ['unknown_format', 'unknown_format'],
};

/** Name and description of any return code. */
export function resultCode(code: number): ResultCode {
  const known = RESULT_CODES.find((result) => result.code === code);
  if (known) return known;
  return { code, name: 'Unknown', description: code < 0 ? 'Error' : `Unknown error ${code}` };
}

const INT_MIN = -2147483648;

/** Name and description of a number of the old kind; its sign does not matter. */
export function legacyCode(code: number): ResultCode {
  // The least there is has no positive one beside it, and stays what it is.
  const positive = code === INT_MIN ? code : Math.abs(code);
  const legacy = LEGACY[positive];
  if (!legacy) return { ...resultCode(positive), code: positive };
  const name = positive === 211 ? 'Unknown' : `pcmk_err_${legacy[0]}`;
  return { code: positive, name, description: resultText(legacy[1]) };
}

/** The description that goes with a name. */
export function resultText(name: ResultName): string {
  if (name === 'ok') return 'OK';
  return [...OWN, ...SYSTEM].find((row) => row[1] === name)![2];
}

const EXITS: Readonly<Partial<Record<ResultName, ExitName>>> = {
  ok: 'OK',
  no_quorum: 'QUORUM',
  old_data: 'OLD',
  schema_validation: 'CONFIG',
  transform_failed: 'CONFIG',
  unpack_error: 'CONFIG',
  bad_nvpair: 'INVALID_PARAM',
  EACCES: 'INSUFFICIENT_PRIV',
  EBADF: 'SOFTWARE',
  EINVAL: 'SOFTWARE',
  EFAULT: 'SOFTWARE',
  ENOSYS: 'SOFTWARE',
  EOVERFLOW: 'SOFTWARE',
  underflow: 'SOFTWARE',
  EBADMSG: 'PROTOCOL',
  EMSGSIZE: 'PROTOCOL',
  ENOMSG: 'PROTOCOL',
  ENOPROTOOPT: 'PROTOCOL',
  EPROTO: 'PROTOCOL',
  EPROTONOSUPPORT: 'PROTOCOL',
  EPROTOTYPE: 'PROTOCOL',
  ECOMM: 'OSERR',
  ENOMEM: 'OSERR',
  ECONNABORTED: 'DISCONNECT',
  ECONNREFUSED: 'DISCONNECT',
  ECONNRESET: 'DISCONNECT',
  ENOTCONN: 'DISCONNECT',
  EEXIST: 'EXISTS',
  already: 'EXISTS',
  EIO: 'IOERR',
  no_output: 'IOERR',
  dot_error: 'IOERR',
  graph_error: 'IOERR',
  EOPNOTSUPP: 'UNIMPLEMENT_FEATURE',
  ENOTUNIQ: 'MULTIPLE',
  multiple: 'MULTIPLE',
  ENODEV: 'NOSUCH',
  ENOENT: 'NOSUCH',
  ENXIO: 'NOSUCH',
  node_unknown: 'NOSUCH',
  unknown_format: 'NOSUCH',
  ETIME: 'TIMEOUT',
  ETIMEDOUT: 'TIMEOUT',
  EAGAIN: 'UNSATISFIED',
  EBUSY: 'UNSATISFIED',
  before_range: 'NOT_YET_IN_EFFECT',
  after_range: 'EXPIRED',
  undetermined: 'INDETERMINATE',
  op_unsatisfied: 'UNSATISFIED',
  within_range: 'OK',
  no_input: 'NOINPUT',
  duplicate_id: 'MULTIPLE',
};

/** The exit status with which a tool ends on a result. */
export function exitOf(name: ResultName): number {
  return EXIT[EXITS[name] ?? 'ERROR'];
}

/** All numbers of the old kind that have a name. */
export const LEGACY_CODES: readonly ResultCode[] = [
  { code: 0, name: 'pcmk_rc_ok', description: 'OK' },
  ...SYSTEM.map(([code]) => legacyCode(code)),
  ...Object.keys(LEGACY)
    .map((code) => legacyCode(Number(code)))
    .filter(({ name }) => name !== 'Unknown'),
];
