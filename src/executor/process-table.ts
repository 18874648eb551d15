/** What /proc says about the processes of this machine (proc(5)). Where there is no /proc, nothing is found. */
import { readdirSync, readFileSync } from 'node:fs';

export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly session: number;
  /** `R`, `S`, `D`, `Z`, ... */
  readonly state: string;
  /** Clock ticks after boot; with the pid it names a process for good. */
  readonly startTicks: number;
  readonly name: string;
}

/** The process, or null where there is none with this id. */
export function readProcess(pid: number): ProcessEntry | null {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return null;
  }
  // The name is in parentheses and may contain anything, even a parenthesis.
  const close = text.lastIndexOf(')');
  const fields = text.slice(close + 2).split(' ');
  return {
    pid,
    name: text.slice(text.indexOf('(') + 1, close),
    state: fields[0]!,
    parent: Number(fields[1]),
    session: Number(fields[3]),
    startTicks: Number(fields[19]),
  };
}

/** False for a zombie: it has ended, only its parent does not know yet. */
export function isAlive(entry: ProcessEntry | null): entry is ProcessEntry {
  return entry !== null && entry.state !== 'Z' && entry.state !== 'X';
}

export function listPids(): number[] {
  try {
    return readdirSync('/proc').map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}

/** Value of an environment variable as the process was started with; undefined where unset or not ours to read. */
export function readEnvironment(pid: number, name: string): string | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/environ`, 'utf8');
  } catch {
    return undefined;
  }
  const at = text.startsWith(`${name}=`) ? 0 : text.indexOf(`\0${name}=`);
  if (at < 0) return undefined;
  const from = text.indexOf('=', at) + 1;
  const end = text.indexOf('\0', from);
  return text.slice(from, end < 0 ? undefined : end);
}

/** Processes other than this one that were started with `name=value` in their environment. */
export function findByMarker(name: string, value: string): number[] {
  return listPids().filter((pid) => pid !== process.pid && readEnvironment(pid, name) === value);
}

/** Clock ticks since boot, as in `startTicks` (USER_HZ is 100 on all that Node runs on); 0 without /proc. */
export function uptimeTicks(): number {
  try {
    return Math.floor(Number.parseFloat(readFileSync('/proc/uptime', 'latin1')) * 100);
  } catch {
    return 0;
  }
}
