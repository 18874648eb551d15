/** What class `systemd` needs of the host's service manager; spoken to over D-Bus, or through `systemctl`. */
import type { OperationContext, Outcome } from './agent-class.js';

export interface UnitState {
  /** `ActiveState`: active, reloading, inactive, failed, activating, deactivating, maintenance. */
  readonly active: string;
  /** `LoadState`: loaded, not-found, masked, bad-setting, error. */
  readonly load: string;
  readonly description: string;
}

export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly outcome: Outcome };

export type UnitJob = 'start' | 'stop' | 'restart';

export interface ServiceManager {
  /** A unit that there is not has `load` `not-found`. */
  state(unit: string, context: OperationContext): Promise<Answer<UnitState>>;
  /** Answers once the job is over, whatever became of the unit. */
  run(job: UnitJob, unit: string, context: OperationContext): Promise<Answer<null>>;
  /** Has it read its unit files anew. */
  reload(context: OperationContext): Promise<void>;
  /** Names of all unit files, with their suffixes. */
  unitFiles(context: OperationContext): Promise<string[]>;
}

/** Longest pause between two looks at something that only takes time. */
const PAUSE_MS_MAX = 500;

/** Looks again and again until there is an answer; null when the operation was cancelled meanwhile. */
export async function poll<T>(
  context: OperationContext,
  look: () => Promise<T | undefined>,
): Promise<T | null> {
  for (let pauseMs = 20; ; pauseMs = Math.min(2 * pauseMs, PAUSE_MS_MAX)) {
    const found = await look();
    if (found !== undefined) return found;
    if (!(await context.sleep(pauseMs))) return null;
  }
}

export function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
