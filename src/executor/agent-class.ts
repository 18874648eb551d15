/** What the classes of agents have in common: how one is run, and what became of it. */
import { formatInterval } from '../cib/interval.js';
import type { ChildResult, Command } from './child.js';
import type { Places } from './places.js';
import type { ExecutionStatus, OperationRequest } from './types.js';

/** OCF exit codes (resource agent API, section 3.5; 190 and 191 are Pacemaker's). */
export const OCF = {
  ok: 0,
  genericError: 1,
  invalidParameter: 2,
  notImplemented: 3,
  insufficientPrivileges: 4,
  notInstalled: 5,
  notConfigured: 6,
  notRunning: 7,
  runningPromoted: 8,
  failedPromoted: 9,
  degraded: 190,
  degradedPromoted: 191,
} as const;

export interface Outcome {
  readonly status: ExecutionStatus;
  readonly rc: number;
  readonly exitReason: string;
  readonly output: string;
}

/** What a class needs of the host to perform one operation. */
export interface OperationContext {
  readonly places: Places;
  /** The resource's last start has succeeded and no stop since. */
  readonly isStarted: boolean;
  /** Environment for every agent (environment.ts). */
  readonly environment: Readonly<Record<string, string>>;
  /** Of the whole operation. */
  readonly timeoutMs: number;
  /** Runs one process with what is left of the operation's time. */
  run(command: Omit<Command, 'timeoutMs' | 'marker'>): Promise<ChildResult>;
  /** Milliseconds until the operation times out. */
  remainingMs(): number;
  /** Resolves to false when the operation was cancelled meanwhile. */
  sleep(ms: number): Promise<boolean>;
}

export interface AgentClass {
  readonly name: string;
  execute(request: OperationRequest, context: OperationContext): Promise<Outcome>;
  /** Types there are; only of that provider where one is given. */
  list(places: Places, provider?: string): string[];
  /** Providers of a class that has them. */
  providers?(places: Places): string[];
  /** Meta-data as XML; null where there is no such agent or it has none. */
  metadata(type: string, provider: string | undefined, context: OperationContext): Promise<string | null>;
}

export function outcome(status: ExecutionStatus, rc: number, exitReason = '', output = ''): Outcome {
  return { status, rc, exitReason, output };
}

const ERRNO_TEXT: Readonly<Record<string, string>> = {
  ENOENT: 'No such file or directory',
  EACCES: 'Permission denied',
  EPERM: 'Operation not permitted',
  EISDIR: 'Is a directory',
  ENOTDIR: 'Not a directory',
  ENOEXEC: 'Exec format error',
  EINVAL: 'Invalid argument',
  ENOMEM: 'Cannot allocate memory',
  EAGAIN: 'Resource temporarily unavailable',
  EMFILE: 'Too many open files',
  E2BIG: 'Argument list too long',
};

const SIGNAL_TEXT: Readonly<Record<string, string>> = {
  SIGHUP: 'Hangup',
  SIGINT: 'Interrupt',
  SIGQUIT: 'Quit',
  SIGILL: 'Illegal instruction',
  SIGABRT: 'Aborted',
  SIGBUS: 'Bus error',
  SIGFPE: 'Floating point exception',
  SIGKILL: 'Killed',
  SIGSEGV: 'Segmentation fault',
  SIGPIPE: 'Broken pipe',
  SIGALRM: 'Alarm clock',
  SIGTERM: 'Terminated',
  SIGUSR1: 'User defined signal 1',
  SIGUSR2: 'User defined signal 2',
};

/**
 * Outcome of a process that did not exit by itself, in Pacemaker's words (services_linux.c); null where it did.
 * `kind` is `Resource agent`, `Fence agent` or `Alert agent`.
 */
export function outcomeOfFailure(
  result: ChildResult,
  file: string,
  timeoutMs: number,
  kind: string,
): Outcome | null {
  const { end } = result;
  switch (end.kind) {
    case 'exited':
      return null;
    case 'timeout':
      return outcome(
        'timeout',
        OCF.genericError,
        `${kind} did not complete within ${formatInterval(timeoutMs)}`,
        result.stdout,
      );
    case 'cancelled':
      return outcome('cancelled', OCF.ok, '', result.stdout);
    case 'signalled':
      return outcome(
        'error',
        OCF.genericError,
        `${kind} interrupted by ${SIGNAL_TEXT[end.signal] ?? end.signal} signal`,
        result.stdout,
      );
    case 'not-started': {
      const text = ERRNO_TEXT[end.errno] ?? end.errno;
      if (['ENOENT', 'EISDIR', 'ENOTDIR', 'EINVAL', 'ENOEXEC'].includes(end.errno)) {
        return outcome('not-installed', OCF.notInstalled, `${file}: ${text}`);
      }
      if (end.errno === 'EACCES' || end.errno === 'EPERM') {
        return outcome('error', OCF.insufficientPrivileges, `${file}: ${text}`);
      }
      return outcome('error', OCF.genericError, text);
    }
  }
}
