/** The command ends with status 1; what is to be said has been said, but for `message`. */
export class Refusal extends Error {
  /** Shown as `Error: ...`; null where nothing more is to be said. */
  readonly text: string | null;

  constructor(text: string | null) {
    super(text ?? 'refused');
    this.name = 'Refusal';
    this.text = text;
  }
}

/** The last word where several errors were reported. */
export const UNABLE = 'Errors have occurred, therefore pcs is unable to continue';

export type Force = '--force' | '--skip-offline';

export interface Finding {
  readonly severity: 'error' | 'warning' | 'deprecation' | 'info';
  readonly text: string;
  /** The option that makes a warning of the error. */
  readonly force?: Force;
}

/** An error that `--force` makes a warning of. */
export function forceable(text: string, forced: boolean, force: Force = '--force'): Finding {
  return forced ? { severity: 'warning', text } : { severity: 'error', text, force };
}

export function error(text: string): Finding {
  return { severity: 'error', text };
}

export function warning(text: string): Finding {
  return { severity: 'warning', text };
}

export function info(text: string): Finding {
  return { severity: 'info', text };
}
